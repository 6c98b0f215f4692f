//! Whether operators are there for their queues: what only the whole plan can tell.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use indexmap::IndexMap;

use super::{
    Known,
    graph::{Graph, unread},
};
use crate::{
    dialplan::{
        plan::{Act, Away, ByPhone, StepId},
        raw::{RawByPhone, RawPlan, RawQueue},
    },
    domain::Name,
    yaml::{Fault, quoted},
};

/// Reasons of pauses.
pub(super) fn pauses(raw: &RawPlan) -> IndexMap<Name, Option<Duration>> {
    raw.pauses.iter().map(|pause| (pause.name.value.clone(), pause.lasts)).collect()
}

/// Who counts as nobody in a queue. Where the plan does not say what a caller does then, he waits for them.
pub(super) fn unstaffed_if(queue: &RawQueue, faults: &mut Vec<Fault>) -> BTreeSet<Away> {
    let is_said = queue.waiting.when_unstaffed.is_some();
    match &queue.unstaffed_if {
        Some(typed) => {
            if !is_said {
                let fault = Fault::error(&typed.span, "`unstaffed_if` is only of use with `when_unstaffed`");
                faults.push(fault.remedy("add `when_unstaffed: {flow: voicemail}`, or take this out"));
            }
            typed.value.iter().copied().collect()
        }
        None if is_said => BTreeSet::from([Away::Paused, Away::SignedOut]),
        None => BTreeSet::new(),
    }
}

/// PINs that anybody would try among the first. They are not repeated.
pub(super) fn doubts(raw: &RawPlan) -> Vec<Fault> {
    let simple = raw.operators.iter().filter_map(|operator| {
        let pin = operator.duty.pin.as_ref().filter(|pin| pin.value.is_simple())?;
        let message = format!("the PIN of {} is among the first that anybody would try", quoted(&operator.name.value));
        let remedy = "choose digits that are no row, no pair and no year, or more of them";
        Some(Fault::warning(&pin.span, message).remedy(remedy))
    });
    simple.collect()
}

impl<'r> Graph<'r> {
    /// `None`: what was typed makes no step.
    pub(super) fn by_phone(&mut self, typed: &'r RawByPhone, next: Option<StepId>) -> Act {
        let asking = self.asking(&typed.asking, next);
        let extension = typed.extension.as_ref().map(|asked| self.sounds.of(asked, &self.scope, self.faults));
        let desk = self.at_desk(typed);
        let pauses = Known::new(self.raw.pauses.iter().map(|it| &it.name), "there is no pause", "pauses of this plan");
        let known = typed.reason.as_ref().is_none_or(|reason| pauses.has(reason, self.faults));
        let change = typed.change.clone();
        if known { Act::Operator(Arc::new(ByPhone { change, asking, extension, desk })) } else { unread() }
    }
}
