//! A plan as it is written, without comments and places: what is kept of its text to tell later what changed.

use std::{
    collections::BTreeMap,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::{
    domain::Country,
    yaml::{Kind, Node},
};

/// The longest word that is kept as it is, in bytes. Of a longer one only what tells it from others is kept: nobody is shown
/// it, and a plan may have 4 MiB of them.
const LONGEST_WORD: usize = 60;

/// The section whose entries are callers' numbers. They are kept once, in the plan's lists.
pub(super) const LISTS: &str = "lists";

/// What is kept of a plan's text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Written {
    pub(super) sections: Entries,
    pub(super) country: Option<Country>,
    /// Files that are played, and what tells the content of each from another.
    pub(super) files: BTreeMap<String, String>,
}

impl fmt::Debug for Written {
    /// Not what is in it: a plan's text may have secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Written").finish_non_exhaustive()
    }
}

/// Keys and what stands behind them, in the order typed.
pub(super) type Entries = Vec<(Box<str>, Value)>;

/// A piece of a plan.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Nothing,
    Word(Box<str>),
    /// A word that is too long to be kept.
    Long(u64),
    List(Vec<Self>),
    Map(Entries),
}

impl Written {
    /// What is kept of a plan's text. `files`: those that are played, and what tells the content of each from another.
    pub(in crate::dialplan) fn of(plan: &Node, files: BTreeMap<String, String>) -> Self {
        let country = plan.value_of("country").and_then(Node::as_word).and_then(Country::new);
        let Value::Map(mut sections) = Value::of(plan) else {
            return Self { country, files, ..Self::default() };
        };
        sections.iter_mut().filter(|(key, _)| &**key == LISTS).for_each(|(_, value)| *value = Value::Nothing);
        Self { sections, country, files }
    }
}

impl Value {
    fn of(node: &Node) -> Self {
        match &node.kind {
            Kind::Nothing => Self::Nothing,
            Kind::Word(word) if word.len() > LONGEST_WORD => Self::Long(mark(word)),
            Kind::Word(word) => Self::Word(word.as_str().into()),
            Kind::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Kind::Map(entries) => Self::Map(entries.iter().map(|(key, value)| (name(key), Self::of(value))).collect()),
        }
    }

    /// It as a list: what may stand alone or in a list is the same in both ways.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::Nothing => &[],
            Self::List(items) => items,
            Self::Word(_) | Self::Long(_) | Self::Map(_) => std::slice::from_ref(self),
        }
    }

    /// Its keys; none when it is no mapping.
    pub(super) fn entries(&self) -> &[(Box<str>, Self)] {
        match self {
            Self::Map(entries) => entries,
            Self::Nothing | Self::Word(_) | Self::Long(_) | Self::List(_) => &[],
        }
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self, Self::Map(_))
    }
}

/// What stands under the same key in both.
pub(super) struct Both<'p> {
    pub(super) key: &'p str,
    pub(super) old: Option<&'p Value>,
    pub(super) new: Option<&'p Value>,
}

/// The keys of now, in their order, and then those that are gone.
pub(super) fn side_by_side<'p>(old: &'p [(Box<str>, Value)], new: &'p [(Box<str>, Value)]) -> Vec<Both<'p>> {
    let by_key = |entries: &'p [(Box<str>, Value)]| -> BTreeMap<&'p str, &'p Value> {
        entries.iter().map(|(key, value)| (&**key, value)).collect()
    };
    let (was, is) = (by_key(old), by_key(new));
    let gone = old.iter().filter(|(key, _)| !is.contains_key(&**key));
    let keys = new.iter().chain(gone).map(|(key, _)| &**key);
    keys.map(|key| Both { key, old: was.get(key).copied(), new: is.get(key).copied() }).collect()
}

fn name(key: &Node) -> Box<str> {
    match key.as_word() {
        Some(word) if word.len() <= LONGEST_WORD => word.into(),
        Some(word) => format!("{:x}", mark(word)).into(),
        None => "".into(),
    }
}

/// Tells one word from another.
fn mark(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}
