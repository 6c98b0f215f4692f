//! Lists of numbers, of which some stand in files of their own.

use indexmap::IndexMap;

use crate::{
    dialplan::{
        lists::{Entry, List},
        parse::Files,
        raw::{RawList, RawPlan},
        word,
    },
    domain::{Country, Name},
    yaml::{At, ENOUGH, Fault, Wrong, quoted},
};

/// The lists; what is wrong in a file is told at its name.
pub(super) fn meant(raw: &RawPlan, files: Files<'_>, faults: &mut Vec<Fault>) -> IndexMap<Name, List> {
    let country = raw.country.as_ref().map(|at| at.value);
    raw.lists.iter().map(|list| (list.name.value.clone(), meant_list(list, country, files, faults))).collect()
}

fn meant_list(list: &RawList, country: Option<Country>, files: Files<'_>, faults: &mut Vec<Fault>) -> List {
    let mut entries = Vec::new();
    for At { value, span } in &list.numbers {
        match word::listed(value, country) {
            Ok(entry) => entries.push(entry),
            Err(wrong) => tell(faults, Fault::error(span, wrong.message).remedy(wrong.remedy)),
        }
    }
    if let Some(file) = &list.file {
        let tell = |wrong: Wrong| tell(faults, Fault::error(&file.span, wrong.message).remedy(wrong.remedy));
        entries.extend(read(&file.value, country, files, tell));
    }
    entries.into_iter().collect()
}

/// The numbers of a file, one on a line.
fn read(file: &str, country: Option<Country>, files: Files<'_>, mut tell: impl FnMut(Wrong)) -> Vec<Entry> {
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
            tell(wrong);
            return Vec::new();
        }
    };
    let mut entries = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = line.split('#').next().unwrap_or_default().trim();
        if number.is_empty() {
            continue;
        }
        match word::listed(number, country) {
            Ok(entry) => entries.push(entry),
            Err(Wrong { message, remedy }) => {
                tell(Wrong::new(format!("{}, line {}: {message}", quoted(file), at + 1), remedy));
            }
        }
    }
    entries
}

fn tell(faults: &mut Vec<Fault>, fault: Fault) {
    if faults.len() < ENOUGH {
        faults.push(fault);
    }
}
