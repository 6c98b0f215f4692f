//! What was done to a waiting caller by hand.

use std::sync::Arc;

use crate::domain::Name;

/// What somebody did to a caller who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steered {
    /// He was sent to another queue, or to a flow.
    Moved {
        /// The queue; `None`: a flow.
        queue: Option<Name>,
        /// The flow.
        flow: Option<Name>,
    },
    /// He was given another priority.
    Prioritised {
        /// Which.
        priority: i64,
        /// His place in line from then on.
        position: usize,
    },
    /// He was taken out of the line.
    Withdrawn {
        /// What was said of it.
        info: Arc<str>,
    },
    /// This operator is rung for him next.
    Assigned {
        /// Who.
        operator: Name,
    },
}

impl Steered {
    /// All words of [`Self::word`], for metrics.
    pub const WORDS: [&str; 4] = ["moved", "prioritised", "withdrawn", "assigned"];

    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Moved { .. } => "moved",
            Self::Prioritised { .. } => "prioritised",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Assigned { .. } => "assigned",
        }
    }
}
