//! The engine: events in, commands out. It decides and does nothing else.

pub mod command;
pub mod event;
pub mod notice;
pub mod snapshot;

use std::{sync::Arc, time::Duration};

pub use command::{BridgeKind, Command, Mark};
pub use event::{Event, Failure, Held, HeldBridge, HeldChannel};
pub use notice::{Fact, Notice, Turned};
pub use snapshot::Snapshot;

use crate::{dialplan::Plan, domain::Time};

/// What an engine is born with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The number of this life of the engine: it makes ids that no earlier life has used. Seconds since the epoch do.
    pub boot: u32,
    /// The seed of all that is drawn by lot.
    pub seed: u64,
    /// Limits.
    pub limits: Limits,
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
    /// How long a prompt lasts at most, where we cannot know: the dead man's switch waits that much longer.
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

/// One exchange: its calls, queues and operators.
#[derive(Debug)]
pub struct Engine {}

impl Engine {
    /// An engine that knows a plan and no call. Nothing happens before a node is up.
    pub fn new(_setup: Setup, _plan: Arc<Plan>) -> Self {
        Self {}
    }

    /// One thing happened.
    pub fn handle(&mut self, _now: Time, _event: Event) {}

    /// The time that [`Self::poll_timeout`] named has come.
    pub fn handle_timeout(&mut self, _now: Time) {}

    /// The next thing to do. Ask until there is none, after every [`Self::handle`].
    pub fn poll_command(&mut self) -> Option<Command> {
        None
    }

    /// The next fact for those who watch.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        None
    }

    /// When [`Self::handle_timeout`] is wanted next.
    pub fn poll_timeout(&self) -> Option<Time> {
        None
    }

    /// How things stand.
    pub fn snapshot(&self, _now: Time) -> Snapshot {
        Snapshot::default()
    }
}
