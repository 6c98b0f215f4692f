//! A client that knows nothing of us: reqwest and tungstenite.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::{Router, routing::get};
use serde_json::json;
use tokio_tungstenite::{connect_async, tungstenite::Message};

use super::{cache::Cache, *};
use crate::prompts::wav::Wav;
use crate::sim::world::{Calling, Habit, Sight, Who};
use futures_util::StreamExt;

async fn face() -> Face {
    let login = Login { user: "sentral".into(), password: "pw".into() };
    let face = Face::start(1, Config::default(), login, ([127, 0, 0, 1], 0).into()).await.expect("a free port");
    face.act(|world, _| world.set_phone("anna", Habit::answers())).await;
    face
}

fn url(face: &Face, path: &str) -> String {
    format!("http://{}/ari/{path}", face.address())
}

async fn rest(face: &Face, method: &str, path: &str) -> (u16, Value) {
    let method = method.parse().expect("a method");
    let request = reqwest::Client::new().request(method, url(face, path)).basic_auth("sentral", Some("pw"));
    let response = request.send().await.expect("a response");
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

async fn calls(face: &Face) -> crate::sim::world::CallerId {
    let calling = Calling { number: "+4790011222".into(), dialled: "+4780012345".into(), ..Calling::default() };
    face.act(move |world, now| world.caller_calls(now, calling)).await.expect("the world lives")
}

/// The next event of this type.
async fn event<S>(socket: &mut S, kind: &str) -> Value
where
    S: futures_util::Stream<Item = Result<Message, tokio_tungstenite::tungstenite::Error>> + Unpin,
{
    loop {
        let message = socket.next().await.expect("the socket is open").expect("and whole");
        let event: Value = serde_json::from_str(message.to_text().expect("text")).expect("JSON");
        if event["type"] == kind {
            return event;
        }
    }
}

#[tokio::test]
async fn a_call_is_answered_and_ended_over_a_real_socket() {
    let face = face().await;
    let events = format!("ws://{}/ari/events?app=sentral&api_key=sentral:pw", face.address());
    let (mut socket, _) = connect_async(events).await.expect("a websocket");
    let caller = calls(&face).await;
    let start = event(&mut socket, "StasisStart").await;
    let channel = start["channel"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(rest(&face, "POST", &format!("channels/{channel}/answer")).await.0, 204);
    assert_eq!(event(&mut socket, "ChannelStateChange").await["channel"]["state"], "Up");
    assert_eq!(rest(&face, "DELETE", &format!("channels/{channel}?reason=normal")).await.0, 204);
    event(&mut socket, "StasisEnd").await;
    face.quiet().await;
    let (seen, _) = face.seen_from(0).await;
    assert_eq!(seen.last().map(|seen| &seen.who), Some(&Who::Caller(caller)));
    assert_eq!(seen.last().map(|seen| &seen.what), Some(&Sight::Bye { elsewhere: false }));
}

#[tokio::test]
async fn a_request_that_waits_does_not_hold_up_the_others() {
    let face = face().await;
    let events = format!("ws://{}/ari/events?app=sentral&api_key=sentral:pw", face.address());
    let (mut socket, _) = connect_async(events).await.expect("a websocket");
    calls(&face).await;
    let start = event(&mut socket, "StasisStart").await;
    let channel = start["channel"]["id"].as_str().expect("an id").to_owned();
    rest(&face, "POST", &format!("channels/{channel}/play/p?media=tone:ring")).await;
    let path = format!("channels/{channel}/variable?variable=A&value=b");
    let set = async { rest(&face, "POST", &path).await.0 };
    let stop = async {
        event(&mut socket, "PlaybackStarted").await;
        rest(&face, "DELETE", "playbacks/p").await.0
    };
    assert_eq!(tokio::join!(set, stop), (204, 204));
}

#[tokio::test]
async fn a_cut_closes_the_websocket_and_a_new_caller_is_in_the_native_queue() {
    let face = face().await;
    let events = format!("ws://{}/ari/events?app=sentral&api_key=sentral:pw", face.address());
    let (mut socket, _) = connect_async(&events).await.expect("a websocket");
    face.cut(Duration::from_secs(60)).await;
    assert!(socket.next().await.is_none_or(|message| message.is_err()));
    assert!(connect_async(&events).await.is_err(), "and it stays away");
    let caller = calls(&face).await;
    let fallback = move |seen: &Seen| seen.who == Who::Caller(caller) && seen.what == Sight::Fallback;
    assert!(face.until(0, fallback).await.is_some());
}

#[tokio::test]
async fn a_stranger_is_not_let_in() {
    let face = face().await;
    let response = reqwest::get(url(&face, "channels")).await.expect("a response");
    assert_eq!(response.status(), 401);
    assert!(response.headers().contains_key("www-authenticate"));
    assert_eq!(response.json::<Value>().await.expect("JSON"), json!({ "message": "Authentication required" }));
    assert!(connect_async(format!("ws://{}/ari/events?app=sentral", face.address())).await.is_err());
}

#[tokio::test]
async fn a_broken_body_and_one_too_large_are_refused() {
    let face = face().await;
    let post = |body: Vec<u8>| {
        let request = reqwest::Client::new().post(url(&face, "channels")).basic_auth("sentral", Some("pw"));
        async move { request.body(body).send().await.map(|response| response.status().as_u16()) }
    };
    assert_eq!(post(b"{".to_vec()).await.expect("a response"), 400);
    // Asterisk closes the connection on it; a client may see either.
    assert!(post(vec![b' '; 50_000]).await.map_or(true, |status| status == 413));
}

#[tokio::test]
async fn a_sound_behind_a_url_is_fetched_once_when_it_may_be_kept() {
    let wav = Wav::of_samples(&[7; 8_000]);
    let kept = Arc::new(AtomicU32::new(0));
    let (file, count) = (wav.clone(), Arc::clone(&kept));
    let router = Router::new()
        .route(
            "/kept.wav",
            get(async move || {
                count.fetch_add(1, Ordering::Relaxed);
                ([("cache-control", "max-age=60")], file.bytes().to_vec())
            }),
        )
        .route("/junk.wav", get(async || "no sound"));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let at = listener.local_addr().expect("an address");
    tokio::spawn(async { axum::serve(listener, router).await });

    let cache = Cache::new();
    let media = |name: &str| format!("sound:http://{at}/{name}.wav");
    let body = json!({ "media": [media("kept"), "sound:beep", media("junk"), media("missing")] });
    let first = cache.fetch(&[], Some(&body)).await;
    let half = Some(Duration::from_millis(500));
    assert_eq!(first, [(media("kept"), half), (media("junk"), None), (media("missing"), None)]);
    let query = [("media".to_owned(), format!("sound:beep,{}", media("kept")))];
    assert_eq!(cache.fetch(&query, None).await, []);
    assert_eq!(kept.load(Ordering::Relaxed), 1);

    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.wav"), &wav.bytes()[..]).expect("a file");
    let media = |name: &str| format!("sound:{}/{name}", folder.path().display());
    let body = json!({ "media": [media("a"), media("b")] });
    assert_eq!(cache.fetch(&[], Some(&body)).await, [(media("a"), half), (media("b"), None)]);
}
