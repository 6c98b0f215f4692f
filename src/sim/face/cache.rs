//! Sounds that are files, and sounds behind a URL, fetched as Asterisk's media cache does: once, when they may be kept.
//!
//! Asterisk begins to play and fetches then, with the channel held up meanwhile. Here a sound is fetched before the world is
//! asked to play it, which nobody can tell apart as long as the server is quick.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Client, header};
use serde_json::Value;

use crate::prompts::wav::Wav;

/// Asterisk waits longer, and whoever plays something notices.
const PATIENCE: Duration = Duration::from_secs(5);

/// What may be kept, by `media` as in a request.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    http: Client,
    kept: Arc<Mutex<BTreeSet<String>>>,
}

impl Cache {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self { http: Client::builder().no_proxy().build().unwrap_or_default(), kept: Arc::default() }
    }

    /// How long each sound lasts that is a file or behind a URL, that a request wants played and that is not kept; `None`: it cannot be had.
    pub(super) async fn fetch(
        &self,
        query: &[(String, String)],
        body: Option<&Value>,
    ) -> Vec<(String, Option<Duration>)> {
        let mut fetched = Vec::new();
        for media in wanted(query, body) {
            let Some(sound) = media.strip_prefix("sound:") else { continue };
            if sound.starts_with('/') {
                let length = in_folder(sound);
                fetched.push((media, length));
                continue;
            }
            let Some(url) = Some(sound).filter(|url| url.starts_with("http")) else { continue };
            if self.kept.lock().unwrap_or_else(PoisonError::into_inner).contains(&media) {
                continue;
            }
            let sound = self.get(url).await;
            if matches!(sound, Some((_, true))) {
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(media.clone());
            }
            fetched.push((media, sound.map(|(length, _)| length)));
        }
        fetched
    }

    /// How long the sound at a URL lasts, and whether it may be kept.
    async fn get(&self, url: &str) -> Option<(Duration, bool)> {
        let reply = self.http.get(url).timeout(PATIENCE).send().await.ok()?.error_for_status().ok()?;
        let control = reply.headers().get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
        let keep = control.is_some_and(|control| control.contains("max-age=") && !control.contains("max-age=0"));
        Some((Wav::read(&reply.bytes().await.ok()?)?.length(), keep))
    }
}

/// How long a sound lasts that is a file, named without its ending.
fn in_folder(path: &str) -> Option<Duration> {
    Some(Wav::read(&std::fs::read(format!("{path}.wav")).ok()?)?.length())
}

fn wanted(query: &[(String, String)], body: Option<&Value>) -> Vec<String> {
    let by_query = query.iter().filter(|(key, _)| key == "media").flat_map(|(_, media)| media.split(','));
    let by_body = match body.map(|body| &body["media"]) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => one.split(',').collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
    };
    by_query.chain(by_body).map(str::to_owned).collect()
}
