//! From as typed to as meant: what only the whole plan can tell.
//!
//! The plan is made even when something in it is wrong, so that the mistakes behind the first one are found too; whoever
//! asked throws it away then.

mod accept;
mod also;
mod announce;
mod asking;
mod back;
mod by_extension;
mod callback;
mod circle;
pub(super) mod commented;
mod desk;
mod dial;
mod duty;
mod graph;
mod lists;
mod numbers;
mod phones;
mod queue;
mod record;
mod recursion;
mod request;
mod require;
mod say;
mod sounds;
mod special;
mod sticky;
mod terms;
mod trapped;
mod unnamed;
mod unused;
mod values;
mod waiting;

use indexmap::{IndexMap, IndexSet};
use jiff::tz::TimeZone;

use super::{
    changes::Written,
    hours::{Hours, Special},
    parse::Files,
    plan::{Languages, Plan, Whole},
    prompt::Prompts,
    raw::{RawHours, RawPlan, Zoned},
    section::none_yet,
};
use crate::{
    domain::Name,
    yaml::{At, ENOUGH, Fault, Node, Span, quoted, suggest},
};
use graph::Graph;
use sounds::Sounds;
pub(crate) use values::as_json;

/// Makes the plan and tells every mistake in it. With it go where each of its steps is typed, and what is doubtful in its menus
/// and in what it plays.
pub(super) fn check(
    raw: &RawPlan,
    zoned: &Zoned,
    files: Files<'_>,
    prompts: &mut dyn Prompts,
    faults: &mut Vec<Fault>,
) -> (Plan, Vec<Span>, Vec<Fault>) {
    let scope = values::scope(raw, faults);
    let languages = Languages::named(raw.languages.iter().map(|at| at.value.clone()).collect());
    let country = raw.country.as_ref().map(|at| at.value);
    let mut graph = Graph::new(raw, scope, Sounds::new(prompts, languages.clone(), country), faults);
    let ways = numbers::ways(raw, &mut graph);
    graph.fill_flows();
    let extensions = graph.extensions();
    let waits: Vec<_> = raw.queues.iter().map(|queue| graph.waiting(queue)).collect();
    let asks = graph.asks(raw);
    circle::tell(&mut graph);
    let Graph { steps, flows, spans, sounds, scope, mut doubts, .. } = graph;
    let variables = values::variables(&scope);
    doubts.extend(sounds.doubts);

    let numbers = numbers::meant(raw, ways, faults);
    let lists = lists::meant(raw, files, faults, &mut doubts);
    let skills = terms::known(raw);
    let trunks = dial::trunks(raw);
    let desks = desk::meant(raw, &trunks, faults);
    let staff = Known::new(raw.operators.iter().map(|it| &it.name), "there is no operator", "operators of this plan");
    let queues = Known::new(raw.queues.iter().map(|it| &it.name), "there is no queue", "queues of this plan");
    let plan = Plan {
        exchange: raw.exchange.as_ref().map_or_else(|| Name::new(""), |at| at.value.clone()),
        timezone: raw.timezone.as_ref().map_or(TimeZone::UTC, |at| at.value.clone()),
        languages,
        variables,
        numbers,
        lists,
        operators: phones::operators(raw, &trunks, &asks, faults),
        pauses: duty::pauses(raw),
        extensions,
        desks,
        trunks,
        hours: hours(raw, zoned, faults),
        queues: raw
            .queues
            .iter()
            .zip(waits)
            .map(|(queue, waiting)| queue::meant((&staff, &queues), &skills, queue, waiting, &asks, faults))
            .collect(),
        flows,
        steps,
        written: Written::default(),
        whole: Whole::default(),
    };
    special::tell(raw, faults);
    faults.extend(recursion::tell(&plan, &spans));
    faults.extend(back::tell(&plan, &spans));
    if !zoned.0 {
        faults.extend(values::lost_time(&plan, &spans));
    }
    (plan, spans, doubts)
}

/// What is doubtful in a plan without mistakes. `spans`: where its steps are typed.
pub(super) fn doubts(raw: &RawPlan, plan: &Plan, spans: &[Span]) -> Vec<Fault> {
    let reached = unused::reached(plan);
    let mut doubts = unused::doubts(raw, plan, &reached);
    doubts.extend(trapped::doubts(plan, spans, &reached));
    doubts.extend(never_open(raw, plan));
    doubts.extend(lists::doubts(raw, plan));
    doubts.extend(say::doubts(raw, plan));
    doubts.extend(terms::doubts(raw, plan));
    doubts.extend(queue::doubts(raw, plan));
    doubts.extend(sticky::doubts(raw));
    doubts.extend(also::doubts(raw));
    doubts.extend(require::doubts(plan, spans, &reached));
    doubts.extend(callback::doubts(raw, plan));
    doubts
}

/// What nobody uses in a plan with mistakes, where no mistake can be why. `faults`: those.
pub(super) fn doubts_beside(node: &Node, raw: &RawPlan, plan: &Plan, faults: &[Fault]) -> Vec<Fault> {
    unnamed::doubts(node, raw, plan, faults)
}

/// What is doubtful in parts of a plan that stand for themselves, whatever is wrong elsewhere.
pub(super) fn doubts_of_parts(raw: &RawPlan) -> Vec<Fault> {
    let mut doubts = numbers::doubts(raw);
    doubts.extend(special::doubts(raw));
    doubts.extend(duty::doubts(raw));
    doubts
}

/// Hours whose closed days leave nothing of the year.
fn never_open(raw: &RawPlan, plan: &Plan) -> Vec<Fault> {
    let never = raw.hours.iter().filter(|typed| plan.hours.get(&typed.name.value).is_some_and(Hours::is_never_open));
    let fault = |typed: &RawHours| {
        let message = format!("hours {} are never open: every day of the year is closed", quoted(&typed.name.value));
        Fault::warning(&typed.name.span, message)
            .remedy("take closed days out; a year in front makes them those of one year")
    };
    never.map(fault).collect()
}

fn hours(raw: &RawPlan, zoned: &Zoned, faults: &mut Vec<Fault>) -> IndexMap<Name, Hours> {
    let lost = raw.hours.iter().find(|hours| !hours.zoned && !zoned.0);
    if let Some(RawHours { name, .. }) = lost {
        let message = format!("hours {} are of no time zone", quoted(&name.value));
        faults.push(Fault::error(&name.span, message).remedy("add `timezone: Europe/Oslo` at the top of the plan"));
    }
    let hours = |hours: &RawHours| {
        let zone = hours.timezone.as_ref().or(raw.timezone.as_ref());
        let zone = zone.map_or(TimeZone::UTC, |at| at.value.clone());
        (hours.name.value.clone(), {
            let special = hours.special.iter().map(|special| Special {
                days: special.days.value,
                times: special.times.iter().map(|time| time.value).collect(),
            });
            let closed = hours.closed.iter().map(|at| at.value).collect();
            Hours::new(zone, hours.open.clone(), closed).with_special(special.collect())
        })
    };
    raw.hours.iter().map(hours).collect()
}

/// Names of one kind, and how to speak of them.
struct Known<'r> {
    names: IndexSet<&'r Name>,
    /// "there is no queue", when one is not among them.
    missing: &'static str,
    /// "queues of this plan".
    all: &'static str,
}

impl<'r> Known<'r> {
    fn new(names: impl Iterator<Item = &'r At<Name>>, missing: &'static str, all: &'static str) -> Self {
        Self { names: names.map(|at| &at.value).collect(), missing, all }
    }

    /// Several known names in one, where a comma was forgotten.
    fn several(&self, typed: &str) -> Option<String> {
        let names: Vec<&str> = typed.split_whitespace().collect();
        let all = names.len() > 1 && names.iter().all(|name| self.names.contains(&Name::new(name)));
        all.then(|| names.join(", "))
    }

    /// Whether a name is known; if not, tells it.
    fn has(&self, name: &At<Name>, faults: &mut Vec<Fault>) -> bool {
        let known = self.names.contains(&name.value);
        if !known && faults.len() < ENOUGH {
            let message = format!("{} {}", self.missing, quoted(&name.value));
            let known = self.names.iter().map(|name| &***name);
            let remedy = match self.several(&name.value) {
                Some(several) => format!("a comma goes between them: {}", quoted(&several)),
                None if self.names.is_empty() => none_yet(self.all.strip_suffix(" of this plan").unwrap_or(self.all)),
                None => suggest::instead(&name.value, known, self.all),
            };
            faults.push(Fault::error(&name.span, message).remedy(remedy));
        }
        known
    }
}
