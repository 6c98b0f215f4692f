//! Steps that let time pass, as typed.

use std::{ops::RangeInclusive, time::Duration};

use super::{HOUR, step::RawAct};
use crate::{
    dialplan::word,
    domain::Name,
    yaml::{Kind, Node, Read, Reader, Wrong, quoted},
};

/// How long each of them may be. Shorter than the shortest nobody notices it.
const LIMITS: RangeInclusive<Duration> = Duration::from_millis(100)..=HOUR;

/// `ring: 10s`.
pub(super) fn ring(value: &Node, reader: &mut Reader) -> RawAct {
    let lasts = reader.value(value, "how long it rings", word::duration("ring", LIMITS, false));
    lasts.map_or(RawAct::Unread, |lasts| RawAct::Ring(Some(lasts.value)))
}

/// `wait: 2s`.
pub(super) fn wait(value: &Node, reader: &mut Reader) -> RawAct {
    let lasts = reader.value(value, "how long to wait", word::duration("wait", LIMITS, false));
    lasts.map_or(RawAct::Unread, |lasts| RawAct::Wait(lasts.value))
}

/// `music: default` or `music: {class: default, for: 30s}`.
pub(super) fn music(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    const WHAT: &str = "a class of music, or `{class: default, for: 30s}`";
    let Kind::Map(_) = &value.kind else {
        let class = reader.value(value, WHAT, class);
        return class.map_or(RawAct::Unread, |class| RawAct::Music { class: Some(class.value), lasts: None });
    };
    let fields = reader.fields_of(value, "the step `music`", &key.span, &["class", "for"]);
    let class = fields.get("class").and_then(|node| reader.value(node, "a class of music", class));
    let lasts =
        fields.get("for").and_then(|node| reader.value(node, "a duration", word::duration("for", LIMITS, false)));
    RawAct::Music { class: class.map(|at| at.value), lasts: lasts.map(|at| at.value) }
}

/// Somebody who writes `music: 30s` means how long, and `music: none` that there is silence.
fn class(text: &str) -> Read<Name> {
    let remedy = match (word::duration("music", LIMITS, false)(text), text) {
        (Ok(lasts), _) => format!("write `music: {{for: {}}}`", word::spoken(lasts)),
        (Err(_), "none") => "write `wait: 10s` for silence".into(),
        (Err(_), _) => return word::music(text),
    };
    Err(Wrong::new(format!("{} is no class of music", quoted(text)), remedy))
}
