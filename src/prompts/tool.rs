//! Another program, run once: a list of arguments, bytes in, bytes out, and a limit to each.

use std::{
    io::{self, Read, Write},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

/// Of what a program complains, at most so much is read.
const COMPLAINT: u64 = 16 * 1024;

/// How long a program that has said everything may take to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(2);

/// What is to be run.
#[derive(Debug)]
pub(super) struct Job<'a> {
    pub(super) program: &'a str,
    pub(super) arguments: Vec<String>,
    /// What it reads.
    pub(super) input: Vec<u8>,
    /// The most bytes that it may write.
    pub(super) most: usize,
    /// How long it may take.
    pub(super) patience: Duration,
}

/// Why there is nothing of it.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There is no such program.
    Missing,
    /// It could not be run, or talked to.
    Io(io::Error),
    /// It took too long.
    TooSlow,
    /// It wrote too much.
    TooMuch,
    /// It said that it failed: why, in its own words.
    Failed(String),
}

impl Job<'_> {
    /// Runs it and gives what it wrote.
    pub(super) fn run(self) -> Result<Vec<u8>, Trouble> {
        let mut command = Command::new(self.program);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Passwords are nobody else's business.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SENTRAL_")) {
            command.env_remove(name);
        }
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Trouble::Missing,
            _ => Trouble::Io(error),
        })?;
        let (most, patience) = (self.most, self.patience);
        let said = talk(&mut child, self.input, most).and_then(|(out, complaint)| {
            let out = heard(&out, patience)?;
            if out.len() > most {
                return Err(Trouble::TooMuch);
            }
            let status = ended(&mut child)?;
            let complaint = heard(&complaint, FAREWELL).unwrap_or_default();
            if status { Ok(out) } else { Err(Trouble::Failed(first_line(&complaint))) }
        });
        if said.is_err() {
            // It may have ended by itself.
            let _gone = child.kill();
            let _gone = child.wait();
        }
        said
    }
}

/// What comes to be said.
type Said = Receiver<io::Result<Vec<u8>>>;

/// Gives a program what it reads, and listens to what it says and complains of.
fn talk(child: &mut Child, input: Vec<u8>, most: usize) -> Result<(Said, Said), Trouble> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Trouble::Io(io::Error::other("it has no ears or no mouth")));
    };
    // One that does not read to the end may be content with the beginning: what it says in the end counts.
    spawn(move || drop(stdin.write_all(&input)))?;
    // One byte more than it may say tells that it says too much.
    Ok((listen(stdout, most as u64 + 1)?, listen(stderr, COMPLAINT)?))
}

fn listen(mouth: impl Read + Send + 'static, most: u64) -> Result<Said, Trouble> {
    let (tell, told) = channel();
    spawn(move || {
        let mut all = Vec::new();
        let read = mouth.take(most).read_to_end(&mut all).map(|_length| all);
        // Whoever waited may have lost patience.
        drop(tell.send(read));
    })?;
    Ok(told)
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), Trouble> {
    thread::Builder::new().name("sentral-prompt".into()).spawn(work).map(drop).map_err(Trouble::Io)
}

fn heard(said: &Said, patience: Duration) -> Result<Vec<u8>, Trouble> {
    match said.recv_timeout(patience) {
        Ok(read) => read.map_err(Trouble::Io),
        Err(RecvTimeoutError::Timeout) => Err(Trouble::TooSlow),
        Err(RecvTimeoutError::Disconnected) => Err(Trouble::Io(io::Error::other("nobody listened"))),
    }
}

/// Whether it ended well.
fn ended(child: &mut Child) -> Result<bool, Trouble> {
    let mut left = FAREWELL;
    loop {
        if let Some(status) = child.try_wait().map_err(Trouble::Io)? {
            return Ok(status.success());
        }
        left = left.checked_sub(LOOK).ok_or(Trouble::TooSlow)?;
        thread::sleep(LOOK);
    }
}

fn first_line(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("it does not say why")
        .chars()
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, input: &[u8]) -> Result<Vec<u8>, Trouble> {
        let arguments = vec!["-c".into(), script.into()];
        Job { program: "sh", arguments, input: input.into(), most: 1_000, patience: Duration::from_millis(500) }.run()
    }

    #[test]
    fn what_it_says_of_what_it_reads_comes_back() {
        assert_eq!(run("tr a-z A-Z", b"hello").expect("said"), b"HELLO");
        // More than a pipe holds goes in while nothing comes out.
        assert_eq!(run("wc -c", &[7; 1_000_000]).expect("said").trim_ascii(), b"1000000");
        assert_eq!(run("echo done", &[7; 1_000_000]).expect("said"), b"done\n");
    }

    #[test]
    fn what_goes_wrong_is_told_apart() {
        let missing = Job {
            program: "no-such-program-anywhere",
            arguments: Vec::new(),
            input: Vec::new(),
            most: 1,
            patience: Duration::from_secs(1),
        };
        assert!(matches!(missing.run(), Err(Trouble::Missing)));
        assert!(matches!(run("sleep 5", b""), Err(Trouble::TooSlow)));
        assert!(matches!(run("yes", b""), Err(Trouble::TooMuch)));
        let failed = run("echo; echo no such voice >&2; exit 3", b"");
        assert!(matches!(&failed, Err(Trouble::Failed(why)) if why == "no such voice"), "{failed:?}");
        let mute = run("exit 1", b"");
        assert!(matches!(&mute, Err(Trouble::Failed(why)) if why == "it does not say why"), "{mute:?}");
    }
}
