//! Leaving a queue without a conversation: by a key, because nobody may take the caller, because it is full.

use std::time::Duration;

use super::bench::{Bench, DIRECT, plan, queue};
use crate::{
    dialplan::{Act, Capacity, Penalties, Plan, Queue, Step, StepId, Strategy, Terms},
    domain::{Cause, Digit},
    engine::{
        Command, Fact,
        notice::{LeftQueue, OfferOutcome, Outcome},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// "goodbye" in the bench's plan.
const GOODBYE: StepId = StepId(4);

/// The key 0 leads out of it.
fn with_a_key(mut queue: Queue) -> Queue {
    queue.exit.extend(Digit::new('0').map(|key| (key, GOODBYE)));
    queue
}

fn sales() -> Queue {
    queue("sales", &["anna"], Strategy::Linear)
}

fn left(bench: &Bench) -> Vec<LeftQueue> {
    let why = |fact: &Fact| match fact {
        Fact::LeftQueue { why, .. } => Some(*why),
        _ => None,
    };
    bench.facts.iter().filter_map(why).collect()
}

#[test]
fn a_key_leads_a_caller_who_waits_with_music_out_at_once() {
    let mut bench = Bench::new(plan(vec![with_a_key(sales())]));
    let (_, _anna) = {
        let caller = bench.caller_arrives(DIRECT);
        let ringing = bench.expect_offer("anna", &caller);
        bench.answers(&ringing);
        (caller, ringing)
    };
    let caller = bench.caller_arrives(DIRECT);
    bench.asked.clear();

    bench.presses(&caller, "7");
    bench.assert_quiet();
    assert_eq!(bench.waiting(), std::slice::from_ref(&caller));

    bench.presses(&caller, "0");
    bench.take("to be taken out of the music", |command| matches!(command, Command::Unpark { .. }));
    bench.expect_armed(&caller);
    let goodbye = bench.expect_play(&caller, "goodbye");
    bench.assert_quiet();
    assert_eq!((left(&bench), bench.waiting().len()), (vec![LeftQueue::ByKey], 0));

    bench.hears_to_the_end(&caller, goodbye);
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::EndedByPlan]);
}

#[test]
fn a_key_counts_while_a_telephone_rings_and_withdraws_it() {
    let mut bench = Bench::new(plan(vec![with_a_key(sales())]));
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let anna = bench.expect_offer("anna", &caller);
    assert!(!anna.early, "of one who is joined with a telephone Asterisk tells no keys");
    bench.expect_parked(&caller);
    bench.assert_quiet();

    bench.presses(&caller, "0");

    bench.expect_hangup(&anna.leg);
    bench.take("to be taken out of the music", |command| matches!(command, Command::Unpark { .. }));
    bench.take_marks(&caller);
    bench.expect_play(&caller, "goodbye");
    bench.assert_quiet();
    assert_eq!(bench.offers(), [("anna".to_owned(), OfferOutcome::CallerLeft)]);
    // She is free when Asterisk says so, and whoever presses again is in no line.
    bench.presses(&caller, "0");
    bench.ends(&anna.leg, Cause::q850(16));
    bench.assert_ready("anna");
    assert_eq!(left(&bench), [LeftQueue::ByKey]);
}

#[test]
fn a_key_in_the_conversation_leads_nowhere() {
    let mut bench = Bench::new(plan(vec![with_a_key(sales())]));
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.answers(&anna);
    bench.asked.clear();
    bench.presses(&caller, "0");
    bench.assert_quiet();
    assert!(left(&bench).is_empty());
}

#[test]
fn a_queue_without_keys_is_joined_with_the_telephone_before_the_answer_as_ever() {
    let mut bench = Bench::new(plan(vec![sales()]));
    let caller = bench.caller_arrives(DIRECT);
    assert!(bench.expect_offer("anna", &caller).early);
}

#[test]
fn a_caller_who_finds_the_queue_full_goes_elsewhere_at_once_and_never_stood_in_it() {
    let full = Queue { capacity: Some(Capacity { most: 1, go: GOODBYE }), ..sales() };
    let mut bench = Bench::new(plan(vec![full]));
    bench.two_talk("anna");
    let first = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    let joined = |bench: &Bench| bench.facts.iter().filter(|fact| matches!(fact, Fact::Joined { .. })).count();
    assert_eq!((joined(&bench), left(&bench).len()), (2, 0), "who talks does not count");

    let second = bench.caller_arrives(DIRECT);

    bench.expect_answer(&second);
    bench.take_marks(&second);
    bench.expect_play(&second, "goodbye");
    bench.assert_quiet();
    assert_eq!((joined(&bench), left(&bench)), (2, vec![LeftQueue::Full]));
    // The place of one who leaves is free.
    bench.hangs_up(&first);
    let third = bench.caller_arrives(DIRECT);
    assert_eq!(bench.waiting(), [third]);
}

#[test]
fn full_queues_that_lead_to_one_another_end_in_the_fallback() {
    let full = |name| Queue {
        capacity: Some(Capacity { most: 1, go: StepId(if name == "sales" { 5 } else { 0 }) }),
        ..queue(name, &["anna"], Strategy::Linear)
    };
    let mut plan = plan(vec![full("sales"), full("billing")]);
    plan.steps.push(Step { act: Act::Queue("billing".into()), next: None });
    let mut bench = Bench::new(plan);
    bench.two_talk("anna");
    let (first, second) = (bench.caller_arrives(DIRECT), bench.caller_arrives(DIRECT));
    assert_eq!(bench.waiting(), [first, second]);
    bench.asked.clear();

    let third = bench.caller_arrives(DIRECT);

    bench.expect_continue(&third);
    bench.hangs_up(&third);
    assert_eq!(bench.outcomes(), [Outcome::Fallback]);
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::RanInCircles)));
}

/// Nobody of a greater penalty than these is rung, from these seconds on. Anna's is 1.
fn keeping_out(rules: &[(u64, u32)], when_unstaffed: Option<StepId>) -> Plan {
    let mut sales = Queue { when_unstaffed, ..sales() };
    sales.members[0].penalty = 1;
    let terms = |(after, max): &(u64, u32)| Terms {
        after: Duration::from_secs(*after),
        penalties: Penalties { max: Some(*max), ..Penalties::default() },
        skills: Default::default(),
    };
    sales.terms = rules.iter().map(terms).collect();
    plan(vec![sales])
}

#[test]
fn whom_nobody_may_ever_take_goes_on_at_once() {
    let mut bench = Bench::new(keeping_out(&[(0, 0)], Some(GOODBYE)));
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_armed(&caller);
    bench.expect_play(&caller, "goodbye");
    bench.assert_quiet();
    assert_eq!(left(&bench), [LeftQueue::Unstaffed]);
    bench.assert_ready("anna");
}

#[test]
fn who_may_be_taken_later_waits_for_that() {
    let mut bench = Bench::new(keeping_out(&[(0, 0), (30, 1)], Some(GOODBYE)));
    let caller = bench.caller_arrives(DIRECT);
    bench.passes(30 * SECOND);
    bench.expect_offer("anna", &caller);
    assert!(left(&bench).is_empty());
}

#[test]
fn who_may_not_be_taken_any_more_goes_on_in_that_moment() {
    let mut bench = Bench::new(keeping_out(&[(0, 1), (30, 0)], Some(GOODBYE)));
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.passes(29 * SECOND);
    assert_eq!(bench.waiting(), std::slice::from_ref(&caller));
    bench.asked.clear();
    bench.passes(SECOND);
    bench.expect_play(&caller, "goodbye");
    assert_eq!(left(&bench), [LeftQueue::Unstaffed]);
}

#[test]
fn a_telephone_that_rings_may_still_be_answered_when_nobody_else_may_be_rung() {
    let mut bench = Bench::new(keeping_out(&[(0, 1), (10, 0)], Some(GOODBYE)));
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.passes(11 * SECOND);
    assert_eq!(bench.waiting(), std::slice::from_ref(&caller));
    bench.asked.clear();
    bench.rings_out(&anna);
    bench.expect_play(&caller, "goodbye");
}

#[test]
fn without_a_way_of_its_own_an_unstaffed_queue_leads_to_the_fallback() {
    let mut bench = Bench::new(keeping_out(&[(0, 0)], None));
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_continue(&caller);
}
