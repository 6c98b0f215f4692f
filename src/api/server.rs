//! The listening socket, with a limit to everything a stranger can spend of ours.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::debug;

use super::prompt::Prompt;

/// Connections at a time; one more waits until one closes.
const CONNECTIONS: usize = 256;

/// The longest head of a request, in bytes. hyper wants 8 KiB at least.
const HEAD: usize = 16 * 1024;

/// The most header fields of a request.
const FIELDS: usize = 64;

/// How long a client takes to send a head, between requests too: an idle connection is closed. And how long it may take
/// nothing of what it is sent.
const SLOWEST: Duration = Duration::from_secs(30);

/// How long answers under way have when we stop.
const GRACE: Duration = Duration::from_secs(5);

/// A socket that listens, of no runtime yet.
#[derive(Debug)]
pub struct Listener {
    socket: std::net::TcpListener,
    at: SocketAddr,
}

impl Listener {
    /// Listens at this address; port 0 is any free one.
    ///
    /// # Errors
    /// When it is taken, or is not ours.
    pub fn bind(at: SocketAddr) -> io::Result<Self> {
        let socket = std::net::TcpListener::bind(at)?;
        socket.set_nonblocking(true)?;
        let at = socket.local_addr()?;
        Ok(Self { socket, at })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.at
    }
}

/// Answers requests until told to stop; then those under way are answered to the end, for five seconds at most.
///
/// A body is read by who needs it, up to 16 KiB; behind the answer to one that was not read its connection is closed.
///
/// # Errors
/// When the runtime cannot take the socket.
pub async fn serve(listener: Listener, router: Router, stop: CancellationToken) -> io::Result<()> {
    let socket = TcpListener::from_std(listener.socket)?;
    let tasks = TaskTracker::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    while let Some((stream, place)) = stop.run_until_cancelled(next(&socket, &room)).await.flatten() {
        let (router, stop) = (router.clone(), stop.clone());
        tasks.spawn(async move {
            attend(stream, router, stop).await;
            drop(place);
        });
    }
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        debug!("connections are left behind that did not end in time");
    }
    Ok(())
}

/// The next connection, when there is room for it; `None` when the room is closed, which nobody does.
async fn next(socket: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    loop {
        match socket.accept().await {
            Ok((stream, _from)) => return Some((stream, place)),
            Err(error) => {
                // Mostly: no more file descriptors. Others will be closed meanwhile.
                debug!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn attend(stream: impl AsyncRead + AsyncWrite + Unpin, router: Router, stop: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(SLOWEST).max_buf_size(HEAD).max_headers(FIELDS);
    let connection =
        http.serve_connection(TokioIo::new(Prompt::new(stream, SLOWEST)), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection ended badly");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        time::{Instant, timeout},
    };

    use super::*;

    /// More than fits into the pipe of the tests.
    const ANSWER: usize = 100_000;

    /// One end of a connection that is attended to, with a request in it.
    async fn asks() -> (tokio::io::DuplexStream, tokio::task::JoinHandle<()>) {
        let router = Router::new().route("/", get(async || "x".repeat(ANSWER)));
        let (mut near, far) = duplex(1024);
        let attended = tokio::spawn(attend(far, router, CancellationToken::new()));
        near.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it reads");
        (near, attended)
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_of_his_answer_loses_his_place() {
        let (_near, attended) = asks().await;
        timeout(2 * SLOWEST, attended).await.expect("it is closed").expect("no panic");
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_it_slowly_is_served() {
        let (mut near, _attended) = asks().await;
        let (mut taken, begun) = (Vec::new(), Instant::now());
        while taken.len() < ANSWER {
            tokio::time::sleep(SLOWEST / 2).await;
            near.read_buf(&mut taken).await.expect("it goes on");
        }
        assert!(begun.elapsed() > 10 * SLOWEST);
    }
}
