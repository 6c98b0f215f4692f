//! Greeting and menu.

use std::time::Duration;

use super::bench::{Bench, MENU};
use crate::{
    domain::{ChannelId, PlaybackId},
    engine::{Event, Fact, Failure, notice::Outcome},
};

const SECOND: Duration = Duration::from_secs(1);

/// A caller who hears the menu's question.
fn asked(bench: &mut Bench) -> (ChannelId, PlaybackId) {
    let caller = bench.caller_arrives(MENU);
    bench.expect_answer(&caller);
    bench.expect_armed(&caller);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    let question = bench.expect_play(&caller, "menu");
    bench.assert_quiet();
    (caller, question)
}

#[test]
fn a_key_cuts_the_question_off_at_once() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, question) = asked(&mut bench);

    bench.presses(&caller, "1");

    bench.expect_stop(question);
    bench.expect_offer("anna", &caller);
    bench.assert_quiet();
}

#[test]
fn a_wrong_key_says_so_and_asks_again() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, question) = asked(&mut bench);

    bench.presses(&caller, "7");

    bench.expect_stop(question);
    bench.expect_play(&caller, "menu");
    bench.assert_quiet();
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::MenuMistaken { .. })));
}

#[test]
fn silence_is_asked_three_times_and_then_sent_on() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, mut question) = asked(&mut bench);
    for _ in 0..2 {
        bench.hears_to_the_end(&caller, question);
        bench.passes(4 * SECOND);
        bench.assert_quiet();
        bench.passes(SECOND);
        question = bench.expect_play(&caller, "menu");
    }
    bench.hears_to_the_end(&caller, question);
    bench.passes(5 * SECOND);

    let goodbye = bench.expect_play(&caller, "goodbye");
    bench.hears_to_the_end(&caller, goodbye);
    bench.expect_hangup(&caller);
    bench.hangs_up(&caller);
    bench.assert_quiet();
    assert_eq!(bench.outcomes(), [Outcome::EndedByPlan]);
}

#[test]
fn a_key_pressed_while_the_silence_is_measured_is_in_time() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, question) = asked(&mut bench);
    bench.hears_to_the_end(&caller, question);
    bench.passes(Duration::from_millis(4_999));

    bench.presses(&caller, "2");

    bench.expect_hangup(&caller);
    bench.passes(SECOND);
    bench.assert_quiet();
}

#[test]
fn an_answer_of_two_keys_waits_for_the_second() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, question) = asked(&mut bench);
    bench.presses(&caller, "5");
    bench.expect_stop(question);
    bench.assert_quiet();
    bench.passes(SECOND);
    bench.presses(&caller, "5");

    bench.expect_offer("anna", &caller);
    bench.assert_quiet();
}

#[test]
fn half_an_answer_is_a_wrong_one_when_the_rest_does_not_come() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, question) = asked(&mut bench);
    bench.presses(&caller, "5");
    bench.expect_stop(question);
    bench.passes(2 * SECOND);

    bench.expect_play(&caller, "menu");
    bench.assert_quiet();
}

#[test]
fn asking_for_the_question_again_is_not_a_mistake() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, mut question) = asked(&mut bench);
    for _ in 0..10 {
        bench.presses(&caller, "9");
        bench.expect_stop(question);
        question = bench.expect_play(&caller, "menu");
    }
    bench.assert_quiet();
}

#[test]
fn the_end_of_a_prompt_that_was_cut_short_is_of_no_consequence() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, question) = asked(&mut bench);
    bench.presses(&caller, "7");
    bench.expect_stop(question);
    let again = bench.expect_play(&caller, "menu");

    bench.hears_to_the_end(&caller, question);
    bench.passes(5 * SECOND);
    bench.assert_quiet();

    bench.hears_to_the_end(&caller, again);
    bench.passes(5 * SECOND);
    bench.expect_play(&caller, "menu");
}

#[test]
fn a_greeting_that_cannot_be_played_does_not_stop_the_call() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    bench.expect_answer(&caller);
    bench.expect_armed(&caller);
    let playback = bench.expect_play(&caller, "greeting");

    bench.tell(Event::PlaybackFinished { playback, channel: caller.clone(), whole: false });
    bench.assert_quiet();
    bench.passes(Duration::from_millis(100));

    bench.expect_play(&caller, "menu");
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::PromptFailed)));
    bench.assert_quiet();
}

#[test]
fn a_caller_who_hangs_up_in_a_prompt_is_not_played_another_and_no_prompt_is_blamed() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, playback) = asked(&mut bench);
    bench.tell(Event::PlaybackFinished { playback, channel: caller.clone(), whole: false });
    bench.hangs_up(&caller);
    bench.passes(SECOND);
    bench.assert_quiet();
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::PromptFailed)));
}

#[test]
fn a_greeting_that_asterisk_refuses_does_not_stop_the_call() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    bench.expect_answer(&caller);
    bench.expect_armed(&caller);
    let play = bench.take("to play", |command| matches!(command, crate::engine::Command::Play { .. }));

    bench.fails(play, Failure::Refused(500));

    bench.expect_play(&caller, "menu");
    bench.assert_quiet();
}

#[test]
fn a_caller_who_hangs_up_in_the_menu_leaves_nothing_behind() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, _) = asked(&mut bench);

    bench.hangs_up(&caller);

    bench.assert_quiet();
    bench.assert_no_calls();
    assert_eq!(bench.outcomes(), [Outcome::LeftInMenu]);
    assert_eq!(bench.engine.poll_timeout(), None);
}
