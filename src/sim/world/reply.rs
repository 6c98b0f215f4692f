//! Replies to requests.

use serde_json::{Value, json};

/// What a request is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON body; `None`: no content.
    pub body: Option<Value>,
    /// A sound in place of a body.
    pub sound: Option<Vec<u8>>,
}

/// Stands for a reply that comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub(super) u64);

/// When a request is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// At once.
    Now(Reply),
    /// Later, by [`World::poll_reply`](super::World::poll_reply).
    Later(Ticket),
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body), sound: None }
    }

    pub(super) fn created(body: Value) -> Self {
        Self { status: 201, body: Some(body), sound: None }
    }

    pub(super) fn sound(sound: Vec<u8>) -> Self {
        Self { status: 200, body: None, sound: Some(sound) }
    }

    pub(super) fn no_content() -> Self {
        Self { status: 204, body: None, sound: None }
    }

    pub(super) fn error(status: u16, message: &str) -> Self {
        Self { status, body: Some(json!({ "message": message })), sound: None }
    }

    /// The one error whose key is not `message`.
    pub(super) fn allocation_failed() -> Self {
        Self { status: 500, body: Some(json!({ "error": "Allocation failed" })), sound: None }
    }

    pub(super) fn booting() -> Self {
        Self::error(503, "Asterisk not booted")
    }

    pub(super) fn not_modelled() -> Self {
        Self::error(501, "not modelled by the stand-in")
    }
}

/// How a request is dealt with: a reply, one that waits (`Ok(None)`), or an error.
pub(super) type Outcome = Result<Option<Reply>, Reply>;
