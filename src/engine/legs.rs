//! All legs, and which of them are of a call, and how many are on a trunk: what is asked for whenever somebody is rung.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

use super::{LegId, leg::Leg};
use crate::domain::{CallId, Name};

/// Legs that have not ended. Of which call one is, and on which trunk, does not change.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    all: BTreeMap<LegId, Leg>,
    of: BTreeSet<(CallId, LegId)>,
    on: BTreeMap<Name, usize>,
}

impl Legs {
    /// One more.
    pub(crate) fn insert(&mut self, id: LegId, leg: Leg) {
        self.of.insert((leg.call, id));
        if let Some(trunk) = &leg.trunk {
            *self.on.entry(trunk.clone()).or_default() += 1;
        }
        self.all.insert(id, leg);
    }

    /// One has ended.
    pub(crate) fn remove(&mut self, id: LegId) -> Option<Leg> {
        let leg = self.all.remove(&id)?;
        self.of.remove(&(leg.call, id));
        if let Some(trunk) = &leg.trunk
            && let Some(legs) = self.on.get_mut(trunk)
        {
            *legs -= 1;
            if *legs == 0 {
                self.on.remove(trunk);
            }
        }
        Some(leg)
    }

    pub(crate) fn get_mut(&mut self, id: &LegId) -> Option<&mut Leg> {
        self.all.get_mut(id)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Leg> {
        self.all.values_mut()
    }

    /// Those of a call, in the order in which they were dialled.
    pub(crate) fn of(&self, call: CallId) -> impl Iterator<Item = (LegId, &Leg)> {
        let its = self.of.range((call, LegId(0))..=(call, LegId(u64::MAX)));
        its.filter_map(|(_, id)| self.all.get(id).map(|leg| (*id, leg)))
    }

    /// How many are on a trunk.
    pub(crate) fn on(&self, trunk: &Name) -> usize {
        self.on.get(trunk).copied().unwrap_or(0)
    }

    /// What is wrong with what is kept beside the legs themselves.
    pub(crate) fn is_in_order(&self) -> bool {
        let of: BTreeSet<(CallId, LegId)> = self.all.iter().map(|(id, leg)| (leg.call, *id)).collect();
        let mut on: BTreeMap<Name, usize> = BTreeMap::new();
        for trunk in self.all.values().filter_map(|leg| leg.trunk.clone()) {
            *on.entry(trunk).or_default() += 1;
        }
        of == self.of && on == self.on
    }
}

impl Deref for Legs {
    type Target = BTreeMap<LegId, Leg>;

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}
