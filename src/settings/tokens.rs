//! Who may use the API, and for what.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    check::{Check, is_name},
    secret, typed,
};
use crate::{
    domain::Name,
    yaml::{quoted, suggest},
};

/// A shorter token can be guessed.
const SHORTEST: usize = 16;

/// The name of those tokens that have none of their own.
const NAMELESS: &str = "api";

/// What makes one.
const MAKE: &str = "make one with `openssl rand -hex 32`";

/// What somebody may do with the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// See how things stand, and records of calls.
    View,
    /// Change something: hours, callers, operators. Who may do that may see it, too.
    Operate,
    /// Hear and delete messages that callers left.
    Messages,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::View, Self::Operate, Self::Messages];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Operate => "operate",
            Self::Messages => "messages",
        }
    }
}

/// A token of the API.
#[derive(Clone, Debug)]
pub struct Token {
    /// Whose it is, for the log of what was changed. Several may have one name: an old one and a new one.
    pub name: Name,
    /// What is shown.
    pub secret: SecretString,
    /// What it is good for.
    pub roles: BTreeSet<Role>,
}

impl Token {
    /// Whether it is one that the settings may have.
    pub(super) fn is_sound(&self) -> bool {
        !is_weak(&self.secret)
    }

    /// Whether it is good for this.
    pub fn may(&self, role: Role) -> bool {
        self.roles.contains(&role) || (role == Role::View && self.roles.contains(&Role::Operate))
    }
}

/// `api: tokens: NAME:`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Typed {
    pub(super) token: Option<SecretString>,
    pub(super) token_file: Option<PathBuf>,
    /// Roles, with commas or spaces between.
    pub(super) roles: String,
}

impl Check<'_> {
    /// All tokens. Those that have no name may do everything.
    pub(super) fn tokens(&mut self, api: typed::Api) -> Vec<Token> {
        let nameless = self.secrets("api", api.token, api.token_file);
        let mut tokens = tokens_of(NAMELESS, nameless, &Role::ALL.into());
        tokens.extend(self.named(api.tokens));
        for (at, token) in tokens.iter().enumerate() {
            let same = |other: &&Token| other.secret.expose_secret() == token.secret.expose_secret();
            let other = tokens[..at].iter().find(same).filter(|other| other.name != token.name);
            if let Some(other) = other {
                let what = format!("is the token of {} once more", quoted(&other.name));
                self.fault(format!("api.tokens.{}", token.name), what, MAKE);
            }
        }
        tokens
    }

    fn named(&mut self, typed: BTreeMap<String, Typed>) -> Vec<Token> {
        let mut tokens = Vec::new();
        for (name, Typed { token, token_file, roles }) in typed {
            let key = format!("api.tokens.{name}");
            if !is_name(&name) || name == NAMELESS {
                let what = "a token's name is made of a-z, 0-9 and single `_`, starts with a letter, and is not `api`";
                self.fault(key.clone(), what, "name who uses it, as `wallboard`");
            }
            if token.is_none() && token_file.is_none() {
                let remedy = "set `token` or `token_file` of it, or its environment variable";
                self.fault(key.clone(), "has no token", remedy);
            }
            let roles = self.roles(&key, &roles);
            tokens.extend(tokens_of(&name, self.secrets(&key, token, token_file), &roles));
        }
        tokens
    }

    fn roles(&mut self, key: &str, typed: &str) -> BTreeSet<Role> {
        let key = format!("{key}.roles");
        let words: Vec<&str> = typed.split([',', ' ']).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            self.fault(key.clone(), "says nothing: this token is good for nothing", "write `roles: [view, operate]`");
        }
        let mut roles = BTreeSet::new();
        for word in words {
            match Role::ALL.into_iter().find(|role| role.word() == word) {
                Some(role) => drop(roles.insert(role)),
                None => {
                    let remedy = suggest::instead(word, Role::ALL.iter().map(|role| role.word()), "roles");
                    self.fault(key.clone(), format!("there is no role {}", quoted(word)), &remedy);
                }
            }
        }
        roles
    }

    /// What stands under one key, and in its file.
    fn secrets(&mut self, key: &str, token: Option<SecretString>, file: Option<PathBuf>) -> Vec<SecretString> {
        let mut secrets: Vec<SecretString> = token.into_iter().collect();
        if let Some(file) = file {
            let (key, file) = (format!("{key}.token_file"), self.folder.join(file));
            match secret::tokens_in(&file) {
                Ok(more) if more.is_empty() => {
                    self.fault(key, format!("{} has no token", file.display()), "put one token on each line");
                }
                Ok(more) => secrets.extend(more),
                Err(what) => {
                    self.fault(key, format!("{} {what}", file.display()), "check its path and mode");
                }
            }
        }
        for _weak in secrets.iter().filter(|secret| is_weak(secret)) {
            let what = format!("a token has {SHORTEST} or more letters, digits and signs, without spaces");
            self.fault(format!("{key}.token"), what, MAKE);
        }
        secrets
    }
}

/// Whether a token can be guessed, or not be sent.
fn is_weak(secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    secret.len() < SHORTEST || !secret.chars().all(|c| c.is_ascii_graphic())
}

fn tokens_of(name: &str, secrets: Vec<SecretString>, roles: &BTreeSet<Role>) -> Vec<Token> {
    let token = |secret| Token { name: Name::new(name), secret, roles: roles.clone() };
    secrets.into_iter().map(token).collect()
}
