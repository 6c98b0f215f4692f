//! What a caller may be asked, and what his keys mean then.

use std::sync::Arc;

use super::{
    OperatorIx,
    notice::{Entering, Fact},
};
use crate::{
    dialplan::{Ask, Asking, ByPhone, Choice, Confirm, Lack, Menu},
    domain::{Digit, Digits, pin},
};

/// An internal number has so many keys at most.
const LONGEST_EXTENSION: usize = 6;

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
    /// Which operator he is.
    Extension(Arc<ByPhone>),
    /// For that operator's PIN.
    Pin {
        step: Arc<ByPhone>,
        /// `None`: there is no such operator.
        of: Option<OperatorIx>,
        /// Whether he was asked which one he is.
        typed: bool,
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
            Self::Extension(step) | Self::Pin { step, .. } => &step.asking,
        }
    }

    /// Whether keys that were pressed before it was asked are answers to it. Nobody confirms what he has not heard.
    pub(crate) fn takes_ahead(&self) -> bool {
        match self {
            Self::Menu(_) | Self::Digits(_) | Self::Extension(_) | Self::Pin { .. } => self.asking().type_ahead,
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
            Self::Extension(_) => entered(keys, LONGEST_EXTENSION),
            Self::Pin { .. } => entered(keys, pin::LONGEST),
        }
    }

    /// What is asked anew of one who gave a wrong answer.
    pub(crate) fn anew(self) -> Self {
        match self {
            Self::Pin { step, typed: true, .. } => Self::Extension(step),
            Self::Menu(_) | Self::Digits(_) | Self::Confirm { .. } | Self::Extension(_) | Self::Pin { .. } => self,
        }
    }

    /// The key that many press behind such an answer, though it is whole without. Nobody does so behind an option of a menu,
    /// but behind an internal number.
    pub(crate) fn spare(&self, keys: &Digits) -> Option<Digit> {
        let end = match self {
            Self::Menu(menu) if menu.extensions.contains_key(keys) => Digit::new(Menu::END),
            Self::Digits(ask) => ask.end,
            Self::Extension(_) | Self::Pin { .. } => Digit::new(ByPhone::END),
            Self::Menu(_) | Self::Confirm { .. } => None,
        };
        end.filter(|end| keys.split_last().is_none_or(|(last, _)| last != *end))
    }

    /// What these keys mean, at least one, when no other comes.
    pub(crate) fn falls_silent(&self, keys: &Digits) -> Reply {
        match self {
            Self::Menu(menu) => menu.chosen(keys).unwrap_or(Reply::Wrong),
            Self::Digits(ask) if keys.len() >= ask.min => Reply::Entered(keys.clone()),
            Self::Extension(_) | Self::Pin { .. } => Reply::Entered(keys.clone()),
            Self::Digits(_) | Self::Confirm { .. } => Reply::Wrong,
        }
    }

    /// That it is asked.
    pub(crate) fn asked(&self, attempt: u32) -> Fact {
        match self {
            Self::Menu(_) => Fact::MenuAsked { attempt },
            Self::Digits(_) | Self::Extension(_) | Self::Pin { .. } => Fact::Entering(Entering::Asked { attempt }),
            Self::Confirm { .. } => Fact::Entering(Entering::ReadBack { attempt }),
        }
    }

    /// That it is not answered. What was entered is told to nobody.
    pub(crate) fn lacked(&self, lack: Lack, keys: Digits) -> Fact {
        match (self, lack) {
            (Self::Menu(_), Lack::Silence) => Fact::MenuUnanswered,
            (Self::Menu(_), Lack::Invalid) => Fact::MenuMistaken { keys },
            (Self::Digits(_) | Self::Confirm { .. } | Self::Extension(_) | Self::Pin { .. }, Lack::Silence) => {
                Fact::Entering(Entering::Silent)
            }
            (Self::Digits(_) | Self::Confirm { .. } | Self::Extension(_) | Self::Pin { .. }, Lack::Invalid) => {
                Fact::Entering(Entering::Mistaken)
            }
        }
    }
}

/// What keys mean that are whole with the key that ends them, or with so many of them.
fn entered(keys: &Digits, most: usize) -> Reply {
    let Some((last, before)) = keys.split_last() else { return Reply::More };
    if last.as_char() == ByPhone::END {
        return if before.is_empty() { Reply::Wrong } else { Reply::Entered(before) };
    }
    if keys.len() >= most { Reply::Entered(keys.clone()) } else { Reply::More }
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
