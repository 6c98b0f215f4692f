//! Those who wait, and who may be rung for them.

use std::collections::BTreeMap;

use crate::{
    domain::CallId,
    engine::{
        Engine, QueueIx, Wake,
        also::Claim,
        call::Standing,
        queue::{Place, Queue},
    },
};

impl Engine {
    /// No caller waits while an operator who may take him is free, unless he waits for his own, and not for ever.
    pub(super) fn check_lines(&self, wrong: &mut Vec<String>) {
        for (operator, call) in &self.assigned {
            if self.standing(*call).is_none_or(|standing| standing.assigned != Some(*operator)) {
                wrong.push(format!(
                    "{} is assigned to {call:?}, which does not know it",
                    self.operator(*operator).plan.name
                ));
            }
        }
        let mut looked_at: BTreeMap<QueueIx, usize> = BTreeMap::new();
        for call in self.calls.keys() {
            let Some(standing) = self.standing(*call) else { continue };
            self.check_guests(*call, standing, wrong);
            for claim in standing.claims() {
                *looked_at.entry(claim.queue).or_default() += usize::from(self.check_claim(&claim, wrong));
            }
        }
        for (ix, queue) in self.queues.values().enumerate() {
            self.check_line(QueueIx(ix), queue, wrong);
            // Who is in it is known as such to nobody else.
            if queue.wanting.iter().count() != looked_at.get(&QueueIx(ix)).copied().unwrap_or_default() {
                wrong.push(format!("{} would ring for one who does not wait for it", queue.plan.name));
            }
        }
    }

    fn check_line(&self, ix: QueueIx, queue: &Queue, wrong: &mut Vec<String>) {
        for place in &queue.line {
            if self.standing(place.call).is_none_or(|standing| standing.place != *place || standing.queue != ix) {
                wrong.push(format!("{:?} stands in {} and does not know it", place.call, queue.plan.name));
            }
        }
        let kept = queue.line.iter().find(|place| self.waits_in_vain(place.call) && self.is_up_for(place.call));
        if let Some(place) = kept {
            wrong.push(format!("{:?} waits in {}, which nobody serves", place.call, queue.plan.name));
        }
    }

    /// Looks at a caller as one queue has him: whether he is among those for whom it may ring one more.
    fn check_claim(&self, claim: &Claim<'_>, wrong: &mut Vec<String>) -> bool {
        let (queue, Place { call, .. }) = (self.queue(claim.queue), claim.place);
        let mut say = |what: &str| wrong.push(format!("{call:?} {what} in {}", queue.plan.name));
        let is_wanting = queue.wanting.contains(&claim.place);
        match (self.enough(claim).is_none(), is_wanting) {
            (true, false) => say("will never be rung for"),
            (false, true) => say("has enough who ring, and gets more"),
            (true, true) | (false, false) => {}
        }
        if !is_wanting {
            return false;
        }
        let for_one = self.only_for(claim.standing).is_some() && claim.standing.legs.is_empty();
        if for_one && !self.timers.is_set(Wake::Sticky(call)) {
            say("waits for one operator for ever");
        }
        for free in self.candidates(claim) {
            say(&format!("waits while {} is free", self.operator(free.member.operator).plan.name));
        }
        true
    }

    /// He is a guest of those queues whose operators may take him now, and of no other.
    fn check_guests(&self, call: CallId, standing: &Standing, wrong: &mut Vec<String>) {
        let waited = self.waited(standing);
        let due = self.others_of(standing).filter(|(_, after)| *after <= waited).map(|(other, _)| other);
        // While his node is away nobody looks.
        if self.is_up_for(call) && !due.eq(standing.also.iter().map(|guest| guest.queue)) {
            wrong.push(format!("{call:?} is a guest of other queues than may take him: {:?}", standing.also));
        }
        let closes = |queue: QueueIx| self.queue(queue).plan.closing.is_some();
        let mut others = self.queue(standing.queue).also.iter().map(|(other, _)| *other);
        if others.any(|other| closes(other) && !self.timers.is_set(Wake::Closing(other))) {
            wrong.push(format!("{call:?}: nobody looks when a queue opens or closes whose guest it may be"));
        }
    }
}
