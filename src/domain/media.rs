//! What a caller hears.

use std::{fmt, sync::Arc};

/// Something to play to a channel: what Asterisk can play by itself, and what comes to an end by itself. A tone of its
/// `indications.conf` does not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Media {
    /// A sound that Asterisk has, by its name without the ending: `hello-world`, `custom/welcome`.
    Sound(Arc<str>),
}

impl fmt::Display for Media {
    /// As a plan writes it and as ARI takes it in `media=`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sound(name) => write!(f, "sound:{name}"),
        }
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
