//! What is told of who waits and of who is not rung, held against the engine's state by other means than those by which it
//! decides: slow, and looking at one thing at a time.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    dialplan::Terms,
    domain::{CallId, Name},
    engine::{
        Duty, Engine, OperatorIx, QueueIx,
        call::{Call, Doing as Does, Standing, Wants},
        explain::{OperatorForCall, Reason, Waits, Why},
        leg::{Leg, Phase},
        operator::{Doing, Operator},
        phone::Hindrance,
        queue::{Place, Queue},
    },
};

/// Of each caller who waits and each operator of his queue something is in the way, and all that is told is so.
#[track_caller]
pub(super) fn assert_all_is_told(engine: &Engine) {
    for queue in engine.queues.values() {
        for place in &queue.line {
            let told = engine.explain_call(place.call, engine.now).expect("he waits");
            let waits = told.waits.expect("he waits");
            let others = strangers(engine, place, queue) + of_others(engine, place, queue);
            assert_eq!(waits.operators.len(), queue.members.len() + others, "{waits:?}");
            let one = One { engine, queue, place, waits: &waits, is_guest: false };
            one.waits.reasons.iter().for_each(|reason| assert!(one.is_so(reason, None), "{reason:?} of {place:?}"));
            for operator in &one.waits.operators {
                match &operator.through {
                    None => one.look_at(operator),
                    Some(through) => one.as_guest_of(through).look_at(operator),
                }
            }
        }
    }
    for name in engine.plan.operators.keys() {
        let told = engine.explain_operator(name, engine.now).expect("an operator of the plan");
        let waits = |call: CallId| engine.standing(call).is_some();
        assert!(told.next.is_none_or(|next| waits(next.call)), "{name}: nobody waits there");
    }
}

/// Whether one is assigned who does not serve the queue.
fn strangers(engine: &Engine, place: &Place, queue: &Queue) -> usize {
    let assigned = engine.standing(place.call).and_then(|standing| standing.assigned);
    usize::from(assigned.is_some_and(|operator| queue.members.iter().all(|member| member.operator != operator)))
}

/// How many operators of other queues may take him.
fn of_others(engine: &Engine, place: &Place, queue: &Queue) -> usize {
    let standing = engine.standing(place.call).expect("he waits");
    let is_own = |ix: OperatorIx| queue.members.iter().any(|own| own.operator == ix) || standing.assigned == Some(ix);
    let members = standing.also.iter().flat_map(|guest| &engine.queue(guest.queue).members);
    let others: BTreeSet<OperatorIx> = members.map(|member| member.operator).filter(|ix| !is_own(*ix)).collect();
    others.len()
}

/// A caller as a queue has him: his own, or another one.
#[derive(Clone, Copy)]
struct One<'e> {
    engine: &'e Engine,
    queue: &'e Queue,
    place: &'e Place,
    waits: &'e Waits,
    is_guest: bool,
}

impl<'e> One<'e> {
    fn as_guest_of(&self, through: &Name) -> Self {
        let (_, queue) = self.engine.queues.get_key_value(through).expect("a queue");
        let standing: &'e Standing = self.engine.standing(self.place.call).expect("he waits");
        let is_it = |queue: QueueIx| self.engine.queue(queue).plan.name == *through;
        let guest = standing.also.iter().find(|guest| is_it(guest.queue)).expect("he is a guest there");
        Self { queue, place: &guest.place, is_guest: true, ..*self }
    }

    #[track_caller]
    fn look_at(&self, told: &OperatorForCall) {
        let ix = OperatorIx(self.engine.operators.get_index_of(&told.operator).expect("an operator"));
        assert!(
            !told.reasons.is_empty() || !self.waits.reasons.is_empty(),
            "{:?} waits and {} is free",
            self.place.call,
            told.operator
        );
        for reason in &told.reasons {
            assert!(self.is_so(reason, Some(ix)), "{reason:?} of {} and {:?}: {self}", told.operator, self.place);
        }
    }

    fn standing(&self) -> &Standing {
        self.engine.standing(self.place.call).expect("he waits")
    }

    fn terms(&self) -> &Terms {
        let waited = self.engine.now.since(self.place.joined);
        let begun = self.queue.plan.terms.iter().filter(|terms| terms.after <= waited);
        begun.max_by_key(|terms| terms.after).expect("there are some from the beginning on")
    }

    /// Whether no leg of an operator rings, and none talks but in conversations that he has besides.
    fn only_talks(&self, ix: OperatorIx) -> bool {
        let is_up = |leg: &Leg| !matches!(leg.phase, Phase::Going { .. });
        let besides = self.engine.operator(ix).besides.iter().filter_map(|talk| talk.leg());
        let besides = besides.filter(|leg| is_up(&self.engine.legs[leg])).count();
        let legs = self.engine.legs.values().filter(|leg| leg.operator == Some(ix) && is_up(leg));
        legs.count() == besides
    }

    /// Whether an operator has to do with as many callers as he may.
    fn is_full(&self, ix: OperatorIx) -> bool {
        let legs = self.engine.legs.values().filter(|leg| leg.operator == Some(ix)).count();
        let given = |call: &&Call| matches!(&call.doing, Does::Chosen(chosen) if chosen.operator == ix);
        let given = self.engine.calls.values().filter(given).count();
        legs + given >= self.engine.operator(ix).plan.capacity as usize
    }

    fn is_so(&self, reason: &Reason, operator: Option<OperatorIx>) -> bool {
        let Some(ix) = operator else { return self.is_so_of_all(reason) };
        let (engine, operator) = (self.engine, self.engine.operator(ix));
        let penalty = self.queue.members.iter().find(|member| member.operator == ix).map(|member| member.penalty);
        match reason.why {
            Why::SignedOut => matches!(operator.roster.duty, Duty::SignedOut { .. }),
            Why::Paused => {
                let until = reason.until.map(|until| until.as_microsecond());
                matches!(&operator.roster.duty, Duty::Paused { reason: why, until: ends, .. }
                    if *why == reason.because && ends.map(|at| at.as_micros().cast_signed()) == until)
            }
            Why::Ringing => self.has_leg(ix, |phase| phase.is_offered()) && self.is_engaged_with(operator, reason),
            Why::HangingUp => self.only_talks(ix) && reason.call.is_some(),
            Why::Full => self.is_full(ix),
            Why::Talking => match operator.doing {
                Doing::Talking { .. } => self.has_leg(ix, |phase| phase == Phase::Talking),
                Doing::Chosen { talks, .. } => talks,
                _ => false,
            },
            Why::Reserved => matches!(operator.doing, Doing::Chosen { talks: false, .. }),
            Why::Calling => engine.calls.values().any(|call| call.operator == Some(ix) && Some(call.id) == reason.call),
            Why::WrappingUp => matches!(operator.doing, Doing::WrappingUp { .. }) && reason.until.is_some(),
            Why::BackingOff => matches!(operator.doing, Doing::BackingOff { .. }) && reason.until.is_some(),
            Why::Busy => operator.phone.hindrance() == Some(Hindrance::Busy),
            Why::Unreachable => operator.phone.hindrance() == Some(Hindrance::Unreachable),
            Why::RegisteredElsewhere => {
                let call = engine.calls.get(&self.place.call).expect("he waits");
                operator.phone.is_out_of_reach(call.channel.node)
            }
            Why::Awaited => engine.awaited.iter().any(|(who, call)| *who == ix && Some(*call) == reason.call),
            Why::TrunkFull => {
                let trunk = reason.trunk.as_ref().expect("a trunk");
                let used = engine.legs.values().filter(|leg| leg.trunk.as_ref() == Some(trunk)).count();
                let channels = engine.plan.trunks.get(trunk).and_then(|trunk| trunk.channels).expect("a limit");
                operator.plan.trunk.as_ref() == Some(trunk) && used >= channels as usize
            }
            Why::AcceptsByKey => {
                operator.plan.accept.is_some() && matches!(self.standing().wants, Wants::Choice { .. })
            }
            Why::LacksSkill => {
                let skill = reason.skill.as_ref().expect("a skill");
                let level = operator.plan.skills.get(skill).copied();
                let call = engine.calls.get(&self.place.call).expect("he waits");
                let of_call = call.requires.at(engine.now.since(self.place.joined));
                let asked = [Some(&self.terms().skills), of_call].into_iter().flatten();
                let mut asked = asked.filter_map(|skills| skills.get(skill).copied());
                asked.any(|least| level.is_none_or(|level| level < least) && reason.least == Some(least))
            }
            Why::WaitsForAnother => {
                let sticky = self.standing().sticky.expect("somebody talked to him");
                let name = &engine.operator(sticky.operator).plan.name;
                sticky.operator != ix && reason.because.as_ref() == Some(name)
            }
            Why::Penalty => {
                let limits = self.terms().penalties;
                let counts = reason.penalty.expect("a penalty");
                let raised = limits.raise.map_or(0, |raise| raise.to);
                let own = penalty.expect("he serves it");
                let counts_so = counts == own || counts == own.max(raised);
                counts_so && (counts < limits.min || limits.max.is_some_and(|max| counts > max))
            }
            Why::Tier => self.queue.rings_all() && reason.max < reason.penalty && !self.standing().legs.is_empty(),
            Why::Behind => self.is_behind(ix, reason),
            Why::RungFor => self.is_guest && !self.standing().legs.is_empty(),
            Why::NodeAway | Why::NoOperators | Why::NobodyWaits | Why::NobodyForHim => false,
        }
    }

    fn is_so_of_all(&self, reason: &Reason) -> bool {
        match reason.why {
            Why::NodeAway => {
                let node = self.engine.calls.get(&self.place.call).map(|call| call.channel.node).expect("he waits");
                self.engine.nodes.get(&node).is_none_or(|node| !node.up)
            }
            Why::RungFor => {
                let legs = self.standing().legs.iter().map(|leg| &self.engine.legs[leg]);
                let is_told = |leg: &Leg| {
                    matches!(leg.phase, Phase::Asked { .. }) && leg.accept.as_ref().is_some_and(|accept| !accept.by_key)
                };
                legs.clone().count() > 0 && (!self.queue.rings_all() || legs.into_iter().any(is_told))
            }
            Why::NoOperators => self.queue.members.is_empty(),
            _ => false,
        }
    }

    fn has_leg(&self, operator: OperatorIx, is: impl Fn(Phase) -> bool) -> bool {
        self.engine.legs.values().any(|leg| leg.operator == Some(operator) && is(leg.phase))
    }

    fn is_engaged_with(&self, operator: &Operator, reason: &Reason) -> bool {
        let leg = operator.doing.leg().and_then(|leg| self.engine.legs.get(&leg));
        matches!(operator.doing, Doing::Ringing { .. }) && leg.map(|leg| leg.call) == reason.call
    }

    /// The other one is before him at this operator, and may be given to him.
    fn is_behind(&self, operator: OperatorIx, reason: &Reason) -> bool {
        let other = reason.call.expect("a call");
        let Some(Does::Queued(standing)) = self.engine.calls.get(&other).map(|call| &call.doing) else { return false };
        if reason.because.as_deref() == Some("assigned") {
            return standing.assigned == Some(operator) && other != self.place.call;
        }
        standing.claims().any(|claim| {
            let his = self.engine.queue(claim.queue);
            let serves = his.members.iter().any(|member| member.operator == operator);
            let heavier = his.plan.weight > self.queue.plan.weight;
            let as_heavy = his.plan.weight == self.queue.plan.weight;
            serves && his.wanting.contains(&claim.place) && (heavier || as_heavy && claim.place < *self.place)
        })
    }
}

impl std::fmt::Display for One<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let waited: Duration = self.engine.now.since(self.place.joined);
        write!(f, "in {} for {waited:?}, {:?}", self.queue.plan.name, self.standing())
    }
}
