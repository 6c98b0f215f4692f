//! Steps in a row, before and now: which are the same, which changed, which came and which went.

use super::{compare, form, tale::Tale, written::Value};

/// Rows are matched step by step when there are no more pairs than this, behind the steps with which both begin and end.
const MOST_PAIRS: usize = 40_000;

/// A step: its word, and what stands behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Step<'p> {
    word: &'p str,
    value: &'p Value,
}

impl<'p> Step<'p> {
    /// What stands behind its word, if anything does.
    fn behind(self) -> Option<&'p Value> {
        (*self.value != Value::Nothing).then_some(self.value)
    }
}

/// Where a step was, and where it is.
enum Pair {
    Changed(usize, usize),
    Gone(usize),
    Come(usize),
}

fn steps(body: &Value) -> Vec<Step<'_>> {
    body.items()
        .iter()
        .map(|step| match step {
            Value::Word(word) => alone(word),
            Value::Map(entries) => match entries.first() {
                Some((word, Value::Nothing)) => alone(word),
                Some((word, value)) => Step { word, value },
                None => NONE,
            },
            Value::Nothing | Value::Long(_) | Value::List(_) => NONE,
        })
        .collect()
}

/// A word alone, with what it means then: `hangup` is `hangup: normal`.
fn alone(word: &str) -> Step<'_> {
    Step { word, value: form::of(&format!("-{word}")).default.as_ref().unwrap_or(&Value::Nothing) }
}

/// What is no step; a right plan has none.
const NONE: Step<'_> = Step { word: "", value: &Value::Nothing };

/// Tells what changed in a row of steps.
pub(super) fn tell(tale: &mut Tale, old: &Value, new: &Value) {
    let (old, new) = (steps(old), steps(new));
    for pair in pairs(&old, &new) {
        match pair {
            Pair::Changed(was, is) => changed(tale, is + 1, old[was], new[is]),
            Pair::Gone(was) => tale.tell(format!("the old step {} taken out ({})", was + 1, in_short(old[was]))),
            Pair::Come(is) => tale.tell(format!("step {} added ({})", is + 1, in_short(new[is]))),
        }
    }
}

fn changed(tale: &mut Tale, place: usize, old: Step<'_>, new: Step<'_>) {
    let path = format!("-{}", new.word);
    if form::of(&path).keys && old.value.is_map() && new.value.is_map() {
        let part = format!("step {place} {}", new.word);
        tale.within(part, |tale| compare::keys(tale, &path, old.value.entries(), new.value.entries()));
    } else {
        let part = format!("step {place}");
        tale.within(part, |tale| compare::value(tale, &path, new.word, old.behind(), new.behind()));
    }
}

/// Steps in a few words: `queue billing`, `menu`, `3 steps`.
pub(super) fn body_in_short(body: &Value) -> String {
    match steps(body).as_slice() {
        [step] => in_short(*step),
        all => format!("{} steps", all.len()),
    }
}

fn in_short(step: Step<'_>) -> String {
    let shown = form::of(&format!("-{}", step.word)).shown(step.value);
    shown.map_or_else(|| step.word.to_owned(), |value| format!("{} {value}", step.word))
}

/// Which step is which: what is in both rows stays, and between two that stay, steps of one word are the same one, changed.
fn pairs(old: &[Step<'_>], new: &[Step<'_>]) -> Vec<Pair> {
    let begin = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[begin..], &new[begin..]);
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);

    let mut pairs = Vec::new();
    let (mut was, mut is) = (0, 0);
    let ends = (old_rest.len(), new_rest.len());
    for (stays_old, stays_new) in staying(old_rest, new_rest).into_iter().chain([ends]) {
        gap(&old_rest[was..stays_old], &new_rest[is..stays_new], (begin + was, begin + is), &mut pairs);
        (was, is) = (stays_old + 1, stays_new + 1);
    }
    pairs
}

/// The longest row of steps that are in both, as places in both.
fn staying(old: &[Step<'_>], new: &[Step<'_>]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        return Vec::new();
    }
    // How many can stay of what is behind two places.
    let mut longest = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for was in (0..old.len()).rev() {
        for is in (0..new.len()).rev() {
            longest[was][is] = if old[was] == new[is] {
                longest[was + 1][is + 1] + 1
            } else {
                longest[was + 1][is].max(longest[was][is + 1])
            };
        }
    }
    let (mut was, mut is, mut stay) = (0, 0, Vec::new());
    while was < old.len() && is < new.len() {
        if old[was] == new[is] {
            stay.push((was, is));
            (was, is) = (was + 1, is + 1);
        } else if longest[was + 1][is] >= longest[was][is + 1] {
            was += 1;
        } else {
            is += 1;
        }
    }
    stay
}

/// What lies between two steps that stay. `at`: where it begins, before and now.
fn gap(old: &[Step<'_>], new: &[Step<'_>], at: (usize, usize), pairs: &mut Vec<Pair>) {
    let mut taken = 0;
    for (was, step) in old.iter().enumerate() {
        match new.iter().skip(taken).position(|other| other.word == step.word) {
            Some(ahead) => {
                pairs.extend((taken..taken + ahead).map(|is| Pair::Come(at.1 + is)));
                taken += ahead;
                pairs.push(Pair::Changed(at.0 + was, at.1 + taken));
                taken += 1;
            }
            None => pairs.push(Pair::Gone(at.0 + was)),
        }
    }
    pairs.extend((taken..new.len()).map(|is| Pair::Come(at.1 + is)));
}
