//! Queues: those who serve them, and what does not go together.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use indexmap::IndexMap;

use super::{Known, accept, also, duty, terms, waiting::Waiting};
use crate::{
    dialplan::{
        plan::{Asks, Member, PRIORITY, Plan, Queue, Strategy},
        raw::{RawMember, RawPlan, RawQueue},
    },
    domain::Name,
    yaml::{Fault, Span, quoted},
};

/// Queues of which the priorities of callers cannot be compared, though one operator serves them.
pub(super) fn doubts(raw: &RawPlan, plan: &Plan) -> Vec<Fault> {
    if !plan.variables.contains_key(PRIORITY) {
        return Vec::new();
    }
    let mut first: BTreeMap<(&Name, u32), &RawQueue> = BTreeMap::new();
    let mut doubts = Vec::new();
    for queue in &raw.queues {
        for member in &queue.members {
            let other = *first.entry((&member.operator.value, queue.weight)).or_insert(queue);
            if other.ageing.is_some() == queue.ageing.is_some() {
                continue;
            }
            let (one, two) = (quoted(&other.name.value), quoted(&queue.name.value));
            let message =
                format!("of queues {one} and {two} only one has `ageing`: priorities in them cannot be compared");
            let fault = Fault::warning(&queue.name.span, message).related(&other.name.span, "the other one");
            let who = quoted(&member.operator.value);
            doubts
                .push(fault.remedy(format!("{who} serves both: give both `ageing`, or neither, or another `weight`")));
            break;
        }
    }
    doubts
}

/// A queue as meant, by its name.
pub(super) fn meant(
    (staff, queues): (&Known<'_>, &Known<'_>),
    skills: &BTreeSet<&Name>,
    queue: &RawQueue,
    waiting: Waiting,
    asks: &Arc<Asks>,
    faults: &mut Vec<Fault>,
) -> (Name, Queue) {
    let mut members: IndexMap<Name, (&Span, u32)> = IndexMap::new();
    for RawMember { operator, penalty } in &queue.members {
        if !staff.has(operator, faults) {
            continue;
        }
        let member = (&operator.span, *penalty);
        if let Some((first, _)) = members.insert(operator.value.clone(), member) {
            let message = format!("operator {} is in this queue twice", quoted(&operator.value));
            faults
                .push(Fault::error(&operator.span, message).related(first, "first here").remedy("keep one of the two"));
        }
    }
    if let Some(every) = queue.add_every.as_ref().filter(|_| queue.strategy != Strategy::RingProgressively) {
        let message = "`add_every` is only of use with `strategy: ring_progressively`";
        faults.push(Fault::error(&every.span, message).remedy("take it out, or write that strategy"));
    }
    let name = queue.name.value.clone();
    let Waiting {
        max_wait,
        exit,
        capacity,
        when_unstaffed,
        closing,
        when_withdrawn,
        keep_place,
        keep_place_for,
        announce,
        callback,
    } = waiting;
    let meant = Queue {
        name: name.clone(),
        members: members.into_iter().map(|(operator, (_, penalty))| Member { operator, penalty }).collect(),
        strategy: queue.strategy,
        terms: terms::meant(queue, skills, faults),
        sticky: queue.sticky.as_ref().map(|sticky| sticky.value),
        also: also::meant(queues, queue, faults),
        weight: queue.weight,
        ageing: queue.ageing,
        ring: queue.ring,
        add_every: queue.add_every.as_ref().map_or(Queue::ADD_EVERY, |every| every.value),
        wrap_up: queue.wrap_up,
        retry: queue.retry,
        service_level: queue.service_level,
        music: queue.music.clone(),
        max_wait,
        exit,
        capacity,
        when_unstaffed,
        unstaffed_if: duty::unstaffed_if(queue, faults),
        auto_pause: queue.auto_pause.clone(),
        closing,
        when_withdrawn,
        keep_place,
        keep_place_for,
        introduces: accept::introduces(queue, asks),
        announce,
        callback,
    };
    (name, meant)
}
