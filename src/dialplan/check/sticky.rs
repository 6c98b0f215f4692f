//! That a caller has the operator who talked to him last: what is doubtful about it.

use crate::{dialplan::raw::RawPlan, yaml::Fault};

/// Queues in which nobody waits so long for his own operator, or has the choice of another one.
pub(super) fn doubts(raw: &RawPlan) -> Vec<Fault> {
    let mut doubts = Vec::new();
    for queue in &raw.queues {
        let Some(sticky) = &queue.sticky else { continue };
        if queue.members.len() == 1 {
            let message = "`sticky` changes nothing: this queue has one operator, who is rung for every caller";
            doubts.push(Fault::warning(&sticky.span, message).remedy("take it out, or add another operator"));
        }
        let limit = queue.max_wait.as_ref().filter(|limit| limit.after <= sticky.value.wait);
        if limit.is_some() {
            let message = "whoever waits so long for his own operator has waited as long as one may: no other is rung";
            let fault = Fault::warning(&sticky.span, message);
            doubts.push(fault.remedy("give `sticky` a `wait` that is less than `after` of `max_wait`"));
        }
    }
    doubts
}
