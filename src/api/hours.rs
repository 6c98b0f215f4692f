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
use crate::{
    dialplan::hours::{Override, Until},
    domain::Name,
    yaml::Wrong,
};

/// What is asked: `?to=closed&until=18:00`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    to: String,
    #[serde(rename = "for")]
    wait: Option<String>,
    until: Option<String>,
}

impl Asked {
    fn how(&self) -> Result<Override, Wrong> {
        let open = match self.to.as_str() {
            "open" => true,
            "closed" => false,
            other => return Err(Wrong::new(format!("`to` cannot be `{other}`"), "`to` is `open` or `closed`")),
        };
        let until = match (&self.wait, &self.until) {
            (Some(wait), None) => Some(Until::after(wait)?),
            (None, Some(until)) => Some(Until::parse(until)?),
            (None, None) => None,
            (Some(_), Some(_)) => return Err(Wrong::new("there are two ends", "send `for` or `until`")),
        };
        Ok(Override::Stand { open, until })
    }
}

/// `PUT /api/v1/hours/office?to=closed&until=18:00`: open or closed, whatever the plan says. Answers how they stand then.
pub(super) async fn override_them(
    State(api): State<Api>,
    Path(name): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    match asked {
        Ok(Query(asked)) => match asked.how() {
            Ok(how) => change(&api, &name, how).await,
            Err(Wrong { message, remedy }) => wrong(&format!("{message}: {remedy}")),
        },
        Err(rejected) => wrong(&format!("{}: send ?to=open or ?to=closed, and `for` or `until`", rejected.body_text())),
    }
}

/// `DELETE /api/v1/hours/office`: as the plan says again.
pub(super) async fn as_planned(State(api): State<Api>, Path(name): Path<String>) -> Response {
    change(&api, &name, Override::Plan).await
}

async fn change(api: &Api, name: &str, how: Override) -> Response {
    match api.desk.override_hours(Name::new(name), how).await {
        Some(Some(view)) => Json(view).into_response(),
        Some(None) => Fault::NoSuchHours.into_response(),
        None => Fault::NoAnswer.into_response(),
    }
}

fn wrong(message: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": {"code": "bad_request", "message": message}}))).into_response()
}
