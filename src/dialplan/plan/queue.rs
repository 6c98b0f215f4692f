//! Queues: a line of callers, those who serve it, and who of them is rung.

use std::time::Duration;

use super::StepId;
use crate::domain::Name;

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
    /// What those hear who wait.
    pub music: Music,
    /// How long a caller waits at most, and where he goes then.
    pub max_wait: Option<MaxWait>,
}

/// What somebody hears while he waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Music {
    /// Asterisk's default class of music.
    #[default]
    Default,
    /// A class of music of Asterisk's.
    Class(Name),
    /// Nothing, and Asterisk sends him nothing.
    Nothing,
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
