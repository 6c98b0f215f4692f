//! What a new plan changes, in words for the log: a line for each thing that came, went or is another one.
//!
//! The plans are compared as they are written, not as they are meant: steps are told by their words and places, and a new kind
//! of step is told right without a word here. What the plan's text has of callers and of secrets is never told: see
//! `form`.

mod compare;
mod form;
mod steps;
mod tale;
#[cfg(test)]
mod tests;
mod written;

pub use written::Written;

use std::collections::BTreeMap;

use self::{
    tale::Tale,
    written::{Both, Entries, LISTS, side_by_side},
};
use super::{Plan, word};

/// At most so many lines are told of one change.
pub const MOST_LINES: usize = 50;

/// How one thing of a section is called.
const ONE_OF: [(&str, &str); 8] = [
    ("numbers", "number"),
    (LISTS, "list"),
    ("operators", "operator"),
    ("extensions", "extension"),
    ("trunks", "trunk"),
    ("hours", "hours"),
    ("queues", "queue"),
    ("flows", "flow"),
];

/// What the new plan changes: a line for each thing, at most [`MOST_LINES`] and one that says how many more there are. None: it
/// says the same.
pub fn between(old: &Plan, new: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let (was, is) = (&old.written.sections, &new.written.sections);
    let mut whole = Tale::default();
    for Both { key, old, new } in side_by_side(was, is) {
        if !is_section(key) {
            compare::value(&mut whole, key, key, old, new);
        }
    }
    lines.extend(whole.line().map(|line| format!("the plan: {line}")));
    for (section, one) in ONE_OF {
        match section {
            LISTS => lists(old, new, &mut lines),
            _ => things(section, one, &old.written, &new.written, &mut lines),
        }
    }
    let files = |(name, content): &(&String, &String)| old.written.files.get(*name).is_some_and(|was| was != *content);
    let changed = new.written.files.iter().filter(files);
    lines.extend(changed.map(|(name, _)| format!("prompt {}: new content", told(name))));
    if lines.len() > MOST_LINES {
        let more = lines.len() - MOST_LINES;
        lines.truncate(MOST_LINES);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn is_section(key: &str) -> bool {
    ONE_OF.iter().any(|(section, _)| *section == key)
}

/// The things of a section by their names.
fn things(section: &str, one: &str, old: &Written, new: &Written, lines: &mut Vec<String>) {
    let (was, is) = (named(section, old), named(section, new));
    let typed: BTreeMap<&str, &str> =
        was.typed.iter().chain(&is.typed).map(|(name, typed)| (&**name, *typed)).collect();
    let form = form::of(section);
    for Both { key, old, new } in side_by_side(&was.things, &is.things) {
        let said = format!("{one} {}", told(typed.get(key).copied().unwrap_or(key)));
        match (old, new) {
            (Some(old), Some(new)) if old != new => {
                let mut tale = Tale::default();
                if form.steps {
                    steps::tell(&mut tale, old, new);
                } else {
                    compare::keys(&mut tale, section, old.entries(), new.entries());
                }
                lines.extend(tale.line().map(|line| format!("{said}: {line}")));
            }
            (None, Some(_)) => lines.push(format!("{said} added")),
            (Some(_), None) => lines.push(format!("{said} taken out")),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}

/// Things by their names.
struct Things<'w> {
    things: Entries,
    /// How each name is typed.
    typed: Vec<(Box<str>, &'w str)>,
}

fn named<'w>(section: &str, written: &'w Written) -> Things<'w> {
    let entries = written.sections.iter().find(|(key, _)| **key == *section).map(|(_, things)| things.entries());
    // Numbers are the same however they are written.
    let called = |typed: &str| (section == "numbers").then(|| word::called(typed, written.country).ok()).flatten();
    let name = |typed: &str| called(typed).map_or_else(|| typed.into(), |number| number.bare().into());
    let (mut things, mut names) = (Entries::new(), Vec::new());
    for (typed, value) in entries.unwrap_or_default() {
        let name: Box<str> = name(typed);
        things.push((name.clone(), value.clone()));
        names.push((name, &**typed));
    }
    Things { things, typed: names }
}

/// Lists: their entries are callers' numbers, so they are counted.
fn lists(old: &Plan, new: &Plan, lines: &mut Vec<String>) {
    for (name, list) in &new.lists {
        let Some(before) = old.lists.get(name) else {
            lines.push(format!("list {name} added ({})", numbers(list.len())));
            continue;
        };
        let parts = [(list.len_without(before), "added"), (before.len_without(list), "taken out")];
        let parts: Vec<_> = parts.into_iter().filter(|(count, _)| *count > 0).collect();
        match parts.as_slice() {
            [] => {}
            [(count, how)] => lines.push(format!("list {name}: {} {how}", numbers(*count))),
            [(count, how), (other, otherwise), ..] => {
                lines.push(format!("list {name}: {} {how}, {other} {otherwise}", numbers(*count)));
            }
        }
    }
    let gone = old.lists.keys().filter(|name| !new.lists.contains_key(*name));
    lines.extend(gone.map(|name| format!("list {name} taken out")));
}

/// `1 number`, `2 numbers`.
fn numbers(count: usize) -> String {
    format!("{count} number{}", if count == 1 { "" } else { "s" })
}

/// A name in a line.
fn told(name: &str) -> String {
    if form::is_plain(name) && name.len() <= 60 { name.into() } else { crate::yaml::quoted(name) }
}
