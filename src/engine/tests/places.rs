//! The place of one who waits, in the next life of the engine: what it is, and what he is told of it.

use std::{sync::Arc, time::Duration};

use super::{
    announce::everything,
    bench::{Bench, DIRECT, NODE, held, holding, plan, queue},
    found::left,
};
use crate::{
    dialplan::{Plan, Queue, Strategy, parse},
    domain::{Caller, ChannelId},
    engine::{Command, Event, Failure, Held, HeldBridge, HeldChannel, Limits, Steer},
};

const SECOND: Duration = Duration::from_secs(1);

/// Another engine finds these, so long after all was written that is.
fn next_life(before: &Bench, plan: Plan, away: Duration, held: Held) -> Bench {
    let mut bench = Bench::born(8, plan, Limits::default());
    bench.now = before.now + away;
    bench.node_up(held);
    bench
}

/// Places after 10 s and every 45 s, and something else every minute.
fn announcing() -> Plan {
    let sales = queue("sales", &["anna"], Strategy::Linear);
    plan(vec![Queue { announce: Some(Arc::new(everything())), ..sales }])
}

/// Two who talk, as they are found.
fn talk(bench: &mut Bench, operator: &str) -> (Vec<HeldChannel>, HeldBridge) {
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer(operator, &caller);
    bench.answers(&anna);
    let talks = vec![left(bench, &caller), held(&anna.leg, true)];
    (talks, bench.talk(&anna.leg, &[&caller, &anna.leg]))
}

/// What is played to a caller from now on, and after how many seconds.
fn told(bench: &mut Bench, caller: &ChannelId, seconds: u64) -> Vec<(u64, String)> {
    let mut told = Vec::new();
    for second in 1..=seconds {
        bench.asked.retain(|command| matches!(command, Command::Mark { .. }));
        bench.passes(SECOND);
        let played = bench.asked.iter().find_map(|command| match command {
            Command::Play { channel, playback, media, .. } if channel == caller => Some((*playback, media.clone())),
            _ => None,
        });
        if let Some((playback, media)) = played {
            told.push((second, format!("{media:?}")));
            bench.hears_to_the_end(caller, playback);
        }
    }
    told
}

/// Which of these each of them names, and when.
fn names(told: &[(u64, String)], of: &[&'static str]) -> Vec<(u64, &'static str)> {
    let name = |text: &str| of.iter().copied().find(|name| text.contains(name)).unwrap_or("?");
    told.iter().map(|(second, text)| (*second, name(text))).collect()
}

const SAID: &[&str] = &["first", "thanks", "website"];

#[test]
fn what_is_said_to_who_waits_comes_at_its_time_in_the_next_life() {
    let mut bench = Bench::new(announcing());
    let (talks, talk) = talk(&mut bench, "anna");
    let waiting = bench.caller_arrives(DIRECT);
    let first = left(&bench, &waiting);
    let before = told(&mut bench, &waiting, 100);
    // His place is not better at 55 s.
    assert_eq!(names(&before, SAID), [(10, "first"), (60, "thanks")]);

    // Whether the word of him is of when he came, or of a moment ago: the next thing that he hears is the same.
    let newest = left(&bench, &waiting);
    assert_ne!(first.mark, newest.mark, "nothing was written since");
    for mark in [first, newest] {
        let bridges = vec![talk.clone(), holding("sentral-w-sales", &[&waiting])];
        let channels = talks.iter().cloned().chain([mark]).collect();
        let mut bench = next_life(&bench, announcing(), 5 * SECOND, Held { channels, bridges });
        let after = told(&mut bench, &waiting, 80);
        // He joined 105 s ago: the second of the periodic ones is due at 120 s, the first at 180 s.
        let periodic: Vec<_> = names(&after, SAID).into_iter().filter(|(_, name)| *name != "first").collect();
        assert_eq!(periodic, [(15, "website"), (75, "thanks")], "{after:?}");
    }
}

#[test]
fn who_was_told_his_place_is_not_told_the_same_in_the_next_life() {
    let mut bench = Bench::new(announcing());
    let (talks, talk) = talk(&mut bench, "anna");
    let waiting = bench.caller_arrives(DIRECT);
    assert_eq!(names(&told(&mut bench, &waiting, 80), SAID), [(10, "first"), (60, "thanks")]);
    // When the dead man's switch is armed again, it is written what he was told.
    let mark = left(&bench, &waiting);

    let bridges = vec![talk, holding("sentral-w-sales", &[&waiting])];
    let channels = talks.into_iter().chain([mark]).collect();
    let mut bench = next_life(&bench, announcing(), 5 * SECOND, Held { channels, bridges });

    let after = told(&mut bench, &waiting, 60);
    assert!(!after.iter().any(|(_, text)| text.contains("first")), "{after:?}");
}

#[test]
fn what_nobody_can_have_written_of_what_he_was_told_does_no_harm() {
    let mut bench = Bench::new(announcing());
    let (talks, talk) = talk(&mut bench, "anna");
    let waiting = bench.caller_arrives(DIRECT);
    let mut mark = left(&bench, &waiting);
    let written = mark.mark.expect("a mark");
    let most = u64::MAX;
    let told =
        format!(r#""told":{{"place":{most},"wait":{most},"place_due":{most},"periodic_due":{most},"turn":{most}}}"#);
    let (before, rest) = written.split_once(r#""told":{"#).expect("what he was told");
    let (_, behind) = rest.split_once('}').expect("its end");
    mark.mark = Some(format!("{before}{told}{behind}").into());

    let bridges = vec![talk, holding("sentral-w-sales", &[&waiting])];
    let channels = talks.into_iter().chain([mark]).collect();
    let mut bench = next_life(&bench, announcing(), 5 * SECOND, Held { channels, bridges });

    // As if he had just come.
    let after = told_in(&mut bench, &waiting);
    assert_eq!(after, [(45, "first"), (60, "website"), (120, "thanks")]);
}

/// Within two minutes.
fn told_in(bench: &mut Bench, caller: &ChannelId) -> Vec<(u64, &'static str)> {
    names(&told(bench, caller, 125), SAID)
}

/// Callers whose numbers begin with +471 are of priority 10; key 5 leads from sales to billing.
fn two_queues() -> Plan {
    let text = "exchange: bench\nnumbers: {101: {flow: welcome}}\n\
         operators: {anna: {dial: PJSIP/anna}, boris: {dial: PJSIP/boris}}\n\
         queues: {sales: {operators: [anna], exit: {\"5\": {queue: billing}}}, billing: {operators: [boris], exit: {\"9\": hangup}}}\n\
         flows:\n  welcome:\n\
         \x20   - answer\n\
         \x20   - play: sound:hello\n\
         \x20   - if: {when: \"starts_with(caller.number, '+471')\", then: {set: {priority: 10}}}\n\
         \x20   - queue: sales\n";
    match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

/// A caller who has heard the greeting.
fn greeted(bench: &mut Bench, number: &str) -> ChannelId {
    let caller = ChannelId::new(NODE, &format!("caller.{number}"));
    let (enters, answered) = ("101".into(), true);
    bench.tell(Event::CallArrived {
        channel: caller.clone(),
        enters,
        caller: Caller::from_wire(number, "", ""),
        answered,
    });
    let greeting = bench.expect_play(&caller, "hello");
    bench.hears_to_the_end(&caller, greeting);
    caller
}

#[test]
fn the_priority_of_one_who_is_rung_for_at_once_is_known_in_the_next_life() {
    let mut bench = Bench::new(two_queues());
    let important = greeted(&mut bench, "+4710000001");
    let ringing = bench.expect_offer("anna", &important);
    bench.passes(SECOND);
    let other = greeted(&mut bench, "+4730000001");
    let found = vec![left(&bench, &other), left(&bench, &important), held(&ringing.leg, false)];
    let held = Held { channels: found, bridges: vec![] };

    let bench = next_life(&bench, two_queues(), SECOND, held);

    let line = &bench.engine.snapshot(bench.now).queues[0].callers;
    assert_eq!(line.iter().map(|caller| caller.priority).collect::<Vec<_>>(), [10, 0]);
    assert_eq!(bench.waiting(), [important, other]);
}

#[test]
fn who_comes_from_another_queue_and_is_rung_for_at_once_stands_in_the_second_in_the_next_life() {
    let mut bench = Bench::new(two_queues());
    let first = greeted(&mut bench, "+4730000001");
    let anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    let caller = greeted(&mut bench, "+4730000002");
    let came = bench.now;
    bench.passes(40 * SECOND);
    bench.presses(&caller, "5");
    let boris = bench.expect_offer("boris", &caller);
    bench.passes(2 * SECOND);
    let ringing = HeldChannel { age: 2 * SECOND, ..held(&boris.leg, false) };
    let held = Held { channels: vec![left(&bench, &caller), ringing], bridges: vec![] };

    let bench = next_life(&bench, two_queues(), SECOND, held);

    let queues = bench.engine.snapshot(bench.now).queues;
    let billing = queues.iter().find(|queue| *queue.queue == *"billing").expect("billing");
    let [place] = &billing.callers[..] else { panic!("{queues:#?}") };
    assert!((place.waited_seconds - 3.0).abs() < 0.001, "{place:?}");
    assert!((place.age_seconds - bench.now.since(came).as_secs_f64()).abs() < 0.001, "{place:?}");
}

#[test]
fn who_cannot_be_joined_with_whoever_answered_is_as_old_as_he_was() {
    let mut bench = Bench::new(two_queues());
    let first = greeted(&mut bench, "+4730000001");
    let anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    let caller = greeted(&mut bench, "+4730000002");
    bench.passes(40 * SECOND);
    bench.presses(&caller, "5");
    let boris = bench.expect_offer("boris", &caller);
    bench.passes(2 * SECOND);
    bench.answers(&boris);
    let join = bench.take("to join", |it| matches!(it, Command::Join { leg, .. } if *leg == boris.leg));

    bench.fails(join, Failure::Refused(404));

    let queues = bench.engine.snapshot(bench.now).queues;
    let place = queues.iter().find_map(|queue| queue.callers.first()).expect("he waits");
    assert!((place.waited_seconds - 2.0).abs() < 0.001 && (place.age_seconds - 42.0).abs() < 0.001, "{place:?}");
}

#[test]
fn a_priority_by_hand_is_known_in_the_next_life() {
    let mut bench = Bench::new(two_queues());
    let first = greeted(&mut bench, "+4730000001");
    let anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    let [one, two] = ["+4730000002", "+4730000003"].map(|number| greeted(&mut bench, number));
    let call = bench.engine.caller_of(&two).expect("a call");
    bench.tell(Event::Steered { call, steer: Steer::Prioritise(3) });
    let found = vec![left(&bench, &one), left(&bench, &two)];

    let bench = next_life(&bench, two_queues(), SECOND, Held { channels: found, bridges: vec![] });

    assert_eq!(bench.waiting(), [two, one]);
}
