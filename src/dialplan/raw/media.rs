//! What is played, as typed: sounds, files, texts.

use std::sync::Arc;

use super::say::RawSay;
use crate::{
    dialplan::{prompt::Wanted, word},
    domain::Media,
    yaml::{At, Fault, Fields, Kind, Node, Reader},
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
}

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
                let At { value, span } = self.value(node, "a sound", word::media)?;
                let value = match value {
                    Wanted::Asterisk(media) => RawSound::Asterisk(media),
                    Wanted::File(name) => RawSound::File(name),
                };
                Some(At { value, span })
            }
            Kind::Map(entries) => match entries.as_slice() {
                [(key, text)] if key.is_word("say") => self.said(text),
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

    /// Something to be said, among sounds.
    pub(super) fn said(&mut self, node: &Node) -> Option<At<RawSound>> {
        self.say(node).map(|At { value, span }| At { value: RawSound::Say(value), span })
    }

    /// A menu's question: what it plays, and what it says after that.
    pub(super) fn question(&mut self, fields: &Fields<'_>) -> Vec<At<RawSound>> {
        let text = fields.get("say");
        let sounds = match text {
            Some(_) => fields.get("play"),
            None => self.required(fields, "play", "play: sound:vm-intro"),
        };
        let mut question = sounds.map(|node| self.media(node)).unwrap_or_default();
        question.extend(text.and_then(|node| self.said(node)));
        question
    }
}
