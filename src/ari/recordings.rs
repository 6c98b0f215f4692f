//! Recordings: what they are called in Asterisk, and a hand to those that are stored there.
//!
//! As with [bridges](super::bridges), all applications of one Asterisk see all its recordings, so the application's name is
//! in the names of ours: the engine's `sentral-REST` is `sentral-APP.REST` there.

use serde::Deserialize;

use super::{
    enc::Enc,
    question,
    request::{Method, Repeat, Request, post, whole_seconds},
    rest::{Answer, Client},
};
use crate::{
    domain::{ChannelId, RecordingId, id::OURS},
    engine::{Failure, command::Record},
};

/// A recording of the engine's, as it stands in a request for its application.
pub(super) fn in_asterisk(app: &str, recording: RecordingId) -> String {
    let name = recording.to_string();
    let rest = name.strip_prefix(OURS).unwrap_or(&name);
    format!("{OURS}{}.{}", Enc(app), Enc(rest))
}

/// A recording of Asterisk's, if it is one of this application.
pub(super) fn told(app: &str, name: &str) -> Option<RecordingId> {
    let rest = name.strip_prefix(OURS)?.strip_prefix(app)?.strip_prefix('.')?;
    RecordingId::parse(&format!("{OURS}{rest}"))
}

/// What has Asterisk record.
pub(super) fn record(channel: &ChannelId, recording: RecordingId, record: &Record, app: &str) -> Request {
    let ends_with = record.end.map_or_else(|| "none".to_owned(), |key| key.to_string());
    post(format!(
        "channels/{}/record?name={}&format=wav&ifExists=fail&maxDurationSeconds={}&maxSilenceSeconds={}&terminateOn={}&beep={}",
        Enc(&channel.id),
        in_asterisk(app, recording),
        whole_seconds(record.at_most),
        whole_seconds(record.silence),
        Enc(&ends_with),
        record.beep,
    ))
}

/// What ends a recording.
pub(super) fn stop(recording: RecordingId, app: &str) -> Request {
    post(format!("recordings/live/{}/stop", in_asterisk(app, recording)))
}

/// What is asked to see whether a recording goes on.
pub(super) fn seek(recording: RecordingId, app: &str) -> Request {
    question::get(&format!("recordings/live/{}", in_asterisk(app, recording)))
}

/// A hand to one node's recordings, on a connection of its own. One thing is asked at a time.
#[derive(Clone)]
pub struct Recordings {
    client: Client,
    app: String,
}

impl std::fmt::Debug for Recordings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recordings").field("app", &self.app).finish_non_exhaustive()
    }
}

/// `GET /recordings/stored`: an entry.
#[derive(Deserialize)]
struct Stored {
    name: String,
}

impl Recordings {
    pub(super) fn new(client: Client, app: &str) -> Self {
        Self { client, app: app.to_owned() }
    }

    /// What one is called in Asterisk's folder of recordings.
    pub fn name(&self, recording: RecordingId) -> String {
        in_asterisk(&self.app, recording)
    }

    /// All that are stored, those that still go on with them.
    ///
    /// # Errors
    /// When Asterisk does not tell; one without a folder for recordings refuses with 500.
    pub async fn stored(&self) -> Result<Vec<RecordingId>, Failure> {
        let request = question::get("recordings/stored");
        let answer = self.client.send("list", &request, Repeat::Harmless, Answer::is_success).await?;
        let all: Vec<Stored> = serde_json::from_str(&answer.body).unwrap_or_default();
        Ok(all.iter().filter_map(|stored| told(&self.app, &stored.name)).collect())
    }

    /// Whether one still goes on.
    ///
    /// # Errors
    /// When Asterisk does not tell.
    pub async fn goes_on(&self, recording: RecordingId) -> Result<bool, Failure> {
        let request = seek(recording, &self.app);
        let is_fine = |answer: &Answer| answer.is_success() || answer.status == 404;
        Ok(self.client.send("seek_recording", &request, Repeat::Harmless, is_fine).await?.is_success())
    }

    /// Its sound, a WAV file as Asterisk wrote it.
    ///
    /// # Errors
    /// When Asterisk does not give it; 404: it has none.
    pub async fn sound(&self, recording: RecordingId) -> Result<Vec<u8>, Failure> {
        let request = question::get(&format!("recordings/stored/{}/file", in_asterisk(&self.app, recording)));
        self.client.fetch("fetch_recording", &request).await
    }

    /// Deletes it. That there is none is no failure.
    ///
    /// # Errors
    /// When Asterisk does not delete it.
    pub async fn delete(&self, recording: RecordingId) -> Result<(), Failure> {
        let target = format!("recordings/stored/{}", in_asterisk(&self.app, recording));
        let request = Request { method: Method::Delete, target, body: None };
        let is_fine = |answer: &Answer| answer.is_success() || answer.status == 404;
        self.client.send("delete_recording", &request, Repeat::Harmless, is_fine).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_of_the_application_that_made_it_and_of_no_other() {
        let recording = RecordingId { boot: 0xbeef, number: 7 };
        let name = in_asterisk("sentral", recording);
        assert_eq!(name, "sentral-sentral.0000beef-r7");
        assert_eq!(told("sentral", &name), Some(recording));
        for (app, name) in
            [("sentral2", &*name), ("sent", &*name), ("sentral", "sentral-0000beef-r7"), ("sentral", "x")]
        {
            assert_eq!(told(app, name), None, "{app} {name}");
        }
    }
}
