//! Whom a queue prefers.

use std::time::Duration;

use super::bench::{Bench, DIRECT, Ringing, held, plan, queue};
use crate::{
    dialplan::Strategy,
    domain::{Cause, ChannelId},
    engine::{Command, Event, Held, HeldChannel, Steer},
};

const THREE: [&str; 3] = ["anna", "boris", "carla"];

/// A call that an operator takes and that ends a second later; gives his name.
fn served(bench: &mut Bench) -> String {
    let caller = bench.caller_arrives(DIRECT);
    let name = rung(bench);
    let ringing = bench.expect_offer(&name, &caller);
    bench.answers(&ringing);
    finish(bench, &caller, &ringing);
    name
}

fn finish(bench: &mut Bench, caller: &ChannelId, ringing: &Ringing) {
    bench.passes(Duration::from_secs(1));
    bench.hangs_up(caller);
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.asked.clear();
}

fn rung(bench: &Bench) -> String {
    let endpoint = bench.asked.iter().find_map(|command| match command {
        Command::Create { endpoint, .. } => Some(endpoint.clone()),
        _ => None,
    });
    endpoint.expect("somebody rings").trim_start_matches("PJSIP/").to_owned()
}

fn bench(strategy: Strategy) -> Bench {
    let mut sales = queue("sales", &THREE, strategy);
    sales.wrap_up = Duration::ZERO;
    Bench::new(plan(vec![sales]))
}

fn with_penalties(strategy: Strategy, penalties: [u32; 3]) -> Bench {
    let mut sales = queue("sales", &THREE, strategy);
    sales.wrap_up = Duration::ZERO;
    for (member, penalty) in sales.members.iter_mut().zip(penalties) {
        member.penalty = penalty;
    }
    Bench::new(plan(vec![sales]))
}

/// A caller who talks with this operator, whoever else rings.
fn taken(bench: &mut Bench, operator: &str) -> (ChannelId, Ringing) {
    let caller = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer(operator, &caller);
    bench.answers(&ringing);
    bench.asked.clear();
    (caller, ringing)
}

#[test]
fn linear_begins_with_the_first_every_time() {
    let mut bench = bench(Strategy::Linear);
    assert_eq!([served(&mut bench), served(&mut bench), served(&mut bench)], ["anna", "anna", "anna"]);
}

#[test]
fn rrmemory_goes_on_behind_the_last() {
    let mut bench = bench(Strategy::RrMemory);
    let four = [served(&mut bench), served(&mut bench), served(&mut bench), served(&mut bench)];
    assert_eq!(four, ["anna", "boris", "carla", "anna"]);
}

#[test]
fn leastrecent_prefers_who_has_been_longest_without_a_conversation() {
    let mut bench = bench(Strategy::LeastRecent);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.answers(&anna);
    assert_eq!([served(&mut bench), served(&mut bench)], ["boris", "carla"]);
    finish(&mut bench, &caller, &anna);
    let four = [served(&mut bench), served(&mut bench), served(&mut bench), served(&mut bench)];
    assert_eq!(four, ["boris", "carla", "anna", "boris"]);
}

#[test]
fn linear_goes_on_behind_whom_it_rang_last_and_top_down_begins_at_the_top() {
    for (strategy, next) in [(Strategy::Linear, "carla"), (Strategy::TopDown, "anna")] {
        let mut bench = bench(strategy);
        let busy = bench.caller_arrives(DIRECT);
        let anna = bench.expect_offer("anna", &busy);
        bench.answers(&anna);
        let caller = bench.caller_arrives(DIRECT);
        let boris = bench.expect_offer("boris", &caller);
        finish(&mut bench, &busy, &anna);
        bench.declines(&boris);
        bench.expect_offer(next, &caller);
    }
}

#[test]
fn fewestcalls_prefers_who_had_the_fewest_conversations() {
    let mut bench = bench(Strategy::FewestCalls);
    let long = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &long);
    bench.answers(&anna);
    let three = [served(&mut bench), served(&mut bench), served(&mut bench)];
    assert_eq!(three, ["boris", "carla", "boris"]);
    // One conversation, however long it was.
    finish(&mut bench, &long, &anna);
    assert_eq!([served(&mut bench), served(&mut bench)], ["anna", "carla"]);
}

#[test]
fn least_talk_prefers_who_has_talked_least_in_all() {
    let mut bench = bench(Strategy::LeastTalk);
    let long = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &long);
    bench.answers(&anna);
    bench.passes(Duration::from_secs(3));
    bench.asked.clear();
    finish(&mut bench, &long, &anna);
    let seven: Vec<_> = (0..7).map(|_| served(&mut bench)).collect();
    assert_eq!(seven, ["boris", "carla", "boris", "carla", "boris", "carla", "boris"], "anna has talked four seconds");
}

#[test]
fn nobody_of_a_greater_penalty_is_rung_before_all_of_a_smaller_one_were() {
    let several =
        [Strategy::LeastRecent, Strategy::FewestCalls, Strategy::RrMemory, Strategy::Random, Strategy::TopDown];
    for strategy in several {
        let mut bench = with_penalties(strategy, [1, 0, 0]);
        assert!((0..6).all(|_| served(&mut bench) != "anna"), "{strategy:?}");
        let caller = bench.caller_arrives(DIRECT);
        for _ in 0..2 {
            let name = rung(&bench);
            assert_ne!(name, "anna", "{strategy:?}");
            let ringing = bench.expect_offer(&name, &caller);
            bench.declines(&ringing);
        }
        bench.expect_offer("anna", &caller);
    }
}

#[test]
fn ringall_rings_the_smallest_penalty_together_and_the_next_when_all_of_it_are_done() {
    let mut bench = with_penalties(Strategy::RingAll, [0, 1, 0]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    let carla = bench.expect_offer("carla", &caller);
    assert!(!bench.asked.iter().any(|command| command.name() == "originate"), "{:?}", bench.asked);
    bench.declines(&anna);
    assert!(!bench.asked.iter().any(|command| command.name() == "originate"), "{:?}", bench.asked);
    bench.declines(&carla);
    bench.expect_offer("boris", &caller);
}

#[test]
fn with_ringall_one_of_a_smaller_penalty_who_becomes_free_rings_too_and_one_of_a_greater_does_not() {
    let mut bench = with_penalties(Strategy::RingAll, [0, 1, 2]);
    let (first, anna) = taken(&mut bench, "anna");
    let (second, boris) = taken(&mut bench, "boris");
    let (third, carla) = taken(&mut bench, "carla");
    let caller = bench.caller_arrives(DIRECT);
    finish(&mut bench, &second, &boris);
    // Only Boris was free: he rings.
    assert_eq!(bench.ringing_for(&caller), ["boris"]);
    finish(&mut bench, &third, &carla);
    assert_eq!(bench.ringing_for(&caller), ["boris"]);
    finish(&mut bench, &first, &anna);
    assert_eq!(bench.ringing_for(&caller), ["boris", "anna"]);
}

#[test]
fn one_whom_a_better_one_rings_for_leaves_the_next_caller_to_an_operator_of_a_greater_penalty() {
    let mut bench = with_penalties(Strategy::RingAll, [0, 1, 1]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_offer("anna", &caller);
    let next = bench.caller_arrives(DIRECT);
    bench.expect_answer(&next);
    bench.expect_offer("boris", &next);
    bench.expect_offer("carla", &next);
}

#[test]
fn with_ringall_those_ring_beside_one_who_is_assigned_who_would_if_the_queue_had_rung_him() {
    let mut bench = with_penalties(Strategy::RingAll, [0, 1, 2]);
    let caller = bench.caller_arrives(DIRECT);
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
    let call = bench.engine.caller_of(&caller).expect("he waits");
    bench.tell(Event::Steered { call, steer: Steer::Assign("carla".into()) });
    assert_eq!(bench.ringing_for(&caller), ["anna", "carla", "boris"]);
}

#[test]
fn wrandom_rings_the_less_often_the_greater_the_penalty() {
    let mut bench = with_penalties(Strategy::WRandom, [0, 9, 9]);
    let drawn: Vec<_> = (0..100).map(|_| served(&mut bench)).collect();
    let anna = drawn.iter().filter(|one| *one == "anna").count();
    assert!((80..100).contains(&anna), "anna: {anna} of 100");
}

#[test]
fn ring_progressively_adds_one_phone_after_the_other_and_the_first_to_answer_has_the_call() {
    let mut bench = bench(Strategy::RingProgressively);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.passes(Duration::from_millis(4_999));
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
    bench.passes(Duration::from_millis(1));
    let boris = bench.expect_offer("boris", &caller);
    bench.passes(Duration::from_secs(5));
    let carla = bench.expect_offer("carla", &caller);
    assert_eq!(bench.ringing_for(&caller), ["anna", "boris", "carla"]);
    bench.answers(&boris);
    bench.expect_hangup(&anna.leg);
    bench.expect_hangup(&carla.leg);
}

#[test]
fn ring_progressively_rings_the_next_at_once_when_nobody_rings_any_more() {
    let mut bench = bench(Strategy::RingProgressively);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.passes(Duration::from_secs(1));
    bench.declines(&anna);
    bench.expect_offer("boris", &caller);
    bench.passes(Duration::from_millis(4_999));
    assert_eq!(bench.ringing_for(&caller), ["boris"], "the next one comes five seconds after the last");
    bench.passes(Duration::from_millis(1));
    bench.expect_offer("carla", &caller);
}

#[test]
fn with_ring_progressively_one_who_becomes_free_when_it_is_time_for_one_more_rings_too() {
    let mut bench = bench(Strategy::RingProgressively);
    let (busy, anna) = taken(&mut bench, "anna");
    let (other, boris) = taken(&mut bench, "boris");
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_offer("carla", &caller);
    bench.passes(Duration::from_secs(6));
    assert_eq!(bench.ringing_for(&caller), ["carla"]);
    finish(&mut bench, &busy, &anna);
    assert_eq!(bench.ringing_for(&caller), ["carla", "anna"]);
    finish(&mut bench, &other, &boris);
    assert_eq!(bench.ringing_for(&caller), ["carla", "anna"], "and the next not before it is time again");
}

#[test]
fn with_ring_progressively_who_becomes_free_while_the_node_is_away_rings_too_when_it_is_back() {
    let mut bench = bench(Strategy::RingProgressively);
    taken(&mut bench, "anna");
    taken(&mut bench, "boris");
    let caller = bench.caller_arrives(DIRECT);
    let carla = bench.expect_offer("carla", &caller);
    bench.passes(Duration::from_secs(6));
    assert_eq!(bench.ringing_for(&caller), ["carla"]);
    bench.node_down();
    // Of the two who talked nothing is left.
    let leg = HeldChannel { enters: None, ..held(&carla.leg, false) };
    bench.node_up(Held { channels: vec![held(&caller, true), leg], bridges: Vec::new() });
    assert_eq!(bench.ringing_for(&caller), ["carla", "anna"]);
}

#[test]
fn a_plan_that_rings_otherwise_rings_so_for_those_for_whom_somebody_rings() {
    let strategy = |strategy| {
        let mut sales = queue("sales", &THREE, strategy);
        sales.wrap_up = Duration::ZERO;
        Event::PlanLoaded(plan(vec![sales]).into())
    };
    let mut bench = bench(Strategy::Linear);
    let caller = bench.caller_arrives(DIRECT);
    bench.tell(strategy(Strategy::RingProgressively));
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
    bench.passes(Duration::from_secs(5));
    assert_eq!(bench.ringing_for(&caller), ["anna", "boris"]);
    bench.tell(strategy(Strategy::Linear));
    bench.passes(Duration::from_secs(5));
    assert_eq!(bench.ringing_for(&caller), ["anna", "boris"]);
    bench.tell(strategy(Strategy::RingAll));
    assert_eq!(bench.ringing_for(&caller), THREE);
}

#[test]
fn random_rings_everybody_in_the_long_run_and_the_same_seed_the_same_ones() {
    let draw = || -> Vec<String> {
        let mut bench = bench(Strategy::Random);
        (0..60).map(|_| served(&mut bench)).collect()
    };
    let drawn = draw();
    assert_eq!(drawn, draw());
    for name in THREE {
        let often = drawn.iter().filter(|one| *one == name).count();
        assert!((8..=32).contains(&often), "{name}: {often} of 60");
    }
}
