//! Operators whose telephones are in use by themselves, or not registered.

use std::{sync::Arc, time::Duration};

use super::{
    bench::{Bench, DIRECT, NODE, Ringing, held, holding, patience, plan, queue},
    choice, dial,
};
use crate::{
    dialplan::{DialMode, Plan, Queue, StepId, Strategy},
    domain::{Caller, Cause, ChannelId, DeviceState, Name, NodeId},
    engine::{
        Choice, Command, Errand, Event, Fact, Held, Scope,
        notice::{LeftQueue, OfferOutcome, OperatorState},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// Another Asterisk.
const THERE: NodeId = NodeId(2);

fn says(node: NodeId, operator: &str, state: DeviceState) -> Event {
    Event::DeviceChanged { node, device: Name::new(&format!("PJSIP/{operator}")), state }
}

/// Asterisk says how an operator's telephone is.
pub(super) fn phone(operator: &str, state: DeviceState) -> Event {
    says(NODE, operator, state)
}

fn sales(operators: &[&str]) -> Queue {
    Queue { wrap_up: Duration::ZERO, ..queue("sales", operators, Strategy::Linear) }
}

/// One queue without wrap-up.
fn bench(operators: &[&str]) -> Bench {
    Bench::new(plan(vec![sales(operators)]))
}

/// A caller who waits, since nobody can be rung for him.
pub(super) fn waits(bench: &mut Bench) -> ChannelId {
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_parked(&caller);
    bench.take_tones();
    bench.assert_quiet();
    caller
}

/// What the operators came to do, one after the other.
fn changes(bench: &Bench, name: &str) -> Vec<OperatorState> {
    let change = |fact: &Fact| match fact {
        Fact::OperatorChanged { operator, to, .. } if **operator == *name => Some(*to),
        _ => None,
    };
    bench.facts.iter().filter_map(change).collect()
}

#[test]
fn who_calls_out_by_himself_is_not_rung_and_is_the_moment_he_hangs_up() {
    let mut bench = bench(&["anna"]);
    bench.tell(phone("anna", DeviceState::InUse));
    bench.assert_operator("anna", OperatorState::Busy);
    let caller = waits(&mut bench);
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.expect_offer("anna", &caller);
    bench.assert_operator("anna", OperatorState::Ringing);
    assert_eq!(changes(&bench, "anna"), [OperatorState::Busy, OperatorState::Ready, OperatorState::Ringing]);
}

#[test]
fn whoever_is_called_by_somebody_else_is_not_rung_beside_that() {
    for state in [DeviceState::Ringing, DeviceState::RingInUse, DeviceState::OnHold, DeviceState::Busy] {
        let mut bench = bench(&["anna", "boris"]);
        bench.tell(phone("anna", state));
        let caller = bench.caller_arrives(DIRECT);
        bench.expect_answer(&caller);
        bench.expect_offer("boris", &caller);
    }
}

#[test]
fn who_is_not_registered_is_shown_so_and_is_rung_when_he_registers() {
    let mut bench = bench(&["anna"]);
    bench.tell(phone("anna", DeviceState::Unavailable));
    bench.assert_operator("anna", OperatorState::Unreachable);
    let caller = waits(&mut bench);
    bench.passes(10 * SECOND);
    bench.asked.clear();
    let snapshot = bench.engine.snapshot(bench.now);
    assert!((9.9..10.1).contains(&snapshot.operators[0].for_seconds), "{:?}", snapshot.operators);
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.expect_offer("anna", &caller);
}

#[test]
fn of_whom_asterisk_knows_nothing_is_rung_as_ever() {
    for state in [DeviceState::Unknown, DeviceState::Invalid, DeviceState::NotInUse] {
        let mut bench = bench(&["anna"]);
        bench.tell(phone("anna", state));
        bench.assert_ready("anna");
        let caller = bench.caller_arrives(DIRECT);
        bench.expect_answer(&caller);
        bench.expect_offer("anna", &caller);
    }
}

/// A conversation, with what Asterisk says of the telephone meanwhile.
fn talks(bench: &mut Bench) -> (ChannelId, Ringing) {
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let anna = bench.expect_offer("anna", &caller);
    bench.tell(phone("anna", DeviceState::Ringing));
    bench.answers(&anna);
    bench.tell(phone("anna", DeviceState::InUse));
    bench.assert_operator("anna", OperatorState::Talking);
    bench.asked.clear();
    (caller, anna)
}

#[test]
fn the_next_caller_is_not_kept_waiting_by_what_is_said_late_of_the_last_call() {
    let mut bench = bench(&["anna"]);
    let (_, anna) = talks(&mut bench);
    let next = waits(&mut bench);
    bench.ends(&anna.leg, Cause::q850(16));
    // Of the device nothing was said yet.
    bench.expect_offer("anna", &next);
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.tell(phone("anna", DeviceState::Ringing));
    assert!(!changes(&bench, "anna").contains(&OperatorState::Busy));
}

#[test]
fn a_phone_that_is_still_in_use_after_our_leg_is_in_a_call_of_his_own() {
    let mut bench = bench(&["anna"]);
    let (_, anna) = talks(&mut bench);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.assert_ready("anna");
    bench.passes(SECOND);
    bench.assert_operator("anna", OperatorState::Busy);
    bench.asked.clear();
    let caller = waits(&mut bench);
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.expect_offer("anna", &caller);
}

#[test]
fn who_was_seen_free_after_our_leg_and_calls_out_is_busy_at_once() {
    let mut bench = bench(&["anna"]);
    let (_, anna) = talks(&mut bench);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.tell(phone("anna", DeviceState::InUse));
    bench.assert_operator("anna", OperatorState::Busy);
}

#[test]
fn a_phone_that_vanishes_in_a_conversation_changes_nothing_before_the_end_of_that() {
    let mut bench = bench(&["anna"]);
    let (_, anna) = talks(&mut bench);
    bench.tell(phone("anna", DeviceState::Unavailable));
    bench.assert_operator("anna", OperatorState::Talking);
    bench.assert_quiet();
    bench.ends(&anna.leg, Cause::q850(16));
    bench.assert_operator("anna", OperatorState::Unreachable);
}

#[test]
fn while_he_wraps_up_he_does_and_a_call_of_his_own_keeps_him_longer() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (first, anna) = talks(&mut bench);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.hangs_up(&first);
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.passes(5 * SECOND);
    bench.tell(phone("anna", DeviceState::InUse));
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.asked.clear();
    let caller = waits(&mut bench);
    bench.passes(15 * SECOND);
    bench.assert_operator("anna", OperatorState::Busy);
    bench.take_marks(&caller);
    bench.assert_quiet();
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.expect_offer("anna", &caller);
}

#[test]
fn a_call_of_his_own_that_comes_to_us_is_a_conversation() {
    let mut bench = bench(&["anna"]);
    // Asterisk says of the device first.
    bench.tell(phone("anna", DeviceState::InUse));
    let caller = Caller::from_wire("", "", "").at_phone("PJSIP/anna-0000002a");
    let channel = ChannelId::new(NODE, "anna.1");
    bench.tell(Event::CallArrived { channel: channel.clone(), enters: DIRECT.into(), caller, answered: false });
    bench.assert_operator("anna", OperatorState::Talking);
    bench.hangs_up(&channel);
    bench.assert_ready("anna");
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.passes(2 * SECOND);
    bench.assert_ready("anna");
}

#[test]
fn all_ring_but_those_who_cannot() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris", "carla"]);
    bench.tell(phone("anna", DeviceState::Unavailable));
    bench.tell(phone("carla", DeviceState::InUse));
    let caller = bench.caller_arrives(DIRECT);
    assert_eq!(bench.ringing_for(&caller), ["boris"]);
    bench.tell(phone("carla", DeviceState::NotInUse));
    assert_eq!(bench.ringing_for(&caller), ["boris", "carla"]);
}

/// Both Asterisks are connected, and nobody calls.
fn two_nodes(operators: &[&str]) -> Bench {
    let mut bench = bench(operators);
    bench.tell(Event::NodeUp { node: THERE, scope: Scope::WholeCall, held: Held::default() });
    bench.asked.clear();
    bench
}

#[test]
fn who_is_registered_at_one_node_is_rung_for_its_callers() {
    let mut bench = two_nodes(&["anna"]);
    bench.tell(phone("anna", DeviceState::Unavailable));
    bench.tell(says(THERE, "anna", DeviceState::NotInUse));
    bench.assert_ready("anna");
    waits(&mut bench);
    let there = ChannelId::new(THERE, "172.1");
    let enters = DIRECT.into();
    bench.tell(Event::CallArrived { channel: there.clone(), enters, caller: Caller::default(), answered: false });
    bench.expect_offer("anna", &there);
}

#[test]
fn who_talks_at_one_node_is_rung_at_none() {
    let mut bench = two_nodes(&["anna"]);
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.tell(says(THERE, "anna", DeviceState::InUse));
    let caller = waits(&mut bench);
    // That node is away for so long that nobody knows what it said last.
    bench.tell(Event::NodeDown { node: THERE });
    bench.assert_operator("anna", OperatorState::Busy);
    bench.passes(100 * SECOND);
    bench.expect_offer("anna", &caller);
}

#[test]
fn who_talked_by_himself_at_one_node_and_is_gone_there_is_rung_for_callers_of_another() {
    let mut bench = two_nodes(&["anna"]);
    bench.tell(says(THERE, "anna", DeviceState::InUse));
    bench.tell(says(NODE, "anna", DeviceState::NotInUse));
    let caller = waits(&mut bench);
    bench.tell(says(THERE, "anna", DeviceState::Unavailable));
    bench.expect_offer("anna", &caller);
}

#[test]
fn an_engine_that_begins_rings_nobody_of_whom_it_is_told_that_he_is_not_there() {
    let mut bench = bench(&["anna", "boris"]);
    bench.node_down();
    bench.tell(phone("anna", DeviceState::Unavailable));
    bench.tell(phone("boris", DeviceState::NotInUse));
    let caller = ChannelId::new(NODE, "171.9");
    let bridges = vec![holding("sentral-w-sales", &[&caller])];
    bench.node_up(Held { channels: vec![held(&caller, true)], bridges });
    bench.expect_offer("boris", &caller);
}

/// Where nobody is there for a caller, he goes to "goodbye".
fn with_way_out(queue: Queue) -> Queue {
    Queue { when_unstaffed: Some(StepId(4)), ..queue }
}

fn left(bench: &Bench) -> Vec<LeftQueue> {
    let why = |fact: &Fact| match fact {
        Fact::LeftQueue { why, .. } => Some(*why),
        _ => None,
    };
    bench.facts.iter().filter_map(why).collect()
}

#[test]
fn where_the_plan_says_so_nobody_waits_for_those_who_are_all_unregistered() {
    let mut bench = Bench::new(plan(vec![with_way_out(sales(&["anna", "boris"]))]));
    bench.tell(phone("anna", DeviceState::Unavailable));
    bench.tell(phone("boris", DeviceState::InUse));
    // Who is in a call comes back.
    let first = waits(&mut bench);
    bench.tell(phone("boris", DeviceState::Unavailable));
    bench.expect_play(&first, "goodbye");
    let second = bench.caller_arrives(DIRECT);
    bench.expect_play(&second, "goodbye");
    assert_eq!(left(&bench), [LeftQueue::Unstaffed; 2]);
}

#[test]
fn where_the_plan_says_nothing_one_waits_until_somebody_registers() {
    let mut bench = Bench::new(plan(vec![patience(sales(&["anna"]), 60 * SECOND)]));
    bench.tell(phone("anna", DeviceState::Unavailable));
    let caller = waits(&mut bench);
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.expect_offer("anna", &caller);
    assert_eq!(left(&bench), []);
}

#[test]
fn a_step_passes_over_who_is_busy_or_not_there() {
    let to = dial::operators(&["anna", "boris", "carla"]);
    let mut bench = Bench::new(dial::dialling(dial::dial(to, DialMode::InTurn), None, None));
    bench.tell(phone("anna", DeviceState::InUse));
    bench.tell(phone("boris", DeviceState::Unavailable));
    let caller = bench.caller_arrives(DIRECT);
    bench.take_tones();
    bench.expect_answer(&caller);
    bench.expect_offer("carla", &caller);
    let passed = [("anna".to_owned(), OfferOutcome::Busy), ("boris".to_owned(), OfferOutcome::Unreachable)];
    assert_eq!(bench.offers(), passed);
}

#[test]
fn a_dialplan_is_given_nobody_who_cannot_be_rung() {
    let mut bench = choice::bench(["anna", "boris"]);
    bench.tell(phone("anna", DeviceState::InUse));
    let caller = choice::caller("1");
    choice::asks(&mut bench, &caller, choice::ask(0));
    let Choice::Chosen { operator, .. } = choice::told(&mut bench, &caller) else { panic!("nobody was chosen") };
    assert_eq!(&*operator, "boris");
    let other = choice::caller("2");
    choice::asks(&mut bench, &other, choice::ask(0));
    assert_eq!(choice::told(&mut bench, &other), Choice::Busy { position: 1 });
}

/// The plan of the bench, in which anna has another telephone, or none of which anything is known.
fn at(device: Option<&str>) -> Plan {
    let mut plan = plan(vec![sales(&["anna"])]);
    plan.operators.get_mut("anna").expect("anna").device = device.map(Name::new);
    plan
}

fn watched(bench: &mut Bench) -> Vec<Vec<String>> {
    let wanted = bench.errands.drain(..).filter_map(|errand| {
        let Errand::WatchDevices(devices) = errand else { return None };
        Some(devices.iter().map(ToString::to_string).collect())
    });
    wanted.collect()
}

#[test]
fn a_new_plan_has_the_nodes_tell_of_its_telephones() {
    let mut bench = bench(&["anna"]);
    bench.tell(phone("anna", DeviceState::InUse));
    let caller = waits(&mut bench);
    let new = Event::DeviceChanged { node: NODE, device: "PJSIP/desk".into(), state: DeviceState::Ringing };
    // It may be told a moment before its plan.
    bench.tell(new.clone());
    bench.tell(Event::PlanLoaded(Arc::new(at(Some("PJSIP/desk")))));
    bench.assert_operator("anna", OperatorState::Busy);
    bench.assert_quiet();
    assert_eq!(watched(&mut bench), [["PJSIP/desk"]]);
    bench.tell(Event::PlanLoaded(Arc::new(at(Some("PJSIP/desk")))));
    assert_eq!(watched(&mut bench), Vec::<Vec<String>>::new(), "nothing is new");
    bench.tell(phone("anna", DeviceState::NotInUse));
    bench.assert_operator("anna", OperatorState::Busy);
    // A plan that does not want to know of it.
    bench.tell(Event::PlanLoaded(Arc::new(at(None))));
    assert_eq!(watched(&mut bench), [Vec::<String>::new()]);
    let offer = bench.take("to ring anna", |command| matches!(command, Command::Create { .. }));
    assert!(matches!(offer, Command::Create { caller: of, .. } if of == caller));
    bench.tell(new);
    bench.assert_operator("anna", OperatorState::Ringing);
}

#[test]
fn who_talked_where_his_telephone_is_registered_no_more_is_rung_where_it_is_still() {
    let mut bench = bench(&["anna"]);
    bench.tell(says(THERE, "anna", DeviceState::InUse));
    bench.tell(says(NODE, "anna", DeviceState::NotInUse));
    let caller = waits(&mut bench);
    bench.tell(says(THERE, "anna", DeviceState::Unavailable));
    bench.expect_offer("anna", &caller);
}
