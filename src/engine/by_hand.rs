//! Hours that somebody overrides: by a step of the plan, or from outside.
//!
//! They outlive the engine: all that stand by hand are an errand whenever one of them changes, and the next life is born with
//! them ([`Engine::with_hours`]).

use std::collections::BTreeMap;

use super::{Engine, Errand, Fact, snapshot::HoursView};
use crate::{
    dialplan::{Plan, hours::Override, moment::timestamp},
    domain::{Name, Time},
};

/// How hours stand, whatever the plan says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// Whether they are open.
    pub open: bool,
    /// Until when; `None`: until somebody says otherwise.
    pub until: Option<Time>,
}

impl Engine {
    /// The engine, with hours that somebody overrode in an earlier life of it. Of those whose time is over nothing is left.
    #[must_use]
    pub fn with_hours(mut self, by_hand: BTreeMap<Name, ByHand>) -> Self {
        self.by_hand = by_hand;
        self.forget_old_hours();
        self.tell_idle_hours();
        self
    }

    /// Hours by hand that the plan in force does not have are kept: it may have them again.
    pub(super) fn tell_idle_hours(&mut self) {
        let idle: Vec<Name> =
            self.by_hand.keys().filter(|hours| !self.plan.hours.contains_key(*hours)).cloned().collect();
        for hours in idle {
            self.tell(None, Fact::OverrideIdle { hours });
        }
    }

    fn forget_old_hours(&mut self) {
        let now = self.now;
        self.by_hand.retain(|_, by_hand| by_hand.until.is_none_or(|until| now < until));
    }

    /// Whether hours of a call's plan are open now. Hours that are not in it are: a call keeps its plan, and its hours.
    pub(super) fn are_open(&self, plan: &Plan, of: &Name) -> bool {
        match self.by_hand(of) {
            Some(by_hand) => by_hand.open,
            None => plan.hours.get(of).is_none_or(|hours| hours.is_open(self.now)),
        }
    }

    /// How hours stand by hand, if they still do.
    pub(super) fn by_hand(&self, of: &Name) -> Option<ByHand> {
        self.by_hand.get(of).copied().filter(|by_hand| by_hand.until.is_none_or(|until| self.now < until))
    }

    /// Somebody wants hours to be open, closed, or as the plan says. Of hours that the plan in force does not have,
    /// nothing is kept.
    pub(super) fn override_hours(&mut self, of: &Name, how: Override) {
        let Some(hours) = self.plan.hours.get(of) else { return };
        let by_hand = match how {
            Override::Stand { open, until } => {
                Some(ByHand { open, until: until.map(|until| hours.moment(until, self.now)) })
            }
            Override::Plan => None,
        };
        match by_hand {
            Some(by_hand) => drop(self.by_hand.insert(of.clone(), by_hand)),
            None => drop(self.by_hand.remove(of)),
        }
        self.forget_old_hours();
        self.look_at_closings();
        self.errand(Errand::KeepHours(self.by_hand.clone()));
        self.tell(None, Fact::HoursOverridden { hours: of.clone(), by_hand });
        self.look_at_callbacks();
    }

    /// How hours of the plan in force stand now; `None`: it has none of that name.
    pub fn view_hours(&self, of: &Name) -> Option<HoursView> {
        let (of, _) = self.plan.hours.get_key_value(of)?;
        let by_hand = self.by_hand(of);
        let until = by_hand.and_then(|by_hand| by_hand.until).map(timestamp);
        let open = self.are_open(&self.plan, of);
        Some(HoursView { hours: of.clone(), open, by_hand: by_hand.is_some(), until })
    }
}
