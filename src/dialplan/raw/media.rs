//! What is played, as typed: sounds, files, texts.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    say::{RawSay, Say},
    tone::{self, RawTone, TONE, TONED},
};
use crate::{
    dialplan::{prompt::Wanted, word},
    domain::Media,
    yaml::{At, Either, Fault, Fields, Key, Kind, Mapping, Node, Reader, Shape, Shared},
};

/// A sound as typed.
#[derive(Debug)]
pub(in crate::dialplan) enum RawSound {
    /// What Asterisk has.
    Asterisk(Media),
    /// A file, by its path from the plan's folder.
    File(Arc<str>),
    /// What is said.
    Say(RawSay),
    /// A tone.
    Tone(RawTone),
}

/// Sounds, at least one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sounds;

impl Shape for Sounds {
    fn schema(&self, shared: &mut Shared) -> Value {
        shared.refer("sounds", |shared| {
            let sound = shared.refer("sound", |shared| SOUND.schema(shared));
            json!({ "anyOf": [sound.clone(), { "type": "array", "items": sound, "minItems": 1 }] })
        })
    }
}

/// A sound, something that is said, or a tone.
const SOUND: Either = Either(&[&word::SOUND, &SPOKEN, &TONED]);

const SPOKEN: Mapping = Mapping { what: "a sound", keys: &[&SAYS] };

const SAYS: Key<Say> = Key::required("say", "say: \"Welcome.\"", Say, "A text that is said, or a value.");

/// A question.
pub(super) const PLAY: Key<Sounds> = Key::without(
    "say",
    "play",
    "play: sound:vm-intro",
    Sounds,
    "The question: a sound or a list of sounds. A key cuts it short.",
);
pub(super) const SAY: Key<Say> = Key::optional("say", Say, "The question as a text; behind `play`, if both are there.");

impl Reader {
    /// Sounds, at least one: `welcome.wav`, `[sound:beep, {say: "Goodbye."}]`.
    pub(super) fn media(&mut self, node: &Node) -> Vec<At<RawSound>> {
        if self.is_empty(node, "there is nothing to play", "sound:hello-world") {
            return Vec::new();
        }
        let items = match &node.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Word(_) | Kind::Map(_) | Kind::Nothing => std::slice::from_ref(node),
        };
        items.iter().filter_map(|item| if self.goes_on() { self.sound(item) } else { None }).collect()
    }

    fn sound(&mut self, node: &Node) -> Option<At<RawSound>> {
        match &node.kind {
            Kind::Word(_) => {
                let At { value, span } = self.read(node, &word::SOUND, SAYS.name())?;
                let value = match value {
                    Wanted::Asterisk(media) => RawSound::Asterisk(media),
                    Wanted::File(name) => RawSound::File(name),
                };
                Some(At { value, span })
            }
            Kind::Map(entries) => match entries.as_slice() {
                [(key, text)] if key.is_word(SAYS.name()) => self.said(text),
                all if all.iter().any(|(key, _)| key.is_word(TONE.name())) => {
                    tone::tone(node, self).map(|At { value, span }| At { value: RawSound::Tone(value), span })
                }
                _ => self.no_sound(node),
            },
            Kind::Nothing | Kind::List(_) => self.no_sound(node),
        }
    }

    fn no_sound<T>(&mut self, node: &Node) -> Option<T> {
        if self.is_bare(node) {
            return None;
        }
        let message = format!("this should be a sound, and it is {}", node.kind.name());
        let remedy = "write `welcome.wav`, `sound:hello-world`, `{say: \"Welcome.\"}` or `{tone: busy, for: 3s}`";
        self.tell(Fault::error(&node.span, message).remedy(remedy));
        None
    }

    /// Something to be said, among sounds.
    pub(super) fn said(&mut self, node: &Node) -> Option<At<RawSound>> {
        self.say(node).map(|At { value, span }| At { value: RawSound::Say(value), span })
    }

    /// A question: what it plays, and what it says after that.
    pub(super) fn question(&mut self, fields: &Fields<'_>) -> Vec<At<RawSound>> {
        let text = fields.get(&SAY);
        let sounds = match text {
            Some(_) => fields.get(&PLAY),
            None => self.required(fields, &PLAY),
        };
        let mut question = sounds.map(|node| self.media(node)).unwrap_or_default();
        question.extend(text.and_then(|node| self.said(node)));
        question
    }
}
