//! Deadlines, as slots: one owner has one deadline of a kind. Setting replaces, stopping clears, waking says why.

use std::collections::{BTreeSet, HashMap};

use super::{LegId, OperatorIx, QueueIx};
use crate::domain::{CallId, CallbackId, NodeId, Time};

/// Why the engine wakes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Wake {
    /// The caller did not press a key in time.
    Menu(CallId),
    /// The caller has been unanswered for as long as his number lets him.
    Answer(CallId),
    /// The caller let so much time pass as his step says.
    Rest(CallId),
    /// What the caller was to hear could not be played, and he is still there.
    Unheard(CallId),
    /// A recording should be over by now, or it should be known what became of it.
    Recording(CallId),
    /// No answer came to what was asked for this caller.
    Lookup(CallId),
    /// The caller waited as long as his queue lets him.
    MaxWait(CallId),
    /// Others may be rung for the caller than before: he has waited for so long.
    Terms(CallId),
    /// The caller has waited long enough for the operator who talked to him last.
    Sticky(CallId),
    /// Something is due to be said to the caller who waits.
    Announce(CallId),
    /// One more operator may be rung for the caller, beside those whose phones ring.
    OneMore(CallId),
    /// The operator who was chosen for this caller has been kept for long enough.
    Choice(CallId),
    /// Time to tell Asterisk that somebody still cares for this caller.
    DeadMan(CallId),
    /// The caller's channel should have ended by now.
    Leaving(CallId),
    /// The caller should have come in through another node by now.
    HandOver(CallId),
    /// Whoever is called back in this call should have answered by now.
    CallingBack(CallId),
    /// The callback is to be looked at: somebody may be called now, or it holds no longer.
    Callback(CallbackId),
    /// The leg should have ended by itself by now: it rang long enough.
    Ring(LegId),
    /// The leg was hung up and should have ended by now.
    Going(LegId),
    /// The operator's wrap-up or back-off is over.
    Operator(OperatorIx),
    /// The operator's pause is over.
    Duty(OperatorIx),
    /// The queue closes, perhaps.
    Closing(QueueIx),
    /// What Asterisk said of the operator's telephone right after a leg of ours has settled.
    Settled(OperatorIx),
    /// The next of the operator's telephones has its turn.
    Phone(OperatorIx),
    /// The node has been away for longer than a call lives there without us.
    Forget(NodeId),
    /// It is looked whether somebody waits for nothing though somebody is free: behind all else of the same moment.
    Look,
}

#[derive(Debug, Default)]
pub(crate) struct Timers {
    due: BTreeSet<(Time, Wake)>,
    slots: HashMap<Wake, Time>,
}

impl Timers {
    /// Sets or moves a deadline.
    pub(crate) fn set(&mut self, wake: Wake, at: Time) {
        self.stop(wake);
        self.slots.insert(wake, at);
        self.due.insert((at, wake));
    }

    /// Clears a deadline; nothing when there is none.
    pub(crate) fn stop(&mut self, wake: Wake) {
        if let Some(at) = self.slots.remove(&wake) {
            self.due.remove(&(at, wake));
        }
    }

    /// Clears whatever there is of a call.
    pub(crate) fn stop_all_of(&mut self, call: CallId) {
        let all = [
            Wake::Menu,
            Wake::Answer,
            Wake::Rest,
            Wake::Unheard,
            Wake::Recording,
            Wake::Lookup,
            Wake::MaxWait,
            Wake::OneMore,
            Wake::Terms,
            Wake::Sticky,
            Wake::Announce,
            Wake::Choice,
            Wake::DeadMan,
            Wake::Leaving,
            Wake::HandOver,
            Wake::CallingBack,
        ];
        for wake in all {
            self.stop(wake(call));
        }
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Time> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Takes out the earliest deadline that has come.
    pub(crate) fn pop(&mut self, now: Time) -> Option<Wake> {
        let (at, wake) = *self.due.first()?;
        if at > now {
            return None;
        }
        self.stop(wake);
        Some(wake)
    }

    /// All of them, the earliest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = Wake> {
        self.due.iter().map(|(_, wake)| *wake)
    }

    /// When a deadline is, if it is set.
    pub(crate) fn due(&self, wake: Wake) -> Option<Time> {
        self.slots.get(&wake).copied()
    }

    /// Whether a deadline is set.
    pub(crate) fn is_set(&self, wake: Wake) -> bool {
        self.slots.contains_key(&wake)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: CallId = CallId { boot: 1, number: 1 };

    #[test]
    fn a_deadline_that_is_set_again_wakes_once_and_at_the_later_time() {
        let mut timers = Timers::default();
        timers.set(Wake::Menu(CALL), Time::from_secs(1));
        timers.set(Wake::Menu(CALL), Time::from_secs(2));
        assert_eq!(timers.pop(Time::from_secs(1)), None);
        assert_eq!(timers.pop(Time::from_secs(2)), Some(Wake::Menu(CALL)));
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn deadlines_come_in_the_order_of_their_time() {
        let mut timers = Timers::default();
        timers.set(Wake::MaxWait(CALL), Time::from_secs(2));
        timers.set(Wake::Menu(CALL), Time::from_secs(3));
        timers.set(Wake::DeadMan(CALL), Time::from_secs(1));
        timers.stop(Wake::Menu(CALL));
        assert_eq!(timers.pop(Time::from_secs(9)), Some(Wake::DeadMan(CALL)));
        assert_eq!(timers.pop(Time::from_secs(9)), Some(Wake::MaxWait(CALL)));
        assert_eq!(timers.pop(Time::from_secs(9)), None);
    }
}
