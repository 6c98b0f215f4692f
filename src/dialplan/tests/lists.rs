//! Lists of numbers, in the plan and in files beside it.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::{super::load, *};
use crate::domain::{Caller, Country};

/// What is told of a plan whose list is in this file.
fn told(folder: &Path, file: &str) -> Result<Checked, String> {
    let path = folder.join("office.yaml");
    let text = format!(
        "exchange: test\ncountry: NO\nnumbers: {{101: {{flow: w}}}}\nlists: {{blocked: {{file: \"{file}\"}}}}\nflows: {{w: answer}}\n"
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
