//! Expressions: conditions and computed values of a plan.
//!
//! A small typed language that cannot loop, wait or fail. What is written is read once, when the plan is loaded: every name
//! is known then and every type fits, so that a mistake is found by who wrote it and not by a caller. The grammar is that of
//! Jinja, which many people know from other tools; what of it is no plain expression (loops, macros, assignments) is refused.
//!
//! ```text
//! caller.number in lists.vip and queues.sales.waiting < 5
//! "Hello {{ caller.name }}, you are number {{ queues.sales.waiting + 1 }}"
//! ```

mod eval;
mod never;
mod read;
mod scope;
mod spoken;
mod written;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use eval::Facts;
pub(in crate::dialplan) use read::{Trouble, expression, template};
pub(in crate::dialplan) use scope::{GROUPS, Scope, WEEKDAYS};
pub(in crate::dialplan) use spoken::{How, Spoken, has_values, how, spoken};

use crate::domain::Name;

/// What kind of value something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Words, digits: anything that is written.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Truth,
}

/// A value. As JSON it is just that: a text, a number, `true` or `false`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Of [`Type::Text`].
    Text(Arc<str>),
    /// Of [`Type::Number`].
    Number(i64),
    /// Of [`Type::Truth`].
    Truth(bool),
}

/// What the plan cannot know when it is loaded: asked when a call comes to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The caller's number; empty when it is withheld.
    CallerNumber,
    /// The name that came with it; may be empty.
    CallerName,
    /// Whether the caller withholds his number.
    CallerWithheld,
    /// Whether he calls from a telephone of the house.
    CallerInternal,
    /// The number that was called: of a block the one that was dialled.
    NumberCalled,
    /// Calls on that number now, this one included.
    NumberCalls,
    /// The call's id.
    CallId,
    /// The language that the caller is spoken to in: one of the plan's.
    CallLanguage,
    /// How long ago it arrived, in whole seconds.
    CallSeconds,
    /// The date of the plan's time zone: `2027-05-17`.
    TimeDate,
    /// The time of day there: `09:30`.
    TimeClock,
    /// The hour there, 0 to 23.
    TimeHour,
    /// The day of the week there: `Mo` to `Su`.
    TimeWeekday,
    /// Callers who wait in a queue of the plan.
    QueueWaiting(Name),
    /// How long the first of them waits, in whole seconds.
    QueueLongest(Name),
    /// Operators of a queue who are free.
    QueueReady(Name),
    /// What an operator of the plan does: `ready`, `ringing`, `reserved`, `talking`, `wrapping_up`, `backing_off`.
    OperatorState(Name),
    /// Whether hours of the plan are open.
    HoursOpen(Name),
}

/// A variable of the plan: its place among the call's variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(pub usize);

/// Which of two values is greater, and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Different,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// What is done with two numbers. Nothing overflows: at the ends a number stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `//`, rounded down; by nothing it is nothing.
    Through,
    /// `%`, of the same sign as the divisor; by nothing it is nothing.
    Rest,
}

/// What is done with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Small letters.
    Lower,
    /// Capital letters.
    Upper,
    /// Characters of a text.
    Length,
    /// A text of digits as a number; any other text is 0.
    Int,
    /// Whether a text begins so.
    StartsWith,
    /// Whether a text ends so.
    EndsWith,
}

/// An expression whose types fit. What it gives is known by [`Expr::kind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Itself.
    Value(Value),
    /// What the engine knows.
    Fact(Fact),
    /// A variable of the call, and what it is.
    Variable(Slot, Type),
    /// The contrary of a truth.
    Not(Box<Expr>),
    /// Both; the second is looked at only when the first is so.
    And(Box<Expr>, Box<Expr>),
    /// Either.
    Or(Box<Expr>, Box<Expr>),
    /// Two values of one type.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// Whether the value is one of these, all of its type.
    Among(Box<Expr>, Vec<Expr>),
    /// Whether a list of numbers of the plan has the text.
    Listed(Box<Expr>, Name),
    /// Whether the second text holds the first.
    Within(Box<Expr>, Box<Expr>),
    /// Two numbers.
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// Values of any type, written one behind the other.
    Join(Vec<Expr>),
    /// One of two values of one type.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A function of one or two texts.
    Call(Function, Box<Expr>, Option<Box<Expr>>),
}

impl Type {
    /// The word for it, for a message.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Truth => "a yes or no",
        }
    }

    /// The value of a variable that nobody has set.
    pub fn unset(self) -> Value {
        match self {
            Self::Text => Value::Text(Arc::from("")),
            Self::Number => Value::Number(0),
            Self::Truth => Value::Truth(false),
        }
    }
}

impl Value {
    /// What kind of value it is.
    pub fn kind(&self) -> Type {
        match self {
            Self::Text(_) => Type::Text,
            Self::Number(_) => Type::Number,
            Self::Truth(_) => Type::Truth,
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Truth(truth) => write!(f, "{truth}"),
        }
    }
}

impl Fact {
    /// What kind of value the engine gives for it.
    pub fn kind(&self) -> Type {
        match self {
            Self::CallerNumber
            | Self::CallerName
            | Self::NumberCalled
            | Self::CallId
            | Self::CallLanguage
            | Self::TimeDate
            | Self::TimeClock
            | Self::TimeWeekday
            | Self::OperatorState(_) => Type::Text,
            Self::NumberCalls
            | Self::CallSeconds
            | Self::TimeHour
            | Self::QueueWaiting(_)
            | Self::QueueLongest(_)
            | Self::QueueReady(_) => Type::Number,
            Self::CallerWithheld | Self::CallerInternal | Self::HoursOpen(_) => Type::Truth,
        }
    }
}

impl Expr {
    /// Shows every part of it, itself first.
    pub fn walk<'e>(&'e self, see: &mut impl FnMut(&'e Self)) {
        see(self);
        match self {
            Self::Value(_) | Self::Fact(_) | Self::Variable(_, _) => {}
            Self::Not(inner) | Self::Listed(inner, _) => inner.walk(see),
            Self::And(a, b)
            | Self::Or(a, b)
            | Self::Compare(_, a, b)
            | Self::Within(a, b)
            | Self::Arithmetic(_, a, b) => {
                a.walk(see);
                b.walk(see);
            }
            Self::Among(one, all) => {
                one.walk(see);
                all.iter().for_each(|each| each.walk(see));
            }
            Self::Join(parts) => parts.iter().for_each(|part| part.walk(see)),
            Self::If(a, b, c) => [a, b, c].into_iter().for_each(|part| part.walk(see)),
            Self::Call(_, of, with) => {
                of.walk(see);
                with.iter().for_each(|with| with.walk(see));
            }
        }
    }

    /// What kind of value it gives.
    pub fn kind(&self) -> Type {
        match self {
            Self::Value(value) => value.kind(),
            Self::Fact(fact) => fact.kind(),
            Self::Variable(_, kind) => *kind,
            Self::Not(_)
            | Self::And(_, _)
            | Self::Or(_, _)
            | Self::Compare(_, _, _)
            | Self::Among(_, _)
            | Self::Listed(_, _)
            | Self::Within(_, _)
            | Self::Call(Function::StartsWith | Function::EndsWith, _, _) => Type::Truth,
            Self::Arithmetic(_, _, _) | Self::Call(Function::Length | Function::Int, _, _) => Type::Number,
            Self::Join(_) | Self::Call(Function::Lower | Function::Upper, _, _) => Type::Text,
            Self::If(_, then, _) => then.kind(),
        }
    }
}

#[cfg(test)]
mod tests;
