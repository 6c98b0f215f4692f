//! A plan as meant: checked, immutable, shared by every call that began with it.
//!
//! Flows are one graph of steps. A step knows what comes after it, so a call's place in the plan is one [`StepId`], and
//! "go", "come back" and the end of a branch are edges that need no stack.

use std::{sync::Arc, time::Duration};

use indexmap::IndexMap;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{
    expr::{Expr, Slot, Type, Value},
    hours::Hours,
    lists::List,
    numbers::Numbers,
};
use crate::domain::{Called, Digits, Media, Name, Reason};

/// What one exchange does with its calls.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The exchange's name.
    pub exchange: Name,
    /// Whose date and time of day expressions speak of, and times that are written beside the plan; UTC when it does not say.
    pub timezone: TimeZone,
    /// Variables that steps set, and what each is; a [`Slot`] is a place in it.
    pub variables: IndexMap<Name, Type>,
    /// Public numbers.
    pub numbers: Numbers,
    /// Lists of numbers by name.
    pub lists: IndexMap<Name, List>,
    /// Operators in the order of the plan.
    pub operators: IndexMap<Name, Operator>,
    /// Opening hours by name.
    pub hours: IndexMap<Name, Hours>,
    /// Queues in the order of the plan.
    pub queues: IndexMap<Name, Queue>,
    /// The first step of each flow.
    pub flows: IndexMap<Name, StepId>,
    /// Every step of every flow.
    pub steps: Vec<Step>,
}

impl Plan {
    /// A plan with nothing in it.
    pub fn nothing(exchange: Name) -> Self {
        Self {
            exchange,
            timezone: TimeZone::UTC,
            variables: IndexMap::new(),
            numbers: Numbers::default(),
            lists: IndexMap::new(),
            operators: IndexMap::new(),
            hours: IndexMap::new(),
            queues: IndexMap::new(),
            flows: IndexMap::new(),
            steps: Vec::new(),
        }
    }

    /// The number that was dialled, however the trunk writes it.
    pub fn number(&self, dialled: &str) -> Option<&PublicNumber> {
        self.numbers.dialled(dialled).map(|found| found.number)
    }

    /// The longest that a step plays in one go, of those of which it is known.
    pub fn longest_prompt(&self) -> Duration {
        let lengths = self.steps.iter().filter_map(|step| match &step.act {
            Act::Play(media) => Media::length_of(media),
            // After a wrong key both are played.
            Act::Menu(menu) => Some(Media::length_of(&menu.invalid)? + Media::length_of(&menu.prompt)?),
            Act::Answer
            | Act::Set(_)
            | Act::If { .. }
            | Act::Switch(_)
            | Act::Hours { .. }
            | Act::Queue(_)
            | Act::Go(_)
            | Act::Call(_)
            | Act::Continue
            | Act::HangUp(_) => None,
        });
        lengths.max().unwrap_or_default()
    }

    /// A step of this plan.
    ///
    /// # Panics
    /// When the id is of another plan: a bug.
    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id.0 as usize]
    }
}

/// A step of one plan: only of use with the plan it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

/// A public number, or several that are treated as one, that answers several calls at once.
#[derive(Clone, Debug)]
pub struct PublicNumber {
    /// Which it is.
    pub number: Called,
    /// Who pays, and whether a caller may withhold his number.
    pub kind: NumberType,
    /// Simultaneous calls; one more meets `when_full`. `None`: as many as the node takes.
    pub channels: Option<u32>,
    /// Some of the channels that are kept for some callers.
    pub reserved: Option<Reserved>,
    /// What comes of the call past the last channel.
    pub when_full: WhenFull,
    /// Where a call begins.
    pub entry: StepId,
}

impl PublicNumber {
    /// A number as it is when the plan says nothing of it but where its calls begin.
    pub fn new(number: Called, entry: StepId) -> Self {
        let (channels, reserved) = (None, None);
        Self { number, kind: NumberType::Direct, channels, reserved, when_full: WhenFull::HangUp(Reason::Busy), entry }
    }
}

/// Who pays for calls to a number, and whether a caller may withhold his own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberType {
    /// The caller pays, and may withhold his number.
    Direct,
    /// The company pays.
    TollFree,
    /// The network always presents the caller's number.
    AlwaysShown,
}

/// Channels of a number that are kept for some callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// For those in this list, which is in the plan.
    pub list: Name,
    /// How many: no more than the number has.
    pub channels: u32,
}

/// What comes of a call that finds no channel of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// It is refused.
    HangUp(Reason),
    /// It goes this way instead, and counts towards no channel.
    Go(StepId),
}

/// A person who takes calls, and where he is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// His name in the plan. Only `a-z`, `0-9` and `_`: it stands in the ids of his legs.
    pub name: Name,
    /// Asterisk's dial string: `PJSIP/anna`.
    pub dial: Arc<str>,
}

/// A line of waiting callers and those who serve it.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name in the plan.
    pub name: Name,
    /// Its operators, in the plan's order; each is in the plan.
    pub operators: Vec<Name>,
    /// Who is offered a call first.
    pub strategy: Strategy,
    /// How long one offer rings, in whole seconds (Asterisk counts no finer).
    pub ring: Duration,
    /// How long an operator is left alone after a conversation.
    pub wrap_up: Duration,
    /// How long an operator is left alone after an offer that he did not take.
    pub retry: Duration,
    /// Asterisk's class of music for those who wait; `None`: Asterisk's default class.
    pub music: Option<Name>,
    /// How long a caller waits at most, and where he goes then.
    pub max_wait: Option<MaxWait>,
}

/// A limit to waiting.
#[derive(Clone, Copy, Debug)]
pub struct MaxWait {
    /// From the moment he joined.
    pub after: Duration,
    /// Where he goes then.
    pub go: StepId,
}

/// Who is offered a call first; words and meaning as in `queues.conf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// All free operators at once; the first to answer has it.
    RingAll,
    /// Who has been longest without a conversation.
    LeastRecent,
    /// In turn, going on behind the one who was offered the last call.
    RrMemory,
    /// In the order of the plan, from its beginning for every call.
    Linear,
    /// Anyone, drawn by lot.
    Random,
}

/// One thing to do, and what follows it.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done.
    pub act: Act,
    /// What follows when it is done; `None`: the plan is at its end and the call is hung up.
    pub next: Option<StepId>,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answers the call, if it is not answered.
    Answer,
    /// Plays to the end.
    Play(Arc<[Media]>),
    /// Asks for a key.
    Menu(Arc<Menu>),
    /// Goes on behind this step while the hours are open, and at `closed` otherwise.
    Hours {
        /// Of which hours; they are in the plan.
        of: Name,
        /// Where a call goes outside them.
        closed: StepId,
    },
    /// Waits for an operator of the queue, which is in the plan.
    Queue(Name),
    /// Gives variables of the call their values, one after the other.
    Set(Arc<[(Slot, Expr)]>),
    /// Goes on at `then` when it is so, otherwise at `otherwise`, or behind this step.
    If {
        /// A [`Type::Truth`].
        when: Arc<Expr>,
        /// Where a call goes when it holds.
        then: StepId,
        /// Where it goes when it does not; `None`: on behind this step.
        otherwise: Option<StepId>,
    },
    /// Goes on at the case that the value is.
    Switch(Arc<Switch>),
    /// Goes on elsewhere and does not come back.
    Go(StepId),
    /// Goes on elsewhere, and behind this step when the plan is at an end there.
    Call(StepId),
    /// Gives the call back to Asterisk's own dialplan.
    Continue,
    /// Ends the call.
    HangUp(Reason),
}

/// A choice among many.
#[derive(Clone, Debug)]
pub struct Switch {
    /// What is looked at.
    pub on: Expr,
    /// Where each value leads to; all are of the kind of `on`.
    pub cases: Vec<(Value, StepId)>,
    /// Where a call goes that is none of them; `None`: on behind the step.
    pub otherwise: Option<StepId>,
}

impl Act {
    /// The flow that this step calls, to come back.
    pub fn called(&self) -> Option<StepId> {
        match self {
            Self::Call(target) => Some(*target),
            Self::Answer
            | Self::Play(_)
            | Self::Menu(_)
            | Self::Hours { .. }
            | Self::Queue(_)
            | Self::Set(_)
            | Self::If { .. }
            | Self::Switch(_)
            | Self::Go(_)
            | Self::Continue
            | Self::HangUp(_) => None,
        }
    }

    /// The expressions of this step.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Self::If { when, .. } => vec![when],
            Self::Switch(switch) => vec![&switch.on],
            Self::Set(sets) => sets.iter().map(|(_, expr)| expr).collect(),
            Self::Answer
            | Self::Play(_)
            | Self::Menu(_)
            | Self::Hours { .. }
            | Self::Queue(_)
            | Self::Go(_)
            | Self::Call(_)
            | Self::Continue
            | Self::HangUp(_) => Vec::new(),
        }
    }

    /// Where a call may go from here, other than on behind the step.
    pub fn branches(&self, plan: &Plan) -> Vec<StepId> {
        match self {
            Self::Menu(menu) => {
                let chosen = menu.options.iter().filter_map(|(_, choice)| match choice {
                    Choice::Go(step) => Some(*step),
                    Choice::Repeat => None,
                });
                chosen.chain(menu.otherwise).collect()
            }
            Self::Queue(queue) => {
                let queue = plan.queues.get(queue);
                queue.and_then(|queue| queue.max_wait).map(|wait| wait.go).into_iter().collect()
            }
            Self::Answer
            | Self::Play(_)
            | Self::Hours { .. }
            | Self::Set(_)
            | Self::If { .. }
            | Self::Switch(_)
            | Self::Go(_)
            | Self::Call(_)
            | Self::Continue
            | Self::HangUp(_) => self.instant_branches(),
        }
    }

    /// The same, of those to which he comes in the same moment.
    pub fn instant_branches(&self) -> Vec<StepId> {
        match self {
            Self::Hours { closed, .. } => vec![*closed],
            Self::If { then, otherwise, .. } => std::iter::once(*then).chain(*otherwise).collect(),
            Self::Switch(switch) => switch.cases.iter().map(|(_, step)| *step).chain(switch.otherwise).collect(),
            Self::Go(target) | Self::Call(target) => vec![*target],
            Self::Answer
            | Self::Set(_)
            | Self::Play(_)
            | Self::Menu(_)
            | Self::Queue(_)
            | Self::Continue
            | Self::HangUp(_) => Vec::new(),
        }
    }
}

/// A question answered with a key.
#[derive(Clone, Debug)]
pub struct Menu {
    /// What is asked.
    pub prompt: Arc<[Media]>,
    /// What each answer leads to. No answer is the beginning of another.
    pub options: Vec<(Digits, Choice)>,
    /// How long to wait for a key when the prompt has ended.
    pub timeout: Duration,
    /// How long to wait for the next key of an answer that has several.
    pub inter_digit: Duration,
    /// How often the question is asked: at least once.
    pub tries: u32,
    /// What is played after a wrong key, before the question is asked again.
    pub invalid: Arc<[Media]>,
    /// Where a caller goes who did not answer; `None`: on behind the menu.
    pub otherwise: Option<StepId>,
}

/// What an answer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A step.
    Go(StepId),
    /// The same question again, without counting as a try.
    Repeat,
}
