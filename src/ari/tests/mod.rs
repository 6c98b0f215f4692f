//! The driver against a stub that a test answers by hand, request by request: what comes when is in the test's hands, so
//! none of them waits for time to pass, except where a deadline is the claim.

mod connection;
mod devices;
mod elsewhere;
mod names;
mod requests;
mod stub;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::SecretString;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use self::stub::{EventSocket, Stub};
use super::*;
use crate::{
    domain::{BridgeId, ChannelId},
    engine::Held,
};

/// Long enough that only a test that hangs meets it.
const PATIENCE: Duration = Duration::from_secs(20);

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// A node that speaks to a stub, and both its ends.
struct Bench {
    node: Node,
    stub: Stub,
    events: mpsc::Receiver<Heard>,
    changes: mpsc::UnboundedReceiver<Connection>,
    notes: Arc<Notes>,
    stop: CancellationToken,
}

/// What the watch saw.
struct Notes {
    words: Mutex<Vec<String>>,
    changes: mpsc::UnboundedSender<Connection>,
}

impl Notes {
    fn note(&self, word: String) {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).push(word);
    }

    fn count(&self, word: &str) -> usize {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|it| *it == word).count()
    }
}

impl Watch for Notes {
    fn request(&self, _: NodeId, operation: &'static str, result: RequestResult, _: Duration) {
        self.note(format!("{operation} {}", result.word()));
    }

    fn heard(&self, _: NodeId, kind: &'static str) {
        self.note(kind.to_owned());
    }

    fn connection(&self, _: NodeId, change: Connection) {
        let _ = self.changes.send(change);
    }

    fn discarded(&self, _: NodeId, events: usize) {
        self.note(format!("discarded {events}"));
    }
}

impl Bench {
    /// A node that has not connected yet. The stub accepts, and answers nothing by itself.
    async fn start(change: impl FnOnce(&mut NodeSettings), room: usize) -> Self {
        let stub = Stub::listen().await;
        let mut settings = NodeSettings::new(NodeId(0), stub.address(), "sentral", SecretString::from("pw"));
        // Neither of these is to come about by itself on a slow machine.
        settings.self_test_after = Duration::from_secs(600);
        settings.first_test_after = Duration::from_secs(600);
        settings.request_deadline = Duration::from_secs(60);
        settings.stand_by = Duration::from_millis(10);
        change(&mut settings);
        let ((sender, events), (changed, changes)) = (mpsc::channel(room), mpsc::unbounded_channel());
        let notes = Arc::new(Notes { words: Mutex::new(Vec::new()), changes: changed });
        let stop = CancellationToken::new();
        let watch: Arc<dyn Watch> = Arc::<Notes>::clone(&notes);
        let node = Node::start(settings, Arc::new(Clock::new()), sender, watch, stop.clone()).expect("a node");
        Self { node, stub, events, changes, notes, stop }
    }

    /// A node that is up and holds nothing.
    async fn up(change: impl FnOnce(&mut NodeSettings)) -> (Self, EventSocket) {
        let mut bench = Self::start(change, 1_000).await;
        let socket = bench.rise().await;
        (bench, socket)
    }

    /// Answers what is asked before a node is up, and expects it to be up.
    async fn rise(&mut self) -> EventSocket {
        let socket = self.stub.event_socket().await;
        self.stub.answer_questions("[]").await;
        self.expect_up().await;
        socket
    }

    async fn expect_up(&mut self) -> Held {
        let event = self.event().await;
        let Event::NodeUp { node: NodeId(0), held, .. } = event else { panic!("not up: {event:?}") };
        held
    }

    async fn expect_down(&mut self) {
        let event = self.event().await;
        assert!(matches!(event, Event::NodeDown { node: NodeId(0) }), "{event:?}");
    }

    async fn expect_change(&mut self, expected: Connection) {
        assert_eq!(soon("a change", self.changes.recv()).await, Some(expected));
    }

    async fn expect_failed(&mut self, expected: &Command, how: Failure) {
        let event = self.event().await;
        let Event::Failed { command, failure } = event else { panic!("not failed: {event:?}") };
        assert_eq!((&command, failure), (expected, how));
    }

    async fn event(&mut self) -> Event {
        soon("an event", self.events.recv()).await.expect("the node is there").event
    }
}

fn channel(id: &str) -> ChannelId {
    ChannelId::new(NodeId(0), id)
}

fn bridge(id: &str) -> BridgeId {
    BridgeId::new(NodeId(0), id)
}

fn answer(id: &str) -> Command {
    Command::Answer { channel: channel(id) }
}
