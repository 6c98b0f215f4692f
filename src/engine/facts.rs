//! What expressions of the plan ask of the engine.

use jiff::Zoned;

use super::{Engine, call::Call};
use crate::{
    dialplan::{
        expr::{Fact, Facts, Slot, Value},
        moment::timestamp,
    },
    domain::{Name, Number},
};

/// The engine as one call sees it.
pub(super) struct Seen<'e> {
    pub(super) engine: &'e Engine,
    pub(super) call: &'e Call,
}

impl Facts for Seen<'_> {
    fn fact(&self, fact: &Fact) -> Value {
        let Self { engine, call } = self;
        match fact {
            Fact::CallerNumber => text(call.caller.number().unwrap_or_default()),
            Fact::CallerName => text(call.caller.name.as_deref().unwrap_or_default()),
            Fact::CallerWithheld => Value::Truth(call.caller.is_withheld()),
            Fact::CallerInternal => Value::Truth(call.caller.is_internal()),
            Fact::NumberCalled => {
                let written = || Some(call.plan.numbers.get(&call.number)?.number.to_string());
                let member = call.dialled.as_ref().map(|number| number.to_string());
                text(&member.or_else(written).unwrap_or_else(|| call.number.to_string()))
            }
            Fact::NumberCalls => {
                Value::Number(engine.in_use.get(&call.number).map_or(0, |in_use| in_use.calls()).into())
            }
            Fact::CallId => text(&call.id.to_string()),
            Fact::CallLanguage => text(call.language().code()),
            Fact::CallSeconds => seconds(engine.now.since(call.arrived)),
            Fact::TimeDate => text(&self.wall().strftime("%Y-%m-%d").to_string()),
            Fact::TimeClock => text(&self.wall().strftime("%H:%M").to_string()),
            Fact::TimeHour => Value::Number(self.wall().hour().into()),
            Fact::TimeWeekday => text(&self.wall().strftime("%a").to_string()[..2]),
            Fact::QueueWaiting(name) => {
                Value::Number(engine.queues.get(name).map_or(0, |queue| count(queue.line.len())))
            }
            Fact::QueueLongest(name) => {
                let first = engine.queues.get(name).and_then(|queue| queue.line.iter().map(|place| place.joined).min());
                first.map_or(Value::Number(0), |joined| seconds(engine.now.since(joined)))
            }
            Fact::QueueReady(name) => {
                let members = engine.queues.get(name).map(|queue| queue.members.as_slice()).unwrap_or_default();
                let ready = members.iter().filter(|member| engine.operator(member.operator).is_ready()).count();
                Value::Number(count(ready))
            }
            Fact::OperatorState(name) => {
                text(engine.operators.get(name).map_or("", |operator| operator.state().word()))
            }
            Fact::HoursOpen(name) => Value::Truth(engine.are_open(&call.plan, name)),
        }
    }

    fn listed(&self, list: &Name, number: &str) -> bool {
        let plan = &self.call.plan;
        let number = Number::read(number, plan.numbers.country());
        plan.lists.get(list).zip(number).is_some_and(|(list, number)| list.has(&number))
    }

    fn variable(&self, slot: Slot) -> Value {
        self.call.variables.get(slot.0).cloned().unwrap_or_else(|| {
            let kind = self.call.plan.variables.get_index(slot.0).map(|(_, kind)| *kind);
            kind.map_or_else(|| text(""), |kind| kind.unset())
        })
    }
}

impl Seen<'_> {
    /// The time that a clock on the wall of the exchange shows.
    fn wall(&self) -> Zoned {
        timestamp(self.engine.now).to_zoned(self.call.plan.timezone.clone())
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn seconds(span: std::time::Duration) -> Value {
    Value::Number(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
