//! Whether operators are there for their queues: what a plan says of it, and what may be wanted of it.

use std::{collections::BTreeSet, time::Duration};

use super::{Announcement, Asking, AtDesk};
use crate::{dialplan::word, domain::Name, yaml::Read};

/// What somebody wants of an operator's duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DutyChange {
    /// He is there. A pause of his is over with it.
    SignIn,
    /// He is there, at the desk with this internal number; `None`: at his own telephone.
    SignInAt(Option<Name>),
    /// He is not.
    SignOut,
    /// He is there, and takes no calls of queues for a while.
    Pause {
        /// Why, in a word of the plan.
        reason: Option<Name>,
        /// For how long; `None`: as long as the plan says for that reason, or until somebody says otherwise.
        lasts: Option<Duration>,
    },
    /// His pause is over.
    Resume,
    /// His wrap-up is over.
    EndWrapUp,
    /// His wrap-up lasts so much longer.
    ExtendWrapUp(Duration),
    /// He is there if he was not, or paused; and otherwise he is not.
    Toggle,
}

impl DutyChange {
    /// The word for it, as a plan writes it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::SignIn | Self::SignInAt(_) => "sign_in",
            Self::SignOut => "sign_out",
            Self::Pause { .. } => "pause",
            Self::Resume => "resume",
            Self::EndWrapUp => "wrap_up_end",
            Self::ExtendWrapUp(_) => "wrap_up_extend",
            Self::Toggle => "toggle",
        }
    }

    /// Reads at which desk somebody is to be signed in from outside.
    pub(crate) fn sign_in_at(desk: &str) -> Read<Self> {
        word::extension(desk).map(|desk| Self::SignInAt(Some(desk)))
    }

    /// Reads a pause that somebody asks for from outside.
    pub(crate) fn pause(reason: Option<&str>, lasts: Option<&str>) -> Read<Self> {
        let reason = reason.map(word::name).transpose()?;
        Ok(Self::Pause { reason, lasts: lasts.map(|lasts| duration("for", lasts)).transpose()? })
    }

    /// Reads by how much somebody wants a wrap-up to be longer.
    pub(crate) fn extend(more: &str) -> Read<Self> {
        duration("extend", more).map(Self::ExtendWrapUp)
    }

    /// The shortest pause, and the least by which a wrap-up is made longer.
    pub const SHORTEST: Duration = Duration::from_secs(1);

    /// The longest.
    pub const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
}

fn duration(name: &'static str, text: &str) -> Read<Duration> {
    word::duration(name, DutyChange::SHORTEST..=DutyChange::LONGEST, false)(text)
}

/// An operator at a telephone says who he is, and changes his duty.
#[derive(Clone, Debug)]
pub struct ByPhone {
    /// What comes of it.
    pub change: DutyChange,
    /// How he is asked for his PIN, and where he goes who cannot do it.
    pub asking: Asking,
    /// How one is asked for his internal number who is not at his own telephone; `None`: he is refused.
    pub extension: Option<Announcement>,
    /// Where he is who signs in; `None`: where he is by himself.
    pub desk: Option<AtDesk>,
}

impl ByPhone {
    /// The key that ends what he enters.
    pub const END: char = '#';
}

/// After how many calls that he did not take an operator is paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoPause {
    /// So many, with none between them that he took.
    pub after: u32,
    /// Which of them count.
    pub of: BTreeSet<Missed>,
    /// For how long; `None`: until somebody says otherwise.
    pub lasts: Option<Duration>,
    /// So long after a conversation of his none of them counts.
    pub delay: Duration,
}

impl AutoPause {
    /// The reason of such a pause. No reason of a plan is called so.
    pub const REASON: &'static str = "auto_pause";
}

/// How an operator did not take a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missed {
    /// He let it ring.
    NoAnswer,
    /// His phone was busy.
    Busy,
    /// He pressed "reject".
    Declined,
    /// His phone could not be reached.
    Unreachable,
}

/// How an operator of a queue is not there for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Away {
    /// He is paused.
    Paused,
    /// He is signed out.
    SignedOut,
}
