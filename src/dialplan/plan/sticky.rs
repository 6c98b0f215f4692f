//! That a caller has the operator who talked to him last.

use std::time::Duration;

/// The operator who talked to a caller last is rung for him before all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sticky {
    /// How long a caller is remembered.
    pub lasts: Duration,
    /// How long he waits for that operator alone.
    pub wait: Duration,
}
