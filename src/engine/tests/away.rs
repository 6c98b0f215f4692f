//! A node that is not heard from: what is put off until it is back, and when it is given up.

use std::time::Duration;

use super::bench::{Bench, DIRECT, MENU, held, holding};
use crate::engine::{Command, Failure, Held};

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
