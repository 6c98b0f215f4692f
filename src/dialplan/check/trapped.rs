//! Menus and circles out of which no way leads: whatever a caller does, he goes round until he hangs up.

use std::collections::BTreeSet;

use super::recursion::islands;
use crate::{
    dialplan::plan::{Act, Plan, Step, StepId},
    yaml::{Fault, Span},
};

/// Tells the first menu of each round that has no way out, of those that calls come to; of a round without a menu the step
/// that leads back.
pub(super) fn doubts(plan: &Plan, spans: &[Span], reached: &BTreeSet<StepId>) -> Vec<Fault> {
    let trapped = trapped(plan);
    let caught: Vec<StepId> = reached.iter().copied().filter(|id| trapped[id.0 as usize]).collect();
    let mut told = BTreeSet::new();
    let mut doubts = Vec::new();
    for id in caught.iter().filter(|id| matches!(plan.step(**id).act, Act::Menu(_))) {
        if told.contains(id) {
            continue;
        }
        told.extend(round(plan, *id));
        let message = "no way leads out of this menu: whatever a caller presses, he goes round until he hangs up";
        let fault = spans.get(id.0 as usize).map(|span| Fault::warning(span, message));
        doubts.extend(fault.map(|it| it.remedy("let a key, or `otherwise`, lead to a queue or to `hangup`")));
    }
    doubts.extend(circles(plan, spans, &caught, told));
    doubts
}

/// Tells each circle in which nobody is asked by a menu. `told`: steps of rounds that were told already.
fn circles(plan: &Plan, spans: &[Span], caught: &[StepId], mut told: BTreeSet<StepId>) -> Vec<Fault> {
    if caught.is_empty() {
        return Vec::new();
    }
    let numbered = |step: &Step| ahead(step).map(|to| to.0 as usize).collect();
    let ways: Vec<Vec<usize>> = plan.steps.iter().map(numbered).collect();
    let islands = islands(&ways);
    let mut doubts = Vec::new();
    for id in caught {
        let Act::Go(target) = plan.step(*id).act else { continue };
        if islands[id.0 as usize] != islands[target.0 as usize] || told.contains(id) {
            continue;
        }
        // What leads into a round that was told is a part of that story.
        let round = round(plan, *id);
        if round.iter().any(|step| told.contains(step)) {
            continue;
        }
        told.extend(round);
        let message = "no way leads out of this circle: a call that comes here goes round until the caller hangs up";
        let fault = spans.get(id.0 as usize).map(|span| Fault::warning(span, message));
        let fault = fault.map(|it| match spans.get(target.0 as usize) {
            Some(span) => it.related(span, "it begins anew here"),
            None => it,
        });
        let remedy = "let an `if`, a key of a `menu` or a `queue` on the way lead out of it, or end it with `hangup`";
        doubts.extend(fault.map(|it| it.remedy(remedy)));
    }
    doubts
}

/// Where a call may go from a step.
fn ahead(step: &Step) -> impl Iterator<Item = StepId> {
    step.act.shape().ways.into_iter().map(|way| way.to).chain(step.next)
}

/// How a call may leave the steps from here on.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Leaves {
    /// The plan may be done with it. In a queue it is, and where somebody is rung: calls end with the conversation.
    ends: bool,
    /// It may come to the end of its flow, and goes back to where that was called. In a flow that nobody called, it ends.
    returns: bool,
}

impl Leaves {
    fn or(self, other: Self) -> Self {
        Self { ends: self.ends || other.ends, returns: self.returns || other.returns }
    }
}

/// A step, as far as it matters here.
struct Place {
    /// Where a call may go from here; of a step `call`, where it goes on when it is back.
    ahead: Vec<usize>,
    called: Option<usize>,
    itself: Leaves,
}

impl Place {
    fn of(step: &Step) -> Self {
        let shape = step.act.shape();
        let called = shape.called.map(|to| to.0 as usize);
        let (behind, last) = (shape.behind.is_some(), step.next.is_none());
        let ends = shape.queue.is_some() || !shape.rings.is_empty() || (last && !behind && shape.ways.is_empty());
        let ways = shape.ways.iter().map(|way| way.to).filter(|_| called.is_none()).chain(step.next);
        Self { ahead: ways.map(|to| to.0 as usize).collect(), called, itself: Leaves { ends, returns: last && behind } }
    }

    /// What is known of this step, as far as it is known of the others.
    fn leaves(&self, known: &[Leaves]) -> Leaves {
        let behind = self.ahead.iter().fold(self.itself, |leaves, to| leaves.or(known[*to]));
        match self.called.map(|to| known[to]) {
            // Behind it a call goes on only if it comes back.
            Some(called) => Leaves {
                ends: called.ends || (called.returns && behind.ends),
                returns: called.returns && behind.returns,
            },
            None => behind,
        }
    }
}

/// Which steps no call ever leaves by the plan.
fn trapped(plan: &Plan) -> Vec<bool> {
    let places: Vec<Place> = plan.steps.iter().map(Place::of).collect();
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); places.len()];
    for (at, place) in places.iter().enumerate() {
        for to in place.ahead.iter().chain(&place.called) {
            before[*to].push(at);
        }
    }
    let mut known = vec![Leaves::default(); places.len()];
    let mut open: Vec<usize> = (0..places.len()).collect();
    while let Some(at) = open.pop() {
        let leaves = places[at].leaves(&known);
        // It only ever grows, so each step is looked at again twice for each that leads to it, at most.
        if leaves != known[at] {
            known[at] = leaves;
            open.extend(&before[at]);
        }
    }
    known.iter().map(|leaves| !leaves.ends && !leaves.returns).collect()
}

/// Every step that a call may come to from here.
fn round(plan: &Plan, from: StepId) -> BTreeSet<StepId> {
    let mut open = vec![from];
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(ahead(plan.step(id)));
        }
    }
    found
}
