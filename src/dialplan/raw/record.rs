//! Messages of callers, as typed: `voicemail` and `record`.

use std::time::Duration;

use super::{
    MINUTE, SECOND, logic,
    step::{self, Body, RawAct},
};
use crate::{
    dialplan::{prompt::Wanted, word},
    domain::{Digit, Name},
    yaml::{At, Fields, Kind, Node, Read, Reader, Wrong, quoted},
};

/// A message as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawRecord {
    /// The box; `None`: it could not be read.
    pub(in crate::dialplan) mailbox: Option<Name>,
    /// The variable that becomes the message's id.
    pub(in crate::dialplan) into: Option<At<Name>>,
    pub(in crate::dialplan) greeting: Vec<At<Wanted>>,
    pub(in crate::dialplan) at_most: Duration,
    pub(in crate::dialplan) silence: Duration,
    pub(in crate::dialplan) end: Option<Digit>,
    pub(in crate::dialplan) beep: bool,
    pub(in crate::dialplan) done: Vec<At<Wanted>>,
    pub(in crate::dialplan) failed: Option<Body>,
}

/// The longest that a caller may speak: half an hour is 29 MB.
const LONGEST: Duration = Duration::from_secs(30 * 60);

const TRUTHS: &[(&str, bool)] = &[("true", true), ("false", false)];

/// `voicemail: {box: sales, greeting: welcome.wav}`, or the box alone.
pub(super) fn voicemail(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    const KEYS: &[&str] = &["box", "greeting", "at_most", "silence", "end", "beep", "done", "failed"];
    if let Kind::Word(_) = &value.kind {
        let mailbox = reader.value(value, "a box's name", word::name).map(|at| at.value);
        return RawAct::Record(RawRecord { mailbox, ..RawRecord::default() });
    }
    let Some(fields) = reader.fields(value, "the step `voicemail`", &key.span, KEYS) else { return RawAct::Unread };
    let mailbox = reader.required(&fields, "box", "box: sales");
    let mailbox = mailbox.and_then(|node| reader.value(node, "a box's name", word::name)).map(|at| at.value);
    RawAct::Record(RawRecord { mailbox, ..common(&fields, reader) })
}

/// `record: {into: note, at_most: 60s}`
pub(super) fn record(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    const KEYS: &[&str] = &["into", "box", "greeting", "at_most", "silence", "end", "beep", "done", "failed"];
    let Some(fields) = reader.fields(value, "the step `record`", &key.span, KEYS) else { return RawAct::Unread };
    let into = reader.required(&fields, "into", "into: note");
    let into = into.and_then(|node| reader.value(node, "a variable's name", logic::variable));
    let named = into.as_ref().map(|at| at.value.clone());
    let mailbox = match fields.get("box") {
        Some(node) => reader.value(node, "a box's name", word::name).map(|at| at.value),
        None => named,
    };
    RawAct::Record(RawRecord { mailbox, into, ..common(&fields, reader) })
}

fn common(fields: &Fields<'_>, reader: &mut Reader) -> RawRecord {
    let default = RawRecord::default();
    let mut time = |key: &'static str, default, most| {
        reader.optional(fields, key, default, "a duration", word::duration(key, SECOND..=most, true))
    };
    let at_most = time("at_most", default.at_most, LONGEST);
    let silence = time("silence", default.silence, MINUTE);
    RawRecord {
        mailbox: None,
        into: None,
        at_most,
        silence,
        end: reader.optional(fields, "end", default.end, "a key, or `none`", end),
        beep: reader.optional(fields, "beep", default.beep, "`true` or `false`", word::one_of("beep", TRUTHS)),
        greeting: fields.get("greeting").map(|node| reader.media(node)).unwrap_or_default(),
        done: fields.get("done").map(|node| reader.media(node)).unwrap_or_default(),
        failed: fields.get("failed").map(|node| step::body(node, reader)),
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
