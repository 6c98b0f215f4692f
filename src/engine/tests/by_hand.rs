//! Hours that somebody overrides.

use std::time::Duration;

use super::bench::Bench;
use crate::{
    dialplan::{
        Plan,
        hours::{Override, Until},
        parse,
    },
    domain::{ChannelId, Name, Time},
    engine::{Event, Fact},
};

/// 101 asks whether the office is open; 102 closes it for half an hour, 103 takes that back. It is Friday, 09:00 in Oslo.
fn bench() -> Bench {
    let text = "exchange: bench\ntimezone: Europe/Oslo\n\
         numbers: {101: {flow: welcome}, 102: {flow: lock}, 103: {flow: unlock}}\n\
         hours: {office: {open: [Mo-Fr 08:00-16:00]}}\n\
         flows:\n  \
           welcome: [{hours: {of: office, closed: {play: sound:closed}}}, {play: sound:open}]\n  \
           lock: [{override: {hours: office, to: closed, for: 30m}}, {if: {when: hours.office.open, then: {play: sound:still}, else: {play: sound:locked}}}]\n  \
           unlock: [{override: {hours: office, to: plan}}, {play: sound:unlocked}]\n";
    let plan: Plan = match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    };
    let mut bench = Bench::new(plan);
    bench.now = Time::from_secs(365 * 86_400 + 8 * 3600);
    bench
}

#[track_caller]
fn hears(bench: &mut Bench, number: &str, name: &str) -> ChannelId {
    let caller = bench.caller_arrives(number);
    bench.expect_answer(&caller);
    bench.take_marks(&caller);
    bench.expect_play(&caller, name);
    caller
}

fn told(bench: &Bench) -> Vec<Option<bool>> {
    let overridden = bench.facts.iter().filter_map(|fact| match fact {
        Fact::HoursOverridden { by_hand, .. } => Some(by_hand.map(|by_hand| by_hand.open)),
        _ => None,
    });
    overridden.collect()
}

#[test]
fn a_step_closes_hours_for_every_call_until_its_time_is_over() {
    let mut bench = bench();
    hears(&mut bench, "101", "open");
    hears(&mut bench, "102", "locked");
    hears(&mut bench, "101", "closed");

    bench.now = bench.now + Duration::from_secs(30 * 60);

    hears(&mut bench, "101", "open");
    assert_eq!(told(&bench), [Some(false)]);
}

#[test]
fn what_was_overridden_is_as_the_plan_says_when_it_is_taken_back() {
    let mut bench = bench();
    hears(&mut bench, "102", "locked");
    hears(&mut bench, "103", "unlocked");
    hears(&mut bench, "101", "open");
    assert_eq!(told(&bench), [Some(false), None]);
}

#[test]
fn hours_are_overridden_from_outside_and_shown_so() {
    let mut bench = bench();
    let office = Name::new("office");
    let until = Some(Until::Wall(18 * 60));
    bench.tell(Event::HoursOverridden { hours: office.clone(), how: Override::Stand { open: false, until } });
    hears(&mut bench, "101", "closed");
    let view = bench.engine.view_hours(&office).expect("they are in the plan");
    assert!(!view.open && view.by_hand);
    assert_eq!(view.until.expect("an end").to_string(), "1971-01-01T17:00:00Z");

    bench.tell(Event::HoursOverridden { hours: office.clone(), how: Override::Plan });

    let view = bench.engine.view_hours(&office).expect("they are in the plan");
    assert!(view.open && !view.by_hand && view.until.is_none());
}

#[test]
fn of_hours_that_the_plan_does_not_have_nothing_is_kept() {
    let mut bench = bench();
    let how = Override::Stand { open: false, until: None };
    bench.tell(Event::HoursOverridden { hours: Name::new("nobodys"), how });
    assert_eq!(told(&bench), []);
    assert!(bench.engine.view_hours(&Name::new("nobodys")).is_none());
}
