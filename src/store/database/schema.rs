//! The tables, and how an older file gets them.

use rusqlite::{Connection, TransactionBehavior};

/// Marks a file as ours: `Sntl`.
pub(super) const APPLICATION: i32 = 0x536e_746c;

/// How a file of schema 0 becomes one of schema 1, that one of schema 2, and so on. A step that was in a release is never
/// changed: another one is put after it.
const STEPS: &[&str] = &[
    // What operators are on or off duty for: what is in `duty` is the engine's.
    "CREATE TABLE duties (
        exchange TEXT NOT NULL,
        operator TEXT NOT NULL,
        duty TEXT NOT NULL,
        changed INTEGER NOT NULL,
        PRIMARY KEY (exchange, operator)
    ) STRICT, WITHOUT ROWID",
    // Which opening hours stand by hand; without `until` until somebody says otherwise.
    "CREATE TABLE hours (
        exchange TEXT NOT NULL,
        hours TEXT NOT NULL,
        open INTEGER NOT NULL CHECK (open IN (0, 1)),
        until INTEGER,
        PRIMARY KEY (exchange, hours)
    ) STRICT, WITHOUT ROWID",
    // What operators have done, for the strategies of queues; and the sums of each day.
    "CREATE TABLE done (
        exchange TEXT NOT NULL,
        operator TEXT NOT NULL,
        last_talk INTEGER,
        talks INTEGER NOT NULL,
        talked_ms INTEGER NOT NULL,
        PRIMARY KEY (exchange, operator)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE queue_days (
        exchange TEXT NOT NULL,
        day TEXT NOT NULL,
        queue TEXT NOT NULL,
        answered INTEGER NOT NULL,
        in_service_level INTEGER NOT NULL,
        abandoned INTEGER NOT NULL,
        left_otherwise INTEGER NOT NULL,
        found_full INTEGER NOT NULL,
        answered_waited_ms INTEGER NOT NULL,
        abandoned_waited_ms INTEGER NOT NULL,
        longest_wait_ms INTEGER NOT NULL,
        talks INTEGER NOT NULL,
        talked_ms INTEGER NOT NULL,
        PRIMARY KEY (exchange, day, queue)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE operator_days (
        exchange TEXT NOT NULL,
        day TEXT NOT NULL,
        operator TEXT NOT NULL,
        answered INTEGER NOT NULL,
        missed INTEGER NOT NULL,
        unreached INTEGER NOT NULL,
        talks INTEGER NOT NULL,
        talked_ms INTEGER NOT NULL,
        PRIMARY KEY (exchange, day, operator)
    ) STRICT, WITHOUT ROWID",
    // Who talked to callers last, by queue.
    "CREATE TABLE talks (
        exchange TEXT NOT NULL,
        queue TEXT NOT NULL,
        caller TEXT NOT NULL,
        operator TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (exchange, queue, caller)
    ) STRICT, WITHOUT ROWID",
    // Places of callers who went while they waited: when, and for how long they had.
    "CREATE TABLE places (
        exchange TEXT NOT NULL,
        queue TEXT NOT NULL,
        caller TEXT NOT NULL,
        at INTEGER NOT NULL,
        waited_ms INTEGER NOT NULL,
        priority INTEGER NOT NULL,
        PRIMARY KEY (exchange, queue, caller)
    ) STRICT, WITHOUT ROWID",
];

/// The schema that we write.
pub(super) fn newest() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// The schema of a file.
pub(super) fn of(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Makes the missing steps, each in one transaction with its number. `made` is told of each before the next one begins.
pub(super) fn migrate(connection: &mut Connection, mut made: impl FnMut(u32)) -> rusqlite::Result<()> {
    let has = of(connection)?;
    for (number, step) in (1..).zip(STEPS).skip_while(|(number, _)| *number <= has) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
        made(number);
    }
    Ok(())
}
