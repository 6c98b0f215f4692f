//! What keeps the house in order: imports go downward, the core stays pure, no file grows past reading.
//!
//! It reads the sources as text, without comments, strings and tests. That is enough for a rule that people mean to keep.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The floors, lowest first, and what each may use. A floor uses only what stands above it in this list.
const FLOORS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("yaml", &[]),
    ("dialplan", &["domain", "yaml"]),
    ("prompts", &["domain", "yaml", "dialplan"]),
    ("engine", &["domain", "dialplan"]),
    ("clock", &["domain"]),
    ("ari", &["domain", "engine", "clock"]),
    ("agi", &["domain", "engine", "clock", "ari"]),
    ("store", &["domain", "dialplan", "engine", "clock", "ari"]),
    ("hooks", &["domain", "engine", "clock"]),
    ("sim", &["domain", "dialplan", "prompts", "engine", "clock", "ari"]),
    ("scenario", &["domain", "yaml", "dialplan", "prompts", "engine", "sim"]),
    // Those who watch read notices and snapshots, never the drivers.
    ("metrics", &["domain", "dialplan", "engine"]),
    ("queue_log", &["domain", "dialplan", "engine"]),
    ("settings", &["domain", "yaml", "prompts", "engine", "agi", "hooks", "store", "queue_log"]),
    ("runtime", &["domain", "yaml", "dialplan", "engine", "clock", "ari", "metrics", "queue_log"]),
    ("api", &["domain", "prompts", "engine", "store", "metrics", "settings", "runtime"]),
    (
        "app",
        &[
            "domain",
            "yaml",
            "dialplan",
            "prompts",
            "engine",
            "clock",
            "ari",
            "agi",
            "hooks",
            "store",
            "sim",
            "metrics",
            "queue_log",
            "settings",
            "runtime",
            "api",
        ],
    ),
    ("cli", &["domain", "yaml", "dialplan", "prompts", "clock", "scenario", "settings", "app"]),
    ("main", &[]),
];

/// Where nothing waits, reads a clock, opens anything or draws by a lot of its own.
const PURE: &[&str] = &[
    "src/domain/",
    "src/yaml/",
    "src/dialplan/",
    "src/engine/",
    "src/agi/wire/",
    "src/queue_log/line",
    "src/queue_log/scribe",
    "src/sim/world",
    "src/sim/people",
    "src/sim/faults",
    "src/sim/check",
    "src/sim/narrator",
    "src/scenario/duty",
    "src/scenario/happening",
    "src/scenario/house",
    "src/scenario/read",
    "src/scenario/route",
    "src/scenario/sounds",
    "src/scenario/stage",
    "src/scenario/troupe",
    "src/scenario/verdict",
];

/// The one file of the pure floors that reads a file.
const LOADER: &str = "src/dialplan/load.rs";

/// Words that have no place there, and why.
const IMPURE: &[(&str, &str)] = &[
    ("async", "nothing waits here; what happened comes in as a value"),
    ("await", "nothing waits here; what happened comes in as a value"),
    ("tokio", "nothing waits here; what happened comes in as a value"),
    ("Instant", "time comes in as an argument"),
    ("SystemTime", "time comes in as an argument"),
    ("Clock", "time comes in as an argument"),
    ("thread", "one thing happens after the other here"),
    ("net", "sockets belong to the drivers"),
    ("reqwest", "sockets belong to the drivers"),
    ("fs", "files are read by src/dialplan/load.rs"),
    ("process", "only the shell knows of processes"),
    ("ThreadRng", "a seed comes in as a value, so that the same events give the same decisions"),
    ("SysRng", "a seed comes in as a value, so that the same events give the same decisions"),
    ("make_rng", "a seed comes in as a value, so that the same events give the same decisions"),
    ("random", "a seed comes in as a value, so that the same events give the same decisions"),
];

/// A longer file has a second noun in it.
const LONGEST: usize = 500;

/// What is wrong with one file.
fn faults_of(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let length = text.lines().count();
    if length > LONGEST {
        faults.push(format!("{path} has {length} lines, more than {LONGEST}: find its second noun and give it a file"));
    }
    if is_test(path) {
        return faults;
    }
    let words = words_of(&without_tests(&code_of(text)));
    faults.extend(wrong_imports(path, &words));
    if PURE.iter().any(|pure| path.starts_with(pure)) && path != LOADER {
        for (word, why) in IMPURE {
            if words.iter().any(|has| has == word) {
                faults.push(format!("{path} uses `{word}`: {why}"));
            }
        }
    }
    faults
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("tidy.rs")
}

fn wrong_imports(path: &str, words: &[String]) -> Vec<String> {
    let floor = floor_of(path);
    // The map of the house names every floor, and uses none.
    if floor == "lib" {
        return Vec::new();
    }
    let Some((_, allowed)) = FLOORS.iter().find(|(name, _)| *name == floor) else {
        return vec![format!(
            "{path}: `{floor}` is no floor yet; give it a place in FLOORS of src/tidy.rs and in src/lib.rs"
        )];
    };
    let wrong = used(path, words).into_iter().filter(|name| *name != floor && !allowed.contains(&name.as_str()));
    wrong
        .map(|name| {
            let allowed = if allowed.is_empty() { "nothing of ours".into() } else { allowed.join(", ") };
            format!(
                "{path} uses `{name}`, but {floor} may use {allowed}: take what it needs in as a value, or move it down"
            )
        })
        .collect()
}

/// `src/engine/call.rs` belongs to `engine`, `src/clock.rs` to `clock`.
fn floor_of(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
}

/// The floors that a file names, by `crate::` or by as many `super::` as lead out of its own.
fn used(path: &str, words: &[String]) -> BTreeSet<String> {
    let names: BTreeSet<&str> = FLOORS.iter().map(|(name, _)| *name).collect();
    let depth = path.strip_prefix("src/").unwrap_or(path).trim_end_matches("/mod.rs").split('/').count();
    let mut used = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let rest = &words[at..];
        if word == "crate" && rest.get(1).is_some_and(|next| next == "::") {
            used.extend(heads(&rest[2..]).filter(|name| names.contains(name.as_str())));
        }
        let ups = rest.chunks(2).take_while(|pair| matches!(pair, [up, sep] if up == "super" && sep == "::")).count();
        if ups >= depth {
            used.extend(heads(&rest[2 * ups..]).filter(|name| names.contains(name.as_str())));
        }
    }
    used
}

/// What a path goes on with: one name, or the first name of each path in braces.
fn heads(words: &[String]) -> impl Iterator<Item = String> {
    let mut heads = Vec::new();
    let mut inside = 0_usize;
    let mut starts = true;
    for word in words {
        match word.as_str() {
            "{" => inside += 1,
            "}" => inside = inside.saturating_sub(1),
            "," if inside == 1 => starts = true,
            name if starts => {
                heads.push(name.to_owned());
                starts = false;
            }
            _ => {}
        }
        if inside == 0 {
            break;
        }
    }
    heads.into_iter()
}

/// Names, and the signs that paths are made of.
fn words_of(code: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(length);
        if !word.trim().is_empty() {
            words.push(word.to_owned());
        }
        rest = after;
    }
    words
}

/// Tests stand at the end of a file.
fn without_tests(code: &str) -> String {
    match code.find("#[cfg(test)]\nmod tests") {
        Some(at) => code[..at].to_owned(),
        None => code.to_owned(),
    }
}

/// A source without its comments and without what is in its strings.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(end) = raw_string(rest) {
            end
        } else if first == '"' {
            string(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\''") {
            3
        } else {
            code.push(first);
            first.len_utf8()
        };
        rest = &rest[skipped..];
    }
    code
}

/// How long the raw string is that a text starts with, if it does.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let opened = after[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - opened.len();
    Some(opened.find(&close).map_or(text.len(), |end| start + end + close.len()))
}

/// How long the string is that a text starts with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Every source of the crate, by its path.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read_to_string(&path).expect("a source"));
            }
        }
    }
    found
}

#[test]
fn the_house_is_in_order() {
    let sources = sources();
    assert!(sources.len() > 30, "the sources are found");
    let faults: Vec<String> = sources.iter().flat_map(|(path, text)| faults_of(path, text)).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn floors_use_only_what_stands_above_them_in_the_list() {
    let mut seen = BTreeSet::new();
    for (name, allowed) in FLOORS {
        assert!(
            allowed.iter().all(|below| seen.contains(below)),
            "{name} uses {allowed:?} but only {seen:?} are below"
        );
        seen.insert(*name);
    }
}

#[test]
fn an_import_that_goes_up_is_found_however_it_is_written() {
    for text in [
        "use crate::ari::Node;",
        "use crate::{\n    domain::{self, Name},\n    ari::Node,\n};",
        "fn f() { let node: crate::ari::Node; }",
        "use super::super::ari::Node;",
        "use super::super::{domain::Name, ari};",
        "pub use crate :: ari;",
    ] {
        let faults = faults_of("src/engine/call.rs", text);
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        assert!(faults[0].contains("src/engine/call.rs uses `ari`, but engine may use domain, dialplan"), "{faults:?}");
    }
    assert_eq!(faults_of("src/clock.rs", "use super::engine::Event;").len(), 1);
    assert_eq!(faults_of("src/metrics/mod.rs", "use crate::ari::Watch;").len(), 1, "who watches reads no driver");
    assert_eq!(faults_of("src/wallboard.rs", "").len(), 1, "a new floor must be given its place");
}

#[test]
fn what_is_allowed_is_no_fault() {
    for text in [
        "use crate::{dialplan::Plan, domain::{Name, Time}};\nuse super::{call::Call, queue};",
        "// use crate::ari::Node; and await\n/* tokio */ const A: &str = \"crate::ari async\"; const B: &str = r#\"await \" tokio\"#;",
        "#[cfg(test)]\nmod tests {\n    use crate::ari::Node;\n    use std::fs;\n}",
        "const QUOTE: char = '\"'; use crate::domain::Time; const OTHER: char = '\"';",
        "let asynchronous = networks;",
    ] {
        assert_eq!(faults_of("src/engine/call.rs", text), Vec::<String>::new(), "{text}");
    }
    assert!(faults_of("src/dialplan/load.rs", "use std::fs::File;").is_empty(), "the one that reads files");
    assert!(faults_of("src/engine/tests/bench.rs", "use crate::ari; use std::fs;").is_empty(), "tests may");
}

#[test]
fn what_is_impure_is_found_in_the_core() {
    for text in [
        "async fn f() {}",
        "use std::time::Instant;",
        "use std::net::TcpStream;",
        "let x = rand::random();",
        "use tokio::sync::mpsc;",
        "std::fs::read(path)",
    ] {
        for path in ["src/domain/id.rs", "src/dialplan/plan.rs", "src/engine/call.rs", "src/sim/world/bridge.rs"] {
            assert!(!faults_of(path, text).is_empty(), "{text} in {path}");
        }
        assert!(faults_of("src/app/logs.rs", text).is_empty(), "{text} where it belongs");
    }
}

#[test]
fn a_file_past_reading_is_found() {
    let text = "// line\n".repeat(LONGEST + 1);
    let faults = faults_of("src/ari/rest.rs", &text);
    assert_eq!(faults, ["src/ari/rest.rs has 501 lines, more than 500: find its second noun and give it a file"]);
    assert!(faults_of("src/ari/rest.rs", &"// line\n".repeat(LONGEST)).is_empty());
}
