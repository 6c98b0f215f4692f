//! From a tree to values: the tools with which plans, settings and tests are read. A value that cannot be read is told and left out,
//! and reading goes on.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    braces,
    fault::{Fault, Span, quoted},
    key::{Key, Mapping, Need, Or},
    shape::{Many, Word},
    suggest,
    tree::{Kind, Node},
};

/// A value and the place it was typed at.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// Why a word is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// What is wrong.
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) remedy: String,
}

impl Wrong {
    pub(crate) fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: remedy.into() }
    }
}

/// A word read as a `T`.
pub(crate) type Read<T> = Result<T, Wrong>;

/// With so many mistakes, no more are looked for: whatever this file is, it is not a plan with a few slips in it.
pub(crate) const ENOUGH: usize = 1000;

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) faults: Vec<Fault>,
    /// Names that are given somewhere in the text, and what to write where one stands alone in a wrong place.
    pub(crate) hints: BTreeMap<String, String>,
}

/// The values of a mapping with known keys.
pub(crate) struct Fields<'n> {
    mapping: &'static Mapping,
    /// Where to point when a key is missing.
    owner: Span,
    /// Whether what stood there was told as wrong altogether; then nothing of it is missing.
    unread: bool,
    values: BTreeMap<&'static str, &'n Node>,
}

impl<'n> Fields<'n> {
    /// The value of a key, if the mapping has it.
    pub(crate) fn get<S>(&self, key: &Key<S>) -> Option<&'n Node> {
        let Mapping { what, .. } = self.mapping;
        debug_assert!(
            self.mapping.has(key.name),
            "`{}` is not among the keys of {what}: nobody can write it",
            key.name
        );
        self.values.get(key.name).copied()
    }
}

impl Reader {
    pub(crate) fn tell(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Whether it is of use to look for more mistakes.
    pub(crate) fn goes_on(&self) -> bool {
        self.faults.len() < ENOUGH
    }

    /// Whether an expression stands there without quotes, and tells so.
    pub(crate) fn is_bare(&mut self, node: &Node) -> bool {
        let fault = braces::bare(node);
        let is_bare = fault.is_some();
        self.faults.extend(fault);
        is_bare
    }

    fn wrong_kind(&mut self, node: &Node, what: &str, remedy: &str) {
        if self.is_bare(node) {
            return;
        }
        let message = format!("this should be {what}, and it is {}", node.kind.name());
        self.tell(Fault::error(&node.span, message).remedy(remedy));
    }

    /// Reads a mapping of known keys. `owner`: where to point when a key is missing.
    pub(crate) fn fields<'n>(&mut self, node: &'n Node, mapping: &'static Mapping, owner: &Span) -> Option<Fields<'n>> {
        self.fields_or(node, mapping, owner, |_| None)
    }

    /// As [`Reader::fields`]. `elsewhere`: where an unknown key belongs, if that is known.
    pub(crate) fn fields_or<'n>(
        &mut self,
        node: &'n Node,
        mapping: &'static Mapping,
        owner: &Span,
        elsewhere: impl Fn(&str) -> Option<String>,
    ) -> Option<Fields<'n>> {
        if self.is_bare(node) {
            return None;
        }
        let (what, known) = (mapping.what, mapping.names());
        let Kind::Map(entries) = &node.kind else {
            self.wrong_kind(node, &format!("{what} with its keys"), &with_keys(node, &known.collect::<Vec<_>>()));
            return None;
        };
        let mut seen: BTreeMap<&'static str, (&Span, &'n Node)> = BTreeMap::new();
        let mut mistyped = Vec::new();
        for (key, value) in entries {
            if !self.goes_on() {
                break;
            }
            let Some(typed) = self.key(key, "a key") else { continue };
            let Some(known_key) = known.clone().find(|key| *key == typed) else {
                let message = format!("{what} has no {}", quoted(typed));
                let remedy = elsewhere(typed).or_else(|| torn(typed)).unwrap_or_else(|| {
                    let all = format!("{what} has");
                    suggest::instead(typed, known.clone(), &all)
                });
                self.tell(Fault::error(&key.span, message).remedy(remedy));
                mistyped.extend(suggest::nearest(typed, known.clone()).zip(Some(value)));
                continue;
            };
            match seen.entry(known_key) {
                Entry::Occupied(first) => self.twice(key, first.get().0),
                Entry::Vacant(free) => {
                    free.insert((&key.span, value));
                }
            }
        }
        let mut values: BTreeMap<_, _> = seen.into_iter().map(|(key, (_, value))| (key, value)).collect();
        // What stands behind a mistyped key is read too: it may hold mistakes of its own.
        for (key, value) in mistyped {
            values.entry(key).or_insert(value);
        }
        Some(Fields { mapping, owner: owner.clone(), unread: false, values })
    }

    /// As [`Reader::fields`], of a thing that others may name: it is there even when nothing of it could be read, so that
    /// those who name it are not told that it is missing.
    pub(crate) fn fields_of<'n>(&mut self, node: &'n Node, mapping: &'static Mapping, owner: &Span) -> Fields<'n> {
        let unread = || Fields { mapping, owner: owner.clone(), unread: true, values: BTreeMap::new() };
        self.fields(node, mapping, owner).unwrap_or_else(unread)
    }

    fn twice(&mut self, key: &Node, first: &Span) {
        let typed = if let Kind::Word(word) = &key.kind { word } else { "" };
        let fault = Fault::error(&key.span, format!("{} is here twice", quoted(typed)));
        self.tell(fault.related(first, "first here").remedy("keep one of the two"));
    }

    /// Reads a mapping whose keys name things; the same thing twice (`same` says what is the same) is told. `None`: it is
    /// no mapping. Left empty, it has no things. `unread` stands for a name that is wrong, so that what stands behind it is
    /// read all the same.
    pub(crate) fn named<'n, K>(
        &mut self,
        node: &'n Node,
        what: &str,
        read: impl Fn(&str) -> Read<K>,
        same: impl Fn(&K) -> &str,
        unread: impl Fn(&str) -> K,
    ) -> Option<Vec<(At<K>, &'n Node)>> {
        let entries = match &node.kind {
            Kind::Map(entries) => entries.as_slice(),
            Kind::Nothing => &[],
            Kind::Word(_) | Kind::List(_) => {
                self.wrong_kind(node, what, "a line for each: its name, a colon, and what it is");
                return None;
            }
        };
        let mut seen: BTreeMap<String, &Span> = BTreeMap::new();
        let mut named = Vec::new();
        for (key, value) in entries {
            if !self.goes_on() {
                break;
            }
            let Some(typed) = self.key(key, "a name") else { continue };
            let Some(name) = self.value(key, "a name", &read) else {
                named.push((At { value: unread(typed), span: key.span.clone() }, value));
                continue;
            };
            match seen.entry(same(&name.value).into()) {
                Entry::Occupied(first) => self.twice(key, first.get()),
                Entry::Vacant(free) => {
                    free.insert(&key.span);
                    named.push((name, value));
                }
            }
        }
        Some(named)
    }

    /// Whether nothing was written where something must be, and tells so.
    pub(crate) fn is_empty(&mut self, node: &Node, message: &str, example: &str) -> bool {
        let empty = node.is_empty();
        if empty {
            self.tell(Fault::error(&node.span, message).remedy(format!("write `{example}`")));
        }
        empty
    }

    /// The value of a key that must be there.
    pub(crate) fn required<'n, S>(&mut self, fields: &Fields<'n>, key: &Key<S>) -> Option<&'n Node> {
        let value = fields.get(key);
        if let (None, false, Need::Always(example) | Need::Without(_, example)) = (value, fields.unread, key.need) {
            let message = format!("{} needs {}", fields.mapping.what, quoted(key.name));
            self.tell(Fault::error(&fields.owner, message).remedy(format!("add `{example}`")));
        }
        value
    }

    /// The word of a key that must be there.
    pub(crate) fn needed<W: Word>(&mut self, fields: &Fields<'_>, key: &Key<W>) -> Option<At<W::Value>> {
        let node = self.required(fields, key)?;
        self.read(node, &key.shape, key.name)
    }

    /// The word of a key that may be missing.
    pub(crate) fn maybe<W: Word>(&mut self, fields: &Fields<'_>, key: &Key<W>) -> Option<At<W::Value>> {
        self.read(fields.get(key)?, &key.shape, key.name)
    }

    /// The word of a key, or what holds when it is missing or cannot be read.
    pub(crate) fn or<W: Word<Value: Clone>>(&mut self, fields: &Fields<'_>, key: &Key<Or<W>>) -> W::Value {
        let Or { word, default } = &key.shape;
        let read = fields.get(key).and_then(|node| self.read(node, word, key.name));
        read.map_or_else(|| default.clone(), |at| at.value)
    }

    /// A key as typed.
    pub(crate) fn key<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        if let Some(fault) = braces::bare_key(node) {
            self.tell(fault);
            return None;
        }
        self.word(node, what)
    }

    /// A word as typed.
    pub(crate) fn word<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::Word(word) => Some(word),
            Kind::Nothing | Kind::List(_) | Kind::Map(_) => {
                self.wrong_kind(node, what, "write one word, in quotes if it has signs in it");
                None
            }
        }
    }

    /// A word, read.
    pub(crate) fn value<T>(&mut self, node: &Node, what: &str, read: impl Fn(&str) -> Read<T>) -> Option<At<T>> {
        match read(self.word(node, what)?) {
            Ok(value) => Some(At { value, span: node.span.clone() }),
            Err(Wrong { message, remedy }) => {
                self.tell(Fault::error(&node.span, message).remedy(remedy));
                None
            }
        }
    }

    /// A word by its rule, read. `name`: of what it is the value, for a message.
    pub(crate) fn read<W: Word>(&mut self, node: &Node, word: &W, name: &'static str) -> Option<At<W::Value>> {
        self.value(node, word.what(), |text| word.read(name, text))
    }

    /// The words that stand behind a key; a single word is a list of one.
    pub(crate) fn many<W: Word>(&mut self, node: &Node, key: &Key<Many<W>>) -> Vec<At<W::Value>> {
        self.words(node, &key.shape, key.name)
    }

    /// Words; a single one is a list of one. `name`: of what they are the value, for a message.
    pub(crate) fn words<W: Word>(&mut self, node: &Node, words: &Many<W>, name: &'static str) -> Vec<At<W::Value>> {
        self.values(node, words.one.what(), |text| words.one.read(name, text))
    }

    /// The items of a list.
    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::List(items) => Some(items),
            Kind::Nothing | Kind::Word(_) | Kind::Map(_) => {
                self.wrong_kind(node, what, "write a list in square brackets: [...]");
                None
            }
        }
    }

    /// The words of a list; a single word is a list of one.
    pub(crate) fn values<T>(&mut self, node: &Node, what: &str, read: impl Fn(&str) -> Read<T>) -> Vec<At<T>> {
        let items = match &node.kind {
            Kind::Word(_) => std::slice::from_ref(node),
            Kind::Nothing | Kind::List(_) | Kind::Map(_) => self.list(node, what).unwrap_or_default(),
        };
        items.iter().filter_map(|item| if self.goes_on() { self.value(item, what, &read) } else { None }).collect()
    }
}

/// What to do with the end of an expression that a comma in braces has torn apart: `b)` of `{when: f(a, b)}`.
fn torn(key: &str) -> Option<String> {
    let count = |sign| key.matches(sign).count();
    let torn = count(')') > count('(') || count(']') > count('[');
    torn.then(|| "in braces a comma ends a value: put the expression into '...', or on a line of its own".into())
}

/// How to write what stands there with its keys, of which the first is the one that matters most.
fn with_keys(node: &Node, known: &[&str]) -> String {
    let keys = format!("its keys: {}", listed(known));
    let Some(first) = known.first() else { return keys };
    match &node.kind {
        Kind::Word(word) if !word.contains(char::is_whitespace) => {
            format!("did you mean {}? {keys}", quoted(&format!("{{{first}: {word}}}")))
        }
        Kind::List(_) => format!("did you mean `{{{first}: [...]}}`? {keys}"),
        Kind::Nothing | Kind::Word(_) | Kind::Map(_) => keys,
    }
}

/// Words in a row.
pub(crate) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ")
}
