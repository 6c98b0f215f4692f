//! Callers who wait: shown, moved, preferred, withdrawn, assigned.
//!
//! | request | what |
//! | --- | --- |
//! | `GET /api/v1/queues/NAME` | the queue: who waits, at which place, for how long, with which priority |
//! | `POST /api/v1/calls/ID/move?queue=NAME` or `?flow=NAME` | waits in another queue, or goes on with a flow |
//! | `POST /api/v1/calls/ID/priority?to=10` | has another priority |
//! | `POST /api/v1/calls/ID/withdraw?info=TEXT` | goes where the plan says for those who are withdrawn |
//! | `POST /api/v1/calls/ID/assign?operator=NAME` | is the next for whom this operator is rung |
//!
//! The values may come as a JSON object in the body instead. The answer is the call as it stands then. One who no longer waits
//! is left alone: 409, and why.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    Api, Door, Fault,
    asked::{Asked, no_sense, not_now},
    guard::Did,
    hours::wrong,
};
use crate::{
    domain::{CallId, Name},
    engine::{NotSteered, Steer},
    runtime::NotDone,
};

/// The greatest priority that is given by hand, and the smallest with its sign.
const MOST: i64 = 1_000_000;

/// The longest that is said of a withdrawal.
const LONGEST: usize = 200;

pub(super) fn doors() -> Vec<Door> {
    vec![
        ("/api/v1/queues/{name}", get(queue)),
        ("/api/v1/calls/{id}/move", post(moved)),
        ("/api/v1/calls/{id}/priority", post(prioritised)),
        ("/api/v1/calls/{id}/withdraw", post(withdrawn)),
        ("/api/v1/calls/{id}/assign", post(assigned)),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    queue: Option<String>,
    flow: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Priority {
    to: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdraw {
    #[serde(default)]
    info: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assign {
    operator: String,
}

async fn queue(State(api): State<Api>, Path(name): Path<String>) -> Response {
    match api.desk.queue(&name).await {
        Ok(Some(view)) => ([(header::CACHE_CONTROL, "no-store")], Json(view)).into_response(),
        Ok(None) => Fault::NoSuchQueue.into_response(),
        Err(_late) => Fault::NoAnswer.into_response(),
    }
}

async fn moved(State(api): State<Api>, Path(id): Path<String>, Asked(asked): Asked<Move>) -> Response {
    match asked {
        Move { queue: Some(queue), flow: None } => {
            steer(&api, &id, Steer::ToQueue(Name::new(&queue)), format!("move to queue {queue}")).await
        }
        Move { queue: None, flow: Some(flow) } => {
            steer(&api, &id, Steer::ToFlow(Name::new(&flow)), format!("move to flow {flow}")).await
        }
        Move { .. } => wrong("send where to: `queue`, or `flow`"),
    }
}

async fn prioritised(State(api): State<Api>, Path(id): Path<String>, Asked(asked): Asked<Priority>) -> Response {
    let Priority { to } = asked;
    if !(-MOST..=MOST).contains(&to) {
        return no_sense("bad_priority", "`to` is a number from -1000000 to 1000000; the greater one is served first");
    }
    steer(&api, &id, Steer::Prioritise(to), format!("priority {to}")).await
}

async fn withdrawn(State(api): State<Api>, Path(id): Path<String>, Asked(asked): Asked<Withdraw>) -> Response {
    let Withdraw { info } = asked;
    if info.chars().count() > LONGEST || info.chars().any(char::is_control) {
        return no_sense("bad_info", "`info` is one line of 200 letters at most");
    }
    let did = format!("withdraw: {info}");
    steer(&api, &id, Steer::Withdraw { info: Arc::from(info) }, did).await
}

async fn assigned(State(api): State<Api>, Path(id): Path<String>, Asked(asked): Asked<Assign>) -> Response {
    let Assign { operator } = asked;
    steer(&api, &id, Steer::Assign(Name::new(&operator)), format!("assign to {operator}")).await
}

async fn steer(api: &Api, id: &str, steer: Steer, did: String) -> Response {
    let Some(call) = CallId::parse(id) else { return told(NotSteered::NoSuchCall) };
    let mut response = match api.desk.steer(call, steer).await {
        Ok(view) => Json(view).into_response(),
        Err(NotDone::Refused(why)) => told(why),
        Err(NotDone::NoAnswer) => Fault::NoAnswer.into_response(),
    };
    response.extensions_mut().insert(Did(did));
    response
}

pub(super) fn told(why: NotSteered) -> Response {
    match why {
        NotSteered::NoSuchCall => Fault::NoSuchCall.into_response(),
        NotSteered::Over => not_now("over", "this call is over: its caller has left"),
        NotSteered::NotWaiting => not_now(
            "not_waiting",
            "this caller does not wait in a queue: he was answered, has left it, or has not come to one",
        ),
        NotSteered::OfDialplan => {
            not_now("of_dialplan", "Asterisk's dialplan asked for an operator for this caller, and connects him itself")
        }
        NotSteered::NodeAway => not_now("node_away", "the caller's Asterisk is not heard from: ask again when it is"),
        NotSteered::SameQueue => not_now("same_queue", "he waits in this queue already"),
        NotSteered::QueueFull => not_now("queue_full", "this queue holds as many callers as its `capacity`"),
        NotSteered::QueueClosed => not_now("queue_closed", "the hours of this queue are closed"),
        NotSteered::NoSuchQueue => {
            no_sense("no_such_queue", "the plan that this call began with has no queue of this name")
        }
        NotSteered::NoSuchFlow => {
            no_sense("no_such_flow", "the plan that this call began with has no flow of this name")
        }
        NotSteered::NoSuchOperator => no_sense("no_such_operator", "the plan in force has no operator of this name"),
    }
}
