//! What the exchange remembers of a caller.

use super::*;

const SALES: &str = "exchange: x\ncountry: NO\nnumbers: {\"101\": {flow: a}}\n\
    operators: {anna: {dial: PJSIP/anna}, boris: {dial: PJSIP/boris}}\n\
    queues: {sales: {operators: [anna, boris], sticky: {days: 30}, keep_place_for: 5m}, night: {operators: [anna, boris]}}\n\
    flows: {a: [{queue: sales}]}\n";

fn verdict(body: &str) -> Verdict {
    let suite = suite(SALES, &format!("tests: {{it: {body}}}\n"));
    judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part))
}

#[test]
fn a_caller_has_the_operator_who_talked_to_him_as_the_test_says() {
    for body in [
        "{from: \"90000000\", remembered: {sales: {talked_to: boris}}, expect: [{rings: boris}, {connected: boris}], never: [{rings: anna}]}",
        "{from: \"+4790000000\", remembered: {sales: {talked_to: boris}}, operators: {boris: busy}, expect: [{rings: boris}, {rings: anna}, {connected: anna}]}",
        "{from: \"+4790000000\", expect: [{rings: anna}, {rings: boris}], never: [comes_back]}",
        "{from: \"+4790000000\", remembered: {sales: {left_after: 4m}}, expect: [{comes_back: sales}, {joins: sales}]}",
    ] {
        let verdict = verdict(body);
        assert!(verdict.passed(), "{body}\n{}", verdict.diff());
    }
}

#[test]
fn what_cannot_be_remembered_is_told() {
    for (body, told) in [
        ("remembered: {sales: {talked_to: anna}}", "nothing is remembered of a caller who withholds his number"),
        ("from: \"+4790000000\", remembered: {sails: {talked_to: anna}}", "the plan has no queue `sails`"),
        ("from: \"+4790000000\", remembered: {sales: {talked_to: ana}}", "the plan has no operator `ana`"),
        ("from: \"+4790000000\", remembered: {night: {talked_to: anna}}", "it has no `sticky`"),
        ("from: \"+4790000000\", remembered: {night: {left_after: 1m}}", "it has no `keep_place_for`"),
    ] {
        let tests = format!("tests: {{it: {{{body}, expect: [calls]}}}}\n");
        let faults = read(SALES, &tests).map(|_| ()).expect_err("a mistake").to_string();
        assert!(faults.contains(told), "{told} in\n{faults}");
    }
}
