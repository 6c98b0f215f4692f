//! Where a call would go, for a dialplan that only asks.
//!
//! Nothing comes of it: nobody is counted, told or rung. The steps of the number are gone through until one at which a call
//! stays, or ends; those that only let a caller hear something are passed over.

use super::{
    Command, Engine, Reply,
    call::Call,
    channels::Share,
    choice::{Goes, Route},
    facts::Seen,
    ivr::MOST_HURRIED,
};
use crate::{
    dialplan::{Act, Plan, StepId, WhenFull, expr::Value},
    domain::{CallId, Caller, ChannelId, Name},
};

impl Engine {
    /// A dialplan asks where a call to this number from this caller would go now.
    pub(super) fn on_route_asked(&mut self, channel: ChannelId, dialled: &str, caller: Caller) {
        let route = self.route(&channel, dialled, caller);
        self.command(Command::Reply { channel, reply: Reply::Route(route) });
    }

    fn route(&self, channel: &ChannelId, dialled: &str, caller: Caller) -> Route {
        let plan = &self.plan;
        let caller = caller.within(plan.numbers.country());
        let inside = plan.extensions.get_key_value(dialled).filter(|_| caller.is_internal());
        let (name, share, entry) = if let Some((name, extension)) = inside {
            (name, Share::Inside, extension.entry)
        } else {
            let Some(dialled) = plan.numbers.dialled(dialled) else {
                return Route { goes: Goes::UnknownNumber, flow: None };
            };
            let share = Share::of(&caller, dialled.number, plan);
            let is_full = self.in_use.get(dialled.name).copied().unwrap_or_default().is_full(share, dialled.number);
            let entry = match dialled.number.when_full {
                WhenFull::HangUp(_) if is_full => return Route { goes: Goes::Full, flow: None },
                WhenFull::Go(step) if is_full => step,
                WhenFull::HangUp(_) | WhenFull::Go(_) => dialled.number.entry,
            };
            (dialled.name, share, entry)
        };
        // A call that there never is.
        let nobody = CallId { boot: self.setup.boot, number: 0 };
        let call = Call::new(nobody, channel.clone(), plan.clone(), name.clone(), caller, self.now, false, entry);
        self.follow(&mut Call { share, ..call })
    }

    /// Goes with a call to where it stays or ends.
    fn follow(&self, call: &mut Call) -> Route {
        let plan = call.plan.clone();
        let (mut flow, mut next) = (None, Some(call.at));
        for _ in 0..MOST_HURRIED {
            let Some(at) = next.or_else(|| call.back.pop()) else { return Route { goes: Goes::End, flow } };
            flow = flow_at(&plan, at).or(flow);
            match self.look_ahead(call, &plan, at) {
                Ok(goes_on) => next = goes_on,
                Err(goes) => return Route { goes, flow },
            }
        }
        Route { goes: Goes::Circles, flow }
    }

    /// Where a call goes on behind a step, or that it stays or ends there.
    fn look_ahead(&self, call: &mut Call, plan: &Plan, at: StepId) -> Result<Option<StepId>, Goes> {
        let step = plan.step(at);
        let value = |call: &Call, expr: &crate::dialplan::expr::Expr| expr.value(&Seen { engine: self, call });
        Ok(match &step.act {
            Act::Answer
            | Act::Override { .. }
            | Act::Require(_)
            | Act::Notify(_)
            | Act::Language(_)
            | Act::Ring(_)
            | Act::Music { .. }
            | Act::Wait(_)
            | Act::Play(_) => step.next,
            Act::Set(sets) => {
                for (slot, expr) in sets.iter() {
                    let value = value(call, expr);
                    call.set(*slot, value);
                }
                step.next
            }
            Act::Hours { of, closed } => {
                if self.are_open(plan, of) {
                    step.next
                } else {
                    Some(*closed)
                }
            }
            Act::If { when, then, .. } if value(call, when) == Value::Truth(true) => Some(*then),
            Act::If { otherwise, .. } => otherwise.or(step.next),
            Act::Switch(switch) => {
                let on = value(call, &switch.on);
                let case = switch.cases.iter().find(|(case, _)| *case == on).map(|(_, step)| *step);
                case.or(switch.otherwise).or(step.next)
            }
            Act::Go(target) => Some(*target),
            Act::Call(target) => {
                call.back.extend(step.next);
                Some(*target)
            }
            Act::Menu(_) => return Err(Goes::Menu),
            Act::Ask(_) | Act::Operator(_) => return Err(Goes::Ask),
            Act::LookUp(_) => return Err(Goes::LookUp),
            Act::Record(record) => return Err(Goes::Record(record.mailbox.clone())),
            Act::Queue(queue) => return Err(Goes::Queue(queue.clone())),
            Act::Dial(dial) => {
                let to = dial.to.iter().map(|target| target.written(&plan.variables));
                return Err(Goes::Dial(to.collect::<Vec<_>>().join(",").into()));
            }
            Act::Continue => return Err(Goes::Continue),
            Act::HangUp(_) => return Err(Goes::HangUp),
        })
    }
}

/// The flow that begins at a step.
fn flow_at(plan: &Plan, at: StepId) -> Option<Name> {
    plan.flows.iter().find(|(_, first)| **first == at).map(|(name, _)| name.clone())
}
