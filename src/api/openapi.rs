//! What there is to ask, as OpenAPI describes it: `GET /api/v1/openapi.json`.
//!
//! The description is a file, and tests hold it against the routes, what tokens may, and real answers: a route that it lacks, a
//! field that an answer has more or less, and a role that is another are found there.

use axum::{
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

use super::Door;

/// The description.
pub(super) const DESCRIPTION: &str = include_str!("openapi.json");

pub(super) fn doors() -> Vec<Door> {
    vec![("/api/v1/openapi.json", get(description))]
}

async fn description() -> Response {
    let about = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (about, DESCRIPTION).into_response()
}
