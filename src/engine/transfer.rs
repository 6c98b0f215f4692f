//! Phones that transfer: somebody new is in a bridge of ours, in the place of one whom we know.

use super::{
    Engine, LegId, Role,
    call::{Doing, Talk},
    leg::{Leg, Phase, Way},
    notice::Party,
};
use crate::domain::{ChannelId, Reason};

impl Engine {
    /// The operator's phone transferred the caller: somebody else is in his place, and he is done.
    pub(super) fn on_leg_replaced(&mut self, old: &ChannelId, new: &ChannelId) {
        let now = self.now;
        let Some(id) = self.leg_of(old) else { return };
        let Some(leg) = self.legs.get(&id) else { return };
        let (call_id, caller, bridge) = (leg.call, leg.caller.clone(), leg.bridge.clone());
        let Some(call) = self.calls.get(&call_id) else { return };
        let Doing::Talking(talk) = &call.doing else { return };
        if talk.leg != id || self.channels.contains_key(new) {
            return;
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
            operator: None,
            queue: None,
            way: Way::Originated,
            since: now,
            bridge,
            phase: Phase::Talking,
        };
        self.legs.insert(next, record);
        let Some(call) = self.calls.get_mut(&call_id) else { return };
        let onward = Talk { leg: next, queue: None, since: now, joined: None, disarm_again: false };
        let Doing::Talking(talk) = std::mem::replace(&mut call.doing, Doing::Talking(onward)) else { return };
        let rest = self.talk_over(call_id, &talk, Party::Operator);
        // Asterisk leaves his channel up and empty.
        self.dismiss_with(id, Reason::Normal, rest);
    }
}
