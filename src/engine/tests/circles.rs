//! Plans that lead a call round and round, however long each round takes.

use std::time::Duration;

use super::{
    bench::Bench,
    logic::{called_by, plan},
};
use crate::{
    domain::Reason,
    engine::{Fact, ivr::MOST_STEPS, notice::Outcome},
};

/// Two steps each tenth of a second.
const ROUND: &str = "flows: {welcome: [{wait: 100ms}, {flow: welcome}]}";

fn led_in_circles(bench: &Bench) -> bool {
    bench.facts.iter().any(|fact| matches!(fact, Fact::RanInCircles))
}

#[test]
fn a_circle_that_takes_time_ends_all_the_same() {
    let mut bench = Bench::new(plan(ROUND));
    let caller = called_by(&mut bench, "1");
    for _ in 0..MOST_STEPS / 2 - 1 {
        bench.passes(Duration::from_millis(100));
    }
    assert!(!led_in_circles(&bench), "it may take so many steps");
    bench.asked.clear();
    bench.passes(Duration::from_millis(100));
    assert!(led_in_circles(&bench));
    assert_eq!(bench.expect_hangup(&caller), Reason::Failure);
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::EndedByPlan]);
    bench.assert_no_calls();
}

#[test]
fn each_call_has_steps_of_its_own() {
    let mut bench = Bench::new(plan(ROUND));
    called_by(&mut bench, "1");
    for _ in 0..MOST_STEPS / 4 {
        bench.passes(Duration::from_millis(100));
    }
    let later = called_by(&mut bench, "2");
    for _ in 0..MOST_STEPS / 4 {
        bench.passes(Duration::from_millis(100));
    }
    let circles = bench.facts.iter().filter(|fact| matches!(fact, Fact::RanInCircles));
    assert_eq!(circles.count(), 1);
    assert!(bench.engine.calls.values().any(|call| call.channel == later && call.steps < MOST_STEPS));
}
