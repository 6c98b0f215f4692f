//! Questions for digits, as typed.

use super::{
    SECOND,
    logic::{self, RawSet, Text},
    menu::{self, ASKING, RawAsking},
};
use crate::{
    dialplan::{prompt::Wanted, word},
    domain::Digit,
    yaml::{At, Node, Read, Reader, Wrong, quoted},
};

/// The most digits that are asked for.
const MOST_DIGITS: u32 = 32;

/// A question for digits as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawAsk {
    pub(in crate::dialplan) asking: RawAsking,
    /// The variable; what it becomes is a text.
    pub(in crate::dialplan) into: Option<RawSet>,
    pub(in crate::dialplan) min: Option<At<u32>>,
    pub(in crate::dialplan) max: Option<At<u32>>,
    pub(in crate::dialplan) end: Option<Digit>,
    pub(in crate::dialplan) valid: Option<Text>,
    pub(in crate::dialplan) confirm: Option<RawConfirm>,
}

/// How a caller is asked whether he entered what he meant, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawConfirm {
    pub(in crate::dialplan) before: Vec<At<Wanted>>,
    pub(in crate::dialplan) question: Vec<At<Wanted>>,
}

/// `ask: {say: ..., into: customer, min: 4, max: 8}`
pub(super) fn ask(key: &Node, value: &Node, reader: &mut Reader) -> Option<RawAsk> {
    const OWN: &[&str] = &["into", "min", "max", "end", "valid", "confirm"];
    let keys: Vec<&str> = ASKING.iter().chain(OWN).copied().collect();
    let fields = reader.fields(value, "the step `ask`", &key.span, &keys)?;
    let asking = menu::asking(&fields, SECOND * 3, reader);
    let into = reader.required(&fields, "into", "into: customer");
    let into = into.and_then(|node| reader.value(node, "a variable's name", logic::variable));
    let into = into.map(|name| {
        let value = At { value: "".into(), span: name.span.clone() };
        RawSet { name, value: Some(value) }
    });
    let mut digits = |key: &'static str, least| {
        fields.get(key).and_then(|node| reader.value(node, "a number of digits", word::count(key, least..=MOST_DIGITS)))
    };
    let (min, max) = (digits("min", 0), digits("max", 1));
    let end = reader.optional(&fields, "end", Digit::new('#'), "a key", end);
    let valid = fields.get("valid").and_then(|node| reader.value(node, "an expression", logic::text));
    let confirm = fields.get("confirm").and_then(|node| confirm(node, reader));
    Some(RawAsk { asking, into, min, max, end, valid, confirm })
}

/// The key that ends an answer, or none.
fn end(text: &str) -> Read<Option<Digit>> {
    match text {
        "none" => Ok(None),
        "#" | "*" => Ok(text.chars().next().and_then(Digit::new)),
        _ => Err(Wrong::new(format!("{} cannot end an answer", quoted(text)), "write `\"#\"`, `\"*\"` or `none`")),
    }
}

fn confirm(node: &Node, reader: &mut Reader) -> Option<RawConfirm> {
    let fields = reader.fields(node, "`confirm`", &node.span, &["play", "say", "before"])?;
    let before = fields.get("before").map(|node| reader.media(node)).unwrap_or_default();
    Some(RawConfirm { before, question: reader.question(&fields) })
}
