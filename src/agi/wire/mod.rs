//! The wire of FastAGI: text on one side, meaning on the other, and nothing that waits.
//!
//! Asterisk connects for each call, says an *environment* (lines of `agi_NAME: value`, then an empty one), and then takes one
//! *command* at a time, a line each, with a *reply* to each. The only thing that it says unasked is `HANGUP`.
//!
//! What is said here of Asterisk is read in `res/res_agi.c` of 16.28 and 22.10 and seen on both.

#[cfg(any(test, fuzzing))]
pub(super) mod asterisk;
pub(super) mod command;
pub(super) mod environment;
pub(super) mod lines;
pub(super) mod path;
pub(super) mod reply;
#[cfg(test)]
mod tests;

pub(super) use command::Command;
pub(super) use environment::Environment;
pub(super) use lines::Lines;
pub(super) use path::Path;
pub(super) use reply::{Replies, Reply, Said};
