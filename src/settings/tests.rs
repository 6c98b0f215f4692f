use std::{fs, path::Path};

use serde::{Deserialize, Deserializer, de::Visitor};

use super::{layers::load, typed, *};

const SAMPLE: &str = include_str!("../../sentral.sample.yaml");
const MANUAL: &str = include_str!("../../docs/settings.md");
const COMPOSE: &str = include_str!("../../docker/compose.yaml");

/// The least that works.
const LEAST: &str = "\
dialplan: office.yaml
nodes:
  pbx:
    url: http://127.0.0.1:8088
    password: hunter2
";

/// Loads a file and an environment, both made up.
fn loaded(yaml: &str, variables: &[(&str, &str)]) -> Result<Settings, Faults> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sentral.yaml");
    fs::write(&path, yaml).expect("a file");
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    load(Some(&path), variables)
}

/// What is told about settings that cannot be used, without the folder's name.
fn told(yaml: &str, variables: &[(&str, &str)]) -> String {
    loaded(yaml, variables).expect_err("settings that cannot be used").to_string()
}

#[test]
fn the_least_file_is_enough_and_the_rest_has_defaults() {
    let settings = loaded(LEAST, &[]).expect("settings");
    assert!(settings.dialplan.ends_with("office.yaml") && settings.dialplan.is_absolute(), "beside the settings");
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!((settings.limits.calls, settings.limits.new_calls_per_second), (500, 100));
    assert_eq!(settings.log, Log { filter: "info".into(), format: LogFormat::Text });
    let node = settings.nodes.first().expect("a node");
    assert_eq!((&*node.name, node.app.as_str(), node.user.as_str(), node.lanes), ("pbx", "sentral", "sentral", 8));
}

#[test]
fn the_environment_is_laid_over_the_file() {
    let variables = [
        ("SENTRAL_LISTEN", "127.0.0.1:9999"),
        ("SENTRAL_NODES__PBX__PASSWORD", "0123"),
        ("SENTRAL_NODES__PBX__LANES", "4"),
        ("SENTRAL_LIMITS__NEW_CALLS_PER_SECOND", "7"),
        ("SENTRAL_LIMITS__WHEN_OVERLOADED", "congestion"),
        ("SENTRAL_LIMITS__DEAD_MAN", "12s"),
        ("SENTRAL_SETTINGS", "elsewhere.yaml"),
        ("SENTRAL_BIN", "target/release/sentral"),
        ("SENTRAL_SERVICE_HOST", "10.0.0.1"),
        ("SENTRAL_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("HOME", "/root"),
    ];
    let settings = loaded(LEAST, &variables).expect("settings");
    assert_eq!(settings.listen.port(), 9999);
    let node = settings.nodes.first().expect("a node");
    assert_eq!(
        (node.password.expose_secret(), node.lanes, node.url.as_str()),
        ("0123", 4, "http://127.0.0.1:8088/ari")
    );
    assert_eq!(settings.limits.new_calls_per_second, 7);
    assert_eq!(settings.limits.overload, engine::Turned::HungUp(crate::domain::Reason::Congestion));
    assert_eq!(settings.limits.dead_man, Duration::from_secs(12));
}

#[test]
fn the_environment_alone_is_enough() {
    let variables = [
        ("SENTRAL_DIALPLAN", "/etc/sentral/office.yaml"),
        ("SENTRAL_NODES__PBX__URL", "http://asterisk:8088/ari/"),
        ("SENTRAL_NODES__PBX__PASSWORD", "hunter2"),
    ];
    let settings = loaded("", &variables).expect("settings");
    assert_eq!(settings.dialplan, Path::new("/etc/sentral/office.yaml"));
    assert_eq!(settings.nodes.first().expect("a node").url, "http://asterisk:8088/ari");
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_line_and_column() {
    let unknown = told("dialplan: x\nlisen: 127.0.0.1:1\n", &[]);
    assert!(unknown.contains("sentral.yaml:2:1: unknown field `lisen`, expected one of"), "{unknown}");
    let wrong = told("dialplan: x\nlimits:\n  calls: many\n", &[]);
    assert!(wrong.contains("sentral.yaml:3:10"), "{wrong}");
    let unit = told("limits: {drain: 30}\n", &[]);
    assert!(unit.contains("sentral.yaml:1:") && unit.contains("not a length of time with its unit"), "{unit}");
    let twice = told("listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n", &[]);
    assert!(twice.contains("sentral.yaml:2:1") && twice.contains("duplicate"), "{twice}");
    let number = told("nodes: {pbx: {password: 0123}}\n", &[]);
    assert!(number.contains("sentral.yaml:1:25") && number.contains("put it in quotes"), "{number}");
    assert!(!number.contains("0123"), "{number}");
    let quoted = loaded(&LEAST.replace("hunter2", "'0123'"), &[]).expect("settings");
    assert_eq!(quoted.nodes.first().expect("a node").password.expose_secret(), "0123");
}

#[test]
fn what_is_no_settings_file_is_told_and_never_a_panic() {
    for yaml in ["[1, 2]", "just words", "\u{0}", "a: [", "&a [*a]", "{{{{", "--- 1\n--- 2", "? [x]: y"] {
        let fault = told(yaml, &[]);
        assert!(fault.contains("sentral.yaml"), "{yaml:?}: {fault}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sentral.yaml");
    fs::write(&file, b"dialplan: \xff\xfe").expect("a file");
    let fault = load(Some(&file), std::iter::empty()).expect_err("no UTF-8").to_string();
    assert!(fault.contains("is not UTF-8 from byte 10 on"), "{fault}");
    fs::write(&file, vec![b' '; 2 * 1024 * 1024]).expect("a file");
    let fault = load(Some(&file), std::iter::empty()).expect_err("too long").to_string();
    assert!(fault.contains("is longer than 1048576 bytes"), "{fault}");
    let fault = load(Some(&folder.path().join("none.yaml")), std::iter::empty()).expect_err("no file").to_string();
    assert!(fault.contains("none.yaml: cannot be read") && fault.contains("--settings PATH"), "{fault}");
}

#[test]
fn a_mistake_in_the_environment_is_told_by_the_variables_name() {
    let unknown = told(LEAST, &[("SENTRAL_NODES__PBX__PASWORD", "hunter2"), ("SENTRAL_LISTEN", "here")]);
    assert!(unknown.contains("environment variable SENTRAL_NODES__PBX__PASWORD: unknown field `pasword`"), "{unknown}");
    assert!(unknown.contains("environment variable SENTRAL_LISTEN: invalid socket address"), "{unknown}");
    assert!(!unknown.contains("hunter2"), "{unknown}");
    let wrong = told(LEAST, &[("SENTRAL_LIMITS__CALLS", "many")]);
    assert!(wrong.contains("environment variable SENTRAL_LIMITS__CALLS: invalid type"), "{wrong}");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let yaml = "\
listen: 0.0.0.0:8080
nodes:
  Pbx: {url: 'ftp://x', user: 'a:b', app: 'a,b', lanes: 0}
  two: {url: 'http://u:p@x', password: a, password_file: b}
limits: {calls: 0, dead_man: 1s, drain: 48h}
log: {filter: 'sentral=loud'}
";
    let faults = loaded(yaml, &[]).expect_err("faults");
    let places: Vec<&str> = faults.0.iter().map(|fault| fault.place.as_str()).collect();
    let expected = [
        "dialplan",
        "listen",
        "nodes.Pbx",
        "nodes.Pbx.user",
        "nodes.Pbx.app",
        "nodes.Pbx.lanes",
        "nodes.Pbx.url",
        "nodes.Pbx.password",
        "nodes.two.url",
        "nodes.two",
        "limits.calls",
        "limits.dead_man",
        "limits.drain",
        "log.filter",
    ];
    assert_eq!(places, expected);
    assert!(faults.0.iter().all(|fault| !fault.remedy.is_empty()), "each with its remedy");
}

#[test]
fn off_loopback_a_token_is_demanded() {
    let open = format!("{LEAST}listen: 0.0.0.0:8080\n");
    assert!(told(&open, &[]).contains("no token guards the API"));
    let token = "0123456789abcdef0123456789abcdef";
    assert_eq!(loaded(&open, &[("SENTRAL_API__TOKEN", token)]).expect("settings").tokens.len(), 1);
    let weak = told(&open, &[("SENTRAL_API__TOKEN", "letmein")]);
    assert!(weak.contains("api.token") && !weak.contains("letmein"), "{weak}");
}

#[test]
fn secrets_come_from_files_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sentral.yaml");
    fs::write(folder.path().join("password"), "#hunter 2\n").expect("a file");
    fs::write(folder.path().join("tokens"), "# old\n0123456789abcdef\n\n fedcba9876543210 \n").expect("a file");
    let yaml = LEAST.replace("password: hunter2", "password_file: password") + "api: {token_file: tokens}\n";
    fs::write(&path, yaml).expect("a file");
    let settings = load(Some(&path), std::iter::empty()).expect("settings");
    assert_eq!(settings.nodes.first().expect("a node").password.expose_secret(), "#hunter 2");
    let tokens: Vec<&str> = settings.tokens.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(tokens, ["0123456789abcdef", "fedcba9876543210"]);

    fs::write(folder.path().join("password"), "\n").expect("a file");
    fs::remove_file(folder.path().join("tokens")).expect("removed");
    let fault = load(Some(&path), std::iter::empty()).expect_err("no secrets").to_string();
    assert!(fault.contains("nodes.pbx.password_file") && fault.contains("has no password"), "{fault}");
    assert!(fault.contains("api.token_file") && fault.contains("cannot be read"), "{fault}");
}

#[test]
fn secrets_are_never_printed() {
    let token = "s3cr3t-s3cr3t-s3cr3t";
    let yaml = LEAST.replace("hunter2", "s3cr3t");
    let settings = loaded(&yaml, &[("SENTRAL_API__TOKEN", token)]).expect("settings");
    let printed = format!("{settings:?}{settings:#?}");
    assert!(!printed.contains("s3cr3t"), "{printed}");
    // Mistakes beside a secret do not show it, whatever line they are in.
    for mistake in [
        "    pasword: s3cr3t\n",
        "    password: [s3cr3t]\n",
        "    lanes: x\n    password: s3cr3t\n",
        "   bad\n",
        "  two: s3cr3t\n",
    ] {
        let fault = told(&format!("{yaml}{mistake}"), &[("SENTRAL_API__TOKENS", token)]);
        assert!(!fault.contains("s3cr3t"), "{fault}");
    }
}

#[test]
fn the_sample_can_be_used_and_names_every_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sentral.sample.yaml");
    fs::write(&path, SAMPLE).expect("a file");
    load(Some(&path), std::iter::empty()).expect("the sample is a working file");
    // A key whose default is "not set" stands in a comment.
    let lines: Vec<String> = SAMPLE.lines().map(|line| line.replacen("# ", "", 1)).collect();
    for key in all_keys() {
        let name = key.rsplit('.').next().expect("a name");
        let written = format!("{}{name}:", "  ".repeat(key.matches('.').count()));
        assert!(lines.iter().any(|line| line.starts_with(&written)), "sentral.sample.yaml does not name `{key}`");
        assert!(MANUAL.contains(&format!("`{key}`")), "docs/settings.md does not name `{key}`");
    }
}

/// Every key there is, as `limits.calls`.
fn all_keys() -> Vec<String> {
    let groups = [
        ("", keys_of::<typed::Typed>()),
        ("api.", keys_of::<typed::Api>()),
        ("nodes.NAME.", keys_of::<typed::Node>()),
        ("limits.", keys_of::<typed::Limits>()),
        ("log.", keys_of::<typed::Log>()),
    ];
    groups.iter().flat_map(|(group, names)| names.iter().map(move |name| format!("{group}{name}"))).collect()
}

/// The names of a structure's fields, as serde knows them.
fn keys_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    struct Names<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = serde::de::value::Error;

        fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
            Err(serde::de::Error::custom("a structure is expected"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _name: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = fields;
            self.deserialize_any(visitor)
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut names: &'static [&'static str] = &[];
    assert!(T::deserialize(Names(&mut names)).is_err(), "nothing is read, only asked");
    assert!(!names.is_empty(), "a structure has fields");
    names
}

/// Docker kills what has not ended ten seconds after SIGTERM, with its calls in hand.
#[test]
fn compose_lets_calls_in_hand_end() {
    let compose: serde_json::Value = serde_saphyr::from_str(COMPOSE).expect("YAML");
    let grace = compose["services"]["sentral"]["stop_grace_period"].as_str().and_then(|text| text.strip_suffix('s'));
    let grace: u64 = grace.expect("seconds").parse().expect("a number");
    let drain = loaded(LEAST, &[]).expect("settings").drain;
    assert!(grace >= drain.as_secs() + 10, "{grace}");
}
