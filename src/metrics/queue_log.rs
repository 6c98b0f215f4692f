//! What becomes of lines of `queue_log`.

use super::Metrics;

impl Metrics {
    /// So many lines came to this. The word comes from a closed set of `queue_log`'s.
    pub fn queue_log(&self, result: &'static str, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.families.queue_log.with_label_values(&[result]).inc_by(count);
    }
}
