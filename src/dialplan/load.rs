//! A plan out of a file: the only place of this floor that touches a disk.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs::File,
    io::{ErrorKind, Read as _},
    path::{Component, Path},
};

use super::{
    Checked, MAX_BYTES,
    parse::parse_with,
    prompt::{OnTrust, Prompts},
};
use crate::yaml::{Fault, Faults, Read, Wrong, quoted};

/// Reads a plan from a file. At most [`MAX_BYTES`] of it are read. Its prompts are taken on trust;
/// [`prompts::check`](crate::prompts::check) looks at them, too.
///
/// # Errors
/// Every mistake in the plan, or why the file cannot be read.
pub fn load(path: &Path) -> Result<Checked, Faults> {
    load_with(path, &mut OnTrust)
}

/// Reads a plan from a file and has its prompts made.
///
/// # Errors
/// As [`load`]; a prompt that cannot be made is a mistake too.
pub(crate) fn load_with(path: &Path, prompts: &mut dyn Prompts) -> Result<Checked, Faults> {
    let name = path.display().to_string();
    let text = read(path).map_err(|error| {
        let fault = if error.kind() == ErrorKind::IsADirectory {
            Fault::whole(format!("{} is a folder and no plan", quoted(&name))).remedy("name the plan's file in it")
        } else {
            let remedy = "see that the file is there and may be read by the user that Sentral runs as";
            Fault::whole(format!("the plan {} cannot be read: {error}", quoted(&name))).remedy(remedy)
        };
        Faults::one(&name, fault)
    })?;
    let asked = RefCell::new(BTreeSet::new());
    let files = |file: &str| {
        if is_plain(file) {
            asked.borrow_mut().insert(file.to_owned());
        }
        beside(path, file)
    };
    let checked = parse_with(&name, &text, &files, prompts);
    asked.take().iter().for_each(|file| prompts.read_too(file));
    checked
}

/// What stands in a file beside the plan. It is in the plan's folder or below, wherever links lead: a plan that somebody
/// may change opens no other file of the machine.
fn beside(plan: &Path, name: &str) -> Read<Vec<u8>> {
    let wrong = |what: &str, remedy: &str| Wrong::new(format!("the file {} {what}", quoted(name)), remedy);
    let outside = || wrong("is not in the plan's folder", "put it beside the plan, and write its name alone");
    if !is_plain(name) {
        return Err(outside());
    }
    let failed = |error: std::io::Error| {
        let remedy = "see that it is there, beside the plan, and may be read by the user that Sentral runs as";
        wrong(&format!("cannot be read: {error}"), remedy)
    };
    let folder = plan.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(failed)?;
    let file = folder.join(name).canonicalize().map_err(failed)?;
    if !file.starts_with(&folder) {
        return Err(outside());
    }
    let kind = file.metadata().map_err(failed)?;
    if !kind.is_file() {
        let what = if kind.is_dir() { "is a folder" } else { "is no file with a text in it" };
        return Err(wrong(what, "name a text file with one number on a line"));
    }
    let text = read(&file).map_err(failed)?;
    if text.len() > MAX_BYTES {
        return Err(wrong(&format!("is larger than {} MiB", MAX_BYTES / (1024 * 1024)), "split it into several lists"));
    }
    Ok(text)
}

/// Whether a name leads into the plan's folder and nowhere else, but for links.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    // One byte more than it may have tells that it is too large.
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}
