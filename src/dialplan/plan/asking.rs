//! Questions that callers answer with keys.

use std::{collections::BTreeMap, ops::Bound, time::Duration};

use super::{Announcement, StepId};
use crate::{
    dialplan::expr::{Expr, Slot},
    domain::{Digit, Digits, Media},
};

/// How something is asked, and where a caller goes who does not answer.
#[derive(Clone, Debug)]
pub struct Asking {
    /// What is asked.
    pub prompt: Announcement,
    /// How long to wait for a key when the prompt has ended.
    pub timeout: Duration,
    /// How long to wait for the next key of an answer that has several.
    pub inter_digit: Duration,
    /// How often it is asked: at least once.
    pub tries: u32,
    /// Whether keys that were pressed before it was asked are answers to it.
    pub type_ahead: bool,
    /// What is played after a wrong answer, before it is asked again.
    pub invalid: Announcement,
    /// What is played after silence, before it is asked again.
    pub silent: Announcement,
    /// Where a caller goes who was asked as often as he may be.
    pub otherwise: Unanswered,
}

/// Where a caller goes who was asked as often as he may be; `None`: on behind the step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unanswered {
    /// When he was silent the last time.
    pub silence: Option<StepId>,
    /// When his last answer was wrong.
    pub invalid: Option<StepId>,
    /// In a case that has no way of its own.
    pub any: Option<StepId>,
}

/// Why a question is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Nothing was pressed in time.
    Silence,
    /// What was pressed is no answer.
    Invalid,
}

impl Unanswered {
    /// Where he goes for that reason.
    pub fn of(self, lack: Lack) -> Option<StepId> {
        let own = match lack {
            Lack::Silence => self.silence,
            Lack::Invalid => self.invalid,
        };
        own.or(self.any)
    }

    /// Whether a caller may go on behind the step for want of an answer.
    pub fn goes_on(self) -> bool {
        self.of(Lack::Silence).is_none() || self.of(Lack::Invalid).is_none()
    }
}

impl Asking {
    /// What is played before it is asked again.
    pub fn before(&self, lack: Lack) -> &Announcement {
        match lack {
            Lack::Silence => &self.silent,
            Lack::Invalid => &self.invalid,
        }
    }
}

/// A question whose answers are the plan's.
#[derive(Clone, Debug)]
pub struct Menu {
    /// How it is asked.
    pub asking: Asking,
    /// What each answer leads to. No answer is the beginning of another.
    pub options: Vec<(Digits, Choice)>,
    /// Internal numbers that are answers, too, and the step of each; none of them is an option. Options and other internal
    /// numbers may begin with one, and it with an option.
    pub extensions: BTreeMap<Digits, StepId>,
}

impl Menu {
    /// The key that ends an answer with which longer ones begin, too.
    pub const END: char = '#';

    /// What an answer leads to.
    pub fn choice(&self, answer: &Digits) -> Option<Choice> {
        let option = self.options.iter().find(|(keys, _)| keys == answer).map(|(_, choice)| *choice);
        option.or_else(|| self.extensions.get(answer).map(|step| Choice::Go(*step)))
    }

    /// Whether there is an answer that begins with these keys and is longer.
    pub fn begins(&self, keys: &Digits) -> bool {
        let mut options = self.options.iter().map(|(answer, _)| answer);
        // In their order, those that begin with it stand right behind it.
        let number = self.extensions.range((Bound::Excluded(keys), Bound::Unbounded)).next();
        options.any(|answer| answer != keys && answer.starts_with(keys))
            || number.is_some_and(|(number, _)| number.starts_with(keys))
    }
}

/// What an answer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A step.
    Go(StepId),
    /// The same question again, without counting as a try.
    Repeat,
    /// The menu before this one; the same question again when there was none.
    Back,
}

/// A question for digits, which become a variable.
#[derive(Clone, Debug)]
pub struct Ask {
    /// How it is asked.
    pub asking: Asking,
    /// The variable, a text.
    pub into: Slot,
    /// How many digits there are at least.
    pub min: usize,
    /// How many there are at most: with so many the answer is whole.
    pub max: usize,
    /// The key that ends an answer, which is no digit.
    pub end: Option<Digit>,
    /// Whether an answer is right: a [`Type::Truth`](crate::dialplan::expr::Type::Truth), asked when the variable has it.
    pub valid: Option<Expr>,
    /// How the caller is asked whether he entered what he meant.
    pub confirm: Option<Confirm>,
}

/// How a caller is asked whether he entered what he meant.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// What is played before the digits.
    pub before: Announcement,
    /// What is played behind them: the question. [`Confirm::YES`] is yes, [`Confirm::AGAIN`] is no.
    pub question: Announcement,
}

impl Confirm {
    /// The key that says that it is right.
    pub const YES: char = '1';
    /// The key with which it is entered once more.
    pub const AGAIN: char = '2';

    /// These digits as sounds that every Asterisk has, in the caller's language where it has that.
    pub fn digits(entered: &Digits) -> impl Iterator<Item = Media> + '_ {
        entered.iter().map(|digit| Media::Sound(format!("digits/{digit}").into()))
    }
}
