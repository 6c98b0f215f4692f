//! One kept-alive HTTP connection to Asterisk.
//!
//! A [`Client`] has one connection at most, since it is asked one thing at a time; so the number of sockets is the number
//! of clients. Asterisk's own limit (`sessionlimit`, 100) closes further ones without a word.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::prelude::{BASE64_STANDARD, Engine};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tracing::debug;

use super::{
    address::Address,
    devices::Wanted,
    elsewhere::Watched,
    names::Names,
    request::{Method, Repeat, Request},
    watch::{RequestResult, Watch},
};
use crate::{clock::Clock, domain::NodeId, engine::Failure};

/// Asterisk closes a connection that was idle for 15 seconds (`session_keep_alive`): ours are closed well before.
const IDLE: Duration = Duration::from_secs(10);

/// A list of 10,000 channels has 4 MB; more than this is not from an Asterisk.
const LONGEST_ANSWER: usize = 64 << 20;

/// How long a file may take.
const LONGEST_FETCH: Duration = Duration::from_secs(60);

/// How much of an error's text goes to the log.
const LOGGED: usize = 400;

/// What all requests to one node have in common.
pub(super) struct Shared {
    pub node: NodeId,
    pub address: Address,
    /// `Authorization`, marked as a secret.
    pub credentials: HeaderValue,
    pub clock: Arc<Clock>,
    pub watch: Arc<dyn Watch>,
    /// How many requests were answered, whatever the answer: see [`Shared::answers`].
    pub answered: AtomicU64,
    /// Channels that are not in our hands, and whose end is told.
    pub watched: Arc<Watched>,
    /// What Asterisk calls callers.
    pub names: Names,
    /// Devices of which we are told how they are.
    pub devices: Arc<Wanted>,
}

impl Shared {
    /// How many requests were answered so far: one that was shows that requests come through.
    pub(super) fn answers(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }
}

/// What Asterisk answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub status: u16,
    pub body: String,
    /// Asterisk's time, as it wrote it.
    date: Option<HeaderValue>,
    /// Whether the request was sent twice.
    pub repeated: bool,
}

impl Answer {
    /// Whether Asterisk did it.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Asterisk's time, to the second.
    pub(super) fn date(&self) -> Option<Timestamp> {
        date(self.date.as_ref()?.to_str().ok()?)
    }
}

/// A connection, and how long to wait for an answer on it.
#[derive(Clone)]
pub(super) struct Client {
    shared: Arc<Shared>,
    http: reqwest::Client,
    deadline: Duration,
}

/// How one try ended badly.
enum Broken {
    NotSent,
    /// The connection closed before the answer was whole.
    Closed,
    /// No answer in time, or one that is none.
    Lost,
}

impl Client {
    /// A client without a connection yet.
    pub(super) fn new(shared: Arc<Shared>, deadline: Duration) -> Result<Self, reqwest::Error> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, shared.credentials.clone());
        let mut builder = reqwest::Client::builder()
            .default_headers(headers)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(IDLE)
            // Well before the deadline, so that "nobody there" is not taken for "no answer".
            .connect_timeout((deadline / 2).min(Duration::from_secs(2)));
        if !shared.address.is_tls() {
            // Without TLS nobody's certificate is of interest.
            builder = builder.tls_certs_only([]);
        }
        Ok(Self { shared, http: builder.build()?, deadline })
    }

    /// What the node calls callers.
    pub(super) fn names(&self) -> &Names {
        &self.shared.names
    }

    /// Sends a request and waits for the answer, at most as long as the deadline; a repetition has a deadline of its own.
    ///
    /// `operation` is for the watch and the log. An answer for which `is_fine` does not hold is a refusal.
    pub(super) async fn send(
        &self,
        operation: &'static str,
        request: &Request,
        repeat: Repeat,
        is_fine: impl Fn(&Answer) -> bool,
    ) -> Result<Answer, Failure> {
        let begun = self.shared.clock.now();
        let result = self
            .send_or_repeat(request, repeat)
            .await
            .and_then(|answer| if is_fine(&answer) { Ok(answer) } else { Err(self.refused(operation, &answer)) });
        let took = self.shared.clock.now().since(begun);
        self.shared.watch.request(self.shared.node, operation, judge(&result), took);
        if let Err(failure) = &result {
            debug!(node = self.shared.node.0, operation, ?failure, ?took, "request came to nothing");
        }
        result
    }

    fn refused(&self, operation: &'static str, answer: &Answer) -> Failure {
        let body: String = answer.body.chars().take(LOGGED).collect();
        debug!(node = self.shared.node.0, operation, status = answer.status, ?body, "asterisk refused");
        Failure::Refused(answer.status)
    }

    /// Gets a file. Its own deadline is long: a message of half an hour has 29 MB.
    pub(super) async fn fetch(&self, operation: &'static str, request: &Request) -> Result<Vec<u8>, Failure> {
        let begun = self.shared.clock.now();
        let builder = self.http.request(reqwest::Method::GET, self.shared.address.http(&request.target));
        let result = match tokio::time::timeout(LONGEST_FETCH, whole_body(builder)).await {
            Ok(Ok((status, _, body))) if (200..300).contains(&status) => Ok(body),
            Ok(Ok((status, date, body))) => {
                Err(self.refused(operation, &Answer { status, body: text(body), date, repeated: false }))
            }
            Ok(Err(Broken::NotSent)) => Err(Failure::NotSent),
            Ok(Err(Broken::Closed | Broken::Lost)) | Err(_) => Err(Failure::OutcomeUnknown),
        };
        let took = self.shared.clock.now().since(begun);
        self.shared.watch.request(self.shared.node, operation, judge(&result), took);
        result
    }

    async fn send_or_repeat(&self, request: &Request, repeat: Repeat) -> Result<Answer, Failure> {
        match self.send_once(request).await {
            Ok(answer) => Ok(answer),
            Err(Broken::NotSent) => Err(Failure::NotSent),
            Err(Broken::Lost) => Err(Failure::OutcomeUnknown),
            Err(Broken::Closed) if repeat == Repeat::Never => Err(Failure::OutcomeUnknown),
            // The broken connection was our only one, so this goes out on a new one.
            Err(Broken::Closed) => match self.send_once(request).await {
                Ok(answer) => Ok(Answer { repeated: true, ..answer }),
                // The first may have been carried out, whatever became of the second.
                Err(Broken::NotSent | Broken::Closed | Broken::Lost) => Err(Failure::OutcomeUnknown),
            },
        }
    }

    async fn send_once(&self, request: &Request) -> Result<Answer, Broken> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.http.request(method, self.shared.address.http(&request.target));
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        match tokio::time::timeout(self.deadline, whole_answer(builder)).await {
            Ok(result) => {
                if result.is_ok() {
                    self.shared.answered.fetch_add(1, Ordering::Relaxed);
                }
                result
            }
            Err(_) => Err(Broken::Lost),
        }
    }
}

async fn whole_answer(builder: reqwest::RequestBuilder) -> Result<Answer, Broken> {
    let (status, date, body) = whole_body(builder).await?;
    Ok(Answer { status, body: text(body), date, repeated: false })
}

async fn whole_body(builder: reqwest::RequestBuilder) -> Result<(u16, Option<HeaderValue>, Vec<u8>), Broken> {
    let mut response = builder.send().await.map_err(|error| broken(&error))?;
    let status = response.status().as_u16();
    let date = response.headers_mut().remove(DATE);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            return Err(Broken::Lost);
        }
    }
    Ok((status, date, body))
}

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// `Date: Sun, 22 Nov 2026 21:04:58 GMT`.
fn date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

fn broken(error: &reqwest::Error) -> Broken {
    if error.is_builder() || error.is_connect() {
        Broken::NotSent
    } else if error.is_timeout() {
        Broken::Lost
    } else {
        Broken::Closed
    }
}

fn judge<T>(result: &Result<T, Failure>) -> RequestResult {
    match result {
        Ok(_) => RequestResult::Done,
        Err(Failure::Refused(_)) => RequestResult::Refused,
        Err(Failure::NotSent) => RequestResult::NotSent,
        Err(Failure::OutcomeUnknown) => RequestResult::OutcomeUnknown,
    }
}

/// `Authorization: Basic ..`. Never in the URL: URLs are logged, by Asterisk too.
pub(super) fn credentials(user: &str, password: &SecretString) -> HeaderValue {
    let plain = format!("{user}:{}", password.expose_secret());
    let text = format!("Basic {}", BASE64_STANDARD.encode(plain));
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Basic"));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_password_are_written_as_rfc_7617_says() {
        for (user, password, written) in [
            ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ("test", "123\u{a3}", "Basic dGVzdDoxMjPCow=="),
            ("sentral", "pw", "Basic c2VudHJhbDpwdw=="),
            ("", "ab", "Basic OmFi"),
            ("", "~~~", "Basic On5+fg=="),
        ] {
            let header = credentials(user, &SecretString::from(password));
            assert_eq!(header.to_str().expect("text"), written);
            assert_eq!(format!("{header:?}"), "Sensitive");
        }
    }

    #[test]
    fn asterisks_date_is_understood() {
        assert_eq!(date("Sun, 22 Nov 2026 21:04:58 GMT"), "2026-11-22T21:04:58Z".parse().ok());
        assert_eq!(date("soon"), None);
    }
}
