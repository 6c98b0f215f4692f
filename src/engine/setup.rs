//! What an engine is born with.

use std::{sync::Arc, time::Duration};

use super::notice::Turned;
use crate::domain::Time;

/// What an engine is born with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The number of this life of the engine, which no other has: it makes ids that no other life uses.
    pub boot: u32,
    /// When this life begins.
    pub born: Time,
    /// The seed of all that is drawn by lot.
    pub seed: u64,
    /// Limits.
    pub limits: Limits,
    /// Where other servers reach our API, without a slash at its end, if that is known.
    pub public_url: Option<Arc<str>>,
}

/// What one node may be asked to carry, and how long a call survives us.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Calls at a time on one node.
    pub calls: usize,
    /// New calls in a second on one node.
    pub new_calls_per_second: usize,
    /// What a call past these limits meets.
    pub overload: Turned,
    /// A caller in our care who does not talk goes to the native fallback after this long without a word from us.
    pub dead_man: Duration,
    /// How long all that is played in one go lasts at most, for we cannot know: the dead man's switch waits that much longer.
    pub longest_prompt: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: 500,
            new_calls_per_second: 100,
            overload: Turned::Fallback,
            dead_man: Duration::from_secs(30),
            longest_prompt: Duration::from_secs(60),
        }
    }
}
