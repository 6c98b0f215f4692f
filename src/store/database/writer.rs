//! The one thread that writes.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tracing::{error, info, warn};

use super::{
    ChangeFate,
    change::{About, Change},
};
use crate::{domain::Name, store::Watch};

/// When what could not be written is tried again: once more while we end, too.
pub(super) const AGAIN: Duration = Duration::from_secs(5);

/// Between two transactions: what comes meanwhile is written with the next, so that a busy hour takes few. What comes after a
/// quiet moment is written at once.
const PACE: Duration = Duration::from_millis(500);

/// So many may wait. There are not so many things to know, unless a disk is full for months.
pub(super) const MOST: usize = 65_536;

/// So many of them may be records of calls, which come without end: their crowd takes nobody else's place.
pub(super) const RECORDS: usize = 4_096;

/// Changes that wait for the disk.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    state: Mutex<State>,
    /// There is something to write, or we end.
    changed: Condvar,
    /// We end. Who rests hears of nothing else: a change that comes meanwhile would wake him for nothing.
    ending: Condvar,
}

#[derive(Debug, Default)]
struct State {
    changes: Changes,
    /// How many of them are records of calls.
    records: usize,
    ends: bool,
}

/// Changes by what they are about: no two about the same.
type Changes = BTreeMap<About, Change>;

impl Waiting {
    /// One more, in the place of an older one about the same. Its lock is never held for longer than this takes, or to take
    /// all that waits out. Tells whether there was room.
    pub(super) fn put(&self, change: Change) -> bool {
        let about = change.about();
        let mut state = self.lock();
        let is_record = matches!(about, About::Record(_));
        let has_room = if is_record {
            state.records < RECORDS
        } else {
            state.changes.len() < MOST || state.changes.contains_key(&about)
        };
        if has_room {
            state.records += usize::from(is_record);
            let is_first = state.changes.is_empty();
            state.changes.insert(about, change);
            if is_first {
                self.changed.notify_one();
            }
        }
        has_room
    }

    /// No more come.
    pub(super) fn end(&self) {
        self.lock().ends = true;
        self.changed.notify_one();
        self.ending.notify_one();
    }

    /// All that waits, as soon as something does; `None`: nothing does, and no more comes.
    fn take(&self) -> Option<Changes> {
        let nothing = |state: &mut State| state.changes.is_empty() && !state.ends;
        let mut state = self.changed.wait_while(self.lock(), nothing).unwrap_or_else(PoisonError::into_inner);
        state.records = 0;
        Some(std::mem::take(&mut state.changes)).filter(|changes| !changes.is_empty())
    }

    /// What could not be written waits again, where nothing newer does.
    fn put_back(&self, changes: Changes) {
        let mut state = self.lock();
        for (about, change) in changes {
            state.records += usize::from(matches!(about, About::Record(_)));
            state.changes.entry(about).or_insert(change);
        }
    }

    /// Waits, but not when we end. Tells whether we do.
    fn rest(&self, long: Duration) -> bool {
        let rested = self.ending.wait_timeout_while(self.lock(), long, |state| !state.ends);
        rested.unwrap_or_else(PoisonError::into_inner).0.ends
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what waits.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) exchange: Name,
    pub(super) file: PathBuf,
    pub(super) seen: Arc<dyn Watch>,
    /// [`AGAIN`], or less in a test.
    pub(super) again: Duration,
}

impl Writer {
    /// Runs until no more comes, and all is written or lost.
    pub(super) fn run(mut self, waiting: &Waiting) {
        let mut late = false;
        let mut ends = false;
        while let Some(changes) = waiting.take() {
            let count = changes.len();
            match self.write(&changes) {
                Ok(refused) => {
                    self.seen.changes(ChangeFate::Written, count - refused);
                    self.seen.changes(ChangeFate::Lost, refused);
                    if std::mem::take(&mut late) {
                        info!(file = %self.file.display(), "the database is written again, and lacks nothing");
                    }
                    ends = waiting.rest(PACE);
                }
                Err(error) if ends => {
                    self.seen.changes(ChangeFate::Lost, count);
                    return error!(file = %self.file.display(), %error, lost = count, "the database cannot be written, and we end");
                }
                Err(error) => {
                    if !std::mem::replace(&mut late, true) {
                        self.seen.changes(ChangeFate::Late, count);
                        warn!(
                            file = %self.file.display(), %error,
                            "the database cannot be written: changes wait, hold as long as we run, and are tried again"
                        );
                    }
                    waiting.put_back(changes);
                    ends = waiting.rest(self.again);
                }
            }
        }
        // Closing it brings what is in the log beside it into the file; where that fails, the next life does.
        if let Err((_, error)) = self.connection.close() {
            warn!(file = %self.file.display(), %error, "the database is not closed well; all that was written is there");
        }
    }

    /// All of them in one transaction, or none. Tells how many the file refused for what they are, which is a bug of ours: the
    /// others are written all the same.
    pub(super) fn write(&mut self, changes: &Changes) -> rusqlite::Result<usize> {
        let mut refused = 0;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for change in changes.values() {
            match change.write(&transaction, &self.exchange) {
                Ok(()) => {}
                Err(error) if is_its_own_fault(&error) => {
                    refused += 1;
                    error!(about = ?change.about(), %error, "a bug: the database does not take this");
                }
                Err(error) => return Err(error),
            }
        }
        transaction.commit()?;
        Ok(refused)
    }
}

/// Whether a change could be written at no time, whatever the disk is like.
fn is_its_own_fault(error: &rusqlite::Error) -> bool {
    let of_the_row =
        [ErrorCode::ConstraintViolation, ErrorCode::TypeMismatch, ErrorCode::TooBig, ErrorCode::ParameterOutOfRange];
    error.sqlite_error_code().is_some_and(|code| of_the_row.contains(&code))
}
