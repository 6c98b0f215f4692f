//! Settings as typed: what a file and the environment may say. What is not said has its default here.

use std::{
    collections::BTreeMap,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use jiff::SignedDuration;
use secrecy::SecretString;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

/// The whole of it.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Typed {
    pub(super) dialplan: Option<PathBuf>,
    pub(super) listen: SocketAddr,
    pub(super) api: Api,
    pub(super) nodes: BTreeMap<String, Node>,
    pub(super) limits: Limits,
    pub(super) log: Log,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            dialplan: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            api: Api::default(),
            nodes: BTreeMap::new(),
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
    pub(super) lanes: usize,
}

impl Default for Node {
    fn default() -> Self {
        let name = String::from("sentral");
        Self { url: None, user: name.clone(), password: None, password_file: None, app: name, lanes: 8 }
    }
}

/// `limits:`
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) calls: usize,
    pub(super) new_calls_per_second: usize,
    pub(super) when_overloaded: WhenOverloaded,
    pub(super) dead_man: Span,
    pub(super) longest_prompt: Span,
    pub(super) drain: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: 500,
            new_calls_per_second: 100,
            when_overloaded: WhenOverloaded::Fallback,
            dead_man: Span(Duration::from_secs(30)),
            longest_prompt: Span(Duration::from_secs(60)),
            drain: Span(Duration::from_secs(60)),
        }
    }
}

/// What a call past the limits meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    pub(super) format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".into(), format: LogFormat::Text }
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For eyes.
    Text,
    /// One JSON object a line, for a machine.
    Json,
}

/// A length of time with its unit: `30s`, `10m`, `1h 30m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(pub(super) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Any, so that a number alone is told what it lacks.
        deserializer.deserialize_any(SpanVisitor)
    }
}

struct SpanVisitor;

impl Visitor<'_> for SpanVisitor {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a length of time with its unit, as `30s` or `10m`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Span, E> {
        let told = || E::custom(format!("`{text}` is no length of time; write it with its unit, as `30s` or `10m`"));
        let span: SignedDuration = text.parse().map_err(|_cause: jiff::Error| told())?;
        Duration::try_from(span).map(Span).map_err(|_negative| told())
    }
}
