//! The event websocket: connects, reads, and takes what it reads apart.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use reqwest::header::AUTHORIZATION;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{self, Message as Frame, client::IntoClientRequest, protocol::WebSocketConfig},
};
use tracing::debug;

use super::{
    question,
    rest::Shared,
    translate,
    watch::Lost,
    wire::{Kind, Message},
};
use crate::{
    domain::{ChannelId, Time},
    engine::Event,
};

/// How long the handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// How long a ping may take to leave us.
const PING: Duration = Duration::from_secs(1);

/// How long a good-bye may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// The longest event: a channel's snapshot with all its variables is below 100 kB.
const LONGEST_EVENT: usize = 4 << 20;

/// How much is read at a time: some six events. The library clears all of it before each read, and its own 128 KiB cost
/// more than reading what comes.
const READ_AT_ONCE: usize = 4 << 10;

/// How much of a message that is none goes to the log.
const LOGGED: usize = 200;

/// A connected event websocket.
pub(super) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    shared: Arc<Shared>,
    app: Arc<str>,
}

/// What was read.
pub(super) enum Said {
    /// Something for the engine.
    Event(Event, Time),
    /// Something that concerns nobody here, or what we said to ourselves. It came the way of all events, so that way works.
    Nothing,
}

impl Socket {
    /// Connects; from then on Asterisk hands our application's calls to us.
    pub(super) async fn connect(shared: &Arc<Shared>, app: &Arc<str>) -> Result<Self, Lost> {
        let url = shared.address.websocket(&question::events(app));
        let mut request = url.into_client_request().map_err(|error| refused(&error))?;
        request.headers_mut().insert(AUTHORIZATION, shared.credentials.clone());
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_AT_ONCE)
            .max_message_size(Some(LONGEST_EVENT))
            .max_frame_size(Some(LONGEST_EVENT));
        match timeout(HANDSHAKE, connect_async_with_config(request, Some(config), true)).await {
            Ok(Ok((stream, _))) => Ok(Self { stream, shared: Arc::clone(shared), app: Arc::clone(app) }),
            Ok(Err(error)) => Err(refused(&error)),
            Err(_) => Err(Lost::Unreachable),
        }
    }

    /// The next message. Nothing is lost when the future is dropped before it is ready.
    pub(super) async fn hear(&mut self) -> Result<Said, Lost> {
        loop {
            match self.stream.next().await {
                Some(Ok(Frame::Text(text))) => return self.read(&text),
                // Asterisk sends no others that mean something; pings are answered by the library.
                Some(Ok(Frame::Binary(_) | Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_))) => {}
                Some(Ok(Frame::Close(_))) | None => return Err(Lost::Closed),
                Some(Err(error)) => {
                    debug!(node = self.shared.node.0, %error, "event websocket broke");
                    return Err(Lost::Closed);
                }
            }
        }
    }

    /// Pings, so that something travels towards Asterisk: a dead network is found, a firewall in between stays open.
    pub(super) async fn ping(&mut self) -> Result<(), Lost> {
        let sent = timeout(PING, self.stream.send(Frame::Ping(tungstenite::Bytes::new()))).await;
        if matches!(sent, Ok(Ok(()))) { Ok(()) } else { Err(Lost::Closed) }
    }

    /// Says good-bye: Asterisk warns of a connection that ends without it.
    pub(super) async fn close(mut self) {
        let farewell = async {
            self.stream.close(None).await?;
            // Until it has said the same.
            while self.stream.next().await.transpose()?.is_some() {}
            Ok::<(), tungstenite::Error>(())
        };
        if !matches!(timeout(FAREWELL, farewell).await, Ok(Ok(()))) {
            debug!(node = self.shared.node.0, "asterisk did not say good-bye");
        }
    }

    /// The channel, if this is the end of one that is only watched.
    fn watched(&self, message: &Message<'_>) -> Option<ChannelId> {
        let ends = matches!(message.kind, Kind::ChannelDestroyed);
        message.channel.as_ref().filter(|_| ends).and_then(|channel| self.shared.watched.known_as(&channel.id))
    }

    fn read(&self, text: &str) -> Result<Said, Lost> {
        let (node, received) = (self.shared.node, self.shared.clock.now());
        let message: Message<'_> = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(error) => {
                let text: String = text.chars().take(LOGGED).collect();
                debug!(node = node.0, %error, ?text, "asterisk said something that is no event");
                self.shared.watch.heard(node, "garbled");
                return Ok(Said::Nothing);
            }
        };
        self.shared.watch.heard(node, message.kind.word());
        if let Some(channel) = &message.channel {
            self.shared.names.heard(message.kind, channel);
        }
        if let Some(channel) = self.watched(&message) {
            return Ok(Said::Event(Event::Left { channel }, received));
        }
        match message.kind {
            Kind::ApplicationReplaced if message.application.as_deref() == Some(&*self.app) => Err(Lost::Replaced),
            Kind::StasisStart
            | Kind::StasisEnd
            | Kind::ChannelDestroyed
            | Kind::ChannelStateChange
            | Kind::ChannelDtmfReceived
            | Kind::PlaybackFinished
            | Kind::RecordingFinished
            | Kind::RecordingFailed
            | Kind::DeviceStateChanged
            | Kind::ChannelUserevent
            | Kind::ApplicationReplaced
            | Kind::Other => {
                Ok(translate::event(node, &message).map_or(Said::Nothing, |event| Said::Event(event, received)))
            }
        }
    }
}

fn refused(error: &tungstenite::Error) -> Lost {
    if let tungstenite::Error::Http(response) = error
        && matches!(response.status().as_u16(), 401 | 403)
    {
        return Lost::Unauthorized;
    }
    let error = error.to_string();
    debug!(?error, "no event websocket");
    Lost::Unreachable
}
