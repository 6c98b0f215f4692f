//! What becomes of operators who are kept for a dialplan's callers.

use std::sync::Arc;

use super::{
    bench::{Bench, NODE, plan, queue},
    choice::{SECOND, answered, ask, asks, bench, caller, door, given, left, releases, told},
};
use crate::{
    dialplan::Strategy,
    domain::{Caller, ChannelId, Name, ReservationId},
    engine::{
        Ask, Choice, Command, Enters, Event, Fact, Failure, Goes, Held, HeldBridge, Noted, Reply, Route,
        notice::{LeftQueue, OfferOutcome, OperatorState, Outcome},
    },
};

#[test]
fn whom_nobody_uses_within_the_limit_is_free_again_after_the_queue_s_retry() {
    let mut bench = bench(["anna"]);
    let (one, other) = (caller("1.1"), caller("1.2"));
    asks(&mut bench, &one, ask(0));
    let kept = given(&mut bench, &one, "anna");
    asks(&mut bench, &other, ask(600));
    bench.asked.clear();

    bench.passes(30 * SECOND);
    bench.assert_operator("anna", OperatorState::BackingOff);
    assert_eq!(bench.offers(), [("anna".into(), OfferOutcome::Lapsed)]);
    assert_eq!(left(&bench), [LeftQueue::Continued]);
    bench.passes(5 * SECOND);
    given(&mut bench, &other, "anna");
    assert_eq!(answered(&mut bench, &one, Some(kept)), Noted::Over);
    assert_eq!(releases(&mut bench, &one, Some(kept), OfferOutcome::NoAnswer), Noted::Over);
    assert_eq!(releases(&mut bench, &one, None, OfferOutcome::NoAnswer), Noted::Unknown);
    bench.assert_operator("anna", OperatorState::Reserved);
}

#[test]
fn who_answers_talks_until_he_is_given_back_and_wraps_up() {
    let mut bench = bench(["anna"]);
    let (one, other, leg) = (caller("1.1"), caller("1.2"), caller("1.9"));
    asks(&mut bench, &one, ask(0));
    let kept = given(&mut bench, &one, "anna");
    bench.passes(8 * SECOND);

    assert_eq!(answered(&mut bench, &leg, Some(kept)), Noted::Answered, "said on the operator's own channel");
    bench.assert_operator("anna", OperatorState::Talking);
    bench.passes(SECOND);
    assert_eq!(answered(&mut bench, &leg, Some(kept)), Noted::Answered, "and again");
    asks(&mut bench, &other, ask(60));
    bench.asked.clear();
    bench.passes(600 * SECOND - SECOND);
    bench.assert_operator("anna", OperatorState::Talking);
    bench.asked.clear();

    assert_eq!(releases(&mut bench, &one, None, OfferOutcome::CallerLeft), Noted::Released);

    bench.assert_operator("anna", OperatorState::WrappingUp);
    let talked = bench.facts.iter().find_map(|fact| match fact {
        Fact::TalkEnded { queue: Some(queue), talked, .. } => Some((queue.clone(), *talked)),
        _ => None,
    });
    assert_eq!(talked, Some(("sales".into(), 600 * SECOND)));
    assert_eq!(bench.offers(), [("anna".into(), OfferOutcome::Answered)]);
    assert_eq!(left(&bench), [LeftQueue::TimedOut], "the other one; this one was connected");
    let waited = bench.facts.iter().find_map(|fact| match fact {
        Fact::Connected { waited, .. } => Some(*waited),
        _ => None,
    });
    assert_eq!(waited, Some(8 * SECOND), "ringing included, as by ARI");
    assert!(bench.outcomes().contains(&Outcome::Served));
}

#[test]
fn the_end_of_the_channel_gives_him_back() {
    let mut bench = bench(["anna"]);
    let (one, other) = (caller("1.1"), caller("1.2"));
    asks(&mut bench, &one, ask(0));
    given(&mut bench, &one, "anna");
    bench.hangs_up(&one);
    bench.assert_ready("anna");
    assert_eq!(bench.outcomes(), [Outcome::Abandoned]);
    assert_eq!(left(&bench), [LeftQueue::Abandoned]);
    asks(&mut bench, &other, ask(0));
    given(&mut bench, &other, "anna");
    answered(&mut bench, &other, None);
    bench.hangs_up(&other);
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.hangs_up(&other);
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.assert_quiet();
}

#[test]
fn what_is_released_twice_or_by_a_stranger_changes_nothing() {
    let mut bench = bench(["anna", "boris"]);
    let (one, other, stranger) = (caller("1.1"), caller("1.2"), caller("1.3"));
    asks(&mut bench, &one, ask(0));
    let first = given(&mut bench, &one, "anna");
    assert_eq!(releases(&mut bench, &stranger, None, OfferOutcome::NoAnswer), Noted::Unknown);
    let foreign = ReservationId { boot: 99, number: first.number };
    assert_eq!(releases(&mut bench, &one, Some(foreign), OfferOutcome::NoAnswer), Noted::Unknown);
    let future = ReservationId { number: 999, ..first };
    assert_eq!(releases(&mut bench, &one, Some(future), OfferOutcome::NoAnswer), Noted::Unknown);
    assert_eq!(answered(&mut bench, &stranger, None), Noted::Unknown);
    bench.assert_operator("anna", OperatorState::Reserved);
    assert_eq!(releases(&mut bench, &stranger, Some(first), OfferOutcome::CallerLeft), Noted::Released, "by its name");
    asks(&mut bench, &other, ask(0));
    given(&mut bench, &other, "anna");
    assert_eq!(releases(&mut bench, &one, Some(first), OfferOutcome::CallerLeft), Noted::Over);
    bench.assert_operator("anna", OperatorState::Reserved);
    bench.assert_quiet();
}

#[test]
fn who_asks_again_is_given_the_next_one_and_keeps_his_place() {
    let mut bench = bench(["anna", "boris"]);
    let (one, other) = (caller("1.1"), caller("1.2"));
    asks(&mut bench, &one, ask(60));
    given(&mut bench, &one, "anna");
    bench.passes(SECOND);
    asks(&mut bench, &other, ask(60));
    given(&mut bench, &other, "boris");
    bench.passes(10 * SECOND);
    let third = caller("1.3");
    asks(&mut bench, &third, ask(60));
    bench.asked.clear();

    asks(&mut bench, &one, ask(60));
    bench.assert_operator("anna", OperatorState::BackingOff);
    bench.asked.clear();
    releases(&mut bench, &other, None, OfferOutcome::CallerLeft);

    given(&mut bench, &one, "boris");
    let joined = bench.facts.iter().filter(|fact| matches!(fact, Fact::Joined { .. })).count();
    assert_eq!(joined, 3, "nobody joins anew");
    assert_eq!(left(&bench), [LeftQueue::Abandoned], "the other one");
    bench.passes(5 * SECOND);
    given(&mut bench, &third, "anna");
}

#[test]
fn whoever_is_untried_is_chosen_before_one_who_did_not_answer() {
    let mut bench = bench(["anna", "boris"]);
    let one = caller("1.1");
    asks(&mut bench, &one, ask(60));
    given(&mut bench, &one, "anna");
    // She is free at once; and still boris has not been tried.
    asks(&mut bench, &one, Ask { before: OfferOutcome::CallerLeft, ..ask(60) });
    given(&mut bench, &one, "boris");
}

#[test]
fn what_became_of_him_decides_how_long_he_is_left_alone() {
    for (outcome, then) in [
        (OfferOutcome::NoAnswer, OperatorState::BackingOff),
        (OfferOutcome::Busy, OperatorState::BackingOff),
        (OfferOutcome::Unreachable, OperatorState::BackingOff),
        (OfferOutcome::CallerLeft, OperatorState::Ready),
        (OfferOutcome::Answered, OperatorState::WrappingUp),
    ] {
        let mut bench = bench(["anna"]);
        let one = caller("1.1");
        asks(&mut bench, &one, ask(0));
        given(&mut bench, &one, "anna");
        assert_eq!(releases(&mut bench, &one, None, outcome), Noted::Released);
        bench.assert_operator("anna", then);
        assert_eq!(bench.offers(), [("anna".into(), outcome)]);
        bench.assert_no_calls();
    }
}

#[test]
fn who_is_chosen_stays_chosen_though_a_new_plan_lacks_him() {
    let mut bench = bench(["anna"]);
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    given(&mut bench, &one, "anna");
    bench.tell(Event::PlanLoaded(Arc::new(plan(vec![queue("sales", &["boris"], Strategy::Linear)]))));
    bench.assert_operator("anna", OperatorState::Reserved);
    let other = caller("1.2");
    asks(&mut bench, &other, ask(0));
    given(&mut bench, &other, "boris");
    answered(&mut bench, &one, None);
    bench.hangs_up(&one);
    bench.passes(60 * SECOND);
    let third = caller("1.3");
    asks(&mut bench, &third, ask(0));
    assert!(matches!(told(&mut bench, &third), Choice::Chosen { operator, .. } if &*operator == "boris"));
}

#[test]
fn who_hung_up_before_he_was_told_keeps_nobody() {
    let mut bench = bench(["anna"]);
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    let command = bench.take("a reply", |command| matches!(command, Command::Reply { .. }));
    bench.fails(command, Failure::NotSent);
    bench.assert_ready("anna");
    bench.assert_no_calls();
}

#[test]
fn a_caller_who_comes_in_by_a_flow_needs_no_longer_whom_he_was_given() {
    let mut bench = bench(["anna"]);
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    given(&mut bench, &one, "anna");
    let enters = Enters::from("+47 800 12 345");
    bench.tell(Event::CallArrived { channel: one.clone(), enters, caller: Caller::default(), answered: true });
    bench.assert_ready("anna");
    bench.expect_play(&one, "greeting");
}

#[test]
fn who_is_found_talking_elsewhere_is_kept_for_nobody() {
    let mut bench = bench(["anna"]);
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    let kept = given(&mut bench, &one, "anna");
    let there = |id: &str| super::bench::held(&ChannelId::new(NODE, id), true);
    let channels = vec![there("9.9"), there("sentral-00000001-anna-1")];
    let inside = channels.iter().map(|found| found.channel.clone()).collect();
    let bridge = crate::domain::BridgeId::new(NODE, "sentral-00000001-t1");
    bench.node_up(Held { channels, bridges: vec![HeldBridge { bridge, channels: inside }] });
    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(releases(&mut bench, &one, Some(kept), OfferOutcome::NoAnswer), Noted::Over);
    bench.assert_operator("anna", OperatorState::Talking);
}

#[test]
fn a_conversation_whose_end_nobody_tells_is_over_some_time() {
    let mut bench = bench(["anna"]);
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    given(&mut bench, &one, "anna");
    answered(&mut bench, &one, None);
    bench.passes(4 * 3600 * SECOND);
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.assert_no_calls();
}

#[test]
fn who_asks_in_another_queue_leaves_the_first() {
    let queues = vec![queue("sales", &["anna"], Strategy::Linear), queue("billing", &["boris"], Strategy::Linear)];
    let mut bench = door(Bench::new(plan(queues)));
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    given(&mut bench, &one, "anna");
    asks(&mut bench, &one, Ask { queue: Name::new("billing"), ..ask(0) });
    given(&mut bench, &one, "boris");
    bench.assert_operator("anna", OperatorState::BackingOff);
    assert_eq!(left(&bench), [LeftQueue::Continued]);
}

#[test]
fn an_answer_to_another_question_that_is_not_heard_ends_no_conversation() {
    let mut bench = bench(["anna"]);
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    given(&mut bench, &one, "anna");
    bench.tell(Event::ChoiceAnswered { channel: one.clone(), reservation: None });
    let noted = bench.take("a reply", |command| matches!(command, Command::Reply { .. }));
    bench.fails(noted, Failure::NotSent);
    bench.assert_operator("anna", OperatorState::Talking);
    let route = Route { goes: Goes::Menu, flow: None };
    bench.fails(Command::Reply { channel: one.clone(), reply: Reply::Route(route) }, Failure::NotSent);
    bench.assert_operator("anna", OperatorState::Talking);
    bench.assert_quiet();
}

#[test]
fn the_loss_of_what_was_told_before_frees_nobody_who_was_given_since() {
    let mut bench = bench(["anna", "boris"]);
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    let lost = bench.take("a reply", |command| matches!(command, Command::Reply { .. }));
    asks(&mut bench, &one, ask(0));
    given(&mut bench, &one, "boris");
    bench.fails(lost, Failure::NotSent);
    bench.assert_operator("boris", OperatorState::Reserved);
}

#[test]
fn a_caller_abandons_nobody_whose_dialplan_goes_on_without_an_operator() {
    type Ends = fn(&mut Bench, &ChannelId, ReservationId);
    let released: Ends = |bench, one, _| assert_eq!(releases(bench, one, None, None), Noted::Released);
    let unheard: Ends = |bench, one, reservation| {
        let (operator, dial) = ("anna".into(), "PJSIP/anna".into());
        let choice = Choice::Chosen { reservation, operator, dial, ring: 15 * SECOND };
        bench.fails(Command::Reply { channel: one.clone(), reply: Reply::Choice(choice) }, Failure::NotSent);
    };
    let comes_in: Ends = |bench, one, _| {
        let (channel, enters) = (one.clone(), Enters::from("+47 800 12 345"));
        bench.tell(Event::CallArrived { channel, enters, caller: Caller::default(), answered: true });
    };
    for ends in [released, unheard, comes_in] {
        let mut bench = bench(["anna"]);
        let one = caller("1.1");
        asks(&mut bench, &one, ask(0));
        let kept = given(&mut bench, &one, "anna");
        ends(&mut bench, &one, kept);
        assert_eq!(bench.outcomes(), [Outcome::Continued]);
        assert_eq!(left(&bench), [LeftQueue::Continued]);
        assert_eq!(bench.offers(), [("anna".into(), OfferOutcome::Lapsed)]);
        bench.assert_ready("anna");
    }
}

#[test]
fn who_asks_again_may_have_the_same_one_if_he_is_free_at_once() {
    let mut bench = bench(["anna"]);
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    given(&mut bench, &one, "anna");
    let again = Ask { before: OfferOutcome::CallerLeft, ..ask(0) };
    asks(&mut bench, &one, again.clone());
    given(&mut bench, &one, "anna");
    assert_eq!(left(&bench), [], "at his old place");
    // Not if she wraps up.
    answered(&mut bench, &one, None);
    asks(&mut bench, &one, again);
    assert_eq!(told(&mut bench, &one), Choice::Busy { position: 1 });
}
