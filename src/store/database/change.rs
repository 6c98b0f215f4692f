//! What can be kept: each kind of it, what it is about, and its SQL.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rusqlite::{Connection, params};

use super::{callers, sums};

use crate::{
    domain::{Name, Time},
    engine::{
        ByHand, Done, Memo,
        statistics::{OperatorDay, QueueDay},
    },
};

/// What is to be kept, in the place of what was kept about the same before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// An operator's duty, or that there is none to know of.
    Duty { operator: Name, duty: Option<String>, changed: Time },
    /// Which hours stand by hand: these, and no others.
    Hours(BTreeMap<Name, ByHand>),
    /// What an operator has done.
    Done { operator: Name, done: Done },
    /// What is to be known of a caller, or no more.
    Caller(Memo),
    /// A queue's day so far.
    QueueDay { day: Date, queue: Name, so_far: QueueDay },
    /// An operator's day so far.
    OperatorDay { day: Date, operator: Name, so_far: OperatorDay },
}

/// What a change is about: of two with the same, the newer one counts alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// An operator's duty.
    Duty(Name),
    /// Hours that stand by hand, all of them.
    Hours,
    /// What an operator has done.
    Done(Name),
    /// Who talked to a caller of a queue last.
    Talked(Name, Name),
    /// That those who talked in a queue long ago are forgotten.
    OldTalks(Name),
    /// The place of a caller of a queue.
    Place(Name, Name),
    /// That places of a queue of long ago are forgotten.
    OldPlaces(Name),
    /// A queue's day.
    QueueDay(Date, Name),
    /// An operator's day.
    OperatorDay(Date, Name),
}

impl Change {
    pub(super) fn about(&self) -> About {
        match self {
            Self::Duty { operator, .. } => About::Duty(operator.clone()),
            Self::Hours(_) => About::Hours,
            Self::Done { operator, .. } => About::Done(operator.clone()),
            Self::Caller(memo) => callers::about(memo),
            Self::QueueDay { day, queue, .. } => About::QueueDay(*day, queue.clone()),
            Self::OperatorDay { day, operator, .. } => About::OperatorDay(*day, operator.clone()),
        }
    }

    /// Writes it, within a transaction.
    pub(super) fn write(&self, connection: &Connection, exchange: &Name) -> rusqlite::Result<()> {
        match self {
            Self::Duty { operator, duty: Some(duty), changed } => {
                let put = "INSERT OR REPLACE INTO duties (exchange, operator, duty, changed) VALUES (?, ?, ?, ?)";
                let row = params![&**exchange, &**operator, duty, millis(*changed)];
                connection.prepare_cached(put)?.execute(row)?;
            }
            Self::Duty { operator, duty: None, .. } => {
                let delete = "DELETE FROM duties WHERE exchange = ? AND operator = ?";
                connection.prepare_cached(delete)?.execute([&**exchange, &**operator])?;
            }
            Self::Hours(by_hand) => write_hours(connection, exchange, by_hand)?,
            Self::Done { operator, done } => sums::write_done(connection, exchange, operator, done)?,
            Self::Caller(memo) => callers::write(connection, exchange, memo)?,
            Self::QueueDay { day, queue, so_far } => sums::write_queue(connection, exchange, *day, queue, so_far)?,
            Self::OperatorDay { day, operator, so_far } => {
                sums::write_operator(connection, exchange, *day, operator, so_far)?;
            }
        }
        Ok(())
    }
}

pub(super) fn duties(connection: &Connection, exchange: &Name) -> rusqlite::Result<Vec<(String, String, u64)>> {
    let all = "SELECT operator, duty, changed FROM duties WHERE exchange = ? ORDER BY operator";
    let mut all = connection.prepare(all)?;
    let rows = all.query_map([&**exchange], |row| Ok((row.get(0)?, row.get(1)?, unsigned(row.get(2)?))))?;
    rows.collect()
}

fn write_hours(connection: &Connection, exchange: &Name, by_hand: &BTreeMap<Name, ByHand>) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM hours WHERE exchange = ?")?.execute([&**exchange])?;
    let put = "INSERT INTO hours (exchange, hours, open, until) VALUES (?, ?, ?, ?)";
    let mut put = connection.prepare_cached(put)?;
    for (hours, ByHand { open, until }) in by_hand {
        put.execute(params![&**exchange, &**hours, open, until.map(millis)])?;
    }
    Ok(())
}

pub(super) fn hours(connection: &Connection, exchange: &Name) -> rusqlite::Result<BTreeMap<Name, ByHand>> {
    let mut all = connection.prepare("SELECT hours, open, until FROM hours WHERE exchange = ?")?;
    let rows = all.query_map([&**exchange], |row| {
        let (name, until) = (row.get::<_, String>(0)?, row.get::<_, Option<i64>>(2)?);
        Ok((Name::new(&name), ByHand { open: row.get(1)?, until: until.map(moment) }))
    })?;
    rows.collect()
}

pub(super) fn moment(millis: i64) -> Time {
    Time::from_micros(unsigned(millis).saturating_mul(1_000))
}

/// A moment as it is kept: whole milliseconds since the Unix epoch, as people who look into the file expect.
pub(super) fn millis(at: Time) -> i64 {
    signed(at.as_micros() / 1_000)
}

/// SQLite's numbers have a sign.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
