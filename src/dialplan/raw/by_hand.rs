//! The step that overrides hours, as typed.

use super::step::{RawAct, StepWord};
use crate::{
    dialplan::{
        hours::{LONGEST, Override, SHORTEST, Until},
        word::{self, Lasting, OneOf, Plain, Rule},
    },
    domain::Name,
    yaml::{Fault, Fields, Key, Mapping, Node, Reader},
};

/// How hours may stand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stand {
    Open,
    Closed,
    Plan,
}

const STAND: OneOf<Stand> = OneOf {
    what: "`open`, `closed` or `plan`",
    words: &[
        ("open", Stand::Open, "open, whatever the plan says"),
        ("closed", Stand::Closed, "closed, whatever the plan says"),
        ("plan", Stand::Plan, "as the plan says again"),
    ],
};

const END: Plain<Until> = Plain::new("a time", Until::parse, &ENDS);

const ENDS: Rule = Rule {
    also: &[],
    pattern: String::new,
    examples: &["18:00", "24:00", "2027-05-17T09:00"],
    docs: "A time of day, `24:00` for the end of the day, or a moment; by the clock of the hours.",
};

const HOURS: Key<Plain<Name>> = Key::required(
    "hours",
    "hours: office",
    word::REFERENCE.called("the name of opening hours"),
    "The name of the opening hours.",
);
const TO: Key<OneOf<Stand>> = Key::required("to", "to: closed", STAND, "How they are from now on, for every call.");
const FOR: Key<Lasting> = Key::optional("for", Lasting::within(SHORTEST, LONGEST), "How long.");
const UNTIL: Key<Plain<Until>> =
    Key::optional("until", END, "Until when. Without `for` and `until`: until somebody says otherwise.");

const KEYS: Mapping = Mapping { what: "the step `override`", keys: &[&HOURS, &TO, &FOR, &UNTIL] };

pub(super) const OVERRIDE: StepWord = StepWord {
    key: &Key::optional(
        "override",
        KEYS,
        "Lets opening hours be open or closed for every call, whatever the plan says, and goes on behind it at once.",
    ),
    alone: None,
    read,
};

/// `override: {hours: office, to: closed, until: "24:00"}`
fn read(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, &KEYS, &key.span) else { return RawAct::Unread };
    let of = reader.needed(&fields, &HOURS);
    let stand = reader.needed(&fields, &TO);
    let until = until(&fields, reader);
    let how = match stand.map(|stand| stand.value) {
        Some(Stand::Open) => Override::Stand { open: true, until },
        Some(Stand::Closed) => Override::Stand { open: false, until },
        Some(Stand::Plan) => {
            if let Some(node) = fields.get(&FOR).or_else(|| fields.get(&UNTIL)) {
                let fault = Fault::error(&node.span, "the plan says itself how long its hours are open");
                reader.tell(fault.remedy("take it out: `to: plan` is for good"));
            }
            Override::Plan
        }
        None => return RawAct::Unread,
    };
    RawAct::Override { of, how }
}

fn until(fields: &Fields<'_>, reader: &mut Reader) -> Option<Until> {
    let wait = reader.maybe(fields, &FOR).map(|at| Until::After(at.value));
    let end = reader.maybe(fields, &UNTIL).map(|at| at.value);
    if let (Some(_), Some(node)) = (fields.get(&FOR), fields.get(&UNTIL)) {
        let fault = Fault::error(&node.span, "there are two ends: `for` and `until`");
        reader.tell(fault.remedy("keep one of the two"));
    }
    wait.or(end)
}
