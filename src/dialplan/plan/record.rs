//! Messages that callers leave: the steps `voicemail` and `record`.

use std::time::Duration;

use super::{Announcement, StepId};
use crate::{
    dialplan::{expr::Slot, request::Template},
    domain::{Digit, Name},
};

/// A message of a caller: what he hears before, how long he may speak, and what comes after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The box that it is put into.
    pub mailbox: Name,
    /// What is played before; nothing when it is empty.
    pub greeting: Announcement,
    /// How long he may speak, in whole seconds (Asterisk counts no finer).
    pub at_most: Duration,
    /// After so long a silence he has said everything, in whole seconds.
    pub silence: Duration,
    /// The key with which he says that he has; before the recording it cuts the greeting short.
    pub end: Option<Digit>,
    /// Whether a tone tells him to speak.
    pub beep: bool,
    /// What is played when the message is kept; nothing when it is empty.
    pub done: Announcement,
    /// Where he goes when it could not be; `None`: on behind the step.
    pub failed: Option<StepId>,
    /// The variable that becomes the message's id.
    pub into: Option<Slot>,
    /// Who is told of it when it is kept.
    pub notify: Option<Template>,
}
