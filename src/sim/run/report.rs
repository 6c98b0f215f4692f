//! What a run came to.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    domain::Time,
    engine::{Fact, Notice, notice::Outcome},
    sim::{check::Complaint, world::Seen},
};

/// So much of the end of a run is kept, for whoever has to find out what went wrong.
const TRAIL: usize = 400;

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// People who called.
    pub called: u64,
    /// How their calls ended, as the engine tells it.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Calls that were turned away: all lines in use.
    pub refused: u64,
    /// Conversations that came about.
    pub connected: u64,
    /// Calls that a new life of the engine, or one that had been cut off, found and went on with.
    pub adopted: u64,
    /// Faults that befell the wire.
    pub faults: u64,
    /// Requests.
    pub requests: u64,
    /// Requests without an outcome.
    pub unknown: u64,
    /// Events that arrived.
    pub events: u64,
    /// What must not be, in the order in which it was found.
    pub wrongs: Vec<String>,
    /// What happened before the first wrong.
    trail: VecDeque<String>,
}

impl Report {
    pub(super) fn see(&mut self, notice: &Notice) {
        self.tell(notice.at, &format!("{:?} {:?}", notice.call, notice.fact));
        match &notice.fact {
            Fact::Ended { outcome, .. } => *self.outcomes.entry(*outcome).or_default() += 1,
            Fact::Connected { .. } => self.connected += 1,
            Fact::Adopted { .. } => self.adopted += 1,
            Fact::Refused { .. } => self.refused += 1,
            Fact::Broken { what } => self.wrong(notice.at, format!("broken: {what}")),
            Fact::Arrived { .. }
            | Fact::FoundFull { .. }
            | Fact::MenuAsked { .. }
            | Fact::Reached { .. }
            | Fact::MenuAnswered { .. }
            | Fact::MenuMistaken { .. }
            | Fact::MenuUnanswered
            | Fact::Records { .. }
            | Fact::Message { .. }
            | Fact::Entering(_)
            | Fact::LooksUp { .. }
            | Fact::LookedUp { .. }
            | Fact::LookupFailed { .. }
            | Fact::Notifies { .. }
            | Fact::NotNotified { .. }
            | Fact::ChoiceTold { .. }
            | Fact::Joined { .. }
            | Fact::LeftQueue { .. }
            | Fact::Offered { .. }
            | Fact::OfferEnded { .. }
            | Fact::TalkEnded { .. }
            | Fact::NoFlow { .. }
            | Fact::HandOver(_)
            | Fact::Callback(_)
            | Fact::Charged { .. }
            | Fact::NobodyAnswered { .. }
            | Fact::CameBack { .. }
            | Fact::Required { .. }
            | Fact::Steered { .. }
            | Fact::NoNumber
            | Fact::OperatorChanged { .. }
            | Fact::Duty(_)
            | Fact::HoursOverridden { .. }
            | Fact::OverrideIdle { .. }
            | Fact::Measured(_)
            | Fact::CommandFailed { .. }
            | Fact::PromptFailed
            | Fact::RanInCircles
            | Fact::NodeUp { .. }
            | Fact::NodeDown { .. }
            | Fact::PlanLoaded { .. } => {}
        }
    }

    pub(super) fn saw(&mut self, seen: &Seen) {
        self.tell(seen.at, &format!("{:?} {:?}", seen.who, seen.what));
    }

    pub(super) fn complain(&mut self, complaint: &Complaint) {
        self.wrong(complaint.at, format!("{:?}: {:?}", complaint.who, complaint.what));
    }

    pub(super) fn wrong(&mut self, at: Time, what: String) {
        self.wrongs.push(format!("{at:?} {what}"));
    }

    pub(super) fn tell(&mut self, at: Time, what: &str) {
        // The trail ends where it went wrong.
        if !self.wrongs.is_empty() {
            return;
        }
        if self.trail.len() >= TRAIL {
            self.trail.pop_front();
        }
        self.trail.push_back(format!("{at:?} {what}"));
    }

    /// The last things that happened before the first wrong, oldest first.
    pub fn trail(&self) -> impl Iterator<Item = &str> {
        self.trail.iter().map(String::as_str)
    }
}
