//! Handing a call over: its caller is at a node where nobody can be brought to him, and the plan wants somebody for him.
//!
//! He leaves our hands, and comes in again through a node that can do the rest: on another channel of ours, as the same call
//! and at the same step. In between he is in the hands of Asterisk's dialplan. Nothing is asked for him then, and nothing that
//! he does is heard: one who does not come has hung up, or is in the native fallback.

use std::time::Duration;

use super::{
    Command, Engine, Enters, Fact, PUT_OFF, Role, Scope, Wake,
    arrival::Parting,
    call::{Call, Doing},
    node::Node,
    notice::{HandOver, Outcome},
};
use crate::{
    dialplan::Act,
    domain::{CallId, ChannelId},
};

/// So long a caller is on his way at most. Measured are 5 ms.
const ON_HIS_WAY: Duration = Duration::from_secs(5);

impl Engine {
    /// Whether a step cannot be done where the caller is.
    pub(super) fn is_out_of_reach(&self, id: CallId, act: &Act) -> bool {
        act.is_for_others_too() && self.calls.get(&id).is_some_and(|call| self.is_alone_at(&call.channel))
    }

    /// Whether a channel is at a node where it can be brought together with no other.
    pub(super) fn is_alone_at(&self, channel: &ChannelId) -> bool {
        self.nodes.get(&channel.node).is_some_and(|node| node.scope == Scope::CallerAlone)
    }

    /// Lets a caller come in through a node that can do the step that he is at.
    pub(super) fn hand_over(&mut self, id: CallId) {
        if !self.nodes.values().any(Node::can_do_all) {
            self.tell(Some(id), Fact::HandOver(HandOver::NoNode));
            return self.part(id, Parting::Continue, Outcome::NotHandedOver);
        }
        self.hush(id);
        // Whoever finds him there without us knows him by what is written.
        self.arm(id, Duration::ZERO);
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.doing = Doing::HandingOver { since: now };
        let channel = call.channel.clone();
        self.timers.set(Wake::HandOver(id), now + ON_HIS_WAY);
        self.tell(Some(id), Fact::HandOver(HandOver::Begun));
        self.command(Command::HandOver { channel, call: id });
    }

    /// Whether a caller comes in as a call that is on its way here, which goes on then.
    pub(super) fn goes_on_as(&mut self, enters: &Enters, channel: &ChannelId, answered: bool) -> bool {
        match enters {
            Enters::HandedOver { call, .. } => self.comes_over(*call, channel, answered),
            Enters::Number(_) | Enters::Flow { .. } => false,
        }
    }

    fn comes_over(&mut self, id: CallId, channel: &ChannelId, answered: bool) -> bool {
        let (now, can_do_all) = (self.now, self.nodes.get(&channel.node).is_some_and(Node::can_do_all));
        // Who only says that he is this call is another channel, which keeps its id on its way.
        let is_he = |call: &&mut Call| can_do_all && call.channel.id == channel.id;
        let Some(call) = self.calls.get_mut(&id).filter(is_he) else { return false };
        let Doing::HandingOver { since } = call.doing else { return false };
        let left = std::mem::replace(&mut call.channel, channel.clone());
        let at = call.at;
        // Asterisk knows best.
        call.answered = call.answered.filter(|_| answered);
        self.channels.remove(&left);
        self.channels.insert(channel.clone(), Role::Caller(id));
        if let Some(node) = self.nodes.get_mut(&left.node) {
            node.calls = node.calls.saturating_sub(1);
        }
        self.nodes.entry(channel.node).or_default().calls += 1;
        self.timers.stop(Wake::HandOver(id));
        self.tell(Some(id), Fact::HandOver(HandOver::Done { took: now.since(since) }));
        if answered {
            self.is_answered(id);
        }
        self.answer_if_due(id);
        self.go(id, Some(at));
        true
    }

    /// A caller who should be on his way is where he left: he did not get there.
    pub(super) fn end_hand_over(&mut self, id: CallId) {
        if self.calls.get(&id).is_some_and(|call| matches!(call.doing, Doing::HandingOver { .. })) {
            self.tell(Some(id), Fact::HandOver(HandOver::Failed));
            self.end_call(id, Outcome::NotHandedOver);
        }
    }

    /// It was not asked of the caller: he is where he was.
    pub(super) fn on_not_handed_over(&mut self, channel: &ChannelId) {
        // With the node away nobody knows where he is.
        let Some(id) = self.caller_of(channel).filter(|_| self.is_up(channel.node)) else { return };
        if self.calls.get(&id).is_some_and(|call| matches!(call.doing, Doing::HandingOver { .. })) {
            self.tell(Some(id), Fact::HandOver(HandOver::Failed));
            self.part(id, Parting::Continue, Outcome::NotHandedOver);
        }
    }

    /// A caller should have come in by now.
    pub(super) fn on_hand_over_overdue(&mut self, id: CallId) {
        let now = self.now;
        let Some(call) = self.calls.get(&id) else { return };
        let Doing::HandingOver { .. } = call.doing else { return };
        // A node that is not heard from may have him, and tells of him when it is back; but not for longer than the dead man's
        // switch leaves him there.
        let somebody_is_away = self.nodes.values().any(|node| node.scope == Scope::WholeCall && !node.up);
        if somebody_is_away && call.armed.is_some_and(|armed| armed > now) {
            return self.timers.set(Wake::HandOver(id), now + PUT_OFF);
        }
        self.tell(Some(id), Fact::HandOver(HandOver::Overdue));
        self.end_call(id, Outcome::NotHandedOver);
    }
}
