//! Operators: what each is doing, over all the queues he serves.

use std::{collections::BTreeSet, time::Duration};

use super::{
    LegId, QueueIx,
    duty::{Duty, Roster},
    follow::Follow,
    notice::{OfferOutcome, OperatorState},
    obstacle::Obstacle,
    phone::{Hindrance, Phone},
    queue::Presence,
};
use crate::{
    dialplan::{self, Away},
    domain::{CallId, Name, Time},
    engine::Done,
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
    /// Left alone after an offer that he did not take, and what became of that.
    BackingOff { since: Time, until: Time, after: OfferOutcome },
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
        if let Some(With::Leg(leg)) = self.with() { Some(leg) } else { None }
    }

    /// Until when he rests; `None`: he does not.
    pub(crate) fn until(self) -> Option<Time> {
        match self {
            Self::WrappingUp { until, .. } | Self::BackingOff { until, .. } => Some(until),
            Self::Ready { .. }
            | Self::Ringing { .. }
            | Self::Talking { .. }
            | Self::Chosen { .. }
            | Self::Calling { .. } => None,
        }
    }

    /// With whom he has to do; `None`: with nobody.
    pub(crate) fn with(self) -> Option<With> {
        match self {
            Self::Ringing { leg, .. } | Self::Talking { leg, .. } => Some(With::Leg(leg)),
            Self::Chosen { call, .. } => Some(With::Choice(call)),
            Self::Calling { call, .. } => Some(With::Own(call)),
            Self::Ready { .. } | Self::WrappingUp { .. } | Self::BackingOff { .. } => None,
        }
    }

    /// Whether some caller has him, or is about to.
    pub(crate) fn is_of_a_call(self) -> bool {
        self.leg().is_some() || self.chosen_for().is_some()
    }

    /// Whether he talks with a caller.
    pub(crate) fn is_talk(self) -> bool {
        match self {
            Self::Talking { .. } | Self::Chosen { talks: true, .. } => true,
            Self::Ready { .. }
            | Self::Ringing { .. }
            | Self::Chosen { talks: false, .. }
            | Self::Calling { .. }
            | Self::WrappingUp { .. }
            | Self::BackingOff { .. } => false,
        }
    }

    /// The call that he made himself.
    pub(crate) fn own_call(self) -> Option<CallId> {
        if let Some(With::Own(call)) = self.with() { Some(call) } else { None }
    }

    /// The call for which he is kept, or which he has through Asterisk's dialplan.
    pub(crate) fn chosen_for(self) -> Option<CallId> {
        if let Some(With::Choice(call)) = self.with() { Some(call) } else { None }
    }

    /// What he does once his leg is gone.
    pub(crate) fn rest(after: Rest, now: Time) -> Self {
        match after {
            Rest::None => Self::Ready { since: now },
            Rest::WrapUp(Duration::ZERO) => Self::Ready { since: now },
            Rest::WrapUp(rest) => Self::WrappingUp { since: now, until: now + rest },
            Rest::BackOff { rest, after } => {
                Self::BackingOff { since: now, until: now + rest.max(LEAST_BACK_OFF), after }
            }
        }
    }
}

/// With whom an operator has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum With {
    /// With whoever is called, or talks, on this leg to his telephone.
    Leg(LegId),
    /// With the caller whom Asterisk's dialplan connects.
    Choice(CallId),
    /// With whom he called himself.
    Own(CallId),
}

/// What an operator is owed when a leg to him has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing: it was not his doing that it ended.
    None,
    /// Time to finish what the conversation was about.
    WrapUp(Duration),
    /// To be left alone for so long: that came of an offer that he did not take.
    BackOff { rest: Duration, after: OfferOutcome },
}

/// An operator in the engine.
#[derive(Debug)]
pub(crate) struct Operator {
    /// As the plan in force has him, or had him last; with the telephone of his desk, where he is at one.
    pub(crate) plan: dialplan::Operator,
    /// The plan in force has him.
    pub(crate) is_planned: bool,
    /// The desk at which he signed in, by its internal number.
    pub(crate) desk: Option<Name>,
    /// What he is doing.
    pub(crate) doing: Doing,
    /// The conversations that he has besides ([`seat`](super::seat)), the longest one first.
    pub(crate) besides: Vec<Doing>,
    /// Whether he is there for his queues.
    pub(crate) roster: Roster,
    /// His telephone.
    pub(crate) phone: Phone,
    /// Calls that came from his telephone, until Asterisk has said that each is gone.
    pub(crate) own: BTreeSet<CallId>,
    /// What he has done.
    pub(crate) done: Done,
    /// The offer at several of his telephones, until all its legs have ended.
    pub(crate) follow: Option<Box<Follow>>,
    /// The queues he serves; none once the plan no longer has him.
    pub(crate) serves: Vec<QueueIx>,
    /// What these keep of him.
    pub(crate) noted: Presence,
}

impl Operator {
    /// One who is free, and has done nothing yet.
    pub(crate) fn new(plan: dialplan::Operator, now: Time) -> Self {
        let (own, done, roster, phone) = (BTreeSet::new(), Done::default(), Roster::new(&plan, now), Phone::default());
        let (doing, noted) = (Doing::Ready { since: now }, Presence::default());
        Self {
            plan,
            is_planned: true,
            desk: None,
            doing,
            besides: Vec::new(),
            roster,
            phone,
            own,
            done,
            follow: None,
            serves: Vec::new(),
            noted,
        }
    }

    /// Whether he may be offered a call of a queue.
    pub(crate) fn is_ready(&self) -> bool {
        self.obstacles().next().is_none()
    }

    /// All about himself that keeps him from being offered a call of a queue.
    pub(crate) fn obstacles(&self) -> impl Iterator<Item = Obstacle<'_>> {
        let engaged = (!matches!(self.doing, Doing::Ready { .. })).then_some(Obstacle::Engaged(self.doing));
        let off_duty = (self.roster.duty != Duty::On).then_some(Obstacle::OffDuty(&self.roster.duty));
        let phone = self.phone.hindrance().map(|hindrance| Obstacle::Phone { hindrance, since: self.phone.since() });
        engaged.into_iter().chain(self.is_full().then_some(Obstacle::Full)).chain(off_duty).chain(phone)
    }

    /// Whether he has as many conversations besides what he does as he may have in all.
    pub(crate) fn is_full(&self) -> bool {
        self.besides.len() >= self.plan.capacity as usize
    }

    /// All that he does at once.
    pub(crate) fn all_doings(&self) -> impl Iterator<Item = Doing> {
        self.besides.iter().copied().chain([self.doing])
    }

    /// Whether he has to do with somebody.
    pub(crate) fn is_with(&self, with: With) -> bool {
        self.all_doings().any(|doing| doing.with() == Some(with))
    }

    /// Whether some caller has him, or is about to.
    pub(crate) fn is_of_a_call(&self) -> bool {
        self.all_doings().any(Doing::is_of_a_call)
    }

    /// Whether a call of ours is at his telephone, or is about to be.
    pub(crate) fn is_ours(&self) -> bool {
        self.all_doings().any(|doing| doing.with().is_some())
    }

    /// Since when he talks; `None`: he does with nobody.
    fn talks_since(&self) -> Option<Time> {
        self.all_doings().filter(|doing| doing.is_talk()).map(Doing::since).min()
    }

    /// Whether he is there for his queues, or paused.
    pub(crate) fn is_signed_in(&self) -> bool {
        self.roster.duty.away() != Some(Away::SignedOut)
    }

    /// Whether he is there, at a telephone that is registered.
    pub(crate) fn is_at_work(&self) -> bool {
        self.roster.duty == Duty::On && self.phone.hindrance() != Some(Hindrance::Unreachable)
    }

    /// What queues keep of him.
    pub(crate) fn presence(&self) -> Presence {
        let takes = if self.is_at_work() { self.plan.capacity as usize } else { 0 };
        Presence { ready: self.is_ready(), takes }
    }

    /// What he is doing, in a word. That he talks, or is rung, says more than that he could be rung besides or not; that he is
    /// not there more than that he is free, or is not to be reached.
    pub(crate) fn state(&self) -> OperatorState {
        if self.rests_besides() {
            return OperatorState::Talking;
        }
        if let Some((state, _)) = self.away() {
            return state;
        }
        match (self.doing.state(), self.phone.hindrance()) {
            (OperatorState::Ready, Some(Hindrance::Busy)) => OperatorState::Busy,
            (OperatorState::Ready, Some(Hindrance::Unreachable)) => OperatorState::Unreachable,
            (state, _) => state,
        }
    }

    /// Since when.
    pub(crate) fn since(&self) -> Time {
        if let Some(since) = self.talks_since().filter(|_| self.rests_besides()) {
            return since;
        }
        if let Some((_, since)) = self.away() {
            return since;
        }
        let since = self.doing.since();
        if matches!(self.doing, Doing::Ready { .. }) { since.max(self.phone.since()) } else { since }
    }

    /// Whether he does nothing but talk, as one who may have several calls.
    fn rests_besides(&self) -> bool {
        !self.besides.is_empty() && self.doing.with().is_none()
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

    /// Until when he wraps up, also when he has to do with somebody meanwhile.
    pub(crate) fn wrap_up(&self) -> Option<Time> {
        match self.doing {
            Doing::WrappingUp { until, .. } => Some(until),
            Doing::Ringing { .. } | Doing::Talking { .. } | Doing::Chosen { .. } | Doing::Calling { .. } => {
                self.roster.owed()
            }
            Doing::Ready { .. } | Doing::BackingOff { .. } => None,
        }
    }
}
