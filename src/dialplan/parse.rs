//! From the bytes of a file to a plan, or to everything that is wrong with them.

use super::{
    changes::Written,
    check,
    plan::Plan,
    prompt::{OnTrust, Prompts},
    raw,
};
use crate::yaml::{self, Fault, Faults, Read, Reader, Source, Wrong, quoted};

/// The largest plan, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A plan that can be used, and what is doubtful in it.
#[derive(Debug)]
pub struct Checked {
    /// The plan.
    pub plan: Plan,
    /// Warnings alone.
    pub warnings: Faults,
}

/// What stands in a file beside the plan, or why it cannot be had.
pub(super) type Files<'f> = &'f dyn Fn(&str) -> Read<Vec<u8>>;

/// Reads a plan that has no files beside it. `file_name` is what faults call it. Prompts are taken on trust: nobody
/// looks whether they are there.
///
/// # Errors
/// Every mistake in it, at least one, in the order of their places, and behind them what is doubtful all the same.
pub fn parse(file_name: &str, text: &[u8]) -> Result<Checked, Faults> {
    let none = |file: &str| {
        let message = format!("there is no file {} beside this plan", quoted(file));
        Err(Wrong::new(message, "write the numbers into the plan"))
    };
    parse_with(file_name, text, &none, &mut OnTrust)
}

/// Reads a plan and what it names of the files beside it, and has its prompts made.
///
/// # Errors
/// As [`parse`]; a file that cannot be had and a prompt that cannot be made are mistakes too.
pub(super) fn parse_with(
    file_name: &str,
    text: &[u8],
    files: Files<'_>,
    prompts: &mut dyn Prompts,
) -> Result<Checked, Faults> {
    if text.len() > MAX_BYTES {
        let message = format!("a plan has at most {} MiB, and this file is larger", MAX_BYTES / (1024 * 1024));
        return Err(Faults::one(file_name, Fault::whole(message).remedy("see that this is the right file")));
    }
    let text = std::str::from_utf8(text).map_err(|error| not_utf8(file_name, text, error.valid_up_to()))?;
    if is_utf16(text.as_bytes()) {
        return Err(utf16(file_name, text.to_owned()));
    }
    // Some editors put a mark at the beginning that is no part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);

    let mut reader = Reader::default();
    let checked = understand(text, files, prompts, &mut reader);
    let faults = |list| Faults::new(Source::new(file_name, text), list);
    match checked {
        Some((plan, doubts)) if reader.faults.is_empty() => Ok(Checked { plan, warnings: faults(doubts) }),
        Some((_, doubts)) => Err(faults(reader.faults.into_iter().chain(doubts).collect())),
        None => Err(faults(reader.faults)),
    }
}

fn understand(
    text: &str,
    files: Files<'_>,
    prompts: &mut dyn Prompts,
    reader: &mut Reader,
) -> Option<(Plan, Vec<Fault>)> {
    let node = yaml::read(text).map_err(|fault| reader.tell(fault)).ok()?;
    if node.is_empty() {
        let fault = Fault::error(&(0..0), "the plan is empty");
        reader.tell(fault.remedy("write at least `exchange`, `numbers` and `flows`"));
        return None;
    }
    let (raw, zoned) = raw::read(&node, reader)?;
    let (mut plan, spans, mut doubts) = check::check(&raw, &zoned, files, prompts, &mut reader.faults);
    doubts.extend(check::commented::doubts(text, &node));
    doubts.extend(check::doubts_of_parts(&raw));
    doubts.extend(if reader.faults.is_empty() {
        check::doubts(&raw, &plan, &spans)
    } else {
        check::doubts_beside(&node, &raw, &plan, &reader.faults)
    });
    plan.written = Written::of(&node, prompts.contents());
    Some((plan, doubts))
}

/// Whether a text has two bytes for each letter: every other byte of it is nothing, or a mark at its beginning says so.
fn is_utf16(text: &[u8]) -> bool {
    let begins = text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]);
    let nothing = |at: usize| text.iter().take(64).skip(at).step_by(2).all(|byte| *byte == 0);
    begins || text.len() >= 4 && nothing(0) != nothing(1)
}

fn utf16(file_name: &str, text: String) -> Faults {
    let fault = Fault::error(&(0..0), "this is UTF-16, and a plan is UTF-8");
    let remedy = "save the file as UTF-8: editors ask for the encoding under \"Save as\"";
    Faults::new(Source::new(file_name, text), vec![fault.remedy(remedy)])
}

fn not_utf8(file_name: &str, text: &[u8], offset: usize) -> Faults {
    if is_utf16(text) {
        return utf16(file_name, String::from_utf8_lossy(text).into_owned());
    }
    let byte = text.get(offset).copied().unwrap_or_default();
    let message = format!("this is not UTF-8: byte {byte:#04x} at offset {offset} is no part of a letter");
    let fault = Fault::error(&(offset..offset + 1), message).remedy("save the file as UTF-8");
    Faults::new(Source::new(file_name, String::from_utf8_lossy(text)), vec![fault])
}
