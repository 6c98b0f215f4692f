//! The second door: FastAGI, for dialplans that call `AGI(agi://host:4573/...)`. It translates, and decides nothing.
//!
//! Asterisk connects for each call and takes commands until the connection ends; then its dialplan goes on. To the engine all
//! of this is one node, which is always up and whose callers are alone ([`Scope::CallerAlone`](crate::engine::Scope)). `door`
//! lets sessions in, `session` and `play` make commands of what the engine asks for, `choice` is for dialplans that only ask, `link` is the connection, `wire` the
//! words of the protocol.
//!
//! **The marker.** To a dialplan a session that crashed looks like one that ended well. So the last that we write is
//! `SENTRAL_RESULT`, and a dialplan that finds it empty takes the caller to its fallback.

mod allow;
mod choice;
mod contain;
mod door;
mod link;
mod play;
mod session;
#[cfg(test)]
mod tests;
mod wanted;
mod watch;
mod wire;

use std::{net::SocketAddr, time::Duration};

pub use allow::{Network, NoNetwork};
#[cfg(test)]
pub(crate) use contain::contained;
pub(crate) use contain::is_contained;
pub use door::Door;
pub use watch::{CommandResult, Outcome, Watch};

use crate::ari::{Elsewhere, Recordings};

/// The same Asterisk, over ARI.
#[derive(Clone, Debug)]
pub struct Beside {
    /// What is recorded, and fetched there.
    pub recordings: Recordings,
    /// Callers' channels in the dialplan's hands, and their end.
    pub elsewhere: Elsewhere,
}

/// How the door is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it is.
    pub listen: SocketAddr,
    /// Who may come in.
    pub allow: Vec<Network>,
    /// So many sessions at a time.
    pub sessions: usize,
    /// A session is given up when a reply that takes no time has not come within this.
    pub silence: Duration,
    /// How long one of Asterisk's own sounds lasts at most.
    pub longest_prompt: Duration,
}

/// Reads whatever comes, in parts of this size, as a session does: first an environment, then replies. For those who try what
/// any bytes do.
#[cfg(any(test, fuzzing))]
pub fn hear(bytes: &[u8], part: usize) {
    use wire::{Lines, Path, Replies, environment::Reading};
    let (mut lines, mut reading, mut replies) = (Lines::default(), Reading::default(), Replies::default());
    let mut begun = false;
    for part in bytes.chunks(part.max(1)) {
        lines.push(part);
        while let Ok(Some(line)) = lines.next() {
            if begun {
                let Ok(_said) = replies.take(&line) else { return };
                continue;
            }
            match reading.take(&line) {
                Ok(None) => {}
                Ok(Some(environment)) => {
                    let _question = Path::read(&environment.script).map(|path| choice::Question::read(&path));
                    let _word = environment.presentation();
                    begun = true;
                }
                Err(_fault) => return,
            }
        }
    }
}

/// Writes commands of any values, and says whether Asterisk would read each as the one that it is, with nothing behind it. For
/// those who try what any values do.
#[cfg(fuzzing)]
pub fn says_what_it_means(one: &str, other: &str) -> bool {
    use wire::{Command, asterisk, command::BUFFER};
    let is_one = |command: Command, words: &[&str]| {
        let Ok(line) = command.line() else { return true };
        let Some((read, rest)) = asterisk::read(line.as_bytes(), BUFFER) else { return false };
        rest.is_empty() && read.iter().map(Vec::as_slice).eq(words.iter().map(|word| word.as_bytes()))
    };
    let (name, value) = (one.to_owned(), other.to_owned());
    is_one(Command::SetVariable { name, value }, &["SET", "VARIABLE", one, other])
        && is_one(Command::Exec { application: "Answer", options: one.into() }, &["EXEC", "Answer", one])
        && is_one(Command::StreamFile { file: other.into(), keys: "1", from: 7 }, &["STREAM", "FILE", other, "1", "7"])
        && is_one(Command::Verbose { message: one.into(), level: 1 }, &["VERBOSE", one, "1"])
}
