//! Words of ours as they stand in JSON, label values and log lines: one spelling everywhere.

use super::{
    Failure,
    notice::{Adopted, LeftQueue, MessageOutcome, Miss, OfferOutcome, OperatorState, Outcome, Party, Refusal},
};

impl Outcome {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::LeftInMenu => "left_in_menu",
            Self::LeftMessage => "left_message",
            Self::Abandoned => "abandoned",
            Self::EndedByPlan => "ended_by_plan",
            Self::Continued => "continued",
            Self::Full => "full",
            Self::Fallback => "fallback",
            Self::Refused => "refused",
            Self::Lost => "lost",
            Self::TakenOver => "taken_over",
            Self::NotReached => "not_reached",
            Self::NotHandedOver => "not_handed_over",
        }
    }
}

impl MessageOutcome {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::CutShort => "cut_short",
            Self::Nothing => "nothing",
            Self::Full => "full",
            Self::NotRecorded => "not_recorded",
            Self::NotWritten => "not_written",
            Self::Missing => "missing",
        }
    }
}

impl Refusal {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Overload => "overload",
            Self::Draining => "draining",
            Self::UnknownNumber => "unknown_number",
            Self::UnknownFlow => "unknown_flow",
        }
    }
}

impl LeftQueue {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Abandoned => "abandoned",
            Self::TimedOut => "timed_out",
            Self::Unstaffed => "unstaffed",
            Self::ByKey => "by_key",
            Self::Full => "full",
            Self::Closed => "closed",
            Self::Moved => "moved",
            Self::Withdrawn => "withdrawn",
            Self::Continued => "continued",
            Self::TakenOver => "taken_over",
        }
    }
}

impl OfferOutcome {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Busy => "busy",
            Self::Declined => "declined",
            Self::NoAnswer => "no_answer",
            Self::Unreachable => "unreachable",
            Self::TrunkFull => "trunk_full",
            Self::AnsweredElsewhere => "answered_elsewhere",
            Self::CallerLeft => "caller_left",
            Self::Lapsed => "lapsed",
            Self::OffDuty => "off_duty",
            Self::Failed => "failed",
        }
    }
}

impl Miss {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
        }
    }
}

impl OperatorState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Ringing => "ringing",
            Self::Reserved => "reserved",
            Self::Talking => "talking",
            Self::WrappingUp => "wrapping_up",
            Self::BackingOff => "backing_off",
            Self::Busy => "busy",
            Self::Unreachable => "unreachable",
            Self::Paused => "paused",
            Self::SignedOut => "signed_out",
        }
    }
}

impl Adopted {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Talking => "talking",
            Self::Waiting => "waiting",
            Self::Dialling => "dialling",
            Self::Start => "start",
            Self::Over => "over",
        }
    }
}

impl Failure {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Refused(_) => "refused",
            Self::OutcomeUnknown => "outcome_unknown",
        }
    }
}

impl Party {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Operator => "operator",
            Self::Transferred => "transferred",
            Self::Unknown => "unknown",
            Self::TakenOver => "taken_over",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    fn in_json(word: impl Serialize) -> String {
        serde_json::to_value(word).expect("JSON").as_str().expect("a word").to_owned()
    }

    #[test]
    fn a_word_is_spelled_as_in_json() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.word(), in_json(outcome));
        }
        for state in OperatorState::ALL {
            assert_eq!(state.word(), in_json(state));
        }
        for why in Refusal::ALL {
            assert_eq!(why.word(), in_json(why));
        }
        for why in LeftQueue::ALL {
            assert_eq!(why.word(), in_json(why));
        }
        for outcome in OfferOutcome::ALL {
            assert_eq!(outcome.word(), in_json(outcome));
        }
        assert_eq!(Miss::NoAnswer.word(), in_json(Miss::NoAnswer));
        assert_eq!(Adopted::Talking.word(), in_json(Adopted::Talking));
        assert_eq!(Party::Unknown.word(), in_json(Party::Unknown));
    }
}
