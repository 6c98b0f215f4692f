//! Prompts as they are served: from memory, for as long as a plan in use has them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use super::wav::Wav;
use crate::domain::Prompt;

/// Everything that Asterisk may fetch, by the name of its content.
#[derive(Clone, Debug, Default)]
pub struct Shelf(Arc<Mutex<BTreeMap<String, Kept>>>);

#[derive(Debug)]
struct Kept {
    wav: Wav,
    /// Calls in hand keep the plan that they began with, and with it its prompts.
    of: Vec<Weak<Prompt>>,
}

impl Shelf {
    /// The WAV file whose content has this name.
    pub fn find(&self, name: &str) -> Option<Arc<[u8]>> {
        self.kept().get(name).map(|kept| Arc::clone(kept.wav.bytes()))
    }

    /// Serves a sound for as long as that prompt is in use.
    pub(super) fn put(&self, name: &str, wav: &Wav, prompt: &Arc<Prompt>) {
        let mut shelf = self.kept();
        let kept = shelf.entry(name.to_owned()).or_insert_with(|| Kept { wav: wav.clone(), of: Vec::new() });
        kept.of.push(Arc::downgrade(prompt));
    }

    /// What Asterisk is asked to play to have each of them: `sound:http://...`.
    pub(crate) fn media(&self) -> BTreeSet<Arc<str>> {
        let kept = self.kept();
        kept.values()
            .filter_map(|kept| kept.of.iter().find_map(Weak::upgrade))
            .map(|prompt| prompt.uri.clone())
            .collect()
    }

    /// Lets go of what no plan has any more.
    pub(crate) fn tidy(&self) {
        self.kept().retain(|_, kept| {
            kept.of.retain(|prompt| prompt.strong_count() > 0);
            !kept.of.is_empty()
        });
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        // Nothing here is left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_served_until_the_last_plan_that_has_it_is_gone() {
        let shelf = Shelf::default();
        let wav = Wav::of_samples(&[1; 100]);
        let prompt = || Arc::new(Prompt { name: "a.wav".into(), uri: "sound:x".into(), length: None });
        let (old, new) = (prompt(), prompt());
        shelf.put("a", &wav, &old);
        shelf.put("a", &wav, &new);
        drop(new);
        shelf.tidy();
        assert_eq!(shelf.find("a").as_ref(), Some(wav.bytes()), "a call in hand may hear it yet");
        drop(old);
        shelf.tidy();
        assert_eq!(shelf.find("a"), None);
    }
}
