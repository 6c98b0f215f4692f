//! Who of those who wait is served first.

use std::time::Duration;

use super::{bench::Bench, found::left, logic::called_by};
use crate::{
    dialplan::{Plan, parse},
    domain::{Cause, ChannelId},
    engine::{Command, Event, Held, HeldChannel, Limits},
};

const SECOND: Duration = Duration::from_secs(1);

/// A plan with these queues. Callers whose numbers begin with +471 are of priority 10, and those of +472 call for billing.
fn plan(queues: &str) -> Plan {
    let text = format!(
        "exchange: bench\ntimezone: Europe/Oslo\nnumbers: {{101: {{flow: welcome}}}}\n\
         operators: {{anna: {{dial: PJSIP/anna}}, boris: {{dial: PJSIP/boris}}}}\n\
         queues: {queues}\n\
         flows:\n  welcome:\n\
         \x20   - if: {{when: \"starts_with(caller.number, '+471')\", then: {{set: {{priority: 10}}}}}}\n\
         \x20   - if: {{when: \"starts_with(caller.number, '+472')\", then: {{queue: billing}}, else: {{queue: sales}}}}\n"
    );
    match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

const BOTH: &str = "sales: {operators: [anna]}, billing: {operators: [anna], KEYS}";

fn both(keys: &str) -> Plan {
    plan(&format!("{{{}}}", BOTH.replace("KEYS", keys)))
}

fn sales(keys: &str) -> Plan {
    plan(&format!("{{sales: {{operators: [anna], {keys}}}, billing: {{operators: [boris]}}}}"))
}

/// Somebody who waits, for Anna talks.
fn waits(bench: &mut Bench, number: &str) -> ChannelId {
    let caller = called_by(bench, number);
    bench.asked.clear();
    caller
}

/// Anna talks with a caller, and these come meanwhile, a second between any two; in which order she gets them.
fn served(bench: &mut Bench, callers: &[&str]) -> Vec<String> {
    let first = called_by(bench, "+4730000000");
    let mut anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    let mut talks = first;
    for number in callers {
        waits(bench, number);
        bench.passes(SECOND);
    }
    bench.asked.clear();
    let mut served = Vec::new();
    while served.len() < callers.len() {
        bench.hangs_up(&talks);
        bench.ends(&anna.leg, Cause::q850(16));
        talks = rung_for(bench);
        anna = bench.expect_offer("anna", &talks);
        bench.answers(&anna);
        bench.asked.clear();
        served.push(talks.id.trim_start_matches("caller.").to_owned());
    }
    served
}

fn rung_for(bench: &Bench) -> ChannelId {
    let caller = bench.asked.iter().find_map(|command| match command {
        Command::Create { caller, .. } => Some(caller.clone()),
        _ => None,
    });
    caller.unwrap_or_else(|| panic!("nobody is rung: {:?}", bench.asked))
}

#[test]
fn a_caller_of_greater_priority_is_served_before_all_who_came_before_him() {
    let mut bench = Bench::new(sales(""));
    let order = served(&mut bench, &["+4731", "+4711", "+4732", "+4712"]);
    assert_eq!(order, ["+4711", "+4712", "+4731", "+4732"]);
}

#[test]
fn waiting_makes_up_for_priority_where_the_plan_says_so() {
    let mut bench = Bench::new(sales("ageing: 1s"));
    let first = called_by(&mut bench, "+4730000000");
    let anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    let long = waits(&mut bench, "+4731");
    bench.passes(11 * SECOND);
    let vip = waits(&mut bench, "+4711");
    bench.passes(SECOND);
    assert_eq!(bench.waiting(), [long, vip], "ten points are ten seconds, and he has waited eleven");
    let later = waits(&mut bench, "+4732");
    assert_eq!(bench.waiting().last(), Some(&later));
}

#[test]
fn a_plan_that_ages_otherwise_puts_those_who_wait_into_another_order() {
    let mut bench = Bench::new(sales("ageing: 1s"));
    let first = called_by(&mut bench, "+4730000000");
    let anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    let long = waits(&mut bench, "+4731");
    bench.passes(11 * SECOND);
    let vip = waits(&mut bench, "+4711");
    bench.tell(Event::PlanLoaded(sales("").into()));
    assert_eq!(bench.waiting(), [vip.clone(), long]);
    bench.hangs_up(&first);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.expect_offer("anna", &vip);
}

#[test]
fn an_operator_of_two_queues_takes_the_greatest_priority_of_both_and_then_who_waited_longest() {
    let mut bench = Bench::new(both(""));
    let order = served(&mut bench, &["+4731", "+4721", "+4732", "+4711"]);
    assert_eq!(order, ["+4711", "+4731", "+4721", "+4732"]);
}

#[test]
fn a_queue_of_greater_weight_comes_before_priority_and_waiting() {
    let mut bench = Bench::new(both("weight: 1"));
    let order = served(&mut bench, &["+4731", "+4711", "+4721", "+4722"]);
    assert_eq!(order, ["+4721", "+4722", "+4711", "+4731"]);
}

#[test]
fn a_restart_keeps_the_order_that_priority_gave() {
    let mut bench = Bench::new(sales(""));
    let first = called_by(&mut bench, "+4730000000");
    let anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    let long = called_by(&mut bench, "+4731");
    let vip = called_by(&mut bench, "+4711");
    // Told again before the switch runs out.
    bench.passes(20 * SECOND);
    let channels =
        [&long, &vip].map(|caller| HeldChannel { enters: Some("101".into()), ..left(&bench, caller) }).into();
    let mut next = Bench::born(8, sales(""), Limits::default());
    next.node_down();
    next.node_up(Held { channels, bridges: Vec::new() });
    let offered: Vec<_> = next
        .asked
        .iter()
        .filter_map(|command| match command {
            Command::Create { caller, .. } => Some(caller.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(offered, [vip]);
}
