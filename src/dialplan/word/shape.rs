//! Words of a plan as values that know how they are read and how an editor is told of them: one source for both.

use std::time::Duration;

use serde_json::{Value, json};

use super::{count, duration, one_of, spoken};
use crate::yaml::{Read, Shape, Shared, Word, explained};

/// A duration within limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lasting {
    from: Duration,
    to: Duration,
    /// No parts of a second.
    whole: bool,
}

impl Lasting {
    pub(crate) const fn within(from: Duration, to: Duration) -> Self {
        Self { from, to, whole: false }
    }

    /// In whole seconds: Asterisk counts no finer.
    pub(crate) const fn seconds(from: Duration, to: Duration) -> Self {
        Self { from, to, whole: true }
    }
}

impl Word for Lasting {
    type Value = Duration;

    fn what(&self) -> &'static str {
        "a duration"
    }

    fn read(&self, name: &'static str, text: &str) -> Read<Duration> {
        duration(name, self.from..=self.to, self.whole)(text)
    }

    fn written(&self, value: &Duration) -> Option<Value> {
        Some(json!(spoken(*value)))
    }
}

impl Shape for Lasting {
    fn schema(&self, _: &mut Shared) -> Value {
        let pattern = "^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";
        let whole = if self.whole { "In whole seconds: " } else { "" };
        let docs = format!("{whole}`{}` to `{}`.", spoken(self.from), spoken(self.to));
        json!({ "type": "string", "pattern": pattern, "minLength": 2, "description": docs })
    }
}

/// A whole number within limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    pub(crate) what: &'static str,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Word for Count {
    type Value = u32;

    fn what(&self) -> &'static str {
        self.what
    }

    fn read(&self, name: &'static str, text: &str) -> Read<u32> {
        count(name, self.from..=self.to)(text)
    }

    fn written(&self, value: &u32) -> Option<Value> {
        Some(json!(value))
    }
}

impl Shape for Count {
    fn schema(&self, _: &mut Shared) -> Value {
        let docs = format!("{} to {}.", self.from, self.to);
        let types = ["integer", "string"];
        json!({ "type": types, "minimum": self.from, "maximum": self.to, "pattern": "^[0-9]+$", "description": docs })
    }
}

/// A word that stands for a value, and what it means.
pub(crate) type Meaning<T> = (&'static str, T, &'static str);

/// One of a few words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OneOf<T: 'static> {
    /// What it is, for a message.
    pub(crate) what: &'static str,
    pub(crate) words: &'static [Meaning<T>],
}

impl<T: Copy + PartialEq + Sync> Word for OneOf<T> {
    type Value = T;

    fn what(&self) -> &'static str {
        self.what
    }

    fn read(&self, name: &'static str, text: &str) -> Read<T> {
        one_of(name, self.words)(text)
    }

    fn written(&self, value: &T) -> Option<Value> {
        self.words.iter().find(|(_, means, _)| means == value).map(|(word, ..)| json!(word))
    }
}

impl<T: Copy + PartialEq + Sync> Shape for OneOf<T> {
    fn schema(&self, _: &mut Shared) -> Value {
        let words: Vec<&str> = self.words.iter().map(|(word, ..)| *word).collect();
        let docs: Vec<String> = self.words.iter().map(|(word, _, docs)| format!("`{word}`: {docs}")).collect();
        let meanings: Vec<&str> = self.words.iter().map(|(.., docs)| *docs).collect();
        json!({ "enum": words, "markdownEnumDescriptions": meanings, "description": docs.join("  \n") })
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug)]
pub(crate) struct YesNo;

impl Word for YesNo {
    type Value = bool;

    fn what(&self) -> &'static str {
        "`true` or `false`"
    }

    fn read(&self, name: &'static str, text: &str) -> Read<bool> {
        one_of(name, &[("true", true, "yes"), ("false", false, "no")])(text)
    }

    fn written(&self, value: &bool) -> Option<Value> {
        Some(json!(value))
    }
}

impl Shape for YesNo {
    fn schema(&self, _: &mut Shared) -> Value {
        // In quotes they are the same words.
        json!({ "enum": [true, false, "true", "false"] })
    }
}

/// A word with a rule of its own.
#[derive(Debug)]
pub(crate) struct Plain<T> {
    what: &'static str,
    read: fn(&str) -> Read<T>,
    rule: &'static Rule,
}

/// How a word is written.
#[derive(Debug)]
pub(crate) struct Rule {
    /// What YAML may take it for, besides a text.
    pub(crate) also: &'static [&'static str],
    /// A regular expression that every right word fits; empty: any.
    pub(crate) pattern: fn() -> String,
    pub(crate) examples: &'static [&'static str],
    /// How it is written, in a sentence; may be empty.
    pub(crate) docs: &'static str,
}

impl<T> Clone for Plain<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Plain<T> {}

impl<T> Plain<T> {
    pub(crate) const fn new(what: &'static str, read: fn(&str) -> Read<T>, rule: &'static Rule) -> Self {
        Self { what, read, rule }
    }

    /// How it is written.
    #[cfg(test)]
    pub(super) const fn rule(&self) -> &'static Rule {
        self.rule
    }

    /// The same, called something else in messages.
    pub(crate) const fn called(self, what: &'static str) -> Self {
        Self { what, ..self }
    }
}

impl<T> Word for Plain<T> {
    type Value = T;

    fn what(&self) -> &'static str {
        self.what
    }

    fn read(&self, _: &'static str, text: &str) -> Read<T> {
        (self.read)(text)
    }

    fn written(&self, _: &T) -> Option<Value> {
        None
    }
}

impl<T> Shape for Plain<T> {
    fn schema(&self, shared: &mut Shared) -> Value {
        self.rule.schema(shared)
    }
}

impl Shape for Rule {
    fn schema(&self, _: &mut Shared) -> Value {
        let types: Vec<&str> = std::iter::once("string").chain(self.also.iter().copied()).collect();
        let mut schema = if let [only] = types.as_slice() { json!({ "type": only }) } else { json!({ "type": types }) };
        let pattern = (self.pattern)();
        if let Value::Object(map) = &mut schema {
            if !pattern.is_empty() {
                map.insert("pattern".into(), json!(pattern));
            }
            if !self.examples.is_empty() {
                map.insert("examples".into(), json!(self.examples));
            }
        }
        if self.docs.is_empty() { schema } else { explained(schema, self.docs) }
    }
}
