//! Records of calls are found by what they are asked for, and old ones go.

use std::sync::Arc;

use super::*;
use crate::{
    dialplan::moment::time,
    domain::{CallId, Caller, ChannelId, Time},
    engine::{
        Fact, Notice,
        notice::Outcome,
        record::{Book, Record},
    },
};

/// A call that ended then.
fn record(id: u64, number: &str, caller: &str, ended: Time) -> Arc<Record> {
    let (mut book, call) = (Book::default(), Some(CallId { boot: 1, number: id }));
    let (caller, channel) = (Caller::from_wire(caller, "", ""), ChannelId::new(NodeId(0), "1.1"));
    book.see(&Notice { at: ended, call, fact: Fact::Arrived { number: number.into(), caller, channel } });
    let fact =
        Fact::Ended { number: None, outcome: Outcome::LeftInMenu, lasted: Duration::ZERO, charge: None, uncharged: 0 };
    Arc::new(book.see(&Notice { at: ended, call, fact }).expect("it is over"))
}

fn at(text: &str) -> Time {
    time(text.parse().expect("a moment")).expect("after 1970")
}

fn wanted(limit: usize) -> Wanted {
    Wanted { limit, ..Wanted::default() }
}

/// The ids on a page, without the life they are of.
fn ids(page: &Page) -> Vec<u64> {
    let id = |record: &serde_json::value::RawValue| {
        let record: serde_json::Value = serde_json::from_str(record.get()).expect("JSON");
        record["call"].as_str().and_then(|id| id.split_once('-')?.1.parse().ok()).expect("an id")
    };
    page.records.iter().map(|record| id(record)).collect()
}

/// A database with these calls, closed and opened again.
async fn with(path: &Path, records: &[(u64, &str, &str, &str)]) -> Database {
    let database = open(path).expect("open");
    for (id, number, caller, ended) in records {
        database.keep_record(record(*id, number, caller, at(ended)));
    }
    database.ended().await;
    drop(database);
    open(path).expect("open again")
}

fn chosen(database: &Database, wanted: Wanted) -> Vec<u64> {
    ids(&database.read_records(&wanted).expect("a page"))
}

#[tokio::test]
async fn they_are_read_page_by_page_and_what_comes_later_is_on_the_next() {
    let (_folder, path) = place();
    let nothing = open(&path).expect("open").read_records(&wanted(2)).expect("a page");
    assert_eq!((ids(&nothing), nothing.next.to_string(), nothing.more), (vec![], "0".to_owned(), false));
    // The second one's legs cost something that came late: it is written behind one that ended after it.
    let calls = [
        (1, "1", "2", "2026-11-25T10:00:00Z"),
        (2, "1", "2", "2026-11-26T10:00:00Z"),
        (3, "1", "2", "2026-11-25T11:00:00Z"),
    ];
    let database = with(&path, &calls).await;
    let first = database.read_records(&wanted(2)).expect("a page");
    assert_eq!((ids(&first), first.more), (vec![1, 2], true));
    let after = |page: &Page| Wanted { after: Some(page.next), ..wanted(2) };
    let second = database.read_records(&after(&first)).expect("a page");
    assert_eq!((ids(&second), second.more), (vec![3], false));
    database.ended().await;
    drop(database);
    let database = with(&path, &[(4, "1", "2", "2026-11-26T11:00:00Z")]).await;
    let third = database.read_records(&after(&second)).expect("a page");
    assert_eq!(ids(&third), [4]);
    assert_eq!(third.next.to_string().parse(), Ok(third.next));
    for wrong in ["", "x", "-1", "+1", "01", " 1", "18446744073709551616"] {
        assert_eq!(wrong.parse::<Cursor>(), Err(()), "{wrong}");
    }
}

#[tokio::test]
async fn they_are_chosen_by_their_end_the_number_called_and_who_called() {
    let (_folder, path) = place();
    let calls = [
        (1, "4780012345", "+4791234567", "2026-11-25T10:00:00Z"),
        (2, "4722334455", "+4791234567", "2026-11-26T10:00:00Z"),
        (3, "4780012345", "+4790000000", "2026-11-26T11:00:00Z"),
        (4, "4780012345", "+4791234567", "2026-11-27T10:00:00Z"),
    ];
    let database = with(&path, &calls).await;
    let moment = |text: &str| Some(text.parse().expect("a moment"));
    let (since, until) = (moment("2026-11-26T10:00:00Z"), moment("2026-11-27T10:00:00Z"));
    assert_eq!(chosen(&database, Wanted { since, until, ..wanted(9) }), [2, 3]);
    let number = Some("+47 800 12 345".to_owned());
    assert_eq!(chosen(&database, Wanted { number: number.clone(), since, ..wanted(9) }), [3, 4]);
    let caller = Some("4791234567".to_owned());
    assert_eq!(chosen(&database, Wanted { caller: caller.clone(), ..wanted(9) }), [1, 2, 4]);
    assert_eq!(chosen(&database, Wanted { caller, number, until, ..wanted(9) }), [1]);
    assert_eq!(chosen(&database, Wanted { operator: Some("anna".into()), ..wanted(9) }), [0_u64; 0]);
    let later = moment("2027-01-01T00:00:00Z");
    assert_eq!(chosen(&database, Wanted { since: later, ..wanted(9) }), [0_u64; 0]);
}

#[tokio::test]
async fn old_ones_are_deleted_and_their_places_are_not_given_again() {
    let (_folder, path) = place();
    let database = with(&path, &[(1, "1", "2", "2020-01-01T10:00:00Z"), (2, "1", "2", "2020-01-02T10:00:00Z")]).await;
    let before = database.read_records(&wanted(9)).expect("a page");
    assert_eq!(ids(&before), [1, 2], "nobody said how long");
    database.ended().await;
    drop(database);
    let database = open(&path).expect("open").keeping_records(Duration::from_secs(3_600));
    database.keep_record(record(3, "1", "2", Clock::new().now()));
    database.ended().await;
    let after = database.read_records(&Wanted { after: Some(before.next), ..wanted(9) }).expect("a page");
    assert_eq!(ids(&after), [3]);
    assert_eq!(chosen(&database, wanted(9)), [3]);
}

#[test]
fn a_crowd_of_them_takes_nobody_elses_place() {
    let waiting = Waiting::default();
    let record = record(1, "1", "2", Time::ZERO);
    let kept = |number| waiting.put(Change::Record { number, record: Arc::clone(&record) });
    let most = u64::try_from(writer::RECORDS).expect("few");
    assert!((0..most).all(kept));
    assert!(!kept(most), "one too many");
    assert!(waiting.put(duty("anna", "on")));
}
