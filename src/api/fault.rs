//! What went wrong with a request, and what to do about it.

use axum::{
    Json,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::settings::Role;

/// What went wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    NoSuchPath,
    NoSuchHours,
    NoSuchQueue,
    NoSuchCall,
    NoSuchOperator,
    NoSuchCallback,
    WrongMethod,
    NoToken,
    NotAllowed(Role),
    StrangeHost,
    StrangePage,
    TooMany,
    TooLarge,
    TooSlow,
    NoAnswer,
    NoSuchMessage,
    BadQuery,
    NoRecords,
    NoStatistics,
    Bug,
}

impl Fault {
    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        self.told().1
    }

    fn told(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NoSuchPath => (StatusCode::NOT_FOUND, "not_found", "there is nothing at this path"),
            Self::NoSuchHours => {
                (StatusCode::NOT_FOUND, "no_such_hours", "the plan in force has no hours of this name")
            }
            Self::NoSuchQueue => {
                (StatusCode::NOT_FOUND, "no_such_queue", "the plan in force has no queue of this name")
            }
            Self::NoSuchCall => {
                (StatusCode::NOT_FOUND, "no_such_call", "there is no call with this id; `/api/v1/state` has all")
            }
            Self::NoSuchOperator => {
                (StatusCode::NOT_FOUND, "no_such_operator", "the plan in force has no operator of this name")
            }
            Self::NoSuchCallback => (
                StatusCode::NOT_FOUND,
                "no_such_callback",
                "there is no callback with this id, or it is over; `/api/v1/callbacks` has all",
            ),
            Self::WrongMethod => {
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not take this method")
            }
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "send `Authorization: Bearer TOKEN` with a token of the settings",
            ),
            Self::NotAllowed(role) => (StatusCode::FORBIDDEN, "forbidden", lacks(role)),
            Self::StrangeHost => (
                StatusCode::FORBIDDEN,
                "strange_host",
                "without a token the API answers to localhost and addresses only",
            ),
            Self::StrangePage => (
                StatusCode::FORBIDDEN,
                "strange_page",
                "without a token the API changes nothing for a page that is not its own",
            ),
            Self::TooMany => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "a token may ask 100 times a second: wait a second",
            ),
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a body has 16 KiB at most; no request here needs more")
            }
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow", "the body did not come within 5 seconds"),
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
        }
    }

    /// A field that says more to a machine.
    fn field(self) -> Option<[(HeaderName, &'static str); 1]> {
        if self == Self::NoToken {
            Some([(header::WWW_AUTHENTICATE, r#"Bearer realm="sentral""#)])
        } else if self == Self::TooMany {
            Some([(header::RETRY_AFTER, "1")])
        } else {
            None
        }
    }
}

fn lacks(role: Role) -> &'static str {
    match role {
        Role::View => "this token has not the role `view`: add it under `api.tokens` of the settings",
        Role::Operate => "this token has not the role `operate`: add it under `api.tokens` of the settings",
        Role::Messages => "this token has not the role `messages`: add it under `api.tokens` of the settings",
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, code, message) = self.told();
        let body = Json(json!({"error": {"code": code, "message": message}}));
        (status, self.field(), body).into_response()
    }
}
