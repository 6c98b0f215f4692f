//! What becomes of the operators' duty, as a test writes it: `duty: {anna: sign_out, boris: {does: pause, after: 20s}}`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Known, Stagehand, words::DAY};
use crate::{
    dialplan::{
        DutyChange,
        word::{self, Lasting, OneOf, Plain},
    },
    domain::Name,
    scenario::duty::DutyDeed,
    yaml::{At, Described as _, Fault, Key, Kind, Mapping, Node, Shape, Shared, Word as _},
};

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    SignIn,
    SignOut,
    Pause,
    Resume,
    EndWrapUp,
    ExtendWrapUp,
}

/// The words are those of the step `operator`.
const DOES: OneOf<Does> = OneOf {
    what: "what an operator does",
    words: &[
        ("sign_in", Does::SignIn, "he is there for his queues; a pause is over with it"),
        ("sign_out", Does::SignOut, "he is not there"),
        ("pause", Does::Pause, "he takes no calls of queues for a while"),
        ("resume", Does::Resume, "his pause is over"),
        ("wrap_up_end", Does::EndWrapUp, "his wrap-up is over"),
        ("wrap_up_extend", Does::ExtendWrapUp, "his wrap-up lasts longer, by `for`"),
    ],
};

const DOES_WHAT: Key<OneOf<Does>> = Key::required("does", "does: pause", DOES, "What he does.");
const AFTER: Key<Lasting> = Key::optional(
    "after",
    Lasting::within(Duration::ZERO, DAY),
    "So long after the caller has dialled; before he does when this is missing.",
);
const REASON: Key<Plain<Name>> = Key::optional(
    "reason",
    word::REFERENCE.called("a reason of pauses"),
    "With `pause`: why, one of the plan's `pauses`.",
);
const HOW_LONG: Key<Lasting> = Key::optional(
    "for",
    Lasting::within(DutyChange::SHORTEST, DutyChange::LONGEST),
    "With `pause`: how long, whatever `pauses` says. With `wrap_up_extend`: how much longer.",
);

const DEED: Mapping =
    Mapping { what: "what becomes of an operator's duty", keys: &[&DOES_WHAT, &AFTER, &REASON, &HOW_LONG] };

/// One of them or a list: a word alone is how he is found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Duties;

impl Shape for Duties {
    fn schema(&self, shared: &mut Shared) -> Value {
        let deed = json!({ "anyOf": [DOES_WHAT.schema(shared), DEED.schema(shared)] });
        json!({ "anyOf": [deed, { "type": "array", "items": deed, "minItems": 1 }] })
    }
}

/// Reads what becomes of the operators' duty.
pub(super) fn duty(node: &Node, hand: &mut Stagehand<'_>) -> Vec<DutyDeed> {
    let name = |text: &str| Ok(Name::new(text));
    let named = hand.reader.named(node, "operators and what becomes of their duty", name, |name| name, Name::new);
    let mut deeds = Vec::new();
    for (name, node) in named.unwrap_or_default() {
        hand.knows(&name, Known::Operator);
        if hand.reader.is_empty(node, "nothing becomes of his duty", "sign_out") {
            continue;
        }
        let items = if let Kind::List(items) = &node.kind { items.as_slice() } else { std::slice::from_ref(node) };
        for item in items {
            if hand.reader.goes_on() {
                deeds.extend(deed(&name, item, hand));
            }
        }
    }
    deeds
}

fn deed(operator: &At<Name>, node: &Node, hand: &mut Stagehand<'_>) -> Option<DutyDeed> {
    let operator_name = operator.value.clone();
    if let Kind::Word(_) = &node.kind {
        let does = hand.reader.value(node, DOES.what(), |text| DOES.read(DOES_WHAT.name(), text))?;
        return Some(DutyDeed { operator: operator_name, change: change(&does, None, None, hand)?, after: None });
    }
    let fields = hand.reader.fields(node, &DEED, &(node.span.start..node.span.start))?;
    let does = hand.reader.needed(&fields, &DOES_WHAT);
    let after = hand.reader.maybe(&fields, &AFTER).map(|at| at.value);
    let reason = hand.reader.maybe(&fields, &REASON);
    let lasts = hand.reader.maybe(&fields, &HOW_LONG);
    let change = change(&does?, reason, lasts, hand)?;
    Some(DutyDeed { operator: operator_name, change, after })
}

fn change(
    does: &At<Does>,
    reason: Option<At<Name>>,
    lasts: Option<At<Duration>>,
    hand: &mut Stagehand<'_>,
) -> Option<DutyChange> {
    let is_pause = does.value == Does::Pause;
    if let Some(reason) = &reason {
        if !is_pause {
            let fault = Fault::error(&reason.span, "only a pause has a reason");
            hand.reader.tell(fault.remedy("take it out, or write `does: pause`"));
        } else if !hand.plan.pauses.is_empty() {
            hand.knows(reason, Known::Pause);
        }
    }
    if let Some(lasts) = lasts.as_ref().filter(|_| !is_pause && does.value != Does::ExtendWrapUp) {
        let fault = Fault::error(&lasts.span, "this lasts until somebody says otherwise");
        hand.reader.tell(fault.remedy("take `for` out: it is of use with `pause` and `wrap_up_extend`"));
    }
    Some(match does.value {
        Does::SignIn => DutyChange::SignIn,
        Does::SignOut => DutyChange::SignOut,
        Does::Pause => DutyChange::Pause { reason: reason.map(|at| at.value), lasts: lasts.map(|at| at.value) },
        Does::Resume => DutyChange::Resume,
        Does::EndWrapUp => DutyChange::EndWrapUp,
        Does::ExtendWrapUp => {
            if lasts.is_none() {
                let fault = Fault::error(&does.span, "it is not said by how much his wrap-up is longer");
                hand.reader.tell(fault.remedy("write `{does: wrap_up_extend, for: 1m}`"));
            }
            DutyChange::ExtendWrapUp(lasts?.value)
        }
    })
}
