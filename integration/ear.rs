//! What is heard at a telephone: whose voices, and what Asterisk plays.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::sync::watch;

use crate::media::{Mouth, Rtp};
use crate::time::Moment;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Voice(pub u32);

/// What an ear heard of one source.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    pub first: Moment,
    pub last: Moment,
}

impl Heard {
    /// Heard from then on, and still.
    fn on(first: Moment) -> Self {
        Self { first, last: Moment(i64::MAX) }
    }

    fn goes_on(self) -> bool {
        self.last == Moment(i64::MAX)
    }
}

/// What there was to hear at one telephone, growing.
pub struct Hearing {
    known: Mutex<Known>,
    tell: watch::Sender<u64>,
}

#[derive(Default)]
struct Known {
    voices: BTreeMap<Voice, Heard>,
    /// Prompts, music, tones: what no mouth of ours said.
    asterisk: Option<Heard>,
    /// When the last key was let go.
    let_go: Option<Moment>,
}

impl Default for Hearing {
    fn default() -> Self {
        Self { known: Mutex::default(), tell: watch::channel(0).0 }
    }
}

impl Hearing {
    fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic elsewhere has already failed the run.
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn changed(&self) {
        self.tell.send_modify(|n| *n += 1);
    }

    /// A packet came: of that voice, or of Asterisk itself.
    pub fn packet(&self, of: Option<Voice>, at: Moment) {
        let mut known = self.lock();
        let new = Heard { first: at, last: at };
        let heard = match of {
            Some(voice) => known.voices.entry(voice).or_insert(new),
            None => known.asterisk.get_or_insert(new),
        };
        heard.last = at;
        drop(known);
        self.changed();
    }

    /// From that moment on these voices are heard, or Asterisk itself, and nothing else.
    pub fn now(&self, voices: &[Voice], asterisk: bool, at: Moment) {
        let mut known = self.lock();
        for (voice, heard) in &mut known.voices {
            if heard.goes_on() && !voices.contains(voice) {
                heard.last = at;
            }
        }
        for voice in voices {
            let first = known.voices.get(voice).map_or(at, |heard| heard.first);
            known.voices.insert(*voice, Heard::on(first));
        }
        let before = known.asterisk;
        known.asterisk = match before {
            before if asterisk => Some(Heard::on(before.map_or(at, |heard| heard.first))),
            Some(heard) if heard.goes_on() => Some(Heard { last: at, ..heard }),
            before => before,
        };
        drop(known);
        self.changed();
    }

    /// A key was let go.
    pub fn let_go(&self, at: Moment) {
        self.lock().let_go = Some(at);
    }
}

/// One telephone's ear, and where it is of flesh and blood its mouth.
pub struct Ear {
    pub voice: Voice,
    hearing: Arc<Hearing>,
    rtp: Option<Rtp>,
}

impl Ear {
    /// Listens on a port of `address` to real sound; silent until it knows where to speak to.
    pub async fn open(address: &str, voice: Voice, mouth: Mouth) -> Result<Self> {
        let hearing = Arc::new(Hearing::default());
        let rtp = Rtp::open(address, voice, mouth, Arc::clone(&hearing)).await?;
        Ok(Self { voice, hearing, rtp: Some(rtp) })
    }

    /// Is told what there is to hear.
    pub fn told(voice: Voice, hearing: Arc<Hearing>) -> Self {
        Self { voice, hearing, rtp: None }
    }

    /// The port on which it listens; 0 without real sound.
    pub fn port(&self) -> u16 {
        self.rtp.as_ref().map_or(0, |rtp| rtp.port)
    }

    /// Speaks to that place from now on.
    pub fn speak_to(&self, address: &str, port: u16) {
        if let Some(rtp) = &self.rtp {
            rtp.speak_to(address, port);
        }
    }

    /// Presses a key the RFC 4733 way.
    pub fn press(&self, key: char, how_long: Duration) -> Result<()> {
        self.rtp.as_ref().context("no mouth")?.press(key, how_long)
    }

    /// What was heard of that voice.
    pub fn heard(&self, voice: Voice) -> Option<Heard> {
        self.hearing.lock().voices.get(&voice).copied()
    }

    /// Whether another telephone's voice was heard.
    pub fn heard_anybody_but(&self, own: Voice) -> bool {
        self.hearing.lock().voices.keys().any(|voice| *voice != own)
    }

    /// What was heard of Asterisk itself: prompts, music.
    pub fn heard_asterisk(&self) -> Option<Heard> {
        self.hearing.lock().asterisk
    }

    /// When the last key was let go: Asterisk tells a key then.
    pub fn let_go(&self) -> Option<Moment> {
        self.hearing.lock().let_go
    }

    /// Waits until `look` is satisfied with what was heard.
    pub async fn until<T>(&self, limit: Duration, what: &str, look: impl Fn(&Self) -> Option<T>) -> Result<T> {
        let mut heard = self.hearing.tell.subscribe();
        let search = async {
            loop {
                if let Some(found) = look(self) {
                    return Some(found);
                }
                heard.changed().await.ok()?;
            }
        };
        match tokio::time::timeout(limit, search).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => bail!("the ear is closed: {what}"),
            Err(_elapsed) => bail!("not within {limit:?}: {what}"),
        }
    }

    /// Hears that voice from now on.
    pub async fn hears(&self, voice: Voice, limit: Duration) -> Result<Heard> {
        let now = Moment::now();
        self.until(limit, "hears the other's voice", |ear| ear.heard(voice).filter(|h| h.last > now)).await
    }

    /// Hears a prompt or music from now on.
    pub async fn hears_asterisk(&self, limit: Duration) -> Result<Heard> {
        let now = Moment::now();
        self.until(limit, "hears a prompt or music", |ear| ear.heard_asterisk().filter(|h| h.last > now)).await
    }
}
