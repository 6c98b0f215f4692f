//! Other queues whose operators may take a caller, too: those that there are, each once.

use std::collections::BTreeMap;

use super::Known;
use crate::{
    dialplan::{
        plan::Also,
        raw::{RawPlan, RawQueue},
    },
    domain::Name,
    yaml::{Fault, Span, quoted},
};

/// The other queues of a queue, as meant.
pub(super) fn meant(known: &Known<'_>, queue: &RawQueue, faults: &mut Vec<Fault>) -> Vec<Also> {
    let mut first: BTreeMap<&Name, &Span> = BTreeMap::new();
    let mut also = Vec::new();
    for other in &queue.also {
        let (name, span) = (&other.queue.value, &other.queue.span);
        if *name == queue.name.value {
            let message = format!("{} is this queue itself: its own operators take its callers", quoted(name));
            faults.push(Fault::error(span, message).remedy("name another queue, or take it out"));
            continue;
        }
        if !known.has(&other.queue, faults) {
            continue;
        }
        if let Some(first) = first.insert(name, span) {
            let message = format!("queue {} is in this `also` twice", quoted(name));
            faults.push(Fault::error(span, message).related(first, "first here").remedy("keep one of the two"));
            continue;
        }
        also.push(Also { queue: name.clone(), after: other.after });
    }
    also
}

/// Other queues for which nobody waits long enough.
pub(super) fn doubts(raw: &RawPlan) -> Vec<Fault> {
    let mut doubts = Vec::new();
    for queue in &raw.queues {
        let Some(limit) = &queue.max_wait else { continue };
        for other in queue.also.iter().filter(|other| other.after >= limit.after) {
            let fault = Fault::warning(&other.queue.span, "this never applies: nobody waits for so long in this queue");
            doubts.push(fault.remedy("give it an `after` that is less than that of `max_wait`"));
        }
    }
    doubts
}
