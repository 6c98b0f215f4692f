//! Tells what happens, call by call, in lines short enough to follow, and what came of it all.

mod summary;

use std::{collections::BTreeMap, time::Duration};

use summary::Summary;

use crate::{
    dialplan::skills_in_words,
    domain::{CallId, Name, Presented, Time},
    engine::{
        Callee, Fact, Notice,
        notice::{CallbackFact, Entering, LeftQueue, Measured, OfferOutcome, Outcome, Party, Refusal},
    },
};

/// Turns notices into lines.
#[derive(Debug)]
pub struct Narrator {
    since: Time,
    /// Calls that are going on.
    calls: BTreeMap<CallId, Going>,
    count: u64,
    summary: Summary,
}

/// A call that is going on.
#[derive(Debug, Default)]
struct Going {
    /// A number that is easy to follow.
    number: u64,
    /// How long the phone of the operator rang who answered.
    rang: Option<Duration>,
}

impl Narrator {
    /// Times are told from `since` on.
    pub fn new(since: Time) -> Self {
        Self { since, calls: BTreeMap::new(), count: 0, summary: Summary::default() }
    }

    /// The line for a notice; `None` for what is not worth one.
    pub fn tell(&mut self, notice: &Notice) -> Option<String> {
        self.summary.see(&notice.fact);
        let what = match notice.call {
            // Its call may be over, and has no number any more.
            Some(_) if matches!(notice.fact, Fact::Charged { .. }) => return None,
            Some(call) => {
                let going = self.going(call);
                let (number, line) = (going.number, in_a_call(&notice.fact, going));
                if matches!(notice.fact, Fact::Ended { .. }) {
                    self.calls.remove(&call);
                }
                format!("call {number}: {}", line?)
            }
            None => outside_calls(&notice.fact)?,
        };
        Some(format!("{:8.1}s  {what}", notice.at.since(self.since).as_secs_f64()))
    }

    /// What came of it all: several lines.
    pub fn summary(&self) -> String {
        self.summary.to_string()
    }

    fn going(&mut self, call: CallId) -> &mut Going {
        let count = &mut self.count;
        self.calls.entry(call).or_insert_with(|| {
            *count += 1;
            Going { number: *count, rang: None }
        })
    }
}

fn in_a_call(fact: &Fact, going: &mut Going) -> Option<String> {
    Some(match fact {
        Fact::Arrived { number, caller, .. } => {
            let caller = match &caller.presented {
                Presented::Number(number) => spaced(number.as_str()),
                Presented::Withheld => "a withheld number".into(),
                Presented::Malformed => "somebody who presents no number".into(),
            };
            format!("{caller} calls {}", spaced(number))
        }
        Fact::FoundFull { .. } => "finds the number full".into(),
        Fact::Adopted { place, .. } => format!("found again, and goes on ({place:?})").to_lowercase(),
        Fact::MenuAsked { attempt: 1 } => "is asked for a key".into(),
        Fact::MenuAsked { attempt } => format!("is asked for a key, try {attempt}"),
        Fact::MenuAnswered { keys } => format!("presses {keys}"),
        Fact::MenuMistaken { keys } => format!("presses {keys}, which is no answer"),
        Fact::MenuUnanswered => "presses nothing".into(),
        Fact::Records { mailbox } => format!("leaves a message for {mailbox}"),
        Fact::Message { outcome, lasts, .. } => {
            format!("the message of {} is {}", span(*lasts), outcome.word().replace('_', " "))
        }
        Fact::Entering(entering) => entering_words(*entering),
        Fact::LooksUp { host, .. } => format!("{host} is asked"),
        Fact::LookedUp { host, took, .. } => format!("{host} answers after {}", span(*took)),
        Fact::LookupFailed { host, why, .. } => format!("{host} does not answer ({})", why.word()),
        Fact::Notifies { host, .. } => format!("{host} is told"),
        Fact::NotNotified { host } => format!("{host} cannot be told"),
        Fact::ChoiceTold { choice, .. } => format!("is told {}", choice.replace('_', " ")),
        Fact::Joined { queue, position } => format!("joins {queue} at place {position}"),
        Fact::LeftQueue { queue, waited, why, .. } => left_queue(queue, *waited, *why),
        Fact::Offered { callee, .. } => format!("{callee}'s phone rings"),
        // Told with the conversation that follows.
        Fact::OfferEnded { outcome: OfferOutcome::Answered, rang, .. } => {
            going.rang = Some(*rang);
            return None;
        }
        Fact::OfferEnded { callee, outcome, rang, .. } => return offer_ended(callee, *outcome, *rang),
        Fact::NobodyAnswered { .. } => "nobody answers".into(),
        Fact::CameBack { .. } | Fact::Required { .. } | Fact::Steered { .. } => return in_line(fact),
        Fact::NoNumber => "what is to be dialled is no number".into(),
        Fact::Connected { callee, waited, .. } => {
            let rang = going.rang.take().map(|rang| format!(" after {}", span(rang))).unwrap_or_default();
            format!("{callee} answers{rang}; waited {}", span(*waited))
        }
        Fact::TalkEnded { callee, talked, by, .. } => talk_ended(callee, *talked, *by),
        Fact::Ended { outcome, lasted, .. } => format!("over after {}: {}", span(*lasted), outcome_words(*outcome)),
        Fact::CommandFailed { command, failure } => format!("asterisk did not {command}: {failure:?}"),
        Fact::PromptFailed => "a prompt could not be played".into(),
        Fact::RanInCircles => "the plan leads in circles".into(),
        Fact::Callback(fact) => return callback_words(fact),
        Fact::HandOver(how) => format!("is handed over: {}", how.result().unwrap_or("on the way")),
        Fact::Refused { .. }
        | Fact::NoFlow { .. }
        | Fact::Reached { .. }
        | Fact::Charged { .. }
        | Fact::OperatorChanged { .. }
        | Fact::Duty(_)
        | Fact::HoursOverridden { .. }
        | Fact::OverrideIdle { .. }
        | Fact::Measured(_)
        | Fact::NodeUp { .. }
        | Fact::NodeDown { .. }
        | Fact::PlanLoaded { .. }
        | Fact::Broken { .. } => return outside_calls(fact),
    })
}

fn talk_ended(callee: &Callee, talked: Duration, by: Party) -> String {
    let talked = span(talked);
    match by {
        Party::Caller => format!("the caller hangs up after {talked} with {callee}"),
        Party::Operator => format!("{callee} hangs up after {talked}"),
        Party::Transferred => format!("{callee} transfers the caller after {talked}"),
        Party::TakenOver => format!("talks on to {callee} with another engine, after {talked}"),
        Party::Unknown => format!("no longer talks to {callee}, after {talked} at most"),
    }
}

fn callback_words(fact: &CallbackFact) -> Option<String> {
    Some(match fact {
        CallbackFact::Promised { queue, .. } => format!("will be called back, and keeps his place in {queue}"),
        CallbackFact::Refused { why, .. } => format!("cannot be called back: {}", why.word()),
        CallbackFact::Calls { queue, .. } => format!("is called back from {queue}"),
        CallbackFact::Answered { .. } => "somebody answers".into(),
        CallbackFact::Missed { .. } | CallbackFact::Over { .. } => return None,
    })
}

fn entering_words(entering: Entering) -> String {
    match entering {
        Entering::Asked { attempt: 1 } => "is asked for digits".into(),
        Entering::Asked { attempt } => format!("is asked for digits, try {attempt}"),
        Entering::ReadBack { .. } => "is asked whether they are right".into(),
        Entering::Entered => "has entered them".into(),
        Entering::Mistaken => "enters what is no answer".into(),
        Entering::Silent => "presses nothing".into(),
    }
}

fn outside_calls(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::Refused { number, why, .. } => {
            let why = match why {
                Refusal::Full => "all its lines are in use",
                Refusal::Overload => "too many calls",
                Refusal::Draining => "we are about to stop",
                Refusal::UnknownNumber => "no such number in the plan",
                Refusal::UnknownFlow => "no such flow in the plan",
            };
            format!("a call to {} is turned away: {why}", spaced(number))
        }
        Fact::NodeUp { node, calls } => format!("asterisk {} is there, with {calls} calls", node.0),
        Fact::NodeDown { node } => format!("asterisk {} is not heard from", node.0),
        Fact::HoursOverridden { hours, by_hand } => match by_hand {
            Some(by_hand) => format!("hours {hours} are {} by hand", if by_hand.open { "open" } else { "closed" }),
            None => format!("hours {hours} are as the plan says"),
        },
        Fact::OverrideIdle { hours } => format!("hours {hours} stand by hand, and the plan does not have them"),
        Fact::Measured(Measured::Idle { queue, operator, .. }) => {
            format!("a bug: somebody waits in {queue} while {operator} is free")
        }
        Fact::PlanLoaded { exchange } => format!("the plan of {exchange} is in force"),
        Fact::Broken { what } => format!("a bug: {what}"),
        Fact::CommandFailed { command, failure } => format!("asterisk did not {command}: {failure:?}"),
        // Told with the call that it is about, or nobody's news.
        Fact::Measured(Measured::Estimate { .. })
        | Fact::Arrived { .. }
        | Fact::FoundFull { .. }
        | Fact::Adopted { .. }
        | Fact::MenuAsked { .. }
        | Fact::Reached { .. }
        | Fact::MenuAnswered { .. }
        | Fact::MenuMistaken { .. }
        | Fact::MenuUnanswered
        | Fact::Records { .. }
        | Fact::Message { .. }
        | Fact::Entering(_)
        | Fact::LooksUp { .. }
        | Fact::LookedUp { .. }
        | Fact::LookupFailed { .. }
        | Fact::Notifies { .. }
        | Fact::NotNotified { .. }
        | Fact::ChoiceTold { .. }
        | Fact::Joined { .. }
        | Fact::LeftQueue { .. }
        | Fact::Offered { .. }
        | Fact::OfferEnded { .. }
        | Fact::NoFlow { .. }
        | Fact::HandOver(_)
        | Fact::Callback(_)
        | Fact::NobodyAnswered { .. }
        | Fact::CameBack { .. }
        | Fact::Required { .. }
        | Fact::Steered { .. }
        | Fact::NoNumber
        | Fact::Connected { .. }
        | Fact::TalkEnded { .. }
        | Fact::Ended { .. }
        | Fact::Charged { .. }
        | Fact::OperatorChanged { .. }
        | Fact::Duty(_)
        | Fact::PromptFailed
        | Fact::RanInCircles => return None,
    })
}

/// What there is to tell of his place in a line, and of who may be rung for him.
fn in_line(fact: &Fact) -> Option<String> {
    if let Fact::CameBack { queue, waited } = fact {
        return Some(format!("has his place in {queue} again, of {}", span(*waited)));
    }
    if let Fact::Required { skills } = fact {
        let skills = if skills.is_empty() { "nothing any more".into() } else { skills_in_words(skills) };
        return Some(format!("requires {skills}"));
    }
    let Fact::Steered { queue, how } = fact else { return None };
    Some(format!("is {} in {queue} by hand", how.word()))
}

fn left_queue(queue: &Name, waited: Duration, why: LeftQueue) -> String {
    let waited = span(waited);
    match why {
        LeftQueue::Abandoned => format!("gives up in {queue} after {waited}"),
        LeftQueue::TimedOut => format!("has waited {waited} in {queue}, as long as one may"),
        LeftQueue::Unstaffed => format!("leaves {queue} after {waited}, since nobody may take the call"),
        LeftQueue::ByKey => format!("leaves {queue} by a key after {waited}"),
        LeftQueue::Full => format!("finds {queue} full"),
        LeftQueue::Closed => format!("leaves {queue} after {waited}, since it is closed"),
        LeftQueue::Moved => format!("is moved out of {queue} after {waited}"),
        LeftQueue::Withdrawn => format!("is taken out of {queue} after {waited}"),
        LeftQueue::TakenOver => format!("waits on in {queue} with another engine, after {waited}"),
        LeftQueue::Continued => format!("goes on without an operator of {queue}, after {waited}"),
    }
}

fn offer_ended(callee: &Callee, outcome: OfferOutcome, rang: Duration) -> Option<String> {
    let rang = span(rang);
    Some(match outcome {
        OfferOutcome::Busy => format!("{callee} is busy"),
        OfferOutcome::Declined => format!("{callee} declines after {rang}"),
        OfferOutcome::NoAnswer => format!("{callee} does not answer in {rang}"),
        OfferOutcome::Unreachable => format!("{callee} cannot be reached"),
        OfferOutcome::TrunkFull => format!("the trunk to {callee} is full"),
        OfferOutcome::Failed => format!("{callee} could not be rung"),
        OfferOutcome::OffDuty => format!("{callee} takes no calls any more, after {rang}"),
        OfferOutcome::Lapsed => format!("{callee} was kept for {rang}, and not used"),
        // The line about the conversation, or about the caller, says it.
        OfferOutcome::Answered | OfferOutcome::AnsweredElsewhere | OfferOutcome::CallerLeft => return None,
    })
}

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Served => "served",
        Outcome::LeftInMenu => "left before the queue",
        Outcome::LeftMessage => "left a message",
        Outcome::Abandoned => "gave up waiting",
        Outcome::Continued => "given back to Asterisk's dialplan by the plan",
        Outcome::EndedByPlan => "ended by the plan",
        Outcome::Full => "busy, all lines in use",
        Outcome::Fallback => "gone to asterisk's own queue",
        Outcome::Refused => "refused",
        Outcome::Lost => "lost",
        Outcome::TakenOver => "with another engine",
        Outcome::NotReached => "not reached when called back",
        Outcome::NotHandedOver => "did not come where it was handed over to",
    }
}

/// Seconds as one says them: `4 s`, `1 min 5 s`.
fn span(span: Duration) -> String {
    match span.as_millis().saturating_add(500) / 1_000 {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// A Norwegian number with the spaces that people put into it; any other as it is.
fn spaced(number: &str) -> String {
    let bare = number.strip_prefix('+').unwrap_or(number);
    let Some(rest) = bare.strip_prefix("47").filter(|rest| rest.len() == 8 && rest.is_ascii()) else {
        return number.to_owned();
    };
    // Mobile and toll-free numbers go by three, two and three; those of houses by twos.
    let groups: &[usize] = if rest.starts_with(['4', '8', '9']) { &[3, 2, 3] } else { &[2, 2, 2, 2] };
    let mut text = String::from("+47");
    let mut at = 0;
    for length in groups {
        text.push(' ');
        text.push_str(rest.get(at..at + length).unwrap_or_default());
        at += length;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Caller, ChannelId, Digits, NodeId};

    fn told(facts: Vec<Fact>) -> Vec<String> {
        let mut narrator = Narrator::new(Time::from_secs(100));
        let call = Some(CallId { boot: 5, number: 91 });
        let tell = |(n, fact): (u64, Fact)| Notice { at: Time::from_secs(101 + n), call, fact };
        (0..).zip(facts).map(tell).filter_map(|notice| narrator.tell(&notice)).collect()
    }

    #[test]
    fn a_call_is_told_from_its_beginning_to_its_end() {
        let seconds = Duration::from_secs;
        let (queue, operator) = (Name::new("sales"), Name::new("anna"));
        let lines = told(vec![
            Fact::Arrived {
                number: "+4780012345".into(),
                caller: Caller::from_wire("+4790011222", "", ""),
                channel: ChannelId::new(NodeId(0), "1.1"),
            },
            Fact::MenuAnswered { keys: Digits::new("1").expect("a key") },
            Fact::Joined { queue: queue.clone(), position: 3 },
            Fact::Offered { queue: Some(queue.clone()), callee: Callee::Operator(operator.clone()) },
            Fact::OperatorChanged {
                operator: operator.clone(),
                from: crate::engine::notice::OperatorState::Ready,
                to: crate::engine::notice::OperatorState::Ringing,
            },
            Fact::OfferEnded {
                queue: Some(queue.clone()),
                callee: Callee::Operator(operator.clone()),
                outcome: OfferOutcome::Answered,
                rang: seconds(4),
                cause: crate::domain::Cause::default(),
            },
            Fact::Connected { queue: Some(queue), callee: Callee::Operator(operator), leg: None, waited: seconds(65) },
        ]);
        assert_eq!(
            lines,
            [
                "     1.0s  call 1: +47 900 11 222 calls +47 800 12 345",
                "     2.0s  call 1: presses 1",
                "     3.0s  call 1: joins sales at place 3",
                "     4.0s  call 1: anna's phone rings",
                "     7.0s  call 1: anna answers after 4 s; waited 1 min 5 s",
            ]
        );
    }

    #[test]
    fn the_summary_counts_a_call_that_was_turned_away() {
        let mut narrator = Narrator::new(Time::from_secs(100));
        let fact = Fact::Refused { number: "4722334455".into(), caller: Caller::default(), why: Refusal::Full };
        narrator.tell(&Notice { at: Time::from_secs(101), call: None, fact });
        let summary = narrator.summary();
        assert!(summary.starts_with("1 calls, 1 of them over\n       1  busy, all lines in use\n"), "{summary}");
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(spaced("4722334455"), "+47 22 33 44 55");
        assert_eq!(spaced("+4790011222"), "+47 900 11 222");
        assert_eq!(spaced("+74951234567"), "+74951234567");
        assert_eq!(spaced("101"), "101");
    }
}
