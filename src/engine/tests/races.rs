//! Things that happen at the same moment.

use std::time::Duration;

use super::bench::{Bench, DIRECT};
use crate::{
    dialplan::Strategy,
    domain::{Cause, Reason},
    engine::{
        Command, Event, Failure,
        idle::EVERY,
        notice::{OfferOutcome, OperatorState, Outcome},
    },
};

#[test]
fn a_caller_who_hangs_up_while_an_operator_rings_frees_the_operator() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let anna = bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);

    bench.hangs_up(&caller);

    assert_eq!(bench.expect_hangup(&anna.leg), Reason::Normal);
    bench.assert_quiet();
    bench.assert_operator("anna", OperatorState::Ringing);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.assert_ready("anna");
    assert_eq!(bench.outcomes(), [Outcome::Abandoned]);
    // Nobody waits any more: it is looked for the last time.
    bench.passes(EVERY);
    assert_eq!(bench.engine.poll_timeout(), None);
}

#[test]
fn a_ghost_is_not_served_when_an_operator_becomes_free() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (talking, anna) = bench.two_talk("anna");
    let ghost = bench.caller_arrives(DIRECT);
    bench.hangs_up(&ghost);
    bench.asked.clear();

    bench.hangs_up(&anna.leg);
    bench.expect_hangup(&talking);
    bench.hangs_up(&talking);
    bench.passes(Duration::from_secs(20));

    bench.assert_quiet();
    bench.assert_ready("anna");
}

#[test]
fn the_answer_that_crosses_the_caller_s_hang_up_is_hung_up() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let anna = bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);
    bench.hangs_up(&caller);

    bench.answers(&anna);

    bench.expect_hangup(&anna.leg);
    bench.assert_quiet();
    bench.hangs_up(&anna.leg);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.assert_ready("anna");
}

#[test]
fn all_operators_ring_and_the_losers_are_told_that_a_colleague_answered() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris", "carla"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_parked(&caller);
    let anna = bench.expect_offer("anna", &caller);
    let boris = bench.expect_offer("boris", &caller);
    let carla = bench.expect_offer("carla", &caller);
    bench.assert_quiet();
    assert!(!boris.early, "the caller keeps his music until somebody answers");

    bench.answers(&boris);

    bench.expect_join(&boris.leg);
    assert_eq!(bench.expect_hangup(&anna.leg), Reason::AnsweredElsewhere);
    assert_eq!(bench.expect_hangup(&carla.leg), Reason::AnsweredElsewhere);
    bench.expect_disarmed(&caller);
    bench.assert_quiet();
    bench.ends(&anna.leg, Cause::q850(16));
    bench.ends(&carla.leg, Cause::q850(16));
    bench.assert_ready("anna");
    bench.assert_ready("carla");
    bench.assert_operator("boris", OperatorState::Talking);
}

#[test]
fn of_two_who_answer_at_once_the_second_is_hung_up() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    let boris = bench.expect_offer("boris", &caller);
    bench.asked.clear();

    bench.answers(&anna);
    bench.answers(&boris);

    bench.expect_join(&anna.leg);
    bench.expect_hangup(&boris.leg);
    bench.expect_disarmed(&caller);
    bench.assert_quiet();
    assert!(bench.offers().contains(&("boris".to_owned(), OfferOutcome::AnsweredElsewhere)));
    bench.hangs_up(&boris.leg);
    bench.assert_operator("boris", OperatorState::Ringing);
    bench.ends(&boris.leg, Cause::q850(16));
    bench.assert_ready("boris");
}

#[test]
fn the_last_operator_who_rings_alone_is_joined_before_he_answers() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    assert!(bench.expect_offer("anna", &caller).early);
}

#[test]
fn an_operator_who_becomes_free_rings_along_for_the_first_in_line() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]);
    let first = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &first);
    let boris = bench.expect_offer("boris", &first);
    bench.answers(&anna);
    bench.ends(&boris.leg, Cause::q850(16));
    bench.hangs_up(&first);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.passes(Duration::from_secs(10));
    let second = bench.caller_arrives(DIRECT);
    bench.asked.retain(|command| !matches!(command, Command::HangUp { .. } | Command::Join { .. }));
    bench.expect_offer("boris", &second);
    bench.asked.clear();
    bench.passes(Duration::from_secs(10));

    let anna = bench.expect_offer("anna", &second);
    assert!(!anna.early, "Boris may answer first");
    bench.assert_operator("boris", OperatorState::Ringing);
}

#[test]
fn an_operator_who_answers_before_the_early_one_has_the_caller_to_himself() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]);
    let busy = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &busy);
    let boris = bench.expect_offer("boris", &busy);
    bench.declines(&boris);
    bench.answers(&anna);
    bench.asked.clear();
    bench.passes(Duration::from_secs(5));
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let boris = bench.expect_offer("boris", &caller);
    assert!(boris.early, "he is the only one free");
    bench.take_marks(&caller);
    bench.hangs_up(&busy);
    bench.expect_hangup(&anna.leg);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.passes(Duration::from_secs(14));
    bench.take_marks(&caller);
    bench.assert_quiet();
    bench.rings_out(&boris);
    bench.take_marks(&caller);
    bench.asked.clear();
    bench.passes(Duration::from_secs(5));
    // Boris is back after his back-off and rings; a second later Anna's wrap-up is over and she rings along.
    let boris = bench.expect_offer("boris", &caller);
    bench.passes(Duration::from_secs(1));
    let anna = bench.expect_offer("anna", &caller);
    assert!(boris.early && !anna.early);
    bench.asked.clear();

    bench.answers(&anna);

    let bridge = bench.expect_join(&anna.leg);
    let (_, early) = bench.joined.iter().find(|(leg, _)| *leg == boris.leg).expect("was joined").clone();
    assert_ne!(bridge, early, "Boris may answer before he is hung up");
    assert_eq!(bench.expect_hangup(&boris.leg), Reason::AnsweredElsewhere);
}

#[test]
fn both_hang_up_at_once_and_nothing_is_left() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, anna) = bench.two_talk("anna");
    bench.hangs_up(&caller);
    bench.hangs_up(&anna.leg);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.expect_hangup(&anna.leg);
    bench.assert_quiet();
    bench.assert_no_calls();
    bench.assert_operator("anna", OperatorState::WrappingUp);
    assert_eq!(bench.outcomes(), [Outcome::Served]);
}

#[test]
fn a_phone_that_dies_in_a_conversation_ends_it() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, anna) = bench.two_talk("anna");

    bench.ends(&anna.leg, Cause::q850(27));

    bench.expect_hangup(&caller);
    bench.assert_quiet();
}

#[test]
fn a_leg_that_enters_after_it_was_given_up_is_hung_up() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.hangs_up(&caller);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.asked.clear();

    bench.tell(Event::LegEntered { channel: anna.leg.clone(), answered: true });

    bench.expect_hangup(&anna.leg);
    bench.assert_quiet();
}

#[test]
fn a_phone_that_rings_or_answers_after_its_leg_was_taken_for_gone_is_hung_up() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]);
    let caller = bench.caller_arrives(DIRECT);
    let originate = bench.take("to ring", |command| matches!(command, Command::Originate { .. }));
    let Command::Originate { leg, .. } = originate.clone() else { unreachable!() };
    bench.fails(originate, Failure::OutcomeUnknown);
    let hang_up = bench.take("to hang up", |command| matches!(command, Command::HangUp { .. }));
    bench.fails(hang_up, Failure::Refused(404));
    bench.hangs_up(&caller);
    bench.asked.clear();

    bench.tell(Event::LegRinging { channel: leg.clone() });

    bench.expect_hangup(&leg);
    bench.tell(Event::LegAnswered { channel: leg.clone() });
    bench.expect_hangup(&leg);
    bench.assert_quiet();
}

#[test]
fn a_talk_bridge_is_used_again_only_when_both_have_left_it() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let (first, anna) = bench.two_talk("anna");
    bench.hangs_up(&first);
    let second = bench.caller_arrives(DIRECT);
    bench.take("another bridge", |command| matches!(command, Command::MakeBridge { .. }));
    bench.hangs_up(&second);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.asked.clear();
    bench.passes(Duration::from_secs(20));
    bench.asked.clear();

    bench.caller_arrives(DIRECT);

    assert!(!bench.asked.iter().any(|command| matches!(command, Command::MakeBridge { .. })), "{:#?}", bench.asked);
}

#[test]
fn a_caller_whose_early_leg_rang_out_has_music_while_another_rings() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]);
    let first = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &first);
    let boris = bench.expect_offer("boris", &first);
    bench.answers(&anna);
    bench.ends(&boris.leg, Cause::q850(16));
    bench.hangs_up(&first);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.passes(Duration::from_secs(10));
    bench.asked.clear();
    let second = bench.caller_arrives(DIRECT);
    let boris = bench.expect_offer("boris", &second);
    bench.passes(Duration::from_secs(10));
    bench.expect_offer("anna", &second);
    bench.asked.clear();

    bench.rings_out(&boris);

    bench.expect_parked(&second);
    bench.assert_quiet();
}
