//! Who may read.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use secrecy::{ExposeSecret, SecretString};
use subtle::{Choice, ConstantTimeEq};

use super::Fault;

/// Lets a request in that shows one of the tokens; any, when there are none and it comes to this machine by a name that no
/// page on the web can give itself.
pub(super) fn admit(tokens: &[SecretString], headers: &HeaderMap) -> Result<(), Fault> {
    if tokens.is_empty() {
        return if is_local(headers) { Ok(()) } else { Err(Fault::StrangeHost) };
    }
    let shown = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).and_then(bearer);
    let known = shown.is_some_and(|shown| is_known(tokens, shown));
    if known { Ok(()) } else { Err(Fault::NoToken) }
}

/// The scheme's name is written in either case (RFC 9110, section 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

/// Every token is compared to its end, so that the time taken tells nothing of how much was right.
fn is_known(tokens: &[SecretString], shown: &[u8]) -> bool {
    let known =
        tokens.iter().fold(Choice::from(0), |known, token| known | token.expose_secret().as_bytes().ct_eq(shown));
    known.into()
}

/// A page on the web can have its own name point at 127.0.0.1 and ask us in its reader's browser; then `Host` is that name.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}
