//! Whether somebody waits though an operator who may take him is free. That must never be, so it is looked for by other means
//! than those that bring the two together.
//!
//! Matching looks when something happens, and at what it keeps for that: those who want one more, the queues that somebody
//! serves. Here is looked every [`EVERY`], as long as anybody stands in a line, at what each does, whatever is kept of it. A look
//! that finds two counts for all the time since the last one. So what is counted is an estimate, which is right on average: what
//! lasts a second is found by one look in ten, and counts for ten seconds.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Duty, Engine, Fact, Wake,
    call::{Doing, Standing, Wants},
    notice::Measured,
    operator::{self, Operator},
    queue::{Member, Place, Queue},
};
use crate::domain::{CallId, Name, NodeId};

/// From one look to the next.
pub(super) const EVERY: Duration = Duration::from_secs(10);

/// So many callers, and pairs, are looked at each time: those at the front of their lines. It takes some milliseconds at most.
const MOST: usize = 10_000;

/// Who may be rung from a moment on is rung a little after it, when the engine has been busy.
const SLACK: Duration = Duration::from_secs(1);

/// Operators of a queue who may take callers of one, who have waited so long.
struct Serves<'e> {
    queue: &'e Queue,
    after: Duration,
}

impl Engine {
    /// Somebody stands in a line: it is looked from now on.
    pub(super) fn await_look(&mut self) {
        if !self.timers.is_set(Wake::Look) {
            self.timers.set(Wake::Look, self.now + EVERY);
        }
    }

    /// Looks, and as long as somebody stands in a line once more in a while.
    pub(super) fn on_look(&mut self) {
        if self.queues.values().all(|queue| queue.line.is_empty()) {
            return;
        }
        self.timers.set(Wake::Look, self.now + EVERY);
        if let Some((call, queue, operator)) = self.idle_pair() {
            self.tell(Some(call), Fact::Measured(Measured::Idle { queue, operator, lasted: EVERY }));
        }
    }

    /// A caller for whom nobody rings, his queue, and an operator who is free and may take him.
    fn idle_pair(&self) -> Option<(CallId, Name, Name)> {
        let mut taken: BTreeMap<&Name, usize> = BTreeMap::new();
        let called_back = self.calls.values().filter_map(|call| call.called_back.as_ref()).map(|it| &it.trunk);
        for trunk in self.legs.values().filter_map(|leg| leg.trunk.as_ref()).chain(called_back) {
            *taken.entry(trunk).or_default() += 1;
        }
        let mut left = MOST;
        for queue in self.queues.values().filter(|queue| !queue.line.is_empty()) {
            let is_idle = |member: &Member| self.is_idle(self.operator(member.operator), &taken);
            let serve = self.serve(queue);
            let idle: Vec<(&Serves<'_>, &Member)> =
                serve.iter().flat_map(|of| of.queue.members.iter().map(move |member| (of, member))).collect();
            let idle: Vec<_> = idle.into_iter().filter(|(_, member)| is_idle(member)).collect();
            if idle.is_empty() {
                continue;
            }
            for place in &queue.line {
                left = left.checked_sub(1)?;
                let Some((standing, node)) = self.stands_alone(place) else { continue };
                for (of, member) in &idle {
                    left = left.checked_sub(1)?;
                    let operator = self.operator(member.operator);
                    // Who serves several of his queues is rung through the first.
                    let waited = self.now.since(standing.place.joined);
                    let serves = |it: &&Serves<'_>| {
                        it.after <= waited && it.queue.members.iter().any(|own| own.operator == member.operator)
                    };
                    let is_first = serve.iter().find(serves).is_some_and(|first| std::ptr::eq(first, *of));
                    if is_first && self.may_have_had(of, standing, node, member, operator) {
                        return Some((place.call, queue.plan.name.clone(), operator.plan.name.clone()));
                    }
                }
            }
        }
        None
    }

    /// Those who may take the callers of a queue: its own operators, and those of others that are open.
    fn serve<'e>(&'e self, queue: &'e Queue) -> Vec<Serves<'e>> {
        let own = Serves { queue, after: Duration::ZERO };
        let others = queue.plan.also.iter().filter_map(|also| {
            let hours = self.plan.queues.get(&also.queue)?.closing.as_ref().map(|closing| &closing.hours);
            let other =
                self.queues.get(&also.queue).filter(|_| hours.is_none_or(|of| self.are_open(&self.plan, of)))?;
            Some(Serves { queue: other, after: also.after })
        });
        std::iter::once(own).chain(others).collect()
    }

    /// A caller for whom nobody rings, and where he is.
    fn stands_alone(&self, place: &Place) -> Option<(&Standing, NodeId)> {
        let call = self.calls.get(&place.call)?;
        let Doing::Queued(standing) = &call.doing else { return None };
        let node = call.channel.node;
        (standing.legs.is_empty() && self.is_up(node)).then_some((standing, node))
    }

    /// Whether somebody does nothing, and could be rung.
    fn is_idle(&self, operator: &Operator, taken: &BTreeMap<&Name, usize>) -> bool {
        let has_line = |trunk: &Option<Name>| {
            let Some(trunk) = trunk else { return true };
            let channels = self.plan.trunks.get(trunk).and_then(|trunk| trunk.channels);
            channels.is_none_or(|channels| taken.get(trunk).copied().unwrap_or(0) < channels as usize)
        };
        let phones = &operator.plan.phones;
        matches!(operator.doing, operator::Doing::Ready { .. })
            && operator.roster.duty == Duty::On
            && operator.own.is_empty()
            && operator.besides.len() < operator.plan.capacity as usize
            && (!operator.phone.is_engaged() || !operator.besides.is_empty())
            && (has_line(&operator.plan.trunk) || phones.iter().any(|phone| has_line(&phone.trunk)))
    }

    /// Whether he may be rung for one who stands there, and might have been a moment ago.
    fn may_have_had(
        &self,
        of: &Serves<'_>,
        standing: &Standing,
        node: NodeId,
        member: &Member,
        operator: &Operator,
    ) -> bool {
        let waited = self.now.since(standing.place.joined);
        let Some(before) = waited.checked_sub(SLACK).filter(|before| *before >= of.after) else { return false };
        // Who waits for his own operator may wait for him alone, as the plan has it.
        let waits_for_another =
            standing.sticky.is_some_and(|it| it.until > self.now - SLACK && it.operator != member.operator);
        let Some(call) = self.calls.get(&standing.place.call).filter(|_| !waits_for_another) else { return false };
        // A dialplan that asks gets one of the queue that it names.
        let is_own = of.queue.plan.name == self.queue(standing.queue).plan.name;
        let admits = |waited| {
            let (terms, skills) = (of.queue.plan.terms_at(waited), &operator.plan.skills);
            terms.is_some_and(|terms| terms.admit(member.penalty, skills).is_some())
                && call.requires.admit(waited, skills)
        };
        let accepts_so = standing.wants == Wants::Talk || operator.plan.accept.is_none() && is_own;
        admits(waited) && admits(before) && accepts_so && !operator.phone.is_out_of_reach(node)
    }
}
