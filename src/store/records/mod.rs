//! Call records on the disk: `records/2026-11-26.jsonl` has a line of JSON for each call that ended that day, by UTC.
//!
//! They are written behind the calls: an engine that tells of one does not wait. While the disk is full, some thousand wait in
//! memory and are tried again; what comes beyond is lost, counted and told.

mod write;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
pub use write::{RecordFate, RecordKeeper, RecordSink};

/// The file of a day.
fn file(folder: &Path, day: Date) -> PathBuf {
    folder.join(format!("{day}.jsonl"))
}

/// The days of which there is a file, the earliest first.
fn days(folder: &Path) -> io::Result<Vec<Date>> {
    let names = match fs::read_dir(folder) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut days = Vec::new();
    for name in names {
        let name = name?.file_name();
        let day = name.to_str().and_then(|name| name.strip_suffix(".jsonl")?.parse::<Date>().ok());
        // Of other ways to write a date only ours is a file's name.
        days.extend(day.filter(|day| name.to_str() == Some(&format!("{day}.jsonl"))));
    }
    days.sort_unstable();
    Ok(days)
}

#[cfg(test)]
mod tests;
