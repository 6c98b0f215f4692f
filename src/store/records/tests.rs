use std::{fs, io::Write, path::Path, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{RecordFate, RecordKeeper, days, file, write::write_now};
use crate::{
    clock::Clock,
    dialplan::moment::time,
    domain::{CallId, Caller, ChannelId, NodeId, Time},
    engine::{
        Fact, Notice,
        notice::Outcome,
        record::{Book, Record},
    },
    store::Watch,
};

const KEEP: Duration = Duration::from_secs(90 * 24 * 3_600);

fn at(text: &str) -> Time {
    time(text.parse().expect("a moment")).expect("after 1970")
}

/// A call to a number that ended then.
pub(in crate::store) fn record(number: u64, called: &str, ended: Time) -> Record {
    let (mut book, call) = (Book::default(), Some(CallId { boot: 1, number }));
    let (caller, channel) = (Caller::default(), ChannelId::new(NodeId(0), "1.1"));
    book.see(&Notice { at: ended, call, fact: Fact::Arrived { number: called.into(), caller, channel } });
    let fact =
        Fact::Ended { number: None, outcome: Outcome::LeftInMenu, lasted: Duration::ZERO, charge: None, uncharged: 0 };
    book.see(&Notice { at: ended, call, fact }).expect("it is over")
}

/// The ids in the files, the earliest day first. Half a line is none.
fn ids(folder: &Path) -> Vec<String> {
    let mut ids = Vec::new();
    for day in days(folder).expect("a folder") {
        let lines = fs::read_to_string(file(folder, day)).expect("a file");
        let records = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        ids.extend(records.map(|record| record["call"].as_str().expect("an id").to_owned()));
    }
    ids
}

fn write(folder: &Path, records: &[(u64, &str, &str)]) {
    let records = records.iter().map(|(id, called, ended)| record(*id, called, at(ended))).collect();
    write_now(folder, KEEP, records).expect("written");
}

#[test]
fn a_record_is_in_the_file_of_the_day_on_which_its_call_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let days =
        [(1, "1", "2026-11-25T23:59:59.999Z"), (2, "1", "2026-11-26T00:00:00Z"), (3, "1", "2026-11-26T01:00:00Z")];
    write(folder.path(), &days);
    let lines = |day| fs::read_to_string(folder.path().join(day)).expect("a file").lines().count();
    assert_eq!((lines("2026-11-25.jsonl"), lines("2026-11-26.jsonl")), (1, 2));
}

#[test]
fn half_a_line_is_no_record_and_spoils_none() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &[(1, "1", "2026-11-26T10:00:00Z")]);
    let path = folder.path().join("2026-11-26.jsonl");
    let mut file = fs::OpenOptions::new().append(true).open(&path).expect("a file");
    file.write_all(b"{\"call\":\"00000001-9\",\"ended\":\"2026-").expect("written");
    write(folder.path(), &[(2, "1", "2026-11-26T11:00:00Z")]);
    assert_eq!(ids(folder.path()), ["00000001-1", "00000001-2"]);
}

/// Tells what became of records.
struct Ear(mpsc::UnboundedSender<(RecordFate, usize)>);

impl Watch for Ear {
    fn not_fetched(&self, _node: NodeId) {}

    fn not_deleted(&self, _node: NodeId) {}

    fn kept(&self, _messages: usize, _bytes: u64) {}

    fn changes(&self, _what: crate::store::ChangeFate, _count: usize) {}

    fn records(&self, what: RecordFate, count: usize) {
        if count > 0 {
            self.0.send((what, count)).expect("the test listens");
        }
    }
}

fn ear() -> (Arc<Ear>, mpsc::UnboundedReceiver<(RecordFate, usize)>) {
    let (ear, heard) = mpsc::unbounded_channel();
    (Arc::new(Ear(ear)), heard)
}

#[tokio::test]
async fn what_is_on_its_way_is_written_before_the_end_and_what_is_too_old_is_deleted() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("records");
    write(&path, &[(1, "1", "2020-01-01T10:00:00Z")]);
    fs::write(path.join("notes.jsonl"), "ours").expect("written");
    let (ear, mut heard) = ear();
    let (sink, keeper) = RecordKeeper::start(path.clone(), KEEP, &Clock::new(), ear);
    let today = Clock::new().now();
    sink.keep(Arc::new(record(2, "1", today)));
    sink.keep(Arc::new(record(3, "1", today)));
    drop(sink);
    keeper.ended().await;
    assert_eq!(ids(&path), ["00000001-2", "00000001-3"]);
    assert_eq!(heard.recv().await, Some((RecordFate::Written, 2)));
    assert!(path.join("notes.jsonl").exists(), "what is no file of ours stays");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_waits_and_what_cannot_wait_is_lost_and_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("records");
    // A file stands where the folder should be.
    fs::write(&path, "").expect("written");
    let (ear, mut heard) = ear();
    let (sink, _keeper) = RecordKeeper::start(path.clone(), KEEP, &Clock::new(), ear);
    let today = Clock::new().now();
    sink.keep(Arc::new(record(1, "1", today)));
    assert_eq!(heard.recv().await, Some((RecordFate::Late, 1)));
    for id in 2..=5_000 {
        sink.keep(Arc::new(record(id, "1", today)));
    }
    assert_eq!(heard.recv().await, Some((RecordFate::Lost, 1)));
    let more = std::iter::from_fn(|| heard.try_recv().ok()).filter(|(what, _)| *what == RecordFate::Lost).count();
    assert_eq!(more, 4_999 - 4_096 - 1);
    fs::remove_file(&path).expect("deleted");
    assert_eq!(heard.recv().await, Some((RecordFate::Written, 1)), "tried again");
    let mut written = 1;
    while written < 4_097 {
        let (what, count) = heard.recv().await.expect("it goes on");
        assert_eq!(what, RecordFate::Written);
        written += count;
    }
    assert_eq!(ids(&path).len(), 4_097);
}

#[tokio::test(start_paused = true)]
async fn an_end_waits_for_no_better_times() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("records");
    fs::write(&path, "").expect("written");
    let (ear, mut heard) = ear();
    let (sink, keeper) = RecordKeeper::start(path, KEEP, &Clock::new(), ear);
    sink.keep(Arc::new(record(1, "1", Clock::new().now())));
    assert_eq!(heard.recv().await, Some((RecordFate::Late, 1)));
    let told = tokio::time::Instant::now();
    drop(sink);
    keeper.ended().await;
    assert_eq!(heard.recv().await, Some((RecordFate::Lost, 1)), "counted, for it was tried once more");
    assert_eq!(told.elapsed(), Duration::ZERO);
}
