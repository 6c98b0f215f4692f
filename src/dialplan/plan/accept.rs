//! Operators who accept a call by a key, and what they are told before.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::Announcement;
use crate::domain::Name;

/// How an operator accepts a call who does not by answering: he presses a key when he has heard what it is about. So nothing
/// that answers by itself, as a voicemail does, is ever given a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    /// How long he has for it, from his answer on.
    pub within: Duration,
    /// Whether he is told the caller's number.
    pub number: bool,
    /// What he is told.
    pub asks: Arc<Asks>,
}

impl Accept {
    /// The key. Any other one declines the call.
    pub const KEY: char = '1';
    /// How long he has, where a plan does not say: to find the key after having heard all of it.
    pub const WITHIN: Duration = Duration::from_secs(20);
}

/// What those are told who accept by a key, in the first language of the plan. It is put together of whole sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    /// From which queue a call comes.
    pub from: BTreeMap<Name, Announcement>,
    /// That there is a call, where it comes from no queue.
    pub call: Announcement,
    /// That somebody is called back, who is called when he takes it; nothing where no operator is rung for that.
    pub callback: Announcement,
    /// How long the caller has waited: this long or longer, the shortest first.
    pub waited: Arc<[(Duration, Announcement)]>,
    /// The caller's number; nothing where no operator is told.
    pub number: Announcement,
    /// What to press.
    pub press: Announcement,
}

impl Asks {
    /// All that may be said.
    pub fn says(&self) -> impl Iterator<Item = &Announcement> {
        let waited = self.waited.iter().map(|(_, waited)| waited);
        self.from.values().chain(waited).chain([&self.call, &self.callback, &self.number, &self.press])
    }

    /// How long somebody has waited, in words; nothing where that is less than a minute.
    pub fn waited(&self, waited: Duration) -> Option<&Announcement> {
        self.waited.iter().rev().find(|(least, _)| *least <= waited).map(|(_, words)| words)
    }
}
