//! What an expression gives. It always gives something: types were checked when the plan was loaded.

use super::{Arithmetic, Comparison, Expr, Fact, Function, Slot, Value};
use crate::domain::Name;

/// A text that an expression makes is not longer than this many bytes: what is past it is cut off.
const LONGEST_TEXT: usize = 4096;

/// What only the engine knows.
pub trait Facts {
    /// The value of a fact, of the kind that [`Fact::kind`] tells.
    fn fact(&self, fact: &Fact) -> Value;

    /// Whether a list of the plan has this number.
    fn listed(&self, list: &Name, number: &str) -> bool;

    /// The value of a variable of the call.
    fn variable(&self, slot: Slot) -> Value;
}

impl Expr {
    /// The value, of the kind that [`Expr::kind`] tells.
    pub fn value(&self, facts: &dyn Facts) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Fact(fact) => facts.fact(fact),
            Self::Variable(slot, _) => facts.variable(*slot),
            Self::Not(inner) => Value::Truth(!inner.holds(facts)),
            Self::And(a, b) => Value::Truth(a.holds(facts) && b.holds(facts)),
            Self::Or(a, b) => Value::Truth(a.holds(facts) || b.holds(facts)),
            Self::Compare(how, a, b) => Value::Truth(compare(*how, &a.value(facts), &b.value(facts))),
            Self::Among(one, all) => {
                let one = one.value(facts);
                Value::Truth(all.iter().any(|each| each.value(facts) == one))
            }
            Self::Listed(one, list) => Value::Truth(facts.listed(list, &one.text(facts))),
            Self::Within(part, whole) => Value::Truth(whole.text(facts).contains(&*part.text(facts))),
            Self::Arithmetic(how, a, b) => Value::Number(arithmetic(*how, a.number(facts), b.number(facts))),
            Self::Join(parts) => Value::Text(join(parts, facts).into()),
            Self::If(when, then, otherwise) => {
                if when.holds(facts) {
                    then.value(facts)
                } else {
                    otherwise.value(facts)
                }
            }
            Self::Call(function, of, with) => call(*function, &of.text(facts), with.as_deref(), facts),
        }
    }

    /// Whether it is so: for a [`super::Type::Truth`], and false for anything else.
    pub fn holds(&self, facts: &dyn Facts) -> bool {
        matches!(self.value(facts), Value::Truth(true))
    }

    /// The value as it is written.
    pub fn text(&self, facts: &dyn Facts) -> String {
        self.value(facts).to_string()
    }

    fn number(&self, facts: &dyn Facts) -> i64 {
        match self.value(facts) {
            Value::Number(number) => number,
            Value::Text(_) | Value::Truth(_) => 0,
        }
    }
}

fn compare(how: Comparison, a: &Value, b: &Value) -> bool {
    let order = match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Truth(a), Value::Truth(b)) => a.cmp(b),
        (Value::Text(_) | Value::Number(_) | Value::Truth(_), _) => return how == Comparison::Different,
    };
    match how {
        Comparison::Equal => order.is_eq(),
        Comparison::Different => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::More => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
    }
}

fn arithmetic(how: Arithmetic, a: i64, b: i64) -> i64 {
    match how {
        Arithmetic::Plus => a.saturating_add(b),
        Arithmetic::Minus => a.saturating_sub(b),
        Arithmetic::Times => a.saturating_mul(b),
        Arithmetic::Through => floored(a, b),
        Arithmetic::Rest => a.saturating_sub(floored(a, b).saturating_mul(b)).min(if b == 0 { 0 } else { i64::MAX }),
    }
}

/// `a` through `b`, rounded down; nothing when `b` is nothing.
fn floored(a: i64, b: i64) -> i64 {
    let quotient = a.checked_div(b).unwrap_or(if b == 0 { 0 } else { i64::MAX });
    let inexact = a.checked_rem(b).is_some_and(|rest| rest != 0);
    if inexact && (a < 0) != (b < 0) { quotient.saturating_sub(1) } else { quotient }
}

fn join(parts: &[Expr], facts: &dyn Facts) -> String {
    let mut text = String::new();
    for part in parts {
        text += &part.text(facts);
        if text.len() > LONGEST_TEXT {
            let mut end = LONGEST_TEXT;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            break;
        }
    }
    text
}

fn call(function: Function, of: &str, with: Option<&Expr>, facts: &dyn Facts) -> Value {
    let with = with.map(|with| with.text(facts)).unwrap_or_default();
    match function {
        Function::Lower => Value::Text(of.to_lowercase().into()),
        Function::Upper => Value::Text(of.to_uppercase().into()),
        Function::Length => Value::Number(i64::try_from(of.chars().count()).unwrap_or(i64::MAX)),
        Function::Int => {
            let digits = !of.is_empty() && of.bytes().all(|byte| byte.is_ascii_digit());
            Value::Number(if digits { of.parse().unwrap_or(i64::MAX) } else { 0 })
        }
        Function::StartsWith => Value::Truth(of.starts_with(&with)),
        Function::EndsWith => Value::Truth(of.ends_with(&with)),
    }
}
