//! Menus as typed, and what all questions have.

use std::time::Duration;

use super::{
    MINUTE, SECOND,
    by_extension::{EXTENSIONS, RawByExtension, by_extension},
    media::{PLAY, RawSound, SAY, Sounds},
    step::{self, Body, RawAct, StepWord, Steps},
};
use crate::{
    dialplan::word::{self, Count, Lasting, Plain, YesNo},
    domain::Digits,
    yaml::{At, Either, Fault, Fields, Key, Kind, Mapping, Named, Node, Or, Reader, True, quoted},
};

/// How something is asked, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawAsking {
    pub(in crate::dialplan) prompt: Vec<At<RawSound>>,
    pub(in crate::dialplan) timeout: Duration,
    pub(in crate::dialplan) inter_digit: Duration,
    pub(in crate::dialplan) tries: u32,
    pub(in crate::dialplan) type_ahead: bool,
    pub(in crate::dialplan) invalid: Vec<At<RawSound>>,
    pub(in crate::dialplan) silent: Vec<At<RawSound>>,
    pub(in crate::dialplan) on_silence: Option<Body>,
    pub(in crate::dialplan) on_invalid: Option<Body>,
    pub(in crate::dialplan) otherwise: Option<Body>,
}

/// A menu as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawMenu {
    pub(in crate::dialplan) asking: RawAsking,
    pub(in crate::dialplan) options: Vec<(At<Digits>, RawChoice)>,
    pub(in crate::dialplan) by_extension: Option<RawByExtension>,
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

/// The shortest wait for a key.
const SHORTEST: Duration = Duration::from_millis(100);

pub(super) const INVALID: Key<Sounds> =
    Key::optional("invalid", Sounds, "What is played after a wrong answer, before the question is asked again.");
pub(super) const SILENT: Key<Sounds> =
    Key::optional("silent", Sounds, "What is played when nothing was pressed, before the question is asked again.");
pub(super) const TIMEOUT: Key<Or<Lasting>> = Key::or(
    "timeout",
    Lasting::within(SHORTEST, MINUTE.saturating_mul(5)),
    SECOND.saturating_mul(5),
    "How long to wait for a key when the question has ended.",
);
const INTER_DIGIT: Key<Or<Lasting>> = inter_digit(SECOND.saturating_mul(2));
pub(super) const TRIES: Key<Or<Count>> =
    Key::or("tries", Count { what: "a number of tries", from: 1, to: 10 }, 3, "How often the question is asked.");
pub(super) const TYPE_AHEAD: Key<Or<YesNo>> =
    Key::or("type_ahead", YesNo, true, "Whether keys that were pressed before the question count as its answer.");
pub(super) const ON_SILENCE: Key<Steps> = Key::optional(
    "on_silence",
    Steps,
    "The step, or the steps, of a caller who pressed nothing the last time; `otherwise` when this is missing.",
);
pub(super) const ON_INVALID: Key<Steps> = Key::optional(
    "on_invalid",
    Steps,
    "The step, or the steps, of a caller whose last answer was wrong; `otherwise` when this is missing.",
);
pub(super) const OTHERWISE: Key<Steps> = Key::optional(
    "otherwise",
    Steps,
    "The step, or the steps, of a caller who did not answer; the call goes on behind the step when this is missing.",
);

const OPTIONS: Key<Named<Plain<Digits>, Either>> = Key::required(
    "options",
    "options: {1: {queue: sales}}",
    Named { name: word::KEYS, thing: Either(&[&AGAIN, &BEFORE, &Steps]), least: 1 },
    "What each answer leads to: a step, a list of steps, `{repeat: true}` or `{back: true}`.",
);

/// How long to wait for the next key.
pub(super) const fn inter_digit(default: Duration) -> Key<Or<Lasting>> {
    Key::or(
        "inter_digit",
        Lasting::within(SHORTEST, MINUTE),
        default,
        "How long to wait for the next key of an answer that has several, from the last one.",
    )
}

const QUESTION: Mapping = Mapping {
    what: "a menu",
    keys: &[
        &PLAY,
        &SAY,
        &INVALID,
        &SILENT,
        &OPTIONS,
        &EXTENSIONS,
        &TIMEOUT,
        &INTER_DIGIT,
        &TRIES,
        &TYPE_AHEAD,
        &ON_SILENCE,
        &ON_INVALID,
        &OTHERWISE,
    ],
};

pub(super) const MENU: StepWord = StepWord {
    key: &Key::optional("menu", QUESTION, "Asks for a key; each key leads to a step, or to a list of steps."),
    alone: None,
    read: |key, value, reader| menu(key, value, reader).map_or(RawAct::Unread, RawAct::Menu),
};

fn menu(key: &Node, value: &Node, reader: &mut Reader) -> Option<RawMenu> {
    let belongs = |typed: &str| {
        let typed =
            Digits::new(typed).map(|_| if typed.starts_with('#') { format!("\"{typed}\"") } else { typed.into() });
        typed.map(|key| format!("put {} under `options:`", quoted(&key)))
    };
    let fields = reader.fields_or(value, &QUESTION, &key.span, belongs)?;
    let asking = asking(&fields, &INTER_DIGIT, reader);
    let options = reader.required(&fields, &OPTIONS);
    let options = options.map(|node| all_options(node, reader)).unwrap_or_default();
    let by_extension = fields.get(&EXTENSIONS).and_then(|node| by_extension(node, reader));
    Some(RawMenu { asking, options, by_extension })
}

/// What all questions have. `inter_digit`: theirs, each with its own default.
pub(super) fn asking(fields: &Fields<'_>, inter_digit: &Key<Or<Lasting>>, reader: &mut Reader) -> RawAsking {
    let prompt = reader.question(fields);
    let mut sounds = |key| fields.get(key).map(|node| reader.media(node)).unwrap_or_default();
    let (invalid, silent) = (sounds(&INVALID), sounds(&SILENT));
    let timeout = reader.or(fields, &TIMEOUT);
    let inter_digit = reader.or(fields, inter_digit);
    let tries = reader.or(fields, &TRIES);
    let type_ahead = reader.or(fields, &TYPE_AHEAD);
    let mut way = |key| fields.get(key).map(|node| step::body(node, reader));
    let (on_silence, on_invalid, otherwise) = (way(&ON_SILENCE), way(&ON_INVALID), way(&OTHERWISE));
    RawAsking { prompt, timeout, inter_digit, tries, type_ahead, invalid, silent, on_silence, on_invalid, otherwise }
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
        let keys = reader.read(key, &word::KEYS, OPTIONS.name());
        let choice = choice(value, reader);
        options.extend(keys.map(|keys| (keys, choice)));
    }
    options
}

pub(super) const REPEAT: Key<True> =
    Key::required("repeat", "repeat: true", True, "The same question once more, without counting as a try.");

const AGAIN: Mapping = Mapping { what: "the same question", keys: &[&REPEAT] };

pub(super) const BACK: Key<True> = Key::required(
    "back",
    "back: true",
    True,
    "The menu that the caller came from, as if he had come for the first time.",
);

const BEFORE: Mapping = Mapping { what: "the menu before", keys: &[&BACK] };

fn choice(node: &Node, reader: &mut Reader) -> RawChoice {
    let alone = match &node.kind {
        Kind::Map(entries) => match entries.as_slice() {
            [(key, value)] => {
                let words = [REPEAT.name(), BACK.name()];
                words.into_iter().find(|word| key.is_word(word)).map(|word| (word, value))
            }
            _ => None,
        },
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => None,
    };
    let Some((word, value)) = alone else { return RawChoice::Go(step::body(node, reader)) };
    if !value.is_word("true") {
        let fault = Fault::error(&value.span, format!("`{word}` is `true` or not there at all"));
        reader.tell(fault.remedy(format!("write `{{{word}: true}}`")));
    }
    if word == BACK.name() { RawChoice::Back } else { RawChoice::Repeat }
}
