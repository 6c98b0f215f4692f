//! What is played: sounds of Asterisk's as they are, prompts as whoever reads the plan makes them, each in every language
//! of the plan.

use std::{collections::BTreeMap, sync::Arc};

use super::say;
use crate::{
    dialplan::{
        expr::Scope,
        plan::{Announcement, Languages, Part, Script, Words},
        prompt::Prompts,
        raw::{RawSound, RawTone},
        say::Manner,
    },
    domain::{Country, Language, Media},
    yaml::{At, ENOUGH, Fault, Span, Wrong, quoted},
};

/// Makes what can be played of what is wanted.
pub(super) struct Sounds<'r> {
    pub(super) prompts: &'r mut dyn Prompts,
    pub(super) languages: Languages,
    /// Whose tones are heard.
    country: Option<Country>,
    /// Phrases that were made, or that cannot be made.
    words: BTreeMap<(Manner, Language), Option<Arc<Words>>>,
    /// What is missing in some language.
    pub(super) doubts: Vec<Fault>,
}

/// What is played at one place: a script for each language, while they are made.
pub(super) type Scripts = Vec<Vec<Part>>;

impl<'r> Sounds<'r> {
    pub(super) fn new(prompts: &'r mut dyn Prompts, languages: Languages, country: Option<Country>) -> Self {
        Self { prompts, languages, country, words: BTreeMap::new(), doubts: Vec::new() }
    }

    /// What can be played; what cannot is told and left out.
    pub(super) fn of(&mut self, wanted: &[At<RawSound>], scope: &Scope, faults: &mut Vec<Fault>) -> Announcement {
        if wanted.is_empty() {
            return Announcement::default();
        }
        let mut scripts: Scripts = vec![Vec::new(); self.languages.iter().count()];
        for At { value, span } in wanted {
            if faults.len() >= ENOUGH {
                break;
            }
            match value {
                RawSound::Asterisk(media) => {
                    scripts.iter_mut().for_each(|parts| parts.push(Part::Media(media.clone())))
                }
                RawSound::File(name) => self.file(name, span, &mut scripts, faults),
                RawSound::Tone(tone) => self.tone(tone, span, &mut scripts, faults),
                RawSound::Say(it) => say::add(self, it, span, scope, &mut scripts, faults),
            }
        }
        let scripts: Vec<Script> = scripts.into_iter().map(Script::new).collect();
        match scripts.as_slice() {
            [Script::Fixed(first), others @ ..] if others.iter().all(|script| is(script, first)) => {
                Announcement::from(first.clone())
            }
            _ => Announcement::new(scripts),
        }
    }

    /// A file that is there for some languages, for all of them, or not at all.
    fn file(&mut self, name: &str, span: &Span, scripts: &mut Scripts, faults: &mut Vec<Fault>) {
        let variants: Vec<String> = self.languages.iter().map(|language| variant(name, language)).collect();
        let several = variants.len() > 1;
        let there: Vec<bool> = variants.iter().map(|variant| several && self.prompts.has(variant)).collect();
        if !there.contains(&true) {
            let made = self.made(name, span, faults, |wrong| {
                let names = variants.iter().map(|variant| quoted(variant)).collect::<Vec<_>>().join(", ");
                let more = if several { format!("; or for its languages {names}") } else { String::new() };
                Wrong { remedy: wrong.remedy + &more, ..wrong }
            });
            return scripts.iter_mut().for_each(|parts| parts.extend(made.clone().map(Part::Media)));
        }
        let plain = || name.to_owned();
        let instead = match (there.first(), variants.first()) {
            (Some(true), Some(first)) => first.clone(),
            _ if self.prompts.has(name) => plain(),
            _ => variants.iter().zip(&there).find(|(_, there)| **there).map_or_else(plain, |(first, _)| first.clone()),
        };
        self.tell_missing_files(name, span, &variants, &there, &instead);
        for ((variant, there), parts) in variants.iter().zip(there).zip(scripts) {
            let made = self.made(if there { variant } else { &instead }, span, faults, |wrong| wrong);
            parts.extend(made.map(Part::Media));
        }
    }

    /// A tone, which is the same in every language.
    fn tone(&mut self, tone: &RawTone, span: &Span, scripts: &mut Scripts, faults: &mut Vec<Fault>) {
        let made = self.prompts.tone(&tone.meant(self.country)).map_err(|wrong| tell(wrong, span, faults));
        let part = made.ok().map(|prompt| Part::Media(Media::Prompt(prompt)));
        scripts.iter_mut().for_each(|parts| parts.extend(part.clone()));
    }

    fn tell_missing_files(&mut self, name: &str, span: &Span, variants: &[String], there: &[bool], instead: &str) {
        let missing: Vec<_> =
            self.languages.iter().zip(variants).zip(there).filter(|(_, there)| !**there).map(|(it, _)| it).collect();
        if missing.is_empty() {
            return;
        }
        let codes = missing.iter().map(|(language, _)| quoted(language.code())).collect::<Vec<_>>().join(", ");
        let files = missing.iter().map(|(_, variant)| quoted(variant)).collect::<Vec<_>>().join(", ");
        let message = format!("{} is missing in {codes}: callers hear {}", quoted(name), quoted(instead));
        self.doubts.push(Fault::warning(span, message).remedy(format!("put {files} beside it")));
    }

    fn made(
        &mut self,
        name: &str,
        span: &Span,
        faults: &mut Vec<Fault>,
        told: impl Fn(Wrong) -> Wrong,
    ) -> Option<Media> {
        let made = self.prompts.file(name).map_err(|wrong| tell(told(wrong), span, faults));
        made.ok().map(Media::Prompt)
    }

    /// A text in a language.
    pub(super) fn text(
        &mut self,
        text: &str,
        language: &Language,
        span: &Span,
        faults: &mut Vec<Fault>,
    ) -> Option<Media> {
        let made = self.prompts.text(text, language).map_err(|wrong| tell(wrong, span, faults));
        made.ok().map(Media::Prompt)
    }

    /// Every phrase that may be said so, made once for all places of the plan. What cannot be made is told once.
    pub(super) fn words(
        &mut self,
        manner: Manner,
        language: &Language,
        span: &Span,
        faults: &mut Vec<Fault>,
    ) -> Option<Arc<Words>> {
        let key = (manner, language.clone());
        if let Some(made) = self.words.get(&key) {
            return made.clone();
        }
        let made = manner.vocabulary(language).into_iter().map(|phrase| {
            let media = self.prompts.text(&phrase, language).map(Media::Prompt)?;
            Ok((phrase, media))
        });
        let made = made.collect::<Result<Words, Wrong>>().map_err(|wrong| tell(wrong, span, faults));
        let made = made.ok().map(Arc::new);
        self.words.insert(key, made.clone());
        made
    }
}

fn tell(wrong: Wrong, span: &Span, faults: &mut Vec<Fault>) {
    faults.push(Fault::error(span, wrong.message).remedy(wrong.remedy));
}

fn is(script: &Script, media: &Arc<[Media]>) -> bool {
    match script {
        Script::Fixed(other) => other == media,
        Script::Filled(_) => false,
    }
}

/// A file's name for a language: `welcome.nb.wav`.
fn variant(name: &str, language: &Language) -> String {
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.{language}.{ending}"),
        None => format!("{name}.{language}"),
    }
}
