//! Leaving a queue without a conversation: by a key, after too long a wait, because nobody may take the caller, or because it
//! was full when he came. Where he goes then is said by the plan that he came with.

use super::{
    Engine, Fact, Wake,
    arrival::Parting,
    call::{Doing, Standing},
    ivr::MOST_HURRIED,
    line::Joins,
    notice::{LeftQueue, OfferOutcome, Outcome},
};
use crate::{
    dialplan::{self, Capacity, Music, StepId},
    domain::{CallId, Digit, Name, Reason},
};

impl Engine {
    /// What the plan that a caller came with says of the queue in which he stands.
    pub(super) fn of_his_queue<T>(&self, id: CallId, said: impl Fn(&dialplan::Queue) -> Option<T>) -> Option<T> {
        let standing = self.standing(id)?;
        let plan = &self.calls.get(&id)?.plan;
        said(plan.queues.get(&self.queue(standing.queue).plan.name)?)
    }

    /// Whether there are keys with which a caller leaves his queue.
    pub(super) fn may_exit(&self, id: CallId) -> bool {
        self.of_his_queue(id, |queue| (!queue.exit.is_empty()).then_some(())).is_some()
    }

    /// One who waits pressed a key.
    pub(super) fn on_pressed_in_line(&mut self, id: CallId, key: Digit) {
        if let Some(go) = self.of_his_queue(id, |queue| queue.exit.get(&key).copied()) {
            if let Some(standing) = self.standing_mut(id) {
                standing.key = Some(key);
            }
            self.leave_after_a_rest(id, LeftQueue::ByKey, go);
        }
    }

    /// A caller has waited as long as one may.
    pub(super) fn on_max_wait(&mut self, id: CallId) {
        if self.wants_choice(id).is_some() {
            return self.leave_without_choice(id, LeftQueue::TimedOut);
        }
        if let Some(limit) = self.of_his_queue(id, |queue| queue.max_wait) {
            self.leave_after_a_rest(id, LeftQueue::TimedOut, limit.go);
        }
    }

    /// He rested, or had a say: a plan that lets him wait again and again does not run in circles.
    fn leave_after_a_rest(&mut self, id: CallId, why: LeftQueue, go: StepId) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.hurried = 0;
        }
        self.leave(id, why, Some(go));
    }

    /// Nobody may serve this caller: he goes at once where the plan says, or else Asterisk's dialplan takes him.
    pub(super) fn leave_unstaffed(&mut self, id: CallId) {
        if self.wants_choice(id).is_some() {
            return self.leave_without_choice(id, LeftQueue::Unstaffed);
        }
        let go = self.of_his_queue(id, dialplan::Queue::unstaffed).filter(|_| !self.is_hurried(id));
        self.leave(id, LeftQueue::Unstaffed, go);
    }

    /// A plan that leads from one such line to the next, and back, has no better end for a caller than the fallback.
    fn is_hurried(&self, id: CallId) -> bool {
        self.calls.get(&id).is_some_and(|call| call.hurried >= MOST_HURRIED / 2)
    }

    /// His queue is closed.
    pub(super) fn leave_closed(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let closing = self.of_his_queue(id, |queue| queue.closing.clone());
        // Asterisk's dialplan asks for hours by itself.
        let closing = closing.filter(|_| self.wants_choice(id).is_none());
        if let Some(closing) = closing.filter(|closing| !self.are_open(&call.plan, &closing.hours)) {
            self.leave_after_a_rest(id, LeftQueue::Closed, closing.go);
        }
    }

    /// Where a caller goes who comes to a queue that is closed.
    pub(super) fn closed(&self, id: CallId, queue: &Name) -> Option<StepId> {
        let plan = &self.calls.get(&id)?.plan;
        let closing = plan.queues.get(queue)?.closing.as_ref()?;
        (!self.are_open(plan, &closing.hours)).then_some(closing.go)
    }

    /// Takes a caller out of his line who goes on elsewhere, since somebody said so; whether he stood in one.
    pub(super) fn leave_line_for_more(&mut self, id: CallId, why: LeftQueue) -> bool {
        if let Some(call) = self.calls.get_mut(&id) {
            call.hurried = 0;
        }
        self.take_from_line(id, why)
    }

    /// Takes a caller out of his line. `go`: where to; without it Asterisk's own dialplan takes him.
    fn leave(&mut self, id: CallId, why: LeftQueue, go: Option<StepId>) {
        if !self.take_from_line(id, why) {
            return;
        }
        match go {
            Some(go) => self.go(id, Some(go)),
            None => self.part(id, Parting::Continue, Outcome::Fallback),
        }
    }

    /// Whether he stood in one.
    fn take_from_line(&mut self, id: CallId, why: LeftQueue) -> bool {
        self.cut_announcement(id);
        let Some(call) = self.calls.get_mut(&id).filter(|call| matches!(call.doing, Doing::Queued(_))) else {
            return false;
        };
        let was = std::mem::replace(&mut call.doing, Doing::Leaving { outcome: Outcome::Fallback, asked: 0 });
        if let Doing::Queued(standing) = was {
            let is_silent = self.queue(standing.queue).plan.music == Music::Nothing;
            let before = standing.hum.clone().filter(|_| is_silent);
            self.leave_line(id, *standing, why, OfferOutcome::CallerLeft);
            self.hum_again(id, before);
        }
        true
    }

    /// The limit of a queue, when as many stand in it as it holds.
    pub(super) fn full(&self, id: CallId, queue: &Name) -> Option<Capacity> {
        let capacity = self.calls.get(&id)?.plan.queues.get(queue)?.capacity?;
        let waiting = self.queues.get(&**queue)?.line.len();
        (waiting >= capacity.most as usize).then_some(capacity)
    }

    /// A caller does not come into a queue that is full or closed: where he goes at once.
    pub(super) fn turned_from(&mut self, id: CallId, queue: &Name, why: LeftQueue, go: StepId) -> Joins {
        // Where he would have stood.
        let position = self.queues.get(&**queue).map_or(1, |queue| queue.line.len() + 1);
        let waited = Default::default();
        self.tell(Some(id), Fact::LeftQueue { queue: queue.clone(), position, waited, why, key: None });
        if self.is_hurried(id) {
            self.part(id, Parting::Continue, Outcome::Fallback);
            return Joins::Stays;
        }
        Joins::Goes(go)
    }

    /// What comes after so long a wait does not come any more.
    pub(super) fn waits_no_longer(&mut self, id: CallId) {
        for wake in [Wake::MaxWait, Wake::OneMore, Wake::Terms, Wake::Sticky, Wake::Announce] {
            self.timers.stop(wake(id));
        }
        self.unassign(id);
    }

    /// Takes a caller who was not served out of his line, and stops the phones that ring for him.
    pub(super) fn leave_line(&mut self, id: CallId, standing: Standing, why: LeftQueue, offers: OfferOutcome) {
        self.waits_no_longer(id);
        let queue = self.queue(standing.queue);
        let (position, name) = (queue.position(&standing.place), queue.plan.name.clone());
        self.step_out(&standing);
        let waited = self.now.since(standing.place.joined);
        for leg in &standing.legs {
            self.may_hear_tone_of(*leg);
        }
        for leg in standing.legs {
            self.withdraw(leg, offers, Reason::Normal);
        }
        // Behind the offers that end with it: nothing is told of his waiting when it is over.
        self.tell(Some(id), Fact::LeftQueue { queue: name, position, waited, why, key: standing.key });
    }
}
