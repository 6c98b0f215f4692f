//! A caller at a node where nobody can be brought to him: what is done for him there, and how he comes to where the rest is.

use std::{sync::Arc, time::Duration};

use super::{
    bench::{Bench, DIRECT, MENU, NODE, held, plan, queue},
    logic,
};
use crate::{
    dialplan::{Answering, Plan, PublicNumber, Strategy},
    domain::{CallId, Caller, ChannelId, NodeId},
    engine::{
        Command, Enters, Event, Fact, Failure, Held, HeldChannel, Scope, Sound,
        notice::{HandOver, Outcome, Refusal},
    },
};

/// The node whose callers are alone.
pub(super) const DOOR: NodeId = NodeId(8);

const SECOND: Duration = Duration::from_secs(1);

/// A bench with such a node beside the other.
pub(super) fn with_door(plan: Plan) -> Bench {
    let mut bench = Bench::new(plan);
    bench.tell(Event::NodeUp { node: DOOR, scope: Scope::CallerAlone, held: Held::default() });
    bench.assert_quiet();
    bench.facts.clear();
    bench
}

fn sales() -> Bench {
    with_door(plan(vec![queue("sales", &["anna"], Strategy::Linear)]))
}

pub(super) fn arrives(bench: &mut Bench, channel: &ChannelId, enters: Enters, answered: bool) {
    let caller = Caller::from_wire("+4790000000", "", "");
    bench.tell(Event::CallArrived { channel: channel.clone(), enters, caller, answered });
}

/// A caller who comes through the door.
pub(super) fn comes(bench: &mut Bench, enters: impl Into<Enters>) -> ChannelId {
    let channel = ChannelId::new(DOOR, &format!("181.{}", bench.engine.calls.len()));
    arrives(bench, &channel, enters.into(), false);
    channel
}

#[track_caller]
pub(super) fn expect_hand_over(bench: &mut Bench, caller: &ChannelId) -> CallId {
    bench.take_marks(caller);
    let asked = |command: &Command| matches!(command, Command::HandOver { channel, .. } if channel == caller);
    let Command::HandOver { call, .. } = bench.take("to hand over", asked) else { unreachable!() };
    bench.assert_quiet();
    call
}

pub(super) fn handed_over(call: CallId) -> Enters {
    Enters::HandedOver { call, dialled: DIRECT.into() }
}

/// The same channel, where all can be done.
pub(super) fn over(caller: &ChannelId) -> ChannelId {
    ChannelId::new(NODE, &caller.id)
}

pub(super) fn comes_over(bench: &mut Bench, caller: &ChannelId, call: CallId) -> ChannelId {
    let channel = over(caller);
    arrives(bench, &channel, handed_over(call), true);
    channel
}

pub(super) fn hand_overs(bench: &Bench) -> Vec<HandOver> {
    let told = |fact: &Fact| if let Fact::HandOver(how) = fact { Some(*how) } else { None };
    bench.facts.iter().filter_map(told).collect()
}

fn ids(bench: &Bench) -> Vec<CallId> {
    bench.engine.calls.keys().copied().collect()
}

/// One who is on his way to the queue.
pub(super) fn on_his_way() -> (Bench, ChannelId, CallId) {
    let mut bench = sales();
    let caller = comes(&mut bench, DIRECT);
    let call = expect_hand_over(&mut bench, &caller);
    (bench, caller, call)
}

/// As one whom an engine found that knows where he came from.
pub(super) fn found(channel: &ChannelId, call: CallId, mark: Option<Arc<str>>) -> Held {
    let found = HeldChannel { enters: Some(handed_over(call)), mark, ..held(channel, true) };
    Held { channels: vec![found], bridges: vec![] }
}

#[test]
fn what_needs_nobody_but_the_caller_is_done_where_he_is() {
    let mut bench = sales();
    let caller = comes(&mut bench, MENU);
    bench.expect_answer(&caller);
    bench.take_marks(&caller);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    let menu = bench.expect_play(&caller, "menu");
    bench.presses(&caller, "2");
    bench.expect_stop(menu);
    bench.expect_hangup(&caller);
    bench.assert_quiet();
}

#[test]
fn who_comes_to_a_queue_is_handed_over_and_the_same_call_waits_there() {
    let mut bench = sales();
    let caller = comes(&mut bench, MENU);
    bench.expect_answer(&caller);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    let menu = bench.expect_play(&caller, "menu");
    bench.presses(&caller, "1");
    bench.expect_stop(menu);
    let call = expect_hand_over(&mut bench, &caller);
    let on_the_number = |bench: &Bench| bench.engine.snapshot(bench.now).numbers[1].calls;
    assert_eq!(on_the_number(&bench), 1);

    bench.passes(SECOND / 4);
    let there = comes_over(&mut bench, &caller, call);

    assert_eq!(ids(&bench), [call]);
    assert_eq!(hand_overs(&bench), [HandOver::Begun, HandOver::Done { took: SECOND / 4 }]);
    let ringing = bench.expect_offer("anna", &there);
    bench.take_marks(&there);
    bench.assert_quiet();
    assert_eq!(on_the_number(&bench), 1);
    let nodes: Vec<_> = bench.engine.snapshot(bench.now).nodes.iter().map(|node| (node.node, node.calls)).collect();
    assert_eq!(nodes, [(0, 1), (8, 0)]);
    bench.answers(&ringing);
    bench.hangs_up(&there);
    assert_eq!(bench.outcomes(), [Outcome::Served]);
    assert_eq!(on_the_number(&bench), 0);
    let reached = bench.facts.iter().filter(|fact| matches!(fact, Fact::Reached { .. })).count();
    assert_eq!(reached, 3, "each step once");
}

#[test]
fn he_keeps_his_variables_his_language_and_his_way_back() {
    let flows = "languages: [no, en]\nflows: {welcome: [{call: inner}, {play: sound:behind}], \
                 inner: [{set: {tries: 7}}, {language: en}, {dial: {to: anna}}, {if: {when: tries == 7, then: {play: sound:seven}}}]}";
    let mut bench = with_door(logic::plan(flows));
    let caller = comes(&mut bench, "101");
    let call = expect_hand_over(&mut bench, &caller);
    let arrived = bench.engine.calls[&call].arrived;
    bench.passes(SECOND);

    let there = comes_over(&mut bench, &caller, call);

    bench.take_tones();
    let ringing = bench.expect_offer("anna", &there);
    bench.declines(&ringing);
    let seven = bench.expect_play(&there, "seven");
    let known = &bench.engine.calls[&call];
    assert_eq!((known.language().code(), known.arrived), ("en", arrived));
    bench.hears_to_the_end(&there, seven);
    bench.expect_play(&there, "behind");
}

#[test]
fn what_he_hears_until_the_next_thing_ends_before_he_leaves() {
    let flows = "flows: {welcome: [{music: {class: jazz}}, {queue: sales}]}";
    let mut bench = with_door(logic::plan(flows));
    let caller = comes(&mut bench, "101");
    bench.expect_answer(&caller);
    bench.take("music", |command| matches!(command, Command::Music { .. }));
    bench.take("to end it", |command| matches!(command, Command::Hush { sound: Sound::Music, .. }));
    expect_hand_over(&mut bench, &caller);
}

#[test]
fn the_dead_mans_switch_is_armed_before_and_again_when_he_is_there() {
    let mut bench = sales();
    bench.two_talk("anna");
    bench.asked.clear();
    let caller = comes(&mut bench, DIRECT);
    bench.expect_armed(&caller);
    let call = expect_hand_over(&mut bench, &caller);
    // On his way nothing is written on him.
    bench.passes(4 * SECOND);
    bench.assert_quiet();

    let there = comes_over(&mut bench, &caller, call);

    bench.expect_parked(&there);
    bench.passes(60 * SECOND);
    bench.expect_armed(&there);
}

#[test]
fn one_who_was_to_be_answered_meanwhile_is_when_he_is_there() {
    let mut plan = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    let answer = Answering::OnOperator { at_latest: 2 * SECOND };
    plan.numbers = plan.numbers.values().cloned().map(|number| PublicNumber { answer, ..number }).collect();
    let mut bench = with_door(plan);
    let caller = comes(&mut bench, DIRECT);
    let call = expect_hand_over(&mut bench, &caller);

    bench.passes(3 * SECOND);
    bench.assert_quiet();
    let there = over(&caller);
    arrives(&mut bench, &there, handed_over(call), false);

    bench.expect_answer(&there);
    bench.expect_offer("anna", &there);
}

#[test]
fn one_who_hangs_up_before_he_left_is_gone_and_so_is_his_call() {
    let (mut bench, caller, call) = on_his_way();

    bench.hangs_up(&caller);

    assert_eq!(bench.outcomes(), [Outcome::LeftInMenu]);
    bench.assert_quiet();
    // Had he been on his way all the same, he is a caller like any other.
    let there = comes_over(&mut bench, &caller, call);
    bench.expect_offer("anna", &there);
    assert_ne!(ids(&bench), [call]);
}

#[test]
fn one_who_does_not_come_is_missed_after_a_while() {
    let (mut bench, _, _) = on_his_way();
    bench.passes(4 * SECOND);
    assert_eq!(bench.outcomes(), []);

    bench.passes(2 * SECOND);

    assert_eq!(hand_overs(&bench), [HandOver::Begun, HandOver::Overdue]);
    assert_eq!(bench.outcomes(), [Outcome::NotHandedOver]);
    bench.assert_quiet();
    bench.assert_no_calls();
    assert_eq!(bench.engine.poll_timeout(), None);
}

#[test]
fn one_who_hangs_up_when_he_is_there_leaves_the_queue_and_what_is_late_from_before_is_nothing() {
    let (mut bench, caller, call) = on_his_way();
    let there = comes_over(&mut bench, &caller, call);
    let ringing = bench.expect_offer("anna", &there);
    bench.take_marks(&there);

    bench.hangs_up(&caller);
    bench.presses(&caller, "1");
    bench.fails(Command::HandOver { channel: caller.clone(), call }, Failure::OutcomeUnknown);
    bench.assert_quiet();
    bench.hangs_up(&there);

    bench.expect_hangup(&ringing.leg);
    assert_eq!(bench.outcomes(), [Outcome::Abandoned]);
}

#[test]
fn a_new_plan_on_his_way_changes_nothing_but_who_serves_the_queue() {
    let (mut bench, caller, call) = on_his_way();
    let mut new =
        plan(vec![queue("other", &["boris"], Strategy::Linear), queue("sales", &["boris"], Strategy::Linear)]);
    new.numbers = Default::default();
    bench.tell(Event::PlanLoaded(Arc::new(new)));
    bench.asked.clear();

    let there = comes_over(&mut bench, &caller, call);

    bench.expect_offer("boris", &there);
    assert_eq!(ids(&bench), [call]);
}

#[test]
fn a_new_plan_without_his_queue_sends_him_to_the_fallback_when_he_is_there() {
    let (mut bench, caller, call) = on_his_way();
    bench.tell(Event::PlanLoaded(Arc::new(plan(vec![queue("other", &["boris"], Strategy::Linear)]))));
    bench.asked.clear();

    let there = comes_over(&mut bench, &caller, call);

    bench.take_marks(&there);
    bench.expect_continue(&there);
}

#[test]
fn a_node_that_was_away_when_he_came_tells_of_him_when_it_is_back() {
    let (mut bench, caller, call) = on_his_way();
    bench.node_down();
    let there = comes_over(&mut bench, &caller, call);
    // Longer than anybody is on his way.
    bench.passes(12 * SECOND);

    bench.node_up(found(&there, call, None));

    bench.expect_offer("anna", &there);
    assert_eq!(ids(&bench), [call]);
}

#[test]
fn what_is_written_on_him_makes_no_other_call_of_him_when_the_node_is_back() {
    let mut bench = sales();
    let caller = comes(&mut bench, DIRECT);
    let mark = bench.take("a mark", |command| matches!(command, Command::Mark { .. }));
    let Command::Mark { mark, .. } = mark else { unreachable!() };
    let call = expect_hand_over(&mut bench, &caller);
    bench.node_down();

    bench.node_up(found(&over(&caller), call, mark.state));

    bench.expect_offer("anna", &over(&caller));
    assert_eq!(ids(&bench), [call]);
}

#[test]
fn no_node_keeps_him_longer_than_the_dead_mans_switch() {
    for taken in [false, true] {
        let (mut bench, _, _) = on_his_way();
        bench.tell(if taken { Event::NodeTaken { node: NODE } } else { Event::NodeDown { node: NODE } });
        bench.passes(20 * SECOND);
        assert_eq!(bench.outcomes(), []);

        bench.passes(15 * SECOND);

        assert_eq!(bench.outcomes(), [Outcome::NotHandedOver]);
        bench.assert_quiet();
    }
}

#[test]
fn where_no_node_can_do_it_he_goes_to_the_fallback_and_it_is_told() {
    let mut bench = sales();
    bench.node_down();
    bench.facts.clear();

    let caller = comes(&mut bench, DIRECT);

    bench.expect_continue(&caller);
    bench.assert_quiet();
    assert_eq!(hand_overs(&bench), [HandOver::NoNode]);
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::NotHandedOver]);
}

#[test]
fn an_engine_that_stops_takes_him_over_all_the_same() {
    let (mut bench, caller, call) = on_his_way();
    bench.tell(Event::Draining);
    assert!(!bench.engine.is_at_rest());

    let there = comes_over(&mut bench, &caller, call);

    bench.expect_offer("anna", &there);
}

#[test]
fn a_call_is_taken_over_once() {
    let (mut bench, caller, call) = on_his_way();
    let there = comes_over(&mut bench, &caller, call);
    bench.expect_offer("anna", &there);
    bench.take_marks(&there);
    // Told twice of one channel, and of another that says it is the same call.
    comes_over(&mut bench, &caller, call);
    bench.assert_quiet();
    let other = ChannelId::new(NODE, "172.1");
    arrives(&mut bench, &other, handed_over(call), true);

    bench.expect_parked(&other);
    assert_eq!(bench.waiting(), [there, other]);
}

#[test]
fn nobody_takes_over_a_call_that_is_not_on_its_way() {
    let mut bench = sales();
    let caller = comes(&mut bench, MENU);
    bench.expect_answer(&caller);
    bench.take_marks(&caller);
    let greeting = bench.expect_play(&caller, "greeting");
    let [call] = ids(&bench)[..] else { panic!("one call") };
    let other = ChannelId::new(NODE, "172.1");

    arrives(&mut bench, &other, handed_over(call), true);

    bench.expect_offer("anna", &other);
    bench.take_marks(&other);
    bench.assert_quiet();
    bench.hears_to_the_end(&caller, greeting);
    bench.expect_play(&caller, "menu");
}

#[test]
fn one_handed_over_by_an_engine_before_comes_by_his_number() {
    let mut bench = sales();
    let there = ChannelId::new(NODE, "172.1");
    arrives(&mut bench, &there, handed_over(CallId { boot: 3, number: 1 }), true);
    bench.expect_offer("anna", &there);
    let nowhere = Enters::HandedOver { call: CallId { boot: 3, number: 2 }, dialled: "+4799999999".into() };
    let lost = ChannelId::new(NODE, "172.2");
    bench.take_marks(&there);

    arrives(&mut bench, &lost, nowhere, true);

    bench.expect_continue(&lost);
    let refused = bench.facts.iter().any(|fact| matches!(fact, Fact::Refused { why: Refusal::UnknownNumber, .. }));
    assert!(refused);
}

#[test]
fn he_cannot_come_over_through_the_door_that_he_left() {
    let (mut bench, _, call) = on_his_way();
    let again = ChannelId::new(DOOR, "171.99");

    arrives(&mut bench, &again, handed_over(call), true);

    assert_ne!(expect_hand_over(&mut bench, &again), call);
    bench.passes(6 * SECOND);
    bench.assert_no_calls();
}

#[test]
fn one_who_could_not_be_told_to_come_goes_to_the_fallback() {
    for failure in [Failure::NotSent, Failure::Refused(500)] {
        let (mut bench, caller, call) = on_his_way();

        bench.fails(Command::HandOver { channel: caller.clone(), call }, failure);

        bench.expect_continue(&caller);
        bench.assert_quiet();
        bench.hangs_up(&caller);
        assert_eq!(hand_overs(&bench), [HandOver::Begun, HandOver::Failed]);
        assert_eq!(bench.outcomes(), [Outcome::NotHandedOver]);
    }
}

#[test]
fn one_of_whom_nobody_knows_whether_he_was_told_may_still_come() {
    for failure in [Failure::OutcomeUnknown, Failure::Refused(404)] {
        let (mut bench, caller, call) = on_his_way();

        bench.fails(Command::HandOver { channel: caller.clone(), call }, failure);

        bench.assert_quiet();
        let there = comes_over(&mut bench, &caller, call);
        bench.expect_offer("anna", &there);
    }
}

#[test]
fn what_failed_before_he_left_takes_him_from_nowhere() {
    let (mut bench, caller, call) = on_his_way();
    bench.fails(Command::Answer { channel: caller.clone() }, Failure::OutcomeUnknown);
    let mark = Command::Mark { channel: caller.clone(), mark: Default::default() };
    bench.fails(mark, Failure::OutcomeUnknown);
    bench.passes(2 * SECOND);
    bench.assert_quiet();

    let there = comes_over(&mut bench, &caller, call);

    bench.expect_offer("anna", &there);
    bench.expect_armed(&there);
}

#[test]
fn a_door_that_is_gone_for_a_moment_has_lost_its_callers_but_for_those_on_their_way() {
    let (mut bench, caller, call) = on_his_way();
    comes(&mut bench, MENU);
    bench.tell(Event::NodeDown { node: DOOR });

    bench.tell(Event::NodeUp { node: DOOR, scope: Scope::CallerAlone, held: Held::default() });

    assert_eq!(bench.outcomes(), [Outcome::LeftInMenu]);
    bench.asked.clear();
    let there = comes_over(&mut bench, &caller, call);
    bench.expect_offer("anna", &there);
}

#[test]
fn a_door_has_no_bridges() {
    let mut bench = sales();
    let new = plan(vec![queue("sales", &["anna"], Strategy::Linear), queue("night", &["anna"], Strategy::Linear)]);
    bench.tell(Event::PlanLoaded(Arc::new(new)));
    bench.engine.farewell();
    bench.tell(Event::Draining);

    let at_door = bench.asked.iter().filter(|command| command.node() == DOOR).count();
    assert_eq!(at_door, 0, "{:#?}", bench.asked);
    assert!(bench.asked.len() > 1);
}
