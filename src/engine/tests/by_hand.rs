//! Hours that somebody overrides.

use std::{sync::Arc, time::Duration};

use super::bench::Bench;
use crate::{
    dialplan::{
        Plan,
        hours::{Override, Until},
        parse,
    },
    domain::{ChannelId, Name, Time},
    engine::{ByHand, Engine, Errand, Event, Fact, Held, Limits, Setup},
};

/// 101 asks whether the office is open; 102 closes it for half an hour, 103 takes that back. It is Friday, 09:00 in Oslo.
fn bench() -> Bench {
    let text = "exchange: bench\ntimezone: Europe/Oslo\n\
         numbers: {101: {flow: welcome}, 102: {flow: lock}, 103: {flow: unlock}}\n\
         hours: {office: {open: [Mo-Fr 08:00-16:00]}, shop: {open: [Mo-Fr 08:00-16:00]}}\n\
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

/// What the engine wants to be written of hours, each time.
fn kept(bench: &mut Bench) -> Vec<Vec<(String, bool)>> {
    let written = bench.errands.drain(..).filter_map(|errand| match errand {
        Errand::KeepDone(..) => None,
        Errand::KeepHours(hours) => {
            Some(hours.iter().map(|(name, by_hand)| (name.to_string(), by_hand.open)).collect())
        }
        Errand::Message(_)
        | Errand::LookUp { .. }
        | Errand::Notify(_)
        | Errand::KeepDuty { .. }
        | Errand::Remember(_)
        | Errand::WatchDevices(_) => None,
    });
    written.collect()
}

#[test]
fn every_change_is_to_be_written_whole_and_without_what_is_over() {
    let mut bench = bench();
    hears(&mut bench, "102", "locked");
    assert_eq!(kept(&mut bench), [[("office".to_owned(), false)]]);
    bench.now = bench.now + Duration::from_secs(30 * 60);
    let how = Override::Stand { open: true, until: None };
    bench.tell(Event::HoursOverridden { hours: Name::new("shop"), how });
    assert_eq!(kept(&mut bench), [[("shop".to_owned(), true)]], "the office's half hour is over");
    bench.tell(Event::HoursOverridden { hours: Name::new("shop"), how: Override::Plan });
    assert_eq!(kept(&mut bench), [[]]);
}

#[test]
fn hours_of_an_earlier_life_stand_as_long_as_their_time_is_not_over() {
    let mut bench = bench();
    let (past, future) = (bench.now, bench.now + Duration::from_secs(60));
    for (until, expected) in [(past, "open"), (future, "closed")] {
        let before = [(Name::new("office"), ByHand { open: false, until: Some(until) })];
        bench.next_life(Engine::new(setup(bench.now), bench.engine.plan.clone()).with_hours(before.into()));
        bench.node_up(Held::default());
        bench.asked.clear();
        hears(&mut bench, "101", expected);
    }
}

#[test]
fn hours_by_hand_that_the_plan_does_not_have_are_told_and_stand_when_it_has_them() {
    let mut bench = bench();
    let before = [(Name::new("office"), ByHand { open: false, until: None })];
    let with: Arc<Plan> = bench.engine.plan.clone();
    let mut without = Plan::clone(&with);
    without.hours.shift_remove("office").expect("hours of that name");
    bench.next_life(Engine::new(setup(bench.now), Arc::new(without.clone())).with_hours(before.into()));
    bench.node_up(Held::default());
    let idle = |bench: &Bench| bench.facts.iter().filter(|fact| matches!(fact, Fact::OverrideIdle { .. })).count();
    assert_eq!(idle(&bench), 1);
    bench.tell(Event::PlanLoaded(with));
    assert_eq!(idle(&bench), 1);
    hears(&mut bench, "101", "closed");
    bench.tell(Event::PlanLoaded(Arc::new(without)));
    assert_eq!(idle(&bench), 2, "told when the plan loses them, too");
}

fn setup(born: Time) -> Setup {
    Setup { boot: 8, born, seed: 1, limits: Limits::default(), public_url: None }
}
