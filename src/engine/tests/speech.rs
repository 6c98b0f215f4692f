//! What a caller hears: in his language, and with values of his call in it.

use super::bench::{Bench, MENU, held};
use crate::{
    dialplan::{Plan, parse},
    domain::{ChannelId, PlaybackId},
    engine::{Command, Fact, Held, Limits, Mark, notice::Outcome},
};

/// A plan that speaks three languages; who calls the bench's number with a menu does these steps.
fn plan(steps: &str) -> Plan {
    let text = format!(
        "exchange: test\ntimezone: UTC\nlanguages: [en, nb, pt-br]\nnumbers: {{\"{MENU}\": {{flow: a}}}}\n\
         operators: {{anna: {{dial: PJSIP/anna}}}}\nqueues: {{sales: {{operators: [anna]}}}}\nflows: {{a: [{steps}]}}"
    );
    parse("plan.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{}", faults.render(false))).plan
}

fn bench(steps: &str) -> Bench {
    Bench::new(plan(steps))
}

/// What the caller hears next, and what is written on his channel before that.
fn plays(bench: &mut Bench, caller: &ChannelId) -> (String, PlaybackId, Vec<Mark>) {
    let mut marks = Vec::new();
    while let Some(command) = bench.asked.pop_front() {
        match command {
            Command::Play { channel, playback, media, .. } if channel == *caller => {
                let names: Vec<_> = media.iter().map(|media| media.to_string().replace("sound:", "")).collect();
                return (names.join(" | "), playback, marks);
            }
            Command::Mark { channel, mark } if channel == *caller => marks.push(mark),
            _ => {}
        }
    }
    panic!("nothing is played")
}

fn languages(marks: &[Mark]) -> Vec<&str> {
    marks.iter().filter_map(|mark| mark.language.as_deref()).collect()
}

#[test]
fn a_call_begins_in_the_plan_s_first_language_and_goes_on_in_the_one_that_is_chosen() {
    let greeting = "{say: {en: Welcome, nb: Velkommen, pt-br: Bem-vindo}}";
    let mut bench = bench(&format!("{greeting}, {{language: pt-br}}, {greeting}, {greeting}, hangup"));
    let caller = bench.caller_arrives(MENU);
    let (heard, playback, marks) = plays(&mut bench, &caller);
    assert_eq!((heard.as_str(), languages(&marks)), ("Welcome", vec!["en"]));
    bench.hears_to_the_end(&caller, playback);
    let (heard, playback, marks) = plays(&mut bench, &caller);
    assert_eq!((heard.as_str(), languages(&marks)), ("Bem-vindo", vec!["pt_BR"]), "one request tells it");
    bench.hears_to_the_end(&caller, playback);
    let (heard, _, marks) = plays(&mut bench, &caller);
    assert_eq!((heard.as_str(), languages(&marks).len()), ("Bem-vindo", 0), "it is told once");
}

#[test]
fn asterisk_s_own_sounds_are_asked_for_in_the_language_and_prompts_as_they_are() {
    let mut bench = bench("{language: nb}, {play: sound:beep}, {play: jingle.wav}, hangup");
    let caller = bench.caller_arrives(MENU);
    let mut asked = || {
        let command = bench.take("to play", |command| matches!(command, Command::Play { .. }));
        let Command::Play { playback, language, .. } = command else { panic!("{command:?}") };
        bench.hears_to_the_end(&caller, playback);
        language
    };
    assert_eq!((asked().as_deref(), asked()), (Some("nb"), None));
}

#[test]
fn asterisk_is_told_no_language_that_the_plan_does_not_name() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(MENU);
    let (_, _, marks) = plays(&mut bench, &caller);
    assert!(!marks.is_empty() && languages(&marks).is_empty(), "{marks:?}");
}

#[test]
fn a_value_that_names_no_language_of_the_plan_changes_nothing() {
    let mut bench = bench(
        "{set: {code: \"../../etc\"}}, {language: nb}, {language: \"{{ code }}\"}, {say: {en: Hi, nb: Hei, pt-br: Oi}}, hangup",
    );
    let caller = bench.caller_arrives(MENU);
    let (heard, _, marks) = plays(&mut bench, &caller);
    assert_eq!((heard.as_str(), languages(&marks)), ("Hei", vec!["nb"]));
}

#[test]
fn the_language_is_known_to_expressions() {
    let mut bench = bench(
        "{language: nb}, {if: {when: call.language == \"nb\", then: {play: sound:yes}, else: {play: sound:no}}}, hangup",
    );
    let caller = bench.caller_arrives(MENU);
    assert_eq!(plays(&mut bench, &caller).0, "yes");
}

#[test]
fn asterisk_s_own_dialplan_goes_on_in_the_caller_s_language() {
    let mut bench = bench("{language: nb}, continue");
    let caller = bench.caller_arrives(MENU);
    let told: Vec<&str> = bench.asked.iter().map(Command::name).collect();
    assert_eq!(told, ["mark", "continue"]);
    assert!(matches!(&bench.asked[0], Command::Mark { mark, .. } if mark.language.as_deref() == Some("nb")));
    bench.take_marks(&caller);
    bench.expect_continue(&caller);
}

#[test]
fn a_text_holds_what_is_known_of_the_call() {
    let text = "{{ queues.sales.waiting + number.calls + 41 }}";
    let say =
        format!("{{say: {{en: \"You are number {text} in line\", nb: \"Du er nummer {text}.\", pt-br: \"{text}\"}}}}");
    let mut bench = bench(&format!("{say}, {{language: nb}}, {say}, {{language: pt-br}}, {say}, hangup"));
    let caller = bench.caller_arrives(MENU);
    for expected in ["You are number | forty two | in line", "Du er nummer | førtito", "42"] {
        let (heard, playback, _) = plays(&mut bench, &caller);
        assert_eq!(heard, expected);
        bench.hears_to_the_end(&caller, playback);
    }
}

#[test]
fn what_cannot_be_said_is_left_out_and_told() {
    let mut bench = bench(
        "{set: {due: \"soon ../x\"}}, {say: {time: \"{{ due }}\"}}, {play: [sound:on, {say: {digits: \"{{ due }}\"}}]}, hangup",
    );
    let caller = bench.caller_arrives(MENU);
    assert_eq!(plays(&mut bench, &caller).0, "on", "a step that says nothing is passed over");
    let failed = bench.facts.iter().filter(|fact| matches!(fact, Fact::PromptFailed)).count();
    assert_eq!(failed, 2);
}

#[test]
fn a_menu_whose_question_cannot_be_said_asks_in_silence() {
    let mut bench = bench(
        "{set: {due: soon}}, {menu: {say: {time: \"{{ due }}\"}, options: {1: {play: sound:one}}, tries: 1, otherwise: hangup}}, hangup",
    );
    let caller = bench.caller_arrives(MENU);
    bench.expect_answer(&caller);
    bench.presses(&caller, "1");
    assert_eq!(plays(&mut bench, &caller).0, "one");
}

#[test]
fn a_plan_that_says_nothing_for_ever_ends_the_call() {
    let mut bench = Bench::new(
        parse(
            "plan.yaml",
            format!(
                "exchange: test\nnumbers: {{\"{MENU}\": {{flow: a}}}}\n\
                 flows: {{a: [{{set: {{due: soon}}}}, {{say: {{time: \"{{{{ due }}}}\"}}}}, {{flow: a}}]}}"
            )
            .as_bytes(),
        )
        .expect("a plan")
        .plan,
    );
    let caller = bench.caller_arrives(MENU);
    bench.expect_hangup(&caller);
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::EndedByPlan]);
}

#[test]
fn the_language_outlives_the_engine() {
    let steps = "{language: nb}, {say: {en: Hi, nb: Hei, pt-br: Oi}}, {queue: sales}";
    let mut before = bench(steps);
    let caller = before.caller_arrives(MENU);
    let (_, _, marks) = plays(&mut before, &caller);
    let state = marks.last().and_then(|mark| mark.state.clone()).expect("a state");
    let mut after = Bench::born(8, plan("{say: {en: Hi, nb: Hei, pt-br: Oi}}, hangup"), Limits::default());
    let mut found = held(&caller, true);
    found.mark = Some(state);
    after.node_up(Held { channels: vec![found], bridges: Vec::new() });
    assert_eq!(plays(&mut after, &caller).0, "Hei");
}
