//! What calls ask for: made of what is typed, and what is doubtful about it.

use std::collections::BTreeSet;

use super::{graph::Graph, terms};
use crate::{
    dialplan::{
        plan::{Act, Plan, Required, Requires, StepId},
        raw::RawRequire,
    },
    yaml::{Fault, Span},
};

/// So many skills a call may ask for, those of `relax` included: they are written on its channel, where there is not room for any
/// number of them.
const MOST: usize = 16;

impl Graph<'_> {
    /// What a call asks for from a step on.
    pub(super) fn requires(&mut self, typed: &RawRequire) -> Requires {
        let known = terms::known(self.raw);
        let all = typed.skills.iter().chain(typed.relax.iter().flat_map(|step| &step.skills));
        if let Some((one_more, _)) = all.clone().nth(MOST) {
            let message = format!(
                "a call asks for {MOST} skills at most, those of `relax` counted, and these are {}",
                all.count()
            );
            self.faults.push(Fault::error(&one_more.span, message).remedy("take some of them out"));
        }
        let levels = terms::levels(&typed.skills, &typed.relax, "call", &known, self.faults);
        let steps: Vec<Required> = levels.into_iter().map(|(after, skills)| Required { after, skills }).collect();
        let asks = steps.iter().any(|step| !step.skills.is_empty());
        Requires { steps: if asks { steps } else { Vec::new() } }
    }
}

/// Steps from which on a call asks for what nobody has.
pub(super) fn doubts(plan: &Plan, spans: &[Span], reached: &BTreeSet<StepId>) -> Vec<Fault> {
    let nobody_has = |id: &&StepId| {
        let Act::Require(requires) = &plan.step(**id).act else { return false };
        let may =
            |step: &Required| plan.operators.values().any(|operator| requires.admit(step.after, &operator.skills));
        !requires.steps.is_empty() && !requires.steps.iter().any(may)
    };
    let fault = |id: &StepId| {
        let span = spans.get(id.0 as usize)?;
        let message =
            "nobody may ever be rung for a call that comes here: no operator has all of these skills at these levels";
        Some(Fault::warning(span, message).remedy("ask for less, or for less after a while: `relax`"))
    };
    reached.iter().filter(nobody_has).filter_map(fault).collect()
}
