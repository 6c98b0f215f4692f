//! What names in an expression mean.

use std::collections::BTreeMap;

use super::{Expr, Fact, Slot, Type, Value};
use crate::{
    dialplan::{national::National, section::none_yet},
    domain::{Language, Name},
    yaml::{Wrong, quoted, suggest},
};

/// Words that stand for groups of facts; no variable may be called so.
pub(in crate::dialplan) const GROUPS: &[&str] =
    &["call", "caller", "hours", "lists", "number", "operators", "queues", "time"];

/// What is known where an expression stands.
#[derive(Debug, Default)]
pub(in crate::dialplan) struct Scope {
    /// Queues of the plan.
    pub(in crate::dialplan) queues: Vec<Name>,
    /// Operators of the plan.
    pub(in crate::dialplan) operators: Vec<Name>,
    /// Opening hours of the plan.
    pub(in crate::dialplan) hours: Vec<Name>,
    /// Lists of numbers of the plan.
    pub(in crate::dialplan) lists: Vec<Name>,
    /// Languages of the plan.
    pub(in crate::dialplan) languages: Vec<Language>,
    /// How numbers are read that say no country.
    pub(in crate::dialplan) national: National,
    /// Variables that some step sets, each with its place and what it is; `None`: that is not known yet.
    pub(in crate::dialplan) variables: BTreeMap<Name, (Slot, Option<Type>)>,
}

/// What a path of names leads to.
pub(super) enum Meant {
    Expr(Expr),
    /// A variable of which it is not known yet what it is.
    Later,
}

impl Scope {
    /// What `caller.number`, `queues.sales.waiting` or `account` is.
    pub(super) fn path(&self, path: &[&str]) -> Result<Meant, Wrong> {
        match path {
            ["queues", name, rest @ ..] => self.named("queue", &self.queues, name, rest, QUEUE),
            ["operators", name, rest @ ..] => self.named("operator", &self.operators, name, rest, OPERATOR),
            ["hours", name, rest @ ..] => self.named("hours", &self.hours, name, rest, HOURS),
            ["lists", name] => {
                let remedy = format!("ask who is in it: {}", quoted(&format!("caller.number in lists.{name}")));
                Err(Wrong::new(format!("the list {} is no value", quoted(name)), remedy))
            }
            [group] if GROUPS.contains(group) => Err(alone(group)),
            [group, key] if plain(group).is_some() => {
                let facts = plain(group).unwrap_or_default();
                fact_of(facts, group, key).map(|fact| Meant::Expr(Expr::Fact(fact)))
            }
            [name] => self.variable(name),
            [first, ..] if self.variables.contains_key(*first) => Err(Wrong::new(
                format!("the variable {} has no parts", quoted(first)),
                format!("write {}", quoted(first)),
            )),
            _ => Err(Wrong::new(
                format!("{} means nothing here", quoted(&path.join("."))),
                suggest::instead(path.first().copied().unwrap_or_default(), GROUPS.iter().copied(), "there are"),
            )),
        }
    }

    /// The list of numbers that a path names, where it names one.
    pub(super) fn list(&self, path: &[&str]) -> Option<Result<Name, Wrong>> {
        let ["lists", name] = path else { return None };
        let known = self.lists.iter().find(|known| ***known == **name);
        Some(known.cloned().ok_or_else(|| {
            let remedy = instead("lists", name, &self.lists);
            Wrong::new(format!("there is no list {}", quoted(name)), remedy)
        }))
    }

    fn variable(&self, name: &str) -> Result<Meant, Wrong> {
        if let Some((slot, kind)) = self.variables.get(name) {
            return Ok(kind.map_or(Meant::Later, |kind| Meant::Expr(Expr::Variable(*slot, kind))));
        }
        let known = GROUPS.iter().copied().chain(self.variables.keys().map(|name| &**name));
        let message = format!("no step sets a variable {}", quoted(name));
        let remedy = match suggest::nearest(name, known) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => format!("a text goes into quotes: {}", quoted(&format!("\"{name}\""))),
        };
        Err(Wrong::new(message, remedy))
    }

    fn named(&self, what: &str, known: &[Name], name: &str, rest: &[&str], facts: &[OfName]) -> Result<Meant, Wrong> {
        if !known.iter().any(|known| **known == *name) {
            return Err(Wrong::new(
                format!("there is no {what} {}", quoted(name)),
                instead(section_of(what), name, known),
            ));
        }
        let keys = || facts.iter().map(|(key, _)| *key);
        match rest {
            [key] => match facts.iter().find(|(known, _)| known == key) {
                Some((_, fact)) => Ok(Meant::Expr(Expr::Fact(fact(Name::new(name))))),
                None => Err(Wrong::new(
                    format!("of {what} {} nothing called {} is known", quoted(name), quoted(key)),
                    suggest::instead(key, keys(), "known are"),
                )),
            },
            [] | [_, ..] => {
                let all: Vec<String> = keys().map(quoted).collect();
                let remedy = format!("say what of it, behind a dot: {}", all.join(", "));
                Err(Wrong::new(format!("{what} {} is no value", quoted(name)), remedy))
            }
        }
    }
}

/// Where things of a kind stand in a plan.
fn section_of(what: &str) -> &'static str {
    match what {
        "queue" => "queues",
        "operator" => "operators",
        _ => "hours",
    }
}

/// What to write instead of the name of a thing that the plan does not have.
fn instead(section: &str, name: &str, known: &[Name]) -> String {
    if known.is_empty() {
        return none_yet(section);
    }
    suggest::instead(name, known.iter().map(|name| &**name), "there are")
}

/// What is known of a named thing, and the fact that it is.
type OfName = (&'static str, fn(Name) -> Fact);

const QUEUE: &[OfName] =
    &[("waiting", Fact::QueueWaiting), ("longest_wait", Fact::QueueLongest), ("ready", Fact::QueueReady)];

const OPERATOR: &[OfName] = &[("state", Fact::OperatorState)];

const HOURS: &[OfName] = &[("open", Fact::HoursOpen)];

const CALLER: &[(&str, Fact)] = &[
    ("number", Fact::CallerNumber),
    ("name", Fact::CallerName),
    ("withheld", Fact::CallerWithheld),
    ("internal", Fact::CallerInternal),
];

const NUMBER: &[(&str, Fact)] = &[("called", Fact::NumberCalled), ("calls", Fact::NumberCalls)];

const CALL: &[(&str, Fact)] = &[("id", Fact::CallId), ("language", Fact::CallLanguage), ("seconds", Fact::CallSeconds)];

const TIME: &[(&str, Fact)] =
    &[("date", Fact::TimeDate), ("clock", Fact::TimeClock), ("hour", Fact::TimeHour), ("weekday", Fact::TimeWeekday)];

/// The facts of a group that stand directly in it.
fn plain(group: &str) -> Option<&'static [(&'static str, Fact)]> {
    match group {
        "caller" => Some(CALLER),
        "number" => Some(NUMBER),
        "call" => Some(CALL),
        "time" => Some(TIME),
        _ => None,
    }
}

fn fact_of(facts: &[(&str, Fact)], group: &str, key: &str) -> Result<Fact, Wrong> {
    facts.iter().find(|(known, _)| *known == key).map(|(_, fact)| fact.clone()).ok_or_else(|| {
        let known = facts.iter().map(|(key, _)| *key);
        let message = format!("of {} nothing called {} is known", quoted(group), quoted(key));
        Wrong::new(message, suggest::instead(key, known, "known are"))
    })
}

fn alone(group: &str) -> Wrong {
    let example = match group {
        "queues" => "queues.sales.waiting",
        "operators" => "operators.anna.state",
        "hours" => "hours.office.open",
        "lists" => "caller.number in lists.vip",
        "caller" => "caller.number",
        "number" => "number.called",
        "call" => "call.seconds",
        _ => "time.hour",
    };
    Wrong::new(format!("{} is no value", quoted(group)), format!("say what of it: {}", quoted(example)))
}

/// The days of the week, as [`Fact::TimeWeekday`] writes them.
pub(in crate::dialplan) const WEEKDAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// What an operator may be doing, as [`Fact::OperatorState`] writes it.
const OPERATOR_STATES: [&str; 10] = [
    "ready",
    "ringing",
    "reserved",
    "talking",
    "wrapping_up",
    "backing_off",
    "busy",
    "unreachable",
    "paused",
    "signed_out",
];

impl Scope {
    /// The values that a fact may have, where they are few: comparing it with another is a mistake.
    pub(super) fn closed_set(&self, expr: &Expr) -> Option<Vec<&str>> {
        match expr {
            Expr::Fact(Fact::TimeWeekday) => Some(WEEKDAYS.to_vec()),
            Expr::Fact(Fact::OperatorState(_)) => Some(OPERATOR_STATES.to_vec()),
            Expr::Fact(Fact::CallLanguage) => Some(self.languages.iter().map(Language::code).collect()),
            Expr::Fact(_)
            | Expr::Value(Value::Text(_) | Value::Number(_) | Value::Truth(_))
            | Expr::Variable(_, _)
            | Expr::Not(_)
            | Expr::And(_, _)
            | Expr::Or(_, _)
            | Expr::Compare(_, _, _)
            | Expr::Among(_, _)
            | Expr::Listed(_, _)
            | Expr::Within(_, _)
            | Expr::Arithmetic(_, _, _)
            | Expr::Join(_)
            | Expr::If(_, _, _)
            | Expr::Call(_, _, _) => None,
        }
    }
}
