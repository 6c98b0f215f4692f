//! Messages that callers leave, as the engine and those who keep them speak of them.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::{CallId, MessageId, Name, NodeId};

/// What is known of a message before a word of it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its id, which tells the recording.
    pub id: MessageId,
    /// The Asterisk that records it.
    pub node: NodeId,
    /// The box that it is for.
    pub mailbox: Name,
    /// The number that was called, as the plan writes it.
    pub number: String,
    /// The caller's number; none when he withholds it.
    pub caller: Option<Arc<str>>,
    /// The caller's name.
    pub caller_name: Option<Arc<str>>,
    /// His call.
    pub call: CallId,
    /// Who is told when it is kept.
    pub notify: Option<Address>,
}

/// Where somebody is told something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Which server, as the plan wrote it.
    pub host: Arc<str>,
    /// The whole of it.
    pub url: Arc<str>,
}

impl About {
    /// What is told of a message that is kept and lasts so long: JSON. Its sound is at a path of our API, or at an URL where
    /// it is known how others reach that.
    pub fn news(&self, lasts: Duration, public_url: Option<&str>) -> Arc<str> {
        let audio = format!("{}{}", public_url.unwrap_or_default(), self.id.audio());
        let news = json!({
            "event": "message",
            "id": self.id,
            "box": self.mailbox,
            "number": self.number,
            "caller": self.caller,
            "caller_name": self.caller_name,
            "call": self.call,
            "begun": self.id.begun_written(),
            "seconds": lasts.as_secs_f64(),
            "audio": audio,
        });
        news.to_string().into()
    }
}

/// Something to do about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chore {
    /// It is about to be recorded: should this engine not live to see the end, who finds it must know whose it is.
    Expect(Arc<About>),
    /// It is recorded: fetch it from Asterisk and keep it.
    Keep(Arc<About>),
    /// The same, but nobody has heard that the recording is over: half of it is not fetched.
    KeepWhenOver(Arc<About>),
    /// Another engine has the Asterisk that records it: whoever finds the recording there keeps it.
    Release(Arc<About>),
    /// It came to no recording.
    Drop(Arc<About>),
}

impl Chore {
    /// What is known of the message.
    pub fn about(&self) -> &Arc<About> {
        match self {
            Self::Expect(about)
            | Self::Keep(about)
            | Self::KeepWhenOver(about)
            | Self::Release(about)
            | Self::Drop(about) => about,
        }
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is kept, and lasts so long.
    Kept(Duration),
    /// Nothing was said.
    Nothing,
    /// It is not kept.
    Lost(Lost),
}

/// Why a message is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lost {
    /// Its box, or all the room for messages, is full.
    Full,
    /// It could not be written here: no room on our disk, or the folder is not ours.
    NotWritten,
    /// Asterisk recorded nothing: no room on its disk.
    Empty,
    /// Asterisk does not have it.
    Missing,
}
