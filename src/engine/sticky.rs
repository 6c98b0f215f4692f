//! The operator who talked to a caller last is rung for him before all others, where his queue says `sticky`.
//!
//! Such a caller may wait although an operator is free who may take him: for as long as `wait` says, while his own operator is
//! there and has no time for him. It is the one exception to the rule that nobody waits then, and it is in one place:
//! [`Engine::only_for`], which whoever makes a pair asks. It ends by itself with `wait`, and at once when his own operator is not
//! there any more, or did not take the call. Who of several callers is served first is as without it.

use std::{cmp::Reverse, collections::BTreeSet};

use super::{
    Engine, Errand, OperatorIx, QueueIx, Wake,
    call::Standing,
    came_back::Left,
    duty::Duty,
    memory::{KeptCallers, LeftPlace, Memo, Talked},
    phone::Hindrance,
    queue::Place,
};
use crate::domain::{CallId, Name, Time};

/// The operator who talked to a caller last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sticky {
    pub(crate) operator: OperatorIx,
    /// Until when the caller waits for him alone.
    pub(crate) until: Time,
}

impl Engine {
    /// The engine, with what an earlier life of it remembered of callers.
    #[must_use]
    pub fn with_callers(mut self, kept: KeptCallers) -> Self {
        for Talked { queue, caller, operator, at } in kept.talked {
            self.talked.entry(queue).or_default().put(caller, at, operator);
        }
        for LeftPlace { queue, caller, at, waited, priority } in kept.left {
            self.left.entry(queue).or_default().put(caller, at, Left { waited, priority });
        }
        let queues: BTreeSet<Name> = self.talked.keys().chain(self.left.keys()).cloned().collect();
        for queue in queues {
            self.forget_talks(&queue);
            self.forget_places(&queue);
        }
        self
    }

    /// The number by which a caller is known again; `None`: he withholds it.
    pub(super) fn number_of(&self, id: CallId) -> Option<Name> {
        self.calls.get(&id)?.caller.number().map(Name::new)
    }

    /// An operator talks to a caller of a queue, or did until now: told at the beginning, too, since we may not be there at
    /// the end.
    pub(super) fn remember_talk(&mut self, id: CallId, queue: Option<QueueIx>, operator: Option<OperatorIx>) {
        let (Some(queue), Some(operator)) = (queue, operator) else { return };
        let plan = &self.queue(queue).plan;
        let (queue, keeps) = (plan.name.clone(), plan.sticky.is_some());
        let Some(caller) = self.number_of(id).filter(|_| keeps) else { return };
        let (at, operator) = (self.now, self.operator(operator).plan.name.clone());
        self.talked.entry(queue.clone()).or_default().put(caller.clone(), at, operator.clone());
        self.errand(Errand::Remember(Memo::Talked(Talked { queue: queue.clone(), caller, operator, at })));
        self.forget_talks(&queue);
    }

    /// What is older than a queue remembers is forgotten. Where it remembers nothing any more, what there is stays as it is,
    /// and within the same limit: a plan may say so again.
    fn forget_talks(&mut self, queue: &Name) {
        let lasts = self.queues.get(queue).and_then(|queue| queue.plan.sticky).map(|sticky| sticky.lasts);
        let before = lasts.map_or(Time::ZERO, |lasts| self.now - lasts);
        if let Some(before) = self.talked.get_mut(queue).and_then(|memory| memory.forget(before)) {
            self.errand(Errand::Remember(Memo::TalksBefore { queue: queue.clone(), before }));
        }
    }

    /// A caller has come into a line: he is to have the operator who talked to him last.
    pub(super) fn meet_again(&mut self, id: CallId) {
        let Some(sticky) = self.standing(id).and_then(|standing| self.last_operator(standing)) else { return };
        if sticky.until > self.now {
            self.timers.set(Wake::Sticky(id), sticky.until);
        }
        if let Some(standing) = self.standing_mut(id) {
            standing.sticky = Some(sticky);
        }
    }

    fn last_operator(&self, standing: &Standing) -> Option<Sticky> {
        let plan = &self.queue(standing.queue).plan;
        let sticky = plan.sticky?;
        let caller = self.number_of(standing.place.call)?;
        let (at, operator) = self.talked.get(&plan.name)?.of(&caller)?;
        let operator = self.operators.get_index_of(operator).map(OperatorIx)?;
        let is_recent = self.now.since(*at) <= sticky.lasts;
        is_recent.then_some(Sticky { operator, until: standing.place.joined + sticky.wait })
    }

    /// The one operator who may be rung now for one who stands in a line; `None`: all may be who may at all. He is rung
    /// alone, too, and when he does not take the call everybody may.
    pub(super) fn only_for(&self, standing: &Standing) -> Option<OperatorIx> {
        let Sticky { operator, until } = standing.sticky?;
        let queue = self.queue(standing.queue);
        let member = queue.member(operator).filter(|_| queue.plan.sticky.is_some())?;
        if standing.tried.contains_key(&operator) {
            let rings = |leg| self.legs.get(leg).is_some_and(|leg| leg.operator == Some(operator));
            return standing.legs.iter().any(rings).then_some(operator);
        }
        let his = self.operator(operator);
        let is_there = his.roster.duty == Duty::On && his.phone.hindrance() != Some(Hindrance::Unreachable);
        let may_have = is_there
            && !self.is_absent_for(operator, standing.place.call)
            && self.can_have(standing.wants, operator)
            && self.penalty(&self.asked(&standing.own()), member).is_some();
        (may_have && (self.now < until || self.is_free(operator))).then_some(operator)
    }

    /// The caller has waited long enough for his own operator.
    pub(super) fn on_sticky_over(&mut self, id: CallId) {
        self.match_caller(id);
    }

    /// An operator is not there any more: those who waited for him alone are offered to all.
    pub(super) fn let_others_have_his(&mut self, ix: OperatorIx) {
        self.let_others_have(ix, None);
    }

    /// The same, and `rung`, for whom he was rung until now, in his turn among them.
    pub(super) fn let_others_have(&mut self, ix: OperatorIx, rung: Option<CallId>) {
        let lines = self.operator(ix).serves.iter().map(|queue| self.queue(*queue));
        let lines = lines.filter(|queue| queue.plan.sticky.is_some());
        let waiting = lines.flat_map(|queue| queue.wanting.iter().map(|place| (Reverse(queue.plan.weight), *place)));
        let is_his = |place: &Place| {
            self.standing(place.call).and_then(|standing| standing.sticky).is_some_and(|sticky| sticky.operator == ix)
        };
        let mut his: BTreeSet<(Reverse<u32>, Place)> = waiting.filter(|(_, place)| is_his(place)).collect();
        if his.is_empty() {
            return;
        }
        // With other queues, some of them may come first for the same operators by another order than this.
        if self.has_also {
            return self.match_everybody();
        }
        let standing = rung.and_then(|call| self.standing(call));
        his.extend(standing.map(|it| (Reverse(self.queue(it.queue).plan.weight), it.place)));
        for (_, place) in his {
            self.match_caller(place.call);
        }
    }
}
