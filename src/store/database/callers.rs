//! The SQL for what is remembered of callers.

use rusqlite::{Connection, params};

use super::{
    change::{About, millis, moment},
    sums::{span, whole},
};
use crate::{
    domain::Name,
    engine::{KeptCallers, LeftPlace, Memo, Talked},
};

/// What a memo is about.
pub(super) fn about(memo: &Memo) -> About {
    match memo {
        Memo::Talked(Talked { queue, caller, .. }) => About::Talked(queue.clone(), caller.clone()),
        Memo::TalksBefore { queue, .. } => About::OldTalks(queue.clone()),
        Memo::Left(LeftPlace { queue, caller, .. }) | Memo::CameBack { queue, caller } => {
            About::Place(queue.clone(), caller.clone())
        }
        Memo::PlacesBefore { queue, .. } => About::OldPlaces(queue.clone()),
    }
}

pub(super) fn write(connection: &Connection, exchange: &Name, memo: &Memo) -> rusqlite::Result<()> {
    match memo {
        Memo::Talked(Talked { queue, caller, operator, at }) => {
            let put = "INSERT OR REPLACE INTO talks (exchange, queue, caller, operator, at) VALUES (?, ?, ?, ?, ?)";
            let row = params![&**exchange, &**queue, &**caller, &**operator, millis(*at)];
            connection.prepare_cached(put)?.execute(row).map(drop)
        }
        Memo::TalksBefore { queue, before } => {
            let delete = "DELETE FROM talks WHERE exchange = ? AND queue = ? AND at < ?";
            connection.prepare_cached(delete)?.execute(params![&**exchange, &**queue, millis(*before)]).map(drop)
        }
        Memo::Left(LeftPlace { queue, caller, at, waited, priority }) => {
            let put = "INSERT OR REPLACE INTO places (exchange, queue, caller, at, waited_ms, priority) \
                       VALUES (?, ?, ?, ?, ?, ?)";
            let row = params![&**exchange, &**queue, &**caller, millis(*at), whole(*waited), priority];
            connection.prepare_cached(put)?.execute(row).map(drop)
        }
        Memo::CameBack { queue, caller } => {
            let delete = "DELETE FROM places WHERE exchange = ? AND queue = ? AND caller = ?";
            connection.prepare_cached(delete)?.execute([&**exchange, &**queue, &**caller]).map(drop)
        }
        Memo::PlacesBefore { queue, before } => {
            let delete = "DELETE FROM places WHERE exchange = ? AND queue = ? AND at < ?";
            connection.prepare_cached(delete)?.execute(params![&**exchange, &**queue, millis(*before)]).map(drop)
        }
    }
}

pub(super) fn read(connection: &Connection, exchange: &Name) -> rusqlite::Result<KeptCallers> {
    let mut all = connection.prepare("SELECT queue, caller, operator, at FROM talks WHERE exchange = ?")?;
    let rows = all.query_map([&**exchange], |row| {
        let name = |column| row.get::<_, String>(column).map(|name| Name::new(&name));
        Ok(Talked { queue: name(0)?, caller: name(1)?, operator: name(2)?, at: row.get(3).map(moment)? })
    })?;
    let talked = rows.collect::<rusqlite::Result<_>>()?;
    let places = "SELECT queue, caller, at, waited_ms, priority FROM places WHERE exchange = ?";
    let mut all = connection.prepare(places)?;
    let rows = all.query_map([&**exchange], |row| {
        let name = |column| row.get::<_, String>(column).map(|name| Name::new(&name));
        let (at, waited) = (row.get(2).map(moment)?, row.get(3).map(span)?);
        Ok(LeftPlace { queue: name(0)?, caller: name(1)?, at, waited, priority: row.get(4)? })
    })?;
    Ok(KeptCallers { talked, left: rows.collect::<rusqlite::Result<_>>()? })
}
