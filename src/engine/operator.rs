//! Operators: what each is doing, over all the queues he serves.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    Engine, Errand, LegId, OperatorIx, QueueIx,
    duty::{Duty, Roster},
    notice::OperatorState,
};
use crate::{
    dialplan,
    domain::{CallId, Name, Time},
};

/// What refused a call at once would refuse the next one as fast: never without a pause.
const LEAST_BACK_OFF: Duration = Duration::from_secs(1);

/// What an operator is doing, and only what that moment needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Free to be offered a call.
    Ready { since: Time },
    /// His phone rings, or is being told to stop.
    Ringing { leg: LegId, since: Time },
    /// He talks, or is being hung up after it.
    Talking { leg: LegId, since: Time },
    /// He is kept for a caller whom Asterisk's dialplan connects, or `talks` to him.
    Chosen { call: CallId, since: Time, talks: bool },
    /// He called somebody himself.
    Calling { call: CallId, since: Time },
    /// He finishes what the conversation was about.
    WrappingUp { since: Time, until: Time },
    /// Left alone after an offer that he did not take.
    BackingOff { since: Time, until: Time },
}

impl Doing {
    /// The word for it.
    pub(crate) fn state(self) -> OperatorState {
        match self {
            Self::Ready { .. } => OperatorState::Ready,
            Self::Ringing { .. } => OperatorState::Ringing,
            Self::Chosen { talks: false, .. } => OperatorState::Reserved,
            Self::Talking { .. } | Self::Calling { .. } | Self::Chosen { talks: true, .. } => OperatorState::Talking,
            Self::WrappingUp { .. } => OperatorState::WrappingUp,
            Self::BackingOff { .. } => OperatorState::BackingOff,
        }
    }

    /// Since when.
    pub(crate) fn since(self) -> Time {
        match self {
            Self::Ready { since }
            | Self::Ringing { since, .. }
            | Self::Talking { since, .. }
            | Self::Chosen { since, .. }
            | Self::Calling { since, .. }
            | Self::WrappingUp { since, .. }
            | Self::BackingOff { since, .. } => since,
        }
    }

    /// The leg to his phone.
    pub(crate) fn leg(self) -> Option<LegId> {
        match self {
            Self::Ringing { leg, .. } | Self::Talking { leg, .. } => Some(leg),
            Self::Ready { .. }
            | Self::Chosen { .. }
            | Self::Calling { .. }
            | Self::WrappingUp { .. }
            | Self::BackingOff { .. } => None,
        }
    }

    /// Whether some caller has him, or is about to.
    pub(crate) fn is_of_a_call(self) -> bool {
        self.leg().is_some() || self.chosen_for().is_some()
    }

    /// The call that he made himself.
    pub(crate) fn own_call(self) -> Option<CallId> {
        match self {
            Self::Calling { call, .. } => Some(call),
            Self::Ready { .. }
            | Self::Ringing { .. }
            | Self::Chosen { .. }
            | Self::Talking { .. }
            | Self::WrappingUp { .. }
            | Self::BackingOff { .. } => None,
        }
    }

    /// The call for which he is kept, or which he has through Asterisk's dialplan.
    pub(crate) fn chosen_for(self) -> Option<CallId> {
        match self {
            Self::Chosen { call, .. } => Some(call),
            Self::Ready { .. }
            | Self::Ringing { .. }
            | Self::Talking { .. }
            | Self::Calling { .. }
            | Self::WrappingUp { .. }
            | Self::BackingOff { .. } => None,
        }
    }

    /// What he does once his leg is gone.
    pub(crate) fn rest(after: Rest, now: Time) -> Self {
        match after {
            Rest::None => Self::Ready { since: now },
            Rest::WrapUp(Duration::ZERO) => Self::Ready { since: now },
            Rest::WrapUp(rest) => Self::WrappingUp { since: now, until: now + rest },
            Rest::BackOff(rest) => Self::BackingOff { since: now, until: now + rest.max(LEAST_BACK_OFF) },
        }
    }
}

/// What an operator is owed when a leg to him has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing: it was not his doing that it ended.
    None,
    /// Time to finish what the conversation was about.
    WrapUp(Duration),
    /// To be left alone: he did not take the call.
    BackOff(Duration),
}

/// What an operator has done, over all the queues he serves. It outlives the engine: strategies go on where they were.
///
/// Conversations count on the day, by the clock of the exchange, on which they end: whoever is new would be rung for every
/// call until he had as many as others in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// When his last conversation ended.
    pub last_talk: Option<Time>,
    /// Conversations that ended on the day of the last one.
    pub talks: u64,
    /// How long these were together.
    pub talked: Duration,
}

impl Done {
    /// As it counts on a day that began then.
    pub(crate) fn on_a_day_since(self, began: Time) -> Self {
        let is_of_it = self.last_talk.is_some_and(|last| last >= began);
        if is_of_it { self } else { Self { last_talk: self.last_talk, ..Self::default() } }
    }

    /// One more conversation, which ended now, on a day that began then.
    pub(crate) fn add(&mut self, talked: Duration, now: Time, began: Time) {
        *self = self.on_a_day_since(began);
        self.last_talk = Some(now);
        self.talks += 1;
        self.talked = self.talked.saturating_add(talked);
    }
}

/// An operator in the engine.
#[derive(Debug)]
pub(crate) struct Operator {
    /// As the plan in force has him, or had him last.
    pub(crate) plan: dialplan::Operator,
    /// What he is doing.
    pub(crate) doing: Doing,
    /// Whether he is there for his queues.
    pub(crate) roster: Roster,
    /// Calls that came from his telephone, until Asterisk has said that each is gone.
    pub(crate) own: BTreeSet<CallId>,
    /// What he has done.
    pub(crate) done: Done,
    /// The queues he serves; none once the plan no longer has him.
    pub(crate) serves: Vec<QueueIx>,
}

impl Operator {
    /// One who is free, and has done this before.
    pub(crate) fn new(plan: dialplan::Operator, done: Done, now: Time) -> Self {
        let (own, roster) = (BTreeSet::new(), Roster::new(&plan, now));
        Self { plan, doing: Doing::Ready { since: now }, roster, own, done, serves: Vec::new() }
    }

    /// Whether he may be offered a call of a queue.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.doing, Doing::Ready { .. }) && self.roster.duty == Duty::On
    }

    /// What he is doing, in a word; that he is not there says more than that he is free.
    pub(crate) fn state(&self) -> OperatorState {
        self.away().map_or_else(|| self.doing.state(), |(state, _)| state)
    }

    /// Since when.
    pub(crate) fn since(&self) -> Time {
        self.away().map_or_else(|| self.doing.since(), |(_, since)| since)
    }

    fn away(&self) -> Option<(OperatorState, Time)> {
        match self.doing {
            Doing::Ready { .. } | Doing::BackingOff { .. } => self.roster.duty.state(),
            Doing::Ringing { .. }
            | Doing::Talking { .. }
            | Doing::Chosen { .. }
            | Doing::Calling { .. }
            | Doing::WrappingUp { .. } => None,
        }
    }

    /// Until when he wraps up, also when he makes a call of his own meanwhile.
    pub(crate) fn wrap_up(&self) -> Option<Time> {
        match self.doing {
            Doing::WrappingUp { until, .. } => Some(until),
            Doing::Calling { .. } => self.roster.owed(),
            Doing::Ready { .. }
            | Doing::Ringing { .. }
            | Doing::Talking { .. }
            | Doing::Chosen { .. }
            | Doing::BackingOff { .. } => None,
        }
    }
}

impl Engine {
    /// The engine, with what operators did in an earlier life of it.
    #[must_use]
    pub fn with_done(mut self, mut done: BTreeMap<Name, Done>) -> Self {
        for (name, operator) in &mut self.operators {
            operator.done = done.remove(name).unwrap_or(operator.done);
        }
        self.done_before = done;
        self
    }

    /// One more conversation of an operator is over, now.
    pub(super) fn has_talked(&mut self, operator: OperatorIx, talked: Duration) {
        let (now, began) = (self.now, self.today.began);
        let operator = &mut self.operators[operator.0];
        operator.done.add(talked, now, began);
        let (name, done) = (operator.plan.name.clone(), operator.done);
        self.errand(Errand::KeepDone(name, done));
    }
}
