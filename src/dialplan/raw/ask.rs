//! Questions for digits, as typed.

use std::sync::Arc;

use super::{
    SECOND,
    logic::{self, RawSet, Text},
    media::{PLAY, RawSound, SAY, Sounds},
    menu::{
        self, INVALID, ON_INVALID, ON_SILENCE, OTHERWISE, RawAsking, SILENT, TIMEOUT, TRIES, TYPE_AHEAD, inter_digit,
    },
    step::{RawAct, StepWord},
};
use crate::{
    dialplan::word::{self, Count, Lasting, Plain, Rule},
    domain::{Digit, Name},
    yaml::{At, Key, Mapping, Node, Or, Read, Reader, Wrong, quoted},
};

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
    pub(in crate::dialplan) before: Vec<At<RawSound>>,
    pub(in crate::dialplan) question: Vec<At<RawSound>>,
}

const INTO: Key<Plain<Name>> = Key::required(
    "into",
    "into: customer",
    Plain::new("a variable's name", logic::variable, &word::NAMES),
    "The variable that the digits become: a text, so that a zero in front stays.",
);
const MIN: Key<Count> = Key::optional(
    "min",
    Count { what: "a number of digits", from: 0, to: MOST_DIGITS },
    "How many digits there are at least; 1 when this is missing.",
);
const MAX: Key<Count> = Key::optional(
    "max",
    Count { what: "a number of digits", from: 1, to: MOST_DIGITS },
    "How many digits there are at most, with which the answer is whole; 20 when this is missing.",
);
const END: Key<Plain<Option<Digit>>> = Key::optional(
    "end",
    Plain::new(
        "a key",
        end,
        &Rule { also: &[], pattern: || "^([#*]|none)$".into(), examples: &["#", "*", "none"], docs: "" },
    ),
    "The key that ends an answer, or `none`; `\"#\"` when this is missing.",
);
const INTER_DIGIT: Key<Or<Lasting>> = inter_digit(SECOND.saturating_mul(3));
const VALID: Key<Plain<Arc<str>>> = Key::optional(
    "valid",
    word::EXPRESSION,
    "An expression that says whether an answer is right; the variable is the answer there.",
);
const CONFIRM: Key<Mapping> = Key::optional(
    "confirm",
    CONFIRMED,
    "Reads the digits back and asks whether they are right: 1 is yes, 2 enters them once more.",
);
const BEFORE: Key<Sounds> = Key::optional("before", Sounds, "What is played before the digits.");

/// The most digits that are asked for.
const MOST_DIGITS: u32 = 32;

const CONFIRMED: Mapping = Mapping { what: "`confirm`", keys: &[&PLAY, &SAY, &BEFORE] };

const QUESTION: Mapping = Mapping {
    what: "the step `ask`",
    keys: &[
        &PLAY,
        &SAY,
        &INTO,
        &MIN,
        &MAX,
        &END,
        &VALID,
        &CONFIRM,
        &INVALID,
        &SILENT,
        &TIMEOUT,
        &INTER_DIGIT,
        &TRIES,
        &TYPE_AHEAD,
        &ON_SILENCE,
        &ON_INVALID,
        &OTHERWISE,
    ],
};

/// `ask: {say: ..., into: customer, min: 4, max: 8}`
pub(super) const ASK: StepWord = StepWord {
    key: &Key::optional("ask", QUESTION, "Asks for digits, which become a variable, and goes on behind it with them."),
    alone: None,
    read: |key, value, reader| ask(key, value, reader).map_or(RawAct::Unread, RawAct::Ask),
};

fn ask(key: &Node, value: &Node, reader: &mut Reader) -> Option<RawAsk> {
    let fields = reader.fields(value, &QUESTION, &key.span)?;
    let asking = menu::asking(&fields, &INTER_DIGIT, reader);
    let into = reader.needed(&fields, &INTO);
    let into = into.map(|name| {
        let value = At { value: "".into(), span: name.span.clone() };
        RawSet { name, value: Some(value) }
    });
    let (min, max) = (reader.maybe(&fields, &MIN), reader.maybe(&fields, &MAX));
    let end = reader.maybe(&fields, &END).map_or_else(|| Digit::new('#'), |at| at.value);
    let valid = reader.maybe(&fields, &VALID);
    let confirm = fields.get(&CONFIRM).and_then(|node| confirm(node, reader));
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
    let fields = reader.fields(node, &CONFIRMED, &node.span)?;
    let before = fields.get(&BEFORE).map(|node| reader.media(node)).unwrap_or_default();
    Some(RawConfirm { before, question: reader.question(&fields) })
}
