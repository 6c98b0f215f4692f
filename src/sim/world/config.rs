//! How this Asterisk is set up, and how fast its surroundings are.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use rand::{Rng, RngExt};

/// Settings of a toy Asterisk: those of the shipped configuration, as far as they can be seen from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// The application that the dialplan hands callers to.
    pub application: Arc<str>,
    /// Numbers as they are dialled that it hands to other applications.
    pub others: BTreeMap<Arc<str>, Arc<str>>,
    /// `TIMEOUT(absolute)` that the dialplan arms before `Stasis()`.
    pub dead_man: Duration,
    /// How long the native queue keeps a caller.
    pub fallback: Duration,
    /// How long a sound lasts, where `lengths` does not say.
    pub sound: Duration,
    /// How long sounds last, by `media` as in a request: `sound:welcome`.
    pub lengths: BTreeMap<Arc<str>, Duration>,
    /// Sounds that Asterisk does not have, by `media`.
    pub missing: BTreeSet<Arc<str>>,
    /// From a telephone to Asterisk, and back.
    pub network: Duration,
    /// What Asterisk's threads take to hand a channel over: from a hang-up to the end in Stasis, from `create` to
    /// `StasisStart`.
    pub pace: Span,
    /// How much of what people saw is kept; the oldest is forgotten first.
    pub remember: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            application: "sentral".into(),
            others: BTreeMap::new(),
            dead_man: Duration::from_secs(10),
            fallback: Duration::from_secs(300),
            sound: Duration::from_secs(2),
            lengths: BTreeMap::new(),
            missing: BTreeSet::new(),
            network: Duration::from_millis(1),
            pace: Span::micros(200, 900),
            remember: 1_000_000,
        }
    }
}

/// A time between two, drawn by lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// At least this.
    pub least: Duration,
    /// At most this.
    pub most: Duration,
}

impl Span {
    /// Between two numbers of microseconds.
    pub const fn micros(least: u64, most: u64) -> Self {
        Self { least: Duration::from_micros(least), most: Duration::from_micros(most) }
    }

    /// Between two numbers of milliseconds.
    pub const fn millis(least: u64, most: u64) -> Self {
        Self { least: Duration::from_millis(least), most: Duration::from_millis(most) }
    }

    /// Between two numbers of seconds.
    pub const fn secs(least: u64, most: u64) -> Self {
        Self { least: Duration::from_secs(least), most: Duration::from_secs(most) }
    }

    /// Always the same.
    pub const fn exactly(span: Duration) -> Self {
        Self { least: span, most: span }
    }

    /// One of them. A span written the wrong way round is its beginning.
    pub fn draw(self, rng: &mut impl Rng) -> Duration {
        let (least, most) = (self.least.as_micros(), self.most.as_micros());
        let micros = if most > least { rng.random_range(least..=most) } else { least };
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}
