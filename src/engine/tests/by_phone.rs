//! Operators who say at a telephone whether they are there.

use std::time::Duration;

use super::bench::{Bench, NODE};
use crate::{
    dialplan::{Plan, parse},
    domain::{Caller, ChannelId},
    engine::{
        DutyBy, Event, Fact,
        notice::{DutyFact, OperatorState, PinRefused},
    },
};

/// 500 is the queue of anna, who has a PIN, and of boris, who has none. 501 pauses, 502 signs in or out, 503 ends wrap-up.
fn bench() -> Bench {
    let text = "exchange: bench\n\
         numbers: {500: {flow: sales}, 501: {flow: pause}, 502: {flow: toggle}, 503: {flow: done}}\n\
         operators: {anna: {dial: PJSIP/anna, extension: 101, pin: \"4711\"}, boris: {dial: PJSIP/boris, extension: 102}}\n\
         pauses: {lunch: {for: 30m}}\n\
         queues: {sales: {operators: [anna], wrap_up: 1m}, rest: {operators: [boris]}}\n\
         flows:\n  \
           sales: [{queue: sales}]\n  \
           pause: [{operator: {does: pause, reason: lunch, play: sound:pin, extension: {play: sound:who}, invalid: sound:wrong, otherwise: {play: sound:refused}}}, {play: sound:paused}]\n  \
           toggle: [{operator: {does: toggle, play: sound:pin, otherwise: {play: sound:refused}}}, {play: sound:done}]\n  \
           done: [{operator: {does: wrap_up_end, play: sound:pin, otherwise: {play: sound:refused}}}, {play: sound:done}]\n";
    let plan: Plan = match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    };
    Bench::new(plan)
}

fn dials(bench: &mut Bench, phone: Option<&str>, number: &str) -> ChannelId {
    let channel = ChannelId::new(NODE, &format!("{}.{number}.{}", phone.unwrap_or("out"), bench.now.as_micros()));
    let caller = match phone {
        Some(phone) => Caller::from_wire("", "", "").at_phone(&format!("PJSIP/{phone}-0000002a")),
        None => Caller::from_wire("+4790000001", "", ""),
    };
    bench.tell(Event::CallArrived { channel: channel.clone(), enters: number.into(), caller, answered: false });
    channel
}

fn refused(bench: &mut Bench) -> Vec<(Option<String>, PinRefused)> {
    let refused = bench.facts.drain(..).filter_map(|fact| match fact {
        Fact::Duty(DutyFact::PinRefused { operator, why }) => Some((operator.map(|name| name.to_string()), why)),
        _ => None,
    });
    refused.collect()
}

#[test]
fn at_his_own_telephone_an_operator_is_asked_for_his_pin_and_no_more() {
    let mut bench = bench();
    let anna = dials(&mut bench, Some("anna"), "501");
    bench.expect_play(&anna, "pin");
    bench.presses(&anna, "4711#");
    bench.expect_play(&anna, "paused");
    bench.assert_operator("anna", OperatorState::Talking);
    bench.hangs_up(&anna);
    bench.assert_operator("anna", OperatorState::Paused);
    let by = |fact: &Fact| matches!(fact, Fact::Duty(DutyFact::Changed { by: DutyBy::Phone, .. }));
    assert_eq!(bench.facts.iter().filter(|fact| by(fact)).count(), 1);
}

#[test]
fn one_without_a_pin_is_known_by_his_own_telephone_alone() {
    let mut bench = bench();
    let boris = dials(&mut bench, Some("boris"), "502");
    bench.expect_play(&boris, "done");
    bench.hangs_up(&boris);
    bench.assert_operator("boris", OperatorState::SignedOut);

    let stranger = dials(&mut bench, None, "502");
    bench.expect_play(&stranger, "refused");
    assert_eq!(refused(&mut bench), [(None, PinRefused::Stranger)]);
    let stranger = dials(&mut bench, None, "501");
    bench.expect_play(&stranger, "who");
    bench.presses(&stranger, "102#0000#");
    assert_eq!(refused(&mut bench), [(Some("boris".into()), PinRefused::NoPin)]);
}

#[test]
fn at_another_telephone_he_says_who_he_is_and_who_waits_is_served_at_once_when_he_signs_in() {
    let mut bench = bench();
    let own = dials(&mut bench, Some("anna"), "502");
    bench.presses(&own, "4711#");
    bench.hangs_up(&own);
    bench.assert_operator("anna", OperatorState::SignedOut);
    let caller = bench.caller_arrives("500");
    bench.asked.clear();

    let own = dials(&mut bench, Some("anna"), "502");
    bench.presses(&own, "4711#");
    assert!(bench.ringing_for(&caller).is_empty(), "she is on the telephone");
    bench.hangs_up(&own);
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
}

#[test]
fn a_pause_by_another_telephone_is_by_internal_number_and_pin() {
    let mut bench = bench();
    let caller = dials(&mut bench, None, "501");
    bench.expect_play(&caller, "who");
    bench.presses(&caller, "101#");
    bench.expect_play(&caller, "pin");
    bench.presses(&caller, "4711#");
    bench.expect_play(&caller, "paused");
    bench.assert_operator("anna", OperatorState::Paused);
    let anna = bench.engine.view_operator_of(&"anna".into(), bench.now).expect("in the plan");
    assert_eq!(anna.duty.reason.as_deref(), Some("lunch"));
    assert!(anna.duty.until.is_some(), "half an hour");
}

#[test]
fn nobody_is_told_whether_a_number_or_a_pin_was_wrong_and_all_of_it_is_asked_again() {
    let mut bench = bench();
    let caller = dials(&mut bench, None, "501");
    bench.expect_play(&caller, "who");
    bench.presses(&caller, "999#");
    bench.expect_play(&caller, "pin");
    bench.presses(&caller, "1234#");
    bench.expect_play(&caller, "who");
    assert_eq!(refused(&mut bench), [(None, PinRefused::Wrong)]);
    bench.passes(Duration::from_secs(1));
    bench.presses(&caller, "101#4711#");
    bench.expect_play(&caller, "paused");
}

#[test]
fn after_three_wrong_pins_not_even_the_right_one_is_looked_at_for_a_minute() {
    let mut bench = bench();
    let guesser = dials(&mut bench, Some("lobby"), "501");
    for _ in 0..3 {
        bench.presses(&guesser, "101#0000#");
        bench.passes(Duration::from_secs(2));
    }
    bench.expect_play(&guesser, "refused");
    bench.hangs_up(&guesser);
    let wrong = (Some("anna".to_owned()), PinRefused::Wrong);
    assert_eq!(refused(&mut bench), [wrong.clone(), wrong.clone(), wrong]);

    // She herself, at her own telephone; and the same guesser for somebody else.
    let anna = dials(&mut bench, Some("anna"), "501");
    bench.presses(&anna, "4711#");
    assert_eq!(refused(&mut bench), [(Some("anna".into()), PinRefused::Locked)]);
    let guesser = dials(&mut bench, Some("lobby"), "501");
    bench.presses(&guesser, "102#0000#");
    assert_eq!(refused(&mut bench), [(Some("boris".into()), PinRefused::Locked)]);
    bench.hangs_up(&guesser);
    bench.passes(Duration::from_secs(60));
    bench.hangs_up(&anna);
    let anna = dials(&mut bench, Some("anna"), "501");
    bench.presses(&anna, "4711#");
    bench.hangs_up(&anna);
    bench.assert_operator("anna", OperatorState::Paused);
}

#[test]
fn one_who_asks_for_what_cannot_be_goes_the_other_way() {
    let mut bench = bench();
    let anna = dials(&mut bench, Some("anna"), "503");
    bench.presses(&anna, "4711#");
    bench.expect_play(&anna, "refused");
}

#[test]
fn wrap_up_goes_on_behind_a_call_of_his_own_and_ends_when_he_says_so_in_it() {
    for ends in [false, true] {
        let mut bench = bench();
        let caller = bench.caller_arrives("500");
        let ringing = bench.expect_offer("anna", &caller);
        bench.answers(&ringing);
        bench.hangs_up(&caller);
        bench.ends(&ringing.leg, crate::domain::Cause::q850(16));
        bench.assert_operator("anna", OperatorState::WrappingUp);

        let own = dials(&mut bench, Some("anna"), "503");
        bench.assert_operator("anna", OperatorState::Talking);
        bench.passes(Duration::from_secs(3));
        bench.presses(&own, if ends { "4711#" } else { "" });
        bench.hangs_up(&own);

        bench.assert_operator("anna", if ends { OperatorState::Ready } else { OperatorState::WrappingUp });
        bench.passes(Duration::from_secs(57));
        bench.assert_operator("anna", OperatorState::Ready);
    }
}

#[test]
fn what_is_entered_is_in_no_notice() {
    let mut bench = bench();
    let caller = dials(&mut bench, None, "501");
    bench.presses(&caller, "101#8642#101#4711#");
    bench.passes(Duration::from_secs(2));
    bench.presses(&caller, "101#4711#");
    let told = format!("{:?}", bench.facts);
    assert!(!told.contains("4711") && !told.contains("8642"), "{told}");
}
