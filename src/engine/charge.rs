//! What calls and legs cost.
//!
//! A call costs what its number's tariff says from when it was answered, or was asked to be, until its caller's channel has
//! left us; a leg what its trunk's says from its answer until its channel has ended, whatever its call does meanwhile. Both
//! go by the plan that the call began with.
//!
//! One in which somebody is called back costs what its trunk's tariff says, from his answer on.
//!
//! A call that Asterisk's dialplan keeps, and for which it only asks for an operator, is answered and charged by nobody here.
//!
//! When a call was answered is written on its channel, and a leg that is found talking was answered when the talk began: so
//! an engine that finds them charges all of it. What ended while no engine looked is charged by nobody. Nor does an engine
//! charge what it forgets, since that may go on: whoever finds it charges all of it.

use super::{
    Callee, Engine, Fact, LegId,
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
        if let Some(called_back) = &call.called_back {
            let tariff = call.plan.trunks.get(&called_back.trunk)?.tariff?;
            return Some(Charge::of(&tariff, call.answered.map(|since| self.now.since(since))));
        }
        let tariff = call.plan.numbers.get(&call.number)?.tariff?;
        Some(Charge::of(&tariff, call.answered.map(|since| self.now.since(since))))
    }

    /// How a leg is charged that is about to be dialled for a call.
    pub(super) fn meter(&mut self, call: CallId, trunk: Option<&Name>) -> Option<Meter> {
        let call = self.calls.get_mut(&call)?;
        let meter = meter(&call.plan, trunk?)?;
        call.uncharged += 1;
        Some(meter)
    }

    /// How a leg is charged that was found talking, since then.
    pub(super) fn meter_found(&mut self, call: CallId, trunk: &Name, since: Time) -> Option<Meter> {
        let meter = meter(&self.plan, trunk)?;
        self.calls.get_mut(&call)?.uncharged += 1;
        Some(Meter { answered: Some(since), ..meter })
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
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let (meter, callee, call) = (leg.meter.take(), leg.callee.clone(), leg.call);
        let Some((meter, callee)) = meter.zip(callee) else { return };
        self.tell_charged(call, meter.trunk, callee, None);
    }

    /// A leg has ended.
    pub(super) fn tell_charge(&mut self, leg: &Leg) {
        let (Some(meter), Some(callee)) = (&leg.meter, &leg.callee) else { return };
        let charge = Charge::of(&meter.tariff, meter.answered.map(|since| self.now.since(since)));
        self.tell_charged(leg.call, meter.trunk.clone(), callee.clone(), Some(charge));
    }

    /// Of one leg fewer its call, if that is not over, has yet to hear what it costs.
    fn tell_charged(&mut self, id: CallId, trunk: Name, callee: Callee, charge: Option<Charge>) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.uncharged = call.uncharged.saturating_sub(1);
        }
        self.tell(Some(id), Fact::Charged { trunk, callee, charge });
    }
}

fn meter(plan: &Plan, trunk: &Name) -> Option<Meter> {
    let tariff = plan.trunks.get(trunk)?.tariff?;
    Some(Meter { trunk: trunk.clone(), tariff, answered: None })
}
