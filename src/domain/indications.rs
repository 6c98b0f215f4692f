//! The tones of telephone networks, by country.
//!
//! What a caller knows as "busy" is another sound in another country. They are as Asterisk's `indications.conf` has them: of a
//! country the four that callers know it by, and where nothing else is known the tone of 425 Hz that most of Europe has and ITU-T
//! E.180 recommends.

use super::{Country, tone::Cadence};

/// What a network tells by a tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indication {
    /// Dial now.
    Dial,
    /// Whoever was called is engaged.
    Busy,
    /// It rings there.
    Ring,
    /// All lines are in use.
    Congestion,
    /// Somebody else calls.
    CallWaiting,
    /// Dial on: a call is held.
    DialRecall,
    /// This is recorded.
    Record,
    /// An announcement follows, or there is no such number.
    Info,
    /// Dial now, and messages are there.
    Stutter,
}

impl Indication {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Dial,
        Self::Busy,
        Self::Ring,
        Self::Congestion,
        Self::CallWaiting,
        Self::DialRecall,
        Self::Record,
        Self::Info,
        Self::Stutter,
    ];

    /// Its name in Asterisk's `indications.conf`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dial => "dial",
            Self::Busy => "busy",
            Self::Ring => "ring",
            Self::Congestion => "congestion",
            Self::CallWaiting => "callwaiting",
            Self::DialRecall => "dialrecall",
            Self::Record => "record",
            Self::Info => "info",
            Self::Stutter => "stutter",
        }
    }

    /// The tone of a country.
    pub fn tone(self, country: Option<Country>) -> Cadence {
        let of_country = country.and_then(|country| self.of(country.code()));
        // A test reads all of them; one that could not be read would be silence.
        Cadence::read(of_country.unwrap_or_else(|| self.common())).unwrap_or_default()
    }

    /// Where nothing else is known.
    fn common(self) -> &'static str {
        match self {
            Self::Dial => "425",
            Self::Busy => "425/500,0/500",
            Self::Ring => "425/1000,0/4000",
            Self::Congestion => "425/250,0/250",
            Self::CallWaiting => "425/200,0/600,425/200,0/10000",
            Self::DialRecall => "!425/100,!0/100,!425/100,!0/100,!425/100,!0/100,425",
            Self::Record => "1400/500,0/15000",
            Self::Info => "950/330,1400/330,1800/330,0/1000",
            Self::Stutter => "!425/100,!0/100,!425/100,!0/100,!425/100,!0/100,!425/100,!0/100,!425/100,!0/100,425",
        }
    }

    /// That of a country, where it is another one.
    fn of(self, country: &str) -> Option<&'static str> {
        let country = if country == "CA" { "US" } else { country };
        let (_, dial, busy, ring, congestion) = COUNTRIES.iter().find(|(code, ..)| *code == country)?;
        let text = match self {
            Self::Dial => *dial,
            Self::Busy => *busy,
            Self::Ring => *ring,
            Self::Congestion => *congestion,
            Self::CallWaiting if country == "US" => "440/300,0/10000",
            Self::CallWaiting if country == "GB" => "400/100,0/4000",
            Self::CallWaiting | Self::DialRecall | Self::Record | Self::Info | Self::Stutter => "",
        };
        Some(text).filter(|text| !text.is_empty())
    }
}

/// A country, and its tones for dial, busy, ring and congestion; empty: the common one.
type Tones = (&'static str, &'static str, &'static str, &'static str, &'static str);

const SLOW_DOUBLE: &str = "400+450/400,0/200,400+450/400,0/2000";

const COUNTRIES: [Tones; 34] = [
    ("AT", "420", "420/400,0/400", "420/1000,0/5000", "420/200,0/200"),
    ("AU", "413+438", "425/375,0/375", "413+438/400,0/200,413+438/400,0/2000", "425/375,0/375,420/375,0/375"),
    ("BE", "", "", "425/1000,0/3000", "425/167,0/167"),
    ("BR", "", "425/250,0/250", "", "425/250,0/250,425/750,0/250"),
    ("CH", "", "", "", "425/200,0/200"),
    ("CL", "400", "400/500,0/500", "400/1000,0/3000", "400/200,0/200"),
    ("CN", "450", "450/350,0/350", "450/1000,0/4000", "450/700,0/700"),
    ("CZ", "425/330,0/330,425/660,0/660", "425/330,0/330", "", "425/165,0/165"),
    ("DE", "", "425/480,0/480", "", "425/240,0/240"),
    ("DK", "", "", "", "425/200,0/200"),
    ("EE", "", "425/300,0/300", "", "425/200,0/200"),
    ("ES", "", "425/200,0/200", "425/1500,0/3000", "425/200,0/200,425/200,0/200,425/200,0/600"),
    ("FI", "", "425/300,0/300", "", "425/200,0/200"),
    ("FR", "440", "440/500,0/500", "440/1500,0/3500", "440/250,0/250"),
    ("GB", "350+440", "400/375,0/375", SLOW_DOUBLE, "400/400,0/350,400/225,0/525"),
    ("GR", "425/200,0/300,425/700,0/800", "425/300,0/300", "", "425/200,0/200"),
    ("HU", "", "425/300,0/300", "425/1250,0/3750", "425/300,0/300"),
    ("IL", "414", "414/500,0/500", "414/1000,0/3000", "414/250,0/250"),
    ("IN", "400*25", "400/750,0/750", "400*25/400,0/200,400*25/400,0/2000", "400/250,0/250"),
    ("IT", "425/200,0/200,425/600,0/1000", "", "", "425/200,0/200"),
    ("JP", "400", "400/500,0/500", "400+15/1000,0/2000", "400/500,0/500"),
    ("LT", "", "425/350,0/350", "", "425/200,0/200"),
    ("MX", "", "425/250,0/250", "", ""),
    ("NO", "", "", "", "425/200,0/200"),
    ("NZ", "400", "400/500,0/500", SLOW_DOUBLE, "400/250,0/250"),
    ("PH", "", "480+620/500,0/500", "425+480/1000,0/4000", "480+620/250,0/250"),
    ("PL", "", "", "", "425/500,0/500"),
    ("PT", "", "", "425/1000,0/5000", "425/200,0/200"),
    ("RU", "", "425/350,0/350", "", "425/175,0/175"),
    ("SE", "", "425/250,0/250", "425/1000,0/5000", "425/250,0/750"),
    ("SG", "", "425/750,0/750", "425*24/400,0/200,425*24/400,0/2000", "425/250,0/250"),
    ("TW", "350+440", "480+620/500,0/500", "440+480/1000,0/2000", "480+620/250,0/250"),
    ("US", "350+440", "480+620/500,0/500", "440+480/2000,0/4000", "480+620/250,0/250"),
    ("ZA", "400*33", "400/500,0/500", "400*33/400,0/200,400*33/400,0/2000", "400/250,0/250"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tone_of_every_country_can_be_read() {
        for indication in Indication::ALL {
            assert!(Cadence::read(indication.common()).is_ok(), "{indication:?}");
            for (code, ..) in COUNTRIES {
                assert!(Country::new(code).is_some(), "{code}");
                let text = indication.of(code).unwrap_or_else(|| indication.common());
                assert_eq!(Cadence::read(text), Ok(indication.tone(Country::new(code))), "{code} {indication:?}");
            }
        }
        assert!(COUNTRIES.is_sorted(), "in the order of their codes");
    }

    #[test]
    fn a_country_has_tones_of_its_own_and_any_other_the_common_ones() {
        let busy = |code: &str| Indication::Busy.tone(Country::new(code));
        let read = |text: &str| Cadence::read(text).expect("a tone");
        assert_eq!(busy("GB"), read("400/375,0/375"));
        assert_eq!((busy("US"), busy("CA")), (read("480+620/500,0/500"), read("480+620/500,0/500")));
        assert_eq!(busy("NL"), Indication::Busy.tone(None));
        assert_eq!(Indication::Ring.tone(Country::new("SE")), read("425/1000,0/5000"));
    }
}
