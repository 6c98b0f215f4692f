//! Numbers of what outlives the process.

use super::Metrics;

impl Metrics {
    /// So many changes for the database came to this. The word comes from a closed set of the store's.
    pub fn changes(&self, result: &'static str, count: usize) {
        self.families.changes.with_label_values(&[result]).inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }
}
