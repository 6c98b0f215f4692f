//! What a token is good for, how often, and what is done to callers who wait.

use std::{io, sync::Mutex};

use serde_json::Value;

use super::*;
use crate::{domain::Caller, engine::Enters};

/// Calls to 101 wait in `sales`, since anna's telephone rings for the first of them; 102 is `billing`.
const PLAN: &str = "exchange: nordlys\ncountry: NO\ntimezone: Europe/Oslo\n\
    numbers: {101: {flow: sales}, 102: {flow: billing}, 103: {flow: back}}\n\
    operators: {anna: {dial: PJSIP/anna}}\ntrunks: {provider: {dial: \"PJSIP/{number}@provider\"}}\n\
    queues:\n  sales: {operators: [anna], strategy: linear, callback: {greeting: sound:beep}}\n  billing: {operators: [anna], strategy: linear}\n\
    flows:\n  sales: {queue: sales}\n  billing: {queue: billing}\n  bye: {play: sound:bye}\n  \
    back: {callback: {queue: sales, promised: hangup, refused: hangup}}\n";

const VIEW: &str = "view-view-view-v";
const OPERATE: &str = "operate-operate-";
const MESSAGES: &str = "messages-message";

fn tokens() -> Arc<[Token]> {
    let token = |name: &str, secret: &str, role| Token {
        name: name.into(),
        secret: SecretString::from(secret),
        roles: [role].into(),
    };
    [token("wall", VIEW, Role::View), token("lead", OPERATE, Role::Operate), token("phone", MESSAGES, Role::Messages)]
        .into()
}

fn bench() -> Bench {
    let plan = dialplan::parse("plan.yaml", PLAN.as_bytes()).map(|checked| checked.plan);
    Bench::of(plan.unwrap_or_else(|faults| panic!("{}", faults.render(false))), tokens())
}

pub(super) async fn asks(bench: &Bench, token: &str, method: &str, path: &str) -> (String, Value) {
    sends(bench, token, method, path, "").await
}

async fn sends(bench: &Bench, token: &str, method: &str, path: &str, body: &str) -> (String, Value) {
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let answer = bench
        .sends(&format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n{length}\r\n{body}"
        ))
        .await;
    let said = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    (status(&answer).to_owned(), serde_json::from_str(said).unwrap_or(Value::Null))
}

async fn calls(bench: &Bench, channel: &str, number: &str) -> String {
    calls_in(bench, channel, number, VIEW).await
}

/// Somebody calls: the id of his call, as one with this token sees it.
pub(super) async fn calls_in(bench: &Bench, channel: &str, number: &str, token: &str) -> String {
    let event = Event::CallArrived {
        channel: crate::domain::ChannelId::new(NodeId(0), channel),
        enters: Enters::Number(number.into()),
        caller: Caller::from_wire("+4790000001", "", ""),
        answered: false,
    };
    bench.events.send(Heard::new(event, bench.clock.now())).await.expect("the engine runs");
    drop(bench.events.reserve_many(bench.events.max_capacity()).await.expect("the engine runs"));
    let (_, state) = asks(bench, token, "GET", "/api/v1/state").await;
    let calls = state["calls"].as_array().expect("calls");
    let call = calls.iter().find(|call| call["channel"] == channel).expect("he calls");
    call["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_token_is_good_for_its_roles_and_for_nothing_else() {
    let bench = bench();
    for (method, path, good) in [
        ("GET", "/api/v1/state", [VIEW, OPERATE].as_slice()),
        ("GET", "/api/v1/queues/sales", &[VIEW, OPERATE]),
        ("GET", "/api/v1/calls", &[VIEW, OPERATE]),
        ("GET", "/api/v1/explain/operators/anna", &[VIEW, OPERATE]),
        ("POST", "/api/v1/calls/00000001-1/withdraw", &[OPERATE]),
        ("PUT", "/api/v1/hours/office?to=open", &[OPERATE]),
        ("GET", "/api/v1/voicemail", &[MESSAGES]),
        ("DELETE", "/api/v1/voicemail/x", &[MESSAGES]),
    ] {
        for token in [VIEW, OPERATE, MESSAGES] {
            let (status, said) = asks(&bench, token, method, path).await;
            let admitted = status != "403";
            assert_eq!(admitted, good.contains(&token), "{method} {path} with {token}: {status} {said}");
            assert!(admitted || said["error"]["message"].as_str().expect("words").contains("api.tokens"), "{said}");
        }
    }
    let (status, said) = asks(&bench, "nobodys-nobodys-", "POST", "/api/v1/calls/00000001-1/withdraw").await;
    assert_eq!((&*status, &said["error"]["code"]), ("401", &json!("unauthorized")));
    let text = bench.gets("/metrics", "").await;
    for line in [
        r#"sentral_api_changes_total{result="refused",token="lead"} 2"#,
        r#"sentral_api_refused_requests_total{reason="unauthorized"} 1"#,
        r#"sentral_api_refused_requests_total{reason="forbidden"} 12"#,
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_to_wait_and_others_are_served() {
    let bench = bench();
    let (mut hears, mut says) = TcpStream::connect(bench.at).await.expect("connected").into_split();
    let one = format!("GET /api/v1/queues/sales HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {VIEW}\r\n\r\n");
    let all = one.repeat(600) + "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answers = Vec::new();
    let (sent, _end) = tokio::join!(says.write_all(all.as_bytes()), hears.read_to_end(&mut answers));
    sent.expect("sent");
    let answers = String::from_utf8_lossy(&answers);
    let (served, told) = (answers.matches("HTTP/1.1 200").count(), answers.matches("HTTP/1.1 429").count());
    assert_eq!(served + told, 601, "{answers}");
    assert!(told > 100 && served >= 200, "{served} served, {told} told to wait");
    assert!(answers.contains("retry-after: 1") && answers.contains("too_many_requests"));
    assert_eq!(asks(&bench, OPERATE, "GET", "/api/v1/queues/sales").await.0, "200", "another token has its own share");
}

#[tokio::test]
async fn callers_who_wait_are_moved_preferred_assigned_and_withdrawn() {
    let bench = bench();
    bench.node_comes_up().await;
    let ringing = calls(&bench, "1.1", "101").await;
    let (first, second) = (calls(&bench, "1.2", "101").await, calls(&bench, "1.3", "101").await);

    let (status, call) = asks(&bench, OPERATE, "POST", &format!("/api/v1/calls/{second}/priority?to=9")).await;
    assert_eq!((&*status, &call["id"]), ("200", &json!(second)), "{call}");
    let (_, queue) = asks(&bench, VIEW, "GET", "/api/v1/queues/sales").await;
    let line = |queue: &Value| -> Vec<(String, u64, i64)> {
        let callers = queue["callers"].as_array().expect("callers").iter();
        let one = |it: &Value| {
            let call = it["call"].as_str().expect("an id").to_owned();
            (call, it["position"].as_u64().expect("a place"), it["priority"].as_i64().expect("a number"))
        };
        callers.map(one).collect()
    };
    assert_eq!(line(&queue), [(second.clone(), 1, 9), (ringing, 2, 0), (first.clone(), 3, 0)]);

    let body = r#"{"queue": "billing"}"#;
    let (status, call) = sends(&bench, OPERATE, "POST", &format!("/api/v1/calls/{second}/move"), body).await;
    assert_eq!((&*status, &call["queue"]), ("200", &json!("billing")), "{call}");
    let (status, call) = asks(&bench, OPERATE, "POST", &format!("/api/v1/calls/{second}/assign?operator=anna")).await;
    assert_eq!((&*status, &call["state"]), ("200", &json!("waiting")), "she rings for another: {call}");
    let (_, queue) = asks(&bench, VIEW, "GET", "/api/v1/queues/billing").await;
    assert_eq!((&queue["callers"][0]["assigned"], line(&queue).len()), (&json!("anna"), 1));

    let withdraw = format!("/api/v1/calls/{first}/withdraw?info=called%20back");
    let (status, call) = asks(&bench, OPERATE, "POST", &withdraw).await;
    assert_eq!((&*status, &call["state"]), ("200", &json!("leaving")), "{call}");
    let (status, said) = asks(&bench, OPERATE, "POST", &withdraw).await;
    assert_eq!((&*status, &said["error"]["code"]), ("409", &json!("not_waiting")), "{said}");
}

#[tokio::test]
async fn why_a_caller_waits_and_an_operator_is_not_rung_is_told() {
    let bench = bench();
    bench.node_comes_up().await;
    let ringing = calls(&bench, "1.1", "101").await;
    let id = calls(&bench, "1.2", "101").await;
    let (status, why) = asks(&bench, VIEW, "GET", &format!("/api/v1/explain/calls/{id}")).await;
    let waits = &why["waits"];
    assert_eq!((&*status, &why["call"], &why["caller"]), ("200", &json!(id), &json!("+4790000001")), "{why}");
    assert_eq!((&waits["queue"], &waits["position"], &waits["line"]), (&json!("sales"), &json!(2), &json!(2)));
    let anna = &waits["operators"][0];
    assert_eq!((&anna["operator"], &anna["reasons"][0]["why"]), (&json!("anna"), &json!("ringing")), "{why}");
    assert_eq!(anna["reasons"][0]["call"], json!(ringing));
    assert_eq!(anna["reasons"][0].get("skill"), None, "what does not belong to it is left out");
    let (status, why) = asks(&bench, VIEW, "GET", "/api/v1/explain/operators/anna").await;
    assert_eq!((&*status, &why["state"], &why["next"]["call"]), ("200", &json!("ringing"), &json!(id)), "{why}");
    assert_eq!(why["queues"][1]["reasons"][0]["why"], json!("nobody_waits"));
    for (path, expected, code) in [
        ("calls/00000099-1", "404", "no_such_call"),
        ("calls/nonsense", "404", "no_such_call"),
        ("operators/nobody", "404", "no_such_operator"),
        ("queues/sales", "404", "not_found"),
    ] {
        let (status, said) = asks(&bench, VIEW, "GET", &format!("/api/v1/explain/{path}")).await;
        assert_eq!((&*status, &said["error"]["code"]), (expected, &json!(code)), "{path}: {said}");
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_of_a_caller_who_waits_is_told_with_a_remedy() {
    let bench = bench();
    bench.node_comes_up().await;
    let _ringing = calls(&bench, "1.1", "101").await;
    let id = calls(&bench, "1.2", "101").await;
    for (path, body, expected, code) in [
        ("move", "", "400", "bad_request"),
        ("move?queue=billing&flow=bye", "", "400", "bad_request"),
        ("move?queu=billing", "", "400", "bad_request"),
        ("move?queue=nowhere", "", "422", "no_such_queue"),
        ("move?queue=sales", "", "409", "same_queue"),
        ("move?flow=nowhere", "", "422", "no_such_flow"),
        ("move", "{", "400", "bad_request"),
        ("move", r#"{"queue": 7}"#, "422", "bad_value"),
        ("move", r#"{"where": "billing"}"#, "422", "bad_value"),
        ("move?queue=billing", r#"{"queue": "billing"}"#, "400", "bad_request"),
        ("priority?to=high", "", "400", "bad_request"),
        ("priority?to=1000001", "", "422", "bad_priority"),
        ("withdraw?info=a%0Ab", "", "422", "bad_info"),
        ("assign?operator=nobody", "", "422", "no_such_operator"),
        ("dance", "", "404", "not_found"),
    ] {
        let (status, said) = sends(&bench, OPERATE, "POST", &format!("/api/v1/calls/{id}/{path}"), body).await;
        assert_eq!((&*status, &said["error"]["code"]), (expected, &json!(code)), "{path} {body}: {said}");
    }
    for (method, path, expected, code) in [
        ("GET", format!("/api/v1/calls/{id}/move"), "405", "method_not_allowed"),
        ("POST", "/api/v1/calls/00000099-1/withdraw".into(), "404", "no_such_call"),
        ("POST", "/api/v1/calls/nonsense/withdraw".into(), "404", "no_such_call"),
        ("GET", "/api/v1/queues/nowhere".into(), "404", "no_such_queue"),
    ] {
        let (status, said) = asks(&bench, OPERATE, method, &path).await;
        assert_eq!((&*status, &said["error"]["code"]), (expected, &json!(code)), "{path}: {said}");
    }
    let large = format!(r#"{{"queue": "{}"}}"#, "x".repeat(20_000));
    let (status, said) = sends(&bench, OPERATE, "POST", &format!("/api/v1/calls/{id}/move"), &large).await;
    assert_eq!((&*status, &said["error"]["code"]), ("413", &json!("too_large")), "{said}");
    let (_, queue) = asks(&bench, VIEW, "GET", "/api/v1/queues/sales").await;
    assert_eq!(queue["callers"][1]["call"], json!(id), "nothing was done to him: {queue}");
}

/// What is logged, for as long as the guard lives.
fn log() -> (Arc<Mutex<Vec<u8>>>, tracing::subscriber::DefaultGuard) {
    #[derive(Clone)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Log(Arc::clone(&lines));
    let to = tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone()).finish();
    (lines, tracing::subscriber::set_default(to))
}

#[tokio::test]
async fn every_change_is_a_line_with_whose_token_what_and_what_came_of_it() {
    let bench = bench();
    bench.node_comes_up().await;
    let id = calls(&bench, "1.1", "101").await;
    let (lines, _guard) = log();
    let moved = format!("/api/v1/calls/{id}/move");
    assert_eq!(sends(&bench, OPERATE, "POST", &moved, r#"{"flow": "bye"}"#).await.0, "200");
    assert_eq!(asks(&bench, OPERATE, "POST", &format!("{moved}?flow=bye%0Aaudit")).await.0, "409");
    assert_eq!(asks(&bench, VIEW, "POST", &format!("{moved}?flow=bye")).await.0, "403");
    assert_eq!(asks(&bench, VIEW, "GET", "/api/v1/state").await.0, "200");
    let lines = String::from_utf8(lines.lock().expect("nobody panicked").clone()).expect("text");
    let audit: Vec<&str> = lines.lines().filter(|line| line.contains(" audit: ")).collect();
    let [done, refused, forbidden] = audit.as_slice() else { panic!("{audit:#?}") };
    for word in ["token=\"lead\"", "method=POST", &id, "did=\"move to flow bye\"", "result=\"done\"", "status=200"] {
        assert!(done.contains(word), "{word} in {done}");
    }
    assert!(refused.contains("result=\"refused\"") && refused.contains("flow=bye%0Aaudit"), "{refused}");
    assert!(forbidden.contains("token=\"wall\"") && forbidden.contains("status=403"), "{forbidden}");
    assert!(!lines.contains(OPERATE) && !lines.contains(VIEW), "a token is in the log");
}

#[tokio::test]
async fn without_tokens_a_page_on_the_web_cannot_send_a_form() {
    let bench = Bench::new(&[]);
    for (origin, expected) in [
        ("", "404"),
        ("Origin: http://localhost\r\n", "404"),
        ("Origin: https://evil.example\r\n", "403"),
        ("Origin: http://localhost.evil.example\r\n", "403"),
        ("Origin: null\r\n", "403"),
    ] {
        let path = "/api/v1/calls/00000099-1/withdraw";
        let request = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{origin}\r\n");
        let answer = bench.sends(&request).await;
        assert_eq!(status(&answer), expected, "{origin}: {answer}");
    }
}

#[tokio::test]
async fn callbacks_are_seen_by_whoever_may_look_and_cancelled_by_whoever_may_change() {
    let bench = bench();
    bench.node_comes_up().await;
    calls(&bench, "1.1", "103").await;
    let (status, said) = asks(&bench, VIEW, "GET", "/api/v1/callbacks").await;
    let promised = &said["callbacks"][0];
    assert_eq!(
        (&*status, &promised["number"], &promised["attempts"]),
        ("200", &json!("+4790000001"), &json!(0)),
        "{said}"
    );
    let path = format!("/api/v1/callbacks/{}", promised["id"].as_str().expect("an id"));
    for (token, code) in [(VIEW, "403"), (OPERATE, "200"), (OPERATE, "404")] {
        let (status, said) = asks(&bench, token, "DELETE", &path).await;
        assert_eq!(status, code, "{said}");
    }
    let (status, said) = asks(&bench, OPERATE, "DELETE", "/api/v1/callbacks/nonsense").await;
    assert_eq!((&*status, &said["error"]["code"]), ("404", &json!("no_such_callback")));
    let (_, said) = asks(&bench, VIEW, "GET", "/api/v1/callbacks").await;
    assert_eq!(said, json!({"callbacks": []}));
}
