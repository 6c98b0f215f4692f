//! A message that a caller left: by what it is found again.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{RecordingId, Time};

/// A message's id: when it was begun, and the recording that it was. So ids sort by time, the same recording is the same
/// message however often it is fetched, and nothing from outside is in the name of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId {
    /// In seconds since the Unix epoch.
    begun: u64,
    recording: RecordingId,
}

/// `20261125T181500Z`.
const MOMENT: &str = "%Y%m%dT%H%M%SZ";

impl MessageId {
    /// The message of a recording that begins now.
    pub fn new(now: Time, recording: RecordingId) -> Self {
        Self { begun: now.as_micros() / 1_000_000, recording }
    }

    /// When it was begun, to the second.
    pub fn begun(self) -> Time {
        Time::from_secs(self.begun)
    }

    /// The same as it is written for people and machines: `2026-11-25T17:37:38Z`.
    pub fn begun_written(self) -> String {
        self.moment().to_string()
    }

    /// Where its sound is in our API.
    pub fn audio(self) -> String {
        format!("/api/v1/voicemail/{self}/audio")
    }

    fn moment(self) -> jiff::Timestamp {
        let seconds = i64::try_from(self.begun).unwrap_or(i64::MAX);
        jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// The recording that it was.
    pub fn recording(self) -> RecordingId {
        self.recording
    }

    /// Reads what `Display` wrote, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (moment, boot, number) = (parts.next()?, parts.next()?, parts.next()?);
        let begun = jiff::civil::DateTime::strptime(MOMENT, moment).ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        let recording = RecordingId { boot: u32::from_str_radix(boot, 16).ok()?, number: number.parse().ok()? };
        let id = Self { begun: u64::try_from(begun.timestamp().as_second()).ok()?, recording };
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:08x}-{}", self.moment().strftime(MOMENT), self.recording.boot, self.recording.number)
    }
}

impl Serialize for MessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("this is no message's id"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_tells_when_its_message_was_begun() {
        let id = MessageId::new(Time::from_micros(1_795_628_258_700_000), RecordingId { boot: 0xbeef, number: 7 });
        assert_eq!(id.to_string(), "20261125T173738Z-0000beef-7");
        assert_eq!(id.begun(), Time::from_secs(1_795_628_258));
        assert_eq!(MessageId::parse("20261125T173738Z-0000beef-7"), Some(id));
    }

    #[test]
    fn what_is_written_in_another_way_is_no_id() {
        for text in [
            "",
            "..",
            "20261125T173738Z-0000beef-07",
            "20261125T173738Z-0000BEEF-7",
            "20261125T173738Z-beef-7",
            "20261125T173738Z-0000beef-7-",
            "20261125T173738Z-0000beef-7/../x",
            "20261399T173738Z-0000beef-7",
            "+20261125T173738Z-0000beef-7",
        ] {
            assert_eq!(MessageId::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn ids_read_back_and_sort_by_time(
            seconds in 0..4_000_000_000_u64, later in 1..1_000_000_u64, boot in any::<u32>(), number in any::<u64>(),
        ) {
            let recording = RecordingId { boot, number };
            let id = MessageId::new(Time::from_secs(seconds), recording);
            prop_assert_eq!(MessageId::parse(&id.to_string()), Some(id));
            let next = MessageId::new(Time::from_secs(seconds + later), RecordingId { boot: 0, number: 0 });
            prop_assert!(id < next && id.to_string() < next.to_string());
        }

        #[test]
        fn garbage_is_no_id_and_no_panic(text in ".*") {
            prop_assert!(MessageId::parse(&text).is_none_or(|id| id.to_string() == text));
        }
    }
}
