//! Prompts of a plan: files beside it and texts become what Asterisk plays without any work, and are handed to it.
//!
//! ```text
//! welcome.mp3 -- sox ----------------\
//! welcome.wav (8 kHz already) --------> WAV, 8 kHz, 16 bits, mono -> shelf (HTTP) or folder -> Asterisk
//! "Welcome."  -- espeak-ng -- sox ---/        named by its content
//! a tone -----------------------------/
//! ```
//!
//! Everything is made when the plan is read, never while a caller waits; what cannot be made is a mistake of the plan, told
//! with its place. What was made once is kept on disk. Other programs are run with lists of arguments and never by a shell,
//! and with limits to their time and to what they say.
//!
//! Each prompt is named by its content, so that a changed one is another one: Asterisk may keep what it has fetched.

mod cache;
mod file;
mod library;
mod maker;
mod shelf;
#[cfg(test)]
mod tests;
mod tone;
mod tool;
mod voices;
pub(crate) mod wav;

use std::path::PathBuf;

pub use library::{Library, check, check_with, files};
pub use shelf::Shelf;

/// Where prompts are served, below the base URL.
pub const PATH: &str = "/prompts/";

/// What makes speech of a text where the settings do not say. `-z`: without a pause at its end, since values are said in
/// several pieces.
pub const SAY: &str = "espeak-ng -z -v {language} --stdin --stdout";

/// How prompts are made and handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How they come to Asterisk.
    pub way: Way,
    /// The command that makes speech of a text: a program and its arguments. `{language}` and `{text}` stand for those; a
    /// text that stands in no argument comes on standard input. It writes a WAV file to standard output.
    pub say: Vec<String>,
    /// Where is kept what was made once.
    pub cache: Option<PathBuf>,
}

/// How prompts come to Asterisk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// It fetches them below this URL, which has no slash at its end: `http://10.0.0.1:8080`.
    Http(String),
    /// They are written into a folder that it sees by the same path.
    Folder(PathBuf),
    /// Nobody has said how: a plan with prompts cannot be used.
    Unknown {
        /// Why it is not known.
        why: String,
        /// What to set.
        remedy: String,
    },
}
