//! Steps that speak with other servers, as typed.

use std::{sync::Arc, time::Duration};

use super::{
    SECOND,
    logic::{self, RawSet, Text},
    step::{self, Body, RawAct},
};
use crate::{
    dialplan::{
        request::{Header, Method},
        word,
    },
    yaml::{At, Fault, Fields, Kind, Node, Reader, Span},
};

/// The longest that a caller waits for an answer.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A request as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawRequest {
    pub(in crate::dialplan) method: Method,
    pub(in crate::dialplan) url: Option<Text>,
    pub(in crate::dialplan) headers: Vec<Header>,
    pub(in crate::dialplan) body: Option<RawJson>,
}

/// JSON as typed.
#[derive(Debug)]
pub(in crate::dialplan) enum RawJson {
    Nothing,
    Value(Text),
    List(Vec<Self>),
    Map(Vec<(Arc<str>, Self)>),
}

/// A question to a server as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawLookUp {
    pub(in crate::dialplan) request: RawRequest,
    pub(in crate::dialplan) within: Duration,
    pub(in crate::dialplan) takes: Vec<RawTake>,
    pub(in crate::dialplan) failed: Option<Body>,
}

/// A variable that gets its value from an answer, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawTake {
    /// The variable, and what it becomes where the answer has nothing for it.
    pub(in crate::dialplan) set: RawSet,
    /// Where in the answer.
    pub(in crate::dialplan) at: Arc<str>,
}

/// `lookup: {url: ..., set: {...}, failed: ...}`
pub(super) fn look_up(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    const KEYS: &[&str] = &["url", "method", "headers", "body", "timeout", "set", "failed"];
    const SET: &str = "{customer: name}";
    let Some(fields) = reader.fields(value, "the step `lookup`", &key.span, KEYS) else {
        return RawAct::Unread;
    };
    let body = body(&fields, reader);
    let (given, default) = (fields.get("method"), if body.is_some() { Method::Post } else { Method::Get });
    let method = reader.optional(&fields, "method", default, "a method", word::one_of("the method", METHODS));
    if let (Some(node), Method::Get, Some(_)) = (given, method, &body) {
        let fault = Fault::error(&node.span, "a question with a body cannot be asked with `get`");
        reader.tell(fault.remedy("leave `method` out, or write `method: post`"));
    }
    let request = RawRequest { method, url: url(&fields, reader), headers: headers(&fields, reader), body };
    let limits = word::duration("timeout", Duration::from_millis(100)..=LONGEST_WAIT, false);
    let within = reader.optional(&fields, "timeout", SECOND * 2, "a duration", limits);
    let set = reader.required(&fields, "set", &format!("set: {SET}"));
    let set = set.filter(|node| !reader.is_empty(node, "nothing is taken out of the answer", SET));
    let takes = set.map(|node| all_takes(node, reader)).unwrap_or_default();
    let failed = fields.get("failed").map(|node| step::body(node, reader));
    RawAct::LookUp(RawLookUp { request, within, takes, failed })
}

/// `notify: {url: ..., body: {...}}`
pub(super) fn notify(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, "the step `notify`", &key.span, &["url", "headers", "body"]) else {
        return RawAct::Unread;
    };
    let (url, headers) = (url(&fields, reader), headers(&fields, reader));
    if reader.required(&fields, "body", "body: {caller: \"{{ caller.number }}\"}").is_none() {
        return RawAct::Unread;
    }
    RawAct::Notify(RawRequest { method: Method::Post, url, headers, body: body(&fields, reader) })
}

const METHODS: &[(&str, Method)] = &[("get", Method::Get), ("post", Method::Post)];

fn url(fields: &Fields<'_>, reader: &mut Reader) -> Option<Text> {
    let node = reader.required(fields, "url", "url: \"https://crm.example.com/callers/{{ caller.number }}\"")?;
    reader.value(node, "an address", logic::text)
}

fn headers(fields: &Fields<'_>, reader: &mut Reader) -> Vec<Header> {
    let Some(node) = fields.get("headers") else { return Vec::new() };
    let same = |name: &Arc<str>| name.clone();
    let named = reader.named(node, "headers", word::header_name, |name: &Arc<str>| name, |typed| Arc::from(typed));
    let named = named.unwrap_or_default().into_iter();
    named
        .filter_map(|(name, node)| Some((same(&name.value), reader.value(node, "a header", word::header_value)?.value)))
        .collect()
}

fn body(fields: &Fields<'_>, reader: &mut Reader) -> Option<RawJson> {
    fields.get("body").map(|node| json(node, reader))
}

fn json(node: &Node, reader: &mut Reader) -> RawJson {
    match &node.kind {
        Kind::Nothing => RawJson::Nothing,
        Kind::Word(word) => RawJson::Value(At { value: word.as_str().into(), span: node.span.clone() }),
        Kind::List(items) => RawJson::List(items.iter().map(|item| json(item, reader)).collect()),
        Kind::Map(_) => {
            let name = |text: &str| Ok(Arc::from(text));
            let named = reader.named(node, "names and values", name, |name: &Arc<str>| name, |typed| Arc::from(typed));
            let named = named.unwrap_or_default().into_iter();
            RawJson::Map(named.map(|(name, node)| (name.value, json(node, reader))).collect())
        }
    }
}

fn all_takes(node: &Node, reader: &mut Reader) -> Vec<RawTake> {
    let named = logic::variables(node, "variables and where they are in the answer", reader);
    named.into_iter().filter_map(|(name, node)| take(name, node, reader)).collect()
}

/// `customer: name`, or `level: {at: tier.level, default: 0}`.
fn take(name: At<crate::domain::Name>, node: &Node, reader: &mut Reader) -> Option<RawTake> {
    let text = |span: &Span, value: &str| At { value: Arc::from(value), span: span.clone() };
    let (at, value) = match &node.kind {
        Kind::Word(_) => (node, text(&node.span, "")),
        Kind::Nothing | Kind::List(_) | Kind::Map(_) => {
            let fields = reader.fields(node, "what is taken out of the answer", &name.span, &["at", "default"])?;
            let at = reader.required(&fields, "at", "at: tier.level")?;
            let value = match fields.get("default") {
                Some(node) => reader.value(node, "a value", logic::text)?,
                None => text(&at.span, ""),
            };
            (at, value)
        }
    };
    let at = reader.value(at, "a place in the answer", word::place_in_answer)?;
    Some(RawTake { set: RawSet { name, value: Some(value) }, at: at.value })
}
