//! Queues whose calls are announced to whoever answers them, before he has the caller.

use std::{sync::Arc, time::Duration};

use super::{
    accept,
    bench::{Bench, DIRECT, Ringing, plan, queue},
    follow,
};
use crate::{
    dialplan::{Accept, DutyChange, Plan, Queue, Strategy},
    domain::{Cause, ChannelId, PlaybackId, Reason},
    engine::{
        Command, DutyBy, Event, Fact,
        notice::{OfferOutcome, OperatorState, Outcome},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// Whoever answers a queue's calls is told.
pub(super) fn announce(plan: &mut Plan, queue: &str) {
    let accept = Accept { by_key: false, ..accept::accepts() };
    plan.queues[queue].introduces = Some(Arc::new(accept));
}

fn a_plan(strategy: Strategy, operators: &[&str]) -> Plan {
    let mut plan = plan(vec![Queue { wrap_up: Duration::ZERO, ..queue("sales", operators, strategy) }]);
    announce(&mut plan, "sales");
    plan
}

fn bench(strategy: Strategy, operators: &[&str]) -> Bench {
    Bench::new(a_plan(strategy, operators))
}

/// What is played on a leg.
#[track_caller]
fn is_told(bench: &mut Bench, leg: &ChannelId) -> (PlaybackId, Vec<String>) {
    let command =
        bench.take("to tell him", |command| matches!(command, Command::Play { channel, .. } if channel == leg));
    let Command::Play { playback, media, .. } = command else { unreachable!() };
    (playback, media.iter().map(ToString::to_string).collect())
}

/// Somebody has answered and is told; the caller waits with music.
fn answered(bench: &mut Bench, operator: &str) -> (ChannelId, Ringing, PlaybackId) {
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let ringing = bench.expect_offer(operator, &caller);
    assert!(!ringing.early, "he is with nobody before he has heard it");
    bench.asked.clear();
    bench.answers(&ringing);
    let (playback, _) = is_told(bench, &ringing.leg);
    (caller, ringing, playback)
}

fn ends(bench: &mut Bench, leg: &ChannelId, playback: PlaybackId, whole: bool) {
    bench.tell(Event::PlaybackFinished { playback, channel: leg.clone(), whole });
}

fn waited(bench: &Bench) -> Option<Duration> {
    bench.facts.iter().find_map(|fact| match fact {
        Fact::Connected { waited, .. } => Some(*waited),
        _ => None,
    })
}

#[test]
fn he_hears_once_what_it_is_about_and_has_the_caller() {
    let mut bench = bench(Strategy::Linear, &["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.answers(&anna);
    let (playback, said) = is_told(&mut bench, &anna.leg);
    assert_eq!(said, ["sound:from_sales"], "once, and nothing to press");
    bench.assert_operator("anna", OperatorState::Ringing);
    bench.passes(3 * SECOND);
    ends(&mut bench, &anna.leg, playback, true);
    bench.expect_join(&anna.leg);
    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(bench.offers().last(), Some(&("anna".into(), OfferOutcome::Answered)));
}

#[test]
fn he_has_waited_until_he_hears_the_operator() {
    let mut bench = bench(Strategy::Linear, &["anna"]);
    let (_, anna, playback) = answered(&mut bench, "anna");
    assert_eq!((bench.offers(), waited(&bench)), (vec![], None));
    bench.passes(3 * SECOND);
    ends(&mut bench, &anna.leg, playback, true);
    assert_eq!(waited(&bench), Some(3 * SECOND));
    assert_eq!(bench.offers(), [("anna".into(), OfferOutcome::Answered)]);
}

#[test]
fn any_key_is_enough_of_it() {
    for key in ["1", "7", "#"] {
        let mut bench = bench(Strategy::Linear, &["anna"]);
        let (_, anna, playback) = answered(&mut bench, "anna");
        bench.presses(&anna.leg, key);
        bench.expect_stop(playback);
        bench.expect_join(&anna.leg);
        bench.assert_operator("anna", OperatorState::Talking);
    }
}

#[test]
fn from_his_answer_on_nobody_else_is_rung() {
    let mut bench = bench(Strategy::RingAll, &["anna", "boris", "carla"]);
    let (talks, carla) = {
        let caller = bench.caller_arrives(DIRECT);
        let [_, _, carla] = ["anna", "boris", "carla"].map(|name| bench.expect_offer(name, &caller));
        bench.answers(&carla);
        let (playback, _) = is_told(&mut bench, &carla.leg);
        ends(&mut bench, &carla.leg, playback, true);
        (caller, carla)
    };
    for leg in bench.engine.legs.values().map(|leg| leg.channel.clone()).collect::<Vec<_>>() {
        if leg != carla.leg {
            bench.ends(&leg, Cause::q850(26));
        }
    }
    bench.asked.clear();
    let caller = bench.caller_arrives(DIRECT);
    let [anna, boris] = ["anna", "boris"].map(|name| bench.expect_offer(name, &caller));
    bench.facts.clear();
    bench.answers(&anna);
    assert_eq!(bench.expect_hangup(&boris.leg), Reason::AnsweredElsewhere);
    assert_eq!(bench.offers(), [("boris".into(), OfferOutcome::AnsweredElsewhere)]);
    bench.ends(&boris.leg, Cause::q850(26));
    bench.hangs_up(&talks);
    bench.ends(&carla.leg, Cause::q850(16));
    // Both are free, and neither is rung.
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
    bench.asked.clear();
    bench.ends(&anna.leg, Cause::q850(16));
    assert_eq!(bench.offers().last(), Some(&("anna".into(), OfferOutcome::Declined)));
    for name in ["boris", "carla"] {
        bench.expect_offer(name, &caller);
    }
}

#[test]
fn one_more_is_not_rung_beside_him() {
    let mut bench = bench(Strategy::RingProgressively, &["anna", "boris"]);
    let (caller, anna, playback) = answered(&mut bench, "anna");
    bench.passes(9 * SECOND);
    let mut plan = a_plan(Strategy::RingAll, &["anna", "boris"]);
    bench.tell(Event::PlanLoaded(Arc::new(plan.clone())));
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
    plan.queues[0].strategy = Strategy::RingProgressively;
    bench.tell(Event::PlanLoaded(Arc::new(plan)));
    bench.passes(9 * SECOND);
    assert_eq!(bench.ringing_for(&caller), ["anna"]);
    ends(&mut bench, &anna.leg, playback, true);
    bench.expect_join(&anna.leg);
}

#[test]
fn one_who_hangs_up_in_the_middle_has_declined_and_his_caller_waits_on() {
    for told_first in [true, false] {
        let mut bench = bench(Strategy::Linear, &["anna", "boris"]);
        let (caller, anna, playback) = answered(&mut bench, "anna");
        if told_first {
            // Asterisk tells the end of the prompt before that of the channel.
            ends(&mut bench, &anna.leg, playback, false);
        }
        bench.ends(&anna.leg, Cause::q850(16));
        assert_eq!(bench.offers(), [("anna".into(), OfferOutcome::Declined)]);
        bench.expect_offer("boris", &caller);
        bench.assert_operator("anna", OperatorState::BackingOff);
    }
}

#[test]
fn a_prompt_that_fails_keeps_nobody_apart_and_is_told() {
    let mut bench = bench(Strategy::Linear, &["anna"]);
    let (_, anna, playback) = answered(&mut bench, "anna");
    ends(&mut bench, &anna.leg, playback, false);
    bench.assert_operator("anna", OperatorState::Ringing);
    bench.passes(SECOND);
    bench.expect_join(&anna.leg);
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::PromptFailed)));
}

#[test]
fn of_whom_nobody_hears_that_he_was_told_has_the_caller_in_the_end() {
    let mut bench = bench(Strategy::Linear, &["anna"]);
    let (_, anna, playback) = answered(&mut bench, "anna");
    bench.passes(21 * SECOND);
    bench.expect_stop(playback);
    bench.expect_join(&anna.leg);
    bench.assert_operator("anna", OperatorState::Talking);
}

#[test]
fn a_caller_who_leaves_meanwhile_frees_him() {
    let mut bench = bench(Strategy::Linear, &["anna"]);
    let (caller, anna, _) = answered(&mut bench, "anna");
    bench.hangs_up(&caller);
    bench.expect_hangup(&anna.leg);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.assert_ready("anna");
    assert_eq!(bench.outcomes(), [Outcome::Abandoned]);
    bench.assert_no_calls();
}

#[test]
fn who_is_paused_meanwhile_leaves_the_caller_to_the_next() {
    let mut bench = bench(Strategy::Linear, &["anna", "boris"]);
    let (caller, anna, _) = answered(&mut bench, "anna");
    let change = DutyChange::Pause { reason: None, lasts: None };
    bench.tell(Event::DutyAsked { operator: "anna".into(), change, by: DutyBy::Api });
    bench.expect_hangup(&anna.leg);
    bench.expect_offer("boris", &caller);
}

#[test]
fn another_telephone_of_his_stops_and_nothing_is_told_of_it() {
    let mut plan = a_plan(Strategy::Linear, &["anna", "boris"]);
    follow::with_phones(&mut plan, "anna", &[("annas_mobile", 0)]);
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(DIRECT);
    let desk = bench.expect_offer("anna", &caller);
    let mobile = bench.expect_offer("annas_mobile", &caller);
    bench.asked.clear();
    bench.answers(&mobile);
    let (playback, _) = is_told(&mut bench, &mobile.leg);
    bench.expect_hangup(&desk.leg);
    bench.ends(&desk.leg, Cause::q850(26));
    assert_eq!(bench.offers(), []);
    ends(&mut bench, &mobile.leg, playback, true);
    bench.expect_join(&mobile.leg);
    assert_eq!(bench.offers(), [("anna".into(), OfferOutcome::Answered)]);
}

#[test]
fn who_accepts_by_a_key_presses_it_there_too() {
    let mut plan = a_plan(Strategy::Linear, &["boris"]);
    accept::by_key(&mut plan, &["boris"]);
    let mut bench = Bench::new(plan);
    let (_, boris, playback) = answered(&mut bench, "boris");
    ends(&mut bench, &boris.leg, playback, true);
    bench.assert_operator("boris", OperatorState::Ringing);
    bench.presses(&boris.leg, "1");
    bench.expect_join(&boris.leg);
}
