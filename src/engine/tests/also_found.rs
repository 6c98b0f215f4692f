//! One caller of several queues, when something goes wrong, and when somebody asks.

use super::{
    also::{MINUTE, SECOND, also, away, bench, comes, named, plan, talks, waits},
    bench::{Bench, NODE, held, holding},
    found::left,
};
use crate::{
    domain::{BridgeId, Cause},
    engine::{Command, Fact, Failure, Held, HeldBridge, HeldChannel, Limits, notice::OperatorState},
};

#[test]
fn who_could_not_be_joined_has_his_place_in_his_own_queue() {
    let mut bench = bench("strategy: ringall, also: support", "retry: 9s");
    away(&mut bench, &["anna", "boris", "carla"]);
    let caller = waits(&mut bench, "101");
    let other = waits(&mut bench, "101");
    comes(&mut bench, "boris");
    comes(&mut bench, "carla");
    let boris = bench.expect_offer("boris", &caller);
    bench.answers(&boris);
    // He was in the bridge before he answered, so another one is joined anew.
    let command = Command::Join {
        bridge: BridgeId::new(NODE, "sentral-00000007-t1"),
        caller: caller.clone(),
        leg: boris.leg.clone(),
        waiting: false,
    };
    bench.fails(command, Failure::Refused(500));
    assert_eq!(bench.waiting(), [caller, other]);
    bench.ends(&boris.leg, Cause::q850(16));
    bench.assert_operator("boris", OperatorState::BackingOff);
    bench.passes(9 * SECOND);
    bench.assert_operator("boris", OperatorState::Ringing);
}

/// The engine that comes after one, and finds this.
fn next_life(found: Vec<HeldChannel>, bridges: Vec<HeldBridge>) -> Bench {
    let mut next = Bench::born(8, plan("also: support, wrap_up: 50s", "wrap_up: 7s"), Limits::default());
    next.now = next.now + MINUTE;
    next.node_up(Held { channels: found, bridges });
    next
}

#[test]
fn one_for_whom_another_queue_rang_has_his_place_in_his_own_after_a_restart() {
    let mut bench = also();
    away(&mut bench, &["anna"]);
    let caller = bench.caller_arrives("101");
    let boris = bench.expect_offer("boris", &caller);
    let found = HeldChannel { enters: Some("101".into()), ..left(&bench, &caller) };
    assert!(found.mark.is_some(), "the leg says nothing of his own queue, so it is written at once");
    let leg = HeldChannel { enters: None, ..held(&boris.leg, false) };

    let mut next = next_life(vec![found, leg], Vec::new());

    next.expect_hangup(&boris.leg);
    next.assert_operator("boris", OperatorState::Ringing);
    let anna = next.expect_offer("anna", &caller);
    next.ends(&boris.leg, Cause::q850(16));
    next.declines(&anna);
    assert_eq!(next.ringing_for(&caller), ["boris"]);
    let joined = named(&next, |fact| if let Fact::Joined { queue, .. } = fact { Some(queue) } else { None });
    assert_eq!(joined, ["sales"]);
}

#[test]
fn two_who_talk_are_found_with_his_queue_and_the_one_that_rang() {
    let mut bench = also();
    away(&mut bench, &["anna"]);
    let caller = bench.caller_arrives("101");
    let boris = bench.expect_offer("boris", &caller);
    bench.answers(&boris);
    let found = HeldChannel { enters: Some("101".into()), ..left(&bench, &caller) };
    let leg = HeldChannel { enters: None, ..held(&boris.leg, true) };
    let talk = holding("sentral-00000007-t9", &[&caller, &boris.leg]);
    assert_eq!(talk.bridge, BridgeId::new(NODE, "sentral-00000007-t9"));

    let mut next = next_life(vec![found, leg], vec![talk]);

    next.assert_operator("boris", OperatorState::Talking);
    next.hangs_up(&boris.leg);
    next.passes(7 * SECOND);
    next.assert_ready("boris");
    let ended = named(&next, |fact| if let Fact::TalkEnded { queue, .. } = fact { queue.as_deref() } else { None });
    assert_eq!(ended, ["sales"]);
}

#[test]
fn whoever_asks_is_told_of_the_other_queues() {
    let mut bench = bench("also: [{queue: support, after: 30s}]", "");
    let (_, _anna) = talks(&mut bench, "101", "anna");
    let caller = waits(&mut bench, "101");
    let call = bench.engine.caller_of(&caller).expect("he calls");
    let told = |bench: &Bench| bench.engine.explain_call(call, bench.now).expect("he calls").waits.expect("he waits");
    let waits = told(&bench);
    assert_eq!(waits.operators.len(), 1);
    assert!(
        waits.also[0].from.is_some()
            && waits.also[0].text.starts_with("operators of `support` may take him, too, from")
    );
    away(&mut bench, &["boris", "carla"]);
    bench.passes(30 * SECOND);
    let waits = told(&bench);
    let through: Vec<_> = waits.operators.iter().map(|it| (&*it.operator, it.through.as_deref())).collect();
    assert_eq!(through, [("anna", None), ("boris", Some("support")), ("carla", Some("support"))]);
    let boris = bench.engine.explain_operator(&"boris".into(), bench.now).expect("he is in the plan");
    assert_eq!(boris.next.map(|next| next.call), Some(call));
    let guests: Vec<_> = boris.queues[0].guests.iter().map(|guest| (guest.call, &*guest.queue)).collect();
    assert_eq!(guests, [(call, "sales")]);
}
