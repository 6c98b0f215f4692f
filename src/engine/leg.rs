//! Legs: channels that we dialled, from the first word about them to the last.

use super::{OperatorIx, QueueIx, operator::Rest};
use crate::domain::{BridgeId, CallId, ChannelId, Time};

/// A leg to an operator's phone. While it rings it is an *offer*.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) channel: ChannelId,
    /// The call it was dialled for. The call may be over before the leg is.
    pub(crate) call: CallId,
    /// That call's channel, which outlives nothing but keeps the order of commands.
    pub(crate) caller: ChannelId,
    /// Whose phone it is; `None`: somebody whom the operator transferred the call to, or whom no plan knows.
    pub(crate) operator: Option<OperatorIx>,
    /// The queue that offers the call; `None` when nobody knows any more.
    pub(crate) queue: Option<QueueIx>,
    /// How it is dialled.
    pub(crate) way: Way,
    /// When it was asked for.
    pub(crate) since: Time,
    /// The bridge it was put into.
    pub(crate) bridge: Option<BridgeId>,
    pub(crate) phase: Phase,
}

/// How a leg is dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Made first, then rung, and in one bridge with the caller before it is answered: they hear each other at once.
    Created,
    /// Rung at once, and joined when it is answered: the caller keeps his music until then, and several can ring.
    Originated,
}

/// How far a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Asked for; Asterisk has not made it yet.
    Making,
    /// It rings, or is about to.
    Ringing,
    /// It was answered and is the other end of a conversation.
    Talking,
    /// It was hung up and has not ended yet: what the operator is owed then, and how often it was hung up.
    Going { rest: Rest, asked: u32 },
}
