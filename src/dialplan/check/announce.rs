//! What is said to those who wait: sentences in every language of the plan, and what it plays itself.

use std::{sync::Arc, time::Duration};

use super::graph::Graph;
use crate::{
    dialplan::{
        plan::{Announce, Announcement, Part, Periodic, Script},
        raw::RawAnnounce,
        say::{fluent, waiting},
    },
    domain::Language,
    yaml::{Fault, Span, quoted},
};

impl<'r> Graph<'r> {
    /// What those who wait in a queue are told.
    pub(super) fn announce(&mut self, typed: &'r RawAnnounce) -> Arc<Announce> {
        let (mut places, mut waits) = (Vec::new(), Vec::new());
        if typed.position {
            places = self.sentences(&typed.span, waiting::places);
        }
        if typed.wait {
            let minutes = waiting::WAITS.iter().map(|minutes| Duration::from_secs(60) * *minutes);
            waits = minutes.zip(self.sentences(&typed.span, waiting::waits)).collect();
        }
        let periodic = typed.periodic.as_ref().map(|periodic| {
            let turn = |sound| self.sounds.of(std::slice::from_ref(sound), &self.scope, self.faults);
            Periodic { play: periodic.play.iter().map(turn).collect(), every: periodic.every }
        });
        if !(typed.position || typed.wait || typed.periodic.is_some()) {
            let fault = Fault::error(&typed.span, "this announces nothing");
            self.faults.push(fault.remedy("write `position: true`, `wait: true` or `periodic`, or take it out"));
        }
        let periodic = periodic.filter(|periodic| !periodic.play.is_empty());
        let (first, every) = (typed.first, typed.every);
        Arc::new(Announce { first, every, places: places.into(), waits: waits.into(), periodic })
    }

    /// Sentences that each language has as many of, each of them in all languages; none when one has none.
    fn sentences(&mut self, span: &Span, texts: fn(&Language) -> Option<Vec<String>>) -> Vec<Announcement> {
        let languages: Vec<Language> = self.sounds.languages.iter().cloned().collect();
        let mut all: Vec<Vec<Script>> = Vec::new();
        for language in &languages {
            let Some(texts) = texts(language) else {
                let message = format!("there are no words for those who wait in {}", quoted(language.code()));
                let known = fluent().collect::<Vec<_>>().join(", ");
                let remedy = format!("there are in {known}; in any other language use `periodic`");
                self.faults.push(Fault::error(span, message).remedy(remedy));
                return Vec::new();
            };
            all.resize(texts.len(), Vec::new());
            for (scripts, text) in all.iter_mut().zip(texts) {
                let said = self.sounds.text(&text, language, span, self.faults);
                scripts.push(Script::new(said.map(Part::Media).into_iter().collect()));
            }
        }
        all.into_iter().map(Announcement::new).collect()
    }
}
