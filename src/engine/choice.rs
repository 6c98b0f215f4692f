//! What a dialplan asks that keeps its calls: an operator, and where a call would go. What is asked, and what is told.

use std::{sync::Arc, time::Duration};

use super::notice::OfferOutcome;
use crate::domain::{Name, ReservationId};

/// What Asterisk's dialplan asks for when it connects a caller itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// An operator of which queue; perhaps of none that the plan has.
    pub queue: Name,
    /// How long the caller stands in its line for him at most; [`Duration::ZERO`]: he does not.
    pub wait: Duration,
    /// How long the operator is kept for him who does not talk to him.
    pub limit: Duration,
    /// What became of the operator whom the caller was given before, if he still has one.
    pub before: OfferOutcome,
}

/// What the session of a dialplan that asked is told, and ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Whether an operator was chosen.
    Choice(Choice),
    /// Whether what was said about an operator who was chosen was of use.
    Reservation(Noted),
    /// Where a call would go.
    Route(Route),
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This operator is kept for the caller.
    Chosen {
        /// By what it is known that it was he, and for whom.
        reservation: ReservationId,
        /// Who.
        operator: Name,
        /// How he is dialled: Asterisk's dial string.
        dial: Arc<str>,
        /// How long the queue lets a phone ring.
        ring: Duration,
    },
    /// Nobody is free.
    Busy {
        /// The place in line that the caller would have.
        position: usize,
    },
    /// He waited in vain.
    TimedOut {
        /// The place in line that he had come to.
        position: usize,
    },
    /// Nobody serves this queue.
    Unstaffed,
    /// The plan has no such queue.
    NoSuchQueue,
    /// The node has as many calls, or as many new ones a second, as it may have.
    Overload,
    /// The engine is about to stop.
    Draining,
}

impl Choice {
    /// All words of [`Self::word`], for metrics.
    pub const WORDS: [&str; 7] = ["chosen", "busy", "timed_out", "unstaffed", "no_such_queue", "overload", "draining"];

    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Chosen { .. } => "chosen",
            Self::Busy { .. } => "busy",
            Self::TimedOut { .. } => "timed_out",
            Self::Unstaffed => "unstaffed",
            Self::NoSuchQueue => "no_such_queue",
            Self::Overload => "overload",
            Self::Draining => "draining",
        }
    }
}

/// What came of a word about an operator who was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Noted {
    /// He talks to the caller.
    Answered,
    /// He is given back.
    Released,
    /// He was given back before, or taken back since nobody used him.
    Over,
    /// No operator is kept for this channel, or by this name.
    Unknown,
}

impl Noted {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Released => "released",
            Self::Over => "over",
            Self::Unknown => "unknown",
        }
    }
}

/// Where a call would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where it stays, or ends.
    pub goes: Goes,
    /// The last flow that it came to on the way.
    pub flow: Option<Name>,
}

/// Where a call stays or ends that nobody has done anything to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goes {
    /// The plan has no such number.
    UnknownNumber,
    /// All channels of the number are in use, and it is refused.
    Full,
    /// In the line of this queue.
    Queue(Name),
    /// At a step that rings these, with commas between them.
    Dial(Arc<str>),
    /// At a menu.
    Menu,
    /// Where digits are asked for.
    Ask,
    /// At a message for this box.
    Record(Name),
    /// At a question to another server, whose answer decides.
    LookUp,
    /// Where it is promised that its caller is called back to this queue.
    Callback(Name),
    /// In Asterisk's own dialplan.
    Continue,
    /// It is hung up.
    HangUp,
    /// The plan is at its end.
    End,
    /// It comes to no end.
    Circles,
}

impl Goes {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::UnknownNumber => "unknown_number",
            Self::Full => "full",
            Self::Queue(_) => "queue",
            Self::Dial(_) => "dial",
            Self::Menu => "menu",
            Self::Ask => "ask",
            Self::Record(_) => "record",
            Self::LookUp => "lookup",
            Self::Callback(_) => "callback",
            Self::Continue => "continue",
            Self::HangUp => "hangup",
            Self::End => "end",
            Self::Circles => "circles",
        }
    }

    /// Whom or what it is of; nothing where there is none.
    pub fn of(&self) -> &str {
        match self {
            Self::Queue(name) | Self::Record(name) | Self::Callback(name) => name,
            Self::Dial(to) => to,
            Self::UnknownNumber
            | Self::Full
            | Self::Menu
            | Self::Ask
            | Self::LookUp
            | Self::Continue
            | Self::HangUp
            | Self::End
            | Self::Circles => "",
        }
    }
}
