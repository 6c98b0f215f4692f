//! A file and the environment, one over the other.
//!
//! Each is read by itself first, so that a mistake is told where it was made: in the file with line and column, in the
//! environment by the variable's name. Then the `config` crate lays them together.

use std::{
    error::Error,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use config::{Config, ConfigError, Environment, File, FileStoredFormat, Format, Map, Value};

use super::{Faults, Settings, check, typed::Typed};

/// Variables that start so are ours.
pub const PREFIX: &str = "SENTRAL_";

/// Ours, and no settings: the settings' file, and the program that the integration tests start.
const NO_SETTINGS: [&str; 2] = ["SENTRAL_SETTINGS", "SENTRAL_BIN"];

/// Where the settings are when nobody says.
const FILE: &str = "sentral.yaml";

/// Settings are written by hand. What is longer is another file.
const LONGEST: u64 = 1024 * 1024;

/// Reads the settings: of `file` (or `sentral.yaml` where it is there), and over it those of `variables`.
///
/// # Errors
/// Every fault that can be told at once.
pub fn load(file: Option<&Path>, variables: impl Iterator<Item = (String, String)>) -> Result<Settings, Faults> {
    let (path, text) = match file {
        Some(file) => (file.to_owned(), read(file)?),
        None if Path::new(FILE).exists() => (PathBuf::from(FILE), read(Path::new(FILE))?),
        None => (PathBuf::from(FILE), String::new()),
    };
    let variables: Map<String, String> = variables.filter(|(name, _)| is_ours(name)).collect();
    let typed = lay(&path, &text, &variables)?;
    check::settings(typed, path.parent().unwrap_or(Path::new("")))
}

/// Kubernetes puts addresses of a service called `sentral` into the environment under our prefix; they are none of ours.
fn is_ours(name: &str) -> bool {
    let key = name.strip_prefix(PREFIX);
    key.is_some_and(|key| !key.starts_with("SERVICE_") && !key.starts_with("PORT")) && !NO_SETTINGS.contains(&name)
}

fn read(file: &Path) -> Result<String, Faults> {
    let fault = |what: String, remedy: &str| Faults::one(file.display().to_string(), what, remedy);
    let opened = fs::File::open(file)
        .map_err(|error| fault(format!("cannot be read: {error}"), "name the settings with --settings PATH"))?;
    let mut bytes = Vec::new();
    opened
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| fault(format!("cannot be read: {error}"), "settings are a file of YAML"))?;
    if bytes.len() as u64 > LONGEST {
        return Err(fault(format!("is longer than {LONGEST} bytes"), "settings are a short file of YAML"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        fault(format!("is not UTF-8 from byte {at} on"), "save it as UTF-8")
    })
}

fn lay(path: &Path, text: &str, variables: &Map<String, String>) -> Result<Typed, Faults> {
    let file: Option<Typed> = parse(text).map_err(|error| in_file(path, &error))?;
    let mut builder = Config::builder();
    if file.is_some() {
        builder = builder.add_source(File::from_str(text, Yaml));
    }
    let mut faults = Vec::new();
    for (name, value) in sorted(variables) {
        let alone = Map::from([(name.clone(), value.clone())]);
        if let Err(error) = build(Config::builder().add_source(environment(alone))) {
            faults.extend(in_environment(name, &error).0);
        }
    }
    if !faults.is_empty() {
        return Err(Faults(faults));
    }
    build(builder.add_source(environment(variables.clone())))
        .map_err(|error| Faults::one("settings", error.to_string(), SEE_SAMPLE))
}

const SEE_SAMPLE: &str = "sentral.sample.yaml has every key";

fn sorted(variables: &Map<String, String>) -> Vec<(&String, &String)> {
    let mut variables: Vec<_> = variables.iter().collect();
    variables.sort();
    variables
}

fn build(builder: config::ConfigBuilder<config::builder::DefaultState>) -> Result<Typed, ConfigError> {
    builder.build()?.try_deserialize()
}

fn environment(variables: Map<String, String>) -> Environment {
    Environment::with_prefix("SENTRAL").prefix_separator("_").separator("__").source(Some(variables))
}

fn in_environment(name: &str, error: &ConfigError) -> Faults {
    let said = error.to_string();
    let what = said.split(" for key `").next().unwrap_or(&said);
    let remedy = "`__` goes one level down, as in SENTRAL_NODES__PBX__PASSWORD; sentral.sample.yaml has every key";
    Faults::one(format!("environment variable {name}"), what, remedy)
}

/// Without a snippet of the file, and without the value itself: either may be a password.
fn in_file(path: &Path, error: &serde_saphyr::Error) -> Faults {
    let error = error.without_snippet();
    let Some(at) = error.location() else {
        return Faults::one(path.display().to_string(), error.to_string(), SEE_SAMPLE);
    };
    let place = format!("{}:{}:{}", path.display(), at.line(), at.column());
    if let serde_saphyr::Error::QuotingRequired { .. } = error {
        return Faults::one(
            place,
            "a text that looks like a number or a truth value stands without quotes",
            "put it in quotes",
        );
    }
    if let serde_saphyr::Error::SerdeInvalidType { expected, .. } = error {
        return Faults::one(place, format!("this is not {expected}"), SEE_SAMPLE);
    }
    let said = error.to_string();
    let what = said.strip_suffix(&format!(" at line {}, column {}", at.line(), at.column())).unwrap_or(&said);
    Faults::one(place, what, SEE_SAMPLE)
}

/// YAML for the `config` crate.
#[derive(Clone, Copy, Debug)]
struct Yaml;

impl Format for Yaml {
    fn parse(&self, _uri: Option<&String>, text: &str) -> Result<Map<String, Value>, Box<dyn Error + Send + Sync>> {
        let table: Option<Map<String, Value>> = parse(text)?;
        Ok(table.unwrap_or_default())
    }
}

impl FileStoredFormat for Yaml {
    fn file_extensions(&self) -> &'static [&'static str] {
        &["yaml", "yml"]
    }
}

/// A text that looks like a number has to be quoted: a password `0123` would otherwise become `123` on its way.
fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<Option<T>, serde_saphyr::Error> {
    let options = serde_saphyr::options! { with_snippet: false, no_schema: true };
    serde_saphyr::from_str_with_options(text, options)
}
