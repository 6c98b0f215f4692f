//! Lines about whether operators are there for their queues. What somebody entered is in none of them.

use tracing::{field::display, info, warn};

use super::TARGET;
use crate::{
    dialplan::moment::timestamp,
    domain::{CallId, Time},
    engine::{Duty, DutyBy, notice::DutyFact},
};

/// `call`: the one in which it was said, if it was said in one.
pub(super) fn tell(call: Option<CallId>, fact: &DutyFact) {
    let call = call.map(display);
    let told = |until: Option<Time>| until.map(|until| display(timestamp(until)));
    match fact {
        DutyFact::Changed { operator, from, to, by } => {
            let (reason, until) = match to {
                Duty::Paused { reason, until, .. } => (reason.as_deref(), *until),
                Duty::On | Duty::SignedOut { .. } => (None, None),
            };
            let (from, to, by) = (from.word(), to.word(), by.word());
            info!(target: TARGET, %operator, from, to, by, reason, until = told(until), "duty");
        }
        DutyFact::Seated { operator, desk, by } => {
            info!(target: TARGET, %operator, desk = desk.as_deref(), by = by.word(), "desk");
        }
        DutyFact::NotChanged { operator, by: DutyBy::Phone, why } => {
            info!(target: TARGET, %operator, why = why.word(), "duty not changed");
        }
        // Whoever asked is answered.
        DutyFact::NotChanged { .. } => {}
        DutyFact::WrapUp { operator, until, by } => {
            info!(target: TARGET, %operator, until = told(*until), by = by.word(), "wrap-up changed");
        }
        DutyFact::PinRefused { operator, why } => {
            let operator = operator.as_deref();
            warn!(target: TARGET, call, operator, why = why.word(), "somebody at a telephone is not taken for an operator");
        }
    }
}
