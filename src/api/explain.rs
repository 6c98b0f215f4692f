//! Why not yet.
//!
//! | request | what |
//! | --- | --- |
//! | `GET /api/v1/explain/calls/ID` | why a caller is not connected yet: his place, and of every operator what is in the way |
//! | `GET /api/v1/explain/operators/NAME` | why an operator is not rung, and whom he would have next |

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

use super::{Api, Door, Fault, waiting};
use crate::{domain::CallId, engine::NotSteered, runtime::NotDone};

pub(super) fn doors() -> Vec<Door> {
    vec![("/api/v1/explain/calls/{id}", get(call)), ("/api/v1/explain/operators/{name}", get(operator))]
}

async fn call(State(api): State<Api>, Path(id): Path<String>) -> Response {
    let Some(call) = CallId::parse(&id) else { return waiting::told(NotSteered::NoSuchCall) };
    match api.desk.explain_call(call).await {
        Ok(why) => shown(&why),
        Err(NotDone::Refused(why)) => waiting::told(why),
        Err(NotDone::NoAnswer) => Fault::NoAnswer.into_response(),
    }
}

async fn operator(State(api): State<Api>, Path(name): Path<String>) -> Response {
    match api.desk.explain_operator(&name).await {
        Ok(Some(why)) => shown(&why),
        Ok(None) => Fault::NoSuchOperator.into_response(),
        Err(_late) => Fault::NoAnswer.into_response(),
    }
}

fn shown(why: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(why)).into_response()
}
