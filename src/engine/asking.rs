//! Questions that callers answer with keys.

use std::sync::Arc;

use super::{
    Command, Engine, Fact, Wake,
    call::{Asked, Doing},
};
use crate::{
    dialplan::{Choice, Menu},
    domain::{CallId, ChannelId, Digit, Digits, Media},
};

impl Engine {
    /// Asks a menu's question, after `first` if there is something to say first.
    pub(super) fn ask(&mut self, id: CallId, menu: Arc<Menu>, attempt: u32, first: &[Media]) {
        let media =
            if first.is_empty() { menu.prompt.clone() } else { first.iter().chain(&*menu.prompt).cloned().collect() };
        self.tell(Some(id), Fact::MenuAsked { attempt });
        let prompt = self.play(id, media);
        if let Some(call) = self.calls.get_mut(&id) {
            call.doing = Doing::Asked(Asked { menu, attempt, prompt, keys: Digits::default() });
        }
    }

    pub(super) fn on_pressed(&mut self, channel: &ChannelId, digit: Digit) {
        let Some(id) = self.caller_of(channel) else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Doing::Asked(asked) = &mut call.doing else { return };
        call.hurried = 0;
        asked.keys.push(digit);
        let keys = asked.keys.clone();
        let menu = asked.menu.clone();
        if let Some(playback) = asked.prompt.take() {
            let channel = channel.clone();
            self.command(Command::Stop { channel, playback });
        }
        self.timers.stop(Wake::Menu(id));
        if let Some((_, choice)) = menu.options.iter().find(|(answer, _)| *answer == keys) {
            self.tell(Some(id), Fact::MenuAnswered { keys });
            self.choose(id, menu.clone(), *choice);
        } else if menu.options.iter().any(|(answer, _)| answer.starts_with(&keys)) {
            self.timers.set(Wake::Menu(id), self.now + menu.inter_digit);
        } else {
            self.mistaken(id, &menu, keys);
        }
    }

    fn choose(&mut self, id: CallId, menu: Arc<Menu>, choice: Choice) {
        match choice {
            Choice::Go(step) => self.go(id, Some(step)),
            Choice::Repeat => {
                let attempt = self.attempt(id).unwrap_or(1);
                self.ask(id, menu, attempt, &[]);
            }
        }
    }

    fn mistaken(&mut self, id: CallId, menu: &Arc<Menu>, keys: Digits) {
        self.tell(Some(id), Fact::MenuMistaken { keys });
        self.try_again(id, menu.clone(), &menu.invalid);
    }

    fn attempt(&self, id: CallId) -> Option<u32> {
        match &self.calls.get(&id)?.doing {
            Doing::Asked(asked) => Some(asked.attempt),
            Doing::Playing { .. } | Doing::Queued(_) | Doing::Talking(_) | Doing::Leaving { .. } => None,
        }
    }

    fn try_again(&mut self, id: CallId, menu: Arc<Menu>, first: &[Media]) {
        let Some(attempt) = self.attempt(id) else { return };
        if attempt < menu.tries {
            self.ask(id, menu, attempt + 1, first);
        } else if let Some(otherwise) = menu.otherwise {
            self.go(id, Some(otherwise));
        } else {
            self.go_on(id);
        }
    }

    /// No key came in time: none at all, or not the rest of an answer.
    pub(super) fn on_menu_silence(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Doing::Asked(asked) = &mut call.doing else { return };
        call.hurried = 0;
        let keys = std::mem::take(&mut asked.keys);
        let menu = asked.menu.clone();
        if keys.is_empty() {
            self.tell(Some(id), Fact::MenuUnanswered);
            self.try_again(id, menu, &[]);
        } else {
            self.mistaken(id, &menu, keys);
        }
    }
}
