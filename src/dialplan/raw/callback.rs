//! Callbacks as typed: how the callers of a queue are called back, and the step that promises it.

use std::{sync::Arc, time::Duration};

use super::{
    HOUR, MINUTE, SECOND,
    logic::Text,
    media::{RawSound, Sounds},
    step::{self, Body, RawAct, StepWord, Steps},
};
use crate::{
    dialplan::{
        plan::{Callback, First},
        word::{self, Count, Lasting, OneOf, Plain, YesNo},
    },
    domain::Name,
    yaml::{At, Either, Key, Kind, Mapping, Node, Or, Reader, Span},
};

/// The most that somebody is called in vain.
const MOST_ATTEMPTS: u32 = 10;

/// How callers are called back, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawCallback {
    pub(in crate::dialplan) trunk: Option<At<Name>>,
    pub(in crate::dialplan) first: First,
    pub(in crate::dialplan) to: Option<At<Name>>,
    pub(in crate::dialplan) never: Option<At<Name>>,
    pub(in crate::dialplan) hours: Option<At<Name>>,
    pub(in crate::dialplan) expires: Duration,
    pub(in crate::dialplan) attempts: u32,
    pub(in crate::dialplan) retry: Duration,
    pub(in crate::dialplan) ring: Duration,
    /// Whether he presses a key.
    pub(in crate::dialplan) confirm: bool,
    /// What he hears; nothing: sentences of ours.
    pub(in crate::dialplan) greeting: Vec<At<RawSound>>,
    pub(in crate::dialplan) span: Span,
}

/// The word for a number that the caller enters.
pub(in crate::dialplan) const ASK: &str = "ask";

/// A step that promises it, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawPromise {
    pub(in crate::dialplan) queue: Option<At<Name>>,
    /// `None`: the caller's; [`ASK`]: the caller's, or the one that he enters.
    pub(in crate::dialplan) number: Option<Text>,
    pub(in crate::dialplan) promised: Option<Body>,
    pub(in crate::dialplan) refused: Option<Body>,
}

const TRUNK: Key<Plain<Name>> = Key::optional(
    "trunk",
    word::REFERENCE.called("a trunk's name"),
    "Over which trunk they are called; the plan's only one when this is missing.",
);
const FIRST: Key<Or<OneOf<First>>> = Key::or(
    "first",
    OneOf {
        what: "`caller` or `operator`",
        words: &[
            ("caller", First::Caller, "the customer: no operator is rung before he has answered and taken the call"),
            (
                "operator",
                First::Operator,
                "an operator: he hears the customer's telephone ring, and talks to whoever answers",
            ),
        ],
    },
    First::Caller,
    "Who is called first.",
);
const TO: Key<Plain<Name>> = Key::optional(
    "to",
    word::REFERENCE.called("a list's name"),
    "The list of those who may be called; the numbers of the plan's `country`, but for services that cost more, when this is \
     missing. Numbers of the plan itself are never called.",
);
const NEVER: Key<Plain<Name>> = Key::optional(
    "never",
    word::REFERENCE.called("a list's name"),
    "A list of those who are not called, whatever `to` says.",
);
const HOURS: Key<Plain<Name>> = Key::optional(
    "hours",
    word::REFERENCE.called("hours of this plan"),
    "The opening hours in which they are called; whenever the queue is open when this is missing.",
);
const EXPIRES: Key<Or<Lasting>> = Key::or(
    "expires",
    Lasting::within(MINUTE.saturating_mul(5), HOUR.saturating_mul(24 * 14)),
    Callback::EXPIRES,
    "How long a promise holds. Who was not reached by then is not called any more.",
);
const ATTEMPTS: Key<Or<Count>> = Key::or(
    "attempts",
    Count { what: "a number of attempts", from: 1, to: MOST_ATTEMPTS },
    Callback::ATTEMPTS,
    "How often somebody is called who does not answer.",
);
const RETRY: Key<Or<Lasting>> = Key::or(
    "retry",
    Lasting::within(MINUTE, HOUR.saturating_mul(24)),
    Callback::RETRY,
    "How long after an attempt in vain he is called again.",
);
const RING: Key<Or<Lasting>> = Key::or(
    "ring",
    Lasting::seconds(SECOND.saturating_mul(5), MINUTE.saturating_mul(2)),
    Callback::RING,
    "How long his telephone rings.",
);
const CONFIRM: Key<Or<YesNo>> = Key::or(
    "confirm",
    YesNo,
    true,
    "Whether he presses 1 when he has answered: a voicemail never does, and would take an operator's time.",
);
const GREETING: Key<Sounds> = Key::optional(
    "greeting",
    Sounds,
    "What he hears when he answers: a sound or a list of sounds; that it is the call that he asked for, and which key to press, \
     when this is missing.",
);

const CALLED_BACK: Mapping = Mapping {
    what: "`callback`",
    keys: &[&TRUNK, &FIRST, &TO, &NEVER, &HOURS, &EXPIRES, &ATTEMPTS, &RETRY, &RING, &CONFIRM, &GREETING],
};

/// `callback` of a queue.
pub(super) const CALLBACK: Key<Mapping> = Key::optional(
    "callback",
    CALLED_BACK,
    "How callers are called back whom the step `callback` promises it; `{}` takes all as it is by default. Nobody is promised \
     it without.",
);

/// Reads how callers are called back.
pub(super) fn of_queue(node: &Node, owner: &Span, reader: &mut Reader) -> Option<RawCallback> {
    let fields = reader.fields(node, &CALLED_BACK, owner)?;
    Some(RawCallback {
        trunk: reader.maybe(&fields, &TRUNK),
        first: reader.or(&fields, &FIRST),
        to: reader.maybe(&fields, &TO),
        never: reader.maybe(&fields, &NEVER),
        hours: reader.maybe(&fields, &HOURS),
        expires: reader.or(&fields, &EXPIRES),
        attempts: reader.or(&fields, &ATTEMPTS),
        retry: reader.or(&fields, &RETRY),
        ring: reader.or(&fields, &RING),
        confirm: reader.or(&fields, &CONFIRM),
        greeting: fields.get(&GREETING).map(|node| reader.media(node)).unwrap_or_default(),
        span: node.span.clone(),
    })
}

const A_QUEUE: Plain<Name> = word::REFERENCE.called("a queue's name");

const QUEUE: Key<Plain<Name>> =
    Key::required("queue", "queue: sales", A_QUEUE, "The queue in which he keeps his place; it has `callback`.");
const NUMBER: Key<Plain<Arc<str>>> = Key::optional(
    "number",
    word::VALUE,
    "The number that is called; the one that he calls from when this is missing. `ask`: he is told that one and may enter another, \
     which he hears and confirms.",
);
const PROMISED: Key<Steps> = Key::optional(
    "promised",
    Steps,
    "The step, or the steps, when it is promised; he is told so, and the call ends, when this is missing.",
);
const REFUSED: Key<Steps> = Key::optional(
    "refused",
    Steps,
    "The step, or the steps, when that number is not called; when this is missing he is told so, and the call goes on behind the \
     step, or waits in the queue where nothing stands behind it.",
);

const PROMISES: Mapping = Mapping { what: "the step `callback`", keys: &[&QUEUE, &NUMBER, &PROMISED, &REFUSED] };

/// `callback: sales`, `callback: {queue: sales, number: "{{ entered }}"}`
pub(super) const STEP: StepWord = StepWord {
    key: &Key::optional(
        "callback",
        Either(&[&A_QUEUE, &PROMISES]),
        "Promises to call the caller back when it is his turn; `callback: sales` is `callback: {queue: sales}`.",
    ),
    alone: None,
    read: promise,
};

fn promise(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    if let Kind::Word(_) = &value.kind {
        let queue = reader.read(value, &A_QUEUE, QUEUE.name());
        return RawAct::Callback(RawPromise { queue, number: None, promised: None, refused: None });
    }
    let Some(fields) = reader.fields(value, &PROMISES, &key.span) else { return RawAct::Unread };
    let (queue, number) = (reader.needed(&fields, &QUEUE), reader.maybe(&fields, &NUMBER));
    let mut way = |key| fields.get(key).map(|node| step::body(node, reader));
    let (promised, refused) = (way(&PROMISED), way(&REFUSED));
    RawAct::Callback(RawPromise { queue, number, promised, refused })
}
