//! Something that speaks ARI's HTTP and nothing else: each request is handed to the test, which answers it or does not.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

use super::{Address, soon};

/// Listens on a port of its own.
pub(super) struct Stub {
    port: u16,
    requests: mpsc::UnboundedReceiver<Seen>,
    sockets: mpsc::UnboundedReceiver<WebSocketStream<TcpStream>>,
    connections: Arc<Connections>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct Connections {
    made: AtomicUsize,
    open: AtomicUsize,
    most: AtomicUsize,
}

/// A request that waits for the test.
pub(super) struct Seen {
    /// The number of its connection.
    pub connection: usize,
    /// Method, path and query.
    pub line: String,
    pub body: String,
    reply: oneshot::Sender<Reply>,
}

enum Reply {
    Answer(u16, String),
    Close,
}

impl Seen {
    pub(super) fn answer(self, status: u16, body: &str) {
        let _ = self.reply.send(Reply::Answer(status, body.to_owned()));
    }

    /// Closes the connection without a word.
    pub(super) fn close(self) {
        let _ = self.reply.send(Reply::Close);
    }
}

/// The far end of an event websocket.
pub(super) struct EventSocket(WebSocketStream<TcpStream>);

impl EventSocket {
    pub(super) async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("the node listens");
    }

    pub(super) async fn key(&mut self, channel: &str, digit: char) {
        self.say(&format!(r#"{{"type":"ChannelDtmfReceived","digit":"{digit}","channel":{{"id":"{channel}"}}}}"#))
            .await;
    }

    /// Waits until the node closes it as one should.
    pub(super) async fn says_good_bye(mut self) {
        let last = soon("a good-bye", self.0.next()).await;
        assert!(matches!(last, Some(Ok(Message::Close(_)))), "{last:?}");
    }

    /// Waits until the node gives it up.
    pub(super) async fn gone(mut self) {
        while let Some(Ok(_)) = soon("the end of the socket", self.0.next()).await {}
    }
}

impl Stub {
    pub(super) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let ((asked, requests), (made, sockets)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let connections = Arc::new(Connections::default());
        let counted = Arc::clone(&connections);
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, asked.clone(), made.clone(), Arc::clone(&counted)));
            }
        });
        Self { port, requests, sockets, connections, listening }
    }

    pub(super) fn address(&self) -> Address {
        Address::parse(&format!("http://127.0.0.1:{}/ari", self.port)).expect("an address")
    }

    /// Accepts no more connections; those there are stay.
    pub(super) async fn stop_listening(&mut self) {
        self.listening.abort();
        let _ = (&mut self.listening).await;
    }

    /// How many HTTP connections were open at once.
    pub(super) fn most_connections(&self) -> usize {
        self.connections.most.load(Ordering::SeqCst)
    }

    pub(super) async fn request(&mut self) -> Seen {
        soon("a request", self.requests.recv()).await.expect("the stub is there")
    }

    /// The next request, which is this one.
    pub(super) async fn expect(&mut self, line: &str) -> Seen {
        let seen = self.request().await;
        assert_eq!(seen.line, line);
        seen
    }

    /// Whether nobody asks anything now.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }

    pub(super) async fn event_socket(&mut self) -> EventSocket {
        EventSocket(soon("an event websocket", self.sockets.recv()).await.expect("the stub is there"))
    }

    /// Answers what is asked before a node is up, as a current Asterisk does.
    pub(super) async fn answer_questions(&mut self, channels: &str) {
        self.answer_until_lists("Provided channel was not found").await;
        self.answer_lists(channels).await;
    }

    pub(super) async fn answer_until_lists(&mut self, probe: &str) {
        let info = r#"{"system":{"version":"22.10.1"},"status":{"startup_time":"2026-11-22T20:57:53.240+0000"}}"#;
        self.expect("GET /ari/asterisk/info").await.answer(200, info);
        let filter = self.expect("PUT /ari/applications/sentral/eventFilter").await;
        assert!(filter.body.contains(r#"{"type":"ApplicationReplaced"}"#), "{}", filter.body);
        filter.answer(200, "{}");
        let asked = self.expect("GET /ari/channels/sentral-probe/variables?variables=x").await;
        asked.answer(404, &format!(r#"{{"message":"{probe}"}}"#));
    }

    pub(super) async fn answer_lists(&mut self, channels: &str) {
        let application = self.expect("GET /ari/applications/sentral").await;
        application.answer(200, r#"{"name":"sentral","channel_ids":[]}"#);
        self.expect("GET /ari/channels").await.answer(200, channels);
        self.expect("GET /ari/bridges").await.answer(200, "[]");
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    asked: mpsc::UnboundedSender<Seen>,
    made: mpsc::UnboundedSender<WebSocketStream<TcpStream>>,
    connections: Arc<Connections>,
) {
    let mut begun = vec![0; 4096];
    // Nobody sends a request in parts on the loopback.
    let peeked = stream.peek(&mut begun).await.unwrap_or(0);
    let head = String::from_utf8_lossy(&begun[..peeked]).into_owned();
    if head.starts_with("GET /ari/events?app=sentral ") {
        if head.to_ascii_lowercase().contains("authorization: basic c2vudhjhbdpwdw==") {
            let _ = made.send(accept_async(stream).await.expect("a handshake"));
        } else {
            let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n").await;
        }
        return;
    }
    let number = connections.made.fetch_add(1, Ordering::SeqCst);
    let open = connections.open.fetch_add(1, Ordering::SeqCst) + 1;
    connections.most.fetch_max(open, Ordering::SeqCst);
    while let Some((line, body)) = read_request(&mut stream).await {
        let (reply, replied) = oneshot::channel();
        let _ = asked.send(Seen { connection: number, line, body, reply });
        // Gone when the driver gives the request up; a test may drop it unanswered too.
        let mut byte = [0];
        let reply = tokio::select! {
            reply = replied => reply,
            _ = stream.peek(&mut byte) => break,
        };
        let Ok(Reply::Answer(status, body)) = reply else { break };
        let text = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(text.as_bytes()).await.is_err() {
            break;
        }
    }
    connections.open.fetch_sub(1, Ordering::SeqCst);
}

async fn read_request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok()).unwrap_or(0);
    while read.len() < end + length {
        stream.read_buf(&mut read).await.ok()?;
    }
    let text = String::from_utf8_lossy(&read).into_owned();
    let line = text.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some((line, text[end..].to_owned()))
}
