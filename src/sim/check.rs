//! What nobody at a telephone may ever see, whatever goes wrong in between.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use super::world::{Seen, Sight, Who};
use crate::domain::Time;

/// Something that was seen and must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// When.
    pub at: Time,
    /// Whose.
    pub who: Who,
    /// What.
    pub what: Wrong,
}

/// What went wrong for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A phone was called while it rang or talked for another call.
    CalledTwice {
        /// The second leg.
        leg: Arc<str>,
    },
    /// Somebody heard more than one other.
    Crowded {
        /// Whom he heard.
        with: Vec<Who>,
    },
    /// An answered caller heard nothing at all for too long.
    Silence {
        /// How long.
        span: Duration,
    },
    /// A phone rang on, or a caller held on, when all was over.
    LeftOver,
}

/// Reads what people see, in the order in which they see it.
#[derive(Debug)]
pub struct Check {
    silence: Duration,
    people: BTreeMap<Who, Watched>,
    complaints: VecDeque<Complaint>,
}

#[derive(Debug, Default)]
struct Watched {
    /// A phone rings or talks, a caller is in a call.
    engaged: bool,
    silent_since: Option<Time>,
}

impl Check {
    /// `silence` is as long as an answered caller may hear nothing: a menu that waits for a key is silent.
    pub fn new(silence: Duration) -> Self {
        Self { silence, people: BTreeMap::new(), complaints: VecDeque::new() }
    }

    /// One thing more was seen.
    pub fn see(&mut self, seen: &Seen) {
        let watched = self.people.entry(seen.who.clone()).or_default();
        let wrong = match &seen.what {
            Sight::Invited { leg, .. } => {
                let twice = watched.engaged;
                watched.engaged = true;
                twice.then(|| Wrong::CalledTwice { leg: leg.clone() })
            }
            Sight::Dialled { .. } => {
                watched.engaged = true;
                None
            }
            Sight::Connected { with } => (with.len() > 1).then(|| Wrong::Crowded { with: with.clone() }),
            Sight::Refused { .. } | Sight::Cancelled { .. } | Sight::Bye { .. } | Sight::HungUp | Sight::Dead => {
                watched.engaged = false;
                None
            }
            Sight::Ringing
            | Sight::Progress
            | Sight::Answered
            | Sight::Pressed { .. }
            | Sight::HeardPlayed { .. }
            | Sight::HeardMusic { .. }
            | Sight::HeardRinging
            | Sight::HeardNothing
            | Sight::Parted
            | Sight::Fallback => None,
        };
        self.complain(seen, wrong);
        self.watch_silence(seen);
    }

    fn complain(&mut self, seen: &Seen, wrong: Option<Wrong>) {
        self.complaints.extend(wrong.map(|what| Complaint { at: seen.at, who: seen.who.clone(), what }));
    }

    /// Silence begins when a caller hears nothing, and ends when he hears something, does something, or leaves.
    fn watch_silence(&mut self, seen: &Seen) {
        let changes = !matches!(seen.what, Sight::Ringing | Sight::Progress | Sight::Answered | Sight::Dialled { .. });
        let Some(watched) = self.people.get_mut(&seen.who).filter(|_| changes) else { return };
        let since = watched.silent_since.take();
        if matches!(seen.what, Sight::HeardNothing | Sight::Pressed { .. }) && matches!(seen.who, Who::Caller(_)) {
            // A key alone breaks no silence that lasts; it begins to count again.
            watched.silent_since =
                since.map(|_| seen.at).or(matches!(seen.what, Sight::HeardNothing).then_some(seen.at));
        }
        let span = since.map(|since| seen.at.since(since));
        let wrong = span.filter(|span| *span > self.silence).map(|span| Wrong::Silence { span });
        self.complain(seen, wrong);
    }

    /// The next thing that was wrong.
    pub fn poll_complaint(&mut self) -> Option<Complaint> {
        self.complaints.pop_front()
    }

    /// All is over: nobody may be in a call any more. What was wrong and has not been polled.
    pub fn finish(mut self, now: Time) -> Vec<Complaint> {
        for (who, watched) in self.people {
            if watched.engaged {
                self.complaints.push_back(Complaint { at: now, who, what: Wrong::LeftOver });
            }
        }
        self.complaints.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::CallerId;

    fn wrongs(sights: Vec<(u64, Who, Sight)>) -> Vec<Wrong> {
        let mut check = Check::new(Duration::from_secs(5));
        for (at, who, what) in sights {
            check.see(&Seen { at: Time::from_secs(at), who, what });
        }
        check.finish(Time::from_secs(1_000)).into_iter().map(|complaint| complaint.what).collect()
    }

    fn anna() -> Who {
        Who::Phone("anna".into())
    }

    fn caller() -> Who {
        Who::Caller(CallerId(1))
    }

    fn invited(leg: &str) -> Sight {
        Sight::Invited { leg: leg.into(), from: "".into() }
    }

    #[test]
    fn a_phone_called_for_two_at_once_is_wrong_and_one_after_the_other_is_not() {
        let twice = vec![(1, anna(), invited("a")), (2, anna(), invited("b")), (3, anna(), Sight::HungUp)];
        assert_eq!(wrongs(twice), [Wrong::CalledTwice { leg: "b".into() }]);
        let cancelled = Sight::Cancelled { elsewhere: true };
        let turns = vec![
            (1, anna(), invited("a")),
            (2, anna(), cancelled),
            (2, anna(), invited("b")),
            (3, anna(), Sight::HungUp),
        ];
        assert_eq!(wrongs(turns), []);
    }

    #[test]
    fn a_caller_with_two_operators_is_wrong() {
        let with = vec![anna(), Who::Phone("boris".into())];
        let dialled = Sight::Dialled { number: "1".into() };
        let sights = vec![
            (1, caller(), dialled),
            (2, caller(), Sight::Connected { with: with.clone() }),
            (3, caller(), Sight::HungUp),
        ];
        assert_eq!(wrongs(sights), [Wrong::Crowded { with }]);
    }

    #[test]
    fn silence_is_wrong_when_it_lasts() {
        let silent = |until| {
            vec![(1, caller(), Sight::HeardNothing), (until, caller(), Sight::HeardPlayed { media: "sound:x".into() })]
        };
        assert_eq!(wrongs(silent(6)), []);
        assert_eq!(wrongs(silent(7)), [Wrong::Silence { span: Duration::from_secs(6) }]);
    }

    #[test]
    fn whoever_is_still_there_in_the_end_was_left() {
        let sights = vec![(1, caller(), Sight::Dialled { number: "1".into() }), (1, anna(), invited("a"))];
        assert_eq!(wrongs(sights), [Wrong::LeftOver, Wrong::LeftOver]);
    }
}
