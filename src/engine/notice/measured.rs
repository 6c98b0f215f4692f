//! Facts of how well it goes, for those who watch it.

use std::time::Duration;

use super::Name;

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measured {
    /// A caller who was told how long he would wait was answered.
    Estimate {
        /// The queue.
        queue: Name,
        /// How long he was told that it would be, the last time.
        told: Duration,
        /// How long it was from then on.
        took: Duration,
    },
    /// He waited though an operator who may take him was free: never, unless there is a bug.
    Idle {
        /// The queue.
        queue: Name,
        /// That operator.
        operator: Name,
        /// What that counts for: the time since it was looked for the last time.
        lasted: Duration,
    },
}
