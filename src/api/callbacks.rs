//! Callers who are called back: listed, cancelled.
//!
//! | request | what |
//! | --- | --- |
//! | `GET /api/v1/callbacks` | all that are promised, queue by queue, the next in its line first |
//! | `DELETE /api/v1/callbacks/ID` | nobody is called for it any more; the answer is how it stood |

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::{delete, get},
};
use serde::Serialize;

use super::{Api, Door, Fault, guard::Did};
use crate::{domain::CallbackId, engine::snapshot::CallbackView};

pub(super) fn doors() -> Vec<Door> {
    vec![("/api/v1/callbacks", get(all)), ("/api/v1/callbacks/{id}", delete(cancel))]
}

/// All of them.
#[derive(Debug, Serialize)]
struct All {
    callbacks: Vec<CallbackView>,
}

async fn all(State(api): State<Api>) -> Response {
    let Some(snapshot) = api.desk.snapshot().await else { return Fault::NoAnswer.into_response() };
    ([(header::CACHE_CONTROL, "no-store")], Json(All { callbacks: snapshot.callbacks })).into_response()
}

async fn cancel(State(api): State<Api>, Path(id): Path<String>) -> Response {
    let Some(id) = CallbackId::parse(&id) else { return Fault::NoSuchCallback.into_response() };
    let mut response = match api.desk.cancel_callback(id).await {
        Ok(Some(view)) => Json(view).into_response(),
        Ok(None) => Fault::NoSuchCallback.into_response(),
        Err(_late) => Fault::NoAnswer.into_response(),
    };
    response.extensions_mut().insert(Did(format!("cancel callback {id}")));
    response
}
