//! Questions that callers answer with keys.

use std::{sync::Arc, time::Duration};

use super::StepId;
use crate::domain::{Digits, Media};

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
