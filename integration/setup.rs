//! How a scenario's Sentral is set up: its plan, and what differs from the settings that all have.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::ari::PASSWORD;

/// A plan and settings.
#[derive(Clone, Debug)]
pub struct Setup {
    plan: Plan,
    /// More settings, as YAML.
    pub settings: String,
    /// The address it serves at.
    pub listen: &'static str,
    /// The application whose calls it routes.
    pub app: &'static str,
    /// The bearer token of its API.
    pub token: Option<&'static str>,
    /// Files beside the plan.
    pub files: Vec<(String, Vec<u8>)>,
    /// What it believes ARI's password to be; none where it has no ARI.
    pub password: Option<&'static str>,
}

#[derive(Clone, Debug)]
enum Plan {
    Named(String),
    Text(String),
}

impl From<&str> for Setup {
    /// With `plans/NAME.yaml`.
    fn from(name: &str) -> Self {
        Self::of(Plan::Named(name.to_owned()))
    }
}

impl Setup {
    fn of(plan: Plan) -> Self {
        let (settings, files) = (String::new(), Vec::new());
        Self { plan, settings, files, listen: "127.0.0.1", app: "sentral", token: None, password: Some(PASSWORD) }
    }

    /// With the text of a plan.
    pub fn with_plan(text: &str) -> Self {
        Self::of(Plan::Text(text.to_owned()))
    }

    /// With this file beside the plan.
    pub fn with_file(mut self, name: &str, bytes: Vec<u8>) -> Self {
        self.files.push((name.to_owned(), bytes));
        self
    }

    /// With these settings, lines of YAML, over those that all have. `@PORT@` is the port it serves at.
    pub fn set(mut self, settings: &str) -> Self {
        self.settings.push_str(settings);
        self.settings.push('\n');
        self
    }

    /// Routes the calls of another application.
    pub fn for_application(self, app: &'static str) -> Self {
        Self { app, ..self }
    }

    /// Can be reached from other machines, by whoever has this token.
    pub fn guarded_by(self, token: &'static str) -> Self {
        let guarded = Self { listen: "0.0.0.0", token: Some(token), ..self };
        guarded.set(&format!("api: {{token: {token}}}"))
    }

    /// Believes this to be ARI's password.
    pub fn with_password(self, password: &'static str) -> Self {
        Self { password: Some(password), ..self }
    }

    /// Knows of no Asterisk: what it does, it does for those who come to it.
    pub fn without_ari(self) -> Self {
        Self { password: None, ..self }
    }

    /// The plan's text.
    pub fn plan(&self) -> Result<String> {
        match &self.plan {
            Plan::Text(text) => Ok(text.clone()),
            Plan::Named(name) => {
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("integration/plans");
                let path = folder.join(name).with_extension("yaml");
                fs::read_to_string(&path).with_context(|| path.display().to_string())
            }
        }
    }
}
