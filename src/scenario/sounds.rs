//! What is heard, as the plan names it: Asterisk is asked to play files and texts by names of their own.

use std::collections::BTreeMap;

use crate::dialplan::{Plan, on_trust, word::is_file};

/// The sounds of a plan that are its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Sounds {
    /// What a test calls it, by what Asterisk is asked to play. A file is played by its content, which no test knows.
    called: BTreeMap<String, String>,
    /// What the plan calls it, by what a test calls it.
    named: BTreeMap<String, String>,
}

impl Sounds {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut sounds = Self::default();
        for prompt in plan.prompts() {
            let called = on_trust(&prompt.name).uri.to_string();
            sounds.called.insert(prompt.uri.to_string(), called.clone());
            sounds.named.insert(called, prompt.name.to_string());
        }
        sounds
    }

    /// What a test calls what Asterisk is asked to play.
    pub(super) fn called(&self, media: &str) -> String {
        self.called.get(media).map_or(media, String::as_str).to_owned()
    }

    /// In words: `welcome.wav`, `"Welcome."`, `sound:beep`.
    pub(super) fn words(&self, called: &str) -> String {
        match self.named.get(called) {
            Some(name) if is_file(name) => name.clone(),
            Some(text) => format!("\"{text}\""),
            None => called.to_owned(),
        }
    }

    /// As a plan and a test write it: `welcome.wav`, `{say: "Welcome."}`, `sound:beep`.
    pub(super) fn written(&self, called: &str) -> String {
        match self.named.get(called) {
            Some(name) if is_file(name) => name.clone(),
            Some(text) => said(text),
            None => called.to_owned(),
        }
    }
}

/// A text, as a plan and a test write it.
pub(super) fn said(text: &str) -> String {
    // A text in JSON is one in YAML, too.
    format!("{{say: {}}}", serde_json::Value::from(text))
}
