//! Lists of numbers, in the plan and in files beside it.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::{super::load, *};
use crate::domain::{Caller, Country};

/// What is told of a plan whose list is in this file.
fn told(folder: &Path, file: &str) -> Result<Checked, String> {
    let path = folder.join("office.yaml");
    let text = format!(
        "exchange: test\ncountry: NO\nnumbers: {{101: {{flow: w}}}}\nlists: {{blocked: {{file: \"{file}\"}}}}\nflows: {{w: [{{if: {{when: caller.number in lists.blocked, then: hangup}}}}]}}\n"
    );
    fs::write(&path, text).expect("a plan");
    load(&path).map_err(|faults| faults.to_string().replace(&*folder.to_string_lossy(), ""))
}

fn has(checked: &Checked, list: &str, number: &str) -> bool {
    checked.plan.lists[list].contains(&Caller::from_wire(number, "", "").within(Country::new("NO")))
}

#[test]
fn a_list_has_its_numbers_and_their_beginnings() {
    let checked = plan(
        "exchange: test\ncountry: NO\nnumbers: {101: {flow: w}}\nlists: {vip: [\"90 00 00 00\", \"+46 8*\"], one: \"101\", \
         nobody: []}\nflows: {w: answer}\n",
    );
    assert!(has(&checked, "vip", "+4790000000") && has(&checked, "vip", "+46812345678") && has(&checked, "one", "101"));
    assert!(!has(&checked, "vip", "+4790000001") && checked.plan.lists["nobody"].is_empty());
}

#[test]
fn a_list_may_be_a_file_beside_the_plan() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "\u{feff}# Who is not wanted\r\n\r\n+47 900 00 001  # shouts\r\n90 00 00 02\n+46 8*\n#\n";
    fs::write(folder.path().join("blocked.txt"), text).expect("a file");
    fs::create_dir(folder.path().join("lists")).expect("a folder");
    fs::write(folder.path().join("lists/more.txt"), "+4790000003").expect("a file");
    symlink(folder.path().join("blocked.txt"), folder.path().join("linked.txt")).expect("a link");
    for file in ["blocked.txt", "linked.txt"] {
        let checked = told(folder.path(), file).expect("a plan");
        assert_eq!(checked.plan.lists["blocked"].len(), 3);
        for number in ["+4790000001", "+4790000002", "+46812345678"] {
            assert!(has(&checked, "blocked", number), "{number}");
        }
    }
    assert!(has(&told(folder.path(), "lists/more.txt").expect("a plan"), "blocked", "90000003"));
}

#[test]
fn what_is_wrong_with_a_file_is_told_at_its_name() {
    let outer = tempfile::tempdir().expect("a folder");
    let folder = outer.path().join("plans");
    fs::create_dir_all(folder.join("folder")).expect("a folder");
    fs::write(outer.path().join("secret.txt"), "+4790000000").expect("a file");
    symlink(outer.path().join("secret.txt"), folder.join("link.txt")).expect("a link");
    symlink(outer.path(), folder.join("up")).expect("a link");
    symlink("/dev/zero", folder.join("endless.txt")).expect("a link");
    fs::write(folder.join("lines.txt"), "+4790000000\nanna\n\n+47 900*00\n").expect("a file");
    fs::write(folder.join("latin.txt"), b"+4790000000\n# \xe6\n").expect("a file");
    fs::write(folder.join("huge.txt"), vec![b'\n'; crate::dialplan::MAX_BYTES + 1]).expect("a file");
    let secret = outer.path().join("secret.txt");
    let files = [
        "missing.txt",
        "",
        ".",
        "../secret.txt",
        &*secret.to_string_lossy(),
        "link.txt",
        "up/secret.txt",
        "endless.txt",
        "folder",
        "lines.txt",
        "latin.txt",
        "huge.txt",
        "a\\0b",
    ];
    let told: Vec<String> = files.iter().map(|file| told(&folder, file).expect_err(file)).collect();
    let told = told.join("\n").replace(&*outer.path().to_string_lossy(), "/home");
    assert!(!told.contains("+4790000000"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn numbers_with_which_nobody_calls_are_doubtful_and_the_plan_can_be_used() {
    let told = |top: &str, numbers: &str| {
        let flows = "flows: {w: [{if: {when: caller.number in lists.vip, then: hangup}}]}";
        plan(&format!("exchange: test\n{top}numbers: {{101: {{flow: w}}}}\nlists: {{vip: [{numbers}]}}\n{flows}\n"))
            .warnings
    };
    let country = "country: RU\n";
    let doubtful = told(country, "\"+44\", \"8 921 00\", \"+7 921 000\", \"921 000 00 011\"");
    let thrice = told(country, "\"8 921 000 00 01\", \"+7 921 000 00 01\", \"9210000001\", \"+46*\", \"0046*\"");
    let without = told("", "\"900 00 001\"");
    insta::assert_snapshot!(format!("{doubtful}\n{thrice}\n{without}"));
    for right in ["\"8 921 000 00 01\", \"+7 921*\", \"101\", \"8501\", \"8*\", \"02097\"", "\"+44 20 7183 8750\""] {
        let warnings = told(country, right);
        assert!(warnings.is_empty(), "{warnings}");
    }
}

#[test]
fn a_list_in_which_nobody_is_and_one_that_nobody_asks_for_are_doubtful() {
    let checked = plan(
        "exchange: test\nnumbers: {101: {flow: w, channels: 3, reserved: {for: kept, channels: 1}}}\n\
         lists: {empty: [], kept: \"+46*\", asked: \"+47*\", lost: \"+45*\"}\n\
         flows: {w: [{if: {when: caller.number in lists.empty and not caller.number in lists.asked, then: hangup}}]}\n",
    );
    insta::assert_snapshot!(checked.warnings);
}

#[test]
fn what_is_doubtful_in_a_file_is_told_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("twice.txt"), "+4790000001\n\n900 00 001 # again\n+47900\n").expect("a file");
    fs::write(folder.path().join("empty.txt"), "# nobody yet\n").expect("a file");
    let warnings = |file| {
        told(folder.path(), file).expect("a plan").warnings.to_string().replace(&*folder.path().to_string_lossy(), "")
    };
    insta::assert_snapshot!(format!("{}\n{}", warnings("twice.txt"), warnings("empty.txt")));
    fs::write(folder.path().join("national.txt"), "+4790000001\n900*\n").expect("a file");
    let faults = told(folder.path(), "national.txt").expect_err("a beginning within the country");
    assert!(faults.contains("`national.txt`, line 2: no call comes with a number that begins with `900*`"), "{faults}");
}
