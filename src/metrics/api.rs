//! Numbers of the API, and of what is done through it.

use super::Metrics;
use crate::{domain::Name, engine::notice::Steered};

impl Metrics {
    /// Somebody asked for a change. The name is one of the settings' tokens, the word from a closed set of the API's.
    pub fn api_changed(&self, token: &str, result: &'static str) {
        self.families.api.changes.with_label_values(&[token, result]).inc();
    }

    /// A request was not looked at. The word comes from a closed set of the API's.
    pub fn api_refused(&self, reason: &'static str) {
        self.families.api.refused.with_label_values(&[reason]).inc();
    }

    /// Series of a queue of a plan begin at zero.
    pub(super) fn expect_steering(&self, queue: &Name) {
        for how in Steered::WORDS {
            self.families.api.steered.with_label_values(&[&**queue, how]);
        }
    }

    /// A waiting caller was steered by hand. Queues in which somebody waits are of a plan.
    pub(super) fn steered(&self, queue: &Name, how: &'static str) {
        self.families.api.steered.with_label_values(&[&**queue, how]).inc();
    }
}
