//! Deadlines that have come, and those who deal with them.

use super::{Engine, Wake};

impl Engine {
    /// A deadline has come.
    pub(super) fn on_due(&mut self, wake: Wake) {
        match wake {
            Wake::Menu(call) => self.on_menu_silence(call),
            Wake::Answer(call) => self.on_answer_due(call),
            Wake::Rest(call) => self.on_rest_over(call),
            Wake::Unheard(call) => self.on_unheard(call),
            Wake::Recording(call) => self.on_recording_overdue(call),
            Wake::Lookup(call) => self.on_lookup_overdue(call),
            Wake::MaxWait(call) => self.on_max_wait(call),
            Wake::OneMore(call) => self.on_one_more(call),
            Wake::Terms(call) => self.on_terms(call),
            Wake::Sticky(call) => self.on_sticky_over(call),
            Wake::Announce(call) => self.on_announce(call),
            Wake::Choice(call) => self.on_choice_overdue(call),
            Wake::DeadMan(call) => self.on_dead_man(call),
            Wake::Leaving(call) => self.on_leaving_overdue(call),
            Wake::CallingBack(call) => self.on_calling_back_overdue(call),
            Wake::Callback(callback) => self.on_callback_due(callback),
            Wake::HandOver(call) => self.on_hand_over_overdue(call),
            Wake::Ring(leg) => self.on_ring_overdue(leg),
            Wake::Going(leg) => self.on_going_overdue(leg),
            Wake::Operator(operator) => self.on_rested(operator),
            Wake::Duty(operator) => self.on_pause_over(operator),
            Wake::Closing(queue) => self.on_closing(queue),
            Wake::Settled(operator) => self.on_settled(operator),
            Wake::Phone(operator) => self.on_next_phone(operator),
            Wake::Forget(node) => self.on_away_too_long(node),
            Wake::Look => self.on_look(),
        }
    }

    /// Whether a deadline waits until a node is heard from again: what should have happened by now may have happened there.
    pub(super) fn is_put_off(&self, wake: Wake) -> bool {
        let node = match wake {
            Wake::Menu(call)
            | Wake::Answer(call)
            | Wake::Rest(call)
            | Wake::Unheard(call)
            | Wake::Recording(call)
            | Wake::Lookup(call)
            | Wake::MaxWait(call)
            | Wake::OneMore(call)
            | Wake::Terms(call)
            | Wake::Sticky(call)
            | Wake::Announce(call)
            | Wake::Choice(call)
            | Wake::DeadMan(call)
            | Wake::CallingBack(call)
            | Wake::Leaving(call) => self.calls.get(&call).map(|call| call.channel.node),
            Wake::Ring(leg) | Wake::Going(leg) => self.legs.get(&leg).map(|leg| leg.channel.node),
            Wake::Phone(operator) => self.node_of_follow(operator),
            // He has left that node.
            Wake::HandOver(_)
            | Wake::Callback(_)
            | Wake::Operator(_)
            | Wake::Duty(_)
            | Wake::Settled(_)
            | Wake::Closing(_)
            | Wake::Forget(_)
            | Wake::Look => None,
        };
        node.is_some_and(|node| !self.is_up(node))
    }
}
