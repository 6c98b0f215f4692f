//! Who may ask, for what, and how often; and a line in the log of every change.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;
use subtle::{Choice, ConstantTimeEq};
use tracing::info;

use super::{Api, Fault, pace::Pace};
use crate::{
    domain::Name,
    settings::{Role, Token},
};

/// Where lines of changes are filtered.
const AUDIT: &str = "audit";

/// The name of one who needs no token.
const LOCAL: &str = "local";

/// The longest body that anybody may send us.
pub(super) const BODY: usize = 16 * 1024;

/// No more of an address is in the log.
const LONGEST: usize = 300;

/// Looks at everybody who wants something of `/api/v1/`.
pub(super) struct Guard {
    api: Api,
    /// Of each token; of everybody, where there are none.
    paces: Vec<Pace>,
}

impl Guard {
    pub(super) fn new(api: Api) -> Self {
        let paces = (0..api.tokens.len().max(1)).map(|_| Pace::default()).collect();
        Self { api, paces }
    }

    /// By whose token a request is let in; `None`: there are none.
    fn admit(&self, request: &Request) -> Result<Option<&Token>, Fault> {
        let headers = request.headers();
        let shown = admit(&self.api.tokens, headers)?;
        let token = shown.and_then(|at| self.api.tokens.get(at));
        let role = role(request.method(), request.uri().path());
        if token.is_some_and(|token| !token.may(role)) {
            return Err(Fault::NotAllowed(role));
        }
        if token.is_none() && is_change(request.method()) && !is_of_our_page(headers) {
            return Err(Fault::StrangePage);
        }
        let pace = self.paces.get(shown.unwrap_or(0));
        if pace.is_some_and(|pace| !pace.admits()) {
            return Err(Fault::TooMany);
        }
        if length(headers).is_some_and(|length| length > BODY) { Err(Fault::TooLarge) } else { Ok(token) }
    }

    /// Whose token is shown.
    fn name_of(&self, headers: &HeaderMap) -> Name {
        let token = admit(&self.api.tokens, headers).ok().flatten().and_then(|at| self.api.tokens.get(at));
        token.map_or_else(|| LOCAL.into(), |token| token.name.clone())
    }
}

/// What a handler says that it did, for the log.
#[derive(Clone, Debug)]
pub(super) struct Did(pub(super) String);

/// Stands before every route of `/api/v1/`.
pub(super) async fn guard(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let token = match guard.admit(&request) {
        Ok(token) => token,
        Err(fault) => {
            guard.api.metrics.api_refused(fault.word());
            let response = fault.into_response();
            if let (Fault::NotAllowed(_), true) = (fault, is_change(request.method())) {
                let who = guard.name_of(request.headers());
                audit(&who, request.method(), &path(request.uri()), &response);
            }
            return response;
        }
    };
    if !is_change(request.method()) {
        return next.run(request).await;
    }
    let who = token.map_or(LOCAL, |token| &*token.name);
    let (method, path) = (request.method().clone(), path(request.uri()));
    let response = next.run(request).await;
    guard.api.metrics.api_changed(who, result(response.status()));
    audit(who, &method, &path, &response);
    response
}

fn audit(who: &str, method: &Method, path: &str, response: &Response) {
    let did = response.extensions().get::<Did>().map(|did| did.0.as_str());
    let (result, status) = (result(response.status()), response.status().as_u16());
    // What people wrote is told with its quotes, so that a line stays one line.
    info!(target: AUDIT, token = who, %method, path, did, result, status, "change");
}

fn path(uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    // Percent signs stand for what is no ASCII, as a rule.
    path.chars().take(LONGEST).collect()
}

/// What a request came to, in a word.
fn result(status: StatusCode) -> &'static str {
    if status.is_success() {
        "done"
    } else if status.is_server_error() {
        "failed"
    } else {
        "refused"
    }
}

/// What somebody must be allowed to do, who asks this.
pub(super) fn role(method: &Method, path: &str) -> Role {
    if path.starts_with("/api/v1/voicemail") {
        Role::Messages
    } else if is_change(method) {
        Role::Operate
    } else {
        Role::View
    }
}

fn is_change(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Lets a request in that shows one of the tokens: which; any, when there are none and it comes to this machine by a name that
/// no page on the web can give itself.
fn admit(tokens: &[Token], headers: &HeaderMap) -> Result<Option<usize>, Fault> {
    if tokens.is_empty() {
        return if is_local(headers) { Ok(None) } else { Err(Fault::StrangeHost) };
    }
    let shown = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).and_then(bearer);
    shown.and_then(|shown| known(tokens, shown)).map(Some).ok_or(Fault::NoToken)
}

/// The scheme's name is written in either case (RFC 9110, section 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

/// Every token is compared to its end, so that the time taken tells nothing of how much was right.
fn known(tokens: &[Token], shown: &[u8]) -> Option<usize> {
    let same = |token: &Token| -> Choice { token.secret.expose_secret().as_bytes().ct_eq(shown) };
    let compared: Vec<Choice> = tokens.iter().map(same).collect();
    compared.into_iter().position(bool::from)
}

/// A page on the web can have its own name point at 127.0.0.1 and ask us in its reader's browser; then `Host` is that name.
fn is_local(headers: &HeaderMap) -> bool {
    let host = text(headers, header::HOST);
    let name = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

/// A page on the web may send a form to 127.0.0.1 in its reader's browser, which says then from where the page is.
fn is_of_our_page(headers: &HeaderMap) -> bool {
    if !headers.contains_key(header::ORIGIN) {
        return true;
    }
    let (origin, host) = (text(headers, header::ORIGIN), text(headers, header::HOST));
    let page = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    page.is_some_and(|page| page.eq_ignore_ascii_case(host))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// How long a body says that it is.
fn length(headers: &HeaderMap) -> Option<usize> {
    text(headers, header::CONTENT_LENGTH).parse().ok()
}
