//! Offers: somebody's phone rings for a caller, and how that ends.

use std::time::Duration;

pub(super) use super::wanted::Wanted;
use super::{
    BridgeKind, Command, Engine, Fact, LegId, OperatorIx, QueueIx, Role, Wake,
    arrival::{ASKED_ENOUGH, OVERDUE},
    call::{Hum, Stands},
    duty::missed_by,
    leg::{Leg, Phase, Way, outcome_of},
    notice::OfferOutcome,
    operator::{Doing, Rest, With},
};
use crate::{
    dialplan::Music,
    domain::{CallId, Cause, ChannelId, Reason, id::OURS},
};

/// A leg that left us has ended after this long.
pub(super) const SOON: Duration = Duration::from_millis(500);

/// Asterisk ends a ringing leg by itself; this much later we no longer believe that it will.
const RING_SLACK: Duration = Duration::from_secs(3);

impl Engine {
    /// Rings an operator for a caller who stands in a line, through his queue or another one, or keeps him for one whom Asterisk's
    /// dialplan connects.
    pub(super) fn offer(&mut self, id: CallId, through: QueueIx, operator: OperatorIx, way: Way) {
        if let Some(limit) = self.wants_choice(id) {
            return self.reserve(id, operator, limit);
        }
        // Whoever was rung a moment ago may have the last line to him.
        if !self.is_within_reach(operator) || self.standing(id).is_none() {
            return;
        }
        self.is_offered(id, through, operator);
        let ring = self.queue(through).plan.ring;
        self.ring_phones(id, operator, Some(through), ring, way);
        // Behind the request that makes the telephone ring: who answers finds a caller who can be joined at once.
        if self.cut_announcement(id) {
            self.was_told(id);
        }
    }

    /// Rings somebody for a caller.
    pub(super) fn ring_phone(&mut self, id: CallId, wanted: Wanted) -> Option<LegId> {
        let (now, first) = (self.now, self.rings_for_callback(id));
        let Wanted { callee, operator, queue, endpoint, shows, ring, way, accept, trunk } = wanted;
        let call = self.calls.get(&id)?;
        // Asterisk shows the number of a channel's far side, and of one whom we called that is what we showed him.
        let shows = match &call.called_back {
            Some(called_back) => {
                let mut shown = shows.unwrap_or_default();
                shown.caller_id.get_or_insert_with(|| (called_back.number.as_str().into(), None));
                Some(shown)
            }
            None => shows,
        };
        let announced = || self.queue(queue?).plan.introduces.clone();
        let accept = accept.or_else(announced);
        // Nobody is with the caller before he has accepted; and only a leg that rings at once can be shown somebody else.
        let way = if accept.is_some() || shows.is_some() { Way::Originated } else { way };
        let caller = call.channel.clone();
        let name = queue.map(|queue| self.queue(queue).plan.name.clone());
        let meter = self.meter(id, trunk.as_ref());
        let (leg, channel) = self.new_leg_channel(caller.node, &callee, id, name.as_deref());
        self.channels.insert(channel.clone(), Role::Leg(leg));
        let phase = match way {
            Way::Created => Phase::Making,
            Way::Originated => Phase::Ringing,
        };
        let record = Leg {
            channel: channel.clone(),
            call: id,
            caller: caller.clone(),
            callee: Some(callee.clone()),
            operator,
            queue,
            ring,
            way,
            since: now,
            bridge: None,
            phase,
            meter,
            trunk,
            accept,
        };
        self.legs.insert(leg, record);
        self.timers.set(Wake::Ring(leg), now + ring + RING_SLACK);
        // The request that makes the phone ring goes before everything else.
        self.command_before_stop(match way {
            // Asterisk rings nobody for a channel that is not there.
            _ if first => Command::CallOut { channel, endpoint, shows, ring },
            Way::Created => Command::Create { leg: channel, endpoint, caller },
            Way::Originated => Command::Originate { leg: channel, endpoint, caller, shows, ring },
        });
        let begins = operator.is_none_or(|operator| self.begins_offer(operator, leg));
        if let Some(operator) = operator.filter(|_| begins) {
            self.set_doing(operator, Doing::Ringing { leg, since: now });
        }
        if begins {
            self.tell(Some(id), Fact::Offered { queue: name, callee });
        }
        self.lend_bridge(id);
        Some(leg)
    }

    /// Sees to it that the call has a talk bridge: one that nobody is in any more, or a new one.
    pub(super) fn lend_bridge(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        if call.bridge.is_some() {
            return;
        }
        let channel = call.channel.clone();
        let free = self.nodes.get_mut(&channel.node).and_then(|node| node.pool.pop());
        let bridge = free.unwrap_or_else(|| {
            let bridge = self.new_talk_bridge(channel.node);
            self.command(Command::MakeBridge { bridge: bridge.clone(), kind: BridgeKind::Talk });
            bridge
        });
        self.lent(&bridge);
        if let Some(call) = self.calls.get_mut(&id) {
            call.bridge = Some(bridge);
        }
    }

    /// Sees to it that a leg and its caller have a bridge for themselves. One that was hung up and has not ended yet could
    /// still be answered, and three would talk: the caller leaves it to itself.
    pub(super) fn prepare_bridge(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let (call_id, own) = (leg.call, leg.bridge.clone());
        let Some(call) = self.calls.get_mut(&call_id) else { return };
        if let Some(bridge) = call.bridge.clone() {
            let lent = self.nodes.get(&bridge.node).and_then(|node| node.lent.get(&bridge)).copied().unwrap_or(0);
            let others = lent.saturating_sub(1 + u32::from(own.as_ref() == Some(&bridge)));
            if others > 0 {
                call.past.extend(call.bridge.take());
                if call.stands == Stands::Joined {
                    call.stands = Stands::Alone;
                }
            }
        }
        self.lend_bridge(call_id);
    }

    /// A leg that we know. One of ours that we took for gone must not be left ringing: that its hang-up found nothing may
    /// mean that Asterisk had not made it yet.
    fn leg_or_hang_up(&mut self, channel: &ChannelId) -> Option<LegId> {
        let known = self.leg_of(channel);
        if known.is_none() && channel.id.starts_with(OURS) {
            self.command(Command::HangUp { channel: channel.clone(), reason: Reason::Normal, can_wait: false });
        }
        known
    }

    /// That a phone rings is of no consequence: that it was dialled is.
    pub(super) fn on_leg_ringing(&mut self, channel: &ChannelId) {
        if self.caller_of(channel).is_some() {
            return;
        }
        let _ = self.leg_or_hang_up(channel);
    }

    /// A leg is in our hands.
    pub(super) fn on_leg_entered(&mut self, channel: &ChannelId, answered: bool) {
        if let Some(id) = self.caller_of(channel) {
            return self.on_called_back_answers(id);
        }
        let Some(id) = self.leg_or_hang_up(channel) else { return };
        if answered {
            self.begin_to_cost(id);
        }
        let Some(leg) = self.legs.get(&id) else { return };
        match leg.phase {
            Phase::Making if !answered => self.ring(id),
            Phase::Making | Phase::Ringing if answered => self.on_offer_answered(id),
            // A leg that was hung up meanwhile ends by itself; one that talks entered long ago.
            Phase::Making | Phase::Ringing | Phase::Asked { .. } | Phase::Talking | Phase::Going { .. } => {}
        }
    }

    /// Rings a leg that has been made, in one bridge with the caller: when it is answered they hear each other at once.
    fn ring(&mut self, id: LegId) {
        self.prepare_bridge(id);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let call = leg.call;
        let Some(record) = self.calls.get_mut(&call) else { return };
        let Some(bridge) = record.bridge.clone() else { return };
        let waiting = record.stands == Stands::Joined;
        record.stands = Stands::Joined;
        leg.phase = Phase::Ringing;
        leg.bridge = Some(bridge.clone());
        let ring = leg.ring;
        let (leg, caller) = (leg.channel.clone(), leg.caller.clone());
        self.lent(&bridge);
        self.command(Command::Dial { leg: leg.clone(), caller: caller.clone(), ring });
        // One for whom a step rings goes on to hear it: Asterisk 16 makes no tone of a leg that rings in a bridge.
        if self.standing(call).is_some() {
            self.ring_back(call);
        }
        self.command(Command::Join { bridge, caller, leg, waiting });
    }

    /// What one in a line hears who is about to be joined with whoever rings for him. Asterisk passes the ringing on to one who
    /// is not answered, unless the telephone was quicker than the bridge: so he is told himself.
    fn ring_back(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        if call.answered.is_some() {
            self.hush(id);
        } else if call.hum != Some(Hum::Ringing) {
            self.hum(id, Hum::Ringing);
        }
    }

    /// Somebody answered. A leg that was rung at once counts only when it is in our hands ([`Self::on_leg_entered`]).
    pub(super) fn on_leg_answered(&mut self, channel: &ChannelId) {
        // One who is called back counts when he is in our hands.
        if self.caller_of(channel).is_some() {
            return;
        }
        let Some(id) = self.leg_or_hang_up(channel) else { return };
        self.begin_to_cost(id);
        let Some(leg) = self.legs.get(&id) else { return };
        if leg.way == Way::Created && leg.phase == Phase::Ringing {
            self.on_accepted(id);
        }
    }

    /// A leg has ended.
    pub(super) fn on_ended(&mut self, channel: &ChannelId, cause: Cause) {
        match self.role(channel) {
            Some(Role::Leg(leg)) => self.on_leg_gone(leg, cause),
            Some(Role::Caller(call)) => {
                self.on_called_back_ended(call, cause);
                self.on_left(channel);
            }
            None => {}
        }
    }

    /// A leg left our hands. One that rang, or that we hung up, still occupies its phone until it has ended.
    ///
    /// Asterisk tells the end when its CANCEL or BYE is out, but for a phone that has not yet said a word: that one is cancelled
    /// at its first word (RFC 3261, 9.1), and told ended at once. Should it be rung for the next caller before, it sees two calls
    /// for as long as it is slow, or refuses the second, who is then offered to others.
    pub(super) fn on_leg_left(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        match leg.phase {
            Phase::Talking => self.on_leg_gone(id, Cause::default()),
            Phase::Going { .. } if leg.operator.is_none() && leg.callee.is_none() => {
                self.on_leg_gone(id, Cause::default())
            }
            // Its end follows at once, as a rule. After a transfer Asterisk does not tell it: we ask.
            Phase::Going { .. } => self.timers.set(Wake::Going(id), self.now + SOON),
            Phase::Making | Phase::Ringing | Phase::Asked { .. } => {}
        }
    }

    pub(super) fn on_leg_gone(&mut self, id: LegId, cause: Cause) {
        let Some(leg) = self.legs.get(&id) else { return };
        match leg.phase {
            Phase::Making | Phase::Ringing => {
                let outcome = self.outcome(leg, cause);
                self.on_refused(id, outcome, cause);
            }
            // Who hangs up when he is asked does not want the call.
            Phase::Asked { .. } => self.on_refused(id, OfferOutcome::Declined, cause),
            Phase::Talking => self.on_operator_left(id),
            Phase::Going { rest, .. } => {
                self.learn_why(id, cause);
                self.end_leg(id, rest);
            }
        }
    }

    /// What became of an offer. An old Asterisk gives no cause when it rang as long as it was told to.
    fn outcome(&self, leg: &Leg, cause: Cause) -> OfferOutcome {
        let outcome = outcome_of(cause);
        let rang_out = outcome == OfferOutcome::Failed && self.now.since(leg.since) >= leg.ring;
        if rang_out { OfferOutcome::NoAnswer } else { outcome }
    }

    /// A leg that was given up has ended, perhaps of itself.
    fn learn_why(&mut self, id: LegId, cause: Cause) {
        let Some(leg) = self.legs.get(&id) else { return };
        let call = leg.call;
        if self.dialling_mut(call).is_some_and(|dialling| dialling.ending.contains(&id)) {
            let outcome = outcome_of(cause);
            self.tell_offer_ended(id, outcome, cause);
            self.miss(call, outcome);
        }
    }

    /// An offer came to nothing, by itself: the next one.
    pub(super) fn on_refused(&mut self, id: LegId, outcome: OfferOutcome, cause: Cause) {
        let goes_on = self.goes_on_elsewhere(id, outcome);
        let outcome = self.came_to(id, outcome);
        let Some(leg) = self.legs.get(&id) else { return };
        let (call, rest) = (leg.call, self.rest_after_refusal(leg, outcome));
        let (operator, queue) = (leg.operator, leg.queue);
        if goes_on {
            self.drop_offer(call, id);
            self.end_leg(id, Rest::None);
            // While he was told of him nobody else was rung.
            return self.want(call);
        }
        self.tell_offer_ended(id, outcome, cause);
        self.drop_offer(call, id);
        self.miss(call, outcome);
        // It may have had the last line to somebody else, who is rung for him rather than for those behind him.
        self.wants_more(call);
        self.end_leg(id, rest);
        self.missed(operator, queue, outcome);
        self.go_on_waiting(call);
    }

    /// Whatever the cause: to ring him again at once would most likely meet it again. He who was asked for by name is left to
    /// whoever asks for him next.
    fn rest_after_refusal(&self, leg: &Leg, after: OfferOutcome) -> Rest {
        leg.queue.map_or(Rest::None, |queue| Rest::BackOff {
            rest: self.queue(queue).plan.retry.after(missed_by(after)),
            after,
        })
    }

    /// A leg no longer rings for a call.
    pub(super) fn drop_offer(&mut self, call: CallId, leg: LegId) {
        // Music ends the tone of the leg; in a line without, nothing would.
        if self.standing(call).is_some_and(|standing| self.queue(standing.queue).plan.music == Music::Nothing) {
            self.may_hear_tone_of(leg);
        }
        if let Some(standing) = self.standing_mut(call) {
            standing.legs.retain(|other| *other != leg);
        }
        if let Some(dialling) = self.dialling_mut(call) {
            dialling.legs.retain(|other| *other != leg);
        }
    }

    /// Of a leg that rings in one bridge with a caller who is answered, Asterisk 22 makes a tone for him, and goes on when the
    /// leg has ended (16 makes none), unless something else ends it.
    pub(super) fn may_hear_tone_of(&mut self, leg: LegId) {
        let rings = |leg: &&Leg| leg.way == Way::Created && leg.phase == Phase::Ringing;
        let Some(leg) = self.legs.get(&leg).filter(rings) else { return };
        if let Some(call) = self.calls.get_mut(&leg.call).filter(|call| call.answered.is_some()) {
            call.hum = Some(Hum::Unknown);
        }
    }

    /// The caller is rung for no longer by one whom he was offered to.
    pub(super) fn go_on_waiting(&mut self, call: CallId) {
        self.want(call);
        self.settle(call);
        self.dial_on(call);
        self.is_taken_by_nobody(call);
    }

    /// Stops a phone that rings.
    pub(super) fn withdraw(&mut self, id: LegId, outcome: OfferOutcome, reason: Reason) {
        self.tell_offer_ended(id, outcome, Cause::default());
        self.dismiss_with(id, reason, Rest::None);
    }

    /// Hangs up a leg. It is gone when Asterisk says so.
    pub(super) fn dismiss_with(&mut self, id: LegId, reason: Reason, rest: Rest) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.phase = Phase::Going { rest, asked: 1 };
        let (channel, operator) = (leg.channel.clone(), leg.operator);
        self.timers.stop(Wake::Ring(id));
        self.timers.set(Wake::Going(id), self.now + OVERDUE);
        self.command(Command::HangUp { channel, reason, can_wait: false });
        operator.into_iter().for_each(|operator| self.is_ending(operator, With::Leg(id)));
    }

    /// The last of a leg: its operator rests, or takes the next caller.
    pub(super) fn end_leg(&mut self, id: LegId, rest: Rest) {
        let Some(leg) = self.legs.remove(id) else { return };
        self.timers.stop(Wake::Ring(id));
        self.timers.stop(Wake::Going(id));
        self.channels.remove(&leg.channel);
        if let Some(bridge) = &leg.bridge {
            self.give_back(bridge);
        }
        self.tell_charge(&leg);
        let operator = leg.operator.filter(|operator| !self.hands_on(*operator, id, rest));
        let operator = operator.filter(|operator| self.operator(*operator).is_with(With::Leg(id)));
        if leg.trunk.as_ref().is_some_and(|trunk| self.was_full(trunk)) {
            // Those whom it kept from being rung may be rung now, and he whom it rang is only one of them.
            operator.into_iter().for_each(|operator| self.rests(operator, With::Leg(id), rest));
            self.match_trunk(&leg.trunk, operator, leg.call);
        } else if let Some(operator) = operator {
            self.is_done(operator, With::Leg(id), rest);
        }
        if self.dialling_mut(leg.call).is_some_and(|dialling| dialling.has_ended(id)) {
            self.dial_on(leg.call);
        }
    }

    /// Asterisk should have given up ringing, and did not say so; or who answered was asked and pressed no key.
    pub(super) fn on_ring_overdue(&mut self, id: LegId) {
        self.tell_unheard(id);
        if self.is_told_only(id) {
            return self.has_heard(id);
        }
        self.give_up_offer(id, OfferOutcome::NoAnswer);
    }

    /// Hangs up a leg that rings, as one that came to nothing: the next one.
    pub(super) fn give_up_offer(&mut self, id: LegId, outcome: OfferOutcome) {
        let goes_on = self.goes_on_elsewhere(id, outcome);
        let outcome = self.came_to(id, outcome);
        let Some(leg) = self.legs.get(&id) else { return };
        let (call, rest) = (leg.call, self.rest_after_refusal(leg, outcome));
        let (operator, queue) = (leg.operator, leg.queue);
        if goes_on {
            self.drop_offer(call, id);
            self.dismiss_with(id, Reason::Normal, Rest::None);
            return self.want(call);
        }
        let is_clear = matches!(outcome, OfferOutcome::NoAnswer | OfferOutcome::Declined);
        if is_clear || !self.await_end(call, id) {
            self.tell_offer_ended(id, outcome, Cause::default());
            self.drop_offer(call, id);
            self.miss(call, outcome);
        }
        self.dismiss_with(id, Reason::Normal, rest);
        self.missed(operator, queue, outcome);
        self.go_on_waiting(call);
    }

    /// A leg that we hung up is still there, or its end was not told.
    pub(super) fn on_going_overdue(&mut self, id: LegId) {
        let now = self.now;
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Phase::Going { rest, asked } = &mut leg.phase else { return };
        if *asked >= ASKED_ENOUGH {
            let (rest, call) = (*rest, leg.call);
            self.tell(Some(call), Fact::Broken { what: "a leg did not end though it was hung up" });
            return self.end_leg(id, rest);
        }
        *asked += 1;
        let channel = leg.channel.clone();
        self.timers.set(Wake::Going(id), now + OVERDUE);
        self.command(Command::HangUp { channel, reason: Reason::Normal, can_wait: false });
    }

    pub(super) fn tell_offer_ended(&mut self, id: LegId, outcome: OfferOutcome, cause: Cause) {
        let (Some(since), Some(leg)) = (self.close_offer(id), self.legs.get(&id)) else { return };
        let Some(callee) = leg.callee.clone() else { return };
        let fact = Fact::OfferEnded {
            queue: leg.queue.map(|queue| self.queue(queue).plan.name.clone()),
            callee,
            outcome,
            rang: self.now.since(since),
            cause,
        };
        self.tell(Some(leg.call), fact);
    }
}
