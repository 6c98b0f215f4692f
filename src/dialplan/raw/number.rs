//! Public numbers as typed.

use super::{
    answering::{ANSWER, answering},
    tariff::{self, tariff},
};
use crate::{
    dialplan::{
        plan::{Answering, NumberType},
        word::{self, Count, OneOf, Plain},
    },
    domain::{Called, Country, Name, Reason, Tariff},
    yaml::{At, Either, Key, Kind, Mapping, Node, Or, Reader, Span},
};

/// The most calls that a number may take at once.
const MOST_CHANNELS: u32 = 10_000;

/// A public number as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawNumber {
    /// `None`: it could not be read.
    pub(in crate::dialplan) number: At<Option<Called>>,
    pub(in crate::dialplan) kind: NumberType,
    pub(in crate::dialplan) channels: Option<u32>,
    pub(in crate::dialplan) reserved: Option<RawReserved>,
    pub(in crate::dialplan) when_full: RawWhenFull,
    pub(in crate::dialplan) answer: Answering,
    pub(in crate::dialplan) tariff: Option<Tariff>,
    pub(in crate::dialplan) flow: Option<At<Name>>,
}

/// Channels that are kept for some callers, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawReserved {
    pub(in crate::dialplan) list: Option<At<Name>>,
    pub(in crate::dialplan) channels: Option<At<u32>>,
    /// Where it is typed.
    pub(in crate::dialplan) span: Span,
    /// Whether the number has channels, be they read or not.
    pub(in crate::dialplan) of_some: bool,
}

/// What comes of one call too many, as typed.
#[derive(Debug)]
pub(in crate::dialplan) enum RawWhenFull {
    HangUp(Reason),
    /// `None`: it could not be read.
    Flow(Option<At<Name>>),
}

/// Reads all numbers of a plan. Those written within a country are of `country`.
pub(super) fn all(node: &Node, country: Option<Country>, reader: &mut Reader) -> Vec<RawNumber> {
    if reader.is_empty(node, "a plan needs a number", "\"+47 800 12 345\": {flow: welcome}") {
        return Vec::new();
    }
    let named = reader.named(
        node,
        "numbers",
        |text| word::called(text, country).map(Some),
        |number| number.as_ref().map_or("", Called::bare),
        |_| None,
    );
    named.unwrap_or_default().into_iter().map(|(key, node)| number(key, node, reader)).collect()
}

const FLOW: Key<Plain<Name>> = Key::required(
    "flow",
    "flow: welcome",
    word::REFERENCE.called("a flow's name"),
    "The flow with which a call begins.",
);
const TYPE: Key<Or<OneOf<NumberType>>> = Key::or(
    "type",
    word::NUMBER_TYPES,
    NumberType::Direct,
    "Who pays for a call, and whether a caller may withhold his number.",
);
const CHANNELS: Key<Count> = Key::optional(
    "channels",
    CALLS,
    "How many calls the number takes at once; no limit of its own when it is missing.",
);
const RESERVED: Key<Mapping> =
    Key::optional("reserved", KEPT, "So many of the `channels` are kept for callers of a list.");
const WHEN_FULL: Key<Either> = Key::optional(
    "when_full",
    Either(&[&word::WHEN_FULL, &INSTEAD]),
    "What one call more than the `channels` meets: what it is told (`busy` when this is missing), or the flow that it goes \
     to instead.",
);

/// A public number.
pub(super) const NUMBER: Mapping =
    Mapping { what: "a number", keys: &[&FLOW, &TYPE, &CHANNELS, &RESERVED, &WHEN_FULL, &ANSWER, &tariff::OF_NUMBER] };

fn number(number: At<Option<Called>>, node: &Node, reader: &mut Reader) -> RawNumber {
    let fields = reader.fields_of(node, &NUMBER, &number.span);
    let kind = reader.or(&fields, &TYPE);
    let channels = reader.maybe(&fields, &CHANNELS);
    let of_some = fields.get(&CHANNELS).is_some();
    let reserved = fields.get(&RESERVED).map(|node| reserved(node, of_some, reader));
    let when_full = fields.get(&WHEN_FULL).map(|node| when_full(node, reader));
    let when_full = when_full.unwrap_or(RawWhenFull::HangUp(Reason::Busy));
    let answer = fields.get(&ANSWER).map_or(Answering::AtOnce, |node| answering(node, reader));
    let tariff = tariff(&fields, &tariff::OF_NUMBER, reader);
    let flow = reader.needed(&fields, &FLOW);
    RawNumber { number, kind, channels: channels.map(|at| at.value), reserved, when_full, answer, tariff, flow }
}

const CALLS: Count = Count { what: "a number of channels", from: 1, to: MOST_CHANNELS };

const FOR: Key<Plain<Name>> =
    Key::required("for", "for: vip", word::REFERENCE.called("a list's name"), "The list of those callers.");
const KEEPS: Key<Count> = Key::required("channels", "channels: 2", CALLS, "How many channels are kept for them.");

const KEPT: Mapping = Mapping { what: "`reserved`", keys: &[&FOR, &KEEPS] };

fn reserved(node: &Node, of_some: bool, reader: &mut Reader) -> RawReserved {
    let fields = reader.fields_of(node, &KEPT, &node.span);
    let list = reader.needed(&fields, &FOR);
    let channels = reader.needed(&fields, &KEEPS);
    RawReserved { list, channels, span: node.span.clone(), of_some }
}

const GOES: Key<Plain<Name>> = Key::required(
    "flow",
    "flow: welcome",
    word::REFERENCE.called("a flow's name"),
    "The flow that such a call goes to. It takes none of the number's channels.",
);

const INSTEAD: Mapping = Mapping { what: "`when_full`", keys: &[&GOES] };

fn when_full(node: &Node, reader: &mut Reader) -> RawWhenFull {
    match &node.kind {
        Kind::Map(_) => {
            let fields = reader.fields_of(node, &INSTEAD, &node.span);
            RawWhenFull::Flow(reader.needed(&fields, &GOES))
        }
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => {
            let read = reader.read(node, &word::WHEN_FULL, WHEN_FULL.name());
            RawWhenFull::HangUp(read.map_or(Reason::Busy, |at| at.value))
        }
    }
}
