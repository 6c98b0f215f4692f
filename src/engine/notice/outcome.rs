//! How calls end, how waiting ends in vain, and what becomes of messages.

use serde::Serialize;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The caller talked to an operator, or to whom a step dialled.
    Served,
    /// The caller hung up before he waited in a queue.
    LeftInMenu,
    /// The caller hung up while or after he left a message.
    LeftMessage,
    /// The caller hung up in the line, or while he was rung for.
    Abandoned,
    /// The plan ended it.
    EndedByPlan,
    /// The plan gave it back to Asterisk's own dialplan.
    Continued,
    /// The number was full, and he was told.
    Full,
    /// It went to the native fallback.
    Fallback,
    /// It was refused: too many calls, no such number.
    Refused,
    /// Asterisk lost it, or a bug of ours did.
    Lost,
    /// It goes on with another engine, which has our application at Asterisk now.
    TakenOver,
    /// It was one in which somebody was called back, and he was not reached.
    NotReached,
    /// It came to a step that cannot be done where it was, and was not brought to where it can: it went to the native fallback,
    /// or the caller hung up on his way.
    NotHandedOver,
}

impl Outcome {
    /// All of them, for metrics.
    pub const ALL: [Self; 13] = [
        Self::Served,
        Self::LeftInMenu,
        Self::LeftMessage,
        Self::Abandoned,
        Self::EndedByPlan,
        Self::Continued,
        Self::Full,
        Self::Fallback,
        Self::Refused,
        Self::Lost,
        Self::TakenOver,
        Self::NotReached,
        Self::NotHandedOver,
    ];
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageOutcome {
    /// It is kept.
    Kept,
    /// What was said until Asterisk's disk was full is kept.
    CutShort,
    /// Nothing was said, and nothing is kept.
    Nothing,
    /// There is no room in its box, or for any message.
    Full,
    /// Asterisk did not record it: its disk is full, or it has no folder for it.
    NotRecorded,
    /// We could not write it.
    NotWritten,
    /// Asterisk does not have it any more.
    Missing,
}

impl MessageOutcome {
    /// All of them, for metrics.
    pub const ALL: [Self; 7] =
        [Self::Kept, Self::CutShort, Self::Nothing, Self::Full, Self::NotRecorded, Self::NotWritten, Self::Missing];
}

/// Why a caller left a queue unserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftQueue {
    /// He hung up, or was taken away from us.
    Abandoned,
    /// He waited as long as the queue lets him.
    TimedOut,
    /// Nobody may serve him: a new plan left nobody, or whoever is left is kept out by penalties or skills.
    Unstaffed,
    /// He pressed a key that leads out of it.
    ByKey,
    /// It was full when he came: he never stood in it.
    Full,
    /// It is closed: it was when he came, or closed while he waited.
    Closed,
    /// Somebody moved him elsewhere.
    Moved,
    /// Somebody took him out of it.
    Withdrawn,
    /// Asterisk's dialplan was given an operator for him, and went on without.
    Continued,
    /// Another engine has his call: he waits on there, and is counted there.
    TakenOver,
}

impl LeftQueue {
    /// All of them, for metrics.
    pub const ALL: [Self; 10] = [
        Self::Abandoned,
        Self::TimedOut,
        Self::Unstaffed,
        Self::ByKey,
        Self::Full,
        Self::Closed,
        Self::Moved,
        Self::Withdrawn,
        Self::Continued,
        Self::TakenOver,
    ];
}
