//! A host that crashes between any two writes leaves a file that opens, is whole, and is as all was at one moment.
//!
//! Each transaction here writes the same word about three operators and who talked to a caller, and the next one the next
//! word. So of what is read all must be the same, and none older than what was told to be written.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::Connection;
use tempfile::TempDir;

use super::{duty, open, place, talked, writer};
use crate::{
    domain::Time,
    engine::{LeftPlace, Memo},
    store::database::{Change, Store, schema},
};

const OPERATORS: [&str; 3] = ["anna", "boris", "carla"];

/// Transactions in a test.
const TIMES: usize = 12;

/// The log beside a database.
fn log(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// What a crash at this moment leaves: what was written to the file and to its log. (What is in memory shared by
/// processes, `-shm`, is made anew from these.)
fn left(path: &Path) -> (Vec<u8>, Vec<u8>) {
    (fs::read(path).unwrap_or_default(), fs::read(log(path)).unwrap_or_default())
}

/// Opens what a crash left, as the next life does. Tells how many transactions are in it.
fn after((file, log_of_it): &(Vec<u8>, Vec<u8>)) -> usize {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("sentral.db");
    fs::write(&path, file).expect("written");
    fs::write(log(&path), log_of_it).expect("written");
    let database = open(&path).unwrap_or_else(|error| panic!("{error}"));
    let duties = database.read_duties().expect("read");
    let words: Vec<&str> = duties.iter().map(|(_, word, _)| word.as_str()).collect();
    let callers = database.read_callers().expect("read");
    let seconds = |at: Time| at.as_micros() / 1_000_000;
    let of_caller = callers.talked.first().map_or(0, |talked| seconds(talked.at));
    let of_place = callers.left.first().map_or(0, |place| seconds(place.at));
    let of_duties = match words[..] {
        [] => 0,
        [anna, boris, carla] => {
            assert!(anna == boris && boris == carla, "half a transaction: {words:?}");
            // The word is long, so that a transaction takes several pages.
            anna.split(' ').next().expect("a word").parse().expect("a number")
        }
        _ => panic!("half a transaction: {words:?}"),
    };
    assert_eq!([of_caller, of_place], [of_duties as u64; 2], "half a transaction");
    of_duties
}

/// Writes transaction after transaction; each is long enough for several pages.
fn write_all(path: &Path, mut each: impl FnMut(&Connection, usize)) {
    let (mut writer, _ours, _heard) = writer(path);
    for number in 1..=TIMES {
        let word = format!("{number} {}", "x".repeat(1_500));
        let talked = Memo::Talked(talked("sales", "+4790000000", "anna", number as u64));
        let place = Memo::Left(LeftPlace {
            queue: "sales".into(),
            caller: "+4790000000".into(),
            at: Time::from_secs(number as u64),
            waited: Duration::from_secs(60),
            priority: 0,
        });
        let callers = [talked, place].map(Change::Caller);
        let changes = OPERATORS.map(|name| duty(name, &word)).into_iter().chain(callers);
        let changes = changes.map(|change| (change.about(), change)).collect();
        each(&writer.connection, number - 1);
        assert_eq!(writer.write(&changes).expect("written"), 0);
    }
    each(&writer.connection, TIMES);
}

#[test]
fn a_crash_between_any_two_instructions_leaves_a_prefix_of_what_was_written() {
    let (_folder, path) = place();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (at, copies) = (path.clone(), Arc::clone(&seen));
    write_all(&path, |connection, written| {
        // What is told to be written is there whatever comes.
        assert_eq!(after(&left(&at)), written);
        let (at, copies) = (at.clone(), Arc::clone(&copies));
        let look = move || {
            let mut copies = copies.lock().unwrap_or_else(PoisonError::into_inner);
            let copy = left(&at);
            if copies.last().is_none_or(|(_, last)| *last != copy) {
                copies.push((written, copy));
            }
            false
        };
        connection.progress_handler(1, Some(look)).expect("set");
    });
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(seen.len() >= TIMES, "{} different moments", seen.len());
    let mut last = 0;
    for (written, copy) in seen.iter() {
        let found = after(copy);
        // The next one may have come to the log just now, before anybody could be told.
        assert!(found == *written || found == *written + 1, "{found} where {written} were written");
        assert!(found >= last, "{found} after {last}");
        last = found;
    }
}

#[test]
fn a_crash_in_the_middle_of_a_write_to_the_log_leaves_a_prefix_of_what_was_written() {
    let (_folder, path) = place();
    let mut whole = Default::default();
    write_all(&path, |_, written| {
        if written == TIMES {
            whole = left(&path);
        }
    });
    let (file, log) = whole;
    assert!(log.len() > TIMES * 2 * 4_096, "{} bytes", log.len());
    let mut last = 0;
    for cut in (0..=log.len()).step_by(509).chain([log.len()]) {
        let short = (file.clone(), log[..cut].to_vec());
        // Behind it may be what was on the disk before: a file may grow before what is in it comes.
        let torn = (file.clone(), [&log[..cut], &vec![0x5a; log.len() - cut]].concat());
        let found = after(&short);
        assert_eq!(found, after(&torn), "cut at {cut}");
        assert!(found == last || found == last + 1, "{found} after {last}, cut at {cut}");
        last = found;
    }
    assert_eq!(last, TIMES);
}

#[test]
fn a_crash_while_the_log_comes_into_the_file_loses_nothing() {
    const PAGE: usize = 4_096;
    let (_folder, path) = place();
    let (mut before, mut behind) = Default::default();
    write_all(&path, |connection, written| {
        if written == TIMES {
            before = left(&path);
            connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).expect("done");
            behind = left(&path);
        }
    });
    let (old, log) = before;
    let (new, _) = behind;
    assert_ne!(old, new);
    for pages in 0..=new.len() / PAGE {
        let come = pages * PAGE;
        // Pages come one by one, and half of one may.
        for come in [come, (come + PAGE / 2).min(new.len())] {
            let mut file = new[..come].to_vec();
            file.extend(old.iter().skip(come));
            assert_eq!(after(&(file, log.clone())), TIMES, "{come} bytes have come");
        }
    }
}

#[test]
fn a_crash_while_a_schema_is_made_leaves_one_that_is_made_on() {
    let (_folder, path) = place();
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let mut connection = Connection::open(&path).expect("open");
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).expect("set");
    let seen = Arc::new(Mutex::new(vec![left(&path)]));
    let (at, copies) = (path.clone(), Arc::clone(&seen));
    let look = move || {
        let mut copies = copies.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = left(&at);
        if copies.last() != Some(&copy) {
            copies.push(copy);
        }
        false
    };
    connection.progress_handler(1, Some(look)).expect("set");
    let mut made = Vec::new();
    schema::migrate(&mut connection, |number| made.push((number, left(&path)))).expect("made");
    assert_eq!(made.len(), schema::newest() as usize);
    for copy in made.iter().map(|(_, copy)| copy).chain(seen.lock().unwrap_or_else(PoisonError::into_inner).iter()) {
        assert_eq!(after(copy), 0);
    }
}
