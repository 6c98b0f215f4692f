//! One log line for each milestone of a call, made from what the engine tells.
//!
//! The target is `sentral::call`. Numbers and names of callers are told at `debug` only.

use std::time::Duration;

use tracing::{debug, error, info, warn};

use super::ready::Readiness;
use crate::{
    domain::CallId,
    engine::{Fact, Failure, Notice},
};

/// Where these lines are filtered.
const TARGET: &str = "sentral::call";

/// Puts a fact into the log.
pub fn tell(notice: &Notice, nodes: &Readiness) {
    match notice.call {
        Some(call) => tell_of_call(call, &notice.fact, nodes),
        None => tell_of_house(&notice.fact, nodes),
    }
}

fn tell_of_call(call: CallId, fact: &Fact, nodes: &Readiness) {
    match fact {
        Fact::Arrived { number, caller } => {
            info!(target: TARGET, %call, %number, "arrived");
            let (from, name) = (caller.number.as_deref(), caller.name.as_deref());
            debug!(target: TARGET, %call, caller = from, name, "presented");
        }
        Fact::Adopted { number, place } => {
            info!(target: TARGET, %call, number = number.as_deref(), ?place, "found again");
        }
        Fact::Refused { number, why } => info!(target: TARGET, %call, number = ?number, ?why, "refused"),
        Fact::MenuAsked { attempt } => debug!(target: TARGET, %call, attempt, "menu asked"),
        Fact::MenuAnswered { keys } => info!(target: TARGET, %call, %keys, "menu answered"),
        Fact::MenuMistaken { keys } => info!(target: TARGET, %call, %keys, "menu answered wrongly"),
        Fact::MenuUnanswered => info!(target: TARGET, %call, "menu not answered"),
        Fact::Joined { queue, position } => info!(target: TARGET, %call, %queue, position, "waits"),
        Fact::LeftQueue { queue, waited, why } => {
            info!(target: TARGET, %call, %queue, ?why, waited = seconds(*waited), "left the queue");
        }
        Fact::Offered { queue, operator } => info!(target: TARGET, %call, %queue, %operator, "offered"),
        Fact::OfferEnded { queue, operator, outcome, rang, cause } => info!(
            target: TARGET, %call, %queue, %operator, ?outcome, rang = seconds(*rang), cause = cause.q850, sip = cause.sip,
            "offer ended"
        ),
        Fact::Connected { queue, operator, waited } => {
            info!(target: TARGET, %call, %queue, %operator, waited = seconds(*waited), "connected");
        }
        Fact::TalkEnded { queue, operator, talked, by } => info!(
            target: TARGET, %call, queue = queue.as_deref(), %operator, talked = seconds(*talked), ?by, "talk ended"
        ),
        Fact::Ended { number, outcome, lasted } => info!(
            target: TARGET, %call, number = number.as_deref(), ?outcome, lasted = seconds(*lasted), "ended"
        ),
        Fact::CommandFailed { command, failure } => command_failed(Some(call), command, *failure),
        Fact::PromptFailed => warn!(target: TARGET, %call, "a prompt could not be played: has Asterisk the sound?"),
        Fact::RanInCircles => error!(target: TARGET, %call, "the plan led this call in circles, so it is ended"),
        Fact::Broken { what } => {
            error!(target: TARGET, %call, what, "a bug: something that cannot be was; this call is ended")
        }
        Fact::OperatorChanged { .. } | Fact::NodeUp { .. } | Fact::NodeDown { .. } | Fact::PlanLoaded { .. } => {
            tell_of_house(fact, nodes);
        }
    }
}

fn tell_of_house(fact: &Fact, nodes: &Readiness) {
    match fact {
        Fact::OperatorChanged { operator, from, to } => debug!(target: TARGET, %operator, ?from, ?to, "operator"),
        Fact::NodeUp { node, calls } => info!(node = nodes.name(*node), calls, "node is up"),
        Fact::NodeDown { node } => warn!(node = nodes.name(*node), "node is down: its calls go on there by themselves"),
        Fact::PlanLoaded { exchange } => info!(%exchange, "a new plan is in force"),
        Fact::Refused { number, why } => info!(target: TARGET, number = ?number, ?why, "refused"),
        Fact::CommandFailed { command, failure } => command_failed(None, command, *failure),
        Fact::Broken { what } => error!(target: TARGET, what, "a bug: something that cannot be was"),
        Fact::Arrived { .. }
        | Fact::Adopted { .. }
        | Fact::MenuAsked { .. }
        | Fact::MenuAnswered { .. }
        | Fact::MenuMistaken { .. }
        | Fact::MenuUnanswered
        | Fact::Joined { .. }
        | Fact::LeftQueue { .. }
        | Fact::Offered { .. }
        | Fact::OfferEnded { .. }
        | Fact::Connected { .. }
        | Fact::TalkEnded { .. }
        | Fact::Ended { .. }
        | Fact::PromptFailed
        | Fact::RanInCircles => {}
    }
}

/// That something is gone already is how most races end, and no news.
fn command_failed(call: Option<CallId>, command: &str, failure: Failure) {
    let call = call.map(tracing::field::display);
    match failure {
        Failure::Refused(404) => debug!(target: TARGET, call, command, "too late: it is gone"),
        Failure::Refused(status) => warn!(target: TARGET, call, command, status, "Asterisk refused"),
        Failure::NotSent => warn!(target: TARGET, call, command, "not sent"),
        Failure::OutcomeUnknown => warn!(target: TARGET, call, command, "no answer from Asterisk"),
    }
}

/// To the millisecond: what is finer says nothing.
fn seconds(span: Duration) -> f64 {
    (span.as_secs_f64() * 1000.0).round() / 1000.0
}
