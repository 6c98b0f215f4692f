//! Callers who dial an internal number in a menu.

use std::time::Duration;

use super::bench::{Bench, NODE, Ringing, held};
use crate::{
    dialplan::{Plan, parse},
    domain::{Caller, Cause, ChannelId, PlaybackId},
    engine::{
        Command, Event, Fact, Held, HeldChannel, Limits,
        notice::{Miss, OperatorState, Outcome},
    },
};

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// A house in which 101 and 102 are operators, 205 is the kitchen and 600 a flow. 1 is the queue `sales` of anna.
fn plan(extensions: &str) -> Plan {
    let text = format!(
        "exchange: bench
numbers: {{\"+4780012345\": {{flow: welcome}}, \"+4722334455\": {{flow: sales}}}}
operators: {{anna: {{dial: PJSIP/anna, extension: 101}}, boris: {{dial: PJSIP/boris, extension: 102}}}}
extensions: {{205: {{dial: PJSIP/kitchen}}, 600: {{flow: night}}}}
queues: {{sales: {{operators: [anna], strategy: linear}}}}
flows:
  welcome:
    - play: sound:greeting
    - menu:
        play: sound:menu
        invalid: sound:invalid
        options: {{1: {{queue: sales}}, 7: {{flow: night}}}}
        extensions: {extensions}
        tries: 2
        otherwise: {{play: sound:goodbye}}
  sales: [{{queue: sales}}]
  night: [{{ask: {{play: sound:night, into: pin, min: 2, max: 4}}}}, {{play: sound:thanks}}]
"
    );
    match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

fn calls(bench: &mut Bench, number: &str, from: &str) -> ChannelId {
    let channel = ChannelId::new(NODE, &format!("caller.{from}"));
    let caller = Caller::from_wire(from, "", "");
    bench.tell(Event::CallArrived { channel: channel.clone(), enters: number.into(), caller, answered: true });
    bench.take_marks(&channel);
    channel
}

/// A caller who hears the greeting.
fn greeted(extensions: &str) -> (Bench, ChannelId, PlaybackId) {
    let mut bench = Bench::new(plan(extensions));
    let caller = calls(&mut bench, "+4780012345", "+4790000001");
    let greeting = bench.expect_play(&caller, "greeting");
    (bench, caller, greeting)
}

/// A caller who hears the menu.
fn asked(extensions: &str) -> (Bench, ChannelId, PlaybackId) {
    let (mut bench, caller, greeting) = greeted(extensions);
    bench.hears_to_the_end(&caller, greeting);
    let question = bench.expect_play(&caller, "menu");
    bench.assert_quiet();
    (bench, caller, question)
}

#[track_caller]
fn rings(bench: &mut Bench, who: &str, caller: &ChannelId) -> Ringing {
    let ringing = bench.expect_offer(who, caller);
    bench.take_tones();
    bench.take_marks(caller);
    bench.assert_quiet();
    ringing
}

/// He is asked anew, as if he had come for the first time.
#[track_caller]
fn is_asked_again(bench: &mut Bench, caller: &ChannelId) -> PlaybackId {
    bench.take_tones();
    bench.take_marks(caller);
    let question = bench.expect_play(caller, "menu");
    bench.assert_quiet();
    question
}

fn chosen(bench: &Bench) -> Vec<String> {
    let keys = |fact: &Fact| match fact {
        Fact::MenuAnswered { keys } => Some(keys.to_string()),
        _ => None,
    };
    bench.facts.iter().filter_map(keys).collect()
}

fn missed(bench: &Bench) -> Option<Miss> {
    bench.facts.iter().rev().find_map(|fact| match fact {
        Fact::NobodyAnswered { missed } => Some(*missed),
        _ => None,
    })
}

#[test]
fn an_operators_number_dialled_in_the_question_rings_him_at_the_last_key() {
    let (mut bench, caller, question) = asked("true");
    bench.presses(&caller, "1");
    bench.expect_stop(question);
    bench.passes(1999 * MILLI);
    bench.presses(&caller, "0");
    bench.passes(1999 * MILLI);
    bench.assert_quiet();
    bench.presses(&caller, "2");
    let boris = rings(&mut bench, "boris", &caller);
    bench.answers(&boris);
    bench.take_tones();
    bench.expect_disarmed(&caller);
    bench.assert_operator("boris", OperatorState::Talking);
    bench.hangs_up(&caller);
    bench.expect_hangup(&boris.leg);
    bench.ends(&boris.leg, Cause::q850(16));
    assert_eq!((chosen(&bench), bench.outcomes()), (vec!["102".to_owned()], vec![Outcome::Served]));
    bench.assert_quiet();
}

#[test]
fn an_option_with_which_numbers_begin_is_taken_two_seconds_after_it_was_pressed() {
    let (mut bench, caller, question) = asked("true");
    bench.presses(&caller, "1");
    bench.expect_stop(question);
    bench.passes(1999 * MILLI);
    bench.assert_quiet();
    bench.passes(MILLI);
    rings(&mut bench, "anna", &caller);
    assert_eq!(chosen(&bench), ["1"]);
}

#[test]
fn the_hash_key_ends_such_an_option_at_once() {
    let (mut bench, caller, question) = asked("true");
    bench.presses(&caller, "1#");
    bench.expect_stop(question);
    rings(&mut bench, "anna", &caller);
    assert_eq!(chosen(&bench), ["1"], "the key that ended it is no part of it");
}

#[test]
fn an_option_with_which_no_number_begins_is_taken_at_once() {
    let (mut bench, caller, question) = asked("true");
    bench.presses(&caller, "7");
    bench.expect_stop(question);
    bench.expect_play(&caller, "night");
    bench.assert_quiet();
}

#[test]
fn keys_in_the_greeting_reach_him_without_the_menu() {
    let (mut bench, caller, greeting) = greeted("true");
    bench.presses(&caller, "205");
    bench.assert_quiet();
    bench.hears_to_the_end(&caller, greeting);
    rings(&mut bench, "kitchen", &caller);
}

#[test]
fn an_option_pressed_in_the_greeting_waits_from_the_moment_of_the_question() {
    let (mut bench, caller, greeting) = greeted("true");
    bench.presses(&caller, "1");
    bench.passes(10 * SECOND);
    bench.hears_to_the_end(&caller, greeting);
    bench.passes(1999 * MILLI);
    bench.assert_quiet();
    bench.presses(&caller, "01");
    rings(&mut bench, "anna", &caller);
    assert_eq!(chosen(&bench), ["101"]);
}

#[test]
fn a_number_that_nobody_has_costs_a_try_and_so_does_half_a_number() {
    let (mut bench, caller, question) = asked("true");
    bench.presses(&caller, "109");
    bench.expect_stop(question);
    let question = bench.take("to play", |command| {
        matches!(command, Command::Play { media, .. } if media.first().is_some_and(|it| it.to_string() == "sound:invalid"))
    });
    let Command::Play { playback, .. } = question else { unreachable!() };
    bench.presses(&caller, "10");
    bench.expect_stop(playback);
    bench.passes(1999 * MILLI);
    bench.assert_quiet();
    bench.passes(MILLI);
    bench.expect_play(&caller, "goodbye");
    let mistaken = bench.facts.iter().filter(|fact| matches!(fact, Fact::MenuMistaken { .. })).count();
    assert_eq!(mistaken, 2);
}

#[test]
fn a_flow_is_out_of_reach_unless_the_menu_names_it() {
    let (mut bench, caller, question) = asked("true");
    bench.presses(&caller, "6");
    bench.expect_stop(question);
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::MenuMistaken { .. })), "not one number begins so");

    let (mut bench, caller, question) = asked("[101, 600]");
    bench.presses(&caller, "600#");
    bench.expect_stop(question);
    bench.expect_play(&caller, "night");
    bench.passes(SECOND);
    bench.assert_quiet();
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::Entering(crate::engine::notice::Entering::Mistaken))));
}

#[test]
fn who_is_not_named_is_out_of_reach() {
    let (mut bench, caller, question) = asked("[101]");
    bench.presses(&caller, "102");
    bench.expect_stop(question);
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::MenuMistaken { keys } if keys.to_string() == "102")));
    assert_eq!(bench.offers(), []);
}

#[test]
fn who_does_not_answer_in_thirty_seconds_leads_back_to_the_menu() {
    let (mut bench, caller, question) = asked("true");
    bench.presses(&caller, "101");
    bench.expect_stop(question);
    let anna = rings(&mut bench, "anna", &caller);
    bench.passes(29 * SECOND);
    bench.take_marks(&caller);
    bench.assert_quiet();
    bench.rings_out(&anna);
    is_asked_again(&mut bench, &caller);
    assert_eq!(missed(&bench), Some(Miss::NoAnswer));
    bench.presses(&caller, "8");
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::MenuAsked { attempt } if *attempt > 2)));
    bench.take("the second try", |command| matches!(command, Command::Play { .. }));
}

#[test]
fn an_operator_who_talks_for_a_queue_is_busy_and_the_caller_is_asked_again_at_once() {
    let mut bench = Bench::new(plan("true"));
    let other = calls(&mut bench, "+4722334455", "+4790000009");
    let talk = rings(&mut bench, "anna", &other);
    bench.answers(&talk);
    bench.expect_disarmed(&other);
    bench.take_tones();
    let caller = calls(&mut bench, "+4780012345", "+4790000001");
    let greeting = bench.expect_play(&caller, "greeting");
    bench.presses(&caller, "101");
    bench.hears_to_the_end(&caller, greeting);
    is_asked_again(&mut bench, &caller);
    assert_eq!(missed(&bench), Some(Miss::Busy));
    bench.assert_operator("anna", OperatorState::Talking);
    bench.presses(&caller, "102");
    bench.take("to stop", |command| matches!(command, Command::Stop { .. }));
    rings(&mut bench, "boris", &caller);
}

#[test]
fn what_the_menu_says_of_a_busy_one_is_heard_before_it_asks_again() {
    let how = "{only: [101, 102], ring: 10s, busy: {play: sound:engaged}, no_answer: {flow: night}}";
    let (mut bench, caller, question) = asked(how);
    bench.presses(&caller, "102");
    bench.expect_stop(question);
    let boris = rings(&mut bench, "boris", &caller);
    bench.declines(&boris);
    bench.take_tones();
    bench.take_marks(&caller);
    let engaged = bench.expect_play(&caller, "engaged");
    bench.hears_to_the_end(&caller, engaged);
    let question = is_asked_again(&mut bench, &caller);
    bench.presses(&caller, "101");
    bench.expect_stop(question);
    let anna = rings(&mut bench, "anna", &caller);
    bench.rings_out(&anna);
    bench.take_tones();
    bench.take_marks(&caller);
    bench.expect_play(&caller, "night");
    bench.assert_quiet();
}

#[test]
fn after_a_restart_he_is_rung_for_again_and_comes_back_to_the_menu() {
    let mut first = Bench::new(plan("true"));
    let caller = calls(&mut first, "+4780012345", "+4790000001");
    let greeting = first.expect_play(&caller, "greeting");
    first.presses(&caller, "102");
    first.hears_to_the_end(&caller, greeting);
    let mark = first.take("to write", |command| matches!(command, Command::Mark { .. }));
    let Command::Mark { mark, .. } = mark else { unreachable!() };
    first.expect_offer("boris", &caller);

    let mut second = Bench::born(8, plan("true"), Limits::default());
    let found = HeldChannel { enters: Some("+4780012345".into()), mark: mark.state, ..held(&caller, true) };
    second.node_up(Held { channels: vec![found], bridges: Vec::new() });
    let boris = second.expect_offer("boris", &caller);
    // What he heard nobody knows, and the queues have to be made ready.
    second.asked.clear();
    second.rings_out(&boris);
    is_asked_again(&mut second, &caller);
}

#[test]
fn silence_is_silence() {
    let (mut bench, caller, question) = asked("true");
    bench.hears_to_the_end(&caller, question);
    bench.passes(4999 * MILLI);
    bench.assert_quiet();
    bench.passes(MILLI);
    bench.expect_play(&caller, "menu");
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::MenuUnanswered)));
}

#[test]
fn a_longer_number_is_waited_for_though_a_shorter_one_is_whole() {
    let text = "exchange: bench
numbers: {\"+4780012345\": {flow: welcome}}
operators: {anna: {dial: PJSIP/anna, extension: 10}, boris: {dial: PJSIP/boris, extension: 101}}
flows: {welcome: [{menu: {play: sound:menu, options: {1015: hangup}, extensions: true}}]}
";
    let plan = parse("plan.yaml", text.as_bytes()).expect("a plan").plan;
    for (keys, after, who) in [("10", 2000, "anna"), ("10#", 0, "anna"), ("101", 2000, "boris"), ("101#", 0, "boris")] {
        let mut bench = Bench::new(plan.clone());
        let caller = calls(&mut bench, "+4780012345", "+4790000001");
        let question = bench.expect_play(&caller, "menu");
        bench.presses(&caller, keys);
        bench.expect_stop(question);
        if after > 0 {
            bench.passes(after * MILLI - MILLI);
            bench.assert_quiet();
            bench.passes(MILLI);
        }
        rings(&mut bench, who, &caller);
    }
}
