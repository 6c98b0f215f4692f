//! Records of calls that are over: `GET /api/v1/calls?since=2026-11-26&until=2026-11-27T08:00:00Z&number=4780012345&limit=100`.
//!
//! The answer is `{"calls": [...], "next": "5120", "more": true}`, in the order in which they were written. `?after=` with what
//! `next` says is the next page; also when there is nothing more yet, so that one can ask again later.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::Semaphore;

use super::{Api, Fault, hours::wrong};
use crate::store::{Page, Wanted};

/// As many records are in a page, if nobody says how many.
const SOME: usize = 100;
/// No more than so many.
const MOST: usize = 1_000;
/// So many pages are read at a time: whoever asks more often waits.
const READERS: usize = 2;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    since: Option<String>,
    until: Option<String>,
    number: Option<String>,
    caller: Option<String>,
    operator: Option<String>,
    after: Option<String>,
    limit: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    calls: Vec<Box<RawValue>>,
    next: String,
    more: bool,
}

pub(super) fn route() -> MethodRouter<Api> {
    let readers = Arc::new(Semaphore::new(READERS));
    get(move |state, asked| list(state, asked, Arc::clone(&readers)))
}

async fn list(
    State(api): State<Api>,
    asked: Result<Query<Asked>, QueryRejection>,
    readers: Arc<Semaphore>,
) -> Response {
    let wanted = match asked {
        Ok(Query(asked)) => asked.read(),
        Err(rejected) => {
            Err(format!("{}: send since, until, number, caller, operator, after, limit", rejected.body_text()))
        }
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(what) => return wrong(&what),
    };
    let Some(store) = api.store else { return shown(Page::default()) };
    // Nobody closes it.
    let Ok(_place) = readers.acquire().await else { return Fault::Bug.into_response() };
    match tokio::task::spawn_blocking(move || store.read_records(&wanted)).await {
        Ok(Ok(page)) => shown(page),
        Ok(Err(error)) => {
            tracing::warn!(%error, "records of calls cannot be read");
            Fault::NoRecords.into_response()
        }
        Err(_ended) => Fault::Bug.into_response(),
    }
}

/// Who called is not kept on the way.
fn shown(page: Page) -> Response {
    let shown = Shown { calls: page.records, next: page.next.to_string(), more: page.more };
    ([(header::CACHE_CONTROL, "no-store")], Json(shown)).into_response()
}

impl Asked {
    /// What is wanted, or what is wrong with how it was asked.
    fn read(self) -> Result<Wanted, String> {
        let Self { since, until, number, caller, operator, after, limit } = self;
        let since = since.map(|text| moment("since", &text)).transpose()?;
        let until = until.map(|text| moment("until", &text)).transpose()?;
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            return Err("`since` is not before `until`".into());
        }
        let is_none = |number: &String| !number.contains(|c: char| c.is_ascii_alphanumeric() || c == '*');
        if number.as_ref().is_some_and(is_none) {
            return Err("`number` is a number that was called, as 4780012345".into());
        }
        if caller.as_ref().is_some_and(is_none) {
            return Err("`caller` is a caller's number, as 4791234567".into());
        }
        let after = after.map(|text| text.parse().map_err(|()| "`after` is what `next` of a page says".to_owned()));
        let limit = limit.map_or(Some(SOME), |text| text.parse().ok().filter(|limit| (1..=MOST).contains(limit)));
        let limit = limit.ok_or_else(|| format!("`limit` is a number from 1 to {MOST}"))?;
        Ok(Wanted { since, until, number, caller, operator, after: after.transpose()?, limit })
    }
}

/// A moment, or the beginning of a day by UTC.
fn moment(key: &str, text: &str) -> Result<Timestamp, String> {
    let day = |day: Date| day.to_zoned(TimeZone::UTC).map(|day| day.timestamp());
    // Of a moment the library reads a day, too, and leaves out the rest.
    let read = if text.contains('T') { text.parse() } else { text.parse().and_then(day) };
    read.map_err(|_unread| format!("`{key}` is a day or a moment, as 2026-11-26 or 2026-11-26T08:00:00Z"))
}
