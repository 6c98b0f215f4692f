//! What other servers say in a performance, where nobody can be asked.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json as schema_of};

use super::read::Stagehand;
use crate::{
    dialplan::word::Rule,
    engine::{Answer, NoAnswer},
    yaml::{Fault, Kind, Node, Shape, Shared, Wrong, quoted, suggest},
};

/// The beginning of an address.
pub(super) const ADDRESSES: Rule = Rule {
    also: &[],
    pattern: || "^https?://".into(),
    examples: &["https://crm.example.com/"],
    docs: "The beginning of an address.",
};

/// What a server says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replies;

impl Shape for Replies {
    fn schema(&self, _: &mut Shared) -> Value {
        schema_of!({
            "anyOf": [{ "enum": ["fails", "times out"] }, { "type": ["object", "array", "null"] }],
            "description": "The JSON that is answered, `fails` (nobody is there) or `times out`.",
        })
    }
}

/// A server answers after this long.
const SOON: Duration = Duration::from_millis(100);

/// What a server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// This.
    Json(Arc<serde_json::Value>),
    /// It is not there.
    Fails,
    /// Nothing, for longer than anybody waits.
    TimesOut,
}

/// What those say whose address begins so.
pub type Lookups = Vec<(String, Reply)>;

/// What becomes of a question to an address, and when; `None`: nothing. Of several beginnings the longest counts, and who is
/// not among them is not there.
pub(super) fn reply(lookups: &Lookups, url: &str) -> Option<(Duration, Answer)> {
    let fits = lookups.iter().filter(|(beginning, _)| url.starts_with(beginning.as_str()));
    let found = fits.max_by_key(|(beginning, _)| beginning.len()).map(|(_, reply)| reply);
    match found {
        Some(Reply::Json(json)) => Some((SOON, Answer::Json(json.clone()))),
        Some(Reply::Fails) | None => Some((SOON, Answer::Failed(NoAnswer::Unreachable))),
        Some(Reply::TimesOut) => None,
    }
}

/// `{"https://crm.example.com/": {name: Kari}}`
pub(super) fn read(node: &Node, hand: &mut Stagehand<'_>) -> Lookups {
    let address = |text: &str| match text.starts_with("https://") || text.starts_with("http://") {
        true => Ok(text.to_owned()),
        false => {
            let remedy = format!("write it from its beginning: {}", quoted(&format!("https://{text}")));
            Err(Wrong::new(format!("{} is no address", quoted(text)), remedy))
        }
    };
    let named =
        hand.reader.named(node, "addresses and what is answered there", address, |it: &String| it, str::to_owned);
    let named = named.unwrap_or_default().into_iter();
    named.filter_map(|(address, node)| Some((address.value, said(node, hand)?))).collect()
}

fn said(node: &Node, hand: &mut Stagehand<'_>) -> Option<Reply> {
    match &node.kind {
        Kind::Word(word) if word == "fails" => Some(Reply::Fails),
        Kind::Word(word) if word == "times out" => Some(Reply::TimesOut),
        Kind::Word(word) => {
            let remedy = suggest::instead(word, ["fails", "times out"].into_iter(), "an answer in braces, or one of");
            let message = format!("{} is nothing that a server says", quoted(word));
            hand.reader.tell(Fault::error(&node.span, message).remedy(remedy));
            None
        }
        Kind::Nothing | Kind::List(_) | Kind::Map(_) => Some(Reply::Json(Arc::new(json(node)))),
    }
}

/// As the plan's own values: what looks like a number is one.
fn json(node: &Node) -> serde_json::Value {
    match &node.kind {
        Kind::Nothing => serde_json::Value::Null,
        Kind::Word(word) => crate::dialplan::as_json(word),
        Kind::List(items) => items.iter().map(json).collect(),
        Kind::Map(entries) => {
            let entry = |(key, value): &(Node, Node)| Some((key.as_word()?.to_owned(), json(value)));
            serde_json::Value::Object(entries.iter().filter_map(entry).collect())
        }
    }
}
