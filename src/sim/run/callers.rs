//! Who calls in a run.

use std::time::Duration;

use crate::{
    domain::Time,
    engine::{Answer, Event, NoAnswer, Notice},
    sim::{
        people::People,
        world::{Seen, World},
    },
};

/// Those who call, and who look at what comes of it.
pub trait Callers {
    /// When they want to do something next; `None` when they have done everything.
    fn poll_timeout(&self) -> Option<Time>;

    /// Time has come.
    fn handle_timeout(&mut self, now: Time, world: &mut World);

    /// How many have called.
    fn called(&self) -> u64;

    /// Something was seen at a telephone, theirs or another.
    fn see(&mut self, _seen: &Seen, _world: &mut World) {}

    /// A server is asked: what it answers, and after how long; `None`: nothing. Nobody is there, unless somebody is made up.
    fn look_up(&mut self, _url: &str) -> Option<(Duration, Answer)> {
        Some((Duration::ZERO, Answer::Failed(NoAnswer::Unreachable)))
    }

    /// What the engine is told by now that no Asterisk tells it: what somebody asks for by the API.
    fn poll_event(&mut self, _now: Time) -> Option<Event> {
        None
    }

    /// Whether they have seen all that they wait for, when nobody is at any telephone any more.
    fn is_done(&self) -> bool {
        true
    }

    /// The engine told something.
    fn hear(&mut self, _notice: &Notice) {}
}

impl Callers for People {
    fn poll_timeout(&self) -> Option<Time> {
        Self::poll_timeout(self)
    }

    fn handle_timeout(&mut self, now: Time, world: &mut World) {
        Self::handle_timeout(self, now, world);
    }

    fn called(&self) -> u64 {
        Self::called(self)
    }

    fn look_up(&mut self, _url: &str) -> Option<(Duration, Answer)> {
        Self::look_up(self)
    }
}
