//! Settings as typed become settings as meant: all faults at once.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;

use super::{
    Fault, Faults, Log, Node, Role, Settings, Token, secret,
    typed::{self, Typed, WhenOverloaded},
};
use crate::{
    domain::{Name, Reason},
    engine::{self, Turned},
    yaml::quoted,
};

/// A node's number is one byte, and FastAGI has one, too.
const MOST_NODES: usize = 254;

/// Collects what is wrong on the way.
pub(super) struct Check<'a> {
    /// Paths in the settings count from here.
    pub(super) folder: &'a Path,
    faults: Vec<Fault>,
}

/// Makes of what was typed what is meant; paths count from `folder`.
pub(super) fn settings(typed: Typed, folder: &Path) -> Result<Settings, Faults> {
    let mut check = Check { folder, faults: Vec::new() };
    let dialplan = check.dialplan(typed.dialplan);
    let public_url = typed.api.public_url.as_deref().and_then(|url| check.public_url(url));
    let tokens = check.tokens(typed.api);
    if !typed.listen.0.ip().is_loopback() && tokens.is_empty() {
        check.fault(
            "listen",
            format!("{} can be reached from other machines, and no token guards the API", typed.listen.0),
            "set api.tokens, api.token or api.token_file (or SENTRAL_API__TOKEN), or listen on 127.0.0.1",
        );
    }
    let nodes = check.nodes(typed.nodes, typed.agi.listen.is_some());
    let prompts_ahead = typed.prompts.ahead.0;
    let prompts = check.prompts(typed.prompts, typed.listen.0, &nodes);
    let state = check.state(typed.state);
    let database = check.database(typed.database, &state);
    let records_keep = check.records(&typed.records);
    let queue_log = check.queue_log(typed.queue_log);
    let voicemail = check.voicemail(typed.voicemail);
    let hooks = check.hooks(typed.hooks);
    let drain = typed.limits.drain.0;
    let limits = check.limits(&typed.limits);
    let agi = check.agi(typed.agi, &nodes, &limits);
    let log = check.log(typed.log);
    if check.faults.is_empty() {
        let listen = typed.listen.0;
        Ok(Settings {
            dialplan,
            listen,
            tokens,
            public_url,
            nodes,
            limits,
            prompts,
            prompts_ahead,
            hooks,
            state,
            database,
            records_keep,
            queue_log,
            voicemail,
            agi,
            drain,
            log,
        })
    } else {
        Err(Faults(check.faults))
    }
}

/// The first token that is good for looking. Faults of others are no matter to who has one.
pub(super) fn token_to_view(api: typed::Api, folder: &Path) -> Result<Option<SecretString>, Faults> {
    let mut check = Check { folder, faults: Vec::new() };
    let is_good = |token: &Token| token.may(Role::View) && token.is_sound();
    let token = check.tokens(api).into_iter().find(is_good).map(|token| token.secret);
    if token.is_none() && !check.faults.is_empty() { Err(Faults(check.faults)) } else { Ok(token) }
}

impl Check<'_> {
    pub(super) fn fault(&mut self, key: impl Into<String>, what: impl Into<String>, remedy: &str) {
        let place = String::new();
        self.faults.push(Fault { place, key: key.into(), what: what.into(), remedy: remedy.into() });
    }

    fn dialplan(&mut self, path: Option<PathBuf>) -> PathBuf {
        let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) else {
            let remedy = "name the plan's file: `dialplan: dialplans/office.yaml` in sentral.yaml, or SENTRAL_DIALPLAN";
            self.fault("dialplan", "is not set", remedy);
            return PathBuf::new();
        };
        self.folder.join(path)
    }

    fn state(&mut self, folder: PathBuf) -> PathBuf {
        if folder.as_os_str().is_empty() {
            self.fault("state", "is not set", "name a folder that is ours to write");
        }
        self.folder.join(folder)
    }

    fn database(&mut self, file: Option<PathBuf>, state: &Path) -> PathBuf {
        if file.as_ref().is_some_and(|file| file.file_name().is_none()) {
            self.fault("database", "is no file", "name a file that is ours to write, as /var/lib/sentral/sentral.db");
        }
        file.map_or_else(|| state.join("sentral.db"), |file| self.folder.join(file))
    }

    fn records(&mut self, typed: &typed::Records) -> Duration {
        const DAY: u64 = 24 * 3_600;
        let keep = typed.keep.0.0;
        if !(Duration::from_secs(DAY)..=Duration::from_secs(3_660 * DAY)).contains(&keep) {
            self.fault("records.keep", "is not between 1d and ten years", "say how long records are kept, as `90d`");
        }
        keep
    }

    fn public_url(&mut self, url: &str) -> Option<Arc<str>> {
        let address = http_address(url);
        if address.is_none() {
            let remedy = "write where others reach `listen`, as https://calls.example.com";
            self.fault("api.public_url", format!("{} is no address of an HTTP server", quoted(url)), remedy);
        }
        address.map(Into::into)
    }

    /// Who has FastAGI needs none.
    fn nodes(&mut self, typed: std::collections::BTreeMap<String, typed::Node>, has_agi: bool) -> Vec<Node> {
        if typed.is_empty() && !has_agi {
            let remedy = "name at least one Asterisk under `nodes:`, with its url and password";
            self.fault("nodes", "no Asterisk is set", remedy);
        }
        if typed.len() > MOST_NODES {
            self.fault("nodes", format!("{} are more than {MOST_NODES}", typed.len()), "run more than one engine");
        }
        let nodes: Vec<Node> = typed.into_iter().filter_map(|(name, node)| self.node(&name, node)).collect();
        for (at, node) in nodes.iter().enumerate() {
            let same = nodes[..at].iter().find(|other| other.url == node.url && other.app == node.app);
            if let Some(other) = same {
                let what = format!("is nodes.{} once more: the same `url` and `app`", other.name);
                let remedy = "give each its own Asterisk or its own `app`: they would take the calls from each other";
                self.fault(format!("nodes.{}", node.name), what, remedy);
            }
        }
        nodes
    }

    /// `None` when the node cannot be used; the faults say why.
    fn node(&mut self, name: &str, node: typed::Node) -> Option<Node> {
        let before = self.faults.len();
        let key = format!("nodes.{name}");
        if !is_name(name) {
            let what = "a node's name is made of a-z, 0-9 and single `_`, and starts with a letter";
            self.fault(key.clone(), what, "so that the environment can name it, too");
        }
        if node.user.is_empty() || node.user.contains(':') {
            self.fault(format!("{key}.user"), "a user's name has no `:` and is not empty", "as in ari.conf");
        }
        if !is_app(&node.app) {
            let what = "an application's name is made of letters, digits, `-` and `_`";
            self.fault(format!("{key}.app"), what, "as the first word in Stasis(...) of extensions.conf");
        }
        if !(1..=64).contains(&node.lanes.0) {
            let what = format!("{} is not between 1 and 64", node.lanes.0);
            self.fault(format!("{key}.lanes"), what, "leave it at 8 unless you measured");
        }
        let url = self.url(&key, node.url.as_deref());
        let password = self.password(&key, node.password, node.password_file);
        let (url, password) = (url?, password?);
        let usable = self.faults.len() == before;
        usable.then(|| Node {
            name: Name::new(name),
            url,
            user: node.user,
            password,
            app: node.app,
            lanes: node.lanes.0,
        })
    }

    /// Where ARI is: `/ari`, unless `prefix` of http.conf says otherwise.
    fn url(&mut self, key: &str, url: Option<&str>) -> Option<String> {
        let key = format!("{key}.url");
        let remedy = "write the address of Asterisk's HTTP server, as http://127.0.0.1:8088/ari";
        let Some(url) = url else {
            self.fault(key, "is not set", remedy);
            return None;
        };
        let Ok(parsed) = Url::parse(url) else {
            self.fault(key, "is no URL", remedy);
            return None;
        };
        if !parsed.username().is_empty() || parsed.password().is_some() {
            self.fault(key, "has a user or password in it", "set `user` and `password` of the node instead");
            return None;
        }
        let plain = parsed.query().is_none() && parsed.fragment().is_none() && parsed.has_host();
        if !plain || !matches!(parsed.scheme(), "http" | "https") {
            self.fault(key, format!("`{url}` is no address of an HTTP server"), remedy);
            return None;
        }
        let address = parsed.as_str().trim_end_matches('/');
        Some(if parsed.path() == "/" { format!("{address}/ari") } else { address.to_owned() })
    }

    fn password(&mut self, key: &str, typed: Option<SecretString>, file: Option<PathBuf>) -> Option<SecretString> {
        match (typed, file) {
            (Some(password), None) if !password.expose_secret().is_empty() => Some(password),
            (None, Some(file)) => {
                let file = self.folder.join(file);
                let read = secret::password_in(&file);
                read.map_err(|what| {
                    let key = format!("{key}.password_file");
                    self.fault(key, format!("{} {what}", file.display()), "check its path and mode");
                })
                .ok()
            }
            (Some(_), Some(_)) => {
                self.fault(key, "has both `password` and `password_file`", "keep one of them");
                None
            }
            (Some(_) | None, None) => {
                let variable = format!("{}NODES__{}__PASSWORD", super::PREFIX, node_name(key).to_uppercase());
                let remedy = format!("set `password`, `password_file` or the environment variable {variable}");
                self.fault(format!("{key}.password"), "is not set", &remedy);
                None
            }
        }
    }

    fn limits(&mut self, typed: &typed::Limits) -> engine::Limits {
        for (key, value) in [("calls", typed.calls.0), ("new_calls_per_second", typed.new_calls_per_second.0)] {
            if !(1..=100_000).contains(&value) {
                let what = format!("{value} is not between 1 and 100000");
                self.fault(
                    format!("limits.{key}"),
                    what,
                    "one Asterisk on two cores takes about 100 new calls a second",
                );
            }
        }
        // Asterisk's TIMEOUT(absolute) counts whole seconds, and the engine re-arms it a few times in that span.
        self.between("limits.dead_man", typed.dead_man.0, 5, 600);
        self.between("limits.longest_prompt", typed.longest_prompt.0, 1, 3600);
        self.between("limits.drain", typed.drain.0, 0, 86_400);
        engine::Limits {
            calls: typed.calls.0,
            new_calls_per_second: typed.new_calls_per_second.0,
            overload: match typed.when_overloaded.0 {
                WhenOverloaded::Fallback => Turned::Fallback,
                WhenOverloaded::Congestion => Turned::HungUp(Reason::Congestion),
            },
            dead_man: typed.dead_man.0,
            longest_prompt: typed.longest_prompt.0,
        }
    }

    pub(super) fn between(&mut self, key: &str, span: Duration, least: u64, most: u64) {
        if span < Duration::from_secs(least) || span > Duration::from_secs(most) {
            let what = format!("{}s is not between {least}s and {most}s", span.as_secs_f64());
            self.fault(key, what, "see sentral.sample.yaml for what it does");
        }
    }

    fn log(&mut self, typed: typed::Log) -> Log {
        if let Err(error) = EnvFilter::try_new(&typed.filter) {
            let remedy = "write a level (`info`, `debug`), or `info,sentral::ari=debug` for one part";
            self.fault("log.filter", error.to_string(), remedy);
        }
        Log { filter: typed.filter, format: typed.format.0 }
    }
}

/// The address of an HTTP server, without a slash at its end; `None` when it is none, or says more than that.
pub(super) fn http_address(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let plain = url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    let is_one = plain && nobody && url.has_host() && matches!(url.scheme(), "http" | "https");
    is_one.then(|| url.as_str().trim_end_matches('/').to_owned())
}

fn node_name(key: &str) -> &str {
    key.strip_prefix("nodes.").unwrap_or(key)
}

pub(super) fn is_name(name: &str) -> bool {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    letters && starts && !name.contains("__") && !name.ends_with('_') && name.len() <= 40
}

/// Asterisk takes 73 characters, and splits at commas.
fn is_app(app: &str) -> bool {
    !app.is_empty() && app.len() <= 64 && app.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
