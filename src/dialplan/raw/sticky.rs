//! That a caller has the operator who talked to him last, as typed.

use std::time::Duration;

use super::HOUR;
use crate::{
    dialplan::{
        plan::Sticky,
        word::{Count, Lasting},
    },
    yaml::{At, Fields, Key, Mapping, Or, Reader},
};

/// How long a caller may be remembered, in days.
const MOST_DAYS: u32 = 366;
const DAY: Duration = HOUR.saturating_mul(24);

const DAYS: Key<Count> = Key::required(
    "days",
    "days: 30",
    Count { what: "a number of days", from: 1, to: MOST_DAYS },
    "For how many days a caller is remembered who talked to an operator of this queue.",
);
const WAIT: Key<Or<Lasting>> = Key::or(
    "wait",
    Lasting::within(Duration::ZERO, HOUR),
    Duration::ZERO,
    "How long a caller waits for that operator alone while he is busy, though others may be free.",
);

const KEYS: Mapping = Mapping { what: "`sticky`", keys: &[&DAYS, &WAIT] };

pub(super) const STICKY: Key<Mapping> = Key::optional(
    "sticky",
    KEYS,
    "Rings the operator who talked to a caller last in this queue before all others; nobody is remembered without it.",
);

/// Reads whether a caller has the operator who talked to him last.
pub(super) fn sticky(fields: &Fields<'_>, reader: &mut Reader) -> Option<At<Sticky>> {
    let node = fields.get(&STICKY)?;
    let fields = reader.fields(node, &KEYS, &node.span)?;
    let (days, wait) = (reader.needed(&fields, &DAYS), reader.or(&fields, &WAIT));
    let value = Sticky { lasts: DAY.saturating_mul(days?.value), wait };
    Some(At { value, span: node.span.clone() })
}
