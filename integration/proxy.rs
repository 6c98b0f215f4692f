//! The wire between Sentral and Asterisk's ARI port, with scissors.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the wire is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Line {
    /// Everything passes.
    Whole,
    /// Everything passes, and what Sentral asks takes so long on its way.
    Slow(Duration),
    /// The websocket is cut and cannot be opened again; requests pass.
    WithoutEvents,
    /// The websocket passes; requests vanish, and nobody is told.
    WithoutRequests,
    /// Nothing passes: connections are closed, new ones refused at once.
    Cut,
    /// Nothing passes and nobody is told: packets just vanish, as when a firewall forgets.
    Frozen,
}

/// A TCP proxy on loopback.
pub struct Proxy {
    pub port: u16,
    line: watch::Sender<Line>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port and connects to `to`.
    pub async fn start(to: String) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (line, state) = watch::channel(Line::Whole);
        let task = tokio::spawn(accept(listener, Arc::from(to), state));
        Ok(Self { port, line, task })
    }

    /// Makes the line so from now on.
    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// Makes the line so for a while.
    pub async fn set_for(&self, line: Line, how_long: Duration) {
        self.set(line);
        tokio::time::sleep(how_long).await;
        self.set(Line::Whole);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, to: Arc<str>, line: watch::Receiver<Line>) {
    let mut links = tokio::task::JoinSet::new();
    while let Ok((near, _from)) = listener.accept().await {
        while links.try_join_next().is_some() {}
        links.spawn(link(near, Arc::clone(&to), line.clone()));
    }
}

async fn link(mut near: TcpStream, to: Arc<str>, mut line: watch::Receiver<Line>) -> Result<()> {
    if *line.borrow() == Line::Cut {
        return reset(&near);
    }
    while *line.borrow() == Line::Frozen {
        line.changed().await?;
    }
    near.set_nodelay(true)?;
    let mut first = [0; 4096];
    let size = near.read(&mut first).await?;
    let is_events = first.get(..size).is_some_and(|head| head.starts_with(b"GET /ari/events"));
    let severed = move |line: Line| line == Line::Cut || line == Line::WithoutEvents && is_events;
    let frozen = move |line: Line| line == Line::Frozen || line == Line::WithoutRequests && !is_events;
    while frozen(*line.borrow()) {
        line.changed().await?;
    }
    if severed(*line.borrow()) {
        return reset(&near);
    }
    let mut far = TcpStream::connect(&*to).await?;
    far.set_nodelay(true)?;
    far.write_all(first.get(..size).unwrap_or_default()).await?;
    {
        let copying = carry(&mut near, &mut far, line.clone());
        tokio::pin!(copying);
        loop {
            tokio::select! {
                done = &mut copying => return done,
                changed = line.changed() => changed?,
            }
            let now = *line.borrow_and_update();
            if frozen(now) {
                // What was frozen once never comes back: the other side has to notice.
                line.changed().await?;
                break;
            }
            if severed(now) {
                break;
            }
        }
    }
    reset(&far)?;
    reset(&near)
}

/// Carries both ways until one side has had enough.
async fn carry(near: &mut TcpStream, far: &mut TcpStream, line: watch::Receiver<Line>) -> Result<()> {
    let ((mut from_near, mut to_near), (mut from_far, mut to_far)) = (near.split(), far.split());
    let there = async {
        let mut some = vec![0; 16 * 1024];
        loop {
            let size = from_near.read(&mut some).await?;
            let line = *line.borrow();
            if let Line::Slow(how_long) = line {
                tokio::time::sleep(how_long).await;
            }
            to_far.write_all(some.get(..size).unwrap_or_default()).await?;
            if size == 0 {
                return anyhow::Ok(to_far.shutdown().await?);
            }
        }
    };
    let back = async {
        copy(&mut from_far, &mut to_near).await?;
        Ok(to_near.shutdown().await?)
    };
    tokio::try_join!(there, back).map(drop)
}

/// Closes without a word, as a broken connection does.
fn reset(stream: &TcpStream) -> Result<()> {
    stream.set_zero_linger()?;
    Ok(())
}

/// A port of loopback that is free now.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
