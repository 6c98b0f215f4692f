//! A new plan while calls are going on.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, MENU, held, patience, plan, queue};
use crate::{
    dialplan::{MaxWait, Numbers, StepId, Strategy},
    domain::Cause,
    engine::{
        Event, Fact, Held,
        notice::{LeftQueue, Outcome},
    },
};

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn an_operator_whom_the_new_plan_adds_takes_who_waits() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.asked.clear();

    bench.tell(Event::PlanLoaded(Arc::new(plan(vec![queue("sales", &["anna", "boris"], Strategy::Linear)]))));

    bench.expect_offer("boris", &caller);
}

#[test]
fn an_operator_whom_the_new_plan_lacks_ends_his_conversation_and_gets_no_other() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (talking, anna) = bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    bench.tell(Event::PlanLoaded(Arc::new(plan(vec![queue("sales", &["boris"], Strategy::Linear)]))));
    let boris = bench.expect_offer("boris", &caller);
    bench.answers(&boris);
    let late = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    bench.hangs_up(&anna.leg);
    bench.expect_hangup(&talking);
    bench.passes(Duration::from_secs(9));
    bench.assert_quiet();
    assert_eq!(bench.waiting(), [late]);
    let names: Vec<_> = bench.engine.snapshot(bench.now).operators.into_iter().map(|o| o.operator).collect();
    assert_eq!(names, ["boris".into()]);
}

#[test]
fn a_call_keeps_the_plan_it_began_with() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    bench.expect_answer(&caller);
    bench.expect_armed(&caller);
    let greeting = bench.expect_play(&caller, "greeting");
    let mut other = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    other.steps.truncate(1);
    other.numbers = Numbers::default();
    bench.tell(Event::PlanLoaded(Arc::new(other)));

    bench.hears_to_the_end(&caller, greeting);

    bench.expect_play(&caller, "menu");
    let late = bench.caller_arrives(MENU);
    bench.expect_continue(&late);
}

#[test]
fn those_who_wait_in_a_queue_that_is_gone_are_served_to_the_last() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (talking, anna) = bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    let mut other = plan(vec![queue("billing", &["anna"], Strategy::Linear)]);
    other.numbers = Numbers::default();
    bench.tell(Event::PlanLoaded(Arc::new(other)));
    bench.hangs_up(&talking);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.passes(Duration::from_secs(20));

    bench.expect_offer("anna", &caller);
}

/// A plan in which the first queue, its operators and all numbers are gone.
fn without_sales(operators: &[&str]) -> Event {
    let mut other = plan(vec![queue("billing", operators, Strategy::Linear)]);
    other.numbers = Numbers::default();
    Event::PlanLoaded(Arc::new(other))
}

fn left(bench: &Bench) -> Vec<LeftQueue> {
    let left = |fact: &Fact| match fact {
        Fact::LeftQueue { why, .. } => Some(*why),
        _ => None,
    };
    bench.facts.iter().filter_map(left).collect()
}

#[test]
fn one_who_comes_to_a_queue_that_is_gone_is_served_by_those_it_had() {
    let mut bench = Bench::with_queue("sales", ["boris", "anna"]);
    let caller = bench.caller_arrives(MENU);
    bench.tell(without_sales(&["anna"]));
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    bench.presses(&caller, "1");

    bench.expect_offer("anna", &caller);
}

#[test]
fn one_who_comes_to_a_queue_that_nobody_serves_any_more_goes_where_he_would_after_waiting() {
    let mut bench = Bench::new(plan(vec![patience(queue("sales", &["anna"], Strategy::Linear), MINUTE)]));
    let caller = bench.caller_arrives(MENU);
    bench.tell(without_sales(&["boris"]));
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    bench.presses(&caller, "1");

    bench.expect_play(&caller, "goodbye");
    assert_eq!(left(&bench), [LeftQueue::Unstaffed]);
    assert!(bench.waiting().is_empty());
}

#[test]
fn those_who_wait_for_operators_who_are_gone_go_to_the_fallback() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    let (first, second) = (bench.caller_arrives(DIRECT), bench.caller_arrives(DIRECT));
    bench.asked.clear();

    bench.tell(without_sales(&["boris"]));

    bench.expect_continue(&first);
    bench.expect_continue(&second);
    assert_eq!(left(&bench), [LeftQueue::Unstaffed; 2]);
    bench.hangs_up(&first);
    bench.hangs_up(&second);
    assert_eq!(bench.outcomes(), [Outcome::Fallback; 2]);
}

#[test]
fn those_who_wait_on_a_node_that_is_away_are_told_when_it_is_back_that_nobody_serves_them() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.node_down();
    bench.tell(without_sales(&["boris"]));
    bench.asked.clear();

    bench.node_up(Held { channels: vec![held(&caller, true)], bridges: vec![] });

    bench.expect_continue(&caller);
}

#[test]
fn an_operator_who_is_gone_from_the_plan_may_still_take_the_call_he_is_rung_for() {
    for takes in [true, false] {
        let mut bench = Bench::with_queue("sales", ["anna"]);
        let caller = bench.caller_arrives(DIRECT);
        let anna = bench.expect_offer("anna", &caller);
        bench.take_marks(&caller);
        bench.tell(without_sales(&["boris"]));
        if takes {
            bench.answers(&anna);
            bench.expect_disarmed(&caller);
        } else {
            bench.declines(&anna);
            bench.expect_continue(&caller);
        }
    }
}

#[test]
fn a_plan_that_leads_from_one_line_that_nobody_serves_to_the_same_ends_in_the_fallback() {
    let mut circle = plan(vec![patience(queue("sales", &["anna"], Strategy::Linear), MINUTE)]);
    circle.queues[0].max_wait = Some(MaxWait { after: MINUTE, go: StepId(0) });
    let mut bench = Bench::new(circle);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.asked.clear();

    bench.tell(without_sales(&["boris"]));

    bench.expect_continue(&caller);
}
