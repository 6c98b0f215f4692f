//! Nodes come and go. Their calls go on without us; when we hear from a node again, what it holds is compared with what we
//! believe, and the differences are what happened meanwhile.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    time::Duration,
};

use super::{
    Command, Engine, Fact, Held, HeldBridge, HeldChannel, LegId, Scope, Wake,
    call::{Doing, Hum, Stands},
    callback::Holds,
    leg::{Phase, Way},
    notice::{OfferOutcome, Party},
    operator::Rest,
};
use crate::domain::{BridgeId, CallId, Cause, ChannelId, NodeId, Reason, Time, id::OURS};

/// An Asterisk, as the engine knows it.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// Whether it can be used.
    pub(crate) up: bool,
    /// For what, as it said last.
    pub(crate) scope: Scope,
    /// Calls it holds.
    pub(crate) calls: usize,
    /// When the calls of the last second came.
    pub(crate) recent: VecDeque<Time>,
    /// Talk bridges that nobody is in.
    pub(crate) pool: Vec<BridgeId>,
    /// While it comes up: talk bridges in which somebody is of whom we know nothing yet.
    pub(crate) occupied: BTreeSet<BridgeId>,
    /// Waiting rooms that were made.
    pub(crate) rooms: BTreeSet<BridgeId>,
    /// Talk bridges in use, and how many may be in each: its call, and its legs.
    pub(crate) lent: BTreeMap<BridgeId, u32>,
}

impl Node {
    /// Whether all that a call may need can be done there, now.
    pub(crate) fn can_do_all(&self) -> bool {
        self.up && self.scope == Scope::WholeCall
    }
}

impl Engine {
    pub(super) fn on_node_down(&mut self, id: NodeId) {
        let node = self.nodes.entry(id).or_default();
        if !std::mem::replace(&mut node.up, false) {
            return;
        }
        self.tell(None, Fact::NodeDown { node: id });
        self.expect_back(id);
        // Nobody is rung for its callers until we can hear the answer.
        for call in self.calls_on(id) {
            self.wants_nobody(call);
        }
    }

    pub(super) fn on_node_up(&mut self, id: NodeId, scope: Scope, held: Held) {
        self.on_node_down(id);
        self.timers.stop(Wake::Forget(id));
        let node = self.nodes.entry(id).or_default();
        (node.up, node.scope) = (true, scope);
        self.taking_stock = true;
        self.compare_bridges(id, &held);
        self.compare_places(id, &held);
        let present: HashMap<&ChannelId, &HeldChannel> =
            held.channels.iter().map(|channel| (&channel.channel, channel)).collect();
        let legs = self.legs_on(id);
        let going: Vec<LegId> = legs.iter().copied().filter(|leg| self.is_going(*leg)).collect();
        self.see_transfers(&held);
        for call in self.calls_on(id) {
            let Some(known) = self.calls.get_mut(&call) else { continue };
            match present.get(&known.channel) {
                Some(held) if held.answered => self.is_answered(call),
                Some(_) => known.answered = None,
                // He has left that node, and is on his way to another.
                None if matches!(known.doing, Doing::HandingOver { .. }) => {}
                // He is not called yet.
                None if known.called_back.as_ref().is_some_and(|it| it.operator == Some(Holds::Nobody)) => {}
                None => self.on_caller_left(call, Party::Unknown),
            }
        }
        for leg in legs {
            let Some(channel) = self.legs.get(&leg).map(|leg| leg.channel.clone()) else { continue };
            match present.get(&channel) {
                Some(_) if going.contains(&leg) => self.hang_up_again(leg),
                Some(held) => self.catch_up(leg, held.answered),
                None => self.on_leg_vanished(leg),
            }
        }
        let known = self.calls_on(id);
        if scope == Scope::WholeCall {
            self.compare_rooms(id, held.bridges.iter().map(|held| &held.bridge));
            // Who talks here may have been offered a call on a node that came up before: that is given up first.
            self.adopt_legs(&held);
        }
        for call in known {
            self.resume(call);
        }
        if scope == Scope::WholeCall {
            self.adopt_callers(&held);
        }
        if let Some(node) = self.nodes.get_mut(&id) {
            node.occupied.clear();
        }
        let calls = self.calls_on(id).len();
        self.tell(None, Fact::NodeUp { node: id, calls });
        self.taking_stock = false;
        self.match_everybody();
        self.settle_everybody();
    }

    /// The pool is what Asterisk holds of ours with nobody in it; what it does not hold is no bridge.
    fn compare_bridges(&mut self, id: NodeId, held: &Held) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let holds = |bridge: &BridgeId| held.bridges.iter().any(|held| held.bridge == *bridge);
        let lost: Vec<BridgeId> = node.lent.keys().filter(|bridge| !holds(bridge)).cloned().collect();
        let empty = held.bridges.iter().filter(|held| held.channels.is_empty() && is_talk_bridge(&held.bridge));
        node.pool = empty.map(|held| held.bridge.clone()).filter(|bridge| !node.lent.contains_key(bridge)).collect();
        let strange = |held: &HeldBridge| held.channels.iter().any(|channel| !self.channels.contains_key(channel));
        node.occupied = held.bridges.iter().filter(|held| strange(held)).map(|held| held.bridge.clone()).collect();
        for bridge in lost {
            self.lose_bridge(&bridge);
        }
    }

    /// Where a caller stands is where he was found: what was asked for him meanwhile may not have been done. One who is by
    /// himself in his talk bridge has not been joined with the leg that was to come to him.
    fn compare_places(&mut self, id: NodeId, held: &Held) {
        let mut found: HashMap<&ChannelId, (&HeldBridge, Stands)> = HashMap::new();
        for bridge in &held.bridges {
            let stands = self.stands_in(&bridge.bridge);
            found.extend(bridge.channels.iter().map(|channel| (channel, (bridge, stands))));
        }
        for call in self.calls.values_mut().filter(|call| call.channel.node == id) {
            let inside = found.get(&call.channel).copied();
            call.stands = match inside {
                Some((held, _)) if call.bridge.as_ref() == Some(&held.bridge) => {
                    if held.channels.len() > 1 {
                        Stands::Joined
                    } else {
                        Stands::Alone
                    }
                }
                Some((_, stands)) => stands,
                None => Stands::Alone,
            };
        }
    }

    /// A call's bridge is no more.
    pub(super) fn lose_bridge(&mut self, bridge: &BridgeId) {
        self.forget_bridge(bridge);
        for leg in self.legs.values_mut().filter(|leg| leg.bridge.as_ref() == Some(bridge)) {
            leg.bridge = None;
        }
        for call in self.calls.values_mut() {
            call.past.retain(|past| past != bridge);
            if call.bridge.as_ref() != Some(bridge) {
                continue;
            }
            call.bridge = None;
            if call.stands == Stands::Joined {
                call.stands = Stands::Alone;
            }
        }
    }

    /// A leg that is still there may have gone further than we heard.
    fn catch_up(&mut self, id: LegId, answered: bool) {
        if answered {
            self.begin_to_cost(id);
        }
        let Some(leg) = self.legs.get(&id) else { return };
        match (leg.phase, leg.way) {
            (Phase::Making | Phase::Ringing, _) if answered => self.on_offer_answered(id),
            (Phase::Asked { .. }, _) => self.ask_whether_again(id),
            (Phase::Making, Way::Created) => {
                let channel = leg.channel.clone();
                self.on_leg_entered(&channel, false);
            }
            (Phase::Making | Phase::Ringing | Phase::Talking | Phase::Going { .. }, _) => {}
        }
    }

    fn is_going(&self, id: LegId) -> bool {
        self.legs.get(&id).is_some_and(|leg| matches!(leg.phase, Phase::Going { .. }))
    }

    /// That we hung it up may have been lost.
    fn hang_up_again(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let channel = leg.channel.clone();
        self.command(Command::HangUp { channel, reason: Reason::Normal, can_wait: false });
    }

    /// A leg ended while we could not hear it. Asterisk hangs up those who answer then, so it is nobody's fault, and the
    /// operator is offered the next call at once.
    fn on_leg_vanished(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let call = leg.call;
        let phase = leg.phase;
        if phase.is_offered() && self.goes_on_elsewhere(id, OfferOutcome::Failed) {
            self.drop_offer(call, id);
            return self.end_leg(id, Rest::None);
        }
        match phase {
            Phase::Making | Phase::Ringing | Phase::Asked { .. } => {
                self.tell_offer_ended(id, OfferOutcome::Failed, Cause::default());
                self.drop_offer(call, id);
                self.end_leg(id, Rest::None);
            }
            Phase::Talking | Phase::Going { .. } => self.on_leg_gone(id, Cause::default()),
        }
    }

    /// A call whose node was away goes on.
    fn resume(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let (channel, stands) = (call.channel.clone(), call.stands);
        match &call.doing {
            Doing::Resting { .. } => self.go_again(id),
            // What he heard may have ended, and a key may have been lost: he hears it once more.
            Doing::Playing { .. } | Doing::Asked(_) => self.hear_again(id),
            Doing::Recording(_) => self.resume_message(id),
            // What was asked for him meanwhile may be lost, and so may the answer.
            Doing::LookingUp(_) => self.go_again(id),
            Doing::Queued(_) => {
                // What he was told may have ended.
                self.cut_announcement(id);
                self.is_to_hear(id);
                self.want(id);
                self.settle(id);
            }
            Doing::Dialling(dialling) => {
                let (idle, rings) = (dialling.is_idle(), !dialling.legs.is_empty());
                self.is_to_hear(id);
                // Whether he hears it ring is not known either.
                self.hush(id);
                if rings {
                    self.hum(id, Hum::Ringing);
                }
                if idle {
                    // Whoever rang is gone: hung up by Asterisk, perhaps, since he answered while nobody heard it.
                    self.go_again(id);
                } else {
                    self.arm(id, Duration::ZERO);
                }
            }
            // He is in the dialplan's hands, and asks for nothing.
            Doing::Chosen(_) => {}
            Doing::Talking(talk) => {
                let leg = talk.leg;
                self.answer(id);
                // Somebody took their bridge away: they get another one.
                if stands != Stands::Joined {
                    self.join(leg);
                }
                self.disarm(id);
            }
            Doing::HandingOver { .. } => {}
            Doing::CallingBack if call.answered.is_some() => self.on_called_back_answers(id),
            Doing::CallingBack => self.resume_first(id),
            Doing::Leaving { outcome, .. } => {
                let outcome = *outcome;
                self.part_again(channel, outcome);
            }
        }
    }

    /// We stop, and no call is left: nothing of ours stays in Asterisk.
    pub fn farewell(&mut self) {
        let mut ours: Vec<BridgeId> = Vec::new();
        for node in self.nodes.values_mut().filter(|node| node.can_do_all()) {
            ours.append(&mut node.pool);
            ours.extend(std::mem::take(&mut node.rooms));
        }
        for bridge in ours {
            self.command(Command::DropBridge { bridge });
        }
    }
}

/// How long a call may be old that is found without a word about when it came.
pub(super) const OLDEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether a bridge is one of those in which two talk, of this life of the engine or an earlier one.
pub(super) fn is_talk_bridge(bridge: &BridgeId) -> bool {
    let number = bridge.id.strip_prefix(OURS).and_then(|rest| rest.split_once("-t"));
    number.is_some_and(|(boot, number)| boot.len() == 8 && number.parse::<u64>().is_ok())
}
