//! HTTP for machines and people who look after the exchange: metrics, health, and how things stand.
//!
//! | path | what | who may |
//! | --- | --- | --- |
//! | `/metrics` | numbers, in Prometheus' text format | anybody |
//! | `/livez` | 200 while the engine's task answers | anybody |
//! | `/readyz` | 200 while new calls can be served; otherwise 503 and why not | anybody |
//! | `/prompts/NAME.wav` | a prompt of the plan, by the name of its content | anybody |
//! | `/api/v1/calls` | records of calls that are over, page by page | with a token, if there are tokens |
//! | `/api/v1/statistics` | a day of queues and operators, added up | with a token, if there are tokens |
//! | `/api/v1/voicemail` | messages that callers left: listed, heard, deleted | with a token, if there are tokens |
//! | `PUT`, `DELETE /api/v1/hours/NAME` | hours of the plan, open or closed by hand for a while, and as it says again | with a token, if there are tokens |
//! | `/api/v1/operators` | operators, and whether they are there for their queues | with a token, if there are tokens |
//! | `POST /api/v1/operators/NAME/...` | signs an operator in or out, pauses him, ends that or his wrap-up | with a token, if there are tokens |
//! | `/api/v1/state` | numbers, calls, queues with their callers, operators, as JSON | with a token, if there are tokens |
//!
//! What goes wrong is told as JSON: `{"error": {"code": "...", "message": "..."}}`.

mod calls;
mod guard;
mod hours;
mod operators;
mod prompt;
mod server;
mod sound;
mod statistics;
mod voicemail;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;

pub use server::{Listener, serve};

use crate::{
    engine::{
        Snapshot,
        snapshot::{CallView, HoursView, NumberView, OperatorView, QueueView, TrunkView},
    },
    metrics::{self, Metrics},
    prompts::Shelf,
    runtime::{
        Desk,
        glance::Glance,
        ready::{NodeView, Readiness},
        standing::{self, Standing},
    },
    store,
};

/// What requests are answered from.
#[derive(Clone, Debug)]
pub struct Api {
    /// The engine's task.
    pub desk: Desk,
    /// Numbers.
    pub metrics: Arc<Metrics>,
    /// Whether we are ready.
    pub readiness: Arc<Readiness>,
    /// How the plan stands.
    pub standing: Arc<Standing>,
    /// What Asterisk may fetch.
    pub prompts: Shelf,
    /// Messages that callers left.
    pub messages: Arc<store::Shelf>,
    /// Records of calls; `None`: none are kept.
    pub records: Option<store::Records>,
    /// What is kept of days; `None`: nothing is.
    pub store: Option<Arc<dyn store::Store>>,
    /// Who may read the API; none: anybody who reaches it, which must be on loopback then.
    pub tokens: Arc<[SecretString]>,
}

/// All routes.
pub fn router(api: Api) -> Router {
    let guarded = Router::new()
        .route("/api/v1/state", get(state))
        .merge(voicemail::routes())
        .merge(operators::routes())
        .route("/api/v1/calls", calls::route())
        .route("/api/v1/statistics", get(statistics::of_a_day))
        .route("/api/v1/hours/{name}", put(hours::override_them).delete(hours::as_planned))
        .route_layer(middleware::from_fn_with_state(api.clone(), guard));
    Router::new()
        .route("/metrics", get(metrics).with_state((Arc::new(Glance::new(api.desk.clone())), Arc::clone(&api.metrics))))
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route(sound::ROUTE, get(sound::sound))
        .merge(guarded)
        .fallback(async || Fault::NoSuchPath)
        .method_not_allowed_fallback(async || Fault::WrongMethod)
        .with_state(api)
}

/// What went wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    NoSuchPath,
    NoSuchHours,
    WrongMethod,
    NoToken,
    StrangeHost,
    NoAnswer,
    NoSuchMessage,
    BadQuery,
    NoRecords,
    NoStatistics,
    Bug,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, code, message) = match self {
            Self::NoSuchPath => (StatusCode::NOT_FOUND, "not_found", "there is nothing at this path"),
            Self::NoSuchHours => {
                (StatusCode::NOT_FOUND, "no_such_hours", "the plan in force has no hours of this name")
            }
            Self::WrongMethod => {
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not take this method")
            }
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "send `Authorization: Bearer TOKEN` with a token of the settings",
            ),
            Self::StrangeHost => (
                StatusCode::FORBIDDEN,
                "strange_host",
                "without a token the API answers to localhost and addresses only",
            ),
            Self::NoSuchMessage => (StatusCode::NOT_FOUND, "no_such_message", "there is no message with this id"),
            Self::BadQuery => {
                (StatusCode::BAD_REQUEST, "bad_query", "`box` is a box's name, and `limit` a number from 1 to 1000")
            }
            Self::NoRecords => {
                (StatusCode::SERVICE_UNAVAILABLE, "no_records", "records cannot be read now; the log says why")
            }
            Self::NoStatistics => {
                (StatusCode::SERVICE_UNAVAILABLE, "no_statistics", "statistics cannot be read now; the log says why")
            }
            Self::NoAnswer => (StatusCode::SERVICE_UNAVAILABLE, "no_answer", "the engine's task does not answer"),
            Self::Bug => (StatusCode::INTERNAL_SERVER_ERROR, "bug", "a fault of ours; the log says more"),
        };
        let body = Json(json!({"error": {"code": code, "message": message}}));
        let challenge = (self == Self::NoToken).then_some([(header::WWW_AUTHENTICATE, r#"Bearer realm="sentral""#)]);
        (status, challenge, body).into_response()
    }
}

async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    match guard::admit(&api.tokens, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(fault) => fault.into_response(),
    }
}

/// Numbers are there even when the engine's task does not answer: then the more.
async fn metrics(State((glance, metrics)): State<(Arc<Glance>, Arc<Metrics>)>) -> Response {
    let snapshot = glance.snapshot().await;
    match metrics.text(snapshot.as_deref()) {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a bug: the metrics cannot be written");
            Fault::Bug.into_response()
        }
    }
}

async fn livez(State(api): State<Api>) -> Response {
    if api.desk.is_alive().await {
        Json(json!({"alive": true})).into_response()
    } else {
        Fault::NoAnswer.into_response()
    }
}

async fn readyz(State(api): State<Api>) -> Response {
    let checked = if api.desk.is_alive().await {
        api.readiness.check()
    } else {
        Err(vec!["the engine's task does not answer".into()])
    };
    match checked {
        Ok(()) => Json(json!({"ready": true})).into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"ready": false, "why": why}))).into_response(),
    }
}

/// How things stand. Durations in seconds.
#[derive(Serialize)]
struct Shown {
    exchange: String,
    plan: standing::View,
    draining: bool,
    nodes: Vec<NodeView>,
    numbers: Vec<NumberView>,
    calls: Vec<CallView>,
    queues: Vec<QueueView>,
    operators: Vec<OperatorView>,
    trunks: Vec<TrunkView>,
    hours: Vec<HoursView>,
}

async fn state(State(api): State<Api>) -> Response {
    let Some(snapshot) = api.desk.snapshot().await else {
        return Fault::NoAnswer.into_response();
    };
    let Snapshot { exchange, draining, nodes, numbers, calls, queues, operators, hours, trunks } = snapshot;
    let (plan, nodes) = (api.standing.view(), api.readiness.view(&nodes));
    let shown = Shown { exchange, plan, draining, nodes, numbers, calls, queues, operators, hours, trunks };
    ([(header::CACHE_CONTROL, "no-store")], Json(shown)).into_response()
}

#[cfg(test)]
mod tests;
