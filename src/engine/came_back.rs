//! A caller whose line drops while he waits has his place again when he calls back soon, where his queue says `keep_place_for`.
//!
//! What he leaves is for how long he had waited, in the lines before too, and his priority; who hangs up leaves it as well,
//! since nobody can tell the one from the other. When his number comes to the same queue in time he has that age and that
//! priority again, once. The time that he was away does not count for him: who waited all the while is not overtaken.

use std::time::Duration;

use super::{
    Engine, Errand, Fact,
    call::{Call, Standing, Wants},
    memory::{LeftPlace, Memo},
};
use crate::domain::{CallId, Name, Time};

/// What a caller leaves behind who has gone while he waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// For how long he had waited, as far as it counts for his place.
    pub(crate) waited: Duration,
    /// His priority.
    pub(crate) priority: i64,
}

impl Engine {
    /// A caller who stood in a line has gone by himself.
    pub(super) fn keep_place_of(&mut self, id: CallId, standing: &Standing) {
        let (now, plan) = (self.now, &self.queue(standing.queue).plan);
        let Some(lasts) = plan.keep_place_for.filter(|_| standing.wants == Wants::Talk) else { return };
        let queue = plan.name.clone();
        let Some(caller) = self.number_of(id) else { return };
        let waited = now.since(standing.place.entered);
        let priority = self.calls.get(&id).map_or(0, Call::priority);
        let memory = self.left.entry(queue.clone()).or_default();
        // Of two who call from one number it is the place of the one who has waited longer.
        let counts_more = |(at, left): &(Time, Left)| now.since(*at) <= lasts && left.waited > waited;
        if memory.of(&caller).is_some_and(counts_more) {
            return;
        }
        memory.put(caller.clone(), now, Left { waited, priority });
        let place = LeftPlace { queue: queue.clone(), caller, at: now, waited, priority };
        self.errand(Errand::Remember(Memo::Left(place)));
        self.forget_places(&queue);
    }

    /// What is older than a queue keeps places is forgotten.
    pub(super) fn forget_places(&mut self, queue: &Name) {
        let lasts = self.queues.get(queue).and_then(|queue| queue.plan.keep_place_for);
        let before = lasts.map_or(Time::ZERO, |lasts| self.now - lasts);
        if let Some(before) = self.left.get_mut(queue).and_then(|memory| memory.forget(before)) {
            self.errand(Errand::Remember(Memo::PlacesBefore { queue: queue.clone(), before }));
        }
    }

    /// A caller is about to stand in a line: whether he has the place again that he left in it.
    pub(super) fn give_place_back(&mut self, id: CallId, queue: &Name) -> bool {
        let now = self.now;
        let lasts = self.queues.get(queue).and_then(|queue| queue.plan.keep_place_for);
        let Some((lasts, caller)) = lasts.zip(self.number_of(id)) else { return false };
        let Some((at, left)) = self.left.get_mut(queue).and_then(|memory| memory.take(&caller)) else { return false };
        self.errand(Errand::Remember(Memo::CameBack { queue: queue.clone(), caller }));
        let Some(call) = self.calls.get_mut(&id).filter(|_| now.since(at) <= lasts) else { return false };
        let entered = now - left.waited;
        call.entered = Some(call.entered.map_or(entered, |first| first.min(entered)));
        if left.priority > call.priority() {
            call.preferred = Some(left.priority);
        }
        self.tell(Some(id), Fact::CameBack { queue: queue.clone(), waited: left.waited });
        true
    }

    /// One who has his place again is told it now, where his queue tells places at all.
    pub(super) fn tell_place_at_once(&mut self, id: CallId) {
        let now = self.now;
        if let Some(due) = self.standing_mut(id).and_then(|standing| standing.told.place_due.as_mut()) {
            *due = now;
            self.await_announcement(id);
        }
    }
}
