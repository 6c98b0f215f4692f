//! The embedded store: one SQLite file for what outlives the process.
//!
//! | file | holds |
//! | --- | --- |
//! | `open` | what is looked at before the file is used, and what keeps us from it |
//! | `schema` | its tables, and how an older file gets them |
//! | `change`, `callers`, `sums` | what can be kept, and the SQL for it |
//! | `writer` | the one thread that writes |
//!
//! **Nobody waits for the disk.** A change is put into a small map, by what it is about: a newer one takes the place of one
//! that was not written yet. So what waits never grows past what there is to know, however long a disk is full.
//!
//! **Crashes.** All that waits is written in one transaction, which is on the disk when the next one begins (`synchronous=FULL`: with
//! `NORMAL` a host that loses its power may lose the last of them, and a pause or a promise that somebody was told of would be
//! gone). So a file is always as the engine's world was at one moment, and only the last moments may be missing.

mod callers;
mod change;
mod open;
mod schema;
mod sums;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    collections::BTreeMap,
    fmt,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags};
use thiserror::Error;
use tokio::{sync::watch, time::timeout};

pub use self::open::{OpenError, Wrong};
use self::{change::Change, writer::Waiting};
use super::Watch;
use crate::{
    clock::Clock,
    domain::Name,
    engine::{
        ByHand, Done, KeptCallers, Memo,
        statistics::{Counted, OperatorDays, QueueDays},
    },
};

/// How long the last changes have to be written when we end.
const FAREWELL: Duration = Duration::from_secs(4);

/// How long another program may hold the file, as one that makes a copy of it does.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps what outlives the process, of one exchange. Another one can stand in the place of the embedded one: of a cluster, say.
///
/// To keep something never waits. To read waits for the disk: on a thread that may.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// The duty of an operator, as JSON, in the place of what was kept of him; `None`: nothing is to be known of him.
    fn keep_duty(&self, operator: &str, duty: Option<String>);

    /// Operators with their duties, and when each changed, in milliseconds since the Unix epoch; in the order of their names.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read_duties(&self) -> Result<Vec<(String, String, u64)>, ReadError>;

    /// These hours stand by hand now, and no others.
    fn keep_hours(&self, by_hand: BTreeMap<Name, ByHand>);

    /// Hours that stood by hand, those whose time is over included.
    ///
    /// # Errors
    /// When they cannot be read.
    fn read_hours(&self) -> Result<BTreeMap<Name, ByHand>, ReadError>;

    /// What an operator has done, in the place of what was kept of him.
    fn keep_done(&self, operator: Name, done: Done);

    /// What operators have done.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read_done(&self) -> Result<BTreeMap<Name, Done>, ReadError>;

    /// What is to be known of a caller, or no more.
    fn keep_memo(&self, memo: Memo);

    /// What was to be known of callers, what is too old by now included.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read_callers(&self) -> Result<KeptCallers, ReadError>;

    /// How a day is so far, in the place of what was kept of it.
    fn keep_day(&self, counted: Counted);

    /// A day; `None`: the last one of which something is kept.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read_day(&self, day: Option<Date>) -> Result<Option<KeptDay>, ReadError>;
}

/// A day, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDay {
    /// Which.
    pub day: Date,
    /// What came about in queues.
    pub queues: QueueDays,
    /// What operators did.
    pub operators: OperatorDays,
}

/// What is kept cannot be read.
#[derive(Debug, Error)]
#[error("the database {} cannot be read: {error}", file.display())]
pub struct ReadError {
    file: PathBuf,
    error: rusqlite::Error,
}

/// What became of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeFate {
    /// They are on the disk.
    Written,
    /// They could not be written yet, and are tried again.
    Late,
    /// They are nowhere: we ended, too many waited, or the file does not take them.
    Lost,
}

impl ChangeFate {
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

/// The embedded store, open.
pub struct Database {
    file: PathBuf,
    exchange: Name,
    clock: Arc<Clock>,
    waiting: Arc<Waiting>,
    seen: Arc<dyn Watch>,
    /// Closed when the writer has ended.
    written: watch::Receiver<()>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("file", &self.file).field("exchange", &self.exchange).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens the file for an exchange, makes it where there is none, and starts its writer. It waits for the disk.
    ///
    /// # Errors
    /// When the file cannot be used as it is; then it is left as it is.
    pub fn open(path: &Path, exchange: Name, clock: Arc<Clock>, seen: Arc<dyn Watch>) -> Result<Self, OpenError> {
        let (connection, ours) = open::open(path, &clock)?;
        let waiting = Arc::new(Waiting::default());
        let (ends, written) = watch::channel(());
        let writer = writer::Writer {
            connection,
            exchange: exchange.clone(),
            file: path.to_owned(),
            seen: Arc::clone(&seen),
            again: writer::AGAIN,
        };
        Self::write(writer, Arc::clone(&waiting), (ends, ours)).map_err(|error| OpenError::of(path, error))?;
        Ok(Self { file: path.to_owned(), exchange, clock, waiting, seen, written })
    }

    /// Starts the writer. `ends`: what it lets go of when it has ended.
    fn write(writer: writer::Writer, waiting: Arc<Waiting>, ends: (watch::Sender<()>, File)) -> std::io::Result<()> {
        let run = move || {
            writer.run(&waiting);
            drop(ends);
        };
        std::thread::Builder::new().name("sentral-store".into()).spawn(run).map(drop)
    }

    /// Takes a change. It does not wait.
    fn keep(&self, change: Change) {
        if !self.waiting.put(change) {
            self.seen.changes(ChangeFate::Lost, 1);
        }
    }

    /// Writes what waits and closes the file. What comes later is not written.
    pub async fn ended(&self) {
        self.waiting.end();
        let mut written = self.written.clone();
        // Whoever writes tells nothing but that it has ended.
        let ended = async { while written.changed().await.is_ok() {} };
        if timeout(FAREWELL, ended).await.is_err() {
            tracing::error!(file = %self.file.display(), "the database cannot be written in time, and we end");
        }
    }

    /// Reads on a connection of its own, beside whoever writes.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, ReadError> {
        let connect = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&self.file, flags)?;
            connection.busy_timeout(PATIENCE)?;
            connection.pragma_update(None, "query_only", true)?;
            read(&connection)
        };
        connect().map_err(|error| ReadError { file: self.file.clone(), error })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.waiting.end();
    }
}

impl Store for Database {
    fn keep_duty(&self, operator: &str, duty: Option<String>) {
        self.keep(Change::Duty { operator: operator.into(), duty, changed: self.clock.now() });
    }

    fn read_duties(&self) -> Result<Vec<(String, String, u64)>, ReadError> {
        self.read(|connection| change::duties(connection, &self.exchange))
    }

    fn keep_hours(&self, by_hand: BTreeMap<Name, ByHand>) {
        self.keep(Change::Hours(by_hand));
    }

    fn read_hours(&self) -> Result<BTreeMap<Name, ByHand>, ReadError> {
        self.read(|connection| change::hours(connection, &self.exchange))
    }

    fn keep_done(&self, operator: Name, done: Done) {
        self.keep(Change::Done { operator, done });
    }

    fn read_done(&self) -> Result<BTreeMap<Name, Done>, ReadError> {
        self.read(|connection| sums::done(connection, &self.exchange))
    }

    fn keep_memo(&self, memo: Memo) {
        self.keep(Change::Caller(memo));
    }

    fn read_callers(&self) -> Result<KeptCallers, ReadError> {
        self.read(|connection| callers::read(connection, &self.exchange))
    }

    fn keep_day(&self, counted: Counted) {
        let Counted { day, queue, operator } = counted;
        if let Some((queue, so_far)) = queue {
            self.keep(Change::QueueDay { day, queue, so_far });
        }
        if let Some((operator, so_far)) = operator {
            self.keep(Change::OperatorDay { day, operator, so_far });
        }
    }

    fn read_day(&self, day: Option<Date>) -> Result<Option<KeptDay>, ReadError> {
        self.read(|connection| {
            let day = day.map_or_else(|| sums::last_day(connection, &self.exchange), |day| Ok(Some(day)))?;
            let Some(day) = day else { return Ok(None) };
            let queues = sums::queues(connection, &self.exchange, day)?;
            Ok(Some(KeptDay { day, queues, operators: sums::operators(connection, &self.exchange, day)? }))
        })
    }
}
