//! The schema of plans: it takes what the reader takes, and explains every key.

use std::path::Path;

use serde_json::Value;

use super::{super::schema, shipped::plans_in};
use crate::yaml::fits;

/// A text as an editor of YAML reads it, to whom `NO` is a word.
pub(super) fn typed(text: &str) -> Value {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn every_right_plan_fits_the_schema() {
    let schema = schema();
    let manual = include_str!("../../../docs/dialplan.md").split("```yaml\n").skip(1);
    let manual = manual.filter_map(|block| block.split("```").next()).map(str::to_owned);
    let files = plans_in("dialplans").into_iter().chain(plans_in("integration/plans"));
    let files = files.map(|path| std::fs::read_to_string(path).expect("a plan"));
    let plans: Vec<String> = manual.chain(files).collect();
    assert!(plans.len() >= 15, "{}", plans.len());
    for plan in plans {
        assert!(fits(&typed(&plan), &schema), "{plan}");
    }
}

#[test]
fn what_may_be_written_in_several_ways_fits_in_each() {
    let schema = schema();
    let of = |flow: &str| {
        format!(
            "exchange: a\nnumbers: {{101: {{flow: w, channels: \"3\", when_full: {{flow: w}}}}, \"*\": {{flow: w, answer: on_operator}},\n \
             102: {{flow: w, answer: {{on_operator: {{at_latest: 2m}}}}}}}}\n\
             lists:\noperators: {{anna: {{dial: PJSIP/anna}}}}\nqueues: {{sales: {{operators: anna, music: none}}}}\n\
             hours: {{office: {{open: 08:00-16:00, closed: 05-17}}}}\nflows: {{w: {flow}}}\n"
        )
    };
    for flow in [
        "answer",
        "[answer, hangup]",
        "{answer: }",
        "{hangup: busy}",
        "[ring, {ring: 10s}, music, {music: default}, {music: {for: 30s}}, {wait: 2s}]",
        "{play: welcome.wav}",
        "{play: [sound:beep, {say: 5}]}",
        "{set: {tries: 0, vip: true, name: \"{{ caller.name }}\"}}",
        "{if: {when: true, then: answer, else: [answer]}}",
        "{switch: {on: time.hour, cases: {1: answer, \"2\": [hangup]}, otherwise: hangup}}",
        "{menu: {say: Hello, options: {1: {repeat: true}, \"*\": hangup, 12: [answer]}, tries: \"2\", otherwise: hangup}}",
    ] {
        assert!(fits(&typed(&of(flow)), &schema), "{flow}");
    }
}

#[test]
fn what_is_wrong_in_itself_does_not_fit() {
    let schema = schema();
    let right = "exchange: a\nnumbers: {101: {flow: w, channels: 3}}\noperators: {anna: {dial: PJSIP/anna}}\n\
        queues: {q: {operators: [anna], strategy: linear, ring: 15s}}\nflows: {w: [{menu: {play: sound:x, options: {1: hangup}}}]}\n";
    assert!(fits(&typed(right), &schema));
    for (part, wrong) in [
        ("exchange: a", "exchange: My office"),
        ("exchange: a\n", ""),
        ("flow: w,", ""),
        ("flow: w,", "flows: w,"),
        ("channels: 3", "channels: 0"),
        ("channels: 3", "channels: many"),
        ("channels: 3", "when_full: {queue: q}"),
        ("channels: 3", "answer: later"),
        ("channels: 3", "answer: {at_latest: 2m}"),
        ("{1: hangup}", "{1: wait}"),
        ("{1: hangup}", "{1: {ring: }}"),
        ("PJSIP/anna", "anna"),
        ("[anna]", "[]"),
        ("linear", "lineal"),
        ("15s", "15"),
        ("15s", "fifteen"),
        ("play: sound:x, ", ""),
        ("{1: hangup}", "{}"),
        ("{1: hangup}", "{x: hangup}"),
        ("{1: hangup}", "{1: {repeat: false}}"),
        ("{1: hangup}", "{1: dance}"),
        ("{1: hangup}", "{1: {hangup: now}}"),
        ("{1: hangup}", "{1: {answer: , hangup: busy}}"),
        ("[{menu:", "[menu, {menu:"),
    ] {
        let text = right.replacen(part, wrong, 1);
        assert_ne!(text, right, "{part}");
        assert!(!fits(&typed(&text), &schema), "{part} -> {wrong}");
    }
}

/// Every key that a schema tells of, with its path.
fn keys(schema: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match schema {
        Value::Object(map) => {
            for (word, inner) in map {
                if let ("properties", Value::Object(properties)) = (word.as_str(), inner) {
                    found.extend(properties.iter().map(|(key, value)| (format!("{path}/{key}"), value.clone())));
                }
                keys(inner, &format!("{path}/{word}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, path, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_key_is_explained_in_a_sentence() {
    let mut found = Vec::new();
    keys(&schema(), "", &mut found);
    assert!(found.len() > 50, "{}", found.len());
    for (path, key) in found {
        let docs = key.get("description").and_then(Value::as_str).unwrap_or_default();
        let first = docs.split("\n\n").next().unwrap_or_default();
        assert!(first.ends_with('.') && first.contains(' '), "{path}: {docs:?} is no sentence");
    }
}

#[test]
fn the_shipped_plans_tell_editors_of_the_schema() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans");
    for path in plans_in("dialplans") {
        let text = std::fs::read_to_string(&path).expect("a plan");
        let line = text.lines().find_map(|line| line.strip_prefix("# yaml-language-server: $schema="));
        let file = folder.join(line.unwrap_or_else(|| panic!("{} names no schema", path.display())));
        assert!(file.is_file(), "{}", file.display());
    }
}
