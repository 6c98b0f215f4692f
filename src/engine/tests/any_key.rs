//! Any keys at any moment, through questions of every kind.

use std::time::Duration;

use proptest::prelude::*;

use super::{
    bench::Bench,
    logic::{called_by, plan},
};
use crate::{
    domain::{ChannelId, Digit, PlaybackId},
    engine::{Command, Event, Fact},
};

/// Questions that lead to one another, without one that a caller could not answer or leave.
const FLOWS: &str = "flows:
  welcome:
    - play: sound:greeting
    - menu:
        play: sound:first
        invalid: sound:wrong
        options: {1: {flow: enter}, 2: {call: again}, 33: {flow: welcome}, 9: {repeat: true}, \"*\": {back: true}}
        tries: 2
        on_invalid: {flow: enter}
    - flow: enter
  again:
    - menu: {play: sound:again, type_ahead: false, options: {1: {ask: {play: sound:more, into: more, max: 4}}, 7: {play: sound:x}, \"*\": {back: true}}}
  enter:
    - ask:
        play: sound:enter
        into: it
        min: 0
        max: 3
        valid: it != '13'
        confirm: {play: sound:sure}
        silent: sound:hello
        tries: 2
        otherwise: {flow: goodbye}
    - ask: {play: sound:pin, into: pin, min: 2, max: 2, end: none, on_silence: {flow: goodbye}}
    - if: {when: pin == '00', then: {flow: welcome}}
  goodbye:
    - play: sound:goodbye
";

#[derive(Clone, Debug)]
enum Chance {
    Presses(char),
    /// What he hears ends by itself, or fails.
    Ends(bool),
    Passes(u16),
}

fn chance() -> impl Strategy<Value = Chance> {
    prop_oneof![
        6 => prop::sample::select("0123456789*#A".chars().collect::<Vec<_>>()).prop_map(Chance::Presses),
        3 => prop::bool::weighted(0.9).prop_map(Chance::Ends),
        2 => (0..6_000_u16).prop_map(Chance::Passes),
    ]
}

/// What the caller hears last, if it was not stopped. One who is hung up is gone.
fn hears(bench: &mut Bench, caller: &ChannelId, last: &mut Option<PlaybackId>) {
    let asked: Vec<Command> = bench.asked.drain(..).collect();
    for command in asked {
        match command {
            Command::Play { playback, .. } => *last = Some(playback),
            Command::Stop { playback, .. } if *last == Some(playback) => *last = None,
            Command::HangUp { .. } => bench.hangs_up(caller),
            _ => {}
        }
    }
}

fn ends(bench: &mut Bench, caller: &ChannelId, last: &mut Option<PlaybackId>, whole: bool) {
    if let Some(playback) = last.take() {
        bench.tell(Event::PlaybackFinished { playback, channel: caller.clone(), whole });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_question_ends_whatever_is_pressed(chances in prop::collection::vec(chance(), 0..200)) {
        let mut bench = Bench::new(plan(FLOWS));
        let caller = called_by(&mut bench, "1");
        let mut last = None;
        hears(&mut bench, &caller, &mut last);
        for chance in chances {
            match chance {
                Chance::Presses(key) => {
                    let digit = Digit::new(key).expect("a key");
                    bench.tell(Event::Pressed { channel: caller.clone(), digit });
                }
                Chance::Ends(whole) => ends(&mut bench, &caller, &mut last, whole),
                Chance::Passes(millis) => bench.passes(Duration::from_millis(millis.into())),
            }
            hears(&mut bench, &caller, &mut last);
        }
        // He presses nothing more: each question is asked twice or three times, and the call is over.
        for _ in 0..60 {
            ends(&mut bench, &caller, &mut last, true);
            bench.passes(Duration::from_secs(6));
            hears(&mut bench, &caller, &mut last);
        }
        bench.assert_no_calls();
        let wrong = bench.facts.iter().any(|fact| matches!(fact, Fact::RanInCircles | Fact::Broken { .. }));
        prop_assert!(!wrong);
    }
}
