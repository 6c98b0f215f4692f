//! What is looked at before the file is used.
//!
//! A file that is damaged, of somebody else, of a newer Sentral, in use or not ours to write is not used at all: half a store
//! would forget what it promised, and write over what could be restored.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use thiserror::Error;
use tracing::{info, warn};

use super::{PATIENCE, schema};
use crate::clock::Clock;

/// How long a file is looked through for damage. A calls' centre has megabytes, and a disk reads some hundred in this time.
const LOOK: Duration = Duration::from_secs(5);

/// How long one that was just killed may take to be gone.
const PARTING: Duration = Duration::from_secs(2);

/// So many of SQLite's instructions between two looks at the clock: about a millisecond.
const STRIDE: i32 = 10_000;

/// Why the database cannot be used, and what to do.
#[derive(Debug, Error)]
#[error("the database {} {wrong}", file.display())]
pub struct OpenError {
    /// Which file.
    pub file: PathBuf,
    /// What is wrong with it.
    #[source]
    pub wrong: Wrong,
}

/// What is wrong with a database, and what to do about it.
#[derive(Debug, Error)]
pub enum Wrong {
    /// It cannot be opened, or a file beside it cannot be made.
    #[error(
        "cannot be opened ({0}); give the user that runs Sentral its folder to write, or set `database` to another file"
    )]
    Closed(io::Error),
    /// It can be read but not written.
    #[error(
        "cannot be written: it is read-only for us; give the user that runs Sentral the file and its folder to write, or set \
         `database` to another file"
    )]
    ReadOnly,
    /// Another process has it.
    #[error("is in use by another Sentral{0}; stop that one, or set `database` to another file: two never write one")]
    InUse(String),
    /// Another program is in the middle of something with it.
    #[error("is locked by another program, which has it open and writes; close that, and start again")]
    Locked,
    /// It is no database of ours.
    #[error("is not one of Sentral's; set `database` to another file, or move this one away")]
    NotOurs,
    /// It is damaged.
    #[error(
        "is damaged ({0}); put the last copy of it in its place, with no `-wal` and `-shm` file beside it, or move all three \
         away: then a new one is made, without what was in this one"
    )]
    Damaged(String),
    /// A newer Sentral wrote it.
    #[error(
        "is of schema {found}, and this Sentral knows no newer one than {known}: start the newer Sentral that wrote it, or put a \
         copy from before in its place"
    )]
    Newer {
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// There is no room.
    #[error("cannot be written: the disk is full; make room, or set `database` to a file on another disk")]
    Full,
    /// Its disk cannot do what is needed.
    #[error("cannot be written ahead (its journal is `{0}`): set `database` to a file on a disk of this machine")]
    NoLog(String),
    /// Something else.
    #[error("cannot be used: {0}")]
    Other(rusqlite::Error),
}

impl From<rusqlite::Error> for Wrong {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::CannotOpen) => Self::Closed(io::Error::other(error)),
            _ => Self::Other(error),
        }
    }
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Self {
        let is_full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
        if is_full { Self::Full } else { Self::Closed(error) }
    }
}

impl OpenError {
    pub(super) fn of(file: &Path, wrong: impl Into<Wrong>) -> Self {
        Self { file: file.to_owned(), wrong: wrong.into() }
    }
}

/// Opens the file, and makes it where there is none. Whoever holds what comes beside it is the only one who writes.
pub(super) fn open(path: &Path, clock: &Arc<Clock>) -> Result<(Connection, File), OpenError> {
    open_as(path, clock).map_err(|wrong| OpenError { file: path.to_owned(), wrong })
}

fn open_as(path: &Path, clock: &Arc<Clock>) -> Result<(Connection, File), Wrong> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let ours = lock(path, clock)?;
    // Made by us, so that nobody else may read it; the files beside it get the same mode.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_made) => info!(file = %path.display(), "a new database is made"),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.into()),
    }
    let mut connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    if connection.is_readonly("main")? {
        return Err(Wrong::ReadOnly);
    }
    look(&connection, path, clock)?;
    prepare(&connection)?;
    schema::migrate(
        &mut connection,
        |number| info!(file = %path.display(), schema = number, "the database has a new schema"),
    )?;
    Ok((connection, ours))
}

/// Only one process writes: SQLite would let several, each of which believes that it knows all that is there. A file of its own
/// is locked, since to close the database's would let go of SQLite's own locks on it.
fn lock(path: &Path, clock: &Clock) -> Result<File, Wrong> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&name)?;
    let until = clock.now() + PARTING;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            // This thread has nothing else to do: nothing is started yet.
            Err(TryLockError::WouldBlock) if clock.now() < until => thread::park_timeout(PARTING / 20),
            Err(TryLockError::WouldBlock) => {
                let who = fs::read_to_string(&name).unwrap_or_default();
                let who = who.trim().parse::<u32>().map_or_else(|_| String::new(), |who| format!(" (process {who})"));
                return Err(Wrong::InUse(who));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
    // For whoever comes second, to tell who was first.
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())?;
    Ok(file)
}

/// Looks whether the file is ours to use. Nothing is written.
fn look(connection: &Connection, path: &Path, clock: &Arc<Clock>) -> Result<(), Wrong> {
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found = schema::of(connection)?;
    let is_new = tables == 0 && application == 0 && found == 0;
    if !is_new && application != schema::APPLICATION {
        return Err(Wrong::NotOurs);
    }
    let known = schema::newest();
    if found > known {
        return Err(Wrong::Newer { found, known });
    }
    let (clock, until) = (Arc::clone(clock), clock.now() + LOOK);
    connection.progress_handler(STRIDE, Some(move || clock.now() > until))?;
    let looked = quick_check(connection);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    match looked {
        Ok(well) if well == "ok" => Ok(()),
        Ok(damage) => Err(Wrong::Damaged(damage)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            warn!(file = %path.display(), "the database is too large to be looked through at start; `sqlite3 FILE 'PRAGMA quick_check'` does");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// What a look for damage says. What a call's life hangs on is looked at first: records of calls are many.
fn quick_check(connection: &Connection) -> rusqlite::Result<String> {
    let tables =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'records'";
    let tables: Vec<String> = connection.prepare(tables)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        let said =
            connection.query_row("SELECT * FROM pragma_quick_check(?)", [table], |row| row.get::<_, String>(0))?;
        if said != "ok" {
            return Ok(said);
        }
    }
    connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
}

/// How the writer's connection works: see the module.
fn prepare(connection: &Connection) -> Result<(), Wrong> {
    let journal: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if journal != "wal" {
        return Err(Wrong::NoLog(journal));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Nothing in a file of somebody's making runs by itself, and a damaged cell is found when it is read.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // The log beside it is cut to this after it was long.
    connection.query_row("PRAGMA journal_size_limit = 8388608", [], |_| Ok(()))?;
    Ok(())
}
