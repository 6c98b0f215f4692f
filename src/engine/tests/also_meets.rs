//! What callers meet whom operators of other queues may take: hours by hand, announced calls, operators of their own.

use std::time::Duration;

use super::{
    also::{MINUTE, SECOND, away, bench, comes, waits},
    bench::{Bench, NODE, held},
};
use crate::{
    dialplan::{
        hours::{Override, Until},
        parse,
    },
    domain::{Caller, Cause, ChannelId, Time},
    engine::{Command, Event, Held, Steer},
};

fn ten(bench: &mut Bench) {
    bench.now = Time::from_secs(365 * 86_400 + 9 * 3600);
}

fn by_hand(bench: &mut Bench, how: Override) {
    bench.tell(Event::HoursOverridden { hours: "office".into(), how });
    bench.passes(Duration::ZERO);
}

#[test]
fn a_guest_has_the_other_queue_when_hours_by_hand_are_over() {
    let mut bench = bench("also: support", "hours: office, when_closed: hangup");
    ten(&mut bench);
    away(&mut bench, &["anna", "boris", "carla"]);
    let gone = waits(&mut bench, "101");
    bench.hangs_up(&gone);
    by_hand(&mut bench, Override::Stand { open: false, until: Some(Until::Wall(11 * 60)) });
    let caller = waits(&mut bench, "101");
    comes(&mut bench, "boris");
    assert!(bench.ringing_for(&caller).is_empty(), "closed by hand");
    bench.passes(61 * MINUTE);
    assert_eq!(bench.ringing_for(&caller), ["boris"]);
}

#[test]
fn own_callers_of_the_other_queue_leave_when_it_closes() {
    let mut bench = bench("also: support", "hours: office, when_closed: hangup");
    ten(&mut bench);
    away(&mut bench, &["anna", "boris", "carla"]);
    by_hand(&mut bench, Override::Stand { open: false, until: None });
    let gone = waits(&mut bench, "101");
    bench.hangs_up(&gone);
    by_hand(&mut bench, Override::Plan);
    let _caller = waits(&mut bench, "102");
    bench.passes(6 * 60 * MINUTE + MINUTE);
    assert!(bench.waiting().is_empty(), "it is 16:01");
}

#[test]
fn while_somebody_is_told_nobody_is_rung_by_hand() {
    let mut bench = bench("announce_to_operator: true, operators: [anna, boris]", "operators: [carla]");
    let caller = bench.caller_arrives("101");
    let anna = bench.expect_offer("anna", &caller);
    bench.answers(&anna);
    let call = bench.engine.caller_of(&caller).expect("he calls");
    bench.tell(Event::Steered { call, steer: Steer::Assign("boris".into()) });
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
    // He is rung when she does not take him.
    bench.ends(&anna.leg, Cause::q850(16));
    assert_eq!(bench.ringing_for(&caller), ["boris"]);
}

#[test]
fn he_whose_own_operator_takes_another_has_one_of_the_other_queue() {
    let plan = "exchange: bench\nnumbers: {101: {flow: sales}, 103: {flow: night}}\n\
        operators: {sam: {dial: PJSIP/sam}, olga: {dial: PJSIP/olga}}\n\
        queues:\n  sales: {strategy: linear, operators: [sam], also: support, sticky: {days: 3}}\n\
        \x20 support: {strategy: linear, operators: [olga], weight: 9}\n\
        \x20 night: {strategy: linear, operators: [sam], weight: 5}\n\
        flows:\n  sales: {queue: sales}\n  night: {queue: night}\n";
    let mut bench = Bench::new(parse("plan.yaml", plan.as_bytes()).expect("a plan").plan);
    let ivan = |bench: &mut Bench| {
        let channel = ChannelId::new(NODE, &format!("ivan.{}", bench.now.as_micros()));
        let caller = Caller::from_wire("+4790009999", "", "");
        bench.tell(Event::CallArrived { channel: channel.clone(), enters: "101".into(), caller, answered: true });
        channel
    };
    let before = ivan(&mut bench);
    let sam = bench.expect_offer("sam", &before);
    bench.answers(&sam);
    bench.passes(SECOND);
    bench.hangs_up(&before);
    bench.ends(&sam.leg, Cause::q850(16));
    bench.passes(MINUTE);
    away(&mut bench, &["sam", "olga"]);
    let caller = ivan(&mut bench);
    let other = waits(&mut bench, "103");
    bench.node_down();
    comes(&mut bench, "sam");
    comes(&mut bench, "olga");
    bench.node_up(Held { channels: [&caller, &other].map(|it| held(it, true)).into(), bridges: Vec::new() });
    assert_eq!((bench.ringing_for(&other), bench.ringing_for(&caller)), (vec!["sam".into()], vec!["olga".into()]));
}

#[test]
fn he_hears_music_while_one_of_the_other_queue_is_told() {
    let mut bench =
        bench("strategy: ring_progressively, add_every: 4s, ring: 20s, also: support", "announce_to_operator: true");
    let caller = bench.caller_arrives("101");
    let anna = bench.expect_offer("anna", &caller);
    assert!(anna.early);
    bench.passes(4 * SECOND);
    let boris = bench.expect_offer("boris", &caller);
    bench.asked.clear();
    bench.answers(&boris);
    bench.expect_hangup(&anna.leg);
    bench.ends(&anna.leg, Cause::q850(26));
    bench.passes(2 * SECOND);
    bench.take("to park", |command| matches!(command, Command::Park { channel, .. } if *channel == caller));
}
