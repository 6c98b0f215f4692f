//! One value of a plan before and now.

use std::{borrow::Cow, collections::BTreeSet};

use super::{
    form::{self, Form},
    steps,
    tale::Tale,
    written::{Both, Value, side_by_side},
};

/// The longest keys of a menu that are told; more of them may be a code that not everybody knows.
const LONGEST_OPTION: usize = 2;

/// The same keys before and now. `path`: whose keys they are.
pub(super) fn keys(tale: &mut Tale, path: &str, old: &[(Box<str>, Value)], new: &[(Box<str>, Value)]) {
    for Both { key, old, new } in side_by_side(old, new) {
        value(tale, &format!("{path}.{key}"), key, old, new);
    }
}

/// What stands in one place before and now. What is left out is what holds then. `name`: how the place is called.
pub(super) fn value(tale: &mut Tale, path: &str, name: &str, old: Option<&Value>, new: Option<&Value>) {
    let form = form::of(path);
    let (old, new) = (old.or(form.default.as_ref()), new.or(form.default.as_ref()));
    if old == new {
        return;
    }
    if form.days {
        return tale.within(name.to_owned(), |tale| days(tale, form, old, new));
    }
    match (old, new) {
        (Some(old), Some(new)) if form.branches && old.is_map() && new.is_map() => branches(tale, name, old, new),
        (Some(old), Some(new)) if form.keys && old.is_map() && new.is_map() => {
            tale.within(name.to_owned(), |tale| keys(tale, path, old.entries(), new.entries()));
        }
        (Some(old), Some(new)) if form.steps => tale.within(name.to_owned(), |tale| steps::tell(tale, old, new)),
        (Some(old), Some(new)) => words(tale, form, name, old, new),
        (None, Some(new)) => tale.tell(format!("{name}{} added", in_short(form, new))),
        (Some(old), None) => tale.tell(format!("{name}{} taken out", in_short(form, old))),
        (None, None) => {}
    }
}

/// A value behind its name, as far as it may be shown.
fn in_short(form: &Form, value: &Value) -> String {
    if form.steps {
        return format!(" ({})", steps::body_in_short(value));
    }
    let shown: Option<Vec<Cow<'_, str>>> = value.items().iter().map(|item| form.shown(item)).collect();
    match shown.as_deref() {
        Some([]) | None => String::new(),
        Some([one]) => format!(" {one}"),
        Some([first, others @ ..]) => format!(" {first} and {} more", others.len()),
    }
}

/// Days, and what stands behind each.
fn days(tale: &mut Tale, form: &Form, old: Option<&Value>, new: Option<&Value>) {
    let (old, new) = (old.map_or(&[][..], Value::entries), new.map_or(&[][..], Value::entries));
    for Both { key, old, new } in side_by_side(old, new) {
        match (old, new) {
            (Some(old), Some(new)) => words(tale, form, key, old, new),
            (None, Some(new)) => tale.tell(format!("{key}{} added", in_short(form, new))),
            (Some(old), None) => tale.tell(format!("{key}{} taken out", in_short(form, old))),
            (None, None) => {}
        }
    }
}

/// Steps under names.
fn branches(tale: &mut Tale, name: &str, old: &Value, new: &Value) {
    for Both { key, old, new } in side_by_side(old.entries(), new.entries()) {
        let label = branch(name, key);
        match (old, new) {
            (Some(old), Some(new)) if old != new => tale.within(label, |tale| steps::tell(tale, old, new)),
            (None, Some(new)) => tale.tell(format!("{label} added ({})", steps::body_in_short(new))),
            (Some(old), None) => tale.tell(format!("{label} taken out ({})", steps::body_in_short(old))),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}

/// One of `options` or `cases`. What a caller has to enter or to be is not told, unless everybody is told it.
fn branch(name: &str, key: &str) -> String {
    let one = name.strip_suffix('s').unwrap_or(name);
    let known = if name == "options" { key.len() <= LONGEST_OPTION } else { is_word(key) };
    if known { format!("{one} {key}") } else { format!("one of the {name}") }
}

fn is_word(key: &str) -> bool {
    key.len() <= 20 && key.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
}

/// A word or several.
fn words(tale: &mut Tale, form: &Form, name: &str, old: &Value, new: &Value) {
    let (was, is) = (old.items(), new.items());
    if was == is {
        return;
    }
    if let ([was], [is]) = (was, is) {
        return tale.tell(match (form.shown(was), form.shown(is)) {
            (Some(was), Some(is)) => format!("{name} {was} -> {is}"),
            (Some(_) | None, None) | (None, Some(_)) => format!("{name} changed"),
        });
    }
    let (before, now): (BTreeSet<&Value>, BTreeSet<&Value>) = (was.iter().collect(), is.iter().collect());
    let come: Vec<&Value> = is.iter().filter(|item| !before.contains(item)).collect();
    let gone: Vec<&Value> = was.iter().filter(|item| !now.contains(item)).collect();
    if come.is_empty() && gone.is_empty() {
        return tale.tell(format!("{name} in another order"));
    }
    match (names(form, &come), names(form, &gone)) {
        (Some(come), Some(gone)) => {
            let parts = [(come, "added"), (gone, "taken out")];
            let parts = parts.into_iter().filter(|(what, _)| !what.is_empty());
            let parts: Vec<String> = parts.map(|(what, how)| format!("{what} {how}")).collect();
            tale.tell(format!("{name}: {}", parts.join(", ")));
        }
        (Some(_) | None, None) | (None, Some(_)) => tale.tell(format!("{name} changed")),
    }
}

/// The most words of a list that are told.
const MOST_NAMES: usize = 5;

fn names(form: &Form, items: &[&Value]) -> Option<String> {
    let all: Vec<Cow<'_, str>> = items.iter().map(|item| form.shown(item)).collect::<Option<_>>()?;
    Some(match all.get(..MOST_NAMES) {
        Some(first) if all.len() > MOST_NAMES => format!("{} and {} more", first.join(", "), all.len() - MOST_NAMES),
        Some(_) | None => all.join(" and "),
    })
}
