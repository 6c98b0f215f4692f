//! Sounds, one after the other, and keys pressed meanwhile.

use std::sync::Arc;

use tokio::{sync::mpsc, time::sleep};

use super::{
    link::Over,
    session::{Session, is_last, key},
    wire::{Command, Reply},
};
use crate::{
    domain::{Digit, Media, PlaybackId},
    engine::{self, Event},
};

/// Every key of a telephone.
const KEYS: &str = "0123456789*#ABCD";

/// How one sound ended.
enum Streamed {
    /// By itself.
    Whole,
    /// It could not be played.
    Missing,
    /// By a key, there.
    Key(Digit, u64),
    /// We ended it, and a key was pressed at that moment, perhaps.
    Stopped(Option<Digit>),
}

impl Session {
    /// Plays these, and tells that they are over.
    pub(super) async fn play(&mut self, playback: PlaybackId, media: &Arc<[Media]>) -> Result<(), Over> {
        self.hush().await?;
        self.be_heard().await?;
        let mut whole = true;
        for one in media.iter() {
            match self.play_one(playback, one).await? {
                Streamed::Whole | Streamed::Key(..) => {}
                Streamed::Missing => whole = false,
                Streamed::Stopped(None) => break,
                Streamed::Stopped(Some(digit)) => {
                    self.press(digit).await;
                    break;
                }
            }
        }
        let channel = self.channel.clone();
        self.shared.tell_and_wait(Event::PlaybackFinished { playback, channel, whole }).await;
        Ok(())
    }

    /// A key ends it at Asterisk's; for a caller it goes on where it was, unless the engine has it stopped.
    async fn play_one(&mut self, playback: PlaybackId, media: &Media) -> Result<Streamed, Over> {
        let mut from = 0;
        // It may have been stopped before it began.
        while !self.waiting.iter().any(|command| ends(command, playback)) {
            match self.stream(playback, media, from).await? {
                Streamed::Key(digit, at) => {
                    self.press(digit).await;
                    from = at;
                }
                over @ (Streamed::Whole | Streamed::Missing | Streamed::Stopped(_)) => return Ok(over),
            }
        }
        Ok(Streamed::Stopped(None))
    }

    async fn stream(&mut self, playback: PlaybackId, media: &Media, from: u64) -> Result<Streamed, Over> {
        let command = Command::StreamFile { file: file(media), keys: KEYS, from };
        let begun = self.shared.clock.now();
        if !self.link.say(&command).await? {
            return Ok(Streamed::Missing);
        }
        let late = sleep(self.link.silence + media.length().unwrap_or(self.shared.longest_prompt));
        tokio::pin!(late);
        let (heard, stopped) = loop {
            tokio::select! {
                // What was said first is heard first.
                biased;
                reply = self.link.hear() => break (reply.map(Some), false),
                () = &mut late => break (Err(Over::Silent), false),
                command = arrives(&mut self.inbox) => {
                    let is_over = ends(&command, playback);
                    self.waiting.push_back(command);
                    if is_over {
                        break (self.link.end_stream().await, true);
                    }
                }
            }
        };
        self.link.tell(&command, begun, &heard);
        let reply = heard?;
        let key = reply.as_ref().and_then(key);
        match (reply, key) {
            (_, key) if stopped => Ok(Streamed::Stopped(key)),
            (Some(Reply::Dead), _) => Err(Over::HungUp),
            (Some(reply), Some(digit)) => Ok(Streamed::Key(digit, reply.ended_at().unwrap_or(from))),
            (Some(reply), None) if reply.number() == Some(0) => Ok(Streamed::Whole),
            // One who is gone is told to be so behind this; otherwise there is no such sound.
            (Some(_) | None, _) => Ok(Streamed::Missing),
        }
    }
}

/// The next that comes; never, when nothing will.
async fn arrives(inbox: &mut mpsc::Receiver<engine::Command>) -> engine::Command {
    match inbox.recv().await {
        Some(command) => command,
        None => std::future::pending().await,
    }
}

/// Asterisk's name for a sound, or its path or address: as ARI has it, without its scheme.
fn file(media: &Media) -> String {
    match media {
        Media::Sound(name) => name.to_string(),
        Media::Prompt(prompt) => prompt.uri.strip_prefix("sound:").unwrap_or(&prompt.uri).to_owned(),
    }
}

/// Whether a command ends what is played.
fn ends(command: &engine::Command, playback: PlaybackId) -> bool {
    matches!(command, engine::Command::Stop { playback: stopped, .. } if *stopped == playback) || is_last(command)
}
