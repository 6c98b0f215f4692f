//! Messages that callers leave.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, MENU, held, plan, queue, sound};
use crate::{
    dialplan::{
        Act, Plan, Record, StepId, Strategy,
        expr::{Slot, Type, Value},
        request::{Method, Piece, Template},
    },
    domain::{ChannelId, Digit, RecordingId},
    engine::{
        Command, Errand, Event, Fact, Failure, Held,
        message::{About, Chore, Fate, Lost},
        notice::{MessageOutcome, Outcome},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// [`MENU`] leads to a message; behind it is "goodbye", and who fails hears "greeting" and the menu.
fn messages(change: impl FnOnce(&mut Record)) -> Plan {
    let mut plan = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    let mut record = Record {
        mailbox: "sales".into(),
        greeting: sound("welcome").into(),
        at_most: 120 * SECOND,
        silence: 5 * SECOND,
        end: Digit::new('#'),
        beep: true,
        done: sound("thanks").into(),
        failed: Some(StepId(1)),
        into: Some(Slot(0)),
        notify: None,
    };
    change(&mut record);
    plan.variables.insert("note".into(), Type::Text);
    let mut step = plan.steps[1].clone();
    step.act = Act::Record(Arc::new(record));
    step.next = Some(StepId(4));
    let at = StepId(u32::try_from(plan.steps.len()).expect("a few steps"));
    plan.steps.push(step);
    plan.numbers =
        plan.numbers.iter().map(|(_, number)| crate::dialplan::PublicNumber { entry: at, ..number.clone() }).collect();
    plan
}

/// One who is greeted.
fn greeted(bench: &mut Bench) -> (ChannelId, Arc<About>) {
    let caller = bench.caller_arrives(MENU);
    bench.expect_answer(&caller);
    let Some(Errand::Message(Chore::Expect(about))) = bench.errands.pop_front() else { panic!("{:?}", bench.errands) };
    bench.take_marks(&caller);
    (caller, about)
}

/// One who speaks.
fn speaks(bench: &mut Bench) -> (ChannelId, Arc<About>) {
    let (caller, about) = greeted(bench);
    let greeting = bench.expect_play(&caller, "welcome");
    bench.hears_to_the_end(&caller, greeting);
    expect_recording(bench, &caller);
    (caller, about)
}

#[track_caller]
fn expect_recording(bench: &mut Bench, caller: &ChannelId) -> RecordingId {
    let armed = bench.take(
        "to arm the switch for all of it",
        |command| matches!(command, Command::Mark { channel, .. } if channel == caller),
    );
    let Command::Mark { mark, .. } = armed else { unreachable!() };
    assert!(mark.dead_man.is_some_and(|after| after >= 123 * SECOND), "{mark:?}");
    assert!(mark.state.is_some_and(|state| state.contains("recording")), "who finds him knows of it");
    let command =
        bench.take("to record", |command| matches!(command, Command::Record { channel, .. } if channel == caller));
    let Command::Record { recording, .. } = command else { unreachable!() };
    recording
}

fn is_over(bench: &mut Bench, caller: &ChannelId, about: &About) {
    let (recording, channel) = (about.id.recording(), caller.clone());
    bench.tell(Event::RecordingOver { recording, channel, well: true });
}

#[track_caller]
fn expect_keep(bench: &mut Bench, about: &Arc<About>) {
    assert_eq!(bench.errands.pop_front(), Some(Errand::Message(Chore::Keep(about.clone()))));
}

fn becomes(bench: &mut Bench, about: &Arc<About>, fate: Fate) {
    bench.tell(Event::Message { about: about.clone(), fate });
}

fn outcomes(bench: &Bench) -> Vec<MessageOutcome> {
    let of = |fact: &Fact| match fact {
        Fact::Message { outcome, .. } => Some(*outcome),
        _ => None,
    };
    bench.facts.iter().filter_map(of).collect()
}

#[test]
fn a_caller_is_greeted_recorded_and_thanked_when_his_message_is_kept() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = speaks(&mut bench);
    assert_eq!((&*about.mailbox, about.number.as_str()), ("sales", "+4780012345"));
    bench.passes(20 * SECOND);
    bench.presses(&caller, "#");
    is_over(&mut bench, &caller, &about);
    expect_keep(&mut bench, &about);
    let marked = bench.take("to arm the switch as ever", |command| matches!(command, Command::Mark { .. }));
    let Command::Mark { mark, .. } = marked else { unreachable!() };
    assert_eq!(mark.dead_man, Some(30 * SECOND), "not for as long as he might have spoken");
    assert!(!mark.state.expect("a state").contains("recording"));
    bench.assert_quiet();
    becomes(&mut bench, &about, Fate::Kept(19 * SECOND));
    let thanks = bench.expect_play(&caller, "thanks");
    let call = bench.engine.calls.values().next().expect("a call");
    assert_eq!(call.variables, [Value::Text(about.id.to_string().into())], "the plan knows which it is");
    bench.hears_to_the_end(&caller, thanks);
    bench.expect_play(&caller, "goodbye");
    assert_eq!(outcomes(&bench), [MessageOutcome::Kept]);
}

#[test]
fn the_key_that_ends_a_message_ends_the_greeting_and_no_other_does() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, _) = greeted(&mut bench);
    let greeting = bench.expect_play(&caller, "welcome");
    bench.presses(&caller, "15*");
    bench.assert_quiet();
    bench.presses(&caller, "#");
    bench.expect_stop(greeting);
    expect_recording(&mut bench, &caller);
}

#[test]
fn who_hangs_up_leaves_what_he_said() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = speaks(&mut bench);
    is_over(&mut bench, &caller, &about);
    bench.hangs_up(&caller);
    expect_keep(&mut bench, &about);
    assert_eq!(bench.outcomes(), [Outcome::LeftMessage]);
    becomes(&mut bench, &about, Fate::Kept(3 * SECOND));
    assert_eq!(outcomes(&bench), [MessageOutcome::Kept], "it is told although he has gone");
    bench.assert_no_calls();
}

#[test]
fn who_is_gone_without_a_word_about_his_recording_leaves_what_he_said_too() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = speaks(&mut bench);
    bench.hangs_up(&caller);
    assert_eq!(bench.errands.pop_front(), Some(Errand::Message(Chore::KeepWhenOver(about))));
    assert_eq!(bench.errands.len(), 0, "once");
}

#[test]
fn who_hangs_up_in_the_greeting_leaves_nothing() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = greeted(&mut bench);
    bench.hangs_up(&caller);
    assert_eq!(bench.errands.pop_front(), Some(Errand::Message(Chore::Drop(about))));
    assert_eq!(bench.outcomes(), [Outcome::LeftInMenu]);
}

#[test]
fn a_box_without_room_is_told_before_he_speaks() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = greeted(&mut bench);
    let greeting = bench.expect_play(&caller, "welcome");
    becomes(&mut bench, &about, Fate::Lost(Lost::Full));
    bench.expect_stop(greeting);
    bench.expect_play(&caller, "greeting");
    assert_eq!(outcomes(&bench), [MessageOutcome::Full]);
}

#[test]
fn what_is_not_kept_is_told_as_the_plan_says() {
    let fates = [
        (Fate::Lost(Lost::Empty), MessageOutcome::NotRecorded),
        (Fate::Lost(Lost::NotWritten), MessageOutcome::NotWritten),
        (Fate::Lost(Lost::Missing), MessageOutcome::Missing),
        (Fate::Lost(Lost::Full), MessageOutcome::Full),
    ];
    for (fate, outcome) in fates {
        let mut bench = Bench::new(messages(|_| ()));
        let (caller, about) = speaks(&mut bench);
        is_over(&mut bench, &caller, &about);
        becomes(&mut bench, &about, fate);
        bench.expect_play(&caller, "greeting");
        assert_eq!(outcomes(&bench), [outcome]);
    }
}

#[test]
fn without_a_word_for_it_who_failed_goes_on_behind_the_step() {
    let mut bench = Bench::new(messages(|record| record.failed = None));
    let (caller, about) = speaks(&mut bench);
    is_over(&mut bench, &caller, &about);
    becomes(&mut bench, &about, Fate::Lost(Lost::Empty));
    bench.expect_play(&caller, "goodbye");
}

#[test]
fn nothing_said_is_nothing_to_thank_for() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = speaks(&mut bench);
    bench.passes(5 * SECOND);
    is_over(&mut bench, &caller, &about);
    becomes(&mut bench, &about, Fate::Nothing);
    bench.expect_play(&caller, "goodbye");
}

#[test]
fn a_recording_that_nobody_and_nothing_ended_was_cut_short_by_a_full_disk() {
    // How long it took, how long it is, whether he pressed the key: and whether it was cut short.
    let cases = [
        (8, 6, false, true),
        (8, 6, true, false),
        // A silence of five seconds was cut off.
        (12, 6, false, false),
        (121, 119, false, false),
    ];
    for (took, lasts, pressed, cut_short) in cases {
        let mut bench = Bench::new(messages(|_| ()));
        let (caller, about) = speaks(&mut bench);
        bench.passes(took * SECOND);
        if pressed {
            bench.presses(&caller, "#");
        }
        is_over(&mut bench, &caller, &about);
        becomes(&mut bench, &about, Fate::Kept(lasts * SECOND));
        let outcome = if cut_short { MessageOutcome::CutShort } else { MessageOutcome::Kept };
        assert_eq!(outcomes(&bench), [outcome], "{took} {lasts} {pressed}");
        bench.expect_play(&caller, if cut_short { "greeting" } else { "thanks" });
    }
}

#[test]
fn a_recording_that_asterisk_refuses_is_told_and_one_for_a_caller_who_left_is_not() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = greeted(&mut bench);
    let greeting = bench.expect_play(&caller, "welcome");
    bench.hears_to_the_end(&caller, greeting);
    let command = bench.take("to record", |command| matches!(command, Command::Record { .. }));
    bench.fails(command.clone(), Failure::Refused(404));
    assert_eq!(outcomes(&bench), []);
    bench.fails(command, Failure::Refused(500));
    assert_eq!(outcomes(&bench), [MessageOutcome::NotRecorded]);
    assert_eq!(bench.errands.pop_front(), Some(Errand::Message(Chore::Drop(about))));
    bench.expect_play(&caller, "greeting");
}

#[test]
fn of_a_recording_of_which_nobody_knows_whether_it_began_it_is_asked() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = greeted(&mut bench);
    let greeting = bench.expect_play(&caller, "welcome");
    bench.hears_to_the_end(&caller, greeting);
    let command = bench.take("to record", |command| matches!(command, Command::Record { .. }));
    bench.fails(command, Failure::OutcomeUnknown);
    let seek = bench.take("to look", |command| matches!(command, Command::SeekRecording { .. }));
    bench.fails(seek, Failure::Refused(404));
    expect_keep(&mut bench, &about);
}

#[test]
fn a_telephone_that_sends_nothing_does_not_speak_for_ever() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = speaks(&mut bench);
    bench.passes(122 * SECOND);
    bench.assert_quiet();
    bench.passes(2 * SECOND);
    bench.take("to end it", |command| matches!(command, Command::StopRecording { channel, .. } if *channel == caller));
    is_over(&mut bench, &caller, &about);
    expect_keep(&mut bench, &about);
}

#[test]
fn who_is_told_nothing_for_five_seconds_is_thanked_for_asterisk_has_it() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = speaks(&mut bench);
    is_over(&mut bench, &caller, &about);
    bench.passes(4 * SECOND);
    bench.take_marks(&caller);
    bench.assert_quiet();
    bench.passes(2 * SECOND);
    bench.expect_play(&caller, "thanks");
    becomes(&mut bench, &about, Fate::Kept(SECOND));
    bench.take_marks(&caller);
    bench.assert_quiet();
}

#[test]
fn a_node_that_was_away_does_not_disturb_who_speaks() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = speaks(&mut bench);
    bench.node_down();
    bench.passes(SECOND);
    let there = || Held { channels: vec![held(&caller, true)], bridges: Vec::new() };
    bench.node_up(there());
    let seek = bench.take("to look", |command| matches!(command, Command::SeekRecording { .. }));
    bench.asked.retain(|command| !matches!(command, Command::MakeBridge { .. }));
    bench.assert_quiet();
    // It was over, and that was not heard.
    bench.fails(seek, Failure::Refused(404));
    expect_keep(&mut bench, &about);
}

#[test]
fn an_engine_that_finds_one_who_speaks_ends_that_and_begins_anew() {
    let mut bench = Bench::new(messages(|_| ()));
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "welcome");
    bench.hears_to_the_end(&caller, greeting);
    let mark = bench.asked.iter().rev().find_map(|command| match command {
        Command::Mark { mark, .. } => mark.state.clone(),
        _ => None,
    });
    let record = bench.take("to record", |command| matches!(command, Command::Record { .. }));
    let Command::Record { recording, .. } = record else { unreachable!() };
    let mut next = Bench::born(8, messages(|_| ()), Default::default());
    let found = crate::engine::HeldChannel { mark, ..held(&caller, true) };
    next.node_up(Held { channels: vec![found], bridges: Vec::new() });
    let stop = next.take("to end it", |command| matches!(command, Command::StopRecording { .. }));
    let Command::StopRecording { recording: stopped, .. } = stop else { unreachable!() };
    assert_eq!(stopped, recording, "the one of the life before");
    next.expect_play(&caller, "welcome");
    // What it says of that one is none of this engine's.
    next.tell(Event::RecordingOver { recording: stopped, channel: caller, well: true });
    assert!(!next.errands.iter().any(|errand| matches!(errand, Errand::Message(Chore::Keep(_)))));
}

#[test]
fn a_greeting_that_begins_anew_is_of_another_message() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, first) = greeted(&mut bench);
    bench.node_down();
    bench.node_up(Held { channels: vec![held(&caller, true)], bridges: Vec::new() });
    assert_eq!(bench.errands.pop_front(), Some(Errand::Message(Chore::Drop(first))));
    assert!(matches!(bench.errands.pop_front(), Some(Errand::Message(Chore::Expect(_)))));
}

#[test]
fn a_message_without_a_greeting_begins_at_once() {
    let mut bench = Bench::new(messages(|record| record.greeting = crate::dialplan::Announcement::default()));
    let caller = bench.caller_arrives(MENU);
    bench.expect_answer(&caller);
    expect_recording(&mut bench, &caller);
}

#[test]
fn a_server_is_told_of_a_message_that_is_kept_whether_the_caller_is_there_or_not() {
    let to = Template {
        method: Method::Post,
        host: "desk.example.com".into(),
        url: vec![Piece::Plain("https://desk.example.com/messages".into())],
        headers: [].into(),
        body: None,
    };
    let mut bench = Bench::new(messages(|record| record.notify = Some(to)));
    let (caller, about) = speaks(&mut bench);
    is_over(&mut bench, &caller, &about);
    bench.hangs_up(&caller);
    expect_keep(&mut bench, &about);
    becomes(&mut bench, &about, Fate::Nothing);
    assert_eq!(bench.errands.len(), 0, "there is nothing to tell of");
    becomes(&mut bench, &about, Fate::Kept(3 * SECOND));
    let Some(Errand::Notify(news)) = bench.errands.pop_front() else { panic!("{:?}", bench.errands) };
    assert_eq!((&*news.request.host, &*news.request.url), ("desk.example.com", "https://desk.example.com/messages"));
    let body: serde_json::Value = serde_json::from_str(news.request.body.as_deref().expect("a body")).expect("JSON");
    assert_eq!((body["box"].as_str(), body["seconds"].as_f64()), (Some("sales"), Some(3.0)));
    assert_eq!(body["audio"], format!("/api/v1/voicemail/{}/audio", about.id));
    assert_eq!(&*news.id, format!("message-{}", about.id));

    bench.engine.setup.public_url = Some("https://calls.example.com".into());
    becomes(&mut bench, &about, Fate::Kept(3 * SECOND));
    let Some(Errand::Notify(news)) = bench.errands.pop_front() else { panic!("{:?}", bench.errands) };
    let body = news.request.body.as_deref().expect("a body");
    let whole = format!("\"https://calls.example.com/api/v1/voicemail/{}/audio\"", about.id);
    assert!(body.contains(&whole), "{body}");
}

#[test]
fn what_one_said_who_is_given_up_is_fetched_when_the_recording_is_over() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = speaks(&mut bench);
    bench.fails(Command::Answer { channel: caller.clone() }, Failure::Refused(500));
    assert_eq!(bench.asked_names(), ["stop_recording", "continue"]);
    assert_eq!(bench.errands.pop_front(), Some(Errand::Message(Chore::KeepWhenOver(about))));
    assert_eq!(bench.errands.len(), 0, "once");
}

#[test]
fn one_who_is_given_up_in_the_greeting_does_not_hear_it_to_its_end() {
    let mut bench = Bench::new(messages(|_| ()));
    let (caller, about) = greeted(&mut bench);
    let greeting = bench.expect_play(&caller, "welcome");
    bench.fails(Command::Answer { channel: caller.clone() }, Failure::Refused(500));
    bench.expect_stop(greeting);
    assert_eq!(bench.asked_names(), ["continue"]);
    assert_eq!(bench.errands.pop_front(), Some(Errand::Message(Chore::Drop(about))));
}

#[test]
fn what_is_recorded_when_another_engine_takes_the_node_is_left_to_whoever_finds_it() {
    let mut bench = Bench::new(messages(|_| ()));
    let (_, about) = speaks(&mut bench);
    bench.tell(Event::NodeTaken { node: about.node });
    assert_eq!(bench.errands.pop_front(), Some(Errand::Message(Chore::Release(about))));

    let mut bench = Bench::new(messages(|_| ()));
    let (_, about) = greeted(&mut bench);
    bench.tell(Event::NodeTaken { node: about.node });
    assert_eq!(bench.errands.pop_front(), Some(Errand::Message(Chore::Drop(about))), "nothing is recorded yet");
}
