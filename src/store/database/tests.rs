//! The database: what is kept is read by the next life, and a file that is not to be trusted is not touched.

mod crashes;
mod records;

use std::{fs, os::unix::fs::PermissionsExt, sync::mpsc, thread};

use rusqlite::{Connection, ErrorCode};
use tempfile::TempDir;

use super::{
    writer::{Waiting, Writer},
    *,
};
use crate::{
    domain::NodeId,
    engine::{
        LeftPlace, Talked,
        statistics::{OperatorDay, QueueDay},
    },
    store::{RecordFate, Watch},
};

/// Tells what becomes of changes.
struct Ear(mpsc::Sender<(ChangeFate, usize)>);

impl Watch for Ear {
    fn not_fetched(&self, _node: NodeId) {}

    fn not_deleted(&self, _node: NodeId) {}

    fn kept(&self, _messages: usize, _bytes: u64) {}

    fn records(&self, _what: RecordFate, _count: usize) {}

    fn changes(&self, what: ChangeFate, count: usize) {
        // The test may have heard enough.
        let _heard = self.0.send((what, count));
    }
}

fn ear() -> (Arc<Ear>, mpsc::Receiver<(ChangeFate, usize)>) {
    let (ear, heard) = mpsc::channel();
    (Arc::new(Ear(ear)), heard)
}

fn open_for(exchange: &str, path: &Path) -> Result<Database, OpenError> {
    Database::open(path, Name::new(exchange), Arc::new(Clock::new()), ear().0)
}

fn open(path: &Path) -> Result<Database, OpenError> {
    open_for("nordlys", path)
}

fn refusal(path: &Path) -> Wrong {
    open(path).expect_err("refused").wrong
}

/// A folder, and in it the path of a database.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state").join("sentral.db");
    (folder, path)
}

/// The operators of whom something is kept, with it.
fn duties(database: &Database) -> Vec<(String, String)> {
    let read = database.read_duties().expect("read");
    read.into_iter().map(|(operator, duty, _)| (operator, duty)).collect()
}

fn told<const N: usize>(duties: [(&str, &str); N]) -> Vec<(String, String)> {
    duties.map(|(operator, duty)| (operator.into(), duty.into())).into()
}

/// A database in which something is kept, closed.
async fn kept(path: &Path) {
    let database = open(path).expect("open");
    database.keep_duty("anna", Some(r#"{"paused":"lunch"}"#.into()));
    database.ended().await;
}

#[tokio::test]
async fn what_is_kept_is_read_by_the_next_life() {
    let (_folder, path) = place();
    let database = open(&path).expect("open");
    assert_eq!(duties(&database), [], "nothing is there yet");
    database.keep_duty("boris", Some("first".into()));
    database.keep_duty("anna", Some("on".into()));
    database.keep_duty("boris", Some("second".into()));
    database.keep_duty("carla", Some("out".into()));
    database.keep_duty("carla", None);
    database.ended().await;
    drop(database);

    let before = Clock::new().now().as_micros() / 1_000;
    let database = open(&path).expect("open again");
    assert_eq!(duties(&database), told([("anna", "on"), ("boris", "second")]));
    let changed = database.read_duties().expect("read")[0].2;
    assert!((before - 60_000..=before).contains(&changed), "{changed} is when it was kept, in milliseconds");
    database.keep_duty("anna", None);
    database.ended().await;
    drop(database);
    assert_eq!(duties(&open(&path).expect("open a third time")), told([("boris", "second")]));
}

#[tokio::test]
async fn a_callback_is_kept_until_it_is_over() {
    let (_folder, path) = place();
    let database = open(&path).expect("open");
    let (one, two) = (CallbackId { boot: 7, number: 1 }, CallbackId { boot: 7, number: 2 });
    database.keep_callback(one, Some("first".into()));
    database.keep_callback(two, Some("first".into()));
    database.ended().await;
    drop(database);
    let database = open(&path).expect("open again");
    let both = [("00000007-c1".to_owned(), "first".to_owned()), ("00000007-c2".into(), "first".into())];
    assert_eq!(database.read_callbacks().expect("read"), both);
    database.keep_callback(one, None);
    database.keep_callback(two, Some("second".into()));
    database.ended().await;
    drop(database);
    let database = open(&path).expect("open a third time");
    assert_eq!(database.read_callbacks().expect("read"), [("00000007-c2".into(), "second".into())]);
}

#[tokio::test]
async fn hours_that_stand_by_hand_are_kept_whole() {
    let (_folder, path) = place();
    let database = open(&path).expect("open");
    assert_eq!(database.read_hours().expect("read"), BTreeMap::new());
    let until = Some(crate::domain::Time::from_micros(1_795_628_258_123_000));
    let hours = |names: &[&str]| -> BTreeMap<Name, ByHand> {
        names
            .iter()
            .map(|name| (Name::new(name), ByHand { open: *name == "office", until: until.filter(|_| *name == "shop") }))
            .collect()
    };
    database.keep_hours(hours(&["office", "night"]));
    database.keep_hours(hours(&["office", "shop"]));
    database.ended().await;
    drop(database);
    let database = open(&path).expect("open again");
    assert_eq!(database.read_hours().expect("read"), hours(&["office", "shop"]), "and no others");
    database.keep_hours(BTreeMap::new());
    database.ended().await;
    drop(database);
    assert_eq!(open(&path).expect("open a third time").read_hours().expect("read"), BTreeMap::new());
}

#[tokio::test]
async fn what_is_added_up_is_kept() {
    let (_folder, path) = place();
    let database = open(&path).expect("open");
    assert_eq!(database.read_day(None).expect("read"), None, "no day yet");
    let second = Duration::from_secs;
    let queue = QueueDay {
        answered: 1,
        in_service_level: 2,
        abandoned: 3,
        left: 4,
        found_full: 5,
        waited: second(6),
        abandoned_after: second(7),
        longest: second(8),
        talks: 9,
        talked: second(10),
    };
    let operator = OperatorDay { answered: 1, missed: 2, unreached: 3, talks: 4, talked: second(5) };
    let day = |day| jiff::civil::date(2026, 11, day);
    let counted = |of, queue, operator| Counted { day: day(of), queue, operator };
    database.keep_day(counted(26, Some(("sales".into(), queue)), Some(("anna".into(), operator))));
    database.keep_day(counted(9, Some(("sales".into(), QueueDay::default())), None));
    let done = Done { last_talk: Some(crate::domain::Time::from_secs(1_795_628_258)), talks: 7, talked: second(70) };
    database.keep_done("anna".into(), Done::default());
    database.keep_done("anna".into(), done);
    database.keep_done("boris".into(), Done::default());
    database.ended().await;
    drop(database);

    let database = open(&path).expect("open again");
    let kept = KeptDay {
        day: day(26),
        queues: [("sales".into(), queue)].into(),
        operators: [("anna".into(), operator)].into(),
    };
    assert_eq!(database.read_day(None).expect("read"), Some(kept), "the last one");
    let of = database.read_day(Some(day(9))).expect("read").expect("a day");
    assert_eq!(of.queues, [("sales".into(), QueueDay::default())].into());
    let nothing = KeptDay { day: day(10), queues: QueueDays::new(), operators: OperatorDays::new() };
    assert_eq!(database.read_day(Some(day(10))).expect("read"), Some(nothing));
    let all = [("anna".into(), done), ("boris".into(), Done::default())].into();
    assert_eq!(database.read_done().expect("read"), all);
    database.ended().await;
}

fn talked(queue: &str, caller: &str, operator: &str, at: u64) -> Talked {
    let at = crate::domain::Time::from_secs(at);
    Talked { queue: queue.into(), caller: caller.into(), operator: operator.into(), at }
}

#[tokio::test]
async fn callers_are_remembered_as_they_were_here_last_and_forgotten_by_their_age() {
    let (_folder, path) = place();
    let database = open(&path).expect("open");
    assert_eq!(database.read_callers().expect("read"), KeptCallers::default());
    for (caller, operator, at) in [("+471", "anna", 1), ("+472", "boris", 2), ("+471", "carla", 9), ("+473", "anna", 3)]
    {
        database.keep_memo(Memo::Talked(talked("sales", caller, operator, at)));
    }
    database.keep_memo(Memo::Talked(talked("billing", "+471", "anna", 1)));
    let before = crate::domain::Time::from_secs(3);
    database.keep_memo(Memo::TalksBefore { queue: "sales".into(), before });
    database.ended().await;
    drop(database);
    let kept = open(&path).expect("open again").read_callers().expect("read");
    let left =
        [talked("billing", "+471", "anna", 1), talked("sales", "+471", "carla", 9), talked("sales", "+473", "anna", 3)];
    assert_eq!(kept.talked, left);
}

#[tokio::test]
async fn places_that_callers_left_are_kept_until_they_come_again_or_it_is_too_late() {
    let (_folder, path) = place();
    let database = open(&path).expect("open");
    let left = |caller: &str, at: u64, waited: u64| LeftPlace {
        queue: "sales".into(),
        caller: caller.into(),
        at: crate::domain::Time::from_secs(at),
        waited: Duration::from_millis(waited),
        priority: -3,
    };
    for (caller, at, waited) in [("+471", 1, 9), ("+472", 2, 9), ("+473", 7, 9), ("+474", 8, 1), ("+474", 9, 90_001)] {
        database.keep_memo(Memo::Left(left(caller, at, waited)));
    }
    database.keep_memo(Memo::CameBack { queue: "sales".into(), caller: "+473".into() });
    let before = crate::domain::Time::from_secs(2);
    database.keep_memo(Memo::PlacesBefore { queue: "sales".into(), before });
    database.ended().await;
    drop(database);
    let kept = open(&path).expect("open again").read_callers().expect("read");
    assert_eq!(kept.left, [left("+472", 2, 9), left("+474", 9, 90_001)]);
}

#[tokio::test]
async fn a_file_from_before_callers_were_remembered_becomes_one_of_now_and_keeps_what_it_has() {
    let (_folder, path) = place();
    kept(&path).await;
    let older = Connection::open(&path).expect("open");
    older
        .execute_batch("DROP TABLE talks; DROP TABLE places; DROP TABLE records; DROP TABLE callbacks")
        .expect("as it was");
    older.pragma_update(None, "user_version", 3).expect("set");
    drop(older);
    let database = open(&path).expect("open");
    assert_eq!(duties(&database).len(), 1);
    let memo = Memo::Talked(talked("sales", "+471", "anna", 1));
    database.keep_memo(memo);
    database.ended().await;
    assert_eq!(database.read_callers().expect("read").talked.len(), 1);
}

#[tokio::test]
async fn exchanges_in_one_file_know_nothing_of_each_other() {
    let (_folder, path) = place();
    kept(&path).await;
    let other = open_for("soerlys", &path).expect("open");
    assert_eq!(duties(&other), []);
    other.keep_duty("anna", None);
    other.ended().await;
    drop(other);
    assert_eq!(duties(&open(&path).expect("open")).len(), 1);
}

#[tokio::test]
async fn nobody_else_may_read_it() {
    let (_folder, path) = place();
    let database = open(&path).expect("open");
    database.keep_duty("anna", Some("on".into()));
    let folder = path.parent().expect("a folder");
    let mut files = 0;
    for file in fs::read_dir(folder).expect("a folder") {
        let file = file.expect("a file");
        assert_eq!(file.metadata().expect("there").permissions().mode() & 0o077, 0, "{file:?}");
        files += 1;
    }
    assert!(files >= 3, "the file, its log, its lock: {files}");
    assert_eq!(fs::metadata(folder).expect("there").permissions().mode() & 0o077, 0);
    database.ended().await;
}

#[tokio::test]
async fn two_never_write_one_file() {
    let (_folder, path) = place();
    let first = open(&path).expect("open");
    let refused = open(&path).expect_err("in use");
    let process = std::process::id();
    assert_eq!(
        refused.to_string(),
        format!(
            "the database {} is in use by another Sentral (process {process}); stop that one, or set `database` to another \
             file: two never write one",
            path.display()
        )
    );
    first.ended().await;
    drop(first);
    open(&path).expect("free again");
}

#[tokio::test]
async fn a_damaged_file_is_told_and_left_as_it_is() {
    let (_folder, path) = place();
    kept(&path).await;
    let good = fs::read(&path).expect("a file");
    assert!(good.len() >= 8_192, "{} bytes", good.len());
    let page = 4_096;
    let mut torn = good.clone();
    torn[page..page + 200].fill(0x5a);
    let mut zeroed = good.clone();
    zeroed[page..2 * page].fill(0);
    let noise = [0x5a_u8; 10_000].to_vec();
    for (what, bytes) in [
        ("torn", torn),
        ("zeroed", zeroed),
        ("cut", good[..page].to_vec()),
        ("short", good[..50].to_vec()),
        ("noise", noise),
    ] {
        fs::write(&path, &bytes).expect("written");
        let wrong = refusal(&path);
        assert!(matches!(wrong, Wrong::Damaged(_)), "{what}: {wrong:?}");
        assert_eq!(fs::read(&path).expect("a file"), bytes, "{what}: it is as it was");
    }
    assert!(refusal(&path).to_string().contains("move all three away"));
    fs::write(&path, good).expect("written");
    assert_eq!(duties(&open(&path).expect("restored")).len(), 1);
}

#[tokio::test]
async fn a_file_of_a_newer_sentral_is_refused_in_words() {
    let (_folder, path) = place();
    kept(&path).await;
    let known = schema::newest();
    let newer = Connection::open(&path).expect("open");
    newer.pragma_update(None, "user_version", known + 1).expect("set");
    drop(newer);
    let told = open(&path).expect_err("refused").to_string();
    let words =
        format!("is of schema {}, and this Sentral knows no newer one than {known}: start the newer", known + 1);
    assert!(told.contains(&words), "{told}");
}

#[test]
fn a_file_of_another_program_is_left_alone() {
    let (_folder, path) = place();
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let other = Connection::open(&path).expect("open");
    other.execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)").expect("made");
    drop(other);
    let before = fs::read(&path).expect("a file");
    assert!(matches!(refusal(&path), Wrong::NotOurs));
    assert_eq!(fs::read(&path).expect("a file"), before);
}

#[tokio::test]
async fn what_is_not_ours_to_write_is_told() {
    let (folder, path) = place();
    fs::write(path.parent().expect("a folder"), "").expect("a file where the folder should be");
    let told = open(&path).expect_err("refused").to_string();
    assert!(told.contains("cannot be opened (") && told.contains("its folder to write"), "{told}");

    let path = folder.path().join("sentral.db");
    kept(&path).await;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("set");
    // Who may do everything is not kept out by that.
    if fs::OpenOptions::new().write(true).open(&path).is_err() {
        assert!(matches!(refusal(&path), Wrong::ReadOnly));
    }
    let of = |code| Wrong::from(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None)).to_string();
    assert!(of(rusqlite::ffi::SQLITE_READONLY).contains("it is read-only for us"));
    assert!(of(rusqlite::ffi::SQLITE_FULL).contains("the disk is full"));
    assert!(of(rusqlite::ffi::SQLITE_BUSY).contains("locked by another program"));
}

/// Somebody who writes, at a place of its own.
fn writer(path: &Path) -> (Writer, File, mpsc::Receiver<(ChangeFate, usize)>) {
    let (connection, ours) = open::open(path, &Arc::new(Clock::new())).expect("open");
    let (seen, heard) = ear();
    (
        Writer {
            connection,
            exchange: "nordlys".into(),
            file: path.to_owned(),
            seen,
            again: Duration::from_millis(20),
        },
        ours,
        heard,
    )
}

fn duty(operator: &str, duty: &str) -> Change {
    Change::Duty { operator: operator.into(), duty: Some(duty.into()), changed: crate::domain::Time::ZERO }
}

fn read(path: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(path).expect("open");
    let read = change::duties(&connection, &"nordlys".into()).expect("read");
    read.into_iter().map(|(operator, duty, _)| (operator, duty)).collect()
}

#[test]
fn what_cannot_be_written_waits_is_told_once_and_tried_again() {
    let (_folder, path) = place();
    let (writer, _ours, heard) = writer(&path);
    writer.connection.busy_timeout(Duration::ZERO).expect("set");
    // As if the disk were full: somebody holds the file.
    let holder = Connection::open(&path).expect("open");
    holder.execute_batch("BEGIN IMMEDIATE").expect("held");
    let waiting = Arc::new(Waiting::default());
    let run = {
        let waiting = Arc::clone(&waiting);
        thread::spawn(move || writer.run(&waiting))
    };
    assert!(waiting.put(duty("anna", "first")));
    assert_eq!(heard.recv(), Ok((ChangeFate::Late, 1)));
    assert!(waiting.put(duty("anna", "second")));
    assert!(waiting.put(duty("boris", "on")));
    assert_eq!(heard.recv_timeout(Duration::from_millis(100)), Err(mpsc::RecvTimeoutError::Timeout), "told once");
    holder.execute_batch("COMMIT").expect("let go");
    let mut written = 0;
    while written < 2 {
        match heard.recv_timeout(Duration::from_secs(20)).expect("told") {
            (ChangeFate::Written, count) => written += count,
            (ChangeFate::Late | ChangeFate::Lost, count) => assert_eq!(count, 0),
        }
    }
    waiting.end();
    run.join().expect("ended");
    assert_eq!(read(&path), told([("anna", "second"), ("boris", "on")]), "the newer one of two");
}

#[test]
fn what_cannot_be_written_at_the_end_is_lost_and_counted_and_we_end() {
    let (_folder, path) = place();
    let (writer, _ours, heard) = writer(&path);
    writer.connection.busy_timeout(Duration::ZERO).expect("set");
    let holder = Connection::open(&path).expect("open");
    holder.execute_batch("BEGIN IMMEDIATE").expect("held");
    let waiting = Waiting::default();
    assert!(waiting.put(duty("anna", "on")));
    waiting.end();
    writer.run(&waiting);
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), [(ChangeFate::Late, 1), (ChangeFate::Lost, 1)]);
}

#[test]
fn a_disk_that_is_full_loses_nothing() {
    let (_folder, path) = place();
    let (mut writer, _ours, _heard) = writer(&path);
    let pages: u32 = writer.connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("told");
    let limit = |writer: &Writer, most: u32| {
        writer.connection.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(())).expect("set");
    };
    limit(&writer, pages);
    let long = "x".repeat(20_000);
    let changes = [duty("anna", &long)].map(|change| (change.about(), change)).into();
    let error = writer.write(&changes).expect_err("full");
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DiskFull));
    assert_eq!(read(&path), [], "nothing of it");
    limit(&writer, 1_000_000);
    assert_eq!(writer.write(&changes).expect("written"), 0);
    assert_eq!(read(&path), told([("anna", long.as_str())]));
}

#[test]
fn of_two_that_wait_about_the_same_the_newer_one_counts_and_there_is_a_limit() {
    let waiting = Waiting::default();
    for number in 0..writer::MOST {
        assert!(waiting.put(duty(&number.to_string(), "on")));
    }
    assert!(!waiting.put(duty("one more", "on")), "no room");
    assert!(waiting.put(duty("7", "out")), "in the place of an older one");
    waiting.end();
    let (_folder, path) = place();
    let (writer, _ours, heard) = writer(&path);
    writer.run(&waiting);
    let (fate, count) = heard.recv().expect("told");
    assert_eq!((fate, count), (ChangeFate::Written, writer::MOST), "in one go");
    assert!(read(&path).contains(&("7".into(), "out".into())));
}
