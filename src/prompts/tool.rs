//! Another program, run once: a list of arguments, bytes in, bytes out, and a limit to each.

use std::{io, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    runtime::Builder,
    time::timeout,
};

/// Of what a program complains, at most so much is read.
const COMPLAINT: u64 = 16 * 1024;

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
    /// Runs it to its end and gives what it wrote. For threads that may wait.
    pub(super) fn run(self) -> Result<Vec<u8>, Trouble> {
        Builder::new_current_thread().enable_all().build().map_err(Trouble::Io)?.block_on(self.at_work())
    }

    async fn at_work(self) -> Result<Vec<u8>, Trouble> {
        let mut command = Command::new(self.program);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Passwords are nobody else's business.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SENTRAL_")) {
            command.env_remove(name);
        }
        let mut child = command.kill_on_drop(true).spawn().map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound { Trouble::Missing } else { Trouble::Io(error) }
        })?;
        let said = timeout(self.patience, talk(&mut child, &self.input, self.most)).await;
        said.unwrap_or(Err(Trouble::TooSlow)).inspect_err(|_trouble| {
            // It may have ended by itself.
            let _gone = child.start_kill();
        })
    }
}

/// Gives a program what it reads, and listens to what it says until it has ended.
async fn talk(child: &mut Child, input: &[u8], most: usize) -> Result<Vec<u8>, Trouble> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Trouble::Io(io::Error::other("it has no ears or no mouth")));
    };
    let tell = async move {
        // One that does not read to the end may be content with the beginning: what it says in the end counts.
        let _content = stdin.write_all(input).await;
        drop(stdin);
    };
    let (mut said, mut complaint) = (Vec::new(), Vec::new());
    let listen = async {
        // One byte more than it may say tells that it says too much. Nobody listens then any more, and it ends.
        stdout.take(most as u64 + 1).read_to_end(&mut said).await
    };
    let complain = async { stderr.take(COMPLAINT).read_to_end(&mut complaint).await };
    let (_told, heard, _complained) = tokio::join!(tell, listen, complain);
    heard.map_err(Trouble::Io)?;
    if said.len() > most {
        return Err(Trouble::TooMuch);
    }
    let status = child.wait().await.map_err(Trouble::Io)?;
    if status.success() { Ok(said) } else { Err(Trouble::Failed(first_line(&complaint))) }
}

fn first_line(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    line.unwrap_or("it does not say why").chars().take(200).collect()
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
        assert!(matches!(run("exec >&- 2>&-; sleep 5", b""), Err(Trouble::TooSlow)));
        assert!(matches!(run("yes", b""), Err(Trouble::TooMuch)));
        let failed = run("echo; echo no such voice >&2; exit 3", b"");
        assert!(matches!(&failed, Err(Trouble::Failed(why)) if why == "no such voice"), "{failed:?}");
        let mute = run("exit 1", b"");
        assert!(matches!(&mute, Err(Trouble::Failed(why)) if why == "it does not say why"), "{mute:?}");
    }
}
