//! What is going to happen, in the order in which it will.

use std::collections::BTreeMap;

use super::{
    caller::{CallerId, Deed, FromCaller, ToCaller},
    hangup::Ending,
    phone::{FromPhone, PhoneDeed, ToPhone},
};
use crate::domain::Time;

/// One thing that is going to happen. A thing that no longer applies when its time comes is let pass.
#[derive(Debug)]
pub(super) enum Due {
    /// Asterisk is up again.
    Started,
    /// A caller's INVITE reaches Asterisk.
    Invite(CallerId),
    /// A caller's word reaches Asterisk.
    FromCaller(CallerId, FromCaller),
    /// Asterisk's word reaches a caller.
    ToCaller(CallerId, ToCaller),
    /// A caller does what he made up his mind to do.
    CallerDoes(CallerId, Deed),
    /// Asterisk's word reaches a phone.
    ToPhone(u64, ToPhone),
    /// A phone's word reaches Asterisk.
    FromPhone(u64, FromPhone),
    /// A phone's last word about a leg reaches Asterisk.
    LegEnds(String, u64, Ending),
    /// The person at a phone does something.
    PhoneDoes(u64, PhoneDeed),
    /// A created leg comes into its application.
    Enters(String),
    /// A recording is over by itself.
    Recorded(String),
    /// An item of a playback is at its end.
    PlayedOut(String, usize),
    /// `TIMEOUT(absolute)` of a channel.
    Absolute(String),
    /// A dialled leg was not answered in time.
    DialGivesUp(String),
    /// A channel that was hung up leaves its application.
    LeavesStasis(String),
    /// A channel that was hung up is no more.
    Destroyed(String),
    /// The native queue has had enough of a caller.
    FallbackEnds(String),
}

/// Deadlines; those of one moment in the order in which they were set.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: BTreeMap<(Time, u64), Due>,
    count: u64,
}

impl Timers {
    pub(super) fn set(&mut self, at: Time, due: Due) {
        self.count += 1;
        self.due.insert((at, self.count), due);
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// The first that is due by `now`, and when it was.
    pub(super) fn pop(&mut self, now: Time) -> Option<(Time, Due)> {
        let entry = self.due.first_entry()?;
        (entry.key().0 <= now).then(|| {
            let ((at, _), due) = entry.remove_entry();
            (at, due)
        })
    }
}
