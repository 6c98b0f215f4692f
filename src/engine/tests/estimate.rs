//! How long it will be, as callers are told, and how right that was.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, NODE, plan, queue, sound};
use crate::{
    dialplan::{Announce, DutyChange, Queue, Strategy},
    domain::{Cause, ChannelId, DeviceState},
    engine::{Command, DutyBy, Event, Fact, notice::Measured},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn duty(bench: &mut Bench, operator: &str, change: DutyChange) {
    bench.tell(Event::DutyAsked { operator: operator.into(), change, by: DutyBy::Api });
}

/// Anna talks, and one waits behind her; five before him waited two minutes each, in the first place, while she was alone.
fn one_waits() -> (Bench, ChannelId, super::bench::Ringing, ChannelId) {
    let waits = [(MINUTE, "a minute"), (5 * MINUTE, "five minutes")].map(|(wait, text)| (wait, sound(text).into()));
    let (first, every) = (Announce::FIRST, Announce::EVERY);
    let announce = Announce { first, every, places: [].into(), waits: waits.into(), periodic: None };
    let sales = queue("sales", &["anna", "boris"], Strategy::Linear);
    let sales = Queue { announce: Some(Arc::new(announce)), wrap_up: Duration::ZERO, ..sales };
    let mut bench = Bench::new(plan(vec![sales]));
    duty(&mut bench, "boris", DutyChange::SignOut);
    let (mut talks, mut anna) = bench.two_talk("anna");
    for _ in 0..5 {
        let next = bench.caller_arrives(DIRECT);
        bench.passes(2 * MINUTE);
        bench.asked.clear();
        bench.hangs_up(&talks);
        bench.ends(&anna.leg, Cause::q850(16));
        anna = bench.expect_offer("anna", &next);
        bench.answers(&anna);
        talks = next;
    }
    let waits = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    (bench, talks, anna, waits)
}

fn errors(bench: &Bench) -> Vec<(Duration, Duration)> {
    let error = |fact: &Fact| match fact {
        Fact::Measured(Measured::Estimate { told, took, .. }) => Some((*told, *took)),
        _ => None,
    };
    bench.facts.iter().filter_map(error).collect()
}

#[test]
fn an_operator_whose_telephone_is_not_registered_makes_no_wait_shorter() {
    for (state, told) in [(DeviceState::Unavailable, "five minutes"), (DeviceState::InUse, "a minute")] {
        let (mut bench, _talks, _anna, waits) = one_waits();
        bench.tell(Event::DeviceChanged { node: NODE, device: "PJSIP/boris".into(), state });
        duty(&mut bench, "boris", DutyChange::SignIn);
        bench.passes(10 * SECOND);
        bench.expect_play(&waits, told);
    }
}

#[test]
fn nor_does_one_who_is_paused() {
    let (mut bench, _talks, _anna, waits) = one_waits();
    bench.tell(Event::DeviceChanged { node: NODE, device: "PJSIP/boris".into(), state: DeviceState::InUse });
    duty(&mut bench, "boris", DutyChange::SignIn);
    duty(&mut bench, "boris", DutyChange::Pause { reason: None, lasts: None });
    bench.passes(10 * SECOND);
    bench.expect_play(&waits, "five minutes");
}

#[test]
fn one_who_was_told_how_long_it_will_be_tells_when_he_is_answered_how_right_that_was() {
    let (mut bench, talks, anna, waits) = one_waits();
    bench.passes(10 * SECOND);
    bench.expect_play(&waits, "five minutes");
    bench.passes(3 * MINUTE);
    assert_eq!(errors(&bench), [], "he is not answered yet");
    bench.asked.clear();
    bench.hangs_up(&talks);
    bench.ends(&anna.leg, Cause::q850(16));
    let anna = bench.expect_offer("anna", &waits);
    bench.passes(2 * SECOND);
    bench.answers(&anna);
    assert_eq!(errors(&bench), [(2 * MINUTE, 3 * MINUTE + 2 * SECOND)]);
}

#[test]
fn who_was_told_nothing_or_is_not_answered_tells_nothing() {
    let (mut bench, talks, anna, waits) = one_waits();
    bench.passes(9 * SECOND);
    bench.asked.clear();
    bench.hangs_up(&talks);
    bench.ends(&anna.leg, Cause::q850(16));
    let anna = bench.expect_offer("anna", &waits);
    bench.answers(&anna);
    let next = bench.caller_arrives(DIRECT);
    bench.passes(10 * SECOND);
    assert!(bench.asked.iter().any(|command| matches!(command, Command::Play { .. })));
    bench.hangs_up(&next);
    assert_eq!(errors(&bench), []);
}
