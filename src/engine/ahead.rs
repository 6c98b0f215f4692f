//! Keys that nobody asked for yet, and menus that a caller passed.

use std::collections::VecDeque;

use crate::{
    dialplan::StepId,
    domain::{Digit, Time},
};

/// So many keys are kept for questions to come; those behind them are lost.
const MOST_KEYS: usize = 20;

/// So many menus a caller may go back, one after the other.
const MOST_MENUS: usize = 20;

/// Keys that a caller pressed before he was asked, in their order.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    keys: VecDeque<Digit>,
    /// Until then this key still belongs to an answer that was whole without it.
    spare: Option<(Digit, Time)>,
}

impl Ahead {
    /// Keeps a key for the next question.
    pub(crate) fn keep(&mut self, digit: Digit) {
        if self.keys.len() < MOST_KEYS {
            self.keys.push_back(digit);
        }
    }

    /// The next of them.
    pub(crate) fn take(&mut self) -> Option<Digit> {
        self.keys.pop_front()
    }

    /// Forgets them: they were not meant for what comes.
    pub(crate) fn forget(&mut self) {
        self.keys.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// An answer is whole, and many press the key that ends one all the same: that is nobody else's until then.
    pub(crate) fn spare(&mut self, end: Digit, until: Time) {
        match self.keys.front() {
            Some(first) if *first == end => drop(self.take()),
            Some(_) => {}
            None => self.spare = Some((end, until)),
        }
    }

    /// Whether a key that is pressed now belongs to an answer that was whole without it.
    pub(crate) fn was_spare(&mut self, digit: Digit, now: Time) -> bool {
        self.spare.take().is_some_and(|(end, until)| digit == end && now <= until)
    }
}

/// The menus through which a caller came to where he is, each at most once: one that he comes to again is where he was.
#[derive(Debug, Default)]
pub(crate) struct Trail(Vec<Passed>);

#[derive(Debug)]
struct Passed {
    menu: StepId,
    /// Where the call comes back to from the flows that it was in.
    back: Vec<StepId>,
}

impl Trail {
    /// The caller comes to a menu.
    pub(crate) fn reach(&mut self, menu: StepId, back: &[StepId]) {
        if let Some(before) = self.0.iter().position(|passed| passed.menu == menu) {
            self.0.truncate(before);
        }
        if self.0.len() >= MOST_MENUS {
            self.0.remove(0);
        }
        self.0.push(Passed { menu, back: back.to_vec() });
    }

    /// The menu before the one that he is at, and where the call came back to from there.
    pub(crate) fn before(&self) -> Option<(StepId, Vec<StepId>)> {
        let [.., before, _] = self.0.as_slice() else { return None };
        Some((before.menu, before.back.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: char) -> Digit {
        Digit::new(key).expect("a key")
    }

    #[test]
    fn a_caller_who_presses_without_an_end_is_kept_twenty_keys() {
        let mut ahead = Ahead::default();
        for nth in 0..50 {
            ahead.keep(key(if nth < 20 { '1' } else { '2' }));
        }
        let kept: Vec<Digit> = std::iter::from_fn(|| ahead.take()).collect();
        assert_eq!(kept, [key('1'); 20]);
    }

    #[test]
    fn the_trail_is_no_longer_than_twenty_menus_and_has_each_once() {
        let mut trail = Trail::default();
        for menu in 0..50 {
            trail.reach(StepId(menu), &[]);
        }
        assert_eq!((trail.0.len(), trail.before()), (20, Some((StepId(48), vec![]))));
        trail.reach(StepId(40), &[StepId(7)]);
        assert_eq!(trail.before(), Some((StepId(39), vec![])));
        trail.reach(StepId(40), &[]);
        assert_eq!(trail.0.len(), 11);
    }
}
