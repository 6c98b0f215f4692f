//! What calls and legs cost.
//!
//! A call costs what its number's tariff says from when it was answered, or was asked to be, until its caller's channel has
//! left us; a leg what its trunk's says from its answer until its channel has ended, whatever its call does meanwhile. Both
//! go by the plan that the call began with.
//!
//! A call that Asterisk's dialplan keeps, and for which it only asks for an operator, is answered and charged by nobody here.
//!
//! When a call was answered is written on its channel, and a leg that is found talking was answered when the talk began: so
//! an engine that finds them charges all of it. What ended while no engine looked is charged by nobody. Nor does an engine
//! charge what it forgets, since that may go on: whoever finds it charges all of it.

use super::{
    Engine, Fact, LegId,
    call::Call,
    channels::Share,
    leg::{Leg, Meter},
};
use crate::{
    dialplan::Plan,
    domain::{CallId, Charge, Name, Time},
};

impl Engine {
    /// What a call has come to.
    pub(super) fn charge_of(&self, call: &Call) -> Option<Charge> {
        if call.share == Share::Choosing {
            return None;
        }
        let tariff = call.plan.numbers.get(&call.number)?.tariff?;
        Some(Charge::of(&tariff, call.answered.map(|since| self.now.since(since))))
    }

    /// How a leg is charged that is about to be dialled for a call.
    pub(super) fn meter(&self, call: CallId, trunk: Option<&Name>) -> Option<Meter> {
        meter(&self.calls.get(&call)?.plan, trunk?)
    }

    /// How a leg is charged that was found talking, since then.
    pub(super) fn meter_found(&self, trunk: &Name, since: Time) -> Option<Meter> {
        Some(Meter { answered: Some(since), ..meter(&self.plan, trunk)? })
    }

    /// A leg is answered, whatever comes of it: it costs from now on.
    pub(super) fn begin_to_cost(&mut self, id: LegId) {
        let now = self.now;
        if let Some(meter) = self.legs.get_mut(&id).and_then(|leg| leg.meter.as_mut()) {
            meter.answered.get_or_insert(now);
        }
    }

    /// A leg is forgotten: what it costs is told by whoever finds it.
    pub(super) fn stop_metering(&mut self, id: LegId) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.meter = None;
        }
    }

    /// A leg has ended.
    pub(super) fn tell_charge(&mut self, leg: &Leg) {
        let (Some(meter), Some(callee)) = (&leg.meter, &leg.callee) else { return };
        let charge = Charge::of(&meter.tariff, meter.answered.map(|since| self.now.since(since)));
        let (trunk, callee) = (meter.trunk.clone(), callee.clone());
        self.tell(Some(leg.call), Fact::Charged { trunk, callee, charge });
    }
}

fn meter(plan: &Plan, trunk: &Name) -> Option<Meter> {
    let tariff = plan.trunks.get(trunk)?.tariff?;
    Some(Meter { trunk: trunk.clone(), tariff, answered: None })
}
