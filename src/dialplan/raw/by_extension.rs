//! Dial by extension as typed: internal numbers that callers may dial in a menu.

use super::{
    dial::{BUSY, NO_ANSWER, RINGS, RawRinging, UNREACHABLE, ringing},
    step::Steps,
};
use crate::{
    dialplan::word::{self, Plain},
    domain::Name,
    yaml::{At, Either, Fault, Key, Kind, Many, Mapping, Node, Reader, Span, True, quoted},
};

/// The internal numbers that are answers to a menu, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawByExtension {
    /// What stands behind `extensions`.
    pub(in crate::dialplan) span: Span,
    /// Which they are; `None`: those of all operators and telephones.
    pub(in crate::dialplan) only: Option<Vec<At<Name>>>,
    pub(in crate::dialplan) ringing: RawRinging,
}

const LIST: Many<Plain<Name>> = Many { one: word::EXTENSION.called("internal numbers, or a list of them"), least: 1 };

const ONLY: Key<Many<Plain<Name>>> = Key::optional(
    "only",
    LIST,
    "Which internal numbers, one or a list; those of all operators and telephones when it is missing. A flow's number must be \
     named here.",
);

const OTHERWISE: Key<Steps> = Key::optional(
    "otherwise",
    Steps,
    "The step, or the steps, in the cases that have no way of their own; the menu is asked again when this is missing.",
);

const DIALLED: Mapping =
    Mapping { what: "`extensions`", keys: &[&ONLY, &RINGS, &BUSY, &NO_ANSWER, &UNREACHABLE, &OTHERWISE] };

/// `extensions` of a menu: `true`, `[101, 102]`, `{only: [101, 102], no_answer: {say: "Nobody is there."}}`
pub(super) const EXTENSIONS: Key<Either> = Key::optional(
    "extensions",
    Either(&[&True, &LIST, &DIALLED]),
    "Lets a caller dial internal numbers here: `true` is those of all operators and telephones, a list only those that it \
     names. Where nobody answers, the menu is asked again.",
);

/// Reads which internal numbers a menu takes.
pub(super) fn by_extension(node: &Node, reader: &mut Reader) -> Option<RawByExtension> {
    if reader.is_empty(node, "here no internal number is named", "true") {
        return None;
    }
    let with = |only, ringing| RawByExtension { span: node.span.clone(), only, ringing };
    match &node.kind {
        Kind::Map(_) => {
            let fields = reader.fields(node, &DIALLED, &node.span)?;
            let only = fields.get(&ONLY).map(|node| numbers(node, reader));
            Some(with(only, ringing(&fields, &OTHERWISE, reader)))
        }
        Kind::Word(word) if word == "true" => Some(with(None, RawRinging::PLAIN)),
        Kind::Word(word) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            let fault = Fault::error(&node.span, format!("{} is no internal number", quoted(word)));
            reader.tell(fault.remedy("write `true` for all operators and telephones, or a list: `[101, 102]`"));
            None
        }
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => Some(with(Some(numbers(node, reader)), RawRinging::PLAIN)),
    }
}

fn numbers(node: &Node, reader: &mut Reader) -> Vec<At<Name>> {
    if reader.is_empty(node, "here no internal number is named", "[101, 102]") {
        return Vec::new();
    }
    reader.words(node, &LIST, ONLY.name())
}
