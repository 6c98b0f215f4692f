//! The second door: FastAGI, for dialplans that call `AGI(agi://host/...)`.

mod wire;

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
                    let _path = Path::read(&environment.script);
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
