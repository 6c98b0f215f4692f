//! Lines about callers who are called back. Their numbers are in none of them.

use tracing::{debug, field::display, info, warn};

use super::TARGET;
use crate::{
    domain::CallId,
    engine::notice::{CallbackFact, CallbackOver},
};

/// `call`: the one in which it came about, if it was in one.
pub(super) fn tell(call: Option<CallId>, fact: &CallbackFact) {
    let call = call.map(display);
    match fact {
        CallbackFact::Promised { id, queue, again } => {
            info!(target: TARGET, call, %id, %queue, again, "callback promised");
        }
        CallbackFact::Refused { queue, why } => {
            info!(target: TARGET, call, %queue, why = why.word(), "callback refused");
        }
        CallbackFact::Calls { id, queue, attempt, caller, .. } => {
            info!(target: TARGET, call, %id, %queue, attempt, "calls back");
            debug!(target: TARGET, call, to = caller.number(), "called back");
        }
        CallbackFact::Answered { id, queue } => info!(target: TARGET, call, %id, %queue, "callback answered"),
        CallbackFact::Missed { id, queue, outcome, attempt } => {
            info!(target: TARGET, call, %id, %queue, attempt, outcome = outcome.word(), "callback not reached");
        }
        CallbackFact::Over { id, queue, how } => match how {
            CallbackOver::Reached | CallbackOver::CameBack | CallbackOver::Cancelled => {
                info!(target: TARGET, call, %id, %queue, how = how.word(), "callback over");
            }
            CallbackOver::GaveUp | CallbackOver::Expired => {
                warn!(target: TARGET, call, %id, %queue, how = how.word(), "a callback that was promised was not kept");
            }
        },
    }
}
