//! Steps as typed.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{
    ask::{self, RawAsk},
    by_hand,
    dial::{self, RawDial},
    duty::{self, RawByPhone},
    language,
    logic::{self, RawSet, RawSwitch, Text},
    media::{RawSound, Sounds},
    menu::{self, BACK, REPEAT, RawMenu},
    pause,
    record::{self, RawRecord},
    request::{self, RawLookUp, RawRequest},
    require::{self, RawRequire},
    say::Say,
};
use crate::{
    dialplan::{
        hours::Override,
        word::{self, Plain},
    },
    domain::{Name, Reason},
    yaml::{At, Described, Fault, Key, Kind, Mapping, Node, Nothing, Reader, Shape, Shared, Span, quoted, suggest},
};

/// A step: its word, how it is read, and how an editor is told of it.
pub(super) struct StepWord {
    pub(super) key: &'static dyn Described,
    /// What it does where the word stands alone.
    pub(super) alone: Option<fn() -> RawAct>,
    /// Reads what stands behind the word. It takes the word, too.
    pub(super) read: fn(&Node, &Node, &mut Reader) -> RawAct,
}

/// Every step there is.
const STEPS: &[StepWord] = &[
    ANSWER,
    pause::RING,
    pause::MUSIC,
    pause::WAIT,
    PLAYS,
    SAYS,
    menu::MENU,
    ask::ASK,
    logic::SET,
    logic::IF,
    logic::SWITCH,
    HOURS,
    by_hand::OVERRIDE,
    duty::OPERATOR,
    require::REQUIRE,
    QUEUE,
    record::VOICEMAIL,
    record::RECORD,
    dial::DIAL,
    request::LOOKUP,
    request::NOTIFY,
    FLOW,
    CALL,
    language::STEP,
    CONTINUE,
    HANGUP,
];

fn words() -> impl Iterator<Item = &'static str> + Clone {
    STEPS.iter().map(|step| step.key.name())
}

/// A step, or a list of steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps;

impl Shape for Steps {
    fn schema(&self, shared: &mut Shared) -> Value {
        shared.refer("steps", |shared| {
            let step = shared.refer("step", one_step);
            json!({ "anyOf": [step.clone(), { "type": "array", "items": step, "minItems": 1 }] })
        })
    }
}

fn one_step(shared: &mut Shared) -> Value {
    let all: Map<_, _> = STEPS.iter().map(|step| (step.key.name().to_owned(), step.key.schema(shared))).collect();
    let alone = STEPS.iter().filter(|step| step.alone.is_some()).map(|step| step.key);
    let docs = alone.clone().map(|key| all.get(key.name()).and_then(|step| step.get("description")).cloned());
    json!({
        "anyOf": [
            { "enum": alone.map(Described::name).collect::<Vec<_>>(), "markdownEnumDescriptions": docs.collect::<Vec<_>>() },
            {
                "type": "object",
                "description": "A step: one of these words, and what it needs.",
                "properties": all,
                "additionalProperties": false,
                "minProperties": 1,
                "maxProperties": 1,
            },
        ]
    })
}

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
    Ring(Option<Duration>),
    Music {
        class: Option<Name>,
        lasts: Option<Duration>,
    },
    Wait(Duration),
    /// Also what `say` says.
    Play(Vec<At<RawSound>>),
    Menu(RawMenu),
    Ask(RawAsk),
    Operator(RawByPhone),
    Hours {
        of: Option<At<Name>>,
        closed: Option<Body>,
    },
    Override {
        of: Option<At<Name>>,
        how: Override,
    },
    Require(RawRequire),
    Queue(Option<At<Name>>),
    Dial(RawDial),
    Set(Vec<RawSet>),
    If {
        when: Option<Text>,
        then: Option<Body>,
        otherwise: Option<Body>,
    },
    Switch(RawSwitch),
    Record(RawRecord),
    LookUp(RawLookUp),
    Notify(RawRequest),
    Flow(Option<At<Name>>),
    Call(Option<At<Name>>),
    Language(Text),
    Continue,
    HangUp(Reason),
    /// It could not be read.
    Unread,
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
    let (key, value) = match &node.kind {
        Kind::Word(word) if let Some(step) = known(word) => {
            if let Some(alone) = step.alone {
                return RawStep { act: alone(), ..unread };
            }
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
            [(first, value), (second, _), ..] => {
                if reader.too_far_left(first, value, second) {
                    return unread;
                }
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

    /// Tells of a key of a step that stands beside the step's word, and not below it. `false`: it is no key of that step.
    fn too_far_left(&mut self, first: &Node, value: &Node, second: &Node) -> bool {
        let Some(step) = first.as_word().and_then(known) else { return false };
        let (word, keys) = (step.key.name(), step.key.keys());
        let Some(key) = second.as_word().filter(|key| keys.contains(key)) else { return false };
        let below = match (value.as_word(), keys.first()) {
            (Some(typed), Some(main)) => {
                format!("below `{word}:`, and write {} there, too", quoted(&format!("{main}: {typed}")))
            }
            (Some(_) | None, _) => format!("below `{word}:`"),
        };
        let message = format!("{} stands beside `{word}:`, and not below it", quoted(key));
        self.tell(Fault::error(&second.span, message).remedy(format!("indent {} {below}", quoted(key))));
        true
    }

    fn unknown_step(&mut self, span: &Span, word: &str) {
        let remedy = match self.hints.get(word) {
            Some(step) => format!("did you mean {}?", quoted(step)),
            None if let Some(whole) = with_colon(word) => format!("a colon is missing: {}", quoted(&whole)),
            None => suggest::instead(word, words(), "steps are"),
        };
        self.tell(Fault::error(span, format!("there is no step {}", quoted(word))).remedy(remedy));
    }
}

/// A step that was typed without what parts its word from the rest: `play welcome.wav`, `play:welcome.wav`.
fn with_colon(typed: &str) -> Option<String> {
    let (word, rest) = typed.trim().split_once([' ', ':'])?;
    let takes = |step: &StepWord| step.alone.is_none() || step.key.name() == HANGUP.key.name();
    let rest = rest.trim_start_matches([' ', ':', '=']);
    (known(word).is_some_and(takes) && !rest.is_empty()).then(|| format!("{word}: {rest}"))
}

fn known(word: &str) -> Option<&'static StepWord> {
    STEPS.iter().find(|step| step.key.name() == word)
}

fn act(word: &str, key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    if let Some(step) = known(word) {
        return (step.read)(key, value, reader);
    }
    if [REPEAT.name(), BACK.name()].contains(&word) {
        let message = format!("`{word}` is no step: it stands alone as what a menu's key does");
        reader.tell(Fault::error(&key.span, message).remedy(format!("options: {{9: {{{word}: true}}}}")));
    } else {
        reader.unknown_step(&key.span, word);
    }
    RawAct::Unread
}

const ANSWER: StepWord = StepWord {
    key: &Key::optional(
        "answer",
        Nothing,
        "Answers the call. `play`, `say`, `menu`, `ask`, `music` and `queue` do so too, if it is not answered yet and the number \
         does not say otherwise.",
    ),
    alone: Some(|| RawAct::Answer),
    read: |_, value, reader| alone(RawAct::Answer, "answer", value, reader),
};

const CONTINUE: StepWord = StepWord {
    key: &Key::optional("continue", Nothing, "Gives the call back to Asterisk's own dialplan, behind its `Stasis()`."),
    alone: Some(|| RawAct::Continue),
    read: |_, value, reader| alone(RawAct::Continue, "continue", value, reader),
};

const PLAYS: StepWord = StepWord {
    key: &Key::optional(
        "play",
        Sounds,
        "Plays a sound, or a list of sounds one after the other, to the end, whatever is pressed.",
    ),
    alone: None,
    read: |_, value, reader| RawAct::Play(reader.media(value)),
};

const SAYS: StepWord = StepWord {
    key: &Key::optional("say", Say, "Says a text in the caller's language, or a value."),
    alone: None,
    read: |_, value, reader| RawAct::Play(reader.said(value).into_iter().collect()),
};

const QUEUE: StepWord = StepWord {
    key: &Key::optional(
        "queue",
        A_QUEUE,
        "Waits in a queue. The call ends with the conversation; `max_wait` of the queue says what comes after too long a \
         wait. Nothing stands behind it.",
    ),
    alone: None,
    read: |_, value, reader| RawAct::Queue(reader.read(value, &A_QUEUE, "queue")),
};

const FLOW: StepWord = StepWord {
    key: &Key::optional("flow", A_FLOW, "Goes to a flow and does not come back."),
    alone: None,
    read: |_, value, reader| RawAct::Flow(reader.read(value, &A_FLOW, "flow")),
};

const CALL: StepWord = StepWord {
    key: &Key::optional("call", A_FLOW, "Goes to a flow and comes back when the plan is at its end there."),
    alone: None,
    read: |_, value, reader| RawAct::Call(reader.read(value, &A_FLOW, "call")),
};

const A_QUEUE: Plain<Name> = word::REFERENCE.called("a queue's name");
const A_FLOW: Plain<Name> = word::REFERENCE.called("a flow's name");

const HANGUP: StepWord = StepWord {
    key: &Key::or("hangup", word::REASONS, Reason::Normal, "Ends the call; `hangup` alone is `hangup: normal`."),
    alone: Some(|| RawAct::HangUp(Reason::Normal)),
    read: |_, value, reader| {
        let reason = reader.read(value, &word::REASONS, "the reason");
        RawAct::HangUp(reason.map_or(Reason::Normal, |at| at.value))
    },
};

/// A step that takes nothing.
fn alone(act: RawAct, word: &str, value: &Node, reader: &mut Reader) -> RawAct {
    if !matches!(value.kind, Kind::Nothing) {
        let fault = Fault::error(&value.span, format!("`{word}` takes nothing behind it"));
        reader.tell(fault.remedy(format!("write `- {word}`")));
    }
    act
}

const OF: Key<Plain<Name>> = Key::required(
    "of",
    "of: office",
    word::REFERENCE.called("the name of opening hours"),
    "The name of the opening hours.",
);
const CLOSED: Key<Steps> =
    Key::required("closed", "closed: {flow: after_hours}", Steps, "The step, or the steps, while they are not open.");

const OPEN: Mapping = Mapping { what: "the step `hours`", keys: &[&OF, &CLOSED] };

const HOURS: StepWord = StepWord {
    key: &Key::optional(
        "hours",
        OPEN,
        "Goes on behind it while the hours are open, and does what `closed` says otherwise.",
    ),
    alone: None,
    read: hours,
};

fn hours(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, &OPEN, &key.span) else {
        return RawAct::Hours { of: None, closed: None };
    };
    let of = reader.needed(&fields, &OF);
    let closed = reader.required(&fields, &CLOSED);
    RawAct::Hours { of, closed: closed.map(|node| body(node, reader)) }
}
