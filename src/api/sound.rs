//! Prompts, for Asterisk's media cache.
//!
//! Whoever knows the name of a content may have it: a token would have to stand in what Asterisk logs. A content never
//! changes, so whoever has it need not ask again.

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Api, Fault};
use crate::{metrics::Fetch, prompts};

/// Where they are: [`prompts::PATH`].
pub(super) const ROUTE: &str = "/prompts/{file}";

/// Thirty days, in seconds.
const KEPT: &str = "public, max-age=2592000, immutable";

pub(super) async fn sound(State(api): State<Api>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    debug_assert!(ROUTE.starts_with(prompts::PATH), "served where plans say");
    let name = file.strip_suffix(".wav").unwrap_or_default();
    let Some(wav) = api.prompts.find(name) else {
        api.metrics.prompt_fetched(Fetch::Missing);
        return Fault::NoSuchPath.into_response();
    };
    let tag = format!("\"{name}\"");
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|tags| is_among(&tag, tags));
    let about = [(header::ETAG, tag.as_str()), (header::CACHE_CONTROL, KEPT)];
    if known {
        api.metrics.prompt_fetched(Fetch::Unchanged);
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    api.metrics.prompt_fetched(Fetch::Sent);
    (about, [(header::CONTENT_TYPE, "audio/wav")], Body::from(Bytes::from_owner(wav))).into_response()
}

/// A cache may mark a tag as weak; it means the same content to us (RFC 9110, section 13.1.2).
fn is_among(tag: &str, tags: &HeaderValue) -> bool {
    let tags = tags.to_str().unwrap_or_default();
    tags.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}
