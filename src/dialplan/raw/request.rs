//! Steps that speak with other servers, as typed.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    SECOND,
    logic::{self, RawSet, Text},
    step::{self, Body, RawAct, StepWord, Steps},
};
use crate::{
    dialplan::{
        request::{Header, Method},
        word::{self, Lasting, OneOf, Plain},
    },
    domain::Name,
    yaml::{At, Either, Fault, Fields, Key, Kind, Mapping, Named, Node, Or, Reader, Shape, Shared, Span},
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

/// A word as it is typed.
type Typed = Plain<Arc<str>>;

const URL: Key<Plain<Arc<str>>> = Key::required(
    "url",
    "url: \"https://crm.example.com/callers/{{ caller.number }}\"",
    word::URL,
    "The server and the address there. The settings (`hooks.allow`) say which servers may be asked; values are \
     percent-encoded.",
);
const METHOD: Key<OneOf<Method>> =
    Key::optional("method", word::METHODS, "How it is asked: `get`, or with a `body` `post`, when this is missing.");
const HEADERS: Key<Named<Typed, Typed>> = Key::optional(
    "headers",
    Named { name: word::HEADER_NAME, thing: word::HEADER, least: 0 },
    "Headers of the request, as `Authorization`. No values stand in them.",
);
const BODY: Key<AnyJson> =
    Key::optional("body", AnyJson, "What is sent, as JSON; texts in it may have values in them.");
const NEWS: Key<AnyJson> = Key::required(
    "body",
    "body: {caller: \"{{ caller.number }}\"}",
    AnyJson,
    "What is told, as JSON; texts in it may have values in them.",
);
const TIMEOUT: Key<Or<Lasting>> = Key::or(
    "timeout",
    Lasting::within(Duration::from_millis(100), LONGEST_WAIT),
    SECOND.saturating_mul(2),
    "How long the call waits for the answer at most.",
);
const SET: Key<Named<Plain<Name>, Either>> = Key::required(
    "set",
    "set: {customer: name}",
    Named { name: word::NAME, thing: Either(&[&word::PLACE, &TAKEN]), least: 1 },
    "Variables, and where each stands in the answer: `customer: name`, or with what it is otherwise: \
     `level: {at: tier.level, default: 0}`.",
);
const FAILED: Key<Steps> = Key::optional(
    "failed",
    Steps,
    "The step, or the steps, when there is no answer in time; the call goes on behind the look-up when this is missing.",
);
const PLACE: Key<Plain<Arc<str>>> =
    Key::required("at", "at: tier.level", word::PLACE, "Where it stands in the answer: names with dots between.");
const DEFAULT: Key<Plain<Arc<str>>> = Key::optional(
    "default",
    word::VALUE,
    "What the variable becomes when the answer has nothing there, or there is none; an empty text when this is missing.",
);

const ASKED: Mapping =
    Mapping { what: "the step `lookup`", keys: &[&URL, &METHOD, &HEADERS, &BODY, &TIMEOUT, &SET, &FAILED] };
const TOLD: Mapping = Mapping { what: "the step `notify`", keys: &[&URL, &HEADERS, &NEWS] };
const TAKEN: Mapping = Mapping { what: "what is taken out of the answer", keys: &[&PLACE, &DEFAULT] };

/// JSON, as it is written in YAML.
#[derive(Clone, Copy, Debug)]
struct AnyJson;

impl Shape for AnyJson {
    fn schema(&self, _: &mut Shared) -> Value {
        json!({})
    }
}

/// `lookup: {url: ..., set: {...}, failed: ...}`
pub(super) const LOOKUP: StepWord = StepWord {
    key: &Key::optional("lookup", ASKED, "Asks another server, waits for its answer, and takes variables out of it."),
    alone: None,
    read: look_up,
};

/// `notify: {url: ..., body: {...}}`
pub(super) const NOTIFY: StepWord = StepWord {
    key: &Key::optional("notify", TOLD, "Tells another server something, until it takes it, and goes on at once."),
    alone: None,
    read: notify,
};

fn look_up(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, &ASKED, &key.span) else {
        return RawAct::Unread;
    };
    let body = fields.get(&BODY).map(|node| json(node, reader));
    let given = reader.maybe(&fields, &METHOD);
    if let (Some(At { value: Method::Get, span }), Some(_)) = (&given, &body) {
        let fault = Fault::error(span, "a question with a body cannot be asked with `get`");
        reader.tell(fault.remedy("leave `method` out, or write `method: post`"));
    }
    let default = if body.is_some() { Method::Post } else { Method::Get };
    let method = given.map_or(default, |at| at.value);
    let request = RawRequest { method, url: reader.needed(&fields, &URL), headers: headers(&fields, reader), body };
    let within = reader.or(&fields, &TIMEOUT);
    let set = reader.required(&fields, &SET);
    let set = set.filter(|node| !reader.is_empty(node, "nothing is taken out of the answer", "{customer: name}"));
    let takes = set.map(|node| all_takes(node, reader)).unwrap_or_default();
    let failed = fields.get(&FAILED).map(|node| step::body(node, reader));
    RawAct::LookUp(RawLookUp { request, within, takes, failed })
}

fn notify(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, &TOLD, &key.span) else {
        return RawAct::Unread;
    };
    let (url, headers) = (reader.needed(&fields, &URL), headers(&fields, reader));
    match reader.required(&fields, &NEWS) {
        Some(body) => {
            let body = Some(json(body, reader));
            RawAct::Notify(RawRequest { method: Method::Post, url, headers, body })
        }
        None => RawAct::Unread,
    }
}

fn headers(fields: &Fields<'_>, reader: &mut Reader) -> Vec<Header> {
    let Some(node) = fields.get(&HEADERS) else { return Vec::new() };
    let named = reader.named(node, "headers", word::header_name, |name: &Arc<str>| name, |typed| Arc::from(typed));
    let named = named.unwrap_or_default().into_iter();
    named.filter_map(|(name, node)| Some((name.value, reader.read(node, &word::HEADER, "headers")?.value))).collect()
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
fn take(name: At<Name>, node: &Node, reader: &mut Reader) -> Option<RawTake> {
    let text = |span: &Span, value: &str| At { value: Arc::from(value), span: span.clone() };
    let (at, value) = match &node.kind {
        Kind::Word(_) => (node, text(&node.span, "")),
        Kind::Nothing | Kind::List(_) | Kind::Map(_) => {
            let fields = reader.fields(node, &TAKEN, &name.span)?;
            let at = reader.required(&fields, &PLACE)?;
            let value = match fields.get(&DEFAULT) {
                Some(node) => reader.read(node, &word::VALUE, DEFAULT.name())?,
                None => text(&at.span, ""),
            };
            (at, value)
        }
    };
    let at = reader.read(at, &word::PLACE, PLACE.name())?;
    Some(RawTake { set: RawSet { name, value: Some(value) }, at: at.value })
}
