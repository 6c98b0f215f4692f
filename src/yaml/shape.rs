//! What may stand in a file that is written by hand, as a JSON Schema (draft 7, which editors of YAML understand best).
//!
//! A shape accepts whatever its reader takes: an editor must never call a right file wrong. What only the whole file can
//! tell (whether a name means anything) is left to the reader.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::read::Read;

/// What may stand somewhere.
pub(crate) trait Shape: Sync {
    /// As a schema. What is used in many places, or in itself, is put into `shared` and referred to.
    fn schema(&self, shared: &mut Shared) -> Value;

    /// The keys that may stand in it, where they are known, the one that matters most first.
    fn keys(&self) -> Vec<&'static str> {
        Vec::new()
    }
}

/// One word that is read as a value.
pub(crate) trait Word: Shape {
    /// What it is read as.
    type Value;

    /// What it is, for a message: "a duration".
    fn what(&self) -> &'static str;

    /// Reads it. `name`: of what it is the value, for a message.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(&self, name: &'static str, text: &str) -> Read<Self::Value>;

    /// A value as it is written; `None` when only a sentence can tell.
    fn written(&self, value: &Self::Value) -> Option<Value>;
}

/// Schemas that others refer to, by name.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    made: BTreeMap<&'static str, Value>,
}

impl Shared {
    /// A schema that refers to the one of this name, which is made when it is asked for the first time. It may refer to
    /// itself.
    pub(crate) fn refer(&mut self, name: &'static str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.made.contains_key(name) {
            self.made.insert(name, Value::Null);
            let made = make(self);
            self.made.insert(name, made);
        }
        json!({ "$ref": format!("#/definitions/{name}") })
    }
}

/// The schema of a whole file.
pub(crate) fn document(shape: &dyn Shape, title: &str, docs: &str) -> Value {
    let mut shared = Shared::default();
    let mut schema = explained(shape.schema(&mut shared), docs);
    put(&mut schema, "$schema", json!("http://json-schema.org/draft-07/schema#"));
    put(&mut schema, "title", json!(title));
    put(&mut schema, "definitions", json!(shared.made));
    schema
}

/// Adds something to a schema.
pub(super) fn put(schema: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = schema {
        map.insert(key.into(), value);
    }
}

/// A schema with an explanation. Beside a reference nothing else counts, so the reference goes inside.
pub(crate) fn explained(schema: Value, docs: &str) -> Value {
    let mut explained = if schema.get("$ref").is_some() { json!({ "allOf": [schema] }) } else { schema };
    let before = explained.get("description").and_then(Value::as_str).unwrap_or_default();
    let all = [docs, before].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    put(&mut explained, "description", json!(all));
    explained
}

/// Left empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nothing;

impl Shape for Nothing {
    fn schema(&self, _: &mut Shared) -> Value {
        json!({ "type": "null" })
    }
}

/// `true`, where no other word makes sense.
#[derive(Clone, Copy, Debug)]
pub(crate) struct True;

impl Shape for True {
    fn schema(&self, _: &mut Shared) -> Value {
        // In quotes it is the same word.
        json!({ "enum": [true, "true"] })
    }
}

/// One of a thing, or a list of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Many<S> {
    pub(crate) one: S,
    /// How many a list has at least.
    pub(crate) least: usize,
}

impl<S: Shape> Shape for Many<S> {
    fn schema(&self, shared: &mut Shared) -> Value {
        let one = self.one.schema(shared);
        json!({ "anyOf": [one.clone(), { "type": "array", "items": one, "minItems": self.least }] })
    }
}

/// Things by their names, which the file gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<N, S> {
    pub(crate) name: N,
    pub(crate) thing: S,
    /// How many there are at least; with none the mapping may be left empty.
    pub(crate) least: usize,
}

impl<N: Shape, S: Shape> Shape for Named<N, S> {
    fn schema(&self, shared: &mut Shared) -> Value {
        let mut names = self.name.schema(shared);
        // A key is a word to every reader of YAML, whatever it looks like.
        put(&mut names, "type", json!("string"));
        json!({
            "type": if self.least == 0 { json!(["object", "null"]) } else { json!("object") },
            "minProperties": self.least,
            "propertyNames": names,
            "additionalProperties": self.thing.schema(shared),
        })
    }
}

/// One of several.
#[derive(Clone, Copy)]
pub(crate) struct Either(pub(crate) &'static [&'static dyn Shape]);

impl Shape for Either {
    fn schema(&self, shared: &mut Shared) -> Value {
        json!({ "anyOf": self.0.iter().map(|shape| shape.schema(shared)).collect::<Vec<_>>() })
    }

    fn keys(&self) -> Vec<&'static str> {
        self.0.iter().flat_map(|shape| shape.keys()).collect()
    }
}

/// A mapping of these keys.
pub(super) fn object(keys: Map<String, Value>, required: &[&str]) -> Value {
    let mut object = json!({ "type": "object", "additionalProperties": false, "properties": keys });
    if !required.is_empty() {
        put(&mut object, "required", json!(required));
    }
    object
}
