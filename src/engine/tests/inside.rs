//! Telephones of the house: they dial internal numbers, and who calls is not rung.

use std::sync::Arc;

use super::bench::{Bench, DIRECT, NODE, held, plan, queue};
use crate::{
    dialplan::{Act, Dial, DialMode, Extension, Plan, Reaches, Step, StepId, Strategy, Target},
    domain::{Caller, Cause, ChannelId, Name, Reason},
    engine::{
        Command, Event, Fact, Held, HeldChannel, Limits,
        notice::{OperatorState, Outcome, Refusal},
    },
};

/// The queue `sales` of anna; 101 and 102 ring anna and boris, 600 leads to the flow with the menu.
fn house() -> Bench {
    let mut plan = plan(vec![queue("sales", &["anna"], Strategy::Linear), queue("rest", &["boris"], Strategy::Linear)]);
    add(&mut plan, "101", "anna");
    add(&mut plan, "102", "boris");
    plan.extensions.insert("600".into(), Extension { entry: StepId(1), reaches: Reaches::Flow });
    Bench::new(plan)
}

fn add(plan: &mut Plan, number: &str, operator: &str) {
    let entry = StepId(u32::try_from(plan.steps.len()).expect("few"));
    let operator = Name::new(operator);
    let dial = Dial {
        to: vec![Target::Operator(operator.clone())],
        mode: DialMode::InTurn,
        ring: std::time::Duration::from_secs(30),
        busy: Some(StepId(entry.0 + 1)),
        no_answer: None,
        unreachable: None,
        otherwise: None,
    };
    plan.steps.push(Step { act: Act::Dial(Arc::new(dial)), next: None });
    plan.steps.push(Step { act: Act::HangUp(Reason::Busy), next: None });
    plan.extensions.insert(number.into(), Extension { entry, reaches: Reaches::Operator(operator) });
}

/// Somebody at a telephone of the house dials.
fn dials(bench: &mut Bench, phone: &str, number: &str) -> ChannelId {
    let channel = ChannelId::new(NODE, &format!("{phone}.{number}"));
    let caller = Caller::from_wire("", "", "").at_phone(&format!("PJSIP/{phone}-0000002a"));
    bench.tell(Event::CallArrived { channel: channel.clone(), enters: number.into(), caller, answered: false });
    channel
}

#[test]
fn an_operator_dials_another_and_neither_is_rung_for_a_queue_meanwhile() {
    let mut bench = house();
    let anna = dials(&mut bench, "anna", "102");
    bench.expect_answer(&anna);
    bench.expect_armed(&anna);
    bench.assert_operator("anna", OperatorState::Talking);
    let ringing = bench.expect_offer("boris", &anna);
    bench.answers(&ringing);
    bench.expect_disarmed(&anna);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_parked(&caller);
    bench.take_tones();
    bench.assert_quiet();
    bench.hangs_up(&anna);
    bench.expect_hangup(&ringing.leg);
    bench.expect_offer("anna", &caller);
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.assert_ready("boris");
    assert_eq!(bench.outcomes(), [Outcome::Served]);
}

#[test]
fn who_is_in_a_call_of_his_own_is_busy() {
    let mut bench = house();
    let anna = dials(&mut bench, "anna", "600");
    bench.expect_play(&anna, "greeting");
    let boris = dials(&mut bench, "boris", "101");
    assert_eq!(bench.expect_hangup(&boris), Reason::Busy);
    let own = dials(&mut bench, "anna", "101");
    assert_eq!(bench.expect_hangup(&own), Reason::Busy, "nobody is rung by himself");
    bench.hangs_up(&own);
    bench.assert_operator("anna", OperatorState::Talking);
    bench.hangs_up(&anna);
    bench.assert_ready("anna");
}

#[test]
fn who_calls_somebody_while_he_talks_is_not_free_when_the_other_hangs_up() {
    let mut bench = house();
    let caller = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &caller);
    bench.answers(&ringing);
    let own = dials(&mut bench, "anna", "600");

    bench.hangs_up(&caller);
    bench.hangs_up(&ringing.leg);
    bench.ends(&ringing.leg, Cause::q850(16));

    bench.passes(std::time::Duration::from_secs(60));
    bench.assert_operator("anna", OperatorState::Talking);
    bench.hangs_up(&own);
    bench.assert_ready("anna");
}

#[test]
fn who_is_rung_when_he_calls_goes_on_ringing() {
    let mut bench = house();
    let caller = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &caller);
    let anna = dials(&mut bench, "anna", "600");
    bench.assert_operator("anna", OperatorState::Ringing);
    bench.hangs_up(&anna);
    bench.assert_operator("anna", OperatorState::Ringing);
    bench.answers(&ringing);
    bench.assert_operator("anna", OperatorState::Talking);
}

#[test]
fn a_call_from_the_house_takes_no_channel_of_a_number() {
    let mut bench = house();
    for phone in ["kitchen", "workshop", "gate", "porter"] {
        let caller = dials(&mut bench, phone, super::bench::MENU);
        bench.expect_play(&caller, "greeting");
    }
    let snapshot = bench.engine.snapshot(bench.now);
    assert!(snapshot.numbers.iter().all(|number| number.calls == 0), "{:?}", snapshot.numbers);
    assert!(snapshot.calls.iter().all(|call| call.internal));
}

#[test]
fn there_is_no_such_number_in_the_house_or_for_those_outside() {
    let mut bench = house();
    let anna = dials(&mut bench, "anna", "999");
    assert_eq!(bench.expect_hangup(&anna), Reason::Unallocated);
    bench.assert_ready("anna");
    let outside = bench.caller_arrives("102");
    bench.expect_continue(&outside);
    let refused = |fact: &Fact| matches!(fact, Fact::Refused { why: Refusal::UnknownNumber, .. });
    assert_eq!(bench.facts.iter().filter(|fact| refused(fact)).count(), 2);
    bench.assert_quiet();
}

#[test]
fn a_call_within_the_house_that_is_found_begins_anew_at_its_number() {
    let mut first = house();
    let anna = dials(&mut first, "anna", "600");
    let mark = first.take("to write", |command| matches!(command, Command::Mark { .. }));
    let Command::Mark { mark, .. } = mark else { unreachable!() };
    let mut second = Bench::born(8, (*first.engine.plan).clone(), Limits::default());
    let caller = Caller::default().at_phone("PJSIP/anna-0000002a");
    let found = HeldChannel { enters: Some("600".into()), caller, mark: mark.state, ..held(&anna, true) };
    second.node_up(Held { channels: vec![found], bridges: Vec::new() });
    second.expect_play(&anna, "greeting");
    second.assert_operator("anna", OperatorState::Talking);
    second.hangs_up(&anna);
    second.assert_ready("anna");
}

#[test]
fn who_is_in_a_call_of_his_own_is_free_behind_it_though_a_new_plan_gave_him_another_telephone() {
    let mut bench = house();
    let anna = dials(&mut bench, "anna", "600");
    let mut plan = (*bench.engine.plan).clone();
    plan.operators.get_mut("anna").expect("an operator").dial = "PJSIP/desk".into();
    bench.tell(Event::PlanLoaded(Arc::new(plan)));
    bench.assert_operator("anna", OperatorState::Talking);
    bench.hangs_up(&anna);
    bench.assert_ready("anna");
}

#[test]
fn who_has_hung_up_his_own_call_is_not_free_before_asterisk_says_so() {
    let mut bench = house();
    let caller = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &caller);
    bench.answers(&ringing);
    let own = dials(&mut bench, "anna", "101");
    assert_eq!(bench.expect_hangup(&own), Reason::Busy);
    bench.hangs_up(&caller);
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.assert_operator("anna", OperatorState::Talking);
    bench.hangs_up(&own);
    // What he is owed for the conversation that ended meanwhile.
    bench.assert_operator("anna", OperatorState::WrappingUp);
}
