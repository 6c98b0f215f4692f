//! How it goes with a caller who is handed over to a node that can do more.

use std::time::Duration;

/// Something came about while a caller was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// He is to come in through another node.
    Begun,
    /// He came, and the call goes on.
    Done {
        /// How long he was on his way.
        took: Duration,
    },
    /// No node is there that could do what the plan wants: he went to the fallback.
    NoNode,
    /// He could not be told to come: he went to the fallback.
    Failed,
    /// He did not come: he hung up on his way, or Asterisk's dialplan did not bring him and he went to the fallback.
    Overdue,
}

impl HandOver {
    /// The words for all that a hand-over can come to, for metrics.
    pub const RESULTS: [&str; 4] = ["done", "no_node", "failed", "overdue"];

    /// The word for what it came to; `None`: he is on his way.
    pub fn result(self) -> Option<&'static str> {
        match self {
            Self::Begun => None,
            Self::Done { .. } => Some("done"),
            Self::NoNode => Some("no_node"),
            Self::Failed => Some("failed"),
            Self::Overdue => Some("overdue"),
        }
    }
}
