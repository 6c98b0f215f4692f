//! Who is to be rung, before he is.

use std::{sync::Arc, time::Duration};

use super::{Callee, OperatorIx, QueueIx, Shown, leg::Way};
use crate::{dialplan::Accept, domain::Name};

/// Who is to be rung, and how.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) callee: Callee,
    /// The operator that he is.
    pub(super) operator: Option<OperatorIx>,
    /// The queue that offers the call.
    pub(super) queue: Option<QueueIx>,
    /// Asterisk's dial string.
    pub(super) endpoint: Arc<str>,
    /// What he is shown; `None`: the caller's number and name.
    pub(super) shows: Option<Box<Shown>>,
    pub(super) ring: Duration,
    pub(super) way: Way,
    /// How he accepts; `None`: by answering.
    pub(super) accept: Option<Arc<Accept>>,
    /// The trunk that leads to him.
    pub(super) trunk: Option<Name>,
}

impl Wanted {
    /// Somebody who is no operator, for no queue.
    pub(super) fn new(callee: Callee, endpoint: Arc<str>, ring: Duration, way: Way) -> Self {
        Self { callee, operator: None, queue: None, endpoint, shows: None, ring, way, accept: None, trunk: None }
    }
}
