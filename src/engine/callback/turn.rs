//! Whose turn it is to be called back.

use std::{cmp::Reverse, time::Duration};

use super::{KeptCallback, Promised};
use crate::{
    dialplan::{Callback, First},
    domain::{CallbackId, Name, NodeId, Time},
    engine::{Engine, OperatorIx, QueueIx, Wake, node::Node, notice::CallbackOver, queue::Place},
};

/// When hours never change, as far as they are looked at: some day they may.
const LATER: Duration = Duration::from_secs(24 * 3_600);

/// Who is to be called back next.
struct Next {
    /// Where he stands in the line.
    place: Place,
    id: CallbackId,
    /// The node from which he is called.
    node: NodeId,
}

impl Engine {
    /// Something changed that all of them may depend on: each is looked at, and called if it is its turn.
    pub(in crate::engine) fn look_at_callbacks(&mut self) {
        for id in self.callbacks.keys().copied().collect::<Vec<_>>() {
            self.await_callback(id);
        }
        self.call_back_all();
    }

    /// Hours of the plan stand otherwise, or the time has come.
    pub(in crate::engine) fn on_callback_due(&mut self, id: CallbackId) {
        self.await_callback(id);
        self.call_back_all();
    }

    /// Sets when a callback is looked at next. One that holds no longer is over; so is one that was tried often enough.
    pub(super) fn await_callback(&mut self, id: CallbackId) {
        let now = self.now;
        let Some(promised) = self.callbacks.get(&id) else { return };
        if promised.call.is_some() {
            return self.timers.stop(Wake::Callback(id));
        }
        let kept = &promised.kept;
        let planned = self.planned(&kept.queue).map(|(_, callback)| callback.attempts);
        if kept.expires <= now {
            self.end_callback(id, CallbackOver::Expired);
            return;
        }
        if planned.is_some_and(|most| kept.attempts >= most) {
            self.end_callback(id, CallbackOver::GaveUp);
            return;
        }
        let next = if kept.next > now {
            kept.next
        } else if !self.is_open_for_callbacks(&kept.queue) {
            self.opens_for_callbacks(&kept.queue)
        } else {
            self.may_be_had_by_others(kept).unwrap_or(kept.expires)
        };
        let next = next.min(kept.expires);
        self.timers.set(Wake::Callback(id), next);
    }

    /// How callers of a queue are called back by the plan in force, if it says so.
    pub(super) fn planned(&self, queue: &Name) -> Option<(QueueIx, Callback)> {
        let callback = self.plan.queues.get(queue)?.callback.clone()?;
        Some((self.queues.get_index_of(queue).map(QueueIx)?, callback))
    }

    /// The hours by which it goes whether callers of a queue are called back.
    fn hours_of_callbacks(&self, queue: &Name) -> Vec<Name> {
        let Some(plan) = self.plan.queues.get(queue) else { return Vec::new() };
        let own = plan.callback.as_ref().and_then(|callback| callback.hours.clone());
        own.into_iter().chain(plan.closing.as_ref().map(|closing| closing.hours.clone())).collect()
    }

    fn is_open_for_callbacks(&self, queue: &Name) -> bool {
        self.hours_of_callbacks(queue).iter().all(|of| self.are_open(&self.plan, of))
    }

    /// When that may be otherwise.
    fn opens_for_callbacks(&self, queue: &Name) -> Time {
        let changes = |of: &Name| match self.by_hand(of) {
            Some(by_hand) => by_hand.until,
            None => self.plan.hours.get(of).and_then(|hours| hours.next_change(self.now)),
        };
        let next = self.hours_of_callbacks(queue).iter().filter_map(changes).filter(|at| *at > self.now).min();
        next.unwrap_or(self.now + LATER)
    }

    /// Rings operators for those who are called back by them, before anybody is matched who came later.
    pub(in crate::engine) fn ring_all_first(&mut self) {
        let is_first = |it: &Promised| self.planned(&it.kept.queue).is_some_and(|(_, it)| it.first == First::Operator);
        if !self.callbacks.values().any(is_first) {
            return;
        }
        for ix in (0..self.operators.len()).map(OperatorIx) {
            if let Some(next) = self.next_called_back_for(ix)
                && self.first_is_operator_for(next.id).is_some()
            {
                self.call_next(ix, next);
            }
        }
    }

    /// Calls back whoever may be, for all who are free.
    pub(in crate::engine) fn call_back_all(&mut self) {
        if self.callbacks.is_empty() {
            return;
        }
        for ix in (0..self.operators.len()).map(OperatorIx) {
            self.call_back_for(ix);
        }
    }

    /// An operator is free: whoever is the next to be served is called back, if he is not there.
    pub(in crate::engine) fn call_back_for(&mut self, ix: OperatorIx) {
        if let Some(next) = self.next_called_back_for(ix) {
            self.call_next(ix, next);
        }
    }

    /// Who is to be called back next since this operator is free.
    fn next_called_back_for(&self, ix: OperatorIx) -> Option<Next> {
        if self.callbacks.is_empty() || self.taking_stock || self.draining || !self.is_free(ix) {
            return None;
        }
        let node = self.node_for_callbacks(ix)?;
        let serves = self.operator(ix).serves.iter();
        let next = serves.filter_map(|queue| {
            let (place, id) = self.next_callback(ix, *queue)?;
            Some((Reverse(self.queue(*queue).plan.weight), place, id))
        });
        next.min().map(|(_, place, id)| Next { place, id, node })
    }

    /// The queue in whose name an operator is rung first for one who is called back.
    fn first_is_operator_for(&self, id: CallbackId) -> Option<QueueIx> {
        self.callbacks.get(&id).and_then(|it| self.first_is_operator(&it.kept.queue))
    }

    /// Calls back who is the next for an operator. Where somebody else is rung for him, the operator is free for the one after
    /// him.
    fn call_next(&mut self, ix: OperatorIx, next: Next) {
        let mut next = Some(next);
        // Each rings somebody, or is put off.
        for _ in 0..=self.operators.len() {
            let Some(Next { place, id, node }) = next else { return };
            let Some(queue) = self.first_is_operator_for(id) else { return self.call_back(id, node, None) };
            let Some(operator) = self.operator_for(id, queue, place) else { return };
            let Some(node) = self.node_for_callbacks(operator) else { return };
            self.call_back(id, node, Some(operator));
            next = self.next_called_back_for(ix).filter(|next| self.first_is_operator_for(next.id).is_some());
        }
    }

    /// Where somebody can be called from for whom this operator is free: the two are to talk there.
    pub(super) fn node_for_callbacks(&self, operator: OperatorIx) -> Option<NodeId> {
        let phone = &self.operator(operator).phone;
        let mut nodes = self.nodes.iter().filter(|(_, node)| Node::can_do_all(node)).map(|(id, _)| *id);
        nodes.find(|node| !phone.is_out_of_reach(*node))
    }

    /// Whether there are lines for both: for the customer, and then for the operator, who may be reached over the same trunk.
    pub(super) fn has_lines_for_both(&self, operator: OperatorIx, trunk: &Name) -> bool {
        let plan = &self.operator(operator).plan;
        let mut ways = std::iter::once(&plan.trunk).chain(plan.phones.iter().map(|phone| &phone.trunk));
        let otherwise = ways.any(|way| way.as_ref().is_none_or(|way| way != trunk && self.has_line(way)));
        let needed = if otherwise { 1 } else { 2 };
        let channels = self.plan.trunks.get(trunk).map(|trunk| trunk.channels);
        channels.is_some_and(|most| most.is_none_or(|most| self.on_trunk(trunk) + needed <= most as usize))
    }

    /// The first of a queue who is to be called since this operator is free.
    fn next_callback(&self, operator: OperatorIx, ix: QueueIx) -> Option<(Place, CallbackId)> {
        let queue = self.queue(ix);
        let (name, member) = (&queue.plan.name, queue.member(operator)?);
        let (_, callback) = self.planned(name)?;
        let skills = &self.operator(operator).plan.skills;
        let may_take = queue.plan.terms.iter().any(|terms| terms.admit(member.penalty, skills).is_some());
        if !may_take || !self.is_open_for_callbacks(name) || !self.has_lines_for_both(operator, &callback.trunk) {
            return None;
        }
        // Some time he may be given one who is able for him, though perhaps not at once.
        let may_have_him = |kept: &KeptCallback| {
            if callback.first == First::Operator {
                return self.may_ring_for(operator, ix, kept);
            }
            let steps = &kept.requires.steps;
            steps.is_empty() || steps.iter().any(|step| kept.requires.admit(step.after, skills))
        };
        let is_due = |promised: &Promised| {
            let kept = &promised.kept;
            kept.queue == *name
                && promised.call.is_none()
                && kept.next <= self.now
                && kept.expires > self.now
                && may_have_him(kept)
        };
        let due = self.callbacks.iter().filter(|(_, promised)| is_due(promised));
        let first = due.map(|(id, promised)| (self.place_of_callback(*id, promised), *id)).min()?;
        let waits = self.first_for(operator, ix);
        if waits.is_some_and(|place| place < first.0) {
            return None;
        }
        if callback.first == First::Operator {
            return Some(first);
        }
        let under_way = self.callbacks.values().filter(|it| it.kept.queue == *name && it.call.is_some()).count();
        let most = if waits.is_some() { self.queue(ix).at_work } else { self.free_in(ix) };
        (under_way < most).then_some(first)
    }

    /// How many operators of a queue are free.
    fn free_in(&self, ix: QueueIx) -> usize {
        self.queue(ix).members.iter().filter(|member| self.is_free(member.operator)).count()
    }
}
