//! Somebody waits though an operator is free: that never is, and would be found.

use std::time::Duration;

use super::bench::{Bench, DIRECT};
use crate::{
    dialplan::DutyChange,
    domain::{DeviceState, Time},
    engine::{DutyBy, Engine, Event, Fact, Wake, idle::EVERY, notice::Measured},
};

/// What is found until then.
fn found(engine: &mut Engine, until: Time) -> Vec<(String, Duration)> {
    let mut found = Vec::new();
    while let Some(now) = engine.poll_timeout().filter(|now| *now <= until) {
        engine.handle_timeout(now);
        while let Some(notice) = engine.poll_notice() {
            if let Fact::Measured(Measured::Idle { operator, lasted, .. }) = notice.fact {
                found.push((operator.to_string(), lasted));
            }
        }
    }
    found
}

/// A caller waits for Anna, who is not there; then she comes. `seen`: whether the engine still knows that he wants somebody.
fn anna_comes(seen: bool) -> (Bench, Vec<(String, Duration)>) {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let duty = |change| Event::DutyAsked { operator: "anna".into(), change, by: DutyBy::Api };
    bench.tell(duty(DutyChange::SignOut));
    bench.caller_arrives(DIRECT);
    bench.passes(3 * EVERY);
    if !seen {
        bench.engine.queues[0].wanting.clear();
    }
    bench.engine.handle(bench.now, duty(DutyChange::SignIn));
    let until = bench.now + 2 * EVERY;
    let found = found(&mut bench.engine, until);
    (bench, found)
}

#[test]
fn one_who_is_forgotten_by_those_who_bring_together_is_found_by_who_looks() {
    let (_, found) = anna_comes(false);
    assert_eq!(found, [("anna".into(), EVERY), ("anna".into(), EVERY)]);
}

#[test]
fn one_who_is_rung_for_does_not_wait_for_nothing() {
    let (bench, found) = anna_comes(true);
    assert_eq!(found, []);
    assert!(bench.engine.timers.is_set(Wake::Look), "he stands in line");
}

#[test]
fn nobody_looks_when_nobody_waits() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    assert!(!bench.engine.timers.is_set(Wake::Look));
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.passes(EVERY);
    assert!(bench.engine.timers.is_set(Wake::Look));
    bench.hangs_up(&caller);
    bench.passes(EVERY);
    assert!(!bench.engine.timers.is_set(Wake::Look));
}

/// Anna may talk with so many, and talks with one, for whom Asterisk says that her telephone is in use; another one waits, forgotten.
fn anna_talks(capacity: u32) -> Vec<(String, Duration)> {
    let mut bench = Bench::new(super::capacity::a_plan(&[("anna", capacity)], Duration::ZERO));
    bench.two_talk("anna");
    bench.tell(super::device::phone("anna", DeviceState::InUse));
    let duty = |change| Event::DutyAsked { operator: "anna".into(), change, by: DutyBy::Api };
    bench.tell(duty(DutyChange::Pause { reason: None, lasts: None }));
    bench.caller_arrives(DIRECT);
    bench.passes(3 * EVERY);
    bench.engine.queues[0].wanting.clear();
    bench.engine.handle(bench.now, duty(DutyChange::Resume));
    let until = bench.now + EVERY;
    found(&mut bench.engine, until)
}

#[test]
fn who_talks_and_may_have_one_more_is_idle_and_nobody_else_who_talks() {
    assert_eq!(anna_talks(2), [("anna".into(), EVERY)]);
    assert_eq!(anna_talks(1), []);
}
