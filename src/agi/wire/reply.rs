//! What Asterisk says while it takes commands.

/// A reply of several lines is no longer than this.
const LONGEST: usize = 64 * 1024;

/// Something that Asterisk said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// What came of a command.
    Reply(Reply),
    /// The caller is gone, or Asterisk took him away. It comes unasked, at any time, once or twice.
    HungUp,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// `200 result=RESULT (VALUE) endpos=SAMPLES`.
    Done(Done),
    /// `510`: no such command.
    Unknown,
    /// `511`: not for a caller who has gone.
    Dead,
    /// `520`: the command is not written so.
    Misused,
}

/// What a command that was carried out came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// As it was written: a number mostly, keys of `GET DATA`, nothing where no key came.
    pub(crate) result: String,
    /// In parentheses behind it.
    pub(crate) value: Option<String>,
    /// Where a sound or a recording ended, in samples.
    pub(crate) ended_at: Option<u64>,
}

/// It is nothing that Asterisk says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Garbled {
    /// A line that is none of Asterisk's.
    #[error("no reply of Asterisk's: `{0}`")]
    NoReply(String),
    /// A reply of several lines that does not end.
    #[error("a reply without an end within {LONGEST} bytes")]
    Endless,
}

/// Replies out of lines.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    begun: Option<Begun>,
}

/// A reply whose end has not come.
#[derive(Debug)]
enum Begun {
    /// How a command is written; so many bytes of it.
    Usage(usize),
    /// What stands before a value with line ends in it, which Asterisk writes as they are, and as much of it as came.
    Value(Done, String),
}

impl Replies {
    /// Takes the next line; `None` when a reply goes on behind it.
    ///
    /// # Errors
    /// When it is none of Asterisk's.
    pub(crate) fn take(&mut self, line: &str) -> Result<Option<Said>, Garbled> {
        match self.begun.take() {
            None => self.begin(line),
            // The end of the usage; Asterisk sends no other line in between that begins so.
            Some(Begun::Usage(_)) if line.starts_with("520 ") => Ok(Some(Said::Reply(Reply::Misused))),
            Some(Begun::Usage(bytes)) => self.go_on(bytes + line.len(), Begun::Usage(bytes + line.len())),
            Some(Begun::Value(done, mut value)) => {
                value.push('\n');
                match end_of_value(line) {
                    Some((last, ended_at)) => {
                        value.push_str(last);
                        Ok(Some(Said::Reply(Reply::Done(done.with(value, ended_at)))))
                    }
                    None => {
                        value.push_str(line);
                        self.go_on(value.len(), Begun::Value(done, value))
                    }
                }
            }
        }
    }

    fn go_on(&mut self, bytes: usize, begun: Begun) -> Result<Option<Said>, Garbled> {
        if bytes > LONGEST {
            return Err(Garbled::Endless);
        }
        self.begun = Some(begun);
        Ok(None)
    }

    fn begin(&mut self, line: &str) -> Result<Option<Said>, Garbled> {
        if line == "HANGUP" {
            return Ok(Some(Said::HungUp));
        }
        let no_reply = || Garbled::NoReply(line.chars().take(80).collect());
        let reply = match line.get(..4).ok_or_else(no_reply)? {
            "200 " => {
                let (head, value) = match line.split_once(" (") {
                    Some((head, value)) => (head, Some(value)),
                    None => (line, None),
                };
                let done = Done::read(head).ok_or_else(no_reply)?;
                match value.map(|value| (value, end_of_value(value))) {
                    None => Reply::Done(done),
                    Some((_, Some((value, ended_at)))) => Reply::Done(done.with(value.to_owned(), ended_at)),
                    Some((value, None)) => return self.go_on(value.len(), Begun::Value(done, value.to_owned())),
                }
            }
            "510 " => Reply::Unknown,
            "511 " => Reply::Dead,
            // Where Asterisk was built without its manual there is this line alone.
            "520 " => Reply::Misused,
            "520-" => return self.go_on(0, Begun::Usage(0)),
            _ => return Err(no_reply()),
        };
        Ok(Some(Said::Reply(reply)))
    }
}

/// How a reply begins to a command that was carried out.
const RESULT: &str = "200 result=";

/// Where a sound or a recording ended, where that is told.
const ENDED_AT: &str = "endpos=";

/// What a line of a value has of it, and what is told behind it; `None`: the value goes on in the next line. Parentheses in a value
/// are part of it, whatever they do: it ends with the last one, behind which there is nothing of it.
fn end_of_value(line: &str) -> Option<(&str, Option<u64>)> {
    let (value, behind) = line.rsplit_once(')')?;
    match behind.strip_prefix(' ') {
        None if behind.is_empty() => Some((value, None)),
        Some(behind) if behind.starts_with(ENDED_AT) => Some((value, samples(behind))),
        Some(_) | None => None,
    }
}

fn samples(words: &str) -> Option<u64> {
    words.strip_prefix(ENDED_AT)?.split(' ').next()?.parse().ok()
}

impl Done {
    /// Reads `200 result=RESULT endpos=SAMPLES`, without a value; `None` when it is not so.
    fn read(head: &str) -> Option<Self> {
        let text = head.strip_prefix(RESULT)?;
        let (result, behind) = text.split_once(' ').unwrap_or((text, ""));
        let is_result = result.chars().all(|c| c.is_ascii_digit() || "*#ABCD-".contains(c));
        is_result.then(|| Self { result: result.to_owned(), value: None, ended_at: samples(behind) })
    }

    fn with(self, value: String, ended_at: Option<u64>) -> Self {
        Self { value: Some(value), ended_at: self.ended_at.or(ended_at), ..self }
    }

    /// The result as a number.
    pub(crate) fn number(&self) -> Option<i32> {
        self.result.parse().ok()
    }
}

impl Reply {
    /// The result as a number, of a command that was carried out.
    pub(crate) fn number(&self) -> Option<i32> {
        self.done().and_then(Done::number)
    }

    /// Where a sound or a recording ended, in samples.
    pub(crate) fn ended_at(&self) -> Option<u64> {
        self.done().and_then(|done| done.ended_at)
    }

    /// What stood in parentheses.
    pub(crate) fn value(&self) -> Option<&str> {
        self.done().and_then(|done| done.value.as_deref())
    }

    fn done(&self) -> Option<&Done> {
        match self {
            Self::Done(done) => Some(done),
            Self::Unknown | Self::Dead | Self::Misused => None,
        }
    }
}
