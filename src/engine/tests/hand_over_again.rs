//! Who is not the one who was handed over, and who comes back to where he left.

use super::{
    bench::{DIRECT, NODE},
    choice,
    hand_over::{arrives, comes_over, expect_hand_over, hand_overs, handed_over, on_his_way},
};
use crate::{
    domain::ChannelId,
    engine::{
        Enters,
        notice::{HandOver, Outcome},
    },
};

#[test]
fn another_channel_with_the_name_of_his_call_moves_nobody_s_call() {
    let (mut bench, caller, call) = on_his_way();
    let other = ChannelId::new(NODE, "172.1");

    arrives(&mut bench, &other, handed_over(call), true);

    assert_eq!(hand_overs(&bench), [HandOver::Begun]);
    let ringing = bench.expect_offer("anna", &other);
    bench.hangs_up(&other);
    bench.expect_hangup(&ringing.leg);
    let there = comes_over(&mut bench, &caller, call);
    assert!(matches!(hand_overs(&bench)[..], [HandOver::Begun, HandOver::Done { .. }]));
    assert_eq!(bench.waiting(), [there]);
}

#[test]
fn one_who_comes_back_to_the_door_is_a_new_call() {
    let (mut bench, caller, call) = on_his_way();

    arrives(&mut bench, &caller, Enters::from(DIRECT), true);

    assert_eq!(bench.outcomes(), [Outcome::NotHandedOver]);
    assert_ne!(expect_hand_over(&mut bench, &caller), call);
}

#[test]
fn a_session_of_one_whom_we_know_otherwise_is_not_left_without_an_answer() {
    let mut bench = choice::bench(["anna"]);
    bench.two_talk("anna");
    let one = choice::caller("1.1");
    choice::asks(&mut bench, &one, choice::ask(60));
    bench.asked.clear();

    arrives(&mut bench, &one, Enters::from(DIRECT), true);

    bench.expect_continue(&one);
}
