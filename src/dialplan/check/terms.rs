//! Who may be rung for a caller, by how long he has waited: rules of penalties and skills made into one row of terms.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    dialplan::{
        plan::{Penalties, Plan, Queue, Raise, Terms},
        raw::{RawPenalties, RawPlan, RawQueue, RawRelax, RawSkills},
        word::Change,
    },
    domain::Name,
    yaml::{At, Fault, Span, quoted, suggest},
};

/// What a queue asks of those who are rung, from the beginning and then from moment to moment.
pub(super) fn meant(queue: &RawQueue, known: &BTreeSet<&Name>, faults: &mut Vec<Fault>) -> Vec<Terms> {
    let rules = penalties(&queue.penalties, faults);
    let levels = levels(&queue.skills, &queue.relax, "queue", known, faults);
    let moments: BTreeSet<Duration> = rules.keys().chain(levels.keys()).copied().collect();
    let last = |after| {
        let penalties = rules.range(..=after).next_back().map(|(_, rule)| *rule).unwrap_or_default();
        let skills = levels.range(..=after).next_back().map(|(_, levels)| levels.clone()).unwrap_or_default();
        Terms { after, penalties, skills }
    };
    std::iter::once(Duration::ZERO).chain(moments.into_iter().filter(|at| !at.is_zero())).map(last).collect()
}

/// Skills that operators of this plan have.
pub(super) fn known(raw: &RawPlan) -> BTreeSet<&Name> {
    raw.operators.iter().flat_map(|operator| &operator.skills).map(|(name, _)| &name.value).collect()
}

fn penalties(rules: &[RawPenalties], faults: &mut Vec<Fault>) -> BTreeMap<Duration, Penalties> {
    let mut meant = BTreeMap::new();
    let mut now = Penalties::default();
    let mut before: Option<(Duration, &Span)> = None;
    for rule in rules {
        tell_order("rule", (rule.after, &rule.span), before.replace((rule.after, &rule.span)), faults);
        if !rule.says {
            let fault = Fault::error(&rule.span, "this rule changes nothing");
            faults.push(fault.remedy("write `max`, `min` or `raise`, or take it out"));
        }
        let mut change = |change: &At<Change>, was: Option<u32>| {
            let becomes = change.value.apply(was);
            if becomes.is_none() {
                let fault = Fault::error(&change.span, "no rule before this one sets what it changes");
                faults.push(fault.remedy("write a penalty without `+` or `-`"));
            }
            becomes
        };
        let max = rule.max.as_ref().map_or(now.max, |max| change(max, now.max));
        let min = rule.min.as_ref().map_or(now.min, |min| change(min, Some(now.min)).unwrap_or(now.min));
        let raise = match &rule.raise {
            Some(at) => {
                let to = At { value: at.value.to, span: at.span.clone() };
                let was = now.raise.map_or(0, |raise| raise.to);
                change(&to, Some(was)).map(|to| Raise { to, from_min: at.value.from_min })
            }
            None => now.raise,
        };
        // As app_queue has it: neither is ever above the greatest that may be rung.
        let most = max.unwrap_or(u32::MAX);
        let raise = raise.map(|raise| Raise { to: raise.to.min(most), ..raise });
        now = Penalties { min: min.min(most), max, raise };
        meant.insert(rule.after, now);
    }
    meant
}

/// Skills that are asked for by a queue, or by a call, by how long a caller has waited.
pub(super) fn levels(
    skills: &RawSkills,
    relax: &[RawRelax],
    who: &str,
    known: &BTreeSet<&Name>,
    faults: &mut Vec<Fault>,
) -> BTreeMap<Duration, BTreeMap<Name, u32>> {
    let mut levels = BTreeMap::from([(Duration::ZERO, wanted(skills, known, faults))]);
    let mut before: Option<(Duration, &Span)> = None;
    for RawRelax { after, skills, span } in relax {
        tell_order("step", (*after, span), before.replace((*after, span)), faults);
        levels.insert(*after, wanted(skills, known, faults));
    }
    if let (Some(first), true) = (relax.first(), skills.is_empty()) {
        let fault = Fault::error(&first.span, format!("there is nothing to relax: this {who} asks for no skills"));
        faults.push(fault.remedy(format!("add `skills: {{english: 3}}` to the {who}, or take `relax` out")));
    }
    levels
}

fn wanted(typed: &RawSkills, known: &BTreeSet<&Name>, faults: &mut Vec<Fault>) -> BTreeMap<Name, u32> {
    for (skill, _) in typed.iter().filter(|(skill, _)| !known.contains(&skill.value)) {
        let message = format!("no operator of this plan has the skill {}", quoted(&skill.value));
        let names = known.iter().map(|name| &***name);
        let remedy = suggest::instead(&skill.value, names, "skills of its operators");
        faults.push(Fault::error(&skill.span, message).remedy(remedy));
    }
    typed.iter().map(|(skill, level)| (skill.value.clone(), *level)).collect()
}

/// Each is for a later moment than the one before it.
fn tell_order(what: &str, this: (Duration, &Span), before: Option<(Duration, &Span)>, faults: &mut Vec<Fault>) {
    if let Some((earlier, first)) = before
        && earlier >= this.0
    {
        let message = format!("this {what} is for no later moment than the one before it");
        let fault = Fault::error(this.1, message).related(first, "the one before");
        faults.push(fault.remedy("give each a later `after` than the last"));
    }
}

/// Queues whose callers may wait for nobody, and terms that nobody waits long enough for.
pub(super) fn doubts(raw: &RawPlan, plan: &Plan) -> Vec<Fault> {
    let mut doubts = Vec::new();
    for typed in &raw.queues {
        let Some(queue) = plan.queues.get(&typed.name.value) else { continue };
        if queue.also.is_empty() && !queue.terms.iter().any(|terms| may_be_served(queue, terms, plan)) {
            let message = format!("nobody may ever be rung for callers of queue {}", quoted(&queue.name));
            let fault = Fault::warning(&typed.name.span, message);
            doubts.push(
                fault.remedy("its penalties or skills keep all of its operators out: ask for less after a while"),
            );
        }
        let Some(limit) = queue.max_wait else { continue };
        let moments = typed.penalties.iter().map(|rule| (rule.after, &rule.span));
        let moments = moments.chain(typed.relax.iter().map(|step| (step.after, &step.span)));
        for (_, span) in moments.filter(|(after, _)| *after >= limit.after) {
            let fault = Fault::warning(span, "this never applies: nobody waits for so long in this queue");
            doubts.push(fault.remedy("give it an `after` that is less than that of `max_wait`"));
        }
    }
    doubts
}

fn may_be_served(queue: &Queue, terms: &Terms, plan: &Plan) -> bool {
    queue.members.iter().any(|member| {
        let operator = plan.operators.get(&member.operator);
        operator.is_some_and(|operator| terms.admit(member.penalty, &operator.skills).is_some())
    })
}
