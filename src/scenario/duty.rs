//! Operators who sign in and out, pause and wrap up while somebody calls: what they do, and how a test names it.

use std::time::Duration;

use crate::{
    dialplan::DutyChange,
    domain::{Name, Time},
    engine::{
        Duty, DutyBy, Event, Fact,
        notice::{DutyFact, OperatorState},
    },
};

/// So long before somebody calls the operators are as they are to be found.
const BEFORE: Duration = Duration::from_secs(1);

/// Something that becomes of an operator's duty, as the API changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyDeed {
    /// Whose.
    pub operator: Name,
    /// What.
    pub change: DutyChange,
    /// So long after the caller has dialled; `None`: before.
    pub after: Option<Duration>,
}

impl DutyDeed {
    /// When, with a caller who dials at that time.
    pub(super) fn at(&self, dials: Time) -> Time {
        self.after.map_or(dials - BEFORE, |after| dials + after)
    }

    pub(super) fn event(&self) -> Event {
        Event::DutyAsked { operator: self.operator.clone(), change: self.change.clone(), by: DutyBy::Api }
    }
}

/// What a test calls what came about of somebody's duty, and of whom or what it says so; `None`: it is about something else.
pub(super) fn words(fact: &Fact) -> Option<(&'static str, String)> {
    if let Fact::OperatorChanged { operator, from, to } = fact {
        return match (from, to) {
            (OperatorState::WrappingUp, _) => Some(("wrapped_up", operator.to_string())),
            (_, OperatorState::WrappingUp) => Some(("wraps_up", operator.to_string())),
            _ => None,
        };
    }
    let Fact::Duty(fact) = fact else { return None };
    match fact {
        DutyFact::Changed { operator, from, to, .. } => Some((change_word(from, to), operator.to_string())),
        DutyFact::NotChanged { why, .. } => Some(("duty_refused", why.word().into())),
        DutyFact::PinRefused { why, .. } => Some(("pin_refused", why.word().into())),
        DutyFact::Seated { desk: Some(desk), .. } => Some(("sits_at", desk.to_string())),
        // Who is not at a desk any more has signed out.
        DutyFact::Seated { desk: None, .. } => None,
        // That it lasts longer is heard of when it is over.
        DutyFact::WrapUp { .. } => None,
    }
}

fn change_word(from: &Duty, to: &Duty) -> &'static str {
    match (from, to) {
        (Duty::Paused { .. } | Duty::On, Duty::On) => "resumes",
        (Duty::SignedOut { .. }, Duty::On) => "signs_in",
        (_, Duty::Paused { .. }) => "pauses",
        (_, Duty::SignedOut { .. }) => "signs_out",
    }
}
