//! Operators who sign in and out, pause and wrap up while somebody calls.

use super::*;

/// Two operators, of whom one has a PIN; a code by which they pause, and one of wrap-up.
const HOUSE: &str = "exchange: x\nnumbers: {\"+4780012345\": {flow: a}}\n\
    operators:\n  anna: {dial: PJSIP/anna, extension: 101, pin: \"4712\"}\n  boris: {dial: PJSIP/boris, extension: 102}\n\
    pauses: {lunch: {for: 30s}}\nextensions: {\"600\": {flow: pause}, \"601\": {flow: out}}\n\
    queues: {sales: {operators: [anna, boris], strategy: linear, ring: 10s, wrap_up: 20s, when_unstaffed: {flow: nobody}, \
    max_wait: {after: 5m, go: hangup}}}\nflows:\n  a: [{queue: sales}]\n  nobody: [{play: sound:sorry}]\n  \
    pause: [{operator: {play: sound:pin, does: pause, reason: lunch, otherwise: {play: sound:no}}}, {play: sound:bye}]\n  \
    out: [{operator: {play: sound:pin, does: sign_out, otherwise: {play: sound:no}}}, {play: sound:bye}]\n";

fn verdict(body: &str) -> Verdict {
    let suite = suite(HOUSE, &format!("tests: {{it: {{to: \"+4780012345\", {body}}}}}\n"));
    judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part))
}

#[track_caller]
fn passes(body: &str) {
    let verdict = verdict(body);
    assert!(verdict.passed(), "{body}\n{}", verdict.diff(Extent::Whole));
}

#[test]
fn a_test_begins_with_those_who_are_not_there() {
    passes("duty: {anna: sign_out}, expect: [{connected: boris}], never: [{rings: anna}, signs_out]");
    passes("duty: {anna: {does: pause}}, expect: [{connected: boris}], never: [{rings: anna}, pauses]");
    passes("duty: {anna: sign_out, boris: pause}, expect: [{plays: sound:sorry}], never: [rings]");
    // Once out and in again before the call is in.
    passes("duty: {anna: [sign_out, sign_in]}, expect: [{connected: anna}]");
}

#[test]
fn what_changes_while_the_call_lasts_happens_at_its_time_and_is_told() {
    passes(
        "operators: {boris: rings out}, duty: {anna: [sign_out, {does: sign_in, after: 12s}]}, \
         expect: [{rings: boris}, {no_answer: boris}, {signs_in: anna, within: 12s}, {rings: anna}, {connected: anna}], \
         never: [{signs_in: anna, within: 11s}]",
    );
    passes(
        "operators: {anna: rings out}, duty: {anna: [{does: pause, reason: lunch, after: 4s}, {does: resume, after: 40s}]}, \
         does: [{wait: 50s}, hang_up], \
         expect: [{rings: anna}, {pauses: anna}, {rings: boris, within: 4100ms}, {connected: boris}, {resumes: anna, within: 35s}], \
         never: [{resumes: anna, within: 33s}]",
    );
    passes(
        "duty: {anna: {does: sign_out, after: 1s}, boris: {does: sign_out, after: 2s}}, \
         expect: [{rings: anna}, {signs_out: anna}, {rings: boris}, {signs_out: boris}, {unstaffed: sales}, {enters: nobody}], \
         never: [connected]",
    );
}

#[test]
fn wrap_up_is_seen_to_its_end_and_is_ended_or_made_longer() {
    let talks = "does: [{wait_for: connected}, {wait: 2s}, hang_up]";
    passes(&format!(
        "{talks}, expect: [{{wraps_up: anna, within: 6s}}, {{ended: served}}, {{wrapped_up: anna, within: 26s}}], \
                     never: [{{wrapped_up: anna, within: 24s}}]"
    ));
    passes(&format!(
        "{talks}, duty: {{anna: {{does: wrap_up_end, after: 10s}}}}, expect: [{{wraps_up: anna}}, {{wrapped_up: anna, within: 11s}}]"
    ));
    passes(&format!(
        "{talks}, duty: {{anna: {{does: wrap_up_extend, for: 1m, after: 10s}}}}, \
         expect: [{{wraps_up: anna}}, {{wrapped_up: anna, within: 86s}}], never: [{{wrapped_up: anna, within: 84s}}]"
    ));
}

#[test]
fn what_cannot_be_is_told() {
    passes("duty: {anna: [sign_out, {does: resume, after: 1s}]}, expect: [{duty_refused: signed_out}]");
    passes("duty: {anna: {does: wrap_up_end, after: 1s}}, expect: [{duty_refused: no_wrap_up}]");
}

#[test]
fn an_operator_pauses_by_telephone() {
    let by_phone = |body: &str| {
        let suite = suite(HOUSE, &format!("tests: {{it: {{{body}}}}}\n"));
        let verdict = judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part));
        assert!(verdict.passed(), "{body}\n{}", verdict.diff(Extent::Whole));
    };
    by_phone(
        "from: \"101\", to: \"600\", does: [{wait_for: {plays: sound:pin}}, {press: \"4712\"}, {press: \"#\"}], \
         expect: [{pauses: anna}, {plays: sound:bye}], never: [pin_refused]",
    );
    by_phone(
        "from: anna, to: \"600\", does: [{wait_for: {plays: sound:pin}}, {press: \"1111\"}, {press: \"#\"}], \
         expect: [{pin_refused: wrong}], never: [pauses]",
    );
    by_phone("from: boris, to: \"601\", expect: [{signs_out: boris}, {plays: sound:bye}]");
}

#[test]
fn mistakes_in_it_are_told_with_place_and_remedy() {
    let text = "tests:\n  it:\n    expect: [{signs_in: ana}, {duty_refused: never}]\n    duty:\n      ana: sign_out\n      \
                boris: [dance, {does: pause, reason: lunsh}, {does: sign_in, for: 5m}, {does: resume, reason: lunch}, \
                {does: wrap_up_extend}, {after: 3s}]\n      anna: []\n";
    let faults = read(HOUSE, text).map(|_| ()).expect_err("mistakes");
    insta::assert_snapshot!(faults.to_string());
}
