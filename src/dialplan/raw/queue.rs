//! Queues as typed.

use std::time::Duration;

use super::{
    HOUR, MINUTE, SECOND,
    also::{self, RawAlso},
    announce::{self, RawAnnounce},
    callback::{self, RawCallback},
    duty, retry,
    step::{self, Body, Steps},
    sticky,
    terms::{self, RawPenalties, RawRelax, RawSkills},
    waiting::{self, RawWaiting},
};
use crate::{
    dialplan::{
        plan::{AutoPause, Away, Music, Queue, Retry, Sticky, Strategy},
        word::{self, Count, Lasting, OneOf, Plain, YesNo},
    },
    domain::Name,
    yaml::{At, Either, Key, Kind, Many, Mapping, Named, Node, Or, Reader, Span, Word},
};

/// The greatest weight that a queue may have.
const MOST_WEIGHT: u32 = 1_000;

/// A queue as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawQueue {
    pub(in crate::dialplan) name: At<Name>,
    pub(in crate::dialplan) members: Vec<RawMember>,
    pub(in crate::dialplan) strategy: Strategy,
    pub(in crate::dialplan) penalties: Vec<RawPenalties>,
    pub(in crate::dialplan) skills: RawSkills,
    pub(in crate::dialplan) relax: Vec<RawRelax>,
    pub(in crate::dialplan) sticky: Option<At<Sticky>>,
    pub(in crate::dialplan) also: Vec<RawAlso>,
    pub(in crate::dialplan) weight: u32,
    pub(in crate::dialplan) ageing: Option<Duration>,
    pub(in crate::dialplan) ring: Duration,
    pub(in crate::dialplan) add_every: Option<At<Duration>>,
    pub(in crate::dialplan) wrap_up: Duration,
    pub(in crate::dialplan) retry: Retry,
    pub(in crate::dialplan) service_level: Duration,
    pub(in crate::dialplan) music: Music,
    pub(in crate::dialplan) max_wait: Option<RawMaxWait>,
    pub(in crate::dialplan) waiting: RawWaiting,
    pub(in crate::dialplan) unstaffed_if: Option<At<Vec<Away>>>,
    pub(in crate::dialplan) auto_pause: Option<AutoPause>,
    /// Where it is written that its calls are announced to whoever answers them.
    pub(in crate::dialplan) introduces: Option<Span>,
    pub(in crate::dialplan) announce: Option<RawAnnounce>,
    pub(in crate::dialplan) callback: Option<RawCallback>,
}

impl RawQueue {
    /// Where its callers go who leave it without a conversation, or do not come into it.
    pub(in crate::dialplan) fn bodies(&self) -> impl Iterator<Item = &Body> {
        self.max_wait.iter().filter_map(|wait| wait.go.as_ref()).chain(self.waiting.bodies())
    }
}

/// An operator of a queue as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawMember {
    pub(in crate::dialplan) operator: At<Name>,
    pub(in crate::dialplan) penalty: u32,
}

/// A limit to waiting as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawMaxWait {
    pub(in crate::dialplan) after: Duration,
    pub(in crate::dialplan) go: Option<Body>,
}

const PENALTY: Key<Or<Count>> = Key::or(
    "penalty",
    Count { what: "a penalty", from: 0, to: word::MOST_PENALTY },
    0,
    "Nobody is rung for a caller while one with a smaller penalty is free and was not rung for him as often.",
);

/// What an operator is in this queue.
const TERMS: Mapping = Mapping { what: "an operator of a queue", keys: &[&PENALTY] };

const MEMBER: Either = Either(&[&OPERATOR, &Named { name: OPERATOR, thing: TERMS, least: 1 }]);

const OPERATOR: Plain<Name> = word::REFERENCE.called("a list of operators");

const SERVES: Key<Many<Either>> = Key::required(
    "operators",
    "operators: [anna]",
    Many { one: MEMBER, least: 1 },
    "Who answers here, in the order that `linear`, `top_down` and `rrmemory` use: names, or `{boris: {penalty: 1}}`.",
);

const STRATEGY: Key<Or<OneOf<Strategy>>> =
    Key::or("strategy", word::STRATEGIES, Strategy::RingAll, "Who is rung first.");
const WEIGHT: Key<Or<Count>> = Key::or(
    "weight",
    Count { what: "a weight", from: 0, to: MOST_WEIGHT },
    0,
    "An operator of several queues takes the callers of the one with the greatest weight first.",
);
const AGEING: Key<Lasting> = Key::optional(
    "ageing",
    Lasting::within(SECOND, HOUR.saturating_mul(24)),
    "How much waiting one point of a caller's `priority` is worth; no waiting makes up for priority when it is missing.",
);
const RING: Key<Or<Lasting>> = Key::or(
    "ring",
    Lasting::seconds(SECOND, MINUTE.saturating_mul(10)),
    Queue::RING,
    "How long one telephone rings before it is another's turn.",
);
const ADD_EVERY: Key<Lasting> = Key::optional(
    "add_every",
    Lasting::within(SECOND, MINUTE.saturating_mul(10)),
    "With `ring_progressively`: how long one telephone rings before the next rings too; 5s when it is missing.",
);
const WRAP_UP: Key<Or<Lasting>> = Key::or(
    "wrap_up",
    Lasting::within(Duration::ZERO, HOUR),
    Duration::ZERO,
    "How long an operator is left alone after a conversation.",
);
const ANNOUNCE_TO_OPERATOR: Key<YesNo> = Key::optional(
    "announce_to_operator",
    YesNo,
    "Whether whoever answers a call of this queue is told its name, and how long the caller has waited, before he has him.",
);
const SERVICE_LEVEL: Key<Or<Lasting>> = Key::or(
    "service_level",
    Lasting::within(SECOND, HOUR),
    Queue::SERVICE_LEVEL,
    "Who is answered within this is served well, say the statistics.",
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
pub(super) const QUEUE: Mapping = Mapping {
    what: "a queue",
    keys: &[
        &SERVES,
        &STRATEGY,
        &terms::PENALTIES,
        &terms::NEEDS,
        &terms::RELAX,
        &sticky::STICKY,
        &also::ALSO,
        &WEIGHT,
        &AGEING,
        &RING,
        &ADD_EVERY,
        &WRAP_UP,
        &retry::RETRY,
        &SERVICE_LEVEL,
        &MUSIC,
        &MAX_WAIT,
        &waiting::EXIT,
        &waiting::CAPACITY,
        &waiting::WHEN_FULL,
        &waiting::WHEN_UNSTAFFED,
        &duty::UNSTAFFED_IF,
        &duty::AUTO_PAUSE,
        &waiting::HOURS,
        &waiting::WHEN_CLOSED,
        &waiting::WHEN_WITHDRAWN,
        &waiting::KEEP_PLACE,
        &waiting::KEEP_PLACE_FOR,
        &announce::ANNOUNCE,
        &ANNOUNCE_TO_OPERATOR,
        &callback::CALLBACK,
    ],
};

/// Reads a queue.
pub(super) fn queue(name: At<Name>, node: &Node, reader: &mut Reader) -> RawQueue {
    let fields = reader.fields_of(node, &QUEUE, &name.span);
    let node = reader.required(&fields, &SERVES);
    let node = node.filter(|node| !reader.is_empty(node, "a queue without operators serves nobody", "[anna]"));
    let members = node.map(|node| members(node, reader)).unwrap_or_default();
    let penalties = fields.get(&terms::PENALTIES).map(|node| terms::penalties(node, reader)).unwrap_or_default();
    let skills = fields.get(&terms::NEEDS).map(|node| terms::skills(node, reader)).unwrap_or_default();
    let relax = fields.get(&terms::RELAX).map(|node| terms::relax(node, reader)).unwrap_or_default();
    let sticky = sticky::sticky(&fields, reader);
    let also = fields.get(&also::ALSO).map(|node| also::also(node, reader)).unwrap_or_default();
    let weight = reader.or(&fields, &WEIGHT);
    let ageing = reader.maybe(&fields, &AGEING).map(|at| at.value);
    let ring = reader.or(&fields, &RING);
    let add_every = reader.maybe(&fields, &ADD_EVERY);
    let wrap_up = reader.or(&fields, &WRAP_UP);
    let retry = retry::retry(&fields, reader);
    let service_level = reader.or(&fields, &SERVICE_LEVEL);
    let strategy = reader.or(&fields, &STRATEGY);
    let music = reader.or(&fields, &MUSIC);
    let max_wait = fields.get(&MAX_WAIT).and_then(|node| max_wait(node, &name.span, reader));
    let waiting = waiting::waiting(&fields, reader);
    let unstaffed_if = fields.get(&duty::UNSTAFFED_IF).map(|node| At {
        value: reader.many(node, &duty::UNSTAFFED_IF).into_iter().map(|at| at.value).collect(),
        span: node.span.clone(),
    });
    let auto_pause = fields.get(&duty::AUTO_PAUSE).and_then(|node| duty::auto_pause(node, reader));
    let introduces = reader.maybe(&fields, &ANNOUNCE_TO_OPERATOR).filter(|at| at.value).map(|at| at.span);
    let announce = fields.get(&announce::ANNOUNCE).and_then(|node| announce::announce(node, &name.span, reader));
    let callback = fields.get(&callback::CALLBACK).and_then(|node| callback::of_queue(node, &name.span, reader));
    RawQueue {
        name,
        members,
        strategy,
        penalties,
        skills,
        relax,
        sticky,
        also,
        weight,
        ageing,
        ring,
        add_every,
        wrap_up,
        retry,
        service_level,
        music,
        max_wait,
        waiting,
        unstaffed_if,
        auto_pause,
        introduces,
        announce,
        callback,
    }
}

fn members(node: &Node, reader: &mut Reader) -> Vec<RawMember> {
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        Kind::Nothing | Kind::Word(_) | Kind::Map(_) => std::slice::from_ref(node),
    };
    let mut members = Vec::new();
    for item in items {
        if !reader.goes_on() {
            break;
        }
        if let Kind::Map(_) = item.kind {
            let named =
                reader.named(item, OPERATOR.what(), |name| OPERATOR.read("operators", name), |name| name, Name::new);
            members.extend(named.into_iter().flatten().map(|(operator, node)| member(operator, node, reader)));
        } else if let Some(operator) = reader.read(item, &OPERATOR, SERVES.name()) {
            members.push(RawMember { operator, penalty: 0 });
        }
    }
    members
}

fn member(operator: At<Name>, node: &Node, reader: &mut Reader) -> RawMember {
    let fields = reader.fields_of(node, &TERMS, &operator.span);
    RawMember { penalty: reader.or(&fields, &PENALTY), operator }
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
