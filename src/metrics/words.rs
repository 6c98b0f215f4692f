//! Words of ours as label values: closed sets, spelled as in JSON.

use super::Reload;
use crate::engine::{
    Failure,
    notice::{Adopted, LeftQueue, OfferOutcome, OperatorState, Outcome, Refusal},
};

pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Served => "served",
        Outcome::LeftInMenu => "left_in_menu",
        Outcome::Abandoned => "abandoned",
        Outcome::EndedByPlan => "ended_by_plan",
        Outcome::Full => "full",
        Outcome::Fallback => "fallback",
        Outcome::Refused => "refused",
        Outcome::Lost => "lost",
        Outcome::TakenOver => "taken_over",
    }
}

/// All of them.
pub(super) const REFUSALS: [Refusal; 4] = [Refusal::Full, Refusal::Overload, Refusal::Draining, Refusal::UnknownNumber];

pub(super) fn refusal(why: Refusal) -> &'static str {
    match why {
        Refusal::Full => "full",
        Refusal::Overload => "overload",
        Refusal::Draining => "draining",
        Refusal::UnknownNumber => "unknown_number",
    }
}

pub(super) fn left_queue(why: LeftQueue) -> &'static str {
    match why {
        LeftQueue::Abandoned => "abandoned",
        LeftQueue::TimedOut => "timed_out",
        LeftQueue::Unstaffed => "unstaffed",
    }
}

pub(super) fn offer(outcome: OfferOutcome) -> &'static str {
    match outcome {
        OfferOutcome::Answered => "answered",
        OfferOutcome::Busy => "busy",
        OfferOutcome::Declined => "declined",
        OfferOutcome::NoAnswer => "no_answer",
        OfferOutcome::Unreachable => "unreachable",
        OfferOutcome::AnsweredElsewhere => "answered_elsewhere",
        OfferOutcome::CallerLeft => "caller_left",
        OfferOutcome::Failed => "failed",
    }
}

pub(super) fn operator_state(state: OperatorState) -> &'static str {
    match state {
        OperatorState::Ready => "ready",
        OperatorState::Ringing => "ringing",
        OperatorState::Talking => "talking",
        OperatorState::WrappingUp => "wrapping_up",
        OperatorState::BackingOff => "backing_off",
    }
}

pub(super) fn adopted(place: Adopted) -> &'static str {
    match place {
        Adopted::Talking => "talking",
        Adopted::Waiting => "waiting",
        Adopted::Start => "start",
    }
}

pub(super) fn failure(failure: Failure) -> &'static str {
    match failure {
        Failure::NotSent => "not_sent",
        Failure::Refused(_) => "refused",
        Failure::OutcomeUnknown => "outcome_unknown",
    }
}

pub(super) fn reload(result: Reload) -> &'static str {
    match result {
        Reload::Loaded => "loaded",
        Reload::Refused => "refused",
    }
}
