//! How long operators are left alone after calls that they did not take, as typed.

use std::time::Duration;

use super::HOUR;
use crate::{
    dialplan::{plan::Retry, word::Lasting},
    yaml::{Either, Fields, Key, Kind, Mapping, Or, Reader},
};

const LASTS: Lasting = Lasting::within(Duration::ZERO, HOUR);

const BUSY: Key<Or<Lasting>> = Key::or("busy", LASTS, Retry::LASTS, "When his telephone was busy.");
const DECLINED: Key<Or<Lasting>> = Key::or("declined", LASTS, Retry::LASTS, "When he pressed \"reject\".");
const NO_ANSWER: Key<Or<Lasting>> = Key::or("no_answer", LASTS, Retry::LASTS, "When he let it ring.");
const UNREACHABLE: Key<Or<Lasting>> =
    Key::or("unreachable", LASTS, Retry::LASTS, "When his telephone could not be reached.");

const BY_CAUSE: Mapping = Mapping { what: "`retry`", keys: &[&BUSY, &DECLINED, &NO_ANSWER, &UNREACHABLE] };

/// `retry` of a queue.
pub(super) const RETRY: Key<Either> = Key::optional(
    "retry",
    Either(&[&LASTS, &BY_CAUSE]),
    "How long an operator is left alone after a call that he did not take: 5s when this is missing. For each cause its own: \
     `{busy: 30s, declined: 1m, no_answer: 5s, unreachable: 2m}`.",
);

/// Reads how long they are.
pub(super) fn retry(fields: &Fields<'_>, reader: &mut Reader) -> Retry {
    let Some(node) = fields.get(&RETRY) else { return Retry::default() };
    if !matches!(node.kind, Kind::Map(_)) {
        return reader.read(node, &LASTS, RETRY.name()).map_or_else(Retry::default, |at| Retry::always(at.value));
    }
    let fields = reader.fields_of(node, &BY_CAUSE, &node.span);
    Retry {
        busy: reader.or(&fields, &BUSY),
        declined: reader.or(&fields, &DECLINED),
        no_answer: reader.or(&fields, &NO_ANSWER),
        unreachable: reader.or(&fields, &UNREACHABLE),
        otherwise: Retry::LASTS,
    }
}
