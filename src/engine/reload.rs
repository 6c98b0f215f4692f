//! A new plan. Calls in progress keep the one they began with; queues and operators are those of the new one.

use std::sync::Arc;

use super::{
    Engine, Fact, OperatorIx, QueueIx,
    call::Call,
    day::Day,
    operator::Operator,
    queue::{Member, Place, Presence, Queue},
};
use crate::{dialplan::Plan, domain::CallId};

impl Engine {
    pub(super) fn on_plan_loaded(&mut self, plan: Arc<Plan>) {
        let exchange = plan.exchange.clone();
        let (known, before) = (self.queues.len(), self.plan.clone());
        self.send_guests_home();
        self.take_plan(plan);
        self.invite_guests();
        self.roster_anew(&before);
        (0..self.operators.len()).for_each(|ix| self.takes_seat(OperatorIx(ix)));
        self.unassign_the_gone();
        self.watch_devices(&before);
        self.tell(None, Fact::PlanLoaded { exchange });
        self.tell_idle_hours();
        let up: Vec<_> = self.nodes.iter().filter(|(_, node)| node.can_do_all()).map(|(id, _)| *id).collect();
        for node in up {
            for queue in known..self.queues.len() {
                self.open_first_room(node, QueueIx(queue));
            }
        }
        self.clear_unstaffed();
        self.look_at_closings();
        self.match_everybody();
        self.look_at_callbacks();
    }

    /// Queues and operators of the plan. Those it no longer has stay until they are empty and done, served by nobody new.
    pub(super) fn take_plan(&mut self, plan: Arc<Plan>) {
        let now = self.now;
        // Calls in hand keep their plan, so it never grows shorter.
        self.longest_prompt = self.longest_prompt.max(plan.longest_prompt());
        self.operators.values_mut().for_each(|operator| operator.is_planned = false);
        for (name, operator) in &plan.operators {
            let entry = self.operators.entry(name.clone()).or_insert_with(|| Operator::new(operator.clone(), now));
            entry.plan = plan.seated(operator, entry.desk.as_ref());
            entry.is_planned = true;
            if let Some(done) = self.done_before.remove(name) {
                entry.done = done;
            }
        }
        let (mut reordered, mut rings_otherwise) = (Vec::new(), Vec::new());
        for (name, queue) in &plan.queues {
            let entry = self.queues.entry(name.clone()).or_insert_with(|| Queue::new(queue.clone()));
            let was = std::mem::replace(&mut entry.plan, queue.clone());
            let Some(ix) = self.queues.get_index_of(name).map(QueueIx) else { continue };
            if was.ageing != queue.ageing || was.terms != queue.terms {
                reordered.push(ix);
            }
            if was.strategy != queue.strategy {
                rings_otherwise.push(ix);
            }
        }
        for operator in self.operators.values_mut() {
            operator.serves.clear();
        }
        self.today = Day::of(&plan.timezone, now);
        self.plan = plan;
        for ix in 0..self.queues.len() {
            let queue = &mut self.queues[ix];
            queue.take_members(Vec::new());
            if self.plan.queues.contains_key(&queue.plan.name) || !queue.line.is_empty() {
                self.staff(QueueIx(ix));
            }
        }
        self.join_queues();
        self.assign_devices();
        reordered.into_iter().for_each(|queue| self.place_anew(queue));
        for queue in rings_otherwise {
            let line: Vec<CallId> = self.queue(queue).line.iter().map(|place| place.call).collect();
            line.into_iter().for_each(|call| self.ring_anew(call));
        }
    }

    /// Operators whom the engine did not have before are as an earlier life left them; the others may be planned otherwise.
    fn roster_anew(&mut self, before: &Plan) {
        for operator in (0..self.operators.len()).map(OperatorIx) {
            if !self.operator(operator).is_planned {
                continue;
            }
            self.recall_duty(operator);
            let is_back = !before.operators.contains_key(&self.operator(operator).plan.name);
            self.clear_desk(operator, is_back);
            self.plan_duty(operator);
        }
    }

    /// Gives a queue its operators. Those who stand in a queue that is gone, or come to it by an older plan, are served by
    /// whom it had last, as long as the plan has them.
    pub(super) fn staff(&mut self, ix: QueueIx) {
        let typed = self.queue(ix).plan.members.iter();
        let members: Vec<Member> = typed
            .filter_map(|member| {
                let (at, _, operator) = self.operators.get_full(&member.operator)?;
                operator.is_planned.then_some(Member { operator: OperatorIx(at), penalty: member.penalty })
            })
            .collect();
        for member in &members {
            let serves = &mut self.operators[member.operator.0].serves;
            if !serves.contains(&ix) {
                serves.push(ix);
            }
        }
        let queue = &mut self.queues[ix.0];
        queue.take_members(members);
        for member in queue.members.clone() {
            let noted = self.operators[member.operator.0].noted;
            queue.note(member.operator, Presence::default(), noted);
        }
    }

    /// Waiting makes up for priority in another way than before, or others may be rung after other times: those who stand in
    /// the queue stand in another order, and wait for other moments.
    fn place_anew(&mut self, ix: QueueIx) {
        let now = self.now;
        let queue = &mut self.queues[ix.0];
        let (ageing, calls) = (queue.plan.ageing, &self.calls);
        let place = |was: Place| {
            let priority = calls.get(&was.call).map_or(0, Call::priority);
            Place::new(was.entered, was.joined, was.call, priority, ageing)
        };
        for (_, place) in queue.reorder(now, place) {
            if let Some(standing) = self.standing_mut(place.call) {
                standing.place = place;
            }
            self.await_terms(place.call);
        }
    }

    /// Those who stand where nobody serves any more are not kept waiting for ever.
    pub(super) fn clear_unstaffed(&mut self) {
        let waiting = self.queues.values().flat_map(|queue| &queue.line).map(|place| place.call);
        let waiting: Vec<CallId> = waiting.filter(|call| self.waits_in_vain(*call)).collect();
        for call in waiting {
            self.want(call);
        }
    }
}
