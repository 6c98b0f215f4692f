//! What a caller hears.

use std::{fmt, sync::Arc, time::Duration};

/// Something to play to a channel: what comes to an end by itself. What Asterisk plays as `tone:` does not, so a plan's tones are
/// prompts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Media {
    /// A sound that Asterisk has, by its name without the ending: `hello-world`, `custom/welcome`.
    Sound(Arc<str>),
    /// A sound of the plan's own.
    Prompt(Arc<Prompt>),
}

/// A sound that belongs to a plan: a file beside it, a text that was made into speech, or a tone that was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prompt {
    /// As the plan names it: `welcome.wav`, the text, or `{tone: busy, for: 3s}`.
    pub name: Arc<str>,
    /// What Asterisk is asked to play: `sound:http://...` or `sound:/a/folder/...`.
    pub uri: Arc<str>,
    /// How long it lasts; `None` where nobody has looked at it.
    pub length: Option<Duration>,
}

impl Media {
    /// It, where it belongs to the plan.
    pub fn prompt(&self) -> Option<&Prompt> {
        match self {
            Self::Sound(_) => None,
            Self::Prompt(prompt) => Some(prompt),
        }
    }

    /// How long it lasts, where that is known.
    pub fn length(&self) -> Option<Duration> {
        match self {
            Self::Sound(_) => None,
            Self::Prompt(prompt) => prompt.length,
        }
    }

    /// How long these last one after the other; `None` where it is not known of each of them.
    pub fn length_of(media: &[Self]) -> Option<Duration> {
        media.iter().map(Self::length).sum()
    }
}

impl fmt::Display for Media {
    /// As ARI takes it in `media=`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sound(name) => write!(f, "sound:{name}"),
            Self::Prompt(prompt) => f.write_str(&prompt.uri),
        }
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
