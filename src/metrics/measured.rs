//! What is counted of how well it goes.

use std::time::Duration;

use super::{Metrics, families::Families, seconds};
use crate::{domain::Name, engine::notice::Measured};

/// Callers were answered sooner than they were told, or later.
const DIRECTIONS: [&str; 2] = ["sooner", "later"];

impl Families {
    /// A queue's series begin at zero.
    pub(super) fn expect_estimates(&self, queue: &Name) {
        for direction in DIRECTIONS {
            self.estimates.with_label_values(&[&**queue, direction]);
        }
    }
}

impl Metrics {
    pub(super) fn measured(&self, fact: &Measured) {
        match fact {
            Measured::Estimate { queue, told, took } => self.estimated(queue, *told, *took),
            Measured::Idle { lasted, .. } => self.families.idle.inc_by(seconds(*lasted)),
        }
    }

    fn estimated(&self, queue: &Name, told: Duration, took: Duration) {
        let [sooner, later] = DIRECTIONS;
        let direction = if took < told { sooner } else { later };
        self.families.estimates.with_label_values(&[&**queue, direction]).observe(seconds(took.abs_diff(told)));
    }
}
