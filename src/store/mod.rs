//! What outlives a call: messages that callers left, records of calls (`records`), and what the next life of the engine has to
//! know (`database`).
//!
//! Asterisk records; what it recorded is fetched from it (`keeper`), looked at, and put into a folder of ours (`shelf`). Only
//! then it is deleted there. So a message is always in one of the two places, whoever dies meanwhile: an engine that starts
//! finds in Asterisk what the one before did not fetch.

mod callback;
pub mod database;
mod disk;
mod duty;
mod growth;
mod keeper;
mod records;
mod shelf;
mod sound;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, time::Duration};

pub use callback::{keep_callback, read_callbacks};
pub use database::{ChangeFate, Cursor, Database, OpenError, Page, Store, Wanted};
pub use duty::{keep_duty, read_duties};
pub use keeper::Keeper;
pub use records::{RecordFate, RecordKeeper, RecordSink};
pub use shelf::{Message, Shelf};

use crate::domain::NodeId;

/// Sees what is kept. Every method must return at once.
pub trait Watch: Send + Sync + 'static {
    /// A message could not be fetched; it is tried again.
    fn not_fetched(&self, node: NodeId);

    /// A recording could not be deleted; it is tried again.
    fn not_deleted(&self, node: NodeId);

    /// So many messages are kept, in so many bytes.
    fn kept(&self, messages: usize, bytes: u64);

    /// This became of so many records of calls.
    fn records(&self, what: RecordFate, count: usize);

    /// This became of so many changes for the database.
    fn changes(&self, what: ChangeFate, count: usize);
}

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
