//! What a caller meets who waits in a queue, or comes to one in vain, as typed.

use super::step::{self, Body, Steps};
use crate::{
    dialplan::word::{Count, Plain, Rule},
    domain::{Digit, Name},
    yaml::{At, Fields, Key, Named, Node, Read, Reader, Wrong, quoted},
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
}

impl RawWaiting {
    /// Where they lead.
    pub(in crate::dialplan) fn bodies(&self) -> impl Iterator<Item = &Body> {
        self.exit.iter().map(|(_, body)| body).chain(&self.when_full).chain(&self.when_unstaffed)
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

/// Reads the ways out of a queue.
pub(super) fn waiting(fields: &Fields<'_>, reader: &mut Reader) -> RawWaiting {
    let exit = fields.get(&EXIT).map(|node| exits(node, reader)).unwrap_or_default();
    let capacity = reader.maybe(fields, &CAPACITY);
    let mut way = |key| fields.get(key).map(|node| step::body(node, reader));
    let (when_full, when_unstaffed) = (way(&WHEN_FULL), way(&WHEN_UNSTAFFED));
    RawWaiting { exit, capacity, when_full, when_unstaffed }
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
