//! Callers who wait are moved, preferred, withdrawn and assigned to an operator: by somebody who looks after the exchange.
//!
//! Whether that can be done is asked first ([`Engine::cannot_steer`]): the caller may have been answered, or have left, in the
//! moment before. What cannot be done is not done, whoever asks for it.

use std::{sync::Arc, time::Duration};

use super::{
    Engine, Fact, OperatorIx, QueueIx, Wake,
    call::{Standing, Wants},
    line::Joins,
    notice::{LeftQueue, Steered},
    queue::Place,
};
use crate::domain::{CallId, Name};

/// What somebody wants of a caller who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steer {
    /// That he waits in this queue instead.
    ToQueue(Name),
    /// That he goes on with this flow.
    ToFlow(Name),
    /// That he has this priority.
    Prioritise(i64),
    /// That he waits no longer, and goes where the plan says.
    Withdraw {
        /// Why, in words.
        info: Arc<str>,
    },
    /// That this operator is rung for him next: at once if he is free, or else when he is.
    Assign(Name),
}

/// Why a caller is left where he is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSteered {
    /// There is no such call, and was none in this life of the engine.
    NoSuchCall,
    /// It is over.
    Over,
    /// He does not wait: he was answered, or has left the line, or has not come to one.
    NotWaiting,
    /// Asterisk's dialplan asked for an operator for him, and connects him itself.
    OfDialplan,
    /// His Asterisk is not heard from.
    NodeAway,
    /// The plan that he came with has no such queue.
    NoSuchQueue,
    /// He waits there already.
    SameQueue,
    /// That queue holds as many as it may.
    QueueFull,
    /// That queue is closed now.
    QueueClosed,
    /// The plan that he came with has no such flow.
    NoSuchFlow,
    /// The plan in force has no such operator.
    NoSuchOperator,
}

impl Engine {
    /// Why a caller cannot be steered so, now; `None`: he can.
    pub fn cannot_steer(&self, id: CallId, steer: &Steer) -> Option<NotSteered> {
        let Some(call) = self.calls.get(&id) else { return Some(self.unknown(id)) };
        let Some(standing) = self.standing(id) else { return Some(NotSteered::NotWaiting) };
        if standing.wants != Wants::Talk {
            return Some(NotSteered::OfDialplan);
        }
        if !self.is_up_for(id) {
            return Some(NotSteered::NodeAway);
        }
        match steer {
            Steer::ToQueue(queue) if !call.plan.queues.contains_key(queue) => Some(NotSteered::NoSuchQueue),
            Steer::ToQueue(queue) if self.queue(standing.queue).plan.name == *queue => Some(NotSteered::SameQueue),
            Steer::ToQueue(queue) if self.full(id, queue).is_some() => Some(NotSteered::QueueFull),
            Steer::ToQueue(queue) if self.closed(id, queue).is_some() => Some(NotSteered::QueueClosed),
            Steer::ToFlow(flow) if !call.plan.flows.contains_key(flow) => Some(NotSteered::NoSuchFlow),
            Steer::Assign(operator) if !self.plan.operators.contains_key(operator) => Some(NotSteered::NoSuchOperator),
            Steer::ToQueue(_) | Steer::ToFlow(_) | Steer::Prioritise(_) | Steer::Withdraw { .. } | Steer::Assign(_) => {
                None
            }
        }
    }

    /// Why nobody knows a call.
    pub(super) fn unknown(&self, id: CallId) -> NotSteered {
        let was = id.boot == self.setup.boot && id.number <= self.counted;
        if was { NotSteered::Over } else { NotSteered::NoSuchCall }
    }

    /// Somebody wants something of a caller who waits.
    pub(super) fn on_steered(&mut self, id: CallId, steer: Steer) {
        if self.cannot_steer(id, &steer).is_some() {
            return;
        }
        match steer {
            Steer::ToQueue(queue) => self.move_to_queue(id, &queue),
            Steer::ToFlow(flow) => self.move_to_flow(id, &flow),
            Steer::Prioritise(priority) => self.prioritise(id, priority),
            Steer::Withdraw { info } => {
                self.tell_steered(id, Steered::Withdrawn { info });
                let go = self.of_his_queue(id, |queue| queue.when_withdrawn);
                if self.leave_line_for_more(id, LeftQueue::Withdrawn) {
                    // Without a word of the plan, behind what called the flow; and at the plan's end otherwise.
                    self.go(id, go);
                }
            }
            Steer::Assign(operator) => {
                if let Some(ix) = self.operators.get_index_of(&*operator).map(OperatorIx) {
                    self.tell_steered(id, Steered::Assigned { operator });
                    self.assign(id, ix);
                    self.rewrite(id);
                    self.serve_assigned(ix);
                }
            }
        }
    }

    fn tell_steered(&mut self, id: CallId, how: Steered) {
        if let Some(standing) = self.standing(id) {
            let queue = self.queue(standing.queue).plan.name.clone();
            self.tell(Some(id), Fact::Steered { queue, how });
        }
    }

    fn move_to_queue(&mut self, id: CallId, queue: &Name) {
        self.tell_steered(id, Steered::Moved { queue: Some(queue.clone()), flow: None });
        if self.leave_line_for_more(id, LeftQueue::Moved)
            && let Joins::Goes(step) = self.join_line(id, queue)
        {
            self.go(id, Some(step));
        }
    }

    fn move_to_flow(&mut self, id: CallId, flow: &Name) {
        let Some(step) = self.calls.get(&id).and_then(|call| call.plan.flows.get(flow)).copied() else { return };
        self.tell_steered(id, Steered::Moved { queue: None, flow: Some(flow.clone()) });
        if self.leave_line_for_more(id, LeftQueue::Moved) {
            self.go(id, Some(step));
        }
    }

    /// Gives a caller another priority, whatever his plan says, in this line and in those that he comes to.
    fn prioritise(&mut self, id: CallId, priority: i64) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.preferred = Some(priority);
        let Some(Standing { queue: ix, place: was, .. }) = self.standing(id) else { return };
        let (ix, was) = (*ix, *was);
        let queue = &mut self.queues[ix.0];
        let place = Place::new(was.entered, was.joined, id, priority, queue.plan.ageing);
        queue.line.remove(&was);
        queue.line.insert(place);
        let position = queue.position(&place);
        self.stands_at(id, place);
        self.tell_steered(id, Steered::Prioritised { priority, position });
        self.rewrite(id);
    }

    /// What is written on a caller's channel is no longer so. One who hears something is written on when that is over.
    fn rewrite(&mut self, id: CallId) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.written = None;
        }
        if self.standing(id).is_some_and(|standing| standing.told.playback.is_none()) {
            self.write(id, self.setup.limits.dead_man, None);
        }
    }

    /// An operator is to be rung for a caller before all others.
    pub(super) fn assign(&mut self, id: CallId, operator: OperatorIx) {
        let Some(standing) = self.standing_mut(id) else { return };
        let before = standing.assigned.replace(operator);
        if let Some(before) = before {
            self.assigned.remove(&(before, id));
        }
        self.assigned.insert((operator, id));
    }

    /// Nobody is to be rung for a caller before all others any more.
    pub(super) fn unassign(&mut self, id: CallId) {
        if let Some(standing) = self.standing_mut(id) {
            standing.assigned = None;
        }
        self.assigned.retain(|(_, call)| *call != id);
    }

    /// Whom the plan no longer has is rung for nobody: those to whom he was assigned wait as the others do.
    pub(super) fn unassign_the_gone(&mut self) {
        let is_gone = |ix: OperatorIx| !self.plan.operators.contains_key(&self.operator(ix).plan.name);
        let theirs = self.assigned.iter().filter(|(operator, _)| is_gone(*operator)).map(|(_, call)| *call);
        for call in theirs.collect::<Vec<CallId>>() {
            self.unassign(call);
            self.rewrite(call);
        }
    }

    /// Rings an operator who is free for the first of those whom he was assigned: whether there was one.
    pub(super) fn serve_assigned(&mut self, operator: OperatorIx) -> bool {
        if self.taking_stock || !self.is_free(operator) {
            return false;
        }
        let Some(id) = self.first_assigned(operator) else { return false };
        let Some((queue, alone)) = self.standing(id).map(|it| (it.queue, it.legs.is_empty())) else { return false };
        self.unassign(id);
        let way = self.way(id, alone);
        self.offer(id, queue, operator, way);
        // With `ringall` those ring beside him who would if he had been rung by the queue, whether they were free before or not.
        self.match_caller(id);
        true
    }

    /// The first of those for whom an operator is to be rung before all others.
    pub(super) fn first_assigned(&self, operator: OperatorIx) -> Option<CallId> {
        let first = (operator, CallId { boot: 0, number: 0 });
        let his = self.assigned.range(first..).take_while(|(who, _)| *who == operator);
        his.map(|(_, call)| *call)
            .find(|call| self.is_up_for(*call) && self.standing(*call).is_some_and(|it| !self.is_taken(it)))
    }

    /// After something that touched many.
    pub(super) fn serve_all_assigned(&mut self) {
        let operators: Vec<OperatorIx> = self.assigned.iter().map(|(operator, _)| *operator).collect();
        for operator in operators {
            self.serve_assigned(operator);
        }
    }

    /// Sees to it that those who stand in a queue leave it when it closes.
    pub(super) fn await_closing(&mut self, ix: QueueIx) {
        /// When hours never change, as far as they are looked at: some day they may.
        const LATER: Duration = Duration::from_secs(24 * 3_600);
        let Some(closing) = self.queue(ix).plan.closing.clone() else { return self.timers.stop(Wake::Closing(ix)) };
        let changes = match self.by_hand(&closing.hours) {
            Some(by_hand) => by_hand.until,
            None => self.plan.hours.get(&closing.hours).and_then(|hours| hours.next_change(self.now)),
        };
        self.timers.set(Wake::Closing(ix), changes.unwrap_or(self.now + LATER));
    }

    /// Hours stand otherwise than before, or may: each queue that goes by them is looked at next.
    pub(super) fn look_at_closings(&mut self) {
        for ix in (0..self.queues.len()).map(QueueIx) {
            let has_callers = !self.queue(ix).line.is_empty() || self.may_have_guests(ix);
            if has_callers && self.queue(ix).plan.closing.is_some() {
                self.timers.set(Wake::Closing(ix), self.now);
            }
        }
    }

    /// A queue closes, perhaps: those who wait in it go where the plan that each came with says.
    pub(super) fn on_closing(&mut self, ix: QueueIx) {
        let Some(closing) = self.queue(ix).plan.closing.clone() else { return };
        let mut line: Vec<CallId> = self.queue(ix).line.iter().map(|place| place.call).collect();
        if line.is_empty() && !self.may_have_guests(ix) {
            return;
        }
        if self.are_open(&self.plan, &closing.hours) {
            line.clear();
        }
        let (here, away): (Vec<_>, Vec<_>) = line.into_iter().partition(|call| self.is_up_for(*call));
        for id in here {
            self.leave_closed(id);
        }
        self.look_at_door(ix);
        if away.is_empty() {
            self.await_closing(ix);
        } else {
            self.timers.set(Wake::Closing(ix), self.now + super::PUT_OFF);
        }
    }
}
