//! Public numbers as typed.

use super::answering::answering;
use crate::{
    dialplan::{
        plan::{Answering, NumberType},
        word,
    },
    domain::{Called, Country, Name, Reason},
    yaml::{At, Kind, Node, Read, Reader, Span},
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

fn number(number: At<Option<Called>>, node: &Node, reader: &mut Reader) -> RawNumber {
    const KEYS: &[&str] = &["flow", "type", "channels", "reserved", "when_full", "answer"];
    let fields = reader.fields_of(node, "a number", &number.span, KEYS);
    let kind = word::one_of("type", word::NUMBER_TYPES);
    let kind = reader.optional(&fields, "type", NumberType::Direct, "`direct`, `toll_free` or `always_shown`", kind);
    let typed = fields.get("channels");
    let channels = typed.and_then(|node| reader.value(node, "a number of channels", channels()));
    let reserved = fields.get("reserved").map(|node| reserved(node, typed.is_some(), reader));
    let when_full = fields.get("when_full").map(|node| when_full(node, reader));
    let when_full = when_full.unwrap_or(RawWhenFull::HangUp(Reason::Busy));
    let answer = answering(&fields, reader);
    let flow = reader.required(&fields, "flow", "flow: welcome");
    let flow = flow.and_then(|node| reader.value(node, "a flow's name", word::reference));
    RawNumber { number, kind, channels: channels.map(|at| at.value), reserved, when_full, answer, flow }
}

fn channels() -> impl Fn(&str) -> Read<u32> {
    word::count("channels", 1..=MOST_CHANNELS)
}

fn reserved(node: &Node, of_some: bool, reader: &mut Reader) -> RawReserved {
    let fields = reader.fields_of(node, "`reserved`", &node.span, &["for", "channels"]);
    let list = reader.required(&fields, "for", "for: vip");
    let list = list.and_then(|node| reader.value(node, "a list's name", word::reference));
    let kept = reader.required(&fields, "channels", "channels: 2");
    let kept = kept.and_then(|node| reader.value(node, "a number of channels", channels()));
    RawReserved { list, channels: kept, span: node.span.clone(), of_some }
}

fn when_full(node: &Node, reader: &mut Reader) -> RawWhenFull {
    match &node.kind {
        Kind::Map(_) => {
            let fields = reader.fields_of(node, "`when_full`", &node.span, &["flow"]);
            let flow = reader.required(&fields, "flow", "flow: welcome");
            RawWhenFull::Flow(flow.and_then(|node| reader.value(node, "a flow's name", word::reference)))
        }
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => {
            let when_full = word::one_of("when_full", word::WHEN_FULL);
            let read = reader.value(node, "`busy`, `congestion` or `{flow: ...}`", when_full);
            RawWhenFull::HangUp(read.map_or(Reason::Busy, |at| at.value))
        }
    }
}
