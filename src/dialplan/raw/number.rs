//! Public numbers as typed.

use crate::{
    dialplan::word,
    domain::{Called, Country, Name, Reason},
    yaml::{At, Node, Reader},
};

/// The most calls that a number may take at once.
const MOST_CHANNELS: u32 = 10_000;

/// A public number as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawNumber {
    /// `None`: it could not be read.
    pub(in crate::dialplan) number: At<Option<Called>>,
    pub(in crate::dialplan) channels: Option<u32>,
    pub(in crate::dialplan) when_full: Reason,
    pub(in crate::dialplan) flow: Option<At<Name>>,
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
    let fields = reader.fields_of(node, "a number", &number.span, &["flow", "channels", "when_full"]);
    let channels = word::count("channels", 1..=MOST_CHANNELS);
    let channels = fields.get("channels").and_then(|node| reader.value(node, "a number of channels", channels));
    let when_full = word::one_of("when_full", word::WHEN_FULL);
    let when_full = reader.optional(&fields, "when_full", Reason::Busy, "`busy` or `congestion`", when_full);
    let flow = reader.required(&fields, "flow", "flow: welcome");
    let flow = flow.and_then(|node| reader.value(node, "a flow's name", word::reference));
    RawNumber { number, channels: channels.map(|at| at.value), when_full, flow }
}
