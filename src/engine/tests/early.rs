//! Callers who are not answered before an operator takes the call.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, MENU, held, holding, patience, plan, queue};
use crate::{
    dialplan::{Act, Announcement, Answering, Plan, Step, StepId, Strategy},
    domain::{ChannelId, Media, Prompt, Reason},
    engine::{
        Command, Event, Held, HeldChannel, Limits,
        notice::{OperatorState, Outcome},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// How long the callers of this plan may stay unanswered.
pub(super) const AT_LATEST: Duration = Duration::from_secs(50);

/// The bench's plan, whose callers are answered with the operator.
fn early(strategy: Strategy, operators: &[&str]) -> Plan {
    unanswered(plan(vec![patience(queue("sales", operators, strategy), 300 * SECOND)]))
}

pub(super) fn unanswered(mut plan: Plan) -> Plan {
    let numbers = plan.numbers.values().cloned();
    let answer = Answering::OnOperator { at_latest: AT_LATEST };
    plan.numbers = numbers.map(|number| crate::dialplan::PublicNumber { answer, ..number }).collect();
    plan
}

impl Bench {
    pub(super) fn asked_names(&mut self) -> Vec<&'static str> {
        self.take_bridge();
        self.asked.drain(..).map(|command| command.name()).collect()
    }

    pub(super) fn is_answered(&self, caller: &ChannelId) -> bool {
        let snapshot = self.engine.snapshot(self.now);
        snapshot.calls.iter().find(|call| call.channel == *caller.id).is_some_and(|call| call.answered)
    }

    /// Anna talks, so the next caller has to wait.
    fn anna_is_engaged(&mut self) {
        let caller = self.caller_arrives(DIRECT);
        let ringing = self.expect_offer("anna", &caller);
        self.answers(&ringing);
        self.asked.clear();
    }
}

#[test]
fn he_hears_greeting_and_menu_unanswered_and_asterisk_answers_him_with_the_operator() {
    let mut bench = Bench::new(early(Strategy::Linear, &["anna"]));
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    bench.expect_play(&caller, "menu");
    bench.presses(&caller, "1");
    let ringing = bench.expect_offer("anna", &caller);
    assert!(!bench.asked_names().contains(&"answer") && !bench.is_answered(&caller));

    bench.answers(&ringing);

    assert!(bench.is_answered(&caller));
    assert_eq!(bench.asked_names(), ["answer", "mark"], "should they not have been in one bridge yet");
    bench.passes(2 * AT_LATEST);
    bench.assert_quiet();
}

#[test]
fn one_for_whom_several_rang_is_answered_before_he_is_joined() {
    let mut bench = Bench::new(early(Strategy::RingAll, &["anna", "boris"]));
    let caller = bench.caller_arrives(DIRECT);
    assert_eq!(bench.asked_names(), ["mark", "music", "park", "originate", "originate"]);
    let leg = bench.engine.legs.values().next().map(|leg| leg.channel.clone()).expect("a leg");

    bench.tell(Event::LegEntered { channel: leg, answered: true });

    assert_eq!(bench.asked_names(), ["answer", "join", "hang_up", "mark"]);
    assert!(bench.is_answered(&caller));
}

#[test]
fn one_who_was_played_something_needs_no_music_to_be_told_to_listen() {
    let mut bench = Bench::new(early(Strategy::Linear, &["anna"]));
    bench.anna_is_engaged();
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    bench.expect_play(&caller, "menu");
    bench.asked.clear();
    bench.presses(&caller, "1");
    assert_eq!(bench.asked_names(), ["stop", "mark", "park"]);
}

#[test]
fn a_phone_that_says_no_leaves_him_unanswered() {
    let mut bench = Bench::new(early(Strategy::Linear, &["anna"]));
    let caller = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &caller);
    bench.asked.clear();
    bench.declines(&ringing);
    assert!(!bench.is_answered(&caller));
    assert_eq!(bench.asked_names(), ["mark", "music", "park"]);
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::Abandoned]);
    bench.passes(2 * AT_LATEST);
    bench.assert_quiet();
}

#[test]
fn the_limit_answers_one_who_waits_and_he_has_his_music_again() {
    let mut bench = Bench::new(early(Strategy::Linear, &["anna"]));
    bench.anna_is_engaged();
    let caller = bench.caller_arrives(DIRECT);
    bench.passes(AT_LATEST - Duration::from_millis(1));
    bench.take_marks(&caller);
    assert_eq!(bench.asked_names(), ["music", "park"]);

    bench.passes(Duration::from_millis(1));

    assert!(bench.is_answered(&caller));
    assert_eq!(bench.asked_names(), ["unpark", "answer", "mark", "park"]);
}

#[test]
fn the_limit_answers_one_for_whom_it_rings_and_he_hears_it_ring_on() {
    let mut sales = queue("sales", &["anna"], Strategy::Linear);
    sales.ring = 60 * SECOND;
    let mut bench = Bench::new(unanswered(plan(vec![sales])));
    let caller = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &caller);
    bench.passes(AT_LATEST - SECOND);
    bench.asked.clear();
    bench.passes(SECOND);
    assert_eq!(bench.asked_names(), ["answer", "ring"]);
    bench.answers(&ringing);
    assert_eq!(bench.asked_names(), ["hush", "mark"]);
}

#[test]
fn the_limit_waits_for_the_end_of_a_prompt_whose_length_nobody_knows() {
    let mut bench = Bench::new(early(Strategy::Linear, &["anna"]));
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.passes(AT_LATEST);
    assert!(!bench.is_answered(&caller), "an answer would wait behind it, and whatever else with it");
    bench.asked.clear();
    bench.hears_to_the_end(&caller, greeting);
    assert_eq!(bench.asked_names()[0], "answer");
}

#[test]
fn the_limit_answers_one_who_thinks_about_a_menu() {
    let mut plan = early(Strategy::Linear, &["anna"]);
    let Act::Menu(menu) = &plan.steps[2].act else { panic!("a menu") };
    let asking = crate::dialplan::Asking { timeout: 300 * SECOND, ..menu.asking.clone() };
    plan.steps[2].act = Act::Menu(Arc::new(crate::dialplan::Menu { asking, ..(**menu).clone() }));
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.hears_to_the_end(&caller, greeting);
    let question = bench.expect_play(&caller, "menu");
    bench.hears_to_the_end(&caller, question);
    bench.passes(AT_LATEST);
    assert!(bench.is_answered(&caller));
    bench.expect_answer(&caller);
}

#[test]
fn a_prompt_that_would_outlast_the_limit_is_heard_answered() {
    let prompt = |seconds: u32| {
        let uri = "sound:http://sentral/prompts/x.wav".into();
        Media::Prompt(Arc::new(Prompt { name: "x".into(), uri, length: Some(seconds * SECOND) }))
    };
    for (seconds, first) in [(49, "mark"), (50, "answer")] {
        let mut plan = early(Strategy::Linear, &["anna"]);
        plan.steps[1].act = Act::Play(Announcement::from(Arc::from([prompt(seconds)])));
        let mut bench = Bench::new(plan);
        bench.caller_arrives(MENU);
        assert_eq!(bench.asked_names()[0], first, "{seconds} s");
    }
}

#[test]
fn the_step_answer_answers_whatever_the_number_says() {
    let mut plan = early(Strategy::Linear, &["anna"]);
    plan.steps[1] = Step { act: Act::Answer, next: Some(StepId(2)) };
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(MENU);
    bench.expect_answer(&caller);
    bench.passes(AT_LATEST);
    assert!(!bench.asked_names().contains(&"answer"));
}

#[test]
fn one_whom_the_plan_ends_unanswered_is_told_why() {
    let mut plan = early(Strategy::Linear, &["anna"]);
    plan.steps[3].act = Act::HangUp(Reason::Gone);
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(MENU);
    bench.hears_to_the_end_of("greeting", &caller);
    bench.presses(&caller, "2");
    assert_eq!(bench.expect_hangup(&caller), Reason::Gone);
    assert!(!bench.is_answered(&caller));
}

impl Bench {
    fn hears_to_the_end_of(&mut self, name: &str, caller: &ChannelId) {
        let playback = self.expect_play(caller, name);
        self.hears_to_the_end(caller, playback);
    }
}

/// What the next engine finds of one who waits unanswered, so old.
fn found_waiting(age: Duration) -> (Bench, ChannelId) {
    let mut bench = Bench::new(early(Strategy::Linear, &["anna"]));
    bench.anna_is_engaged();
    let caller = bench.caller_arrives(DIRECT);
    let mark = bench.asked.iter().rev().find_map(|command| match command {
        Command::Mark { mark, .. } => mark.state.clone(),
        _ => None,
    });
    let now = bench.now + age;
    let mut bench = Bench::born(8, early(Strategy::Linear, &["anna"]), Limits::default());
    bench.now = now;
    let operator = ChannelId::new(caller.node, "sentral-00000007-anna-9");
    let channels =
        vec![HeldChannel { mark, age, ..held(&caller, false) }, HeldChannel { enters: None, ..held(&operator, true) }];
    bench.node_up(Held { channels, bridges: vec![holding("sentral-w-sales", &[&caller])] });
    (bench, caller)
}

#[test]
fn the_next_engine_leaves_one_who_waits_unanswered_so_until_his_limit() {
    let (mut bench, caller) = found_waiting(20 * SECOND);
    assert!(!bench.is_answered(&caller) && !bench.asked_names().contains(&"answer"));
    bench.passes(29 * SECOND);
    assert!(!bench.asked_names().contains(&"answer"));
    bench.passes(SECOND);
    assert!(bench.is_answered(&caller) && bench.asked_names().contains(&"answer"));
}

#[test]
fn the_next_engine_answers_one_whose_limit_has_passed() {
    let (mut bench, caller) = found_waiting(60 * SECOND);
    assert!(bench.is_answered(&caller));
    let asked = bench.asked_names();
    let at = |name| asked.iter().position(|asked| *asked == name);
    assert!(at("unpark") < at("answer") && at("answer") < at("park"), "{asked:?}");
}

#[test]
fn a_gap_in_which_the_limit_passes_answers_when_it_is_over() {
    let mut bench = Bench::new(early(Strategy::Linear, &["anna"]));
    bench.anna_is_engaged();
    let operator = bench.engine.legs.values().next().map(|leg| leg.channel.clone()).expect("anna's");
    let first = bench.engine.calls.values().next().map(|call| call.channel.clone()).expect("who talks");
    let caller = bench.caller_arrives(DIRECT);
    bench.node_down();
    bench.passes(AT_LATEST + SECOND);
    assert!(!bench.is_answered(&caller));
    bench.asked.clear();
    let talk = bench.talk(&operator, &[&first, &operator]);
    let channels = vec![held(&caller, false), held(&first, true), held(&operator, true)];
    bench.node_up(Held { channels, bridges: vec![holding("sentral-w-sales", &[&caller]), talk] });
    assert!(bench.is_answered(&caller));
    bench.expect_answer(&caller);
    bench.assert_operator("anna", OperatorState::Talking);
}

#[test]
fn the_tone_that_the_limit_begins_ends_when_the_phone_says_no() {
    let mut sales = queue("sales", &["anna"], Strategy::Linear);
    sales.ring = 60 * SECOND;
    let mut bench = Bench::new(unanswered(plan(vec![sales])));
    let caller = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &caller);
    bench.passes(AT_LATEST);
    bench.asked.clear();
    bench.declines(&ringing);
    bench.take_marks(&caller);
    assert_eq!(bench.asked_names(), ["hush", "park"]);
}

#[test]
fn the_tone_of_a_phone_that_rang_in_vain_ends_with_the_line() {
    let mut sales = queue("sales", &["anna"], Strategy::Linear);
    sales.ring = 30 * SECOND;
    let mut plan = unanswered(plan(vec![patience(sales, 20 * SECOND)]));
    plan.steps[4] = Step { act: Act::Wait(5 * SECOND), next: None };
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(MENU);
    bench.hears_to_the_end_of("greeting", &caller);
    bench.presses(&caller, "1");
    bench.expect_offer("anna", &caller);
    bench.asked.clear();
    bench.passes(20 * SECOND);
    bench.take_marks(&caller);
    assert_eq!(bench.asked_names(), ["hang_up", "hush"], "he waits in silence");
}
