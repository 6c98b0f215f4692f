//! A day of queues and operators, added up: `GET /api/v1/statistics?day=2026-11-26`, by the clock of the exchange. Without a
//! day, the last one on which something came about.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::{Api, Fault, hours::wrong};
use crate::{
    domain::Name,
    engine::statistics::{OperatorDay, QueueDay},
    store::database::KeptDay,
};

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    day: Option<String>,
}

/// A day.
#[derive(Serialize)]
struct Shown {
    day: Option<Date>,
    queues: Vec<ShownQueue>,
    operators: Vec<ShownOperator>,
}

#[derive(Serialize)]
struct ShownQueue {
    queue: Name,
    /// Callers whose waiting is over, however it ended.
    offered: u64,
    #[serde(flatten)]
    day: QueueDay,
}

#[derive(Serialize)]
struct ShownOperator {
    operator: Name,
    #[serde(flatten)]
    day: OperatorDay,
}

/// Days that are read at a time: whoever asks more often waits.
static READERS: Semaphore = Semaphore::const_new(2);

/// Answers with a day.
pub(super) async fn of_a_day(State(api): State<Api>, asked: Result<Query<Asked>, QueryRejection>) -> Response {
    let day = match asked {
        Ok(Query(Asked { day })) => day.map(|day| read(&day).ok_or(())).transpose(),
        Err(rejected) => return wrong(&format!("{}: send `day`, or nothing", rejected.body_text())),
    };
    let Ok(day) = day else { return wrong("`day` is a day, as 2026-11-26") };
    let Some(store) = api.store.as_ref().map(Arc::clone) else { return shown(None) };
    // Nobody closes it.
    let Ok(_place) = READERS.acquire().await else { return Fault::Bug.into_response() };
    match tokio::task::spawn_blocking(move || store.read_day(day)).await {
        Ok(Ok(day)) => shown(day),
        Ok(Err(error)) => {
            tracing::warn!(%error, "statistics cannot be read");
            Fault::NoStatistics.into_response()
        }
        Err(_ended) => Fault::Bug.into_response(),
    }
}

/// Of a moment the library reads a day, too, and leaves out the rest.
fn read(text: &str) -> Option<Date> {
    text.parse().ok().filter(|day: &Date| day.to_string() == text)
}

fn shown(kept: Option<KeptDay>) -> Response {
    let day = kept.as_ref().map(|kept| kept.day);
    let (queues, operators) = kept.map(|kept| (kept.queues, kept.operators)).unwrap_or_default();
    let queue = |(queue, day): (Name, QueueDay)| {
        let offered = day.answered + day.abandoned + day.left;
        ShownQueue { queue, offered, day }
    };
    let operator = |(operator, day)| ShownOperator { operator, day };
    let shown = Shown {
        day,
        queues: queues.into_iter().map(queue).collect(),
        operators: operators.into_iter().map(operator).collect(),
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(shown)).into_response()
}
