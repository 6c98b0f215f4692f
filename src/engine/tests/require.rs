//! Calls that ask for skills.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    bench::{Bench, DIRECT, held, plan, queue, sound},
    found::left,
};
use crate::{
    dialplan::{Act, DutyChange, Plan, Queue, Required, Requires, Step, StepId, Strategy, Terms},
    domain::{Cause, ChannelId, Name},
    engine::{DutyBy, Event, Fact, Held, HeldChannel, Limits, notice::LeftQueue, record::Passage},
};

const SECOND: Duration = Duration::from_secs(1);

fn skills(level: u32) -> BTreeMap<Name, u32> {
    BTreeMap::from([(Name::new("english"), level)])
}

fn asks(steps: &[(u64, BTreeMap<Name, u32>)]) -> Requires {
    let step = |(after, skills): &(u64, BTreeMap<Name, u32>)| Required {
        after: Duration::from_secs(*after),
        skills: skills.clone(),
    };
    Requires { steps: steps.iter().map(step).collect() }
}

/// Calls to [`DIRECT`] ask for this before they come to the queue. Boris comes first and knows no English, Anna does.
fn requiring(requires: Requires, of: Queue) -> Plan {
    let mut plan = plan(vec![of]);
    plan.operators["anna"].skills = skills(3);
    plan.steps.push(Step { act: Act::Require(Arc::new(requires)), next: Some(StepId(0)) });
    let entry = StepId(u32::try_from(plan.steps.len() - 1).expect("few"));
    let numbers = plan.numbers.values().cloned().map(|number| crate::dialplan::PublicNumber { entry, ..number });
    plan.numbers = numbers.collect();
    plan
}

fn sales() -> Queue {
    queue("sales", &["boris", "anna"], Strategy::TopDown)
}

fn comes(bench: &mut Bench) -> ChannelId {
    bench.caller_arrives(DIRECT)
}

fn pause(bench: &mut Bench, operator: &str) {
    let change = DutyChange::Pause { reason: None, lasts: None };
    bench.tell(Event::DutyAsked { operator: operator.into(), change, by: DutyBy::Api });
}

#[test]
fn a_call_that_asks_for_a_skill_has_only_those_who_have_it_and_other_calls_have_everybody() {
    let mut bench = Bench::new(requiring(asks(&[(0, skills(3))]), sales()));
    let first = comes(&mut bench);
    assert_eq!(bench.ringing_for(&first), ["anna"]);
    let second = comes(&mut bench);
    assert_eq!(bench.ringing_for(&second), [""; 0], "Boris is free and may not have him");
    let mut bench = Bench::new(requiring(Requires::default(), sales()));
    let third = comes(&mut bench);
    assert_eq!(bench.ringing_for(&third), ["boris"]);
}

#[test]
fn what_a_call_asks_for_comes_to_what_its_queue_asks_for() {
    let terms = Terms { skills: [(Name::new("billing"), 1)].into(), ..Terms::default() };
    let mut plan = requiring(asks(&[(0, skills(1))]), Queue { terms: vec![terms], ..sales() });
    plan.operators["boris"].skills = [(Name::new("billing"), 5)].into();
    plan.operators["anna"].skills.insert("billing".into(), 1);
    let mut bench = Bench::new(plan);
    let caller = comes(&mut bench);
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
}

#[test]
fn what_is_asked_for_relaxes_and_whoever_may_be_rung_then_is_rung_then() {
    let mut bench = Bench::new(requiring(asks(&[(0, skills(3)), (45, BTreeMap::new())]), sales()));
    pause(&mut bench, "anna");
    let caller = comes(&mut bench);
    let call = bench.engine.caller_of(&caller).expect("a caller");
    let asked = |bench: &Bench| bench.engine.call_view(call, bench.now).expect("a call").requires;
    assert_eq!(asked(&bench), skills(3));
    bench.passes(44 * SECOND);
    assert_eq!(bench.ringing_for(&caller), [""; 0]);
    bench.passes(SECOND);
    assert_eq!(bench.ringing_for(&caller), ["boris"]);
    assert_eq!(asked(&bench), BTreeMap::new());
}

#[test]
fn one_for_whom_nobody_has_what_is_asked_for_is_not_kept_unless_it_relaxes() {
    let unstaffed = Queue { when_unstaffed: Some(StepId(4)), ..sales() };
    let left = |bench: &Bench| {
        bench.facts.iter().any(|fact| matches!(fact, Fact::LeftQueue { why: LeftQueue::Unstaffed, .. }))
    };
    let mut bench = Bench::new(requiring(asks(&[(0, skills(4))]), unstaffed.clone()));
    comes(&mut bench);
    assert!(left(&bench));
    let mut bench = Bench::new(requiring(asks(&[(0, skills(4)), (30, skills(3))]), unstaffed.clone()));
    comes(&mut bench);
    assert!(!left(&bench));
    // Nor is one whose only operator goes, though others stay.
    let away = [crate::dialplan::Away::Paused].into();
    let mut bench = Bench::new(requiring(asks(&[(0, skills(3))]), Queue { unstaffed_if: away, ..unstaffed }));
    comes(&mut bench);
    assert!(!left(&bench));
    pause(&mut bench, "anna");
    assert!(left(&bench));
}

#[test]
fn a_restart_keeps_what_a_call_asks_for_and_since_when_it_waits() {
    let life = || requiring(asks(&[(0, skills(3)), (45, BTreeMap::new())]), sales());
    let mut bench = Bench::new(life());
    let first = comes(&mut bench);
    let anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    let caller = comes(&mut bench);
    let found = HeldChannel { enters: Some(DIRECT.into()), ..left(&bench, &caller) };
    bench.passes(20 * SECOND);
    bench.ends(&anna.leg, Cause::q850(16));
    let mut next = Bench::born(8, life(), Limits::default());
    pause(&mut next, "anna");
    next.now = bench.now;
    next.node_down();
    next.node_up(Held { channels: vec![found], bridges: Vec::new() });
    assert_eq!(next.ringing_for(&caller), [""; 0]);
    next.passes(24 * SECOND);
    assert_eq!(next.ringing_for(&caller), [""; 0]);
    next.passes(SECOND);
    assert_eq!(next.ringing_for(&caller), ["boris"]);
}

#[test]
fn a_restart_keeps_what_a_call_asks_for_when_somebody_is_rung_for_it_at_once() {
    let life = || {
        let mut plan = requiring(asks(&[(0, skills(3))]), sales());
        let asks = StepId(u32::try_from(plan.steps.len() - 1).expect("few"));
        plan.steps.push(Step { act: Act::Play(sound("greeting").into()), next: Some(asks) });
        let entry = StepId(asks.0 + 1);
        let numbers = plan.numbers.values().cloned().map(|number| crate::dialplan::PublicNumber { entry, ..number });
        plan.numbers = numbers.collect();
        plan
    };
    let mut bench = Bench::new(life());
    let caller = comes(&mut bench);
    // The switch is armed for long enough while he hears this.
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    let anna = bench.expect_offer("anna", &caller);
    let found = HeldChannel { enters: Some(DIRECT.into()), ..left(&bench, &caller) };
    let mut next = Bench::born(8, life(), Limits::default());
    next.now = bench.now;
    next.node_down();
    next.node_up(Held { channels: vec![found, held(&anna.leg, false)], bridges: Vec::new() });
    assert_eq!(next.waiting(), std::slice::from_ref(&caller));
    assert_eq!(next.ringing_for(&caller), [""; 0], "boris knows no English, and anna is still rung by the life before");
}

#[test]
fn the_record_says_what_was_asked_for() {
    let mut bench = Bench::new(requiring(asks(&[(0, skills(3))]), sales()));
    let caller = comes(&mut bench);
    bench.hangs_up(&caller);
    let record = bench.records.last().expect("a record");
    let asked: Vec<&Passage> = record.path.iter().map(|passed| &passed.what).collect();
    assert_eq!(asked, [&Passage::Required(skills(3))]);
    let written = serde_json::to_value(&record.path).expect("JSON");
    assert_eq!(written[0]["required"], serde_json::json!({"english": 3}));
}
