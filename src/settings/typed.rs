//! Settings as typed: what a file and the environment may say. What is not said has its default here.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use jiff::SignedDuration;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error};

use super::tokens;
use crate::{
    prompts,
    queue_log::{Agent, Events},
    yaml::quoted,
};

/// The whole of it.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Typed {
    pub(super) dialplan: Option<PathBuf>,
    pub(super) listen: Word<SocketAddr>,
    pub(super) api: Api,
    pub(super) nodes: BTreeMap<String, Node>,
    pub(super) prompts: Prompts,
    pub(super) state: PathBuf,
    pub(super) database: Option<PathBuf>,
    pub(super) records: Records,
    pub(super) queue_log: QueueLog,
    pub(super) voicemail: Voicemail,
    pub(super) hooks: Hooks,
    pub(super) agi: Agi,
    pub(super) limits: Limits,
    pub(super) log: Log,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            dialplan: None,
            listen: Word(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            api: Api::default(),
            nodes: BTreeMap::new(),
            prompts: Prompts::default(),
            state: PathBuf::from("/var/lib/sentral"),
            database: None,
            records: Records::default(),
            queue_log: QueueLog::default(),
            voicemail: Voicemail::default(),
            hooks: Hooks::default(),
            agi: Agi::default(),
            limits: Limits::default(),
            log: Log::default(),
        }
    }
}

/// `api:`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Api {
    pub(super) token: Option<SecretString>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) tokens: BTreeMap<String, tokens::Typed>,
    pub(super) public_url: Option<String>,
}

/// `nodes: NAME:`
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Node {
    pub(super) url: Option<String>,
    pub(super) user: String,
    pub(super) password: Option<SecretString>,
    pub(super) password_file: Option<PathBuf>,
    pub(super) app: String,
    pub(super) lanes: Word<usize>,
}

impl Default for Node {
    fn default() -> Self {
        let name = String::from("sentral");
        Self { url: None, user: name.clone(), password: None, password_file: None, app: name, lanes: Word(8) }
    }
}

/// `prompts:`
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Prompts {
    pub(super) mode: Word<PromptMode>,
    pub(super) url: Option<String>,
    pub(super) folder: Option<PathBuf>,
    pub(super) say: String,
    pub(super) cache: Option<PathBuf>,
    pub(super) ahead: Word<bool>,
}

impl Default for Prompts {
    fn default() -> Self {
        Self {
            mode: Word(PromptMode::Http),
            url: None,
            folder: None,
            say: prompts::SAY.into(),
            cache: None,
            ahead: Word(true),
        }
    }
}

/// How prompts come to Asterisk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PromptMode {
    /// It fetches them.
    Http,
    /// They are put where it sees them.
    Folder,
}

/// `records:`
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Records {
    pub(super) keep: Word<Age>,
}

impl Default for Records {
    fn default() -> Self {
        Self { keep: Word(Age(Duration::from_secs(90 * DAY))) }
    }
}

/// `queue_log:`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct QueueLog {
    pub(super) file: Option<PathBuf>,
    pub(super) agent: Word<Agent>,
    pub(super) events: Word<Events>,
}

/// `voicemail:`
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Voicemail {
    pub(super) folder: PathBuf,
    pub(super) keep: Word<Age>,
    pub(super) messages: Word<usize>,
    pub(super) megabytes: Word<usize>,
}

impl Default for Voicemail {
    fn default() -> Self {
        let keep = Word(Age(Duration::from_secs(30 * DAY)));
        let folder = PathBuf::from("/var/lib/sentral/voicemail");
        Self { folder, keep, messages: Word(100), megabytes: Word(1_000) }
    }
}

/// A day, in seconds.
const DAY: u64 = 24 * 3_600;

/// How old something may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age(pub(super) Duration);

/// `hooks:`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Hooks {
    /// Servers, with commas or spaces between.
    pub(super) allow: String,
    pub(super) secret: Option<SecretString>,
    pub(super) secret_file: Option<PathBuf>,
}

/// `agi:`
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Agi {
    pub(super) listen: Option<Word<SocketAddr>>,
    /// Addresses and networks, with commas or spaces between.
    pub(super) allow: String,
    pub(super) sessions: Word<usize>,
    pub(super) silence: Word<Duration>,
    pub(super) node: Option<String>,
}

impl Default for Agi {
    fn default() -> Self {
        let silence = Word(Duration::from_secs(10));
        Self { listen: None, allow: "127.0.0.0/8, ::1".into(), sessions: Word(500), silence, node: None }
    }
}

/// `limits:`
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) calls: Word<usize>,
    pub(super) new_calls_per_second: Word<usize>,
    pub(super) when_overloaded: Word<WhenOverloaded>,
    pub(super) dead_man: Word<Duration>,
    pub(super) longest_prompt: Word<Duration>,
    pub(super) drain: Word<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: Word(500),
            new_calls_per_second: Word(100),
            when_overloaded: Word(WhenOverloaded::Fallback),
            dead_man: Word(Duration::from_secs(30)),
            longest_prompt: Word(Duration::from_secs(60)),
            drain: Word(Duration::from_secs(60)),
        }
    }
}

/// What a call past the limits meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhenOverloaded {
    /// Back to Asterisk's dialplan.
    Fallback,
    /// 503: a trunk tries its next route.
    Congestion,
}

/// `log:`
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Log {
    pub(super) filter: String,
    pub(super) format: Word<LogFormat>,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".into(), format: Word(LogFormat::Text) }
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For eyes.
    Text,
    /// One JSON object a line, for a machine.
    Json,
}

/// One word, read as what it stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Word<T>(pub(super) T);

/// What one word can stand for.
pub(super) trait Meaning: Sized {
    /// What the word should be, for who wrote another one.
    const WHAT: &'static str;

    /// The word read, when it can be.
    fn read(word: &str) -> Option<Self>;
}

impl Meaning for bool {
    const WHAT: &'static str = "`true` or `false`";

    fn read(word: &str) -> Option<Self> {
        word.parse().ok()
    }
}

impl Meaning for usize {
    const WHAT: &'static str = "a whole number, as `8`";

    fn read(word: &str) -> Option<Self> {
        word.parse().ok()
    }
}

impl Meaning for Duration {
    const WHAT: &'static str = "a length of time with its unit, as `30s` or `10m`";

    fn read(word: &str) -> Option<Self> {
        let span: SignedDuration = word.parse().ok()?;
        Self::try_from(span).ok()
    }
}

impl Meaning for Age {
    const WHAT: &'static str = "a length of time with its unit, as `30d` or `12h`";

    fn read(word: &str) -> Option<Self> {
        let days = word.strip_suffix('d').and_then(|days| days.parse::<u64>().ok());
        let days = days.and_then(|days| days.checked_mul(DAY)).map(Duration::from_secs);
        days.or_else(|| Duration::read(word)).map(Self)
    }
}

impl Meaning for SocketAddr {
    const WHAT: &'static str = "an address with its port, as `127.0.0.1:8080`, `0.0.0.0:8080` or `[::1]:8080`";

    fn read(word: &str) -> Option<Self> {
        word.parse().ok()
    }
}

impl Meaning for WhenOverloaded {
    const WHAT: &'static str = "`fallback` or `congestion`";

    fn read(word: &str) -> Option<Self> {
        [("fallback", Self::Fallback), ("congestion", Self::Congestion)]
            .into_iter()
            .find_map(|(name, meant)| (name == word).then_some(meant))
    }
}

impl Meaning for PromptMode {
    const WHAT: &'static str = "`http` or `folder`";

    fn read(word: &str) -> Option<Self> {
        [("http", Self::Http), ("folder", Self::Folder)]
            .into_iter()
            .find_map(|(name, meant)| (name == word).then_some(meant))
    }
}

impl Meaning for Agent {
    const WHAT: &'static str = "`name` or `interface`";

    fn read(word: &str) -> Option<Self> {
        [("name", Self::Name), ("interface", Self::Interface)]
            .into_iter()
            .find_map(|(name, meant)| (name == word).then_some(meant))
    }
}

impl Meaning for Events {
    const WHAT: &'static str = "`stock` or `extended`";

    fn read(word: &str) -> Option<Self> {
        [("stock", Self::Stock), ("extended", Self::Extended)]
            .into_iter()
            .find_map(|(name, meant)| (name == word).then_some(meant))
    }
}

impl Meaning for LogFormat {
    const WHAT: &'static str = "`text` or `json`";

    fn read(word: &str) -> Option<Self> {
        [("text", Self::Text), ("json", Self::Json)]
            .into_iter()
            .find_map(|(name, meant)| (name == word).then_some(meant))
    }
}

impl<'de, T: Meaning> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        T::read(&word).map(Self).ok_or_else(|| D::Error::custom(format!("{} is not {}", quoted(&word), T::WHAT)))
    }
}
