//! The file and who writes it.

use std::{
    fs,
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{Line, LineFate, Watch, Writer, write::Log};
use crate::domain::Time;

/// What a watch has seen.
#[derive(Debug, Default)]
struct Seen(Mutex<Vec<(LineFate, usize)>>);

impl Watch for Seen {
    fn lines(&self, what: LineFate, count: usize) {
        self.0.lock().expect("a lock").push((what, count));
    }
}

impl Seen {
    fn count(&self, what: LineFate) -> usize {
        self.0.lock().expect("a lock").iter().filter(|(fate, _)| *fate == what).map(|(_, count)| count).sum()
    }
}

fn line(number: u64) -> Line {
    Line::new(Time::from_secs(number), "1.1", "sales", "NONE", "ABANDON", &[&1, &1, &number])
}

fn text(numbers: impl IntoIterator<Item = u64>) -> String {
    numbers.into_iter().map(|number| format!("{}\n", line(number))).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

/// Waits until a file has this in it.
async fn comes_to(file: &Path, text: &str) {
    let wait = async {
        while read(file) != text {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let came = tokio::time::timeout(Duration::from_secs(20), wait).await;
    came.unwrap_or_else(|_| panic!("{:?} is not {text:?}", read(file)));
}

#[tokio::test]
async fn lines_come_into_the_file_in_their_order_and_all_of_them_before_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("log").join("queue_log");
    let seen = Arc::new(Seen::default());
    let (sink, writer) = Writer::start(file.clone(), seen.clone());
    (0..2_000).for_each(|number| sink.keep(line(number)));
    drop(sink);
    writer.ended().await;
    assert_eq!(read(&file), text(0..2_000));
    assert_eq!((seen.count(LineFate::Written), seen.count(LineFate::Lost)), (2_000, 0));
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o137, 0, "numbers of callers are in it: {mode:o}");
}

#[tokio::test]
async fn a_file_that_was_moved_away_is_followed_by_another_with_the_next_line_or_as_soon_as_it_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, old, older) = (folder.path().join("q"), folder.path().join("q.1"), folder.path().join("q.2"));
    let (sink, writer) = Writer::start(file.clone(), Arc::new(Seen::default()));
    sink.keep(line(1));
    comes_to(&file, &text([1])).await;
    fs::rename(&file, &older).expect("moved");
    sink.keep(line(2));
    comes_to(&file, &text([2])).await;
    fs::rename(&file, &old).expect("moved");
    writer.reopen();
    let there = async {
        while !file.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), there).await.expect("it is there before a line is");
    sink.keep(line(3));
    comes_to(&file, &text([3])).await;
    assert_eq!((read(&older), read(&old)), (text([1]), text([2])));
}

#[tokio::test]
async fn what_cannot_be_written_waits_is_tried_again_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("queue_log");
    fs::create_dir(&file).expect("a folder in its place");
    let seen = Arc::new(Seen::default());
    let (sink, writer) = Writer::start(file.clone(), seen.clone());
    sink.keep(line(1));
    let late = async {
        while seen.count(LineFate::Late) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), late).await.expect("told in time");
    sink.keep(line(2));
    fs::remove_dir(&file).expect("out of the way");
    // It is tried once more at the end, at the latest.
    drop(sink);
    writer.ended().await;
    assert_eq!(read(&file), text([1, 2]));
    let fates = LineFate::ALL.map(|fate| seen.count(fate));
    assert_eq!(fates, [2, 1, 0]);
}

#[tokio::test]
async fn what_never_can_be_written_is_lost_and_counted_at_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let seen = Arc::new(Seen::default());
    let (sink, writer) = Writer::start(folder.path().to_owned(), seen.clone());
    (0..3).for_each(|number| sink.keep(line(number)));
    drop(sink);
    writer.ended().await;
    assert_eq!((seen.count(LineFate::Written), seen.count(LineFate::Lost)), (0, 3));
}

#[tokio::test]
async fn nobody_waits_for_a_disk_that_does_not_keep_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("queue_log");
    let seen = Arc::new(Seen::default());
    let (sink, writer) = Writer::start(file.clone(), seen.clone());
    // The writer has no turn before this is done.
    (0..10_000).for_each(|number| sink.keep(line(number)));
    drop(sink);
    writer.ended().await;
    assert_eq!((seen.count(LineFate::Written), seen.count(LineFate::Lost)), (8_192, 10_000 - 8_192));
    assert_eq!(read(&file), text(0..8_192), "those that came first");
}

#[test]
fn what_others_have_written_is_left_alone_and_half_a_line_spoils_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("queue_log");
    fs::write(&file, "1|2.2|fallback|NONE|ENTERQUEUE||+47|1\n17955").expect("written");
    let mut log = Log::new(file.clone());
    log.write(&mut vec![line(1)]).expect("written");
    let mut other = fs::OpenOptions::new().append(true).open(&file).expect("a file");
    other.write_all(b"2|2.2|fallback|NONE|ABANDON|1|1|1\n").expect("written");
    let mut lines = vec![line(2)];
    log.write(&mut lines).expect("written");
    assert!(lines.is_empty());
    let (first, last) = ("1|2.2|fallback|NONE|ENTERQUEUE||+47|1\n17955\n", "2|2.2|fallback|NONE|ABANDON|1|1|1\n");
    assert_eq!(read(&file), format!("{first}{}{last}{}", text([1]), text([2])));
}

#[test]
fn of_a_disk_that_is_full_whole_lines_are_kept_and_the_rest_is_written_anew() {
    let mut log = Log::new("/dev/full".into());
    let mut lines = vec![line(1), line(2)];
    log.write(&mut lines).expect_err("no room");
    assert_eq!(lines.len(), 2, "none is taken for written");
}
