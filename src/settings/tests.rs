use std::{fs, path::Path};

use super::{
    keys,
    layers::{listen, load, visitor},
    typed, *,
};

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
    assert!(
        unknown.contains("sentral.yaml:2:1: there is no setting `lisen`\n  help: did you mean `listen`?"),
        "{unknown}"
    );
    let wrong = told("dialplan: x\nlimits:\n  calls: many\n", &[]);
    assert!(wrong.contains("sentral.yaml:3:10: limits.calls: `many` is not a whole number"), "{wrong}");
    let unit = told("limits: {drain: 30}\n", &[]);
    assert!(unit.contains("sentral.yaml:1:17: limits.drain: `30` is not a length of time with its unit"), "{unit}");
    let twice = told("listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n", &[]);
    assert!(twice.contains("sentral.yaml:2:1: `listen` is here twice, first at"), "{twice}");
    let group = told("limits: 5\nlisten: [a]\n", &[]);
    assert!(group.contains("sentral.yaml:1:9: here are lines of `key: value` expected"), "{group}");
    assert!(group.contains("sentral.yaml:2:9: `listen` is one value, and here is a list"), "{group}");
}

#[test]
fn a_value_comes_through_as_it_was_typed() {
    for typed in ["0123", "'0123'", "1_000", "no", "1e3", "\"#x\""] {
        let settings = loaded(&LEAST.replace("hunter2", typed), &[]).expect("settings");
        let password = settings.nodes.first().expect("a node").password.expose_secret().to_owned();
        assert_eq!(password, typed.trim_matches(['\'', '"']));
    }
}

#[test]
fn many_mistakes_are_told_at_once_wherever_they_are() {
    let yaml = "dialplan: x\nlimits: {calls: many, drain: soon}\nlog: {format: xml, fliter: info}\n";
    let all = told(yaml, &[("SENTRAL_LISTEN", "here"), ("SENTRAL_API", "x"), ("SENTRAL_LOG__LEVEL", "debug")]);
    for part in
        ["calls", "drain", "format", "`fliter`", "variable SENTRAL_LISTEN", "SENTRAL_API:", "`level`", "no Asterisk"]
    {
        assert!(all.contains(part), "{part}: {all}");
    }
}

#[test]
fn who_asks_for_health_needs_no_more_than_the_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sentral.yaml");
    let asked = |yaml: &str, variables: &[(&str, &str)]| {
        fs::write(&path, yaml).expect("a file");
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        listen(Some(&path), variables).map(|address| address.port())
    };
    assert_eq!(asked("", &[]), Ok(8080));
    assert_eq!(asked("listen: 127.0.0.1:81\nnodes: {pbx: {lanes: x}}\n", &[]), Ok(81));
    assert_eq!(asked("listen: 127.0.0.1:81\n", &[("SENTRAL_LISTEN", "0.0.0.0:82")]), Ok(82));
    let wrong = asked("listen: 81\nnodes: {pbx: {lanes: x}}\n", &[]).expect_err("no address").to_string();
    assert!(wrong.contains("1:9: listen: `81` is not an address with its port") && !wrong.contains("lanes"), "{wrong}");
}

#[test]
fn who_asks_how_things_stand_needs_the_address_and_one_good_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sentral.yaml");
    let asked = |yaml: &str, variables: &[(&str, &str)]| {
        fs::write(&path, yaml).expect("a file");
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let token = visitor(Some(&path), variables).map(|visitor| visitor.token);
        token.map(|token| token.map(|token| token.expose_secret().to_owned())).map_err(|faults| faults.to_string())
    };
    let token = |token: &str| Ok(Some(token.to_owned()));
    assert_eq!(asked("nodes: {pbx: {lanes: x}}\n", &[]), Ok(None));
    let named = "api:\n  token_file: nobody\n  tokens:\n    phone: {token: messages-messages, roles: messages}\n    \
                 wall: {token: view-view-view-view, roles: view}\n";
    assert_eq!(
        asked(named, &[]),
        token("view-view-view-view"),
        "a file that cannot be read is no matter to who has one"
    );
    assert_eq!(asked(named, &[("SENTRAL_API__TOKEN", "0123456789abcdef")]), token("0123456789abcdef"));
    let weak = asked("", &[("SENTRAL_API__TOKEN", "short")]).expect_err("no token");
    assert!(weak.contains("SENTRAL_API__TOKEN: ") && weak.contains("a token has 16"), "{weak}");
    let unread = asked("api: {token_file: nobody}\n", &[]).expect_err("no token");
    assert!(unread.contains("sentral.yaml:1:19: ") && unread.contains("check its path and mode"), "{unread}");
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
    let misspelled = "environment variable SENTRAL_NODES__PBX__PASWORD: there is no setting `pasword`";
    assert!(unknown.contains(misspelled) && unknown.contains("did you mean `password`?"), "{unknown}");
    assert!(unknown.contains("environment variable SENTRAL_LISTEN: listen: `here` is not an address"), "{unknown}");
    assert!(!unknown.contains("hunter2"), "{unknown}");
    let wrong = told(LEAST, &[("SENTRAL_LIMITS__CALLS", "many")]);
    assert!(
        wrong.contains("environment variable SENTRAL_LIMITS__CALLS: limits.calls: `many` is not a whole"),
        "{wrong}"
    );
    let low = told(LEAST, &[("SENTRAL_LIMITS__CALLS", "0")]);
    assert!(low.contains("environment variable SENTRAL_LIMITS__CALLS: limits.calls: 0 is not between"), "{low}");
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
    let keys: Vec<&str> = faults.0.iter().map(|fault| fault.key.as_str()).collect();
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
    assert_eq!(keys, expected);
    assert!(faults.0.iter().all(|fault| !fault.remedy.is_empty()), "each with its remedy");
}

#[test]
fn two_nodes_are_never_one_application_of_one_asterisk() {
    let node = |url: &str, app: &str| format!("{{url: '{url}', password: x, app: {app}}}");
    let two = |one: String, other: String| format!("dialplan: x\nnodes:\n  pbx: {one}\n  pbx2: {other}\n");
    let fault = told(&two(node("http://pbx:8088/", "sentral"), node("http://pbx:8088/ari", "sentral")), &[]);
    assert!(fault.contains("nodes.pbx2") && fault.contains("is nodes.pbx once more"), "{fault}");
    for other in [node("http://pbx:8088/ari", "sentral_2"), node("http://pbx2:8088/ari", "sentral")] {
        loaded(&two(node("http://pbx:8088/ari", "sentral"), other), &[]).expect("settings");
    }
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
    let tokens: Vec<&str> = settings.tokens.iter().map(|token| token.secret.expose_secret()).collect();
    assert_eq!(tokens, ["0123456789abcdef", "fedcba9876543210"]);

    fs::write(folder.path().join("password"), "\n").expect("a file");
    fs::remove_file(folder.path().join("tokens")).expect("removed");
    let fault = load(Some(&path), std::iter::empty()).expect_err("no secrets").to_string();
    assert!(fault.contains("nodes.pbx.password_file") && fault.contains("has no password"), "{fault}");
    assert!(fault.contains("api.token_file") && fault.contains("cannot be read"), "{fault}");
}

#[test]
fn each_token_has_a_name_and_says_what_it_is_good_for() {
    let long = |letter: &str| letter.repeat(16);
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("lead"), format!("{}\n{}\n", long("b"), long("c"))).expect("a file");
    let lead = folder.path().join("lead").display().to_string();
    let yaml = format!("{LEAST}api:\n  tokens:\n    lead: {{token_file: '{lead}', roles: [operate]}}\n");
    let wall = [("SENTRAL_API__TOKENS__WALL__TOKEN", "aaaaaaaaaaaaaaaa"), ("SENTRAL_API__TOKENS__WALL__ROLES", "view")];
    let settings = loaded(&yaml, &wall).expect("settings");
    let may: Vec<_> =
        settings.tokens.iter().map(|token| (&*token.name, Role::ALL.map(|role| token.may(role)))).collect();
    let lead = ("lead", [true, true, false]);
    assert_eq!(may, [lead, lead, ("wall", [true, false, false])]);

    let at = |rest: &str| told(&format!("{LEAST}api:\n  tokens:\n    wall: {rest}\n"), &[]);
    assert!(at("{token: aaaaaaaaaaaaaaaa}").contains("api.tokens.wall.roles: says nothing"));
    assert!(at("{token: aaaaaaaaaaaaaaaa, roles: veiw}").contains("there is no role `veiw`"));
    assert!(at("{roles: view}").contains("api.tokens.wall: has no token"));
    let weak = at("{token: letmein, roles: view}");
    assert!(weak.contains("api.tokens.wall.token") && !weak.contains("letmein"), "{weak}");
    let twice = "{token: aaaaaaaaaaaaaaaa, roles: view}\n    xenia: {token: aaaaaaaaaaaaaaaa, roles: operate}";
    assert!(at(twice).contains("api.tokens.xenia: is the token of `wall` once more"), "{}", at(twice));
    assert!(at("{token: aaaaaaaaaaaaaaaa, roles: view, role: x}").contains("there is no setting `role`"));
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
        ("", keys::of::<typed::Typed>()),
        ("api.", keys::of::<typed::Api>()),
        ("api.tokens.NAME.", keys::of::<tokens::Typed>()),
        ("nodes.NAME.", keys::of::<typed::Node>()),
        ("prompts.", keys::of::<typed::Prompts>()),
        ("hooks.", keys::of::<typed::Hooks>()),
        ("limits.", keys::of::<typed::Limits>()),
        ("log.", keys::of::<typed::Log>()),
    ];
    groups.iter().flat_map(|(group, names)| names.iter().map(move |name| format!("{group}{name}"))).collect()
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

#[test]
fn prompts_are_handed_over_as_the_settings_say() {
    let way = |more: &str| loaded(&format!("{LEAST}{more}"), &[]).expect("settings").prompts.way;
    assert_eq!(way(""), sounds::Way::Http("http://127.0.0.1:8080".into()));
    assert_eq!(way("prompts: {url: 'https://pbx.example/x/'}\n"), sounds::Way::Http("https://pbx.example/x".into()));
    let folder = "/var/lib/asterisk/sounds/sentral";
    assert_eq!(way(&format!("prompts: {{mode: folder, folder: {folder}}}\n")), sounds::Way::Folder(folder.into()));
    let options = loaded(LEAST, &[("SENTRAL_PROMPTS__SAY", "pico {language}  -"), ("SENTRAL_PROMPTS__CACHE", "kept")]);
    let options = options.expect("settings").prompts;
    assert_eq!(options.say, ["pico", "{language}", "-"]);
    assert!(options.cache.expect("a folder").is_absolute(), "beside the settings");

    for (more, key) in [
        ("prompts: {mode: ftp}", "prompts.mode"),
        ("prompts: {mode: folder}", "prompts.folder"),
        ("prompts: {mode: folder, folder: '/a b'}", "prompts.folder"),
        ("prompts: {url: 'ftp://x'}", "prompts.url"),
        ("prompts: {url: 'http://x/a,b'}", "prompts.url"),
        ("prompts: {url: 'http://user@x/'}", "prompts.url"),
        ("prompts: {say: '  '}", "prompts.say"),
    ] {
        let fault = told(&format!("{LEAST}{more}\n"), &[]);
        assert!(fault.contains(key), "{more}: {fault}");
    }
}

#[test]
fn servers_that_a_plan_may_speak_with_are_a_list_or_words() {
    let secret = "0123456789abcdef";
    let hooks =
        |more: &str, variables: &[(&str, &str)]| loaded(&format!("{LEAST}{more}"), variables).expect("settings").hooks;
    let none = hooks("", &[]);
    assert!(!none.allowed.knows("crm.example.com") && none.secret.is_none());
    let listed = hooks(&format!("hooks: {{allow: [crm.example.com, '10.0.0.5:8080'], secret: {secret}}}\n"), &[]);
    assert!(listed.allowed.knows("CRM.example.com") && listed.allowed.knows("10.0.0.5:8080"));
    assert_eq!(listed.secret.as_ref().map(ExposeSecret::expose_secret), Some(secret));
    let words = hooks("", &[("SENTRAL_HOOKS__ALLOW", "crm.example.com, 10.0.0.5:8080")]);
    assert_eq!(words.allowed, listed.allowed);

    for (more, key) in [
        ("hooks: {allow: 'https://crm.example.com'}", "hooks.allow"),
        ("hooks: {allow: [[crm]]}", "hooks.allow"),
        ("hooks: {secret: short}", "hooks.secret"),
        ("hooks: {secret: 0123456789abcdef, secret_file: x}", "hooks"),
        ("hooks: {secret_file: nowhere}", "hooks.secret_file"),
    ] {
        let fault = told(&format!("{LEAST}{more}\n"), &[]);
        assert!(fault.contains(key), "{more}: {fault}");
    }
}

#[test]
fn calls_may_come_over_fastagi_from_those_who_are_named() {
    assert!(loaded(LEAST, &[]).expect("settings").agi.is_none(), "where nobody says so, there is no door");
    let open = |more: &str| format!("{LEAST}agi: {{listen: '127.0.0.1:4573'{more}}}\n");
    let agi = loaded(&open(""), &[]).expect("settings").agi.expect("a door");
    assert_eq!((agi.options.listen.port(), agi.options.sessions, agi.node), (4573, 500, Some(0)));
    let may = |agi: &Agi, address: &str| agi.options.allow.iter().any(|it| it.holds(address.parse().expect("one")));
    assert!(may(&agi, "127.0.0.1") && may(&agi, "::1") && !may(&agi, "10.0.0.5"));
    let agi = loaded(&open(", allow: [10.0.0.0/24, '10.1.0.1']"), &[]).expect("settings").agi.expect("a door");
    assert!(may(&agi, "10.0.0.5") && may(&agi, "10.1.0.1") && !may(&agi, "127.0.0.1"));

    let alone = "dialplan: x\nagi: {listen: '127.0.0.1:4573'}\n";
    assert_eq!(loaded(alone, &[]).expect("no node is needed").agi.expect("a door").node, None);
    for (wrong, word) in [
        (", allow: pbx", "agi.allow"),
        (", allow: 10.0.0.5/8", "10.0.0.0/8 is the network"),
        (", sessions: 0", "agi.sessions"),
        (", silence: 0s", "agi.silence"),
        (", node: pbx2", "did you mean `pbx`"),
    ] {
        assert!(told(&open(wrong), &[]).contains(word), "{}", told(&open(wrong), &[]));
    }
    assert!(told(&open("").replace("  pbx:", "  agi:"), &[]).contains("name the node otherwise"));
}

#[test]
fn where_others_reach_the_api_is_an_address_and_nothing_more() {
    let with = |url: &str| format!("{LEAST}api: {{public_url: \"{url}\"}}\n");
    let url = |yaml: &str| loaded(yaml, &[]).expect("settings").public_url;
    assert_eq!(url(LEAST), None);
    assert_eq!(url(&with("https://calls.example.com/sentral/")).as_deref(), Some("https://calls.example.com/sentral"));
    for wrong in ["calls.example.com", "ftp://calls.example.com", "https://me:pw@calls.example.com", "https://x/?a=b"] {
        let told = told(&with(wrong), &[]);
        assert!(told.contains("api.public_url") && told.contains("https://calls.example.com"), "{told}");
    }
}

#[test]
fn a_log_of_queues_is_written_where_its_file_is_named_and_not_elsewhere() {
    assert_eq!(loaded(LEAST, &[]).expect("settings").queue_log, None);
    let log = "queue_log: {file: log/queue_log, agent: interface, events: extended}\n";
    let options = loaded(&format!("{LEAST}{log}"), &[]).expect("settings").queue_log.expect("a log");
    assert!(options.file.ends_with("log/queue_log") && options.file.is_absolute(), "beside the settings");
    let style = lines::Style { agent: lines::Agent::Interface, events: lines::Events::Extended };
    assert_eq!(options.style, style);
    let told = told(&format!("{LEAST}queue_log: {{agent: interface}}\n"), &[]);
    assert!(told.contains("queue_log.file: is not set") && told.contains("help: name the file"), "{told}");
    let told = self::told(&format!("{LEAST}queue_log: {{file: q, events: all, agents: name}}\n"), &[]);
    assert!(told.contains("`stock` or `extended`") && told.contains("agents"), "{told}");
    let told = self::told(&format!("{LEAST}queue_log: {{file: .}}\n"), &[]);
    assert!(told.contains("is a folder"), "{told}");
}
