//! What a node holds when it is heard from: nobody is rung before all of it is known, and what it shows is believed.

use std::time::Duration;

use super::bench::{Bench, DIRECT, MENU, NODE, held, holding, plan, queue};
use crate::{
    dialplan::Strategy,
    domain::{BridgeId, Cause, ChannelId, NodeId},
    engine::{
        Command, Event, Fact, Failure, Held, HeldBridge, HeldChannel, Limits, Scope,
        notice::{OfferOutcome, OperatorState, Refusal},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// An engine that knows nothing of the calls of the one before.
fn next_life(operators: &[&str]) -> Bench {
    let mut bench = Bench::born(8, plan(vec![queue("sales", operators, Strategy::Linear)]), Limits::default());
    bench.now = bench.now + 60 * SECOND;
    bench
}

/// A caller as he is found, with what was written on him last.
pub(super) fn left(bench: &Bench, channel: &ChannelId) -> HeldChannel {
    let mark = bench.asked.iter().rev().find_map(|command| match command {
        Command::Mark { channel: marked, mark } if marked == channel => mark.state.clone(),
        _ => None,
    });
    HeldChannel { mark, ..held(channel, true) }
}

/// Two who wait, the one who called last before the one who called first: he was in the menu for longer.
fn one_overtook(bench: &mut Bench) -> [ChannelId; 2] {
    let slow = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&slow, "greeting");
    bench.hears_to_the_end(&slow, greeting);
    bench.passes(2 * SECOND);
    let quick = bench.caller_arrives(DIRECT);
    bench.passes(2 * SECOND);
    bench.presses(&slow, "1");
    assert_eq!(bench.waiting(), [quick.clone(), slow.clone()]);
    [quick, slow]
}

#[test]
fn the_first_in_line_is_offered_first_whatever_a_node_lists_first() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    let [quick, slow] = one_overtook(&mut bench);
    let channels = vec![left(&bench, &slow), left(&bench, &quick)];
    let mut bench = next_life(&["anna"]);

    bench.node_up(Held { channels, bridges: vec![holding("sentral-w-sales", &[&slow, &quick])] });

    bench.expect_offer("anna", &quick);
    assert_eq!(bench.waiting(), [quick, slow]);
}

#[test]
fn the_first_in_line_is_offered_first_when_a_node_is_back() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (talking, anna) = bench.two_talk("anna");
    let [quick, slow] = one_overtook(&mut bench);
    bench.hangs_up(&talking);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.node_down();
    bench.passes(30 * SECOND);
    bench.assert_ready("anna");
    bench.asked.clear();

    let line = holding("sentral-w-sales", &[&slow, &quick]);
    bench.node_up(Held { channels: vec![held(&slow, true), held(&quick, true)], bridges: vec![line] });

    bench.expect_offer("anna", &quick);
}

/// Another node, where anna talks.
pub(super) fn anna_talks_elsewhere() -> (Held, ChannelId) {
    let there = |id: &str| ChannelId::new(NodeId(1), id);
    let (caller, leg) = (there("172.1"), there("sentral-00000007-anna-3-00000007-1-sales"));
    let mark = r#"{"call":"00000007-1","number":"4722334455","arrived":1000000000000,"queue":"sales","joined":1000000000000,"talking":1000001000000}"#;
    let caller = HeldChannel { mark: Some(mark.into()), ..held(&caller, true) };
    let bridge = BridgeId::new(NodeId(1), "sentral-00000007-t4");
    let bridge = HeldBridge { bridge, channels: vec![caller.channel.clone(), leg.clone()] };
    (Held { channels: vec![caller, held(&leg, true)], bridges: vec![bridge] }, leg)
}

#[test]
fn an_operator_found_talking_on_a_node_that_comes_up_later_is_rung_no_longer() {
    let mut bench = next_life(&["anna"]);
    let waiting = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &waiting);
    let (there, leg) = anna_talks_elsewhere();

    bench.tell(Event::NodeUp { node: NodeId(1), scope: Scope::WholeCall, held: there });

    bench.expect_hangup(&ringing.leg);
    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(bench.offers(), [("anna".to_owned(), OfferOutcome::Busy)]);
    bench.ends(&ringing.leg, Cause { q850: 17, sip: Some(486) });
    bench.asked.clear();
    bench.passes(60 * SECOND);
    bench.take_marks(&waiting);
    bench.assert_quiet();

    bench.hangs_up(&leg);
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::TalkEnded { .. })), "{:#?}", bench.facts);
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.passes(20 * SECOND);
    bench.expect_offer("anna", &waiting);
}

#[test]
fn an_operator_whose_phone_was_being_silenced_is_found_talking_all_the_same() {
    let mut bench = next_life(&["anna"]);
    let waiting = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &waiting);
    bench.hangs_up(&waiting);
    bench.expect_hangup(&ringing.leg);
    let (there, _) = anna_talks_elsewhere();

    bench.tell(Event::NodeUp { node: NodeId(1), scope: Scope::WholeCall, held: there });
    bench.ends(&ringing.leg, Cause::q850(16));

    bench.assert_operator("anna", OperatorState::Talking);
}

#[test]
fn two_whose_join_was_not_sent_when_their_node_went_away_are_joined_when_it_is_back() {
    for failure in [Failure::NotSent, Failure::OutcomeUnknown] {
        let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]);
        let caller = bench.caller_arrives(DIRECT);
        let anna = bench.expect_offer("anna", &caller);
        bench.answers(&anna);
        let join = bench.take("to join", |command| matches!(command, Command::Join { .. }));
        let Command::Join { bridge, .. } = &join else { unreachable!() };
        let bridge = bridge.id.to_string();
        bench.node_down();
        bench.asked.clear();

        bench.fails(join, failure);

        bench.assert_quiet();
        bench.assert_operator("anna", OperatorState::Talking);
        // What nobody knew is known now: they talk, or they wait for it.
        let they_talk = failure == Failure::OutcomeUnknown;
        let inside: &[&ChannelId] = if they_talk { &[&caller, &anna.leg] } else { &[] };
        let bridges = vec![holding(&bridge, inside)];
        bench.node_up(Held { channels: vec![held(&caller, true), held(&anna.leg, true)], bridges });
        assert_eq!(bench.asked.iter().any(|command| matches!(command, Command::Join { .. })), !they_talk);
        assert!(!bench.asked.iter().any(|command| matches!(command, Command::HangUp { .. })), "{:#?}", bench.asked);
        bench.assert_operator("anna", OperatorState::Talking);
    }
}

/// A leg that rings in one bridge with the caller, who is there from an offer before; with the command that joined them.
fn rung_second(bench: &mut Bench) -> (ChannelId, ChannelId, Command, String) {
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.declines(&anna);
    let boris = bench.expect_offer_keeping_join(&caller);
    let join = bench.take("to join", |command| matches!(command, Command::Join { waiting: true, .. }));
    let Command::Join { bridge, .. } = &join else { unreachable!() };
    let bridge = bridge.id.to_string();
    (caller, boris.leg, join, bridge)
}

#[test]
fn a_leg_that_never_came_to_its_caller_is_joined_when_it_is_answered() {
    for answered_in_the_gap in [false, true] {
        let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
        let (caller, leg, join, bridge) = rung_second(&mut bench);
        bench.node_down();
        bench.fails(join, Failure::NotSent);
        bench.asked.clear();

        let channels = vec![held(&caller, true), held(&leg, answered_in_the_gap)];
        bench.node_up(Held { channels, bridges: vec![holding(&bridge, &[&caller])] });
        if !answered_in_the_gap {
            bench.tell(Event::LegAnswered { channel: leg.clone() });
        }

        bench.expect_join(&leg);
        bench.assert_operator("boris", OperatorState::Talking);
    }
}

#[test]
fn one_who_is_found_waiting_and_not_answered_is_answered() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    let found = HeldChannel { answered: false, ..left(&bench, &caller) };
    let mut bench = next_life(&["anna"]);

    bench.node_up(Held { channels: vec![found], bridges: vec![] });

    bench.expect_answer(&caller);
    bench.expect_offer("anna", &caller);
}

/// Callers on whom nothing of ours is written.
fn unknown(number: &str, count: usize) -> Vec<HeldChannel> {
    let caller = |at| ChannelId::new(NODE, &format!("9.{at}"));
    (0..count).map(|at| HeldChannel { enters: Some(number.into()), ..held(&caller(at), false) }).collect()
}

fn refused(bench: &Bench) -> Vec<Refusal> {
    let why = |fact: &Fact| match fact {
        Fact::Refused { why, .. } => Some(*why),
        _ => None,
    };
    bench.facts.iter().filter_map(why).collect()
}

#[test]
fn of_those_on_whom_nothing_is_written_a_number_takes_as_many_as_it_has_room_for() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let known = bench.caller_arrives(MENU);
    let found = HeldChannel { enters: Some(MENU.into()), ..left(&bench, &known) };
    let mut bench = next_life(&["anna"]);

    // The one whom we care for already is listed last and comes first.
    let channels = unknown(MENU, 4).into_iter().chain([found]).collect();
    bench.node_up(Held { channels, bridges: vec![] });

    assert_eq!(bench.engine.calls.len(), 3);
    assert_eq!(refused(&bench), [Refusal::Full; 2]);
    for turned_away in ["9.2", "9.3"] {
        bench.expect_hangup(&ChannelId::new(NODE, turned_away));
    }
    bench.expect_play(&known, "greeting");
}

#[test]
fn of_those_on_whom_nothing_is_written_a_node_takes_as_many_as_it_has_room_for() {
    let limits = Limits { calls: 2, ..Limits::default() };
    let mut bench = Bench::with_limits(plan(vec![queue("sales", &["anna"], Strategy::Linear)]), limits);
    bench.node_up(Held { channels: unknown(DIRECT, 3), bridges: vec![] });
    bench.expect_continue(&ChannelId::new(NODE, "9.2"));
    assert_eq!(refused(&bench), [Refusal::Overload]);
}

#[test]
fn an_engine_that_drains_takes_nobody_on_whom_nothing_is_written() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.tell(Event::Draining);
    bench.node_up(Held { channels: unknown(DIRECT, 1), bridges: vec![] });
    bench.expect_continue(&ChannelId::new(NODE, "9.0"));
    assert_eq!(refused(&bench), [Refusal::Draining]);
    bench.assert_no_calls();
}

#[test]
fn one_who_is_rung_by_his_second_operator_has_his_place_in_the_next_life() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    bench.presses(&caller, "1");
    let anna = bench.expect_offer("anna", &caller);
    let joined = bench.now;
    bench.passes(9 * SECOND);
    bench.declines(&anna);
    let boris = bench.expect_offer("boris", &caller);
    bench.passes(2 * SECOND);
    let ringing = HeldChannel { age: 2 * SECOND, ..held(&boris.leg, false) };
    let channels = vec![left(&bench, &caller), ringing];
    let now = bench.now;
    let mut bench = next_life(&["anna", "boris"]);
    bench.now = now;

    bench.node_up(Held { channels, bridges: vec![] });

    let waited = bench.engine.snapshot(now).queues[0].callers[0].waited_seconds;
    assert!((waited - now.since(joined).as_secs_f64()).abs() < 0.001, "{waited}");
}

#[test]
fn the_place_of_one_whom_his_second_operator_rings_is_written_once() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris", "carla"]);
    let caller = bench.caller_arrives(DIRECT);
    for (operator, writes) in [("anna", 1), ("boris", 0), ("carla", 0)] {
        let ringing = bench.expect_offer(operator, &caller);
        let marks = bench.asked.iter().filter(|command| matches!(command, Command::Mark { .. })).count();
        assert_eq!(marks, writes, "{operator}");
        bench.asked.clear();
        bench.passes(2 * SECOND);
        bench.declines(&ringing);
    }
}
