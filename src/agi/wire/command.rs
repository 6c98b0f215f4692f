//! Commands as Asterisk reads them: one line each, which no value can leave.
//!
//! An argument stands in double quotes; a quote and a backslash in it have a backslash in front. A line end and a NUL cannot be
//! written at all, and of a line longer than its buffer Asterisk reads the rest as another command: such a command is refused
//! here rather than cut.

use std::{fmt, time::Duration};

/// Asterisk's buffer for a command has this many bytes, one of them for its end (`AGI_BUF_LEN` of `res/res_agi.c`; 8192 in
/// 22.10, but 2048 in most that are in use).
pub(crate) const BUFFER: usize = 2048;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Nothing, with a reply. While a file is streamed, it ends that; so does any other command.
    Noop,
    /// The channel's state.
    ChannelStatus,
    /// An application of the dialplan.
    Exec {
        /// Its name.
        application: &'static str,
        /// What stands between its parentheses.
        options: String,
    },
    /// A variable, or what a function of the dialplan reads.
    GetVariable(String),
    /// Writes a variable, or has a function of the dialplan written.
    SetVariable {
        /// Its name.
        name: String,
        /// Its value; nothing in it is expanded.
        value: String,
    },
    /// Plays a sound.
    StreamFile {
        /// Its name without the ending, its path, or its address.
        file: String,
        /// Keys that end it.
        keys: &'static str,
        /// In samples.
        from: u64,
    },
    /// Waits for a key.
    WaitForDigit(Duration),
    /// Records what the caller says, as a WAV file.
    RecordFile {
        /// Its path without the ending.
        file: String,
        /// Keys that end it.
        keys: String,
        /// So long at most.
        at_most: Duration,
        /// Whether a tone comes before it.
        beep: bool,
        /// So many seconds of silence end it, and are cut off but for the first.
        silence: u64,
    },
    /// Music on hold of this class; without one it ends.
    SetMusic(Option<String>),
    /// Hangs up, and Asterisk ends the session: the application, since the command of that name takes no cause (Q.850).
    HangUp(u8),
    /// A line for Asterisk's console.
    Verbose {
        /// What it says.
        message: String,
        /// How talkative the console must be to show it.
        level: u8,
    },
}

/// Why a command cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsayable {
    /// A line end or a NUL.
    #[error("a value has a line end or a NUL in it")]
    Broken,
    /// Longer than Asterisk reads.
    #[error("it is longer than Asterisk reads")]
    TooLong,
}

impl Command {
    /// A word for it, from a closed set.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Noop => "noop",
            Self::ChannelStatus => "channel_status",
            Self::Exec { .. } => "exec",
            Self::GetVariable(_) => "get_variable",
            Self::SetVariable { .. } => "set_variable",
            Self::StreamFile { .. } => "stream_file",
            Self::WaitForDigit(_) => "wait_for_digit",
            Self::RecordFile { .. } => "record_file",
            Self::SetMusic(_) => "set_music",
            Self::HangUp(_) => "hang_up",
            Self::Verbose { .. } => "verbose",
        }
    }

    /// Whether a result says that it could not be done. He who is hung up is gone, and Asterisk calls that so, too.
    pub(crate) fn is_failed_by(&self, result: i32) -> bool {
        result < 0 && !matches!(self, Self::HangUp(_))
    }

    /// The line, with its end.
    ///
    /// # Errors
    /// When there is no such line.
    pub(crate) fn line(&self) -> Result<String, Unsayable> {
        let line = match self {
            Self::Noop => "NOOP".to_owned(),
            Self::ChannelStatus => "CHANNEL STATUS".to_owned(),
            Self::Exec { application, options } => format!("EXEC {application} {}", Quoted(options)),
            Self::GetVariable(name) => format!("GET VARIABLE {}", Quoted(name)),
            Self::SetVariable { name, value } => format!("SET VARIABLE {} {}", Quoted(name), Quoted(value)),
            Self::StreamFile { file, keys, from } => format!("STREAM FILE {} {} {from}", Quoted(file), Quoted(keys)),
            Self::WaitForDigit(within) => format!("WAIT FOR DIGIT {}", within.as_millis()),
            Self::RecordFile { file, keys, at_most, beep, silence } => {
                let beep = if *beep { " BEEP" } else { "" };
                let silence = if *silence > 0 { format!(" s={silence}") } else { String::new() };
                let (file, keys) = (Quoted(file), Quoted(keys));
                format!("RECORD FILE {file} wav {keys} {}{beep}{silence}", at_most.as_millis())
            }
            Self::SetMusic(Some(class)) => format!("SET MUSIC ON {}", Quoted(class)),
            Self::SetMusic(None) => "SET MUSIC OFF".to_owned(),
            Self::HangUp(cause) => format!("EXEC Hangup \"{cause}\""),
            Self::Verbose { message, level } => format!("VERBOSE {} {level}", Quoted(message)),
        };
        if line.contains(['\n', '\0']) {
            return Err(Unsayable::Broken);
        }
        if line.len() + "\n\0".len() > BUFFER {
            return Err(Unsayable::TooLong);
        }
        Ok(line + "\n")
    }
}

/// One argument.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for part in self.0.split_inclusive(['"', '\\']) {
            match part.strip_suffix(['"', '\\']) {
                Some(before) => write!(f, "{before}\\{}", &part[before.len()..])?,
                None => f.write_str(part)?,
            }
        }
        f.write_str("\"")
    }
}
