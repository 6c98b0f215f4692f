//! What must be true of callbacks after every event.

use super::Promised;
use crate::{
    domain::CallbackId,
    engine::{Engine, Wake, call::Call},
};

impl Engine {
    /// Nobody is forgotten, and nobody is called twice at once.
    pub(in crate::engine) fn check_callbacks(&self, wrong: &mut Vec<String>) {
        for (id, promised) in &self.callbacks {
            self.check_callback(*id, promised, wrong);
        }
        for call in self.calls.values() {
            let Some(promise) = call.called_back.as_ref().and_then(|called_back| called_back.promise) else { continue };
            if self.callbacks.get(&promise).and_then(|promised| promised.call) != Some(call.id) {
                wrong.push(format!("{:?}: nobody knows that it calls back for {promise:?}", call.id));
            }
        }
    }

    /// Whether somebody's telephone rings for a call in which somebody is called back, and is looked after.
    pub(in crate::engine) fn is_tried(&self, call: &Call) -> bool {
        if !self.rings_for_callback(call.id) {
            return self.timers.is_set(Wake::CallingBack(call.id));
        }
        !self.is_up(call.channel.node) || self.legs.of(call.id).any(|(_, leg)| leg.phase.is_offered())
    }

    fn check_callback(&self, id: CallbackId, promised: &Promised, wrong: &mut Vec<String>) {
        let mut say = |what: &str| wrong.push(format!("{id:?}: {what}"));
        let Some(call) = promised.call else {
            if !self.timers.is_set(Wake::Callback(id)) {
                say("nobody looks when it is due, or over");
            }
            return;
        };
        let called_back = self.calls.get(&call).and_then(|call| call.called_back.as_ref());
        if called_back.and_then(|called_back| called_back.promise) != Some(id) {
            say("the call in which it is tried knows nothing of it");
        }
        if called_back.is_some_and(|called_back| called_back.number != promised.kept.number) {
            say("somebody else is called for it");
        }
    }
}
