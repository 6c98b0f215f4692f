//! Why nobody answered.

use serde::Serialize;

use super::OfferOutcome;

/// Why nobody answered whom a step dialled: of several, how near one of them was to answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Miss {
    /// Nobody could be rung.
    Unreachable,
    /// All were engaged or declined, or the trunk had no channel.
    Busy,
    /// Somebody's phone rang, and nobody took it.
    NoAnswer,
}

impl Miss {
    /// All of them, for metrics.
    pub const ALL: [Self; 3] = [Self::Unreachable, Self::Busy, Self::NoAnswer];

    /// What an offer's end means for the step; `None`: nothing, since the caller was answered or left.
    pub(crate) fn of(outcome: OfferOutcome) -> Option<Self> {
        match outcome {
            OfferOutcome::NoAnswer => Some(Self::NoAnswer),
            OfferOutcome::Busy | OfferOutcome::Declined | OfferOutcome::TrunkFull => Some(Self::Busy),
            OfferOutcome::Unreachable | OfferOutcome::Failed => Some(Self::Unreachable),
            OfferOutcome::Answered
            | OfferOutcome::AnsweredElsewhere
            | OfferOutcome::CallerLeft
            | OfferOutcome::Lapsed
            | OfferOutcome::OffDuty => None,
        }
    }
}
