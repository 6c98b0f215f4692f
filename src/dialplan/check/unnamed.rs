//! What nobody uses in a plan that has mistakes: told only where no mistake can be why.
//!
//! What could not be read may be the use that seems to be missing. So a name is told as unused only when it stands nowhere else in
//! the plan, nothing that is wrong looks like it, and no mistake is of something that is missing.

use std::collections::BTreeSet;

use super::{lists, unused};
use crate::{
    dialplan::{plan::Plan, raw::RawPlan, word},
    domain::Name,
    yaml::{At, Fault, Kind, Node, Severity, Span, Word as _, suggest},
};

/// Of more words in what is wrong, none is compared.
const MOST_WRONG: usize = 1_000;

/// Keys whose absence hides no use of anything.
const HARMLESS: [&str; 12] = [
    "exchange",
    "timezone",
    "channels",
    "after",
    "every",
    "currency",
    "per_minute",
    "amount",
    "max",
    "into",
    "ring",
    "country",
];

/// Warnings of what is not used, whatever comes of the mistakes. `faults`: those that were found.
pub(super) fn doubts(node: &Node, raw: &RawPlan, plan: &Plan, faults: &[Fault]) -> Vec<Fault> {
    let Some(wrong) = places(faults) else { return Vec::new() };
    let mut text = Text { wrong, defined: defined(raw), ..Text::default() };
    text.read(node, false);
    if text.mistaken.len() > MOST_WRONG || text.wrong.iter().any(|span| !text.seen.contains(&(span.start, span.end))) {
        return Vec::new();
    }
    let mut doubts = unused::doubts(raw, plan, &unused::reached(plan));
    doubts.extend(lists::doubts(raw, plan));
    let is_unnamed = |fault: &Fault| {
        let span = fault.place.as_ref().map(|place| &place.span);
        let name = span.and_then(|span| names(raw).find(|name| name.span == *span));
        // A name that is wrong itself may be meant by one that stands elsewhere.
        let is_right = |name: &&At<Name>| !text.wrong.iter().any(|wrong| within(&name.span, wrong));
        let name = name.filter(is_right);
        name.is_some_and(|name| !text.may_name(&name.value) && !proposed(&name.value, faults))
    };
    doubts.retain(is_unnamed);
    doubts
}

/// Everything that the plan gives a name to and somebody else uses.
fn names(raw: &RawPlan) -> impl Iterator<Item = &At<Name>> {
    let flows = raw.flows.iter().map(|it| &it.name);
    let queues = raw.queues.iter().map(|it| &it.name);
    let rest = raw.hours.iter().map(|it| &it.name).chain(raw.operators.iter().map(|it| &it.name));
    flows
        .chain(queues)
        .chain(rest)
        .chain(raw.trunks.iter().map(|it| &it.name))
        .chain(raw.lists.iter().map(|it| &it.name))
}

fn defined(raw: &RawPlan) -> BTreeSet<(usize, usize)> {
    names(raw).map(|name| (name.span.start, name.span.end)).collect()
}

/// Where the mistakes are; `None`: one of them is of something that is not there.
fn places(faults: &[Fault]) -> Option<Vec<Span>> {
    let errors = faults.iter().filter(|fault| fault.severity == Severity::Error);
    errors.filter(|fault| !is_harmless(fault)).map(place).collect()
}

fn place(fault: &Fault) -> Option<Span> {
    let is_of_nothing = fault.message.contains(" needs `");
    fault.place.as_ref().filter(|_| !is_of_nothing).map(|place| place.span.clone())
}

/// Whether a key is missing that could name nothing.
fn is_harmless(fault: &Fault) -> bool {
    let missing = fault.message.split_once(" needs `").and_then(|(_, key)| key.strip_suffix('`'));
    missing.is_some_and(|key| HARMLESS.contains(&key))
}

/// Whether a mistake is told with this name as what may have been meant.
fn proposed(name: &Name, faults: &[Fault]) -> bool {
    let mut told = faults.iter().flat_map(|fault| fault.remedy.iter().chain([&fault.message]));
    told.any(|text| words(text).any(|word| word == &**name))
}

/// Whether a mistake is of what stands there.
fn within(span: &Span, wrong: &Span) -> bool {
    span.start <= wrong.start && wrong.start < span.end
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The words of a plan, but for those that give something its name.
#[derive(Default)]
struct Text {
    /// Where names are given.
    defined: BTreeSet<(usize, usize)>,
    wrong: Vec<Span>,
    /// Mistakes that are of a word which stands there.
    seen: BTreeSet<(usize, usize)>,
    all: BTreeSet<String>,
    /// Those in which a mistake is, or behind a key that is one.
    mistaken: BTreeSet<String>,
}

impl Text {
    fn read(&mut self, node: &Node, wrong: bool) {
        match &node.kind {
            Kind::Nothing => {}
            Kind::Word(word) => self.word(node, word, wrong),
            Kind::List(items) => items.iter().for_each(|item| self.read(item, wrong)),
            Kind::Map(entries) => {
                for (key, value) in entries {
                    let is_wrong = wrong || self.mistakes_in(&key.span);
                    self.read(key, wrong);
                    // A name may be wrong for a reason of its own; what stands behind it is read.
                    self.read(value, is_wrong);
                }
            }
        }
    }

    fn word(&mut self, node: &Node, word: &str, wrong: bool) {
        let is_wrong = self.mistakes_in(&node.span) || wrong;
        // What Asterisk dials names nobody, though people call telephones by the names of those who answer.
        let is_dialled = word::DIAL.read("dial", word).is_ok();
        if is_dialled || self.defined.contains(&(node.span.start, node.span.end)) {
            return;
        }
        self.all.extend(words(word).map(str::to_owned));
        if is_wrong {
            self.mistaken.extend(words(word).map(str::to_owned));
        }
    }

    /// Whether a mistake is told of what stands there.
    fn mistakes_in(&mut self, span: &Span) -> bool {
        let found: Vec<_> =
            self.wrong.iter().filter(|wrong| within(span, wrong)).map(|wrong| (wrong.start, wrong.end)).collect();
        let any = !found.is_empty();
        self.seen.extend(found);
        any
    }

    /// Whether something in the plan names it, or may be meant to.
    fn may_name(&self, name: &Name) -> bool {
        let near = |word: &String| suggest::nearest(word, std::iter::once(&**name)).is_some();
        self.all.contains(&**name) || self.mistaken.iter().any(near)
    }
}
