//! What the exchange remembers of the caller, from calls before.

use std::time::Duration;

use super::{Stagehand, words::Known};
use crate::{
    dialplan::word::{self, Lasting, Plain},
    domain::{Caller, Name, Time},
    engine::{KeptCallers, LeftPlace, Talked},
    yaml::{At, Fault, Key, Mapping, Named, Node, quoted},
};

/// So long before the call he talked to somebody.
const BEFORE: Duration = Duration::from_secs(3_600);

/// So long before the call he went.
const JUST_NOW: Duration = Duration::from_secs(1);

const TALKED_TO: Key<Plain<Name>> = Key::optional(
    "talked_to",
    word::REFERENCE.called("an operator's name"),
    "The operator who talked to him last, an hour ago; the queue has `sticky`.",
);

const LEFT_AFTER: Key<Lasting> = Key::optional(
    "left_after",
    Lasting::within(Duration::from_secs(1), Duration::from_secs(24 * 3_600)),
    "He went a second ago, after he had waited in this queue for so long; the queue has `keep_place_for`.",
);

const OF_QUEUE: Mapping = Mapping { what: "what a queue remembers of the caller", keys: &[&TALKED_TO, &LEFT_AFTER] };

pub(super) const REMEMBERED: Key<Named<Plain<Name>, Mapping>> = Key::optional(
    "remembered",
    Named { name: word::REFERENCE, thing: OF_QUEUE, least: 0 },
    "What queues remember of the caller from calls before; nothing when this is missing.",
);

/// Reads what is remembered of a caller with this number, who calls then.
pub(super) fn remembered(node: &Node, from: Option<&str>, at: Time, hand: &mut Stagehand<'_>) -> KeptCallers {
    let mut kept = KeptCallers::default();
    let caller = from.map(|from| Caller::from_wire(from, "", "").within(hand.plan.numbers.country()));
    let Some(caller) = caller.as_ref().and_then(Caller::number) else {
        let fault = Fault::error(&node.span, "nothing is remembered of a caller who withholds his number");
        hand.reader.tell(fault.remedy("add his number: `from: \"+47 900 00 000\"`, or take `remembered` out"));
        return kept;
    };
    let read = |text: &str| Ok(Name::new(text));
    let named = hand.reader.named(node, "queues and what each remembers", read, |name| name, Name::new);
    for (queue, node) in named.unwrap_or_default() {
        let Some(fields) = hand.reader.fields(node, &OF_QUEUE, &queue.span) else { continue };
        if !hand.knows(&queue, Known::Queue) {
            continue;
        }
        let operator = hand.reader.maybe(&fields, &TALKED_TO);
        let operator = operator.filter(|operator| hand.knows(operator, Known::Operator));
        if let Some(At { value: operator, span }) = operator {
            if hand.plan.queues.get(&queue.value).is_none_or(|queue| queue.sticky.is_none()) {
                let message = format!("queue {} remembers nobody's operator: it has no `sticky`", quoted(&queue.value));
                hand.reader.tell(Fault::error(&span, message).remedy("give it `sticky: {days: 30}` in the plan"));
            }
            let (queue, caller) = (queue.value.clone(), Name::new(caller));
            kept.talked.push(Talked { queue, caller, operator, at: at - BEFORE });
        }
        if let Some(At { value: waited, span }) = hand.reader.maybe(&fields, &LEFT_AFTER) {
            if hand.plan.queues.get(&queue.value).is_none_or(|queue| queue.keep_place_for.is_none()) {
                let message = format!("queue {} keeps no places: it has no `keep_place_for`", quoted(&queue.value));
                hand.reader.tell(Fault::error(&span, message).remedy("give it `keep_place_for: 5m` in the plan"));
            }
            let (queue, caller) = (queue.value, Name::new(caller));
            kept.left.push(LeftPlace { queue, caller, at: at - JUST_NOW, waited, priority: 0 });
        }
    }
    kept
}
