//! What the door tells those who count: closed sets of words, and nothing of people.

use std::time::Duration;

/// Sees what the door does. Every method must return at once: they are called on the way of a call.
pub trait Watch: Send + Sync + 'static {
    /// A session begins.
    fn began(&self);

    /// A session is over.
    fn over(&self, outcome: Outcome);

    /// Somebody who connected did not get a session.
    fn turned_away(&self, outcome: Outcome);

    /// A command came to its end; `took` is from sending it to the end of its reply. `kind` is a word for it.
    fn command(&self, kind: &'static str, result: CommandResult, took: Duration);
}

/// How a session ended, or why there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The caller went on in Asterisk's dialplan: by the plan, or since he could not be served.
    Continued,
    /// He was handed over to a node that can do more.
    HandedOver,
    /// The dialplan was told what it asked.
    Told,
    /// We hung up.
    Ended,
    /// He hung up, or Asterisk took him away.
    HungUp,
    /// The dialplan asked for something that there is not.
    Mistaken,
    /// There were as many sessions as may be.
    Refused,
    /// His Asterisk's address is not on the list.
    NotAllowed,
    /// What came was not of Asterisk's FastAGI.
    Garbled,
    /// Nothing came in time.
    Silent,
    /// The connection ended without a word.
    Lost,
    /// We stopped.
    Stopped,
    /// A bug ended it.
    Broken,
}

impl Outcome {
    /// All of them, for metrics.
    pub const ALL: [Self; 13] = [
        Self::Continued,
        Self::HandedOver,
        Self::Told,
        Self::Ended,
        Self::HungUp,
        Self::Mistaken,
        Self::Refused,
        Self::NotAllowed,
        Self::Garbled,
        Self::Silent,
        Self::Lost,
        Self::Stopped,
        Self::Broken,
    ];

    /// The word for it in metrics and logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Continued => "continued",
            Self::HandedOver => "handed_over",
            Self::Told => "told",
            Self::Ended => "ended",
            Self::HungUp => "hung_up",
            Self::Mistaken => "mistaken",
            Self::Refused => "refused",
            Self::NotAllowed => "not_allowed",
            Self::Garbled => "garbled",
            Self::Silent => "silent",
            Self::Lost => "lost",
            Self::Stopped => "stopped",
            Self::Broken => "broken",
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandResult {
    /// Asterisk did it.
    Done,
    /// It tried, and could not.
    Failed,
    /// It has no such command (510), or reads it in another way (520).
    Misused,
    /// The caller has gone: Asterisk said so, instead of a reply or as one (511).
    Gone,
    /// No reply came.
    Unanswered,
}

impl CommandResult {
    /// The word for it in metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Misused => "misused",
            Self::Gone => "gone",
            Self::Unanswered => "unanswered",
        }
    }
}
