//! What is played, as typed: sounds, files, texts.

use crate::{
    dialplan::{prompt::Wanted, word},
    yaml::{At, Fault, Fields, Kind, Node, Reader},
};

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
            Kind::Word(_) => self.value(node, "a sound", word::media),
            Kind::Map(entries) => match entries.as_slice() {
                [(key, text)] if key.is_word("say") => self.text(text),
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
        self.value(node, "a text", word::text)
    }

    /// A menu's question: what it plays, and what it says after that.
    pub(super) fn question(&mut self, fields: &Fields<'_>) -> Vec<At<Wanted>> {
        let text = fields.get("say");
        let sounds = match text {
            Some(_) => fields.get("play"),
            None => self.required(fields, "play", "play: sound:vm-intro"),
        };
        let mut question = sounds.map(|node| self.media(node)).unwrap_or_default();
        question.extend(text.and_then(|node| self.text(node)));
        question
    }
}
