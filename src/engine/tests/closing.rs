//! Queues that close.

use std::time::Duration;

use super::bench::Bench;
use crate::{
    dialplan::{
        Plan,
        hours::{Override, Until},
        parse,
    },
    domain::{ChannelId, Name, Time},
    engine::{
        Event, Fact, Held, NotSteered, Steer,
        notice::{LeftQueue, Outcome},
    },
};

const MINUTE: Duration = Duration::from_secs(60);

/// 101 is the queue `sales`, open until 16:00. It is Friday, 15:50 in Oslo, and anna talks with somebody until further notice.
fn bench() -> (Bench, ChannelId) {
    let text = "exchange: bench\ntimezone: Europe/Oslo\nnumbers: {101: {flow: welcome}, 102: {flow: other}}\n\
         operators: {anna: {dial: PJSIP/anna}, boris: {dial: PJSIP/boris}}\n\
         hours: {office: {open: [Mo-Fr 08:00-16:00]}}\n\
         queues:\n  sales: {operators: [anna], hours: office, when_closed: {play: sound:closed}}\n  \
           other: {operators: [boris]}\n\
         flows:\n  welcome: {queue: sales}\n  other: {queue: other}\n";
    let plan: Plan = match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    };
    let mut bench = Bench::new(plan);
    bench.now = Time::from_secs(365 * 86_400 + 14 * 3600 + 50 * 60);
    let talking = bench.caller_arrives("101");
    let anna = bench.expect_offer("anna", &talking);
    bench.answers(&anna);
    bench.asked.clear();
    (bench, talking)
}

fn waits(bench: &mut Bench) -> ChannelId {
    let caller = bench.caller_arrives("101");
    assert_eq!(bench.waiting(), std::slice::from_ref(&caller));
    bench.asked.clear();
    caller
}

fn closed(bench: &Bench) -> usize {
    let is_it = |fact: &&Fact| matches!(fact, Fact::LeftQueue { why: LeftQueue::Closed, .. });
    bench.facts.iter().filter(is_it).count()
}

#[test]
fn those_who_wait_when_a_queue_closes_go_where_the_plan_says_and_those_who_talk_talk_on() {
    let (mut bench, _talking) = bench();
    let caller = waits(&mut bench);
    bench.passes(10 * MINUTE - Duration::from_millis(1));
    assert_eq!(bench.waiting(), std::slice::from_ref(&caller));
    bench.asked.clear();

    bench.passes(Duration::from_millis(1));

    let sound = bench.expect_play(&caller, "closed");
    assert!(bench.waiting().is_empty());
    bench.hears_to_the_end(&caller, sound);
    bench.hangs_up(&caller);
    assert_eq!((bench.outcomes(), closed(&bench)), (vec![Outcome::EndedByPlan], 1));
}

#[test]
fn who_comes_to_a_closed_queue_never_stands_in_it() {
    let (mut bench, _talking) = bench();
    bench.passes(11 * MINUTE);
    let caller = bench.caller_arrives("101");
    bench.expect_play(&caller, "closed");
    assert!(!bench.facts.iter().rev().take(3).any(|fact| matches!(fact, Fact::Joined { .. })), "{:#?}", bench.facts);
    assert_eq!(closed(&bench), 1);
}

#[test]
fn hours_that_somebody_overrides_close_a_queue_at_once_and_keep_it_open() {
    let (mut bench, _talking) = bench();
    let office = Name::new("office");
    let stand = |open, until| Event::HoursOverridden { hours: office.clone(), how: Override::Stand { open, until } };
    let caller = waits(&mut bench);
    // Open for longer than the plan says.
    bench.tell(stand(true, Some(Until::Wall(17 * 60))));
    bench.passes(30 * MINUTE);
    assert_eq!(bench.waiting(), std::slice::from_ref(&caller));
    bench.asked.clear();

    bench.tell(stand(false, None));
    bench.passes(Duration::ZERO);

    bench.expect_play(&caller, "closed");
    let other = bench.caller_arrives("102");
    bench.expect_offer("boris", &other);
    let call =
        bench.engine.snapshot(bench.now).calls.into_iter().find(|call| call.channel == *other.id).expect("he").id;
    let moved = bench.engine.cannot_steer(call, &Steer::ToQueue("sales".into()));
    assert_eq!(moved, Some(NotSteered::QueueClosed));
}

#[test]
fn those_whose_node_was_away_when_their_queue_closed_go_when_it_is_back() {
    let (mut bench, talking) = bench();
    let caller = waits(&mut bench);
    bench.passes(10 * MINUTE - Duration::from_secs(1));
    bench.node_down();
    bench.passes(Duration::from_secs(3));
    assert_eq!(bench.waiting(), std::slice::from_ref(&caller));
    bench.asked.clear();
    let channels = [&caller, &talking].map(|it| super::bench::held(it, true)).into();
    bench.node_up(Held { channels, bridges: vec![super::bench::holding("sentral-w-sales", &[&caller])] });

    bench.passes(Duration::from_secs(1));

    bench.expect_play(&caller, "closed");
}
