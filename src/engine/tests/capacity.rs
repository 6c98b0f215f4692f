//! Operators who may talk with several callers at once.

use std::{sync::Arc, time::Duration};

use super::{
    bench::{Bench, DIRECT, NODE, Ringing, held, plan, queue},
    choice,
    device::{self, waits},
    found::{anna_talks_elsewhere, left},
};
use crate::{
    dialplan::{DutyChange, Plan, Queue, Strategy},
    domain::{Caller, Cause, ChannelId, DeviceState, NodeId},
    engine::{
        DutyBy, Event, Fact, Held, HeldBridge, Limits, Scope,
        explain::Why,
        notice::{OfferOutcome, OperatorState},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// One queue, of whose operators each may have so many calls.
pub(super) fn a_plan(operators: &[(&str, u32)], wrap_up: Duration) -> Plan {
    let names: Vec<&str> = operators.iter().map(|(name, _)| *name).collect();
    let mut plan = plan(vec![Queue { wrap_up, ..queue("sales", &names, Strategy::Linear) }]);
    for (name, capacity) in operators {
        plan.operators[*name].capacity = *capacity;
    }
    plan
}

pub(super) fn bench(operators: &[(&str, u32)], wrap_up: Duration) -> Bench {
    Bench::new(a_plan(operators, wrap_up))
}

/// Somebody calls, and this operator answers.
pub(super) fn takes(bench: &mut Bench, operator: &str) -> (ChannelId, Ringing) {
    let talk = bench.two_talk(operator);
    bench.asked.clear();
    talk
}

/// A conversation ends, and its leg with it.
pub(super) fn is_over(bench: &mut Bench, (caller, ringing): &(ChannelId, Ringing)) {
    bench.hangs_up(caller);
    bench.expect_hangup(&ringing.leg);
    bench.ends(&ringing.leg, Cause::q850(16));
}

/// Why anna is not rung, in words.
pub(super) fn why(bench: &Bench) -> Vec<Why> {
    let explained = bench.engine.explain_operator(&"anna".into(), bench.now).expect("an operator");
    explained.reasons.iter().map(|reason| reason.why).collect()
}

#[test]
fn who_may_talk_with_two_is_rung_for_a_second_and_for_no_third() {
    let mut bench = bench(&[("anna", 2)], Duration::ZERO);
    let first = takes(&mut bench, "anna");
    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(why(&bench), []);
    let second = takes(&mut bench, "anna");
    let third = waits(&mut bench);
    assert_eq!(why(&bench), [Why::Full]);
    let shown = bench.engine.snapshot(bench.now).operators[0].clone();
    assert_eq!((shown.calls.len(), shown.capacity), (2, 2));

    is_over(&mut bench, &first);

    let ringing = bench.expect_offer("anna", &third);
    bench.assert_operator("anna", OperatorState::Ringing);
    assert_eq!(why(&bench), [Why::Ringing]);
    bench.answers(&ringing);
    is_over(&mut bench, &second);
    bench.assert_operator("anna", OperatorState::Talking);
    is_over(&mut bench, &(third, ringing));
    bench.assert_ready("anna");
    assert_eq!(bench.engine.snapshot(bench.now).operators[0].calls, []);
    bench.assert_no_calls();
}

#[test]
fn he_who_waits_is_offered_the_moment_the_other_one_is_answered() {
    let mut bench = bench(&[("anna", 2)], Duration::ZERO);
    let first = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &first);
    bench.asked.clear();
    let second = waits(&mut bench);
    bench.answers(&ringing);
    let again = bench.expect_offer("anna", &second);
    assert!(again.leg != ringing.leg, "a leg of its own");
}

#[test]
fn who_talks_with_nobody_comes_before_who_talks() {
    for strategy in [Strategy::Linear, Strategy::LeastRecent, Strategy::TopDown, Strategy::Random] {
        let mut plan = a_plan(&[("anna", 3), ("boris", 3)], Duration::ZERO);
        plan.queues[0].strategy = strategy;
        let mut bench = Bench::new(plan);
        for callers in 1..=3 {
            for _ in 0..2 {
                let caller = bench.caller_arrives(DIRECT);
                let rung = if bench.ringing_for(&caller) == ["anna"] { "anna" } else { "boris" };
                let ringing = bench.expect_offer(rung, &caller);
                bench.answers(&ringing);
                bench.asked.clear();
            }
            let shown = bench.engine.snapshot(bench.now).operators;
            assert!(shown.iter().all(|operator| operator.calls.len() == callers), "{strategy:?}: {shown:#?}");
        }
    }
}

#[test]
fn a_smaller_penalty_comes_before_fewer_conversations() {
    let mut plan = a_plan(&[("anna", 2), ("boris", 1)], Duration::ZERO);
    plan.queues[0].members[1].penalty = 1;
    let mut bench = Bench::new(plan);
    takes(&mut bench, "anna");
    takes(&mut bench, "anna");
    takes(&mut bench, "boris");
}

#[test]
fn wrap_up_begins_when_any_conversation_ends_and_he_talks_on() {
    let mut bench = bench(&[("anna", 2)], 20 * SECOND);
    let first = takes(&mut bench, "anna");
    let second = takes(&mut bench, "anna");
    is_over(&mut bench, &first);
    let third = waits(&mut bench);
    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(why(&bench), [Why::WrappingUp]);
    bench.passes(10 * SECOND);
    // It is one of his person: another end makes it longer, and never shorter.
    is_over(&mut bench, &second);
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.asked.clear();
    bench.passes(19 * SECOND);
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.passes(2 * SECOND);
    bench.expect_offer("anna", &third);
}

#[test]
fn he_who_is_rung_when_a_conversation_ends_wraps_up_afterwards() {
    for takes_it in [true, false] {
        let mut bench = bench(&[("anna", 2)], 20 * SECOND);
        let first = takes(&mut bench, "anna");
        let second = bench.caller_arrives(DIRECT);
        let ringing = bench.expect_offer("anna", &second);
        is_over(&mut bench, &first);
        bench.assert_operator("anna", OperatorState::Ringing);
        bench.passes(5 * SECOND);
        bench.asked.clear();
        if takes_it {
            bench.answers(&ringing);
            bench.assert_operator("anna", OperatorState::Talking);
        } else {
            bench.declines(&ringing);
            bench.assert_operator("anna", OperatorState::WrappingUp);
        }
        let third = bench.caller_arrives(DIRECT);
        assert_eq!(why(&bench), [Why::WrappingUp]);
        bench.passes(14 * SECOND);
        assert_eq!(bench.ringing_for(&third), [""; 0], "he wraps up still");
        bench.passes(2 * SECOND);
        let first = if takes_it { third } else { second };
        bench.expect_offer("anna", &first);
    }
}

#[test]
fn a_call_of_his_own_keeps_him_from_a_second_caller() {
    let mut bench = bench(&[("anna", 2)], 20 * SECOND);
    let talk = takes(&mut bench, "anna");
    let own = ChannelId::new(NODE, "9.1");
    let caller = Caller::default().at_phone("PJSIP/anna-0000002a");
    bench.tell(Event::CallArrived { channel: own.clone(), enters: DIRECT.into(), caller, answered: false });
    assert_eq!(why(&bench), [Why::Calling]);
    is_over(&mut bench, &talk);
    bench.passes(5 * SECOND);
    bench.hangs_up(&own);
    assert_eq!(why(&bench), [Why::WrappingUp], "what he is owed for the conversation");
    bench.passes(16 * SECOND);
    bench.assert_ready("anna");
}

#[test]
fn that_his_telephone_is_in_use_says_nothing_while_a_call_of_ours_is_there() {
    let mut bench = bench(&[("anna", 2)], Duration::ZERO);
    let first = takes(&mut bench, "anna");
    bench.tell(device::phone("anna", DeviceState::InUse));
    bench.passes(10 * SECOND);
    assert_eq!(why(&bench), []);
    let second = takes(&mut bench, "anna");
    is_over(&mut bench, &first);
    bench.passes(10 * SECOND);
    assert_eq!(why(&bench), [], "she talks with the other one");
    is_over(&mut bench, &second);
    bench.passes(2 * SECOND);
    bench.assert_operator("anna", OperatorState::Busy);
    bench.tell(device::phone("anna", DeviceState::NotInUse));
    bench.assert_ready("anna");
}

#[test]
fn a_new_plan_gives_him_more_or_fewer_and_takes_none_away() {
    let mut bench = bench(&[("anna", 2)], Duration::ZERO);
    let first = takes(&mut bench, "anna");
    bench.tell(Event::PlanLoaded(Arc::new(a_plan(&[("anna", 1)], Duration::ZERO))));
    let waits = waits(&mut bench);
    assert_eq!(why(&bench), [Why::Full]);
    bench.tell(Event::PlanLoaded(Arc::new(a_plan(&[("anna", 3)], Duration::ZERO))));
    let ringing = bench.expect_offer("anna", &waits);
    bench.answers(&ringing);
    let third = takes(&mut bench, "anna");
    for talk in [first, (waits, ringing), third] {
        is_over(&mut bench, &talk);
    }
    bench.assert_ready("anna");
}

#[test]
fn whom_a_pause_meets_talks_on_and_is_rung_for_nobody() {
    let mut bench = bench(&[("anna", 2)], Duration::ZERO);
    let talk = takes(&mut bench, "anna");
    let second = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &second);
    bench.asked.clear();
    let change = DutyChange::Pause { reason: None, lasts: None };
    bench.tell(Event::DutyAsked { operator: "anna".into(), change, by: DutyBy::Api });
    bench.expect_hangup(&ringing.leg);
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(why(&bench), [Why::Paused]);
    is_over(&mut bench, &talk);
    bench.assert_operator("anna", OperatorState::Paused);
}

/// Callers who talk with anna, as the next life of the engine finds them.
fn found(bench: &Bench, talks: &[(ChannelId, Ringing)]) -> Held {
    let channels = talks.iter().flat_map(|(caller, ringing)| [left(bench, caller), held(&ringing.leg, true)]);
    let bridge =
        |(caller, ringing): &(ChannelId, Ringing)| -> HeldBridge { bench.talk(&ringing.leg, &[caller, &ringing.leg]) };
    Held { channels: channels.collect(), bridges: talks.iter().map(bridge).collect() }
}

#[test]
fn after_a_restart_he_talks_with_as_many_as_before() {
    for capacity in [1, 2, 3] {
        let mut before = bench(&[("anna", 2)], Duration::ZERO);
        let talks = [(); 2].map(|()| {
            let caller = before.caller_arrives(DIRECT);
            let ringing = before.expect_offer("anna", &caller);
            before.answers(&ringing);
            (caller, ringing)
        });
        let held = found(&before, &talks);
        let mut bench = Bench::born(8, a_plan(&[("anna", capacity)], Duration::ZERO), Limits::default());
        bench.now = before.now + 5 * SECOND;

        bench.node_up(held);

        bench.asked.clear();
        bench.assert_operator("anna", OperatorState::Talking);
        assert_eq!(bench.engine.snapshot(bench.now).operators[0].calls.len(), 2);
        let is_free = why(&bench).is_empty();
        assert_eq!(is_free, capacity == 3, "{:?}", why(&bench));
        let [one, other] = talks;
        is_over(&mut bench, &one);
        assert_eq!(why(&bench).is_empty(), capacity > 1, "{:?}", why(&bench));
        is_over(&mut bench, &other);
        bench.assert_ready("anna");
    }
}

#[test]
fn what_rings_goes_on_where_he_is_found_to_talk_and_may_with_one_more() {
    for (capacity, goes_on) in [(2, true), (1, false)] {
        let (held, _) = anna_talks_elsewhere();
        let mut bench = Bench::born(8, a_plan(&[("anna", capacity)], Duration::ZERO), Limits::default());
        let waiting = bench.caller_arrives(DIRECT);
        let rings = bench.expect_offer("anna", &waiting);

        bench.tell(Event::NodeUp { node: NodeId(1), scope: Scope::WholeCall, held });

        if goes_on {
            assert_eq!(bench.ringing_for(&waiting), ["anna"]);
            bench.answers(&rings);
            assert_eq!(why(&bench), [Why::Full]);
        } else {
            bench.expect_hangup(&rings.leg);
            assert_eq!(bench.offers(), [("anna".to_owned(), OfferOutcome::Busy)]);
        }
    }
}

#[test]
fn who_is_found_to_talk_while_his_last_leg_ends_is_free_when_both_have() {
    let mut bench = bench(&[("anna", 1)], Duration::ZERO);
    let (caller, ringing) = takes(&mut bench, "anna");
    bench.hangs_up(&caller);
    let (held, leg) = anna_talks_elsewhere();
    bench.tell(Event::NodeUp { node: NodeId(1), scope: Scope::WholeCall, held });
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(why(&bench), [Why::Full]);
    bench.hangs_up(&leg);
    bench.assert_ready("anna");
}

#[test]
fn what_rings_is_given_up_where_he_is_found_to_talk_with_as_many_as_he_may() {
    let mut bench = bench(&[("anna", 2)], Duration::ZERO);
    let talk = takes(&mut bench, "anna");
    let waiting = bench.caller_arrives(DIRECT);
    let rings = bench.expect_offer("anna", &waiting);
    let (held, leg) = anna_talks_elsewhere();
    bench.tell(Event::NodeUp { node: NodeId(1), scope: Scope::WholeCall, held });
    bench.expect_hangup(&rings.leg);
    bench.ends(&rings.leg, Cause::q850(17));
    assert_eq!(why(&bench), [Why::Full]);
    bench.asked.clear();
    bench.hangs_up(&leg);
    let rings = bench.expect_offer("anna", &waiting);
    bench.answers(&rings);
    for talk in [talk, (waiting, rings)] {
        is_over(&mut bench, &talk);
    }
    bench.assert_ready("anna");
}

#[test]
fn a_dialplan_may_be_given_him_for_several() {
    let mut bench = choice::door(bench(&[("anna", 2)], 20 * SECOND));
    let callers = ["1.1", "1.2", "1.3"].map(choice::caller);
    let mut kept = Vec::new();
    for caller in &callers[..2] {
        choice::asks(&mut bench, caller, choice::ask(0));
        let reservation = choice::given(&mut bench, caller, "anna");
        choice::answered(&mut bench, caller, Some(reservation));
        kept.push(reservation);
        bench.asked.clear();
    }
    assert_eq!(why(&bench), [Why::Full]);
    choice::asks(&mut bench, &callers[2], choice::ask(600));
    bench.asked.clear();
    choice::releases(&mut bench, &callers[0], Some(kept[0]), OfferOutcome::CallerLeft);
    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(why(&bench), [Why::WrappingUp]);
    bench.passes(21 * SECOND);
    choice::given(&mut bench, &callers[2], "anna");
    let talks = bench.facts.iter().filter(|fact| matches!(fact, Fact::TalkEnded { .. })).count();
    assert_eq!(talks, 1);
}
