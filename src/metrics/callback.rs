//! What is counted of callers who are called back.

use super::{Metrics, UNKNOWN, families::Families};
use crate::{
    dialplan::NotPromised,
    domain::Name,
    engine::notice::{CallbackFact, CallbackOver, OfferOutcome},
};

const PROMISED: &str = "promised";

impl Families {
    /// The series of a queue begin at zero.
    pub(super) fn expect_callbacks(&self, queue: &Name) {
        for how in [PROMISED].into_iter().chain(CallbackOver::ALL.map(CallbackOver::word)) {
            self.callbacks.with_label_values(&[&**queue, how]);
        }
        for why in NotPromised::ALL {
            self.callbacks_refused.with_label_values(&[&**queue, why.word()]);
        }
        for outcome in OfferOutcome::ALL {
            self.callback_attempts.with_label_values(&[&**queue, outcome.word()]);
        }
    }
}

impl Metrics {
    pub(super) fn callback(&self, fact: &CallbackFact) {
        let families = &self.families;
        match fact {
            CallbackFact::Promised { again: true, .. } | CallbackFact::Calls { .. } | CallbackFact::Answered { .. } => {
            }
            CallbackFact::Promised { queue, .. } => families.callbacks.with_label_values(&[&**queue, PROMISED]).inc(),
            CallbackFact::Refused { queue, why } => {
                families.callbacks_refused.with_label_values(&[&**queue, why.word()]).inc();
            }
            CallbackFact::Missed { queue, outcome, .. } => {
                let queue = self.queue_of_callback(queue);
                families.callback_attempts.with_label_values(&[&*queue, outcome.word()]).inc();
            }
            CallbackFact::Over { queue, how, .. } => {
                let queue = self.queue_of_callback(queue);
                families.callbacks.with_label_values(&[&*queue, how.word()]).inc();
            }
        }
    }

    /// What an earlier life promised may be of a queue that no plan has any more.
    fn queue_of_callback(&self, queue: &Name) -> Name {
        if self.known().queues.contains(queue) { queue.clone() } else { Name::new(UNKNOWN) }
    }
}
