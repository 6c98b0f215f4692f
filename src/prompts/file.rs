//! Files beside a plan, and how files are written so that nobody ever sees half of one.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::yaml::{Read as Reading, Wrong, quoted};

/// The largest file that is made into a prompt: an hour of music on a disc is larger.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// A file of a plan: where it is, and what is in it.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
}

/// Reads a file of a plan by its path from the plan's folder, which it does not lead out of by any link.
///
/// # Errors
/// Why it cannot be read, for who wrote its name.
pub(super) fn read(folder: &Path, name: &str) -> Reading<Found> {
    let told = |what: &str, remedy: &str| Wrong::new(format!("{} {what}", quoted(name)), remedy);
    let unread = |error: io::Error| {
        if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
            let remedy = format!("put the file into {}", quoted(&folder.display().to_string()));
            return told("is not there", &remedy);
        }
        told(&format!("cannot be read: {error}"), "see that the user that Sentral runs as may read it")
    };
    let home = folder.canonicalize().map_err(unread)?;
    let path = home.join(name).canonicalize().map_err(unread)?;
    if !path.starts_with(&home) {
        let remedy = "put the file itself into the plan's folder, and no link to it";
        return Err(told("is a link that leads out of the plan's folder", remedy));
    }
    let about = fs::metadata(&path).map_err(unread)?;
    if about.is_dir() {
        return Err(told("is a folder and no sound", "name a file in it"));
    }
    // To open a pipe would be to wait for one who writes.
    if !about.is_file() {
        return Err(told("is no plain file", "put a sound there"));
    }
    let mut bytes = Vec::new();
    File::open(&path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(unread)?;
    if bytes.is_empty() {
        return Err(told("is empty", "put a sound there"));
    }
    if bytes.len() as u64 > MOST_BYTES {
        let what = format!("is larger than {} MiB", MOST_BYTES / (1024 * 1024));
        return Err(told(&what, "no caller listens to so much: make it shorter"));
    }
    Ok(Found { path, bytes })
}

/// Writes a file that everybody may read: whoever looks sees the whole of it, or nothing.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
        file.sync_all()?;
        fs::rename(&new, path)
    });
    if written.is_err() {
        // What is there of it is of no use.
        let _gone = fs::remove_file(&new);
    }
    written
}
