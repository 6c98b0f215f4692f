//! The description of the API is that of what is served: every route, every role, and the answers as they are.

use serde_json::Value;

use super::{
    by_token::{asks, calls_in as calls},
    *,
};
use crate::{
    api::openapi::DESCRIPTION,
    domain::{Caller, E164},
    engine::{
        Fact, Notice,
        explain::Why,
        notice::{OperatorState, Outcome},
        record::Book,
    },
    settings::Role,
    yaml::fits,
};

const PLAN: &str = "exchange: nordlys\ncountry: NO\ntimezone: Europe/Oslo\n\
    numbers: {101: {flow: sales, channels: 5}}\n\
    operators: {anna: {dial: PJSIP/anna, extension: 201, skills: {english: 1}}, boris: {dial: PJSIP/boris}, \
    carla: {dial: PJSIP/carla}}\n\
    trunks: {provider: {dial: \"PJSIP/{number}@provider\", channels: 2}}\n\
    hours: {office: {open: 08:00-16:00}}\n\
    queues:\n  sales: {operators: [anna, boris], strategy: linear, max_wait: {after: 10m, go: hangup}, callback: {trunk: provider}}\n  \
    english: {operators: [anna], strategy: linear, skills: {english: 3}, relax: {after: 1m, skills: {}}}\n\
    flows:\n  sales: {queue: sales}\n  english: {queue: english}\n";

fn bench() -> Bench {
    let plan = dialplan::parse("plan.yaml", PLAN.as_bytes()).map(|checked| checked.plan);
    let token = Token { name: "api".into(), secret: SecretString::from(TOKEN), roles: Role::ALL.into() };
    let now = Clock::new().now();
    let callback = KeptCallback {
        queue: "sales".into(),
        number: E164::read("+4722334455", None).expect("a number"),
        dialled: None,
        called: "101".into(),
        language: None,
        priority: 0,
        requires: Default::default(),
        entered: now,
        promised: now,
        expires: now + Duration::from_secs(3_600),
        attempts: 0,
        next: now + Duration::from_secs(3_600),
    };
    let promised = [(CallbackId { boot: 7, number: 1 }, callback)].into();
    Bench::after(plan.unwrap_or_else(|faults| panic!("{}", faults.render(false))), promised, [token].into())
}

fn description() -> Value {
    serde_json::from_str(DESCRIPTION).expect("JSON")
}

/// A schema as the one who looks whether values fit reads it.
fn read(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let one = |(key, value): (&String, &Value)| (key.clone(), read(value));
            Value::Object(map.iter().filter(|(key, _)| *key != "format").map(one).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(read).collect()),
        Value::String(text) => Value::String(text.replace("#/components/schemas/", "#/definitions/")),
        Value::Null | Value::Bool(_) | Value::Number(_) => schema.clone(),
    }
}

/// What is said of an answer with this status; `None`: nothing.
fn described<'d>(document: &'d Value, path: &str, method: &str, status: &str) -> Option<&'d Value> {
    let answer = &document["paths"][path][method]["responses"][status];
    let shared = answer["$ref"].as_str().and_then(|at| at.strip_prefix("#/components/responses/"));
    let answer = shared.map_or(answer, |name| &document["components"]["responses"][name]);
    answer.as_object().map(|_| &answer["content"]["application/json"]["schema"])
}

/// Whether an answer is as described.
fn is_as_described(document: &Value, (path, method): (&str, &str), status: &str, answer: &Value) {
    let schema = described(document, path, method, status);
    let schema = schema.unwrap_or_else(|| panic!("{method} {path}: {status} is not described: {answer}"));
    let Value::Object(mut whole) = read(schema) else { panic!("{method} {path}: {status} has no schema") };
    whole.insert("definitions".into(), read(&document["components"]["schemas"]));
    assert!(fits(answer, &Value::Object(whole)), "{method} {path}: {status} is described otherwise: {answer:#}");
}

/// With something in the place of names.
fn asked(path: &str, name: &str) -> String {
    path.replace("{name}", name).replace("{id}", name).replace("{file}", name)
}

#[tokio::test]
async fn every_route_is_described_with_its_methods_and_roles_and_nothing_else_is() {
    let (bench, document) = (bench(), description());
    let paths = document["paths"].as_object().expect("paths");
    let mut described: Vec<&str> = paths.keys().map(String::as_str).collect();
    let mut served = bench.paths.clone();
    described.sort_unstable();
    served.sort_unstable();
    assert_eq!(described, served);
    for path in served {
        let guarded = path.starts_with("/api/v1/");
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH"] {
            let (status, _) = asks(&bench, TOKEN, method, &asked(path, "x")).await;
            let told = &paths[path][method.to_lowercase()];
            assert_eq!(told.is_object(), status != "405", "{method} {path}: {status}");
            if told.is_object() && guarded {
                let role = guard::role(&method.parse().expect("a method"), path).word();
                assert_eq!(told["x-role"], json!(role), "{method} {path}");
            }
            assert!(!told.is_object() || guarded || told["security"] == json!([]), "{path} needs no token");
        }
        let wanted: Vec<&str> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let known = paths[path]["parameters"].as_array().into_iter().flatten().map(|known| &known["name"]);
        assert_eq!(known.collect::<Vec<_>>(), wanted, "{path}");
    }
}

#[tokio::test]
async fn answers_are_as_described() {
    let (bench, document) = (bench(), description());
    bench.node_comes_up().await;
    assert_eq!(asks(&bench, TOKEN, "POST", "/api/v1/operators/boris/pause?reason=lunch&for=30m").await.0, "200");
    calls(&bench, "1.1", "101", TOKEN).await;
    let waits = calls(&bench, "1.2", "101", TOKEN).await;
    let choosy = calls(&bench, "1.3", "101", TOKEN).await;
    let message = super::leaves_a_message(&bench, 1, "sales").to_string();
    a_call_is_over(&bench).await;
    for (path, name) in [
        ("/livez", ""),
        ("/readyz", ""),
        ("/api/v1/openapi.json", ""),
        ("/api/v1/state", ""),
        ("/api/v1/queues/{name}", "sales"),
        ("/api/v1/queues/{name}", "nowhere"),
        ("/api/v1/explain/calls/{id}", &*waits),
        ("/api/v1/explain/calls/{id}", "nonsense"),
        ("/api/v1/explain/operators/{name}", "anna"),
        ("/api/v1/explain/operators/{name}", "boris"),
        ("/api/v1/explain/operators/{name}", "nobody"),
        ("/api/v1/calls", ""),
        ("/api/v1/callbacks", ""),
        ("/api/v1/operators", ""),
        ("/api/v1/statistics", ""),
        ("/api/v1/voicemail", ""),
        ("/api/v1/voicemail/{id}", &message),
        ("/api/v1/voicemail/{id}", "nonsense"),
    ] {
        let (status, answer) = asks(&bench, TOKEN, "GET", &asked(path, name)).await;
        is_as_described(&document, (path, "get"), &status, &answer);
        let list = answer.as_object().and_then(|map| map.values().find_map(Value::as_array));
        assert!(path == "/api/v1/statistics" || list.is_none_or(|list| !list.is_empty()), "nothing is shown: {answer}");
    }
    for (method, path, name, query) in [
        ("PUT", "/api/v1/hours/{name}", "office", "?to=closed&for=2h"),
        ("PUT", "/api/v1/hours/{name}", "office", "?to=shut"),
        ("DELETE", "/api/v1/hours/{name}", "office", ""),
        ("DELETE", "/api/v1/callbacks/{id}", "00000007-c1", ""),
        ("DELETE", "/api/v1/callbacks/{id}", "00000007-c1", ""),
        ("POST", "/api/v1/operators/{name}/sign_out", "carla", ""),
        ("POST", "/api/v1/operators/{name}/pause", "carla", ""),
        ("POST", "/api/v1/calls/{id}/priority", &*waits, "?to=5"),
        ("POST", "/api/v1/calls/{id}/priority", &*waits, "?to=5000000"),
        ("POST", "/api/v1/calls/{id}/move", &*choosy, "?flow=english"),
        ("POST", "/api/v1/calls/{id}/assign", &*choosy, "?operator=carla"),
        ("POST", "/api/v1/calls/{id}/withdraw", &*waits, "?info=x"),
        ("POST", "/api/v1/calls/{id}/withdraw", &*waits, "?info=x"),
    ] {
        let (status, answer) = asks(&bench, TOKEN, method, &(asked(path, name) + query)).await;
        is_as_described(&document, (path, &method.to_lowercase()), &status, &answer);
    }
    let (status, answer) = asks(&bench, TOKEN, "GET", &format!("/api/v1/explain/calls/{choosy}")).await;
    is_as_described(&document, ("/api/v1/explain/calls/{id}", "get"), &status, &answer);
    assert!(answer["waits"]["operators"].to_string().contains("lacks_skill"), "{answer}");
}

/// Its record is written as that of a real one.
async fn a_call_is_over(bench: &Bench) {
    let call = CallId { boot: 1, number: 99 };
    let (channel, caller) = (crate::domain::ChannelId::new(NodeId(0), "9.9"), Caller::from_wire("+4790000009", "", ""));
    let mut book = Book::default();
    let facts = [
        Fact::Arrived { number: "101".into(), caller, channel },
        Fact::Ended {
            number: Some("101".into()),
            outcome: Outcome::Abandoned,
            lasted: Duration::from_secs(4),
            charge: None,
            uncharged: 0,
        },
    ];
    let at = Time::from_secs(1_795_371_615);
    let record =
        facts.into_iter().find_map(|fact| book.see(&Notice { at, call: Some(call), fact })).expect("it is over");
    bench.store.keep_record(Arc::new(record));
    bench.store.ended().await;
}

#[test]
fn words_out_of_a_few_are_all_of_them() {
    let document = description();
    let words = |schema: &str| document["components"]["schemas"][schema]["enum"].clone();
    let all = |values: Vec<Value>| Value::Array(values);
    assert_eq!(words("Why"), all(Why::ALL.iter().map(|why| json!(why)).collect()));
    assert_eq!(words("OperatorState"), all(OperatorState::ALL.iter().map(|state| json!(state)).collect()));
    let outcomes = &document["components"]["schemas"]["Record"]["properties"]["outcome"]["enum"];
    let known: Vec<Value> = Outcome::ALL.iter().map(|outcome| json!(outcome)).chain([Value::Null]).collect();
    assert_eq!(*outcomes, all(known));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_schema_that_is_named_is_there_and_every_one_is_named() {
    let document = description();
    let mut named = Vec::new();
    names(&document, &mut named);
    for name in &named {
        assert!(document.pointer(name).is_some(), "{name}");
    }
    for schema in document["components"]["schemas"].as_object().expect("schemas").keys() {
        assert!(named.contains(&format!("/components/schemas/{schema}")), "nobody names {schema}");
    }
}

fn names(value: &Value, named: &mut Vec<String>) {
    if let Some(name) = value["$ref"].as_str().and_then(|name| name.strip_prefix('#')) {
        named.push(name.to_owned());
    }
    let inner: Vec<&Value> = match value {
        Value::Object(map) => map.values().collect(),
        Value::Array(items) => items.iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    inner.into_iter().for_each(|value| names(value, named));
}
