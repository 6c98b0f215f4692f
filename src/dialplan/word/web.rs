//! Words that concern other servers: headers, places in an answer, addresses.

use std::sync::Arc;

use super::shape::{OneOf, Plain, Rule};
use crate::{
    dialplan::request::Method,
    yaml::{Read, Wrong, quoted},
};

/// How a server is asked.
pub(in crate::dialplan) const METHODS: OneOf<Method> = OneOf {
    what: "a method",
    words: &[("get", Method::Get, "for what it has"), ("post", Method::Post, "to take something")],
};

/// An address with values in it. It is looked at when the whole plan is known.
pub(in crate::dialplan) const URL: Plain<Arc<str>> = Plain::new(
    "an address",
    |text| Ok(Arc::from(text)),
    &Rule {
        also: &[],
        pattern: String::new,
        examples: &["https://crm.example.com/callers/{{ caller.number }}"],
        docs: "",
    },
);

/// The name of a header.
pub(in crate::dialplan) const HEADER_NAME: Plain<Arc<str>> = Plain::new(
    "a header's name",
    header_name,
    &Rule { also: &[], pattern: || "^[A-Za-z0-9_-]{1,64}$".into(), examples: &["Authorization"], docs: "" },
);

/// What stands in a header.
pub(in crate::dialplan) const HEADER: Plain<Arc<str>> = Plain::new(
    "a header",
    header_value,
    &Rule { also: &["number", "boolean"], pattern: String::new, examples: &["Bearer abc"], docs: "" },
);

/// Where something stands in an answer.
pub(in crate::dialplan) const PLACE: Plain<Arc<str>> = Plain::new(
    "a place in the answer",
    place_in_answer,
    &Rule {
        also: &["number", "boolean"],
        pattern: String::new,
        examples: &["name", "tier.level", "contacts.0.name"],
        docs: "Names with dots between.",
    },
);

/// Headers that are ours, or the connection's.
const OURS: [&str; 9] = [
    "host",
    "content-length",
    "content-type",
    "connection",
    "transfer-encoding",
    "te",
    "upgrade",
    "sentral-id",
    "sentral-signature",
];

/// The longest header, in bytes.
const LONGEST_HEADER: usize = 1024;

/// The name of a header that a plan may send: in small letters, as HTTP makes no difference.
pub(in crate::dialplan) fn header_name(text: &str) -> Read<Arc<str>> {
    let name = text.to_ascii_lowercase();
    let sign = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(sign) {
        let remedy = "a header's name is of letters, digits, `-` and `_`: `Authorization`";
        return Err(Wrong::new(format!("{} cannot be a header's name", quoted(text)), remedy));
    }
    if OURS.contains(&name.as_str()) {
        return Err(Wrong::new(format!("the header {} is sent by Sentral itself", quoted(text)), "take it out"));
    }
    Ok(name.into())
}

/// What stands in a header. No value comes there: a header that somebody else fills may mean anything.
fn header_value(text: &str) -> Read<Arc<str>> {
    if text.contains("{{") {
        let message = "a header has no values in it";
        return Err(Wrong::new(message, "put the value into `url` or `body`, where it can do no harm"));
    }
    let sign = |c: char| c.is_ascii_graphic() || c == ' ';
    if text.len() > LONGEST_HEADER || !text.chars().all(sign) || text.trim() != text {
        let remedy =
            format!("a header is of plain letters and signs, {LONGEST_HEADER} at most, without spaces around it");
        return Err(Wrong::new("this cannot stand in a header", remedy));
    }
    Ok(text.into())
}

/// A place in an answer: names behind one another with dots (`tier.level`, `contacts.0.name`), or a JSON pointer.
fn place_in_answer(text: &str) -> Read<Arc<str>> {
    if text.starts_with('/') {
        return Ok(text.into());
    }
    if text.contains("{{") || text.split('.').any(|part| part.trim().is_empty()) {
        let remedy = "write the names in the answer with dots between: `tier.level`, `contacts.0.name`";
        return Err(Wrong::new(format!("{} is no place in an answer", quoted(text)), remedy));
    }
    let parts = text.split('.').map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1")));
    Ok(parts.collect::<String>().into())
}

/// The server of an address whose beginning is this: `crm.example.com:8443`. It is not looked at whether there is one.
pub(in crate::dialplan) fn server(beginning: &str) -> Read<Arc<str>> {
    const REMEDY: &str =
        "write it from its beginning, the server without values: `https://crm.example.com/callers/...`";
    let rest = beginning.strip_prefix("https://").or_else(|| beginning.strip_prefix("http://"));
    let Some(rest) = rest else {
        return Err(Wrong::new("an address begins with `https://` or `http://`", REMEDY));
    };
    let Some(end) = rest.find(['/', '?']) else {
        return Err(Wrong::new("behind the server an address goes on with `/`", REMEDY));
    };
    let server = &rest[..end];
    if server.contains('@') {
        let remedy = "take it out; a server that wants one is told in `headers: {Authorization: ...}`";
        return Err(Wrong::new("a user or password has no place in an address", remedy));
    }
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if server.is_empty() || server.starts_with(':') || !server.chars().all(sign) {
        return Err(Wrong::new(format!("{} is no server", quoted(server)), REMEDY));
    }
    Ok(server.to_ascii_lowercase().into())
}

/// What stands in an address besides values: signs that mean the same to everybody.
pub(in crate::dialplan) fn plain_in_address(text: &str) -> Read<()> {
    let sign =
        |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | '#');
    match text.chars().find(|c| !sign(*c)) {
        Some(odd) => Err(Wrong::new(
            format!("{} cannot stand in an address", quoted(&odd.to_string())),
            "write it percent-encoded: a space is `%20`",
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_an_answer_is_written_with_dots() {
        for (typed, pointer) in [("name", "/name"), ("a.0.b", "/a/0/b"), ("a/b~c", "/a~1b~0c"), ("/x.y/z", "/x.y/z")] {
            assert_eq!(place_in_answer(typed).as_deref(), Ok(pointer));
        }
        for typed in ["", ".", "a..b", "a.", "{{ x }}"] {
            assert!(place_in_answer(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_header_is_plain_and_not_one_of_ours() {
        assert_eq!(header_name("X-Api_Key").as_deref(), Ok("x-api_key"));
        for name in ["", "a b", "a:b", "Host", "content-TYPE", "Sentral-Signature", "naïve"] {
            assert!(header_name(name).is_err(), "{name}");
        }
        assert!(header_value("Bearer a.b-c=").is_ok());
        for value in ["{{ caller.name }}", "a\r\nb", " a", "é"] {
            assert!(header_value(value).is_err(), "{value}");
        }
    }

    #[test]
    fn the_server_of_an_address_is_the_plans_own_word() {
        for (typed, server_is) in [
            ("https://CRM.example.com/x", "crm.example.com"),
            ("http://10.0.0.5:8080/", "10.0.0.5:8080"),
            ("https://[::1]:1?x", "[::1]:1"),
        ] {
            assert_eq!(server(typed).as_deref(), Ok(server_is));
        }
        for typed in [
            "",
            "crm.example.com/x",
            "ftp://x/",
            "https://",
            "https:///x",
            "https://crm.example.com",
            "https://a@b/x",
            "https://a b/",
            "https://:80/",
            "https://crm\\.evil/",
        ] {
            assert!(server(typed).is_err(), "{typed}");
        }
    }
}
