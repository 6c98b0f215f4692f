//! Tariffs as typed, which numbers and trunks have.

use std::{num::NonZeroU32, time::Duration};

use super::{HOUR, SECOND};
use crate::{
    dialplan::word::{self, Lasting, Plain},
    domain::{Amount, Currency, Tariff},
    yaml::{Fault, Fields, Key, Mapping, Node, Or, Reader, Span, quoted},
};

const CURRENCY: Key<Plain<Currency>> =
    Key::required("currency", "currency: NOK", word::CURRENCY_CODE, "Of which currency the amounts are.");
const PER_MINUTE: Key<Plain<Amount>> =
    Key::without("setup", "per_minute", "per_minute: 0.89", word::AMOUNT, "What a minute costs.");
const INCREMENT: Key<Or<Lasting>> = Key::or(
    "increment",
    Lasting::within(SECOND, HOUR),
    SECOND,
    "Time is charged in steps of this, and a step that was begun counts whole.",
);
const FIRST: Key<Lasting> = Key::optional(
    "first",
    Lasting::within(SECOND, HOUR),
    "The first step, where it is another one; as `increment` when it is missing.",
);
const FREE: Key<Or<Lasting>> = Key::or(
    "free",
    Lasting::within(Duration::ZERO, HOUR),
    Duration::ZERO,
    "So much time at the beginning is not charged.",
);
const SETUP: Key<Plain<Amount>> = Key::optional(
    "setup",
    word::AMOUNT,
    "What an answer costs, however long the call lasts then; nothing when it is missing.",
);

/// A tariff.
const TARIFF: Mapping =
    Mapping { what: "a tariff", keys: &[&PER_MINUTE, &CURRENCY, &INCREMENT, &FIRST, &FREE, &SETUP] };

/// `tariff: {currency: NOK, per_minute: 0.89, increment: 60s}`, of a number.
pub(super) const OF_NUMBER: Key<Mapping> = Key::optional(
    "tariff",
    TARIFF,
    "What your provider charges you for a call to the number, from its answer to its end. What your callers pay is not told.",
);

/// The same, of a trunk.
pub(super) const OF_TRUNK: Key<Mapping> = Key::optional(
    "tariff",
    TARIFF,
    "What your provider charges you for each telephone that is rung over the trunk, from its answer to its end.",
);

/// The tariff of a number or of a trunk.
pub(super) fn tariff(fields: &Fields<'_>, key: &Key<Mapping>, reader: &mut Reader) -> Option<Tariff> {
    let node = fields.get(key)?;
    let fields = reader.fields(node, &TARIFF, &node.span)?;
    let currency = reader.needed(&fields, &CURRENCY);
    let setup = reader.maybe(&fields, &SETUP);
    let per_minute = if fields.get(&SETUP).is_some() {
        reader.maybe(&fields, &PER_MINUTE)
    } else {
        reader.needed(&fields, &PER_MINUTE)
    };
    let increment = reader.or(&fields, &INCREMENT);
    let first = reader.maybe(&fields, &FIRST).map_or(increment, |at| at.value);
    let free = reader.or(&fields, &FREE);
    if fields.get(&PER_MINUTE).is_none() && fields.get(&SETUP).is_some() {
        tell_no_time(&fields, reader);
    }
    Some(Tariff {
        currency: currency?.value,
        per_minute: per_minute.map_or(Amount::ZERO, |at| at.value),
        setup: setup.map_or(Amount::ZERO, |at| at.value),
        free,
        first: millis(first)?,
        increment: millis(increment)?,
    })
}

fn millis(lasts: Duration) -> Option<NonZeroU32> {
    NonZeroU32::new(u32::try_from(lasts.as_millis()).ok()?)
}

/// How time is charged says nothing where no time is.
fn tell_no_time(fields: &Fields<'_>, reader: &mut Reader) {
    let of_time: [(&str, Option<&Node>); 3] = [
        (INCREMENT.name(), fields.get(&INCREMENT)),
        (FIRST.name(), fields.get(&FIRST)),
        (FREE.name(), fields.get(&FREE)),
    ];
    for (name, node) in of_time {
        let Some(span): Option<&Span> = node.map(|node| &node.span) else { continue };
        let message = format!("{} is of time, and this tariff charges none", quoted(name));
        reader.tell(Fault::error(span, message).remedy("add `per_minute: 0.89`, or take it out"));
    }
}
