//! Operators of other queues who may take a caller, too, where his own queue says `also`.
//!
//! He stands in one line, that of his own queue: there he has his place, is counted, and is told of it. The other queues have him
//! among those for whom one more may be rung ([`Queue::wanting`](super::queue::Queue::wanting)), at the place that he would have
//! in their lines, and nowhere else. So an operator of theirs who becomes free looks at one order, and takes him in his turn.
//!
//! What is asked of an operator, who comes first, how long he is rung and what he is owed then are as the queue says through which
//! he is rung. Whether one more may be rung beside those who ring is as the caller's own queue says: with `ringall` those of others
//! are rung only while nobody rings. Who serves several of his queues is rung through the first of them alone: his own, and then in
//! the order of the plan.

use std::time::Duration;

use super::{
    Engine, OperatorIx, QueueIx, Wake,
    call::{Call, Standing, Wants},
    queue::Place,
};
use crate::{dialplan::Strategy, domain::CallId};

/// A caller who stands in a line, as one queue has him whose operators may take him: his own, or another one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim<'e> {
    pub(crate) standing: &'e Standing,
    pub(crate) queue: QueueIx,
    /// Where he stands, or would, by the order of that queue.
    pub(crate) place: Place,
}

impl Claim<'_> {
    /// Whether it is not his own queue.
    pub(crate) fn is_guest(&self) -> bool {
        self.queue != self.standing.queue
    }

    /// Who of that queue was rung for him last.
    pub(crate) fn last(&self) -> Option<OperatorIx> {
        if !self.is_guest() {
            return self.standing.last;
        }
        self.standing.also.iter().find(|guest| guest.queue == self.queue)?.last
    }
}

/// A caller of another queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guest {
    /// Whose operators may take him.
    pub(crate) queue: QueueIx,
    /// The place that he would have there.
    pub(crate) place: Place,
    /// Who of them was rung for him last.
    last: Option<OperatorIx>,
}

impl Standing {
    /// He, as his own queue has him.
    pub(crate) fn own(&self) -> Claim<'_> {
        Claim { standing: self, queue: self.queue, place: self.place }
    }

    /// He, as each queue has him whose operators may take him now: his own first.
    pub(crate) fn claims(&self) -> impl Iterator<Item = Claim<'_>> {
        let others = self.also.iter().map(|guest| Claim { standing: self, queue: guest.queue, place: guest.place });
        std::iter::once(self.own()).chain(others)
    }
}

impl Engine {
    /// A new plan says whose operators may take whose callers. A queue that it no longer has takes nobody's.
    pub(super) fn join_queues(&mut self) {
        for queue in self.queues.values_mut() {
            queue.homes.clear();
        }
        self.has_also = false;
        for home in (0..self.queues.len()).map(QueueIx) {
            let typed = self.queue(home).plan.also.iter().filter(|other| self.plan.queues.contains_key(&other.queue));
            let also = typed.filter_map(|it| Some((self.queues.get_index_of(&it.queue).map(QueueIx)?, it.after)));
            let also: Vec<(QueueIx, Duration)> = also.collect();
            self.has_also |= !also.is_empty();
            for (other, _) in &also {
                self.queues[other.0].homes.push(home);
                self.queues[other.0].is_closed = self.is_shut(*other);
            }
            self.queues[home.0].also = also;
        }
    }

    /// Nobody is a guest any more: what a new plan says of them is another thing.
    pub(super) fn send_guests_home(&mut self) {
        let guests: Vec<CallId> =
            self.calls.keys().copied().filter(|id| self.standing(*id).is_some_and(|it| !it.also.is_empty())).collect();
        for id in guests {
            let also = self.standing_mut(id).map(|standing| std::mem::take(&mut standing.also)).unwrap_or_default();
            for guest in also {
                self.queues[guest.queue.0].wanting.remove(&guest.place);
            }
        }
    }

    /// Those who wait are guests where the new plan says so.
    pub(super) fn invite_guests(&mut self) {
        if !self.has_also {
            return;
        }
        let has_others = |id: &CallId| self.standing(*id).is_some_and(|it| !self.queue(it.queue).also.is_empty());
        let calls: Vec<CallId> = self.calls.keys().copied().filter(has_others).collect();
        for id in calls {
            self.await_doors(id);
            self.await_terms(id);
            self.look_around(id);
        }
    }

    /// Other queues whose operators may take a caller some time, and how long he has waited then: those that are not closed.
    pub(super) fn others_of(&self, standing: &Standing) -> impl Iterator<Item = (QueueIx, Duration)> {
        // A dialplan that asks names the queue, and may ask for another one.
        let talks = standing.wants == Wants::Talk;
        let others = self.queue(standing.queue).also.iter().filter(move |_| talks);
        others.filter(|(other, _)| !self.queue(*other).is_closed).copied()
    }

    /// Sees to it that a caller is a guest of those queues whose operators may take him now.
    pub(super) fn look_around(&mut self, id: CallId) {
        let Some(standing) = self.standing(id) else { return };
        if standing.also.is_empty() && self.queue(standing.queue).also.is_empty() {
            return;
        }
        let waited = self.waited(standing);
        let due = self.others_of(standing).filter(|(_, after)| *after <= waited).map(|(other, _)| other);
        let due: Vec<QueueIx> = due.collect();
        if due.iter().eq(standing.also.iter().map(|guest| &guest.queue)) {
            return;
        }
        let was = standing.also.clone();
        let known = |queue: QueueIx| was.iter().find(|guest| guest.queue == queue).copied();
        let seat = |queue| known(queue).unwrap_or(Guest { queue, place: self.place_in(queue, standing), last: None });
        let also = due.into_iter().map(seat).collect::<Vec<Guest>>();
        for gone in was.iter().filter(|guest| also.iter().all(|it| it.queue != guest.queue)) {
            self.queues[gone.queue.0].wanting.remove(&gone.place);
        }
        if let Some(standing) = self.standing_mut(id) {
            standing.also = also;
        }
        self.wants_more(id);
    }

    /// The place that one who stands in a line would have in that of another queue.
    fn place_in(&self, queue: QueueIx, standing: &Standing) -> Place {
        let Place { entered, joined, call, .. } = standing.place;
        let priority = self.calls.get(&call).map_or(0, Call::priority);
        Place::new(entered, joined, call, priority, self.queue(queue).plan.ageing)
    }

    /// One who stands in a line has another place in it: so he has with those whose guest he is.
    pub(super) fn stands_at(&mut self, id: CallId, place: Place) {
        self.wants_nobody(id);
        let Some(standing) = self.standing_mut(id) else { return };
        standing.place = place;
        let mut also = std::mem::take(&mut standing.also);
        if let Some(standing) = self.standing(id) {
            also.iter_mut().for_each(|guest| guest.place = self.place_in(guest.queue, standing));
        }
        if let Some(standing) = self.standing_mut(id) {
            standing.also = also;
        }
        self.wants_more(id);
    }

    /// One more may be rung for a caller, by each queue that may ring one more.
    pub(super) fn wants_more(&mut self, id: CallId) {
        let Some(standing) = self.standing(id) else { return };
        let wants = |claim: &Claim<'_>| self.enough(claim).is_none();
        if standing.also.is_empty() {
            let (queue, place) = (standing.queue, standing.place);
            if wants(&standing.own()) {
                self.queues[queue.0].wants(place, self.now);
            }
            return;
        }
        let wanting: Vec<(QueueIx, Place)> =
            standing.claims().filter(wants).map(|claim| (claim.queue, claim.place)).collect();
        for (queue, place) in wanting {
            self.queues[queue.0].wants(place, self.now);
        }
    }

    /// Nobody more is rung for a caller.
    pub(super) fn wants_nobody(&mut self, id: CallId) {
        let Some(standing) = self.standing(id) else { return };
        let places: Vec<(QueueIx, Place)> = standing.claims().map(|claim| (claim.queue, claim.place)).collect();
        for (queue, place) in places {
            self.queues[queue.0].wanting.remove(&place);
        }
    }

    /// One who stood in a line is in none of them any more.
    pub(super) fn step_out(&mut self, standing: &Standing) {
        self.queues[standing.queue.0].leave(standing.place);
        for guest in &standing.also {
            self.queues[guest.queue.0].wanting.remove(&guest.place);
        }
    }

    /// An operator is about to be rung for a caller, through this queue.
    pub(super) fn is_offered(&mut self, id: CallId, through: QueueIx, operator: OperatorIx) {
        let Some(standing) = self.standing_mut(id) else { return };
        *standing.tried.entry(operator).or_default() += 1;
        match standing.also.iter_mut().find(|guest| guest.queue == through) {
            Some(guest) => guest.last = Some(operator),
            None => standing.last = Some(operator),
        }
        let (home, place, also) = (standing.queue, standing.place, standing.also.clone());
        self.queues[through.0].offered(operator);
        let own = &mut self.queues[home.0];
        if !own.rings_all() {
            own.wanting.remove(&place);
        }
        if own.plan.strategy == Strategy::RingProgressively {
            let every = own.plan.add_every;
            self.timers.set(Wake::OneMore(id), self.now + every);
        }
        for guest in also {
            self.queues[guest.queue.0].wanting.remove(&guest.place);
        }
    }

    /// Whether an operator is looked at for a caller through this queue: the first that he serves of those that have the caller.
    pub(super) fn is_looked_at(&self, claim: &Claim<'_>, operator: OperatorIx) -> bool {
        let serves = |it: &Claim<'_>| self.queue(it.queue).member(operator).is_some();
        !claim.is_guest() || claim.standing.claims().find(serves).is_some_and(|first| first.queue == claim.queue)
    }

    /// Whether he is, once the caller has waited so long.
    pub(super) fn will_be_looked_at(&self, claim: &Claim<'_>, operator: OperatorIx, waited: Duration) -> bool {
        let serves = |queue: QueueIx| self.queue(queue).member(operator).is_some();
        if !claim.is_guest() {
            return true;
        }
        let mut before = self.others_of(claim.standing).take_while(|(other, _)| *other != claim.queue);
        !serves(claim.standing.queue) && !before.any(|(other, after)| after <= waited && serves(other))
    }

    /// A place for which one more may be rung, as that queue has it.
    pub(super) fn claim_of(&self, queue: QueueIx, place: Place) -> Option<Claim<'_>> {
        Some(Claim { standing: self.standing(place.call)?, queue, place })
    }

    /// Lines whose callers an operator may take: of the queues that he serves, and of those whose callers are guests there.
    pub(super) fn lines_for(&self, operator: OperatorIx) -> Vec<QueueIx> {
        let serves = &self.operator(operator).serves;
        let mut lines = serves.clone();
        for home in serves.iter().flat_map(|queue| &self.queue(*queue).homes) {
            if !lines.contains(home) {
                lines.push(*home);
            }
        }
        lines
    }

    /// Whether a queue is closed now, by the plan in force.
    fn is_shut(&self, ix: QueueIx) -> bool {
        self.queue(ix).plan.closing.as_ref().is_some_and(|closing| !self.are_open(&self.plan, &closing.hours))
    }

    /// Whether anybody may be a guest of a queue now, or when it is open.
    pub(super) fn may_have_guests(&self, ix: QueueIx) -> bool {
        self.queue(ix).homes.iter().any(|home| !self.queue(*home).line.is_empty())
    }

    /// Sees to it that somebody looks when the queues open and close whose guest one may be who comes into a line.
    pub(super) fn await_doors(&mut self, id: CallId) {
        let Some(standing) = self.standing(id) else { return };
        let others: Vec<QueueIx> = self.queue(standing.queue).also.iter().map(|(other, _)| *other).collect();
        for other in others {
            if self.queue(other).plan.closing.is_none() {
                continue;
            }
            // Nobody has looked while there was nobody to be its guest.
            if !self.may_have_guests(other) {
                self.queues[other.0].is_closed = self.is_shut(other);
                if self.queue(other).line.is_empty() {
                    self.await_closing(other);
                }
            }
            if !self.timers.is_set(Wake::Closing(other)) {
                self.await_closing(other);
            }
        }
    }

    /// A queue opens or closes, perhaps: callers of others come, or go.
    pub(super) fn look_at_door(&mut self, ix: QueueIx) {
        let is_closed = self.is_shut(ix);
        let was = std::mem::replace(&mut self.queues[ix.0].is_closed, is_closed);
        if was == is_closed || !self.may_have_guests(ix) {
            return;
        }
        let lines = self.queue(ix).homes.iter().flat_map(|home| &self.queue(*home).line);
        let calls: Vec<CallId> = lines.map(|place| place.call).collect();
        calls.into_iter().for_each(|id| self.look_around(id));
        self.clear_unstaffed();
        self.match_everybody();
    }
}
