//! Callbacks in which an operator is rung first.
//!
//! He is chosen when the promise comes to the head of its line, by the strategy of the queue and as for a caller who has waited
//! as long. He is rung, and accepts, as for any call; then the customer is called, and he hears that ring. Until then nothing of
//! the customer is in Asterisk, though a line of the trunk is his: who does not take the call leaves the promise as it was.
//!
//! What comes of the customer's telephone is an attempt of his, and the operator is free at once: he missed nothing, and has
//! talked to nobody about whom there would be something to finish. An operator who hangs up while it rings ends the attempt, and
//! none is counted. An engine that dies leaves what an engine finds with any callback: legs that ring or hold are hung up, and an
//! attempt in which the customer was called counts.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use super::{KeptCallback, Promised};
use crate::{
    dialplan::{First, Terms},
    domain::{CallId, CallbackId, Cause, Name, Reason, Time},
    engine::{
        Command, Engine, Fact, LegId, OperatorIx, QueueIx, Wake,
        command::Sound,
        leg::{Phase, Way},
        notice::{OfferOutcome, Outcome},
        operator::{self, Rest},
        queue::{Candidate, Member, Place},
    },
};

/// An operator whom nobody could ring is not chosen again before so long.
const SOON: Duration = Duration::from_secs(5);

/// How far an operator is who is rung first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// His telephone rings; the customer is not called yet.
    Nobody,
    /// He has taken it on this leg, and hears the customer's telephone ring.
    Leg(LegId),
}

impl Engine {
    /// The queue whose callers are called back by operators, if it is one, by the plan in force.
    pub(super) fn first_is_operator(&self, queue: &Name) -> Option<QueueIx> {
        self.planned(queue).filter(|(_, callback)| callback.first == First::Operator).map(|(ix, _)| ix)
    }

    /// Whether an operator is rung for a call, whose customer is called when he has taken it.
    pub(in crate::engine) fn rings_for_callback(&self, id: CallId) -> bool {
        let called_back = self.calls.get(&id).and_then(|call| call.called_back.as_ref());
        called_back.is_some_and(|it| it.operator == Some(Holds::Nobody)) && self.is_calling_back(id)
    }

    /// The leg on which somebody hears a customer's telephone ring.
    pub(in crate::engine) fn held_for_callback(&self, id: CallId) -> Option<LegId> {
        match self.calls.get(&id)?.called_back.as_ref()?.operator? {
            Holds::Leg(leg) => Some(leg),
            Holds::Nobody => None,
        }
    }

    /// How the queue's terms stand for one who is called back, as for a caller who has waited as long.
    fn terms_for(&self, queue: QueueIx, kept: &KeptCallback) -> Option<&Terms> {
        self.queue(queue).plan.terms_at(self.now.since(kept.entered))
    }

    /// Whether an operator may be rung now for one who is called back.
    pub(super) fn may_ring_for(&self, operator: OperatorIx, ix: QueueIx, kept: &KeptCallback) -> bool {
        let Some(member) = self.queue(ix).member(operator) else { return false };
        let skills = &self.operator(operator).plan.skills;
        let of_queue = self.terms_for(ix, kept).is_some_and(|terms| terms.admit(member.penalty, skills).is_some());
        of_queue && kept.requires.admit(self.now.since(kept.entered), skills)
    }

    /// When others may be rung for one who is to be called back by an operator than may now.
    pub(super) fn may_be_had_by_others(&self, kept: &KeptCallback) -> Option<Time> {
        let ix = self.first_is_operator(&kept.queue)?;
        let waited = self.now.since(kept.entered);
        let of_call = kept.requires.changes_after(waited);
        let next = self.queue(ix).plan.changes_after(waited).into_iter().chain(of_call).min()?;
        Some(kept.entered + next)
    }

    /// Who is rung for one who is called back: of those who are free the one whom the queue prefers.
    /// Nobody is who is wanted by a caller of a queue of more weight.
    pub(super) fn operator_for(&mut self, id: CallbackId, ix: QueueIx, place: Place) -> Option<OperatorIx> {
        let Promised { kept, tried, last, .. } = self.callbacks.get(&id)?;
        let (_, callback) = self.planned(&kept.queue)?;
        let queue = self.queue(ix);
        let standing = (Reverse(queue.plan.weight), place);
        let may_be_rung = |member: &Member| {
            let operator = member.operator;
            self.is_free(operator)
                && self.may_ring_for(operator, ix, kept)
                && self.node_for_callbacks(operator).is_some()
                && self.has_lines_for_both(operator, &callback.trunk)
                && self.first_in_line_for(operator).is_none_or(|(weight, place, _)| standing <= (weight, place))
        };
        let terms = self.terms_for(ix, kept)?;
        let candidate = |(rank, member): (usize, Member)| {
            let operator = self.operator(member.operator);
            let penalty = terms.admit(member.penalty, &operator.plan.skills)?;
            let done = operator.done.on_a_day_since(self.today.began);
            let tried = tried.get(&member.operator).copied().unwrap_or_default();
            let talks_with = operator.besides.len();
            Some(Candidate { member: Member { penalty, ..member }, rank, tried, talks_with, done })
        };
        let free: Vec<Candidate> =
            queue.ready().filter(|(_, member)| may_be_rung(member)).filter_map(candidate).collect();
        let mut lot = self.lot.clone();
        let chosen = self.queue(ix).choose(&free, *last, &mut lot);
        self.lot = lot;
        chosen
    }

    /// Rings an operator for one who is called back.
    pub(super) fn ring_first(&mut self, id: CallId, operator: OperatorIx, ix: QueueIx) {
        if let Some(called_back) = self.calls.get_mut(&id).and_then(|call| call.called_back.as_mut()) {
            called_back.operator = Some(Holds::Nobody);
        }
        self.queues[ix.0].offered(operator);
        let ring = self.queue(ix).plan.ring;
        self.ring_phones(id, operator, Some(ix), ring, Way::Originated);
        let rings = self.legs.of(id).any(|(_, leg)| leg.phase.is_offered());
        if let Some(promised) = self.promise_of(id).and_then(|promise| self.callbacks.get_mut(&promise)) {
            *promised.tried.entry(operator).or_default() += 1;
            promised.last = Some(operator);
            if !rings {
                // None of his telephones is meant now, or has a line: not at once again.
                promised.kept.next = self.now + SOON;
            }
        }
        self.is_taken_by_nobody(id);
    }

    /// An operator takes a callback: his customer is called, and he hears that ring.
    pub(in crate::engine) fn takes_first(&mut self, id: LegId) {
        let now = self.now;
        self.timers.stop(Wake::Ring(id));
        self.tell_offer_ended(id, OfferOutcome::Answered, Cause::default());
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.phase = Phase::Talking;
        let (call_id, channel, operator) = (leg.call, leg.channel.clone(), leg.operator);
        // His other telephones ring no more.
        let others: Vec<LegId> =
            self.legs.of(call_id).filter(|(_, leg)| leg.phase.is_offered()).map(|(id, _)| id).collect();
        for other in others {
            self.withdraw(other, OfferOutcome::AnsweredElsewhere, Reason::AnsweredElsewhere);
        }
        if let Some(operator) = operator {
            self.operators[operator.0].roster.took();
            self.begins_talk(operator, operator::Doing::Talking { leg: id, since: now });
        }
        if let Some(called_back) = self.calls.get_mut(&call_id).and_then(|call| call.called_back.as_mut()) {
            called_back.operator = Some(Holds::Leg(id));
        }
        if let Some(promised) = self.promise_of(call_id).and_then(|promise| self.callbacks.get_mut(&promise)) {
            (promised.tried, promised.last) = (BTreeMap::new(), None);
        }
        self.call_out(call_id);
        if self.held_for_callback(call_id) == Some(id) {
            self.command(Command::Ring { channel });
        }
        operator.into_iter().for_each(|operator| self.takes_another(operator));
    }

    /// The customer has answered whom an operator calls back: they talk. Whether one does.
    pub(super) fn connects_first(&mut self, id: CallId, queue: &Name) -> bool {
        let Some(leg) = self.held_for_callback(id) else { return false };
        let Some(channel) = self.legs.get(&leg).map(|leg| leg.channel.clone()) else { return false };
        // He comes into the line, and is taken out of it by him who waits for him: from here on it is a call like any other.
        let Some(position) = self.take_place(id, queue, self.now, None) else { return true };
        if let Some(called_back) = self.calls.get_mut(&id).and_then(|call| call.called_back.as_mut()) {
            called_back.operator = None;
        }
        self.tell(Some(id), Fact::Joined { queue: queue.clone(), position });
        if let Some(standing) = self.standing_mut(id) {
            standing.legs.push(leg);
        }
        // Who finds them knows that he was reached.
        self.write(id, self.setup.limits.dead_man, None);
        self.command(Command::Hush { channel, sound: Sound::Ringing });
        self.on_accepted(leg);
        true
    }

    /// Nobody rings any more for one who is called back, and nobody has taken it: the promise is as it was.
    pub(in crate::engine) fn is_taken_by_nobody(&mut self, id: CallId) {
        if self.rings_for_callback(id) && !self.legs.of(id).any(|(_, leg)| leg.phase.is_offered()) {
            self.end_call(id, Outcome::NotReached);
        }
    }

    /// An operator has hung up while his customer's telephone rang: that is no attempt of the customer's.
    pub(in crate::engine) fn is_forsaken(&mut self, id: CallId, by: LegId) {
        if self.held_for_callback(id) != Some(by) {
            return;
        }
        let promise = self.promise_of(id);
        if let Some(called_back) = self.calls.get_mut(&id).and_then(|call| call.called_back.as_mut()) {
            (called_back.operator, called_back.counts) = (None, false);
        }
        if let Some(promise) = promise
            && let Some(promised) = self.callbacks.get_mut(&promise)
        {
            promised.kept.attempts = promised.kept.attempts.saturating_sub(1);
            self.keep_callback(promise);
        }
        self.hang_up_attempt(id, Reason::Normal);
    }

    /// A call parts with whom it calls back: the operator waits for him no longer.
    pub(in crate::engine) fn free_first(&mut self, id: CallId) {
        let called_back = self.calls.get_mut(&id).and_then(|call| call.called_back.as_mut());
        let holds = called_back.and_then(|called_back| called_back.operator.take());
        self.frees(id, holds);
    }

    /// The operator who was rung first is rung, or waits, no longer.
    pub(super) fn frees(&mut self, id: CallId, holds: Option<Holds>) {
        match holds {
            Some(Holds::Leg(leg)) if self.legs.get(&leg).is_some_and(|leg| leg.phase == Phase::Talking) => {
                self.dismiss_with(leg, Reason::Normal, Rest::None);
            }
            Some(Holds::Nobody) => {
                let rings: Vec<LegId> =
                    self.legs.of(id).filter(|(_, leg)| leg.phase.is_offered()).map(|(id, _)| id).collect();
                for leg in rings {
                    self.withdraw(leg, OfferOutcome::CallerLeft, Reason::Normal);
                }
            }
            Some(Holds::Leg(_)) | None => {}
        }
    }

    /// The node was away on which somebody is called back.
    pub(in crate::engine) fn resume_first(&mut self, id: CallId) {
        self.is_taken_by_nobody(id);
        let held = self.held_for_callback(id).and_then(|leg| self.legs.get(&leg));
        if let Some(channel) = held.map(|leg| leg.channel.clone()) {
            // Whether he hears it ring is not known.
            self.command(Command::Ring { channel });
        }
    }
}
