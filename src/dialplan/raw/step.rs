//! Steps as typed.

use std::time::Duration;

use super::{
    MINUTE, SECOND,
    logic::{self, RawSet, RawSwitch, Text},
    record::{self, RawRecord},
};
use crate::{
    dialplan::{prompt::Wanted, word},
    domain::{Digits, Name, Reason},
    yaml::{At, Fault, Fields, Kind, Node, Reader, Span, quoted, suggest},
};

/// Every step there is.
const STEPS: &[&str] = &[
    "answer",
    "play",
    "say",
    "menu",
    "set",
    "if",
    "switch",
    "hours",
    "queue",
    "voicemail",
    "record",
    "flow",
    "call",
    "continue",
    "hangup",
];

/// Steps in a row: of a flow or of a branch.
#[derive(Debug)]
pub(in crate::dialplan) struct Body {
    pub(in crate::dialplan) steps: Vec<RawStep>,
    pub(in crate::dialplan) span: Span,
}

/// A step as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawStep {
    /// Its word: `menu`.
    pub(in crate::dialplan) span: Span,
    pub(in crate::dialplan) act: RawAct,
}

/// What a step does, as typed. `None` where it could not be read.
#[derive(Debug)]
pub(in crate::dialplan) enum RawAct {
    Answer,
    /// Also what `say` says.
    Play(Vec<At<Wanted>>),
    Menu(RawMenu),
    Hours {
        of: Option<At<Name>>,
        closed: Option<Body>,
    },
    Queue(Option<At<Name>>),
    Set(Vec<RawSet>),
    If {
        when: Option<Text>,
        then: Option<Body>,
        otherwise: Option<Body>,
    },
    Switch(RawSwitch),
    Record(RawRecord),
    Flow(Option<At<Name>>),
    Call(Option<At<Name>>),
    Continue,
    HangUp(Reason),
    /// It could not be read.
    Unread,
}

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

/// The steps of a flow.
pub(super) fn flow(name: &At<Name>, node: &Node, reader: &mut Reader) -> Body {
    if node.is_empty() {
        let message = format!("flow {} has no step", quoted(&name.value));
        reader.tell(Fault::error(&name.span, message).remedy("a flow does something: `- hangup: normal`"));
        return Body { steps: Vec::new(), span: name.span.clone() };
    }
    let mut body = body(node, reader);
    body.span = name.span.clone();
    body
}

/// One step, or a list of steps.
pub(super) fn body(node: &Node, reader: &mut Reader) -> Body {
    let steps = match &node.kind {
        Kind::List(items) => items.iter().map(|item| step(item, reader)).collect(),
        Kind::Word(_) | Kind::Map(_) => vec![step(node, reader)],
        Kind::Nothing => Vec::new(),
    };
    if steps.is_empty() {
        reader.missing_step(&node.span);
    }
    Body { steps, span: node.span.clone() }
}

fn step(node: &Node, reader: &mut Reader) -> RawStep {
    let unread = RawStep { span: node.span.clone(), act: RawAct::Unread };
    if !reader.goes_on() {
        return unread;
    }
    let known = |word: &str| STEPS.contains(&word);
    let (key, value) = match &node.kind {
        Kind::Word(word) if word == "answer" => return RawStep { act: RawAct::Answer, ..unread },
        Kind::Word(word) if word == "continue" => return RawStep { act: RawAct::Continue, ..unread },
        Kind::Word(word) if word == "hangup" => return RawStep { act: RawAct::HangUp(Reason::Normal), ..unread },
        Kind::Word(word) if known(word) => {
            let message = format!("{} says nothing of what", quoted(word));
            reader.tell(Fault::error(&node.span, message).remedy(format!("write `{word}: ...`")));
            return unread;
        }
        Kind::Word(word) => {
            reader.unknown_step(&node.span, word);
            return unread;
        }
        Kind::Map(entries) => match entries.as_slice() {
            [(key, value)] => (key, value),
            [] => {
                reader.missing_step(&node.span);
                return unread;
            }
            [_, (second, _), ..] => {
                let fault = Fault::error(&second.span, "a step is one thing, and here a second one begins");
                reader.tell(fault.remedy("give each step a line of its own that begins with `- `"));
                return unread;
            }
        },
        Kind::Nothing | Kind::List(_) => {
            let message = format!("this should be a step, and it is {}", node.kind.name());
            reader.tell(Fault::error(&node.span, message).remedy("write a step, such as `- hangup: normal`"));
            return unread;
        }
    };
    let act = reader.word(key, "a step's name").map_or(RawAct::Unread, |word| act(word, key, value, reader));
    RawStep { span: key.span.clone(), act }
}

impl Reader {
    fn missing_step(&mut self, span: &Span) {
        let fault = Fault::error(span, "here a step is missing");
        self.tell(fault.remedy("write a step, such as `{hangup: normal}`, or a list of steps"));
    }

    fn unknown_step(&mut self, span: &Span, word: &str) {
        let remedy = match self.hints.get(word) {
            Some(step) => format!("did you mean {}?", quoted(step)),
            None => suggest::instead(word, STEPS.iter().copied(), "steps are"),
        };
        self.tell(Fault::error(span, format!("there is no step {}", quoted(word))).remedy(remedy));
    }

    fn name_of(&mut self, node: &Node, what: &str) -> Option<At<Name>> {
        self.value(node, what, word::reference)
    }
}

fn act(word: &str, key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    match word {
        "answer" => alone(RawAct::Answer, word, value, reader),
        "continue" => alone(RawAct::Continue, word, value, reader),
        "set" => logic::set(value, reader),
        "if" => logic::choice(key, value, reader),
        "switch" => logic::switch(key, value, reader),
        "voicemail" => record::voicemail(key, value, reader),
        "record" => record::record(key, value, reader),
        "call" => RawAct::Call(reader.name_of(value, "a flow's name")),
        "play" => RawAct::Play(reader.media(value)),
        "say" => RawAct::Play(reader.text(value).into_iter().collect()),
        "menu" => menu(key, value, reader).map_or(RawAct::Unread, RawAct::Menu),
        "hours" => hours(key, value, reader),
        "queue" => RawAct::Queue(reader.name_of(value, "a queue's name")),
        "flow" => RawAct::Flow(reader.name_of(value, "a flow's name")),
        "hangup" => {
            let reason = reader.value(value, "a reason", word::one_of("the reason", word::REASONS));
            RawAct::HangUp(reason.map_or(Reason::Normal, |at| at.value))
        }
        "repeat" => {
            let fault = Fault::error(&key.span, "`repeat` is no step: it stands alone as what a menu's key does");
            reader.tell(fault.remedy("options: {9: {repeat: true}}"));
            RawAct::Unread
        }
        _ => {
            reader.unknown_step(&key.span, word);
            RawAct::Unread
        }
    }
}

/// A step that takes nothing.
fn alone(act: RawAct, word: &str, value: &Node, reader: &mut Reader) -> RawAct {
    if !matches!(value.kind, Kind::Nothing) {
        let fault = Fault::error(&value.span, format!("`{word}` takes nothing behind it"));
        reader.tell(fault.remedy(format!("write `- {word}`")));
    }
    act
}

fn hours(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, "the step `hours`", &key.span, &["of", "closed"]) else {
        return RawAct::Hours { of: None, closed: None };
    };
    let of = reader.required(&fields, "of", "of: office");
    let of = of.and_then(|node| reader.name_of(node, "the name of opening hours"));
    let closed = reader.required(&fields, "closed", "closed: {flow: after_hours}");
    RawAct::Hours { of, closed: closed.map(|node| body(node, reader)) }
}

fn menu(key: &Node, value: &Node, reader: &mut Reader) -> Option<RawMenu> {
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
    let otherwise = fields.get("otherwise").map(|node| body(node, reader));
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
        None => RawChoice::Go(body(node, reader)),
    }
}
