//! How a test that fails says so.

use super::*;

/// A text with a comma in it, which Asterisk's name for it has not, and a value that is said.
const SAYS: &str = "exchange: x\nnumbers: {\"101\": {flow: a}}\nflows:\n  \
    a: [{say: \"Good day, and \\\"welcome\\\".\"}, {play: sound:beep}, {say: \"It is {{ number.calls }}\"}]\n";

fn differs(body: &str) -> Verdict {
    let suite = suite(SAYS, &format!("tests:\n  it:\n    to: \"101\"\n{body}"));
    let verdict = judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part));
    assert!(!verdict.passed(), "{body}\n{}", verdict.diff(Extent::Whole));
    verdict
}

#[test]
fn a_text_is_told_as_plan_and_test_write_it() {
    let verdict = differs("    expect:\n      - plays: {say: \"Good evening, you.\"}\n      - plays: sound:boop\n");
    let told = verdict.diff(Extent::First);
    for line in [
        "  plays: {say: \"Good day, and \\\"welcome\\\".\"}\n",
        "  plays: sound:beep\n",
        "  plays: {say: \"Good evening, you.\"}    <- line 5: this should happen here; it does not; at 0.0s `plays: {say: \
         \"Good day, and \\\"welcome\\\".\"}` does\n",
        "  plays: sound:boop    <- line 6: ",
    ] {
        assert!(told.contains(line), "{line} in\n{told}");
    }
    assert!(!told.contains("sound:Good"), "{told}");
    let first = verdict.first().expect("something is wrong");
    assert!(
        first.starts_with("`plays: {say: \"Good evening, you.\"}` of line 5 should happen; it does not; "),
        "{first}"
    );
}

#[test]
fn a_file_is_told_and_expected_by_its_name_whatever_is_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let wav = crate::prompts::wav::Wav::of_samples(&[0; 8_000]);
    std::fs::write(path("welcome.wav"), wav.bytes()).expect("a prompt");
    let plan = "exchange: x\nnumbers: {\"101\": {flow: a}}\nflows: {a: [{play: welcome.wav}]}\n";
    std::fs::write(path("p.yaml"), plan).expect("a plan");
    let tests = "tests:\n  good: {expect: [{plays: welcome.wav}]}\n  bad: {expect: [{plays: other.wav}]}\n";
    std::fs::write(path("p.test.yaml"), tests).expect("tests");
    let suite = load::load(&path("p.test.yaml")).unwrap_or_else(|faults| panic!("{faults}"));
    let verdict = |nth: usize| judge(&suite.tests[nth], perform(&suite.plan, &suite.tests[nth].part));
    assert!(verdict(0).passed(), "{}", verdict(0).diff(Extent::Whole));
    let told = verdict(1).diff(Extent::First);
    assert!(told.contains("  plays: other.wav    <- line 3: ") && told.contains("  plays: welcome.wav\n"), "{told}");
}

#[test]
fn what_is_around_the_first_difference_is_told_in_full_and_the_rest_when_it_is_asked_for() {
    let verdict = one("    operators: {anna: busy, boris: busy, carla: busy}\n    \
                       expect: [{joins: sales}, {connected: anna}, {timed_out: sales}, {plays: sound:no}]\n");
    let (first, whole) = (verdict.diff(Extent::First), verdict.diff(Extent::Whole));
    assert!(first.contains("(--full shows them)") && !whole.contains("--full"), "{first}\n{whole}");
    let lines: Vec<&str> = first.lines().collect();
    let wrong = lines.iter().position(|line| line.contains("connected: anna")).expect("the difference");
    let whole_lines: Vec<&str> = whole.lines().collect();
    let same = whole_lines.iter().position(|line| line.contains("connected: anna")).expect("the difference");
    assert_eq!(lines[wrong..wrong + 17], whole_lines[same..same + 17]);
    // The second difference, at the end, is told, too.
    assert!(first.contains("plays: sound:no    <- line 6"), "{first}");
    let first = verdict.first().expect("something is wrong");
    assert_eq!(first, "`connected: anna` of line 6 should happen; it does not");
}
