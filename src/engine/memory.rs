//! What is remembered of callers by their numbers: of so many, and for so long.
//!
//! It outlives the engine: each change is an errand, and the next life is born with what was kept
//! ([`Engine::with_callers`](super::Engine::with_callers)). Of one who withholds his number nothing is remembered.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::domain::{Name, Time};

/// So many callers are remembered in one queue; with one more the one who was last here the longest ago is forgotten.
pub(crate) const MOST: usize = 50_000;

/// What the next life of the engine must know of callers, or need not know any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Memo {
    /// An operator talked to a caller, in the place of whoever did before.
    Talked(Talked),
    /// Of those who talked in a queue, what is older than this is forgotten.
    TalksBefore {
        /// Of which queue.
        queue: Name,
        /// Older than this.
        before: Time,
    },
    /// A caller went while he waited, and left his place.
    Left(LeftPlace),
    /// He has come again, and has it no more.
    CameBack {
        /// In which queue he had it.
        queue: Name,
        /// The caller's number.
        caller: Name,
    },
    /// Of places that were left in a queue, those of before then are forgotten.
    PlacesBefore {
        /// Of which queue.
        queue: Name,
        /// Older than this.
        before: Time,
    },
}

/// A place that a caller left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftPlace {
    /// In which queue.
    pub queue: Name,
    /// The caller's number.
    pub caller: Name,
    /// When he went.
    pub at: Time,
    /// For how long he had waited, as far as it counts for his place.
    pub waited: Duration,
    /// His priority.
    pub priority: i64,
}

/// Who talked to a caller last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talked {
    /// In which queue.
    pub queue: Name,
    /// The caller's number.
    pub caller: Name,
    /// Who.
    pub operator: Name,
    /// Until when, or since when where they still talk.
    pub at: Time,
}

/// What an earlier life remembered of callers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptCallers {
    /// Who talked to each last.
    pub talked: Vec<Talked>,
    /// Places that they left.
    pub left: Vec<LeftPlace>,
}

/// Callers of one queue, each with one thing that is remembered of him.
#[derive(Debug)]
pub(crate) struct Memory<T> {
    of: BTreeMap<Name, (Time, T)>,
    /// The same callers, in the order of time.
    since: BTreeSet<(Time, Name)>,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self { of: BTreeMap::new(), since: BTreeSet::new() }
    }
}

impl<T> Memory<T> {
    /// Remembers one thing of a caller, in the place of what was remembered of him.
    pub(crate) fn put(&mut self, caller: Name, at: Time, what: T) {
        self.take(&caller);
        self.since.insert((at, caller.clone()));
        self.of.insert(caller, (at, what));
    }

    /// What is remembered of a caller, and since when.
    pub(crate) fn of(&self, caller: &str) -> Option<&(Time, T)> {
        self.of.get(caller)
    }

    /// The same, and it is forgotten.
    pub(crate) fn take(&mut self, caller: &Name) -> Option<(Time, T)> {
        let (at, what) = self.of.remove(caller)?;
        self.since.remove(&(at, caller.clone()));
        Some((at, what))
    }

    /// Forgets what is older, and the oldest of too many: the moment before which nothing is left, where anything was.
    pub(crate) fn forget(&mut self, before: Time) -> Option<Time> {
        let mut left = None;
        while let Some((at, _)) = self.since.first()
            && (*at < before || self.since.len() > MOST)
        {
            let forgotten = self.since.pop_first().map(|(at, caller)| (self.of.remove(&caller), at));
            left = forgotten.map(|(_, at)| at);
        }
        let left = left?;
        // Of the same moment some may be left: whoever reads that again forgets the rest as it is done here.
        Some(self.since.first().map_or(before.max(left), |(at, _)| *at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(callers: &[(&str, u64)]) -> Memory<u64> {
        let mut memory = Memory::default();
        for (caller, at) in callers {
            memory.put(Name::new(caller), Time::from_secs(*at), *at);
        }
        memory
    }

    #[test]
    fn of_one_caller_the_last_thing_is_remembered_and_taken_once() {
        let mut memory = memory(&[("+471", 1), ("+472", 2), ("+471", 3)]);
        assert_eq!(memory.of("+471"), Some(&(Time::from_secs(3), 3)));
        assert_eq!(memory.take(&"+471".into()), Some((Time::from_secs(3), 3)));
        assert_eq!((memory.take(&"+471".into()), memory.since.len()), (None, 1));
    }

    #[test]
    fn what_is_older_is_forgotten_and_whoever_keeps_it_is_told_up_to_when() {
        let mut memory = memory(&[("+471", 1), ("+472", 2), ("+473", 7)]);
        assert_eq!(memory.forget(Time::from_secs(1)), None, "nothing is older");
        assert_eq!(memory.forget(Time::from_secs(3)), Some(Time::from_secs(7)));
        assert_eq!((memory.of("+472"), memory.of("+473").is_some()), (None, true));
        assert_eq!(memory.forget(Time::from_secs(9)), Some(Time::from_secs(9)), "nobody is left");
    }

    #[test]
    fn of_too_many_callers_those_of_the_longest_ago_are_forgotten() {
        let mut memory = Memory::default();
        for number in 0..MOST as u64 + 2 {
            memory.put(Name::new(&number.to_string()), Time::from_secs(number), ());
        }
        assert_eq!(memory.forget(Time::ZERO), Some(Time::from_secs(2)));
        assert_eq!((memory.of.len(), memory.since.len()), (MOST, MOST));
        assert!(memory.of("1").is_none() && memory.of("2").is_some());
    }
}
