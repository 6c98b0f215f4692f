//! Steps that let time pass: ringing, music, silence.

use std::time::Duration;

use super::bench::{Bench, DIRECT, MENU, NODE, held, patience, plan, queue};
use crate::{
    dialplan::{Act, Answering, Music, Plan, PublicNumber, Queue, Step, StepId, Strategy},
    domain::ChannelId,
    engine::{Command, Event, Held, HeldChannel, Limits, Sound, notice::Outcome},
};

const SECOND: Duration = Duration::from_secs(1);

/// The bench's plan with these steps at the beginning of [`MENU`], and behind them the greeting (1), the queue (0) or the
/// end (3).
fn with(acts: Vec<Act>, then: u32) -> Plan {
    let mut plan = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    let first = u32::try_from(plan.steps.len()).expect("few steps");
    let count = u32::try_from(acts.len()).expect("few steps");
    for (at, act) in (first..).zip(acts) {
        let next = if at + 1 < first + count { at + 1 } else { then };
        plan.steps.push(Step { act, next: Some(StepId(next)) });
    }
    let numbers = plan.numbers.values().cloned();
    let entry = |number: PublicNumber| PublicNumber {
        entry: if number.channels.is_some() { StepId(first) } else { number.entry },
        ..number
    };
    plan.numbers = numbers.map(entry).collect();
    plan
}

fn music(lasts: Option<Duration>) -> Act {
    Act::Music { class: "default".into(), lasts }
}

fn names(bench: &mut Bench) -> Vec<&'static str> {
    bench.take_bridge();
    bench.asked.drain(..).map(|command| command.name()).collect()
}

#[test]
fn ringing_answers_nobody_and_ends_with_what_comes_next() {
    let mut bench = Bench::new(with(vec![Act::Ring(None)], 1));
    bench.caller_arrives(MENU);
    assert_eq!(names(&mut bench), ["ring", "answer", "mark", "play"]);
}

#[test]
fn it_rings_for_as_long_as_the_step_says() {
    let mut bench = Bench::new(with(vec![Act::Ring(Some(3 * SECOND))], 1));
    let caller = bench.caller_arrives(MENU);
    assert_eq!(names(&mut bench), ["ring", "mark"]);
    bench.passes(3 * SECOND - Duration::from_millis(1));
    bench.assert_quiet();
    bench.passes(Duration::from_millis(1));
    bench.expect_answer(&caller);
    bench.expect_play(&caller, "greeting");
}

#[test]
fn ringing_of_one_who_is_answered_is_ended_before_he_is_joined() {
    let mut bench = Bench::new(with(vec![Act::Answer, Act::Ring(None)], 0));
    let caller = bench.caller_arrives(MENU);
    assert_eq!(names(&mut bench), ["answer", "ring", "create", "mark"]);
    let leg = bench.engine.legs.values().next().map(|leg| leg.channel.clone()).expect("a leg");
    bench.tell(Event::LegEntered { channel: leg, answered: false });
    let hush = bench
        .asked
        .iter()
        .position(|asked| matches!(asked, Command::Hush { channel, sound: Sound::Ringing } if *channel == caller));
    let asked = names(&mut bench);
    assert_eq!(asked, ["dial", "hush", "join"]);
    assert_eq!(hush, Some(1));
}

#[test]
fn music_for_a_time_ends_and_the_call_goes_on() {
    let mut bench = Bench::new(with(vec![music(Some(30 * SECOND))], 3));
    let caller = bench.caller_arrives(MENU);
    assert_eq!(names(&mut bench), ["answer", "music", "mark"]);
    bench.passes(30 * SECOND);
    bench.take_marks(&caller);
    assert_eq!(names(&mut bench), ["hush", "hang_up"]);
}

#[test]
fn a_wait_lets_music_go_on_that_began_before_and_another_sound_ends_it() {
    let mut bench = Bench::new(with(vec![music(None), Act::Wait(2 * SECOND), Act::Ring(Some(SECOND))], 3));
    let caller = bench.caller_arrives(MENU);
    assert_eq!(names(&mut bench), ["answer", "music", "mark"]);
    bench.passes(2 * SECOND);
    assert_eq!(names(&mut bench), ["hush", "ring"]);
    bench.passes(SECOND);
    assert_eq!(names(&mut bench), ["hush", "hang_up"]);
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::EndedByPlan]);
}

#[test]
fn music_ends_before_the_music_of_the_line() {
    let mut bench = Bench::new(with(vec![music(None)], 0));
    bench.two_talk("anna");
    let caller = bench.caller_arrives(MENU);
    bench.take_marks(&caller);
    assert_eq!(names(&mut bench), ["answer", "music", "hush", "park"]);
}

#[test]
fn asterisk_hears_from_us_all_through_a_long_wait() {
    let mut bench = Bench::new(with(vec![Act::Wait(600 * SECOND)], 3));
    let caller = bench.caller_arrives(MENU);
    let dead_man = Limits::default().dead_man;
    let mut armed = bench.now;
    for _ in 0..(600 / 5) {
        for command in bench.asked.drain(..) {
            let Command::Mark { mark, .. } = &command else { panic!("{command:?}") };
            armed = bench.now + mark.dead_man.expect("an armed switch");
        }
        assert!(armed > bench.now + dead_man / 3, "he would be taken away");
        bench.passes(5 * SECOND - Duration::from_millis(1));
    }
    bench.passes(SECOND);
    bench.take_marks(&caller);
    assert_eq!(names(&mut bench), ["hang_up"]);
}

#[test]
fn who_waits_again_and_again_does_not_run_in_circles() {
    let mut plan = with(vec![Act::Wait(SECOND)], 3);
    let last = plan.steps.len() - 1;
    plan.steps[last].next = Some(StepId(u32::try_from(last).expect("few steps")));
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(MENU);
    bench.passes(500 * SECOND);
    bench.take_marks(&caller);
    bench.assert_quiet();
}

#[test]
fn a_key_or_a_hang_up_in_a_wait_does_no_harm() {
    let mut bench = Bench::new(with(vec![Act::Ring(Some(10 * SECOND))], 1));
    let caller = bench.caller_arrives(MENU);
    bench.presses(&caller, "1");
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::LeftInMenu]);
    bench.asked.clear();
    bench.passes(60 * SECOND);
    bench.assert_quiet();
}

#[test]
fn behind_a_gap_the_step_begins_again() {
    let mut bench = Bench::new(with(vec![music(Some(30 * SECOND))], 1));
    let caller = bench.caller_arrives(MENU);
    bench.node_down();
    bench.passes(29 * SECOND);
    bench.asked.clear();
    bench.node_up(Held { channels: vec![held(&caller, true)], bridges: vec![] });
    assert!(names(&mut bench).contains(&"music"));
    bench.passes(29 * SECOND);
    assert!(!names(&mut bench).contains(&"play"));
    bench.passes(SECOND);
    bench.expect_play(&caller, "greeting");
}

#[test]
fn the_next_engine_ends_what_an_earlier_one_may_have_begun() {
    let mut bench = Bench::new(with(vec![Act::Ring(None)], 0));
    let mark = r#"{"call":"00000001-1","number":"4722334455","arrived":5}"#;
    let caller = ChannelId::new(NODE, "171.9");
    let found = HeldChannel { mark: Some(mark.into()), ..held(&caller, true) };
    bench.node_up(Held { channels: vec![found], bridges: vec![] });
    let leg = bench.engine.legs.values().next().map(|leg| leg.channel.clone()).expect("a leg");
    bench.asked.clear();
    bench.tell(Event::LegEntered { channel: leg, answered: false });
    assert_eq!(names(&mut bench), ["dial", "hush", "hush", "join"]);
}

#[test]
fn one_who_may_stay_unanswered_hears_music_so_and_it_goes_on_when_he_is_answered() {
    let mut plan = with(vec![music(Some(60 * SECOND))], 3);
    let numbers = plan.numbers.values().cloned();
    let answer = Answering::OnOperator { at_latest: 20 * SECOND };
    plan.numbers = numbers.map(|number| PublicNumber { answer, ..number }).collect();
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(MENU);
    assert_eq!(names(&mut bench), ["music", "mark"]);
    bench.passes(20 * SECOND);
    bench.take_marks(&caller);
    assert_eq!(names(&mut bench), ["answer", "music"]);
}

/// As [`with`], before a queue without music of its own that has two operators.
fn before_a_silent_queue(acts: Vec<Act>) -> Bench {
    let mut plan = with(acts, 0);
    let names = ["anna", "boris"].map(crate::domain::Name::new);
    let boris = crate::dialplan::Operator {
        name: "boris".into(),
        dial: "PJSIP/boris".into(),
        ..plan.operators["anna"].clone()
    };
    plan.operators.insert("boris".into(), boris);
    let sales = plan.queues.get_mut("sales").expect("a queue");
    *sales = Queue { strategy: sales.strategy, music: Music::Nothing, ..Queue::new("sales".into(), names) };
    Bench::new(plan)
}

/// What he hears of those that end with something else.
fn sounds(bench: &mut Bench) -> Vec<&'static str> {
    bench.asked.retain(|command| {
        matches!(command, Command::Ring { .. } | Command::Music { .. } | Command::Hush { .. } | Command::Answer { .. })
    });
    names(bench)
}

#[test]
fn what_he_heard_before_a_queue_without_music_begins_again_when_an_offer_fails() {
    for (act, name) in [(Act::Ring(None), "ring"), (music(None), "music")] {
        let mut bench = before_a_silent_queue(vec![Act::Answer, act]);
        let caller = bench.caller_arrives(MENU);
        let anna = bench.expect_offer("anna", &caller);
        assert_eq!(sounds(&mut bench), ["answer", name, "hush"]);
        bench.passes(SECOND);
        bench.declines(&anna);
        let boris = bench.expect_offer("boris", &caller);
        let tone = ["hush", "hush"];
        assert_eq!(sounds(&mut bench), tone, "Asterisk goes on with the tone, perhaps, though nobody rings");
        bench.declines(&boris);
        assert_eq!(sounds(&mut bench), [&tone[..], &[name]].concat());
        bench.passes(5 * SECOND);
        bench.expect_offer("anna", &caller);
        assert_eq!(sounds(&mut bench), ["hush"]);
    }
}

#[test]
fn what_he_heard_before_a_queue_without_music_goes_on_when_the_queue_answers_him() {
    let mut bench = before_a_silent_queue(vec![Act::Ring(None)]);
    let caller = bench.caller_arrives(MENU);
    let anna = bench.expect_offer("anna", &caller);
    assert_eq!(sounds(&mut bench), ["ring", "answer"]);
    bench.declines(&anna);
    let boris = bench.expect_offer("boris", &caller);
    bench.asked.clear();
    bench.declines(&boris);
    assert_eq!(sounds(&mut bench), ["hush", "hush", "ring"]);
}

#[test]
fn a_phone_that_rang_in_vain_leaves_a_silent_line_silent() {
    let mut bench = before_a_silent_queue(vec![]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.declines(&anna);
    let boris = bench.expect_offer("boris", &caller);
    bench.asked.clear();
    bench.declines(&boris);
    assert_eq!(sounds(&mut bench), ["hush", "hush"]);
}

#[test]
fn one_who_waits_unanswered_hears_his_music_again_when_an_offer_fails() {
    let mut plan = with(vec![music(None)], 0);
    plan.queues.get_mut("sales").expect("a queue").music = Music::Nothing;
    let mut bench = Bench::new(super::early::unanswered(plan));
    let caller = bench.caller_arrives(MENU);
    let anna = bench.expect_offer("anna", &caller);
    assert_eq!(sounds(&mut bench), ["music", "hush", "ring"]);
    bench.declines(&anna);
    assert_eq!(sounds(&mut bench), ["hush", "music"]);
}

#[test]
fn ringing_goes_on_behind_the_step_that_answers() {
    let mut bench = Bench::new(with(vec![Act::Ring(None), Act::Answer, Act::Wait(2 * SECOND)], 3));
    bench.caller_arrives(MENU);
    assert_eq!(names(&mut bench), ["ring", "answer", "ring", "mark"]);
    bench.passes(2 * SECOND);
}

#[test]
fn the_next_engine_ends_what_one_in_a_silent_line_may_hear_before_he_is_joined() {
    let mut bench = before_a_silent_queue(vec![]);
    let mark = r#"{"call":"00000001-1","number":"4722334455","arrived":5,"queue":"sales","joined":6}"#;
    let caller = ChannelId::new(NODE, "171.9");
    let found = HeldChannel { mark: Some(mark.into()), ..held(&caller, true) };
    bench.node_up(Held { channels: vec![found], bridges: vec![] });
    bench.expect_offer("anna", &caller);
    assert_eq!(sounds(&mut bench), ["hush", "hush"]);
}

#[test]
fn the_next_engine_ends_the_tone_of_one_who_rang_in_vain_in_a_silent_line() {
    let mut bench = before_a_silent_queue(vec![]);
    let mark = r#"{"call":"00000001-1","number":"4722334455","arrived":5,"queue":"sales","joined":6}"#;
    let caller = ChannelId::new(NODE, "171.9");
    let found = HeldChannel { mark: Some(mark.into()), ..held(&caller, true) };
    bench.node_up(Held { channels: vec![found], bridges: vec![] });
    for name in ["anna", "boris"] {
        let rings = bench.expect_offer(name, &caller);
        assert_eq!(sounds(&mut bench), ["hush", "hush"]);
        bench.declines(&rings);
    }
    assert_eq!(sounds(&mut bench), ["hush", "hush"]);
}

#[test]
fn who_has_waited_long_enough_while_a_phone_rings_hears_no_more_of_its_tone() {
    for music in [Music::Default, Music::Nothing] {
        let mut sales = queue("sales", &["anna"], Strategy::Linear);
        sales.music = music;
        let mut bench = Bench::new(plan(vec![patience(sales, 5 * SECOND)]));
        let caller = bench.caller_arrives(DIRECT);
        let anna = bench.expect_offer("anna", &caller);
        bench.asked.clear();

        bench.passes(5 * SECOND);

        bench.expect_hangup(&anna.leg);
        assert_eq!(sounds(&mut bench), ["hush", "hush"]);
    }
}
