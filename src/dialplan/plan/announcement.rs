//! What a plan plays: in each of its languages, and with values of the call in it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    dialplan::{
        expr::{Expr, Facts},
        say::Manner,
    },
    domain::{Language, Media, Prompt},
};

/// What a caller hears at one place of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// In the order of the plan's languages; one alone is for all of them, and without one nothing is played.
    scripts: Arc<[Script]>,
}

/// An announcement in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    /// The same for every call.
    Fixed(Arc<[Media]>),
    /// With values in it.
    Filled(Arc<[Part]>),
}

/// A part of an announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// It is played as it is.
    Media(Media),
    /// It is said.
    Value(Saying),
}

/// A value that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// How.
    pub manner: Manner,
    /// What.
    pub value: Expr,
    /// In what language.
    pub language: Language,
    /// Every phrase that it may take.
    pub words: Arc<Words>,
}

/// Phrases that were made when the plan was read, each with its sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(BTreeMap<String, Media>);

/// What a script comes to for one call.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// What is played; it may be nothing.
    pub media: Arc<[Media]>,
    /// Whether a value made no sense as what it was to be said as, and is left out.
    pub unsaid: bool,
}

impl Announcement {
    /// One with a script for each language of the plan, or with one for all of them.
    pub fn new(scripts: Vec<Script>) -> Self {
        Self { scripts: scripts.into() }
    }

    /// The script for a language, by its place among the plan's.
    pub fn script(&self, language: usize) -> Option<&Script> {
        self.scripts.get(language).or(self.scripts.first())
    }

    /// Every sound of it that is the plan's own, in any language.
    pub fn prompts(&self) -> impl Iterator<Item = &Prompt> {
        self.scripts.iter().flat_map(Script::prompts)
    }

    /// What it is in a language, where that is the same for every call.
    pub fn fixed(&self, language: usize) -> Option<&Arc<[Media]>> {
        match self.script(language)? {
            Script::Fixed(media) => Some(media),
            Script::Filled(_) => None,
        }
    }

    /// What it comes to for a call in a language.
    pub fn heard(&self, language: usize, facts: &dyn Facts) -> Heard {
        self.script(language).map(|script| script.heard(facts)).unwrap_or_default()
    }

    /// The longest that it lasts, whatever the language and the values; `None` where that is not known of each part.
    pub fn longest(&self) -> Option<Duration> {
        self.scripts.iter().map(Script::longest).try_fold(Duration::ZERO, |most, script| Some(most.max(script?)))
    }

    /// The values that are said, in every language.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let parts = self.scripts.iter().flat_map(|script| match script {
            Script::Fixed(_) => &[][..],
            Script::Filled(parts) => parts,
        });
        parts.filter_map(|part| match part {
            Part::Media(_) => None,
            Part::Value(saying) => Some(&saying.value),
        })
    }
}

impl From<Arc<[Media]>> for Announcement {
    /// The same in every language.
    fn from(media: Arc<[Media]>) -> Self {
        Self { scripts: Arc::new([Script::Fixed(media)]) }
    }
}

impl From<&[Media]> for Announcement {
    fn from(media: &[Media]) -> Self {
        Arc::<[Media]>::from(media).into()
    }
}

impl Script {
    /// Of parts; of sounds alone it is the same for every call.
    pub fn new(parts: Vec<Part>) -> Self {
        let sound = |part: &Part| match part {
            Part::Media(media) => Some(media.clone()),
            Part::Value(_) => None,
        };
        match parts.iter().map(sound).collect::<Option<Arc<[Media]>>>() {
            Some(media) => Self::Fixed(media),
            None => Self::Filled(parts.into()),
        }
    }

    fn heard(&self, facts: &dyn Facts) -> Heard {
        let parts = match self {
            Self::Fixed(media) => return Heard { media: media.clone(), unsaid: false },
            Self::Filled(parts) => parts,
        };
        let (mut media, mut unsaid) = (Vec::with_capacity(parts.len()), false);
        for part in parts.iter() {
            match part {
                Part::Media(sound) => media.push(sound.clone()),
                Part::Value(saying) => {
                    let before = media.len();
                    media.extend(saying.heard(facts));
                    unsaid |= media.len() == before;
                }
            }
        }
        Heard { media: media.into(), unsaid }
    }

    fn prompts(&self) -> Vec<&Prompt> {
        match self {
            Self::Fixed(media) => media.iter().filter_map(Media::prompt).collect(),
            Self::Filled(parts) => parts.iter().flat_map(Part::media).filter_map(Media::prompt).collect(),
        }
    }

    fn longest(&self) -> Option<Duration> {
        match self {
            Self::Fixed(media) => Media::length_of(media),
            Self::Filled(parts) => parts.iter().map(Part::longest).sum(),
        }
    }
}

impl Part {
    /// Every sound that it may come to.
    fn media(&self) -> Vec<&Media> {
        match self {
            Self::Media(media) => vec![media],
            Self::Value(saying) => saying.words.0.values().collect(),
        }
    }

    fn longest(&self) -> Option<Duration> {
        match self {
            Self::Media(media) => media.length(),
            Self::Value(Saying { manner, words, .. }) => Some(words.longest()? * manner.most()),
        }
    }
}

impl Saying {
    /// Its phrases. One that was not made is left out: what a caller tells us names no sound.
    fn heard(&self, facts: &dyn Facts) -> impl Iterator<Item = Media> {
        let phrases = self.manner.phrases(&self.value.value(facts), &self.language);
        phrases.into_iter().filter_map(|phrase| self.words.0.get(&phrase).cloned())
    }
}

impl Words {
    fn longest(&self) -> Option<Duration> {
        self.0.values().map(Media::length).try_fold(Duration::ZERO, |most, length| Some(most.max(length?)))
    }
}

impl FromIterator<(String, Media)> for Words {
    fn from_iter<T: IntoIterator<Item = (String, Media)>>(words: T) -> Self {
        Self(words.into_iter().collect())
    }
}
