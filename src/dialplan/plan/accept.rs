//! Operators who are told what a call is about before they have it, and those who accept it by a key.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::Announcement;
use crate::domain::Name;

/// How an operator comes to a call who has it not at once when he answers: he hears what it is about, and presses a key. So
/// nothing that answers by itself, as a voicemail does, is ever given a caller. Or he only hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    /// Whether he presses a key for it; else he has it when he has heard what it is about, or presses any.
    pub by_key: bool,
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

/// What those are told who are told anything, in the first language of the plan. It is put together of whole sentences.
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
    /// What to press; nothing where nobody has to.
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
