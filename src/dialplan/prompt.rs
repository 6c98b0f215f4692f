//! Prompts: sounds that belong to a plan. Whoever reads a plan says what becomes of them.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    domain::{Language, Media, Prompt, Tone},
    yaml::Read,
};

/// What a plan wants played, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// What Asterisk has.
    Asterisk(Media),
    /// A file, by its path from the plan's folder. It leads nowhere else, and its ending is that of a sound.
    File(Arc<str>),
}

impl Wanted {
    /// What Asterisk is asked to play where prompts are taken on trust.
    pub(crate) fn uri(&self) -> String {
        match self {
            Self::Asterisk(media) => media.to_string(),
            Self::File(name) => on_trust(name).uri.to_string(),
        }
    }
}

/// Makes prompts of what a plan names. The same name may be asked for again and again.
pub(crate) trait Prompts {
    /// A file, by its path from the plan's folder.
    ///
    /// # Errors
    /// Why it cannot be played.
    fn file(&mut self, name: &str) -> Read<Arc<Prompt>>;

    /// Whether there is such a file, whatever is in it.
    fn has(&mut self, name: &str) -> bool;

    /// A text, said in a language.
    ///
    /// # Errors
    /// Why it cannot be said.
    fn text(&mut self, text: &str, language: &Language) -> Read<Arc<Prompt>>;

    /// A tone, for as long as it is to be heard.
    ///
    /// # Errors
    /// Why it cannot be played.
    fn tone(&mut self, tone: &Tone) -> Read<Arc<Prompt>> {
        Ok(toned(tone))
    }

    /// The plan is made of this file too, which is no prompt: a name that leads nowhere but into the plan's folder.
    fn read_too(&mut self, _name: &str) {}

    /// The files that were asked for, by name, and what tells the content of each from another; none where nobody looks.
    fn contents(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
}

/// Takes every prompt on trust: for a plan that is only read, away from its folder. Nobody knows how long they last.
#[derive(Debug)]
pub(super) struct OnTrust;

impl Prompts for OnTrust {
    fn file(&mut self, name: &str) -> Read<Arc<Prompt>> {
        Ok(on_trust(name))
    }

    /// A file for all languages is believed to be there, and no other one.
    fn has(&mut self, _name: &str) -> bool {
        false
    }

    fn text(&mut self, text: &str, _language: &Language) -> Read<Arc<Prompt>> {
        Ok(on_trust(text))
    }
}

/// A prompt that nobody has looked at.
pub(crate) fn on_trust(name: &str) -> Arc<Prompt> {
    // Commas part sounds from one another.
    let uri = format!("sound:{}", name.replace(',', ""));
    Arc::new(Prompt { name: name.into(), uri: uri.into(), length: None })
}

/// A tone that nobody has made: how long it lasts is known all the same.
pub(crate) fn toned(tone: &Tone) -> Arc<Prompt> {
    // Commas part sounds from one another.
    let uri = format!("sound:{}", tone.name.replace(',', ";")).into();
    Arc::new(Prompt { name: tone.name.clone(), uri, length: Some(tone.lasts) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_sound_whatever_is_in_it() {
        let prompt = on_trust("Hello, you.");
        assert_eq!((&*prompt.name, &*prompt.uri, prompt.length), ("Hello, you.", "sound:Hello you.", None));
        assert_eq!(Wanted::File("a.wav".into()).uri(), "sound:a.wav");
    }
}
