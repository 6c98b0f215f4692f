//! Lists of numbers, of which some stand in files of their own.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::numbers;
use crate::{
    dialplan::{
        expr::Expr,
        lists::{Entry, List},
        national::National,
        parse::Files,
        plan::Plan,
        raw::{RawList, RawPlan},
        word,
    },
    domain::{Name, Number},
    yaml::{At, ENOUGH, Fault, Read, Span, Wrong, quoted},
};

/// The lists; what is wrong or doubtful in a file is told at its name.
pub(super) fn meant(
    raw: &RawPlan,
    files: Files<'_>,
    faults: &mut Vec<Fault>,
    doubts: &mut Vec<Fault>,
) -> IndexMap<Name, List> {
    let national = National::of(raw);
    let mut meant = IndexMap::new();
    for list in &raw.lists {
        let mut told = Told { faults: &mut *faults, doubts: &mut *doubts };
        meant.insert(list.name.value.clone(), meant_list(list, &national, files, &mut told));
    }
    meant
}

/// What is wrong with lists, and what is doubtful.
struct Told<'t> {
    faults: &'t mut Vec<Fault>,
    doubts: &'t mut Vec<Fault>,
}

impl Told<'_> {
    fn wrong(&mut self, span: &Span, wrong: Wrong) {
        tell(self.faults, Fault::error(span, wrong.message).remedy(wrong.remedy));
    }

    fn doubtful(&mut self, span: &Span, wrong: Wrong) {
        tell(self.doubts, Fault::warning(span, wrong.message).remedy(wrong.remedy));
    }
}

fn meant_list(list: &RawList, national: &National, files: Files<'_>, told: &mut Told<'_>) -> List {
    let mut entries = Vec::new();
    let mut seen: BTreeMap<Name, &Span> = BTreeMap::new();
    for At { value, span } in &list.numbers {
        match read(value, national) {
            Ok(entry) => {
                if let Some(first) = seen.insert(key(&entry), span) {
                    let fault = Fault::warning(span, format!("{} is in this list already", quoted(value)));
                    tell(told.doubts, fault.related(first, "here").remedy("keep one of the two"));
                } else if let Some(doubt) = doubtful(&entry, national) {
                    told.doubtful(span, doubt);
                }
                entries.push(entry);
            }
            Err(wrong) => told.wrong(span, wrong),
        }
    }
    if let Some(file) = &list.file {
        entries.extend(read_file(file, national, files, told));
    }
    entries.into_iter().collect()
}

/// The numbers of a file, one on a line.
fn read_file(file: &At<String>, national: &National, files: Files<'_>, told: &mut Told<'_>) -> Vec<Entry> {
    let At { value: file, span } = file;
    let text = files(file).and_then(|text| {
        String::from_utf8(text).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
            let message = format!("{}, line {line}: this is not UTF-8", quoted(file));
            Wrong::new(message, "save the file as UTF-8, one number on a line")
        })
    });
    let text = match text {
        Ok(text) => text,
        Err(wrong) => {
            told.wrong(span, wrong);
            return Vec::new();
        }
    };
    let mut entries = Vec::new();
    let mut seen: BTreeMap<Name, usize> = BTreeMap::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = line.split('#').next().unwrap_or_default().trim();
        if number.is_empty() {
            continue;
        }
        let here =
            |Wrong { message, remedy }| Wrong::new(format!("{}, line {}: {message}", quoted(file), at + 1), remedy);
        match read(number, national) {
            Ok(entry) => {
                if let Some(first) = seen.insert(key(&entry), at + 1) {
                    let message = format!("{} is in this list already, on line {first}", quoted(number));
                    told.doubtful(span, here(Wrong::new(message, "keep one of the two")));
                } else if let Some(doubt) = doubtful(&entry, national) {
                    told.doubtful(span, here(doubt));
                }
                entries.push(entry);
            }
            Err(wrong) => told.wrong(span, here(wrong)),
        }
    }
    entries
}

/// Under what an entry is the same as another one.
fn key(entry: &Entry) -> Name {
    match entry {
        Entry::Number(number) => Name::new(number.bare()),
        Entry::Beginning(beginning) => Name::new(&format!("{}*", beginning.as_str())),
    }
}

/// Reads an entry. A beginning within the country is a mistake: what it means is not certain, and as it stands it is in the
/// way of nobody.
fn read(text: &str, national: &National) -> Read<Entry> {
    let entry = word::listed(text, national.country)?;
    let meant = match &entry {
        Entry::Number(_) => None,
        Entry::Beginning(beginning) => national.meant(beginning.as_str()),
    };
    let Some(meant) = meant else { return Ok(entry) };
    let message = format!("no call comes with a number that begins with {}", quoted(text));
    let remedy = format!("write it with `+` and the country: \"{meant}*\"; no internal number of this plan begins so");
    Err(Wrong::new(message, remedy))
}

/// Why nobody may ever call with a number of a list.
fn doubtful(entry: &Entry, national: &National) -> Option<Wrong> {
    let number = match entry {
        Entry::Number(number) => number,
        Entry::Beginning(_) => return None,
    };
    if let Some(meant) = national.cut_off(number) {
        let message =
            format!("{} is an internal number or a service: one outside has more digits", quoted(number.as_str()));
        return Some(Wrong::new(message, format!("write all of its digits, or \"{meant}*\" for all that begin so")));
    }
    if let Some(full) = number.with_lost_zero() {
        let (message, remedy) = numbers::zero_lost(number.as_str(), &full);
        return Some(Wrong::new(message, remedy));
    }
    let (message, remedy) = numbers::told(number.as_str(), number.doubt()?, national.country);
    let remedy = match begins(number) {
        Some(all) => format!("{remedy}, or write \"{all}*\" for all that begin so"),
        None => remedy,
    };
    Some(Wrong::new(message, remedy))
}

/// A number that says its country, as a beginning.
fn begins(number: &Number) -> Option<&str> {
    Some(number.as_str()).filter(|digits| digits.starts_with('+'))
}

/// Lists in which nobody is, and those that nobody looks into.
pub(super) fn doubts(raw: &RawPlan, plan: &Plan) -> Vec<Fault> {
    let mut used: BTreeSet<&Name> =
        plan.numbers.values().filter_map(|it| it.reserved.as_ref()).map(|it| &it.list).collect();
    let callbacks = plan.queues.values().filter_map(|queue| queue.callback.as_ref());
    used.extend(callbacks.flat_map(|callback| callback.to.iter().chain(&callback.never)));
    let expressions = plan.steps.iter().flat_map(|step| step.act.shape().expressions);
    expressions.for_each(|expr| {
        expr.walk(&mut |part| {
            if let Expr::Listed(_, list) = part {
                used.insert(list);
            }
        });
    });
    let mut doubts = Vec::new();
    for list in &raw.lists {
        let name = quoted(&list.name.value);
        if !used.contains(&list.name.value) {
            let fault = Fault::warning(&list.name.span, format!("nothing asks who is in list {name}"));
            let example = format!("`caller.number in lists.{}`", list.name.value);
            doubts.push(fault.remedy(format!("add a step `if` that asks {example}, or take the list out")));
        } else if list.file.is_none() && list.numbers.is_empty() {
            // A file may be empty: it is there to be written to later.
            let fault = Fault::warning(&list.name.span, format!("nobody is in list {name}"));
            doubts.push(fault.remedy("write numbers into it: `[\"+47 900 00 000\", \"+46 8*\"]`"));
        }
    }
    doubts
}

fn tell(faults: &mut Vec<Fault>, fault: Fault) {
    if faults.len() < ENOUGH {
        faults.push(fault);
    }
}
