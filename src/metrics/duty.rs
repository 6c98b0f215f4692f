//! What is counted of whether operators are there for their queues.

use super::{Metrics, families::Families};
use crate::engine::{
    Duty, DutyBy,
    notice::{DutyFact, PinRefused},
};

impl Families {
    /// Their series begin at zero.
    pub(super) fn expect_duty(&self) {
        for to in Duty::WORDS {
            for by in DutyBy::ALL {
                self.duty_changes.with_label_values(&[to, by.word()]);
            }
        }
        for why in PinRefused::ALL {
            self.pins_refused.with_label_values(&[why.word()]);
        }
    }
}

impl Metrics {
    pub(super) fn duty(&self, fact: &DutyFact) {
        match fact {
            DutyFact::Changed { to, by, .. } => {
                self.families.duty_changes.with_label_values(&[to.word(), by.word()]).inc();
            }
            DutyFact::PinRefused { why, .. } => self.families.pins_refused.with_label_values(&[why.word()]).inc(),
            DutyFact::Seated { .. } | DutyFact::NotChanged { .. } | DutyFact::WrapUp { .. } => {}
        }
    }
}
