//! Circles that take no time: a call in one would go round for ever within one moment.

use std::collections::BTreeSet;

use super::graph::Graph;
use crate::{
    dialplan::plan::{Act, Pace, Shape, Step, StepId},
    domain::Name,
    yaml::{Fault, quoted},
};

/// How much of a circle is told.
const LONGEST: usize = 8;

/// How many circles are told.
const MOST: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Not,
    /// It is on the way that is being walked.
    Open,
    Done,
}

/// Tells every circle of steps in which nobody hears anything, is asked or waits.
pub(super) fn tell(graph: &mut Graph<'_>) {
    let at_once = come_back_at_once(&graph.steps);
    let mut seen = vec![Seen::Not; graph.steps.len()];
    let mut circles = Vec::new();
    for start in 0..graph.steps.len() {
        walk(&graph.steps, &at_once, start, &mut seen, &mut circles);
    }
    for circle in circles {
        let fault = fault(graph, &circle);
        graph.faults.extend(fault);
    }
}

/// Walks from a step along all ways that take no time, and keeps each circle that it closes. A way may have as many steps
/// as a plan has, so it is not kept on the stack of calls.
fn walk(steps: &[Step], at_once: &BTreeSet<StepId>, start: usize, seen: &mut [Seen], circles: &mut Vec<Vec<usize>>) {
    if seen[start] != Seen::Not {
        return;
    }
    seen[start] = Seen::Open;
    let mut way = vec![(start, instant(&steps[start], at_once))];
    while let Some((at, ahead)) = way.last_mut() {
        let Some(next) = ahead.pop() else {
            seen[*at] = Seen::Done;
            way.pop();
            continue;
        };
        match seen[next] {
            Seen::Not => {
                seen[next] = Seen::Open;
                way.push((next, instant(&steps[next], at_once)));
            }
            Seen::Open if circles.len() < MOST => {
                circles.push(way.iter().map(|(at, _)| *at).skip_while(|at| *at != next).collect());
            }
            Seen::Open | Seen::Done => {}
        }
    }
}

/// Whether a call goes on behind a step in the same moment.
fn passes(shape: &Shape<'_>, at_once: &BTreeSet<StepId>) -> bool {
    match shape.called {
        Some(target) => at_once.contains(&target),
        None => shape.pace == Pace::AtOnce && shape.behind.is_some(),
    }
}

/// Where a call goes from a step in the same moment.
fn instant(step: &Step, at_once: &BTreeSet<StepId>) -> Vec<usize> {
    let shape = step.act.shape();
    let next = step.next.filter(|_| passes(&shape, at_once));
    let ways = shape.ways.iter().filter(|_| shape.pace == Pace::AtOnce).map(|way| way.to);
    next.into_iter().chain(ways).map(|step| step.0 as usize).collect()
}

/// Flows that are called and from which a call may come back in the same moment. One may call another, so it is gone round
/// until no more are found: as often as they call one another, at most.
fn come_back_at_once(steps: &[Step]) -> BTreeSet<StepId> {
    let called: BTreeSet<StepId> = steps.iter().filter_map(|step| step.act.shape().called).collect();
    let mut open: Vec<StepId> = called.into_iter().collect();
    let mut found = BTreeSet::new();
    loop {
        let before = found.len();
        open.retain(|first| {
            let at_once = ends_at_once(steps, *first, &found);
            if at_once {
                found.insert(*first);
            }
            !at_once
        });
        if found.len() == before {
            return found;
        }
        // Those that call one another in the order of the plan are found forwards or backwards at once.
        open.reverse();
    }
}

fn ends_at_once(steps: &[Step], first: StepId, at_once: &BTreeSet<StepId>) -> bool {
    let mut seen = BTreeSet::new();
    let mut ahead = vec![first.0 as usize];
    while let Some(at) = ahead.pop() {
        if !seen.insert(at) {
            continue;
        }
        if steps[at].next.is_none() && passes(&steps[at].act.shape(), at_once) {
            return true;
        }
        ahead.extend(instant(&steps[at], at_once));
    }
    false
}

fn fault(graph: &Graph<'_>, circle: &[usize]) -> Option<Fault> {
    let go = |at: &usize| {
        let act = &graph.steps[*at].act;
        let going = if let Act::Go(target) = act { Some(*target) } else { act.shape().called };
        Some((*at, going?))
    };
    // Steps lead on to those behind them: only by going somewhere can a call come back.
    let goes: Vec<(usize, StepId)> = circle.iter().filter_map(go).collect();
    let (last, _) = goes.last()?;
    let mut names: Vec<String> = goes.iter().take(LONGEST).map(|(_, to)| quoted(name(graph, *to))).collect();
    if goes.len() > LONGEST {
        names.push("...".into());
    }
    names.extend(names.first().cloned());
    let message = format!("a call would go round here without an end: {}", names.join(" -> "));
    let fault = Fault::error(&graph.spans[*last], message);
    let others = goes.iter().take(goes.len() - 1).take(LONGEST);
    let fault = others.fold(fault, |fault, (at, _)| fault.related(&graph.spans[*at], "on the way"));
    Some(fault.remedy("put a step that takes time on the way: `play`, `wait`, `menu` or `queue`"))
}

fn name<'g>(graph: &'g Graph<'_>, first: StepId) -> &'g str {
    graph.flows.iter().find(|(_, id)| **id == first).map_or("", |(name, _): (&Name, _)| name)
}
