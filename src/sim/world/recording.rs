//! Recording what a channel says, as Asterisk 22 and 16 do.
//!
//! A recording occupies its channel as a playback does. It is told to be over before the channel's end is told, a silence at
//! its end is cut off, and a full disk is no failure: it ends after two seconds, with an empty file. Of a channel in a bridge
//! nothing is recorded: the request is a success all the same (201), and `RecordingFailed` says why not.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    World,
    app::About,
    channel::Far,
    jobs::Job,
    reply::{Outcome, Reply},
    rest::{Ask, no_route},
    timers::Due,
};
use crate::domain::Time;

/// The tone before a recording.
const BEEP: Duration = Duration::from_millis(440);
/// What Asterisk holds back before it writes, and by then sees that it cannot.
const BUFFER: Duration = Duration::from_secs(2);
/// So much of a silence is left at the end.
const LEFT: Duration = Duration::from_millis(200);

/// Samples a second, of two bytes each.
const RATE: u64 = 8_000;

/// What Asterisk says who cannot record.
const IN_BRIDGE: &str = "Cannot record channel while in bridge";

/// A recording that waits for its turn or goes on.
#[derive(Debug)]
pub(super) struct Recording {
    channel: String,
    at_most: Duration,
    /// None when a silence does not end it.
    silence: Option<Duration>,
    ends_with: String,
    beep: bool,
    /// When it begins to be heard, behind the tone.
    since: Option<Time>,
}

/// What is on Asterisk's disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sound {
    /// How long it is.
    pub lasts: Duration,
    /// Whether something is said in it.
    pub said: bool,
    /// Whether anything could be written.
    pub written: bool,
}

impl Sound {
    /// As a WAV file.
    pub fn wav(self) -> Vec<u8> {
        if !self.written {
            return Vec::new();
        }
        let samples = u64::try_from(self.lasts.as_micros()).unwrap_or(u64::MAX) * RATE / 1_000_000;
        let data = u32::try_from(samples * 2).unwrap_or(u32::MAX);
        let mut wav = Vec::with_capacity(44 + data as usize);
        wav.extend_from_slice(b"RIFF");
        wav.extend_from_slice(&(data + 36).to_le_bytes());
        wav.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
        wav.extend_from_slice(&data.to_le_bytes());
        // A square wave of 400 Hz.
        let loud = |at: u64| if (at / 10).is_multiple_of(2) { 8_000_i16 } else { -8_000 };
        wav.extend((0..samples).flat_map(|at| if self.said { loud(at) } else { 0 }.to_le_bytes()));
        wav
    }
}

impl World {
    /// From now on this caller says nothing.
    pub fn caller_is_silent(&mut self, caller: super::CallerId) {
        self.silent.insert(caller);
    }

    /// From now on there is no room on Asterisk's disk, or there is again.
    pub fn set_disk_full(&mut self, full: bool) {
        self.disk_full = full;
    }

    /// What is stored under a name.
    pub fn stored(&self, name: &str) -> Option<Sound> {
        self.stored.get(name).copied()
    }

    pub(super) fn post_record(&mut self, channel: &str, ask: &Ask<'_>) -> Outcome {
        self.usable(channel)?;
        let text = |name| ask.get(name).map(|text| text.into_owned()).unwrap_or_default();
        let seconds = |name| Duration::from_secs(text(name).parse().unwrap_or(0));
        let (name, format) = (text("name"), text("format"));
        if name.is_empty() || format != "wav" {
            return Err(Reply::not_modelled());
        }
        if self.recordings.contains_key(&name) || self.stored.contains_key(&name) {
            return Err(Reply::error(409, "Recording already exists"));
        }
        let at_most = Some(seconds("maxDurationSeconds")).filter(|most| !most.is_zero()).unwrap_or(Duration::MAX);
        let silence = Some(seconds("maxSilenceSeconds")).filter(|silence| !silence.is_zero());
        let (ends_with, beep) = (text("terminateOn"), text("beep") == "true");
        let recording = Recording { channel: channel.to_owned(), at_most, silence, ends_with, beep, since: None };
        let mut json = recording.to_json(&name, "queued");
        self.recordings.insert(name.clone(), recording);
        self.submit(channel, Job::Record(name.clone()));
        if !self.recordings.contains_key(&name) {
            json["state"] = "failed".into();
            json["cause"] = IN_BRIDGE.into();
        }
        Ok(Some(Reply::created(json)))
    }

    /// A recording's turn has come.
    pub(super) fn start_recording(&mut self, channel: &str, name: &str) {
        if self.channels.get(channel).is_some_and(|channel| channel.bridge.is_some()) {
            return self.refuse_recording(name);
        }
        let Some(recording) = self.recordings.get_mut(name) else { return };
        let beep = if recording.beep { BEEP } else { Duration::ZERO };
        let since = self.now + beep;
        recording.since = Some(since);
        let (at_most, silence) = (recording.at_most, recording.silence);
        let Some(on) = self.channels.get_mut(channel) else { return };
        on.recording = Some(name.to_owned());
        on.rings = false;
        let quiet = matches!(on.far, Far::Caller(caller) if self.silent.contains(&caller));
        let lasts = match silence {
            _ if self.disk_full => BUFFER.min(at_most),
            Some(silence) if quiet => silence.min(at_most),
            Some(_) | None => at_most,
        };
        self.timers.set(since + lasts, Due::Recorded(name.to_owned()));
        self.touch(channel);
        self.tell_recording(name, "RecordingStarted", "recording", None);
    }

    /// Of one who is in a bridge nothing is recorded, though it was promised.
    fn refuse_recording(&mut self, name: &str) {
        let Some(recording) = self.recordings.remove(name) else { return };
        let mut json = recording.to_json(name, "failed");
        json["cause"] = IN_BRIDGE.into();
        self.tell(&[About::Channel(&recording.channel)], "RecordingFailed", json!({ "recording": json }));
    }

    /// It is over by itself.
    pub(super) fn on_recorded(&mut self, name: &str) {
        self.finish_recording(name);
    }

    /// A key may end it.
    pub(super) fn key_ends_recording(&mut self, channel: &str, key: char) {
        let Some(name) = self.channels.get(channel).and_then(|channel| channel.recording.clone()) else { return };
        let ends =
            self.recordings.get(&name).is_some_and(|it| it.ends_with == "any" || it.ends_with == key.to_string());
        if ends {
            self.finish_recording(&name);
        }
    }

    /// The channel is hung up under it: what was said is kept.
    pub(super) fn finish_recording_of(&mut self, channel: &str) {
        if let Some(name) = self.channels.get(channel).and_then(|channel| channel.recording.clone()) {
            self.finish_recording(&name);
        }
    }

    fn finish_recording(&mut self, name: &str) {
        let Some(recording) = self.recordings.get(name) else { return };
        let (channel, silence) = (recording.channel.clone(), recording.silence);
        let took = recording.since.map_or(Duration::ZERO, |since| self.now.since(since));
        let far = self.channels.get(&channel).map(|channel| channel.far);
        let said = !matches!(far, Some(Far::Caller(caller)) if self.silent.contains(&caller));
        let cut = silence.filter(|silence| !said && took >= *silence);
        let lasts = cut.map_or(took, |silence| (took - silence) + LEFT);
        let written = !self.disk_full;
        let lasts = if written { lasts } else { Duration::ZERO };
        self.tell_recording(name, "RecordingFinished", "done", Some(lasts));
        self.recordings.remove(name);
        self.stored.insert(name.to_owned(), Sound { lasts, said, written });
        if let Some(on) = self.channels.get_mut(&channel) {
            on.recording = None;
        }
        self.touch(&channel);
        self.run_jobs(&channel);
    }

    fn tell_recording(&mut self, name: &str, kind: &str, state: &str, lasts: Option<Duration>) {
        let Some(recording) = self.recordings.get(name) else { return };
        let (mut json, channel) = (recording.to_json(name, state), recording.channel.clone());
        if let Some(lasts) = lasts {
            json["duration"] = lasts.as_secs().into();
        }
        self.tell(&[About::Channel(&channel)], kind, json!({ "recording": json }));
    }

    pub(super) fn route_recordings(&mut self, method: &str, parts: &[&str]) -> Outcome {
        let none = || Reply::error(404, "Recording not found");
        let stored = |name: &str| json!({ "name": name, "format": "wav" });
        match (method, parts) {
            ("GET", ["stored"]) => Ok(Some(Reply::ok(self.stored.keys().map(|name| stored(name)).collect()))),
            ("GET", ["stored", name]) => self.stored.get(*name).map(|_| Some(Reply::ok(stored(name)))).ok_or_else(none),
            ("GET", ["stored", name, "file"]) => {
                self.stored.get(*name).map(|sound| Some(Reply::sound(sound.wav()))).ok_or_else(none)
            }
            ("DELETE", ["stored", name]) => {
                self.stored.remove(*name).map(|_| Some(Reply::no_content())).ok_or_else(none)
            }
            ("GET", ["live", name]) => {
                let live = self.recordings.get(*name).ok_or_else(none)?;
                let state = if live.since.is_some() { "recording" } else { "queued" };
                Ok(Some(Reply::ok(live.to_json(name, state))))
            }
            ("POST", ["live", name, "stop"]) => {
                self.recordings.get(*name).ok_or_else(none)?;
                self.finish_recording(name);
                Ok(Some(Reply::no_content()))
            }
            (_, ["live" | "stored", ..]) => Err(Reply::not_modelled()),
            _ => Err(no_route(false)),
        }
    }
}

impl Recording {
    fn to_json(&self, name: &str, state: &str) -> Value {
        json!({ "name": name, "format": "wav", "state": state, "target_uri": format!("channel:{}", self.channel) })
    }
}
