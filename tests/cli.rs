//! The program as a person meets it: what it says, and with which code it ends.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

use tempfile::TempDir;

/// Small, and right.
const PLAN: &str = include_str!("../dialplans/minimal.yaml");

const SETTINGS: &str = "\
dialplan: office.yaml
listen: 127.0.0.1:0
nodes:
  pbx:
    # Nobody listens there.
    url: http://127.0.0.1:1/ari
    password: hunter2
";

fn sentral(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentral"));
    command.args(arguments).stdin(Stdio::null());
    // A developer's own settings are none of the test's.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SENTRAL_")) {
        command.env_remove(name);
    }
    command
}

/// What it said on both ways, and its code.
fn ends(mut command: Command) -> (String, Option<i32>) {
    let output = command.output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8_lossy(&said).into_owned(), output.status.code())
}

/// A folder with settings and a plan.
fn office() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("office.yaml"), PLAN).expect("a file");
    let settings = folder.path().join("sentral.yaml");
    fs::write(&settings, SETTINGS).expect("a file");
    (folder, settings)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn help_and_version_are_told() {
    let (said, code) = ends(sentral(&["--help"]));
    assert_eq!(code, Some(0));
    for word in [
        "run",
        "check",
        "hours",
        "graph",
        "schema",
        "route",
        "test",
        "demo",
        "explain",
        "health",
        "Examples:",
        "sentral check dialplans/office.yaml",
    ] {
        assert!(said.contains(word), "{word} in\n{said}");
    }
    let (said, code) = ends(sentral(&["--version"]));
    assert_eq!((said.trim(), code), (concat!("sentral ", env!("CARGO_PKG_VERSION")), Some(0)));
    let (said, code) = ends(sentral(&["dance"]));
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn a_good_plan_is_told_and_the_code_is_zero() {
    let (folder, _) = office();
    let (said, code) = ends(sentral(&["check", text(&folder.path().join("office.yaml"))]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("a good plan for"), "{said}");
}

#[test]
fn every_mistake_of_every_plan_is_told_and_the_code_is_one() {
    let (folder, _) = office();
    let (good, bad) = (folder.path().join("office.yaml"), folder.path().join("bad.yaml"));
    fs::write(&bad, format!("{PLAN}\nnonsense: 1\nmore_nonsense: 2\n")).expect("a file");
    let (said, code) = ends(sentral(&["check", text(&bad), text(&good), text(&folder.path().join("none.yaml"))]));
    assert_eq!(code, Some(1), "{said}");
    for word in ["bad.yaml:", "`nonsense`", "`more_nonsense`", "a good plan for", "none.yaml", "cannot be read"] {
        assert!(said.contains(word), "{word} in\n{said}");
    }
}

#[test]
fn a_program_is_told_every_mistake_in_one_document_errors_first() {
    let (folder, _) = office();
    let (doubtful, bad) = (folder.path().join("office.yaml"), folder.path().join("bad.yaml"));
    fs::write(&doubtful, format!("{PLAN}  lonely: [answer]\n")).expect("a file");
    let wrong = PLAN.replace("flow: welcome}", "flow: welcom}") + "nonsense: \"æ\"\nexchange: twice\n";
    fs::write(&bad, wrong).expect("a file");
    let none = folder.path().join("none.yaml");
    let json = |paths: &[&Path]| {
        let output = sentral(&["check", "--format", "json"]).args(paths).output().expect("it runs");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (told, output.status.code())
    };

    let (told, code) = json(&[&doubtful, &bad, &none]);
    assert_eq!((code, &told["errors"], &told["warnings"]), (Some(1), &4.into(), &1.into()), "{told:#}");
    let faults = told["faults"].as_array().expect("faults");
    let severities: Vec<_> = faults.iter().map(|fault| fault["severity"].as_str().expect("a word")).collect();
    assert_eq!(severities, ["error", "error", "error", "error", "warning"]);
    let flow = &faults[0];
    assert_eq!(flow["message"], "there is no flow `welcom`", "{told:#}");
    assert_eq!(flow["remedy"], "did you mean `welcome`?");
    assert_eq!(flow["file"], text(&bad));
    let column = flow["column"].as_u64().expect("a column");
    assert_eq!(flow["end"].as_u64(), Some(column + 6));
    let twice = &faults[2];
    assert_eq!((&twice["related"][0]["message"], &twice["related"][0]["column"]), (&"first here".into(), &1.into()));
    assert!(faults[3].get("line").is_none() && faults[3]["message"].as_str().is_some_and(|it| it.contains("read")));

    let (told, code) = json(&[&doubtful]);
    assert_eq!((code, &told["errors"], &told["warnings"]), (Some(0), &0.into(), &1.into()), "{told:#}");
}

#[test]
fn without_settings_or_plan_it_says_what_to_do_and_ends_with_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = sentral(&["run"]);
    command.current_dir(folder.path());
    let (said, code) = ends(command);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("dialplan: is not set") && said.contains("SENTRAL_DIALPLAN"), "{said}");

    let (folder, settings) = office();
    fs::remove_file(folder.path().join("office.yaml")).expect("removed");
    let (said, code) = ends(sentral(&["run", "--settings", text(&settings)]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("office.yaml") && said.contains("cannot be read"), "{said}");

    fs::write(folder.path().join("office.yaml"), "numbers: [").expect("a file");
    let (said, code) = ends(sentral(&["run", "--settings", text(&settings)]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the plan cannot be used") && said.contains("office.yaml:1:"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn whoever_asks_nobody_why_is_told_that_nobody_is_there() {
    let (_folder, settings) = office();
    let mut command = sentral(&["explain", "anna", "--settings", text(&settings)]);
    // Nobody listens there.
    command.env("SENTRAL_LISTEN", "127.0.0.1:1");
    let (said, code) = ends(command);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.starts_with("sentral: Sentral is not there: http://127.0.0.1:1/api/v1/explain/operators/anna"),
        "{said}"
    );
    let mut command = sentral(&["explain", "anna", "--settings", text(&settings)]);
    command.env("SENTRAL_API__TOKEN", "short");
    let (said, code) = ends(command);
    assert!(code == Some(1) && said.contains("SENTRAL_API__TOKEN: ") && said.contains("a token has 16"), "{said}");
}

#[test]
fn health_of_nobody_is_one() {
    let (_folder, settings) = office();
    let mut command = sentral(&["health", "--settings", text(&settings)]);
    // Nobody listens there.
    command.env("SENTRAL_LISTEN", "127.0.0.1:1");
    let (said, code) = ends(command);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("http://127.0.0.1:1/readyz"), "{said}");
}

/// An engine at work that is ended with the test.
struct Running {
    child: Child,
    log: BufReader<ChildStderr>,
    at: SocketAddr,
}

impl Running {
    fn start(settings: &Path) -> Self {
        let mut command = sentral(&["run", "--settings", text(settings)]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).env("SENTRAL_LOG__FORMAT", "json");
        let mut child = command.spawn().expect("it runs");
        let log = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut running = Self { child, log, at: ([127, 0, 0, 1], 0).into() };
        let started: serde_json::Value = serde_json::from_str(&running.logs("\"started\"")).expect("JSON");
        let at = started.get("listen").and_then(|at| at.as_str()).expect("where it listens");
        running.at = at.parse().expect("an address");
        running
    }

    /// The next line with these words in it.
    fn logs(&mut self, words: &str) -> String {
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            let length = self.log.read_line(&mut line).expect("a line");
            assert!(length > 0, "it ended before it logged {words}:\n{seen}");
            if line.contains(words) {
                return line;
            }
            seen += &line;
        }
    }

    fn gets(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.at).expect("connected");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn signal(&self, name: &str) {
        let killed = Command::new("kill").args([name, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(killed.success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _code = self.child.wait();
    }
}

#[test]
fn a_running_engine_answers_takes_a_new_plan_refuses_a_broken_one_and_ends_when_told() {
    let (folder, settings) = office();
    let plan = folder.path().join("office.yaml");
    let mut running = Running::start(&settings);
    assert!(running.gets("/livez").starts_with("HTTP/1.1 200"));
    let ready = running.gets("/readyz");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("node pbx: "), "{ready}");
    assert!(running.gets("/api/v1/state").contains("\"exchange\""));

    fs::write(&plan, format!("{PLAN}\nnonsense: 1\n")).expect("a file");
    running.signal("-HUP");
    let refused = running.logs("is refused");
    assert!(refused.contains("nonsense"), "with every mistake: {refused}");
    fs::write(&plan, format!("{PLAN}\n# the same, with a remark\n")).expect("a file");
    running.logs("the plan was read anew");
    let metrics = running.gets("/metrics");
    assert!(!metrics.contains("sentral_plan_reloads_total{result=\"loaded\"} 0"), "{metrics}");
    assert!(!metrics.contains("sentral_plan_reloads_total{result=\"refused\"} 0"), "{metrics}");

    running.signal("-TERM");
    running.logs("no new calls from now on");
    running.logs("no call is left");
    assert_eq!(running.child.wait().expect("ended").code(), Some(0));
}

#[test]
fn a_port_that_is_taken_is_told_before_anything_starts() {
    let (_folder, settings) = office();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = taken.local_addr().expect("an address").to_string();
    let mut command = sentral(&["run", "--settings", text(&settings)]);
    command.env("SENTRAL_LISTEN", &at);
    let (said, code) = ends(command);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("cannot listen at {at}")) && said.contains("SENTRAL_LISTEN"), "{said}");
}

/// A folder whose plan plays this, and settings by which nobody can say a text.
fn plays(media: &str) -> (TempDir, PathBuf) {
    let (folder, settings) = office();
    let plan = format!("exchange: a\nnumbers: {{101: {{flow: a}}}}\nflows: {{a: {{play: {media}}}}}\n");
    fs::write(folder.path().join("office.yaml"), plan).expect("a plan");
    let text = fs::read_to_string(&settings).expect("settings").replace("127.0.0.1:0", "127.0.0.1:8080");
    let prompts = "prompts:\n  url: http://127.0.0.1:8080\n  say: no-such-program {language}\n  cache: cache\n";
    fs::write(&settings, text + prompts).expect("settings");
    (folder, settings)
}

/// What a telephone carries, as a file.
fn wav(samples: [u8; 16]) -> Vec<u8> {
    let head = b"RIFF\x34\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x10\0\0\0";
    [&head[..], &samples].concat()
}

#[test]
fn what_a_plan_changes_against_an_older_one_is_told_without_an_engine() {
    let (old, new) = (plays("welcome.wav").0, plays("welcome.wav").0);
    fs::write(old.path().join("welcome.wav"), wav([7; 16])).expect("a file");
    fs::write(new.path().join("welcome.wav"), wav([8; 16])).expect("a file");
    let (old, new) = (old.path().join("office.yaml"), new.path().join("office.yaml"));
    let text_of = fs::read_to_string(&new).expect("a plan");
    let check = |more: &[&str]| ends(sentral(&[&["check", "--against", text(&old)], more].concat()));
    let (said, code) = check(&[text(&new)]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with("\nprompt welcome.wav: new content\n"), "{said}");
    let (said, _) = check(&[text(&old)]);
    assert!(said.ends_with("\nnothing changes\n"), "{said}");

    fs::write(&new, text_of.replace("welcome.wav}", "sound:beep}, more: answer")).expect("a plan");
    let output =
        sentral(&["check", "--format", "json", "--against", text(&old), text(&new)]).output().expect("it runs");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(output.status.success(), "{told:#}");
    let changes = ["flow a: step 1: play welcome.wav -> sound:beep", "flow more added"];
    assert_eq!(told["changes"], serde_json::json!(changes));

    fs::write(&new, "nonsense: 1\n").expect("a file");
    let (said, code) = check(&[text(&new)]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.lines().nth(1).is_some_and(|line| line.starts_with("error: ")), "nothing is compared: {said}");
    let (said, code) = check(&[text(&new), text(&old)]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("check --against OLD NEW"), "{said}");
}

#[test]
fn a_check_looks_at_prompts_and_needs_sox_only_where_something_is_converted() {
    let (folder, _) = plays("[welcome.wav, {say: Hello.}]");
    let check = |path: &Path| {
        let mut command = sentral(&["check", text(path)]);
        command.env("PATH", folder.path());
        ends(command)
    };
    let plan = folder.path().join("office.yaml");
    let (said, code) = check(&plan);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`welcome.wav` is not there") && said.contains("office.yaml:3:20"), "{said}");

    let mut wav = wav([7; 16]);
    fs::write(folder.path().join("welcome.wav"), &wav).expect("a file");
    let (said, code) = check(&plan);
    assert_eq!(code, Some(0), "{said}");

    wav[24] = 0x41;
    fs::write(folder.path().join("welcome.wav"), &wav).expect("a file");
    let (said, code) = check(&plan);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("has to be converted by `sox`, which is not there"), "{said}");
    assert!(said.contains("install sox and libsox-fmt-mp3"), "{said}");
}

#[test]
fn a_text_that_nobody_can_say_keeps_a_plan_from_running() {
    let (_folder, settings) = plays("[sound:beep, {say: Hello.}]");
    let (said, code) = ends(sentral(&["run", "--settings", text(&settings)]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`Hello.` cannot be said: there is no program `no-such-program`"), "{said}");
    assert!(said.contains("office.yaml:3:38"), "{said}");
}

#[test]
fn a_plan_is_asked_which_hours_apply_what_it_looks_like_and_what_a_call_meets() {
    let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/dialplans/office.yaml");
    let (said, code) = ends(sentral(&["hours", plan, "office", "--at", "2027-05-17T09:00"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("office: closed on Mo 2027-05-17 09:00") && said.contains("closed day `05-17`"), "{said}");
    let (said, code) = ends(sentral(&["hours", plan, "ofice"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("did you mean `office`?"), "{said}");
    let (said, code) = ends(sentral(&["hours", plan, "--at", "monday"]));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("`2027-05-17T09:00`"), "{said}");

    let (said, code) = ends(sentral(&["graph", plan]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("flowchart TD\n"), "{said}");
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("office.svg");
    let (said, code) = ends(sentral(&["graph", plan, "--format", "svg", "--output", text(&picture)]));
    assert_eq!((said.as_str(), code), ("", Some(0)));
    assert!(fs::read_to_string(&picture).expect("a picture").starts_with("<svg "));
    let (said, code) = ends(sentral(&["graph", plan, "--output", text(folder.path())]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cannot be written"), "{said}");

    let route = ["route", plan, "+47 800 12 345", "--at", "2026-11-25T09:30", "--keys", "1", "--operators", "busy"];
    let (said, code) = ends(sentral(&route));
    assert_eq!(code, Some(0), "{said}");
    for word in ["hours office: open", "presses 1", "the caller waits in queue sales", "anna is busy"] {
        assert!(said.contains(word), "{word} in\n{said}");
    }
    let asks = folder.path().join("asks.yaml");
    let text_of_plan = "exchange: x\nnumbers: {101: {flow: a}}\nflows: {a: [{lookup: {url: \"https://crm.example.com/{{ call.id }}\", \
                        set: {name: name}}}, {if: {when: name == \"Kari\", then: {play: sound:hello}}}]}\n";
    fs::write(&asks, text_of_plan).expect("a plan");
    let route = ["route", text(&asks), "101", "--answer", "https://crm.example.com/", "{\"name\": \"Kari\"}"];
    let (said, code) = ends(sentral(&route));
    assert_eq!(code, Some(0), "{said}");
    for word in ["https://crm.example.com/", "is asked", "it answers", "the caller hears sound:hello"] {
        assert!(said.contains(word), "{word} in\n{said}");
    }
    let (said, _) = ends(sentral(&route[..3]));
    assert!(said.contains("there is no answer: unreachable"), "{said}");
    let (said, code) = ends(sentral(&["route", plan, "anna"]));
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn a_call_from_a_telephone_of_the_house_and_one_with_silence_are_told_in_words() {
    let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/dialplans/office.yaml");
    let (said, code) = ends(sentral(&["route", plan, "102", "--from", "101", "--talk", "90s"]));
    assert_eq!(code, Some(0), "{said}");
    for word in ["anna (101) calls 102 (boris)", "the caller talks to boris, for 1m30s in this made-up call"] {
        assert!(said.contains(word), "{word} in\n{said}");
    }
    let at = ["--at", "2026-11-25T09:30", "--keys", ",7,,1"];
    let (said, code) = ends(sentral(&[&["route", plan, "+47 800 12 345"], &at[..]].concat()));
    assert_eq!(code, Some(0), "{said}");
    let mut rest = said.as_str();
    for word in ["presses nothing", "try 2", "presses 7, which is no answer", "try 3", "presses nothing", "keys: 1"] {
        rest = rest.split_once(word).unwrap_or_else(|| panic!("{word} in\n{said}")).1;
    }
    let (said, code) = ends(sentral(&["route", plan, "102", "--from", "ana"]));
    assert_eq!((said.contains("did you mean `anna`?"), code), (true, Some(1)), "{said}");
}

/// A plan of one operator, and a test of it that expects that somebody else or she answers.
fn tested(folder: &Path, connected: &str) {
    let operators = "anna: {dial: PJSIP/anna}\n  boris: {dial: PJSIP/boris}";
    let plan = PLAN.replace("anna: {dial: PJSIP/anna}", operators).replace("[anna]", "[anna, boris], strategy: linear");
    fs::write(folder.join("small.yaml"), plan).expect("a file");
    let test = format!("tests: {{\"Anna is the first\": {{expect: [{{connected: {connected}}}]}}}}");
    fs::write(folder.join("small.test.yaml"), test).expect("a file");
}

#[test]
fn the_tests_of_a_plan_pass_or_fail_with_what_happened_instead() {
    let folder = tempfile::tempdir().expect("a folder");
    tested(folder.path(), "anna");
    for path in [folder.path().to_owned(), folder.path().join("small.yaml"), folder.path().join("small.test.yaml")] {
        let (said, code) = ends(sentral(&["test", text(&path)]));
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("ok      Anna is the first") && said.contains("1 test passed, 0 failed"), "{said}");
    }
    tested(folder.path(), "boris");
    let (said, code) = ends(sentral(&["test", text(folder.path())]));
    assert_eq!(code, Some(1), "{said}");
    let first = "`connected: boris` of line 1 should happen; it does not; at 3.0s `connected: anna` does";
    for words in ["FAILED  Anna is the first (line 1)", first, "connected: boris    <- line 1", "1 failed"] {
        assert!(said.contains(words), "{words} in\n{said}");
    }
    tested(folder.path(), "dora");
    let (said, code) = ends(sentral(&["test", text(folder.path())]));
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("the plan has no operator or phone `dora`") && said.contains("1 file could not be read"),
        "{said}"
    );
    // Whoever checks all files of a folder checks its tests, too.
    let (said, code) = ends(sentral(&["check", text(&folder.path().join("small.test.yaml"))]));
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn tests_are_run_again_when_a_file_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    tested(folder.path(), "anna");
    let mut command = sentral(&["test", "--watch", text(folder.path())]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut until = |words: &str| out.by_ref().map(|line| line.expect("a line")).any(|line| line.contains(words));
    assert!(until("1 test passed") && until("watching 2 files: "));
    tested(folder.path(), "boris");
    assert!(until("FAILED  Anna is the first") && until("watching"));
    tested(folder.path(), "anna");
    assert!(until("ok      Anna is the first"));
    // It may have ended already.
    let _ended = child.kill();
    let _code = child.wait();
}
