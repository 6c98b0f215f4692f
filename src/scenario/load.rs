//! Tests out of files.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use super::{Suite, read};
use crate::{
    dialplan::MAX_BYTES,
    prompts,
    yaml::{self, Fault, Faults, quoted},
};

/// What the name of a file of tests ends with.
const ENDING: &str = ".test.yaml";

/// Whether a file holds tests, by its name.
pub fn is_tests(path: &Path) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.ends_with(ENDING))
}

/// The files of tests that a path means: itself, the one beside a plan, or all in a folder, in the order of their names.
///
/// # Errors
/// That there is none.
pub fn find(path: &Path) -> Result<Vec<PathBuf>, Faults> {
    let name = path.display().to_string();
    let fault = |message: String, remedy: &str| Faults::one(&name, Fault::whole(message).remedy(remedy));
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| {
            fault(format!("the folder {} cannot be read: {error}", quoted(&name)), "see that you may read it")
        })?;
        let mut files: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| is_tests(path)).collect();
        files.sort();
        if files.is_empty() {
            let message = format!("in the folder {} there are no tests", quoted(&name));
            return Err(fault(message, "put them beside their plan: `office.test.yaml` beside `office.yaml`"));
        }
        return Ok(files);
    }
    if is_tests(path) {
        return Ok(vec![path.to_owned()]);
    }
    let tests = path.with_extension("test.yaml");
    if path.exists() && !tests.exists() {
        let message = format!("the plan {} has no tests", quoted(&name));
        return Err(fault(message, &format!("write them into `{}`", tests.display())));
    }
    Ok(vec![tests])
}

/// Reads a file of tests and the plan that they are of.
///
/// # Errors
/// Every mistake in the tests, or in the plan, or why a file cannot be read.
pub fn load(path: &Path) -> Result<Suite, Faults> {
    let name = path.display().to_string();
    let text = bytes(path).map_err(|error| {
        let message = format!("the tests {} cannot be read: {error}", quoted(&name));
        Faults::one(&name, Fault::whole(message).remedy("see that the file is there and that you may read it"))
    })?;
    if text.len() > MAX_BYTES {
        return Err(Faults::one(&name, Fault::whole("this file is larger than 4 MiB").remedy("split it")));
    }
    read::read(&name, &text, |named| prompts::check(&plan_of(path, named)).map(|checked| checked.plan))
}

/// The plan that tests are of, and that is read for them.
pub fn plan_of(tests: &Path, named: Option<&str>) -> PathBuf {
    let name = tests.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let beside = || format!("{}.yaml", name.strip_suffix(ENDING).unwrap_or(name));
    tests.with_file_name(named.map_or_else(beside, str::to_owned))
}

/// The plan of a file of tests, as far as that can be read.
pub fn plan_named_in(tests: &Path) -> PathBuf {
    let text = bytes(tests).ok().and_then(|text| String::from_utf8(text).ok());
    let node = text.and_then(|text| yaml::read(&text).ok());
    plan_of(tests, node.as_ref().and_then(read::named_plan))
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}
