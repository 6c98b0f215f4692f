//! YAML as written: a tree in which every node knows its place.
//!
//! Everything is read before anything is judged, so that all mistakes can be told at once. What a word means (a number,
//! a duration, a name) is not decided here: `no`, `1.50` and `007` stay what was typed.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy, Spanned};

use super::{
    fault::{Fault, Span},
    no_yaml::fault,
};

/// How deep lists and mappings may stand in one another. Seven menus in one another fit; the reader of YAML recurses, and
/// takes up to 40 KiB of stack for each.
pub(crate) const DEEPEST: usize = 32;

/// How many words, lists and mappings a plan may have, aliases counted as what they stand for.
pub(crate) const MOST_NODES: usize = 100_000;

/// A piece of YAML.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

/// What a piece of YAML is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Left empty, or `null`.
    Nothing,
    /// A word, as typed when it is not in quotes.
    Word(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and what they stand for, in the order typed; the same key may be there twice.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// Whether it is left empty, or holds nothing.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Nothing => true,
            Kind::Word(_) => false,
            Kind::List(items) => items.is_empty(),
            Kind::Map(entries) => entries.is_empty(),
        }
    }

    /// The keys of the mapping that stands under `key`, as far as they are words.
    pub(crate) fn keys_in(&self, key: &str) -> impl Iterator<Item = &str> {
        let under = self.entries().iter().filter(move |(name, _)| name.is_word(key));
        under.flat_map(|(_, value)| value.entries()).filter_map(|(name, _)| match &name.kind {
            Kind::Word(word) => Some(word.as_str()),
            Kind::Nothing | Kind::List(_) | Kind::Map(_) => None,
        })
    }

    fn entries(&self) -> &[(Self, Self)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            Kind::Nothing | Kind::Word(_) | Kind::List(_) => &[],
        }
    }

    /// What stands under a key of a mapping.
    pub(crate) fn value_of(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name.is_word(key)).map(|(_, value)| value)
    }

    /// The word that it is.
    pub(crate) fn as_word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            Kind::Nothing | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether it is that word.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(typed) if typed == word)
    }
}

impl Kind {
    /// What it is, for a message.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Word(_) => "a word",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

/// Reads YAML.
///
/// # Errors
/// When it is not YAML, or passes a limit.
pub(crate) fn read(text: &str) -> Result<Node, Fault> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
        budget: serde_saphyr::budget! { max_depth: DEEPEST, max_nodes: MOST_NODES },
    };
    let typed = serde_saphyr::from_str_with_options::<Spanned<Typed>>(text, options);
    typed.map(|typed| node(text, typed)).map_err(|error| fault(text, &error))
}

/// What the YAML reader tells of a node.
enum Typed {
    Nothing,
    /// It took the word for a number or the like: what was typed is in the text.
    Guessed,
    Word(String),
    List(Vec<Spanned<Typed>>),
    Map(Vec<(Spanned<Typed>, Spanned<Typed>)>),
}

fn node(text: &str, typed: Spanned<Typed>) -> Node {
    let place = typed.defined.span();
    let at = |offset: Option<u64>| offset.and_then(|offset| usize::try_from(offset).ok());
    let start = at(place.byte_offset()).unwrap_or(0);
    let span = start..start + at(place.byte_len()).unwrap_or(0);
    let kind = match typed.value {
        Typed::Nothing => Kind::Nothing,
        Typed::Guessed => Kind::Word(text.get(span.clone()).unwrap_or_default().trim().into()),
        Typed::Word(word) => Kind::Word(word),
        Typed::List(items) => Kind::List(items.into_iter().map(|item| node(text, item)).collect()),
        Typed::Map(entries) => {
            Kind::Map(entries.into_iter().map(|(key, value)| (node(text, key), node(text, value))).collect())
        }
    };
    Node { span, kind }
}

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Typed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Typed, E> {
        Ok(Typed::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Typed, E> {
        Ok(Typed::Guessed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Typed, E> {
        Ok(Typed::Guessed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Typed, E> {
        Ok(Typed::Guessed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Typed, E> {
        Ok(Typed::Guessed)
    }

    fn visit_str<E>(self, word: &str) -> Result<Typed, E> {
        Ok(Typed::Word(word.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Typed, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Typed::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Typed, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Typed::Map(map))
    }
}
