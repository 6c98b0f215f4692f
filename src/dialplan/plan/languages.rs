//! The languages of a plan.

use std::sync::Arc;

use crate::domain::Language;

/// In which languages a plan speaks. There is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Languages {
    first: Language,
    others: Arc<[Language]>,
    /// Whether the plan names them, so that Asterisk's own sounds are to come in them too.
    named: bool,
}

impl Languages {
    /// Those that a plan names, the first being the one that calls begin in.
    pub fn named(all: Vec<Language>) -> Self {
        let mut all = all.into_iter();
        all.next().map_or_else(Self::default, |first| Self { first, others: all.collect(), named: true })
    }

    /// Whether Asterisk is told the language of each call. It knows best where the plan names none.
    pub fn are_told(&self) -> bool {
        self.named
    }

    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = &Language> {
        std::iter::once(&self.first).chain(&*self.others)
    }

    /// One of them by its place; the first where there is none.
    pub fn at(&self, place: usize) -> &Language {
        place.checked_sub(1).and_then(|place| self.others.get(place)).unwrap_or(&self.first)
    }

    /// The place of the one with this code.
    pub fn find(&self, code: &str) -> Option<usize> {
        self.iter().position(|language| language.code() == code)
    }
}

impl Default for Languages {
    /// What is said is said in English, and Asterisk's sounds come in the language that the channel has.
    fn default() -> Self {
        Self { first: Language::english(), others: Arc::new([]), named: false }
    }
}
