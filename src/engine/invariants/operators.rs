//! What must be true of operators, and of what their queues keep of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    domain::CallId,
    engine::{
        Engine, OperatorIx, Wake,
        call::{Call, Doing},
        queue::Member,
    },
};

impl Engine {
    /// Each has the legs and the calls that have him.
    pub(super) fn check_operators(&self, wrong: &mut Vec<String>) {
        let mut legs: BTreeMap<OperatorIx, u32> = BTreeMap::new();
        for operator in self.legs.values().filter_map(|leg| leg.operator) {
            *legs.entry(operator).or_default() += 1;
        }
        for (ix, operator) in self.operators.values().enumerate() {
            let count = legs.get(&OperatorIx(ix)).copied().unwrap_or(0);
            let besides = operator.besides.iter().filter_map(|talk| talk.leg()).count();
            let several = besides + operator.follow.as_ref().map_or(1, |follow| follow.legs.len());
            if operator.besides.iter().any(|talk| !talk.is_talk()) {
                wrong.push(format!("{} does besides what is no conversation", operator.plan.name));
            }
            if count as usize > several || operator.follow.is_some() && count as usize != several {
                wrong.push(format!("{} has {count} legs at once", operator.plan.name));
            }
            if operator.doing.own_call().is_some_and(|call| !operator.own.contains(&call)) {
                wrong.push(format!("{} is in a call that is over", operator.plan.name));
            }
            let own = self.calls.values().filter(|call| call.operator == Some(OperatorIx(ix)));
            let own: BTreeSet<CallId> = own.map(|call| call.id).collect();
            if operator.own != own {
                wrong.push(format!("{} has the calls {own:?} and counts {:?}", operator.plan.name, operator.own));
            }
            for id in operator.all_doings().filter_map(|doing| doing.chosen_for()) {
                let call = self.calls.get(&id).map(|call| &call.doing);
                if !matches!(call, Some(Doing::Chosen(chosen)) if chosen.operator == OperatorIx(ix)) {
                    wrong.push(format!("{} is kept for nobody", operator.plan.name));
                }
            }
            let engaged = operator.phone.is_engaged() && !operator.is_ours();
            if engaged && operator.phone.hindrance().is_none() && !self.timers.is_set(Wake::Settled(OperatorIx(ix))) {
                wrong.push(format!("{} is in a call of his own and is rung", operator.plan.name));
            }
            if operator.all_doings().filter_map(|doing| doing.leg()).any(|leg| !self.legs.contains_key(&leg)) {
                wrong.push(format!("{} is busy with a leg that is not there", operator.plan.name));
            }
        }
    }

    /// What is kept so that nothing need be gone through is what going through it finds.
    pub(super) fn check_presence(&self, wrong: &mut Vec<String>) {
        for queue in self.queues.values() {
            let is_ready = |member: &&Member| self.operator(member.operator).is_ready();
            let ready: Vec<Member> = queue.members.iter().filter(is_ready).copied().collect();
            if !queue.ready().map(|(_, member)| member).eq(ready) {
                wrong.push(format!("{} takes others for ready than are", queue.plan.name));
            }
            let takes = |member: &Member| self.operator(member.operator).presence().takes;
            let at_work: usize = queue.members.iter().map(takes).sum();
            if queue.at_work != at_work {
                wrong.push(format!(
                    "{at_work} calls may be taken at once for {}, and it counts {}",
                    queue.plan.name, queue.at_work
                ));
            }
        }
        let kept = |call: &&Call| matches!(call.doing, Doing::Chosen(_));
        if !self.legs.is_in_order() || self.reserved.len() != self.calls.values().filter(kept).count() {
            wrong.push("legs or reservations are of others than is kept".into());
        }
    }
}
