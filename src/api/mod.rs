//! HTTP for machines and people who look after the exchange: metrics, health, and how things stand.
//!
//! | path | what | who may |
//! | --- | --- | --- |
//! | `/metrics` | numbers, in Prometheus' text format | anybody |
//! | `/livez` | 200 while the engine's task answers | anybody |
//! | `/readyz` | 200 while new calls can be served; otherwise 503 and why not | anybody |
//! | `/prompts/NAME.wav` | a prompt of the plan, by the name of its content | anybody |
//! | `/api/v1/state` | numbers, calls, queues with their callers, operators, as JSON | `view` |
//! | `/api/v1/queues/NAME` | a queue with its callers | `view` |
//! | `/api/v1/explain/calls/ID`, `.../operators/NAME` | why a caller is not connected yet, or an operator not rung | `view` |
//! | `/api/v1/calls` | records of calls that are over, page by page | `view` |
//! | `/api/v1/statistics` | a day of queues and operators, added up | `view` |
//! | `POST /api/v1/calls/ID/...` | a caller who waits: moved, preferred, withdrawn, assigned | `operate` |
//! | `/api/v1/callbacks` | callers who were promised to be called back | `view` |
//! | `DELETE /api/v1/callbacks/ID` | cancels one of them | `operate` |
//! | `/api/v1/operators` | operators, and whether they are there for their queues | `view` |
//! | `POST /api/v1/operators/NAME/...` | signs an operator in or out, pauses him, ends that or his wrap-up | `operate` |
//! | `PUT`, `DELETE /api/v1/hours/NAME` | hours of the plan, open or closed by hand for a while, and as it says again | `operate` |
//! | `/api/v1/voicemail` | messages that callers left: listed, heard, deleted | `messages` |
//! | `/api/v1/openapi.json` | all of this, as OpenAPI describes it | `view` |
//!
//! Of `/api/v1/` a token has the roles that the settings give it: `view` reads, `operate` changes, `messages` is for
//! `/api/v1/voicemail`. Every change is a line of the log (target `audit`): whose token, what, and what came of it. One token may
//! ask 100 times a second.
//!
//! What goes wrong is told as JSON: `{"error": {"code": "...", "message": "..."}}`.

mod asked;
mod callbacks;
mod calls;
mod explain;
mod fault;
mod guard;
mod hours;
mod openapi;
mod operators;
mod pace;
mod prompt;
mod server;
mod sound;
mod statistics;
mod voicemail;
mod waiting;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, put},
};
use serde::Serialize;
use serde_json::json;

pub use self::server::{Listener, serve};
use self::{fault::Fault, guard::Guard};

use crate::{
    engine::{
        Snapshot,
        snapshot::{CallView, CallbackView, HoursView, NumberView, OperatorView, QueueView, TrunkView},
    },
    metrics::{self, Metrics},
    prompts::Shelf,
    runtime::{
        Desk,
        glance::Glance,
        ready::{NodeView, Readiness},
        standing::{self, Standing},
    },
    settings::Token,
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
    /// What is kept of calls that are over, and of days; `None`: nothing is.
    pub store: Option<Arc<dyn store::Store>>,
    /// Who may use the API; none: anybody who reaches it, which must be on loopback then.
    pub tokens: Arc<[Token]>,
}

/// A path, and what is done there. Each is described in `openapi.json`.
type Door = (&'static str, MethodRouter<Api>);

/// All paths under `/api/v1/`.
fn guarded() -> Vec<Door> {
    let own = vec![
        ("/api/v1/state", get(state)),
        ("/api/v1/calls", calls::route()),
        ("/api/v1/statistics", get(statistics::of_a_day)),
        ("/api/v1/hours/{name}", put(hours::override_them).delete(hours::as_planned)),
    ];
    let others = [
        voicemail::doors(),
        operators::doors(),
        callbacks::doors(),
        waiting::doors(),
        explain::doors(),
        openapi::doors(),
    ];
    own.into_iter().chain(others.into_iter().flatten()).collect()
}

/// All paths for which nobody needs a token.
fn open(api: &Api) -> Vec<Door> {
    let watched = (Arc::new(Glance::new(api.desk.clone())), Arc::clone(&api.metrics));
    vec![
        ("/metrics", get(metrics).with_state(watched)),
        ("/livez", get(livez)),
        ("/readyz", get(readyz)),
        (sound::ROUTE, get(sound::sound)),
    ]
}

fn through(doors: Vec<Door>) -> Router<Api> {
    doors.into_iter().fold(Router::new(), |router, (path, does)| router.route(path, does))
}

/// All routes.
pub fn router(api: Api) -> Router {
    let guard = middleware::from_fn_with_state(Arc::new(Guard::new(api.clone())), guard::guard);
    through(open(&api))
        .merge(through(guarded()).route_layer(guard))
        .fallback(async || Fault::NoSuchPath)
        .method_not_allowed_fallback(async || Fault::WrongMethod)
        .with_state(api)
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
    callbacks: Vec<CallbackView>,
}

async fn state(State(api): State<Api>) -> Response {
    let Some(snapshot) = api.desk.snapshot().await else {
        return Fault::NoAnswer.into_response();
    };
    let Snapshot { exchange, draining, nodes, numbers, calls, queues, operators, hours, trunks, callbacks } = snapshot;
    let (plan, nodes) = (api.standing.view(), api.readiness.view(&nodes));
    let shown = Shown { exchange, plan, draining, nodes, numbers, calls, queues, operators, hours, trunks, callbacks };
    ([(header::CACHE_CONTROL, "no-store")], Json(shown)).into_response()
}

#[cfg(test)]
mod tests;
