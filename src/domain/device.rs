//! What Asterisk says of a telephone, whoever uses it: its device state.

use std::fmt;

/// How a device is, in Asterisk's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceState {
    /// Nobody knows: of a technology without such states, or of a phone that was never heard of.
    #[default]
    Unknown,
    /// There is no such device, as far as Asterisk knows. That may be no more than a technology that is not loaded.
    Invalid,
    /// It can be called.
    NotInUse,
    /// Somebody talks or dials on it.
    InUse,
    /// It takes no more calls than it has.
    Busy,
    /// It rings.
    Ringing,
    /// It rings beside a call that it has.
    RingInUse,
    /// It has a call, which is on hold.
    OnHold,
    /// It is not registered, or does not answer.
    Unavailable,
}

impl DeviceState {
    /// All of them, with Asterisk's words.
    const WORDS: [(&'static str, Self); 9] = [
        ("UNKNOWN", Self::Unknown),
        ("INVALID", Self::Invalid),
        ("NOT_INUSE", Self::NotInUse),
        ("INUSE", Self::InUse),
        ("BUSY", Self::Busy),
        ("RINGING", Self::Ringing),
        ("RINGINUSE", Self::RingInUse),
        ("ONHOLD", Self::OnHold),
        ("UNAVAILABLE", Self::Unavailable),
    ];

    /// Reads Asterisk's word. One that we do not know says nothing that we know.
    pub fn read(word: &str) -> Self {
        Self::WORDS.iter().find(|(text, _)| *text == word).map_or(Self::Unknown, |(_, state)| *state)
    }

    /// Whether a call is at it, one that rings included.
    pub fn is_engaged(self) -> bool {
        match self {
            Self::InUse | Self::Busy | Self::Ringing | Self::RingInUse | Self::OnHold => true,
            Self::Unknown | Self::Invalid | Self::NotInUse | Self::Unavailable => false,
        }
    }

    /// Whether to ring it would be in vain.
    pub fn is_unavailable(self) -> bool {
        self == Self::Unavailable
    }
}

impl fmt::Display for DeviceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::WORDS.iter().find(|(_, state)| state == self).map_or("UNKNOWN", |(word, _)| *word);
        f.write_str(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back_as_asterisk_writes_it() {
        for (word, state) in DeviceState::WORDS {
            assert_eq!((DeviceState::read(word), state.to_string().as_str()), (state, word));
        }
        assert_eq!(DeviceState::read("LEVITATING"), DeviceState::Unknown);
    }

    #[test]
    fn a_phone_with_a_call_is_engaged_and_one_that_nobody_knows_is_not() {
        let engaged = DeviceState::WORDS.iter().filter(|(_, state)| state.is_engaged()).map(|(word, _)| *word);
        assert_eq!(engaged.collect::<Vec<_>>(), ["INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD"]);
    }
}
