//! What may stand where in a plan, and what of it may be shown to anybody who reads the log: taken from the plan's schema, so
//! that a new key or step needs no word here.
//!
//! A value is shown when its key takes nothing but words that a plan can have no secret in: durations, counts, names that the
//! plan gives, and words out of a few. Texts, expressions, addresses and whatever stands under free names are not.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use serde_json::{Map, Value as Json};

use super::written::Value;
use crate::dialplan::{TONE, schema, word};

/// Forms by path: of a section's things `queues.ring`, of steps `-menu.timeout`.
static FORMS: LazyLock<BTreeMap<String, Form>> = LazyLock::new(forms);

/// What takes a word of its own kind, and may be shown: when it is open, in which zone, language and country, music, who, and
/// telephones of the house.
const SHOWN: [&str; 19] = [
    "country",
    "extensions.dial",
    "hours.closed",
    "hours.open",
    "hours.special",
    "hours.timezone",
    "language",
    "languages",
    "operators.dial",
    "queues.also",
    "queues.also.queue",
    "queues.music",
    "queues.operators",
    "timezone",
    "-language",
    "-menu.extensions",
    "-menu.extensions.only",
    "-music",
    "-music.class",
];

/// Patterns of words that may be shown: a duration, a name that the plan gives, and what something costs.
const PATTERNS: [&str; 4] =
    ["^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$", "^[a-z][a-z0-9_]{0,31}$", word::DECIMAL, word::CODE];

/// How deep the schema is looked into; plans are not that deep but for their steps, which are looked at once.
const DEEPEST: usize = 12;

/// A word with so many digits may be a telephone number or a secret.
const MOST_DIGITS: usize = 5;

/// What may stand in a place.
#[derive(Clone, Default)]
pub(super) struct Form {
    /// Words that may be shown.
    open: bool,
    /// Other words, and what stands under free names.
    closed: bool,
    pub(super) steps: bool,
    /// Steps under free names: a menu's options.
    pub(super) branches: bool,
    pub(super) sounds: bool,
    /// Days, and words of each.
    pub(super) days: bool,
    /// Keys that are known.
    pub(super) keys: bool,
    /// What holds where it is missing.
    pub(super) default: Option<Value>,
    path: String,
}

/// What may stand under a path; where nothing is known of it, nothing is shown.
pub(super) fn of(path: &str) -> &'static Form {
    static UNKNOWN: LazyLock<Form> = LazyLock::new(|| Form { closed: true, ..Form::default() });
    FORMS.get(path).unwrap_or_else(|| LazyLock::force(&UNKNOWN))
}

impl Form {
    /// What it may be shown as; `None`: not at all.
    pub(super) fn shown<'v>(&self, value: &'v Value) -> Option<Cow<'v, str>> {
        let word = match value {
            Value::Word(word) => word,
            Value::Map(entries) if self.sounds => return tone(entries).map(Cow::Owned),
            Value::Nothing | Value::Long(_) | Value::List(_) | Value::Map(_) => return None,
        };
        let dates = matches!(self.path.as_str(), "hours.open" | "hours.closed" | "hours.special");
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let may = if self.sounds { is_file(word) } else { self.open && !self.closed };
        (may && (dates || digits <= MOST_DIGITS) && is_plain(word)).then_some(Cow::Borrowed(&**word))
    }
}

/// A tone that is named: `{tone: busy, for: 3s}`.
fn tone(entries: &[(Box<str>, Value)]) -> Option<String> {
    let named = entries.iter().any(|(key, _)| &**key == TONE.name());
    let parts = entries.iter().map(|(key, value)| match value {
        Value::Word(word) if is_plain(word) => Some(format!("{key}: {word}")),
        Value::Word(_) | Value::Nothing | Value::Long(_) | Value::List(_) | Value::Map(_) => None,
    });
    let text = format!("{{{}}}", parts.collect::<Option<Vec<_>>>()?.join(", "));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (named && digits <= MOST_DIGITS).then_some(text)
}

/// Whether a word is letters and signs of one line, with no expression in it.
pub(super) fn is_plain(word: &str) -> bool {
    !word.is_empty() && !word.contains("{{") && word.chars().all(|c| c == ' ' || c.is_ascii_graphic())
}

/// Whether it is the name of a sound or of a file, and no text.
fn is_file(word: &str) -> bool {
    !word.contains(' ')
}

fn forms() -> BTreeMap<String, Form> {
    let document = schema();
    let mut forms = BTreeMap::new();
    let looked = Look { document: &document };
    let step = document.pointer("/definitions/step/anyOf/1/properties");
    for (key, schema) in entries(document.get("properties")) {
        looked.at(key.clone(), schema, 0, &mut forms);
    }
    for (word, schema) in entries(step) {
        looked.at(format!("-{word}"), schema, 0, &mut forms);
    }
    forms
}

fn entries(map: Option<&Json>) -> impl Iterator<Item = (&String, &Json)> {
    map.and_then(Json::as_object).into_iter().flat_map(Map::iter)
}

/// One who reads a schema.
struct Look<'d> {
    document: &'d Json,
}

impl Look<'_> {
    /// Notes what may stand under a path, and below it.
    fn at(&self, path: String, schema: &Json, depth: usize, forms: &mut BTreeMap<String, Form>) {
        let mut form = Form { path: path.clone(), ..Form::default() };
        let mut below = Vec::new();
        self.add(schema, depth, &mut form, &mut below);
        if SHOWN.contains(&path.as_str()) {
            (form.open, form.closed) = (true, false);
        }
        form.days = path == "hours.special";
        form.default = schema.get("default").map(|word| Value::Word(plainly(word).into()));
        for (key, schema) in below {
            self.at(format!("{path}.{key}"), schema, depth + 1, forms);
        }
        forms.insert(path, form);
    }

    fn add<'s>(&'s self, schema: &'s Json, depth: usize, form: &mut Form, below: &mut Vec<(&'s String, &'s Json)>) {
        if depth > DEEPEST {
            form.closed = true;
            return;
        }
        match schema.get("$ref").and_then(Json::as_str).and_then(|to| to.strip_prefix("#/definitions/")) {
            Some("steps" | "step") => return form.steps = true,
            Some("sounds" | "sound") => return form.sounds = true,
            Some(name) => {
                if let Some(schema) = self.document.get("definitions").and_then(|all| all.get(name)) {
                    self.add(schema, depth + 1, form, below);
                }
                return;
            }
            None => {}
        }
        let several = ["anyOf", "allOf"].into_iter().filter_map(|word| schema.get(word)?.as_array()).flatten();
        several.chain(schema.get("items")).for_each(|schema| self.add(schema, depth + 1, form, below));
        if schema.get("properties").is_some() {
            form.keys = true;
            below.extend(entries(schema.get("properties")));
        }
        match schema.get("additionalProperties") {
            Some(things) if depth == 0 && things.is_object() => self.add(things, depth + 1, form, below),
            Some(things) if things.is_object() => self.free(things, depth, form),
            Some(_) | None => {}
        }
        if is_word(schema) {
            if is_open(schema) { form.open = true } else { form.closed = true }
        }
    }

    /// What stands under free names.
    fn free(&self, things: &Json, depth: usize, form: &mut Form) {
        let mut each = Form::default();
        self.add(things, depth + 1, &mut each, &mut Vec::new());
        if each.steps { form.branches = true } else { form.closed = true }
    }
}

fn plainly(word: &Json) -> String {
    word.as_str().map_or_else(|| word.to_string(), str::to_owned)
}

/// Whether words may stand there. What says nothing of itself takes anything.
fn is_word(schema: &Json) -> bool {
    let says = ["anyOf", "allOf", "required", "properties", "items"].iter().any(|word| schema.get(word).is_some());
    let wordy = |kind: &Json| matches!(kind.as_str(), Some("string" | "number" | "integer" | "boolean"));
    let kind = schema.get("type").map(|kind| kind.as_array().map_or_else(|| wordy(kind), |all| all.iter().any(wordy)));
    schema.get("enum").is_some() || kind.unwrap_or(!says)
}

fn is_open(schema: &Json) -> bool {
    let pattern = schema.get("pattern").and_then(Json::as_str);
    schema.get("enum").is_some()
        || schema.get("maximum").is_some()
        || pattern.is_some_and(|pattern| PATTERNS.contains(&pattern))
}
