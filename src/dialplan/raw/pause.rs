//! Steps that let time pass, as typed.

use std::time::Duration;

use super::{
    HOUR,
    step::{RawAct, StepWord},
};
use crate::{
    dialplan::word::{self, Lasting, Plain},
    domain::Name,
    yaml::{Either, Key, Kind, Mapping, Node, Reader},
};

/// How long each of them may be. Shorter than the shortest nobody notices it.
const LONG: Lasting = Lasting::within(Duration::from_millis(100), HOUR);

pub(super) const RING: StepWord = StepWord {
    key: &Key::optional(
        "ring",
        LONG,
        "Lets the caller hear it ring, for so long. `ring` alone: until the next thing that he hears. It does not answer.",
    ),
    alone: Some(|| RawAct::Ring(None)),
    read: |_, value, reader| {
        let lasts = reader.read(value, &LONG, "ring");
        lasts.map_or(RawAct::Unread, |lasts| RawAct::Ring(Some(lasts.value)))
    },
};

pub(super) const MUSIC: StepWord = StepWord {
    key: &Key::optional(
        "music",
        Either(&[&word::CLASS, &TUNE]),
        "Lets the caller hear a class of music, until the next thing that he hears or for so long. `music` alone is \
         `music: default`.",
    ),
    alone: Some(|| RawAct::Music { class: None, lasts: None }),
    read: music,
};

pub(super) const WAIT: StepWord = StepWord {
    key: &Key::optional("wait", LONG, "Lets time pass: in silence, unless `ring` or `music` began before and goes on."),
    alone: None,
    read: |_, value, reader| {
        let lasts = reader.read(value, &LONG, "wait");
        lasts.map_or(RawAct::Unread, |lasts| RawAct::Wait(lasts.value))
    },
};

const TUNE: Mapping = Mapping { what: "the step `music`", keys: &[&CLASS, &FOR] };

const CLASS: Key<Plain<Name>> =
    Key::optional("class", word::CLASS, "Which music; Asterisk's default class when it is missing.");
const FOR: Key<Lasting> =
    Key::optional("for", LONG, "For how long; until the next thing that he hears when it is missing.");

fn music(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Kind::Map(_) = &value.kind else {
        let class =
            reader.read(value, &word::CLASS.called("a class of music, or `{class: default, for: 30s}`"), "music");
        return class.map_or(RawAct::Unread, |class| RawAct::Music { class: Some(class.value), lasts: None });
    };
    let fields = reader.fields_of(value, &TUNE, &key.span);
    let class = reader.maybe(&fields, &CLASS);
    let lasts = reader.maybe(&fields, &FOR);
    RawAct::Music { class: class.map(|at| at.value), lasts: lasts.map(|at| at.value) }
}
