//! `sentral test`: the tests beside a plan.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::mpsc,
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use notify_debouncer_full::{
    NoCache, new_debouncer_opt,
    notify::{self, RecommendedWatcher, RecursiveMode},
};

use super::counted;
use crate::{
    scenario::{self, Suite, load},
    yaml::Faults,
};

/// Whoever saves a file writes it in several steps; it is read when nothing happened for this long.
const QUIET: Duration = Duration::from_millis(300);

/// Which tests.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Plans, files of tests, or folders with files of tests
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Run them again whenever a file changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

/// Runs them; the code is 1 when one fails.
pub(super) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if options.watch {
        return watch(&options.paths);
    }
    let passed = round(&options.paths, &mut io::stdout(), &mut io::stderr());
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs all tests once: whether all of them passed.
fn round(paths: &[PathBuf], out: &mut impl Write, err: &mut impl Write) -> bool {
    let (mut passed, mut failed, mut unread) = (0, 0, 0);
    let mut tell = |faults: &Faults| {
        // Who closed the pipe has read enough.
        let _closed = write!(err, "{}", faults.render(io::stderr().is_terminal()));
        unread += 1;
    };
    let mut files = BTreeSet::new();
    for path in paths {
        match load::find(path) {
            Ok(found) => files.extend(found),
            Err(faults) => tell(&faults),
        }
    }
    for file in files {
        match load::load(&file) {
            Ok(suite) => {
                let (good, bad) = suite_passes(&suite, out);
                passed += good;
                failed += bad;
            }
            Err(faults) => tell(&faults),
        }
    }
    let mut summary = format!("{} passed, {failed} failed", counted(passed, "test"));
    if unread > 0 {
        summary += &format!(", {} could not be read", counted(unread, "file"));
    }
    let _closed = writeln!(out, "{summary}");
    failed == 0 && unread == 0
}

/// Runs the tests of one file: how many passed and how many failed.
fn suite_passes(suite: &Suite, out: &mut impl Write) -> (usize, usize) {
    let _closed = writeln!(out, "{}", suite.file);
    let (mut passed, mut failed) = (0, 0);
    for test in &suite.tests {
        let verdict = scenario::judge(test, scenario::perform(&suite.plan, &test.part));
        if verdict.passed() {
            passed += 1;
            let _closed = writeln!(out, "  ok      {}", test.name);
        } else {
            failed += 1;
            let _closed = writeln!(out, "  FAILED  {} (line {})\n{}", test.name, test.line, verdict.diff());
        }
    }
    (passed, failed)
}

/// Runs them again whenever something changes in a folder of theirs, until the program is ended.
fn watch(paths: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let (rings, rung) = mpsc::channel();
    // Nobody listens any more when the program ends.
    let ring = move |_events| rings.send(()).unwrap_or_default();
    let mut debouncer = new_debouncer_opt::<_, RecommendedWatcher, NoCache>(
        QUIET,
        None,
        ring,
        NoCache::new(),
        notify::Config::default(),
    )?;
    for folder in paths.iter().map(|path| folder_of(path)).collect::<BTreeSet<_>>() {
        let watched = debouncer.watch(folder, RecursiveMode::NonRecursive);
        watched.with_context(|| format!("{} cannot be watched", folder.display()))?;
    }
    loop {
        let before = contents(paths);
        round(paths, &mut io::stdout(), &mut io::stderr());
        let _closed = writeln!(io::stdout(), "\nwatching for changes; Ctrl-C ends it");
        // A file that is read, or written as it was, is no change.
        while contents(paths) == before {
            rung.recv().context("the folders are no longer watched")?;
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    if path.is_dir() {
        return path;
    }
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What is in the files that may matter: all plans and tests in the folders.
fn contents(paths: &[PathBuf]) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let files = paths.iter().filter_map(|path| fs::read_dir(folder_of(path)).ok()).flatten().flatten();
    let files = files.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    files.map(|path| (path.clone(), fs::read(&path).ok())).collect()
}
