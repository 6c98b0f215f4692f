use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use secrecy::SecretString;

use super::*;
use crate::{
    ari::Heard,
    clock::Clock,
    dialplan::{self, Hours, Plan},
    domain::{CallId, CallbackId, MessageId, NodeId, RecordingId, Time},
    engine::{
        Engine, Event, Held, KeptCallback, Limits, Scope, Setup,
        message::{About, Fate},
    },
    prompts::{Library, Options, Way, wav::Wav},
    runtime::{Outlets, Runtime, Watchers},
    settings::Role,
    store::{Database, Store},
};

mod by_token;
mod openapi;

/// Sees nothing of what is kept.
struct Unseen;

impl store::Watch for Unseen {
    fn not_fetched(&self, _node: NodeId) {}
    fn not_deleted(&self, _node: NodeId) {}
    fn kept(&self, _messages: usize, _bytes: u64) {}
    fn records(&self, _what: store::RecordFate, _count: usize) {}
    fn changes(&self, _what: store::ChangeFate, _count: usize) {}
}

const TOKEN: &str = "0123456789abcdef";

/// The API on a port of its own, with an engine behind it that knows one node.
struct Bench {
    at: SocketAddr,
    events: mpsc::Sender<Heard>,
    clock: Arc<Clock>,
    stop: CancellationToken,
    engine: CancellationToken,
    shelf: Shelf,
    messages: Arc<store::Shelf>,
    store: Arc<Database>,
    /// All that there is to ask.
    paths: Vec<&'static str>,
    _folder: tempfile::TempDir,
    _guard: DropGuard,
}

impl Bench {
    fn new(tokens: &[&str]) -> Self {
        let all =
            |token: &&str| Token { name: "api".into(), secret: SecretString::from(*token), roles: Role::ALL.into() };
        let mut plan = Plan::nothing("nordlys".into());
        plan.hours.insert("office".into(), Hours::always());
        plan.operators.insert("anna".into(), dialplan::Operator::new("anna".into(), "PJSIP/anna".into()));
        plan.pauses.insert("lunch".into(), None);
        Self::of(plan, tokens.iter().map(all).collect())
    }

    fn of(plan: Plan, tokens: Arc<[Token]>) -> Self {
        Self::after(plan, BTreeMap::new(), tokens)
    }

    /// One whose earlier life promised these callbacks.
    fn after(plan: Plan, callbacks: BTreeMap<CallbackId, KeptCallback>, tokens: Arc<[Token]>) -> Self {
        let plan = Arc::new(plan);
        let clock = Arc::new(Clock::new());
        let metrics = Arc::new(Metrics::new(vec!["pbx".into()]).expect("metrics"));
        let readiness = Arc::new(Readiness::new(vec!["pbx".into()]));
        let engine = Engine::new(
            Setup { boot: 1, born: Time::ZERO, seed: 1, limits: Limits::default(), public_url: None },
            plan,
        )
        .with_callbacks(callbacks);
        let watchers = Watchers::new(Arc::clone(&metrics), Arc::clone(&readiness), Box::new(drop), None);
        let standing = Arc::new(Standing::new(Some(Path::new("office.yaml")), clock.now()));
        let (runtime, desk) = Runtime::new(
            engine,
            Arc::clone(&clock),
            Outlets { nodes: vec![Box::new(drop)], errands: Box::new(drop) },
            watchers,
        );
        let (stop, engine) = (CancellationToken::new(), CancellationToken::new());
        let (events, heard) = mpsc::channel(8);
        tokio::spawn(runtime.run(heard, engine.clone()));
        let shelf = Shelf::default();
        let folder = tempfile::tempdir().expect("a folder");
        let keep = Duration::from_secs(3_600);
        let options = store::Options { folder: folder.path().into(), keep, messages: 9, bytes: 1_000_000 };
        let messages = Arc::new(store::Shelf::open(options));
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
        let at = listener.address();
        let (prompts, kept) = (shelf.clone(), Arc::clone(&messages));
        let file = folder.path().join("sentral.db");
        let store = Database::open(&file, "x".into(), Arc::clone(&clock), Arc::new(Unseen)).expect("a database");
        let store = Arc::new(store);
        let kept_in: Arc<dyn Store> = Arc::clone(&store) as Arc<dyn Store>;
        let api = Api {
            desk,
            metrics,
            readiness,
            standing: Arc::clone(&standing),
            prompts,
            messages: kept,
            store: Some(kept_in),
            tokens,
        };
        let paths = open(&api).into_iter().chain(guarded()).map(|(path, _)| path).collect();
        let served = serve(listener, router(api), stop.clone());
        tokio::spawn(async { served.await.expect("a socket that can be served") });
        let _guard = stop.clone().drop_guard();
        Self { at, events, clock, engine, shelf, messages, store, paths, _folder: folder, _guard, stop }
    }

    async fn sends(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.at).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        // What came before a reset is the answer.
        let _reset = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn gets(&self, path: &str, fields: &str) -> String {
        self.sends(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{fields}\r\n")).await
    }

    async fn node_comes_up(&self) {
        let event = Event::NodeUp { node: NodeId(0), scope: Scope::WholeCall, held: Held::default() };
        self.events.send(Heard::new(event, self.clock.now())).await.expect("the engine runs");
        // There is room for all of them again when the engine has taken the last one.
        drop(self.events.reserve_many(self.events.max_capacity()).await.expect("the engine runs"));
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn metrics_are_prometheus_text() {
    let bench = Bench::new(&[]);
    let answer = bench.gets("/metrics", "").await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4"), "{answer}");
    assert!(answer.contains("\n# HELP sentral_build_info "), "{answer}");
    assert!(answer.contains("\nsentral_operators{state=\"ready\"} 1\n"), "from a snapshot: {answer}");
}

#[tokio::test]
async fn ready_is_a_node_that_is_up_and_says_why_not_before() {
    let bench = Bench::new(&[]);
    let answer = bench.gets("/readyz", "").await;
    assert_eq!(status(&answer), "503", "{answer}");
    assert!(answer.ends_with(r#"{"ready":false,"why":["node pbx: not connected yet"]}"#), "{answer}");
    assert_eq!(status(&bench.gets("/livez", "").await), "200");

    bench.node_comes_up().await;
    let answer = bench.gets("/readyz", "").await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.ends_with(r#"{"ready":true}"#), "{answer}");
}

#[tokio::test]
async fn an_engine_that_does_not_answer_is_told_and_metrics_go_on() {
    let bench = Bench::new(&[]);
    bench.engine.cancel();
    bench.events.closed().await;
    let answer = bench.gets("/livez", "").await;
    assert_eq!(status(&answer), "503", "{answer}");
    assert!(answer.contains(r#"{"error":{"code":"no_answer","#), "{answer}");
    assert!(bench.gets("/readyz", "").await.contains("the engine's task does not answer"));
    assert_eq!(status(&bench.gets("/api/v1/state", "").await), "503");
    let metrics = bench.gets("/metrics", "").await;
    assert_eq!(status(&metrics), "200");
    assert!(!metrics.contains("sentral_operators{"), "nothing old is shown");
}

#[tokio::test]
async fn the_state_is_json() {
    let bench = Bench::new(&[]);
    let answer = bench.gets("/api/v1/state", "").await;
    assert_eq!(status(&answer), "200", "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    let state: serde_json::Value = serde_json::from_str(body).expect("JSON");
    for key in ["exchange", "plan", "draining", "nodes", "numbers", "calls", "queues", "operators", "trunks"] {
        assert!(state.get(key).is_some(), "{key} in {state}");
    }
    assert_eq!(state["nodes"], json!([{"node": "pbx", "up": false, "why": "not connected yet", "calls": 0}]));
    assert_eq!(state["plan"]["changed"], json!([]));
    assert_eq!((&state["plan"]["file"], &state["plan"]["refused"]), (&json!("office.yaml"), &json!(null)));
}

#[tokio::test]
async fn with_tokens_the_state_is_for_those_who_show_one() {
    let bench = Bench::new(&["fedcba9876543210", TOKEN]);
    for fields in [
        "",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer \r\n",
        "Authorization: Bearer 0123456789abcde\r\n",
        "Authorization: Bearer 0123456789abcdef0\r\n",
        "Authorization: Basic 0123456789abcdef\r\n",
        "Authorization: \u{e9}\u{e9}\u{e9}\u{e9}\r\n",
    ] {
        let answer = bench.gets("/api/v1/state", fields).await;
        assert_eq!(status(&answer), "401", "{fields}: {answer}");
        assert!(answer.contains("www-authenticate: Bearer realm=\"sentral\""), "{answer}");
        assert!(answer.contains(r#"{"error":{"code":"unauthorized","#), "{answer}");
    }
    for scheme in ["Bearer", "bearer"] {
        let answer = bench.gets("/api/v1/state", &format!("Authorization: {scheme} {TOKEN}\r\n")).await;
        assert_eq!(status(&answer), "200", "{answer}");
    }
    assert_eq!(status(&bench.gets("/metrics", "").await), "200", "numbers need no token");
}

#[tokio::test]
async fn without_tokens_a_page_on_the_web_cannot_ask_under_its_own_name() {
    let bench = Bench::new(&[]);
    for (host, expected) in [
        ("evil.example", "403"),
        ("evil.example:8080", "403"),
        ("127.0.0.1:8080", "200"),
        ("[::1]:8080", "200"),
        ("", "403"),
    ] {
        let request = format!("GET /api/v1/state HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = bench.sends(&request).await;
        assert_eq!(status(&answer), expected, "{host}: {answer}");
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told_as_json() {
    let bench = Bench::new(&[]);
    let answer = bench.gets("/nothing", "").await;
    assert_eq!(status(&answer), "404");
    assert!(answer.contains(r#"{"error":{"code":"not_found","#), "{answer}");
    let answer = bench.sends("DELETE /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&answer), "405");
    assert!(answer.contains(r#"{"error":{"code":"method_not_allowed","#), "{answer}");
}

#[tokio::test]
async fn heads_past_the_limits_are_refused_and_the_next_request_is_served() {
    let bench = Bench::new(&[]);
    let long = format!("X: {}\r\n", "x".repeat(64 * 1024));
    assert_eq!(status(&bench.gets("/livez", &long).await), "431");
    let many = "X: x\r\n".repeat(100);
    assert_eq!(status(&bench.gets("/livez", &many).await), "431");
    assert_eq!(status(&bench.sends("\u{0}\u{0}nonsense\r\n\r\n").await), "400");
    assert_eq!(status(&bench.gets("/livez", "").await), "200");
}

#[tokio::test]
async fn told_to_stop_it_closes_idle_connections_and_ends() {
    let bench = Bench::new(&[]);
    let mut idle = TcpStream::connect(bench.at).await.expect("connected");
    idle.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200");
    bench.stop.cancel();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.expect("closed by the other side");
}

/// A plan with one prompt of half a second, read: it is on the shelf as long as the plan lives.
fn with_a_prompt(bench: &Bench) -> (Plan, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = "exchange: a\nnumbers: {101: {flow: a}}\nflows: {a: {play: a.wav}}\n";
    std::fs::write(folder.path().join("plan.yaml"), plan).expect("a plan");
    std::fs::write(folder.path().join("a.wav"), &**Wav::of_samples(&[7; 8_000]).bytes()).expect("a prompt");
    let way = Way::Http("http://sentral".into());
    let options = Options { way, say: vec!["none".into()], cache: None };
    let library = Library::on(bench.shelf.clone(), options);
    let plan = library.load(&folder.path().join("plan.yaml")).expect("a plan").plan;
    let dialplan::Act::Play(announcement) = &plan.steps[0].act else { panic!("{plan:?}") };
    let media = announcement.fixed(0).expect("a sound");
    let path = media[0].to_string().replace("sound:http://sentral", "");
    (plan, path)
}

#[tokio::test]
async fn a_prompt_is_served_whole_without_a_token_and_may_be_kept() {
    let bench = Bench::new(&[TOKEN]);
    let (_plan, path) = with_a_prompt(&bench);
    let answer = bench.gets(&path, "").await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.contains("content-type: audio/wav\r\n") && answer.contains("content-length: 8044\r\n"), "{answer}");
    assert!(answer.contains("cache-control: public, max-age=2592000"), "{answer}");
    let tag = answer.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag").to_owned();

    let known = bench.gets(&path, &format!("If-None-Match: \"x\", W/{tag}\r\n")).await;
    assert_eq!(status(&known), "304", "{known}");
    assert!(known.contains("max-age=2592000") && known.ends_with("\r\n\r\n"), "{known}");
    assert_eq!(status(&bench.gets(&path, "If-None-Match: \"x\"\r\n").await), "200");
    let head = bench.sends(&format!("HEAD {path} HTTP/1.1\r\nHost: sentral\r\nConnection: close\r\n\r\n")).await;
    assert!(head.contains("content-length: 8044\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    let posted = bench.sends(&format!("POST {path} HTTP/1.1\r\nHost: sentral\r\nConnection: close\r\n\r\n")).await;
    assert_eq!(status(&posted), "405", "{posted}");

    let metrics = bench.gets("/metrics", "").await;
    for line in ["{result=\"sent\"} 3", "{result=\"unchanged\"} 1", "{result=\"missing\"} 0"] {
        assert!(metrics.contains(&format!("sentral_prompt_fetches_total{line}\n")), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_prompts() {
    let bench = Bench::new(&[]);
    let (plan, path) = with_a_prompt(&bench);
    for odd in
        [&path.replace(".wav", ""), "/prompts/", "/prompts/..%2f..%2fetc%2fpasswd", "/prompts/x.wav", "/prompts/%00"]
    {
        assert_eq!(status(&bench.gets(odd, "").await), "404", "{odd}");
    }
    drop(plan);
    bench.shelf.tidy();
    assert_eq!(status(&bench.gets(&path, "").await), "404", "no plan has it any more");
}

/// Keeps a message of two seconds.
fn leaves_a_message(bench: &Bench, number: u64, mailbox: &str) -> MessageId {
    let recording = RecordingId { boot: 0xbeef, number };
    let id = MessageId::new(Time::from_secs(1_795_628_258 + number), recording);
    let about = About {
        id,
        node: NodeId(0),
        mailbox: mailbox.into(),
        number: "+47 800 12 345".into(),
        caller: Some("+4790000001".into()),
        caller_name: None,
        call: CallId { boot: 1, number: 1 },
        notify: None,
    };
    let fate = bench.messages.keep(&about, Wav::of_samples(&[0x22; 32_000]).bytes().to_vec());
    assert_eq!(fate, Fate::Kept(Duration::from_secs(2)));
    id
}

#[tokio::test]
async fn messages_are_listed_heard_and_deleted() {
    let bench = Bench::new(&[]);
    let (first, second) = (leaves_a_message(&bench, 1, "sales"), leaves_a_message(&bench, 2, "support"));
    let all = bench.gets("/api/v1/voicemail", "").await;
    let place = |id: MessageId| all.find(&format!(r#""id":"{id}""#)).expect("it is listed");
    assert!(place(second) < place(first), "the newest comes first: {all}");
    for part in
        [r#""box":"sales""#, r#""caller":"+4790000001""#, r#""seconds":2.0"#, r#""begun":"2026-11-25T17:37:39Z""#]
    {
        assert!(all.contains(part), "{part} in {all}");
    }
    let sales = bench.gets("/api/v1/voicemail?box=sales&limit=5", "").await;
    assert!(sales.contains(&first.to_string()) && !sales.contains(&second.to_string()), "{sales}");

    let audio = bench.gets(&format!("/api/v1/voicemail/{first}/audio"), "").await;
    assert!(audio.contains("content-type: audio/wav") && audio.contains("content-length: 32044"), "{audio}");
    assert!(audio.contains("RIFF"), "{audio}");

    let delete = format!("DELETE /api/v1/voicemail/{first} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&bench.sends(&delete).await), "204");
    assert_eq!(status(&bench.sends(&delete).await), "404");
    assert_eq!(status(&bench.gets(&format!("/api/v1/voicemail/{first}"), "").await), "404");
    assert_eq!(status(&bench.gets(&format!("/api/v1/voicemail/{second}"), "").await), "200");
}

#[tokio::test]
async fn what_is_no_id_finds_nothing_and_a_strange_question_is_told() {
    let bench = Bench::new(&[]);
    let id = leaves_a_message(&bench, 1, "sales");
    for strange in ["..%2f..%2fetc%2fpasswd", "%2e%2e", "20261125T173739Z-0000beef-01", &format!("{id}.wav"), "*"] {
        for path in [format!("/api/v1/voicemail/{strange}"), format!("/api/v1/voicemail/{strange}/audio")] {
            assert_eq!(status(&bench.gets(&path, "").await), "404", "{path}");
        }
    }
    for question in ["limit=0", "limit=1001", "limit=x", "mailbox=sales"] {
        let answer = bench.gets(&format!("/api/v1/voicemail?{question}"), "").await;
        assert!(status(&answer) == "400" && answer.contains("bad_query"), "{question}: {answer}");
    }
}

#[tokio::test]
async fn messages_are_for_those_with_a_token() {
    let bench = Bench::new(&[TOKEN]);
    let id = leaves_a_message(&bench, 1, "sales");
    for path in ["/api/v1/voicemail".to_owned(), format!("/api/v1/voicemail/{id}/audio")] {
        assert_eq!(status(&bench.gets(&path, "").await), "401", "{path}");
        assert_eq!(status(&bench.gets(&path, &format!("Authorization: Bearer {TOKEN}\r\n")).await), "200", "{path}");
    }
    let delete = format!("DELETE /api/v1/voicemail/{id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&bench.sends(&delete).await), "401");
    assert!(bench.messages.find(id).is_some());
}

#[tokio::test]
async fn hours_are_overridden_and_given_back_to_the_plan() {
    let bench = Bench::new(&[TOKEN]);
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    let asks = async |method: &str, path: &str| {
        let request =
            format!("{method} /api/v1/hours/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{token}\r\n");
        bench.sends(&request).await
    };
    let closed = asks("PUT", "office?to=closed&until=2126-01-01T00:00Z").await;
    assert_eq!(status(&closed), "200", "{closed}");
    let view = r#"{"hours":"office","open":false,"by_hand":true,"until":"2126-01-01T00:00:00Z"}"#;
    assert!(closed.ends_with(view), "{closed}");
    let state = bench.gets("/api/v1/state", &token).await;
    assert!(state.contains(view), "{state}");

    let planned = asks("DELETE", "office").await;
    assert!(planned.ends_with(r#"{"hours":"office","open":true,"by_hand":false,"until":null}"#), "{planned}");

    for (path, code, says) in [
        ("nobodys?to=open", "404", "no hours of this name"),
        ("office", "400", "send ?to=open or ?to=closed"),
        ("office?to=shut", "400", "`to` is `open` or `closed`"),
        ("office?to=open&for=soon", "400", "is not a duration"),
        ("office?to=open&for=1h&until=18:00", "400", "send `for` or `until`"),
        ("office?to=open&till=18:00", "400", "unknown field `till`"),
    ] {
        let answer = asks("PUT", path).await;
        assert_eq!(status(&answer), code, "{path}: {answer}");
        assert!(answer.contains(says), "{path}: {answer}");
    }
    let refused = bench
        .sends("PUT /api/v1/hours/office?to=closed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await;
    assert_eq!(status(&refused), "401", "{refused}");
}

#[tokio::test]
async fn records_of_calls_are_read_page_by_page_and_a_wrong_question_is_told() {
    let bench = Bench::new(&[TOKEN]);
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    assert!(bench.gets("/api/v1/calls", "").await.starts_with("HTTP/1.1 401 "));
    let nothing = bench.gets("/api/v1/calls", &token).await;
    assert!(nothing.ends_with(r#"{"calls":[],"next":"0","more":false}"#), "{nothing}");

    for wrong in [
        "since=yesterday",
        "until=2026-13-01",
        "since=2026-11-27&until=2026-11-26",
        "number=%2B",
        "limit=0",
        "limit=1001",
        "limit=x",
        "after=x",
        "after=2026-11-26.1",
        "caller=%2B",
        "called=1",
        "since=2026-11-26&since=2026-11-27",
    ] {
        let answer = bench.gets(&format!("/api/v1/calls?{wrong}"), &token).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("bad_request"), "{wrong}: {answer}");
    }
}

#[tokio::test]
async fn a_day_is_asked_by_its_date_and_where_nothing_is_kept_there_is_none() {
    let bench = Bench::new(&[TOKEN]);
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    assert!(bench.gets("/api/v1/statistics", "").await.starts_with("HTTP/1.1 401 "));
    for (asked, day) in [("", "null"), ("?day=2026-11-26", r#""2026-11-26""#)] {
        let nothing = bench.gets(&format!("/api/v1/statistics{asked}"), &token).await;
        assert!(nothing.ends_with(&format!(r#"{{"day":{day},"queues":[],"operators":[]}}"#)), "{nothing}");
    }
    for wrong in ["day=yesterday", "day=2026-11-31", "day=2026-11-26T08:00:00Z", "day=", "since=2026-11-26"] {
        let answer = bench.gets(&format!("/api/v1/statistics?{wrong}"), &token).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("bad_request"), "{wrong}: {answer}");
    }
}

mod operators;
