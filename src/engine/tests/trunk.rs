//! Operators behind a trunk: who has its line when it is free again.

use std::time::Duration;

use super::bench::Bench;
use crate::{
    dialplan::{Plan, parse},
    domain::{Caller, Cause, ChannelId},
    engine::{Event, tests::bench::NODE},
};

/// Anna and Boris are behind a trunk with one line.
fn plan(queues: &str) -> Plan {
    let text = format!(
        "exchange: bench\nnumbers: {{101: {{flow: one}}, 102: {{flow: other}}}}\n\
         trunks: {{t: {{dial: \"PJSIP/{{number}}@t\", channels: 1}}}}\n\
         operators: {{anna: {{dial: PJSIP/+4790000001@t}}, boris: {{dial: PJSIP/+4790000002@t}}}}\n\
         queues: {queues}\n\
         flows: {{one: [{{queue: sales}}], other: [{{queue: billing}}]}}\n"
    );
    match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

const ANNA: &str = "+4790000001@t";
const BORIS: &str = "+4790000002@t";

/// Somebody calls, a second after whoever called last.
fn calls(bench: &mut Bench, number: &str, name: &str) -> ChannelId {
    bench.passes(Duration::from_secs(1));
    let channel = ChannelId::new(NODE, name);
    let caller = Caller::default();
    bench.tell(Event::CallArrived { channel: channel.clone(), enters: number.into(), caller, answered: true });
    channel
}

#[test]
fn a_caller_whose_operator_had_the_last_line_and_did_not_take_the_call_has_it_before_those_behind_him() {
    let mut bench = Bench::new(plan(
        "{sales: {operators: [anna, boris], strategy: linear}, billing: {operators: [boris], strategy: linear}}",
    ));
    let first = calls(&mut bench, "101", "first");
    let anna = bench.expect_offer(ANNA, &first);
    let second = calls(&mut bench, "102", "second");
    bench.asked.clear();

    bench.declines(&anna);

    bench.expect_offer(BORIS, &first);
    assert_eq!(bench.ringing_for(&second), [""; 0]);
}

#[test]
fn of_all_who_become_free_with_a_line_one_is_rung_for_the_first_in_line() {
    let mut bench = Bench::new(plan(
        "{sales: {operators: [anna], strategy: linear}, billing: {operators: [boris], strategy: linear}}",
    ));
    let talks = calls(&mut bench, "101", "talks");
    let anna = bench.expect_offer(ANNA, &talks);
    bench.answers(&anna);
    let first = calls(&mut bench, "102", "first");
    let second = calls(&mut bench, "101", "second");
    bench.hangs_up(&talks);
    bench.asked.clear();

    bench.ends(&anna.leg, Cause::q850(16));

    bench.expect_offer(BORIS, &first);
    assert_eq!(bench.ringing_for(&second), [""; 0]);
}
