//! Operators: how they stand, and whether they are there for their queues.
//!
//! | request | what |
//! | --- | --- |
//! | `GET /api/v1/operators` | all of them |
//! | `POST /api/v1/operators/anna/sign_in?desk=205`, `.../sign_out` | `desk` may be left out |
//! | `POST /api/v1/operators/anna/pause?reason=lunch&for=30m` | both may be left out |
//! | `POST /api/v1/operators/anna/resume` | |
//! | `POST /api/v1/operators/anna/wrap_up?extend=1m`, `...?end` | |
//!
//! A change is answered with how he stands then.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Api, Door, Fault, hours::wrong};
use crate::{
    engine::{NotChanged, snapshot::OperatorView},
    runtime::duty::{DutyAsked, NotDone},
};

pub(super) fn doors() -> Vec<Door> {
    vec![
        ("/api/v1/operators", get(all)),
        ("/api/v1/operators/{name}/sign_in", post(sign_in)),
        ("/api/v1/operators/{name}/sign_out", post(sign_out)),
        ("/api/v1/operators/{name}/pause", post(pause)),
        ("/api/v1/operators/{name}/resume", post(resume)),
        ("/api/v1/operators/{name}/wrap_up", post(wrap_up)),
    ]
}

async fn all(State(api): State<Api>) -> Response {
    let Some(snapshot) = api.desk.snapshot().await else { return Fault::NoAnswer.into_response() };
    let all = All { operators: snapshot.operators };
    ([(header::CACHE_CONTROL, "no-store")], Json(all)).into_response()
}

/// How all of them stand.
#[derive(Debug, Serialize)]
struct All {
    operators: Vec<OperatorView>,
}

/// What takes nothing behind it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

type Asked<T> = Result<Query<T>, QueryRejection>;

/// `?desk=205`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    desk: Option<String>,
}

async fn sign_in(State(api): State<Api>, Path(name): Path<String>, asked: Asked<SignIn>) -> Response {
    match asked {
        Ok(Query(SignIn { desk })) => {
            let asked = desk.as_deref().map_or(DutyAsked::SignIn, DutyAsked::SignInAt);
            answer(&api, &name, asked).await
        }
        Err(rejected) => wrong(&format!("{}: send `desk`, or nothing", rejected.body_text())),
    }
}

async fn sign_out(State(api): State<Api>, Path(name): Path<String>, asked: Asked<Nothing>) -> Response {
    plainly(&api, &name, asked, DutyAsked::SignOut).await
}

async fn resume(State(api): State<Api>, Path(name): Path<String>, asked: Asked<Nothing>) -> Response {
    plainly(&api, &name, asked, DutyAsked::Resume).await
}

async fn plainly(api: &Api, name: &str, asked: Asked<Nothing>, change: DutyAsked<'_>) -> Response {
    match asked {
        Ok(_) => answer(api, name, change).await,
        Err(rejected) => wrong(&format!("{}: send nothing behind the path", rejected.body_text())),
    }
}

/// `?reason=lunch&for=30m`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pause {
    reason: Option<String>,
    #[serde(rename = "for")]
    lasts: Option<String>,
}

async fn pause(State(api): State<Api>, Path(name): Path<String>, asked: Asked<Pause>) -> Response {
    let Pause { reason, lasts } = match asked {
        Ok(Query(pause)) => pause,
        Err(rejected) => return wrong(&format!("{}: send `reason` and `for`, or neither", rejected.body_text())),
    };
    let (reason, lasts) = (reason.as_deref(), lasts.as_deref());
    answer(&api, &name, DutyAsked::Pause { reason, lasts }).await
}

/// `?extend=1m`, `?end`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrapUp {
    end: Option<String>,
    extend: Option<String>,
}

async fn wrap_up(State(api): State<Api>, Path(name): Path<String>, asked: Asked<WrapUp>) -> Response {
    match asked {
        Ok(Query(WrapUp { end: Some(end), extend: None })) if end.is_empty() => {
            answer(&api, &name, DutyAsked::EndWrapUp).await
        }
        Ok(Query(WrapUp { end: None, extend: Some(more) })) => {
            answer(&api, &name, DutyAsked::ExtendWrapUp(&more)).await
        }
        Ok(_) => wrong("send ?end to end his wrap-up, or ?extend=1m to make it longer"),
        Err(rejected) => wrong(&format!("{}: send ?end or ?extend=1m", rejected.body_text())),
    }
}

async fn answer(api: &Api, name: &str, asked: DutyAsked<'_>) -> Response {
    let why = match api.desk.change_duty(name, asked).await {
        Ok(view) => return Json(view).into_response(),
        Err(NotDone::NoAnswer) => return Fault::NoAnswer.into_response(),
        Err(NotDone::Wrong(what)) => return wrong(&what),
        Err(NotDone::NotChanged(why)) => why,
    };
    let (status, message) = match why {
        NotChanged::NoSuchOperator => (StatusCode::NOT_FOUND, "the plan in force has no operator of this name"),
        NotChanged::NoSuchReason => {
            (StatusCode::BAD_REQUEST, "the plan in force has no pause of this name in `pauses`")
        }
        NotChanged::SignedOut => (StatusCode::CONFLICT, "this operator is signed out: sign him in before"),
        NotChanged::NoSuchDesk => {
            (StatusCode::BAD_REQUEST, "the plan in force has no internal number like this with `desk: true`")
        }
        NotChanged::DeskInUse => (StatusCode::CONFLICT, "somebody is in a call at this desk"),
        NotChanged::NoWrapUp => (StatusCode::CONFLICT, "this operator does not wrap up now"),
    };
    (status, Json(json!({"error": {"code": why.word(), "message": message}}))).into_response()
}
