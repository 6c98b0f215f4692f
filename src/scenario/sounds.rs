//! What is heard, as the plan names it: Asterisk is asked to play files and texts by names of their own.

use std::collections::BTreeMap;

use crate::dialplan::{Plan, word::is_file};

/// The sounds of a plan that are its own: what the plan calls each, by what Asterisk is asked to play.
#[derive(Clone, Debug, Default)]
pub(super) struct Sounds(BTreeMap<String, String>);

impl Sounds {
    pub(super) fn of(plan: &Plan) -> Self {
        Self(plan.prompts().map(|prompt| (prompt.uri.to_string(), prompt.name.to_string())).collect())
    }

    /// In words: `welcome.wav`, `"Welcome."`, `sound:beep`.
    pub(super) fn words(&self, media: &str) -> String {
        self.called(media, |text| format!("\"{text}\""))
    }

    /// As a plan and a test write it: `welcome.wav`, `{say: "Welcome."}`, `sound:beep`.
    pub(super) fn written(&self, media: &str) -> String {
        self.called(media, said)
    }

    fn called(&self, media: &str, text: impl Fn(&str) -> String) -> String {
        match self.0.get(media) {
            Some(name) if is_file(name) || is_tone(name) => name.clone(),
            Some(said) => text(said),
            None => media.to_owned(),
        }
    }
}

/// Whether this is how a plan writes a tone.
fn is_tone(name: &str) -> bool {
    name.starts_with("{tone: ")
}

/// A text, as a plan and a test write it.
pub(super) fn said(text: &str) -> String {
    // A text in JSON is one in YAML, too.
    format!("{{say: {}}}", serde_json::Value::from(text))
}
