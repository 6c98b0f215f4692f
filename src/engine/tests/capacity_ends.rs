//! Operators who may talk with several: conversations that are ending, and rests that overlap.

use std::{sync::Arc, time::Duration};

use super::{
    bench::{Bench, DIRECT, NODE, held, plan, queue},
    capacity::{a_plan, bench, is_over, takes, why},
    choice,
    device::waits,
    dial, follow,
    found::{anna_talks_elsewhere, left},
};
use crate::{
    dialplan::{DialMode, DutyChange, Retry, Strategy},
    domain::{Caller, Cause, ChannelId, Name, NodeId},
    engine::{
        Command, DutyBy, Engine, Errand, Event, Failure, Held, KeptDuty, Limits, NotChanged, Scope, Setup,
        explain::Why, notice::OperatorState,
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// What was last kept of an operator.
fn kept(bench: &Bench) -> (Name, KeptDuty) {
    let kept = bench.errands.iter().rev().find_map(|errand| match errand {
        Errand::KeepDuty { operator, kept } => Some((operator.clone(), kept.clone())),
        _ => None,
    });
    kept.expect("something was kept")
}

/// The next life, a second later, with what was kept.
fn next_life(before: &Bench, capacity: u32, kept: (Name, KeptDuty)) -> Bench {
    let plan = a_plan(&[("anna", capacity)], 20 * SECOND);
    let mut bench = Bench::born(8, plan.clone(), Limits::default());
    bench.now = before.now + SECOND;
    let setup = Setup { boot: 9, born: bench.now, seed: 1, limits: Limits::default(), public_url: None };
    bench.next_life(Engine::new(setup, Arc::new(plan)).with_duties([kept].into()));
    bench.errands.clear();
    bench
}

#[test]
fn more_calls_of_a_new_plan_are_his_at_once() {
    let mut bench = bench(&[("anna", 1)], Duration::ZERO);
    let talk = takes(&mut bench, "anna");
    let next = bench.caller_arrives(DIRECT);
    bench.tell(Event::PlanLoaded(Arc::new(a_plan(&[("anna", 2)], Duration::ZERO))));
    let ringing = bench.expect_offer("anna", &next);
    bench.answers(&ringing);
    assert_eq!(why(&bench), [Why::Full]);
    for talk in [talk, (next, ringing)] {
        is_over(&mut bench, &talk);
    }
    bench.assert_ready("anna");
}

#[test]
fn one_with_whom_a_caller_could_not_be_joined_is_left_alone() {
    for capacity in [1, 2] {
        let mut bench = bench(&[("anna", capacity)], Duration::ZERO);
        let caller = bench.caller_arrives(DIRECT);
        let ringing = bench.expect_offer_keeping_join(&caller);
        let join = bench.take("to join", |command| matches!(command, Command::Join { .. }));
        bench.answers(&ringing);
        bench.asked.clear();
        bench.fails(join, Failure::Refused(500));
        bench.expect_hangup(&ringing.leg);
        assert_eq!((why(&bench), bench.ringing_for(&caller)), (vec![Why::HangingUp], vec![]));
        bench.ends(&ringing.leg, Cause::q850(16));
        assert_eq!(why(&bench), [Why::BackingOff]);
    }
}

#[test]
fn nobody_rings_between_the_end_of_a_conversation_and_that_of_its_leg() {
    for capacity in [1, 2] {
        let mut bench = bench(&[("anna", capacity)], 20 * SECOND);
        let talk = takes(&mut bench, "anna");
        bench.hangs_up(&talk.0);
        bench.expect_hangup(&talk.1.leg);
        let next = bench.caller_arrives(DIRECT);
        assert_eq!((why(&bench), bench.ringing_for(&next)), (vec![Why::HangingUp], vec![]));
        bench.ends(&talk.1.leg, Cause::q850(16));
        assert_eq!((why(&bench), bench.ringing_for(&next)), (vec![Why::WrappingUp], vec![]));
    }
}

#[test]
fn a_wrap_up_that_is_owed_outlives_the_engine() {
    let mut before = bench(&[("anna", 2)], 20 * SECOND);
    let first = takes(&mut before, "anna");
    let second = before.caller_arrives(DIRECT);
    let ringing = before.expect_offer("anna", &second);
    is_over(&mut before, &first);
    let kept = kept(&before);
    assert!(kept.1.wrap_up.is_some());
    let found = Held { channels: vec![left(&before, &second), held(&ringing.leg, false)], bridges: vec![] };
    let mut bench = next_life(&before, 2, kept);
    bench.node_up(found);
    bench.ends(&ringing.leg, Cause::q850(16));
    assert_eq!((why(&bench), bench.ringing_for(&second)), (vec![Why::WrappingUp], vec![]));
    bench.passes(20 * SECOND);
    assert_eq!(bench.ringing_for(&second), ["anna"]);
}

#[test]
fn a_wrap_up_outlives_a_plan_that_gives_him_one_call() {
    let mut before = bench(&[("anna", 2)], 20 * SECOND);
    let first = takes(&mut before, "anna");
    let (caller, ringing) = takes(&mut before, "anna");
    is_over(&mut before, &first);
    let bridge = before.talk(&ringing.leg, &[&caller, &ringing.leg]);
    let found = Held { channels: vec![left(&before, &caller), held(&ringing.leg, true)], bridges: vec![bridge] };
    let mut bench = next_life(&before, 1, kept(&before));
    bench.node_up(found);
    bench.assert_operator("anna", OperatorState::Talking);
    let shown = bench.engine.snapshot(bench.now).operators[0].clone();
    assert!(shown.duty.wrap_up_until.is_some(), "{shown:?}");
}

#[test]
fn a_dialplan_that_asks_again_after_a_talk_waits_for_the_wrap_up() {
    for capacity in [1, 2] {
        for wait in [0, 600] {
            let mut bench = choice::door(bench(&[("anna", capacity)], 20 * SECOND));
            let caller = choice::caller("1.1");
            choice::asks(&mut bench, &caller, choice::ask(0));
            let kept = choice::given(&mut bench, &caller, "anna");
            choice::answered(&mut bench, &caller, Some(kept));
            bench.asked.clear();
            choice::asks(&mut bench, &caller, choice::ask(wait));
            assert_eq!(why(&bench), [Why::WrappingUp]);
            if wait > 0 {
                bench.passes(20 * SECOND);
                choice::given(&mut bench, &caller, "anna");
            }
        }
    }
}

#[test]
fn one_conversation_over_several_telephones_and_one_that_was_found_both_end() {
    let mut several = a_plan(&[("anna", 1)], Duration::ZERO);
    follow::with_phones(&mut several, "anna", &[("annas_home", 7)]);
    let mut bench = Bench::new(several);
    let talk = takes(&mut bench, "anna");
    bench.tell(Event::PlanLoaded(Arc::new(a_plan(&[("anna", 2)], Duration::ZERO))));
    let (held, there) = anna_talks_elsewhere();
    bench.tell(Event::NodeUp { node: NodeId(1), scope: Scope::WholeCall, held });
    bench.hangs_up(&there);
    is_over(&mut bench, &talk);
    bench.assert_ready("anna");
}

#[test]
fn the_longer_of_two_rests_counts_and_it_is_a_wrap_up() {
    for (wrap_up, retry, lasts) in [(20, 30, 30), (20, 5, 20)] {
        let mut plan = a_plan(&[("anna", 2)], wrap_up * SECOND);
        plan.queues[0].retry = Retry::always(retry * SECOND);
        let mut bench = Bench::new(plan);
        let first = takes(&mut bench, "anna");
        let second = bench.caller_arrives(DIRECT);
        let ringing = bench.expect_offer("anna", &second);
        is_over(&mut bench, &first);
        bench.declines(&ringing);
        assert_eq!(why(&bench), [Why::WrappingUp]);
        bench.passes(lasts * SECOND - Duration::from_millis(1));
        assert_eq!(why(&bench), [Why::WrappingUp]);
        bench.passes(Duration::from_millis(1));
        assert_eq!(bench.ringing_for(&second), ["anna"]);
    }
}

#[test]
fn a_shorter_wrap_up_does_not_end_a_longer_one() {
    let mut plan =
        plan(vec![queue("sales", &["anna"], Strategy::Linear), queue("billing", &["anna"], Strategy::Linear)]);
    plan.queues[0].wrap_up = 60 * SECOND;
    plan.queues[1].wrap_up = 5 * SECOND;
    plan.operators["anna"].capacity = 3;
    let second = crate::dialplan::Step { act: crate::dialplan::Act::Queue("billing".into()), next: None };
    plan.steps.push(second);
    let entry = crate::dialplan::StepId(u32::try_from(plan.steps.len() - 1).expect("few"));
    let mut numbers: Vec<_> = plan.numbers.values().cloned().collect();
    numbers[1].entry = entry;
    plan.numbers = numbers.into_iter().collect();
    let mut bench = Bench::new(plan);
    let long = takes(&mut bench, "anna");
    let caller = bench.caller_arrives(super::bench::MENU);
    let ringing = bench.expect_offer("anna", &caller);
    bench.answers(&ringing);
    is_over(&mut bench, &long);
    bench.passes(10 * SECOND);
    is_over(&mut bench, &(caller, ringing));
    bench.passes(49 * SECOND);
    assert_eq!(why(&bench), [Why::WrappingUp]);
    bench.passes(SECOND);
    bench.assert_ready("anna");
}

#[test]
fn what_was_owed_is_over_when_its_time_is() {
    let mut bench = bench(&[("anna", 2)], 5 * SECOND);
    let first = takes(&mut bench, "anna");
    let second = bench.caller_arrives(DIRECT);
    bench.expect_offer("anna", &second);
    is_over(&mut bench, &first);
    let end = DutyChange::EndWrapUp;
    assert_eq!(bench.engine.may_change_duty(&"anna".into(), &end), Ok(()));
    bench.passes(8 * SECOND);
    let shown = bench.engine.snapshot(bench.now).operators[0].clone();
    assert_eq!((shown.state, shown.duty.wrap_up_until), (OperatorState::Ringing, None));
    assert_eq!(bench.engine.may_change_duty(&"anna".into(), &end), Err(NotChanged::NoWrapUp));
}

#[test]
fn what_is_owed_may_be_made_longer_meanwhile() {
    let mut bench = bench(&[("anna", 2)], 5 * SECOND);
    let first = takes(&mut bench, "anna");
    let second = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &second);
    is_over(&mut bench, &first);
    let change = DutyChange::ExtendWrapUp(10 * SECOND);
    bench.tell(Event::DutyAsked { operator: "anna".into(), change, by: DutyBy::Api });
    bench.passes(9 * SECOND);
    bench.answers(&ringing);
    assert_eq!(why(&bench), [Why::WrappingUp]);
    bench.passes(6 * SECOND);
    assert_eq!(why(&bench), []);
}

#[test]
fn a_conversation_that_ends_in_a_call_of_his_own_is_followed_by_its_wrap_up() {
    for capacity in [1, 2] {
        let mut bench = bench(&[("anna", capacity)], 20 * SECOND);
        let talk = takes(&mut bench, "anna");
        let own = ChannelId::new(NODE, "9.1");
        let caller = Caller::default().at_phone("PJSIP/anna-0000002a");
        bench.tell(Event::CallArrived { channel: own.clone(), enters: DIRECT.into(), caller, answered: false });
        is_over(&mut bench, &talk);
        bench.passes(5 * SECOND);
        bench.hangs_up(&own);
        assert_eq!(why(&bench), [Why::WrappingUp], "capacity {capacity}");
        bench.passes(16 * SECOND);
        bench.assert_ready("anna");
    }
}

#[test]
fn who_asks_for_him_by_name_has_him_while_he_may_have_more() {
    let step = dial::dial(dial::operators(&["anna"]), DialMode::InTurn);
    let mut plan = dial::dialling(step, None, None);
    plan.operators["anna"].capacity = 2;
    let mut bench = Bench::new(plan);
    let mut talks = Vec::new();
    for _ in 0..2 {
        let caller = bench.caller_arrives(DIRECT);
        let ringing = bench.expect_offer("anna", &caller);
        bench.answers(&ringing);
        bench.asked.clear();
        talks.push((caller, ringing));
    }
    let third = bench.caller_arrives(DIRECT);
    assert!(!bench.asked.iter().any(|command| matches!(command, Command::Create { .. } | Command::Originate { .. })));
    assert!(bench.engine.caller_of(&third).is_none_or(|call| bench.engine.legs.of(call).count() == 0));
}

#[test]
fn two_calls_end_and_nobody_rings_before_both_have() {
    let mut bench = bench(&[("anna", 2)], 20 * SECOND);
    let first = takes(&mut bench, "anna");
    let second = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &second);
    bench.asked.clear();
    let third = waits(&mut bench);
    bench.hangs_up(&first.0);
    bench.hangs_up(&second);
    bench.ends(&ringing.leg, Cause::q850(26));
    assert_eq!(bench.ringing_for(&third), [""; 0], "her conversation has ended and she is owed 20 seconds");
}
