//! Which servers may be spoken with.

use std::collections::BTreeSet;

use reqwest::Url;

/// Servers by name and port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(BTreeSet<(String, Option<u16>)>);

/// This is no server: a name or an address, and a port if it is another one than the scheme's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no server")]
pub struct NoHost(pub String);

impl Allowed {
    /// Reads servers: `crm.example.com`, `10.0.0.5:8080`, `[::1]:8080`.
    ///
    /// # Errors
    /// The first that is none.
    pub fn read<'a>(servers: impl IntoIterator<Item = &'a str>) -> Result<Self, NoHost> {
        servers
            .into_iter()
            .map(|server| host(server).ok_or_else(|| NoHost(server.into())))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is one of theirs. A server without a port is spoken with at those of http and https alone.
    pub(super) fn has(&self, url: &Url) -> bool {
        let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        plain && url.host_str().is_some_and(|host| self.0.contains(&(host.to_owned(), url.port())))
    }

    /// Whether a server is one of theirs, as a plan writes it.
    pub fn knows(&self, server: &str) -> bool {
        ["https", "http"]
            .iter()
            .any(|scheme| Url::parse(&format!("{scheme}://{server}/")).is_ok_and(|url| self.has(&url)))
    }
}

fn host(server: &str) -> Option<(String, Option<u16>)> {
    if server.contains(['/', '?', '#', '@', '\\', '%']) {
        return None;
    }
    // Read as it is when it counts. The ports of http and https are those that nobody writes.
    let url = Url::parse(&format!("http://{server}/")).ok()?;
    Some((url.host_str()?.to_owned(), url.port().filter(|port| *port != 443)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(servers: &[&str], url: &str) -> bool {
        Allowed::read(servers.iter().copied()).expect("servers").has(&Url::parse(url).expect("an address"))
    }

    #[test]
    fn a_server_is_allowed_by_its_name_and_port() {
        let servers = ["CRM.example.com", "10.0.0.5:8080", "[::1]:9", "tls.example.com:443"];
        for url in [
            "https://crm.example.com/x",
            "http://crm.example.com/x",
            "https://crm.example.com:443/",
            "http://10.0.0.5:8080/",
            "http://[::1]:9/",
            "https://tls.example.com/",
        ] {
            assert!(has(&servers, url), "{url}");
        }
        for url in [
            "https://crm.example.com:8443/",
            "https://crm.example.com.evil.com/",
            "https://evil.com/crm.example.com",
            "https://evil.com#crm.example.com",
            "https://crm.example.com@evil.com/",
            "https://user@crm.example.com/",
            "http://10.0.0.5/",
            "ftp://crm.example.com/",
            "http://127.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
        ] {
            assert!(!has(&servers, url), "{url}");
        }
        assert!(!has(&[], "https://crm.example.com/"), "without a word nobody is allowed");
        // However it is written, an address is the one that it stands for.
        assert!(has(&["10.0.0.5:8080"], "http://167772165:8080/") && !has(&["10.0.0.6"], "http://167772165/"));
    }

    #[test]
    fn what_is_no_server_is_told() {
        for server in ["", "http://x", "a/b", "a b", "a@b", "a:99999", ":80"] {
            assert_eq!(Allowed::read(["crm.example.com", server]), Err(NoHost(server.into())));
        }
        assert!(Allowed::read(["a", "b:1"]).expect("servers").knows("b:1"));
    }
}
