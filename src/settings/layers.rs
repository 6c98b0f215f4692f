//! A file and the environment, one over the other.
//!
//! Each value is looked at by itself first, so that every mistake is told at once and where it was made: in the file with
//! line and column, in the environment by the variable's name. Then the `config` crate lays them together.

use std::{
    collections::BTreeMap,
    env, fs,
    io::Read,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use config::{Config, ConfigError, Map, Value};
use secrecy::SecretString;

use super::{
    Fault, Faults, Settings, check,
    keys::{self, Under},
    typed::Typed,
};
use crate::yaml::{self, Kind, Node, Source, quoted, suggest};

/// Variables that start so are ours.
pub const PREFIX: &str = "SENTRAL_";

/// Ours, and no settings: the settings' file, and the program that the integration tests start.
const NO_SETTINGS: [&str; 2] = ["SENTRAL_SETTINGS", "SENTRAL_BIN"];

/// Where the settings are when nobody says.
const FILE: &str = "sentral.yaml";

/// Settings are written by hand. What is longer is another file.
const LONGEST: u64 = 1024 * 1024;

const SEE_SAMPLE: &str = "sentral.sample.yaml has every key with an example";

/// Reads the settings: of `file` (or `sentral.yaml` where it is there), and over it those of `variables`.
///
/// # Errors
/// Every fault.
pub fn load(file: Option<&Path>, variables: impl Iterator<Item = (String, String)>) -> Result<Settings, Faults> {
    let layers = Layers::read(file, variables)?;
    let folder = layers.path.parent().unwrap_or(Path::new(""));
    let mut faults = layers.faults.clone();
    match check::settings(layers.typed()?, folder) {
        Ok(settings) if faults.is_empty() => return Ok(settings),
        Ok(_) => {}
        Err(Faults(found)) => faults.extend(found.into_iter().map(|fault| layers.placed(fault))),
    }
    if file.is_none() && !layers.path.exists() {
        let here = env::current_dir().unwrap_or_default();
        let what = format!("there is no {FILE} in this folder, so the environment alone is read");
        faults.insert(0, fault(here.display().to_string(), what, "name the settings with --settings PATH"));
    }
    Err(Faults(faults))
}

/// Reads only where the process listens: whoever asks whether it is well needs no more, and no password.
///
/// # Errors
/// What keeps that from being known.
pub fn listen(file: Option<&Path>, variables: impl Iterator<Item = (String, String)>) -> Result<SocketAddr, Faults> {
    let layers = Layers::read(file, variables)?;
    let of_listen: Vec<Fault> = layers.faults.iter().filter(|fault| fault.key == "listen").cloned().collect();
    if !of_listen.is_empty() {
        return Err(Faults(of_listen));
    }
    layers.typed().map(|typed| typed.listen.0)
}

/// Reads only what says the texts of plans: a program and its arguments.
///
/// # Errors
/// What keeps that from being known.
pub fn say(file: Option<&Path>, variables: impl Iterator<Item = (String, String)>) -> Result<Vec<String>, Faults> {
    let typed = Layers::read(file, variables)?.typed()?;
    Ok(typed.prompts.say.split_whitespace().map(str::to_owned).collect())
}

/// How the running process is asked.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Where it listens.
    pub listen: SocketAddr,
    /// A token that is good for looking; `None`: none is needed, or none is known here.
    pub token: Option<SecretString>,
}

/// Reads only where the process listens, and a token with which one may look at how things stand.
///
/// # Errors
/// What keeps that from being known.
pub fn visitor(file: Option<&Path>, variables: impl Iterator<Item = (String, String)>) -> Result<Visitor, Faults> {
    let layers = Layers::read(file, variables)?;
    let folder = layers.path.parent().unwrap_or(Path::new(""));
    let needed = |fault: &&Fault| fault.key == "listen" || fault.key.starts_with("api.");
    let faults: Vec<Fault> = layers.faults.iter().filter(needed).cloned().collect();
    if !faults.is_empty() {
        return Err(Faults(faults));
    }
    let typed = layers.typed()?;
    let listen = typed.listen.0;
    let token = check::token_to_view(typed.api, folder);
    let placed = |Faults(found)| Faults(found.into_iter().map(|fault| layers.placed(fault)).collect());
    Ok(Visitor { listen, token: token.map_err(placed)? })
}

/// What was set, and what is wrong with it.
struct Layers {
    path: PathBuf,
    /// What can be used: first the file's, then the environment's, which are laid over them.
    given: Vec<Given>,
    /// How many of them are the file's.
    of_file: usize,
    faults: Vec<Fault>,
}

/// A value that somebody set.
struct Given {
    key: Vec<String>,
    /// Where it was set, for a message.
    place: String,
    text: String,
}

impl Layers {
    fn read(file: Option<&Path>, variables: impl Iterator<Item = (String, String)>) -> Result<Self, Faults> {
        let (path, text) = match file {
            Some(file) => (file.to_owned(), read(file)?),
            None if Path::new(FILE).exists() => (PathBuf::from(FILE), read(Path::new(FILE))?),
            None => (PathBuf::from(FILE), String::new()),
        };
        let variables = variables.filter(|(name, _)| is_ours(name)).collect();
        let mut layers = Self { path, given: Vec::new(), of_file: 0, faults: Vec::new() };
        layers.look_at_file(&text)?;
        layers.of_file = layers.given.len();
        layers.look_at_environment(variables);
        Ok(layers)
    }

    fn look_at_file(&mut self, text: &str) -> Result<(), Faults> {
        let name = self.path.display().to_string();
        let source = Source::new(&name, text);
        let place = |span: &yaml::Span| {
            let (line, column) = source.line_and_column(span.start);
            format!("{name}:{line}:{column}")
        };
        let tree = yaml::read(text).map_err(|broken| {
            let broken = yaml::Faults::new(Source::new(&name, text), vec![broken]);
            Faults(broken.iter().map(|broken| in_words(&name, broken)).collect())
        })?;
        let mut values = Vec::new();
        let mut walk = Walk { place: &place, faults: &mut self.faults, values: &mut values };
        walk.group(&mut Vec::new(), &tree, Under::Keys(keys::of::<Typed>()));
        for given in values {
            self.give(given);
        }
        Ok(())
    }

    fn look_at_environment(&mut self, variables: BTreeMap<String, String>) {
        for (name, text) in variables {
            let key: Vec<String> = name.trim_start_matches(PREFIX).to_lowercase().split("__").map(Into::into).collect();
            let place = format!("environment variable {name}");
            match keys::under(&key) {
                Ok(Under::Value | Under::Words) => self.give(Given { key, place, text }),
                Ok(Under::Keys(_) | Under::Names(_)) => {
                    self.faults.push(fault(place, "is a group of settings, and no value", GOES_DOWN));
                }
                Err((depth, known)) => {
                    let part = key.get(depth).map_or("", String::as_str);
                    let what = format!("there is no setting {}", quoted(part));
                    let near = suggest::instead(part, known.iter().copied(), "settings here");
                    self.faults.push(fault(place, what, &format!("{near}; {GOES_DOWN}")));
                }
            }
        }
    }

    /// Takes a value that can be what it stands for, and tells what cannot.
    fn give(&mut self, given: Given) {
        match alone(&given) {
            Ok(_) => self.given.push(given),
            Err(fault) => self.faults.push(fault),
        }
    }

    /// Everything that can be used, laid together.
    fn typed(&self) -> Result<Typed, Faults> {
        let layer = |given: &[Given]| Layer::new(given.iter());
        let (file, environment) = self.given.split_at(self.of_file);
        let laid = Config::builder().add_source(layer(file)).add_source(layer(environment)).build();
        let typed = laid.and_then(Config::try_deserialize);
        typed.map_err(|error| Faults(vec![fault("settings", error.to_string(), SEE_SAMPLE)]))
    }

    /// The fault of a key as the fault of the place where it, or what it stands in, was set.
    fn placed(&self, fault: Fault) -> Fault {
        let key: Vec<&str> = fault.key.split('.').collect();
        // Of a group it is the first of its values.
        let inside = |given: &&Given| given.key.iter().zip(&key).all(|(a, b)| a == b) && given.key.len() >= key.len();
        let exact = |given: &&Given| inside(given) && given.key.len() == key.len();
        match self.given.iter().rfind(exact).or_else(|| self.given.iter().find(inside)) {
            Some(given) => Fault { place: given.place.clone(), ..fault },
            None => fault,
        }
    }
}

const GOES_DOWN: &str = "`__` goes one level down, as in SENTRAL_NODES__PBX__PASSWORD";

/// A walk through the file's tree, down to its values.
struct Walk<'a> {
    place: &'a dyn Fn(&yaml::Span) -> String,
    faults: &'a mut Vec<Fault>,
    values: &'a mut Vec<Given>,
}

impl Walk<'_> {
    fn tell(&mut self, span: &yaml::Span, what: impl Into<String>, remedy: &str) {
        self.faults.push(fault((self.place)(span), what, remedy));
    }

    fn node(&mut self, key: &mut Vec<String>, node: &Node, under: Under) {
        match (under, &node.kind) {
            // A key with nothing behind it stands there for its default.
            (_, Kind::Nothing) => {}
            (Under::Words, Kind::List(items)) if items.iter().all(|item| item.as_word().is_some()) => {
                let place = (self.place)(&node.span);
                let words: Vec<&str> = items.iter().filter_map(Node::as_word).collect();
                self.values.push(Given { key: key.clone(), place, text: words.join(", ") });
            }
            (Under::Value | Under::Words, Kind::Word(text)) => {
                let place = (self.place)(&node.span);
                self.values.push(Given { key: key.clone(), place, text: text.clone() });
            }
            (Under::Value | Under::Words, Kind::List(_) | Kind::Map(_)) => {
                let what = format!("{} is one value, and here is {}", quoted(&key.join(".")), node.kind.name());
                self.tell(&node.span, what, SEE_SAMPLE);
            }
            (Under::Keys(_) | Under::Names(_), Kind::Word(_) | Kind::List(_) | Kind::Map(_)) => {
                self.group(key, node, under)
            }
        }
    }

    /// A mapping, and whatever stands in it.
    fn group(&mut self, key: &mut Vec<String>, node: &Node, under: Under) {
        let entries = match &node.kind {
            Kind::Map(entries) => entries,
            Kind::Nothing => return,
            Kind::Word(_) | Kind::List(_) => {
                let what = format!("here are lines of `key: value` expected, and not {}", node.kind.name());
                self.tell(&node.span, what, SEE_SAMPLE);
                return;
            }
        };
        let mut seen = BTreeMap::new();
        for (name, value) in entries {
            let Kind::Word(word) = &name.kind else {
                self.tell(&name.span, format!("a key is a word, and not {}", name.kind.name()), SEE_SAMPLE);
                continue;
            };
            if let Some(first) = seen.insert(word.clone(), (self.place)(&name.span)) {
                self.tell(
                    &name.span,
                    format!("{} is here twice, first at {first}", quoted(word)),
                    "keep one of the two",
                );
                continue;
            }
            key.push(word.clone());
            match keys::under(key) {
                Ok(under) => self.node(key, value, under),
                Err(_) => self.unknown(&name.span, word, under),
            }
            key.pop();
        }
    }

    fn unknown(&mut self, span: &yaml::Span, word: &str, under: Under) {
        let known = if let Under::Keys(known) = under { known } else { &[] };
        let remedy = suggest::instead(word, known.iter().copied(), "settings here");
        self.tell(span, format!("there is no setting {}", quoted(word)), &remedy);
    }
}

fn fault(place: impl Into<String>, what: impl Into<String>, remedy: &str) -> Fault {
    Fault { place: place.into(), key: String::new(), what: what.into(), remedy: remedy.into() }
}

/// A fault of the file's YAML. What is in the file is not shown: it may be a password.
fn in_words(name: &str, broken: &yaml::Fault) -> Fault {
    let place = broken.place.as_ref().map_or_else(|| name.into(), |at| format!("{name}:{}:{}", at.line, at.column));
    fault(place, broken.message.clone(), broken.remedy.as_deref().unwrap_or(SEE_SAMPLE))
}

/// Kubernetes puts addresses of a service called `sentral` into the environment under our prefix; they are none of ours.
fn is_ours(name: &str) -> bool {
    let key = name.strip_prefix(PREFIX);
    key.is_some_and(|key| !key.starts_with("SERVICE_") && !key.starts_with("PORT")) && !NO_SETTINGS.contains(&name)
}

fn read(file: &Path) -> Result<String, Faults> {
    let told = |what: String, remedy: &str| Faults(vec![fault(file.display().to_string(), what, remedy)]);
    let opened = fs::File::open(file)
        .map_err(|error| told(format!("cannot be read: {error}"), "name the settings with --settings PATH"))?;
    let mut bytes = Vec::new();
    opened
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| told(format!("cannot be read: {error}"), "settings are a file of YAML"))?;
    if bytes.len() as u64 > LONGEST {
        return Err(told(format!("is longer than {LONGEST} bytes"), "settings are a short file of YAML"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        told(format!("is not UTF-8 from byte {at} on"), "save it as UTF-8")
    })?;
    // Some editors put a mark at the beginning that is no part of the text.
    Ok(text.strip_prefix('\u{feff}').map(Into::into).unwrap_or(text))
}

/// The settings with one value set, to see whether it can be what it stands for.
fn alone(given: &Given) -> Result<Typed, Fault> {
    let nested = given
        .key
        .iter()
        .rev()
        .fold(Value::from(given.text.as_str()), |inner, part| Value::from(Map::from([(part.clone(), inner)])));
    nested.try_deserialize().map_err(|error| {
        let said = error.to_string();
        // The crate adds its own name for the key.
        let what = said.split(" for key `").next().unwrap_or(&said);
        Fault { key: given.key.join("."), ..fault(given.place.as_str(), what, SEE_SAMPLE) }
    })
}

/// Values of one place, for the `config` crate. Each is the text that was typed, so that a password `0123` stays what it is.
#[derive(Clone, Debug)]
struct Layer(Map<String, Value>);

impl Layer {
    fn new<'a>(given: impl Iterator<Item = &'a Given>) -> Self {
        let mut table = Map::new();
        for given in given {
            put(&mut table, &given.key, &given.text);
        }
        Self(table)
    }
}

fn put(table: &mut Map<String, Value>, key: &[String], text: &str) {
    match key {
        [] => {}
        [last] => {
            table.insert(last.clone(), Value::from(text));
        }
        [first, rest @ ..] => {
            let mut inner = table.remove(first).and_then(|value| value.into_table().ok()).unwrap_or_default();
            put(&mut inner, rest, text);
            table.insert(first.clone(), Value::from(inner));
        }
    }
}

impl config::Source for Layer {
    fn clone_into_box(&self) -> Box<dyn config::Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}
