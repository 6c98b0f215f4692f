//! Phones that transfer: somebody new is in a bridge of ours, in the place of one whom we know.
//!
//! An operator may transfer the caller: he is done, and the caller talks on with whoever came. Everything else that is put
//! into somebody's place is hung up, and the bridge it is in stays lent until it has ended. That includes what a caller's
//! own phone does: he has left his call (as served when he talked), and both who remain are hung up.

use std::time::Duration;

use super::{
    Callee, Engine, Held, HeldBridge, LegId, OperatorIx, Role,
    arrival::Parting,
    call::{Doing, Stands, Talk},
    leg::{Leg, Phase, Way},
    notice::{Party, Transfer},
    operator::{self, Rest},
};
use crate::domain::{BridgeId, CallId, ChannelId, Reason, id::OURS};

/// What is known of a channel that is hung up as soon as it is seen.
#[derive(Debug, Default)]
pub(super) struct Stranger {
    /// The talk bridge in which it is.
    pub(super) bridge: Option<BridgeId>,
    /// Whom it rings.
    pub(super) callee: Option<Callee>,
    /// The operator who is engaged with it.
    pub(super) operator: Option<OperatorIx>,
}

impl Engine {
    /// A channel took another one's place.
    pub(super) fn on_replaced(&mut self, old: &ChannelId, new: &ChannelId, to: Option<Transfer>) {
        // A node that came up has told us of this channel already; one that is away tells us of it when it is back.
        if self.channels.contains_key(new) || !self.is_up(new.node) {
            return;
        }
        match self.role(old) {
            Some(Role::Leg(leg)) => self.on_leg_replaced(leg, new, to),
            Some(Role::Caller(call)) => self.on_caller_replaced(call, new),
            None => {
                let nobodys = self.new_call();
                self.dismiss_stranger(new, nobodys, Stranger::default());
            }
        }
    }

    /// Transfers that we did not hear of: somebody whom we do not know is alone with a caller in the bridge where he talked to
    /// an operator.
    pub(super) fn see_transfers(&mut self, held: &Held) {
        for bridge in &held.bridges {
            if let Some((leg, new)) = self.replaced_in(bridge) {
                self.on_leg_replaced(leg, &new, None);
            }
        }
    }

    fn replaced_in(&self, held: &HeldBridge) -> Option<(LegId, ChannelId)> {
        let [one, two] = held.channels.as_slice() else { return None };
        let (call, new) = match (self.caller_of(one), self.caller_of(two)) {
            (Some(call), None) => (self.calls.get(&call)?, two),
            (None, Some(call)) => (self.calls.get(&call)?, one),
            (Some(_), Some(_)) | (None, None) => return None,
        };
        let is_new = !self.channels.contains_key(new) && !new.id.starts_with(OURS);
        match &call.doing {
            Doing::Talking(talk) if is_new && call.bridge.as_ref() == Some(&held.bridge) => {
                Some((talk.leg, new.clone()))
            }
            Doing::Talking(_)
            | Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Recording(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Queued(_)
            | Doing::Chosen(_)
            | Doing::Dialling(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => None,
        }
    }

    /// The operator's phone transferred the caller: somebody else is in his place, and he is done.
    fn on_leg_replaced(&mut self, id: LegId, new: &ChannelId, to: Option<Transfer>) {
        let now = self.now;
        let Some(leg) = self.legs.get(&id) else { return };
        let (call_id, caller, bridge) = (leg.call, leg.caller.clone(), leg.bridge.clone());
        let call = self.calls.get(&call_id).map(|call| &call.doing);
        if !matches!(call, Some(Doing::Talking(talk)) if talk.leg == id) {
            // The transfer crossed our hang-up: nobody is there with whom he could talk.
            return self.dismiss_stranger(new, call_id, Stranger { bridge, ..Stranger::default() });
        }
        let next = LegId(self.count());
        if let Some(bridge) = &bridge {
            self.lent(bridge);
        }
        self.channels.insert(new.clone(), Role::Leg(next));
        let record = Leg {
            channel: new.clone(),
            call: call_id,
            caller,
            callee: None,
            operator: None,
            queue: None,
            ring: Duration::ZERO,
            way: Way::Originated,
            since: now,
            bridge,
            phase: Phase::Talking,
            // We did not dial him: nobody knows over which lines he came.
            meter: None,
            trunk: None,
            accept: None,
        };
        self.legs.insert(next, record);
        let Some(Doing::Talking(talk)) = self.calls.get_mut(&call_id).map(|call| &mut call.doing) else { return };
        let onward =
            Talk { leg: next, queue: None, since: now, joined: None, entered: None, disarm_again: talk.disarm_again };
        let talk = std::mem::replace(talk, onward);
        let rest = self.talk_over_at(call_id, &talk, Party::Transferred, to);
        // Asterisk leaves his channel up and empty.
        self.dismiss_with(id, Reason::Normal, rest);
    }

    /// The caller's phone transferred him, or whom he talked to: he is no longer where he was.
    fn on_caller_replaced(&mut self, id: CallId, new: &ChannelId) {
        let Some(call) = self.calls.get(&id) else { return };
        let (is_here, stands) = (call.is_here(), call.stands);
        let bridge = call.bridge.clone().filter(|_| stands == Stands::Joined);
        self.dismiss_stranger(new, id, Stranger { bridge, ..Stranger::default() });
        if is_here && let Some(outcome) = self.leave_off(id, Party::Caller) {
            // Asterisk leaves his channel up and empty.
            self.part(id, Parting::HangUp(Reason::Normal), outcome);
        }
    }

    /// Hangs up a channel in which nobody of ours is interested. Until it has ended, its bridge is lent, the trunk that it
    /// is on has one channel less, and its operator is not free.
    pub(super) fn dismiss_stranger(&mut self, channel: &ChannelId, call: CallId, who: Stranger) {
        let now = self.now;
        let Stranger { bridge, callee, operator } = who;
        if let Some(bridge) = &bridge {
            self.lent(bridge);
        }
        let id = LegId(self.count());
        self.channels.insert(channel.clone(), Role::Leg(id));
        let trunk = self.trunk_of(callee.as_ref());
        let record = Leg {
            channel: channel.clone(),
            call,
            caller: channel.clone(),
            callee,
            operator,
            queue: None,
            ring: Duration::ZERO,
            way: Way::Originated,
            since: now,
            bridge,
            phase: Phase::Making,
            meter: None,
            trunk,
            accept: None,
        };
        self.legs.insert(id, record);
        if let Some(operator) = operator {
            let owed = self.operator(operator).wrap_up();
            self.operators[operator.0].roster.owe(owed);
            self.set_doing(operator, operator::Doing::Ringing { leg: id, since: now });
        }
        self.dismiss_with(id, Reason::Normal, Rest::None);
    }
}
