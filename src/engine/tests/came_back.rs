//! Callers who call back soon, and the places that they left.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, NODE, patience, plan, queue, sound};
use crate::{
    dialplan::{Announce, Plan, Queue, Strategy},
    domain::{Caller, Cause, ChannelId},
    engine::{Engine, Errand, Event, Fact, Held, KeptCallers, LeftPlace, Memo, Setup, Steer, notice::LeftQueue},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

const IVAN: &str = "+4790000000";
const KARI: &str = "+4791111111";

fn sales() -> Queue {
    let queue = queue("sales", &["anna"], Strategy::Linear);
    Queue { keep_place_for: Some(5 * MINUTE), wrap_up: Duration::ZERO, ..queue }
}

fn of(queue: Queue) -> Plan {
    plan(vec![queue])
}

/// Anna talks, so that whoever comes waits.
fn bench() -> Bench {
    let mut bench = Bench::new(of(sales()));
    anna_talks(&mut bench);
    bench
}

fn anna_talks(bench: &mut Bench) {
    let caller = calls_as(bench, "anonymous", 0);
    let ringing = bench.expect_offer("anna", &caller);
    bench.answers(&ringing);
    bench.asked.clear();
}

fn calls_as(bench: &mut Bench, number: &str, nth: u32) -> ChannelId {
    let channel = ChannelId::new(NODE, &format!("back.{number}.{nth}"));
    let caller = Caller::from_wire(number, "", "");
    bench.tell(Event::CallArrived { channel: channel.clone(), enters: DIRECT.into(), caller, answered: true });
    channel
}

/// How long a caller has waited as far as it counts for his place, in whole seconds, and his priority.
fn stands(bench: &Bench, caller: &ChannelId) -> (u64, i64) {
    let call = bench.engine.caller_of(caller).expect("a caller");
    let view = bench.engine.queue_view("sales", bench.now).expect("a queue");
    let view = view.callers.iter().find(|waits| waits.call == call).expect("he waits");
    (view.age_seconds.round() as u64, view.priority)
}

/// What is to be kept of places.
fn kept(bench: &mut Bench) -> KeptCallers {
    let mut left: Vec<LeftPlace> = Vec::new();
    for errand in bench.errands.drain(..) {
        match errand {
            Errand::Remember(Memo::Left(place)) => {
                left.retain(|other| other.caller != place.caller);
                left.push(place);
            }
            Errand::Remember(Memo::CameBack { caller, .. }) => left.retain(|place| place.caller != caller),
            Errand::Remember(Memo::PlacesBefore { before, .. }) => left.retain(|place| place.at >= before),
            _ => {}
        }
    }
    KeptCallers { left, ..KeptCallers::default() }
}

#[test]
fn who_calls_back_in_time_has_his_age_again_without_the_time_that_he_was_away() {
    let mut bench = bench();
    let ivan = calls_as(&mut bench, IVAN, 1);
    bench.passes(100 * SECOND);
    let kari = calls_as(&mut bench, KARI, 1);
    bench.passes(20 * SECOND);
    bench.hangs_up(&ivan);
    bench.passes(30 * SECOND);
    let again = calls_as(&mut bench, IVAN, 2);
    assert_eq!(stands(&bench, &again), (120, 0));
    assert_eq!(bench.waiting(), [again.clone(), kari.clone()]);
    let came_back = |fact: &Fact| matches!(fact, Fact::CameBack { waited, .. } if *waited == 120 * SECOND);
    assert!(bench.facts.iter().any(came_back));
    // Once more: what he has waited since counts as well.
    bench.passes(10 * SECOND);
    bench.hangs_up(&again);
    let third = calls_as(&mut bench, IVAN, 3);
    assert_eq!(stands(&bench, &third), (130, 0));
    assert_eq!(bench.waiting(), [third, kari]);
}

#[test]
fn who_waited_all_the_while_is_not_overtaken_by_the_time_that_another_was_away() {
    let mut bench = bench();
    let ivan = calls_as(&mut bench, IVAN, 1);
    bench.passes(20 * SECOND);
    let kari = calls_as(&mut bench, KARI, 1);
    bench.hangs_up(&ivan);
    bench.passes(60 * SECOND);
    let again = calls_as(&mut bench, IVAN, 2);
    assert_eq!(bench.waiting(), [kari, again]);
}

#[test]
fn a_place_is_had_again_once_and_not_when_it_is_too_late_or_without_a_number() {
    let mut bench = bench();
    let ivan = calls_as(&mut bench, IVAN, 1);
    bench.passes(60 * SECOND);
    bench.hangs_up(&ivan);
    bench.passes(5 * MINUTE + SECOND);
    let late = calls_as(&mut bench, IVAN, 2);
    assert_eq!(stands(&bench, &late), (0, 0), "too late");

    let nobody = calls_as(&mut bench, "anonymous", 1);
    bench.passes(60 * SECOND);
    bench.hangs_up(&nobody);
    let nobody = calls_as(&mut bench, "anonymous", 2);
    assert_eq!(stands(&bench, &nobody), (0, 0), "withheld");

    bench.hangs_up(&late);
    let (one, two) = (calls_as(&mut bench, IVAN, 3), calls_as(&mut bench, IVAN, 4));
    assert_eq!((stands(&bench, &one), stands(&bench, &two)), ((60, 0), (0, 0)), "once");
    // Of two of one number the better place is kept, whoever goes last.
    bench.hangs_up(&one);
    bench.hangs_up(&two);
    let again = calls_as(&mut bench, IVAN, 5);
    assert_eq!(stands(&bench, &again), (60, 0));
}

#[test]
fn who_leaves_by_the_plan_or_is_served_leaves_no_place() {
    let mut bench = Bench::new(of(patience(sales(), 30 * SECOND)));
    anna_talks(&mut bench);
    let ivan = calls_as(&mut bench, IVAN, 1);
    bench.passes(30 * SECOND);
    bench.hangs_up(&ivan);
    let ivan = calls_as(&mut bench, IVAN, 2);
    assert_eq!(stands(&bench, &ivan), (0, 0), "he had waited long enough");
    bench.passes(10 * SECOND);
    let call = bench.engine.caller_of(&ivan).expect("a caller");
    bench.tell(Event::Steered { call, steer: Steer::Withdraw { info: "".into() } });
    let left = |fact: &Fact| matches!(fact, Fact::LeftQueue { why: LeftQueue::Withdrawn, .. });
    assert!(bench.facts.iter().any(left));
    bench.hangs_up(&ivan);
    let ivan = calls_as(&mut bench, IVAN, 3);
    assert_eq!(stands(&bench, &ivan), (0, 0), "somebody took him out of it");
    assert_eq!(kept(&mut bench).left, []);
}

#[test]
fn his_priority_is_his_again_unless_he_has_a_greater_one_now() {
    let mut bench = bench();
    let ivan = calls_as(&mut bench, IVAN, 1);
    let call = bench.engine.caller_of(&ivan).expect("a caller");
    bench.tell(Event::Steered { call, steer: Steer::Prioritise(7) });
    bench.passes(10 * SECOND);
    let kari = calls_as(&mut bench, KARI, 1);
    bench.hangs_up(&ivan);
    let again = calls_as(&mut bench, IVAN, 2);
    assert_eq!((stands(&bench, &again), bench.waiting()), ((10, 7), vec![again.clone(), kari.clone()]));
    let call = bench.engine.caller_of(&again).expect("a caller");
    bench.tell(Event::Steered { call, steer: Steer::Prioritise(-2) });
    bench.hangs_up(&again);
    let third = calls_as(&mut bench, IVAN, 3);
    assert_eq!(stands(&bench, &third), (10, 0));
}

#[test]
fn who_has_his_place_again_is_told_it_at_once() {
    let announce = Announce {
        first: MINUTE,
        every: MINUTE,
        places: [sound("you are the first").into(), sound("you are the second").into()].into(),
        waits: [].into(),
        periodic: None,
    };
    let mut bench = Bench::new(of(Queue { announce: Some(Arc::new(announce)), ..sales() }));
    anna_talks(&mut bench);
    let ivan = calls_as(&mut bench, IVAN, 1);
    bench.passes(20 * SECOND);
    bench.hangs_up(&ivan);
    let kari = calls_as(&mut bench, KARI, 1);
    let again = calls_as(&mut bench, IVAN, 2);
    bench.asked.clear();
    bench.passes(SECOND);
    let playback = bench.expect_play(&again, "you are the first");
    bench.hears_to_the_end(&again, playback);
    bench.passes(SECOND);
    assert!(!bench.asked.iter().any(|command| command.name() == "play"), "{:?}", bench.asked);
    bench.hangs_up(&kari);
}

#[test]
fn a_line_that_drops_while_the_engine_hears_nothing_leaves_its_place_too() {
    let mut bench = bench();
    let _gone = calls_as(&mut bench, IVAN, 1);
    bench.passes(20 * SECOND);
    bench.node_down();
    bench.passes(10 * SECOND);
    bench.node_up(Held::default());
    // All are gone: who calls next is served at once, and whoever comes then waits.
    anna_talks(&mut bench);
    let ivan = calls_as(&mut bench, IVAN, 2);
    assert_eq!(stands(&bench, &ivan), (30, 0));
}

#[test]
fn the_next_life_knows_the_places_that_were_left_and_what_is_old_is_forgotten() {
    let mut bench = bench();
    let ivan = calls_as(&mut bench, IVAN, 1);
    let kari = calls_as(&mut bench, KARI, 1);
    bench.passes(20 * SECOND);
    bench.hangs_up(&kari);
    bench.passes(4 * MINUTE);
    bench.hangs_up(&ivan);
    let again = calls_as(&mut bench, IVAN, 2);
    bench.hangs_up(&again);
    let kept = kept(&mut bench);
    assert_eq!(kept.left.len(), 2, "{kept:?}");
    bench.now = bench.now + 2 * MINUTE;

    let setup = Setup { boot: 8, born: bench.now, seed: 1, limits: Default::default(), public_url: None };
    bench.next_life(Engine::new(setup, Arc::new(of(sales()))).with_callers(kept));
    bench.node_up(Held::default());
    anna_talks(&mut bench);
    let (ivan, kari) = (calls_as(&mut bench, IVAN, 3), calls_as(&mut bench, KARI, 2));
    assert_eq!((stands(&bench, &ivan), stands(&bench, &kari)), ((260, 0), (0, 0)));
    let forgets = |errand: &Errand| matches!(errand, Errand::Remember(Memo::PlacesBefore { .. }));
    assert!(bench.errands.iter().any(forgets), "{:?}", bench.errands);
}

#[test]
fn a_restart_keeps_the_age_that_a_caller_had_again() {
    let mut bench = bench();
    let ivan = calls_as(&mut bench, IVAN, 1);
    bench.passes(60 * SECOND);
    bench.hangs_up(&ivan);
    let again = calls_as(&mut bench, IVAN, 2);
    let caller = Caller::from_wire(IVAN, "", "");
    let found = crate::engine::HeldChannel { caller, ..super::found::left(&bench, &again) };
    bench.passes(5 * SECOND);
    let setup = Setup { boot: 8, born: bench.now, seed: 1, limits: Default::default(), public_url: None };
    bench.next_life(Engine::new(setup, Arc::new(of(sales()))));
    bench.tell(Event::DutyAsked {
        operator: "anna".into(),
        change: crate::dialplan::DutyChange::Pause { reason: None, lasts: None },
        by: crate::engine::DutyBy::Api,
    });
    bench.node_up(Held { channels: vec![found], bridges: Vec::new() });
    assert_eq!(stands(&bench, &again), (65, 0));
    bench.ends(&again, Cause::q850(16));
}
