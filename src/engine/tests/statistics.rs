//! What is added up of a day, and what operators have done: the next life of the engine goes on with both.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, plan, queue};
use crate::{
    dialplan::{Plan, Strategy},
    domain::{Cause, Name, Time},
    engine::{
        Callee, Done, Engine, Errand, Event, Fact, Held, Limits, Notice, Setup,
        notice::{LeftQueue, OfferOutcome, Party},
        statistics::{Counted, OperatorDay, QueueDay, Statistics},
    },
};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// 2026-11-26 22:59:00 in Oslo.
const EVENING: Time = Time::from_secs(1_795_730_340);

/// A minute and an hour later it is another day there.
const HOUR: Duration = seconds(3_600);

fn norwegian() -> Plan {
    let mut plan = plan(vec![queue("sales", &["anna", "boris"], Strategy::LeastRecent)]);
    plan.timezone = jiff::tz::TimeZoneDatabase::bundled().get("Europe/Oslo").expect("a zone");
    plan.queues["sales"].service_level = seconds(10);
    plan
}

fn see(statistics: &mut Statistics, at: Time, fact: Fact) -> Option<Counted> {
    statistics.see(&Notice { at, call: None, fact })
}

fn connected(waited: u64) -> Fact {
    let callee = Callee::Operator("anna".into());
    Fact::Connected { queue: Some("sales".into()), callee, leg: None, waited: seconds(waited) }
}

fn left(waited: u64, why: LeftQueue) -> Fact {
    Fact::LeftQueue { queue: "sales".into(), position: 1, waited: seconds(waited), why, key: None }
}

fn talk_ended(callee: Callee, queue: Option<&str>, talked: u64) -> Fact {
    Fact::TalkEnded {
        queue: queue.map(Name::new),
        callee,
        talked: seconds(talked),
        by: Party::Caller,
        waited: None,
        to: None,
    }
}

fn offer_ended(outcome: OfferOutcome) -> Fact {
    let (queue, callee) = (Some("sales".into()), Callee::Operator("anna".into()));
    Fact::OfferEnded { queue, callee, outcome, rang: seconds(3), cause: Cause::default() }
}

fn queue_of(counted: Option<Counted>) -> QueueDay {
    let (queue, day) = counted.expect("counted").queue.expect("a queue");
    assert_eq!(&*queue, "sales");
    day
}

fn operator_of(counted: Option<Counted>) -> OperatorDay {
    let (operator, day) = counted.expect("counted").operator.expect("an operator");
    assert_eq!(&*operator, "anna");
    day
}

#[test]
fn who_goes_on_with_another_engine_is_counted_there_alone() {
    let mut statistics = Statistics::new(&norwegian(), EVENING);
    assert_eq!(see(&mut statistics, EVENING, left(40, LeftQueue::TakenOver)), None);
    let mut ended = talk_ended(Callee::Operator("anna".into()), Some("sales"), 60);
    if let Fact::TalkEnded { by, .. } = &mut ended {
        *by = Party::TakenOver;
    }
    assert_eq!(see(&mut statistics, EVENING, ended), None);
}

#[test]
fn who_waits_is_counted_by_how_his_waiting_ended() {
    let mut statistics = Statistics::new(&norwegian(), EVENING);
    for fact in [connected(10), connected(11), left(5, LeftQueue::Abandoned), left(60, LeftQueue::TimedOut)] {
        see(&mut statistics, EVENING, fact);
    }
    for why in [LeftQueue::ByKey, LeftQueue::Unstaffed, LeftQueue::Continued, LeftQueue::Full] {
        see(&mut statistics, EVENING, left(0, why));
    }
    let day = queue_of(see(&mut statistics, EVENING, left(7, LeftQueue::Abandoned)));
    let expected = QueueDay {
        answered: 2,
        in_service_level: 1,
        abandoned: 2,
        left: 4,
        found_full: 1,
        waited: seconds(21),
        abandoned_after: seconds(12),
        longest: seconds(60),
        ..QueueDay::default()
    };
    assert_eq!(day, expected);
    let joined = Fact::Joined { queue: "sales".into(), position: 1 };
    assert_eq!(see(&mut statistics, EVENING, joined), None, "it is not known how his waiting ends");
}

#[test]
fn conversations_count_for_the_queue_and_for_the_operator_and_offers_for_him() {
    let mut statistics = Statistics::new(&norwegian(), EVENING);
    let anna = || Callee::Operator("anna".into());
    see(&mut statistics, EVENING, talk_ended(anna(), None, 30));
    let counted = see(&mut statistics, EVENING, talk_ended(anna(), Some("sales"), 60));
    assert_eq!(queue_of(counted.clone()), QueueDay { talks: 1, talked: seconds(60), ..QueueDay::default() });
    assert_eq!(operator_of(counted), OperatorDay { talks: 2, talked: seconds(90), ..OperatorDay::default() });
    assert_eq!(see(&mut statistics, EVENING, talk_ended(Callee::Phone("601".into()), None, 5)), None);

    for outcome in [OfferOutcome::Answered, OfferOutcome::NoAnswer, OfferOutcome::Declined, OfferOutcome::Busy] {
        see(&mut statistics, EVENING, offer_ended(outcome));
    }
    for outcome in [OfferOutcome::CallerLeft, OfferOutcome::AnsweredElsewhere, OfferOutcome::TrunkFull] {
        assert_eq!(see(&mut statistics, EVENING, offer_ended(outcome)), None, "not his doing");
    }
    let day = operator_of(see(&mut statistics, EVENING, offer_ended(OfferOutcome::Unreachable)));
    assert_eq!((day.answered, day.missed, day.unreached), (1, 2, 2));
}

#[test]
fn a_day_begins_at_midnight_by_the_clock_of_the_exchange() {
    let mut statistics = Statistics::new(&norwegian(), EVENING);
    assert_eq!(statistics.day(), jiff::civil::date(2026, 11, 26));
    see(&mut statistics, EVENING, connected(1));
    let late = EVENING + HOUR;
    assert_eq!(queue_of(see(&mut statistics, late, connected(1))).answered, 2, "23:59");
    let counted = see(&mut statistics, late + seconds(60), connected(1));
    assert_eq!(counted.as_ref().map(|counted| counted.day), Some(jiff::civil::date(2026, 11, 27)));
    assert_eq!(queue_of(counted).answered, 1);

    // Another plan counts by another clock, where it is the day before still.
    let mut there = norwegian();
    there.timezone = jiff::tz::TimeZone::UTC;
    statistics.take_plan(&there, late + seconds(60));
    assert_eq!(statistics.day(), jiff::civil::date(2026, 11, 26));
}

#[test]
fn the_next_life_goes_on_counting() {
    let mut first = Statistics::new(&norwegian(), EVENING);
    let counted = see(&mut first, EVENING, connected(4)).expect("counted");
    let queues = counted.queue.into_iter().collect();
    let mut second = Statistics::new(&norwegian(), EVENING).going_on(queues, BTreeMap::new());
    let day = queue_of(see(&mut second, EVENING, left(2, LeftQueue::Abandoned)));
    assert_eq!((day.answered, day.abandoned, day.waited), (1, 1, seconds(4)));
}

/// A call that an operator takes and that ends a second later; gives his name.
fn served(bench: &mut Bench) -> String {
    let caller = bench.caller_arrives(DIRECT);
    let name = bench.ringing_for(&caller).first().expect("somebody rings").clone();
    let ringing = bench.expect_offer(&name, &caller);
    bench.answers(&ringing);
    bench.passes(seconds(1));
    bench.hangs_up(&caller);
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.asked.clear();
    name
}

/// What was to be written of operators.
fn done(bench: &mut Bench) -> BTreeMap<Name, Done> {
    let kept = bench.errands.drain(..).filter_map(|errand| match errand {
        Errand::KeepDone(operator, done) => Some((operator, done)),
        _ => None,
    });
    kept.collect()
}

fn three(strategy: Strategy) -> Arc<Plan> {
    let mut sales = queue("sales", &["anna", "boris", "carla"], strategy);
    sales.wrap_up = Duration::ZERO;
    Arc::new(plan(vec![sales]))
}

/// Another life of the engine, which knows that operators did this.
fn lives_again(bench: &mut Bench, plan: Arc<Plan>, done: BTreeMap<Name, Done>) {
    let setup = Setup { boot: 8, born: bench.now, seed: 1, limits: Limits::default(), public_url: None };
    bench.next_life(Engine::new(setup, plan).with_done(done));
    bench.node_up(Held::default());
    bench.asked.clear();
}

#[test]
fn strategies_go_on_in_the_next_life_where_they_were() {
    for strategy in [Strategy::LeastRecent, Strategy::FewestCalls, Strategy::LeastTalk] {
        let plan = three(strategy);
        let mut bench = Bench::new(Plan::clone(&plan));
        assert_eq!([served(&mut bench), served(&mut bench)], ["anna", "boris"], "{strategy:?}");
        let before = done(&mut bench);
        assert_eq!(before.len(), 2);
        let anna = before["anna"];
        assert_eq!((anna.talks, anna.talked), (1, seconds(1)));
        lives_again(&mut bench, plan, before);
        assert_eq!(served(&mut bench), "carla", "{strategy:?}: the others had one");
        assert_eq!(served(&mut bench), "anna", "{strategy:?}: all had one, and hers was first");
        let after = done(&mut bench);
        assert_eq!(after["anna"].talks, 2, "and it is written on");
    }
}

#[test]
fn what_one_has_done_whom_the_plan_does_not_have_is_known_when_it_has_him_again() {
    let with = three(Strategy::LeastRecent);
    let mut without = Plan::clone(&with);
    without.operators.shift_remove("anna");
    without.queues["sales"].members.retain(|member| &*member.operator != "anna");
    let mut bench = Bench::new(Plan::clone(&with));
    assert_eq!(served(&mut bench), "anna");
    let before = done(&mut bench);
    lives_again(&mut bench, Arc::new(without), before);
    bench.tell(Event::PlanLoaded(with));
    bench.asked.clear();
    assert_eq!([served(&mut bench), served(&mut bench), served(&mut bench)], ["boris", "carla", "anna"]);
}

#[test]
fn what_was_yesterday_counts_no_more_but_for_who_talked_last() {
    for (strategy, next) in
        [(Strategy::FewestCalls, "anna"), (Strategy::LeastTalk, "anna"), (Strategy::LeastRecent, "carla")]
    {
        let plan = three(strategy);
        let mut bench = Bench::new(Plan::clone(&plan));
        assert_eq!([served(&mut bench), served(&mut bench)], ["anna", "boris"], "{strategy:?}");
        bench.passes(seconds(24 * 3_600));
        assert_eq!(served(&mut bench), next, "{strategy:?}: a new day");
        let talks: Vec<u64> = done(&mut bench).into_values().map(|done| done.talks).collect();
        assert!(talks.iter().all(|talks| *talks == 1), "{strategy:?}: {talks:?} of the day");
    }
}
