//! Asterisk asked directly, past Sentral: what is there really?

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use crate::time::ms;

/// The password of the stage's Asterisk.
pub const PASSWORD: &str = "stage";

/// A plain ARI client for looking.
#[derive(Clone)]
pub struct Ari {
    /// `address:port` of the Asterisk.
    pub host: String,
    http: reqwest::Client,
}

impl Ari {
    pub fn new(host: String) -> Result<Self> {
        Ok(Self { host, http: reqwest::Client::builder().no_proxy().timeout(ms(5000)).build()? })
    }

    /// A request; the reply's JSON, or null where there is none.
    pub async fn ask(&self, method: &str, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        let method = reqwest::Method::from_bytes(method.as_bytes())?;
        let url = format!("http://{}/ari/{path}", self.host);
        let reply = self.http.request(method, &url).basic_auth("sentral", Some(PASSWORD)).query(query).send().await?;
        let status = reply.status();
        let body = reply.text().await?;
        if !status.is_success() {
            bail!("{path}: {status} {body}");
        }
        if body.is_empty() { Ok(Value::Null) } else { serde_json::from_str(&body).context("ARI's reply") }
    }

    /// Waits until Asterisk answers and is fully booted.
    pub async fn until_booted(&self, limit: Duration) -> Result<()> {
        let wait = async {
            while self.ask("GET", "asterisk/info", &[("only", "status")]).await.is_err() {
                tokio::time::sleep(ms(50)).await;
            }
        };
        tokio::time::timeout(limit, wait).await.context("Asterisk does not start")
    }

    /// Names and states of all channels.
    pub async fn channels(&self) -> Result<Vec<String>> {
        let all = self.ask("GET", "channels", &[]).await?;
        let tell = |c: &Value| {
            let of = |key: &str| c.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
            let at = c.pointer("/dialplan/app_data").and_then(Value::as_str).unwrap_or_default();
            format!("{} {} {} {}", of("name"), of("id"), of("state"), at)
        };
        Ok(all.as_array().map(|all| all.iter().map(tell).collect()).unwrap_or_default())
    }

    /// Bridges with somebody in them.
    pub async fn bridges_in_use(&self) -> Result<Vec<String>> {
        let all = self.ask("GET", "bridges", &[]).await?;
        let inside = |b: &&Value| b.get("channels").and_then(Value::as_array).is_some_and(|c| !c.is_empty());
        let tell = |b: &Value| format!("{} {}", b["id"], b["channels"]);
        Ok(all.as_array().map(|all| all.iter().filter(inside).map(tell).collect()).unwrap_or_default())
    }

    /// Hangs up whatever is left, so that one failure does not become the next one's.
    pub async fn sweep(&self) -> Result<()> {
        for _ in 0..20 {
            let all = self.ask("GET", "channels", &[]).await?;
            let channels = all.as_array().map(Vec::as_slice).unwrap_or_default();
            for id in channels.iter().filter_map(|c| c["id"].as_str()) {
                drop(self.ask("DELETE", &format!("channels/{id}"), &[]).await);
            }
            if channels.is_empty() {
                break;
            }
            tokio::time::sleep(ms(100)).await;
        }
        let all = self.ask("GET", "bridges", &[]).await?;
        for id in all.as_array().into_iter().flatten().filter_map(|b| b["id"].as_str()) {
            drop(self.ask("DELETE", &format!("bridges/{id}"), &[]).await);
        }
        Ok(())
    }

    /// Registers an application of our own and gives its events, until dropped.
    pub async fn events(&self, app: &str) -> Result<Events> {
        let url = format!("ws://{}/ari/events?app={app}&api_key=sentral:{PASSWORD}", self.host);
        let (mut socket, _reply) = tokio_tungstenite::connect_async(url).await?;
        let (tell, events) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message
                    && let Ok(event) = serde_json::from_str::<Value>(&text)
                    && tell.send(event).is_err()
                {
                    return;
                }
            }
        });
        Ok(Events { events, task })
    }
}

/// The events of one application.
pub struct Events {
    events: mpsc::UnboundedReceiver<Value>,
    task: tokio::task::JoinHandle<()>,
}

impl Events {
    /// The next event of that type.
    pub async fn next(&mut self, kind: &str, limit: Duration) -> Result<Value> {
        let search = async {
            while let Some(event) = self.events.recv().await {
                if event["type"] == kind {
                    return Some(event);
                }
            }
            None
        };
        tokio::time::timeout(limit, search)
            .await
            .with_context(|| format!("no {kind}"))?
            .context("the websocket is closed")
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.task.abort();
    }
}
