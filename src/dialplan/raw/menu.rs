//! Menus as typed.

use std::time::Duration;

use super::{
    MINUTE, SECOND,
    step::{self, Body},
};
use crate::{
    dialplan::{prompt::Wanted, word},
    domain::Digits,
    yaml::{At, Fault, Fields, Kind, Node, Reader},
};

/// A menu as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawMenu {
    pub(in crate::dialplan) prompt: Vec<At<Wanted>>,
    pub(in crate::dialplan) options: Vec<(At<Digits>, RawChoice)>,
    pub(in crate::dialplan) timeout: Duration,
    pub(in crate::dialplan) inter_digit: Duration,
    pub(in crate::dialplan) tries: u32,
    pub(in crate::dialplan) invalid: Vec<At<Wanted>>,
    pub(in crate::dialplan) otherwise: Option<Body>,
}

/// What an answer leads to, as typed.
#[derive(Debug)]
pub(in crate::dialplan) enum RawChoice {
    Repeat,
    Go(Body),
}

pub(super) fn menu(key: &Node, value: &Node, reader: &mut Reader) -> Option<RawMenu> {
    const KEYS: &[&str] = &["play", "say", "invalid", "options", "timeout", "inter_digit", "tries", "otherwise"];
    let fields = reader.fields(value, "a menu", &key.span, KEYS)?;
    let prompt = reader.question(&fields);
    let invalid = fields.get("invalid").map(|node| reader.media(node)).unwrap_or_default();
    let options = reader.required(&fields, "options", "options: {1: {queue: sales}}");
    let options = options.map(|node| all_options(node, reader)).unwrap_or_default();
    let shortest = Duration::from_millis(100);
    let timeout = wait(&fields, "timeout", SECOND * 5, shortest..=MINUTE * 5, reader);
    let inter_digit = wait(&fields, "inter_digit", SECOND * 2, shortest..=MINUTE, reader);
    let tries = word::count("tries", 1..=10);
    let tries = reader.optional(&fields, "tries", 3, "a number of tries", tries);
    let otherwise = fields.get("otherwise").map(|node| step::body(node, reader));
    Some(RawMenu { prompt, options, timeout, inter_digit, tries, invalid, otherwise })
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
    let repeat = match &node.kind {
        Kind::Map(entries) => match entries.as_slice() {
            [(key, value)] if key.is_word("repeat") => Some(value),
            _ => None,
        },
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => None,
    };
    match repeat {
        Some(value) => {
            if !value.is_word("true") {
                let fault = Fault::error(&value.span, "`repeat` is `true` or not there at all");
                reader.tell(fault.remedy("write `{repeat: true}`"));
            }
            RawChoice::Repeat
        }
        None => RawChoice::Go(step::body(node, reader)),
    }
}
