//! One caller, and operators of several queues.

use std::time::Duration;

use super::{
    bench::{Bench, NODE, Ringing, held},
    choice::{asks, caller, door},
};
use crate::{
    dialplan::{
        DutyChange, Plan,
        hours::{Override, Until},
        parse,
    },
    domain::{Cause, ChannelId, Time},
    engine::{
        Ask, DutyBy, Event, Fact, Held, Steer,
        notice::{LeftQueue, OfferOutcome, OperatorState},
    },
};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// 101 is the queue `sales`, which Anna serves, and 102 is `support`, which Boris and Carla do. Who presses nothing for a minute in
/// `sales` hears that he is to call again.
pub(super) fn plan(sales: &str, support: &str) -> Plan {
    let with = |keys: &str, operators: &str| {
        let strategy = if keys.contains("strategy:") { "" } else { "strategy: linear, " };
        let operators = if keys.contains("operators:") { "" } else { operators };
        format!("{{{strategy}{operators}{keys}}}")
    };
    let (sales, support) = (with(sales, "operators: [anna], "), with(support, "operators: [boris, carla], "));
    let text = format!(
        "exchange: bench\ntimezone: Europe/Oslo\nnumbers: {{101: {{flow: sales}}, 102: {{flow: support}}}}\n\
         hours: {{office: {{open: [Mo-Fr 08:00-16:00]}}}}\n\
         operators: {{anna: {{dial: PJSIP/anna}}, boris: {{dial: PJSIP/boris}}, carla: {{dial: PJSIP/carla}}}}\n\
         queues:\n  sales: {sales}\n  support: {support}\n\
         flows:\n  sales: {{queue: sales}}\n  support: {{queue: support}}\n"
    );
    match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

pub(super) fn bench(sales: &str, support: &str) -> Bench {
    Bench::new(plan(sales, support))
}

pub(super) fn also() -> Bench {
    bench("also: support", "")
}

fn duty(bench: &mut Bench, operator: &str, change: DutyChange) {
    bench.tell(Event::DutyAsked { operator: operator.into(), change, by: DutyBy::Api });
}

pub(super) fn away(bench: &mut Bench, operators: &[&str]) {
    for operator in operators {
        duty(bench, operator, DutyChange::Pause { reason: None, lasts: None });
    }
}

pub(super) fn comes(bench: &mut Bench, operator: &str) {
    duty(bench, operator, DutyChange::Resume);
}

/// Somebody of a number talks to this operator.
pub(super) fn talks(bench: &mut Bench, number: &str, operator: &str) -> (ChannelId, Ringing) {
    let caller = bench.caller_arrives(number);
    let ringing = bench.expect_offer(operator, &caller);
    bench.answers(&ringing);
    bench.asked.clear();
    (caller, ringing)
}

pub(super) fn waits(bench: &mut Bench, number: &str) -> ChannelId {
    let caller = bench.caller_arrives(number);
    assert!(bench.ringing_for(&caller).is_empty(), "{:?}", bench.ringing_for(&caller));
    bench.passes(SECOND);
    bench.asked.clear();
    caller
}

fn ends(bench: &mut Bench, caller: &ChannelId, ringing: &Ringing) {
    bench.hangs_up(caller);
    bench.ends(&ringing.leg, Cause::q850(16));
}

/// Nobody of `support` may be rung for anybody.
fn assert_no_guests(bench: &Bench) {
    assert_eq!(bench.engine.queues["support"].wanting.iter().count(), 0);
}

/// The queue that a fact names.
pub(super) fn named(bench: &Bench, of: impl Fn(&Fact) -> Option<&str>) -> Vec<String> {
    bench.facts.iter().filter_map(of).map(str::to_owned).collect()
}

#[test]
fn his_own_operator_is_rung_first_and_one_of_the_other_queue_while_that_one_talks() {
    let mut bench = also();
    let (_, anna) = talks(&mut bench, "101", "anna");
    assert!(anna.early);
    let caller = bench.caller_arrives("101");
    bench.expect_offer("boris", &caller);
    assert_eq!(bench.ringing_for(&caller), ["boris"], "one telephone at a time");
}

#[test]
fn an_operator_of_the_other_queue_takes_him_when_he_becomes_free() {
    let mut bench = also();
    away(&mut bench, &["anna", "boris", "carla"]);
    let caller = waits(&mut bench, "101");
    comes(&mut bench, "carla");
    bench.expect_offer("carla", &caller);
}

#[test]
fn he_waited_in_his_own_queue_and_was_offered_through_the_other() {
    let mut bench = bench("also: support, wrap_up: 50s", "wrap_up: 7s, ring: 9s");
    away(&mut bench, &["anna"]);
    let caller = bench.caller_arrives("101");
    let boris = bench.expect_offer("boris", &caller);
    bench.answers(&boris);
    bench.passes(20 * SECOND);
    bench.hangs_up(&boris.leg);
    bench.assert_operator("boris", OperatorState::WrappingUp);
    bench.passes(7 * SECOND);
    bench.assert_ready("boris");
    let own = named(&bench, |fact| match fact {
        Fact::Joined { queue, .. } => Some(queue),
        Fact::Connected { queue, .. } | Fact::TalkEnded { queue, .. } => queue.as_deref(),
        _ => None,
    });
    assert_eq!(own, ["sales", "sales", "sales"]);
    let through = named(&bench, |fact| match fact {
        Fact::Offered { queue, .. } | Fact::OfferEnded { queue, .. } => queue.as_deref(),
        _ => None,
    });
    assert_eq!(through, ["support", "support"]);
}

#[test]
fn the_other_operators_may_take_him_when_he_has_waited_so_long() {
    let mut bench = bench("also: {queue: support, after: 30s}", "");
    away(&mut bench, &["anna"]);
    let caller = waits(&mut bench, "101");
    assert_no_guests(&bench);
    bench.passes(28 * SECOND);
    assert!(bench.ringing_for(&caller).is_empty());
    bench.asked.clear();
    bench.passes(SECOND);
    bench.expect_offer("boris", &caller);
}

#[test]
fn nobody_is_rung_again_while_somebody_of_the_other_queue_was_not() {
    let mut bench = bench("also: support, retry: 1s", "retry: 1s");
    let caller = bench.caller_arrives("101");
    let mut rung = Vec::new();
    for _ in 0..5 {
        let operator = bench.ringing_for(&caller).first().expect("somebody rings").clone();
        let ringing = bench.expect_offer(&operator, &caller);
        bench.declines(&ringing);
        bench.passes(SECOND);
        rung.push(operator);
    }
    assert_eq!(rung, ["anna", "boris", "carla", "anna", "boris"]);
}

#[test]
fn who_waited_longer_in_either_queue_is_served_first() {
    let mut bench = also();
    away(&mut bench, &["anna", "boris", "carla"]);
    let first = waits(&mut bench, "102");
    let second = waits(&mut bench, "101");
    let third = waits(&mut bench, "102");
    for (operator, caller) in [("boris", &first), ("carla", &second)] {
        comes(&mut bench, operator);
        bench.expect_offer(operator, caller);
    }
    comes(&mut bench, "anna");
    assert!(bench.ringing_for(&third).is_empty(), "`support` has nobody of `sales`");
}

#[test]
fn a_queue_of_greater_weight_comes_first_for_its_guests_too() {
    let plan = "exchange: bench\nnumbers: {101: {flow: sales}, 103: {flow: night}}\n\
        operators: {anna: {dial: PJSIP/anna}, boris: {dial: PJSIP/boris}}\n\
        queues:\n  sales: {strategy: linear, operators: [anna], also: support}\n\
        \x20 support: {strategy: linear, operators: [boris], weight: 1}\n  night: {strategy: linear, operators: [boris]}\n\
        flows:\n  sales: {queue: sales}\n  night: {queue: night}\n";
    let mut bench = Bench::new(parse("plan.yaml", plan.as_bytes()).expect("a plan").plan);
    away(&mut bench, &["anna", "boris"]);
    let _night = waits(&mut bench, "103");
    let sales = waits(&mut bench, "101");
    comes(&mut bench, "boris");
    bench.expect_offer("boris", &sales);
}

#[test]
fn who_serves_his_own_queue_is_rung_through_that_one() {
    let mut bench = bench(
        "operators: [{boris: {penalty: 3}}, anna], penalties: [{max: 0}, {after: 20s, max: 9}], also: support",
        "weight: 9",
    );
    away(&mut bench, &["anna", "boris", "carla"]);
    let caller = waits(&mut bench, "101");
    comes(&mut bench, "boris");
    assert!(bench.ringing_for(&caller).is_empty(), "his own queue keeps him for later");
    bench.passes(20 * SECOND);
    bench.expect_offer("boris", &caller);
    let through = named(&bench, |fact| if let Fact::Offered { queue, .. } = fact { queue.as_deref() } else { None });
    assert_eq!(through, ["sales"]);
}

#[test]
fn who_serves_two_others_is_rung_through_the_first_that_the_plan_names() {
    let plan = "exchange: bench\nnumbers: {101: {flow: sales}}\n\
        operators: {anna: {dial: PJSIP/anna}, boris: {dial: PJSIP/boris}}\n\
        queues:\n  sales: {strategy: linear, operators: [anna], also: [{queue: night, after: 5s}, support]}\n\
        \x20 support: {strategy: linear, operators: [boris], weight: 1, retry: 1s}\n  night: {strategy: linear, operators: [boris], retry: 1s}\n\
        flows:\n  sales: {queue: sales}\n";
    let mut bench = Bench::new(parse("plan.yaml", plan.as_bytes()).expect("a plan").plan);
    away(&mut bench, &["anna"]);
    let caller = bench.caller_arrives("101");
    for _ in 0..2 {
        let boris = bench.expect_offer("boris", &caller);
        bench.declines(&boris);
        bench.passes(6 * SECOND);
    }
    let through = named(&bench, |fact| if let Fact::Offered { queue, .. } = fact { queue.as_deref() } else { None });
    assert_eq!(through, ["support", "support", "night"]);
}

#[test]
fn a_guest_takes_no_room_and_no_place() {
    let mut bench = bench("also: support", "capacity: 1, when_full: hangup");
    away(&mut bench, &["anna", "boris", "carla"]);
    let _guests = [waits(&mut bench, "101"), waits(&mut bench, "101")];
    let caller = waits(&mut bench, "102");
    let positions: Vec<usize> = bench
        .facts
        .iter()
        .filter_map(|fact| if let Fact::Joined { position, .. } = fact { Some(*position) } else { None })
        .collect();
    assert_eq!(positions, [1, 2, 1]);
    let snapshot = bench.engine.snapshot(bench.now);
    let lines: Vec<usize> = snapshot.queues.iter().map(|queue| queue.callers.len()).collect();
    assert_eq!(lines, [2, 1]);
    comes(&mut bench, "boris");
    assert!(bench.ringing_for(&caller).is_empty(), "who waited longer comes first");
}

#[test]
fn a_caller_who_hangs_up_leaves_nobody_ringing_and_no_guest() {
    let mut bench = also();
    away(&mut bench, &["anna"]);
    let caller = bench.caller_arrives("101");
    let boris = bench.expect_offer("boris", &caller);
    bench.hangs_up(&caller);
    bench.expect_hangup(&boris.leg);
    bench.ends(&boris.leg, Cause::q850(16));
    bench.assert_ready("boris");

    away(&mut bench, &["boris", "carla"]);
    let caller = waits(&mut bench, "101");
    assert_eq!(bench.engine.queues["support"].wanting.iter().count(), 1);
    bench.hangs_up(&caller);
    assert_no_guests(&bench);
}

#[test]
fn who_has_waited_as_long_as_one_may_goes_though_another_queue_rings_for_him() {
    let mut bench = bench("also: support, max_wait: {after: 10s, go: {play: sound:sorry}}", "ring: 30s");
    away(&mut bench, &["anna"]);
    let caller = bench.caller_arrives("101");
    let boris = bench.expect_offer("boris", &caller);
    bench.asked.clear();
    bench.passes(10 * SECOND);
    bench.expect_hangup(&boris.leg);
    bench.expect_play(&caller, "sorry");
    assert_no_guests(&bench);
}

#[test]
fn a_plan_that_shares_no_operators_any_more_takes_the_guests_away() {
    let mut bench = also();
    away(&mut bench, &["anna", "boris", "carla"]);
    let caller = waits(&mut bench, "101");
    bench.tell(Event::PlanLoaded(plan("wrap_up: 3s", "").into()));
    assert_no_guests(&bench);
    comes(&mut bench, "boris");
    assert!(bench.ringing_for(&caller).is_empty());
    bench.asked.clear();
    bench.tell(Event::PlanLoaded(plan("also: support", "").into()));
    bench.expect_offer("boris", &caller);
}

#[test]
fn a_queue_that_a_plan_no_longer_has_takes_nobody_s_callers() {
    let mut bench = bench("also: support, operators: [anna, carla]", "");
    away(&mut bench, &["anna", "boris", "carla"]);
    let caller = waits(&mut bench, "101");
    let without = "exchange: bench\nnumbers: {101: {flow: sales}}\noperators: {anna: {dial: PJSIP/anna}, boris: {dial: PJSIP/boris, extension: 5}}\n\
                   queues: {sales: {operators: [anna]}}\nflows: {sales: {queue: sales}}\n";
    bench.tell(Event::PlanLoaded(parse("plan.yaml", without.as_bytes()).expect("a plan").plan.into()));
    comes(&mut bench, "boris");
    assert!(bench.ringing_for(&caller).is_empty());
    comes(&mut bench, "anna");
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
}

/// It is Friday, 15:50 in Oslo.
fn friday(bench: &mut Bench) {
    bench.now = Time::from_secs(365 * 86_400 + 14 * 3600 + 50 * 60);
}

#[test]
fn a_queue_that_is_closed_takes_nobody_s_callers_and_does_when_it_opens() {
    let mut bench = bench("also: support", "hours: office, when_closed: hangup");
    friday(&mut bench);
    away(&mut bench, &["anna", "boris"]);
    let rung = bench.caller_arrives("101");
    away(&mut bench, &["carla"]);
    bench.hangs_up(&rung);
    let caller = waits(&mut bench, "101");
    bench.passes(10 * MINUTE);
    assert_no_guests(&bench);
    comes(&mut bench, "boris");
    assert!(bench.ringing_for(&caller).is_empty(), "it is 16:00");
    bench.asked.clear();
    let how = Override::Stand { open: true, until: Some(Until::Wall(17 * 60)) };
    bench.tell(Event::HoursOverridden { hours: "office".into(), how });
    bench.passes(Duration::ZERO);
    bench.expect_offer("boris", &caller);
}

#[test]
fn who_comes_when_the_other_queue_is_closed_is_its_guest_when_it_opens() {
    let mut bench = bench("also: support", "hours: office, when_closed: hangup");
    friday(&mut bench);
    bench.passes(20 * MINUTE);
    away(&mut bench, &["anna"]);
    let caller = waits(&mut bench, "101");
    bench.passes(63 * 60 * MINUTE + 50 * MINUTE - SECOND);
    assert_eq!(bench.ringing_for(&caller), ["boris"], "it is Monday morning");
}

#[test]
fn he_waits_for_the_other_queue_where_his_own_has_nobody_and_leaves_when_that_has_nobody_either() {
    let unstaffed = "when_unstaffed: {play: sound:nobody}, unstaffed_if: [signed_out], also: support";
    let mut bench = bench(unstaffed, "");
    duty(&mut bench, "anna", DutyChange::SignOut);
    duty(&mut bench, "carla", DutyChange::SignOut);
    let (_talking, _boris) = talks(&mut bench, "102", "boris");
    let caller = waits(&mut bench, "101");
    duty(&mut bench, "boris", DutyChange::SignOut);
    bench.expect_play(&caller, "nobody");
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::LeftQueue { why: LeftQueue::Unstaffed, .. })));
}

#[test]
fn with_ringall_those_of_the_other_queue_are_rung_while_nobody_rings_and_one_at_a_time() {
    let mut bench = bench("strategy: ringall, also: support", "strategy: ringall");
    away(&mut bench, &["anna", "boris", "carla"]);
    let caller = waits(&mut bench, "101");
    comes(&mut bench, "boris");
    comes(&mut bench, "carla");
    assert_eq!(bench.ringing_for(&caller), ["boris"]);
    comes(&mut bench, "anna");
    assert_eq!(bench.ringing_for(&caller), ["boris", "anna"], "of his own queue all ring");
    let boris = bench.expect_offer("boris", &caller);
    bench.declines(&boris);
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
}

#[test]
fn with_ring_progressively_one_of_the_other_queue_rings_beside_his_own() {
    let mut bench = bench("strategy: ring_progressively, add_every: 4s, ring: 20s, also: support", "");
    let caller = bench.caller_arrives("101");
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
    bench.passes(4 * SECOND);
    assert_eq!(bench.ringing_for(&caller), ["anna", "boris"]);
    bench.passes(4 * SECOND);
    assert_eq!(bench.ringing_for(&caller), ["anna", "boris", "carla"]);
}

#[test]
fn one_who_is_moved_is_at_home_there() {
    let mut bench = bench("also: support", "");
    away(&mut bench, &["anna", "boris", "carla"]);
    let caller = waits(&mut bench, "101");
    let call = bench.engine.caller_of(&caller).expect("he calls");
    bench.tell(Event::Steered { call, steer: Steer::ToQueue("support".into()) });
    comes(&mut bench, "anna");
    assert!(bench.ringing_for(&caller).is_empty());
    comes(&mut bench, "boris");
    assert_eq!(bench.ringing_for(&caller), ["boris"]);
}

#[test]
fn one_who_is_preferred_is_so_with_the_other_queue_too() {
    let mut bench = also();
    away(&mut bench, &["anna", "boris", "carla"]);
    let _first = waits(&mut bench, "102");
    let caller = waits(&mut bench, "101");
    let call = bench.engine.caller_of(&caller).expect("he calls");
    bench.tell(Event::Steered { call, steer: Steer::Prioritise(3) });
    comes(&mut bench, "boris");
    assert_eq!(bench.ringing_for(&caller), ["boris"]);
}

#[test]
fn a_dialplan_that_asks_gets_an_operator_of_the_queue_that_it_names() {
    let mut bench = door(also());
    away(&mut bench, &["anna"]);
    let channel = caller("one");
    let before = OfferOutcome::NoAnswer;
    let ask = Ask { queue: "sales".into(), wait: 20 * SECOND, limit: 30 * SECOND, before };
    asks(&mut bench, &channel, ask);
    bench.passes(10 * SECOND);
    bench.assert_ready("boris");
    assert_no_guests(&bench);
}

#[test]
fn whoever_took_him_for_another_queue_is_not_the_one_who_talked_to_him_last() {
    let mut bench = bench("operators: [anna, carla], also: support, sticky: {days: 3}", "operators: [boris]");
    let calls = |bench: &mut Bench, operator: &str| {
        let channel = ChannelId::new(NODE, &format!("ivan.{}", bench.now.as_micros()));
        let ivan = crate::domain::Caller::from_wire("+4790000000", "", "");
        let (enters, answered) = ("101".into(), true);
        bench.tell(Event::CallArrived { channel: channel.clone(), enters, caller: ivan, answered });
        let ringing = bench.expect_offer(operator, &channel);
        bench.answers(&ringing);
        bench.passes(SECOND);
        ends(bench, &channel, &ringing);
        bench.passes(MINUTE);
    };
    away(&mut bench, &["anna"]);
    calls(&mut bench, "carla");
    away(&mut bench, &["carla"]);
    calls(&mut bench, "boris");
    comes(&mut bench, "anna");
    comes(&mut bench, "carla");
    calls(&mut bench, "carla");
}

#[test]
fn of_several_who_become_free_at_once_nobody_takes_one_before_whom_another_comes() {
    let mut bench = also();
    away(&mut bench, &["anna", "boris", "carla"]);
    let first = waits(&mut bench, "102");
    let second = waits(&mut bench, "101");
    let third = waits(&mut bench, "101");
    bench.node_down();
    for operator in ["anna", "boris", "carla"] {
        comes(&mut bench, operator);
    }
    let channels = [&third, &second, &first].map(|it| held(it, true)).into();
    bench.node_up(Held { channels, bridges: Vec::new() });
    let rung: Vec<_> = [&first, &second, &third].iter().flat_map(|it| bench.ringing_for(it)).collect();
    assert_eq!(rung, ["boris", "anna", "carla"]);
}
