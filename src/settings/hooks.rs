//! `hooks:` as meant.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::{check::Check, secret, typed};
use crate::{
    hooks::{Allowed, Options},
    yaml::quoted,
};

/// A shorter secret can be guessed.
const SHORTEST_SECRET: usize = 16;

impl Check<'_> {
    pub(super) fn hooks(&mut self, typed: typed::Hooks) -> Options {
        let servers = typed.allow.split([',', ' ']).filter(|server| !server.is_empty());
        let allowed = Allowed::read(servers).unwrap_or_else(|no_host| {
            let remedy =
                "write a name, and a port if need be: `crm.example.com`, `10.0.0.5:8080`; the plan says http or https";
            self.fault("hooks.allow", format!("{} is no server", quoted(&no_host.0)), remedy);
            Allowed::default()
        });
        Options { allowed, secret: self.hooks_secret(typed.secret, typed.secret_file) }
    }

    fn hooks_secret(&mut self, typed: Option<SecretString>, file: Option<PathBuf>) -> Option<SecretString> {
        if typed.is_some() && file.is_some() {
            self.fault("hooks", "has both `secret` and `secret_file`", "keep one of them");
            return None;
        }
        let of_file = |check: &mut Self, file: PathBuf| {
            let file = check.folder.join(file);
            let read = secret::password_in(&file);
            read.map_err(|what| {
                check.fault("hooks.secret_file", format!("{} {what}", file.display()), "check its path and mode");
            })
            .ok()
        };
        let secret = typed.or_else(|| of_file(self, file?))?;
        if secret.expose_secret().len() < SHORTEST_SECRET {
            let what = format!("a secret has {SHORTEST_SECRET} letters or more");
            self.fault("hooks.secret", what, "make one with `openssl rand -hex 32`");
        }
        Some(secret)
    }
}
