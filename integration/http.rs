//! A server of the test's own on this machine, which says what a scenario tells it to and shows what it was asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::time::{ms, secs};

/// More than a request of Sentral's has.
const LONGEST_REQUEST: usize = 128 * 1024;

/// How a server answers a request.
#[derive(Clone, Debug)]
pub enum Says {
    /// With this status and body.
    This(u16, String),
    /// That it is elsewhere.
    Elsewhere(String),
    /// Nothing, and it keeps the line.
    Nothing,
    /// Without an end.
    WithoutEnd,
}

impl Says {
    /// JSON.
    pub fn json(body: &str) -> Self {
        Self::This(200, body.to_owned())
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET /callers/7 HTTP/1.1`
    pub line: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    fn read(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let line = lines.next()?.to_owned();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Some(Self { line, headers: lines.filter_map(header).collect(), body: body.to_owned() })
    }

    /// What stands in a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(is, _)| is == name).map(|(_, value)| value.as_str())
    }
}

/// A server; it is gone when it is dropped.
pub struct Server {
    /// `127.0.0.1:PORT`.
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// One that answers the first request so, the second and so on; the last holds from then on.
    pub async fn that(says: impl IntoIterator<Item = Says>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (seen, mut says) = (Arc::clone(&asked), says.into_iter().collect::<Vec<_>>().into_iter());
        let task = tokio::spawn(async move {
            let mut last = Says::Nothing;
            while let Ok((stream, _)) = listener.accept().await {
                last = says.next().unwrap_or(last);
                // Who is kept waiting does not keep the others.
                tokio::spawn(timeout(secs(60), exchange(stream, last.clone(), Arc::clone(&seen))));
            }
        });
        Ok(Self { address, asked, task })
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for the `n`th request (from 1).
    pub async fn is_asked(&self, n: usize, limit: Duration) -> Result<Asked> {
        let wait = async {
            loop {
                if let Some(asked) = self.asked().into_iter().nth(n - 1) {
                    return asked;
                }
                sleep(ms(10)).await;
            }
        };
        timeout(limit, wait).await.with_context(|| format!("request {n} does not come within {limit:?}"))
    }
}

async fn exchange(mut stream: TcpStream, says: Says, seen: Arc<Mutex<Vec<Asked>>>) {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    while !is_whole(&text) && text.len() < LONGEST_REQUEST {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(length) => text.extend_from_slice(&piece[..length]),
        }
    }
    let asked = Asked::read(&String::from_utf8_lossy(&text));
    seen.lock().unwrap_or_else(PoisonError::into_inner).extend(asked);
    let reply = match says {
        Says::This(status, body) => head(&format!("{status} So"), &format!("content-length: {}", body.len())) + &body,
        Says::Elsewhere(to) => head("302 Found", &format!("location: {to}\r\ncontent-length: 0")),
        Says::Nothing => return sleep(secs(60)).await,
        Says::WithoutEnd => {
            let mut open = stream.write_all(head("200 OK", "x: y").as_bytes()).await;
            while open.is_ok() {
                open = stream.write_all(&[b' '; 1024]).await;
                sleep(ms(1)).await;
            }
            return;
        }
    };
    // Who went away needs no answer.
    let _gone = stream.write_all(reply.as_bytes()).await;
}

fn head(status: &str, more: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n{more}\r\n\r\n")
}

fn is_whole(text: &[u8]) -> bool {
    let Some(asked) = Asked::read(&String::from_utf8_lossy(text)) else { return false };
    let length = asked.header("content-length").and_then(|length| length.parse::<usize>().ok());
    asked.body.len() >= length.unwrap_or(0)
}
