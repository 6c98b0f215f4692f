//! Ringing somebody in particular: the step `dial`.
//!
//! Everybody on its list is rung, one after the other or all together, until somebody answers or nobody is left. Who cannot
//! be rung is passed over at once: an operator who rings, talks with as many as he may or wraps up is engaged, and so is a trunk all of whose
//! channels are taken. An operator whose phone is only being told to stop ringing is waited for: he is free in a moment.
//! So is a leg that rang for the same caller and is ending, also one that an engine before this one dialled: a phone is not
//! rung twice side by side, and the trunk's channel is free in a moment.
//!
//! The caller hears it ring as with the step `ring`: one who may wait unanswered hears his own side's tone, and anybody else
//! Asterisk's. One who is rung alone is joined with him before he answers: then the caller hears whatever the far end lets him
//! hear instead. (Asterisk 22 makes the tone of such a leg's ringing by itself; 16 does not.)

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{
    Callee, Engine, Fact, LegId, OperatorIx,
    call::{Dialling, Doing, Switch},
    leg::{Leg, Phase, Way},
    notice::{Miss, OfferOutcome},
    offer::Wanted,
    operator::{self, Rest},
    phone::Hindrance,
};
use crate::{
    dialplan::{Dial, DialMode, Outside, Reaches, Target, expr::Value},
    domain::{CallId, E164, Name, Reason},
};

/// A step that lasted so long did not merely hurry through the plan.
const NO_HURRY: Duration = Duration::from_secs(1);

/// Whether an operator can be rung.
enum Standby {
    Free,
    /// His phone is being told to stop, and he is free then.
    Stopping,
    Engaged,
}

impl Engine {
    /// Rings whom a step names.
    pub(super) fn dial(&mut self, id: CallId, dial: &Arc<Dial>) {
        let now = self.now;
        self.is_to_hear(id);
        self.unpark(id);
        let before = self.ending_for(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        // What he pressed before was not for whatever comes after this.
        call.ahead.forget();
        call.doing = Doing::Dialling(Dialling::new(dial.clone(), now, before));
        match call.switch {
            // He was found in this step, as is written on his channel; and he may still hear a prompt.
            Switch::Found | Switch::FoundFor(_) => self.arm(id, Duration::ZERO),
            // Whoever finds him knows where he was.
            Switch::Ours => self.write(id, self.setup.limits.dead_man, None),
        }
        self.dial_on(id);
    }

    /// Legs to phones and over trunks that a step dialled for a caller and that are ending. An operator is asked himself
    /// whether he is free.
    fn ending_for(&self, id: CallId) -> Vec<LegId> {
        let is_going = |leg: &Leg| matches!(leg.phase, Phase::Going { .. });
        let dialled = |leg: &Leg| leg.callee.is_some() && leg.operator.is_none();
        self.legs.of(id).filter(|(_, leg)| is_going(leg) && dialled(leg)).map(|(leg, _)| leg).collect()
    }

    pub(super) fn dialling_mut(&mut self, id: CallId) -> Option<&mut Dialling> {
        match &mut self.calls.get_mut(&id)?.doing {
            Doing::Dialling(dialling) => Some(dialling),
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Recording(_)
            | Doing::Queued(_)
            | Doing::Chosen(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => None,
        }
    }

    /// Rings whoever is next, and goes on in the plan when nobody is left.
    pub(super) fn dial_on(&mut self, id: CallId) {
        if !self.calls.get(&id).is_some_and(|call| self.is_up(call.channel.node)) {
            return;
        }
        while let Some(dialling) = self.dialling_mut(id).filter(|dialling| dialling.before.is_empty()) {
            let (dial, idle) = (dialling.dial.clone(), dialling.is_idle());
            match dial.to.get(dialling.tried) {
                Some(target) if idle || dial.mode == DialMode::AtOnce => {
                    dialling.tried += 1;
                    self.ring_target(id, target, &dial);
                }
                None if idle => return self.nobody_answered(id),
                Some(_) | None => return,
            }
        }
    }

    fn ring_target(&mut self, id: CallId, target: &Target, dial: &Dial) {
        let Some(plan) = self.calls.get(&id).map(|call| call.plan.clone()) else { return };
        match target {
            Target::Operator(name) => match self.operators.get_index_of(name).map(OperatorIx) {
                Some(operator) => self.ring_operator(id, operator, dial),
                None => self.broken(id, "a plan's operator is not in the engine"),
            },
            Target::Phone(extension) => {
                let Some(Reaches::Phone(endpoint)) = plan.extensions.get(extension).map(|it| &it.reaches) else {
                    return self.broken(id, "a plan's phone is not in the plan");
                };
                let callee = Callee::Phone(extension.clone());
                self.ring_one(id, Wanted::new(callee, endpoint.clone(), dial.ring, way_of(dial)));
            }
            Target::Outside { number, trunk } => match self.number(id, number) {
                Some(number) => self.ring_outside(id, number, trunk, dial),
                None => {
                    self.tell(Some(id), Fact::NoNumber);
                    self.miss(id, OfferOutcome::Unreachable);
                }
            },
        }
    }

    /// A number outside, if it is one. This is where what a caller said could become part of a dial string.
    fn number(&self, id: CallId, number: &Outside) -> Option<E164> {
        match number {
            Outside::Number(number) => Some(number.clone()),
            Outside::Computed(expr) => {
                let country = self.calls.get(&id)?.plan.numbers.country();
                match self.value(id, expr)? {
                    Value::Text(text) => E164::read(&text, country),
                    Value::Number(_) | Value::Truth(_) => None,
                }
            }
        }
    }

    fn ring_operator(&mut self, id: CallId, operator: OperatorIx, dial: &Dial) {
        let plan = self.operator(operator).plan.clone();
        let callee = Callee::Operator(plan.name);
        match self.standby(operator) {
            Standby::Free if self.is_absent_for(operator, id) => {
                self.pass_over(id, callee, OfferOutcome::Unreachable);
            }
            Standby::Free if self.is_within_reach(operator) => {
                self.ring_phones(id, operator, None, dial.ring, way_of(dial));
            }
            Standby::Free => self.pass_over(id, callee, OfferOutcome::TrunkFull),
            Standby::Stopping => {
                self.awaited.insert((operator, id));
                if let Some(dialling) = self.dialling_mut(id) {
                    dialling.awaits.insert(operator);
                }
            }
            Standby::Engaged => self.pass_over(id, callee, OfferOutcome::Busy),
        }
    }

    fn standby(&self, operator: OperatorIx) -> Standby {
        let operator = self.operator(operator);
        let phone = &operator.phone;
        match operator.doing {
            operator::Doing::Ready { .. } | operator::Doing::BackingOff { .. }
                if phone.hindrance() == Some(Hindrance::Busy) =>
            {
                Standby::Engaged
            }
            operator::Doing::Ready { .. } | operator::Doing::BackingOff { .. } if operator.is_full() => {
                let stops = |talk: &operator::Doing| talk.leg().is_some_and(|leg| self.stops(leg));
                if operator.besides.iter().any(stops) { Standby::Stopping } else { Standby::Engaged }
            }
            // Left alone by the queues after an offer that he did not take; who asks for him by name may have him.
            operator::Doing::Ready { .. } | operator::Doing::BackingOff { .. } => Standby::Free,
            operator::Doing::Ringing { leg, .. } | operator::Doing::Talking { leg, .. } if self.stops(leg) => {
                Standby::Stopping
            }
            operator::Doing::Ringing { .. } | operator::Doing::Talking { .. } => Standby::Engaged,
            operator::Doing::Chosen { .. } | operator::Doing::Calling { .. } | operator::Doing::WrappingUp { .. } => {
                Standby::Engaged
            }
        }
    }

    /// Whether a leg has been hung up, and nothing is owed for it: whom it rang, or talked to, may be rung when it has ended.
    fn stops(&self, leg: LegId) -> bool {
        match self.legs.get(&leg).map(|leg| leg.phase) {
            Some(Phase::Going { rest: Rest::WrapUp(rest), .. }) => rest.is_zero(),
            Some(Phase::Going { .. }) => true,
            Some(Phase::Making | Phase::Ringing | Phase::Asked { .. } | Phase::Talking) | None => false,
        }
    }

    fn ring_outside(&mut self, id: CallId, number: E164, name: &Name, dial: &Dial) {
        let Some(trunk) = self.calls.get(&id).and_then(|call| call.plan.trunks.get(name)).cloned() else {
            return self.broken(id, "a plan's trunk is not in the plan");
        };
        let endpoint = trunk.dial.dial(&number);
        let callee = Callee::Outside { number, trunk: name.clone() };
        if trunk.channels.is_some_and(|channels| self.on_trunk(name) >= channels as usize) {
            return self.pass_over(id, callee, OfferOutcome::TrunkFull);
        }
        let (shows, over) = (self.shown(id, None, None, Some(&trunk)), Some(name.clone()));
        self.ring_one(id, Wanted { shows, trunk: over, ..Wanted::new(callee, endpoint, dial.ring, way_of(dial)) });
    }

    /// Channels of a trunk that are taken, by legs that have not ended, and by those who were called back.
    pub(super) fn on_trunk(&self, trunk: &Name) -> usize {
        self.legs.on(trunk) + self.called_out.values().filter(|it| *it == trunk).count()
    }

    fn ring_one(&mut self, id: CallId, wanted: Wanted) {
        let leg = self.ring_phone(id, wanted);
        self.rings_for(id, leg);
    }

    /// Somebody is not rung at all.
    fn pass_over(&mut self, id: CallId, callee: Callee, outcome: OfferOutcome) {
        let (rang, cause) = Default::default();
        self.tell(Some(id), Fact::OfferEnded { queue: None, callee, outcome, rang, cause });
        self.miss(id, outcome);
    }

    /// Somebody did not answer, for this reason.
    pub(super) fn miss(&mut self, id: CallId, outcome: OfferOutcome) {
        if let Some(dialling) = self.dialling_mut(id) {
            dialling.missed = dialling.missed.max(Miss::of(outcome));
        }
    }

    /// Operators who were waited for while their phones stopped: they are rung, or passed over when somebody has them.
    pub(super) fn serve_awaited(&mut self) {
        if self.awaited.is_empty() {
            return;
        }
        let still = |it: &(OperatorIx, CallId)| matches!(self.standby(it.0), Standby::Stopping);
        let (still, over): (BTreeSet<_>, BTreeSet<_>) = self.awaited.iter().copied().partition(still);
        self.awaited = still;
        for (operator, id) in over {
            let dialling = self.dialling_mut(id);
            let dial = dialling.and_then(|it| it.awaits.remove(&operator).then(|| it.dial.clone()));
            let is_up = self.calls.get(&id).is_some_and(|call| self.is_up(call.channel.node));
            // With his node away he is rung for when it is back.
            if let Some(dial) = dial.filter(|_| is_up) {
                self.ring_operator(id, operator, &dial);
                self.dial_on(id);
            }
            self.match_operator(operator);
        }
    }

    /// Whether somebody has asked for an operator by name, and is to have him before any queue.
    pub(super) fn is_awaited(&self, operator: OperatorIx) -> bool {
        self.awaited_for(operator).is_some()
    }

    /// The first call that asks for an operator by name, and is to have him before any queue.
    pub(super) fn awaited_for(&self, operator: OperatorIx) -> Option<CallId> {
        self.awaited.iter().find(|(awaited, _)| *awaited == operator).map(|(_, call)| *call)
    }

    /// Something went wrong with a leg that rings, or it ended by itself in that very moment: why is told with its end.
    pub(super) fn await_end(&mut self, call: CallId, leg: LegId) -> bool {
        let Some(dialling) = self.dialling_mut(call) else { return false };
        dialling.legs.retain(|other| *other != leg);
        dialling.ending.push(leg);
        true
    }

    /// Nobody answered, and nobody is left to be rung.
    fn nobody_answered(&mut self, id: CallId) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Doing::Dialling(dialling) = &call.doing else { return };
        if now.since(dialling.since) >= NO_HURRY {
            call.hurried = 0;
        }
        let (dial, missed) = (dialling.dial.clone(), dialling.missed.unwrap_or(Miss::Unreachable));
        let own = match missed {
            Miss::Unreachable => dial.unreachable,
            Miss::Busy => dial.busy,
            Miss::NoAnswer => dial.no_answer,
        };
        let behind = call.plan.step(call.at).next;
        // Whoever finds him from now on does not ring for him again.
        call.doing = Doing::Resting { hums: false };
        if call.switch == Switch::Ours {
            // What is written says otherwise, so it is written anew before he hears anything.
            call.armed = None;
        }
        self.hush(id);
        self.tell(Some(id), Fact::NobodyAnswered { missed });
        self.go(id, own.or(dial.otherwise).or(behind));
    }

    /// The caller is rung for no longer: he left, or was taken away.
    pub(super) fn stop_dialling(&mut self, dialling: Dialling, why: OfferOutcome) {
        for leg in dialling.ending {
            self.tell_offer_ended(leg, why, Default::default());
        }
        for leg in dialling.legs {
            self.withdraw(leg, why, Reason::Normal);
        }
    }
}

/// How somebody is rung: alone, he is in one bridge with the caller before he answers.
fn way_of(dial: &Dial) -> Way {
    match dial.mode {
        DialMode::AtOnce if dial.to.len() > 1 => Way::Originated,
        DialMode::AtOnce | DialMode::InTurn => Way::Created,
    }
}
