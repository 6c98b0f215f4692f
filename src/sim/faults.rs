//! What may go wrong between the engine and Asterisk, drawn by lot from a seed.
//!
//! Requests and replies get lost or late, events are late in their order (there is none between replies and events), the
//! websocket is cut for a while, Asterisk dies. That an answer crosses a hang-up needs no fault: words take time to travel in
//! the [world](super::world).

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::world::Span;
use crate::domain::Time;

/// How bad the wire is.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// Of a thousand requests, so many never reach Asterisk and are never answered.
    pub lost_requests: u32,
    /// Of a thousand requests, so many are carried out and the reply is lost.
    pub lost_replies: u32,
    /// How late a reply is.
    pub reply_delay: Span,
    /// How late an event is.
    pub event_delay: Span,
    /// Between two cuts of the websocket; `None`: it holds.
    pub cut_every: Option<Span>,
    /// How long one lasts.
    pub cut_for: Span,
    /// Between two deaths of Asterisk; `None`: it lives.
    pub restart_every: Option<Span>,
    /// Between two deaths of the engine; `None`: it lives.
    pub engine_dies_every: Option<Span>,
    /// How long Asterisk, or the engine, is down.
    pub down_for: Span,
}

impl Trouble {
    /// A wire that works, with the delays of a local network.
    pub fn none() -> Self {
        Self {
            lost_requests: 0,
            lost_replies: 0,
            reply_delay: Span::micros(50, 800),
            event_delay: Span::micros(50, 800),
            cut_every: None,
            cut_for: Span::secs(1, 10),
            restart_every: None,
            engine_dies_every: None,
            down_for: Span::secs(1, 3),
        }
    }

    /// A wire with everything wrong that can be.
    pub fn all() -> Self {
        Self {
            lost_requests: 5,
            lost_replies: 5,
            reply_delay: Span::micros(50, 30_000),
            event_delay: Span::micros(50, 30_000),
            cut_every: Some(Span::secs(20, 200)),
            restart_every: Some(Span::secs(200, 900)),
            engine_dies_every: Some(Span::secs(60, 600)),
            ..Self::none()
        }
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is carried out, and its reply arrives this late.
    Answered(Duration),
    /// It is carried out, and its reply is lost.
    ReplyLost,
    /// It is lost itself.
    Lost,
}

/// Something that befalls the whole wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The websocket is cut, and cannot be opened for this long.
    Cut(Duration),
    /// Asterisk dies, and is back after this long.
    Restart(Duration),
    /// The engine dies, and is started again after this long.
    EngineDies(Duration),
}

/// The faults to come.
#[derive(Debug)]
pub struct Faults {
    rng: ChaCha8Rng,
    trouble: Trouble,
    cut: Option<Time>,
    restart: Option<Time>,
    engine_dies: Option<Time>,
    last_event: Time,
}

impl Faults {
    /// The same seed brings the same faults to the same requests and events.
    pub fn new(seed: u64, now: Time, trouble: Trouble) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut first = |every: Option<Span>| every.map(|every| now + every.draw(&mut rng));
        let (cut, restart) = (first(trouble.cut_every), first(trouble.restart_every));
        let engine_dies = first(trouble.engine_dies_every);
        Self { rng, trouble, cut, restart, engine_dies, last_event: now }
    }

    /// From now on nothing goes wrong any more.
    pub fn heal(&mut self) {
        self.trouble = Trouble::none();
        self.cut = None;
        self.restart = None;
        self.engine_dies = None;
    }

    /// What becomes of the next request.
    pub fn request(&mut self) -> Fate {
        let lot = self.rng.random_range(0..1_000);
        let delay = self.trouble.reply_delay.draw(&mut self.rng);
        match lot {
            lot if lot < self.trouble.lost_requests => Fate::Lost,
            lot if lot < self.trouble.lost_requests + self.trouble.lost_replies => Fate::ReplyLost,
            _ => Fate::Answered(delay),
        }
    }

    /// When an event published now arrives: never before one published earlier.
    pub fn event(&mut self, now: Time) -> Time {
        let at = now + self.trouble.event_delay.draw(&mut self.rng);
        self.last_event = self.last_event.max(at);
        self.last_event
    }

    /// When the next fault befalls the wire.
    pub fn poll_timeout(&self) -> Option<Time> {
        [self.cut, self.restart, self.engine_dies].into_iter().flatten().min()
    }

    /// The fault that is due, if one is.
    pub fn handle_timeout(&mut self, now: Time) -> Option<Fault> {
        let due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        if due(self.restart) {
            self.restart = self.again(self.trouble.restart_every, now);
            return Some(Fault::Restart(self.trouble.down_for.draw(&mut self.rng)));
        }
        if due(self.engine_dies) {
            self.engine_dies = self.again(self.trouble.engine_dies_every, now);
            return Some(Fault::EngineDies(self.trouble.down_for.draw(&mut self.rng)));
        }
        if due(self.cut) {
            self.cut = self.again(self.trouble.cut_every, now);
            return Some(Fault::Cut(self.trouble.cut_for.draw(&mut self.rng)));
        }
        None
    }

    fn again(&mut self, every: Option<Span>, now: Time) -> Option<Time> {
        every.map(|every| now + every.draw(&mut self.rng))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_events_keep_their_order() {
        let mut faults = Faults::new(1, Time::ZERO, Trouble::all());
        let arrivals: Vec<_> = (0..100).map(|n| faults.event(Time::from_micros(n * 1_000))).collect();
        assert!(arrivals.is_sorted());
        assert!(arrivals.windows(2).any(|pair| pair[0] == pair[1]), "some wait for one before them");
    }

    #[test]
    fn a_healed_wire_loses_nothing() {
        let mut faults = Faults::new(1, Time::ZERO, Trouble { lost_replies: 500, ..Trouble::all() });
        assert!((0..100).any(|_| faults.request() == Fate::ReplyLost));
        faults.heal();
        assert!((0..1_000).all(|_| matches!(faults.request(), Fate::Answered(_))));
        assert_eq!(faults.poll_timeout(), None);
    }

    #[test]
    fn faults_come_when_they_are_due_and_come_again() {
        let mut faults =
            Faults::new(1, Time::ZERO, Trouble { restart_every: None, engine_dies_every: None, ..Trouble::all() });
        let first = faults.poll_timeout().expect("a cut");
        assert_eq!(faults.handle_timeout(first - Duration::from_micros(1)), None);
        assert!(matches!(faults.handle_timeout(first), Some(Fault::Cut(_))));
        assert!(faults.poll_timeout().is_some_and(|second| second > first));
    }
}
