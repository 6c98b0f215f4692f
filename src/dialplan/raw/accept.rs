//! How an operator accepts a call, as typed.

use std::time::Duration;

use super::{MINUTE, SECOND};
use crate::{
    dialplan::{
        plan::Accept,
        word::{Lasting, OneOf, YesNo},
    },
    yaml::{Either, Key, Kind, Mapping, Node, Or, Reader, Span},
};

/// That an operator accepts by a key, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawAccept {
    pub(in crate::dialplan) within: Duration,
    pub(in crate::dialplan) number: bool,
    pub(in crate::dialplan) span: Span,
}

const WORDS: OneOf<bool> = OneOf {
    what: "`answer`, `confirm` or `{confirm: {within: 20s}}`",
    words: &[
        ("answer", false, "by answering"),
        ("confirm", true, "by pressing 1 when he has answered and heard what it is about; a voicemail never does"),
    ],
};

/// `accept` of an operator.
pub(super) const ACCEPT: Key<Either> = Key::optional(
    "accept",
    Either(&[&WORDS, &BY_KEY]),
    "How he accepts a call: `answer` when this is missing. With `confirm`, for a mobile or another telephone that may have a \
     voicemail, he is told the queue and how long the caller has waited, and gets the call when he presses 1.",
);

const BY_KEY: Mapping = Mapping { what: "`accept`", keys: &[&CONFIRM] };

const CONFIRM: Key<Mapping> =
    Key::required("confirm", "confirm: {within: 20s}", CONFIRMED, "By pressing 1 when he has answered.");

const CONFIRMED: Mapping = Mapping { what: "`confirm`", keys: &[&WITHIN, &SAY_NUMBER] };

const WITHIN: Key<Or<Lasting>> = Key::or(
    "within",
    Lasting::within(SECOND.saturating_mul(5), MINUTE),
    Accept::WITHIN,
    "How long he has to press the key, from his answer on. Then somebody else is rung.",
);

const SAY_NUMBER: Key<Or<YesNo>> = Key::or(
    "say_number",
    YesNo,
    false,
    "Whether he is told the caller's number, too. A voicemail may keep what it is told.",
);

/// Reads how an operator accepts; `None`: by answering.
pub(super) fn accept(node: &Node, reader: &mut Reader) -> Option<RawAccept> {
    let span = node.span.clone();
    if !matches!(node.kind, Kind::Map(_)) {
        let by_key = reader.read(node, &WORDS, ACCEPT.name()).is_some_and(|at| at.value);
        return by_key.then_some(RawAccept { within: Accept::WITHIN, number: false, span });
    }
    let fields = reader.fields_of(node, &BY_KEY, &span);
    let confirm = reader.required(&fields, &CONFIRM)?;
    let fields = reader.fields_of(confirm, &CONFIRMED, &span);
    let (within, number) = (reader.or(&fields, &WITHIN), reader.or(&fields, &SAY_NUMBER));
    Some(RawAccept { within, number, span })
}
