//! Keys of mappings: described where they are read, so that none can be read without being explained.

use serde_json::{Map, Value, json};

use super::shape::{Shape, Shared, Word, explained, object, put};

/// A key, what stands behind it, and why somebody writes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<S> {
    pub(super) name: &'static str,
    pub(super) shape: S,
    docs: &'static str,
    pub(super) need: Need,
}

/// Whether a key must be there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    /// It must; this is what to add.
    Always(&'static str),
    /// It must where another key is not; this is what to add.
    Without(&'static str, &'static str),
    Never,
}

impl<S> Key<S> {
    /// What it is called.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// A key that must be there. `example`: what to add where it is missing, key and value.
    pub(crate) const fn required(name: &'static str, example: &'static str, shape: S, docs: &'static str) -> Self {
        Self { name, shape, docs: said(docs), need: Need::Always(example) }
    }

    /// A key that must be there where `other` is not.
    pub(crate) const fn without(
        other: &'static str,
        name: &'static str,
        example: &'static str,
        shape: S,
        docs: &'static str,
    ) -> Self {
        Self { name, shape, docs: said(docs), need: Need::Without(other, example) }
    }

    /// A key that may be missing.
    pub(crate) const fn optional(name: &'static str, shape: S, docs: &'static str) -> Self {
        Self { name, shape, docs: said(docs), need: Need::Never }
    }
}

impl<W: Word> Key<Or<W>> {
    /// A key that may be missing, and what holds then.
    pub(crate) const fn or(name: &'static str, word: W, default: W::Value, docs: &'static str) -> Self {
        Self { name, shape: Or { word, default }, docs: said(docs), need: Need::Never }
    }
}

/// What explains a key; nothing explains none.
const fn said(docs: &'static str) -> &'static str {
    assert!(!docs.is_empty(), "a key is explained by a sentence or two");
    docs
}

/// A word, and what holds where it is missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Or<W: Word> {
    pub(super) word: W,
    pub(super) default: W::Value,
}

impl<W: Word> Shape for Or<W>
where
    W::Value: Sync,
{
    fn schema(&self, shared: &mut Shared) -> Value {
        let mut schema = self.word.schema(shared);
        if let Some(written) = self.word.written(&self.default) {
            put(&mut schema, "default", written);
        }
        schema
    }
}

/// A key of whatever kind.
pub(crate) trait Described: Sync {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// Whether it must be there; `Some(other)`: only without that one.
    fn needed(&self) -> (bool, Option<&'static str>);

    /// What stands behind it, explained.
    fn schema(&self, shared: &mut Shared) -> Value;

    /// The keys of what stands behind it, where they are known.
    fn keys(&self) -> Vec<&'static str>;
}

impl<S: Shape> Described for Key<S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn needed(&self) -> (bool, Option<&'static str>) {
        match self.need {
            Need::Always(_) => (true, None),
            Need::Without(other, _) => (true, Some(other)),
            Need::Never => (false, None),
        }
    }

    fn schema(&self, shared: &mut Shared) -> Value {
        explained(self.shape.schema(shared), self.docs)
    }

    fn keys(&self) -> Vec<&'static str> {
        self.shape.keys()
    }
}

/// A mapping with known keys. No others are read.
#[derive(Clone, Copy)]
pub(crate) struct Mapping {
    /// What it is, for messages: "a queue".
    pub(crate) what: &'static str,
    /// Its keys, the one that matters most first.
    pub(crate) keys: &'static [&'static dyn Described],
}

impl Mapping {
    pub(super) fn has(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key.name() == name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.keys.iter().map(|key| key.name())
    }
}

impl Shape for Mapping {
    fn schema(&self, shared: &mut Shared) -> Value {
        let keys: Map<_, _> = self.keys.iter().map(|key| (key.name().to_owned(), key.schema(shared))).collect();
        let needed = self.keys.iter().map(|key| (key.name(), key.needed()));
        let always: Vec<&str> =
            needed.clone().filter(|(_, need)| *need == (true, None)).map(|(name, _)| name).collect();
        let mut schema = object(keys, &always);
        let either: Vec<Value> = needed
            .filter_map(|(name, (_, other))| Some(json!([{ "required": [name] }, { "required": [other?] }])))
            .collect();
        if let Some(either) = either.into_iter().next() {
            put(&mut schema, "anyOf", either);
        }
        schema
    }

    fn keys(&self) -> Vec<&'static str> {
        self.names().collect()
    }
}
