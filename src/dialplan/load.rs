//! A plan out of a file: the only place of this floor that touches a disk.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
};

use super::{Checked, MAX_BYTES, parse};
use crate::yaml::{Fault, Faults, quoted};

/// Reads a plan from a file. At most [`MAX_BYTES`] of it are read.
///
/// # Errors
/// Every mistake in the plan, or why the file cannot be read.
pub fn load(path: &Path) -> Result<Checked, Faults> {
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
    parse(&name, &text)
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    // One byte more than a plan may have tells that it is too large.
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}
