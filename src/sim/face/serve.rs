//! HTTP connections and websockets, as Asterisk's own server has them.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Query,
    http::{HeaderMap, Method, Response, StatusCode, Uri, header},
};
use futures_util::{SinkExt, StreamExt};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn, upgrade::OnUpgrade};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, handshake::derive_accept_key, protocol::Role},
};
use tokio_util::sync::CancellationToken;

use super::{EVENTS, Login, Order, cache::Cache};
use crate::sim::world::{Reply, SocketId};

/// Asterisk's limit of a request's body.
const BODY: usize = 40_960;
/// An idle connection is closed after this long (`session_keep_alive`).
const IDLE: Duration = Duration::from_secs(15);

/// Takes connections until the world ends; `end` ends those that are open.
pub(super) async fn listen(listener: TcpListener, login: Login, orders: mpsc::Sender<Order>, end: CancellationToken) {
    let cache = Cache::new();
    loop {
        // A connection that failed before it was one is the client's affair.
        let Ok((stream, _)) = listener.accept().await else { continue };
        drop(stream.set_nodelay(true));
        let door = Door { login: login.clone(), cache: cache.clone(), orders: orders.clone(), end: end.clone() };
        let service = service_fn(move |request| {
            let door = door.clone();
            async move { Ok::<_, Infallible>(door.answer(request).await) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(IDLE);
        let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
        tokio::spawn(end.clone().run_until_cancelled_owned(async move { drop(connection.await) }));
    }
}

#[derive(Clone)]
struct Door {
    login: Login,
    cache: Cache,
    orders: mpsc::Sender<Order>,
    end: CancellationToken,
}

impl Door {
    async fn answer(&self, mut request: Request<Incoming>) -> Response<Body> {
        let upgrade = hyper::upgrade::on(&mut request);
        let (head, body) = request.into_parts();
        let query = pairs(&head.uri);
        let authorization = head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let api_key = query.iter().find(|(key, _)| key == "api_key").map(|(_, value)| value.as_str());
        if !self.login.admits(authorization, api_key) {
            return unauthorized();
        }
        let Some(path) = head.uri.path().strip_prefix("/ari") else { return error(404, "Not Found") };
        if path == "/events" && head.method == Method::GET {
            return self.open_websocket(&head.headers, &query, upgrade).await;
        }
        let body = match to_bytes(Body::new(body), BODY).await {
            Ok(body) => body,
            Err(_too_long) => return error(413, "Request body too large"),
        };
        match parse(&body) {
            Ok(body) => {
                if head.method == Method::POST && path.contains("/play") {
                    self.fetch(&query, body.as_ref()).await;
                }
                respond(self.ask(head.method.as_str(), path, query, body).await)
            }
            Err(()) => error(400, "Error parsing request body"),
        }
    }

    /// Gets what is to be played and is behind a URL.
    async fn fetch(&self, query: &[(String, String)], body: Option<&Value>) {
        for (media, length) in self.cache.fetch(query, body).await {
            let act = Order::Act(Box::new(move |world, _| match length {
                Some(length) => world.set_length(&media, length),
                None => world.set_missing(&media),
            }));
            drop(self.orders.send(act).await);
        }
    }

    async fn ask(&self, method: &str, path: &str, query: Vec<(String, String)>, body: Option<Value>) -> Option<Reply> {
        let (reply, answer) = oneshot::channel();
        let order = Order::Request { method: method.into(), path: path.into(), query, body, reply };
        self.orders.send(order).await.ok()?;
        answer.await.ok()
    }

    async fn open_websocket(
        &self,
        headers: &HeaderMap,
        query: &[(String, String)],
        upgrade: OnUpgrade,
    ) -> Response<Body> {
        let apps: Vec<String> = query
            .iter()
            .filter(|(key, _)| key == "app")
            .flat_map(|(_, value)| value.split(','))
            .filter(|app| !app.is_empty())
            .map(str::to_owned)
            .collect();
        let Some(key) = headers.get(header::SEC_WEBSOCKET_KEY) else { return error(400, "Not a websocket") };
        if apps.is_empty() {
            return error(400, "HTTP request is missing param: [app]");
        }
        let (events, outbox) = mpsc::channel(EVENTS);
        let (socket, opened) = oneshot::channel();
        drop(self.orders.send(Order::Open { apps, events, socket }).await);
        let Ok(Some(socket)) = opened.await else { return error(503, "Asterisk not booted") };
        let talk = talk(upgrade, socket, outbox, self.orders.clone());
        tokio::spawn(self.end.clone().run_until_cancelled_owned(talk));
        Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_ACCEPT, derive_accept_key(key.as_bytes()))
            .body(Body::empty())
            .unwrap_or_default()
    }
}

/// Writes events until one side has had enough. What a client sends is not listened to, but for pings and its farewell.
async fn talk(upgrade: OnUpgrade, socket: SocketId, mut outbox: mpsc::Receiver<String>, orders: mpsc::Sender<Order>) {
    if let Ok(upgraded) = upgrade.await {
        let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        let (mut out, mut incoming) = stream.split();
        loop {
            tokio::select! {
                text = outbox.recv() => {
                    // The world let go of it, or the client is gone.
                    let Some(text) = text else { break };
                    if out.send(Message::text(text)).await.is_err() {
                        break;
                    }
                }
                message = incoming.next() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                    // tungstenite queues the pong by itself; it leaves with the next flush.
                    Some(Ok(_)) => drop(out.flush().await),
                },
            }
        }
    }
    drop(orders.send(Order::Close(socket)).await);
}

fn pairs(uri: &Uri) -> Vec<(String, String)> {
    Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default()
}

fn parse(body: &Bytes) -> Result<Option<Value>, ()> {
    if body.is_empty() { Ok(None) } else { serde_json::from_slice(body).map(Some).map_err(|_what| ()) }
}

fn respond(reply: Option<Reply>) -> Response<Body> {
    let Some(Reply { status, body, sound }) = reply else { return error(503, "Asterisk not booted") };
    let response = Response::builder().status(status);
    if let Some(sound) = sound {
        return response.header(header::CONTENT_TYPE, "audio/wav").body(Body::from(sound)).unwrap_or_default();
    }
    match body {
        Some(body) => {
            let response = response.header(header::CONTENT_TYPE, "application/json");
            response.body(Body::from(body.to_string())).unwrap_or_default()
        }
        None => response.body(Body::empty()).unwrap_or_default(),
    }
}

fn error(status: u16, message: &str) -> Response<Body> {
    respond(Some(Reply { status, body: Some(json!({ "message": message })), sound: None }))
}

fn unauthorized() -> Response<Body> {
    let mut response = error(401, "Authentication required");
    let realm = header::HeaderValue::from_static("Basic realm=\"Asterisk REST Interface\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
    response
}
