//! Whether operators are there for their queues: signed in, paused, signed out.
//!
//! It stands beside what an operator is doing. He may pause or sign out at any moment, and it counts from the moment at which
//! he would be free: he talks on, and finishes what the conversation was about. Only a phone that rings for a queue stops at
//! once, and its caller is offered to the next. Who asks for him by name may ring him all the same.
//!
//! It outlives the engine, and so does wrap-up: what is kept of an operator is an errand whenever it changes, and the next life
//! is born with it ([`Engine::with_duties`]).

use std::{collections::BTreeMap, time::Duration};

use super::{
    Engine, Errand, Fact, LegId, OperatorIx, QueueIx, Wake,
    notice::{DutyFact, OfferOutcome, OperatorState},
    operator::{Doing, Rest},
};
use crate::{
    dialplan::{self, AutoPause, Away, DutyChange, Missed},
    domain::{CallId, Name, Reason, Time},
};

/// Whether an operator is there for his queues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duty {
    /// He is.
    On,
    /// He takes no calls of queues for a while.
    Paused {
        /// Why, in a word.
        reason: Option<Name>,
        /// Since when.
        since: Time,
        /// Until when; `None`: until somebody says otherwise.
        until: Option<Time>,
    },
    /// He is not.
    SignedOut {
        /// Since when.
        since: Time,
    },
}

impl Duty {
    /// The words of [`Self::word`], for metrics.
    pub const WORDS: [&str; 3] = ["on", "paused", "signed_out"];

    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Paused { .. } => "paused",
            Self::SignedOut { .. } => "signed_out",
        }
    }

    /// As a plan has him of whom nobody said otherwise.
    fn planned(operator: &dialplan::Operator, now: Time) -> Self {
        if operator.signed_in { Self::On } else { Self::SignedOut { since: now } }
    }

    /// How he is not there; `None`: he is.
    pub(crate) fn away(&self) -> Option<Away> {
        match self {
            Self::On => None,
            Self::Paused { .. } => Some(Away::Paused),
            Self::SignedOut { .. } => Some(Away::SignedOut),
        }
    }

    /// What he does who would be free, and since when; `None`: he is free.
    pub(crate) fn state(&self) -> Option<(OperatorState, Time)> {
        match self {
            Self::On => None,
            Self::Paused { since, .. } => Some((OperatorState::Paused, *since)),
            Self::SignedOut { since } => Some((OperatorState::SignedOut, *since)),
        }
    }

    fn until(&self) -> Option<Time> {
        match self {
            Self::Paused { until, .. } => *until,
            Self::On | Self::SignedOut { .. } => None,
        }
    }
}

/// Who changed an operator's duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DutyBy {
    /// Somebody at a telephone.
    Phone,
    /// Somebody through the API.
    Api,
    /// Calls that he did not take, or the end of a pause.
    Automatic,
    /// The plan.
    Plan,
    /// What an earlier life of the engine kept.
    Store,
}

impl DutyBy {
    /// All of them, for metrics.
    pub const ALL: [Self; 5] = [Self::Phone, Self::Api, Self::Automatic, Self::Plan, Self::Store];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Api => "api",
            Self::Automatic => "automatic",
            Self::Plan => "plan",
            Self::Store => "store",
        }
    }
}

/// What the next life of the engine must know of an operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptDuty {
    /// His duty; `None`: as the plan says.
    pub duty: Option<Duty>,
    /// Until when he wraps up.
    pub wrap_up: Option<Time>,
    /// The desk at which he is, by its internal number; `None`: he is at his own telephone.
    pub desk: Option<Name>,
}

/// Why an operator's duty was not changed. Nothing was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotChanged {
    /// The plan in force has no such operator.
    NoSuchOperator,
    /// The plan in force has pauses, and none for this reason.
    NoSuchReason,
    /// He is signed out: there is nothing to pause or to resume.
    SignedOut,
    /// He does not wrap up.
    NoWrapUp,
    /// The plan in force has no such telephone at which operators may sign in.
    NoSuchDesk,
    /// Somebody is in a call of ours there.
    DeskInUse,
}

impl NotChanged {
    /// All of them, for tests of plans.
    pub const ALL: [Self; 6] =
        [Self::NoSuchOperator, Self::NoSuchReason, Self::SignedOut, Self::NoWrapUp, Self::NoSuchDesk, Self::DeskInUse];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoSuchOperator => "no_such_operator",
            Self::NoSuchReason => "no_such_reason",
            Self::SignedOut => "signed_out",
            Self::NoWrapUp => "no_wrap_up",
            Self::NoSuchDesk => "no_such_desk",
            Self::DeskInUse => "desk_in_use",
        }
    }
}

/// What an operator's duty is, who said so, and what leads to another.
#[derive(Debug)]
pub(crate) struct Roster {
    pub(crate) duty: Duty,
    by: DutyBy,
    /// Calls that he did not take, since the last one that he took.
    misses: u32,
    /// Until when he wraps up who has to do with somebody meanwhile.
    owed: Option<Time>,
}

impl Roster {
    /// Of one of whom nobody has said anything yet.
    pub(crate) fn new(operator: &dialplan::Operator, now: Time) -> Self {
        Self { duty: Duty::planned(operator, now), by: DutyBy::Plan, misses: 0, owed: None }
    }

    /// He took a call.
    pub(crate) fn took(&mut self) {
        self.misses = 0;
    }

    /// He has to do with somebody. `until`: he wraps up meanwhile.
    pub(crate) fn owe(&mut self, until: Option<Time>) {
        self.owed = until;
    }

    /// Until when he wraps up when that is over.
    pub(crate) fn owed(&self) -> Option<Time> {
        self.owed
    }

    /// Until when he wraps up now that it is over; `None`: he does no longer.
    pub(crate) fn take_owed(&mut self, now: Time) -> Option<Time> {
        self.owed.take().filter(|until| *until > now)
    }
}

impl Engine {
    /// The engine, with what an earlier life of it kept of operators. Pauses and wrap-ups whose time is over are over.
    #[must_use]
    pub fn with_duties(mut self, kept: BTreeMap<Name, KeptDuty>) -> Self {
        self.kept_duties = kept;
        for ix in 0..self.operators.len() {
            self.recall_duty(OperatorIx(ix));
        }
        self
    }

    /// An operator whom the engine did not have before is as an earlier life left him. Of one whom the plan does not have,
    /// that is kept until it has him.
    pub(super) fn recall_duty(&mut self, ix: OperatorIx) {
        let now = self.now;
        let operator = self.operator(ix).plan.name.clone();
        let Some(KeptDuty { duty, wrap_up, desk }) = self.kept_duties.remove(&operator) else { return };
        // At a desk that the plan no longer has nobody is.
        let is_gone = desk.as_ref().is_some_and(|desk| self.plan.desk(desk).is_none());
        let duty = if is_gone { Some(Duty::SignedOut { since: now }) } else { duty };
        if let Some(desk) = desk.filter(|_| !is_gone) {
            self.seat(ix, Some(desk), DutyBy::Store);
        }
        if let Some(duty) = duty {
            let is_over = duty.until().is_some_and(|until| until <= now);
            self.set_duty(ix, if is_over { Duty::On } else { duty }, DutyBy::Store);
        }
        if let Some(until) = wrap_up.filter(|until| *until > now) {
            self.set_doing(ix, Doing::WrappingUp { since: now, until });
        }
    }

    /// A plan says of an operator whether he is signed in; of one of whom somebody has said otherwise it counts no more.
    pub(super) fn plan_duty(&mut self, ix: OperatorIx) {
        let planned = Duty::planned(&self.operator(ix).plan, self.now);
        let roster = &self.operator(ix).roster;
        if roster.by == DutyBy::Plan && roster.duty.away() != planned.away() {
            self.set_duty(ix, planned, DutyBy::Plan);
        }
    }

    /// Whether somebody's duty may be changed so.
    ///
    /// # Errors
    /// Why not.
    pub fn may_change_duty(&self, operator: &Name, change: &DutyChange) -> Result<(), NotChanged> {
        self.changeable(operator, change).map(drop)
    }

    fn changeable(&self, operator: &Name, change: &DutyChange) -> Result<OperatorIx, NotChanged> {
        let known = self.plan.operators.contains_key(operator);
        let ix = self.operators.get_index_of(operator).map(OperatorIx).filter(|_| known);
        let ix = ix.ok_or(NotChanged::NoSuchOperator)?;
        let is_signed_out = self.operator(ix).roster.duty.away() == Some(Away::SignedOut);
        let pauses = &self.plan.pauses;
        match change {
            DutyChange::Pause { reason: Some(reason), .. } if !pauses.is_empty() && !pauses.contains_key(reason) => {
                Err(NotChanged::NoSuchReason)
            }
            DutyChange::Pause { .. } | DutyChange::Resume if is_signed_out => Err(NotChanged::SignedOut),
            DutyChange::EndWrapUp | DutyChange::ExtendWrapUp(_) if self.wrap_up(ix).is_none() => {
                Err(NotChanged::NoWrapUp)
            }
            DutyChange::SignInAt(desk) => self.may_sit_at(ix, desk.as_ref()).map(|()| ix),
            DutyChange::SignIn | DutyChange::Toggle if is_signed_out => self.may_sit_at(ix, None).map(|()| ix),
            DutyChange::SignIn
            | DutyChange::SignOut
            | DutyChange::Pause { .. }
            | DutyChange::Resume
            | DutyChange::EndWrapUp
            | DutyChange::ExtendWrapUp(_)
            | DutyChange::Toggle => Ok(ix),
        }
    }

    /// Somebody changes an operator's duty.
    pub(super) fn change_duty(&mut self, operator: &Name, change: &DutyChange, by: DutyBy) -> Result<(), NotChanged> {
        let ix = match self.changeable(operator, change) {
            Ok(ix) => ix,
            Err(why) => {
                self.tell(None, Fact::Duty(DutyFact::NotChanged { operator: operator.clone(), by, why }));
                return Err(why);
            }
        };
        let now = self.now;
        let duty = match change {
            DutyChange::SignInAt(desk) => {
                self.sit_down(ix, desk.clone(), by);
                Duty::On
            }
            DutyChange::SignIn => {
                self.sit_down(ix, self.operator(ix).desk.clone(), by);
                Duty::On
            }
            DutyChange::Resume => Duty::On,
            DutyChange::SignOut => Duty::SignedOut { since: now },
            DutyChange::Toggle if self.operator(ix).roster.duty == Duty::On => Duty::SignedOut { since: now },
            DutyChange::Toggle => {
                self.sit_down(ix, self.operator(ix).desk.clone(), by);
                Duty::On
            }
            DutyChange::Pause { reason, lasts } => {
                let planned = reason.as_ref().and_then(|reason| self.plan.pauses.get(reason).copied().flatten());
                Duty::Paused { reason: reason.clone(), since: now, until: lasts.or(planned).map(|lasts| now + lasts) }
            }
            DutyChange::EndWrapUp => {
                self.end_wrap_up(ix, by);
                return Ok(());
            }
            DutyChange::ExtendWrapUp(more) => {
                self.extend_wrap_up(ix, *more, by);
                return Ok(());
            }
        };
        let is_signed_out = self.operator(ix).roster.duty.away() == Some(Away::SignedOut);
        if !(is_signed_out && duty.away() == Some(Away::SignedOut)) {
            self.set_duty(ix, duty, by);
        }
        for gone in std::mem::take(&mut self.replaced) {
            self.gone_from_queues(gone);
        }
        Ok(())
    }

    /// He is signed out, if he is not.
    pub(super) fn sign_out(&mut self, ix: OperatorIx, by: DutyBy) {
        if self.operator(ix).is_signed_in() {
            self.set_duty(ix, Duty::SignedOut { since: self.now }, by);
        }
    }

    fn set_duty(&mut self, ix: OperatorIx, duty: Duty, by: DutyBy) {
        let is_there = duty == Duty::On;
        self.put_duty(ix, duty, by);
        if is_there {
            self.match_operator(ix);
        } else {
            self.withdraw_from(ix);
            self.gone_from_queues(ix);
        }
    }

    /// He is signed out since somebody takes his place: those who wait are to be looked at when that one is there.
    pub(super) fn make_room(&mut self, ix: OperatorIx, by: DutyBy) {
        if self.operator(ix).is_signed_in() {
            self.put_duty(ix, Duty::SignedOut { since: self.now }, by);
            self.withdraw_from(ix);
            self.replaced.push(ix);
        }
    }

    /// Those who waited for an operator who is not there any more do so no longer.
    fn gone_from_queues(&mut self, ix: OperatorIx) {
        self.clear_queues_of(ix);
        self.let_others_have_his(ix);
    }

    fn put_duty(&mut self, ix: OperatorIx, duty: Duty, by: DutyBy) {
        let now = self.now;
        if duty.away() == Some(Away::SignedOut) && self.operator(ix).desk.is_some() {
            self.seat(ix, None, by);
        }
        let operator = &mut self.operators[ix.0];
        let (name, state) = (operator.plan.name.clone(), operator.state());
        let roster = &mut operator.roster;
        let from = std::mem::replace(&mut roster.duty, duty.clone());
        (roster.by, roster.misses) = (by, 0);
        if let Doing::Ready { since } = &mut operator.doing
            && from.away() != duty.away()
        {
            *since = now;
        }
        let to = operator.state();
        self.note_presence(ix);
        match duty.until() {
            Some(until) => self.timers.set(Wake::Duty(ix), until),
            None => self.timers.stop(Wake::Duty(ix)),
        }
        if from != duty {
            self.tell(None, Fact::Duty(DutyFact::Changed { operator: name.clone(), from, to: duty.clone(), by }));
        }
        if state != to {
            self.tell(None, Fact::OperatorChanged { operator: name, from: state, to });
        }
        if by != DutyBy::Store {
            self.keep_duty(ix);
        }
    }

    /// A pause has lasted as long as it was to.
    pub(super) fn on_pause_over(&mut self, ix: OperatorIx) {
        if self.operator(ix).roster.duty.until().is_some_and(|until| until <= self.now) {
            self.set_duty(ix, Duty::On, DutyBy::Automatic);
        }
    }

    /// A phone that rings for a queue is told to stop, and its caller is offered to the next.
    pub(super) fn withdraw_from(&mut self, ix: OperatorIx) {
        let operator = self.operator(ix);
        let legs = operator
            .follow
            .as_ref()
            .map_or_else(|| operator.doing.leg().into_iter().collect(), |follow| follow.legs.clone());
        let of_a_queue = |id: &LegId| self.legs.get(id).filter(|leg| leg.queue.is_some() && leg.phase.is_offered());
        let rings: Vec<(LegId, CallId)> =
            legs.into_iter().filter_map(|id| of_a_queue(&id).map(|leg| (id, leg.call))).collect();
        for (leg, call) in &rings {
            self.tell_offer_ended(*leg, OfferOutcome::OffDuty, Default::default());
            self.drop_offer(*call, *leg);
            self.dismiss_with(*leg, Reason::Normal, Rest::None);
        }
        if let Some((_, call)) = rings.first() {
            self.wants_more(*call);
            self.let_others_have(ix, Some(*call));
            self.go_on_waiting(*call);
        }
    }

    /// Until when an operator wraps up.
    fn wrap_up(&self, ix: OperatorIx) -> Option<Time> {
        self.operator(ix).wrap_up()
    }

    fn end_wrap_up(&mut self, ix: OperatorIx, by: DutyBy) {
        let operator = self.operator(ix).plan.name.clone();
        self.tell(None, Fact::Duty(DutyFact::WrapUp { operator, until: None, by }));
        self.operators[ix.0].roster.owed = None;
        if matches!(self.operator(ix).doing, Doing::WrappingUp { .. }) {
            self.on_rested(ix);
        } else {
            self.keep_duty(ix);
        }
    }

    fn extend_wrap_up(&mut self, ix: OperatorIx, more: Duration, by: DutyBy) {
        let Some(until) = self.wrap_up(ix) else { return };
        // However often he is asked, it does not last for ever.
        let until = (until + more).min(self.now + DutyChange::LONGEST);
        let operator = self.operator(ix).plan.name.clone();
        self.tell(None, Fact::Duty(DutyFact::WrapUp { operator, until: Some(until), by }));
        if let Doing::WrappingUp { since, .. } = self.operator(ix).doing {
            self.set_doing(ix, Doing::WrappingUp { since, until });
        } else {
            self.operators[ix.0].roster.owed = Some(until);
            self.keep_duty(ix);
        }
    }

    /// What the next life must know of an operator is written.
    pub(super) fn keep_duty(&mut self, ix: OperatorIx) {
        let operator = self.operator(ix);
        let duty = (operator.roster.by != DutyBy::Plan).then(|| operator.roster.duty.clone());
        let kept = KeptDuty { duty, wrap_up: operator.wrap_up(), desk: operator.desk.clone() };
        let operator = operator.plan.name.clone();
        self.errand(Errand::KeepDuty { operator, kept });
    }

    /// An operator did not take a call of a queue: that may be once too often.
    pub(super) fn missed(&mut self, operator: Option<OperatorIx>, queue: Option<QueueIx>, outcome: OfferOutcome) {
        let (Some(ix), Some(queue)) = (operator, queue) else { return };
        let Some(AutoPause { after, of, lasts, delay }) = &self.queue(queue).plan.auto_pause else { return };
        // He may be busy with what the last call was about.
        if self.operator(ix).done.last_talk.is_some_and(|last| self.now < last + *delay) {
            return;
        }
        if missed_by(outcome).is_none_or(|missed| !of.contains(&missed)) {
            return;
        }
        let (after, lasts, now) = (*after, *lasts, self.now);
        let roster = &mut self.operators[ix.0].roster;
        roster.misses = roster.misses.saturating_add(1);
        if roster.misses >= after && roster.duty == Duty::On {
            let (reason, until) = (Some(Name::new(AutoPause::REASON)), lasts.map(|lasts| now + lasts));
            self.set_duty(ix, Duty::Paused { reason, since: now, until }, DutyBy::Automatic);
        }
    }
}

/// How an operator did not take a call; `None`: he did, or it was not his doing.
pub(super) fn missed_by(outcome: OfferOutcome) -> Option<Missed> {
    match outcome {
        OfferOutcome::NoAnswer => Some(Missed::NoAnswer),
        OfferOutcome::Busy => Some(Missed::Busy),
        OfferOutcome::Declined => Some(Missed::Declined),
        OfferOutcome::Unreachable => Some(Missed::Unreachable),
        OfferOutcome::Answered
        | OfferOutcome::TrunkFull
        | OfferOutcome::AnsweredElsewhere
        | OfferOutcome::CallerLeft
        | OfferOutcome::Lapsed
        | OfferOutcome::OffDuty
        | OfferOutcome::Failed => None,
    }
}
