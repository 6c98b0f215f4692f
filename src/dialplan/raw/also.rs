//! Other queues whose operators may take a caller, too, as typed.

use std::time::Duration;

use super::HOUR;
use crate::{
    dialplan::word::{self, Lasting, Plain},
    domain::Name,
    yaml::{At, Either, Key, Kind, Many, Mapping, Node, Or, Reader},
};

/// Another queue as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawAlso {
    pub(in crate::dialplan) queue: At<Name>,
    pub(in crate::dialplan) after: Duration,
}

const OTHER: Plain<Name> = word::REFERENCE.called("another queue of this plan");

const QUEUE: Key<Plain<Name>> = Key::required("queue", "queue: support", OTHER, "The other queue.");

const AFTER: Key<Or<Lasting>> = Key::or(
    "after",
    Lasting::within(Duration::ZERO, HOUR.saturating_mul(24)),
    Duration::ZERO,
    "How long a caller has waited in his own queue before the operators of that one may take him.",
);

const ONE: Mapping = Mapping { what: "another queue", keys: &[&QUEUE, &AFTER] };

pub(super) const ALSO: Key<Many<Either>> = Key::optional(
    "also",
    Many { one: Either(&[&OTHER, &ONE]), least: 1 },
    "Other queues whose operators may take callers of this one, too: names, or `{queue: backup, after: 30s}`. A caller keeps \
     his place in his own queue, and stands in no other.",
);

/// Reads the other queues of a queue.
pub(super) fn also(node: &Node, reader: &mut Reader) -> Vec<RawAlso> {
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        Kind::Nothing | Kind::Word(_) | Kind::Map(_) => std::slice::from_ref(node),
    };
    if reader.is_empty(node, "no other queue is named", "[support]") {
        return Vec::new();
    }
    let mut also = Vec::new();
    for item in items {
        if !reader.goes_on() {
            break;
        }
        also.extend(other(item, node, reader));
    }
    also
}

fn other(item: &Node, list: &Node, reader: &mut Reader) -> Option<RawAlso> {
    if !matches!(item.kind, Kind::Map(_)) {
        let queue = reader.read(item, &OTHER, ALSO.name())?;
        return Some(RawAlso { queue, after: Duration::ZERO });
    }
    let fields = reader.fields_of(item, &ONE, &list.span);
    let (queue, after) = (reader.needed(&fields, &QUEUE), reader.or(&fields, &AFTER));
    Some(RawAlso { queue: queue?, after })
}
