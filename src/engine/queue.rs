//! Queues: a line of callers, and who is rung for the first of them.

use std::collections::{BTreeMap, BTreeSet};

use rand::{Rng, RngExt};

use super::OperatorIx;
use crate::{
    dialplan::{self, Strategy},
    domain::{CallId, Time},
};

/// A place in a line: who joined first stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// When he joined.
    pub(crate) joined: Time,
    /// Between two who joined in the same moment, the one who called first.
    pub(crate) call: CallId,
}

/// A queue in the engine.
#[derive(Debug)]
pub(crate) struct Queue {
    /// As the plan in force has it, or had it last: callers who stand in it are served to the end.
    pub(crate) plan: dialplan::Queue,
    /// Its operators, in the plan's order.
    pub(crate) members: Vec<OperatorIx>,
    /// Everybody who stands in it, those for whom somebody rings included.
    pub(crate) line: BTreeSet<Place>,
    /// Those of the line for whom one more operator may be rung.
    pub(crate) wanting: BTreeSet<Place>,
    /// Who was offered the last call: where `rrmemory` goes on.
    last_offered: Option<OperatorIx>,
}

impl Queue {
    /// A queue with nobody in it.
    pub(crate) fn new(plan: dialplan::Queue) -> Self {
        Self { plan, members: Vec::new(), line: BTreeSet::new(), wanting: BTreeSet::new(), last_offered: None }
    }

    /// Takes a caller out of the line.
    pub(crate) fn leave(&mut self, place: Place) {
        self.line.remove(&place);
        self.wanting.remove(&place);
    }

    /// Whether an offer goes to everybody at once.
    pub(crate) fn rings_all(&self) -> bool {
        self.plan.strategy == Strategy::RingAll
    }

    /// Remembers who was offered a call.
    pub(crate) fn offered(&mut self, operator: OperatorIx) {
        self.last_offered = Some(operator);
    }

    /// Who of those who are free is rung first. `tried` says how often each was already rung for this caller: nobody is
    /// rung again while another who may take the call is untried. Ties go to the plan's order.
    pub(crate) fn choose(
        &self,
        free: &[OperatorIx],
        last_talk: impl Fn(OperatorIx) -> Option<Time>,
        tried: &BTreeMap<OperatorIx, u32>,
        lot: &mut impl Rng,
    ) -> Option<OperatorIx> {
        let fewest = free.iter().map(|o| tried.get(o).copied().unwrap_or(0)).min()?;
        let left: Vec<OperatorIx> =
            free.iter().copied().filter(|o| tried.get(o).copied().unwrap_or(0) == fewest).collect();
        match self.plan.strategy {
            Strategy::RingAll | Strategy::Linear => left.first().copied(),
            Strategy::LeastRecent => left.iter().copied().min_by_key(|o| last_talk(*o)),
            Strategy::RrMemory => self.after_last(&left),
            Strategy::Random => left.get(lot.random_range(0..left.len())).copied(),
        }
    }

    /// The first of `left` who stands behind the one rung last; from the beginning when there is none.
    fn after_last(&self, left: &[OperatorIx]) -> Option<OperatorIx> {
        let rank = |o: &OperatorIx| self.members.iter().position(|m| m == o);
        let last = self.last_offered.as_ref().and_then(rank);
        left.iter().copied().find(|o| last.is_none_or(|last| rank(o) > Some(last))).or_else(|| left.first().copied())
    }
}
