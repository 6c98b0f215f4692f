//! A plan out of a file: the only place of this floor that touches a disk.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
};

use super::{
    Checked, MAX_BYTES,
    parse::parse_with,
    prompt::{OnTrust, Prompts},
};
use crate::yaml::{Fault, Faults, quoted};

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
    parse_with(&name, &text, prompts)
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    // One byte more than a plan may have tells that it is too large.
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}
