//! The keeper, against an Asterisk of the test's own.

use std::{collections::VecDeque, sync::Arc, sync::Mutex, time::Duration};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use tokio::{net::TcpListener, sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    ari::{self, Address, Heard, RequestResult},
    clock::Clock,
    domain::{CallId, MessageId, Name, NodeId, RecordingId, Time},
    engine::{
        Event,
        message::{About, Chore, Fate},
    },
};

const SOON: Duration = Duration::from_secs(10);
const NODE: NodeId = NodeId(0);

/// What this Asterisk is asked, as `GET live`, and how it answers: the last way for all that follow.
struct Asterisk {
    asked: mpsc::UnboundedSender<String>,
    deletions: Mutex<VecDeque<StatusCode>>,
    live: Mutex<VecDeque<StatusCode>>,
    files: Mutex<VecDeque<Vec<u8>>>,
}

impl Asterisk {
    fn next<T: Clone>(&self, what: &str, answers: &Mutex<VecDeque<T>>) -> T {
        self.asked.send(what.to_owned()).expect("the test goes on");
        let mut answers = answers.lock().expect("answers");
        let last = answers.len() == 1;
        if last { answers[0].clone() } else { answers.pop_front().expect("an answer") }
    }
}

async fn listen(asterisk: Arc<Asterisk>) -> String {
    let file = |State(it): State<Arc<Asterisk>>| async move { it.next("GET file", &it.files) };
    let delete =
        |State(it): State<Arc<Asterisk>>, Path(_): Path<String>| async move { it.next("DELETE", &it.deletions) };
    let live = |State(it): State<Arc<Asterisk>>, Path(_): Path<String>| async move { it.next("GET live", &it.live) };
    let name = format!("sentral-sentral.{}", "0000beef-r7");
    let stored = move || async move { axum::Json(serde_json::json!([{ "name": name, "format": "wav" }])) };
    let router = Router::new()
        .route("/ari/recordings/stored", get(stored))
        .route("/ari/recordings/stored/{name}", axum::routing::delete(delete))
        .route("/ari/recordings/stored/{name}/file", get(file))
        .route("/ari/recordings/live/{name}", get(live))
        .with_state(asterisk);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/ari")
}

struct Blind;

impl ari::Watch for Blind {
    fn request(&self, _: NodeId, _: &'static str, _: RequestResult, _: Duration) {}
    fn heard(&self, _: NodeId, _: &'static str) {}
    fn connection(&self, _: NodeId, _: ari::Connection) {}
    fn discarded(&self, _: NodeId, _: usize) {}
}

#[derive(Default)]
struct Counts {
    not_deleted: Mutex<u32>,
}

impl Watch for Counts {
    fn not_fetched(&self, _: NodeId) {}
    fn not_deleted(&self, _: NodeId) {
        *self.not_deleted.lock().expect("a count") += 1;
    }
    fn kept(&self, _: usize, _: u64) {}
    fn changes(&self, _what: ChangeFate, _count: usize) {}
    fn records(&self, _: super::RecordFate, _: usize) {}
}

/// A keeper with a queue to the engine that holds one event.
struct Bench {
    keeper: Keeper,
    asterisk: Arc<Asterisk>,
    asked: mpsc::UnboundedReceiver<String>,
    engine: mpsc::Sender<Heard>,
    events: mpsc::Receiver<Heard>,
    counts: Arc<Counts>,
    shelf: Arc<Shelf>,
    _folder: tempfile::TempDir,
    _node: ari::Node,
    _stop: tokio_util::sync::DropGuard,
}

impl Bench {
    async fn new() -> Self {
        let (sender, asked) = mpsc::unbounded_channel();
        let answers = |status| Mutex::new(VecDeque::from([status]));
        let (deletions, live) = (answers(StatusCode::NO_CONTENT), answers(StatusCode::NOT_FOUND));
        let files = Mutex::new(VecDeque::from([sound::wav(&[3_000; 16_000])]));
        let asterisk = Arc::new(Asterisk { asked: sender, deletions, live, files });
        let address = Address::parse(&listen(Arc::clone(&asterisk)).await).expect("an address");
        let settings = ari::NodeSettings::new(NODE, address, "sentral", "pw".into());
        let (clock, stop) = (Arc::new(Clock::new()), CancellationToken::new());
        let (nobody, _) = mpsc::channel(1);
        let node = ari::Node::start(settings, Arc::clone(&clock), nobody, Arc::new(Blind), stop.clone());
        let node = node.expect("a node");
        let folder = tempfile::tempdir().expect("a folder");
        let keep = Duration::from_secs(1_000_000_000);
        let options = Options { folder: folder.path().join("voicemail"), keep, messages: 10, bytes: 1_000_000 };
        let shelf = Arc::new(Shelf::open(options));
        let (engine, events) = mpsc::channel(1);
        let counts = Arc::<Counts>::default();
        let nodes = vec![(Name::new("pbx"), node.recordings().clone())];
        let watch: Arc<dyn Watch> = Arc::<Counts>::clone(&counts);
        let keeper = Keeper::start(Arc::clone(&shelf), nodes, clock, engine.clone(), watch, stop.clone());
        let (_node, _folder, _stop) = (node, folder, stop.drop_guard());
        Self { keeper, asterisk, asked, engine, events, counts, shelf, _folder, _node, _stop }
    }

    async fn is_asked(&mut self, what: &str) {
        assert_eq!(timeout(SOON, self.asked.recv()).await.expect("in time").as_deref(), Some(what));
    }

    async fn tells(&mut self) -> Fate {
        let heard = timeout(SOON, self.events.recv()).await.expect("in time").expect("an event");
        let Event::Message { fate, .. } = heard.event else { panic!("{heard:?}") };
        fate
    }
}

fn about() -> Arc<About> {
    let recording = RecordingId { boot: 0xbeef, number: 7 };
    Arc::new(About {
        id: MessageId::new(Time::from_secs(1_795_628_258), recording),
        node: NODE,
        mailbox: "sales".into(),
        number: "+47 800 12 345".into(),
        caller: None,
        caller_name: None,
        call: CallId { boot: 0xbeef, number: 1 },
        notify: None,
    })
}

#[tokio::test]
async fn what_became_of_a_message_waits_for_room_in_the_engines_queue() {
    let mut bench = Bench::new().await;
    let fills = Heard::new(Event::Draining, Time::ZERO);
    bench.engine.send(fills).await.expect("room");
    bench.keeper.run(Chore::Expect(about()));
    bench.keeper.run(Chore::Keep(about()));
    bench.is_asked("GET file").await;
    let deleted = timeout(Duration::from_millis(100), bench.asked.recv()).await;
    assert!(deleted.is_err(), "it is deleted when it is told");

    bench.events.recv().await.expect("what fills it");

    assert_eq!(bench.tells().await, Fate::Kept(Duration::from_secs(2)));
    bench.is_asked("DELETE").await;
}

#[tokio::test]
async fn what_cannot_be_deleted_is_tried_again_and_counted() {
    let mut bench = Bench::new().await;
    *bench.asterisk.deletions.lock().expect("answers") =
        [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::NO_CONTENT].into();
    bench.keeper.run(Chore::Keep(about()));
    bench.is_asked("GET file").await;
    bench.tells().await;
    bench.is_asked("DELETE").await;
    bench.is_asked("DELETE").await;
    assert_eq!(*bench.counts.not_deleted.lock().expect("a count"), 1);
}

#[tokio::test]
async fn half_of_a_recording_is_not_fetched() {
    let mut bench = Bench::new().await;
    bench.keeper.run(Chore::KeepWhenOver(about()));
    bench.is_asked("GET live").await;
    bench.is_asked("GET file").await;
    assert_eq!(bench.tells().await, Fate::Kept(Duration::from_secs(2)));
}

#[tokio::test]
async fn what_goes_on_and_aris_recordings_do_not_have_is_not_fetched_before_it_is_over() {
    let mut bench = Bench::new().await;
    let mut half = sound::wav(&[3_000; 12_000]);
    // Asterisk writes it when it is over.
    half[40..44].fill(0);
    bench.asterisk.files.lock().expect("answers").push_front(half);
    bench.shelf.note(&about(), "pbx").expect("a note");
    bench.keeper.take_stock(NODE);
    for _ in 0..2 {
        bench.is_asked("GET live").await;
        bench.is_asked("GET file").await;
    }
    assert_eq!(bench.tells().await, Fate::Kept(Duration::from_secs(2)), "all of it");
}

#[tokio::test]
async fn a_recording_that_was_left_to_another_engine_is_taken_in_when_it_is_found_after_all() {
    let mut bench = Bench::new().await;
    bench.keeper.run(Chore::Expect(about()));
    bench.keeper.run(Chore::Release(about()));
    bench.keeper.take_stock(NODE);
    bench.is_asked("GET live").await;
    bench.is_asked("GET file").await;
    assert_eq!(bench.tells().await, Fate::Kept(Duration::from_secs(2)));
    assert!(bench.shelf.find(about().id).is_some(), "by its note it is known whose it is");
}

#[tokio::test]
async fn a_message_that_was_kept_and_told_is_only_deleted_when_it_is_found_again() {
    let mut bench = Bench::new().await;
    bench.shelf.keep(&about(), sound::wav(&[3_000; 16_000]));
    bench.keeper.take_stock(NODE);
    bench.is_asked("DELETE").await;
    assert!(bench.events.try_recv().is_err());
}

#[tokio::test]
async fn a_message_that_an_earlier_life_kept_and_told_nobody_is_told() {
    let mut bench = Bench::new().await;
    bench.shelf.note(&about(), "pbx").expect("a note");
    bench.shelf.keep(&about(), sound::wav(&[3_000; 16_000]));
    bench.keeper.take_stock(NODE);
    bench.is_asked("GET live").await;
    assert_eq!(bench.tells().await, Fate::Kept(Duration::from_secs(2)));
    bench.is_asked("DELETE").await;
}
