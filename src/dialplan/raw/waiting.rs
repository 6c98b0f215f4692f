//! What a caller meets who waits in a queue, or comes to one in vain, as typed.

use std::time::Duration;

use super::{
    HOUR, SECOND,
    step::{self, Body, Steps},
};
use crate::{
    dialplan::word::{self, Count, Lasting, Plain, Rule, YesNo},
    domain::{Digit, Name},
    yaml::{At, Fields, Key, Named, Node, Or, Read, Reader, Wrong, quoted},
};

/// The most that a queue may be told to hold.
const MOST_WAITING: u32 = 100_000;

/// Ways out of a queue without a conversation, as typed.
#[derive(Debug, Default)]
pub(in crate::dialplan) struct RawWaiting {
    /// Keys, and where each leads.
    pub(in crate::dialplan) exit: Vec<(Digit, Body)>,
    pub(in crate::dialplan) capacity: Option<At<u32>>,
    pub(in crate::dialplan) when_full: Option<Body>,
    pub(in crate::dialplan) when_unstaffed: Option<Body>,
    pub(in crate::dialplan) hours: Option<At<Name>>,
    pub(in crate::dialplan) when_closed: Option<Body>,
    pub(in crate::dialplan) when_withdrawn: Option<Body>,
    /// Whether one who comes from another queue keeps his place.
    pub(in crate::dialplan) keep_place: bool,
    /// For how long one who went while he waited has his place still.
    pub(in crate::dialplan) keep_place_for: Option<At<Duration>>,
}

impl RawWaiting {
    /// Where they lead.
    pub(in crate::dialplan) fn bodies(&self) -> impl Iterator<Item = &Body> {
        let others = [&self.when_full, &self.when_unstaffed, &self.when_closed, &self.when_withdrawn];
        self.exit.iter().map(|(_, body)| body).chain(others.into_iter().flatten())
    }
}

const ONE_KEY: Plain<Name> = Plain::new(
    "a key of the telephone",
    one_key,
    &Rule {
        also: &["integer"],
        pattern: || "^[0-9*#A-Da-d]$".into(),
        examples: &["0", "#"],
        docs: "One key: `0` to `9`, `\"*\"`, `\"#\"` or `A` to `D`.",
    },
);

pub(super) const EXIT: Key<Named<Plain<Name>, Steps>> = Key::optional(
    "exit",
    Named { name: ONE_KEY, thing: Steps, least: 1 },
    "Keys with which a caller leaves the queue, and the step, or the steps, that each leads to.",
);
pub(super) const CAPACITY: Key<Count> = Key::optional(
    "capacity",
    Count { what: "a number of callers", from: 1, to: MOST_WAITING },
    "How many callers the queue holds, those included for whom somebody rings; one more does what `when_full` says.",
);
pub(super) const WHEN_FULL: Key<Steps> =
    Key::optional("when_full", Steps, "The step, or the steps, of a caller who finds `capacity` callers in the queue.");
pub(super) const WHEN_UNSTAFFED: Key<Steps> = Key::optional(
    "when_unstaffed",
    Steps,
    "The step, or the steps, of a caller whom nobody may take, however long he waits; those of `max_wait` when this is \
     missing.",
);

pub(super) const HOURS: Key<Plain<Name>> = Key::optional(
    "hours",
    word::REFERENCE.called("hours of this plan"),
    "Opening hours: when they are closed the queue takes nobody, and those who wait in it do what `when_closed` says.",
);
pub(super) const WHEN_CLOSED: Key<Steps> = Key::optional(
    "when_closed",
    Steps,
    "The step, or the steps, of a caller who comes when `hours` are closed, or waits when they close.",
);
pub(super) const WHEN_WITHDRAWN: Key<Steps> = Key::optional(
    "when_withdrawn",
    Steps,
    "The step, or the steps, of a caller whom somebody takes out of the queue by the API; without it he goes on behind the \
     `call` that led him here, or his call ends.",
);
pub(super) const KEEP_PLACE: Key<Or<YesNo>> = Key::or(
    "keep_place",
    YesNo,
    true,
    "Whether a caller who comes from another queue stands before those who have waited less than he has in all.",
);

pub(super) const KEEP_PLACE_FOR: Key<Lasting> = Key::optional(
    "keep_place_for",
    Lasting::within(SECOND, HOUR.saturating_mul(24)),
    "How long a caller who goes while he waits, as one whose line drops does, has his age and priority again when he calls \
     back; nobody has when it is missing.",
);

/// Reads the ways out of a queue.
pub(super) fn waiting(fields: &Fields<'_>, reader: &mut Reader) -> RawWaiting {
    let exit = fields.get(&EXIT).map(|node| exits(node, reader)).unwrap_or_default();
    let capacity = reader.maybe(fields, &CAPACITY);
    let mut way = |key| fields.get(key).map(|node| step::body(node, reader));
    let (when_full, when_unstaffed) = (way(&WHEN_FULL), way(&WHEN_UNSTAFFED));
    let (when_closed, when_withdrawn) = (way(&WHEN_CLOSED), way(&WHEN_WITHDRAWN));
    let hours = reader.maybe(fields, &HOURS);
    let keep_place = reader.or(fields, &KEEP_PLACE);
    let keep_place_for = reader.maybe(fields, &KEEP_PLACE_FOR);
    RawWaiting {
        exit,
        capacity,
        when_full,
        when_unstaffed,
        hours,
        when_closed,
        when_withdrawn,
        keep_place,
        keep_place_for,
    }
}

fn exits(node: &Node, reader: &mut Reader) -> Vec<(Digit, Body)> {
    if reader.is_empty(node, "without a key nobody leaves", "{\"0\": {flow: voicemail}}") {
        return Vec::new();
    }
    let named = reader.named(node, EXIT.name(), one_key, |key| key, Name::new).unwrap_or_default();
    let ways = named.into_iter().map(|(key, node)| (digit(&key.value), step::body(node, reader)));
    ways.filter_map(|(key, body)| Some((key?, body))).collect()
}

fn digit(text: &str) -> Option<Digit> {
    let mut keys = text.chars();
    keys.next().and_then(Digit::new).filter(|_| keys.next().is_none())
}

/// `a` is the key `A`.
fn one_key(text: &str) -> Read<Name> {
    digit(text).map(|key| Name::new(&key.to_string())).ok_or_else(|| {
        let message = format!("{} is not one key of the telephone", quoted(text));
        Wrong::new(message, "write one of `0` to `9`, `\"*\"`, `\"#\"` and `A` to `D`")
    })
}
