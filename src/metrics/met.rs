//! How what somebody asked for was met, in words.

/// How a plan that was read anew was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// It is in force.
    Loaded,
    /// It has mistakes; the old one stays in force.
    Refused,
}

impl Reload {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Refused => "refused",
        }
    }
}

/// How one who asked for a prompt was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetch {
    /// With the prompt.
    Sent,
    /// He has it already.
    Unchanged,
    /// There is no such prompt.
    Missing,
}

impl Fetch {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Unchanged => "unchanged",
            Self::Missing => "missing",
        }
    }
}
