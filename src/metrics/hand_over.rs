//! What is counted of callers who are handed over.

use super::Metrics;

impl Metrics {
    /// `result`: of one that is over.
    pub(super) fn handed_over(&self, result: Option<&str>) {
        if let Some(result) = result {
            self.families.hand_overs.with_label_values(&[result]).inc();
        }
    }
}
