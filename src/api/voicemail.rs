//! Messages that callers left: listed, heard and deleted.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /api/v1/voicemail?box=sales&limit=100` | `{"messages": [...]}`, the newest first |
//! | `GET /api/v1/voicemail/ID` | what is known of one |
//! | `GET /api/v1/voicemail/ID/audio` | its sound, a WAV file |
//! | `DELETE /api/v1/voicemail/ID` | 204 |

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use tokio_util::io::ReaderStream;

use super::{Api, Door, Fault};
use crate::{domain::MessageId, store::Message};

/// As many messages are listed at a time, if nobody says how many.
const SOME: usize = 100;
/// No more than so many at a time.
const MOST: usize = 1_000;

pub(super) fn doors() -> Vec<Door> {
    vec![
        ("/api/v1/voicemail", get(list)),
        ("/api/v1/voicemail/{id}", get(one).delete(delete)),
        ("/api/v1/voicemail/{id}/audio", get(audio)),
    ]
}

/// Which messages are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(rename = "box")]
    mailbox: Option<String>,
    limit: Option<usize>,
}

/// A message, and where its sound is.
#[derive(Serialize)]
struct Shown<'m> {
    #[serde(flatten)]
    message: &'m Message,
    audio: String,
}

#[derive(Serialize)]
struct List<'m> {
    messages: Vec<Shown<'m>>,
}

impl<'m> Shown<'m> {
    fn new(message: &'m Message) -> Self {
        Self { message, audio: message.id.audio() }
    }
}

async fn list(
    State(api): State<Api>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(Wanted { mailbox, limit })) = wanted else { return Fault::BadQuery.into_response() };
    let limit = limit.unwrap_or(SOME);
    if !(1..=MOST).contains(&limit) {
        return Fault::BadQuery.into_response();
    }
    let messages = api.messages.list(mailbox.as_deref(), limit);
    fresh(Json(List { messages: messages.iter().map(|message| Shown::new(message)).collect() }))
}

async fn one(State(api): State<Api>, Path(id): Path<String>) -> Response {
    match find(&api, &id) {
        Some(message) => fresh(Json(Shown::new(&message))),
        None => Fault::NoSuchMessage.into_response(),
    }
}

async fn audio(State(api): State<Api>, Path(id): Path<String>) -> Response {
    let sound = find(&api, &id).and_then(|message| Some((api.messages.sound(message.id)?, message)));
    let Some((path, message)) = sound else { return Fault::NoSuchMessage.into_response() };
    let Ok(file) = tokio::fs::File::open(&path).await else {
        tracing::warn!(file = %path.display(), "a message's sound cannot be read");
        return Fault::NoSuchMessage.into_response();
    };
    let about = [
        (header::CONTENT_TYPE, "audio/wav".to_owned()),
        (header::CONTENT_LENGTH, message.bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.wav\"", message.id)),
    ];
    fresh((about, Body::from_stream(ReaderStream::new(file))))
}

async fn delete(State(api): State<Api>, Path(id): Path<String>) -> Response {
    let Some(id) = MessageId::parse(&id) else { return Fault::NoSuchMessage.into_response() };
    let messages = Arc::clone(&api.messages);
    match tokio::task::spawn_blocking(move || messages.delete(id)).await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => Fault::NoSuchMessage.into_response(),
        Err(_ended) => Fault::Bug.into_response(),
    }
}

/// Nothing but an id finds a message: no path is made of what was asked.
fn find(api: &Api, id: &str) -> Option<Arc<Message>> {
    api.messages.find(MessageId::parse(id)?)
}

/// What a caller said is not kept on the way.
fn fresh(answer: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}
