//! Public numbers: which calls each of them takes.

use std::collections::BTreeMap;

use super::{Known, graph::Graph};
use crate::{
    dialplan::{
        numbers::Numbers,
        plan::{PublicNumber, Reserved, StepId, WhenFull},
        raw::{RawNumber, RawPlan, RawReserved, RawWhenFull},
    },
    domain::{
        Called, Country, Doubt, Number, Reason,
        called::{Block, Overlap},
    },
    yaml::{ENOUGH, Fault, Span, quoted},
};

/// Where calls of a number go.
pub(super) struct Ways {
    entry: Option<StepId>,
    when_full: WhenFull,
}

/// Where calls of each number go; flows that are not there are told.
pub(super) fn ways(raw: &RawPlan, graph: &mut Graph<'_>) -> Vec<Ways> {
    let ways = |number: &RawNumber| {
        let entry = number.flow.as_ref().and_then(|flow| graph.flow(flow));
        let when_full = match &number.when_full {
            RawWhenFull::HangUp(reason) => WhenFull::HangUp(*reason),
            RawWhenFull::Flow(flow) => {
                let step = flow.as_ref().and_then(|flow| graph.flow(flow));
                step.map_or(WhenFull::HangUp(Reason::Busy), WhenFull::Go)
            }
        };
        Ways { entry, when_full }
    };
    raw.numbers.iter().map(ways).collect()
}

/// The numbers, and where their calls go.
pub(super) fn meant(raw: &RawPlan, ways: Vec<Ways>, faults: &mut Vec<Fault>) -> Numbers {
    tell_overlaps(raw, faults);
    let lists = Known::new(raw.lists.iter().map(|list| &list.name), "there is no list", "lists of this plan");
    let mut numbers = Vec::new();
    for (typed, Ways { entry, when_full }) in raw.numbers.iter().zip(ways) {
        let reserved = typed.reserved.as_ref().and_then(|kept| reserved(kept, typed.channels, &lists, faults));
        if let (Some(called), Some(entry)) = (typed.number.value.clone(), entry) {
            let (kind, channels, answer, tariff) = (typed.kind, typed.channels, typed.answer, typed.tariff);
            let number = PublicNumber::new(called, entry);
            numbers.push(PublicNumber { kind, channels, reserved, when_full, answer, tariff, ..number });
        }
    }
    Numbers::new(raw.country.as_ref().map(|at| at.value), numbers)
}

fn reserved(typed: &RawReserved, of: Option<u32>, lists: &Known<'_>, faults: &mut Vec<Fault>) -> Option<Reserved> {
    if !typed.of_some {
        let message = "`reserved` keeps some of a number's channels, and this number has no `channels`";
        faults.push(Fault::error(&typed.span, message).remedy("say how many it has in all: `channels: 30`"));
    }
    let known = typed.list.as_ref().filter(|list| lists.has(list, faults));
    let channels = typed.channels.as_ref()?;
    if let Some(of) = of.filter(|of| channels.value > *of) {
        let message = format!("{} channels are kept, and the number has only {of}", channels.value);
        faults.push(
            Fault::error(&channels.span, message).remedy(format!("keep {of} at most, and fewer to let others in")),
        );
    }
    Some(Reserved { list: known?.value.clone(), channels: channels.value })
}

/// Tells blocks that have numbers in common while neither is more specific. Blocks in the order of their beginnings: one
/// that overlaps any that is still open overlaps the last that was opened, or lies in it.
fn tell_overlaps(raw: &RawPlan, faults: &mut Vec<Fault>) {
    let mut alike: BTreeMap<(&str, usize), Vec<(&Block, &Span)>> = BTreeMap::new();
    for number in &raw.numbers {
        if let Some(Called::Block(block)) = &number.number.value {
            alike.entry((block.prefix(), block.free())).or_default().push((block, &number.number.span));
        }
    }
    for blocks in alike.values_mut() {
        blocks.sort_by_key(|(block, span)| (block.order(), span.start));
        let mut open: Vec<(&Block, &Span)> = Vec::new();
        for (block, span) in blocks.iter() {
            while open.last().is_some_and(|(last, _)| last.ends_before(block)) {
                open.pop();
            }
            if let Some((last, other)) = open.last()
                && last.overlap(block) == Overlap::Equal
                && faults.len() < ENOUGH
            {
                faults.push(overlap((block, span), (last, other)));
            }
            open.push((block, span));
        }
    }
}

fn overlap(one: (&Block, &Span), other: (&Block, &Span)) -> Fault {
    let mut both = [one, other];
    both.sort_by_key(|(_, span)| span.start);
    let [(first, first_span), (second, second_span)] = both;
    let message = format!(
        "{} and {} have numbers in common, and neither is the more specific one",
        quoted(second.as_str()),
        quoted(first.as_str())
    );
    let fault = Fault::error(second_span, message).related(first_span, "the other one");
    fault.remedy("let them end before one another, or one lie in the other")
}

/// Numbers that nobody can dial as they are written.
pub(super) fn doubts(raw: &RawPlan) -> Vec<Fault> {
    let country = raw.country.as_ref().map(|at| at.value);
    let doubt = |number: &RawNumber| {
        let called = number.number.value.as_ref()?;
        let lost = called.with_lost_zero().map(|full| zero_lost(called.as_str(), &full));
        let (message, remedy) = lost.or_else(|| Some(told(called.as_str(), called.doubt()?, country)))?;
        Some(Fault::warning(&number.number.span, message).remedy(remedy))
    };
    raw.numbers.iter().filter_map(doubt).collect()
}

/// What is doubtful in a number that is only known with a zero more. `full`: it, or one of its block, with that.
pub(super) fn zero_lost(number: &str, full: &Number) -> (String, String) {
    let message = format!("{} has lost a zero: numbers of its country keep theirs behind the country", quoted(number));
    (message, format!("write the zero, as in \"{full}\""))
}

/// What is doubtful in a number, and what to do about it.
pub(super) fn told(number: &str, doubt: Doubt, country: Option<Country>) -> (String, String) {
    let number = quoted(number);
    match (doubt, country) {
        (Doubt::National, None) => (
            format!("{number} is of no country, so it is only known when the trunk sends just these digits"),
            "add `country: NO` at the top of the plan, with your own country, or write the number with `+` and its country: \
             \"+47 800 12 345\""
                .into(),
        ),
        (Doubt::National, Some(country)) => (
            format!("{number} is no number of {}: those have more digits, or fewer", country.name()),
            "see that no digit is missing, or write the number with `+` and its country".into(),
        ),
        (Doubt::Nowhere, _) => (
            format!("{number} is no number of any country: there such numbers have more digits, or fewer"),
            "see that no digit is missing".into(),
        ),
    }
}
