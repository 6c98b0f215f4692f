//! What is done by hand to those who wait, and how a place is kept from queue to queue.

use std::time::Duration;

use super::{
    bench::{Bench, DIRECT, Ringing, holding, plan, queue},
    found::left as found,
};
use crate::{
    dialplan::{Act, Capacity, MaxWait, Plan, Queue, Step, StepId, Strategy},
    domain::{CallId, Cause, ChannelId, Name},
    engine::{
        Event, Fact, Held, Limits, NotSteered, Steer,
        notice::{LeftQueue, OperatorState, Outcome, Steered},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// "goodbye" in the bench's plan, and then the way to the second queue.
const GOODBYE: StepId = StepId(4);
const BILLING: StepId = StepId(5);

/// Calls come to `sales`, where anna is; in `billing` is boris. Step 5 leads there.
fn two_queues(change: impl FnOnce(&mut Queue, &mut Queue)) -> Plan {
    let mut sales = queue("sales", &["anna"], Strategy::Linear);
    let mut billing = queue("billing", &["boris"], Strategy::Linear);
    change(&mut sales, &mut billing);
    let mut plan = plan(vec![sales, billing]);
    plan.steps.push(Step { act: Act::Queue("billing".into()), next: None });
    plan.flows.insert("farewell".into(), GOODBYE);
    plan
}

fn id(bench: &Bench, caller: &ChannelId) -> CallId {
    let calls = bench.engine.snapshot(bench.now).calls;
    calls.iter().find(|call| call.channel == *caller.id).expect("he calls").id
}

fn steer(bench: &mut Bench, caller: &ChannelId, steer: Steer) {
    let call = id(bench, caller);
    assert_eq!(bench.engine.cannot_steer(call, &steer), None);
    bench.tell(Event::Steered { call, steer });
}

fn refused(bench: &mut Bench, caller: &ChannelId, steer: Steer) -> Option<NotSteered> {
    let call = id(bench, caller);
    let why = bench.engine.cannot_steer(call, &steer);
    let (asked, facts) = (bench.asked.len(), bench.facts.len());
    // Who does not ask first does no harm.
    bench.tell(Event::Steered { call, steer });
    assert_eq!((bench.asked.len(), bench.facts.len()), (asked, facts), "nothing is done");
    why
}

/// Callers who wait, a second between any two, while anna talks: with whom she talks, and how.
fn waiting<const N: usize>(bench: &mut Bench) -> (Ringing, [ChannelId; N]) {
    let (_, anna) = bench.two_talk("anna");
    let callers = std::array::from_fn(|_| {
        bench.passes(SECOND);
        bench.caller_arrives(DIRECT)
    });
    bench.asked.clear();
    (anna, callers)
}

/// The operator's conversation is over, and his wrap-up.
fn is_free(bench: &mut Bench, operator: &Ringing) {
    bench.hangs_up(&operator.leg);
    bench.ends(&operator.leg, Cause::q850(16));
    bench.passes(20 * SECOND);
}

/// Who stands in a queue's line, the next one first: his call, for how long here and in all, with which priority.
fn line(bench: &Bench, queue: &str) -> Vec<(CallId, u64, u64, i64)> {
    let view = bench.engine.queue_view(queue, bench.now).expect("a queue");
    let seconds = |seconds: f64| seconds.round() as u64;
    assert!(view.callers.iter().zip(1..).all(|(caller, nth)| caller.position == nth));
    let one = |it: &crate::engine::snapshot::WaitingView| {
        (it.call, seconds(it.waited_seconds), seconds(it.age_seconds), it.priority)
    };
    view.callers.iter().map(one).collect()
}

fn steered(bench: &Bench) -> Vec<Steered> {
    let how = |fact: &Fact| match fact {
        Fact::Steered { how, .. } => Some(how.clone()),
        _ => None,
    };
    bench.facts.iter().filter_map(how).collect()
}

fn left(bench: &Bench) -> Vec<(String, LeftQueue)> {
    let why = |fact: &Fact| match fact {
        Fact::LeftQueue { queue, why, .. } => Some((queue.to_string(), *why)),
        _ => None,
    };
    bench.facts.iter().filter_map(why).collect()
}

fn to_queue(name: &str) -> Steer {
    Steer::ToQueue(Name::new(name))
}

#[test]
fn one_who_overflows_into_another_queue_stands_before_those_who_have_waited_less() {
    for keep_place in [true, false] {
        let mut bench = Bench::new(two_queues(|sales, billing| {
            sales.max_wait = Some(MaxWait { after: 60 * SECOND, go: BILLING });
            billing.max_wait = Some(MaxWait { after: 30 * SECOND, go: GOODBYE });
            billing.keep_place = keep_place;
        }));
        let (_anna, [early, late]) = waiting(&mut bench);
        let boris = {
            steer(&mut bench, &late, to_queue("billing"));
            bench.expect_offer("boris", &late)
        };
        bench.answers(&boris);
        bench.passes(40 * SECOND);
        let third = bench.caller_arrives(DIRECT);
        steer(&mut bench, &third, to_queue("billing"));
        let (early, third) = (id(&bench, &early), id(&bench, &third));

        // Those who came early have waited for a minute: 41 s of it are over.
        bench.passes(19 * SECOND);

        let kept = [(early, 0, 60, 0), (third, 19, 19, 0)];
        let anew = [(third, 19, 19, 0), (early, 0, 0, 0)];
        assert_eq!(line(&bench, "billing"), if keep_place { kept } else { anew });
        // How long one may wait here counts from when he came.
        bench.passes(29 * SECOND);
        assert!(line(&bench, "billing").iter().any(|(call, ..)| *call == early));
        bench.passes(SECOND);
        assert!(line(&bench, "billing").is_empty());
        assert_eq!(left(&bench).last(), Some(&("billing".to_owned(), LeftQueue::TimedOut)));
    }
}

#[test]
fn a_restart_keeps_the_age_the_priority_by_hand_and_who_is_assigned() {
    let plan = || two_queues(|_, _| {});
    let mut bench = Bench::new(plan());
    let (_anna, [first, second, third]) = waiting(&mut bench);
    steer(&mut bench, &first, to_queue("billing"));
    let boris = bench.expect_offer("boris", &first);
    bench.answers(&boris);
    bench.passes(10 * SECOND);
    steer(&mut bench, &second, to_queue("billing"));
    steer(&mut bench, &third, Steer::Prioritise(7));
    steer(&mut bench, &third, Steer::Assign("boris".into()));
    let before = (line(&bench, "sales"), line(&bench, "billing"));
    assert_eq!((before.0[0].3, before.1[0].2 - before.1[0].1), (7, 11), "{before:?}");
    let channels = [&second, &third].map(|caller| found(&bench, caller)).into();
    let now = bench.now;

    let mut bench = Bench::born(8, plan(), Limits::default());
    bench.now = now;
    let bridges = vec![holding("sentral-w-sales", &[&third]), holding("sentral-w-billing", &[&second])];
    bench.node_up(Held { channels, bridges });

    // Boris has waited for nobody here: he is rung for the one who was assigned to him, and anna for nobody else.
    bench.expect_offer("boris", &third);
    assert_eq!((line(&bench, "sales"), line(&bench, "billing")), before);
    let second = id(&bench, &second);
    assert_eq!(
        bench.engine.cannot_steer(CallId { boot: 99, ..second }, &Steer::Prioritise(1)),
        Some(NotSteered::NoSuchCall)
    );
}

#[test]
fn a_priority_by_hand_goes_before_that_of_the_plan_and_changes_who_is_next() {
    let mut bench = Bench::new(two_queues(|_, _| {}));
    let (anna, [first, second, third]) = waiting(&mut bench);
    steer(&mut bench, &third, Steer::Prioritise(5));
    steer(&mut bench, &first, Steer::Prioritise(-5));
    assert_eq!(bench.waiting(), [third.clone(), second, first.clone()]);
    let positions =
        [Steered::Prioritised { priority: 5, position: 1 }, Steered::Prioritised { priority: -5, position: 3 }];
    assert_eq!(steered(&bench), positions);
    let marks = bench.asked.iter().filter(|command| command.name() == "mark").count();
    assert_eq!(marks, 2, "a restart must know: {:#?}", bench.asked);
    bench.asked.clear();

    is_free(&mut bench, &anna);

    bench.expect_offer("anna", &third);
}

#[test]
fn one_who_is_moved_is_offered_in_the_other_queue_at_once_and_the_phone_that_rang_for_him_is_still() {
    let mut bench = Bench::new(two_queues(|_, _| {}));
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.asked.clear();

    steer(&mut bench, &caller, to_queue("billing"));

    bench.expect_hangup(&anna.leg);
    let boris = bench.expect_offer("boris", &caller);
    bench.answers(&boris);
    bench.assert_operator("boris", OperatorState::Talking);
    assert_eq!(left(&bench), [("sales".to_owned(), LeftQueue::Moved)]);
    assert_eq!(steered(&bench), [Steered::Moved { queue: Some("billing".into()), flow: None }]);
    bench.expect_line("sales|NONE|WITHDRAW|1|1|0|moved");
    assert_eq!(refused(&mut bench, &caller, to_queue("sales")), Some(NotSteered::NotWaiting), "he was just answered");
}

#[test]
fn one_who_is_moved_to_a_flow_goes_on_with_it() {
    let mut bench = Bench::new(two_queues(|_, _| {}));
    let (_anna, [caller]) = waiting(&mut bench);
    steer(&mut bench, &caller, Steer::ToFlow("farewell".into()));
    let goodbye = bench.expect_play(&caller, "goodbye");
    bench.hears_to_the_end(&caller, goodbye);
    bench.expect_hangup(&caller);
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::EndedByPlan]);
}

#[test]
fn one_who_is_withdrawn_goes_where_the_plan_says_and_without_a_word_of_it_his_call_ends() {
    for when_withdrawn in [Some(GOODBYE), None] {
        let mut bench = Bench::new(two_queues(|sales, _| sales.when_withdrawn = when_withdrawn));
        let (_anna, [caller]) = waiting(&mut bench);
        steer(&mut bench, &caller, Steer::Withdraw { info: "he is called back".into() });
        assert_eq!(left(&bench), [("sales".to_owned(), LeftQueue::Withdrawn)]);
        assert_eq!(steered(&bench), [Steered::Withdrawn { info: "he is called back".into() }]);
        bench.expect_line("sales|NONE|WITHDRAW|1|1|0|he is called back");
        if when_withdrawn.is_some() {
            bench.expect_play(&caller, "goodbye");
        } else {
            bench.expect_hangup(&caller);
        }
        assert!(bench.waiting().is_empty());
    }
}

#[test]
fn one_who_is_assigned_to_an_operator_is_his_next_before_all_who_wait_longer() {
    let mut bench = Bench::new(two_queues(|_, _| {}));
    let (anna, [first, second]) = waiting(&mut bench);
    steer(&mut bench, &second, Steer::Assign("anna".into()));
    assert_eq!(bench.waiting(), [first.clone(), second.clone()], "his place is what it was");
    assert_eq!(bench.engine.queue_view("sales", bench.now).expect("it").callers[1].assigned.as_deref(), Some("anna"));
    bench.asked.clear();

    is_free(&mut bench, &anna);

    let ringing = bench.expect_offer("anna", &second);
    // He did not take it: from then on he is rung for the first in line again.
    bench.rings_out(&ringing);
    bench.asked.clear();
    bench.passes(5 * SECOND);
    bench.expect_offer("anna", &first);
}

#[test]
fn one_who_is_assigned_to_a_free_operator_of_another_queue_is_rung_for_at_once_and_whoever_answers_first_has_him() {
    let mut bench = Bench::new(two_queues(|_, _| {}));
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    steer(&mut bench, &caller, Steer::Assign("boris".into()));
    let boris = bench.expect_offer("boris", &caller);
    assert_eq!(bench.ringing_for(&caller).len(), 2);
    bench.answers(&boris);
    bench.expect_hangup(&anna.leg);
    bench.assert_operator("boris", OperatorState::Talking);
}

#[test]
fn an_assignment_goes_with_the_caller_who_leaves() {
    let mut bench = Bench::new(two_queues(|_, _| {}));
    let (anna, [first, second]) = waiting(&mut bench);
    steer(&mut bench, &second, Steer::Assign("anna".into()));
    bench.hangs_up(&second);
    bench.asked.clear();
    is_free(&mut bench, &anna);
    bench.expect_offer("anna", &first);
}

#[test]
fn one_whom_a_new_plan_no_longer_has_is_assigned_to_nobody() {
    let mut bench = Bench::new(two_queues(|_, _| {}));
    let (_ringing, [second]) = waiting::<1>(&mut bench);
    steer(&mut bench, &second, Steer::Assign("anna".into()));
    bench.tell(Event::PlanLoaded(plan(vec![queue("sales", &["boris"], Strategy::Linear)]).into()));
    let waiting = bench.engine.snapshot(bench.now).queues.remove(0).callers;
    assert!(waiting.iter().all(|it| it.assigned.is_none()), "{waiting:?}");
}

#[test]
fn what_cannot_be_done_is_told_and_not_done() {
    let mut bench = Bench::new(two_queues(|_, billing| billing.capacity = Some(Capacity { most: 1, go: GOODBYE })));
    let (_anna, [first, second]) = waiting(&mut bench);
    steer(&mut bench, &first, to_queue("billing"));
    bench.asked.clear();
    for (wanted, why) in [
        (to_queue("billing"), NotSteered::QueueFull),
        (to_queue("sales"), NotSteered::SameQueue),
        (to_queue("nowhere"), NotSteered::NoSuchQueue),
        (Steer::ToFlow("nowhere".into()), NotSteered::NoSuchFlow),
        (Steer::Assign("nobody".into()), NotSteered::NoSuchOperator),
    ] {
        assert_eq!(refused(&mut bench, &second, wanted), Some(why));
    }
    let call = id(&bench, &second);
    bench.hangs_up(&second);
    assert_eq!(bench.engine.cannot_steer(call, &Steer::Prioritise(1)), Some(NotSteered::Over), "he has just left");
    bench.node_down();
    assert_eq!(refused(&mut bench, &first, Steer::Prioritise(1)), Some(NotSteered::NodeAway));
}
