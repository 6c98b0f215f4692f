//! Ringing somebody in particular anew: nobody is rung twice side by side.

use super::{
    bench::{Bench, DIRECT, held},
    dial::{calls, dial, dialling, missed, number, outside},
};
use crate::{
    dialplan::DialMode,
    domain::{Cause, Reason},
    engine::{Command, Failure, Held, HeldChannel, Limits},
};

/// The number outside, as its trunk dials it.
const FAR: &str = "+4790000000@provider";

/// What an engine that died left of a caller for whom a step rings over a trunk of one channel, his leg, and the engine
/// behind it.
fn left_ringing(mode: DialMode) -> (Bench, HeldChannel, HeldChannel) {
    let step = dial(vec![outside(number("+47 900 00 000"))], mode);
    let mut first = Bench::new(dialling(step.clone(), Some(1), None));
    let caller = first.caller_arrives(DIRECT);
    let mark = first.take("to write", |command| matches!(command, Command::Mark { .. }));
    let Command::Mark { mark, .. } = mark else { unreachable!() };
    let far = first.expect_offer(FAR, &caller).leg;
    let found = HeldChannel { mark: mark.state, ..held(&caller, true) };
    let leg = HeldChannel { enters: None, ..held(&far, false) };
    (Bench::born(8, dialling(step, Some(1), None), Limits::default()), found, leg)
}

#[test]
fn after_a_restart_nobody_is_rung_anew_beside_the_leg_that_rang_before() {
    for mode in [DialMode::InTurn, DialMode::AtOnce] {
        let (mut bench, caller, leg) = left_ringing(mode);
        bench.node_up(Held { channels: vec![caller.clone(), leg.clone()], bridges: Vec::new() });
        bench.expect_hangup(&leg.channel);
        bench.asked.retain(|command| matches!(command, Command::Create { .. } | Command::HangUp { .. }));
        bench.assert_quiet();
        bench.ends(&leg.channel, Cause::q850(16));
        bench.expect_offer(FAR, &caller.channel);
        assert_eq!((missed(&bench), bench.offers()), (vec![], vec![]), "nothing came of a leg of the life before");
    }
}

#[test]
fn after_a_restart_a_leg_that_still_rings_over_a_trunk_takes_its_channel() {
    let (mut bench, _gone, leg) = left_ringing(DialMode::InTurn);
    bench.node_up(Held { channels: vec![leg.clone()], bridges: Vec::new() });
    let other = bench.caller_arrives(DIRECT);
    assert_eq!(bench.expect_hangup(&other), Reason::Busy, "the trunk has one channel");
    bench.ends(&leg.channel, Cause::q850(16));
    let third = bench.caller_arrives(DIRECT);
    bench.expect_offer(FAR, &third);
}

#[test]
fn a_number_outside_that_could_not_be_joined_is_rung_anew_when_its_leg_has_ended() {
    let step = dial(vec![outside(number("+47 900 00 000"))], DialMode::InTurn);
    let mut bench = Bench::new(dialling(step, Some(1), Some("+47 22 33 44 55")));
    let caller = calls(&mut bench);
    let far = bench.expect_offer(FAR, &caller);
    bench.answers(&far);
    let join = bench.take("to join", |command| matches!(command, Command::Join { .. }));
    bench.fails(join, Failure::Refused(500));
    bench.expect_hangup(&far.leg);
    bench.asked.clear();
    bench.ends(&far.leg, Cause::q850(16));
    bench.expect_offer(FAR, &caller);
}
