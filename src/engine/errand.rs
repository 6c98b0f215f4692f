//! What is asked of others than Asterisk.
//!
//! Not a [`Command`](super::Command): an errand is of no node, and goes on while one is away.

use super::message::Chore;

/// One thing to ask or to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Something about a caller's message; what becomes of it comes as [`Event::Message`](super::Event::Message).
    Message(Chore),
}
