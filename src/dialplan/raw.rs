//! A plan as typed: every value read by itself, with its place. What only the whole plan can tell (whether a name means
//! anything, whether a flow ends) is not looked at here.

mod accept;
mod also;
mod announce;
mod answering;
mod ask;
mod branches;
mod by_extension;
mod by_hand;
mod callback;
mod desk;
mod dial;
mod duty;
mod language;
mod list;
mod logic;
mod media;
mod menu;
mod number;
mod pause;
mod phones;
mod queue;
mod record;
mod request;
mod require;
mod retry;
mod say;
mod shown;
mod special;
mod step;
mod sticky;
mod tariff;
mod terms;
mod tone;
mod waiting;

use std::time::Duration;

use jiff::tz::TimeZone;

pub(super) use accept::RawAccept;
pub(super) use announce::RawAnnounce;
pub(super) use ask::{RawAsk, RawConfirm};
pub(super) use by_extension::RawByExtension;
pub(super) use callback::{ASK, RawCallback, RawPromise};
pub(super) use desk::RawAtDesk;
pub(super) use dial::{PHONE_RINGS, RawDial, RawExtension, RawRinging, RawTarget, RawTrunk};
pub(super) use duty::{RawByPhone, RawDuty, RawPause};
pub(super) use list::RawList;
pub(super) use logic::{RawSet, RawSwitch, Text};
pub(super) use media::RawSound;
pub(super) use menu::{RawAsking, RawChoice, RawMenu};
pub(super) use number::{RawNumber, RawReserved, RawWhenFull};
pub(super) use phones::RawPhone;
pub(super) use queue::{RawMember, RawQueue};
pub(super) use record::RawRecord;
pub(super) use request::{RawJson, RawLookUp, RawRequest};
pub(super) use require::RawRequire;
pub(super) use say::RawSay;
pub(super) use special::RawSpecial;
use step::Steps;
pub(super) use step::{Body, RawAct, RawStep};
pub(super) use terms::{RawPenalties, RawRelax, RawSkills};
pub(super) use tone::RawTone;
pub(crate) use tone::{TONE, TONED, tone};

use super::{
    hours::{Closing, Opening},
    plan::{ShownName, ShownNumber},
    word::{self, Count, Plain, Rule},
};
use crate::{
    domain::{Country, Language, Name},
    yaml::{At, Either, Fault, Fields, Key, Kind, Many, Mapping, Named, Node, Reader, quoted},
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
    /// In which callers are spoken to; none when the plan names none.
    pub(super) languages: Vec<At<Language>>,
    pub(super) country: Option<At<Country>>,
    pub(super) numbers: Vec<RawNumber>,
    pub(super) lists: Vec<RawList>,
    pub(super) operators: Vec<RawOperator>,
    pub(super) pauses: Vec<RawPause>,
    pub(super) extensions: Vec<RawExtension>,
    pub(super) trunks: Vec<RawTrunk>,
    pub(super) hours: Vec<RawHours>,
    pub(super) queues: Vec<RawQueue>,
    pub(super) flows: Vec<RawFlow>,
}

/// An operator as typed.
#[derive(Debug)]
pub(super) struct RawOperator {
    pub(super) name: At<Name>,
    /// His telephones; none where there is a mistake in the only one.
    pub(super) phones: Vec<RawPhone>,
    pub(super) extension: Option<At<Name>>,
    pub(super) accept: Option<RawAccept>,
    pub(super) skills: RawSkills,
    /// `Some(None)`: the plan does not want to know.
    pub(super) device: Option<At<Option<Name>>>,
    /// `None`: nothing is said.
    pub(super) shows: Option<ShownNumber>,
    pub(super) shows_name: ShownName,
    pub(super) duty: RawDuty,
    pub(super) capacity: Option<At<u32>>,
}

/// Opening hours as typed.
#[derive(Debug)]
pub(super) struct RawHours {
    pub(super) name: At<Name>,
    pub(super) timezone: Option<At<TimeZone>>,
    /// Whether a time zone was typed, be it a right one or not.
    pub(super) zoned: bool,
    pub(super) open: Vec<Opening>,
    pub(super) closed: Vec<At<Closing>>,
    pub(super) special: Vec<RawSpecial>,
}

/// A flow as typed.
#[derive(Debug)]
pub(super) struct RawFlow {
    pub(super) name: At<Name>,
    pub(super) body: Body,
}

/// Whether a time zone was typed for the whole plan, for checks that ask for one.
pub(super) struct Zoned(pub(super) bool);

const EXCHANGE: Key<Plain<Name>> = Key::required(
    "exchange",
    "exchange: my_office",
    word::NAME.called("the exchange's name"),
    "The name of this exchange: letters a-z, digits and `_`.",
);
const TIMEZONE: Key<Plain<TimeZone>> =
    Key::optional("timezone", word::ZONE, "Whose clock opening hours and times in expressions go by.");
const COUNTRY: Key<Plain<Country>> = Key::optional(
    "country",
    word::COUNTRY,
    "The country whose numbers may be written without it: the two capital letters of ISO 3166.",
);
const NUMBERS: Key<Named<Rule, Mapping>> = Key::required(
    "numbers",
    "numbers: {\"+47 800 12 345\": {flow: welcome}}",
    Named { name: word::CALLED, thing: number::NUMBER, least: 1 },
    "The numbers that people call. Write them in quotes, with the country in front.",
);
const LISTS: Key<Section<Either>> =
    Key::optional("lists", named(list::LIST), "Lists of callers' numbers, by the names that this plan gives them.");
const OPERATORS: Key<Section<Mapping>> =
    Key::optional("operators", named(OPERATOR), "The people who answer, and the telephone of each.");
const PAUSES: Key<Section<Either>> = Key::optional(
    "pauses",
    named(duty::PAUSE),
    "Why operators pause, in words of the plan's own, and how long each lasts. Without them any word is a reason.",
);
const EXTENSIONS: Key<Section<Mapping>> = Key::optional(
    "extensions",
    Named { name: word::EXTENSION, thing: dial::EXTENSION, least: 0 },
    "Internal numbers that are no operator's: of other telephones, and of flows.",
);
const TRUNKS: Key<Section<Mapping>> =
    Key::optional("trunks", named(dial::TRUNK), "Ways to numbers outside, by the names that this plan gives them.");
const HOURS: Key<Section<Mapping>> = Key::optional("hours", named(HOURS_OF), "Opening hours: when somebody is there.");
const QUEUES: Key<Section<Mapping>> =
    Key::optional("queues", named(queue::QUEUE), "Where callers wait until one of the queue's operators is free.");
const FLOWS: Key<Section<Steps>> = Key::required(
    "flows",
    "flows: {welcome: [answer, {play: sound:hello-world}]}",
    Named { name: word::NAME, thing: Steps, least: 1 },
    "What happens with a call, step by step. A number names the flow with which its calls begin.",
);

/// A whole plan.
pub(super) const PLAN: Mapping = Mapping {
    what: "a plan",
    keys: &[
        &EXCHANGE,
        &TIMEZONE,
        &language::ONE,
        &language::SEVERAL,
        &COUNTRY,
        &NUMBERS,
        &LISTS,
        &OPERATORS,
        &PAUSES,
        &EXTENSIONS,
        &TRUNKS,
        &HOURS,
        &QUEUES,
        &FLOWS,
    ],
};

/// Things to which the plan gives names.
type Section<S> = Named<Plain<Name>, S>;

const fn named<S>(thing: S) -> Section<S> {
    Named { name: word::NAME, thing, least: 0 }
}

/// Reads a plan. `None`: it is no mapping at all.
pub(super) fn read(node: &Node, reader: &mut Reader) -> Option<(RawPlan, Zoned)> {
    let start = node.span.start..node.span.start;
    hint(node, reader);
    let fields = reader.fields(node, &PLAN, &start)?;
    let exchange = reader.needed(&fields, &EXCHANGE);
    let timezone = reader.maybe(&fields, &TIMEZONE);
    let languages = language::languages(&fields, reader);
    let country = reader.maybe(&fields, &COUNTRY);
    let numbers = reader.required(&fields, &NUMBERS);
    let numbers =
        numbers.map(|node| number::all(node, country.as_ref().map(|at| at.value), reader)).unwrap_or_default();
    let flows = reader.required(&fields, &FLOWS);
    let lists = section(&fields, &LISTS, reader, list::list);
    let within = country.as_ref().map(|at| at.value);
    let operators = section(&fields, &OPERATORS, reader, |name, node, reader| operator(name, node, within, reader));
    let pauses = section(&fields, &PAUSES, reader, duty::pause);
    let extensions = fields.get(&EXTENSIONS).map(|node| dial::extensions(node, reader)).unwrap_or_default();
    let trunks = fields.get(&TRUNKS).map(|node| dial::trunks(node, country.as_ref().map(|at| at.value), reader));
    let trunks = trunks.unwrap_or_default();
    let hours = section(&fields, &HOURS, reader, hours_of);
    let queues = section(&fields, &QUEUES, reader, queue::queue);
    let flows = flows.map(|node| all_flows(node, reader)).unwrap_or_default();
    let zoned = Zoned(fields.get(&TIMEZONE).is_some());
    let plan = RawPlan {
        exchange,
        timezone,
        languages,
        country,
        numbers,
        lists,
        operators,
        pauses,
        extensions,
        trunks,
        hours,
        queues,
        flows,
    };
    Some((plan, zoned))
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
fn section<T, S>(
    fields: &Fields<'_>,
    key: &Key<Section<S>>,
    reader: &mut Reader,
    read: impl Fn(At<Name>, &Node, &mut Reader) -> T,
) -> Vec<T> {
    let named = fields.get(key).and_then(|node| reader.named(node, key.name(), word::name, as_str, Name::new));
    let named = named.unwrap_or_default().into_iter();
    named.filter_map(|(name, node)| reader.goes_on().then(|| read(name, node, reader))).collect()
}

fn as_str(name: &Name) -> &str {
    name
}

const EXTENSION: Key<Plain<Name>> =
    Key::optional("extension", word::EXTENSION, "His internal number. No other number of the plan is like it.");

const DEVICE: Key<Plain<Option<Name>>> = Key::optional(
    "device",
    word::DEVICE,
    "What Asterisk calls his telephone, the first if he has several, when it says whether it is registered or in use: `PJSIP/anna` of \
     `dial: PJSIP/anna`. Who is in a call of his own, or not registered, is not rung. `false`: he is rung whatever Asterisk says.",
);

const CAPACITY: Key<Count> = Key::optional(
    "capacity",
    Count { what: "a number of calls", from: 1, to: 10 },
    "With how many callers he may talk at once, at his one telephone: while he talks with fewer, queues ring him for the next \
     when nobody who talks with less may be rung. 1 when it is missing.",
);

const OPERATOR: Mapping = Mapping {
    what: "an operator",
    keys: &[
        &phones::DIAL,
        &EXTENSION,
        &accept::ACCEPT,
        &terms::HAS,
        &DEVICE,
        &shown::OF_OPERATOR,
        &shown::NAME,
        &duty::SIGNED_IN,
        &duty::PIN,
        &CAPACITY,
    ],
};

/// Numbers written within a country are of `country`.
fn operator(name: At<Name>, node: &Node, country: Option<Country>, reader: &mut Reader) -> RawOperator {
    let fields = reader.fields_of(node, &OPERATOR, &name.span);
    let dial = reader.required(&fields, &phones::DIAL);
    let dial =
        dial.filter(|node| !reader.is_empty(node, "an operator without a telephone answers nothing", "PJSIP/anna"));
    let phones = dial.map(|node| phones::phones(node, reader)).unwrap_or_default();
    let extension = reader.maybe(&fields, &EXTENSION);
    let accept = fields.get(&accept::ACCEPT).and_then(|node| accept::accept(node, reader));
    let skills = fields.get(&terms::HAS).map(|node| terms::skills(node, reader)).unwrap_or_default();
    let device = reader.maybe(&fields, &DEVICE);
    let shows = shown::number(&shown::OF_OPERATOR, &fields, country, reader);
    let shows_name = reader.or(&fields, &shown::NAME);
    let duty = duty::duty(&fields, reader);
    let capacity = reader.maybe(&fields, &CAPACITY);
    RawOperator { name, phones, extension, accept, skills, device, shows, shows_name, duty, capacity }
}

const OPEN: Key<Many<Plain<Opening>>> = Key::required(
    "open",
    "open: [Mo-Fr 08:00-16:00]",
    Many { one: word::OPENING, least: 1 },
    "Times of the week at which it is open, one or a list.",
);
const CLOSED: Key<Many<Plain<Closing>>> = Key::optional(
    "closed",
    Many { one: word::CLOSING, least: 0 },
    "Days on which it is closed all day, one or a list. They count more than `open`.",
);
const OF_ZONE: Key<Plain<TimeZone>> =
    Key::optional("timezone", word::ZONE, "Whose clock these hours go by; the plan's when it is missing.");

const HOURS_OF: Mapping = Mapping { what: "hours", keys: &[&OPEN, &CLOSED, &special::SPECIAL, &OF_ZONE] };

fn hours_of(name: At<Name>, node: &Node, reader: &mut Reader) -> RawHours {
    let fields = reader.fields_of(node, &HOURS_OF, &name.span);
    let open = reader.required(&fields, &OPEN);
    let open = open.filter(|node| !reader.is_empty(node, "these hours are never open", "[Mo-Fr 08:00-16:00]"));
    let open = open.filter(|node| !days_as_keys(node, reader));
    let open = open.map(|node| reader.many(node, &OPEN)).unwrap_or_default();
    let closed = fields.get(&CLOSED).map(|node| reader.many(node, &CLOSED));
    let special = fields.get(&special::SPECIAL).map(|node| special::special(node, reader));
    let timezone = reader.maybe(&fields, &OF_ZONE);
    RawHours {
        name,
        timezone,
        zoned: fields.get(&OF_ZONE).is_some(),
        open: open.into_iter().map(|at| at.value).collect(),
        closed: closed.unwrap_or_default(),
        special: special.unwrap_or_default(),
    }
}

/// Whether days stand as keys, `{Mo: 08:00-16:00}`, and tells how they are written.
fn days_as_keys(node: &Node, reader: &mut Reader) -> bool {
    let Kind::Map(entries) = &node.kind else { return false };
    let together = entries.iter().map(|(days, times)| Some(format!("{} {}", days.as_word()?, times.as_word()?)));
    let Some(lines) = together.collect::<Option<Vec<_>>>() else { return false };
    let fault = Fault::error(&node.span, "days and times stand in one text here, and this is a mapping");
    reader.tell(fault.remedy(format!("write a list: {}", quoted(&format!("[{}]", lines.join(", "))))));
    true
}

fn all_flows(node: &Node, reader: &mut Reader) -> Vec<RawFlow> {
    if reader.is_empty(node, "a plan needs a flow", "welcome: [answer, {play: sound:hello-world}]") {
        return Vec::new();
    }
    let named = reader.named(node, "flows", word::name, as_str, Name::new).unwrap_or_default();
    named.into_iter().map(|(name, node)| RawFlow { body: step::flow(&name, node, reader), name }).collect()
}
