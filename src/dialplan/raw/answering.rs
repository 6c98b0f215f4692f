//! When a number's callers are answered, as typed.

use std::time::Duration;

use super::{HOUR, SECOND};
use crate::{
    dialplan::{
        plan::Answering,
        word::{Lasting, OneOf},
    },
    yaml::{Either, Key, Kind, Mapping, Node, Or, Reader},
};

/// Some trunks give up an unanswered call after a minute.
const AT_LATEST: Duration = SECOND.saturating_mul(50);

const WORDS: OneOf<Answering> = OneOf {
    what: "`at_once`, `on_operator` or `{on_operator: {at_latest: 2m}}`",
    words: &[
        ("at_once", Answering::AtOnce, "before the first thing that they hear"),
        ("on_operator", Answering::OnOperator { at_latest: AT_LATEST }, "when an operator takes the call"),
    ],
};

/// `answer` of a number.
pub(super) const ANSWER: Key<Either> = Key::optional(
    "answer",
    Either(&[&WORDS, &LIMITED]),
    "When callers are answered: `at_once` when this is missing. With `on_operator` they hear greeting, menu and music as early \
     media until an operator takes the call, or the call is `at_latest` old.",
);

const LIMITED: Mapping = Mapping { what: "`answer`", keys: &[&ON_OPERATOR] };

const ON_OPERATOR: Key<Mapping> =
    Key::required("on_operator", "on_operator: {at_latest: 2m}", LIMIT, "When an operator takes the call.");

const LIMIT: Mapping = Mapping { what: "`on_operator`", keys: &[&LATEST] };

const LATEST: Key<Or<Lasting>> = Key::or(
    "at_latest",
    Lasting::within(SECOND, HOUR),
    AT_LATEST,
    "Whoever is not answered by an operator is answered without one when his call is so old: trunks give it up after a while.",
);

/// Reads when callers are answered.
pub(super) fn answering(node: &Node, reader: &mut Reader) -> Answering {
    match &node.kind {
        Kind::Map(_) => {
            let fields = reader.fields_of(node, &LIMITED, &node.span);
            let limit = reader.required(&fields, &ON_OPERATOR);
            limit.map_or(Answering::AtOnce, |node| {
                let fields = reader.fields_of(node, &LIMIT, &node.span);
                Answering::OnOperator { at_latest: reader.or(&fields, &LATEST) }
            })
        }
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => {
            reader.read(node, &WORDS, ANSWER.name()).map_or(Answering::AtOnce, |at| at.value)
        }
    }
}
