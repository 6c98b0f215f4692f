//! Menus out of which no way leads: whatever a caller presses, he goes round until he hangs up.

use std::collections::BTreeSet;

use crate::{
    dialplan::plan::{Act, Plan, Step, StepId},
    yaml::{Fault, Span},
};

/// Tells the first menu of each round that has no way out, of those that calls come to.
pub(super) fn doubts(plan: &Plan, spans: &[Span], reached: &BTreeSet<StepId>) -> Vec<Fault> {
    let ending = ending(plan);
    let mut told = BTreeSet::new();
    let mut doubts = Vec::new();
    for id in reached {
        let step = plan.step(*id);
        if !matches!(step.act, Act::Menu(_)) || ending.contains(id) || told.contains(id) {
            continue;
        }
        told.extend(round(plan, *id));
        let message = "no way leads out of this menu: whatever a caller presses, he goes round until he hangs up";
        let fault = spans.get(id.0 as usize).map(|span| Fault::warning(span, message));
        doubts.extend(fault.map(|it| it.remedy("let a key, or `otherwise`, lead to a queue or to `hangup`")));
    }
    doubts
}

/// Where a call may go from a step.
fn ahead(step: &Step) -> impl Iterator<Item = StepId> {
    step.act.shape().ways.into_iter().map(|way| way.to).chain(step.next)
}

/// Whether the plan may be done with a call here. In a queue it is, and where somebody is rung: calls end with the conversation.
fn ends(step: &Step) -> bool {
    let shape = step.act.shape();
    let at_its_end = step.next.is_none() && (shape.behind.is_some() || shape.ways.is_empty());
    shape.queue.is_some() || !shape.rings.is_empty() || at_its_end
}

/// Every step from which a call may come to an end.
fn ending(plan: &Plan) -> BTreeSet<StepId> {
    let ids = || (0..).map(StepId).zip(&plan.steps);
    let mut before: Vec<Vec<StepId>> = vec![Vec::new(); plan.steps.len()];
    for (id, step) in ids() {
        for to in ahead(step) {
            before[to.0 as usize].push(id);
        }
    }
    let mut open: Vec<StepId> = ids().filter(|(_, step)| ends(step)).map(|(id, _)| id).collect();
    let mut ending = BTreeSet::new();
    while let Some(id) = open.pop() {
        if ending.insert(id) {
            open.extend(&before[id.0 as usize]);
        }
    }
    ending
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
