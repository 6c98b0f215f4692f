//! Where a node's ARI is.

use std::fmt;

use reqwest::Url;

/// The address of a node's ARI: `http://asterisk:8088/ari`, or `https`.
///
/// Kept with a slash at its end, so that what is below it is joined to it, and a host is not taken apart for each request.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

/// Why a text is no such address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// It is no URL.
    #[error("not a URL ({0}): write http://HOST:8088/ari")]
    NotUrl(String),
    /// Its scheme is another.
    #[error("`{0}` is not http or https: write http://HOST:8088/ari")]
    Scheme(String),
    /// It has a name or a password in it.
    #[error("a name and a password do not belong into the address: they have settings of their own")]
    Credentials,
    /// It has a query or a fragment.
    #[error("nothing may follow the path: write http://HOST:8088/ari")]
    Query,
}

impl Address {
    /// Reads an address as a person writes it, with or without a slash at its end.
    pub fn parse(text: &str) -> Result<Self, AddressFault> {
        let mut url = Url::parse(text.trim()).map_err(|fault| AddressFault::NotUrl(fault.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressFault::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressFault::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(AddressFault::Query);
        }
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The URL of what is below it: a path without a slash in front, whose first part is a word of ARI's, and perhaps a query.
    pub(super) fn http(&self, target: &str) -> Url {
        // A path below an address is always one; should it not be, Asterisk says that it knows no such resource.
        self.0.join(target).unwrap_or_else(|_none| self.0.clone())
    }

    /// The same for a websocket: `ws` for `http`, `wss` for `https`.
    pub(super) fn websocket(&self, target: &str) -> String {
        self.http(target).as_str().replacen("http", "ws", 1)
    }

    /// Whether it is reached over TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_with_and_without_a_slash() {
        for text in ["http://asterisk:8088/ari", " http://asterisk:8088/ari/ "] {
            let address = Address::parse(text).expect("an address");
            assert_eq!(address.http("channels").as_str(), "http://asterisk:8088/ari/channels");
            assert_eq!(address.to_string(), "http://asterisk:8088/ari");
            assert_eq!(address.websocket("events?app=x"), "ws://asterisk:8088/ari/events?app=x");
        }
        let address = Address::parse("https://[::1]:8089").expect("an address");
        assert_eq!(address.websocket("events"), "wss://[::1]:8089/events");
    }

    #[test]
    fn what_is_no_address_is_told_with_its_remedy() {
        let fault = |text| Address::parse(text).expect_err("a fault");
        assert_eq!(fault("asterisk:8088"), AddressFault::Scheme("asterisk".into()));
        assert!(matches!(fault("8088"), AddressFault::NotUrl(_)));
        assert_eq!(fault("http://sentral:secret@asterisk/ari"), AddressFault::Credentials);
        assert!(!fault("http://sentral:secret@asterisk/ari").to_string().contains("secret"));
        assert_eq!(fault("http://asterisk/ari?api_key=a:b"), AddressFault::Query);
    }
}
