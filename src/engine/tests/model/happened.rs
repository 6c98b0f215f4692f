//! What happens, as the reference takes it. Who is rung then is not its business: [`Reference::offered`] is told.

use std::time::Duration;

use super::{
    plan::Go,
    reference::{Caller, Does, Duty, Is, Leg, Reference, Rest, Talked},
};
use crate::{
    dialplan::DutyChange,
    domain::{ChannelId, DeviceState, Time},
};

impl Reference {
    /// Time has passed until now.
    pub(super) fn it_is(&mut self, now: Time) {
        self.now = now;
        for operator in 0..self.operators.len() {
            if let Duty::Paused { until: Some(until) } = self.operators[operator].duty
                && until <= now
            {
                self.set_duty(operator, Duty::On);
            }
        }
        for caller in self.waiting() {
            if let Some((after, go)) = self.queue_of(caller).max_wait
                && self.callers[caller].joined + Duration::from_secs(after) <= now
            {
                self.goes(caller, go);
            }
        }
        self.nobody_waits_in_vain();
    }

    pub(super) fn arrives(&mut self, channel: ChannelId, number: usize, queue: usize, priority: i64) {
        let now = self.now;
        self.callers.push(Caller {
            channel,
            number,
            sticky: None,
            is: Is::Leaving,
            queue,
            priority,
            came: now,
            joined: now,
            entered: now,
            rung: Vec::new(),
            rung_at: None,
            assigned: None,
            opened: None,
        });
        self.goes(self.callers.len() - 1, Go::Queue(queue));
        self.nobody_waits_in_vain();
    }

    /// He leaves his line, if he stands in one, and goes where that leads.
    fn goes(&mut self, caller: usize, go: Go) {
        self.nobody_rings_for(caller);
        let now = self.now;
        let Go::Queue(queue) = go else {
            self.callers[caller].is = Is::Leaving;
            return;
        };
        let is_full = self.plan.queues[queue].capacity.is_some_and(|most| self.line(queue).len() >= most);
        let keeps = self.plan.queues[queue].keep_place;
        let him = &mut self.callers[caller];
        him.is = if is_full { Is::Leaving } else { Is::Waiting };
        (him.queue, him.joined, him.assigned) = (queue, now, None);
        him.entered = if keeps { him.came } else { now };
        (him.rung, him.rung_at) = (Vec::new(), None);
        let talked = self.talked.iter().rev().find(|it| it.queue == queue && it.number == him.number);
        let wait = self.plan.queues[queue].sticky.map(Duration::from_secs);
        him.sticky = talked.zip(wait).map(|(talked, wait)| (talked.operator, now + wait));
    }

    /// An operator talks to a caller, or did until now. Whose queue it was remembers it, if he was rung through that.
    fn remembers(&mut self, caller: usize, operator: usize, through: usize) {
        let Caller { queue, number, .. } = self.callers[caller];
        if self.plan.queues[queue].sticky.is_some() && through == queue {
            self.talked.push(Talked { queue, number, operator });
        }
    }

    /// Callers whom nobody may take go where their queue leads.
    fn nobody_waits_in_vain(&mut self) {
        while let Some(caller) = self.waiting().into_iter().find(|caller| self.waits_in_vain(*caller)) {
            let queue = self.queue_of(caller);
            let go = if queue.when_unstaffed { Go::End } else { queue.max_wait.map_or(Go::End, |(_, go)| go) };
            self.goes(caller, go);
        }
    }

    fn nobody_rings_for(&mut self, caller: usize) {
        // While he leaves nobody rings for him any more; he is out of the line.
        self.callers[caller].is = Is::Leaving;
        for leg in self.legs.iter_mut().filter(|leg| leg.caller == caller && leg.does == Does::Ring) {
            leg.does = Does::End { talked: false };
        }
    }

    /// A caller has hung up, or his channel is gone after we did.
    pub(super) fn caller_left(&mut self, caller: usize) {
        self.nobody_rings_for(caller);
        self.callers[caller].is = Is::Gone;
        let now = self.now;
        let talks = |leg: &&mut Leg| leg.caller == caller && matches!(leg.does, Does::Talk { .. });
        if let Some(leg) = self.legs.iter_mut().find(talks)
            && let Does::Talk { since } = leg.does
        {
            leg.does = Does::End { talked: true };
            let (operator, queue) = (leg.operator, leg.queue);
            self.operators[operator].talks.push((now, now.since(since)));
            self.remembers(caller, operator, queue);
        }
        self.nobody_waits_in_vain();
    }

    /// An operator was rung for a caller.
    pub(super) fn offered(&mut self, caller: usize, operator: usize, channel: ChannelId) {
        let (now, own) = (self.now, self.callers[caller].queue);
        // Who is assigned to him is rung through his own, whomever he serves.
        let is_assigned = self.callers[caller].assigned == Some(operator);
        let queue = self.through(caller, operator).filter(|_| !is_assigned).unwrap_or(own);
        let him = &mut self.callers[caller];
        him.rung.push((operator, queue));
        him.rung_at = Some(now);
        him.assigned = him.assigned.filter(|assigned| *assigned != operator);
        self.rung[queue].push(operator);
        self.legs.push(Leg { channel, operator, caller, queue, does: Does::Ring });
    }

    pub(super) fn leg(&self, channel: &ChannelId) -> Option<usize> {
        self.legs.iter().position(|leg| leg.channel == *channel)
    }

    /// He took the call.
    pub(super) fn answered(&mut self, leg: usize) {
        let (now, Leg { caller, operator, queue, .. }) = (self.now, &self.legs[leg]);
        let (caller, operator, queue) = (*caller, *operator, *queue);
        self.remembers(caller, operator, queue);
        self.legs[leg].does = Does::Talk { since: now };
        self.nobody_rings_for(caller);
        self.callers[caller].is = Is::Talking;
        self.operators[operator].misses = 0;
    }

    /// He did not, for this reason: he is left alone for a while, and paused perhaps.
    pub(super) fn refused(&mut self, leg: usize, why: &str) {
        let Leg { operator, queue, .. } = self.remove(leg);
        let (retry, auto) = (self.plan.queues[queue].retry, self.plan.queues[queue].auto_pause.clone());
        let until = self.now + Duration::from_secs(retry);
        let rests = self.rests(operator).map(|rest| Rest::WrapUp(rest.until().max(until)));
        self.operators[operator].rest = Some(rests.unwrap_or(Rest::BackOff(until)));
        if let Some(auto) = auto.filter(|auto| auto.of.contains(&why)) {
            self.operators[operator].misses += 1;
            if self.operators[operator].misses >= auto.after && self.operators[operator].duty == Duty::On {
                let until = auto.lasts.map(|lasts| self.now + Duration::from_secs(lasts));
                self.set_duty(operator, Duty::Paused { until });
            }
        }
        self.nobody_waits_in_vain();
    }

    /// A leg has ended that was hung up.
    pub(super) fn ended(&mut self, leg: usize) {
        let Leg { operator, queue, does, .. } = self.remove(leg);
        if does == (Does::End { talked: true }) {
            self.wraps_up(operator, queue);
        }
        self.nobody_waits_in_vain();
    }

    /// An operator hung up on the caller with whom he talked, who is hung up, too.
    pub(super) fn operator_left(&mut self, leg: usize) {
        let Leg { operator, queue, caller, does, .. } = self.remove(leg);
        let Does::Talk { since } = does else { panic!("he talks") };
        self.callers[caller].is = Is::Leaving;
        let now = self.now;
        self.operators[operator].talks.push((now, now.since(since)));
        self.remembers(caller, operator, queue);
        self.wraps_up(operator, queue);
    }

    fn wraps_up(&mut self, operator: usize, queue: usize) {
        let until = self.now + Duration::from_secs(self.plan.queues[queue].wrap_up);
        let rest = match self.rests(operator) {
            Some(rest) if until == self.now => rest,
            Some(rest) => Rest::WrapUp(rest.until().max(until)),
            None => Rest::WrapUp(until),
        };
        self.operators[operator].rest = Some(rest);
    }

    /// A telephone is done with a leg of ours.
    fn remove(&mut self, leg: usize) -> Leg {
        let leg = self.legs.remove(leg);
        let him = &mut self.operators[leg.operator];
        (him.let_go, him.was_free) = (Some(self.now), false);
        leg
    }

    // What somebody does to an operator, or says of him.

    pub(super) fn device(&mut self, operator: usize, state: DeviceState) {
        let ours = self.legs_of(operator).count() > 0;
        let him = &mut self.operators[operator];
        him.device = state;
        him.was_free |= !ours && !state.is_engaged();
        self.nobody_waits_in_vain();
    }

    pub(super) fn duty(&mut self, operator: usize, change: &DutyChange) {
        let (now, was) = (self.now, self.operators[operator].duty);
        let rests = self.rests(operator);
        let wraps_up = if let Some(Rest::WrapUp(until)) = rests { Some(until) } else { None };
        match change {
            DutyChange::SignIn => self.set_duty(operator, Duty::On),
            DutyChange::Resume if was != Duty::SignedOut => self.set_duty(operator, Duty::On),
            DutyChange::SignOut if was != Duty::SignedOut => self.set_duty(operator, Duty::SignedOut),
            DutyChange::Pause { lasts, .. } if was != Duty::SignedOut => {
                self.set_duty(operator, Duty::Paused { until: lasts.map(|lasts| now + lasts) });
            }
            DutyChange::EndWrapUp if wraps_up.is_some() => self.operators[operator].rest = None,
            DutyChange::ExtendWrapUp(more) => {
                if let Some(until) = wraps_up {
                    self.operators[operator].rest = Some(Rest::WrapUp(until + *more));
                }
            }
            _ => {}
        }
        self.nobody_waits_in_vain();
    }

    /// Who is not there is not rung, and his telephone stops.
    fn set_duty(&mut self, operator: usize, duty: Duty) {
        let him = &mut self.operators[operator];
        (him.duty, him.misses) = (duty, 0);
        if duty != Duty::On {
            for leg in self.legs.iter_mut().filter(|leg| leg.operator == operator && leg.does == Does::Ring) {
                leg.does = Does::End { talked: false };
            }
        }
    }

    // What somebody does to a caller who waits.

    pub(super) fn prioritised(&mut self, caller: usize, priority: i64) {
        self.callers[caller].priority = priority;
    }

    pub(super) fn moved(&mut self, caller: usize, queue: usize) {
        let is_full = self.plan.queues[queue].capacity.is_some_and(|most| self.line(queue).len() >= most);
        if self.callers[caller].queue != queue && !is_full {
            self.goes(caller, Go::Queue(queue));
            self.nobody_waits_in_vain();
        }
    }

    pub(super) fn withdrawn(&mut self, caller: usize) {
        self.goes(caller, Go::End);
    }

    pub(super) fn assigned(&mut self, caller: usize, operator: usize) {
        self.callers[caller].assigned = Some(operator);
    }
}
