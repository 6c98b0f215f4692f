//! Days with other hours than the week's, as typed.

use crate::{
    dialplan::{
        hours::Closing,
        word::{self, Plain},
    },
    yaml::{At, Fault, Key, Many, Named, Node, Reader},
};

/// Special days as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawSpecial {
    pub(in crate::dialplan) days: At<Closing>,
    /// None: closed all day.
    pub(in crate::dialplan) times: Vec<At<(u16, u16)>>,
}

/// Times of a day; none: it is closed.
type Times = Vec<(u16, u16)>;

const TIMES: Many<Plain<Times>> = Many { one: word::SPECIAL_TIMES, least: 0 };

pub(super) const SPECIAL: Key<Named<Plain<Closing>, Many<Plain<Times>>>> = Key::optional(
    "special",
    Named { name: word::CLOSING, thing: TIMES, least: 0 },
    "Days with other hours than the week's, and the times of each, one or a list: `\"12-31\": 08:00-13:00`; `closed` or `[]` when \
     nobody is there. `closed` counts more.",
);

/// A day as typed, and as read if it could be.
struct Day {
    typed: String,
    days: Option<Closing>,
}

/// Reads special days. What cannot be read is told and left out.
pub(super) fn special(node: &Node, reader: &mut Reader) -> Vec<RawSpecial> {
    let read = |text: &str| {
        crate::dialplan::hours::text::closing(text).map(|days| Day { typed: text.into(), days: Some(days) })
    };
    let unread = |text: &str| Day { typed: text.into(), days: None };
    let named = reader.named(node, "`special`", read, |day| &day.typed, unread).unwrap_or_default();
    named.into_iter().filter_map(|(day, node)| one(day, node, reader)).collect()
}

fn one(day: At<Day>, node: &Node, reader: &mut Reader) -> Option<RawSpecial> {
    let before = reader.faults.len();
    let items = reader.words(node, &TIMES, "special");
    let closed = items.iter().find(|item| item.value.is_empty()).map(|item| item.span.clone());
    if let Some(span) = closed.filter(|_| items.len() > 1) {
        let fault = Fault::error(&span, "this day is closed, and has times");
        reader.tell(fault.remedy("keep `closed` alone, or the times"));
    }
    let times =
        items.iter().flat_map(|At { value, span }| value.iter().map(|time| At { value: *time, span: span.clone() }));
    // Times that could not be read are no closed day.
    let days = day.value.days.filter(|_| reader.faults.len() == before)?;
    Some(RawSpecial { days: At { value: days, span: day.span }, times: times.collect() })
}
