//! The step that overrides hours, as typed.

use super::step::RawAct;
use crate::{
    dialplan::{
        hours::{Override, Until},
        word,
    },
    yaml::{Fault, Fields, Node, Reader},
};

/// How hours may stand.
#[derive(Clone, Copy)]
enum Stand {
    Open,
    Closed,
    Plan,
}

const STANDS: &[(&str, Stand)] = &[("open", Stand::Open), ("closed", Stand::Closed), ("plan", Stand::Plan)];

/// `override: {hours: office, to: closed, until: "24:00"}`
pub(super) fn read(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, "the step `override`", &key.span, &["hours", "to", "for", "until"]) else {
        return RawAct::Unread;
    };
    let of = reader.required(&fields, "hours", "hours: office");
    let of = of.and_then(|node| reader.name_of(node, "the name of opening hours"));
    let stand = reader.required(&fields, "to", "to: closed");
    let stand = stand.and_then(|node| reader.value(node, "`open`, `closed` or `plan`", word::one_of("`to`", STANDS)));
    let until = until(&fields, reader);
    let how = match stand.map(|stand| stand.value) {
        Some(Stand::Open) => Override::Stand { open: true, until },
        Some(Stand::Closed) => Override::Stand { open: false, until },
        Some(Stand::Plan) => {
            if let Some(node) = fields.get("for").or_else(|| fields.get("until")) {
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
    let wait = fields.get("for").and_then(|node| reader.value(node, "a duration", Until::after).map(|at| at.value));
    let end = fields.get("until").and_then(|node| reader.value(node, "a time", Until::parse).map(|at| at.value));
    if let (Some(_), Some(node)) = (fields.get("for"), fields.get("until")) {
        let fault = Fault::error(&node.span, "there are two ends: `for` and `until`");
        reader.tell(fault.remedy("keep one of the two"));
    }
    wait.or(end)
}
