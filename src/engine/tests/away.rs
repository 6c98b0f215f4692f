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
