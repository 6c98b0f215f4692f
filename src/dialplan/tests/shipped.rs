use std::path::Path;

use super::{super::load, *};

/// Every file of a directory of this package that ends with `.yaml`.
pub(super) fn plans_in(directory: &str) -> Vec<std::path::PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let files = std::fs::read_dir(directory).expect("a directory");
    let files = files.map(|file| file.expect("a file").path());
    let is_plan = |name: &str| name.ends_with(".yaml") && !name.ends_with(".test.yaml");
    files.filter(|path| is_plan(&path.to_string_lossy())).collect()
}

#[test]
fn every_shipped_plan_is_right_and_tested_and_nothing_in_it_is_doubtful() {
    let plans = plans_in("dialplans");
    assert!(plans.len() >= 4, "{plans:?}");
    for path in plans {
        let tests = path.with_extension("test.yaml");
        assert!(tests.is_file(), "{} is missing", tests.display());
        let checked = load(&path).unwrap_or_else(|faults| panic!("{}", faults.render(false)));
        assert!(checked.warnings.is_empty(), "{}", checked.warnings.render(false));
    }
}

#[test]
fn every_plan_in_the_reference_is_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dialplan.md");
    let text = std::fs::read_to_string(path).expect("the reference");
    let blocks: Vec<&str> = text.split("```yaml\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    assert!(blocks.len() >= 10, "only {} blocks", blocks.len());
    for block in blocks {
        let checked = plan(block);
        assert!(checked.warnings.is_empty(), "{}", checked.warnings.render(false));
    }
}

#[test]
fn a_plan_that_is_not_there_is_told() {
    let told = |path: &str| load(Path::new(path)).map(|_| ()).expect_err("no plan").to_string();
    let missing = told("/nowhere/plan.yaml");
    assert!(missing.starts_with("/nowhere/plan.yaml: the plan `") && missing.contains("cannot be read"), "{missing}");
    let folder = told(env!("CARGO_MANIFEST_DIR"));
    assert!(folder.contains("is a folder and no plan; name the plan's file in it"), "{folder}");
}

#[test]
fn of_a_huge_file_no_more_is_read_than_a_plan_may_have() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    file.as_file().set_len(100 * 1024 * 1024).expect("room");
    let told = load(file.path()).map(|_| ()).expect_err("too large").to_string();
    assert!(told.contains("a plan has at most 4 MiB, and this file is larger"), "{told}");
}
