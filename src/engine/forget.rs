//! A node's calls that are no longer ours to care for.
//!
//! Nothing is asked of Asterisk for them: either it cannot be reached, or another engine has them now. What of it is still
//! there when the node is heard from again is met as after a restart ([`adopt`](super::adopt)).

use std::time::Duration;

use super::{
    Engine, Wake,
    call::Doing,
    notice::{LeftQueue, OfferOutcome, Outcome, Party},
    operator::Rest,
};
use crate::domain::{CallId, NodeId};

/// A dead man's switch that is not armed again has gone off this long after its time.
const SLACK: Duration = Duration::from_secs(10);

impl Engine {
    /// How long a node may be away before its calls are given up: until then the dead man's switch has taken every caller
    /// who does not talk to the fallback.
    pub(super) fn expect_back(&mut self, id: NodeId) {
        let limits = &self.setup.limits;
        let away = limits.dead_man + self.longest_prompt + SLACK;
        self.timers.set(Wake::Forget(id), self.now + away);
    }

    /// A node was away for longer than a call of ours lives there without us. Nobody knows how long those who talk go on:
    /// they hold neither their operators nor a number's channels for ever.
    pub(super) fn on_away_too_long(&mut self, id: NodeId) {
        self.forget(id, Outcome::Fallback);
    }

    /// Another engine has a node's calls. It goes on with them, so nothing is done to them here.
    pub(super) fn on_node_taken(&mut self, id: NodeId) {
        self.on_node_down(id);
        self.timers.stop(Wake::Forget(id));
        self.forget(id, Outcome::TakenOver);
    }

    /// Ends a node's calls and legs in our books, and nowhere else.
    fn forget(&mut self, id: NodeId, outcome: Outcome) {
        for call in self.calls_on(id) {
            self.forget_call(call, outcome);
        }
        for leg in self.legs_on(id) {
            self.stop_metering(leg);
            self.end_leg(leg, Rest::None);
        }
        if let Some(node) = self.nodes.get_mut(&id) {
            node.pool.clear();
            node.lent.clear();
            node.rooms.clear();
        }
        self.forget_devices(id);
    }

    fn forget_call(&mut self, id: CallId, outcome: Outcome) {
        let (left, by, talked) = if outcome == Outcome::TakenOver {
            // He waits on, or talks on, and the other engine counts it.
            (LeftQueue::TakenOver, Party::TakenOver, Outcome::TakenOver)
        } else {
            (LeftQueue::Abandoned, Party::Unknown, Outcome::Served)
        };
        let Some(call) = self.calls.get_mut(&id) else { return };
        let outcome = match std::mem::replace(&mut call.doing, Doing::Leaving { outcome, asked: 0 }) {
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack => outcome,
            Doing::Recording(taking) if outcome == Outcome::TakenOver => {
                self.leave_message_to_next(&taking);
                outcome
            }
            Doing::Recording(taking) => {
                self.leave_message(&taking);
                outcome
            }
            Doing::Queued(standing) => {
                self.leave_line(id, *standing, left, OfferOutcome::Failed);
                outcome
            }
            Doing::Dialling(dialling) => {
                self.stop_dialling(dialling, OfferOutcome::Failed);
                outcome
            }
            Doing::Chosen(chosen) => self.drop_choice(id, &chosen, Some(OfferOutcome::Failed)),
            Doing::Talking(talk) => {
                self.talk_over(id, &talk, by);
                talked
            }
            Doing::Leaving { outcome, .. } => outcome,
        };
        self.remove_call(id, outcome, None);
    }
}
