use super::*;

#[test]
fn every_test_of_the_shipped_plans_passes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans");
    let files = load::find(&folder).expect("tests");
    let mut count = 0;
    for file in files {
        let suite = load::load(&file).unwrap_or_else(|faults| panic!("{}", faults.render(false)));
        for test in &suite.tests {
            let verdict = judge(test, perform(&suite.plan, &test.part));
            assert!(verdict.passed(), "{}\n{}", test.name, verdict.diff(Extent::First));
            count += 1;
        }
    }
    assert!(count >= 10, "{count}");
}

#[test]
fn every_behaviour_of_an_operator_is_met_as_it_is_written() {
    passes(
        "    operators: {anna: busy, boris: unreachable, carla: answers after 4s}\n    \
         expect: [{rings: anna}, {busy: anna}, {rings: boris}, {unreachable: boris}, {rings: carla}, {connected: carla}]\n",
    );
    passes(
        "    operators: {anna: declines after 3s, boris: silent, carla: rings out}\n    \
         expect: [{declines: anna}, {no_answer: boris}, {no_answer: carla}, {timed_out: sales}, {enters: sorry}, \
         {plays: sound:sorry}, {ended: ended_by_plan}]\n    never: [connected, {declines: anna, within: 2s}]\n",
    );
    passes(
        "    operators: {anna: \"answers after 1s, hangs up after 7s\"}\n    \
         expect: [{connected: anna, within: 2s}, {hangs_up: operator, within: 9s}, {ended: served}]\n    \
         never: [{hangs_up: caller}]\n",
    );
}

#[test]
fn an_operator_may_do_something_else_the_next_time() {
    passes(
        "    operators: {anna: [busy, answers after 2s], boris: busy, carla: busy}\n    \
         expect: [{busy: anna}, {busy: boris}, {rings: anna}, {connected: anna}, {ended: served}]\n",
    );
}

#[test]
fn a_caller_does_one_thing_after_the_other() {
    passes(
        "    operators: {anna: rings out, boris: rings out, carla: rings out}\n    \
         does: [{wait_for: {rings: boris}}, {wait: 3s}, hang_up]\n    \
         expect: [{rings: boris}, {hangs_up: caller, within: 14s}, {ended: abandoned}]\n    \
         never: [{rings: carla}, {hangs_up: caller, within: 12s}]\n",
    );
}

#[test]
fn a_caller_who_waits_for_what_never_comes_hangs_up_some_time() {
    let told = fails("    does: [{wait_for: fallback}, {press: 1}]\n    expect: [{presses: 1}]\n");
    assert!(told.contains("hangs_up: caller") && told.contains("3600"), "{told}");
}

#[test]
fn what_is_expected_and_does_not_happen_is_told_where_it_should_have_been() {
    let told = fails("    operators: {anna: busy}\n    expect: [{rings: anna}, {connected: anna}, {ended: served}]\n");
    insta::assert_snapshot!(told);
}

#[test]
fn the_wrong_order_the_wrong_time_and_the_forbidden_fail() {
    let told = fails("    expect: [{connected: anna}, {joins: sales}]\n");
    assert!(
        told.contains("- ") && told.contains("joins: sales    <- line 5: this should happen here; it did at 0.0s"),
        "{told}"
    );
    let told = fails("    expect: [{connected: anna, within: 1s}]\n");
    assert!(told.contains("it does at 3.0s, later than within 1.0s"), "{told}");
    let told = fails("    expect: [answered]\n    never: [{rings: anna}]\n");
    assert!(told.contains("! ") && told.contains("rings: anna    <- line 6: this should never happen"), "{told}");
    // Once is not twice.
    fails("    expect: [{connected: anna}, {connected: anna}]\n");
}

#[test]
fn of_a_long_wait_only_the_beginning_and_the_end_are_told() {
    let told = fails("    operators: {anna: busy, boris: busy, carla: busy}\n    expect: [{connected: anna}]\n");
    assert!(told.contains("...  and ") && told.lines().count() < 40, "{told}");
    assert!(told.contains("joins: sales") && told.contains("timed_out: sales"), "{told}");
}

#[test]
fn what_happens_at_once_may_be_expected_in_either_order() {
    passes("    expect: [answered, {open: office}, {joins: sales}]\n");
    passes("    expect: [{joins: sales}, {open: office}, answered]\n");
}

#[test]
fn the_clock_is_the_plans() {
    let at = |at: &str| {
        let tests = format!("tests: {{it: {{at: {at}, to: \"4780012345\", expect: [{{open: office}}]}}}}");
        let suite = suite(PLAN, &tests);
        judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part)).passed()
    };
    // Oslo is at +01:00 then: 07:00 UTC is 08:00.
    assert!(at("2026-11-25T08:00") && at("2026-11-25T07:00Z") && !at("2026-11-25T07:00"));
    assert!(at("2026-07-22T06:00Z") && !at("2026-07-22T05:59:59Z"));
}

#[test]
fn what_is_said_is_expected_word_by_word() {
    let plan = PLAN.replace("{play: sound:sorry}", "{say: \"It is number {{ number.calls + 41 }}\"}");
    let tests = "tests:\n  it:\n    at: 2026-11-25T12:00\n    to: \"101\"\n    \
        expect: [{plays: {say: It is number}}, {plays: {say: forty two}}]\n    never: [{plays: {say: forty three}}]\n";
    let suite = suite(&plan, tests);
    let verdict = judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part));
    assert!(verdict.passed(), "{}", verdict.diff(Extent::First));
}
