use std::{collections::BTreeMap, fs};

use super::{super::happening::WORDS, *};
use crate::{
    dialplan::moment::Moment,
    domain::{Digits, Name, Time},
};

fn told(at: &str, to: &str, keys: &[&str], behaviour: Behaviour) -> String {
    let plan = dialplan::parse("office.yaml", OFFICE.as_bytes()).expect("a plan").plan;
    let menu = || What { word: "menu", of: String::new() };
    let press = |keys: &&str| [Deed::WaitFor(menu()), Deed::Press(Digits::new(keys).expect("keys"))];
    let operators: BTreeMap<Name, _> = plan.operators.keys().map(|name| (name.clone(), vec![behaviour])).collect();
    let at = Moment::parse(at).expect("a moment").at(&plan.timezone).first();
    let part = Part {
        at,
        from: None,
        phone: None,
        to: to.into(),
        does: keys.iter().flat_map(press).collect(),
        operators,
        other_calls: 0,
        remembered: Default::default(),
        lookups: Vec::new(),
    };
    route(&plan, &part)
}

#[test]
fn a_call_is_told_from_the_greeting_to_the_operator() {
    insta::assert_snapshot!(told("2026-11-25T09:30", "+4780012345", &["7", "2"], Behaviour::default()));
}

#[test]
fn a_call_outside_the_hours_is_told() {
    insta::assert_snapshot!(told("2027-05-17T09:00", "+4722334455", &["1"], Behaviour::default()));
}

#[test]
fn with_everybody_busy_the_longest_wait_is_told() {
    let told = told("2026-11-25T09:30", "+4780012345", &["1"], Behaviour::Busy);
    for line in [
        "anna is busy",
        "boris is busy",
        "has waited in queue sales as long as one may",
        "flow sorry",
        "over: ended by plan",
    ] {
        assert!(told.contains(line), "{line} in\n{told}");
    }
    assert!(told.contains("...  and so on: ") && told.lines().count() < 60, "{told}");
}

/// Somebody who calls 101 and waits for what comes.
fn plain(at: Time) -> Part {
    Part {
        at,
        from: None,
        phone: None,
        to: "101".into(),
        does: Vec::new(),
        operators: BTreeMap::new(),
        lookups: Vec::new(),
        other_calls: 0,
        remembered: Default::default(),
    }
}

#[test]
fn what_is_heard_is_told_as_the_plan_names_it_and_lasts_as_long_as_its_file() {
    let text = "exchange: x\nlanguage: en\nnumbers: {\"101\": {flow: a}}\nflows:\n  \
                a: [{play: welcome.wav}, {say: \"Welcome, all.\"}, {play: sound:beep}, hangup]\n";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.yaml");
    fs::write(&path, text).expect("a plan");
    let wav = crate::prompts::wav::Wav::of_samples(&[0; 2 * 8_000 * 5]);
    fs::write(folder.path().join("welcome.wav"), wav.bytes()).expect("a prompt of five seconds");
    let plan = crate::prompts::check(&path).unwrap_or_else(|faults| panic!("{faults}")).plan;
    let at = Moment::parse("2026-11-25T09:30").expect("a moment").at(&plan.timezone).first();
    let told = route(&plan, &plain(at));
    for line in [
        "0.0s  the caller hears welcome.wav",
        "5.0s  the caller hears \"Welcome, all.\"",
        "7.0s  the caller hears sound:beep",
    ] {
        assert!(told.contains(line), "{line} in\n{told}");
    }
}

#[test]
fn what_a_plan_decides_is_told() {
    let text = "exchange: x\ntimezone: Europe/Oslo\nnumbers: {\"101\": {flow: a}}\nflows:\n  a:\n    \
                - if: {when: caller.withheld and time.hour < 12, then: {play: sound:x}}\n    \
                - switch: {on: time.weekday, cases: {We: {play: sound:y}, Su: {hangup: busy}}}\n    \
                - switch: {on: caller.number, cases: {\"+47\": continue}, otherwise: continue}\n";
    let plan = dialplan::parse("plan.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}")).plan;
    let at = Moment::parse("2026-11-25T09:30").expect("a moment").at(&plan.timezone).first();
    let told = route(&plan, &plain(at));
    for line in [
        "caller.withheld and time.hour < 12: yes",
        "the caller hears sound:x",
        "time.weekday: We",
        "the caller hears sound:y",
        "caller.number: none of the cases",
        "the call goes to Asterisk's own fallback",
    ] {
        assert!(told.contains(&format!("s  {line}\n")), "{line} in\n{told}");
    }
}

#[test]
fn who_is_dialled_and_why_nobody_answers_is_told() {
    let text = "exchange: x\nnumbers: {\"+47 800 12 345\": {flow: a}}\noperators: {anna: {dial: PJSIP/anna, extension: 101}}\n\
                extensions: {205: {dial: PJSIP/kitchen}}\ntrunks: {out: {dial: \"PJSIP/{number}@out\", channels: 1}}\nflows:\n  \
                a:\n    - dial: {to: [anna, 205], ring: 5s}\n    - dial: {to: \"{{ caller.name }}\"}\n    - dial: \"+47 900 00 000\"\n";
    let plan = dialplan::parse("plan.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}")).plan;
    let at = Moment::parse("2026-11-25T09:30").expect("a moment").at(&plan.timezone).first();
    let operators = [("anna", Behaviour::Busy), ("205", Behaviour::RingsOut)];
    let operators = operators.map(|(name, behaviour)| (Name::new(name), vec![behaviour])).into();
    let part = Part {
        at,
        from: None,
        phone: None,
        other_calls: 0,
        remembered: Default::default(),
        to: "+4780012345".into(),
        does: Vec::new(),
        operators,
        lookups: Vec::new(),
    };
    let told = route(&plan, &part);
    for line in [
        "anna is busy",
        "205's telephone is rung",
        "205 does not answer",
        "nobody answers: no answer",
        "what is to be dialled is no telephone number",
        "nobody answers: unreachable",
        "the caller talks to +4790000000",
        "over: served",
    ] {
        assert!(told.contains(&format!("s  {line}\n")), "{line} in\n{told}");
    }
    assert!(!told.contains("bug"), "{told}");
}

#[test]
fn a_caller_is_told_to_be_answered_with_the_operator() {
    let text = "exchange: x\nnumbers: {\"101\": {flow: a, answer: on_operator}}\noperators: {anna: {dial: PJSIP/anna}}\n\
                queues: {sales: {operators: [anna]}}\nflows: {a: [{ring: 3s}, {wait: 2s}, {play: sound:x}, {queue: sales}]}\n";
    let plan = dialplan::parse("plan.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}")).plan;
    let at = crate::domain::Time::from_secs(1_795_371_615);
    let told = route(&plan, &plain(at));
    let lines =
        ["the caller hears it ring", "2s pass", "the caller hears sound:x", "anna's telephone", "the call is answered"];
    let places: Vec<Option<usize>> = lines.iter().map(|line| told.find(line)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{told}");
}

#[test]
fn a_number_that_is_not_in_the_plan_is_told() {
    let told = told("2026-11-25T09:30", "+4712345678", &[], Behaviour::default());
    assert!(told.contains("the plan has no such number"), "{told}");
    assert!(told.contains("the call goes to Asterisk's own fallback"), "{told}");
}

const MANUAL: &str = include_str!("../../../docs/testing-plans.md");

#[test]
fn the_manual_has_every_word_and_its_example_passes() {
    let words = MANUAL.split("### What is expected").nth(1).expect("the words");
    for (word, _) in WORDS {
        assert!(words.contains(&format!("`{word}`")), "{word}");
    }
    let example = MANUAL.split("```yaml\n").nth(1).and_then(|block| block.split("```").next()).expect("an example");
    let suite = suite(OFFICE, example);
    for test in &suite.tests {
        let verdict = judge(test, perform(&suite.plan, &test.part));
        assert!(verdict.passed(), "{}", verdict.diff());
    }
}

#[test]
fn what_a_call_costs_is_told() {
    let text = "exchange: x\nnumbers: {\"101\": {flow: a, tariff: {currency: NOK, per_minute: 0.89, setup: 1.50}}}\ntrunks:\n  \
                t: {dial: \"PJSIP/{number}@t\", tariff: {currency: EUR, setup: 0.05}}\nflows: {a: [{dial: \"+47 900 00 000\"}]}\n";
    let plan = dialplan::parse("plan.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}")).plan;
    let told = route(&plan, &plain(Time::from_secs(1_000_000)));
    for line in [
        "the call is answered, and costs 1.50 NOK, and 0.89 NOK a minute from now on",
        "the line to the outside costs 0.05 EUR",
        "the call costs ",
    ] {
        assert!(told.contains(line), "{line} in\n{told}");
    }
}
