//! Steps that compute and choose, as typed.

use std::sync::Arc;

use super::step::{self, Body, RawAct, StepWord, Steps};
use crate::{
    dialplan::{
        expr::GROUPS,
        word::{self, Plain},
    },
    domain::Name,
    yaml::{At, Fault, Key, Kind, Mapping, Named, Node, Read, Reader, Wrong, quoted},
};

/// A text that is looked at when the whole plan is known: an expression, or one with values in it.
pub(in crate::dialplan) type Text = At<Arc<str>>;

/// A variable and what it becomes, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawSet {
    pub(in crate::dialplan) name: At<Name>,
    /// `None`: it could not be read.
    pub(in crate::dialplan) value: Option<Text>,
}

/// A choice among many, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawSwitch {
    pub(in crate::dialplan) on: Option<Text>,
    pub(in crate::dialplan) cases: Vec<(Text, Body)>,
    pub(in crate::dialplan) otherwise: Option<Body>,
}

/// Words of the language; a variable of that name could not be spoken of.
const RESERVED: &[&str] =
    &["and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None"];

pub(super) fn variable(text: &str) -> Read<Name> {
    let name = word::name(text)?;
    if GROUPS.contains(&text) || RESERVED.contains(&text) {
        let message = format!("{} has a meaning of its own and cannot be a variable", quoted(text));
        return Err(Wrong::new(message, format!("give it another name: `my_{text}`")));
    }
    Ok(name)
}

/// `set: {tries: "{{ tries + 1 }}"}`
pub(super) const SET: StepWord = StepWord {
    key: &Key::optional(
        "set",
        Named { name: word::NAME, thing: word::VALUE, least: 1 },
        "Gives variables of the call their values: a whole number, `true` or `false`, or a text in which `{{ ... }}` stands \
         for an expression.",
    ),
    alone: None,
    read: set,
};

fn set(_: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    if reader.is_empty(value, "here nothing is set", "{priority: 10}") {
        return RawAct::Unread;
    }
    let named = variables(value, "variables and what they become", reader);
    let sets = named.into_iter().map(|(name, node)| RawSet { name, value: reader.read(node, &word::VALUE, "set") });
    RawAct::Set(sets.collect())
}

/// Variables, and what stands behind each.
pub(super) fn variables<'n>(node: &'n Node, what: &'static str, reader: &mut Reader) -> Vec<(At<Name>, &'n Node)> {
    reader.named(node, what, variable, |name: &Name| name, Name::new).unwrap_or_default()
}

const WHEN: Key<Plain<Arc<str>>> = Key::required(
    "when",
    "when: caller.withheld",
    word::EXPRESSION,
    "An expression that is so or is not, as `caller.number in lists.vip`.",
);
const THEN: Key<Steps> =
    Key::required("then", "then: {flow: welcome}", Steps, "The step, or the steps, when it is so.");
const ELSE: Key<Steps> =
    Key::optional("else", Steps, "The step, or the steps, when it is not so; the call goes on when this is missing.");

const CHOICE: Mapping = Mapping { what: "the step `if`", keys: &[&WHEN, &THEN, &ELSE] };

/// `if: {when: ..., then: ..., else: ...}`
pub(super) const IF: StepWord = StepWord {
    key: &Key::optional("if", CHOICE, "Does one thing when an expression is so, and another when it is not."),
    alone: None,
    read: choice,
};

fn choice(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, &CHOICE, &key.span) else {
        return RawAct::Unread;
    };
    let when = reader.needed(&fields, &WHEN);
    let then = reader.required(&fields, &THEN).map(|node| step::body(node, reader));
    let otherwise = fields.get(&ELSE).map(|node| step::body(node, reader));
    RawAct::If { when, then, otherwise }
}

const ON: Key<Plain<Arc<str>>> =
    Key::required("on", "on: caller.number", word::EXPRESSION, "The expression whose value is looked at.");
const CASES: Key<Named<Plain<Arc<str>>, Steps>> = Key::required(
    "cases",
    "cases: {\"1\": {queue: sales}}",
    Named { name: word::CASE, thing: Steps, least: 1 },
    "What each value leads to: a step, or a list of steps.",
);
const OTHERWISE: Key<Steps> = Key::optional(
    "otherwise",
    Steps,
    "The step, or the steps, when it is none of the values; the call goes on when this is missing.",
);

const SWITCHED: Mapping = Mapping { what: "the step `switch`", keys: &[&ON, &CASES, &OTHERWISE] };

/// `switch: {on: ..., cases: {...}, otherwise: ...}`
pub(super) const SWITCH: StepWord = StepWord {
    key: &Key::optional("switch", SWITCHED, "Goes where the value of an expression leads to."),
    alone: None,
    read: switch,
};

fn switch(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, &SWITCHED, &key.span) else {
        return RawAct::Unread;
    };
    let on = reader.needed(&fields, &ON);
    let cases = reader.required(&fields, &CASES);
    let cases = cases.map(|node| all_cases(node, reader)).unwrap_or_default();
    let otherwise = fields.get(&OTHERWISE).map(|node| step::body(node, reader));
    RawAct::Switch(RawSwitch { on, cases, otherwise })
}

fn all_cases(node: &Node, reader: &mut Reader) -> Vec<(Text, Body)> {
    if reader.is_empty(node, "a switch without cases chooses nothing", "{\"1\": {queue: sales}}") {
        return Vec::new();
    }
    let Kind::Map(entries) = &node.kind else {
        let message = format!("this should be values and steps, and it is {}", node.kind.name());
        reader.tell(
            Fault::error(&node.span, message).remedy("write a value, a colon and a step: {\"1\": {queue: sales}}"),
        );
        return Vec::new();
    };
    let mut cases = Vec::new();
    for (key, steps) in entries {
        if !reader.goes_on() {
            break;
        }
        let case = reader.read(key, &word::CASE, CASES.name());
        let body = step::body(steps, reader);
        cases.extend(case.map(|case| (case, body)));
    }
    cases
}
