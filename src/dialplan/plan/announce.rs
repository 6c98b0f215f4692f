//! What is said to those who wait in a queue.

use std::{sync::Arc, time::Duration};

use super::Announcement;

/// What those who wait are told, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announce {
    /// How long a caller waits before he is told his place, or how long it will be, for the first time.
    pub first: Duration,
    /// How long it is from one such telling to the next.
    pub every: Duration,
    /// What those are told who stand in the first, the second place and so on; none: nobody is told his place.
    pub places: Arc<[Announcement]>,
    /// What those are told who will wait up to so long, the shortest first; none: nobody is told.
    pub waits: Arc<[(Duration, Announcement)]>,
    /// What everybody hears again and again, in turn.
    pub periodic: Option<Periodic>,
}

/// What everybody who waits hears again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Periodic {
    /// In turn; at least one.
    pub play: Arc<[Announcement]>,
    /// How long it is from one to the next, and from the beginning to the first.
    pub every: Duration,
}

impl Announce {
    /// When it is told for the first time, and from one time to the next, where a plan does not say.
    pub const FIRST: Duration = Duration::from_secs(10);
    /// See [`Self::FIRST`].
    pub const EVERY: Duration = Duration::from_secs(45);
    /// From one of the periodic announcements to the next, where a plan does not say.
    pub const PERIODIC: Duration = Duration::from_secs(60);

    /// Whether a caller is told his place, or how long it will be.
    pub fn tells(&self) -> bool {
        !(self.places.is_empty() && self.waits.is_empty())
    }

    /// All that may be said.
    pub fn says(&self) -> impl Iterator<Item = &Announcement> {
        let waits = self.waits.iter().map(|(_, wait)| wait);
        let periodic = self.periodic.iter().flat_map(|periodic| periodic.play.iter());
        self.places.iter().chain(waits).chain(periodic)
    }

    /// The longest that is said in one go, of what it is known of: a place and a wait are said together.
    pub fn longest(&self) -> Duration {
        let longest = |of: &mut dyn Iterator<Item = &Announcement>| of.filter_map(Announcement::longest).max();
        let places = longest(&mut self.places.iter()).unwrap_or_default();
        let waits = longest(&mut self.waits.iter().map(|(_, wait)| wait)).unwrap_or_default();
        let periodic = longest(&mut self.periodic.iter().flat_map(|periodic| periodic.play.iter()));
        (places + waits).max(periodic.unwrap_or_default())
    }
}
