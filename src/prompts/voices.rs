//! What is to be said before anything is: in which languages, and how much of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::maker::Maker;
use crate::{
    dialplan::{self, Prompts, on_trust},
    domain::{Language, Prompt},
    yaml::{Read, Wrong, quoted},
};

/// Which languages are spoken by what says texts: each is asked for once.
#[derive(Debug, Default)]
pub(super) struct Voices(BTreeMap<String, bool>);

impl Voices {
    /// Why nothing can be said in a language, the first time that it is asked for; later it has been told.
    pub(super) fn lacks(&mut self, maker: &Maker, language: &Language) -> Option<Wrong> {
        let code = language.code();
        if self.0.contains_key(code) {
            return None;
        }
        let why = maker.no_voice(code);
        self.0.insert(code.to_owned(), why.is_none());
        let message =
            format!("nothing can be said in {}: `espeak-ng` speaks no such language ({})", quoted(code), why?);
        Some(Wrong::new(
            message,
            "write the code of one that it speaks (`espeak-ng --voices` lists them), or name what speaks it in the settings \
             (`prompts.say`) and the settings to `check` (`--settings`)",
        ))
    }
}

/// How many texts of a plan are to be said that were not said before.
pub(super) fn unsaid(path: &Path, maker: &Maker) -> usize {
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let mut count = Count { folder, maker, texts: BTreeSet::new() };
    // What is wrong with it is told when it is read in earnest.
    let _checked = dialplan::load_with(path, &mut count);
    count.texts.len()
}

/// Makes nothing, and counts what would have to be made.
struct Count<'m> {
    folder: PathBuf,
    maker: &'m Maker,
    texts: BTreeSet<(String, String)>,
}

impl Prompts for Count<'_> {
    fn file(&mut self, name: &str) -> Read<Arc<Prompt>> {
        Ok(on_trust(name))
    }

    fn has(&mut self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    fn text(&mut self, text: &str, language: &Language) -> Read<Arc<Prompt>> {
        if !self.maker.has_text(text, language.code()) {
            self.texts.insert((language.code().to_owned(), text.to_owned()));
        }
        Ok(on_trust(text))
    }
}
