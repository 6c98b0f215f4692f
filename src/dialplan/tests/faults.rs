use std::path::Path;

use super::*;
use crate::yaml::Severity;

#[test]
fn every_broken_plan_is_told_exactly() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dialplan/tests/broken");
    let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 25, "{files:?}");
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read(&path).unwrap();
        let Err(faults) = parse(&name, &text) else { panic!("{name} is right") };
        insta::assert_snapshot!(name.trim_end_matches(".yaml"), format!("{}\n{faults}", faults.render(false)));
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_their_places() {
    let faults = faults(include_bytes!("broken/many.yaml"));
    let errors = || faults.iter().filter(|fault| fault.severity == Severity::Error);
    let lines: Vec<usize> = errors().map(|fault| fault.place.as_ref().expect("a place").line).collect();
    assert!(lines.len() >= 12, "{faults}");
    assert!(lines.is_sorted(), "{lines:?}");
    assert!(faults.iter().take(lines.len()).eq(errors()), "{faults}");
    assert!(faults.iter().all(|fault| fault.remedy.is_some()), "{faults}");
}

#[test]
fn what_nobody_uses_is_told_beside_mistakes_that_cannot_be_why() {
    let told = faults(include_bytes!("broken/unnamed.yaml")).to_string();
    for unused in ["`forgotten`", "`blocked`", "`boris`", "`weekend`", "`billing`"] {
        assert!(told.contains(&format!("{unused};")), "{unused} in\n{told}");
    }
    // They may be what a mistake was meant to name.
    for meant in ["queue `support`", "flow `sorry`", "list `vip`", "flow `welcome`", "queue `sales`", "hours `office`"]
    {
        assert!(!told.contains(&format!("{meant};")), "{meant} in\n{told}");
    }
    // Where something is missing, anything may be.
    let text = include_str!("broken/unnamed.yaml").replace("- queue: sales", "- queue:");
    assert!(!faults(text.as_bytes()).to_string().contains("warning"), "{text}");
}

#[test]
fn what_is_not_utf8_is_told_with_its_byte() {
    let text = "exchange: test # æ\n".chars().map(|c| c as u8).collect::<Vec<_>>();
    let faults = faults(&text);
    let told =
        "plan.yaml:1:18: this is not UTF-8: byte 0xe6 at offset 17 is no part of a letter; save the file as UTF-8";
    assert_eq!(faults.to_string(), told);
    assert!(faults.render(false).contains("exchange: test # "));
}

#[test]
fn what_is_utf16_is_told_as_that() {
    let text = "exchange: test\nnumbers: {101: {flow: a}}\nflows: {a: answer}\n";
    let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    for bytes in [
        [vec![0xff, 0xfe], wide(u16::to_le_bytes)].concat(),
        [vec![0xfe, 0xff], wide(u16::to_be_bytes)].concat(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
    ] {
        let faults = faults(&bytes);
        assert!(faults.to_string().contains("this is UTF-16, and a plan is UTF-8; save the file as UTF-8"), "{faults}");
    }
    assert!(!faults(b"\0\0\0\0").to_string().contains("UTF-16"));
    assert!(!faults(b"a\0b: 1").to_string().contains("UTF-16"));
}

#[test]
fn nothing_in_a_plan_can_move_the_cursor_of_who_reads_of_its_mistakes() {
    let faults =
        faults("exchange: \"\\e[2J\\a\\u202e\"\nnumbers: {1: {flow: \"a\\eb\"}}\nflows: {w: answer}\n".as_bytes());
    let told = format!("{faults}{}", faults.render(false));
    assert!(!told.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{told:?}");
}

#[test]
fn of_very_many_mistakes_a_hundred_are_told_and_the_others_counted() {
    let many: String = (0..5000).map(|n| format!("  a{n}: {{dail: x}}\n")).collect();
    let faults = faults(format!("operators:\n{many}").as_bytes());
    assert_eq!(faults.iter().count(), 100);
    assert!(faults.len() > 1000, "{}", faults.len());
    let told = format!("plan.yaml: and {} more", faults.len() - 100);
    assert!(faults.to_string().ends_with(&told), "{faults}");
}

#[test]
fn a_plan_that_wants_too_much_is_refused_and_not_worked_on() {
    let deep = format!("a: {}{}", "[".repeat(32), "]".repeat(32));
    let deeper = "[".repeat(1_000_000);
    let indented: String = (0..1000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    let bomb: String = ('b'..'k')
        .map(|name| {
            let before = char::from(name as u8 - 1);
            format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 10].join(", "))
        })
        .collect();
    let bomb = format!("a: &a [x]\n{bomb}");
    let wide = "- a\n".repeat(300_000);
    for text in [deep, deeper, indented, bomb, wide] {
        let faults = faults(text.as_bytes());
        assert_eq!(faults.len(), 1, "{faults}");
        let told = faults.to_string();
        assert!(told.contains("deep") || told.contains("values") || told.contains("recursion"), "{told}");
        assert!(faults.render(false).len() < 4000);
    }
}

#[test]
fn a_long_line_is_cut_around_the_mistake() {
    let text =
        format!("exchange: test\nnumbers: {{{} 1: {{flow: nowhere}}}}\nflows: {{w: answer}}\n", " ".repeat(500_000));
    let shown = faults(text.as_bytes()).render(false);
    assert!(shown.contains("flow: nowhere") && shown.len() < 4000, "{} bytes", shown.len());
    assert!(shown.contains("--> plan.yaml:2:500022\n"), "{shown}");
}

#[test]
fn colours_are_there_when_asked_for() {
    let faults = faults(b"exchange: 1");
    assert!(faults.render(true).contains('\u{1b}'));
    assert!(!faults.render(false).contains('\u{1b}'));
}

#[test]
fn an_option_that_yaml_takes_for_a_comment_is_doubtful() {
    let told = |options: &str| {
        let text = format!(
            "exchange: test\nnumbers: {{101: {{flow: w}}}}\nflows:\n  w:\n    - menu:\n        play: sound:beep\n        \
             options:\n{options}        otherwise: {{hangup: busy}}\n#: a comment\n"
        );
        plan(&text).warnings.to_string()
    };
    let lost = told("          1: hangup\n          #: {hangup: busy}\n");
    let expected = "plan.yaml:9:11: warning: this is a comment, and no option of the menu: `#` begins one; \
        put the key in quotes: `\"#\": ...`";
    assert_eq!(lost, expected);
    assert_eq!(told("          1: hangup\n          \"#\": {hangup: busy}\n          # : a comment\n"), "");
}

#[test]
fn what_is_doubtful_is_told_behind_the_mistakes() {
    let text = "exchange: test\nnumbers: {800 12 345: {flow: w}}\nflows:\n  w:\n    - menu:\n        play: sound:beep\n        \
        options:\n          1: hangup\n          #: hangup\n    - hangup: bizzy\n";
    let faults = faults(text.as_bytes());
    let told: Vec<_> =
        faults.iter().map(|fault| (fault.severity, fault.place.as_ref().expect("a place").line)).collect();
    assert_eq!(told, [(Severity::Error, 10), (Severity::Warning, 2), (Severity::Warning, 9)], "{faults}");
    assert_eq!((faults.errors(), faults.len()), (1, 3));
}
