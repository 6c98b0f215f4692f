//! Callbacks: promised, tried, and what became of them.

use serde::Serialize;

use super::OfferOutcome;
use crate::{
    dialplan::NotPromised,
    domain::{CallbackId, Caller, ChannelId, Name},
};

/// Something came about of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackFact {
    /// A caller was promised to be called.
    Promised {
        /// Which.
        id: CallbackId,
        /// In which queue he keeps his place.
        queue: Name,
        /// Whether it was promised before: he keeps the place that he had.
        again: bool,
    },
    /// A caller was not promised it.
    Refused {
        /// For which queue he asked.
        queue: Name,
        /// Why not.
        why: NotPromised,
    },
    /// He is called, or an operator is rung who is to talk to him: the call of this notice begins.
    Calls {
        /// Which.
        id: CallbackId,
        /// The queue in which he keeps his place.
        queue: Name,
        /// The number that he had called, as the plan has it.
        number: Name,
        /// Who is called.
        caller: Caller,
        /// The channel that rings.
        channel: ChannelId,
        /// Which attempt it is, or would be; the first is 1.
        attempt: u32,
    },
    /// Somebody answered, and hears what it is about.
    Answered {
        /// Which.
        id: CallbackId,
        /// The queue in which he keeps his place.
        queue: Name,
    },
    /// An attempt came to nothing.
    Missed {
        /// Which.
        id: CallbackId,
        /// The queue in which he keeps his place.
        queue: Name,
        /// What became of it; [`OfferOutcome::Answered`]: somebody answered, and did not take the call.
        outcome: OfferOutcome,
        /// Which attempt it was.
        attempt: u32,
    },
    /// Nobody is called for it any more.
    Over {
        /// Which.
        id: CallbackId,
        /// The queue in which he kept his place.
        queue: Name,
        /// Why.
        how: CallbackOver,
    },
}

/// Why a callback is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackOver {
    /// He was called, and stands in the line at his place.
    Reached,
    /// He called himself, and stands in the line at his place.
    CameBack,
    /// He was called as often as the plan says, and not reached.
    GaveUp,
    /// The promise held no longer.
    Expired,
    /// Somebody cancelled it.
    Cancelled,
}

impl CallbackOver {
    /// All of them, for metrics.
    pub const ALL: [Self; 5] = [Self::Reached, Self::CameBack, Self::GaveUp, Self::Expired, Self::Cancelled];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::CameBack => "came_back",
            Self::GaveUp => "gave_up",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}
