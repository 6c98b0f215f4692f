//! Things that happen in a call, in the words in which a test names them.

use std::fmt;

use super::duty;
use crate::{
    dialplan::{Act, Plan, StepId, expr::Expr, skills_in_words, word::spoken},
    domain::{Name, Time},
    engine::{
        Fact,
        notice::{CallbackFact, Entering, LeftQueue, MessageOutcome, OfferOutcome, Party},
    },
    sim::world::{Seen, Sight, Who},
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Time,
    /// What.
    pub what: What,
    /// The step that the call was at, once it came to one.
    pub step: Option<StepId>,
}

/// What happens: a word, and of what it says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct What {
    /// The word: `plays`.
    pub word: &'static str,
    /// Of what: `sound:welcome`. Empty where there is nothing to say; in an expectation: whatever it is.
    pub of: String,
}

impl fmt::Display for What {
    /// As a test writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tone = self.of.strip_prefix("sound:").filter(|tone| tone.starts_with("{tone: "));
        match tone {
            Some(tone) => write!(f, "{}: {}", self.word, tone.replace(';', ",")),
            None if self.of.is_empty() => f.write_str(self.word),
            None => write!(f, "{}: {}", self.word, self.of),
        }
    }
}

impl What {
    /// Whether what happened is what was expected.
    pub fn is(&self, expected: &Self) -> bool {
        // Of an address its beginning is enough.
        let begins = matches!(self.word, LOOKS_UP | NOTIFIES) && self.of.starts_with(&expected.of);
        self.word == expected.word && (expected.of.is_empty() || expected.of == self.of || begins)
    }

    /// Whether the caller is asked for keys.
    pub(super) fn is_question(&self) -> bool {
        QUESTIONS.contains(&self.word)
    }

    fn new(word: &'static str, of: impl Into<String>) -> Self {
        Self { word, of: of.into() }
    }
}

/// What a word is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Nothing,
    Flow,
    Hours,
    Sound,
    Music,
    Count,
    Keys,
    Box,
    Address,
    NoAnswer,
    Queue,
    Skills,
    Callee,
    Miss,
    Party,
    Refusal,
    Outcome,
    Status,
    Money,
    Operator,
    Desk,
    NotChanged,
    PinRefused,
}

/// Every word there is, and what it is said of.
pub(super) const WORDS: &[(&str, Of)] = &[
    ("calls", Of::Nothing),
    ("refused", Of::Refusal),
    ("answered", Of::Nothing),
    ("enters", Of::Flow),
    ("open", Of::Hours),
    ("closed", Of::Hours),
    ("overrides", Of::Hours),
    ("ringing", Of::Nothing),
    ("plays", Of::Sound),
    ("prompt_failed", Of::Nothing),
    ("menu", Of::Count),
    ("presses", Of::Keys),
    ("chooses", Of::Keys),
    ("mistakes", Of::Keys),
    ("presses_nothing", Of::Nothing),
    ("records", Of::Box),
    ("message", Of::Box),
    ("no_message", Of::Box),
    ("asks", Of::Count),
    ("reads_back", Of::Count),
    ("answers", Of::Nothing),
    (LOOKS_UP, Of::Address),
    ("looked_up", Of::Nothing),
    ("lookup_failed", Of::NoAnswer),
    (NOTIFIES, Of::Address),
    ("requires", Of::Skills),
    ("joins", Of::Queue),
    ("comes_back", Of::Queue),
    ("promises_callback", Of::Queue),
    ("refuses_callback", Of::Queue),
    ("music", Of::Music),
    ("rings", Of::Callee),
    ("busy", Of::Callee),
    ("declines", Of::Callee),
    ("no_answer", Of::Callee),
    ("unreachable", Of::Callee),
    ("trunk_full", Of::Callee),
    ("no_number", Of::Nothing),
    ("nobody_answers", Of::Miss),
    ("connected", Of::Callee),
    ("gives_up", Of::Queue),
    ("timed_out", Of::Queue),
    ("leaves", Of::Queue),
    ("finds_full", Of::Queue),
    ("finds_closed", Of::Queue),
    ("unstaffed", Of::Queue),
    ("hangs_up", Of::Party),
    ("told", Of::Status),
    ("fallback", Of::Nothing),
    ("ended", Of::Outcome),
    ("costs", Of::Money),
    ("leg_costs", Of::Money),
    ("signs_in", Of::Operator),
    ("signs_out", Of::Operator),
    ("sits_at", Of::Desk),
    ("pauses", Of::Operator),
    ("resumes", Of::Operator),
    ("wraps_up", Of::Operator),
    ("wrapped_up", Of::Operator),
    ("duty_refused", Of::NotChanged),
    ("pin_refused", Of::PinRefused),
];

/// Those with which a caller is asked for keys.
const QUESTIONS: [&str; 3] = ["menu", "asks", "reads_back"];
/// Servers are asked and told at an address.
const LOOKS_UP: &str = "looks_up";
const NOTIFIES: &str = "notifies";

/// What no test asks for, and what helps to see why something happened: which way an `if` or a `switch` went, how long a
/// `wait` lasts.
pub(super) const DECIDES: &str = "decides";

/// Writes down what happens in the one call of a performance.
#[derive(Debug)]
pub(super) struct Scribe {
    plan: std::sync::Arc<Plan>,
    happenings: Vec<Happening>,
    /// A step with a choice that the call came to; where it goes on says which way was taken.
    choice: Option<StepId>,
    step: Option<StepId>,
}

impl Scribe {
    pub(super) fn new(plan: std::sync::Arc<Plan>) -> Self {
        Self { plan, happenings: Vec::new(), choice: None, step: None }
    }

    pub(super) fn happenings(&self) -> &[Happening] {
        &self.happenings
    }

    pub(super) fn into_happenings(self) -> Vec<Happening> {
        self.happenings
    }

    pub(super) fn write(&mut self, at: Time, word: &'static str, of: impl Into<String>) {
        self.happenings.push(Happening { at, what: What::new(word, of), step: self.step });
    }

    /// The engine told something.
    pub(super) fn hear(&mut self, at: Time, fact: &Fact) {
        if let Some((word, of)) = duty::words(fact) {
            return self.write(at, word, of);
        }
        let name = |name: &Name| name.to_string();
        let (word, of) = match fact {
            Fact::Reached { step, .. } => return self.reach(at, *step),
            Fact::Refused { why, .. } => ("refused", why.word().into()),
            Fact::MenuAsked { attempt } => ("menu", attempt.to_string()),
            Fact::MenuAnswered { keys } => ("chooses", keys.to_string()),
            Fact::MenuMistaken { keys } => ("mistakes", keys.to_string()),
            Fact::Records { mailbox } => ("records", name(mailbox)),
            Fact::Message { mailbox, outcome: MessageOutcome::Kept | MessageOutcome::CutShort, .. } => {
                ("message", name(mailbox))
            }
            Fact::Message { mailbox, .. } => ("no_message", name(mailbox)),
            Fact::MenuUnanswered => ("presses_nothing", String::new()),
            Fact::Entering(entering) => entering_words(*entering),
            Fact::LooksUp { url, .. } => (LOOKS_UP, url.to_string()),
            Fact::LookedUp { .. } => ("looked_up", String::new()),
            Fact::LookupFailed { why, .. } => ("lookup_failed", why.word().into()),
            Fact::Notifies { url, .. } => (NOTIFIES, url.to_string()),
            Fact::Joined { queue, .. } => ("joins", name(queue)),
            Fact::Required { skills } => ("requires", skills_in_words(skills)),
            Fact::CameBack { queue, .. } => ("comes_back", name(queue)),
            Fact::LeftQueue { queue, why, .. } => match left_word(*why) {
                Some(word) => (word, name(queue)),
                None => return,
            },
            Fact::Offered { callee, .. } => ("rings", callee.to_string()),
            Fact::OfferEnded { callee, outcome, .. } => match offer_word(*outcome) {
                Some(word) => (word, callee.to_string()),
                None => return,
            },
            Fact::Callback(fact) => return self.hear_of_callback(at, fact),
            Fact::NobodyAnswered { missed } => ("nobody_answers", missed.word().into()),
            Fact::NoNumber => ("no_number", String::new()),
            Fact::Connected { callee, .. } => ("connected", callee.to_string()),
            Fact::TalkEnded { by: Party::Operator | Party::Transferred, .. } => ("hangs_up", "operator".into()),
            Fact::Ended { outcome, charge, .. } => {
                self.settle_choice(at, None);
                self.write(at, "ended", outcome.word());
                let Some(charge) = charge else { return };
                ("costs", charge.cost.to_string())
            }
            Fact::Charged { charge: Some(charge), .. } => ("leg_costs", charge.cost.to_string()),
            Fact::HoursOverridden { hours, .. } => ("overrides", name(hours)),
            Fact::PromptFailed => ("prompt_failed", String::new()),
            // That a caller hung up is seen at his telephone; the rest is none of his.
            Fact::TalkEnded { by: Party::Caller | Party::Unknown | Party::TakenOver, .. }
            | Fact::Arrived { .. }
            | Fact::FoundFull { .. }
            | Fact::Adopted { .. }
            | Fact::OperatorChanged { .. }
            | Fact::Duty(_)
            | Fact::NotNotified { .. }
            // No test asks for an operator as a dialplan does.
            | Fact::ChoiceTold { .. }
            | Fact::Charged { charge: None, .. }
            // Nor does anything by hand.
            | Fact::Steered { .. }
            | Fact::CommandFailed { .. }
            | Fact::NoFlow { .. }
            | Fact::HandOver(_)
            | Fact::OverrideIdle { .. }
            | Fact::Measured(_)
            | Fact::RanInCircles
            | Fact::NodeUp { .. }
            | Fact::NodeDown { .. }
            | Fact::PlanLoaded { .. }
            | Fact::Broken { .. } => return,
        };
        self.write(at, word, of);
    }

    /// That he is called is beyond what a test performs.
    fn hear_of_callback(&mut self, at: Time, fact: &CallbackFact) {
        let (word, queue) = match fact {
            CallbackFact::Promised { queue, .. } => ("promises_callback", queue),
            CallbackFact::Refused { queue, .. } => ("refuses_callback", queue),
            CallbackFact::Calls { .. }
            | CallbackFact::Answered { .. }
            | CallbackFact::Missed { .. }
            | CallbackFact::Over { .. } => return,
        };
        self.write(at, word, queue.to_string());
    }

    fn reach(&mut self, at: Time, step: StepId) {
        self.settle_choice(at, Some(step));
        self.step = Some(step);
        if let Some(flow) = self.plan.flow_at(step) {
            let flow = flow.to_string();
            self.write(at, "enters", flow);
        }
        let plan = self.plan.clone();
        if let Act::Ring(_) = &plan.step(step).act {
            self.write(at, "ringing", "");
        } else if let Act::Wait(lasts) = &plan.step(step).act {
            self.write(at, DECIDES, format!("{} pass", spoken(*lasts)));
        }
        self.choice = Some(step);
    }

    /// Writes down which way was taken out of a step with a choice, once the call is at the next one.
    fn settle_choice(&mut self, at: Time, went_to: Option<StepId>) {
        let Some(step) = self.choice.take() else { return };
        let plan = self.plan.clone();
        let went = |to: StepId| went_to == Some(to);
        let written = |expr: &Expr| expr.written(&plan.variables);
        let act = &plan.step(step).act;
        let (word, of) = if let Act::Hours { of, closed } = act {
            (if went(*closed) { "closed" } else { "open" }, of.to_string())
        } else if let Act::If { when, then, .. } = act {
            (DECIDES, format!("{}: {}", written(when), if went(*then) { "yes" } else { "no" }))
        } else if let Act::Switch(switch) = act {
            let case = switch.cases.iter().find(|(_, to)| went(*to));
            let case = case.map_or_else(|| "none of the cases".into(), |(value, _)| value.to_string());
            (DECIDES, format!("{}: {case}", written(&switch.on)))
        } else {
            return;
        };
        self.write(at, word, of);
    }

    /// Something was seen at the caller's telephone.
    pub(super) fn see(&mut self, seen: &Seen) {
        let (word, of) = match &seen.what {
            Sight::Dialled { .. } => ("calls", String::new()),
            Sight::Answered => ("answered", String::new()),
            Sight::Refused { status } => ("told", status.to_string()),
            Sight::HungUp => ("hangs_up", "caller".into()),
            Sight::Pressed { key } => ("presses", key.to_string()),
            Sight::HeardPlayed { media } => ("plays", media.to_string()),
            Sight::HeardMusic { class } => ("music", class.to_string()),
            Sight::Fallback => ("fallback", String::new()),
            // Told by the engine in words of its own, or heard by nobody.
            Sight::Invited { .. }
            | Sight::Ringing
            | Sight::Progress
            | Sight::Cancelled { .. }
            | Sight::Bye { .. }
            | Sight::Dead
            | Sight::HeardRinging
            | Sight::HeardNothing
            | Sight::Recorded
            | Sight::Connected { .. }
            | Sight::Parted => return,
        };
        self.write(seen.at, word, of);
    }
}

fn entering_words(entering: Entering) -> (&'static str, String) {
    match entering {
        Entering::Asked { attempt } => ("asks", attempt.to_string()),
        Entering::ReadBack { attempt } => ("reads_back", attempt.to_string()),
        Entering::Entered => ("answers", String::new()),
        Entering::Mistaken => ("mistakes", String::new()),
        Entering::Silent => ("presses_nothing", String::new()),
    }
}

/// `None`: it was done by hand, as nobody does in a test.
fn left_word(why: LeftQueue) -> Option<&'static str> {
    match why {
        LeftQueue::TimedOut => Some("timed_out"),
        LeftQueue::Abandoned | LeftQueue::Continued => Some("gives_up"),
        LeftQueue::Unstaffed => Some("unstaffed"),
        LeftQueue::ByKey => Some("leaves"),
        LeftQueue::Full => Some("finds_full"),
        LeftQueue::Closed => Some("finds_closed"),
        LeftQueue::Moved | LeftQueue::Withdrawn | LeftQueue::TakenOver => None,
    }
}

fn offer_word(outcome: OfferOutcome) -> Option<&'static str> {
    match outcome {
        OfferOutcome::Busy => Some("busy"),
        OfferOutcome::Declined => Some("declines"),
        OfferOutcome::NoAnswer => Some("no_answer"),
        OfferOutcome::TrunkFull => Some("trunk_full"),
        OfferOutcome::Unreachable | OfferOutcome::Failed => Some("unreachable"),
        OfferOutcome::Answered
        | OfferOutcome::AnsweredElsewhere
        | OfferOutcome::CallerLeft
        | OfferOutcome::Lapsed
        | OfferOutcome::OffDuty => None,
    }
}

/// Whether a sight is one at a caller's telephone.
pub(super) fn is_callers(seen: &Seen) -> bool {
    matches!(seen.who, Who::Caller(_))
}
