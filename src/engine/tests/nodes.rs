//! An Asterisk that is not heard from for a while, and an engine that finds calls it knows nothing of.

use std::time::Duration;

use super::bench::{Bench, DIRECT, MENU, NODE, held, holding, plan, queue};
use crate::{
    dialplan::{Numbers, Strategy},
    domain::{Cause, ChannelId},
    engine::{
        Command, Fact, Held, Limits,
        notice::{Adopted, OperatorState, Outcome},
    },
};

const SECOND: Duration = Duration::from_secs(1);

fn adopted(bench: &Bench) -> Vec<Adopted> {
    let adopted = |fact: &Fact| match fact {
        Fact::Adopted { place, .. } => Some(*place),
        _ => None,
    };
    bench.facts.iter().filter_map(adopted).collect()
}

fn bridge_of(bench: &Bench) -> String {
    let bridge = bench.asked.iter().find_map(|command| match command {
        Command::Join { bridge, .. } => Some(bridge.id.to_string()),
        _ => None,
    });
    bridge.expect("a talk bridge")
}

#[test]
fn nobody_is_rung_for_the_callers_of_a_node_that_is_not_heard_from() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (talking, anna) = bench.two_talk("anna");
    let waiting = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    bench.node_down();
    bench.hangs_up(&talking);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.passes(20 * SECOND);
    bench.take_marks(&waiting);
    bench.asked.retain(|command| !matches!(command, Command::HangUp { .. }));
    bench.assert_quiet();
    bench.assert_ready("anna");

    bench
        .node_up(Held { channels: vec![held(&waiting, true)], bridges: vec![holding("sentral-w-sales", &[&waiting])] });

    bench.expect_offer("anna", &waiting);
}

#[test]
fn who_hung_up_in_the_gap_is_gone_and_who_did_not_goes_on() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris", "carla"]);
    let (talking, anna) = bench.two_talk("anna");
    let (_, boris) = bench.two_talk("boris");
    let in_menu = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&in_menu, "greeting");
    bench.asked.clear();
    bench.node_down();

    bench.node_up(Held {
        channels: vec![held(&talking, true), held(&anna.leg, true), held(&boris.leg, true), held(&in_menu, true)],
        bridges: vec![bench.talk(&anna.leg, &[&talking, &anna.leg]), bench.talk(&boris.leg, &[&boris.leg])],
    });

    bench.expect_hangup(&boris.leg);
    bench.expect_stop(greeting);
    bench.expect_play(&in_menu, "greeting");
    bench.expect_disarmed(&talking);
    bench.take("a waiting bridge", |command| matches!(command, Command::MakeBridge { .. }));
    bench.assert_quiet();
    assert_eq!(bench.outcomes(), [Outcome::Served]);
}

#[test]
fn two_whose_bridge_was_taken_away_are_joined_in_another() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, anna) = bench.two_talk("anna");
    bench.node_down();
    bench.node_up(Held { channels: vec![held(&caller, true), held(&anna.leg, true)], bridges: vec![] });
    bench.expect_join(&anna.leg);
}

#[test]
fn an_operator_who_was_hung_up_for_answering_in_the_gap_is_offered_the_caller_again() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_offer("anna", &caller);
    bench.asked.clear();
    bench.node_down();

    bench.node_up(Held { channels: vec![held(&caller, true)], bridges: vec![holding("sentral-w-sales", &[])] });

    bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);
    bench.assert_quiet();
}

#[test]
fn an_operator_who_answered_in_the_gap_and_is_there_is_talked_to() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.asked.clear();
    bench.node_down();
    bench.node_up(Held { channels: vec![held(&caller, true), held(&anna.leg, true)], bridges: vec![] });
    bench.assert_operator("anna", OperatorState::Talking);
    bench.expect_disarmed(&caller);
}

#[test]
fn after_asterisk_restarted_nothing_of_the_old_calls_is_left() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_offer("boris", &caller);
    bench.caller_arrives(DIRECT);
    bench.caller_arrives(MENU);
    bench.node_down();
    bench.asked.clear();

    bench.node_up(Held::default());

    bench.assert_no_calls();
    bench.passes(60 * SECOND);
    bench.assert_ready("anna");
    bench.assert_ready("boris");
    bench.asked.clear();
    let caller = bench.caller_arrives(DIRECT);
    bench.take("a new bridge", |command| matches!(command, Command::MakeBridge { .. }));
    bench.expect_offer("anna", &caller);
}

/// What an engine leaves behind when it is killed: two who talk, one who waits, one in the menu.
fn left_behind() -> (Held, [ChannelId; 4], ChannelId) {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer_keeping_join(&caller);
    let bridge = bridge_of(&bench);
    bench.answers(&anna);
    let waiting = bench.caller_arrives(DIRECT);
    bench.passes(SECOND);
    let later = bench.caller_arrives(DIRECT);
    let in_menu = bench.caller_arrives(MENU);
    let mark = |channel: &ChannelId| {
        let mut found = held(channel, true);
        found.mark = bench.asked.iter().rev().find_map(|command| match command {
            Command::Mark { channel: marked, mark } if marked == channel => mark.state.clone(),
            _ => None,
        });
        assert!(found.mark.is_some(), "nothing is written on {channel:?}");
        found
    };
    let held = Held {
        // In the wrong order on purpose: places are kept by what is written.
        channels: vec![mark(&later), mark(&waiting), mark(&caller), mark(&in_menu), held(&anna.leg, true)],
        bridges: vec![holding(&bridge, &[&caller, &anna.leg]), holding("sentral-w-sales", &[&waiting, &later])],
    };
    (held, [caller, waiting, later, in_menu], anna.leg)
}

/// The engine that is started after it.
fn next_life() -> Bench {
    Bench::born(8, plan(vec![queue("sales", &["anna"], Strategy::Linear)]), Limits::default())
}

#[test]
fn a_new_engine_goes_on_with_the_calls_of_the_one_that_was_killed() {
    let (held, [talking, waiting, later, in_menu], leg) = left_behind();
    let mut bench = next_life();
    bench.now = bench.now + 10 * SECOND;

    bench.node_up(held);

    assert_eq!(bench.waiting(), [waiting.clone(), later.clone()], "each at his place");
    bench.assert_operator("anna", OperatorState::Talking);
    bench.expect_disarmed(&talking);
    bench.expect_play(&in_menu, "greeting");
    // Their switches are armed for long enough: nothing is written that would wait behind a prompt.
    bench.assert_quiet();

    bench.hangs_up(&leg);
    bench.expect_hangup(&talking);
    bench.hangs_up(&talking);
    bench.passes(20 * SECOND);
    bench.expect_offer("anna", &waiting);
}

#[test]
fn a_leg_that_rings_for_an_engine_that_is_dead_is_hung_up() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let leg = ChannelId::new(NODE, "sentral-00000001-anna-17");
    bench.node_up(Held { channels: vec![held(&leg, false)], bridges: vec![] });
    bench.expect_hangup(&leg);
    bench.assert_no_calls();
    bench.asked.clear();

    // Until it has ended, nobody else rings there.
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_parked(&caller);
    bench.assert_quiet();
    bench.ends(&leg, Cause::q850(16));
    bench.expect_offer("anna", &caller);
}

#[test]
fn one_whose_operator_left_while_nobody_looked_has_been_served() {
    let (mut held, [talking, ..], leg) = left_behind();
    held.channels.retain(|found| found.channel != leg);
    held.bridges[0].channels.retain(|channel| *channel != leg);
    let mut bench = next_life();
    bench.node_up(held);
    bench.expect_hangup(&talking);
    bench.hangs_up(&talking);
    assert_eq!(bench.outcomes(), [Outcome::Served]);
}

#[test]
fn a_call_on_which_nothing_is_written_begins_anew() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = ChannelId::new(NODE, "1.1");
    let mut found = held(&caller, true);
    found.enters = Some(MENU.into());
    found.mark = Some("{ not what we wrote".into());
    bench.node_up(Held { channels: vec![found], bridges: vec![] });
    bench.expect_play(&caller, "greeting");
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::Arrived { .. })), "{:#?}", bench.facts);
}

#[test]
fn a_channel_that_leads_to_no_number_is_given_back() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = ChannelId::new(NODE, "1.1");
    let mut found = held(&caller, true);
    found.enters = Some("+4799999999".into());
    bench.node_up(Held { channels: vec![found], bridges: vec![] });
    bench.expect_continue(&caller);
    bench.assert_no_calls();
}

#[test]
fn a_channel_that_nobody_dialled_is_what_a_transfer_left_and_is_hung_up() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let local = ChannelId::new(NODE, "1.1");
    let mut found = held(&local, true);
    found.enters = None;
    bench.node_up(Held { channels: vec![found], bridges: vec![] });
    bench.expect_hangup(&local);
    bench.assert_no_calls();
}

#[test]
fn talk_bridges_of_an_earlier_life_are_used_again() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.node_up(Held { channels: vec![], bridges: vec![holding("sentral-00000001-t4", &[])] });
    bench.asked.clear();
    bench.caller_arrives(DIRECT);
    assert!(!bench.asked.iter().any(|command| matches!(command, Command::MakeBridge { .. })), "{:#?}", bench.asked);
}

#[test]
fn a_menu_does_not_run_out_while_keys_cannot_be_heard() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    let menu = bench.expect_play(&caller, "menu");
    bench.hears_to_the_end(&caller, menu);
    bench.asked.clear();
    bench.node_down();
    bench.passes(10 * SECOND);
    bench.assert_quiet();
    bench.node_up(Held { channels: vec![held(&caller, true)], bridges: vec![] });
    bench.expect_play(&caller, "menu");
}

#[test]
fn the_silence_measured_before_a_gap_does_not_end_the_question_asked_after_it() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    let menu = bench.expect_play(&caller, "menu");
    bench.hears_to_the_end(&caller, menu);
    bench.node_down();
    bench.passes(10 * SECOND);
    bench.node_up(Held { channels: vec![held(&caller, true)], bridges: vec![] });
    bench.expect_play(&caller, "menu");
    bench.asked.clear();
    bench.passes(10 * SECOND);
    bench.assert_quiet();
}

#[test]
fn two_who_talk_go_on_talking_whatever_the_new_plan_says() {
    let (mut held, [talking, ..], leg) = left_behind();
    held.channels.retain(|found| found.channel == talking || found.channel == leg);
    let mut other = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    other.numbers = Numbers::default();
    let mut bench = Bench::born(8, other, Limits::default());

    bench.node_up(held);

    bench.assert_operator("anna", OperatorState::Talking);
    bench.expect_disarmed(&talking);
    assert_eq!(adopted(&bench), [Adopted::Talking]);
    let numbers: Vec<_> = bench.engine.snapshot(bench.now).calls.into_iter().map(|call| call.number).collect();
    assert_eq!(numbers, [Some("4722334455".to_owned())]);
    bench.hangs_up(&leg);
    bench.expect_hangup(&talking);
    bench.hangs_up(&talking);
    assert_eq!(bench.outcomes(), [Outcome::Served]);
}

#[test]
fn one_who_waits_goes_on_waiting_though_the_new_plan_lacks_his_number() {
    let (mut held, [_, waiting, ..], _) = left_behind();
    held.channels.retain(|found| found.channel == waiting);
    let mut other = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    other.numbers = Numbers::default();
    let mut bench = Bench::born(8, other, Limits::default());

    bench.node_up(held);

    bench.expect_offer("anna", &waiting);
}

#[test]
fn a_dead_man_s_switch_that_is_nearly_over_is_armed_at_once_by_who_finds_it() {
    let (held, [talking, waiting, later, in_menu], _) = left_behind();
    let mut bench = next_life();
    bench.now = bench.now + 80 * SECOND;
    bench.node_up(held);
    bench.expect_disarmed(&talking);
    for caller in [&waiting, &later, &in_menu] {
        bench.expect_armed(caller);
    }
    bench.expect_play(&in_menu, "greeting");
    bench.assert_quiet();
}

#[test]
fn a_dead_man_s_switch_that_was_found_is_armed_again_in_time() {
    let (mut held, [_, waiting, ..], _) = left_behind();
    held.channels.retain(|found| found.channel == waiting);
    let mut bench = Bench::born(8, plan(vec![queue("sales", &["boris"], Strategy::Linear)]), Limits::default());
    let (_, boris) = bench.two_talk("boris");
    held.channels.push(super::bench::held(&boris.leg, true));
    bench.now = bench.now + 10 * SECOND;
    bench.node_up(held);
    bench.take_bridge();
    bench.asked.retain(|command| !matches!(command, Command::HangUp { .. }));
    bench.assert_quiet();
    bench.passes(4 * SECOND);
    bench.assert_quiet();
    bench.passes(SECOND);
    bench.expect_armed(&waiting);
}

#[test]
fn a_prompt_that_the_switch_was_not_armed_for_is_heard_once_more() {
    let (mut held, [.., in_menu], _) = left_behind();
    held.channels.retain(|found| found.channel == in_menu);
    let mut bench = next_life();
    bench.now = bench.now + 50 * SECOND;
    bench.node_up(held);
    let greeting = bench.expect_play(&in_menu, "greeting");
    bench.assert_quiet();
    bench.passes(24 * SECOND);
    bench.assert_quiet();

    bench.passes(3 * SECOND);

    bench.expect_stop(greeting);
    bench.expect_armed(&in_menu);
    bench.expect_play(&in_menu, "greeting");
    bench.assert_quiet();
    bench.passes(70 * SECOND);
    bench.assert_quiet();
}

#[test]
fn of_two_callers_found_in_one_talk_bridge_one_only_leaves_it() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let (one, two) = (ChannelId::new(NODE, "1.1"), ChannelId::new(NODE, "1.2"));
    let bridges = vec![holding("sentral-00000001-t4", &[&one, &two])];
    bench.node_up(Held { channels: vec![held(&one, false), held(&two, false)], bridges });
    bench.expect_offer_keeping_join(&one);
    bench.expect_offer_keeping_join(&two);
    let joined = bench.asked.iter().filter_map(|command| match command {
        Command::Join { bridge, .. } => Some(bridge),
        _ => None,
    });
    let joined: Vec<_> = joined.collect();
    assert_ne!(joined[0], joined[1]);
}

#[test]
fn a_bridge_whose_call_is_gone_is_not_lent_while_a_stranger_is_in_it() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let gone = bench.caller_arrives(DIRECT);
    bench.expect_offer_keeping_join(&gone);
    let bridge = bridge_of(&bench);
    bench.node_down();
    let stranger = ChannelId::new(NODE, "1.1");
    let (held, bridges) = (held(&stranger, false), vec![holding(&bridge, &[&stranger])]);
    bench.node_up(Held { channels: vec![held], bridges });
    bench.asked.clear();

    let caller = bench.caller_arrives(DIRECT);

    bench.expect_offer_keeping_join(&caller);
    assert_ne!(bridge_of(&bench), bridge);
    bench.hangs_up(&stranger);
}

#[test]
fn one_who_was_offered_at_once_from_a_menu_has_his_place_in_the_next_life() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    let written = bench.take("a mark", |command| matches!(command, Command::Mark { .. }));
    let Command::Mark { mark, .. } = written else { unreachable!() };
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    bench.presses(&caller, "1");
    let anna = bench.expect_offer("anna", &caller);
    assert!(!bench.asked.iter().any(|command| matches!(command, Command::Mark { .. })), "nothing says where he stands");

    let mut found = held(&caller, true);
    found.mark = mark.state;
    let mut ringing = held(&anna.leg, false);
    ringing.age = 3 * SECOND;
    let mut bench = next_life();
    bench.now = bench.now + 10 * SECOND;
    bench.node_up(Held { channels: vec![found, ringing], bridges: vec![] });

    assert_eq!(adopted(&bench), [Adopted::Waiting]);
    assert_eq!(bench.waiting(), [caller]);
    let waited = bench.engine.snapshot(bench.now).queues[0].callers[0].waited_seconds;
    assert!((waited - 3.0).abs() < 0.001, "{waited}");
}
