//! A number whose channels other calls have, and callers who are promised to be called back.

use super::*;

const LINES: &str = "exchange: x\nlists: {vip: [\"+4790000000\"]}\nnumbers:\n  \
    \"+4780012345\": {channels: 4, reserved: {for: vip, channels: 1}, flow: a}\n  \
    \"+4780012346\": {channels: 2, when_full: {flow: b}, flow: a}\n  \"101\": {flow: a}\n\
    flows: {a: [{play: sound:welcome}], b: [{hangup: congestion}]}\n";

fn verdict(body: &str) -> Verdict {
    let suite = suite(LINES, &format!("tests: {{it: {body}}}\n"));
    judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part))
}

#[test]
fn a_call_finds_the_number_as_full_as_the_test_says() {
    for body in [
        "{to: \"+4780012345\", expect: [{plays: sound:welcome}], never: [refused]}",
        "{to: \"+4780012345\", other_calls: 2, expect: [{plays: sound:welcome}]}",
        "{to: \"+4780012345\", other_calls: 3, expect: [{refused: full}, {told: 486}], never: [enters]}",
        "{to: \"+4780012345\", from: \"+4790000000\", other_calls: 3, expect: [{plays: sound:welcome}]}",
        "{to: \"+4780012345\", from: \"+4790000000\", other_calls: 4, expect: [{refused: full}]}",
        "{to: \"+4780012346\", other_calls: 1, expect: [{enters: a}]}",
        "{to: \"+4780012346\", other_calls: 2, expect: [{enters: b}, {told: 503}], never: [plays]}",
    ] {
        let verdict = verdict(body);
        assert!(verdict.passed(), "{body}\n{}", verdict.diff(Extent::First));
    }
}

#[test]
fn a_number_has_no_more_calls_than_channels() {
    for (body, told) in [
        ("to: \"+4780012345\", other_calls: 5", "takes 4 calls at once and no more"),
        ("to: \"101\", other_calls: 1", "the number 101 is never full"),
        ("to: \"+4780012345\", other_calls: 0", "other_calls: a whole number from 1"),
    ] {
        let tests = format!("tests: {{it: {{{body}, expect: [calls]}}}}\n");
        let faults = read(LINES, &tests).map(|_| ()).expect_err("a mistake").to_string();
        assert!(faults.contains(told), "{told} in\n{faults}");
    }
}

#[test]
fn who_may_be_called_back_is_promised_it_and_anybody_else_is_not() {
    const BACK: &str = "exchange: x\ncountry: \"NO\"\nnumbers: {\"+4722334455\": {flow: a}}\noperators: {anna: {dial: PJSIP/anna}}\n\
        trunks: {provider: {dial: \"PJSIP/{number}@provider\"}}\nqueues:\n  sales: {operators: [anna], \
        exit: {\"#\": {callback: {queue: sales, promised: [{play: sound:soon}, hangup], refused: [{play: sound:no}, hangup]}}}, \
        callback: {greeting: sound:back}}\nflows: {a: [{queue: sales}]}\n";
    for (from, word, sound) in [
        ("+4790000000", "promises_callback", "soon"),
        ("+46812345678", "refuses_callback", "no"),
        ("+4782900000", "refuses_callback", "no"),
    ] {
        let tests = format!(
            "tests:\n  it:\n    to: \"+4722334455\"\n    from: \"{from}\"\n    does: [{{wait_for: joins}}, {{wait: 2s}}, {{press: \"#\"}}]\n    \
             operators: {{anna: rings out}}\n    expect: [{{joins: sales}}, {{leaves: sales}}, {{{word}: sales}}, {{plays: sound:{sound}}}]\n    \
             never: [connected]\n"
        );
        let suite = suite(BACK, &tests);
        let verdict = judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part));
        assert!(verdict.passed(), "{from}\n{}", verdict.diff(Extent::Whole));
    }
}

#[test]
fn another_number_is_entered_and_looked_at_as_the_one_that_he_calls_from() {
    const BACK: &str = "exchange: x\ncountry: \"NO\"\nnumbers: {\"+4722334455\": {flow: a}}\noperators: {anna: {dial: PJSIP/anna}}\n\
        trunks: {provider: {dial: \"PJSIP/{number}@provider\"}}\nqueues:\n  sales: {operators: [anna], \
        exit: {\"#\": {callback: {queue: sales, number: ask, promised: [{play: sound:soon}, hangup], refused: [{play: sound:no}, hangup]}}}, \
        callback: {greeting: sound:back}}\nflows: {a: [{queue: sales}]}\n";
    let another = |number: &str| {
        format!("{{wait_for: asks}}, {{press: \"{number}#\"}}, {{wait_for: reads_back}}, {{press: \"1\"}}")
    };
    for (from, keys, told) in [
        ("+4790000000", "{wait_for: menu}, {press: \"1\"}".into(), "{promises_callback: sales}, {plays: sound:soon}"),
        (
            "+4790000000",
            format!("{{wait_for: menu}}, {{press: \"2\"}}, {}", another("22000000")),
            "{promises_callback: sales}",
        ),
        ("", another("004790000000"), "{promises_callback: sales}"),
        (
            "+46812345678",
            format!("{{wait_for: menu}}, {{press: \"1\"}}, {}", another("90000000")),
            "{refuses_callback: sales}, {promises_callback: sales}",
        ),
        (
            "",
            format!("{}, {}", another("82900000"), another("22334455")),
            "{refuses_callback: sales}, {refuses_callback: sales}, {plays: sound:no}",
        ),
    ] {
        let from = if from.is_empty() { String::new() } else { format!("from: \"{from}\"\n    ") };
        let tests = format!(
            "tests:\n  it:\n    to: \"+4722334455\"\n    {from}does: [{{wait_for: joins}}, {{wait: 2s}}, {{press: \"#\"}}, {keys}]\n    \
             operators: {{anna: rings out}}\n    expect: [{{leaves: sales}}, {told}]\n    never: [connected]\n"
        );
        let suite = suite(BACK, &tests);
        let verdict = judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part));
        assert!(verdict.passed(), "{tests}\n{}", verdict.diff(Extent::Whole));
    }
}
