//! Questions for digits.

use std::time::Duration;

use super::{
    bench::{Bench, NODE},
    logic::{called_by, plan},
};
use crate::{
    domain::{ChannelId, PlaybackId},
    engine::{Command, Fact, notice::Entering},
};

const SECOND: Duration = Duration::from_secs(1);

/// A step `ask` of these keys, and what tells whether the variable `it` is what it should be.
fn asks(keys: &str, right: &str) -> Bench {
    let flows = format!(
        "flows:\n  welcome:\n    - play: sound:greeting\n    - ask: {{play: sound:enter, into: it, {keys}}}\n    \
         - if: {{when: \"{right}\", then: {{play: sound:right}}, else: {{play: sound:other}}}}\n    \
         - menu: {{play: sound:menu, options: {{\"1\": hangup, \"#\": {{play: sound:hash}}}}}}\n"
    );
    Bench::new(plan(&flows))
}

fn asked(bench: &mut Bench) -> (ChannelId, PlaybackId) {
    let caller = called_by(bench, "1");
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    bench.take_marks(&caller);
    let question = bench.expect_play(&caller, "enter");
    (caller, question)
}

/// What is played next, all of it.
#[track_caller]
fn played(bench: &mut Bench) -> Vec<String> {
    let command = bench.take("to play", |command| matches!(command, Command::Play { .. }));
    let Command::Play { media, .. } = command else { unreachable!() };
    media.iter().map(ToString::to_string).collect()
}

fn tells(bench: &Bench) -> Vec<Entering> {
    let entering = |fact: &Fact| match fact {
        Fact::Entering(entering) => Some(*entering),
        _ => None,
    };
    bench.facts.iter().filter_map(entering).collect()
}

#[test]
fn digits_and_the_end_key_are_a_text_that_keeps_its_leading_zero() {
    let mut bench = asks("min: 2, max: 8", "it == '0815'");
    let (caller, question) = asked(&mut bench);
    bench.presses(&caller, "0");
    bench.expect_stop(question);
    bench.presses(&caller, "815");
    bench.assert_quiet();
    bench.presses(&caller, "#");
    assert_eq!(played(&mut bench), ["sound:right"]);
    assert_eq!(tells(&bench), [Entering::Asked { attempt: 1 }, Entering::Entered]);
}

#[test]
fn with_as_many_digits_as_there_may_be_it_is_whole_and_an_end_key_does_no_harm() {
    let mut bench = asks("min: 4, max: 4", "it == '1234'");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "1234");
    let right = bench.expect_play(&caller, "right");
    // Told to end with it, he does.
    bench.presses(&caller, "#");
    bench.hears_to_the_end(&caller, right);
    bench.take_marks(&caller);
    let menu = bench.expect_play(&caller, "menu");
    // A second one is meant, and so is one that comes much later.
    bench.presses(&caller, "#");
    bench.expect_stop(menu);
    bench.expect_play(&caller, "hash");

    let mut bench = asks("min: 4, max: 4", "it == '1234'");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "1234");
    let right = bench.expect_play(&caller, "right");
    bench.hears_to_the_end(&caller, right);
    bench.take_marks(&caller);
    bench.expect_play(&caller, "menu");
    bench.passes(4 * SECOND);
    bench.presses(&caller, "#");
    bench.expect_play(&caller, "hash");
}

#[test]
fn digits_may_be_entered_before_they_are_asked_for() {
    let mut bench = asks("min: 4, max: 4", "it == '1234'");
    let caller = called_by(&mut bench, "1");
    let greeting = bench.expect_play(&caller, "greeting");
    bench.presses(&caller, "1234#1");
    bench.hears_to_the_end(&caller, greeting);
    bench.take_marks(&caller);
    let right = bench.expect_play(&caller, "right");
    bench.hears_to_the_end(&caller, right);
    bench.expect_hangup(&caller);
}

#[test]
fn enough_digits_and_then_nothing_are_an_answer_and_too_few_are_none() {
    let mut bench = asks("min: 3, max: 8, invalid: sound:wrong", "it == '123'");
    let (caller, question) = asked(&mut bench);
    bench.presses(&caller, "12");
    bench.expect_stop(question);
    bench.passes(Duration::from_millis(2_999));
    bench.assert_quiet();
    bench.passes(Duration::from_millis(1));
    assert_eq!(played(&mut bench), ["sound:wrong", "sound:enter"]);
    bench.presses(&caller, "123");
    bench.asked.clear();
    bench.passes(Duration::from_millis(2_999));
    bench.assert_quiet();
    bench.passes(Duration::from_millis(1));
    assert_eq!(played(&mut bench), ["sound:right"]);
    // The end key that crossed the end of the waiting is no answer to the next question.
    bench.presses(&caller, "#");
    assert_eq!(
        tells(&bench),
        [Entering::Asked { attempt: 1 }, Entering::Mistaken, Entering::Asked { attempt: 2 }, Entering::Entered]
    );
}

#[test]
fn an_end_key_alone_is_an_empty_answer_where_none_is_allowed_and_a_wrong_one_elsewhere() {
    let mut bench = asks("min: 0, max: 8", "it == ''");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "#");
    assert_eq!(played(&mut bench), ["sound:right"]);
    let mut bench = asks("max: 8, invalid: sound:wrong", "it == ''");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "#");
    assert_eq!(played(&mut bench), ["sound:wrong", "sound:enter"]);
}

#[test]
fn a_key_that_is_no_digit_is_a_wrong_answer_and_another_key_may_be_the_end() {
    let mut bench = asks("max: 8, end: \"*\", invalid: sound:wrong", "it == '12'");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "1#");
    assert_eq!(played(&mut bench), ["sound:wrong", "sound:enter"]);
    bench.presses(&caller, "12*");
    assert_eq!(played(&mut bench), ["sound:right"]);
}

#[test]
fn an_answer_that_is_not_valid_costs_a_try_and_the_variable_stays_what_it_was() {
    let keys = "min: 1, max: 4, tries: 2, invalid: sound:wrong, valid: \"starts_with(it, '4') and length(it) == 4\", \
                otherwise: {play: sound:sorry}";
    let mut bench = asks(keys, "it == ''");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "5711");
    assert_eq!(played(&mut bench), ["sound:wrong", "sound:enter"]);
    bench.presses(&caller, "47#");
    let sorry = bench.expect_play(&caller, "sorry");
    bench.hears_to_the_end(&caller, sorry);
    bench.take_marks(&caller);
    bench.expect_play(&caller, "right");

    let mut bench = asks(keys, "it == '4711'");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "4711");
    bench.expect_play(&caller, "right");
}

#[test]
fn silence_goes_its_own_way() {
    let mut bench = asks("tries: 2, silent: sound:hello, on_silence: {play: sound:nobody}", "true");
    let (caller, question) = asked(&mut bench);
    bench.hears_to_the_end(&caller, question);
    bench.passes(5 * SECOND);
    let again = bench.take("to ask again", |command| matches!(command, Command::Play { .. }));
    let Command::Play { playback, media, .. } = again else { unreachable!() };
    assert_eq!(media.iter().map(ToString::to_string).collect::<Vec<_>>(), ["sound:hello", "sound:enter"]);
    bench.hears_to_the_end(&caller, playback);
    bench.passes(5 * SECOND);
    assert_eq!(played(&mut bench), ["sound:nobody"]);
}

const CONFIRM: &str = "min: 2, max: 4, tries: 2, invalid: sound:wrong, silent: sound:hello, \
                       confirm: {before: sound:you-entered, play: sound:is-it-right}, otherwise: {play: sound:sorry}";

#[test]
fn what_was_entered_is_read_back_and_is_the_answer_when_the_caller_says_so() {
    let mut bench = asks(CONFIRM, "it == '407'");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "407#");
    let read = ["sound:you-entered", "sound:digits/4", "sound:digits/0", "sound:digits/7", "sound:is-it-right"];
    assert_eq!(played(&mut bench), read);
    bench.presses(&caller, "7");
    assert_eq!(played(&mut bench)[..2], ["sound:wrong", "sound:you-entered"]);
    bench.presses(&caller, "1");
    assert_eq!(played(&mut bench), ["sound:right"]);
}

#[test]
fn who_says_that_it_is_wrong_enters_it_once_more_and_loses_no_try() {
    let mut bench = asks(CONFIRM, "it == '43'");
    let (caller, _) = asked(&mut bench);
    for _ in 0..5 {
        bench.presses(&caller, "42#");
        bench.presses(&caller, "2");
    }
    bench.asked.clear();
    bench.presses(&caller, "43#1");
    bench.expect_play(&caller, "right");
}

#[test]
fn nobody_confirms_by_a_key_that_he_pressed_before_he_heard_what_he_entered() {
    let mut bench = asks(CONFIRM, "it == '4711'");
    let caller = called_by(&mut bench, "1");
    let greeting = bench.expect_play(&caller, "greeting");
    bench.presses(&caller, "47111");
    bench.hears_to_the_end(&caller, greeting);
    bench.take_marks(&caller);
    let reading = bench.expect_play(&caller, "is-it-right");
    bench.assert_quiet();
    // Nor by the key that ends an answer which was whole without it.
    bench.presses(&caller, "1");
    bench.expect_stop(reading);
    bench.expect_play(&caller, "right");
}

#[test]
fn what_is_never_confirmed_is_no_answer() {
    let mut bench = asks(CONFIRM, "it == ''");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "42#78");
    let sorry = bench.expect_play(&caller, "sorry");
    bench.hears_to_the_end(&caller, sorry);
    bench.take_marks(&caller);
    bench.expect_play(&caller, "right");
}

#[test]
fn nothing_that_is_told_of_a_call_has_the_digits() {
    let mut bench = asks(CONFIRM, "true");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "4096#77");
    let told = format!("{:?}", bench.facts);
    assert!(!told.contains("4096") && !told.contains("keys"), "{told}");
    let state = format!("{:?}", bench.engine.snapshot(bench.now));
    assert!(!state.contains("4096"), "{state}");
}

#[test]
fn a_caller_who_hangs_up_while_he_enters_leaves_nothing_behind() {
    for keys in ["", "4", "407#"] {
        let mut bench = asks(CONFIRM, "true");
        let (caller, _) = asked(&mut bench);
        bench.presses(&caller, keys);
        bench.asked.clear();
        bench.hangs_up(&caller);
        bench.assert_quiet();
        bench.assert_no_calls();
        assert_eq!(bench.engine.poll_timeout(), None);
    }
}

#[test]
fn after_a_gap_in_the_middle_the_caller_is_asked_anew() {
    let mut bench = asks(CONFIRM, "it == '42'");
    let (caller, _) = asked(&mut bench);
    bench.presses(&caller, "99#");
    bench.node_down();
    let held = super::bench::held(&ChannelId::new(NODE, &caller.id), true);
    bench.node_up(crate::engine::Held { channels: vec![held], bridges: vec![] });
    bench.expect_play(&caller, "enter");
    bench.asked.clear();
    bench.presses(&caller, "42#1");
    bench.expect_play(&caller, "right");
}
