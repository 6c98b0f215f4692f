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
    for word in ["run", "check", "demo", "health", "Examples:", "sentral check dialplans/office.yaml"] {
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

    let mut wav =
        b"RIFF\x34\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x10\0\0\0".to_vec();
    wav.extend([7; 16]);
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
