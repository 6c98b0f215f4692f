//! What is played, as typed: sounds, files, texts.

use serde_json::{Value, json};

use crate::{
    dialplan::{
        prompt::Wanted,
        word::{self, Plain},
    },
    yaml::{At, Either, Fault, Fields, Key, Kind, Mapping, Node, Reader, Shape, Shared},
};

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

/// A sound, or a text that is said.
const SOUND: Either = Either(&[&word::SOUND, &SPOKEN]);

const SPOKEN: Mapping = Mapping { what: "a sound", keys: &[&SAYS] };

const SAYS: Key<Plain<Wanted>> =
    Key::required("say", "say: \"Welcome.\"", word::TEXT, "A text that is said, in the plan's language.");

/// A question.
pub(super) const PLAY: Key<Sounds> = Key::without(
    "say",
    "play",
    "play: sound:vm-intro",
    Sounds,
    "The question: a sound or a list of sounds. A key cuts it short.",
);
pub(super) const SAY: Key<Plain<Wanted>> =
    Key::optional("say", word::TEXT, "The question as a text; behind `play`, if both are there.");

impl Reader {
    /// Sounds, at least one: `welcome.wav`, `[sound:beep, {say: "Goodbye."}]`.
    pub(super) fn media(&mut self, node: &Node) -> Vec<At<Wanted>> {
        if self.is_empty(node, "there is nothing to play", "sound:hello-world") {
            return Vec::new();
        }
        let items = match &node.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Word(_) | Kind::Map(_) | Kind::Nothing => std::slice::from_ref(node),
        };
        items.iter().filter_map(|item| if self.goes_on() { self.sound(item) } else { None }).collect()
    }

    fn sound(&mut self, node: &Node) -> Option<At<Wanted>> {
        match &node.kind {
            Kind::Word(_) => self.read(node, &word::SOUND, SAYS.name()),
            Kind::Map(entries) => match entries.as_slice() {
                [(key, text)] if key.is_word(SAYS.name()) => self.text(text),
                _ => self.no_sound(node),
            },
            Kind::Nothing | Kind::List(_) => self.no_sound(node),
        }
    }

    fn no_sound<T>(&mut self, node: &Node) -> Option<T> {
        let message = format!("this should be a sound, and it is {}", node.kind.name());
        let remedy = "write `welcome.wav`, `sound:hello-world` or `{say: \"Welcome.\"}`";
        self.tell(Fault::error(&node.span, message).remedy(remedy));
        None
    }

    /// A text to be said.
    pub(super) fn text(&mut self, node: &Node) -> Option<At<Wanted>> {
        self.read(node, &word::TEXT, SAYS.name())
    }

    /// A question: what it plays, and what it says after that.
    pub(super) fn question(&mut self, fields: &Fields<'_>) -> Vec<At<Wanted>> {
        let text = fields.get(&SAY);
        let sounds = match text {
            Some(_) => fields.get(&PLAY),
            None => self.required(fields, &PLAY),
        };
        let mut question = sounds.map(|node| self.media(node)).unwrap_or_default();
        question.extend(text.and_then(|node| self.text(node)));
        question
    }
}
