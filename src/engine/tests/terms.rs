//! Who may be rung for a caller by how long he has waited: penalties and skills.

use std::time::Duration;

use super::bench::{Bench, DIRECT, plan, queue};
use crate::{
    dialplan::{Penalties, Plan, Strategy, Terms},
    domain::{Cause, Name},
    engine::Event,
};

const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: u32, max: Option<u32>, english: u32) -> Terms {
    let skills = (english > 0).then(|| (Name::new("english"), english)).into_iter().collect();
    Terms { after: seconds * SECOND, penalties: Penalties { max, ..Penalties::default() }, skills }
}

/// Anna of no penalty, Boris of one; Anna speaks some English, Boris speaks it well.
fn asking(strategy: Strategy, terms: &[Terms]) -> Plan {
    let mut sales = queue("sales", &["anna", "boris"], strategy);
    sales.wrap_up = Duration::ZERO;
    sales.members[1].penalty = 1;
    sales.terms = terms.to_vec();
    let mut plan = plan(vec![sales]);
    for (name, level) in [("anna", 1), ("boris", 5)] {
        plan.operators[name].skills.insert("english".into(), level);
    }
    plan
}

#[test]
fn one_of_too_great_a_penalty_is_rung_at_the_moment_the_plan_lets_him() {
    let mut bench = Bench::new(asking(Strategy::Linear, &[at(0, Some(0), 0), at(30, Some(1), 0)]));
    let (_, _anna) = bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_parked(&caller);
    bench.passes(Duration::from_millis(29_999));
    assert_eq!(bench.ringing_for(&caller), [""; 0], "Boris is free, and may not be rung yet");
    bench.passes(Duration::from_millis(1));
    bench.expect_offer("boris", &caller);
}

#[test]
fn one_who_may_take_the_second_in_line_is_not_kept_by_the_first() {
    let mut bench = Bench::new(asking(Strategy::Linear, &[at(0, Some(1), 0), at(10, Some(0), 0)]));
    let (_, _anna) = bench.two_talk("anna");
    let (talks, boris) = {
        let caller = bench.caller_arrives(DIRECT);
        let ringing = bench.expect_offer("boris", &caller);
        bench.answers(&ringing);
        (caller, ringing)
    };
    let first = bench.caller_arrives(DIRECT);
    bench.passes(11 * SECOND);
    let second = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    bench.hangs_up(&talks);
    bench.ends(&boris.leg, Cause::q850(16));
    bench.expect_offer("boris", &second);
    assert_eq!(bench.waiting(), [first, second], "the first waits for Anna alone by now");
}

#[test]
fn who_has_not_the_skill_is_not_rung_until_less_is_asked_for() {
    let mut bench = Bench::new(asking(Strategy::TopDown, &[at(0, None, 3), at(20, None, 1)]));
    let (talks, boris) = {
        let caller = bench.caller_arrives(DIRECT);
        let ringing = bench.expect_offer("boris", &caller);
        bench.answers(&ringing);
        (caller, ringing)
    };
    let caller = bench.caller_arrives(DIRECT);
    bench.passes(Duration::from_millis(19_999));
    assert_eq!(bench.ringing_for(&caller), [""; 0]);
    bench.passes(Duration::from_millis(1));
    let anna = bench.expect_offer("anna", &caller);
    bench.declines(&anna);
    bench.hangs_up(&talks);
    bench.ends(&boris.leg, Cause::q850(16));
    bench.expect_offer("boris", &caller);
}

#[test]
fn a_plan_that_asks_for_less_rings_at_once_for_those_who_wait() {
    let mut bench = Bench::new(asking(Strategy::Linear, &[at(0, None, 9), at(60, None, 0)]));
    let caller = bench.caller_arrives(DIRECT);
    bench.passes(5 * SECOND);
    assert_eq!(bench.ringing_for(&caller), [""; 0]);
    bench.tell(Event::PlanLoaded(asking(Strategy::Linear, &[at(0, None, 9), at(10, None, 0)]).into()));
    assert_eq!(bench.ringing_for(&caller), [""; 0]);
    bench.passes(5 * SECOND);
    bench.expect_offer("anna", &caller);
}

#[test]
fn with_ringall_terms_widen_the_circle_of_those_who_ring() {
    let mut bench = Bench::new(asking(Strategy::RingAll, &[at(0, Some(0), 0), at(5, None, 0)]));
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.passes(6 * SECOND);
    assert_eq!(bench.ringing_for(&caller), ["anna"], "those of the smaller penalty ring first");
    bench.declines(&anna);
    bench.expect_offer("boris", &caller);
}
