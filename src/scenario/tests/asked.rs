//! Questions: what a test may expect of them, how exact they are, and how they are told.

use super::*;

/// A menu of which the caller knows the options, one behind it, and a question for digits.
const PLAN: &str = "exchange: x\nnumbers: {\"101\": {flow: welcome}}\nflows:\n  welcome:\n    - play: sound:greeting\n    \
    - menu: {play: sound:main, silent: sound:hello, timeout: 4s, tries: 2, options: {1: {flow: more}, 22: {flow: enter}}, \
    on_silence: {play: sound:nobody}, on_invalid: {play: sound:lost}}\n  more:\n    \
    - menu: {play: sound:sub, options: {2: {flow: enter}, 9: {back: true}}}\n  enter:\n    \
    - ask: {play: sound:enter, into: it, min: 2, max: 6, valid: it != \"13\", confirm: {play: sound:sure}, \
    invalid: sound:wrong, tries: 2, otherwise: {play: sound:sorry}}\n    - play: sound:thanks\n";

fn asks(body: &str) -> Verdict {
    let suite = suite(PLAN, &format!("tests:\n  it:\n    to: \"101\"\n{body}"));
    judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part))
}

#[track_caller]
fn passes(body: &str) {
    let verdict = asks(body);
    assert!(verdict.passed(), "{body}\n{}", verdict.diff());
}

#[test]
fn keys_in_the_greeting_answer_two_menus_that_are_not_heard() {
    passes(
        "    does: [{wait: 500ms}, {press: 12}, {wait_for: asks}, {press: 407#}, {wait_for: reads_back}, {wait: 3s}, {press: 1}]\n    \
         expect: [{plays: sound:greeting}, {menu: 1}, {chooses: 1}, {chooses: 2}, {asks: 1}, {plays: sound:enter}, \
         {reads_back: 1}, {plays: sound:digits/4}, {plays: sound:digits/0}, answers, {plays: sound:thanks}]\n    \
         never: [{plays: sound:main}, {plays: sound:sub}]\n",
    );
}

#[test]
fn a_wrong_answer_is_told_and_one_who_goes_back_is_asked_again() {
    passes(
        "    does: [{wait_for: menu}, {press: 1}, {wait_for: menu}, {press: 9}, {wait_for: menu}, {press: 22}, \
         {wait_for: asks}, {press: 13#}, {wait_for: {asks: 2}}, {press: 5#}]\n    \
         expect: [{plays: sound:main}, {plays: sound:sub}, {chooses: 9}, {menu: 1}, {plays: sound:main}, {chooses: 22}, \
         mistakes, {plays: sound:wrong}, {asks: 2}, mistakes, {plays: sound:sorry}, {plays: sound:thanks}]\n    \
         never: [answers, reads_back]\n",
    );
}

#[test]
fn half_an_answer_goes_another_way_than_silence() {
    passes("    expect: [presses_nothing, {plays: sound:hello}, presses_nothing, {plays: sound:nobody}]\n");
    passes(
        "    does: [{wait_for: {menu: 2}}, {press: 2}]\n    expect: [presses_nothing, {mistakes: 2}, {plays: sound:lost}]\n",
    );
}

/// When this happened for the first time, in milliseconds since the call began.
fn at(performance: &Performance, what: &str) -> u128 {
    let found = performance.happenings.iter().find(|it| it.what.to_string() == what);
    found.unwrap_or_else(|| panic!("no {what}: {:#?}", performance.happenings)).at.since(performance.began).as_millis()
}

#[test]
fn in_virtual_time_no_wait_for_a_key_is_off_by_more_than_50_ms() {
    let performed = |does: &str| {
        let tests = format!("tests:\n  it:\n    to: \"101\"\n    does: {does}\n    expect: [menu]\n");
        let suite = suite(PLAN, &tests);
        perform(&suite.plan, &suite.tests[0].part)
    };
    let near = |one: u128, other: u128| assert!(one.abs_diff(other) <= 50, "{one} ms, and {other} ms were meant");
    // The greeting and the question last two seconds each: the silence begins when the question has ended.
    let silent = performed("[]");
    near(at(&silent, "presses_nothing"), at(&silent, "plays: sound:main") + 2_000 + 4_000);
    // From the last key, which is told when it is let go, to the end of the answer.
    let entered = performed("[{wait_for: menu}, {press: 22}, {wait_for: asks}, {press: 4711}]");
    near(at(&entered, "reads_back: 1"), at(&entered, "presses: 7") + 600 + 120 + 3_000);
    let half = performed("[{wait_for: menu}, {press: 2}]");
    near(at(&half, "mistakes: 2"), at(&half, "presses: 2") + 120 + 2_000);
}

#[test]
fn a_question_for_digits_is_told_in_words() {
    let plan = dialplan::parse("plan.yaml", PLAN.as_bytes()).expect("a plan").plan;
    let keys = |keys: &str| [Deed::WaitForQuestion, Deed::Press(crate::domain::Digits::new(keys).expect("keys"))];
    let part = Part {
        at: crate::domain::Time::from_secs(1_704_715_200),
        from: None,
        phone: None,
        to: "101".into(),
        does: ["1", "2", "13#", "407#", "1"].into_iter().flat_map(keys).collect(),
        operators: Default::default(),
        other_calls: 0,
        remembered: Default::default(),
        lookups: Vec::new(),
    };
    insta::assert_snapshot!(route(&plan, &part));
}

#[test]
fn an_extension_is_told_in_words_from_the_keys_to_the_operator() {
    let text = "exchange: x\nnumbers: {\"101\": {flow: a}}\noperators: {anna: {dial: PJSIP/anna, extension: 501}, \
                boris: {dial: PJSIP/boris, extension: 502}}\nflows:\n  a:\n    \
                - menu: {play: sound:main, options: {5: {play: sound:five}}, extensions: true, inter_digit: 3s}\n";
    let told = |keys: &str| {
        let suite = suite(text, "tests:\n  it:\n    to: \"101\"\n    expect: [menu]\n");
        let press = Deed::Press(crate::domain::Digits::new(keys).expect("keys"));
        let does = vec![Deed::WaitForQuestion, press];
        route(&suite.plan, &Part { does, ..suite.tests[0].part.clone() })
    };
    let dialled = told("502");
    for line in [
        "  internal numbers: 501, 502",
        "the caller presses 502",
        "boris's telephone is rung",
        "the caller talks to boris",
    ] {
        assert!(dialled.contains(&format!("{line}\n")), "{line} in\n{dialled}");
    }
    let option = told("5");
    assert!(option.contains("the caller presses 5\n") && option.contains("sound:five"), "{option}");
}
