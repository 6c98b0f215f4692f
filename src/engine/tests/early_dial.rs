//! Callers who are not answered before somebody whom a step of the plan rings takes the call.

use std::time::Duration;

use super::{
    bench::{Bench, DIRECT, held},
    dial::{dial, dialling, operators},
    early::{AT_LATEST, unanswered},
};
use crate::{
    dialplan::{Act, DialMode, Plan, Step, StepId},
    domain::{Cause, ChannelId, Reason},
    engine::{Command, Event, Held, HeldChannel, Limits, notice::Outcome},
};

const SECOND: Duration = Duration::from_secs(1);

/// Longer than a caller may stay unanswered.
const LONG: Duration = Duration::from_secs(60);

fn ringing(names: &[&str], mode: DialMode) -> Plan {
    let step = crate::dialplan::Dial { ring: LONG, ..dial(operators(names), mode) };
    unanswered(dialling(step, None, None))
}

/// This step before the one that dials.
fn behind(act: Act) -> Plan {
    let mut plan = ringing(&["anna"], DialMode::InTurn);
    let moved = u32::try_from(plan.steps.len()).expect("few steps");
    plan.steps.push(plan.steps[0].clone());
    plan.steps[0] = Step { act, next: Some(StepId(moved)) };
    plan
}

/// The first leg that was made, and comes into our hands.
fn enters(bench: &mut Bench, answered: bool) -> ChannelId {
    let leg = bench.engine.legs.values().next().map(|leg| leg.channel.clone()).expect("a leg");
    bench.tell(Event::LegEntered { channel: leg.clone(), answered });
    leg
}

fn takes(bench: &mut Bench, leg: &ChannelId) {
    bench.tell(Event::LegAnswered { channel: leg.clone() });
}

#[test]
fn he_hears_it_ring_unanswered_and_asterisk_answers_him_with_whom_he_reaches() {
    let mut bench = Bench::new(ringing(&["anna"], DialMode::InTurn));
    let caller = bench.caller_arrives(DIRECT);
    assert_eq!(bench.asked_names(), ["mark", "create", "ring"]);
    let anna = enters(&mut bench, false);
    assert_eq!(bench.asked_names(), ["dial", "join"], "he goes on to hear it ring");
    assert!(!bench.is_answered(&caller));

    takes(&mut bench, &anna);

    assert!(bench.is_answered(&caller));
    assert_eq!(bench.asked_names(), ["answer", "mark"], "should they not have been in one bridge yet");
    bench.passes(2 * AT_LATEST);
    bench.assert_quiet();
}

#[test]
fn one_for_whom_several_ring_is_answered_before_he_is_joined() {
    let mut bench = Bench::new(ringing(&["anna", "boris"], DialMode::AtOnce));
    let caller = bench.caller_arrives(DIRECT);
    assert_eq!(bench.asked_names(), ["mark", "originate", "ring", "originate"], "one tone for both");
    enters(&mut bench, true);
    assert_eq!(bench.asked_names(), ["answer", "join", "hang_up", "mark"], "the answer ends the tone");
    assert!(bench.is_answered(&caller));
}

#[test]
fn the_limit_answers_one_for_whom_it_rings_and_whoever_answers_ends_the_tone() {
    for mode in [DialMode::InTurn, DialMode::AtOnce] {
        let mut bench = Bench::new(ringing(&["anna", "boris"], mode));
        let caller = bench.caller_arrives(DIRECT);
        let anna = enters(&mut bench, false);
        bench.passes(AT_LATEST - SECOND);
        assert!(!bench.is_answered(&caller));
        bench.asked.clear();

        bench.passes(SECOND);

        assert!(bench.is_answered(&caller));
        bench.take_marks(&caller);
        assert_eq!(bench.asked_names(), ["answer", "ring"], "{mode:?}");
        match mode {
            DialMode::InTurn => takes(&mut bench, &anna),
            DialMode::AtOnce => {
                enters(&mut bench, true);
            }
        }
        let asked = bench.asked_names();
        assert_eq!(asked[0], "hush", "{mode:?}: {asked:?}");
        assert!(!asked[1..].contains(&"ring") && !asked.contains(&"answer"), "{mode:?}: {asked:?}");
    }
}

#[test]
fn one_whom_nobody_takes_is_told_so_unanswered() {
    let mut bench = Bench::new(ringing(&["anna"], DialMode::InTurn));
    let caller = bench.caller_arrives(DIRECT);
    let anna = enters(&mut bench, false);
    bench.asked.clear();
    bench.ends(&anna, Cause { q850: 17, sip: Some(486) });
    assert_eq!(bench.expect_hangup(&caller), Reason::Busy);
    assert!(!bench.is_answered(&caller));
    bench.assert_quiet();
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::EndedByPlan]);
}

#[test]
fn ringing_that_began_before_is_not_begun_again() {
    let mut bench = Bench::new(behind(Act::Ring(None)));
    bench.caller_arrives(DIRECT);
    assert_eq!(bench.asked_names(), ["ring", "mark", "create"]);
}

#[test]
fn music_ends_when_somebody_is_rung_and_the_tone_before_the_next_step() {
    let mut bench = Bench::new(behind(Act::Music { class: "default".into(), lasts: None }));
    let caller = bench.caller_arrives(DIRECT);
    assert_eq!(bench.asked_names(), ["music", "mark", "create", "hush", "ring"]);
    let anna = enters(&mut bench, false);
    bench.asked.clear();
    bench.ends(&anna, Cause::q850(17));
    assert!(!bench.is_answered(&caller));
    assert_eq!(bench.asked_names(), ["hush", "hang_up"], "his side was told to listen: it is Asterisk that rings");
}

#[test]
fn a_gap_in_which_it_rings_on_leaves_him_unanswered_and_lets_him_hear_it_again() {
    let mut bench = Bench::new(ringing(&["anna"], DialMode::InTurn));
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller).leg;
    bench.node_down();
    bench.asked.clear();
    let leg = HeldChannel { enters: None, ..held(&anna, false) };
    let talk = bench.talk(&anna, &[&caller, &anna]);
    bench.node_up(Held { channels: vec![held(&caller, false), leg], bridges: vec![talk] });
    let asked = bench.asked_names();
    assert!(asked.contains(&"ring") && !asked.contains(&"answer"), "{asked:?}");
    assert!(!bench.is_answered(&caller));
}

#[test]
fn the_next_engine_rings_for_one_who_was_not_answered_and_leaves_him_so() {
    let mut first = Bench::new(ringing(&["anna"], DialMode::InTurn));
    let caller = first.caller_arrives(DIRECT);
    let mark = first.asked.iter().rev().find_map(|command| match command {
        Command::Mark { mark, .. } => mark.state.clone(),
        _ => None,
    });
    let mut second = Bench::born(8, ringing(&["anna"], DialMode::InTurn), Limits::default());
    let found = HeldChannel { mark, ..held(&caller, false) };
    second.node_up(Held { channels: vec![found], bridges: Vec::new() });
    let asked = second.asked_names();
    assert!(asked.contains(&"create") && asked.contains(&"ring") && !asked.contains(&"answer"), "{asked:?}");
    second.passes(AT_LATEST);
    assert!(second.is_answered(&caller) && second.asked_names().contains(&"answer"));
}

#[test]
fn a_number_that_answers_at_once_answers_before_anybody_is_rung() {
    let step = dial(operators(&["anna"]), DialMode::InTurn);
    let mut bench = Bench::new(dialling(step, None, None));
    bench.caller_arrives(DIRECT);
    assert_eq!(bench.asked_names(), ["answer", "mark", "create", "ring"]);
}
