//! What a caller meets who waits in a queue, and where he goes from there. Behind such steps there is nothing: a queue is in no
//! flow.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::graph::Graph;
use crate::{
    dialplan::{
        plan::{Announce, Capacity, Closing, MaxWait, StepId},
        raw::RawQueue,
    },
    domain::Digit,
    yaml::Fault,
};

/// What a queue has of it.
pub(super) struct Waiting {
    pub(super) max_wait: Option<MaxWait>,
    pub(super) exit: BTreeMap<Digit, StepId>,
    pub(super) capacity: Option<Capacity>,
    pub(super) when_unstaffed: Option<StepId>,
    pub(super) closing: Option<Closing>,
    pub(super) when_withdrawn: Option<StepId>,
    pub(super) keep_place: bool,
    pub(super) keep_place_for: Option<Duration>,
    pub(super) announce: Option<Arc<Announce>>,
}

impl<'r> Graph<'r> {
    /// Makes the steps of those who leave a queue.
    pub(super) fn waiting(&mut self, queue: &'r RawQueue) -> Waiting {
        let typed = &queue.waiting;
        let limit = queue.max_wait.as_ref().and_then(|wait| Some((wait.after, wait.go.as_ref()?)));
        let max_wait = limit.map(|(after, go)| MaxWait { after, go: self.body(go, None) });
        let exit = typed.exit.iter().map(|(key, body)| (*key, self.body(body, None))).collect();
        let full = typed.when_full.as_ref().map(|body| (body, self.body(body, None)));
        let when_unstaffed = typed.when_unstaffed.as_ref().map(|body| self.body(body, None));
        let capacity = match (&typed.capacity, full) {
            (Some(most), Some((_, go))) => Some(Capacity { most: most.value, go }),
            (Some(most), None) => {
                let fault = Fault::error(&most.span, "`capacity` says nothing of one caller more");
                self.faults.push(fault.remedy("add where he goes: `when_full: {flow: overload}`"));
                None
            }
            (None, Some((body, _))) => {
                let fault = Fault::error(&body.span, "this queue is never full");
                self.faults.push(fault.remedy("add `capacity: 50`, or take `when_full` out"));
                None
            }
            (None, None) => None,
        };
        let closing = self.closing(queue);
        let when_withdrawn = typed.when_withdrawn.as_ref().map(|body| self.body(body, None));
        let announce = queue.announce.as_ref().map(|typed| self.announce(typed));
        let keep_place = typed.keep_place;
        if let Some(lasts) = typed.keep_place_for.as_ref().filter(|_| !keep_place) {
            let message = "with `keep_place: false` who comes stands behind all others, also who calls back";
            self.faults.push(Fault::error(&lasts.span, message).remedy("take one of the two out"));
        }
        let keep_place_for = typed.keep_place_for.as_ref().map(|at| at.value);
        Waiting {
            max_wait,
            exit,
            capacity,
            when_unstaffed,
            closing,
            when_withdrawn,
            keep_place,
            keep_place_for,
            announce,
        }
    }

    /// When a queue is closed: its hours and what is done then belong together.
    fn closing(&mut self, queue: &'r RawQueue) -> Option<Closing> {
        let typed = &queue.waiting;
        let go = typed.when_closed.as_ref().map(|body| (body, self.body(body, None)));
        match (&typed.hours, go) {
            (Some(hours), Some((_, go))) => {
                self.known_hours.has(hours, self.faults);
                Some(Closing { hours: hours.value.clone(), go })
            }
            (Some(hours), None) => {
                let fault =
                    Fault::error(&hours.span, "`hours` says nothing of those who come, or wait, when they are closed");
                self.faults.push(fault.remedy("add where they go: `when_closed: {flow: after_hours}`"));
                None
            }
            (None, Some((body, _))) => {
                let fault = Fault::error(&body.span, "this queue is never closed");
                self.faults.push(fault.remedy("add its opening hours: `hours: office`, or take `when_closed` out"));
                None
            }
            (None, None) => None,
        }
    }
}
