//! What operators have done.

use std::{collections::BTreeMap, time::Duration};

use super::{Engine, Errand, OperatorIx};
use crate::domain::{Name, Time};

/// What an operator has done, over all the queues he serves. It outlives the engine: strategies go on where they were.
///
/// Conversations count on the day, by the clock of the exchange, on which they end: whoever is new would be rung for every
/// call until he had as many as others in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// When his last conversation ended.
    pub last_talk: Option<Time>,
    /// Conversations that ended on the day of the last one.
    pub talks: u64,
    /// How long these were together.
    pub talked: Duration,
}

impl Done {
    /// As it counts on a day that began then.
    pub(crate) fn on_a_day_since(self, began: Time) -> Self {
        let is_of_it = self.last_talk.is_some_and(|last| last >= began);
        if is_of_it { self } else { Self { last_talk: self.last_talk, ..Self::default() } }
    }

    /// One more conversation, which ended now, on a day that began then.
    pub(crate) fn add(&mut self, talked: Duration, now: Time, began: Time) {
        *self = self.on_a_day_since(began);
        self.last_talk = Some(now);
        self.talks += 1;
        self.talked = self.talked.saturating_add(talked);
    }
}

impl Engine {
    /// The engine, with what operators did in an earlier life of it.
    #[must_use]
    pub fn with_done(mut self, mut done: BTreeMap<Name, Done>) -> Self {
        for (name, operator) in &mut self.operators {
            operator.done = done.remove(name).unwrap_or(operator.done);
        }
        self.done_before = done;
        self
    }

    /// One more conversation of an operator is over, now.
    pub(super) fn has_talked(&mut self, operator: OperatorIx, talked: Duration) {
        let (now, began) = (self.now, self.today.began);
        let operator = &mut self.operators[operator.0];
        operator.done.add(talked, now, began);
        let (name, done) = (operator.plan.name.clone(), operator.done);
        self.errand(Errand::KeepDone(name, done));
    }
}
