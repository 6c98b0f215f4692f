//! Opening hours, overridden by hand.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{Api, Fault};
use crate::{engine::snapshot::HoursView, runtime::NotOverridden};

/// What is asked: `?to=closed&until=18:00`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    to: String,
    #[serde(rename = "for")]
    wait: Option<String>,
    until: Option<String>,
}

/// `PUT /api/v1/hours/office?to=closed&until=18:00`: open or closed, whatever the plan says. Answers how they stand then.
pub(super) async fn override_them(
    State(api): State<Api>,
    Path(name): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    match asked {
        Ok(Query(Asked { to, wait, until })) => {
            answer(api.desk.override_hours(&name, &to, wait.as_deref(), until.as_deref()).await)
        }
        Err(rejected) => wrong(&format!("{}: send ?to=open or ?to=closed, and `for` or `until`", rejected.body_text())),
    }
}

/// `DELETE /api/v1/hours/office`: as the plan says again.
pub(super) async fn as_planned(State(api): State<Api>, Path(name): Path<String>) -> Response {
    answer(api.desk.hours_as_planned(&name).await)
}

fn answer(stand: Result<HoursView, NotOverridden>) -> Response {
    match stand {
        Ok(view) => Json(view).into_response(),
        Err(NotOverridden::Wrong(what)) => wrong(&what),
        Err(NotOverridden::NoSuchHours) => Fault::NoSuchHours.into_response(),
        Err(NotOverridden::NoAnswer) => Fault::NoAnswer.into_response(),
    }
}

pub(super) fn wrong(message: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": {"code": "bad_request", "message": message}}))).into_response()
}
