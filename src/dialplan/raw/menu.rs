//! Menus as typed.

use std::time::Duration;

use super::{
    MINUTE, SECOND,
    step::{self, Body},
};
use crate::{
    dialplan::{prompt::Wanted, word},
    domain::Digits,
    yaml::{At, Fault, Fields, Kind, Node, Reader, Span},
};

/// How something is asked, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawAsking {
    pub(in crate::dialplan) prompt: Vec<At<Wanted>>,
    pub(in crate::dialplan) timeout: Duration,
    pub(in crate::dialplan) inter_digit: Duration,
    pub(in crate::dialplan) tries: u32,
    pub(in crate::dialplan) type_ahead: bool,
    pub(in crate::dialplan) invalid: Vec<At<Wanted>>,
    pub(in crate::dialplan) silent: Vec<At<Wanted>>,
    pub(in crate::dialplan) on_silence: Option<Body>,
    pub(in crate::dialplan) on_invalid: Option<Body>,
    pub(in crate::dialplan) otherwise: Option<Body>,
    /// Where `otherwise` is typed.
    pub(in crate::dialplan) otherwise_at: Option<Span>,
}

/// A menu as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawMenu {
    pub(in crate::dialplan) asking: RawAsking,
    pub(in crate::dialplan) options: Vec<(At<Digits>, RawChoice)>,
}

/// What an answer leads to, as typed.
#[derive(Debug)]
pub(in crate::dialplan) enum RawChoice {
    Repeat,
    Back,
    Go(Body),
}

impl RawAsking {
    /// Where callers go who do not answer.
    pub(in crate::dialplan) fn bodies(&self) -> impl Iterator<Item = &Body> {
        self.on_silence.iter().chain(&self.on_invalid).chain(&self.otherwise)
    }

    /// Whether a caller who does not answer may go on behind the step.
    pub(in crate::dialplan) fn goes_on(&self) -> bool {
        self.otherwise.is_none() && (self.on_silence.is_none() || self.on_invalid.is_none())
    }
}

/// Keys of everything that is asked.
pub(super) const ASKING: &[&str] = &[
    "play",
    "say",
    "invalid",
    "silent",
    "timeout",
    "inter_digit",
    "tries",
    "type_ahead",
    "on_silence",
    "on_invalid",
    "otherwise",
];

pub(super) fn menu(key: &Node, value: &Node, reader: &mut Reader) -> Option<RawMenu> {
    let keys: Vec<&str> = ASKING.iter().copied().chain(["options"]).collect();
    let fields = reader.fields(value, "a menu", &key.span, &keys)?;
    let asking = asking(&fields, SECOND * 2, reader);
    let options = reader.required(&fields, "options", "options: {1: {queue: sales}}");
    let options = options.map(|node| all_options(node, reader)).unwrap_or_default();
    Some(RawMenu { asking, options })
}

/// What all questions have. `inter_digit`: when the plan does not say how long to wait for the next key.
pub(super) fn asking(fields: &Fields<'_>, inter_digit: Duration, reader: &mut Reader) -> RawAsking {
    let shortest = Duration::from_millis(100);
    let prompt = reader.question(fields);
    let mut sounds = |key| fields.get(key).map(|node| reader.media(node)).unwrap_or_default();
    let (invalid, silent) = (sounds("invalid"), sounds("silent"));
    let timeout = wait(fields, "timeout", SECOND * 5, shortest..=MINUTE * 5, reader);
    let inter_digit = wait(fields, "inter_digit", inter_digit, shortest..=MINUTE, reader);
    let tries = word::count("tries", 1..=10);
    let tries = reader.optional(fields, "tries", 3, "a number of tries", tries);
    let type_ahead = word::one_of("type_ahead", word::TRUTHS);
    let type_ahead = reader.optional(fields, "type_ahead", true, "`true` or `false`", type_ahead);
    let mut way = |key| fields.get(key).map(|node| step::body(node, reader));
    let (on_silence, on_invalid, otherwise) = (way("on_silence"), way("on_invalid"), way("otherwise"));
    let otherwise_at = fields.get("otherwise").map(|node| node.span.clone());
    RawAsking {
        prompt,
        timeout,
        inter_digit,
        tries,
        type_ahead,
        invalid,
        silent,
        on_silence,
        on_invalid,
        otherwise,
        otherwise_at,
    }
}

fn wait(
    fields: &Fields<'_>,
    key: &'static str,
    default: Duration,
    limits: std::ops::RangeInclusive<Duration>,
    reader: &mut Reader,
) -> Duration {
    reader.optional(fields, key, default, "a duration", word::duration(key, limits, false))
}

fn all_options(node: &Node, reader: &mut Reader) -> Vec<(At<Digits>, RawChoice)> {
    if reader.is_empty(node, "a menu without options asks for nothing", "{1: {queue: sales}}") {
        return Vec::new();
    }
    let Kind::Map(entries) = &node.kind else {
        let message = format!("this should be a menu's options, and it is {}", node.kind.name());
        reader.tell(Fault::error(&node.span, message).remedy("write keys and steps: {1: {queue: sales}}"));
        return Vec::new();
    };
    let mut options = Vec::new();
    for (key, value) in entries.iter() {
        if !reader.goes_on() {
            break;
        }
        let keys = reader.value(key, "a key of the telephone", word::digits);
        let choice = choice(value, reader);
        options.extend(keys.map(|keys| (keys, choice)));
    }
    options
}

fn choice(node: &Node, reader: &mut Reader) -> RawChoice {
    let alone = match &node.kind {
        Kind::Map(entries) => match entries.as_slice() {
            [(key, value)] => ["repeat", "back"].into_iter().find(|word| key.is_word(word)).map(|word| (word, value)),
            _ => None,
        },
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => None,
    };
    let Some((word, value)) = alone else { return RawChoice::Go(step::body(node, reader)) };
    if !value.is_word("true") {
        let fault = Fault::error(&value.span, format!("`{word}` is `true` or not there at all"));
        reader.tell(fault.remedy(format!("write `{{{word}: true}}`")));
    }
    if word == "back" { RawChoice::Back } else { RawChoice::Repeat }
}
