//! A new plan while calls are going on.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, MENU, plan, queue};
use crate::{dialplan::Strategy, domain::Cause, engine::Event};

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
    other.numbers.clear();
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
    other.numbers.clear();
    bench.tell(Event::PlanLoaded(Arc::new(other)));
    bench.hangs_up(&talking);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.passes(Duration::from_secs(20));

    bench.expect_offer("anna", &caller);
}
