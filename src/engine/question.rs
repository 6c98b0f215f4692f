//! What a caller may be asked, and what his keys mean then.

use std::sync::Arc;

use super::notice::{Entering, Fact};
use crate::{
    dialplan::{Ask, Asking, Choice, Confirm, Lack, Menu},
    domain::{Digit, Digits},
};

/// What a caller is asked.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// Which way he wants to go.
    Menu(Arc<Menu>),
    /// For digits.
    Digits(Arc<Ask>),
    /// Whether he entered what he meant.
    Confirm {
        ask: Arc<Ask>,
        entered: Digits,
        /// Which time he was asked for the digits.
        attempt: u32,
    },
}

/// What keys mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The beginning of an answer.
    More,
    /// No answer.
    Wrong,
    /// This answer of a menu.
    Chosen(Digits, Choice),
    /// These digits.
    Entered(Digits),
    /// What was entered is what was meant.
    Right,
    /// It is not.
    Again,
}

impl Question {
    /// How it is asked.
    pub(crate) fn asking(&self) -> &Asking {
        match self {
            Self::Menu(menu) => &menu.asking,
            Self::Digits(ask) | Self::Confirm { ask, .. } => &ask.asking,
        }
    }

    /// Whether keys that were pressed before it was asked are answers to it. Nobody confirms what he has not heard.
    pub(crate) fn takes_ahead(&self) -> bool {
        match self {
            Self::Menu(_) | Self::Digits(_) => self.asking().type_ahead,
            Self::Confirm { .. } => false,
        }
    }

    /// What these keys mean; the last of them was pressed now.
    pub(crate) fn hears(&self, keys: &Digits) -> Reply {
        match self {
            Self::Menu(menu) => menu.hears(keys),
            Self::Digits(ask) => ask.hears(keys),
            Self::Confirm { .. } => match keys.iter().next().map(Digit::as_char) {
                Some(Confirm::YES) => Reply::Right,
                Some(Confirm::AGAIN) => Reply::Again,
                Some(_) | None => Reply::Wrong,
            },
        }
    }

    /// The key that many press behind such an answer, though it is whole without. Nobody does so behind an option of a menu,
    /// but behind an internal number.
    pub(crate) fn spare(&self, keys: &Digits) -> Option<Digit> {
        let end = match self {
            Self::Menu(menu) if menu.extensions.contains_key(keys) => Digit::new(Menu::END),
            Self::Digits(ask) => ask.end,
            Self::Menu(_) | Self::Confirm { .. } => None,
        };
        end.filter(|end| keys.split_last().is_none_or(|(last, _)| last != *end))
    }

    /// What these keys mean, at least one, when no other comes.
    pub(crate) fn falls_silent(&self, keys: &Digits) -> Reply {
        match self {
            Self::Menu(menu) => menu.chosen(keys).unwrap_or(Reply::Wrong),
            Self::Digits(ask) if keys.len() >= ask.min => Reply::Entered(keys.clone()),
            Self::Digits(_) | Self::Confirm { .. } => Reply::Wrong,
        }
    }

    /// That it is asked.
    pub(crate) fn asked(&self, attempt: u32) -> Fact {
        match self {
            Self::Menu(_) => Fact::MenuAsked { attempt },
            Self::Digits(_) => Fact::Entering(Entering::Asked { attempt }),
            Self::Confirm { .. } => Fact::Entering(Entering::ReadBack { attempt }),
        }
    }

    /// That it is not answered. What was entered is told to nobody.
    pub(crate) fn lacked(&self, lack: Lack, keys: Digits) -> Fact {
        match (self, lack) {
            (Self::Menu(_), Lack::Silence) => Fact::MenuUnanswered,
            (Self::Menu(_), Lack::Invalid) => Fact::MenuMistaken { keys },
            (Self::Digits(_) | Self::Confirm { .. }, Lack::Silence) => Fact::Entering(Entering::Silent),
            (Self::Digits(_) | Self::Confirm { .. }, Lack::Invalid) => Fact::Entering(Entering::Mistaken),
        }
    }
}

impl Menu {
    fn hears(&self, keys: &Digits) -> Reply {
        if self.begins(keys) {
            return Reply::More;
        }
        let ended = || {
            let (_, before) = keys.split_last().filter(|(last, _)| last.as_char() == Self::END)?;
            self.chosen(&before)
        };
        self.chosen(keys).or_else(ended).unwrap_or(Reply::Wrong)
    }

    fn chosen(&self, answer: &Digits) -> Option<Reply> {
        self.choice(answer).map(|choice| Reply::Chosen(answer.clone(), choice))
    }
}

impl Ask {
    fn hears(&self, keys: &Digits) -> Reply {
        let Some((last, before)) = keys.split_last() else { return Reply::More };
        if self.end == Some(last) {
            return if before.len() >= self.min { Reply::Entered(before) } else { Reply::Wrong };
        }
        if !last.as_char().is_ascii_digit() {
            Reply::Wrong
        } else if keys.len() >= self.max {
            Reply::Entered(keys.clone())
        } else {
            Reply::More
        }
    }
}
