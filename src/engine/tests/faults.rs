//! Commands that come to nothing.

use std::time::Duration;

use super::bench::{Bench, DIRECT, MENU, plan, queue};
use crate::{
    dialplan::{Retry, Strategy},
    domain::{Cause, ChannelId, Reason},
    engine::{
        Command, Fact, Failure,
        notice::{OfferOutcome, OperatorState, Outcome},
    },
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn an_operator_who_cannot_be_reached_does_not_hold_up_the_caller() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let create = bench.take("to ring anna", |command| matches!(command, Command::Create { .. }));
    bench.take_marks(&caller);

    bench.fails(create, Failure::Refused(500));

    bench.expect_offer("boris", &caller);
    bench.take_marks(&caller);
    bench.assert_quiet();
    assert_eq!(bench.offers(), [("anna".to_owned(), OfferOutcome::Unreachable)]);
    bench.assert_operator("anna", OperatorState::BackingOff);
}

#[test]
fn a_leg_of_which_nobody_knows_whether_it_rings_is_hung_up() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let create = bench.take("to ring anna", |command| matches!(command, Command::Create { .. }));
    let Command::Create { leg, .. } = create.clone() else { unreachable!() };
    bench.take_marks(&caller);
    bench.take_bridge();

    bench.fails(create, Failure::OutcomeUnknown);

    bench.expect_hangup(&leg);
    bench.expect_parked(&caller);
    bench.assert_quiet();
    bench.assert_operator("anna", OperatorState::Ringing);
    let hang_up = Command::HangUp { channel: leg, reason: Reason::Normal, can_wait: false };
    bench.fails(hang_up, Failure::Refused(404));
    bench.assert_operator("anna", OperatorState::BackingOff);
}

#[test]
fn a_leg_that_cannot_be_dialled_is_hung_up_and_the_next_one_rings() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let anna = bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);
    let dial = Command::Dial { leg: anna.leg.clone(), caller: caller.clone(), ring: SECOND };

    bench.fails(dial, Failure::Refused(409));

    bench.expect_hangup(&anna.leg);
    bench.expect_offer("boris", &caller);
    bench.assert_quiet();
}

#[test]
fn a_caller_who_cannot_be_joined_to_who_answered_has_his_place_again() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    let boris = bench.expect_offer("boris", &caller);
    bench.answers(&anna);
    bench.ends(&boris.leg, Cause::q850(16));
    let join = bench.take("to join", |command| matches!(command, Command::Join { .. }));
    bench.asked.clear();

    bench.fails(join, Failure::Refused(404));

    bench.expect_hangup(&anna.leg);
    assert_eq!(bench.waiting(), std::slice::from_ref(&caller));
    bench.expect_offer("boris", &caller);
}

/// Anna's phone said that it is busy before she and the caller were put into a bridge, which is refused then.
fn busy_before_the_join(bench: &mut Bench) -> (ChannelId, Command) {
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer_keeping_join(&caller);
    let join = bench.take("to join", |command| matches!(command, Command::Join { waiting: false, .. }));
    bench.ends(&anna.leg, Cause { q850: 17, sip: Some(486) });
    (caller, join)
}

fn is_whole_join(command: &Command, of: &ChannelId) -> bool {
    matches!(command, Command::Join { leg, waiting: false, .. } if leg == of)
}

#[test]
fn a_caller_whose_first_operator_was_busy_before_the_join_is_joined_with_the_next() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let (caller, join) = busy_before_the_join(&mut bench);
    let boris = bench.expect_offer_keeping_join(&caller);
    bench.asked.clear();

    bench.fails(join, Failure::Refused(400));

    bench.take("to join both", |command| is_whole_join(command, &boris.leg));
}

#[test]
fn a_caller_whose_next_operator_was_quicker_than_the_refused_join_is_joined_while_they_talk() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let (caller, join) = busy_before_the_join(&mut bench);
    let boris = bench.expect_offer_keeping_join(&caller);
    bench.answers(&boris);
    bench.asked.clear();

    bench.fails(join, Failure::Refused(400));

    bench.take("to join both", |command| is_whole_join(command, &boris.leg));
}

#[test]
fn a_caller_whose_only_operator_was_busy_before_the_join_waits_with_music() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, join) = busy_before_the_join(&mut bench);
    bench.fails(join, Failure::Refused(400));
    bench.take("to park", |command| matches!(command, Command::Park { channel, .. } if *channel == caller));
}

#[test]
fn a_waiting_bridge_that_is_gone_is_made_again_and_the_caller_parked() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_armed(&caller);
    let park = bench.take("to park", |command| matches!(command, Command::Park { .. }));

    bench.fails(park, Failure::Refused(404));

    bench.take("the bridge", |command| matches!(command, Command::MakeBridge { .. }));
    bench.assert_quiet();
    bench.passes(SECOND);
    bench.expect_armed(&caller);
    bench.expect_parked(&caller);
    bench.assert_quiet();
}

#[test]
fn one_of_whom_nobody_knows_whether_he_was_parked_is_taken_out_before_he_is_parked_again() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    let park = bench.take("to park", |command| matches!(command, Command::Park { .. }));
    bench.asked.clear();

    bench.fails(park, Failure::OutcomeUnknown);
    bench.passes(SECOND);

    bench.take_marks(&caller);
    let asked: Vec<_> = bench.asked.iter().map(|command| command.name()).collect();
    assert_eq!(asked, ["unpark", "make_bridge", "park"]);
}

#[test]
fn nobody_is_torn_out_of_a_conversation_since_his_answer_is_in_doubt() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, _anna) = bench.two_talk("anna");
    bench.fails(Command::Answer { channel: caller }, Failure::OutcomeUnknown);
    bench.assert_quiet();
}

#[test]
fn that_one_who_has_left_cannot_be_answered_is_no_news() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    let answer = Command::Answer { channel: caller.clone() };
    bench.facts.clear();
    bench.fails(answer.clone(), Failure::Refused(500));
    assert!(matches!(&*bench.facts, [Fact::CommandFailed { .. }, ..]), "while he is here it is: {:?}", bench.facts);
    bench.hangs_up(&caller);
    bench.facts.clear();
    bench.fails(answer, Failure::Refused(500));
    assert!(bench.facts.is_empty(), "{:?}", bench.facts);
}

#[test]
fn a_call_that_cannot_be_answered_goes_to_the_fallback() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    let answer = bench.take("to answer", |command| matches!(command, Command::Answer { .. }));
    bench.asked.clear();

    bench.fails(answer, Failure::Refused(500));

    bench.take("to stop", |command| matches!(command, Command::Stop { .. }));
    bench.expect_continue(&caller);
    bench.assert_quiet();
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::Fallback]);
}

#[test]
fn a_call_that_is_gone_before_it_is_answered_is_nobody_s_fault() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    let answer = bench.take("to answer", |command| matches!(command, Command::Answer { .. }));
    bench.asked.clear();
    bench.fails(answer, Failure::Refused(404));
    bench.assert_quiet();
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::LeftInMenu]);
}

#[test]
fn a_dead_man_s_switch_that_could_not_be_taken_off_is_taken_off_again() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let anna = bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);
    bench.answers(&anna);
    for failure in [Failure::NotSent, Failure::OutcomeUnknown, Failure::Refused(500)] {
        let mark = bench.take("to disarm", |command| matches!(command, Command::Mark { .. }));
        bench.fails(mark, failure);
        bench.assert_quiet();
        bench.passes(SECOND);
    }
    bench.expect_disarmed(&caller);
    bench.passes(60 * SECOND);
    bench.assert_quiet();
}

#[test]
fn a_switch_that_could_not_be_set_is_set_again() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let mark = bench.take("to arm", |command| matches!(command, Command::Mark { .. }));
    bench.asked.clear();
    bench.fails(mark, Failure::NotSent);
    bench.passes(SECOND);
    let mark = bench.take("to arm", |command| matches!(command, Command::Mark { .. }));
    assert!(matches!(mark, Command::Mark { mark, .. } if mark.state.is_some()), "and with its state");
    bench.assert_quiet();
    assert_eq!(bench.waiting(), [caller]);
}

#[test]
fn a_hang_up_that_was_lost_is_repeated_and_in_the_end_given_up_and_told() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, anna) = bench.two_talk("anna");
    bench.hangs_up(&caller);
    for _ in 0..3 {
        bench.expect_hangup(&anna.leg);
        bench.assert_quiet();
        bench.assert_operator("anna", OperatorState::Talking);
        bench.passes(10 * SECOND);
    }
    bench.assert_quiet();
    bench.assert_operator("anna", OperatorState::WrappingUp);
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::Broken { .. })));
}

#[test]
fn an_operator_whose_ringing_never_ends_is_hung_up_in_the_end() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let anna = bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);
    bench.passes(18 * SECOND);
    bench.expect_hangup(&anna.leg);
    bench.expect_parked(&caller);
    bench.take_marks(&caller);
    bench.assert_quiet();
    assert_eq!(bench.offers(), [("anna".to_owned(), OfferOutcome::NoAnswer)]);
}

#[test]
fn a_caller_who_was_to_go_to_the_fallback_is_not_hung_up_when_that_was_lost() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    let answer = bench.take("to answer", |command| matches!(command, Command::Answer { .. }));
    bench.fails(answer, Failure::Refused(500));
    let lost = bench.take("to continue", |command| matches!(command, Command::Continue { .. }));
    bench.asked.clear();
    bench.node_down();
    bench.fails(lost, Failure::NotSent);

    bench.node_up(crate::engine::Held { channels: vec![super::bench::held(&caller, false)], bridges: vec![] });

    bench.expect_continue(&caller);
    bench.asked.clear();
    bench.passes(10 * SECOND);
    bench.expect_continue(&caller);
    bench.assert_quiet();
}

#[test]
fn a_switch_that_was_not_armed_for_a_prompt_is_armed_and_the_prompt_begins_anew() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    let mark = bench.take("a mark", |command| matches!(command, Command::Mark { .. }));
    let greeting = bench.expect_play(&caller, "greeting");
    bench.asked.clear();
    bench.fails(mark, Failure::OutcomeUnknown);

    bench.passes(Duration::from_secs(1));

    bench.expect_stop(greeting);
    let mark = bench.take("a mark", |command| matches!(command, Command::Mark { .. }));
    let greeting = bench.expect_play(&caller, "greeting");
    bench.assert_quiet();
    // Once: he would hear nothing but its beginning.
    bench.fails(mark, Failure::OutcomeUnknown);
    bench.passes(Duration::from_secs(5));
    bench.assert_quiet();
    // The next one is another matter.
    bench.hears_to_the_end(&caller, greeting);
    let mark = bench.take("a mark", |command| matches!(command, Command::Mark { .. }));
    let menu = bench.expect_play(&caller, "menu");
    bench.fails(mark, Failure::Refused(500));
    bench.passes(Duration::from_secs(1));
    bench.expect_stop(menu);
    bench.expect_armed(&caller);
    bench.expect_play(&caller, "menu");
}

#[test]
fn a_talk_that_never_began_has_ended_and_its_caller_has_joined_once() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.answers(&anna);
    let join = bench.take("to join", |command| matches!(command, Command::Join { .. }));

    bench.fails(join, Failure::Refused(500));

    assert_eq!(bench.waiting(), [caller]);
    let told = |wanted: fn(&Fact) -> bool| bench.facts.iter().filter(|fact| wanted(fact)).count();
    assert_eq!(told(|fact| matches!(fact, Fact::Joined { .. })), 1);
    assert_eq!(told(|fact| matches!(fact, Fact::Connected { .. })), 1);
    assert_eq!(told(|fact| matches!(fact, Fact::TalkEnded { .. })), 1);
}

#[test]
fn he_who_did_not_take_a_call_is_left_alone_by_what_came_of_it() {
    let causes = [(17, 486, 3), (21, 603, 40), (19, 480, 7), (1, 404, 90), (16, 0, 5)];
    for (q850, sip, lasts) in causes {
        let mut plan = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
        let seconds = Duration::from_secs;
        plan.queues[0].retry = Retry {
            busy: seconds(3),
            declined: seconds(40),
            no_answer: seconds(7),
            unreachable: seconds(90),
            otherwise: seconds(5),
        };
        let mut bench = Bench::new(plan);
        let caller = bench.caller_arrives(DIRECT);
        let ringing = bench.expect_offer("anna", &caller);
        bench.ends(&ringing.leg, Cause { q850, sip: Some(sip) });
        bench.asked.clear();
        bench.passes(seconds(lasts) - Duration::from_millis(1));
        bench.assert_operator("anna", OperatorState::BackingOff);
        bench.passes(Duration::from_millis(1));
        bench.expect_offer("anna", &caller);
    }
}
