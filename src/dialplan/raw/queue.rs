//! Queues as typed.

use std::time::Duration;

use super::{
    HOUR, MINUTE, SECOND,
    step::{self, Body, Steps},
};
use crate::{
    dialplan::{
        plan::{Music, Strategy},
        word::{self, Lasting, OneOf, Plain},
    },
    domain::Name,
    yaml::{At, Key, Many, Mapping, Node, Or, Reader, Span},
};

/// A queue as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawQueue {
    pub(in crate::dialplan) name: At<Name>,
    pub(in crate::dialplan) operators: Vec<At<Name>>,
    pub(in crate::dialplan) strategy: Strategy,
    pub(in crate::dialplan) ring: Duration,
    pub(in crate::dialplan) wrap_up: Duration,
    pub(in crate::dialplan) retry: Duration,
    pub(in crate::dialplan) music: Music,
    pub(in crate::dialplan) max_wait: Option<RawMaxWait>,
}

/// A limit to waiting as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawMaxWait {
    pub(in crate::dialplan) after: Duration,
    pub(in crate::dialplan) go: Option<Body>,
}

const SERVES: Key<Many<Plain<Name>>> = Key::required(
    "operators",
    "operators: [anna]",
    Many { one: word::REFERENCE.called("a list of operators"), least: 1 },
    "Who answers here, in the order that `linear` and `rrmemory` use.",
);
const STRATEGY: Key<Or<OneOf<Strategy>>> =
    Key::or("strategy", word::STRATEGIES, Strategy::RingAll, "Who is rung first.");
const RING: Key<Or<Lasting>> = Key::or(
    "ring",
    Lasting::seconds(SECOND, MINUTE.saturating_mul(10)),
    SECOND.saturating_mul(15),
    "How long one telephone rings before it is another's turn.",
);
const WRAP_UP: Key<Or<Lasting>> = Key::or(
    "wrap_up",
    Lasting::within(Duration::ZERO, HOUR),
    Duration::ZERO,
    "How long an operator is left alone after a conversation.",
);
const RETRY: Key<Or<Lasting>> = Key::or(
    "retry",
    Lasting::within(Duration::ZERO, HOUR),
    SECOND.saturating_mul(5),
    "How long an operator is left alone after a call that he did not take.",
);
const MUSIC: Key<Or<Plain<Music>>> = Key::or(
    "music",
    word::MUSIC,
    Music::Default,
    "What those who wait hear; Asterisk's default class when it is missing.",
);
const MAX_WAIT: Key<Mapping> =
    Key::optional("max_wait", WAIT, "How long a caller waits at most, and what he does then.");

/// A queue.
pub(super) const QUEUE: Mapping =
    Mapping { what: "a queue", keys: &[&SERVES, &STRATEGY, &RING, &WRAP_UP, &RETRY, &MUSIC, &MAX_WAIT] };

/// Reads a queue.
pub(super) fn queue(name: At<Name>, node: &Node, reader: &mut Reader) -> RawQueue {
    let fields = reader.fields_of(node, &QUEUE, &name.span);
    let node = reader.required(&fields, &SERVES);
    let node = node.filter(|node| !reader.is_empty(node, "a queue without operators serves nobody", "[anna]"));
    let operators = node.map(|node| reader.many(node, &SERVES)).unwrap_or_default();
    let ring = reader.or(&fields, &RING);
    let wrap_up = reader.or(&fields, &WRAP_UP);
    let retry = reader.or(&fields, &RETRY);
    let strategy = reader.or(&fields, &STRATEGY);
    let music = reader.or(&fields, &MUSIC);
    let max_wait = fields.get(&MAX_WAIT).and_then(|node| max_wait(node, &name.span, reader));
    RawQueue { name, operators, strategy, ring, wrap_up, retry, music, max_wait }
}

const AFTER: Key<Lasting> = Key::required(
    "after",
    "after: 10m",
    Lasting::within(SECOND, HOUR.saturating_mul(24)),
    "So long after he joined the queue.",
);
const GO: Key<Steps> = Key::required("go", "go: {hangup: busy}", Steps, "The step, or the steps, that he does then.");

const WAIT: Mapping = Mapping { what: "`max_wait`", keys: &[&AFTER, &GO] };

fn max_wait(node: &Node, owner: &Span, reader: &mut Reader) -> Option<RawMaxWait> {
    let fields = reader.fields(node, &WAIT, owner)?;
    let after = reader.needed(&fields, &AFTER);
    let go = reader.required(&fields, &GO).map(|node| step::body(node, reader));
    Some(RawMaxWait { after: after.map_or(MINUTE, |at| at.value), go })
}
