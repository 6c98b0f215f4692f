//! Whether a value fits a schema: as much of JSON Schema as ours use, for tests. A word of a schema that is not known here
//! is a mistake, so that none is passed over.

use regex::Regex;
use serde_json::{Map, Value};

/// Says nothing; it explains.
const REMARKS: [&str; 7] =
    ["$schema", "definitions", "title", "description", "default", "examples", "markdownEnumDescriptions"];

/// Whether a value fits a schema, which is a whole document.
pub(crate) fn fits(value: &Value, document: &Value) -> bool {
    fits_in(value, document, document)
}

fn fits_in(value: &Value, schema: &Value, document: &Value) -> bool {
    let schema = schema.as_object().expect("a schema is a mapping");
    schema.iter().filter(|(word, _)| !REMARKS.contains(&word.as_str())).all(|(word, rule)| {
        let each = |schemas: &Value| -> Vec<bool> {
            schemas.as_array().expect("schemas").iter().map(|schema| fits_in(value, schema, document)).collect()
        };
        match word.as_str() {
            "$ref" => {
                let name = rule.as_str().and_then(|to| to.strip_prefix("#/definitions/")).expect("a definition");
                fits_in(value, &document["definitions"][name], document)
            }
            "anyOf" => each(rule).into_iter().any(|fits| fits),
            "allOf" => each(rule).into_iter().all(|fits| fits),
            "enum" => rule.as_array().expect("words").contains(value),
            "type" => rule.as_array().map_or_else(|| is(value, rule), |types| types.iter().any(|kind| is(value, kind))),
            _ => match value {
                Value::Object(map) => map_fits(map, word, rule, schema, document),
                Value::Array(items) => list_fits(items, word, rule, document),
                Value::String(text) => text_fits(text, word, rule),
                Value::Number(number) => {
                    let (number, rule) = (number.as_f64().expect("a number"), rule.as_f64());
                    (word != "minimum" || Some(number) >= rule) && (word != "maximum" || Some(number) <= rule)
                }
                Value::Null | Value::Bool(_) => true,
            },
        }
    })
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().expect("a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no type {other}"),
    }
}

fn map_fits(map: &Map<String, Value>, word: &str, rule: &Value, schema: &Map<String, Value>, document: &Value) -> bool {
    let known = |key: &str| schema.get("properties").and_then(|known| known.get(key));
    match word {
        "properties" => map.iter().all(|(key, value)| known(key).is_none_or(|schema| fits_in(value, schema, document))),
        "additionalProperties" => map
            .iter()
            .filter(|(key, _)| known(key).is_none())
            .all(|(_, value)| rule.as_bool().unwrap_or_else(|| fits_in(value, rule, document))),
        "propertyNames" => map.keys().all(|key| fits_in(&Value::String(key.clone()), rule, document)),
        "required" => rule.as_array().expect("keys").iter().all(|key| map.contains_key(key.as_str().expect("a key"))),
        "minProperties" => map.len() as u64 >= rule.as_u64().expect("a number"),
        "maxProperties" => map.len() as u64 <= rule.as_u64().expect("a number"),
        other => is_of_another_type(other),
    }
}

fn list_fits(items: &[Value], word: &str, rule: &Value, document: &Value) -> bool {
    match word {
        "items" => items.iter().all(|item| fits_in(item, rule, document)),
        "minItems" => items.len() as u64 >= rule.as_u64().expect("a number"),
        other => is_of_another_type(other),
    }
}

fn text_fits(text: &str, word: &str, rule: &Value) -> bool {
    match word {
        "pattern" => Regex::new(rule.as_str().expect("a pattern")).expect("a pattern").is_match(text),
        "minLength" => text.chars().count() as u64 >= rule.as_u64().expect("a number"),
        other => is_of_another_type(other),
    }
}

fn is_of_another_type(word: &str) -> bool {
    let known = [
        "properties",
        "additionalProperties",
        "propertyNames",
        "required",
        "minProperties",
        "maxProperties",
        "items",
        "minItems",
        "pattern",
        "minLength",
        "minimum",
        "maximum",
    ];
    assert!(known.contains(&word), "the schema says `{word}`, which nobody looks at here");
    true
}
