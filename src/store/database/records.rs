//! Records of calls: the SQL for them, and which of them are wanted.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params, types::Type};
use serde_json::value::RawValue;

use super::change::{millis, signed, unsigned};
use crate::{
    domain::{Name, Time},
    engine::record::Record,
};

/// Which records are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of calls that ended then or later.
    pub since: Option<Timestamp>,
    /// Of calls that ended before then.
    pub until: Option<Timestamp>,
    /// Of calls to this number, compared by its digits.
    pub number: Option<String>,
    /// Of calls of this caller, compared by the digits of his number.
    pub caller: Option<String>,
    /// Of calls whose caller talked to this operator last.
    pub operator: Option<String>,
    /// Behind this place.
    pub after: Option<Cursor>,
    /// So many at most.
    pub limit: usize,
}

/// A place between two records, in the order in which they were written. It stays what it is while records come and old ones go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(u64);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let cursor = text.parse().map(Self).map_err(drop)?;
        if cursor.to_string() == text { Ok(cursor) } else { Err(()) }
    }
}

/// Records in the order in which they were written, as they were.
#[derive(Debug, Default)]
pub struct Page {
    /// Objects of JSON.
    pub records: Vec<Box<RawValue>>,
    /// Where the next page begins.
    pub next: Cursor,
    /// Whether there is more behind it.
    pub more: bool,
}

pub(super) fn write(connection: &Connection, exchange: &Name, record: &Record) -> rusqlite::Result<()> {
    let json = serde_json::to_string(record).map_err(|bug| rusqlite::Error::ToSqlConversionFailure(bug.into()))?;
    let put = "INSERT INTO records (exchange, ended, number, caller, operator, record) VALUES (?, ?, ?, ?, ?, ?)";
    let row = params![
        &**exchange,
        millis(record.ended),
        record.number.as_deref().map(keys),
        record.caller.number.as_deref().map(keys),
        record.operator.as_deref(),
        json,
    ];
    connection.prepare_cached(put)?.execute(row).map(drop)
}

/// Deletes those of calls that ended before then.
pub(super) fn forget(connection: &Connection, exchange: &Name, before: Time) -> rusqlite::Result<()> {
    let delete = "DELETE FROM records WHERE exchange = ? AND ended < ?";
    connection.prepare_cached(delete)?.execute(params![&**exchange, millis(before)]).map(drop)
}

/// A page of them, in one look at the file.
pub(super) fn read(connection: &Connection, exchange: &Name, wanted: &Wanted) -> rusqlite::Result<Page> {
    let transaction = connection.unchecked_transaction()?;
    let after = wanted.after.unwrap_or_default();
    // A record may be written after those of calls that ended later, so that the first one is looked for by its end, and what
    // comes behind it in the order of writing.
    let first = match wanted.since {
        Some(since) => {
            let first = "SELECT min(id) FROM records WHERE exchange = ? AND ended >= ?";
            let first = transaction.query_row(first, params![&**exchange, since.as_millisecond()], |row| row.get(0));
            first.map(|first: Option<i64>| first.map_or(u64::MAX, unsigned))?
        }
        None => 0,
    };
    // Whoever is asked for by his number is found by it. All others are read in their order from the first one on: with a `+` a
    // column is not looked up, whose rows would have to be sorted.
    let of_whom = match wanted.caller {
        Some(_) => "exchange = :exchange AND caller = :caller",
        None => "+exchange = :exchange AND :caller IS NULL",
    };
    let mut all = transaction.prepare(&format!(
        "SELECT id, record FROM records WHERE {of_whom} AND id > :after AND id >= :first \
         AND +ended >= :since AND +ended < :until AND (:number IS NULL OR number = :number) \
         AND (:operator IS NULL OR operator = :operator) ORDER BY id LIMIT :limit"
    ))?;
    let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX - 1) + 1;
    let mut rows = all.query(named_params! {
        ":exchange": &**exchange,
        ":after": signed(after.0),
        ":first": signed(first),
        ":since": wanted.since.map_or(i64::MIN, Timestamp::as_millisecond),
        ":until": wanted.until.map_or(i64::MAX, Timestamp::as_millisecond),
        ":number": wanted.number.as_deref().map(keys),
        ":caller": wanted.caller.as_deref().map(keys),
        ":operator": wanted.operator,
        ":limit": limit,
    })?;
    let mut page = Page { next: after, ..Page::default() };
    while let Some(row) = rows.next()? {
        if page.records.len() >= wanted.limit {
            page.more = true;
            return Ok(page);
        }
        page.next = Cursor(unsigned(row.get(0)?));
        let json = RawValue::from_string(row.get(1)?);
        page.records
            .push(json.map_err(|damage| rusqlite::Error::FromSqlConversionFailure(1, Type::Text, damage.into()))?);
    }
    // The next page need not look at these again.
    let last = "SELECT max(id) FROM records WHERE exchange = ?";
    let last: Option<Option<i64>> = transaction.query_row(last, [&**exchange], |row| row.get(0)).optional()?;
    page.next = page.next.max(Cursor(last.flatten().map_or(0, unsigned)));
    Ok(page)
}

/// What of a number is compared, however it is written.
fn keys(number: &str) -> String {
    number.chars().filter(|c| c.is_ascii_alphanumeric() || "*#".contains(*c)).collect()
}
