//! What a driver tells those who count: closed sets of words, and no names or numbers of people.

use std::time::Duration;

use crate::domain::NodeId;

/// Sees what the driver does. Every method must return at once: they are called on the way of a call.
pub trait Watch: Send + Sync + 'static {
    /// A request came to its end; `took` is from sending it to the end of the answer. `operation` is a command's
    /// [`name`](crate::engine::Command::name), or `prepare`, `list`, `self_test`, `stand_by` or
    /// `let_go`.
    fn request(&self, node: NodeId, operation: &'static str, result: RequestResult, took: Duration);

    /// A message came: `kind` is ARI's word for an event that we use, `other` for one that we do not, or `garbled`.
    fn heard(&self, node: NodeId, kind: &'static str);

    /// The connection for events changed.
    fn connection(&self, node: NodeId, change: Connection);

    /// The queue of events was full, and this many were lost with it. A [`Connection::Lost`] and a reconciliation follow, so
    /// nothing that they told stays unknown.
    fn discarded(&self, node: NodeId, events: usize);
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestResult {
    /// Asterisk did it, or will.
    Done,
    /// Asterisk said no.
    Refused,
    /// It never left.
    NotSent,
    /// It left and nothing came back.
    OutcomeUnknown,
}

impl RequestResult {
    /// All of them, for metrics.
    pub const ALL: [Self; 4] = [Self::Done, Self::Refused, Self::NotSent, Self::OutcomeUnknown];

    /// The word for it in metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::OutcomeUnknown => "outcome_unknown",
        }
    }
}

/// A change of the connection for events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Connection {
    /// Connected, and the engine was told what the node holds.
    Up,
    /// It could not be made, or is no more.
    Lost(Lost),
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lost {
    /// Nobody answers at that address, or not as Asterisk does.
    Unreachable,
    /// Asterisk does not know our name and password, or does not let us in.
    Unauthorized,
    /// It could not be asked what it holds.
    Unprepared,
    /// The connection broke, or Asterisk ended it.
    Closed,
    /// It is there and says nothing, not even what we send to ourselves: a zombie.
    Silent,
    /// It tells what happens, and does not answer a single request.
    Unanswered,
    /// Another engine took our application.
    Replaced,
    /// The engine did not take the events as fast as they came.
    Overflow,
}

impl Lost {
    /// All of them, for metrics.
    pub const ALL: [Self; 8] = [
        Self::Unreachable,
        Self::Unauthorized,
        Self::Unprepared,
        Self::Closed,
        Self::Silent,
        Self::Unanswered,
        Self::Replaced,
        Self::Overflow,
    ];

    /// The word for it in metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Unauthorized => "unauthorized",
            Self::Unprepared => "unprepared",
            Self::Closed => "closed",
            Self::Silent => "silent",
            Self::Unanswered => "unanswered",
            Self::Replaced => "replaced",
            Self::Overflow => "overflow",
        }
    }
}
