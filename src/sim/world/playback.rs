//! Playing something to a channel.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    World,
    app::About,
    jobs::Job,
    reply::{Outcome, Reply},
    rest::Ask,
    timers::Due,
};
use crate::domain::Time;

/// A playback: one or more items played one after the other.
#[derive(Debug)]
pub(super) struct Playback {
    channel: String,
    media: Vec<String>,
    at: usize,
    state: &'static str,
    language: String,
    ends: Option<Time>,
    /// Stopped before its turn came.
    cancelled: bool,
}

impl Playback {
    /// What is being played.
    pub(super) fn item(&self) -> &str {
        self.media.get(self.at).map_or("", String::as_str)
    }

    fn to_json(&self, id: &str) -> Value {
        let mut json = json!({
            "id": id,
            "media_uri": self.item(),
            "target_uri": format!("channel:{}", self.channel),
            "language": self.language,
            "state": self.state,
        });
        if let Some(next) = self.media.get(self.at + 1) {
            json["next_media_uri"] = next.as_str().into();
        }
        json
    }

    fn is_last(&self) -> bool {
        self.at + 1 >= self.media.len()
    }
}

/// How an item comes to its end by itself.
enum Length {
    /// After this long.
    Ends(Duration),
    /// Not before it is stopped.
    Endless,
    /// At once: Asterisk does not have it.
    Fails,
    /// Asterisk cannot play such a thing, and never says that it is over.
    Unknown,
}

impl World {
    pub(super) fn post_play(&mut self, channel: &str, id: Option<&str>, ask: &Ask<'_>) -> Outcome {
        let language = self.usable(channel)?.language.clone();
        let media = ask.list("media");
        let id = id.map(str::to_owned).or_else(|| ask.get("playbackId").map(|id| id.into_owned()));
        if media.is_empty() {
            return Err(Reply::error(500, "Failed to queue media for playback"));
        }
        let id = id.unwrap_or_else(|| format!("playback-{}", self.next()));
        let language = ask.get("lang").map_or(language, |lang| lang.into_owned());
        let playback = Playback {
            channel: channel.to_owned(),
            media,
            at: 0,
            state: "queued",
            language,
            ends: None,
            cancelled: false,
        };
        let json = playback.to_json(&id);
        self.playbacks.insert(id.clone(), playback);
        self.submit(channel, Job::Play(id));
        Ok(Some(Reply::created(json)))
    }

    pub(super) fn get_playback(&self, id: &str) -> Outcome {
        let playback = self.playbacks.get(id).ok_or_else(|| Reply::error(404, "Playback not found"))?;
        Ok(Some(Reply::ok(playback.to_json(id))))
    }

    /// `DELETE playbacks/ID`. One that waits its turn is over when its turn comes, not before.
    pub(super) fn delete_playback(&mut self, id: &str) -> Outcome {
        let playback = self.playbacks.get_mut(id).ok_or_else(|| Reply::error(404, "Playback not found"))?;
        match playback.state {
            "queued" => playback.cancelled = true,
            // Read out by Asterisk itself, digit by digit: it cannot be stopped.
            _ if ["number:", "digits:", "characters:"].iter().any(|scheme| playback.item().starts_with(scheme)) => {
                return Err(Reply::error(500, "Could not stop playback"));
            }
            _ => self.finish_playback(id, "done"),
        }
        Ok(Some(Reply::no_content()))
    }

    /// A playback's turn has come.
    pub(super) fn start_playback(&mut self, channel: &str, id: &str) {
        let Some(playback) = self.playbacks.get(id) else { return };
        if playback.cancelled {
            return self.end_playback(id, "done");
        }
        if let Some(on) = self.channels.get_mut(channel) {
            on.playing = Some(id.to_owned());
            on.rings = false;
            on.music = None;
        }
        self.tell_to_listen(channel);
        self.start_item(id);
    }

    fn start_item(&mut self, id: &str) {
        self.tell_playback(id, "playing");
        let Some(playback) = self.playbacks.get_mut(id) else { return };
        let (item, at) = (playback.item().to_owned(), playback.at);
        let channel = playback.channel.clone();
        self.dirty.insert(channel);
        match self.length(&item) {
            Length::Ends(after) => {
                let ends = self.now + after;
                if let Some(playback) = self.playbacks.get_mut(id) {
                    playback.ends = Some(ends);
                }
                self.timers.set(ends, Due::PlayedOut(id.to_owned(), at));
            }
            Length::Endless | Length::Unknown => {}
            Length::Fails => self.next_item(id, "failed"),
        }
    }

    /// A sound that Asterisk can play lasts so long from now on, by `media` as in a request.
    pub fn set_length(&mut self, media: &str, length: Duration) {
        self.config.missing.remove(media);
        self.config.lengths.insert(media.into(), length);
    }

    /// A sound that Asterisk cannot get hold of any more, by `media` as in a request.
    pub fn set_missing(&mut self, media: &str) {
        self.config.missing.insert(media.into());
    }

    fn length(&self, media: &str) -> Length {
        if self.config.missing.contains(media) {
            return Length::Fails;
        }
        if let Some(length) = self.config.lengths.get(media) {
            return Length::Ends(*length);
        }
        match media.split_once(':') {
            Some(("sound" | "recording", _)) => Length::Ends(self.config.sound),
            Some(("number" | "digits" | "characters", text)) => {
                Length::Ends(Duration::from_millis(500) * u32::try_from(text.len()).unwrap_or(u32::MAX))
            }
            Some(("tone", _)) => Length::Endless,
            Some(_) | None => Length::Unknown,
        }
    }

    pub(super) fn on_played_out(&mut self, id: &str, item: usize) {
        let due = self.playbacks.get(id).is_some_and(|playback| {
            playback.at == item && playback.state == "playing" && playback.ends.is_some_and(|ends| ends <= self.now)
        });
        if due {
            self.next_item(id, "done");
        }
    }

    /// An item is over, as `state` says; a failed one does not keep the next from being played.
    fn next_item(&mut self, id: &str, state: &'static str) {
        let Some(playback) = self.playbacks.get(id) else { return };
        if playback.is_last() {
            return self.finish_playback(id, state);
        }
        self.tell_playback(id, "continuing");
        if let Some(playback) = self.playbacks.get_mut(id) {
            playback.at += 1;
        }
        self.start_item(id);
    }

    /// The channel is free for what comes next.
    fn finish_playback(&mut self, id: &str, state: &'static str) {
        let Some(channel) = self.playbacks.get(id).map(|playback| playback.channel.clone()) else { return };
        self.end_playback(id, state);
        if let Some(on) = self.channels.get_mut(&channel) {
            on.playing = None;
        }
        self.dirty.insert(channel.clone());
        self.run_jobs(&channel);
    }

    /// The channel is hung up under it.
    pub(super) fn fail_playback_of(&mut self, channel: &str) {
        if let Some(id) = self.channels.get_mut(channel).and_then(|channel| channel.playing.take()) {
            self.end_playback(&id, "failed");
        }
    }

    pub(super) fn end_playback(&mut self, id: &str, state: &'static str) {
        self.tell_playback(id, state);
        self.playbacks.remove(id);
    }

    pub(super) fn tell_playback(&mut self, id: &str, state: &'static str) {
        let Some(playback) = self.playbacks.get_mut(id) else { return };
        playback.state = state;
        let kind = match state {
            "playing" => "PlaybackStarted",
            "continuing" => "PlaybackContinuing",
            _ => "PlaybackFinished",
        };
        let (json, channel) = (playback.to_json(id), playback.channel.clone());
        self.tell(&[About::Channel(&channel)], kind, json!({ "playback": json }));
    }
}
