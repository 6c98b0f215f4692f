//! What a caller does, what an operator does, what is expected: each by itself.

use std::{ops::RangeInclusive, time::Duration};

use super::{Expectation, Stagehand};
use crate::{
    dialplan::{
        on_trust,
        word::{self, Count},
    },
    domain::{Digits, E164, Name},
    engine::{
        NoAnswer,
        notice::{Miss, Outcome, Refusal},
    },
    scenario::{
        happening::{Of, WORDS, What},
        stage::{Behaviour, Deed},
    },
    yaml::{Fault, Kind, Node, Read, Word as _, Wrong, quoted, suggest},
};

pub(super) const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Which time a menu asks.
pub(super) const TRY: Count = Count { what: "one word", from: 1, to: 10 };

/// How a call ends for a caller who was not answered.
pub(super) const STATUS: Count = Count { what: "one word", from: 400, to: 699 };

/// Who may hang up.
pub(super) const PARTIES: [&str; 2] = ["caller", "operator"];

/// What a plan gives names to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known {
    Operator,
    /// An operator, or anybody else whom a step may dial.
    Callee,
    Queue,
    Box,
    Flow,
    Hours,
}

impl Known {
    /// One of them, and all of them.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Operator => ("operator", "operators"),
            Self::Callee => ("operator or phone", "operators and phones"),
            Self::Queue => ("queue", "queues"),
            Self::Box => ("box", "boxes"),
            Self::Flow => ("flow", "flows"),
            Self::Hours => ("hours", "hours"),
        }
    }
}

const BEHAVIOURS: &str = "write `answers after 3s`, `answers after 3s, hangs up after 20s`, `busy`, `declines after 2s`, \
    `rings out`, `unreachable` or `silent`";

/// What an operator does when his telephone rings.
pub(super) fn behaviour(text: &str) -> Read<Behaviour> {
    let mut parts = text.split(',').map(str::trim);
    let first = parts.next().unwrap_or_default();
    let (word, after) = match first.split_once(" after ") {
        Some((word, after)) => (word.trim(), Some(within("after", after.trim(), Duration::ZERO..=DAY)?)),
        None => (first, None),
    };
    let wrong = |what: &str| Wrong::new(format!("{} is nothing that an operator does", quoted(what)), BEHAVIOURS);
    let mut behaviour = match (word, after) {
        ("answers", after) => Behaviour::Answers { after: after.unwrap_or(Duration::from_secs(3)), talks: None },
        ("declines", after) => Behaviour::Declines(after.unwrap_or(Duration::from_secs(2))),
        ("busy", None) => Behaviour::Busy,
        ("rings out", None) => Behaviour::RingsOut,
        ("unreachable", None) => Behaviour::Unreachable,
        ("silent", None) => Behaviour::Silent,
        _ => return Err(wrong(text)),
    };
    for part in parts {
        match (part.strip_prefix("hangs up after "), &mut behaviour) {
            (Some(span), Behaviour::Answers { talks: talks @ None, .. }) => {
                *talks = Some(within("hangs up after", span.trim(), Duration::ZERO..=DAY)?);
            }
            _ => return Err(wrong(text)),
        }
    }
    Ok(behaviour)
}

fn within(what: &'static str, text: &str, limits: RangeInclusive<Duration>) -> Read<Duration> {
    word::duration(what, limits, false)(text)
}

/// A word, or a word and what it is said of.
fn pair<'n>(
    node: &'n Node,
    what: &str,
    example: &str,
    hand: &mut Stagehand<'_>,
) -> Option<(&'n Node, Option<&'n Node>)> {
    match &node.kind {
        Kind::Word(_) => return Some((node, None)),
        Kind::Map(entries) => {
            if let [(key, value)] = entries.as_slice() {
                return Some((key, Some(value)));
            }
        }
        Kind::Nothing | Kind::List(_) => {}
    }
    let fault = Fault::error(&node.span, format!("this should be one thing that {what}"));
    hand.reader.tell(fault.remedy(format!("write `{example}`")));
    None
}

const DEEDS: [&str; 4] = ["wait", "wait_for", "press", "hang_up"];

/// Something that the caller does.
pub(super) fn deed(node: &Node, hand: &mut Stagehand<'_>) -> Option<Deed> {
    let (key, value) = pair(node, "the caller does", "{press: 1}", hand)?;
    let word = hand.reader.word(key, "what the caller does")?;
    let needs = |hand: &mut Stagehand<'_>, example: &str| {
        if value.is_none() {
            let fault = Fault::error(&key.span, format!("{} says nothing of what", quoted(word)));
            hand.reader.tell(fault.remedy(format!("write `{{{word}: {example}}}`")));
        }
        value
    };
    match word {
        "wait" => {
            let node = needs(hand, "2s")?;
            let span = hand.reader.value(node, "a duration", word::duration("wait", Duration::ZERO..=DAY, false));
            span.map(|at| Deed::Wait(at.value))
        }
        "wait_for" => Some(Deed::WaitFor(what(needs(hand, "menu")?, hand)?)),
        "press" => {
            let node = needs(hand, "1")?;
            let keys = hand.reader.value(node, "keys of a telephone", word::digits);
            keys.map(|at| Deed::Press(at.value))
        }
        "hang_up" => {
            if let Some(value) = value.filter(|value| !value.is_word("true")) {
                let fault = Fault::error(&value.span, "`hang_up` is `true` or stands alone");
                hand.reader.tell(fault.remedy("write `- hang_up`"));
            }
            Some(Deed::HangUp)
        }
        _ => {
            let remedy = suggest::instead(word, DEEDS.into_iter(), "a caller can");
            let message = format!("there is nothing {} that a caller does", quoted(word));
            hand.reader.tell(Fault::error(&key.span, message).remedy(remedy));
            None
        }
    }
}

/// Something that is to happen: `menu`, `{rings: anna}`, `{connected: anna, within: 10s}`.
pub(super) fn expectation(node: &Node, hand: &mut Stagehand<'_>) -> Option<Expectation> {
    let line = hand.line(&node.span);
    let Kind::Map(entries) = &node.kind else {
        return Some(Expectation { what: what(node, hand)?, within: None, line });
    };
    let (limits, rest): (Vec<_>, Vec<_>) = entries.iter().partition(|(key, _)| key.is_word("within"));
    let within = limits.first().and_then(|(_, value)| {
        hand.reader.value(value, "a duration", word::duration("within", Duration::ZERO..=DAY, false))
    });
    let ([(key, value)], 0..=1) = (rest.as_slice(), limits.len()) else {
        let fault = Fault::error(&node.span, "this should be one thing that happens");
        hand.reader.tell(fault.remedy("give each a line of its own that begins with `- `: `- rings: anna`"));
        return None;
    };
    Some(Expectation { what: said(key, Some(value), hand)?, within: within.map(|at| at.value), line })
}

fn what(node: &Node, hand: &mut Stagehand<'_>) -> Option<What> {
    let (key, value) = pair(node, "happens", "{rings: anna}", hand)?;
    said(key, value, hand)
}

fn said(key: &Node, value: Option<&Node>, hand: &mut Stagehand<'_>) -> Option<What> {
    let typed = hand.reader.word(key, "what happens")?;
    let Some((word, of)) = WORDS.iter().find(|(word, _)| *word == typed) else {
        let known = WORDS.iter().map(|(word, _)| *word);
        let remedy = suggest::nearest(typed, known.clone()).map_or_else(
            || format!("what happens is one of {}", known.map(quoted).collect::<Vec<_>>().join(", ")),
            |word| format!("did you mean {}?", quoted(word)),
        );
        let message = format!("there is nothing {} that happens in a call", quoted(typed));
        hand.reader.tell(Fault::error(&key.span, message).remedy(remedy));
        return None;
    };
    let of = match value {
        Some(value) => object(*of, word, value, hand)?,
        None => String::new(),
    };
    Some(What { word, of })
}

/// Somebody who can be rung, as he is told of: an operator, a phone by its internal number, a number outside.
pub(super) fn callee(node: &Node, hand: &mut Stagehand<'_>) -> Option<Name> {
    let typed = hand.reader.value(node, "a name or a number", |text| Ok(Name::new(text)))?;
    if let Some(number) = E164::read(&typed.value, hand.plan.numbers.country()) {
        return Some(Name::new(number.as_str()));
    }
    hand.knows(&typed, Known::Callee);
    Some(typed.value)
}

/// Of what a word is said, as it is told when it happens.
fn object(of: Of, said: &str, node: &Node, hand: &mut Stagehand<'_>) -> Option<String> {
    let name = |kind: Known, hand: &mut Stagehand<'_>| {
        let name = hand.reader.value(node, "a name", |text| Ok(Name::new(text)))?;
        hand.knows(&name, kind);
        Some(name.value.to_string())
    };
    let read = |read: &dyn Fn(&str) -> Read<String>, hand: &mut Stagehand<'_>| {
        hand.reader.value(node, "one word", read).map(|at| at.value)
    };
    match of {
        Of::Nothing => {
            let fault = Fault::error(&node.span, format!("{} is said of nothing", quoted(said)));
            hand.reader.tell(fault.remedy(format!("write `- {said}`")));
            None
        }
        Of::Flow => name(Known::Flow, hand),
        Of::Hours => name(Known::Hours, hand),
        Of::Box => name(Known::Box, hand),
        Of::Queue => name(Known::Queue, hand),
        Of::Callee => callee(node, hand).map(|name| name.to_string()),
        Of::Miss => read(&|text| one_of(text, &Miss::ALL.map(Miss::word), "why nobody answers"), hand),
        Of::Sound => match said_text(node) {
            Some(text) => hand
                .reader
                .value(text, "a text", |text| Ok(on_trust(&word::text(text)?).uri.to_string()))
                .map(|at| at.value),
            None => read(&|text| word::media(text).map(|wanted| wanted.uri()), hand),
        },
        Of::Music => read(&|text| word::music(text).map(|music| music.to_string()), hand),
        Of::Keys => read(&|text| word::digits(text).map(|keys: Digits| keys.to_string()), hand),
        Of::Address | Of::Skills => read(&|text| Ok(text.to_owned()), hand),
        Of::NoAnswer => read(&|text| one_of(text, &NoAnswer::ALL.map(NoAnswer::word), "why"), hand),
        Of::Count => read(&|text| TRY.read("the menu's try", text).map(|count| count.to_string()), hand),
        Of::Status => read(&|text| STATUS.read("a SIP status", text).map(|status| status.to_string()), hand),
        Of::Party => read(&|text| one_of(text, &PARTIES, "who hangs up"), hand),
        Of::Refusal => read(&|text| one_of(text, &Refusal::ALL.map(Refusal::word), "the reason"), hand),
        Of::Money => read(&|text| word::money(text).map(|money| money.to_string()), hand),
        Of::Outcome => read(&|text| one_of(text, &Outcome::ALL.map(Outcome::word), "the end"), hand),
    }
}

/// The text of `{say: ...}`.
fn said_text(node: &Node) -> Option<&Node> {
    let Kind::Map(entries) = &node.kind else { return None };
    match entries.as_slice() {
        [(key, text)] if key.is_word("say") => Some(text),
        _ => None,
    }
}

fn one_of(text: &str, words: &[&str], what: &str) -> Read<String> {
    if words.contains(&text) {
        return Ok(text.into());
    }
    let remedy = suggest::instead(text, words.iter().copied(), &format!("{what} is one of"));
    Err(Wrong::new(format!("{} means nothing here", quoted(text)), remedy))
}
