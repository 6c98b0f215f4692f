//! Conversations, and the bridges they are held in.

use std::time::Duration;

use super::{
    Command, Engine, Fact, LegId, QueueIx, Wake,
    arrival::Parting,
    call::{Dialling, Doing, Stands, Talk},
    leg::Phase,
    notice::{OfferOutcome, Outcome, Party, Transfer},
    operator::{self, Rest},
};
use crate::domain::{BridgeId, CallId, Cause, NodeId, Reason, Time};

/// How soon a caller's dead man's switch is taken off once more, when we do not know that it is off.
pub(super) const DISARM_AGAIN: Duration = Duration::from_secs(1);

/// A caller for whom somebody rang.
struct Rung {
    /// In which line he stood.
    queue: Option<QueueIx>,
    /// Since when he waited.
    since: Time,
    legs: Vec<LegId>,
    /// Legs that are ending, of which it was to be told why.
    ending: Vec<LegId>,
}

impl Engine {
    /// Somebody answered for a caller.
    pub(super) fn on_accepted(&mut self, id: LegId) {
        let now = self.now;
        let Some(leg) = self.legs.get(&id) else { return };
        if self.rings_for_callback(leg.call) {
            return self.takes_first(id);
        }
        let (call_id, mut apart) = (leg.call, leg.bridge.is_none());
        let Some(call) = self.calls.get(&call_id) else { return };
        apart |= call.stands != Stands::Joined;
        let Some(Rung { queue, since, legs, ending }) = self.stop_waiting(call_id) else {
            // Nobody waits for him: a bug, and not his fault.
            self.tell(Some(call_id), Fact::Broken { what: "a leg was answered for a call that does not wait" });
            return self.withdraw(id, OfferOutcome::Failed, Reason::Normal);
        };
        if let Some(call) = self.calls.get_mut(&call_id) {
            call.served = true;
            // Should he wait again, he has waited for nobody yet.
            let entered = call.entered.take();
            let talk = Talk { leg: id, queue, since: now, joined: Some(since), entered, disarm_again: false };
            call.doing = Doing::Talking(talk);
        }
        self.timers.stop(Wake::Ring(id));
        // One who took a callback has told so before his customer answered.
        if self.legs.get(&id).is_some_and(|leg| leg.phase != Phase::Talking) {
            self.tell_offer_ended(id, OfferOutcome::Answered, Cause::default());
        }
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.phase = Phase::Talking;
        }
        self.answer_where_he_is(call_id);
        // What the answer has not ended.
        self.hush(call_id);
        if apart {
            self.join(id);
        }
        for other in legs.into_iter().filter(|leg| *leg != id) {
            self.withdraw(other, OfferOutcome::AnsweredElsewhere, Reason::AnsweredElsewhere);
        }
        for other in ending {
            self.tell_offer_ended(other, OfferOutcome::AnsweredElsewhere, Cause::default());
        }
        self.disarm(call_id);
        let Some(leg) = self.legs.get(&id) else { return };
        let (operator, callee, through, leg) = (leg.operator, leg.callee.clone(), leg.queue, leg.channel.clone());
        self.remember_talk(call_id, queue.filter(|_| through == queue), operator);
        let queue = queue.map(|queue| self.queue(queue).plan.name.clone());
        if let Some(operator) = operator {
            self.operators[operator.0].roster.took();
            self.begins_talk(operator, operator::Doing::Talking { leg: id, since: now });
        }
        if let Some(callee) = callee {
            self.tell(Some(call_id), Fact::Connected { queue, callee, leg: Some(leg), waited: now.since(since) });
        }
        operator.into_iter().for_each(|operator| self.takes_another(operator));
    }

    /// A caller for whom somebody answered waits no longer; `None`: he did not wait.
    fn stop_waiting(&mut self, id: CallId) -> Option<Rung> {
        let call = self.calls.get_mut(&id)?;
        let leaving = Doing::Leaving { outcome: Outcome::Served, asked: 0 };
        match std::mem::replace(&mut call.doing, leaving) {
            Doing::Queued(standing) => {
                let (queue, place) = (standing.queue, standing.place);
                let operators = self.at_work_in(queue);
                self.step_out(&standing);
                if let Some(came_to) = standing.came_to {
                    self.queues[queue.0].pace.answered(self.now.since(place.joined), came_to, operators);
                }
                self.tell_estimate(id, &standing);
                self.waits_no_longer(id);
                Some(Rung { queue: Some(queue), since: place.joined, legs: standing.legs, ending: Vec::new() })
            }
            Doing::Dialling(Dialling { since, legs, ending, .. }) => Some(Rung { queue: None, since, legs, ending }),
            other @ (Doing::Playing { .. }
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Recording(_)
            | Doing::Asked(_)
            | Doing::Chosen(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. }) => {
                call.doing = other;
                None
            }
        }
    }

    /// Brings together a caller and a leg that rang by itself, or of which we only hear now.
    pub(super) fn join(&mut self, id: LegId) {
        self.prepare_bridge(id);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some(call) = self.calls.get_mut(&leg.call) else { return };
        let Some(bridge) = call.bridge.clone() else { return };
        let waiting = call.stands == Stands::Joined;
        call.stands = Stands::Joined;
        let before = leg.bridge.replace(bridge.clone());
        let (leg, caller) = (leg.channel.clone(), leg.caller.clone());
        if before.as_ref() != Some(&bridge) {
            self.lent(&bridge);
            if let Some(before) = before {
                self.give_back(&before);
            }
        }
        self.command(Command::Join { bridge, caller, leg, waiting });
    }

    /// Takes the dead man's switch off one who talks: nobody may be cut off because we are gone.
    pub(super) fn disarm(&mut self, id: CallId) {
        if let Some(Doing::Talking(talk)) = self.calls.get_mut(&id).map(|call| &mut call.doing) {
            talk.disarm_again = false;
        }
        self.write(id, Duration::ZERO, None);
    }

    /// The operator hung up, or his phone died.
    pub(super) fn on_operator_left(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let call_id = leg.call;
        let Some(call) = self.calls.get_mut(&call_id) else {
            return self.end_leg(id, Rest::None);
        };
        let leaving = Doing::Leaving { outcome: Outcome::Served, asked: 0 };
        match std::mem::replace(&mut call.doing, leaving) {
            Doing::Talking(talk) if talk.leg == id => {
                let rest = self.talk_over(call_id, &talk, Party::Operator);
                // The next caller first: he has waited, and this one is done.
                self.end_leg(id, rest);
                self.part(call_id, Parting::HangUp(Reason::Normal), Outcome::Served);
            }
            other @ (Doing::Playing { .. }
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Asked(_)
            | Doing::Recording(_)
            | Doing::Queued(_)
            | Doing::Chosen(_)
            | Doing::Dialling(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. }) => {
                call.doing = other;
                self.end_leg(id, Rest::None);
                self.is_forsaken(call_id, id);
            }
        }
    }

    /// A conversation is over. Gives what the operator is owed.
    pub(super) fn talk_over(&mut self, id: CallId, talk: &Talk, by: Party) -> Rest {
        self.talk_over_at(id, talk, by, None)
    }

    /// The same, and perhaps the caller talks on: where.
    pub(super) fn talk_over_at(&mut self, id: CallId, talk: &Talk, by: Party, to: Option<Transfer>) -> Rest {
        let now = self.now;
        let Some(leg) = self.legs.get(&talk.leg) else { return Rest::None };
        let Some(callee) = leg.callee.clone() else { return Rest::None };
        let (leg_operator, through) = (leg.operator, leg.queue);
        if let Some(operator) = leg_operator {
            self.has_talked(operator, now.since(talk.since));
        }
        self.remember_talk(id, talk.queue.filter(|_| through == talk.queue), leg_operator);
        let wrap_up = through.map_or(Duration::ZERO, |queue| self.queue(queue).plan.wrap_up);
        let rest = Rest::WrapUp(wrap_up);
        let queue = talk.queue.map(|queue| self.queue(queue).plan.name.clone());
        let waited = talk.joined.map(|joined| talk.since.since(joined));
        self.tell(Some(id), Fact::TalkEnded { queue, callee, talked: now.since(talk.since), by, waited, to });
        rest
    }

    /// Hangs up the other end of a conversation whose caller has left.
    pub(super) fn dismiss(&mut self, id: LegId, reason: Reason) {
        let queue = self.legs.get(&id).and_then(|leg| leg.queue);
        let wrap_up = queue.map_or(Duration::ZERO, |queue| self.queue(queue).plan.wrap_up);
        self.dismiss_with(id, reason, Rest::WrapUp(wrap_up));
    }

    /// One more may be in a talk bridge.
    pub(super) fn lent(&mut self, bridge: &BridgeId) {
        let node = self.nodes.entry(bridge.node).or_default();
        *node.lent.entry(bridge.clone()).or_default() += 1;
    }

    /// One of those who may be in a talk bridge is gone; the last one leaves it to whoever needs one next.
    pub(super) fn give_back(&mut self, bridge: &BridgeId) {
        let Some(node) = self.nodes.get_mut(&bridge.node) else { return };
        let Some(users) = node.lent.get_mut(bridge) else { return };
        *users -= 1;
        if *users == 0 {
            node.lent.remove(bridge);
            if !node.occupied.contains(bridge) {
                node.pool.push(bridge.clone());
            }
        }
    }

    /// A bridge that Asterisk does not have.
    pub(super) fn forget_bridge(&mut self, bridge: &BridgeId) {
        let Some(node) = self.nodes.get_mut(&bridge.node) else { return };
        node.lent.remove(bridge);
        node.pool.retain(|free| free != bridge);
    }

    /// Calls on a node, in the order of their arrival.
    pub(super) fn calls_on(&self, node: NodeId) -> Vec<CallId> {
        self.calls.values().filter(|call| call.channel.node == node).map(|call| call.id).collect()
    }

    /// Legs on a node, in the order in which they were dialled.
    pub(super) fn legs_on(&self, node: NodeId) -> Vec<LegId> {
        self.legs.iter().filter(|(_, leg)| leg.channel.node == node).map(|(id, _)| *id).collect()
    }
}
