//! Who ends conversations, and whereto they are transferred.

use std::sync::Arc;

use serde::Serialize;

/// Who ended a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The caller hung up.
    Caller,
    /// Whoever answered him hung up.
    Operator,
    /// Whoever answered him put somebody else in his place, with whom the caller talks on.
    Transferred,
    /// It was over when we looked again after a gap.
    Unknown,
    /// Nobody: it goes on, and another engine has the call. It is counted there.
    TakenOver,
}

/// Whereto a telephone transferred somebody, in the words of Asterisk's dialplan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// To what was dialled there, without a word to whoever answers.
    Blind {
        /// What was dialled.
        extension: Arc<str>,
        /// Where.
        context: Arc<str>,
    },
    /// To somebody whom its user had called before.
    Attended {
        /// The names of the two channels that join both calls: the one in the caller's bridge, and its other end.
        link: [Arc<str>; 2],
    },
}
