use proptest::prelude::*;

use super::*;

fn faults(tests: &str) -> Faults {
    match read(PLAN, tests) {
        Ok(_) => panic!("nothing is wrong with {tests}"),
        Err(faults) => faults,
    }
}

#[test]
fn all_mistakes_are_told_at_once_with_place_and_remedy() {
    let text = "\
plan: plan.yaml
tests:
  first:
    at: 2026-11-25
    from: somebody
    to: \"+47 800 12 346\"
    operators: {ana: answers, boris: sleeps, carla: [], anna: \"busy, hangs up after 3s\"}
    does: [{wait: 2}, {pres: 1}, {press: x}, dance, {wait_for: {rings: borris}}, press, {hang_up: false}, {wait: 1s, press: 1}]
    expect:
      - joins: sals
      - rang: anna
      - menu: many
      - ended: servd
      - answered: anna
      - {rings: anna, joins: sales}
      - plays: welcome.wav
      - {rings: anna, within: soon}
    nevr: []
  second:
    expect: []
  third: soon
  fourth: {at: 2026-10-25T02:30, to: 101, expect: [menu]}
  fifth: {at: 2027-03-28T02:30, to: 101, expect: menu}
  \"\": {at: 2027-03-28T12:30, to: 101, expect: [told: 1, hangs_up: somebody]}
";
    insta::assert_snapshot!(faults(text).to_string());
}

#[test]
fn what_is_no_file_of_tests_is_told() {
    for (text, told) in [
        ("", "should be a file of tests with its keys"),
        ("tests: {}", "there is no test"),
        ("plan: x.yaml", "a file of tests needs `tests`"),
        ("tests: [", "this is not YAML"),
        ("plan: [a]\ntests: {a: {at: 2026-11-25T12:00, to: 101, expect: [menu]}}", "this should be the plan's file"),
    ] {
        let faults = faults(text).to_string();
        assert!(faults.contains(told), "{told} in\n{faults}");
    }
    let faults = super::super::read::read("x.test.yaml", b"\xff", |_| unreachable!("it is not read")).map(|_| ());
    assert!(faults.expect_err("not UTF-8").to_string().contains("this is not UTF-8"));
}

#[test]
fn the_mistakes_of_the_plan_are_told_as_its_own() {
    let faults = read("exchange: x\nnonsense: 1\n", "tests: {a: {expect: [menu]}}").map(|_| ()).expect_err("no plan");
    assert_eq!(faults.file(), "plan.yaml");
}

#[test]
fn tests_are_found_beside_their_plan_and_in_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let told = |name: &str| load::find(&path(name)).map(|_| ()).expect_err("no tests").to_string();
    assert!(told("").contains("there are no tests; put them beside their plan"), "{}", told(""));
    std::fs::write(path("b.yaml"), PLAN).expect("a file");
    assert!(told("b.yaml").contains("has no tests; write them into `"), "{}", told("b.yaml"));
    let test = "tests: {a: {at: 2026-11-25T12:00, to: 101, expect: [{enters: sorry}]}}";
    std::fs::write(path("b.test.yaml"), test).expect("a file");
    std::fs::write(path("a.test.yaml"), format!("plan: b.yaml\n{test}")).expect("a file");
    assert_eq!(load::find(folder.path()).expect("tests"), [path("a.test.yaml"), path("b.test.yaml")]);
    assert_eq!(load::find(&path("b.yaml")).expect("tests"), [path("b.test.yaml")]);
    for file in ["a.test.yaml", "b.test.yaml"] {
        let suite = load::load(&path(file)).unwrap_or_else(|faults| panic!("{faults}"));
        assert!(judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part)).passed());
    }
    let missing = load::load(&path("c.test.yaml")).map(|_| ()).expect_err("no file").to_string();
    assert!(missing.contains("cannot be read"), "{missing}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_written_in_a_test_panics(
        key in "[a-z_]{1,8}|wait|press|menu|rings|within|wait_for|expect|at|never|does|operators",
        value in "\\PC{0,30}|-?[0-9]{1,30}[smh]?|\\[.{0,10}\\]|\\{.{0,10}\\}",
    ) {
        let _ = read(PLAN, &format!("tests: {{a: {{expect: [{{{key}: {value}}}], does: [{{{key}: {value}}}], {key}: {value}}}}}"));
        let _ = read(PLAN, &value);
    }
}
