//! Against a server of the test's own, which says what it is told to.

use std::{sync::Mutex, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{sleep, timeout},
};

use super::*;
use crate::{
    domain::CallId,
    engine::errand::{Method, Request},
};

const SOON: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Seen(Mutex<Vec<Outcome>>);

impl Watch for Seen {
    fn notified(&self, outcome: Outcome, _took: Duration) {
        self.0.lock().expect("seen").push(outcome);
    }
}

/// A server on this machine that answers each connection with the next of these texts, the last for all that follow; it hands
/// over what it was asked.
async fn server(replies: Vec<String>) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let (asked, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut replies = replies.into_iter();
        let mut last = String::new();
        while let Ok((stream, _)) = listener.accept().await {
            last = replies.next().unwrap_or(last);
            let _gone = asked.send(exchange(stream, &last).await);
        }
    });
    (address, received)
}

async fn exchange(mut stream: TcpStream, reply: &str) -> String {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(length) => request.extend_from_slice(&piece[..length]),
        }
    }
    if reply == "never" {
        tokio::spawn(async move {
            sleep(Duration::from_secs(60)).await;
            drop(stream);
        });
    } else if reply == "endless" {
        let _closed = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n\"").await;
        while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
    } else {
        let _closed = stream.write_all(reply.as_bytes()).await;
    }
    String::from_utf8_lossy(&request).into_owned()
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}

fn says(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

struct Bench {
    hooks: Hooks,
    events: mpsc::UnboundedReceiver<Event>,
    seen: Arc<Seen>,
    stop: CancellationToken,
}

impl Bench {
    fn new(allow: &[&str]) -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        let (seen, stop) = (Arc::new(Seen::default()), CancellationToken::new());
        let allowed = Allowed::read(allow.iter().copied()).expect("servers");
        let options = Options { allowed, secret: Some("0123456789abcdef".into()) };
        let tell: Tell = Box::new(move |event| tell.send(event).unwrap_or_default());
        let hooks = Hooks::start(options, Arc::new(Clock::new()), seen.clone(), tell, stop.clone(), Handle::current())
            .expect("hooks");
        Self { hooks, events, seen, stop }
    }

    /// What comes of a question to `address`.
    async fn asks(&mut self, address: &str, within: Duration) -> Answer {
        let lookup = LookupId { call: CallId { boot: 1, number: 2 }, number: 3 };
        let request = request(Method::Get, address, None);
        self.hooks.run(Errand::LookUp { lookup, request, within });
        let event = timeout(SOON, self.events.recv()).await.expect("in time").expect("an event");
        let Event::LookedUp { lookup: of, answer } = event else { panic!("{event:?}") };
        assert_eq!(of, lookup);
        answer
    }

    fn tells(&self, address: &str) {
        let request = request(Method::Post, address, Some(r#"{"a":1}"#));
        self.hooks.run(Errand::Notify(Notification { id: "1-2-3".into(), request }));
    }

    async fn comes_to(&self, outcomes: &[Outcome]) {
        let wait = async {
            while *self.seen.0.lock().expect("seen") != outcomes {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(SOON, wait).await.unwrap_or_else(|_| panic!("{:?}", self.seen.0.lock()));
    }
}

fn request(method: Method, address: &str, body: Option<&str>) -> Arc<Request> {
    let headers = [("x-key".into(), "abc".into())].into();
    let url = format!("http://{address}/callers/7?x=%20").into();
    Arc::new(Request { method, host: address.into(), url, headers, body: body.map(Into::into) })
}

#[tokio::test]
async fn a_question_is_asked_and_answered() {
    let (address, mut asked) = server(vec![says("200 OK", r#"{"name":"Kari"}"#)]).await;
    let mut bench = Bench::new(&[&address]);
    let answer = bench.asks(&address, SOON).await;
    assert_eq!(answer, Answer::Json(Arc::new(serde_json::json!({"name": "Kari"}))));
    let request = asked.recv().await.expect("a request");
    assert!(request.starts_with("GET /callers/7?x=%20 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("x-key: abc\r\n") && request.contains("user-agent: sentral/"), "{request}");
    assert!(!request.contains("sentral-signature"), "{request}");
}

#[tokio::test]
async fn whatever_a_server_does_there_is_an_answer_or_none_in_time() {
    let elsewhere = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/inner\r\ncontent-length: 0\r\n\r\n".to_owned();
    let long = format!("\"{}\"", "x".repeat(70_000));
    for (reply, expected) in [
        ("never".to_owned(), NoAnswer::TimedOut),
        ("endless".to_owned(), NoAnswer::TooLong),
        (says("200 OK", "<html>"), NoAnswer::NotJson),
        (says("200 OK", ""), NoAnswer::NotJson),
        (says("200 OK", &"[".repeat(60_000)), NoAnswer::NotJson),
        (says("200 OK", &long), NoAnswer::TooLong),
        (says("404 Not Found", "{}"), NoAnswer::Status(404)),
        (says("500 Oh", "{}"), NoAnswer::Status(500)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_owned(), NoAnswer::Unreachable),
        ("garbage\r\n\r\n".to_owned(), NoAnswer::Unreachable),
        (elsewhere, NoAnswer::Redirected),
    ] {
        let (address, _asked) = server(vec![reply.clone()]).await;
        let mut bench = Bench::new(&[&address]);
        let within = if reply == "never" { Duration::from_millis(100) } else { SOON };
        assert_eq!(bench.asks(&address, within).await, Answer::Failed(expected), "{reply:.40}");
    }
}

#[tokio::test]
async fn nobody_is_contacted_but_whom_the_settings_allow() {
    let (address, mut asked) = server(vec![says("200 OK", "{}")]).await;
    let mut bench = Bench::new(&["crm.example.com"]);
    assert_eq!(bench.asks(&address, SOON).await, Answer::Failed(NoAnswer::NotAllowed));
    bench.tells(&address);
    bench.comes_to(&[Outcome::NotAllowed]).await;
    assert!(asked.try_recv().is_err(), "somebody was asked");
    // And one who is allowed and not there is nobody.
    let mut bench = Bench::new(&["127.0.0.1:1"]);
    assert_eq!(bench.asks("127.0.0.1:1", SOON).await, Answer::Failed(NoAnswer::Unreachable));
}

#[tokio::test]
async fn a_notification_is_signed_and_told_again_until_it_is_taken() {
    let (address, mut asked) = server(vec![says("500 Oh", ""), says("204 No Content", "")]).await;
    let bench = Bench::new(&[&address]);
    bench.tells(&address);
    bench.comes_to(&[Outcome::Delivered]).await;
    let (first, second) = (asked.recv().await.expect("one"), asked.recv().await.expect("two"));
    for request in [&first, &second] {
        assert!(request.starts_with("POST /callers/7?x=%20 HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("content-type: application/json\r\n"), "{request}");
        assert!(request.contains("sentral-id: 1-2-3\r\n"), "{request}");
        assert!(request.contains("sentral-signature: t=1") && request.ends_with("\r\n\r\n{\"a\":1}"), "{request}");
    }
}

#[tokio::test]
async fn a_notification_that_is_refused_is_not_told_again() {
    for status in ["400 No", "404 No", "301 Elsewhere"] {
        let (address, mut asked) = server(vec![says(status, "")]).await;
        let bench = Bench::new(&[&address]);
        bench.tells(&address);
        bench.comes_to(&[Outcome::Refused]).await;
        asked.recv().await.expect("one");
        assert!(asked.try_recv().is_err(), "{status}");
    }
}

#[tokio::test]
async fn what_waits_when_we_stop_is_told_once_more_and_then_given_up() {
    let (address, mut asked) = server(vec![says("503 Busy", "")]).await;
    let bench = Bench::new(&[&address]);
    bench.tells(&address);
    asked.recv().await.expect("told once");
    let (slow, _asked) = server(vec!["never".into()]).await;
    let lookup = LookupId { call: CallId { boot: 1, number: 2 }, number: 3 };
    let request = request(Method::Get, &slow, None);
    bench.hooks.run(Errand::LookUp { lookup, request, within: Duration::from_secs(60) });
    bench.stop.cancel();
    timeout(SOON, bench.hooks.ended()).await.expect("it ends");
    bench.comes_to(&[Outcome::Stopped]).await;
    let again = std::iter::from_fn(|| asked.try_recv().ok()).count();
    assert!(again <= 1, "told {again} times more");
}

#[tokio::test]
async fn too_many_errands_are_told_and_counted_and_take_no_room() {
    let (address, _asked) = server(vec!["never".into()]).await;
    let mut bench = Bench::new(&[&address]);
    for _ in 0..MOST_NOTIFICATIONS + 2 {
        bench.tells(&address);
    }
    bench.comes_to(&[Outcome::Dropped, Outcome::Dropped]).await;
    let lookup = LookupId { call: CallId { boot: 1, number: 2 }, number: 3 };
    for _ in 0..=MOST_QUESTIONS {
        let request = request(Method::Get, &address, None);
        bench.hooks.run(Errand::LookUp { lookup, request, within: Duration::from_secs(60) });
    }
    let event = bench.events.recv().await.expect("an event");
    let overload = Answer::Failed(NoAnswer::Overload);
    assert!(matches!(&event, Event::LookedUp { answer, .. } if *answer == overload), "{event:?}");
}
