//! Requests to other servers: as the plan writes them, with values in them, and as they are sent.
//!
//! A value may come from anybody who can call. It is written so that it stays one value: in an address by percent-encoding, in
//! a body as JSON. Which server is asked, and what stands in a header, is the plan's own word alone.

use std::{fmt::Write as _, sync::Arc};

use super::expr::{Expr, Facts, Value};

/// The longest address, and the longest body, in bytes.
const LONGEST_URL: usize = 8 * 1024;
const LONGEST_BODY: usize = 64 * 1024;

/// How a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// For what it has.
    Get,
    /// To take something.
    Post,
}

impl Method {
    /// The word for it in HTTP.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A header's name and what stands in it.
pub type Header = (Arc<str>, Arc<str>);

/// A request as a plan writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// How.
    pub method: Method,
    /// Which server, as the plan writes it: `crm.example.com:8443`.
    pub host: Arc<str>,
    /// The address, from its `http` on. The first piece has the whole server in it.
    pub url: Vec<Piece>,
    /// Headers.
    pub headers: Arc<[Header]>,
    /// What is sent.
    pub body: Option<Json>,
}

/// A piece of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Plain(Arc<str>),
    /// A value.
    Value(Expr),
}

/// JSON with values in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Nothing,
    /// A text, a number, a yes or no.
    Value(Expr),
    /// A list.
    List(Vec<Self>),
    /// Names and what they are.
    Map(Vec<(Arc<str>, Self)>),
}

/// A request that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Which server, for those who are told.
    pub host: Arc<str>,
    /// The address.
    pub url: Arc<str>,
    /// Headers.
    pub headers: Arc<[Header]>,
    /// JSON.
    pub body: Option<Arc<str>>,
}

impl Template {
    /// The expressions in it.
    pub fn expressions(&self) -> Vec<&Expr> {
        let in_url = self.url.iter().filter_map(|piece| match piece {
            Piece::Plain(_) => None,
            Piece::Value(expr) => Some(expr),
        });
        let mut all: Vec<&Expr> = in_url.collect();
        self.body.iter().for_each(|body| body.collect(&mut all));
        all
    }

    /// The request with the values of now. `None`: it would be too long, or a value would lead to another place of the server
    /// (a part of the path that is nothing but `..`).
    pub fn filled(&self, facts: &dyn Facts) -> Option<Request> {
        let mut url = String::new();
        for piece in &self.url {
            match piece {
                Piece::Plain(text) => url += text,
                Piece::Value(expr) => encode(&expr.text(facts), &mut url),
            }
        }
        let body = self.body.as_ref().map(|body| body.filled(facts).to_string());
        let short = url.len() <= LONGEST_URL && body.as_ref().is_none_or(|body| body.len() <= LONGEST_BODY);
        (short && !climbs(&url)).then(|| Request {
            method: self.method,
            host: self.host.clone(),
            url: url.into(),
            headers: self.headers.clone(),
            body: body.map(Into::into),
        })
    }
}

impl Json {
    fn collect<'j>(&'j self, all: &mut Vec<&'j Expr>) {
        match self {
            Self::Nothing => {}
            Self::Value(expr) => all.push(expr),
            Self::List(items) => items.iter().for_each(|item| item.collect(all)),
            Self::Map(entries) => entries.iter().for_each(|(_, value)| value.collect(all)),
        }
    }

    fn filled(&self, facts: &dyn Facts) -> serde_json::Value {
        match self {
            Self::Nothing => serde_json::Value::Null,
            Self::Value(expr) => match expr.value(facts) {
                Value::Text(text) => serde_json::Value::String(text.to_string()),
                Value::Number(number) => number.into(),
                Value::Truth(truth) => truth.into(),
            },
            Self::List(items) => items.iter().map(|item| item.filled(facts)).collect(),
            Self::Map(entries) => {
                let filled = entries.iter().map(|(name, value)| (name.to_string(), value.filled(facts)));
                serde_json::Value::Object(filled.collect())
            }
        }
    }
}

/// Writes a value so that nothing in it means anything in an address: all but letters, digits and `-_.~` by their bytes.
fn encode(value: &str, url: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            url.push(char::from(byte));
        } else {
            // Writing into a text cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
}

/// Whether a part of the path is `.` or `..`, which every server takes for another place. They cannot be written in
/// any other way.
pub(super) fn climbs(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split('/').skip(3).any(|part| {
        let dots = part.to_ascii_lowercase().replace("%2e", ".");
        matches!(dots.as_str(), "." | "..")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        dialplan::expr::{Fact, Slot},
        domain::Name,
    };

    /// Every fact is this text.
    struct All(String);

    impl Facts for All {
        fn fact(&self, _fact: &Fact) -> Value {
            Value::Text(self.0.as_str().into())
        }

        fn listed(&self, _list: &Name, _number: &str) -> bool {
            false
        }

        fn variable(&self, _slot: Slot) -> Value {
            Value::Text(self.0.as_str().into())
        }
    }

    fn template() -> Template {
        let name = || Expr::Fact(Fact::CallerName);
        Template {
            method: Method::Post,
            host: "crm.example".into(),
            url: vec![
                Piece::Plain("https://crm.example/callers/".into()),
                Piece::Value(name()),
                Piece::Plain("?q=".into()),
                Piece::Value(name()),
            ],
            headers: [].into(),
            body: Some(Json::Map(vec![
                ("who".into(), Json::Value(name())),
                ("n".into(), Json::List(vec![Json::Nothing, Json::Value(Expr::Value(Value::Number(7)))])),
            ])),
        }
    }

    #[test]
    fn a_value_stays_one_value() {
        let request = template().filled(&All("+47 90/../x?y#\"é".into())).expect("a request");
        let encoded = "%2B47%2090%2F..%2Fx%3Fy%23%22%C3%A9";
        assert_eq!(*request.url, format!("https://crm.example/callers/{encoded}?q={encoded}"));
        assert_eq!(request.body.as_deref(), Some(r#"{"n":[null,7],"who":"+47 90/../x?y#\"é"}"#));
        assert_eq!(template().expressions().len(), 4);
    }

    #[test]
    fn a_value_that_would_lead_elsewhere_or_is_too_long_makes_no_request() {
        for value in [".", ".."] {
            assert_eq!(template().filled(&All(value.into())), None, "{value}");
        }
        for value in ["...", "a..", ""] {
            assert!(template().filled(&All(value.into())).is_some(), "{value}");
        }
        assert_eq!(template().filled(&All("x".repeat(LONGEST_URL))), None);
        assert!(climbs("https://a/%2E./x") && !climbs("https://a/x?..") && !climbs("https://../x"));
    }

    proptest! {
        #[test]
        fn whatever_a_caller_sends_the_server_and_the_number_of_parts_stay(value in ".{0,60}") {
            let Some(request) = template().filled(&All(value.clone())) else {
                prop_assert!(value == "." || value == "..");
                return Ok(());
            };
            let url = reqwest::Url::parse(&request.url).expect("an address");
            prop_assert_eq!(url.as_str(), &*request.url, "nothing of it is read in another way");
            prop_assert_eq!(url.host_str(), Some("crm.example"));
            prop_assert_eq!(url.path_segments().map(Iterator::count), Some(2));
            prop_assert_eq!(url.query_pairs().collect::<Vec<_>>(), vec![("q".into(), value.as_str().into())]);
            let body: serde_json::Value = serde_json::from_str(request.body.as_deref().expect("a body")).expect("JSON");
            prop_assert_eq!(&body["who"], &serde_json::Value::String(value));
        }
    }
}
