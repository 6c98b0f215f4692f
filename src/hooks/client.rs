//! One HTTP exchange with an allowed server.

use std::time::Duration;

use reqwest::{
    Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
};

use super::allowed::Allowed;
use crate::engine::{
    NoAnswer,
    errand::{Method, Request},
};

/// The longest answer, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;
/// A name that nobody answers for is known as such after this long.
const CONNECT: Duration = Duration::from_secs(5);
/// A connection that nobody used for this long is closed: many servers close it after five seconds, perhaps in the moment in
/// which we ask.
const IDLE: Duration = Duration::from_secs(4);
/// Connections that are kept to one server.
const KEPT: usize = 8;

/// What a server answered.
pub(super) struct Reply {
    /// Its status.
    pub(super) status: u16,
    response: reqwest::Response,
}

/// Speaks with allowed servers.
pub(super) struct Client {
    allowed: Allowed,
    http: reqwest::Client,
}

impl Client {
    /// A client without a connection yet.
    pub(super) fn new(allowed: Allowed) -> Result<Self, reqwest::Error> {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("sentral/", env!("CARGO_PKG_VERSION"))));
        let mut builder = reqwest::Client::builder()
            .default_headers(headers)
            // A proxy of the environment would ask anybody for anything.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(KEPT);
        if allowed.is_empty() {
            // Nobody's certificate is of interest, and this machine may have none to compare it with.
            builder = builder.tls_certs_only([]);
        }
        Ok(Self { allowed, http: builder.build()? })
    }

    /// Sends a request with these headers more. It waits as long as whoever asks.
    pub(super) async fn send(&self, request: &Request, more: HeaderMap) -> Result<Reply, NoAnswer> {
        let url = Url::parse(&request.url).map_err(|_no_address| NoAnswer::Unusable)?;
        if !self.allowed.has(&url) {
            return Err(NoAnswer::NotAllowed);
        }
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut builder = self.http.request(method, url).headers(headers(request)?).headers(more);
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        // Whatever broke, there is nobody who answers.
        let response = builder.send().await.map_err(|_broken| NoAnswer::Unreachable)?;
        Ok(Reply { status: response.status().as_u16(), response })
    }
}

fn headers(request: &Request) -> Result<HeaderMap, NoAnswer> {
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers.iter() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_no_name| NoAnswer::Unusable)?;
        let mut value = HeaderValue::from_str(value).map_err(|_no_value| NoAnswer::Unusable)?;
        // Most often it is a password of some kind.
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

impl Reply {
    /// The JSON of a good answer.
    pub(super) async fn json(mut self) -> Result<serde_json::Value, NoAnswer> {
        match self.status {
            200..=299 => {}
            300..=399 => return Err(NoAnswer::Redirected),
            status => return Err(NoAnswer::Status(status)),
        }
        let mut body = Vec::new();
        while let Some(chunk) = self.response.chunk().await.map_err(|_broken| NoAnswer::Unreachable)? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                return Err(NoAnswer::TooLong);
            }
        }
        serde_json::from_slice(&body).map_err(|_no_json| NoAnswer::NotJson)
    }
}
