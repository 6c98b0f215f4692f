//! Other servers, as a test makes them up.

use super::*;

const ASKS: &str = "exchange: x\nnumbers: {101: {flow: a}}\nflows:\n  a:\n    \
    - lookup: {url: \"https://crm.example.com/{{ caller.number }}\", set: {name: name, level: {at: tier.level, default: 0}}, \
    failed: {play: sound:failed}}\n    \
    - notify: {url: \"https://desk.example.com/calls\", body: {name: \"{{ name }}\"}}\n    \
    - if: {when: name == \"Kari\" and level == 3, then: {play: sound:kari}}\n";

/// Whether a test of that plan passes, and what it tells.
fn tried(body: &str) -> (bool, String) {
    let suite = suite(ASKS, &format!("tests:\n  it:\n    from: \"+4790000000\"\n{body}"));
    let verdict = judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part));
    (verdict.passed(), verdict.diff(Extent::First))
}

#[test]
fn a_server_says_what_the_test_says() {
    let (passed, diff) = tried(
        "    lookups: {\"https://crm.example.com/\": fails, \
         \"https://crm.example.com/%2B4790000000\": {name: Kari, tier: {level: 3}}}\n    \
         expect: [{looks_up: \"https://crm.example.com/%2B4790000000\", within: 1s}, looked_up, \
         {notifies: \"https://desk.example.com/\"}, {plays: sound:kari}]\n    never: [lookup_failed]\n",
    );
    assert!(passed, "{diff}");
}

#[test]
fn a_server_that_is_not_made_up_is_not_there() {
    for (lookups, why, within) in [
        ("", "unreachable", "1s"),
        ("{\"https://crm\": fails}", "unreachable", "1s"),
        ("{\"https://crm\": times out}", "timed_out", "3s"),
    ] {
        let lookups = if lookups.is_empty() { String::new() } else { format!("    lookups: {lookups}\n") };
        let (passed, diff) = tried(&format!(
            "{lookups}    expect: [{{lookup_failed: {why}, within: {within}}}, {{plays: sound:failed}}, notifies]\n    \
             never: [looked_up, {{plays: sound:kari}}, {{notifies: \"https://crm\"}}]\n"
        ));
        assert!(passed, "{diff}");
    }
}

#[test]
fn what_is_no_answer_is_told() {
    let tests =
        "tests: {it: {lookups: {crm.example.com: {a: 1}, \"https://x/\": fail}, expect: [{lookup_failed: soon}]}}";
    let Err(faults) = read(ASKS, tests) else { panic!("nothing is wrong") };
    let told = faults.to_string();
    for part in ["`https://crm.example.com`", "did you mean `fails`?", "`soon` means nothing here"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}
