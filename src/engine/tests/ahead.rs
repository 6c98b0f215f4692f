//! Keys that come before the question, menus with a way back, and what comes of silence and of wrong keys.

use std::time::Duration;

use super::{
    bench::{Bench, DIRECT, held},
    logic::{called_by, plan},
};
use crate::{
    domain::{ChannelId, PlaybackId},
    engine::{Answer, Command, Errand, Event, Fact, Held, notice::Outcome},
};

const SECOND: Duration = Duration::from_secs(1);

/// A call that has come to the first of these flows, `welcome`, and hears `first`.
fn hears(flows: &str, first: &str) -> (Bench, ChannelId, PlaybackId) {
    let mut bench = Bench::new(plan(&format!("flows:\n{flows}")));
    let caller = called_by(&mut bench, "1");
    let playing = bench.expect_play(&caller, first);
    (bench, caller, playing)
}

/// The caller hears this to its end, and next.
fn then(bench: &mut Bench, caller: &ChannelId, playing: PlaybackId, next: &str) -> PlaybackId {
    bench.hears_to_the_end(caller, playing);
    bench.take_marks(caller);
    bench.expect_play(caller, next)
}

const TWO_MENUS: &str = "  welcome:
    - play: sound:greeting
    - menu: {play: sound:first, options: {1: {flow: second}, 2: {play: sound:two}, 31: {play: sound:many}}, otherwise: hangup}
  second:
    - play: sound:on
    - menu: {play: sound:second, invalid: sound:wrong, options: {1: {play: sound:one}, 3: {queue: sales}}}
    - play: sound:behind
";

#[test]
fn a_key_in_the_greeting_answers_the_menu_and_the_greeting_is_heard_to_its_end() {
    let (mut bench, caller, greeting) = hears(TWO_MENUS, "greeting");
    bench.presses(&caller, "2");
    bench.assert_quiet();

    then(&mut bench, &caller, greeting, "two");

    bench.assert_quiet();
}

#[test]
fn keys_answer_one_menu_after_the_other_though_something_is_played_between() {
    let (mut bench, caller, greeting) = hears(TWO_MENUS, "greeting");
    bench.presses(&caller, "13");
    let on = then(&mut bench, &caller, greeting, "on");
    bench.hears_to_the_end(&caller, on);
    bench.take_marks(&caller);
    bench.expect_offer("anna", &caller);
    bench.assert_quiet();
}

#[test]
fn the_beginning_of_an_answer_waits_for_the_rest_in_silence() {
    let (mut bench, caller, greeting) = hears(TWO_MENUS, "greeting");
    bench.presses(&caller, "3");
    bench.hears_to_the_end(&caller, greeting);
    bench.passes(Duration::from_millis(1_950));
    bench.assert_quiet();
    bench.presses(&caller, "1");
    bench.expect_play(&caller, "many");

    let (mut bench, caller, greeting) = hears(TWO_MENUS, "greeting");
    bench.presses(&caller, "3");
    bench.hears_to_the_end(&caller, greeting);
    bench.passes(Duration::from_millis(2_000));
    bench.expect_play(&caller, "first");
}

#[test]
fn what_was_pressed_behind_a_wrong_key_is_not_taken_for_the_new_answer() {
    let (mut bench, caller, greeting) = hears(TWO_MENUS, "greeting");
    bench.presses(&caller, "172");
    let on = then(&mut bench, &caller, greeting, "on");
    bench.hears_to_the_end(&caller, on);
    bench.take_marks(&caller);
    let wrong = bench.take("to chide and ask", |command| {
        matches!(command, Command::Play { media, .. }
            if media.iter().map(ToString::to_string).eq(["sound:wrong", "sound:second"]))
    });
    let Command::Play { playback, .. } = wrong else { unreachable!() };
    bench.assert_quiet();
    bench.hears_to_the_end(&caller, playback);
    bench.passes(4 * SECOND);
    bench.assert_quiet();
}

#[test]
fn a_menu_may_refuse_keys_that_were_pressed_before_it() {
    let flows = "  welcome:\n    - play: sound:greeting\n    \
                 - menu: {play: sound:first, type_ahead: false, options: {1: {play: sound:one}}}\n";
    let (mut bench, caller, greeting) = hears(flows, "greeting");
    bench.presses(&caller, "1");
    let question = then(&mut bench, &caller, greeting, "first");
    bench.assert_quiet();
    bench.presses(&caller, "1");
    bench.expect_stop(question);
    bench.expect_play(&caller, "one");
}

#[test]
fn a_key_that_crosses_the_end_of_the_greeting_counts_on_either_side() {
    let (mut before, caller, greeting) = hears(TWO_MENUS, "greeting");
    before.presses(&caller, "2");
    then(&mut before, &caller, greeting, "two");

    let (mut behind, caller, greeting) = hears(TWO_MENUS, "greeting");
    let question = then(&mut behind, &caller, greeting, "first");
    behind.presses(&caller, "2");
    behind.expect_stop(question);
    behind.expect_play(&caller, "two");
    // The end of the question that was cut off comes after the key.
    behind.hears_to_the_end(&caller, question);
    behind.take_marks(&caller);
    behind.assert_quiet();
}

#[test]
fn keys_from_before_a_queue_are_not_kept_for_what_comes_after_it() {
    let flows = "  welcome:\n    - play: sound:greeting\n    - queue: patient\n  late:\n    \
                 - menu: {play: sound:late, options: {1: {play: sound:one}}}\n";
    let queues = "patient: {operators: [boris], strategy: linear, max_wait: {after: 30s, go: {flow: late}}}, ";
    let mut bench = Bench::new(super::logic::plan_with(queues, &format!("flows:\n{flows}")));
    let caller = called_by(&mut bench, "1");
    let greeting = bench.expect_play(&caller, "greeting");
    bench.presses(&caller, "1");
    bench.hears_to_the_end(&caller, greeting);
    bench.presses(&caller, "1");
    bench.asked.clear();
    bench.passes(31 * SECOND);
    bench.expect_play(&caller, "late");
}

#[test]
fn a_key_that_is_pressed_while_a_server_is_asked_answers_the_menu_behind_it() {
    let flows = "flows:\n  welcome:\n    - lookup: {url: \"https://crm.example.com/\", set: {who: name}}\n    \
                 - menu: {play: sound:first, options: {1: {play: sound:one}}}\n";
    let mut bench = Bench::new(plan(flows));
    let caller = called_by(&mut bench, "1");
    let Some(Errand::LookUp { lookup, .. }) = bench.errands.pop_front() else { panic!("nobody is asked") };
    bench.presses(&caller, "1");
    bench.assert_quiet();
    bench.tell(Event::LookedUp { lookup, answer: Answer::Json(serde_json::json!({"name": "Kari"}).into()) });
    bench.expect_play(&caller, "one");
}

#[test]
fn a_caller_who_hangs_up_with_keys_to_spare_leaves_nothing_behind() {
    let (mut bench, caller, greeting) = hears(TWO_MENUS, "greeting");
    bench.presses(&caller, "13");
    bench.hangs_up(&caller);
    bench.hears_to_the_end(&caller, greeting);
    bench.assert_quiet();
    bench.assert_no_calls();
    assert_eq!(bench.engine.poll_timeout(), None);
    assert_eq!(bench.outcomes(), [Outcome::LeftInMenu]);
}

#[test]
fn after_a_gap_the_question_is_asked_anew_and_a_restart_begins_the_call_anew() {
    let (mut bench, caller, greeting) = hears(TWO_MENUS, "greeting");
    let question = then(&mut bench, &caller, greeting, "first");
    bench.presses(&caller, "3");
    bench.expect_stop(question);
    bench.node_down();
    bench.node_up(Held { channels: vec![held(&caller, true)], bridges: vec![] });
    bench.asked.retain(|command| !matches!(command, Command::MakeBridge { .. }));
    bench.expect_play(&caller, "first");
    bench.presses(&caller, "2");
    bench.expect_play(&caller, "two");

    let (mut bench, caller, _) = hears(TWO_MENUS, "greeting");
    bench.presses(&caller, "2");
    let mark = None;
    let found = crate::engine::HeldChannel { mark, enters: Some("101".into()), ..held(&caller, true) };
    let mut next = Bench::born(8, plan(&format!("flows:\n{TWO_MENUS}")), Default::default());
    next.node_down();
    next.node_up(Held { channels: vec![found], bridges: vec![] });
    next.take_marks(&caller);
    let greeting = next.expect_play(&caller, "greeting");
    next.hears_to_the_end(&caller, greeting);
    next.take_marks(&caller);
    next.expect_play(&caller, "first");
}

const WAYS: &str = "  welcome:
    - menu:
        play: sound:first
        invalid: sound:wrong
        silent: sound:hello
        tries: 2
        options: {1: {play: sound:one}, 23: {play: sound:two}}
        on_silence: {play: sound:nobody}
        on_invalid: {play: sound:helpless}
";

/// The last thing that a caller is played, and all that is played with it.
fn played(bench: &mut Bench) -> (PlaybackId, Vec<String>) {
    let command = bench.take("to play", |command| matches!(command, Command::Play { .. }));
    let Command::Play { playback, media, .. } = command else { unreachable!() };
    (playback, media.iter().map(ToString::to_string).collect())
}

#[test]
fn silence_and_wrong_keys_are_told_apart_and_go_their_own_ways() {
    let (mut bench, caller, question) = hears(WAYS, "first");
    bench.hears_to_the_end(&caller, question);
    bench.passes(5 * SECOND);
    let (question, heard) = played(&mut bench);
    assert_eq!(heard, ["sound:hello", "sound:first"]);
    bench.hears_to_the_end(&caller, question);
    bench.passes(5 * SECOND);
    assert_eq!(played(&mut bench).1, ["sound:nobody"]);

    let (mut bench, caller, question) = hears(WAYS, "first");
    bench.hears_to_the_end(&caller, question);
    bench.passes(5 * SECOND);
    played(&mut bench);
    bench.presses(&caller, "7");
    assert_eq!(played(&mut bench).1, ["sound:helpless"], "the last try says which way");

    let (mut bench, caller, _) = hears(WAYS, "first");
    bench.presses(&caller, "7");
    assert_eq!(played(&mut bench).1, ["sound:wrong", "sound:first"]);
    bench.presses(&caller, "2");
    bench.passes(2 * SECOND);
    assert_eq!(played(&mut bench).1, ["sound:helpless"], "half an answer is a wrong one");
}

#[test]
fn the_silence_is_measured_from_the_end_of_the_question_and_the_next_key_from_the_last() {
    let (mut bench, caller, question) = hears(WAYS, "first");
    bench.passes(60 * SECOND);
    bench.take_marks(&caller);
    bench.assert_quiet();
    bench.hears_to_the_end(&caller, question);
    bench.passes(Duration::from_millis(4_999));
    bench.take_marks(&caller);
    bench.assert_quiet();
    bench.passes(Duration::from_millis(1));
    let (_, heard) = played(&mut bench);
    assert_eq!(heard.first().map(String::as_str), Some("sound:hello"));
    bench.presses(&caller, "2");
    bench.asked.clear();
    bench.passes(Duration::from_millis(1_999));
    bench.assert_quiet();
    bench.presses(&caller, "3");
    assert_eq!(played(&mut bench).1, ["sound:two"]);
}

const TREE: &str = "  welcome:
    - menu: {play: sound:main, options: {1: {call: sales}, 2: {flow: deep}, 3: {flow: third}}, otherwise: hangup}
    - play: sound:came-back
  sales:
    - play: sound:on
    - menu: {play: sound:sub, options: {1: {flow: deep}, 9: {back: true}}, tries: 2}
  deep:
    - menu: {play: sound:deep, options: {1: {play: sound:end}, 9: {back: true}}, tries: 2}
  third:
    - menu: {play: sound:third, options: {5: {flow: top}, 9: {back: true}}}
  top:
    - menu: {play: sound:top, options: {1: {flow: third}, 9: {back: true}}}
";

#[test]
fn the_way_back_leads_through_the_menus_that_a_call_came_through() {
    let (mut bench, caller, _) = hears(TREE, "main");
    bench.presses(&caller, "1");
    let on = bench.expect_play(&caller, "on");
    then(&mut bench, &caller, on, "sub");
    bench.presses(&caller, "1");
    bench.expect_play(&caller, "deep");
    // Asked as new: a try that was lost is there again.
    bench.presses(&caller, "7");
    bench.expect_play(&caller, "deep");
    bench.presses(&caller, "9");
    bench.expect_play(&caller, "sub");
    bench.presses(&caller, "7");
    bench.expect_play(&caller, "sub");
    bench.presses(&caller, "1");
    bench.expect_play(&caller, "deep");
    bench.presses(&caller, "7");
    bench.expect_play(&caller, "deep");
    bench.presses(&caller, "9");
    bench.expect_play(&caller, "sub");
    bench.presses(&caller, "9");
    bench.expect_play(&caller, "main");
}

#[test]
fn who_goes_back_out_of_a_called_flow_comes_back_from_it_as_often_as_he_is_in_it() {
    let (mut bench, caller, _) = hears(TREE, "main");
    for _ in 0..3 {
        bench.presses(&caller, "1");
        let on = bench.expect_play(&caller, "on");
        then(&mut bench, &caller, on, "sub");
        bench.presses(&caller, "9");
        bench.expect_play(&caller, "main");
    }
    bench.presses(&caller, "1");
    let on = bench.expect_play(&caller, "on");
    then(&mut bench, &caller, on, "sub");
    bench.presses(&caller, "1");
    bench.presses(&caller, "1");
    let end = bench.expect_play(&caller, "end");
    let back = then(&mut bench, &caller, end, "came-back");
    bench.hears_to_the_end(&caller, back);
    bench.expect_hangup(&caller);
}

#[test]
fn a_menu_that_is_come_to_again_is_where_the_caller_was() {
    let (mut bench, caller, _) = hears(TREE, "main");
    for (key, next) in [("3", "third"), ("5", "top"), ("1", "third"), ("9", "main")] {
        bench.presses(&caller, key);
        bench.expect_play(&caller, next);
    }
}

#[test]
fn before_the_first_menu_there_is_none_and_it_is_asked_once_more() {
    let flows = "  welcome:\n    - if: {when: caller.withheld, then: {flow: first}}\n    - flow: second\n  first:\n    \
                 - menu: {play: sound:first, options: {1: {flow: second}}}\n  second:\n    \
                 - menu: {play: sound:second, options: {1: hangup, 9: {back: true}}, tries: 1, otherwise: {play: sound:lost}}\n";
    let (mut bench, caller, _) = hears(flows, "second");
    for _ in 0..3 {
        bench.presses(&caller, "9");
        bench.expect_play(&caller, "second");
    }
}

#[test]
fn a_key_for_a_caller_who_waits_or_talks_is_nobodys() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, _) = bench.two_talk("anna");
    bench.presses(&caller, "123456789");
    let waiting = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    bench.presses(&waiting, "1");
    bench.assert_quiet();
}

#[test]
fn a_question_that_cannot_be_played_waits_for_its_answer_all_the_same() {
    let (mut bench, caller, playback) = hears(WAYS, "first");
    bench.tell(Event::PlaybackFinished { playback, channel: caller.clone(), whole: false });
    bench.passes(Duration::from_millis(100));
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::PromptFailed)));
    bench.presses(&caller, "1");
    assert_eq!(played(&mut bench).1, ["sound:one"]);
}
