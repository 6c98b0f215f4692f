//! Flows that call themselves: each call would leave one more place to come back to, without an end.

use crate::{
    dialplan::plan::{Plan, StepId},
    yaml::{Fault, Span, quoted},
};

/// Tells every step `call` from which a caller may come to the same step again before he is back.
pub(super) fn tell(plan: &Plan, spans: &[Span]) -> Vec<Fault> {
    let numbered = |step| plan.ahead(step).into_iter().map(|id| id.0 as usize).collect();
    let ahead: Vec<Vec<usize>> = plan.steps.iter().map(numbered).collect();
    let islands = islands(&ahead);
    let called = plan.steps.iter().enumerate().filter_map(|(at, step)| Some((at, step.act.shape().called?)));
    let round = called.filter(|(at, target)| islands[*at] == islands[target.0 as usize]);
    round.map(|(at, target)| fault(plan, &spans[at], target)).collect()
}

fn fault(plan: &Plan, span: &Span, target: StepId) -> Fault {
    let name = plan.flows.iter().find(|(_, first)| **first == target).map_or("", |(name, _)| name);
    let message = format!("flow {} is called from within itself, and would come back without an end", quoted(name));
    Fault::error(span, message).remedy(format!("to begin it anew, go there: {}", quoted(&format!("flow: {name}"))))
}

/// Which steps a call can go round in: two are of one island when each can be reached from the other. Kosaraju's way, without
/// recursion: a plan may have a hundred thousand steps in a row.
pub(super) fn islands(ahead: &[Vec<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(ahead.len());
    let mut seen = vec![false; ahead.len()];
    for start in 0..ahead.len() {
        visit(start, ahead, &mut seen, &mut |done| order.push(done));
    }
    let mut behind = vec![Vec::new(); ahead.len()];
    for (from, all) in ahead.iter().enumerate() {
        for to in all {
            behind[*to].push(from);
        }
    }
    let mut island = vec![usize::MAX; ahead.len()];
    let mut seen = vec![false; ahead.len()];
    for start in order.into_iter().rev() {
        visit(start, &behind, &mut seen, &mut |done| island[done] = start);
    }
    island
}

/// Everything that can be reached from `start` and was not seen before, each told when all behind it is done.
fn visit(start: usize, ahead: &[Vec<usize>], seen: &mut [bool], done: &mut dyn FnMut(usize)) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut way = vec![(start, 0)];
    while let Some((at, nth)) = way.last_mut() {
        match ahead[*at].get(*nth) {
            Some(next) => {
                *nth += 1;
                if !std::mem::replace(&mut seen[*next], true) {
                    way.push((*next, 0));
                }
            }
            None => {
                done(*at);
                way.pop();
            }
        }
    }
}
