//! A new plan. Calls in progress keep the one they began with; queues and operators are those of the new one.

use std::sync::Arc;

use super::{
    BridgeKind, Command, Engine, Fact, OperatorIx, QueueIx, line::waiting_bridge, operator::Operator, queue::Queue,
};
use crate::dialplan::Plan;

impl Engine {
    pub(super) fn on_plan_loaded(&mut self, plan: Arc<Plan>) {
        let exchange = plan.exchange.clone();
        let known = self.queues.len();
        self.take_plan(plan);
        self.tell(None, Fact::PlanLoaded { exchange });
        let up: Vec<_> = self.nodes.iter().filter(|(_, node)| node.up).map(|(id, _)| *id).collect();
        for node in up {
            for queue in known..self.queues.len() {
                let bridge = waiting_bridge(node, &self.queues[queue].plan.name);
                self.command(Command::MakeBridge { bridge, kind: BridgeKind::Waiting });
            }
        }
        self.match_everybody();
    }

    /// Queues and operators of the plan. Those it no longer has stay until they are empty and done, served by nobody new.
    pub(super) fn take_plan(&mut self, plan: Arc<Plan>) {
        let now = self.now;
        for (name, operator) in &plan.operators {
            let entry = self.operators.entry(name.clone()).or_insert_with(|| Operator::new(operator.clone(), now));
            entry.plan = operator.clone();
        }
        for (name, queue) in &plan.queues {
            let entry = self.queues.entry(name.clone()).or_insert_with(|| Queue::new(queue.clone()));
            entry.plan = queue.clone();
        }
        for operator in self.operators.values_mut() {
            operator.serves.clear();
        }
        for ix in 0..self.queues.len() {
            let (name, queue) = match self.queues.get_index(ix) {
                Some((name, queue)) => (name.clone(), queue.plan.clone()),
                None => continue,
            };
            // Those who stand in a queue that is gone are served by whom it had, as long as the plan has them.
            let members = queue.operators.iter().filter(|operator| plan.operators.contains_key(*operator));
            let members: Vec<OperatorIx> =
                members.filter_map(|operator| self.operators.get_index_of(operator)).map(OperatorIx).collect();
            let served = plan.queues.contains_key(&name) || !self.queues[ix].line.is_empty();
            for operator in members.iter().filter(|_| served) {
                self.operators[operator.0].serves.push(QueueIx(ix));
            }
            self.queues[ix].members = if served { members } else { Vec::new() };
        }
        self.plan = plan;
    }
}
