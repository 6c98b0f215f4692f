//! A node that is not heard from: what is put off until it is back, and when it is given up.

use std::time::Duration;

use super::bench::{Bench, DIRECT, MENU, NODE, held, holding};
use crate::{
    domain::{Caller, ChannelId, NodeId},
    engine::{
        Command, Event, Fact, Failure, Held, Scope,
        idle::EVERY,
        notice::{LeftQueue, OperatorState, Outcome, Party},
    },
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn nothing_is_asked_of_a_node_that_is_away_and_one_notice_says_so() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (talking, anna) = bench.two_talk("anna");
    let waiting: Vec<_> = (0..3).map(|_| bench.caller_arrives(DIRECT)).collect();
    let in_menu = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&in_menu, "greeting");
    bench.hears_to_the_end(&in_menu, greeting);
    let mark =
        bench.take("to arm", |command| matches!(command, Command::Mark { channel, .. } if *channel == waiting[0]));
    bench.hangs_up(&talking);
    bench.asked.clear();
    bench.node_down();
    bench.facts.clear();

    bench.fails(mark, Failure::NotSent);
    bench.passes(60 * SECOND);

    bench.assert_quiet();
    assert!(bench.facts.is_empty(), "{:#?}", bench.facts);

    let everybody: Vec<_> = waiting.iter().chain([&in_menu, &anna.leg]).map(|channel| held(channel, true)).collect();
    let line: Vec<_> = waiting.iter().collect();
    bench.node_up(Held { channels: everybody, bridges: vec![holding("sentral-w-sales", &line)] });
    bench.expect_hangup(&anna.leg);
    bench.expect_play(&in_menu, "menu");
    for caller in &waiting {
        bench.expect_armed(caller);
    }
}

#[test]
fn a_caller_who_went_away_with_his_node_before_he_was_answered_is_answered_when_it_is_back() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    let answer = bench.take("to answer", |command| matches!(command, Command::Answer { .. }));
    bench.asked.clear();
    bench.node_down();

    bench.fails(answer, Failure::NotSent);

    bench.assert_quiet();
    bench.node_up(Held { channels: vec![held(&caller, false)], bridges: vec![] });
    bench.expect_answer(&caller);
    bench.expect_play(&caller, "greeting");
}

#[test]
fn one_who_waits_is_answered_as_well_when_his_node_is_back() {
    for answered in [false, true] {
        let mut bench = Bench::with_queue("sales", ["anna"]);
        bench.two_talk("anna");
        let caller = bench.caller_arrives(DIRECT);
        let answer = bench.take("to answer", |command| matches!(command, Command::Answer { .. }));
        bench.asked.clear();
        bench.node_down();
        bench.fails(answer, Failure::NotSent);

        let line = holding("sentral-w-sales", &[&caller]);
        bench.node_up(Held { channels: vec![held(&caller, answered)], bridges: vec![line] });

        let asked = bench.asked.iter().filter(|command| matches!(command, Command::Answer { .. })).count();
        assert_eq!(asked, usize::from(!answered), "{:#?}", bench.asked);
        assert_eq!(bench.waiting(), [caller]);
    }
}

/// One who talks, one who waits, one in the menu, and the one who was talked to before is being hung up.
fn busy_bench() -> (Bench, Held) {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let (talking, anna) = bench.two_talk("anna");
    let (gone, boris) = bench.two_talk("boris");
    bench.hangs_up(&gone);
    bench.expect_hangup(&boris.leg);
    let waiting = bench.caller_arrives(DIRECT);
    let mark = bench.take("a mark", |command| matches!(command, Command::Mark { channel, .. } if *channel == waiting));
    let Command::Mark { mark, .. } = mark else { unreachable!() };
    let in_menu: Vec<_> = (0..3).map(|_| bench.caller_arrives(MENU)).collect();
    bench.asked.clear();
    bench.facts.clear();
    let mut channels: Vec<_> =
        [&talking, &anna.leg, &waiting].into_iter().chain(&in_menu).map(|channel| held(channel, true)).collect();
    channels[2].mark = mark.state;
    for found in &mut channels[3..] {
        found.enters = Some(MENU.into());
    }
    let bridges = vec![bench.talk(&anna.leg, &[&talking, &anna.leg]), holding("sentral-w-sales", &[&waiting])];
    (bench, Held { channels, bridges })
}

#[track_caller]
fn assert_forgotten(bench: &mut Bench, others: Outcome) {
    bench.assert_quiet();
    bench.assert_no_calls();
    bench.assert_ready("anna");
    bench.assert_ready("boris");
    let talked = if others == Outcome::TakenOver { others } else { Outcome::Served };
    assert_eq!(bench.outcomes(), [talked, others, others, others, others]);
    // Nobody waits any more: it is looked for the last time.
    bench.passes(EVERY);
    assert_eq!(bench.engine.poll_timeout(), None);
    let numbers = bench.engine.snapshot(bench.now).numbers;
    assert!(numbers.iter().all(|number| number.calls == 0), "{numbers:?}");
}

#[test]
fn what_a_node_held_that_does_not_come_back_is_forgotten() {
    let (mut bench, _) = busy_bench();
    bench.node_down();
    bench.passes(99 * SECOND);
    assert_eq!(bench.engine.calls.len(), 5);

    bench.passes(2 * SECOND);

    assert_forgotten(&mut bench, Outcome::Fallback);
}

#[test]
fn a_node_that_comes_back_in_the_end_is_met_as_after_a_restart() {
    let (mut bench, held) = busy_bench();
    bench.node_down();
    bench.passes(600 * SECOND);
    assert_forgotten(&mut bench, Outcome::Fallback);

    bench.node_up(held);

    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(bench.engine.calls.len(), 5);
    let waiting = bench.waiting();
    bench.expect_offer("boris", &waiting[0]);
}

#[test]
fn an_engine_whose_calls_another_one_has_forgets_them_and_asks_for_nothing() {
    for away in [false, true] {
        let (mut bench, held) = busy_bench();
        if away {
            bench.node_down();
        }

        bench.tell(Event::NodeTaken { node: NODE });

        assert_forgotten(&mut bench, Outcome::TakenOver);
        // Both go on, and are counted where they do.
        let goes_on = |fact: &&Fact| {
            matches!(
                fact,
                Fact::LeftQueue { why: LeftQueue::TakenOver, .. } | Fact::TalkEnded { by: Party::TakenOver, .. }
            )
        };
        assert_eq!(bench.facts.iter().filter(goes_on).count(), 2, "{:#?}", bench.facts);
        // What comes late is of calls that are no longer ours.
        for found in &held.channels {
            bench.hangs_up(&found.channel);
        }
        bench.caller_arrives(DIRECT);
        bench.tell(Event::LegEntered { channel: ChannelId::new(NODE, "sentral-00000007-anna-99"), answered: true });
        bench.assert_quiet();
        bench.assert_no_calls();
    }
}

#[test]
fn an_operator_whose_node_does_not_come_back_serves_the_callers_of_another() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    bench.tell(Event::NodeUp { node: NodeId(1), scope: Scope::WholeCall, held: Held::default() });
    let caller = ChannelId::new(NodeId(1), "172.1");
    let arrives = Event::CallArrived {
        channel: caller.clone(),
        enters: DIRECT.into(),
        caller: Caller::default(),
        answered: false,
    };
    bench.tell(arrives);
    bench.node_down();
    bench.passes(95 * SECOND);
    bench.asked.clear();

    bench.passes(5 * SECOND);

    bench.expect_offer("anna", &caller);
}
