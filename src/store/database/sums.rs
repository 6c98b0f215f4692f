//! The SQL for what was added up: of a day, and of each operator.

use std::{collections::BTreeMap, time::Duration};

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};

use super::change::{millis, moment, signed, unsigned};
use crate::{
    domain::Name,
    engine::{
        Done,
        statistics::{OperatorDay, OperatorDays, QueueDay, QueueDays},
    },
};

pub(super) fn write_done(
    connection: &Connection,
    exchange: &Name,
    operator: &Name,
    done: &Done,
) -> rusqlite::Result<()> {
    let put = "INSERT OR REPLACE INTO done (exchange, operator, last_talk, talks, talked_ms) VALUES (?, ?, ?, ?, ?)";
    let last = done.last_talk.map(millis);
    let row = params![&**exchange, &**operator, last, signed(done.talks), whole(done.talked)];
    connection.prepare_cached(put)?.execute(row).map(drop)
}

pub(super) fn done(connection: &Connection, exchange: &Name) -> rusqlite::Result<BTreeMap<Name, Done>> {
    let mut all = connection.prepare("SELECT operator, last_talk, talks, talked_ms FROM done WHERE exchange = ?")?;
    let rows = all.query_map([&**exchange], |row| {
        let (name, last) = (row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?);
        let done = Done { last_talk: last.map(moment), talks: unsigned(row.get(2)?), talked: span(row.get(3)?) };
        Ok((Name::new(&name), done))
    })?;
    rows.collect()
}

pub(super) fn write_queue(
    connection: &Connection,
    exchange: &Name,
    day: Date,
    queue: &Name,
    so_far: &QueueDay,
) -> rusqlite::Result<()> {
    let put = "INSERT OR REPLACE INTO queue_days (exchange, day, queue, answered, in_service_level, abandoned, \
               left_otherwise, found_full, answered_waited_ms, abandoned_waited_ms, longest_wait_ms, talks, talked_ms) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let row = params![
        &**exchange,
        day.to_string(),
        &**queue,
        signed(so_far.answered),
        signed(so_far.in_service_level),
        signed(so_far.abandoned),
        signed(so_far.left),
        signed(so_far.found_full),
        whole(so_far.waited),
        whole(so_far.abandoned_after),
        whole(so_far.longest),
        signed(so_far.talks),
        whole(so_far.talked),
    ];
    connection.prepare_cached(put)?.execute(row).map(drop)
}

pub(super) fn queues(connection: &Connection, exchange: &Name, day: Date) -> rusqlite::Result<QueueDays> {
    let mut all = connection.prepare(
        "SELECT queue, answered, in_service_level, abandoned, left_otherwise, found_full, answered_waited_ms, \
         abandoned_waited_ms, longest_wait_ms, talks, talked_ms FROM queue_days WHERE exchange = ? AND day = ?",
    )?;
    let rows = all.query_map([&**exchange, &day.to_string()], |row| {
        let number = |column| row.get(column).map(unsigned);
        let so_far = QueueDay {
            answered: number(1)?,
            in_service_level: number(2)?,
            abandoned: number(3)?,
            left: number(4)?,
            found_full: number(5)?,
            waited: row.get(6).map(span)?,
            abandoned_after: row.get(7).map(span)?,
            longest: row.get(8).map(span)?,
            talks: number(9)?,
            talked: row.get(10).map(span)?,
        };
        Ok((Name::new(&row.get::<_, String>(0)?), so_far))
    })?;
    rows.collect()
}

pub(super) fn write_operator(
    connection: &Connection,
    exchange: &Name,
    day: Date,
    operator: &Name,
    so_far: &OperatorDay,
) -> rusqlite::Result<()> {
    let put = "INSERT OR REPLACE INTO operator_days (exchange, day, operator, answered, missed, unreached, talks, \
               talked_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let row = params![
        &**exchange,
        day.to_string(),
        &**operator,
        signed(so_far.answered),
        signed(so_far.missed),
        signed(so_far.unreached),
        signed(so_far.talks),
        whole(so_far.talked),
    ];
    connection.prepare_cached(put)?.execute(row).map(drop)
}

pub(super) fn operators(connection: &Connection, exchange: &Name, day: Date) -> rusqlite::Result<OperatorDays> {
    let mut all = connection.prepare(
        "SELECT operator, answered, missed, unreached, talks, talked_ms FROM operator_days \
         WHERE exchange = ? AND day = ?",
    )?;
    let rows = all.query_map([&**exchange, &day.to_string()], |row| {
        let number = |column| row.get(column).map(unsigned);
        let so_far = OperatorDay {
            answered: number(1)?,
            missed: number(2)?,
            unreached: number(3)?,
            talks: number(4)?,
            talked: row.get(5).map(span)?,
        };
        Ok((Name::new(&row.get::<_, String>(0)?), so_far))
    })?;
    rows.collect()
}

/// The last day of which something is kept.
pub(super) fn last_day(connection: &Connection, exchange: &Name) -> rusqlite::Result<Option<Date>> {
    let last = "SELECT max(day) FROM (SELECT day FROM queue_days WHERE exchange = ?1 \
                UNION ALL SELECT day FROM operator_days WHERE exchange = ?1)";
    let day: Option<Option<String>> = connection.query_row(last, [&**exchange], |row| row.get(0)).optional()?;
    // What is no day was not written by us.
    Ok(day.flatten().and_then(|day| day.parse().ok()))
}

pub(super) fn whole(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn span(millis: i64) -> Duration {
    Duration::from_millis(unsigned(millis))
}
