//! An operator's telephones: one offer that rings at several of them, in turn or together.
//!
//! The first telephone on which he takes the call has it, and the others are told that it was taken elsewhere. One that comes
//! to nothing ends nothing while another of his rings or has its turn still: only when all have, the offer has. A telephone that
//! he is not at, because its hours are closed, and one to which its trunk has no line, are passed over.
//!
//! An operator with one telephone has none of this: his offer is its leg.

use std::{collections::VecDeque, time::Duration};

use super::{
    Callee, Engine, LegId, OperatorIx, QueueIx, Wake,
    call::Hum,
    leg::{Phase, Way},
    notice::{Miss, OfferOutcome},
    offer::Wanted,
    operator::{Doing, Operator, Rest},
};
use crate::{
    dialplan::{self, Phone},
    domain::{CallId, Name, NodeId, Reason, Time},
};

/// One offer at several telephones.
#[derive(Debug)]
pub(crate) struct Follow {
    /// For whom.
    pub(crate) call: CallId,
    queue: Option<QueueIx>,
    /// How long each rings.
    ring: Duration,
    /// Since when.
    pub(crate) since: Time,
    /// Those that have their turn still, the next one first.
    pub(crate) ahead: VecDeque<Phone>,
    /// Legs that have not ended.
    pub(crate) legs: Vec<LegId>,
    /// What became of those that came to nothing: how near he was to taking the call.
    missed: Option<OfferOutcome>,
    /// Whether it was told what became of the offer.
    pub(crate) told: bool,
}

impl Engine {
    /// Rings an operator, at each of his telephones that is meant now.
    pub(super) fn ring_phones(
        &mut self,
        id: CallId,
        operator: OperatorIx,
        queue: Option<QueueIx>,
        ring: Duration,
        way: Way,
    ) {
        let plan = self.operator(operator).plan.clone();
        if plan.phones.is_empty() {
            let trunk = plan.trunk.as_ref().and_then(|trunk| self.plan.trunks.get(trunk));
            let shows = self.shown(id, queue, Some(&plan), trunk);
            let wanted = Wanted { shows, ..Wanted::new(Callee::Operator(plan.name), plan.dial, ring, way) };
            let wanted = Wanted { operator: Some(operator), queue, accept: plan.accept, trunk: plan.trunk, ..wanted };
            let leg = self.ring_phone(id, wanted);
            return self.rings_for(id, leg);
        }
        let ahead = self.phones_now(&plan).into();
        let (since, legs, missed, told) = (self.now, Vec::new(), None, false);
        let follow = Follow { call: id, queue, ring, since, ahead, legs, missed, told };
        self.operators[operator.0].follow = Some(Box::new(follow));
        self.ring_next_phone(operator, None);
    }

    /// Whoever is rung for a caller rings for him from now on.
    pub(super) fn rings_for(&mut self, id: CallId, leg: Option<LegId>) {
        if let Some(standing) = self.standing_mut(id) {
            standing.legs.extend(leg);
        } else if let Some(dialling) = self.dialling_mut(id) {
            dialling.legs.extend(leg);
            if self.calls.get(&id).is_some_and(|call| call.hum != Some(Hum::Ringing)) {
                self.hum(id, Hum::Ringing);
            }
        }
    }

    /// His telephones that are meant now, in the order of their turns; there is one at least.
    fn phones_now(&self, operator: &dialplan::Operator) -> Vec<Phone> {
        let has_line = |phone: &Phone| phone.trunk.as_ref().is_none_or(|trunk| self.has_line(trunk));
        let is_open = |phone: &Phone| phone.hours.as_ref().is_none_or(|of| self.are_open(&self.plan, of));
        let mut phones: Vec<Phone> =
            operator.phones.iter().filter(|phone| has_line(phone) && is_open(phone)).cloned().collect();
        if phones.is_empty() {
            // Nobody says where else he is.
            phones.extend(operator.phones.iter().find(|phone| has_line(phone)).or(operator.phones.first()).cloned());
        }
        phones.sort_by_key(|phone| phone.after);
        phones
    }

    /// Whether a trunk has a line to spare.
    pub(super) fn has_line(&self, trunk: &Name) -> bool {
        let channels = self.plan.trunks.get(trunk).and_then(|trunk| trunk.channels);
        channels.is_none_or(|channels| self.on_trunk(trunk) < channels as usize)
    }

    /// Whether an operator has a telephone to which there is a line.
    pub(super) fn is_within_reach(&self, operator: OperatorIx) -> bool {
        self.no_line_to(operator).is_none()
    }

    /// The trunk to an operator's first telephone, if there is no line to any of them.
    pub(super) fn no_line_to(&self, operator: OperatorIx) -> Option<&Name> {
        let plan = &self.operator(operator).plan;
        let full = plan.trunk.as_ref().filter(|trunk| !self.has_line(trunk))?;
        let has_line = |phone: &Phone| phone.trunk.as_ref().is_none_or(|trunk| self.has_line(trunk));
        (!plan.phones.iter().any(has_line)).then_some(full)
    }

    /// The telephone whose turn it was has rung for long enough.
    pub(super) fn on_next_phone(&mut self, operator: OperatorIx) {
        // While he is asked at one of them he is not called away from it: the next has its turn when he does not take the call.
        let is_asked = |leg: &LegId| matches!(self.legs.get(leg).map(|leg| leg.phase), Some(Phase::Asked { .. }));
        let follow = self.operator(operator).follow.as_ref();
        if follow.is_some_and(|follow| !follow.legs.iter().any(is_asked)) {
            self.ring_next_phone(operator, None);
        }
    }

    /// The next telephones have their turn, and those before them stop. Whether any ring; `over`: a leg that has come to
    /// nothing by itself.
    fn ring_next_phone(&mut self, operator: OperatorIx, over: Option<LegId>) -> bool {
        let Some(follow) = &self.operator(operator).follow else { return false };
        let (id, before) = (follow.call, follow.legs.clone());
        let mut rings = false;
        while !rings && let Some(turn) = self.next_turn(operator) {
            for phone in turn {
                rings |= self.ring_one_of(operator, phone);
            }
        }
        if rings {
            for leg in before.into_iter().filter(|leg| Some(*leg) != over) {
                if self.legs.get(&leg).is_some_and(|leg| leg.phase.is_offered()) {
                    self.follow_missed(operator, OfferOutcome::NoAnswer);
                    self.drop_offer(id, leg);
                    self.dismiss_with(leg, Reason::Normal, Rest::None);
                }
            }
        }
        rings
    }

    /// Takes out those that ring together next, and sets the time of those behind them.
    fn next_turn(&mut self, operator: OperatorIx) -> Option<Vec<Phone>> {
        let follow = self.operators[operator.0].follow.as_mut()?;
        let after = follow.ahead.front()?.after;
        let behind = follow.ahead.iter().position(|phone| phone.after != after).unwrap_or(follow.ahead.len());
        let turn = follow.ahead.drain(..behind).collect();
        match follow.ahead.front().map(|next| follow.since + next.after) {
            Some(at) => self.timers.set(Wake::Phone(operator), at),
            None => self.timers.stop(Wake::Phone(operator)),
        }
        Some(turn)
    }

    fn ring_one_of(&mut self, operator: OperatorIx, phone: Phone) -> bool {
        let Phone { dial, trunk, accept, .. } = phone;
        if trunk.as_ref().is_some_and(|trunk| !self.has_line(trunk)) {
            self.follow_missed(operator, OfferOutcome::TrunkFull);
            return false;
        }
        let Operator { plan, follow: Some(follow), .. } = self.operator(operator) else { return false };
        let (id, queue, ring) = (follow.call, follow.queue, follow.ring);
        let callee = Callee::Operator(plan.name.clone());
        let over = trunk.as_ref().and_then(|trunk| self.plan.trunks.get(trunk));
        let shows = self.shown(id, queue, Some(plan), over);
        let wanted = Wanted { shows, ..Wanted::new(callee, dial, ring, Way::Originated) };
        let leg = self.ring_phone(id, Wanted { operator: Some(operator), queue, accept, trunk, ..wanted });
        self.rings_for(id, leg);
        leg.is_some()
    }

    /// A leg of an operator is dialled: whether it begins his offer.
    pub(super) fn begins_offer(&mut self, operator: OperatorIx, leg: LegId) -> bool {
        let Some(follow) = &mut self.operators[operator.0].follow else { return true };
        follow.legs.push(leg);
        follow.legs.len() == 1
    }

    fn follow_missed(&mut self, operator: OperatorIx, outcome: OfferOutcome) {
        if let Some(follow) = &mut self.operators[operator.0].follow
            && follow.missed.and_then(Miss::of) < Miss::of(outcome)
        {
            follow.missed = Some(outcome);
        }
    }

    /// A leg came to nothing. Whether its offer goes on at another telephone of the same operator.
    pub(super) fn goes_on_elsewhere(&mut self, id: LegId, outcome: OfferOutcome) -> bool {
        let Some(operator) = self.legs.get(&id).and_then(|leg| leg.operator) else { return false };
        let Some(follow) = self.operator(operator).follow.as_ref().filter(|it| it.legs.contains(&id) && !it.told)
        else {
            return false;
        };
        let rings = |leg: &LegId| *leg != id && self.legs.get(leg).is_some_and(|leg| leg.phase.is_offered());
        let others = follow.legs.iter().any(rings);
        let overdue = !follow.ahead.is_empty() && !self.timers.is_set(Wake::Phone(operator));
        self.follow_missed(operator, outcome);
        if self.taking_stock || others && !overdue {
            return others;
        }
        self.ring_next_phone(operator, Some(id)) || others
    }

    /// What an offer came to, of which the last leg came to this.
    pub(super) fn came_to(&self, id: LegId, outcome: OfferOutcome) -> OfferOutcome {
        let operator = self.legs.get(&id).and_then(|leg| leg.operator);
        let follow = operator.and_then(|operator| self.operator(operator).follow.as_ref());
        follow.and_then(|follow| follow.missed).unwrap_or(outcome)
    }

    /// What became of an offer is about to be told, as of one of its legs. Since when it was made; `None`: it was told before.
    pub(super) fn close_offer(&mut self, id: LegId) -> Option<Time> {
        let leg = self.legs.get(&id)?;
        let since = leg.since;
        let Some(operator) = leg.operator else { return Some(since) };
        let Some(follow) = &mut self.operators[operator.0].follow else { return Some(since) };
        if std::mem::replace(&mut follow.told, true) {
            return None;
        }
        follow.ahead.clear();
        let since = follow.since;
        self.timers.stop(Wake::Phone(operator));
        Some(since)
    }

    /// A leg of an operator has ended, and another of his has not: what he is owed waits for the end of that one. Whether there
    /// is one.
    pub(super) fn hands_on(&mut self, operator: OperatorIx, ended: LegId, rest: Rest) -> bool {
        let Some(follow) = &mut self.operators[operator.0].follow else { return false };
        follow.legs.retain(|leg| *leg != ended);
        let offered = |leg: &LegId| self.legs.get(leg).is_some_and(|leg| leg.phase.is_offered());
        let other = follow.legs.iter().copied().find(offered).or(follow.legs.first().copied());
        let Some(other) = other else {
            self.operators[operator.0].follow = None;
            self.timers.stop(Wake::Phone(operator));
            return false;
        };
        let doing = &mut self.operators[operator.0].doing;
        match doing {
            Doing::Ringing { leg, .. } | Doing::Talking { leg, .. } if *leg == ended => *leg = other,
            Doing::Ready { .. }
            | Doing::Ringing { .. }
            | Doing::Talking { .. }
            | Doing::Chosen { .. }
            | Doing::Calling { .. }
            | Doing::WrappingUp { .. }
            | Doing::BackingOff { .. } => {}
        }
        let with = doing.leg().unwrap_or(other);
        if let Some(Phase::Going { rest: owed, .. }) = self.legs.get_mut(&with).map(|leg| &mut leg.phase)
            && rest != Rest::None
        {
            *owed = rest;
        }
        true
    }

    /// He was found to talk: what rings elsewhere for the same offer is no longer his. Where the telephone that stands for the
    /// offer rings no more, it ends with the others.
    pub(super) fn forsake_others(&mut self, operator: OperatorIx) {
        let with = self.operator(operator).doing.leg();
        let offered = |leg: &LegId| self.legs.get(leg).is_some_and(|leg| leg.phase.is_offered());
        let Some(follow) = &self.operator(operator).follow else { return };
        let (call, others): (CallId, Vec<LegId>) =
            (follow.call, follow.legs.iter().copied().filter(|leg| Some(*leg) != with).collect());
        let ends_with = others.iter().copied().find(offered).filter(|_| !with.is_some_and(|leg| offered(&leg)));
        if let Some(leg) = ends_with {
            self.tell_offer_ended(leg, OfferOutcome::Busy, Default::default());
        }
        self.operators[operator.0].follow = None;
        self.timers.stop(Wake::Phone(operator));
        for id in others {
            let Some(leg) = self.legs.get_mut(&id) else { continue };
            leg.operator = None;
            if leg.phase.is_offered() {
                self.drop_offer(call, id);
                self.dismiss_with(id, Reason::Normal, Rest::None);
            }
        }
        if ends_with.is_some() {
            self.miss(call, OfferOutcome::Busy);
            self.go_on_waiting(call);
        }
    }

    /// The node at which an offer at several telephones is made.
    pub(super) fn node_of_follow(&self, operator: OperatorIx) -> Option<NodeId> {
        let call = self.operator(operator).follow.as_ref()?.call;
        self.calls.get(&call).map(|call| call.channel.node)
    }

    /// The trunk that leads to somebody, as far as is known: of several telephones of an operator, that of the first.
    pub(super) fn trunk_of(&self, callee: Option<&Callee>) -> Option<Name> {
        match callee? {
            Callee::Outside { trunk, .. } => Some(trunk.clone()),
            Callee::Operator(name) => self.operators.get(name)?.plan.trunk.clone(),
            // A telephone of the house.
            Callee::Phone(_) => None,
        }
    }

    /// Whether a trunk from which a leg has just gone had no line to spare before.
    pub(super) fn was_full(&self, trunk: &Name) -> bool {
        let channels = self.plan.trunks.get(trunk).and_then(|trunk| trunk.channels);
        channels.is_some_and(|channels| self.on_trunk(trunk) + 1 >= channels as usize)
    }
}
