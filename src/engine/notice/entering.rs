//! Questions for digits.

/// What comes about while a caller is asked for digits. The digits are told to nobody: they may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entering {
    /// He was asked.
    Asked {
        /// Which time.
        attempt: u32,
    },
    /// What he entered was read back to him, and he was asked whether it is right.
    ReadBack {
        /// Which time.
        attempt: u32,
    },
    /// He gave an answer that is right.
    Entered,
    /// He gave one that is not.
    Mistaken,
    /// He pressed nothing.
    Silent,
}
