//! Those who enter wrong PINs: each one slows down, and after a few nothing is looked at for a while, which is longer each time.
//!
//! Counted are wrong PINs of an operator, whoever enters them, and of a caller, whoever's they are. What is entered while
//! nothing is looked at counts for nothing.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::domain::{Name, Time};

/// So many may be wrong before nothing is looked at for a while.
const FREE: u32 = 3;

/// After a wrong one nothing is looked at for so long: who listens to what he is told does not notice.
const SLOW: Duration = Duration::from_secs(1);

/// For so long nothing is looked at after the first that was too many; for twice as long after the next, and so on.
const FIRST_LOCK: Duration = Duration::from_secs(60);

/// It is no longer than this.
const LONGEST_LOCK: Duration = Duration::from_secs(60 * 60);

/// After so long a wrong one is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(24 * 60 * 60);

/// So many are remembered.
const MOST: usize = 10_000;

/// Whose wrong PINs are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// This operator's.
    Operator(Name),
    /// Those that this caller entered: his telephone, or his number; nothing for all who withhold it.
    Caller(Arc<str>),
}

#[derive(Clone, Copy, Debug)]
struct Guessed {
    wrong: u32,
    last: Time,
    locked_until: Time,
}

/// Wrong PINs.
#[derive(Debug, Default)]
pub(crate) struct Guesses(BTreeMap<Whose, Guessed>);

impl Guesses {
    /// Whether nothing is looked at now.
    pub(crate) fn is_locked(&self, whose: &Whose, now: Time) -> bool {
        self.0.get(whose).is_some_and(|guessed| now < guessed.locked_until)
    }

    /// One was wrong.
    pub(crate) fn wrong(&mut self, whose: Whose, now: Time) {
        self.make_room(now);
        let none = Guessed { wrong: 0, last: now, locked_until: now };
        let guessed = self.0.entry(whose).or_insert(none);
        if now.since(guessed.last) >= FORGOTTEN {
            *guessed = none;
        }
        let wrong = guessed.wrong.saturating_add(1);
        let lock = match wrong.checked_sub(FREE) {
            None => SLOW,
            Some(more) => FIRST_LOCK.saturating_mul(1 << more.min(16)).min(LONGEST_LOCK),
        };
        *guessed = Guessed { wrong, last: now, locked_until: now + lock };
    }

    /// One was right: those before it were mistakes.
    pub(crate) fn right(&mut self, whose: &Whose) {
        self.0.remove(whose);
    }

    /// Of too many the oldest are forgotten.
    fn make_room(&mut self, now: Time) {
        if self.0.len() < MOST {
            return;
        }
        self.0.retain(|_, guessed| now.since(guessed.last) < FORGOTTEN);
        if self.0.len() >= MOST
            && let Some(oldest) = self.0.iter().min_by_key(|(_, guessed)| guessed.last).map(|(whose, _)| whose.clone())
        {
            self.0.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> Whose {
        Whose::Operator(Name::new("anna"))
    }

    /// For how long nothing is looked at after one more that is wrong.
    fn locked_after(guesses: &mut Guesses, now: &mut Time) -> u64 {
        guesses.wrong(anna(), *now);
        let from = *now;
        while guesses.is_locked(&anna(), *now) {
            *now = *now + Duration::from_secs(1);
        }
        now.since(from).as_secs()
    }

    #[test]
    fn nothing_is_looked_at_for_longer_and_longer_up_to_an_hour() {
        let (mut guesses, mut now) = (Guesses::default(), Time::from_secs(1_000_000));
        let locked: Vec<u64> = (0..10).map(|_| locked_after(&mut guesses, &mut now)).collect();
        assert_eq!(locked, [1, 1, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        guesses.right(&anna());
        assert_eq!(locked_after(&mut guesses, &mut now), 1, "one was right");
        locked_after(&mut guesses, &mut now);
        now = now + FORGOTTEN;
        assert_eq!(locked_after(&mut guesses, &mut now), 1, "a day later");
    }

    #[test]
    fn of_too_many_the_oldest_are_forgotten() {
        let mut guesses = Guesses::default();
        let caller = |nth: usize| Whose::Caller(nth.to_string().into());
        for nth in 0..=MOST {
            guesses.wrong(caller(nth), Time::from_secs(u64::try_from(nth).expect("few")));
        }
        assert_eq!(guesses.0.len(), MOST);
        assert!(!guesses.0.contains_key(&caller(0)) && guesses.0.contains_key(&caller(1)));
    }
}
