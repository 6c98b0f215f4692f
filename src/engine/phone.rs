//! An operator's telephone, as Asterisk says how it is.
//!
//! What Asterisk says of a device is of all its calls, ours included, and comes by another way than what it says of our legs:
//! a few milliseconds earlier or later. So it counts only while we have nothing to do with him, and from [`SETTLES`] after
//! we had; or as soon as Asterisk has said since that no call is at it. Until then he is taken for free, as one is of whom
//! Asterisk says nothing: a caller who waits is never kept from him by the call before.

use std::{collections::BTreeMap, time::Duration};

use crate::domain::{DeviceState, NodeId, Time};

/// What is said of a device has come this long after the end of a leg.
pub(super) const SETTLES: Duration = Duration::from_secs(1);

/// Why one who is ready is not rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hindrance {
    /// He is in a call that is none of ours.
    Busy,
    /// His telephone is registered nowhere.
    Unreachable,
}

/// What is known of an operator's telephone.
#[derive(Debug, Default)]
pub(crate) struct Phone {
    /// What each node said last; nothing where he has no device, or a node has said nothing.
    at: BTreeMap<NodeId, DeviceState>,
    /// Until then a call at it may be the end of one of ours.
    settles: Option<Time>,
    hindrance: Option<Hindrance>,
    /// Since when it is as it is.
    since: Time,
}

impl Phone {
    /// Why he is not rung, though he is ready.
    pub(crate) fn hindrance(&self) -> Option<Hindrance> {
        self.hindrance
    }

    /// Since when he is hindered, or no longer is.
    pub(crate) fn since(&self) -> Time {
        self.since
    }

    /// Whether to ring him for callers of this node would be in vain.
    pub(crate) fn is_out_of_reach(&self, node: NodeId) -> bool {
        match self.at.get(&node) {
            Some(state) => state.is_unavailable(),
            None => self.is_nowhere(),
        }
    }

    /// Whether a node has said that it is not registered there.
    pub(crate) fn is_absent_anywhere(&self) -> bool {
        self.at.values().any(|state| state.is_unavailable())
    }

    /// A node said how it is. `ours`: we have to do with him.
    pub(super) fn hear(&mut self, node: NodeId, state: DeviceState, ours: bool) {
        self.at.insert(node, state);
        if !ours && !self.is_engaged() {
            self.settles = None;
        }
    }

    /// It is another telephone, or one of which another is said.
    pub(super) fn take(&mut self, at: BTreeMap<NodeId, DeviceState>) {
        self.at = at;
    }

    /// We have no more to do with him.
    pub(super) fn let_go(&mut self, now: Time) {
        self.settles = Some(now + SETTLES);
    }

    /// Finds out what hinders him now; when to look again. `ours`: we have to do with him.
    pub(super) fn look(&mut self, ours: bool, now: Time) -> Option<Time> {
        let settles = self.settles.filter(|at| *at > now);
        let before = self.hindrance;
        let counts = !ours && self.is_engaged();
        self.hindrance = if counts && settles.is_none() {
            Some(Hindrance::Busy)
        } else if self.is_nowhere() {
            Some(Hindrance::Unreachable)
        } else {
            None
        };
        if before != self.hindrance {
            self.since = now;
        }
        settles.filter(|_| counts)
    }

    /// A call is at it, whoever's.
    pub(super) fn is_engaged(&self) -> bool {
        self.at.values().any(|state| state.is_engaged())
    }

    /// It is registered at no node.
    fn is_nowhere(&self) -> bool {
        let absent = |state: &DeviceState| state.is_unavailable() || *state == DeviceState::Invalid;
        self.at.values().any(|state| state.is_unavailable()) && self.at.values().all(absent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: NodeId = NodeId(0);
    const THERE: NodeId = NodeId(1);
    const NOW: Time = Time::from_secs(100);

    fn phone(states: &[(NodeId, DeviceState)]) -> Phone {
        let mut phone = Phone::default();
        phone.take(states.iter().copied().collect());
        phone.look(false, NOW);
        phone
    }

    #[test]
    fn a_phone_that_is_registered_anywhere_can_be_reached_there_and_not_elsewhere() {
        let half = phone(&[(HERE, DeviceState::Unavailable), (THERE, DeviceState::NotInUse)]);
        assert_eq!((half.hindrance(), half.is_out_of_reach(HERE), half.is_out_of_reach(THERE)), (None, true, false));
        let nowhere = phone(&[(HERE, DeviceState::Unavailable), (THERE, DeviceState::Invalid)]);
        assert_eq!(nowhere.hindrance(), Some(Hindrance::Unreachable));
        assert!(nowhere.is_out_of_reach(NodeId(7)), "of that one nothing was said");
        let unknown = phone(&[(HERE, DeviceState::Unknown), (THERE, DeviceState::Invalid)]);
        assert_eq!((unknown.hindrance(), unknown.is_out_of_reach(HERE)), (None, false));
        assert!(!phone(&[]).is_out_of_reach(HERE));
    }

    #[test]
    fn a_call_at_any_node_is_a_call() {
        let phone = phone(&[(HERE, DeviceState::NotInUse), (THERE, DeviceState::OnHold)]);
        assert_eq!(phone.hindrance(), Some(Hindrance::Busy));
    }

    #[test]
    fn what_is_said_right_after_a_leg_of_ours_counts_when_it_has_settled() {
        let mut phone = phone(&[(HERE, DeviceState::NotInUse)]);
        phone.hear(HERE, DeviceState::InUse, true);
        assert_eq!((phone.look(true, NOW), phone.hindrance()), (None, None));
        phone.let_go(NOW);
        let settled = NOW + SETTLES;
        assert_eq!((phone.look(false, NOW), phone.hindrance()), (Some(settled), None));
        assert_eq!((phone.look(false, settled), phone.hindrance()), (None, Some(Hindrance::Busy)));
        assert_eq!(phone.since(), settled);
    }

    #[test]
    fn a_phone_that_was_free_since_is_in_a_call_of_his_own_at_once() {
        let mut phone = phone(&[(HERE, DeviceState::InUse)]);
        phone.let_go(NOW);
        phone.hear(HERE, DeviceState::NotInUse, false);
        phone.hear(HERE, DeviceState::InUse, false);
        assert_eq!((phone.look(false, NOW), phone.hindrance()), (None, Some(Hindrance::Busy)));
    }
}
