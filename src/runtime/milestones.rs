//! One log line for each milestone of a call, made from what the engine tells.
//!
//! The target is `sentral::call`. Numbers and names of callers are told at `debug` only.

mod callback;
mod duty;

use std::{cell::Cell, collections::BTreeSet, time::Duration};

use tracing::{debug, error, info, trace, warn};

use super::ready::Readiness;
use crate::{
    dialplan::{moment::timestamp, skills_in_words},
    domain::{Amount, CallId, Caller, Charge, Name, Time},
    engine::{
        Callee, Fact, Failure, NoAnswer, Notice,
        notice::{Entering, HandOver, Measured, MessageOutcome, OfferOutcome, Steered},
    },
};

/// Where these lines are filtered.
const TARGET: &str = "sentral::call";

thread_local! {
    static AGE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// How long ago that came about which this thread puts into the log right now. For the log's timestamps: what the engine
/// tells is told later, by the handful.
pub fn age() -> Duration {
    AGE.get()
}

/// Tells milestones, and what changed since the last one.
#[derive(Debug, Default)]
pub struct Milestones {
    /// Operators whose phones could not be reached when they were last offered a call.
    unreachable: BTreeSet<Name>,
}

impl Milestones {
    /// Puts a fact into the log.
    pub fn tell(&mut self, notice: &Notice, now: Time, nodes: &Readiness) {
        AGE.set(now.since(notice.at));
        self.write(notice, nodes);
        AGE.set(Duration::ZERO);
    }

    fn write(&mut self, notice: &Notice, nodes: &Readiness) {
        match notice.call {
            Some(call) => tell_of_call(call, &notice.fact, nodes),
            None => tell_of_house(&notice.fact, nodes),
        }
        let Fact::OfferEnded { callee, outcome, .. } = &notice.fact else { return };
        let Some(operator) = callee.operator() else { return };
        match self.news_of_phone(operator, *outcome) {
            Some(Reach::Lost) => warn!(
                target: TARGET, %operator,
                "this operator's phone cannot be reached; is it registered at Asterisk, and his `dial` right?"
            ),
            Some(Reach::Back) => info!(target: TARGET, %operator, "this operator's phone is reached again"),
            None => {}
        }
    }

    /// That a phone cannot be reached is told once, and not at every try.
    fn news_of_phone(&mut self, operator: &Name, outcome: OfferOutcome) -> Option<Reach> {
        match outcome {
            OfferOutcome::Unreachable => self.unreachable.insert(operator.clone()).then_some(Reach::Lost),
            OfferOutcome::Answered | OfferOutcome::Busy | OfferOutcome::Declined | OfferOutcome::NoAnswer => {
                self.unreachable.remove(operator).then_some(Reach::Back)
            }
            // Whether it rang is not known.
            OfferOutcome::AnsweredElsewhere
            | OfferOutcome::CallerLeft
            | OfferOutcome::Lapsed
            | OfferOutcome::OffDuty
            | OfferOutcome::TrunkFull
            | OfferOutcome::Failed => None,
        }
    }
}

/// News of an operator's phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Lost,
    Back,
}

fn tell_of_call(call: CallId, fact: &Fact, nodes: &Readiness) {
    match fact {
        Fact::Arrived { number, caller, .. } => arrived(call, number, caller),
        Fact::FoundFull { number } => info!(target: TARGET, %call, %number, "found the number full"),
        Fact::Adopted { number, place, .. } => {
            info!(target: TARGET, %call, number = number.as_deref(), place = place.word(), "found again");
        }
        Fact::Refused { number, why, .. } => {
            info!(target: TARGET, %call, number = &**number, why = why.word(), "refused")
        }
        Fact::Reached { step, .. } => trace!(target: TARGET, %call, step = step.0, "reached"),
        Fact::MenuAsked { attempt } => debug!(target: TARGET, %call, attempt, "menu asked"),
        Fact::MenuAnswered { keys } => info!(target: TARGET, %call, %keys, "menu answered"),
        Fact::MenuMistaken { keys } => info!(target: TARGET, %call, %keys, "menu answered wrongly"),
        Fact::MenuUnanswered => info!(target: TARGET, %call, "menu not answered"),
        Fact::Records { mailbox } => info!(target: TARGET, %call, %mailbox, "leaves a message"),
        Fact::Message { .. } => message(Some(call), fact),
        Fact::Entering(entering) => tell_of_entering(call, *entering),
        Fact::LooksUp { host, url } => debug!(target: TARGET, %call, host = &**host, url = &**url, "looks up"),
        Fact::LookedUp { host, took, lacks } => {
            info!(target: TARGET, %call, host = &**host, took = seconds(*took), lacks, "looked up");
        }
        Fact::LookupFailed { host, took, why } => lookup_failed(call, host, *took, *why),
        Fact::Notifies { host, url, id } => {
            info!(target: TARGET, %call, host = &**host, id = &**id, "notifies");
            debug!(target: TARGET, %call, id = &**id, url = &**url, "notifies");
        }
        Fact::NotNotified { host } => {
            warn!(target: TARGET, %call, host = &**host, "not notified: the call's values make no request that can be sent");
        }
        Fact::Joined { queue, position } => info!(target: TARGET, %call, %queue, position, "waits"),
        Fact::ChoiceTold { queue, choice } => info!(target: TARGET, %call, %queue, choice, "choice"),
        Fact::LeftQueue { queue, waited, why, .. } => left_queue(call, queue, *waited, why.word()),
        Fact::Offered { queue, callee } => {
            info!(target: TARGET, %call, queue = queue.as_deref(), to = who(callee), "offered")
        }
        Fact::OfferEnded { queue, callee, outcome, rang, cause } => info!(
            target: TARGET, %call, queue = queue.as_deref(), to = who(callee), outcome = outcome.word(), rang = seconds(*rang), cause = cause.q850, sip = cause.sip,
            "offer ended"
        ),
        Fact::CameBack { .. } | Fact::Required { .. } | Fact::Steered { .. } => in_line(call, fact),
        Fact::NobodyAnswered { missed } => info!(target: TARGET, %call, why = missed.word(), "nobody answered"),
        Fact::NoNumber => warn!(target: TARGET, %call, "what the plan computed to be dialled is no telephone number"),
        Fact::Connected { queue, callee, waited, .. } => {
            info!(target: TARGET, %call, queue = queue.as_deref(), to = who(callee), waited = seconds(*waited), "connected");
        }
        Fact::TalkEnded { queue, callee, talked, by, .. } => info!(
            target: TARGET, %call, queue = queue.as_deref(), to = who(callee), talked = seconds(*talked), by = by.word(), "talk ended"
        ),
        Fact::Ended { number, outcome, lasted, charge, .. } => info!(
            target: TARGET, %call, number = number.as_deref(), outcome = outcome.word(), lasted = seconds(*lasted), cost = charge.map(|charge| display(charge.cost)),
            "ended"
        ),
        Fact::Charged { trunk, callee, charge: Some(charge) } => leg_charged(call, trunk, callee, charge),
        Fact::CommandFailed { command, failure } => command_failed(Some(call), command, *failure),
        Fact::PromptFailed => warn!(target: TARGET, %call, "a prompt could not be played: has Asterisk the sound?"),
        Fact::HandOver(how) => handed_over(call, *how),
        Fact::Callback(fact) => callback::tell(Some(call), fact),
        Fact::Duty(fact) => duty::tell(Some(call), fact),
        Fact::RanInCircles => error!(target: TARGET, %call, "the plan led this call in circles, so it is ended"),
        Fact::Broken { what } => error!(target: TARGET, %call, what, "a bug: what cannot be was; this call is ended"),
        // Whoever has it will tell.
        Fact::Charged { charge: None, .. } => {}
        Fact::Measured(measured) => tell_measured(call, measured),
        Fact::NoFlow { .. }
        | Fact::OperatorChanged { .. }
        | Fact::HoursOverridden { .. }
        | Fact::OverrideIdle { .. }
        | Fact::NodeUp { .. }
        | Fact::NodeDown { .. }
        | Fact::PlanLoaded { .. } => tell_of_house(fact, nodes),
    }
}

fn arrived(call: CallId, number: &str, caller: &Caller) {
    info!(target: TARGET, %call, %number, "arrived");
    let (from, name) = (caller.number(), caller.name.as_deref());
    debug!(target: TARGET, %call, caller = from, name, "presented");
}

fn left_queue(call: CallId, queue: &Name, waited: Duration, why: &str) {
    info!(target: TARGET, %call, %queue, why, waited = seconds(waited), "left the queue");
}

/// What there is to tell of a caller's place in a line, and of who may be rung for him.
fn in_line(call: CallId, fact: &Fact) {
    if let Fact::CameBack { queue, waited } = fact {
        info!(target: TARGET, %call, %queue, waited = seconds(*waited), "has his place again");
    } else if let Fact::Required { skills } = fact {
        info!(target: TARGET, %call, skills = skills_in_words(skills), "requires");
    } else if let Fact::Steered { queue, how } = fact {
        steered(call, queue, how);
    }
}

fn steered(call: CallId, queue: &Name, how: &Steered) {
    let word = how.word();
    match how {
        Steered::Moved { queue: to, flow } => {
            info!(target: TARGET, %call, %queue, to = to.as_deref(), flow = flow.as_deref(), "{word} by hand");
        }
        Steered::Prioritised { priority, position } => {
            info!(target: TARGET, %call, %queue, priority, position, "{word} by hand");
        }
        Steered::Withdrawn { info } => info!(target: TARGET, %call, %queue, info = &**info, "{word} by hand"),
        Steered::Assigned { operator } => info!(target: TARGET, %call, %queue, %operator, "{word} by hand"),
    }
}

/// Never the digits.
fn tell_of_entering(call: CallId, entering: Entering) {
    match entering {
        Entering::Asked { attempt } => debug!(target: TARGET, %call, attempt, "digits asked"),
        Entering::ReadBack { attempt } => debug!(target: TARGET, %call, attempt, "digits read back"),
        Entering::Entered => info!(target: TARGET, %call, "digits entered"),
        Entering::Mistaken => info!(target: TARGET, %call, "digits entered wrongly"),
        Entering::Silent => info!(target: TARGET, %call, "digits not entered"),
    }
}

fn tell_measured(call: CallId, measured: &Measured) {
    match measured {
        Measured::Estimate { queue, told, took } => {
            debug!(target: TARGET, %call, %queue, told = seconds(*told), took = seconds(*took), "answered, after an announced wait")
        }
        Measured::Idle { queue, operator, .. } => {
            error!(target: TARGET, %call, %queue, %operator, "a bug: this call waits though this operator is free")
        }
    }
}

fn tell_of_house(fact: &Fact, nodes: &Readiness) {
    match fact {
        Fact::OperatorChanged { operator, from, to } => {
            debug!(target: TARGET, %operator, from = from.word(), to = to.word(), "operator")
        }
        Fact::Duty(fact) => duty::tell(None, fact),
        Fact::Callback(fact) => callback::tell(None, fact),
        Fact::HoursOverridden { hours, by_hand: Some(by_hand) } => {
            let (stand, until) = (if by_hand.open { "open" } else { "closed" }, by_hand.until.map(timestamp));
            info!(target: TARGET, %hours, stand, until = until.map(display), "hours overridden");
        }
        Fact::HoursOverridden { hours, by_hand: None } => info!(target: TARGET, %hours, "hours as the plan says again"),
        Fact::OverrideIdle { hours } => {
            warn!(target: TARGET, %hours, "the plan does not have hours that are overridden; that is kept until it has them")
        }
        Fact::NodeUp { node, calls } => info!(node = nodes.name(*node), calls, "node is up"),
        Fact::NodeDown { node } => warn!(node = nodes.name(*node), "node is down: its calls go on there by themselves"),
        // Whoever read it tells, with its file.
        Fact::PlanLoaded { exchange } => debug!(%exchange, "a new plan is in force"),
        Fact::ChoiceTold { queue, choice } => info!(target: TARGET, %queue, choice, "choice"),
        Fact::Refused { number, why, .. } => info!(target: TARGET, number = &**number, why = why.word(), "refused"),
        Fact::NoFlow { flow, near } => {
            warn!(target: TARGET, %flow, meant = near.as_deref(), "the dialplan asks for a flow that the plan does not have")
        }
        Fact::CommandFailed { command, failure } => command_failed(None, command, *failure),
        Fact::Broken { what } => error!(target: TARGET, what, "a bug: something that cannot be was"),
        Fact::Message { .. } => message(None, fact),
        Fact::Measured(_)
        | Fact::Arrived { .. }
        | Fact::FoundFull { .. }
        | Fact::Adopted { .. }
        | Fact::Reached { .. }
        | Fact::MenuAsked { .. }
        | Fact::MenuAnswered { .. }
        | Fact::MenuMistaken { .. }
        | Fact::MenuUnanswered
        | Fact::Records { .. }
        | Fact::Entering(_)
        | Fact::LooksUp { .. }
        | Fact::LookedUp { .. }
        | Fact::LookupFailed { .. }
        | Fact::Notifies { .. }
        | Fact::NotNotified { .. }
        | Fact::Joined { .. }
        | Fact::LeftQueue { .. }
        | Fact::Offered { .. }
        | Fact::OfferEnded { .. }
        | Fact::HandOver(_)
        | Fact::NobodyAnswered { .. }
        | Fact::CameBack { .. }
        | Fact::Required { .. }
        | Fact::Steered { .. }
        | Fact::NoNumber
        | Fact::Connected { .. }
        | Fact::TalkEnded { .. }
        | Fact::Ended { .. }
        | Fact::Charged { .. }
        | Fact::PromptFailed
        | Fact::RanInCircles => {}
    }
}

/// How it goes with a caller who is handed over.
fn handed_over(call: CallId, how: HandOver) {
    match how {
        HandOver::Begun => info!(target: TARGET, %call, "is handed over to where its next step can be done"),
        HandOver::Done { took } => info!(target: TARGET, %call, took = seconds(took), "was handed over"),
        HandOver::NoNode => {
            warn!(target: TARGET, %call, "its next step needs an Asterisk that is connected by ARI, and none is: it goes to the fallback")
        }
        HandOver::Failed => warn!(target: TARGET, %call, "could not be handed over: it goes to the fallback"),
        HandOver::Overdue => warn!(
            target: TARGET, %call,
            "was handed over and did not come: the caller hung up, or the dialplan did not bring him to `Stasis()`"
        ),
    }
}

/// What became of a message, and what to do about one that is not kept.
fn message(call: Option<CallId>, fact: &Fact) {
    let Fact::Message { mailbox, id, outcome, lasts } = fact else { return };
    let call = call.map(tracing::field::display);
    let remedy = match outcome {
        MessageOutcome::Kept => {
            return info!(target: TARGET, call, %mailbox, %id, lasts = seconds(*lasts), "message kept");
        }
        MessageOutcome::Nothing => return info!(target: TARGET, call, %mailbox, "no message: nothing was said"),
        MessageOutcome::CutShort => "is Asterisk's disk full? What was said until then is kept",
        MessageOutcome::Full => {
            "delete messages, or raise `voicemail.messages` or `voicemail.megabytes` of the settings"
        }
        MessageOutcome::NotRecorded => {
            "has Asterisk the folder `recording` in its spool folder, and room on its disk? Its log says more"
        }
        MessageOutcome::NotWritten => "is `voicemail.folder` of the settings ours to write, and room on its disk?",
        MessageOutcome::Missing => "Asterisk does not have the recording any more",
    };
    warn!(target: TARGET, call, %mailbox, %id, outcome = outcome.word(), remedy, "a message is not kept whole");
}

/// Who is rung, as the log may tell: of a number outside only the trunk.
fn who(callee: &Callee) -> &str {
    match callee {
        Callee::Operator(name) | Callee::Phone(name) => name,
        Callee::Outside { trunk, .. } => trunk,
    }
}

/// One that was not answered costs nothing, and its offer's end was told.
fn leg_charged(call: CallId, trunk: &Name, callee: &Callee, charge: &Charge) {
    if charge.cost.amount > Amount::ZERO {
        let (to, lasted) = (who(callee), seconds(charge.lasted));
        info!(target: TARGET, %call, %trunk, to, lasted, cost = %charge.cost, "leg charged");
    }
}

fn lookup_failed(call: CallId, host: &str, took: Duration, why: NoAnswer) {
    let (took, status) = (seconds(took), if let NoAnswer::Status(status) = why { Some(status) } else { None });
    let why = why.word();
    warn!(target: TARGET, %call, host, took, why, status, "the lookup failed, and the call goes on without an answer");
}

/// Commands that call an operator's phone: the offer's end tells that it came to nothing, and the operator's name.
const CALLING: [&str; 3] = ["create", "dial", "originate"];

/// That something is gone already is how most races end, and no news.
fn command_failed(call: Option<CallId>, command: &str, failure: Failure) {
    let call = call.map(tracing::field::display);
    match failure {
        Failure::Refused(status) if CALLING.contains(&command) => {
            debug!(target: TARGET, call, command, status, "the phone cannot be called");
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_that_cannot_be_reached_is_told_once_and_when_it_is_back() {
        let (anna, boris) = (Name::new("anna"), Name::new("boris"));
        let mut milestones = Milestones::default();
        let mut news = |operator, outcome| milestones.news_of_phone(operator, outcome);
        assert_eq!(news(&anna, OfferOutcome::Unreachable), Some(Reach::Lost));
        assert_eq!(news(&anna, OfferOutcome::Unreachable), None, "no news");
        assert_eq!(news(&boris, OfferOutcome::Unreachable), Some(Reach::Lost));
        assert_eq!(news(&anna, OfferOutcome::CallerLeft), None, "whether it rang is not known");
        assert_eq!(news(&anna, OfferOutcome::NoAnswer), Some(Reach::Back));
        assert_eq!(news(&anna, OfferOutcome::Answered), None);
        assert_eq!(news(&anna, OfferOutcome::Unreachable), Some(Reach::Lost), "again");
    }
}
