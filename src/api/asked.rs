//! What is asked with a change: in the address (`?queue=billing`), or as a JSON object in the body.

use std::time::Duration;

use axum::{
    Json, body,
    extract::{FromRequest, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Fault, guard::BODY, hours::wrong};

/// A body that takes longer than this is not waited for.
const SLOWEST: Duration = Duration::from_secs(5);

/// The values of a change.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Asked<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Response> {
        let (head, body) = request.into_parts();
        let read = tokio::time::timeout(SLOWEST, body::to_bytes(body, BODY)).await;
        let body = match read {
            Ok(Ok(body)) => body,
            Ok(Err(_too_long)) => return Err(Fault::TooLarge.into_response()),
            Err(_late) => return Err(Fault::TooSlow.into_response()),
        };
        if body.is_empty() {
            let query = Query::try_from_uri(&head.uri);
            return query.map(|Query(asked)| Self(asked)).map_err(|rejected| wrong(&rejected.body_text()));
        }
        if head.uri.query().is_some_and(|query| !query.is_empty()) {
            return Err(wrong("send values in the address or in the body, and not in both"));
        }
        // Not by its content type: whoever sends a body means it.
        serde_json::from_slice(&body).map(Self).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => no_sense("bad_value", &error.to_string()),
            serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof
            | serde_json::error::Category::Io => wrong(&format!("the body is no JSON: {error}")),
        })
    }
}

/// It was understood, and cannot be done as it was asked.
pub(super) fn no_sense(code: &str, message: &str) -> Response {
    told(StatusCode::UNPROCESSABLE_ENTITY, code, message)
}

/// It could be done at another time, and not now.
pub(super) fn not_now(code: &str, message: &str) -> Response {
    told(StatusCode::CONFLICT, code, message)
}

fn told(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({"error": {"code": code, "message": message}}))).into_response()
}
