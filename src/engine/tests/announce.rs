//! What is said to those who wait: when, to whom, and that it never keeps anybody from anything.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, Ringing, plan, queue, sound};
use crate::{
    dialplan::{
        Announce, Announcement, Answering, Capacity, Music, Periodic, Plan, PublicNumber, Queue, StepId, Strategy,
    },
    domain::{Cause, ChannelId, Digit, Media, PlaybackId, Prompt},
    engine::{Command, Event, Fact, Failure, notice::Outcome},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn says(name: &str) -> Announcement {
    sound(name).into()
}

/// Places are told after 10 s and then every 45 s.
fn places() -> Announce {
    let places = ["first", "second", "third"].map(says);
    let (first, every) = (Announce::FIRST, Announce::EVERY);
    Announce { first, every, places: places.into(), waits: [].into(), periodic: None }
}

/// Places, a wait, and something every minute.
pub(super) fn everything() -> Announce {
    let periodic = Periodic { play: ["thanks", "website"].map(says).into(), every: MINUTE };
    Announce { waits: [(MINUTE, says("a minute"))].into(), periodic: Some(periodic), ..places() }
}

/// What a caller may meet who waits, by the plan: keys that lead out, too many callers, announcements.
pub(super) fn vary(queue: &mut Queue, which: u8) {
    if which == 2 || which == 3 {
        queue.exit.extend(Digit::new('7').map(|key| (key, StepId(1))));
        queue.capacity = Some(Capacity { most: 2, go: StepId(4) });
    }
    if which.is_multiple_of(2) {
        queue.announce = Some(Arc::new(everything()));
    }
}

fn announcing(announce: Announce) -> Queue {
    let sales = queue("sales", &["anna"], Strategy::Linear);
    Queue { announce: Some(Arc::new(announce)), wrap_up: Duration::ZERO, ..sales }
}

/// Anna talks, and so many wait behind her.
fn all_wait(plan: Plan, waiting: usize) -> (Bench, (ChannelId, Ringing), Vec<ChannelId>) {
    let mut bench = Bench::new(plan);
    let talks = bench.two_talk("anna");
    let waiting = (0..waiting).map(|_| bench.caller_arrives(DIRECT)).collect();
    bench.asked.clear();
    (bench, talks, waiting)
}

/// Nothing but that somebody cares for the callers.
fn take_all_marks(bench: &mut Bench) {
    bench.asked.retain(|command| !matches!(command, Command::Mark { .. }));
}

fn is_told(bench: &mut Bench, caller: &ChannelId, name: &str) -> PlaybackId {
    bench.take_marks(caller);
    bench.expect_play(caller, name)
}

#[test]
fn a_caller_is_told_his_place_after_a_while_and_again_only_when_it_is_better() {
    let (mut bench, _talks, waiting) = all_wait(plan(vec![announcing(places())]), 2);
    let [first, second] = &waiting[..] else { panic!("two wait") };
    bench.passes(10 * SECOND - Duration::from_millis(1));
    bench.assert_quiet();
    bench.passes(Duration::from_millis(1));
    let heard = [is_told(&mut bench, first, "first"), is_told(&mut bench, second, "second")];
    bench.assert_quiet();
    bench.hears_to_the_end(first, heard[0]);
    bench.hears_to_the_end(second, heard[1]);

    bench.passes(45 * SECOND);
    take_all_marks(&mut bench);
    bench.assert_quiet();

    bench.hangs_up(first);
    bench.passes(45 * SECOND);
    is_told(&mut bench, second, "first");
    take_all_marks(&mut bench);
    bench.assert_quiet();
}

#[test]
fn nobody_is_told_a_place_that_is_too_far_behind() {
    let (mut bench, _talks, waiting) = all_wait(plan(vec![announcing(places())]), 4);
    bench.passes(10 * SECOND);
    let told = bench.asked.iter().filter(|command| matches!(command, Command::Play { .. })).count();
    assert_eq!(told, 3);
    bench.hangs_up(&waiting[0]);
    bench.passes(45 * SECOND);
    is_told(&mut bench, &waiting[3], "third");
}

#[test]
fn an_operator_who_is_free_is_rung_before_what_is_said_has_been_stopped_and_it_is_at_once() {
    let (mut bench, (talks, anna), waiting) = all_wait(plan(vec![announcing(places())]), 1);
    bench.passes(10 * SECOND);
    let place = is_told(&mut bench, &waiting[0], "first");
    bench.asked.clear();

    bench.hangs_up(&talks);
    bench.ends(&anna.leg, Cause::q850(16));

    let asked: Vec<_> = bench.asked.iter().map(Command::name).collect();
    assert_eq!(asked, ["hang_up", "create", "stop"]);
    bench.expect_stop(place);
    bench.expect_hangup(&anna.leg);
    let ringing = bench.expect_offer("anna", &waiting[0]);
    // That its end is told later is of no consequence, and nothing is written meanwhile.
    bench.tell(Event::PlaybackFinished { playback: place, channel: waiting[0].clone(), whole: false });
    bench.answers(&ringing);
    bench.expect_disarmed(&waiting[0]);
    bench.assert_quiet();
    bench.passes(10 * MINUTE);
    bench.assert_quiet();
}

#[test]
fn nothing_is_said_while_a_telephone_rings_and_what_is_due_when_it_has_stopped() {
    let mut bench = Bench::new(plan(vec![Queue { ring: MINUTE, ..announcing(places()) }]));
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.passes(30 * SECOND);
    assert!(!bench.asked.iter().any(|command| matches!(command, Command::Play { .. })));
    bench.asked.clear();
    bench.declines(&anna);
    bench.passes(Duration::ZERO);
    is_told(&mut bench, &caller, "first");
}

#[test]
fn a_key_that_leads_out_counts_while_something_is_said() {
    let mut sales = announcing(places());
    sales.exit.extend(Digit::new('0').map(|key| (key, StepId(4))));
    let mut bench = Bench::new(plan(vec![sales]));
    let talks = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &talks);
    bench.answers(&anna);
    let caller = bench.caller_arrives(DIRECT);
    bench.passes(10 * SECOND);
    let place = is_told(&mut bench, &caller, "first");
    bench.asked.clear();
    bench.presses(&caller, "5");
    bench.assert_quiet();

    bench.presses(&caller, "0");

    bench.expect_stop(place);
    bench.take("to be taken out of the music", |command| matches!(command, Command::Unpark { .. }));
    bench.take_marks(&caller);
    bench.expect_play(&caller, "goodbye");
    bench.assert_quiet();
}

#[test]
fn one_who_hangs_up_while_something_is_said_leaves_nothing() {
    let (mut bench, _talks, waiting) = all_wait(plan(vec![announcing(places())]), 1);
    bench.passes(10 * SECOND);
    let place = is_told(&mut bench, &waiting[0], "first");
    bench.tell(Event::PlaybackFinished { playback: place, channel: waiting[0].clone(), whole: false });
    bench.hangs_up(&waiting[0]);
    bench.passes(10 * MINUTE);
    bench.assert_quiet();
    assert_eq!(bench.outcomes(), [Outcome::Abandoned]);
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::PromptFailed)));
}

#[test]
fn the_dead_man_s_switch_is_armed_for_as_long_as_something_is_said() {
    let prompt = Prompt { name: "long".into(), uri: "sound:long".into(), length: Some(50 * SECOND) };
    let long = Announcement::from(Arc::<[Media]>::from([Media::Prompt(Arc::new(prompt))]));
    let announce = Announce { places: [long].into(), ..places() };
    let (mut bench, _talks, waiting) = all_wait(plan(vec![announcing(announce)]), 1);
    bench.passes(10 * SECOND);
    let at_least = |command: &Command| matches!(command, Command::Mark { mark, .. } if mark.dead_man.is_some_and(|after| after >= 55 * SECOND));
    bench.take("to arm it for as long", at_least);
    let play = bench.take("to play it", |command| matches!(command, Command::Play { .. }));
    let Command::Play { playback: place, .. } = play else { unreachable!() };
    bench.passes(50 * SECOND);
    bench.assert_quiet();
    bench.hears_to_the_end(&waiting[0], place);
    bench.passes(20 * SECOND);
    bench.expect_armed(&waiting[0]);
    bench.assert_quiet();
}

#[test]
fn what_was_not_written_is_written_when_what_is_said_has_been_stopped() {
    let (mut bench, _talks, waiting) = all_wait(plan(vec![announcing(places())]), 1);
    bench.passes(10 * SECOND);
    let mark = bench.take("to write", |command| matches!(command, Command::Mark { .. }));
    let place = is_told(&mut bench, &waiting[0], "first");
    bench.fails(mark, Failure::Refused(500));
    bench.passes(SECOND);
    let asked: Vec<_> = bench.asked.iter().map(Command::name).collect();
    assert_eq!(asked, ["stop", "mark"]);
    bench.expect_stop(place);
}

#[test]
fn what_is_longer_than_the_longest_prompt_is_cut_off_before_the_switch() {
    let (mut bench, _talks, waiting) = all_wait(plan(vec![announcing(places())]), 1);
    bench.passes(10 * SECOND);
    let place = is_told(&mut bench, &waiting[0], "first");
    // Nobody knows its length: the switch waits for a minute and half a minute more.
    bench.passes(84 * SECOND);
    bench.assert_quiet();
    bench.passes(2 * SECOND);
    let asked: Vec<_> = bench.asked.iter().map(Command::name).collect();
    assert_eq!(asked, ["stop", "mark"]);
    bench.expect_stop(place);
}

#[test]
fn what_cannot_be_played_is_passed_over() {
    let (mut bench, _talks, waiting) = all_wait(plan(vec![announcing(places())]), 1);
    bench.passes(10 * SECOND);
    bench.take_marks(&waiting[0]);
    let play = bench.take("to play", |command| matches!(command, Command::Play { .. }));
    bench.fails(play, Failure::Refused(500));
    take_all_marks(&mut bench);
    bench.assert_quiet();
    assert_eq!(bench.waiting(), waiting);
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::PromptFailed)));
}

#[test]
fn the_periodic_announcements_come_in_turn_also_where_there_is_no_music() {
    let periodic = Periodic { play: ["thanks", "website"].map(says).into(), every: MINUTE };
    let announce = Announce { places: [].into(), periodic: Some(periodic), ..places() };
    let sales = Queue { music: Music::Nothing, ..announcing(announce) };
    let (mut bench, _talks, waiting) = all_wait(plan(vec![sales]), 1);
    for name in ["thanks", "website", "thanks"] {
        bench.passes(MINUTE);
        let heard = is_told(&mut bench, &waiting[0], name);
        bench.hears_to_the_end(&waiting[0], heard);
        take_all_marks(&mut bench);
        bench.assert_quiet();
    }
}

#[test]
fn how_long_it_will_be_is_told_when_enough_is_known_and_again_only_when_it_is_less() {
    let waits = [(MINUTE, says("a minute")), (5 * MINUTE, says("five minutes"))];
    let announce = Announce { places: [].into(), waits: waits.into(), ..places() };
    let mut bench = Bench::new(plan(vec![announcing(announce)]));
    let (mut caller, mut anna) = bench.two_talk("anna");
    for known in 0..6 {
        let next = bench.caller_arrives(DIRECT);
        bench.asked.clear();
        bench.passes(10 * SECOND);
        take_all_marks(&mut bench);
        if known < 5 {
            bench.assert_quiet();
        } else {
            // Each waited two minutes in the first place.
            let heard = bench.expect_play(&next, "five minutes");
            bench.hears_to_the_end(&next, heard);
            bench.passes(45 * SECOND);
            take_all_marks(&mut bench);
            bench.assert_quiet();
            return;
        }
        bench.passes(110 * SECOND);
        bench.hangs_up(&caller);
        bench.ends(&anna.leg, Cause::q850(16));
        anna = bench.expect_offer("anna", &next);
        bench.answers(&anna);
        caller = next;
    }
}

#[test]
fn one_who_is_to_be_answered_while_something_is_said_is_when_it_has_ended() {
    let mut plan = plan(vec![announcing(places())]);
    let answer = Answering::OnOperator { at_latest: 12 * SECOND };
    plan.numbers = plan.numbers.values().cloned().map(|number| PublicNumber { answer, ..number }).collect();
    let mut bench = Bench::new(plan);
    let talks = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &talks);
    bench.answers(&anna);
    let caller = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    bench.passes(10 * SECOND);
    let place = is_told(&mut bench, &caller, "first");
    bench.passes(3 * SECOND);
    bench.assert_quiet();
    bench.hears_to_the_end(&caller, place);
    bench.expect_answer(&caller);
    bench.take("to be parked again", |command| matches!(command, Command::Park { .. }));
}

#[test]
fn one_who_is_to_be_answered_while_something_is_said_is_when_an_operator_cuts_it_off() {
    let mut plan = plan(vec![announcing(places())]);
    let answer = Answering::OnOperator { at_latest: 12 * SECOND };
    plan.numbers = plan.numbers.values().cloned().map(|number| PublicNumber { answer, ..number }).collect();
    let mut bench = Bench::new(plan);
    let talks = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &talks);
    bench.answers(&anna);
    let caller = bench.caller_arrives(DIRECT);
    bench.passes(10 * SECOND);
    let place = is_told(&mut bench, &caller, "first");
    bench.passes(3 * SECOND);
    bench.hangs_up(&talks);
    bench.asked.clear();
    bench.ends(&anna.leg, Cause::q850(16));
    bench.expect_stop(place);
    bench.expect_answer(&caller);
    bench.expect_offer("anna", &caller);
}

#[test]
fn who_is_found_after_a_gap_is_told_what_is_due_next() {
    let (mut bench, _talks, waiting) = all_wait(plan(vec![announcing(places())]), 1);
    bench.passes(10 * SECOND);
    let place = is_told(&mut bench, &waiting[0], "first");
    bench.node_down();
    bench.passes(2 * SECOND);
    let channels = [&waiting[0]].map(|channel| super::bench::held(channel, true));
    let bridges = vec![super::bench::holding("sentral-w-sales", &[&waiting[0]])];
    bench.node_up(crate::engine::Held { channels: channels.into(), bridges });
    // She who talked is gone, and he who is first is rung for: what he hears may go on, and is stopped.
    bench.expect_stop(place);
}
