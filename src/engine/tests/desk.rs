//! Operators who sign in at a telephone that is not their own.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::bench::{Bench, NODE, Ringing};
use crate::{
    dialplan::{DutyChange, Plan, parse},
    domain::{Caller, Cause, ChannelId, DeviceState, Name},
    engine::{
        DutyBy, Engine, Errand, Event, Fact, Held, KeptDuty, NotChanged, Setup,
        notice::{DutyFact, OperatorState, PinRefused},
    },
};

/// 500 is the queue of anna and boris. 501 signs in here, 502 at a desk that is entered, 503 signs out. 205 and 206 are desks, 207
/// is none.
const PLAN: &str = "exchange: bench\n\
    numbers: {500: {flow: sales}, 501: {flow: here}, 502: {flow: there}, 503: {flow: out}}\n\
    operators:\n  anna: {dial: PJSIP/anna, extension: 101, pin: \"4711\"}\n  \
    boris: {dial: [PJSIP/boris, {after: 5s, dial: PJSIP/attic}], extension: 102, pin: \"4712\", signed_in: false}\n\
    extensions: {205: {dial: PJSIP/desk5, desk: true}, 206: {dial: PJSIP/desk6, desk: true}, 207: {dial: PJSIP/kitchen}}\n\
    queues: {sales: {operators: [anna, boris], strategy: linear}}\n\
    flows:\n  \
      sales: [{queue: sales}]\n  \
      here: [{operator: {does: sign_in, desk: here, play: sound:pin, extension: {play: sound:who}, tries: 1, otherwise: {play: sound:refused}}}, {play: sound:done}]\n  \
      there: [{ask: {play: sound:where, into: desk, max: 3}}, {operator: {does: sign_in, desk: \"{{ desk }}\", play: sound:pin, extension: {play: sound:who}, tries: 1, otherwise: {play: sound:refused}}}, {play: sound:done}]\n  \
      out: [{operator: {does: sign_out, play: sound:pin, otherwise: {play: sound:refused}}}, {play: sound:done}]\n";

fn plan(text: &str) -> Plan {
    match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

fn bench() -> Bench {
    Bench::new(plan(PLAN))
}

fn dials(bench: &mut Bench, phone: &str, number: &str) -> ChannelId {
    let channel = ChannelId::new(NODE, &format!("{phone}.{number}.{}", bench.now.as_micros()));
    let caller = Caller::from_wire("", "", "").at_phone(&format!("PJSIP/{phone}-0000002a"));
    bench.tell(Event::CallArrived { channel: channel.clone(), enters: number.into(), caller, answered: false });
    channel
}

/// Somebody at a telephone signs in there.
fn signs_in(bench: &mut Bench, phone: &str, keys: &str) -> ChannelId {
    let call = dials(bench, phone, "501");
    bench.presses(&call, keys);
    call
}

fn asks(bench: &mut Bench, operator: &str, change: DutyChange) {
    bench.tell(Event::DutyAsked { operator: operator.into(), change, by: DutyBy::Api });
}

fn at(desk: &str) -> DutyChange {
    DutyChange::SignInAt(Some(desk.into()))
}

fn desk_of(bench: &Bench, operator: &str) -> Option<String> {
    let view = bench.engine.view_operator_of(&operator.into(), bench.now).expect("in the plan");
    view.desk.map(|desk| desk.to_string())
}

/// Where his telephone rings for a caller.
#[track_caller]
fn rings_at(bench: &mut Bench, phone: &str) -> (ChannelId, Ringing) {
    let caller = bench.caller_arrives("500");
    let ringing = bench.expect_offer(phone, &caller);
    (caller, ringing)
}

fn not_changed(bench: &Bench) -> Vec<NotChanged> {
    let why = |fact: &Fact| match fact {
        Fact::Duty(DutyFact::NotChanged { why, .. }) => Some(*why),
        _ => None,
    };
    bench.facts.iter().filter_map(why).collect()
}

#[test]
fn who_signs_in_at_a_desk_is_rung_there_when_he_has_hung_up_and_until_he_signs_out() {
    let mut bench = bench();
    asks(&mut bench, "anna", DutyChange::SignOut);
    let call = signs_in(&mut bench, "desk5", "102#4712#");
    bench.expect_play(&call, "done");
    assert_eq!(desk_of(&bench, "boris").as_deref(), Some("205"));
    let waits = bench.caller_arrives("500");
    assert!(bench.ringing_for(&waits).is_empty(), "he is on that telephone");
    bench.assert_operator("boris", OperatorState::Talking);
    bench.hangs_up(&call);
    let ringing = bench.expect_offer("desk5", &waits);
    bench.answers(&ringing);
    bench.hangs_up(&waits);
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.passes(Duration::from_secs(60));

    // The desk is his telephone: nobody asks there who he is.
    let call = dials(&mut bench, "desk5", "503");
    bench.expect_play(&call, "pin");
    bench.presses(&call, "4712#");
    bench.hangs_up(&call);
    bench.assert_operator("boris", OperatorState::SignedOut);
    assert_eq!(desk_of(&bench, "boris"), None);
    bench.asked.clear();
    asks(&mut bench, "boris", DutyChange::SignIn);
    rings_at(&mut bench, "boris");
}

#[test]
fn he_enters_at_which_desk_he_is() {
    let mut bench = bench();
    asks(&mut bench, "anna", DutyChange::SignOut);
    let call = dials(&mut bench, "kitchen", "502");
    bench.presses(&call, "206102#4712#");
    bench.expect_play(&call, "done");
    assert_eq!(desk_of(&bench, "boris").as_deref(), Some("206"));
    rings_at(&mut bench, "desk6");
    // A number that is no desk's, and nobody's.
    for number in ["207", "999", "101"] {
        bench.passes(Duration::from_secs(1));
        let call = dials(&mut bench, "kitchen", "502");
        bench.presses(&call, &format!("{number}101#4711#"));
        bench.expect_play(&call, "refused");
        assert_eq!(not_changed(&bench).last(), Some(&NotChanged::NoSuchDesk), "{number}");
    }
    assert_eq!(desk_of(&bench, "anna"), None);
}

#[test]
fn a_telephone_that_is_no_desk_is_refused_and_so_is_a_wrong_pin_at_one_that_is() {
    let mut bench = bench();
    let call = signs_in(&mut bench, "kitchen", "102#4712#");
    bench.expect_play(&call, "refused");
    assert_eq!(not_changed(&bench), [NotChanged::NoSuchDesk]);
    let call = signs_in(&mut bench, "desk5", "102#9999#");
    bench.expect_play(&call, "refused");
    let refused = |fact: &Fact| matches!(fact, Fact::Duty(DutyFact::PinRefused { why: PinRefused::Wrong, .. }));
    assert!(bench.facts.iter().any(refused));
    bench.assert_operator("boris", OperatorState::SignedOut);
    assert_eq!(desk_of(&bench, "boris"), None);
}

#[test]
fn at_his_own_telephone_he_is_at_no_desk_any_more() {
    let mut bench = bench();
    asks(&mut bench, "anna", DutyChange::SignOut);
    asks(&mut bench, "boris", at("205"));
    // The plan's second telephone of his is one, too; since he is at the desk, he says there who he is.
    let call = signs_in(&mut bench, "attic", "102#4712#");
    bench.expect_play(&call, "done");
    assert_eq!(desk_of(&bench, "boris"), None);
    bench.assert_operator("boris", OperatorState::Talking);
    bench.hangs_up(&call);
    rings_at(&mut bench, "boris");
}

#[test]
fn one_telephone_is_of_one_person_and_the_second_signs_the_first_out() {
    let mut bench = bench();
    asks(&mut bench, "anna", at("205"));
    // Anna has left without a word; her desk asks him who he is, though it is hers.
    let call = dials(&mut bench, "desk5", "501");
    bench.expect_play(&call, "who");
    bench.presses(&call, "102#4712#");
    bench.expect_play(&call, "done");
    bench.assert_operator("anna", OperatorState::SignedOut);
    assert_eq!((desk_of(&bench, "anna"), desk_of(&bench, "boris").as_deref()), (None, Some("205")));
    let waits = bench.caller_arrives("500");
    assert!(bench.ringing_for(&waits).is_empty(), "the telephone is in use");
    bench.hangs_up(&call);
    bench.expect_offer("desk5", &waits);
}

#[test]
fn nobody_takes_the_place_of_one_who_is_in_a_call_there() {
    for capacity in [1, 2] {
        let mut bench = bench();
        bench.engine.operators["anna"].plan.capacity = capacity;
        asks(&mut bench, "anna", at("205"));
        bench.engine.operators["anna"].plan.capacity = capacity;
        let (caller, ringing) = rings_at(&mut bench, "desk5");
        assert_eq!(bench.engine.may_change_duty(&"boris".into(), &at("205")), Err(NotChanged::DeskInUse));
        bench.answers(&ringing);
        asks(&mut bench, "boris", at("205"));
        assert_eq!(not_changed(&bench), [NotChanged::DeskInUse]);
        bench.assert_operator("anna", OperatorState::Talking);
        bench.assert_operator("boris", OperatorState::SignedOut);
        bench.hangs_up(&caller);
        bench.ends(&ringing.leg, Cause::q850(16));
        asks(&mut bench, "boris", at("205"));
        assert_eq!(desk_of(&bench, "boris").as_deref(), Some("205"));
        assert_eq!(desk_of(&bench, "anna"), None);
    }
}

#[test]
fn who_moves_while_he_is_rung_is_rung_at_the_new_place() {
    let mut bench = bench();
    let (caller, ringing) = rings_at(&mut bench, "anna");
    bench.asked.clear();
    asks(&mut bench, "anna", at("206"));
    bench.expect_hangup(&ringing.leg);
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.expect_offer("desk6", &caller);
    // A sign-in that names no place leaves him where he is.
    asks(&mut bench, "anna", DutyChange::SignIn);
    assert_eq!(desk_of(&bench, "anna").as_deref(), Some("206"));
    let pause = DutyChange::Pause { reason: None, lasts: None };
    asks(&mut bench, "anna", pause);
    asks(&mut bench, "anna", DutyChange::Resume);
    assert_eq!(desk_of(&bench, "anna").as_deref(), Some("206"));
}

#[test]
fn a_desk_outlives_the_engine_and_a_plan_without_it_signs_out() {
    let mut bench = bench();
    asks(&mut bench, "anna", at("206"));
    let kept: BTreeMap<Name, KeptDuty> = bench
        .errands
        .drain(..)
        .filter_map(|errand| match errand {
            Errand::KeepDuty { operator, kept } => Some((operator, kept)),
            _ => None,
        })
        .collect();
    assert_eq!(kept[&Name::new("anna")].desk.as_deref(), Some("206"));
    let born = |bench: &mut Bench, plan: Plan| {
        let setup = Setup { boot: 8, born: bench.now, seed: 1, limits: Default::default(), public_url: None };
        bench.next_life(Engine::new(setup, Arc::new(plan)).with_duties(kept.clone()));
        bench.node_up(Held::default());
        bench.asked.clear();
    };
    born(&mut bench, plan(PLAN));
    assert_eq!(desk_of(&bench, "anna").as_deref(), Some("206"));
    rings_at(&mut bench, "desk6");

    // It is another telephone in a new plan, and then none.
    let moved = PLAN.replace("PJSIP/desk6", "PJSIP/desk9");
    bench.tell(Event::PlanLoaded(Arc::new(plan(&moved))));
    assert_eq!(desk_of(&bench, "anna").as_deref(), Some("206"));
    let gone = PLAN.replace("206: {dial: PJSIP/desk6, desk: true}", "206: {dial: PJSIP/desk6}");
    bench.tell(Event::PlanLoaded(Arc::new(plan(&gone))));
    assert_eq!(desk_of(&bench, "anna"), None);
    assert!(matches!(bench.engine.operators["anna"].roster.duty, crate::engine::Duty::SignedOut { .. }));

    born(&mut bench, plan(&gone));
    bench.assert_operator("anna", OperatorState::SignedOut);
    assert_eq!(desk_of(&bench, "anna"), None);
}

#[test]
fn a_desk_that_is_not_registered_is_seen_as_any_telephone() {
    let mut bench = bench();
    let device = |bench: &mut Bench, name: &str, state: &str| {
        let state = crate::domain::DeviceState::read(state);
        bench.tell(Event::DeviceChanged { node: NODE, device: name.into(), state });
    };
    assert!(plan(PLAN).devices().contains("PJSIP/desk5"));
    device(&mut bench, "PJSIP/desk5", "UNAVAILABLE");
    device(&mut bench, "PJSIP/anna", "NOT_INUSE");
    bench.assert_ready("anna");
    asks(&mut bench, "anna", at("205"));
    bench.assert_operator("anna", OperatorState::Unreachable);
    device(&mut bench, "PJSIP/desk5", "NOT_INUSE");
    bench.assert_ready("anna");
}

#[test]
fn who_moves_to_a_desk_that_is_not_registered_keeps_nobody_waiting_for_him() {
    let text = PLAN
        .replace("strategy: linear}", "strategy: linear, wrap_up: 30s, sticky: {days: 1, wait: 60s}}")
        .replace(", signed_in: false", "");
    let mut bench = Bench::new(plan(&text));
    let calls = |bench: &mut Bench, id: &str| {
        let (channel, caller) = (ChannelId::new(NODE, id), Caller::from_wire("+4790000001", "", ""));
        bench.tell(Event::CallArrived { channel: channel.clone(), enters: "500".into(), caller, answered: false });
        channel
    };
    let first = calls(&mut bench, "first");
    let anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    bench.hangs_up(&first);
    bench.ends(&anna.leg, Cause::q850(16));
    let again = calls(&mut bench, "again");
    assert_eq!(bench.ringing_for(&again), [""; 0], "he waits for anna, who wraps up");
    let (device, state) = (Name::new("PJSIP/desk6"), DeviceState::Unavailable);
    bench.tell(Event::DeviceChanged { node: NODE, device, state });
    asks(&mut bench, "anna", at("206"));
    assert_eq!(bench.ringing_for(&again), ["boris"]);
}

#[test]
fn who_takes_over_a_desk_takes_over_those_who_wait() {
    let text = PLAN.replace("strategy: linear}", "strategy: linear, wrap_up: 30s, when_unstaffed: hangup}");
    let mut bench = Bench::new(plan(&text));
    asks(&mut bench, "anna", DutyChange::SignOut);
    asks(&mut bench, "boris", at("205"));
    let first = bench.caller_arrives("500");
    let boris = bench.expect_offer("desk5", &first);
    bench.answers(&boris);
    bench.hangs_up(&first);
    bench.ends(&boris.leg, Cause::q850(16));
    let waits = bench.caller_arrives("500");
    assert_eq!(bench.waiting(), std::slice::from_ref(&waits), "boris wraps up");
    asks(&mut bench, "anna", at("205"));
    assert_eq!((desk_of(&bench, "boris"), desk_of(&bench, "anna").as_deref()), (None, Some("205")));
    assert_eq!(bench.waiting(), std::slice::from_ref(&waits));
    bench.expect_offer("desk5", &waits);
}

/// The telephone of anna is a desk, and boris is in a call there.
fn boris_talks_at_annas() -> (Bench, ChannelId, Ringing) {
    let mut bench = Bench::new(plan(&PLAN.replace("dial: PJSIP/desk5", "dial: PJSIP/anna")));
    asks(&mut bench, "anna", DutyChange::SignOut);
    asks(&mut bench, "boris", at("205"));
    let (caller, ringing) = rings_at(&mut bench, "anna");
    bench.answers(&ringing);
    (bench, caller, ringing)
}

#[test]
fn nobody_comes_to_his_own_telephone_while_somebody_is_in_a_call_there() {
    for change in [DutyChange::SignIn, DutyChange::SignInAt(None), DutyChange::Toggle] {
        let (mut bench, caller, ringing) = boris_talks_at_annas();
        asks(&mut bench, "anna", change.clone());
        assert_eq!(not_changed(&bench), [NotChanged::DeskInUse], "{change:?}");
        bench.assert_operator("anna", OperatorState::SignedOut);
        bench.hangs_up(&caller);
        bench.ends(&ringing.leg, Cause::q850(16));
        asks(&mut bench, "anna", change);
        bench.assert_operator("boris", OperatorState::SignedOut);
        assert_eq!((desk_of(&bench, "anna"), desk_of(&bench, "boris")), (None, None));
        rings_at(&mut bench, "anna");
    }
}

#[test]
fn one_whom_the_plan_has_again_is_signed_out_where_somebody_else_sits() {
    for is_taken in [true, false] {
        let mut bench = bench();
        asks(&mut bench, "anna", at("205"));
        let mut without = plan(PLAN);
        without.operators.shift_remove("anna");
        without.queues[0].members.retain(|member| &*member.operator == "boris");
        bench.tell(Event::PlanLoaded(Arc::new(without)));
        if is_taken {
            asks(&mut bench, "boris", at("205"));
        }
        bench.tell(Event::PlanLoaded(Arc::new(plan(PLAN))));
        let there = |name| desk_of(&bench, name).is_some();
        assert_eq!((there("anna"), there("boris")), (!is_taken, is_taken));
        bench.assert_operator("anna", if is_taken { OperatorState::SignedOut } else { OperatorState::Ready });
    }
}
