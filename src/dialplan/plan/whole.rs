//! What a plan comes to as a whole. It takes a walk over all of it, and is asked again and again: it is found once.

use std::{collections::BTreeSet, sync::OnceLock, time::Duration};

use super::{Announcement, Plan};
use crate::domain::Name;

/// What was found, once somebody asked. A plan is not changed any more after that; a copy of it may be.
#[derive(Debug, Default)]
pub struct Whole(OnceLock<Found>);

impl Clone for Whole {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[derive(Debug)]
struct Found {
    devices: BTreeSet<Name>,
    longest_prompt: Duration,
}

impl Plan {
    /// What Asterisk calls the operators' telephones and those of desks, of which it is to be known how they are.
    pub fn devices(&self) -> &BTreeSet<Name> {
        &self.found().devices
    }

    /// The longest that a step plays in one go, or lets the caller speak, of those of which it is known.
    pub fn longest_prompt(&self) -> Duration {
        self.found().longest_prompt
    }

    /// Finds out all that takes long to find, so that whoever takes the plan in hand need not wait for it.
    pub fn look_over(&self) {
        self.found();
    }

    /// Whether that was found.
    #[cfg(test)]
    pub(crate) fn is_looked_over(&self) -> bool {
        self.whole.0.get().is_some()
    }

    fn found(&self) -> &Found {
        self.whole.0.get_or_init(|| Found { devices: self.all_devices(), longest_prompt: self.longest() })
    }

    fn all_devices(&self) -> BTreeSet<Name> {
        self.operators.values().filter_map(|operator| operator.device.clone()).chain(self.desk_devices()).collect()
    }

    fn longest(&self) -> Duration {
        let lengths = self.steps.iter().map(|step| {
            let shape = step.act.shape();
            let played = shape.plays.into_iter().map(Announcement::longest).sum::<Option<Duration>>();
            played.unwrap_or_default().max(shape.speaks)
        });
        let said = self.queues.values().filter_map(|queue| Some(queue.announce.as_ref()?.longest()));
        lengths.chain(said).max().unwrap_or_default()
    }
}
