//! What is asked of others than Asterisk: questions to servers on whose answer a call waits, news that nobody waits for, what
//! is to be done about messages of callers, and what the next life of the engine must know.
//!
//! Not a [`Command`](super::Command): an errand is of no node, and goes on while one is away.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::{by_hand::ByHand, duty::KeptDuty, memory::Memo, message::Chore};
pub use crate::dialplan::request::{Method, Request};
use crate::domain::{CallId, Name};

/// One thing to ask or to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Something about a caller's message; what becomes of it comes as [`Event::Message`](super::Event::Message).
    Message(Chore),
    /// Write down what an operator has done, in the place of what was written of him before. Nothing comes back.
    KeepDone(Name, super::Done),
    /// Ask; the answer comes as [`Event::LookedUp`](super::Event::LookedUp). One that comes later than that is of no use.
    LookUp {
        /// Which question it is.
        lookup: LookupId,
        /// What is asked.
        request: Arc<Request>,
        /// How long it may take, waiting for a free connection included.
        within: Duration,
    },
    /// Tell, and tell again until it is taken or hopeless. Nothing comes back.
    Notify(Notification),
    /// Write down which hours stand by hand, in the place of what was written before. Nothing comes back.
    KeepHours(BTreeMap<Name, ByHand>),
    /// Write down what the next life must know of an operator, in the place of what was written of him before. Nothing comes back.
    KeepDuty {
        /// Who.
        operator: Name,
        /// What.
        kept: KeptDuty,
    },
    /// Write down what the next life must know of a caller, or forget it. Nothing comes back.
    Remember(Memo),
    /// Have every node tell of these devices, and of no others. How they are comes as
    /// [`Event::DeviceChanged`](super::Event::DeviceChanged).
    WatchDevices(BTreeSet<Name>),
}

/// News for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The same however often it is told, and no other notification's.
    pub id: Arc<str>,
    /// What is told.
    pub request: Arc<Request>,
}

/// One question of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookupId {
    /// The call that waits.
    pub call: CallId,
    /// Which of the engine's.
    pub number: u64,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The server said this.
    Json(Arc<serde_json::Value>),
    /// There is nothing to go on with.
    Failed(NoAnswer),
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoAnswer {
    /// The settings do not allow this server.
    NotAllowed,
    /// The values in it make no request that can be sent.
    Unusable,
    /// Too many questions are under way.
    Overload,
    /// Nobody is there, or the connection broke.
    Unreachable,
    /// It did not come in time.
    TimedOut,
    /// The server said no, with this HTTP status.
    Status(u16),
    /// The server sent us to another place, where we do not go.
    Redirected,
    /// It is longer than we read.
    TooLong,
    /// It is no JSON.
    NotJson,
}

impl NoAnswer {
    /// All of them, for metrics; of a status one.
    pub const ALL: [Self; 9] = [
        Self::NotAllowed,
        Self::Unusable,
        Self::Overload,
        Self::Unreachable,
        Self::TimedOut,
        Self::Status(0),
        Self::Redirected,
        Self::TooLong,
        Self::NotJson,
    ];

    /// The word for it, for logs and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::Unusable => "unusable",
            Self::Overload => "overload",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Status(_) => "status",
            Self::Redirected => "redirected",
            Self::TooLong => "too_long",
            Self::NotJson => "not_json",
        }
    }
}
