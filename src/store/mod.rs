//! What outlives a call: messages that callers left.
//!
//! Asterisk records; what it recorded is fetched from it (`keeper`), looked at, and put into a folder of ours (`shelf`). Only
//! then it is deleted there. So a message is always in one of the two places, whoever dies meanwhile: an engine that starts
//! finds in Asterisk what the one before did not fetch.

mod keeper;
mod shelf;
mod sound;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, time::Duration};

pub use keeper::{Keeper, Watch};
pub use shelf::{Message, Shelf};

/// How messages are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where.
    pub folder: PathBuf,
    /// How long.
    pub keep: Duration,
    /// How many in one box at most.
    pub messages: usize,
    /// How many bytes all of them may take.
    pub bytes: u64,
}
