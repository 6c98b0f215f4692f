//! What a plan can do without: somebody may have forgotten something.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    dialplan::{
        expr::{Expr, Fact},
        plan::{Phone, Plan, Shape, StepId, Target, WhenFull},
        raw::RawPlan,
    },
    domain::Name,
    yaml::{At, Fault, quoted},
};

/// Warnings of a plan without errors, of which calls reach these steps.
pub(super) fn doubts(raw: &RawPlan, plan: &Plan, reached: &BTreeSet<StepId>) -> Vec<Fault> {
    let mut doubts = Vec::new();
    let flows = raw.flows.iter().map(|flow| &flow.name);
    let lost = |name: &Name| plan.flows.get(name).is_none_or(|first| !reached.contains(first));
    tell(
        &mut doubts,
        flows,
        "no call ever comes to flow",
        "send a number or a step there, or take it out unless Asterisk's dialplan asks for it",
        lost,
    );

    let mut used = Used::default();
    plan.steps.iter().for_each(|step| used.by(&step.act.shape()));
    let phones = plan.operators.values().flat_map(|operator| operator.phones.iter());
    phones.for_each(|phone| used.by_phone(phone));
    for callback in plan.queues.values().filter_map(|queue| queue.callback.as_ref()) {
        used.trunks.insert(&callback.trunk);
        used.hours.extend(&callback.hours);
    }
    used.queues.extend(plan.queues.values().flat_map(|queue| &queue.also).map(|other| &other.queue));
    let queues = raw.queues.iter().map(|queue| &queue.name);
    tell(
        &mut doubts,
        queues,
        "no step sends callers to queue",
        "add `- queue: ...` to a flow, or take it out",
        |name| !used.queues.contains(name),
    );
    let closing: BTreeSet<&Name> =
        plan.queues.values().filter_map(|queue| queue.closing.as_ref()).map(|closing| &closing.hours).collect();
    let hours = raw.hours.iter().map(|hours| &hours.name);
    tell(
        &mut doubts,
        hours,
        "no step asks for hours",
        "add `- hours: {of: ...}` to a flow, or take them out",
        |name| !used.hours.contains(name) && !closing.contains(name),
    );
    let members: BTreeSet<&Name> = plan.queues.values().flat_map(|queue| queue.operators()).collect();
    let operators = raw.operators.iter().map(|operator| &operator.name);
    let dialled =
        |name: &Name| plan.operators.get(name).is_some_and(|it| it.extension.is_some()) || used.rung.contains(name);
    tell(
        &mut doubts,
        operators,
        "nobody ever rings operator",
        "add the operator to a queue, give him an `extension`, or take him out",
        |name| !members.contains(name) && !dialled(name),
    );
    let trunks = raw.trunks.iter().map(|trunk| &trunk.name);
    let leads_to_somebody = |name: &Name| plan.operators.values().any(|operator| operator.trunk.as_ref() == Some(name));
    tell(&mut doubts, trunks, "no step dials over trunk", "name it in a step `dial`, or take it out", |name| {
        !used.trunks.contains(name) && !leads_to_somebody(name)
    });
    doubts.extend(shared_phones(raw));
    doubts
}

fn tell<'r>(
    doubts: &mut Vec<Fault>,
    names: impl Iterator<Item = &'r At<Name>>,
    message: &str,
    remedy: &str,
    lost: impl Fn(&Name) -> bool,
) {
    let lost = names.filter(|name| lost(&name.value));
    doubts.extend(
        lost.map(|name| Fault::warning(&name.span, format!("{message} {}", quoted(&name.value))).remedy(remedy)),
    );
}

#[derive(Default)]
struct Used<'p> {
    queues: BTreeSet<&'p Name>,
    hours: BTreeSet<&'p Name>,
    /// Operators whom a step dials.
    rung: BTreeSet<&'p Name>,
    trunks: BTreeSet<&'p Name>,
}

impl<'p> Used<'p> {
    fn by(&mut self, shape: &Shape<'p>) {
        self.queues.extend(shape.queue);
        self.hours.extend(shape.hours);
        for target in shape.rings {
            match target {
                Target::Operator(name) => drop(self.rung.insert(name)),
                Target::Outside { trunk, .. } => drop(self.trunks.insert(trunk)),
                Target::Phone(_) => {}
            }
        }
        // An expression that asks whether they are open uses them, too.
        shape.expressions.iter().for_each(|expr| self.in_expr(expr));
    }

    fn by_phone(&mut self, phone: &'p Phone) {
        self.hours.extend(&phone.hours);
        self.trunks.extend(&phone.trunk);
    }

    fn in_expr(&mut self, expr: &'p Expr) {
        expr.walk(&mut |part| {
            if let Expr::Fact(Fact::HoursOpen(of)) = part {
                self.hours.insert(of);
            }
        });
    }
}

/// Every step that a call may come to.
pub(super) fn reached(plan: &Plan) -> BTreeSet<StepId> {
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<StepId> = plan.numbers.values().map(|number| number.entry).collect();
    ahead.extend(plan.extensions.values().map(|extension| extension.entry));
    ahead.extend(plan.numbers.values().filter_map(|number| match number.when_full {
        WhenFull::Go(step) => Some(step),
        WhenFull::HangUp(_) => None,
    }));
    while let Some(id) = ahead.pop() {
        if reached.insert(id) {
            let step = plan.step(id);
            ahead.extend(plan.ahead(step));
        }
    }
    reached
}

/// Two operators at one phone would be rung at once for two callers.
fn shared_phones(raw: &RawPlan) -> Vec<Fault> {
    let mut phones: BTreeMap<&str, &At<Name>> = BTreeMap::new();
    let mut doubts = Vec::new();
    for operator in &raw.operators {
        for dial in operator.phones.iter().map(|phone| &phone.dial) {
            let Some(first) = phones.insert(&dial.value, &operator.name) else { continue };
            let who = (quoted(&first.value), quoted(&operator.name.value));
            let fault = if first.span == operator.name.span {
                let fault = Fault::warning(&dial.span, format!("{} has this phone twice", who.1));
                fault.remedy("take it out once: a phone that rings refuses a second call")
            } else {
                let message = format!("operators {} and {} have one phone", who.0, who.1);
                let fault = Fault::warning(&dial.span, message).related(&first.span, "the other one");
                fault.remedy("give each a phone of his own, or the phone would ring for two callers at once")
            };
            doubts.push(fault);
        }
    }
    doubts
}
