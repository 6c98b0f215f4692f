//! A plan as typed: every value read by itself, with its place. What only the whole plan can tell (whether a name means
//! anything, whether a flow ends) is not looked at here.

mod branches;
mod list;
mod logic;
mod media;
mod number;
mod record;
mod step;

use std::{sync::Arc, time::Duration};

use jiff::tz::TimeZone;

pub(super) use list::RawList;
pub(super) use logic::{RawSet, RawSwitch, Text};
pub(super) use number::{RawNumber, RawReserved, RawWhenFull};
pub(super) use record::RawRecord;
pub(super) use step::{Body, RawAct, RawChoice, RawMenu, RawStep};

use super::{
    hours::{
        Closing, Opening,
        text::{closing, opening},
    },
    plan::{Music, Strategy},
    word,
};
use crate::{
    domain::{Country, Name},
    yaml::{At, Fields, Node, Reader, Span},
};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// Of so many flows and queues it is told how to name them.
const MOST_HINTS: usize = 10_000;

/// A plan as typed.
#[derive(Debug)]
pub(super) struct RawPlan {
    pub(super) exchange: Option<At<Name>>,
    pub(super) timezone: Option<At<TimeZone>>,
    /// In which texts are said.
    pub(super) language: Option<At<Arc<str>>>,
    pub(super) country: Option<At<Country>>,
    pub(super) numbers: Vec<RawNumber>,
    pub(super) lists: Vec<RawList>,
    pub(super) operators: Vec<RawOperator>,
    pub(super) hours: Vec<RawHours>,
    pub(super) queues: Vec<RawQueue>,
    pub(super) flows: Vec<RawFlow>,
}

/// An operator as typed.
#[derive(Debug)]
pub(super) struct RawOperator {
    pub(super) name: At<Name>,
    pub(super) dial: Option<At<Arc<str>>>,
}

/// Opening hours as typed.
#[derive(Debug)]
pub(super) struct RawHours {
    pub(super) name: At<Name>,
    pub(super) timezone: Option<At<TimeZone>>,
    /// Whether a time zone was typed, be it a right one or not.
    pub(super) zoned: bool,
    pub(super) open: Vec<Opening>,
    pub(super) closed: Vec<Closing>,
}

/// A queue as typed.
#[derive(Debug)]
pub(super) struct RawQueue {
    pub(super) name: At<Name>,
    pub(super) operators: Vec<At<Name>>,
    pub(super) strategy: Strategy,
    pub(super) ring: Duration,
    pub(super) wrap_up: Duration,
    pub(super) retry: Duration,
    pub(super) music: Music,
    pub(super) max_wait: Option<RawMaxWait>,
}

/// A limit to waiting as typed.
#[derive(Debug)]
pub(super) struct RawMaxWait {
    pub(super) after: Duration,
    pub(super) go: Option<Body>,
}

/// A flow as typed.
#[derive(Debug)]
pub(super) struct RawFlow {
    pub(super) name: At<Name>,
    pub(super) body: Body,
}

/// Whether a time zone was typed for the whole plan, for checks that ask for one.
pub(super) struct Zoned(pub(super) bool);

/// Reads a plan. `None`: it is no mapping at all.
pub(super) fn read(node: &Node, reader: &mut Reader) -> Option<(RawPlan, Zoned)> {
    const KEYS: &[&str] =
        &["exchange", "timezone", "language", "country", "numbers", "lists", "operators", "hours", "queues", "flows"];
    let start = node.span.start..node.span.start;
    hint(node, reader);
    let fields = reader.fields(node, "a plan", &start, KEYS)?;
    let exchange = reader.required(&fields, "exchange", "exchange: my_office");
    let exchange = exchange.and_then(|node| reader.value(node, "the exchange's name", word::name));
    let timezone = fields.get("timezone").and_then(|node| reader.value(node, "a time zone", word::time_zone));
    let language = fields.get("language").and_then(|node| reader.value(node, "a language", word::language));
    let country = fields.get("country").and_then(|node| reader.value(node, "a country", word::country));
    let numbers = reader.required(&fields, "numbers", "numbers: {\"+47 800 12 345\": {flow: welcome}}");
    let numbers =
        numbers.map(|node| number::all(node, country.as_ref().map(|at| at.value), reader)).unwrap_or_default();
    let flows = reader.required(&fields, "flows", "flows: {welcome: [answer, {play: sound:hello-world}]}");
    let lists = section(&fields, "lists", reader, list::list);
    let operators = section(&fields, "operators", reader, operator);
    let hours = section(&fields, "hours", reader, hours_of);
    let queues = section(&fields, "queues", reader, queue);
    let flows = flows.map(|node| all_flows(node, reader)).unwrap_or_default();
    let zoned = Zoned(fields.get("timezone").is_some());
    Some((RawPlan { exchange, timezone, language, country, numbers, lists, operators, hours, queues, flows }, zoned))
}

/// Somebody who writes `1: sales` means the queue of that name: a name that stands where a step should be is told as one.
fn hint(plan: &Node, reader: &mut Reader) {
    for (section, step) in [("flows", "flow"), ("queues", "queue")] {
        for name in plan.keys_in(section).take(MOST_HINTS) {
            reader.hints.insert(name.into(), format!("{{{step}: {name}}}"));
        }
    }
}

/// Named things of one kind; none when the plan has no such section.
fn section<T>(
    fields: &Fields<'_>,
    key: &'static str,
    reader: &mut Reader,
    read: fn(At<Name>, &Node, &mut Reader) -> T,
) -> Vec<T> {
    let named = fields.get(key).and_then(|node| reader.named(node, key, word::name, as_str, Name::new));
    let named = named.unwrap_or_default().into_iter();
    named.filter_map(|(name, node)| reader.goes_on().then(|| read(name, node, reader))).collect()
}

fn as_str(name: &Name) -> &str {
    name
}

fn operator(name: At<Name>, node: &Node, reader: &mut Reader) -> RawOperator {
    let fields = reader.fields_of(node, "an operator", &name.span, &["dial"]);
    let dial = reader.required(&fields, "dial", "dial: PJSIP/anna");
    let dial = dial.and_then(|node| reader.value(node, "a dial string", word::dial));
    RawOperator { name, dial }
}

fn hours_of(name: At<Name>, node: &Node, reader: &mut Reader) -> RawHours {
    let fields = reader.fields_of(node, "hours", &name.span, &["open", "closed", "timezone"]);
    let open = reader.required(&fields, "open", "open: [Mo-Fr 08:00-16:00]");
    let open = open.filter(|node| !reader.is_empty(node, "these hours are never open", "[Mo-Fr 08:00-16:00]"));
    let open = open.map(|node| reader.values(node, "a list of opening times", opening)).unwrap_or_default();
    let closed = fields.get("closed").map(|node| reader.values(node, "a list of closed days", closing));
    let timezone = fields.get("timezone").and_then(|node| reader.value(node, "a time zone", word::time_zone));
    RawHours {
        name,
        timezone,
        zoned: fields.get("timezone").is_some(),
        open: open.into_iter().map(|at| at.value).collect(),
        closed: closed.into_iter().flatten().map(|at| at.value).collect(),
    }
}

fn queue(name: At<Name>, node: &Node, reader: &mut Reader) -> RawQueue {
    const KEYS: &[&str] = &["operators", "strategy", "ring", "wrap_up", "retry", "music", "max_wait"];
    let fields = reader.fields_of(node, "a queue", &name.span, KEYS);
    let node = reader.required(&fields, "operators", "operators: [anna]");
    let node = node.filter(|node| !reader.is_empty(node, "a queue without operators serves nobody", "[anna]"));
    let operators = node.map(|node| reader.values(node, "a list of operators", word::reference)).unwrap_or_default();
    let mut time = |key: &'static str, default, limits, whole| {
        reader.optional(&fields, key, default, "a duration", word::duration(key, limits, whole))
    };
    let ring = time("ring", SECOND * 15, SECOND..=MINUTE * 10, true);
    let wrap_up = time("wrap_up", Duration::ZERO, Duration::ZERO..=HOUR, false);
    let retry = time("retry", SECOND * 5, Duration::ZERO..=HOUR, false);
    let strategy = word::one_of("strategy", word::STRATEGIES);
    let strategy = reader.optional(&fields, "strategy", Strategy::RingAll, "a strategy", strategy);
    let music =
        reader.optional(&fields, "music", Music::Default, "a class of music, or `none`", word::music_while_waiting);
    let max_wait = fields.get("max_wait").and_then(|node| max_wait(node, &name.span, reader));
    RawQueue { name, operators, strategy, ring, wrap_up, retry, music, max_wait }
}

fn max_wait(node: &Node, owner: &Span, reader: &mut Reader) -> Option<RawMaxWait> {
    let fields = reader.fields(node, "`max_wait`", owner, &["after", "go"])?;
    let after = reader.required(&fields, "after", "after: 10m");
    let limits = word::duration("after", SECOND..=HOUR * 24, false);
    let after = after.and_then(|node| reader.value(node, "a duration", limits));
    let go = reader.required(&fields, "go", "go: {hangup: busy}");
    let go = go.map(|node| step::body(node, reader));
    Some(RawMaxWait { after: after.map_or(MINUTE, |at| at.value), go })
}

fn all_flows(node: &Node, reader: &mut Reader) -> Vec<RawFlow> {
    if reader.is_empty(node, "a plan needs a flow", "welcome: [answer, {play: sound:hello-world}]") {
        return Vec::new();
    }
    let named = reader.named(node, "flows", word::name, as_str, Name::new).unwrap_or_default();
    named.into_iter().map(|(name, node)| RawFlow { body: step::flow(&name, node, reader), name }).collect()
}
