//! Callers who behave as people do, drawn by lot: they listen, press keys, mistake them, lose patience, talk.

use std::{sync::Arc, time::Duration};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::world::{CallerId, Calling, Cue, Deed, Keys, Reaction, Span, World, draw_one};
use crate::{
    domain::Time,
    engine::{Answer, NoAnswer},
};

/// What kind of callers there are, and how many.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// The numbers that are called, by weight.
    pub numbers: Vec<(u32, Arc<str>)>,
    /// Between two calls, in the mean; they come as they like.
    pub every: Duration,
    /// How many call in all; `None`: there is no end of them.
    pub calls: Option<u64>,
    /// The sound that asks for a key, by `media` as in a request.
    pub question: Arc<str>,
    /// What they do when they are asked, by weight.
    pub moods: Vec<(u32, Mood)>,
    /// How long they listen before they press.
    pub listens: Span,
    /// How long after dialling they hang up if they do not talk to anybody by then.
    pub patience: Span,
    /// How long they talk before they hang up, unless the operator does first.
    pub talks: Span,
}

/// What a caller does when a menu asks him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Presses this key.
    Presses(char),
    /// Presses the first, and when he is asked again the second.
    Mistakes(char, char),
    /// Presses nothing, ever.
    Silent,
    /// Hangs up while he is asked.
    Leaves,
}

/// The callers to come.
#[derive(Debug)]
pub struct People {
    rng: ChaCha8Rng,
    crowd: Crowd,
    next: Option<Time>,
    called: u64,
}

impl People {
    /// The first of them calls a while after `now`.
    pub fn new(seed: u64, now: Time, crowd: Crowd) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        let mut people = Self { rng, crowd, next: None, called: 0 };
        people.plan_next(now);
        people
    }

    /// When the next of them calls; `None` when all have.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.next
    }

    /// Whoever is due calls.
    pub fn handle_timeout(&mut self, now: Time, world: &mut World) -> Vec<CallerId> {
        let mut callers = Vec::new();
        while let Some(at) = self.next.filter(|at| *at <= now) {
            let calling = self.somebody();
            callers.push(world.caller_calls(at, calling));
            self.called += 1;
            self.plan_next(at);
        }
        callers
    }

    /// How many have called.
    pub fn called(&self) -> u64 {
        self.called
    }

    /// What a server answers that is asked about somebody, and when; `None`: nothing.
    pub fn look_up(&mut self) -> Option<(Duration, Answer)> {
        let after = Span::millis(5, 1_500).draw(&mut self.rng);
        match self.rng.random_range(0..8) {
            0 => None,
            1 => Some((after, Answer::Failed(NoAnswer::Unreachable))),
            _ => Some((after, Answer::Json(Arc::default()))),
        }
    }

    fn plan_next(&mut self, now: Time) {
        let more = self.crowd.calls.is_none_or(|calls| self.called < calls);
        let gap = self.gap();
        self.next = more.then(|| now + gap);
    }

    /// Independent callers: the time between two of them is distributed exponentially.
    fn gap(&mut self) -> Duration {
        let share: f64 = self.rng.random_range(f64::EPSILON..1.0);
        self.crowd.every.mul_f64(-share.ln())
    }

    fn somebody(&mut self) -> Calling {
        let dialled = draw_one(&mut self.rng, &self.crowd.numbers).unwrap_or_default();
        let mood = draw_one(&mut self.rng, &self.crowd.moods).unwrap_or(Mood::Silent);
        let mut reactions = self.answers(mood);
        let patience = self.crowd.patience.draw(&mut self.rng);
        reactions.push(Reaction::once(Cue::Dialled, patience, Deed::GiveUp));
        let talks = self.crowd.talks.draw(&mut self.rng);
        reactions.push(Reaction::once(Cue::Connected, talks, Deed::HangUp));
        Calling {
            number: self.number(),
            name: "".into(),
            withheld: false,
            phone: None,
            dialled,
            keys: Keys::Media,
            reactions,
        }
    }

    fn answers(&mut self, mood: Mood) -> Vec<Reaction> {
        let asked = Cue::Played(self.crowd.question.clone());
        let listens = self.crowd.listens.draw(&mut self.rng);
        let press = |key| Reaction::once(asked.clone(), listens, Deed::Press(key));
        match mood {
            Mood::Presses(key) => vec![press(key)],
            // Both come at the same question; the second is pressed when he has heard that he was wrong.
            Mood::Mistakes(wrong, right) => {
                vec![
                    press(wrong),
                    Reaction::once(asked.clone(), listens * 2 + Duration::from_secs(2), Deed::Press(right)),
                ]
            }
            Mood::Silent => Vec::new(),
            Mood::Leaves => vec![Reaction::once(asked.clone(), listens, Deed::HangUp)],
        }
    }

    /// A Norwegian mobile number.
    fn number(&mut self) -> Arc<str> {
        format!("+479{:07}", self.rng.random_range(0..10_000_000)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::{Config, Seen};

    fn crowd() -> Crowd {
        Crowd {
            numbers: vec![(1, "+4780012345".into())],
            every: Duration::from_secs(2),
            calls: Some(50),
            question: "sound:menu".into(),
            moods: vec![(3, Mood::Presses('1')), (1, Mood::Mistakes('9', '1')), (1, Mood::Silent), (1, Mood::Leaves)],
            listens: Span::millis(500, 3_000),
            patience: Span::secs(20, 60),
            talks: Span::secs(5, 30),
        }
    }

    /// Everybody calls and is left alone with the native queue.
    fn all_call(seed: u64) -> (World, u64) {
        let mut world = World::new(seed, Time::from_secs(1_000), Config::default());
        let mut people = People::new(seed, Time::from_secs(1_000), crowd());
        while let Some(next) = people.poll_timeout().into_iter().chain(world.poll_timeout()).min() {
            people.handle_timeout(next, &mut world);
            world.handle_timeout(next);
        }
        (world, people.called())
    }

    #[test]
    fn as_many_call_as_were_asked_and_all_of_them_leave_some_time() {
        let (world, called) = all_call(1);
        assert_eq!(called, 50);
        assert_eq!(world.callers_in_calls(), 0);
        assert_eq!(world.channels().count(), 0);
    }

    #[test]
    fn the_same_seed_brings_the_same_people() {
        let sights = |seed| all_call(seed).0.seen().cloned().collect::<Vec<Seen>>();
        assert_eq!(sights(3), sights(3));
        assert_ne!(sights(3), sights(4));
    }
}
