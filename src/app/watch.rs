//! What a driver tells, for metrics and readiness.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    agi,
    ari::{Connection, Lost, RequestResult, Watch},
    domain::NodeId,
    hooks,
    metrics::Metrics,
    queue_log,
    runtime::ready::Readiness,
    store,
};

/// Sees what the driver of one node does.
pub(super) struct Eyes {
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
    /// Who looks for messages that an earlier life left at a node that is connected.
    connected: Connected,
    /// Whether it was connected before.
    before: AtomicBool,
}

/// Tells that a node is connected.
pub(super) type Connected = Arc<dyn Fn(NodeId) + Send + Sync>;

impl Eyes {
    pub(super) fn new(metrics: Arc<Metrics>, readiness: Arc<Readiness>, connected: Connected) -> Self {
        Self { metrics, readiness, connected, before: AtomicBool::new(false) }
    }
}

impl Watch for Eyes {
    fn request(&self, node: NodeId, operation: &'static str, result: RequestResult, took: Duration) {
        self.metrics.requested(node, operation, result.word(), took);
    }

    fn heard(&self, node: NodeId, kind: &'static str) {
        self.metrics.heard(node, kind);
    }

    /// That it is up is known when the engine says so.
    fn connection(&self, node: NodeId, change: Connection) {
        match change {
            Connection::Up => {
                if self.before.swap(true, Ordering::Relaxed) {
                    self.metrics.reconnected(node);
                }
                (self.connected)(node);
            }
            Connection::Lost(why) => {
                self.metrics.lost(node, why.word());
                self.readiness.in_trouble(node, reason(why));
            }
        }
    }

    fn discarded(&self, node: NodeId, events: usize) {
        self.metrics.discarded(node, events);
    }
}

/// Counts messages, records, lines of `queue_log`, changes for the database, what becomes of notifications, and sessions of
/// FastAGI.
pub(super) struct Tally(pub(super) Arc<Metrics>);

impl store::Watch for Tally {
    fn not_fetched(&self, node: NodeId) {
        self.0.message_not_fetched(node);
    }

    fn not_deleted(&self, node: NodeId) {
        self.0.recording_not_deleted(node);
    }

    fn kept(&self, messages: usize, bytes: u64) {
        self.0.messages_kept(messages, bytes);
    }

    fn records(&self, what: store::RecordFate, count: usize) {
        self.0.records(what.word(), count);
    }

    fn changes(&self, what: store::ChangeFate, count: usize) {
        self.0.changes(what.word(), count);
    }
}

impl queue_log::Watch for Tally {
    fn lines(&self, what: queue_log::LineFate, count: usize) {
        self.0.queue_log(what.word(), count);
    }
}

impl hooks::Watch for Tally {
    fn notified(&self, outcome: hooks::Outcome, took: Duration) {
        self.0.notified(outcome.word(), took);
    }
}

/// Counts sessions of FastAGI.
impl agi::Watch for Tally {
    fn began(&self) {
        self.0.agi_began();
    }

    fn over(&self, outcome: agi::Outcome) {
        self.0.agi_over(outcome.word(), true);
    }

    fn turned_away(&self, outcome: agi::Outcome) {
        self.0.agi_over(outcome.word(), false);
    }

    fn command(&self, kind: &'static str, result: agi::CommandResult, took: Duration) {
        self.0.agi_command(kind, result.word(), took);
    }
}

/// For the person who asks why we are not ready.
fn reason(why: Lost) -> &'static str {
    match why {
        Lost::Unreachable => "nobody answers at its url as Asterisk does; is http.conf enabled, and the address right?",
        Lost::Unauthorized => "Asterisk refuses our user or password; compare them with ari.conf",
        Lost::Unprepared => "it could not be asked which calls it holds; its log may say why",
        Lost::Closed => "the connection broke, and is made again",
        Lost::Silent => "it is connected and says nothing, and is connected again",
        Lost::Unanswered => "it tells what happens and answers no request; is its sessionlimit used up?",
        Lost::Replaced => {
            "another engine took our application; only one may use it, and this one stands by until it is free"
        }
        Lost::Overflow => "it said more than the engine could take, and is read anew",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_connection_is_no_reconnection_and_trouble_is_told_with_its_remedy() {
        let metrics = Arc::new(Metrics::new(vec!["pbx".into()]).expect("metrics"));
        let readiness = Arc::new(Readiness::new(vec!["pbx".into()]));
        let eyes = Eyes::new(Arc::clone(&metrics), Arc::clone(&readiness), Arc::new(|_node| ()));
        let node = NodeId(0);
        let reconnects = || {
            let text = metrics.text(None).expect("text");
            text.lines()
                .find_map(|line| Some(line.strip_prefix("sentral_node_reconnects_total{node=\"pbx\"} ")?.to_owned()))
        };
        eyes.connection(node, Connection::Up);
        assert_eq!(reconnects().as_deref(), Some("0"));
        eyes.connection(node, Connection::Lost(Lost::Unauthorized));
        let why = readiness.check().expect_err("not ready");
        assert_eq!(why, ["node pbx: Asterisk refuses our user or password; compare them with ari.conf"]);
        eyes.connection(node, Connection::Up);
        assert_eq!(reconnects().as_deref(), Some("1"));
        let text = metrics.text(None).expect("text");
        assert!(text.contains(r#"sentral_node_losses_total{node="pbx",reason="unauthorized"} 1"#), "{text}");
    }
}
