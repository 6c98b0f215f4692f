//! Who is there for a queue, and what becomes of those who wait where nobody is.

use super::{Duty, Engine, OperatorIx, QueueIx, queue::Place};
use crate::domain::CallId;

impl Engine {
    /// Those whom nobody may take any more, now that this operator is not there, are not kept waiting.
    pub(super) fn clear_queues_of(&mut self, ix: OperatorIx) {
        let asks = |place: &Place| self.calls.get(&place.call).is_some_and(|call| !call.requires.steps.is_empty());
        let may_lack = |ix: &&QueueIx| !self.is_staffed(**ix) || self.queue(**ix).line.iter().any(asks);
        let lines = self.lines_for(ix);
        let queues = lines.iter().filter(may_lack);
        let waiting = queues.flat_map(|queue| &self.queue(*queue).line).map(|place| place.call);
        let waiting: Vec<CallId> = waiting.filter(|call| self.waits_in_vain(*call)).collect();
        for call in waiting {
            self.want(call);
        }
    }

    /// Whether somebody is there whom the last terms of a queue admit, wherever a caller comes from: then whoever waits may be
    /// taken some time.
    fn is_staffed(&self, queue: QueueIx) -> bool {
        let queue = self.queue(queue);
        let Some(last) = queue.plan.terms.last() else { return false };
        queue.members.iter().any(|member| {
            let operator = self.operator(member.operator);
            let is_there = operator.roster.duty == Duty::On && !operator.phone.is_absent_anywhere();
            let takes_all = operator.plan.accept.is_none();
            is_there && takes_all && last.admit(member.penalty, &operator.plan.skills).is_some()
        })
    }

    /// How many calls those of a queue's operators take at once who are there for it, at telephones that are registered.
    pub(super) fn at_work_in(&self, queue: QueueIx) -> usize {
        self.queue(queue).at_work
    }

    /// What an operator does has changed, or whether he is there or can be reached: his queues keep what that means for them.
    pub(super) fn note_presence(&mut self, ix: OperatorIx) {
        let operator = &mut self.operators[ix.0];
        let is = operator.presence();
        let was = std::mem::replace(&mut operator.noted, is);
        if was == is {
            return;
        }
        for queue in &self.operators[ix.0].serves {
            self.queues[queue.0].note(ix, was, is);
        }
    }
}
