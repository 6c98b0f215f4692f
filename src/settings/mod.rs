//! Settings of the process: where the plan is, which Asterisks, where to listen, how much to take.
//!
//! The plan says what happens to calls; this says how the program runs. A file (`sentral.yaml`) and the environment
//! (`SENTRAL_*`) are laid over one another by the `config` crate; every key is in `sentral.sample.yaml`.

mod agi;
mod check;
mod hooks;
mod keys;
mod layers;
mod prompts;
mod queue_log;
mod secret;
mod tokens;
mod typed;
mod voicemail;

use std::{fmt, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

pub use secrecy::{ExposeSecret, SecretString};

pub use agi::NAME as DOOR;
pub use layers::{PREFIX, Visitor, listen, load, say, visitor};
pub use tokens::{Role, Token};
pub use typed::LogFormat;

use crate::{agi as door, domain::Name, engine, hooks as servers, prompts as sounds, queue_log as lines, store};

/// What the program runs with: complete and checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The plan's file.
    pub dialplan: PathBuf,
    /// Where metrics, health and the API are served.
    pub listen: SocketAddr,
    /// Who may use the API: who shows one of these, as a bearer token. None: anybody who reaches it, which is allowed on
    /// loopback alone.
    pub tokens: Vec<Token>,
    /// Where people and other servers reach the API, without a slash at its end, if somebody said so.
    pub public_url: Option<Arc<str>>,
    /// Asterisks in the order of their names. A node's place is its [`NodeId`](crate::domain::NodeId).
    pub nodes: Vec<Node>,
    /// What one node may be asked to carry.
    pub limits: engine::Limits,
    /// How a plan's prompts are made and handed over.
    pub prompts: sounds::Options,
    /// Whether Asterisk fetches them before anybody hears them.
    pub prompts_ahead: bool,
    /// The folder for what outlives the process and is no message.
    pub state: PathBuf,
    /// The file of the database.
    pub database: PathBuf,
    /// How long records of calls are kept.
    pub records_keep: Duration,
    /// The log of queues for those who read Asterisk's, if there is to be one.
    pub queue_log: Option<lines::Options>,
    /// How messages of callers are kept.
    pub voicemail: store::Options,
    /// Which other servers a plan may speak with, and how.
    pub hooks: servers::Options,
    /// Where calls come in over FastAGI, if they do.
    pub agi: Option<Agi>,
    /// How long a stopping engine waits for its calls to end.
    pub drain: Duration,
    /// What is logged.
    pub log: Log,
}

/// One Asterisk.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name, for people.
    pub name: Name,
    /// Where its ARI is: `http://127.0.0.1:8088/ari`.
    pub url: String,
    /// The user of `ari.conf`.
    pub user: String,
    /// His password.
    pub password: SecretString,
    /// The application's name in `Stasis(...)`.
    pub app: String,
    /// HTTP connections at a time.
    pub lanes: usize,
}

/// The second door.
#[derive(Clone, Debug)]
pub struct Agi {
    /// How it is kept.
    pub options: door::Options,
    /// The place among the nodes of the same Asterisk; `None`: it has no ARI here, and nothing is recorded.
    pub node: Option<usize>,
}

/// What is logged, and how it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Directives of `tracing`: `info`, `info,sentral::ari=debug`.
    pub filter: String,
    /// For eyes or for a machine.
    pub format: LogFormat,
}

/// What is wrong with the settings, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it was written: a file with line and column, a variable. Empty where nothing was written.
    pub place: String,
    /// The setting it is about, as `nodes.pbx.url`; empty when it is about none.
    pub key: String,
    /// What.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.place, &self.key] {
            if !part.is_empty() {
                write!(f, "{part}: ")?;
            }
        }
        write!(f, "{}\n  help: {}", self.what, self.remedy)
    }
}

/// All that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings cannot be used")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n{fault}"))
    }
}

impl std::error::Error for Faults {}

#[cfg(test)]
mod tests;
