//! Standing in line, and who is served when.

use std::time::Duration;

use super::bench::{Bench, DIRECT, patience, plan, queue};
use crate::{
    dialplan::{Act, Music, Queue, Strategy},
    domain::Reason,
    engine::{
        Command, Sound,
        notice::{OfferOutcome, OperatorState, Outcome},
    },
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_caller_is_offered_to_a_free_operator_and_joined_before_he_answers() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let ringing = bench.expect_offer("anna", &caller);
    assert!(ringing.early);
    bench.expect_armed(&caller);
    bench.assert_quiet();

    bench.answers(&ringing);

    bench.expect_disarmed(&caller);
    bench.assert_quiet();
    bench.assert_operator("anna", OperatorState::Talking);
}

#[test]
fn the_second_caller_waits_with_music_and_is_served_when_the_first_is_done() {
    let mut bench = Bench::new(plan(vec![{
        let mut sales = queue("sales", &["anna"], Strategy::Linear);
        sales.wrap_up = Duration::ZERO;
        sales
    }]));
    let (first, anna) = bench.two_talk("anna");
    let second = bench.caller_arrives(DIRECT);
    bench.expect_answer(&second);
    bench.expect_parked(&second);
    bench.assert_quiet();

    bench.hangs_up(&anna.leg);

    let order: Vec<_> = bench.asked.iter().map(|command| command.name()).collect();
    assert_eq!(order[0], "create", "the next caller comes before the goodbye to the last: {order:?}");
    bench.expect_offer("anna", &second);
    assert_eq!(bench.expect_hangup(&first), Reason::Normal);
    bench.assert_quiet();
    bench.hangs_up(&first);
    assert_eq!(bench.outcomes(), [Outcome::Served]);
}

#[test]
fn an_operator_has_his_wrap_up_before_the_next_caller() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (first, anna) = bench.two_talk("anna");
    let second = bench.caller_arrives(DIRECT);
    bench.expect_answer(&second);
    bench.expect_parked(&second);

    bench.hangs_up(&first);
    bench.expect_hangup(&anna.leg);
    bench.hangs_up(&anna.leg);
    bench.assert_operator("anna", OperatorState::Talking);
    bench.ends(&anna.leg, crate::domain::Cause::q850(16));
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.passes(Duration::from_millis(19_999));
    bench.take_marks(&second);
    bench.assert_quiet();

    bench.passes(Duration::from_millis(1));

    bench.expect_offer("anna", &second);
    bench.assert_quiet();
}

#[test]
fn callers_are_served_in_the_order_in_which_they_came() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (talking, anna) = bench.two_talk("anna");
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let caller = bench.caller_arrives(DIRECT);
            bench.expect_answer(&caller);
            bench.expect_parked(&caller);
            caller
        })
        .collect();
    assert_eq!(bench.waiting(), waiting);
    bench.hangs_up(&waiting[0]);
    bench.hangs_up(&anna.leg);
    bench.expect_hangup(&talking);
    bench.hangs_up(&talking);
    bench.passes(20 * SECOND);
    for caller in &waiting {
        bench.take_marks(caller);
    }

    bench.expect_offer("anna", &waiting[1]);
    bench.assert_quiet();
}

#[test]
fn nobody_is_rung_again_while_a_colleague_is_untried() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let anna = bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);
    bench.declines(&anna);
    let boris = bench.expect_offer("boris", &caller);
    bench.passes(10 * SECOND);
    bench.assert_ready("anna");
    bench.rings_out(&boris);

    bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);
    bench.assert_quiet();
    assert_eq!(
        bench.offers(),
        [("anna".to_owned(), OfferOutcome::Declined), ("boris".to_owned(), OfferOutcome::NoAnswer)]
    );
}

#[test]
fn an_operator_who_did_not_take_a_call_is_left_alone_for_a_moment() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let anna = bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);

    bench.declines(&anna);

    bench.expect_parked(&caller);
    bench.assert_quiet();
    bench.assert_operator("anna", OperatorState::BackingOff);
    bench.passes(5 * SECOND);
    bench.expect_offer("anna", &caller);
    bench.assert_quiet();
}

#[test]
fn a_caller_who_waited_too_long_goes_where_the_plan_says() {
    let mut bench = Bench::new(plan(vec![patience(queue("sales", &["anna"], Strategy::Linear), 60 * SECOND)]));
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_parked(&caller);
    bench.passes(59 * SECOND);
    bench.take_marks(&caller);
    bench.assert_quiet();

    bench.passes(SECOND);

    bench.take("to be taken out of the music", |command| matches!(command, crate::engine::Command::Unpark { .. }));
    bench.expect_armed(&caller);
    bench.expect_play(&caller, "goodbye");
    bench.assert_quiet();
    assert!(bench.waiting().is_empty());
}

#[test]
fn the_patience_of_a_queue_ends_while_an_operator_rings() {
    let mut bench = Bench::new(plan(vec![patience(queue("sales", &["anna"], Strategy::Linear), 10 * SECOND)]));
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let anna = bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);

    bench.passes(10 * SECOND);

    bench.expect_hangup(&anna.leg);
    bench.expect_armed(&caller);
    bench.take("no tone", |command| matches!(command, Command::Hush { sound: Sound::Ringing, .. }));
    bench.take("no music", |command| matches!(command, Command::Hush { sound: Sound::Music, .. }));
    bench.expect_play(&caller, "goodbye");
    bench.assert_quiet();
    bench.assert_operator("anna", OperatorState::Ringing);
    bench.ends(&anna.leg, crate::domain::Cause::q850(16));
    bench.assert_ready("anna");
}

#[test]
fn asterisk_is_told_again_and_again_that_a_waiting_caller_is_cared_for() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_parked(&caller);
    for _ in 0..20 {
        bench.passes(15 * SECOND);
        bench.expect_armed(&caller);
        bench.assert_quiet();
    }
}

#[test]
fn one_who_talks_is_never_cut_off_by_the_dead_man_s_switch() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    bench.passes(3600 * SECOND);
    bench.assert_quiet();
}

#[test]
fn an_operator_of_two_queues_takes_the_caller_who_has_waited_longest_in_either() {
    let mut queues = vec![queue("sales", &["anna"], Strategy::Linear), queue("billing", &["anna"], Strategy::Linear)];
    queues[0].wrap_up = Duration::ZERO;
    let mut plan = plan(queues);
    plan.steps[3].act = crate::dialplan::Act::Queue("billing".into());
    let mut bench = Bench::new(plan);
    let (talking, anna) = bench.two_talk("anna");
    let billing = bench.caller_arrives(super::bench::MENU);
    bench.presses(&billing, "2");
    let greeting = bench.expect_play(&billing, "greeting");
    bench.hears_to_the_end(&billing, greeting);
    bench.presses(&billing, "2");
    bench.passes(SECOND);
    let sales = bench.caller_arrives(DIRECT);
    bench.asked.clear();

    bench.hangs_up(&anna.leg);

    bench.expect_offer("anna", &billing);
    bench.expect_hangup(&talking);
    bench.assert_quiet();
    assert_eq!(bench.waiting(), [sales, billing], "one for each queue");
}

#[test]
fn one_who_comes_from_a_queue_with_music_of_its_own_hears_the_default_class_in_one_without() {
    let mut jazz = patience(queue("sales", &["anna"], Strategy::Linear), Duration::from_secs(10));
    jazz.music = Music::Class("jazz".into());
    let mut plan = plan(vec![jazz, queue("billing", &["anna"], Strategy::Linear)]);
    plan.steps[4].act = Act::Queue("billing".into());
    let mut bench = Bench::new(plan);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    let music = |bench: &Bench| {
        let marks = bench.asked.iter().filter_map(|command| match command {
            Command::Mark { channel, mark } if *channel == caller => mark.music.clone(),
            _ => None,
        });
        marks.collect::<Vec<_>>()
    };
    assert_eq!(music(&bench), ["jazz".into()]);
    bench.asked.clear();

    bench.passes(Duration::from_secs(10));

    assert_eq!(music(&bench), ["default".into()]);
}

fn quiet(name: &str) -> Queue {
    let mut queue = queue(name, &["anna"], Strategy::Linear);
    queue.music = Music::Nothing;
    queue.wrap_up = Duration::ZERO;
    queue
}

#[test]
fn one_who_waits_without_music_is_in_no_bridge_and_served_as_any_other() {
    let mut bench = Bench::new(plan(vec![quiet("sales")]));
    let (first, anna) = bench.two_talk("anna");

    let second = bench.caller_arrives(DIRECT);

    bench.expect_answer(&second);
    bench.expect_armed(&second);
    bench.assert_quiet();

    bench.hangs_up(&anna.leg);

    let ringing = bench.expect_offer("anna", &second);
    bench.expect_hangup(&first);
    bench.assert_quiet();
    bench.answers(&ringing);
    bench.expect_disarmed(&second);
    bench.assert_quiet();
}

#[test]
fn one_who_comes_from_a_queue_with_music_to_one_without_hears_it_no_longer() {
    let loud = patience(queue("sales", &["anna"], Strategy::Linear), Duration::from_secs(10));
    let mut plan = plan(vec![loud, quiet("billing")]);
    plan.steps[4].act = Act::Queue("billing".into());
    let mut bench = Bench::new(plan);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_parked(&caller);

    bench.passes(Duration::from_secs(10));

    bench.take(
        "to be taken out of the music",
        |command| matches!(command, Command::Unpark { channel, .. } if *channel == caller),
    );
    bench.expect_armed(&caller);
    bench.assert_quiet();
}
