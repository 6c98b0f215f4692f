//! Messages of callers, as typed: `voicemail` and `record`.

use std::{sync::Arc, time::Duration};

use super::{
    MINUTE, SECOND,
    logic::{self, Text},
    media::{RawSound, Sounds},
    step::{self, Body, RawAct, StepWord, Steps},
};
use crate::{
    dialplan::word::{self, Lasting, Plain, Rule},
    domain::{Digit, Name},
    yaml::{At, Either, Fields, Key, Kind, Mapping, Node, Or, Read, Reader, Wrong, quoted},
};

/// A message as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawRecord {
    /// The box; `None`: it could not be read.
    pub(in crate::dialplan) mailbox: Option<Name>,
    /// The variable that becomes the message's id.
    pub(in crate::dialplan) into: Option<At<Name>>,
    pub(in crate::dialplan) greeting: Vec<At<RawSound>>,
    pub(in crate::dialplan) at_most: Duration,
    pub(in crate::dialplan) silence: Duration,
    pub(in crate::dialplan) end: Option<Digit>,
    pub(in crate::dialplan) beep: bool,
    pub(in crate::dialplan) done: Vec<At<RawSound>>,
    pub(in crate::dialplan) failed: Option<Body>,
    /// Whom to tell that there is a message.
    pub(in crate::dialplan) notify: Option<Text>,
}

/// The longest that a caller may speak: half an hour is 29 MB.
const LONGEST: Duration = Duration::from_secs(30 * 60);

const A_BOX: Plain<Name> = word::NAME.called("a box's name");

const BOX: Key<Plain<Name>> = Key::required("box", "box: sales", A_BOX, "The box that the message is put into.");
const OWN_BOX: Key<Plain<Name>> =
    Key::optional("box", A_BOX, "The box that it is put into; the one of the variable's name when this is missing.");
const INTO: Key<Plain<Name>> = Key::required(
    "into",
    "into: note",
    Plain::new("a variable's name", logic::variable, word::NAME.rule()),
    "The variable that becomes the message's id, a text.",
);
const GREETING: Key<Sounds> = Key::optional(
    "greeting",
    Sounds,
    "What is played before: a sound or a list of sounds. The key `end` cuts it short.",
);
const AT_MOST: Key<Or<Lasting>> =
    Key::or("at_most", Lasting::seconds(SECOND, LONGEST), MINUTE.saturating_mul(2), "How long the caller may speak.");
const SILENCE: Key<Or<Lasting>> = Key::or(
    "silence",
    Lasting::seconds(SECOND, MINUTE),
    SECOND.saturating_mul(5),
    "After so long a silence he has said everything. It is cut off.",
);
const END: Key<Plain<Option<Digit>>> = Key::optional(
    "end",
    Plain::new(
        "a key, or `none`",
        end,
        &Rule { also: &[], pattern: || "^([#*]|none)$".into(), examples: &["#", "*", "none"], docs: "" },
    ),
    "The key with which he says that he has said everything: `\"#\"`, which holds when this is missing, `\"*\"` or `none`.",
);
const BEEP: Key<Plain<bool>> = Key::optional(
    "beep",
    Plain::new(
        "`true` or `false`",
        beep,
        &Rule { also: &["boolean"], pattern: || "^(true|false)$".into(), examples: &[], docs: "" },
    ),
    "Whether a tone tells him to speak; it does when this is missing.",
);
const DONE: Key<Sounds> = Key::optional("done", Sounds, "What is played when the message is kept.");
const FAILED: Key<Steps> = Key::optional(
    "failed",
    Steps,
    "The step, or the steps, when it cannot be kept: the box is full, or a disk is; the call goes on behind the step when this \
     is missing.",
);

const NOTIFY: Key<Plain<Arc<str>>> = Key::optional(
    "notify",
    word::URL,
    "The address of a server that is told of the message when it is kept, until it takes it. The settings (`hooks.allow`) say \
     which servers may be told.",
);

const MESSAGE: Mapping = Mapping {
    what: "the step `voicemail`",
    keys: &[&BOX, &GREETING, &AT_MOST, &SILENCE, &END, &BEEP, &DONE, &FAILED, &NOTIFY],
};

const RECORDING: Mapping = Mapping {
    what: "the step `record`",
    keys: &[&INTO, &OWN_BOX, &GREETING, &AT_MOST, &SILENCE, &END, &BEEP, &DONE, &FAILED, &NOTIFY],
};

/// `voicemail: {box: sales, greeting: welcome.wav}`, or the box alone.
pub(super) const VOICEMAIL: StepWord = StepWord {
    key: &Key::optional(
        "voicemail",
        Either(&[&A_BOX, &MESSAGE]),
        "Takes a message of the caller; `voicemail: sales` is `voicemail: {box: sales}`.",
    ),
    alone: None,
    read: voicemail,
};

/// `record: {into: note, at_most: 60s}`
pub(super) const RECORD: StepWord = StepWord {
    key: &Key::optional("record", RECORDING, "Takes a message of the caller, of which a later step can speak."),
    alone: None,
    read: record,
};

fn voicemail(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    if let Kind::Word(_) = &value.kind {
        let mailbox = reader.read(value, &A_BOX, BOX.name()).map(|at| at.value);
        return RawAct::Record(RawRecord { mailbox, ..RawRecord::default() });
    }
    let Some(fields) = reader.fields(value, &MESSAGE, &key.span) else { return RawAct::Unread };
    let mailbox = reader.needed(&fields, &BOX).map(|at| at.value);
    RawAct::Record(RawRecord { mailbox, ..common(&fields, reader) })
}

fn record(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, &RECORDING, &key.span) else { return RawAct::Unread };
    let into = reader.needed(&fields, &INTO);
    let mailbox = match fields.get(&OWN_BOX) {
        Some(node) => reader.read(node, &A_BOX, OWN_BOX.name()).map(|at| at.value),
        None => into.as_ref().map(|at| at.value.clone()),
    };
    RawAct::Record(RawRecord { mailbox, into, ..common(&fields, reader) })
}

fn common(fields: &Fields<'_>, reader: &mut Reader) -> RawRecord {
    let default = RawRecord::default();
    RawRecord {
        at_most: reader.or(fields, &AT_MOST),
        silence: reader.or(fields, &SILENCE),
        end: reader.maybe(fields, &END).map_or(default.end, |at| at.value),
        beep: reader.maybe(fields, &BEEP).map_or(default.beep, |at| at.value),
        greeting: fields.get(&GREETING).map(|node| reader.media(node)).unwrap_or_default(),
        done: fields.get(&DONE).map(|node| reader.media(node)).unwrap_or_default(),
        failed: fields.get(&FAILED).map(|node| step::body(node, reader)),
        notify: reader.maybe(fields, &NOTIFY),
        ..default
    }
}

impl Default for RawRecord {
    fn default() -> Self {
        Self {
            mailbox: None,
            into: None,
            greeting: Vec::new(),
            at_most: MINUTE * 2,
            silence: SECOND * 5,
            end: Digit::new('#'),
            beep: true,
            done: Vec::new(),
            failed: None,
            notify: None,
        }
    }
}

/// The key with which a caller ends his message. Asterisk knows `#` and `*` for it, and no other one alone.
fn end(text: &str) -> Read<Option<Digit>> {
    match text {
        "none" => Ok(None),
        "#" => Ok(Digit::new('#')),
        "*" => Ok(Digit::new('*')),
        _ => {
            let message = format!("{} does not end a recording", quoted(text));
            Err(Wrong::new(message, "end: \"#\", \"*\" or none"))
        }
    }
}

fn beep(text: &str) -> Read<bool> {
    text.parse().map_err(|_neither| Wrong::new(format!("{} is neither", quoted(text)), "beep: `true` or `false`"))
}
