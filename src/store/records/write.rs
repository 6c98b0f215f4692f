//! Records that are over are put into their files.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::{civil::Date, tz::TimeZone};
use tokio::{sync::mpsc, task::spawn_blocking, time::sleep};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use tracing::{error, info, warn};

use super::{days, file};
use crate::{clock::Clock, dialplan::moment::timestamp, domain::Time, engine::record::Record, store::Watch};

/// Records that may wait for the disk.
const QUEUE: usize = 4_096;

/// So many are written in one go.
const BATCH: usize = 256;

/// When what could not be written is tried again: once more while we end, too.
const AGAIN: Duration = Duration::from_secs(5);

/// Between two goes: what comes meanwhile is written with the next, since a busy second would else wait for the disk, and cost,
/// once for each call that ends in it.
const PACE: Duration = Duration::from_millis(500);

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFate {
    /// It is on the disk.
    Written,
    /// It could not be written yet, and is tried again.
    Late,
    /// It is nowhere: too many waited, or we ended.
    Lost,
}

impl RecordFate {
    /// All of them, for metrics.
    pub const ALL: [Self; 3] = [Self::Written, Self::Late, Self::Lost];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Late => "late",
            Self::Lost => "lost",
        }
    }
}

/// Where records go. When it is dropped, those on their way are written and the keeper ends.
pub struct RecordSink {
    records: mpsc::Sender<Arc<Record>>,
    watch: Arc<dyn Watch>,
    /// Whether the last one was lost: that is told once, and not of each.
    losing: AtomicBool,
    /// Tells the writer that no more come.
    _last: DropGuard,
}

impl RecordSink {
    /// Takes a record. It does not wait: when too many do already, this one is lost.
    pub fn keep(&self, record: Arc<Record>) {
        let lost = self.records.try_send(record).is_err();
        if lost {
            self.watch.records(RecordFate::Lost, 1);
        }
        if !self.losing.swap(lost, Ordering::Relaxed) && lost {
            warn!("call records are lost from now on: too many wait to be written");
        }
    }
}

/// Writes records until their sink is dropped.
#[derive(Debug)]
pub struct RecordKeeper {
    tasks: TaskTracker,
}

impl RecordKeeper {
    /// Starts, within a tokio runtime. Files of days that are over for longer than `keep` are deleted, now and with the first
    /// record of a day.
    pub fn start(folder: PathBuf, keep: Duration, clock: &Clock, watch: Arc<dyn Watch>) -> (RecordSink, Self) {
        let (records, told) = mpsc::channel(QUEUE);
        let tasks = TaskTracker::new();
        let files = Files { folder, keep };
        let today = day_of(clock.now());
        let last = CancellationToken::new();
        tasks.spawn(write_all(files, today, told, Arc::clone(&watch), last.clone()));
        let sink = RecordSink { records, watch, losing: AtomicBool::new(false), _last: last.drop_guard() };
        (sink, Self { tasks })
    }

    /// Waits until all is written, after the sink was dropped.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn write_all(
    files: Files,
    today: Date,
    mut told: mpsc::Receiver<Arc<Record>>,
    watch: Arc<dyn Watch>,
    last: CancellationToken,
) {
    let files = Arc::new(files);
    let pruned = Arc::clone(&files);
    // What it deletes it tells; a panic would be a bug, and writing goes on.
    let _pruned = spawn_blocking(move || pruned.prune(today)).await;
    let mut batch = Vec::with_capacity(BATCH);
    while told.recv_many(&mut batch, BATCH).await > 0 {
        let mut late = false;
        while !batch.is_empty() {
            let (at, count) = (Arc::clone(&files), batch.len());
            let write = move || {
                let error = at.write(&mut batch).err();
                (batch, error)
            };
            let (left, error) = match spawn_blocking(write).await {
                Ok(tried) => tried,
                Err(bug) => {
                    watch.records(RecordFate::Lost, count);
                    error!(%bug, lost = count, "a bug: call records cannot be written");
                    batch = Vec::new();
                    break;
                }
            };
            batch = left;
            watch.records(RecordFate::Written, count - batch.len());
            let Some(error) = error else { break };
            let folder = files.folder.display();
            if told.is_closed() {
                let lost = batch.len() + told.len();
                watch.records(RecordFate::Lost, lost);
                return error!(%folder, %error, lost, "call records cannot be written, and we end");
            }
            if !std::mem::replace(&mut late, true) {
                watch.records(RecordFate::Late, batch.len());
                warn!(%folder, %error, "call records cannot be written; they wait, and it is tried again");
            }
            // Who ends does not wait for better times: it is tried once more, and that is all.
            let _ends = last.run_until_cancelled(sleep(AGAIN)).await;
        }
        // More than that is no trickle: many calls ended at once.
        if told.len() < BATCH {
            let _ends = last.run_until_cancelled(sleep(PACE)).await;
        }
    }
}

/// The folder of all files.
#[derive(Debug)]
struct Files {
    folder: PathBuf,
    keep: Duration,
}

impl Files {
    /// Writes records, day by day; those that are on the disk are taken out.
    fn write(&self, records: &mut Vec<Arc<Record>>) -> io::Result<()> {
        while let Some(first) = records.first() {
            let day = day_of(first.ended);
            let of_day = records.iter().take_while(|record| day_of(record.ended) == day).count();
            let mut lines = Vec::new();
            for record in &records[..of_day] {
                serde_json::to_writer(&mut lines, &**record)?;
                lines.push(b'\n');
            }
            self.append(day, &lines)?;
            records.drain(..of_day);
        }
        Ok(())
    }

    /// All of the lines come to the end of a day's file, or none of them.
    fn append(&self, day: Date, lines: &[u8]) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let path = file(&self.folder, day);
        let is_new = !path.exists();
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&path)?;
        let before = file.metadata()?.len();
        let written = end_line(&mut file, before).and_then(|()| file.write_all(lines)).and_then(|()| file.sync_data());
        if written.is_err() {
            // Should that fail, too, half a line is there, which no reader takes for a record.
            drop(file.set_len(before));
            return written;
        }
        if is_new {
            File::open(&self.folder)?.sync_all()?;
            self.prune(day);
        }
        Ok(())
    }

    /// Deletes files of days that ended too long before `today`.
    fn prune(&self, today: Date) {
        let keep = jiff::SignedDuration::try_from(self.keep).unwrap_or(jiff::SignedDuration::MAX);
        let oldest = today.saturating_sub(keep);
        let old = days(&self.folder).unwrap_or_default().into_iter().take_while(|day| *day < oldest);
        for path in old.map(|day| file(&self.folder, day)) {
            match fs::remove_file(&path) {
                Ok(()) => info!(file = %path.display(), "call records of long ago are deleted"),
                Err(error) => warn!(file = %path.display(), %error, "call records of long ago cannot be deleted"),
            }
        }
    }
}

/// A machine that died while it wrote left half a line: the next begins on a line of its own.
fn end_line(file: &mut File, length: u64) -> io::Result<()> {
    if length == 0 {
        return Ok(());
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// The day of a moment, by UTC.
fn day_of(at: Time) -> Date {
    timestamp(at).to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
pub(super) fn write_now(folder: &std::path::Path, keep: Duration, records: Vec<Record>) -> io::Result<()> {
    let mut records = records.into_iter().map(Arc::new).collect();
    Files { folder: folder.to_owned(), keep }.write(&mut records)
}
