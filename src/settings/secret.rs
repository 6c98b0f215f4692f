//! Passwords and tokens: from a key, from a file, never on a screen.

use std::{fs, io::Read, path::Path};

use secrecy::{ExposeSecret, SecretString};

/// A secret's file is no longer than this.
const LONGEST: u64 = 64 * 1024;

/// The lines of a file of tokens, without the space around them; empty ones and those that start with `#` are left out.
///
/// # Errors
/// In words, without what is in the file.
pub(super) fn tokens_in(file: &Path) -> Result<Vec<SecretString>, String> {
    let text = read(file)?;
    let lines = text.expose_secret().lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(SecretString::from).collect())
}

/// The first line of a password's file, whatever it starts with, without the line's end.
///
/// # Errors
/// As [`tokens_in`].
pub(super) fn password_in(file: &Path) -> Result<SecretString, String> {
    let text = read(file)?;
    match text.expose_secret().lines().next() {
        Some(line) if !line.is_empty() => Ok(SecretString::from(line)),
        Some(_) | None => Err("has no password in its first line".into()),
    }
}

fn read(file: &Path) -> Result<SecretString, String> {
    let told = |error: std::io::Error| format!("cannot be read: {error}");
    let mut text = String::new();
    fs::File::open(file).map_err(told)?.take(LONGEST + 1).read_to_string(&mut text).map_err(told)?;
    if text.len() as u64 > LONGEST {
        return Err(format!("is longer than the {LONGEST} bytes that a secret may have"));
    }
    Ok(SecretString::from(text))
}
