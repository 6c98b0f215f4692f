//! An operator's telephones.

use std::{sync::Arc, time::Duration};

use super::Accept;
use crate::domain::Name;

/// One of several telephones of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// How long after he was first rung for a caller it rings. Those that rang before stop then.
    pub after: Duration,
    /// Asterisk's dial string.
    pub dial: Arc<str>,
    /// The trunk over which it is reached.
    pub trunk: Option<Name>,
    /// How he accepts a call there; `None`: by answering.
    pub accept: Option<Arc<Accept>>,
    /// It rings only while these hours are open; they are in the plan.
    pub hours: Option<Name>,
}

impl Phone {
    /// No operator has more.
    pub const MOST: usize = 5;
}
