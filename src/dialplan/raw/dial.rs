//! Internal numbers, trunks and the step that dials, as typed.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{
    MINUTE, SECOND,
    desk::DESK,
    shown,
    step::{self, Body, RawAct, StepWord, Steps},
    tariff::{self, tariff},
};
use crate::{
    dialplan::{
        plan::{DialMode, Identity, Pattern, ShownNumber},
        word::{self, Count, Lasting, OneOf, Plain},
    },
    domain::{Country, Name, Tariff},
    yaml::{At, Either, Fault, Fields, Key, Kind, Many, Mapping, Node, Or, Reader},
};

/// How long a phone rings when the plan does not say.
pub(in crate::dialplan) const PHONE_RINGS: Duration = Duration::from_secs(30);

/// The most channels that a trunk may have.
const MOST_CHANNELS: u32 = 10_000;

/// The step `dial` as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawDial {
    pub(in crate::dialplan) to: Vec<At<RawTarget>>,
    pub(in crate::dialplan) mode: DialMode,
    pub(in crate::dialplan) trunk: Option<At<Name>>,
    pub(in crate::dialplan) ringing: RawRinging,
}

/// How long somebody is rung, and where the call goes when he does not answer, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawRinging {
    pub(in crate::dialplan) ring: Duration,
    pub(in crate::dialplan) busy: Option<Body>,
    pub(in crate::dialplan) no_answer: Option<Body>,
    pub(in crate::dialplan) unreachable: Option<Body>,
    pub(in crate::dialplan) otherwise: Option<Body>,
}

impl RawRinging {
    /// With nothing said of it.
    pub(super) const PLAIN: Self =
        Self { ring: PHONE_RINGS, busy: None, no_answer: None, unreachable: None, otherwise: None };

    /// The steps that stand inside it.
    pub(super) fn bodies(&self) -> impl Iterator<Item = &Body> {
        [&self.busy, &self.no_answer, &self.unreachable, &self.otherwise].into_iter().flatten()
    }

    /// Whether a call may go on behind the step without having been in any of them.
    pub(super) fn may_pass(&self) -> bool {
        let every = [&self.busy, &self.no_answer, &self.unreachable].into_iter().all(Option::is_some);
        !every && self.otherwise.is_none()
    }
}

/// Somebody to be rung, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dialplan) enum RawTarget {
    /// By his name.
    Named(Name),
    /// An internal number, or one outside.
    Digits(Arc<str>),
    /// What an expression gives.
    Computed(Arc<str>),
}

/// An internal number as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawExtension {
    pub(in crate::dialplan) number: At<Name>,
    pub(in crate::dialplan) dial: Option<At<Arc<str>>>,
    pub(in crate::dialplan) flow: Option<At<Name>>,
    /// Whether operators may sign in there.
    pub(in crate::dialplan) desk: Option<At<bool>>,
}

/// A trunk as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawTrunk {
    pub(in crate::dialplan) name: At<Name>,
    pub(in crate::dialplan) dial: Option<At<Pattern>>,
    pub(in crate::dialplan) channels: Option<u32>,
    pub(in crate::dialplan) shows: ShownNumber,
    pub(in crate::dialplan) identity: BTreeSet<Identity>,
    pub(in crate::dialplan) tariff: Option<Tariff>,
}

const TARGETS: Many<Plain<RawTarget>> = Many { one: word::TARGET, least: 1 };

const TO: Key<Many<Plain<RawTarget>>> = Key::required("to", "to: anna", TARGETS, "Who is rung, one or a list.");
const MODE: Key<Or<OneOf<DialMode>>> =
    Key::or("mode", word::DIAL_MODES, DialMode::InTurn, "In which order several are rung.");
pub(super) const RINGS: Key<Or<Lasting>> =
    Key::or("ring", Lasting::seconds(SECOND, MINUTE.saturating_mul(10)), PHONE_RINGS, "How long each telephone rings.");
const TRUNK_OF: Key<Plain<Name>> = Key::optional(
    "trunk",
    word::REFERENCE.called("a trunk's name"),
    "Over which trunk numbers outside are dialled; the plan's only one when this is missing.",
);
pub(super) const BUSY: Key<Steps> = Key::optional(
    "busy",
    Steps,
    "The step, or the steps, when all were engaged or declined; as `otherwise` when it is missing.",
);
pub(super) const NO_ANSWER: Key<Steps> = Key::optional(
    "no_answer",
    Steps,
    "The step, or the steps, when somebody's telephone rang and nobody took it; as `otherwise` when it is missing.",
);
pub(super) const UNREACHABLE: Key<Steps> = Key::optional(
    "unreachable",
    Steps,
    "The step, or the steps, when nobody could be rung; as `otherwise` when it is missing.",
);
const OTHERWISE: Key<Steps> = Key::optional(
    "otherwise",
    Steps,
    "The step, or the steps, in the cases that have no way of their own; the call goes on when this is missing.",
);

const DIALS: Mapping = Mapping {
    what: "the step `dial`",
    keys: &[&TO, &MODE, &RINGS, &TRUNK_OF, &BUSY, &NO_ANSWER, &UNREACHABLE, &OTHERWISE],
};

/// `dial: anna`, `dial: [anna, boris]`, `dial: {to: [anna, "+47 900 00 000"], ring: 20s}`
pub(super) const DIAL: StepWord = StepWord {
    key: &Key::optional(
        "dial",
        Either(&[&TARGETS, &DIALS]),
        "Rings somebody in particular, or several. The call ends with the conversation; it goes on when nobody answers.",
    ),
    alone: None,
    read: dial,
};

fn dial(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let fields = match &value.kind {
        Kind::Map(_) => match reader.fields(value, &DIALS, &key.span) {
            Some(fields) => fields,
            None => return RawAct::Unread,
        },
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => return RawAct::Dial(RawDial::plain(targets(value, reader))),
    };
    let to = reader.required(&fields, &TO);
    let to = to.map(|node| targets(node, reader)).unwrap_or_default();
    let (mode, trunk) = (reader.or(&fields, &MODE), reader.maybe(&fields, &TRUNK_OF));
    RawAct::Dial(RawDial { to, mode, trunk, ringing: ringing(&fields, &OTHERWISE, reader) })
}

impl RawDial {
    fn plain(to: Vec<At<RawTarget>>) -> Self {
        Self { to, mode: DialMode::InTurn, trunk: None, ringing: RawRinging::PLAIN }
    }
}

/// How somebody is rung. `otherwise`: that key, which says of its own what holds when it is missing.
pub(super) fn ringing(fields: &Fields<'_>, otherwise: &Key<Steps>, reader: &mut Reader) -> RawRinging {
    let ring = reader.or(fields, &RINGS);
    let mut way = |key| fields.get(key).map(|node| step::body(node, reader));
    let (busy, no_answer, unreachable) = (way(&BUSY), way(&NO_ANSWER), way(&UNREACHABLE));
    RawRinging { ring, busy, no_answer, unreachable, otherwise: way(otherwise) }
}

fn targets(node: &Node, reader: &mut Reader) -> Vec<At<RawTarget>> {
    if reader.is_empty(node, "here nobody is dialled", "[anna, \"+47 900 00 000\"]") {
        return Vec::new();
    }
    reader.words(node, &TARGETS, TO.name())
}

/// Internal numbers that are no operator's.
pub(super) fn extensions(node: &Node, reader: &mut Reader) -> Vec<RawExtension> {
    let named = reader.named(node, "internal numbers", word::extension, |name| name, Name::new).unwrap_or_default();
    named.into_iter().map(|(number, node)| extension(number, node, reader)).collect()
}

const PHONE: Key<Plain<Arc<str>>> = Key::without(
    "flow",
    "dial",
    "dial: PJSIP/kitchen",
    word::DIAL,
    "The telephone that it rings, as Asterisk dials it.",
);
const LEADS: Key<Plain<Name>> = Key::optional(
    "flow",
    word::REFERENCE.called("a flow's name"),
    "The flow that a call to it goes to, instead of a telephone.",
);

/// An internal number.
pub(super) const EXTENSION: Mapping = Mapping { what: "an internal number", keys: &[&PHONE, &LEADS, &DESK] };

fn extension(number: At<Name>, node: &Node, reader: &mut Reader) -> RawExtension {
    let fields = reader.fields_of(node, &EXTENSION, &number.span);
    let flow = reader.maybe(&fields, &LEADS);
    let leads = fields.get(&LEADS).is_some();
    let dial = if leads { reader.maybe(&fields, &PHONE) } else { reader.needed(&fields, &PHONE) };
    if leads && fields.get(&PHONE).is_some() {
        let message = "an internal number rings a phone or leads to a flow, and this does both";
        reader.tell(Fault::error(&number.span, message).remedy("write `{dial: PJSIP/kitchen}` or `{flow: welcome}`"));
    }
    RawExtension { number, dial, flow, desk: reader.maybe(&fields, &DESK) }
}

/// Lines to the world. Numbers written within a country are of `country`.
pub(super) fn trunks(node: &Node, country: Option<Country>, reader: &mut Reader) -> Vec<RawTrunk> {
    let named = reader.named(node, "trunks", word::name, |name| name, Name::new).unwrap_or_default();
    named.into_iter().map(|(name, node)| trunk(name, node, country, reader)).collect()
}

const PATTERN: Key<Plain<Pattern>> = Key::required(
    "dial",
    "dial: \"PJSIP/{number}@provider\"",
    word::PATTERN,
    "What Asterisk is asked to dial for a number outside.",
);
const CHANNELS: Key<Count> = Key::optional(
    "channels",
    Count { what: "a number of channels", from: 1, to: MOST_CHANNELS },
    "How many calls to the outside it takes at once; no limit of its own when it is missing.",
);
/// A trunk.
pub(super) const TRUNK: Mapping =
    Mapping { what: "a trunk", keys: &[&PATTERN, &CHANNELS, &shown::OF_TRUNK, &shown::IDENTITY, &tariff::OF_TRUNK] };

fn trunk(name: At<Name>, node: &Node, country: Option<Country>, reader: &mut Reader) -> RawTrunk {
    let fields = reader.fields_of(node, &TRUNK, &name.span);
    let dial = reader.needed(&fields, &PATTERN);
    let channels = reader.maybe(&fields, &CHANNELS).map(|at| at.value);
    let shows = shown::number(&shown::OF_TRUNK, &fields, country, reader).unwrap_or_default();
    let identity = shown::identity(&fields, reader);
    RawTrunk { name, dial, channels, shows, identity, tariff: tariff(&fields, &tariff::OF_TRUNK, reader) }
}
