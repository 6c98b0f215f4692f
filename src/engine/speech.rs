//! What a caller hears, in his language and with what is known of his call in it.

use std::sync::Arc;

use super::{
    Engine, Fact,
    arrival::Parting,
    call::{Call, Switch},
    facts::Seen,
    notice::Outcome,
    question::Question,
};
use crate::{
    dialplan::{
        Announcement, Confirm, Lack,
        expr::{Expr, Value},
    },
    domain::{CallId, Language, Media},
};

impl Engine {
    /// What an announcement comes to for a call; it may be nothing. A value that cannot be said as what the plan wants it
    /// said as is left out and told.
    pub(super) fn sounds_of(&mut self, id: CallId, announcement: &Announcement) -> Arc<[Media]> {
        let Some(call) = self.calls.get(&id) else { return Arc::new([]) };
        let heard = announcement.heard(call.language, &Seen { engine: self, call });
        if heard.unsaid {
            self.tell(Some(id), Fact::PromptFailed);
        }
        heard.media
    }

    /// What is played to ask something. `after`: why it is asked once more.
    pub(super) fn sounds_of_question(&mut self, id: CallId, question: &Question, after: Option<Lack>) -> Arc<[Media]> {
        let first = after.map(|lack| self.sounds_of(id, question.asking().before(lack)));
        let asked = match question {
            Question::Extension(step) => {
                step.extension.as_ref().map_or_else(|| Arc::new([]) as Arc<[_]>, |asked| self.sounds_of(id, asked))
            }
            Question::Menu(_) | Question::Digits(_) | Question::Pin { .. } => {
                self.sounds_of(id, &question.asking().prompt)
            }
            Question::Confirm { ask, entered, .. } => {
                let Some(confirm) = &ask.confirm else { return Arc::new([]) };
                let (before, behind) = (self.sounds_of(id, &confirm.before), self.sounds_of(id, &confirm.question));
                before.iter().cloned().chain(Confirm::digits(entered)).chain(behind.iter().cloned()).collect()
            }
        };
        match first.filter(|first| !first.is_empty()) {
            Some(first) => first.iter().chain(&*asked).cloned().collect(),
            None => asked,
        }
    }

    /// The step `language`. What names no language of the plan changes nothing: it may have come from outside.
    pub(super) fn speak(&mut self, id: CallId, language: &Expr) {
        let Some(Value::Text(code)) = self.value(id, language) else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(place) = call.plan.languages.find(&code) else { return };
        if call.language != place {
            call.language = place;
            call.told_language = false;
        }
    }

    /// Asterisk's own dialplan goes on with a call, in the caller's language: that is written at the last moment when nothing
    /// else was written before. One who may hear something of an engine before us has it written already.
    pub(super) fn give_back_to_dialplan(&mut self, id: CallId) {
        let untold = |call: &Call| call.must_tell_language() && call.switch == Switch::Ours && call.hears().is_none();
        if self.calls.get(&id).is_some_and(untold) {
            self.write(id, self.setup.limits.dead_man, None);
        }
        self.part(id, Parting::Continue, Outcome::Continued);
    }
}

impl Call {
    /// The language in which the caller is spoken to.
    pub(crate) fn language(&self) -> &Language {
        self.plan.languages.at(self.language)
    }

    /// The language in which Asterisk plays these. It is told with each request that has sounds of its own in it: Asterisk 16
    /// plays them in the language that the channel had before, until something else about the channel changes.
    pub(super) fn language_of(&self, media: &[Media]) -> Option<Arc<str>> {
        let own = media.iter().any(|media| matches!(media, Media::Sound(_)));
        (own && self.plan.languages.are_told()).then(|| self.language().in_asterisk().into())
    }

    /// Whether Asterisk is to be told the language and was not yet.
    pub(crate) fn must_tell_language(&self) -> bool {
        !self.told_language && self.plan.languages.are_told()
    }

    /// The language that is written on the channel next, which counts as told then.
    pub(crate) fn tell_language(&mut self) -> Option<Arc<str>> {
        let must = self.must_tell_language();
        self.told_language = true;
        must.then(|| self.language().in_asterisk().into())
    }
}
