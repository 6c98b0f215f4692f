//! What is played: sounds of Asterisk's as they are, prompts as whoever reads the plan makes them.

use std::sync::Arc;

use crate::{
    dialplan::{
        prompt::{LANGUAGE, Prompts, Wanted},
        raw::RawPlan,
    },
    domain::Media,
    yaml::{At, ENOUGH, Fault},
};

/// Makes what can be played of what is wanted.
pub(super) struct Sounds<'r> {
    prompts: &'r mut dyn Prompts,
    language: &'r str,
}

impl<'r> Sounds<'r> {
    pub(super) fn new(prompts: &'r mut dyn Prompts, raw: &'r RawPlan) -> Self {
        Self { prompts, language: raw.language.as_ref().map_or(LANGUAGE, |at| &at.value) }
    }

    /// What can be played; what cannot is told and left out.
    pub(super) fn of(&mut self, wanted: &[At<Wanted>], faults: &mut Vec<Fault>) -> Arc<[Media]> {
        wanted.iter().filter_map(|at| self.one(at, faults)).collect()
    }

    fn one(&mut self, wanted: &At<Wanted>, faults: &mut Vec<Fault>) -> Option<Media> {
        if faults.len() >= ENOUGH {
            return None;
        }
        let made = match &wanted.value {
            Wanted::Asterisk(media) => return Some(media.clone()),
            Wanted::File(name) => self.prompts.file(name),
            Wanted::Text(text) => self.prompts.text(text, self.language),
        };
        let told = made.map_err(|wrong| faults.push(Fault::error(&wanted.span, wrong.message).remedy(wrong.remedy)));
        told.ok().map(Media::Prompt)
    }
}
