//! Whom a queue prefers.

use std::time::Duration;

use super::bench::{Bench, DIRECT, Ringing, plan, queue};
use crate::{
    dialplan::Strategy,
    domain::{Cause, ChannelId},
    engine::Command,
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
