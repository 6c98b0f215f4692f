//! Steps that compute and choose, as typed.

use std::sync::Arc;

use super::step::{self, Body, RawAct};
use crate::{
    dialplan::{expr::GROUPS, word},
    domain::Name,
    yaml::{At, Fault, Kind, Node, Read, Reader, Wrong, quoted},
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

fn text(word: &str) -> Read<Arc<str>> {
    Ok(Arc::from(word))
}

/// `set: {tries: "{{ tries + 1 }}"}`
pub(super) fn set(value: &Node, reader: &mut Reader) -> RawAct {
    if reader.is_empty(value, "here nothing is set", "{priority: 10}") {
        return RawAct::Unread;
    }
    let unread = |name: &str| Name::new(name);
    let Some(named) = reader.named(value, "variables and what they become", variable, |name| name, unread) else {
        return RawAct::Unread;
    };
    let sets = named.into_iter().map(|(name, node)| RawSet { name, value: reader.value(node, "a value", text) });
    RawAct::Set(sets.collect())
}

/// `if: {when: ..., then: ..., else: ...}`
pub(super) fn choice(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, "the step `if`", &key.span, &["when", "then", "else"]) else {
        return RawAct::Unread;
    };
    let when = reader.required(&fields, "when", "when: caller.withheld");
    let when = when.and_then(|node| reader.value(node, "an expression", text));
    let then = reader.required(&fields, "then", "then: {flow: welcome}").map(|node| step::body(node, reader));
    let otherwise = fields.get("else").map(|node| step::body(node, reader));
    RawAct::If { when, then, otherwise }
}

/// `switch: {on: ..., cases: {...}, otherwise: ...}`
pub(super) fn switch(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    const EXAMPLE: &str = "cases: {\"1\": {queue: sales}}";
    let Some(fields) = reader.fields(value, "the step `switch`", &key.span, &["on", "cases", "otherwise"]) else {
        return RawAct::Unread;
    };
    let on = reader.required(&fields, "on", "on: caller.number");
    let on = on.and_then(|node| reader.value(node, "an expression", text));
    let cases = reader.required(&fields, "cases", EXAMPLE);
    let cases = cases.map(|node| all_cases(node, reader)).unwrap_or_default();
    let otherwise = fields.get("otherwise").map(|node| step::body(node, reader));
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
        let case = reader.value(key, "a value", text);
        let body = step::body(steps, reader);
        cases.extend(case.map(|case| (case, body)));
    }
    cases
}
