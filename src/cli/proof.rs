//! `sentral test`: the tests beside a plan.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::mpsc,
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use clap::Args;
use notify_debouncer_full::{
    NoCache, new_debouncer_opt,
    notify::{self, RecommendedWatcher, RecursiveMode},
};

use super::counted;
use crate::{
    prompts,
    scenario::{self, Extent, Suite, load},
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
    /// Run them again whenever a file changes, until Ctrl-C: tests, their plans, and what stands beside these and is of them
    #[arg(long)]
    watch: bool,
    /// Tell all that happened in a test that fails, not only what is around the first difference
    #[arg(long)]
    full: bool,
}

/// Runs them; the code is 1 when one fails.
pub(super) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let extent = if options.full { Extent::Whole } else { Extent::First };
    if options.watch {
        return watch(&options.paths, extent);
    }
    let passed = round(&options.paths, extent, &mut io::stdout(), &mut io::stderr());
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs all tests once: whether all of them passed.
fn round(paths: &[PathBuf], extent: Extent, out: &mut impl Write, err: &mut impl Write) -> bool {
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
                let (good, bad) = suite_passes(&suite, extent, out);
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
fn suite_passes(suite: &Suite, extent: Extent, out: &mut impl Write) -> (usize, usize) {
    let _closed = writeln!(out, "{}", suite.file);
    let (mut passed, mut failed) = (0, 0);
    for test in &suite.tests {
        let verdict = scenario::judge(test, scenario::perform(&suite.plan, &test.part));
        if verdict.passed() {
            passed += 1;
            let _closed = writeln!(out, "  ok      {}", test.name);
        } else {
            failed += 1;
            let (name, line) = (&test.name, test.line);
            let (first, diff) = (verdict.first().unwrap_or_default(), verdict.diff(extent));
            let _closed = writeln!(out, "  FAILED  {name} (line {line})\n          {first}\n{diff}");
        }
    }
    (passed, failed)
}

/// Runs them again whenever a file of theirs changes, until the program is ended.
fn watch(paths: &[PathBuf], extent: Extent) -> anyhow::Result<ExitCode> {
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
    let mut watched = BTreeSet::new();
    loop {
        let files = files_of(paths);
        // A plan may be made of other files than before.
        for folder in files.iter().map(|file| folder_of(file)).chain(paths.iter().map(|path| folder_of(path))) {
            if watched.contains(folder) || !folder.is_dir() {
                continue;
            }
            let done = debouncer.watch(folder, RecursiveMode::NonRecursive);
            done.with_context(|| format!("{} cannot be watched", folder.display()))?;
            watched.insert(folder.to_owned());
        }
        let before = contents(&files);
        round(paths, extent, &mut io::stdout(), &mut io::stderr());
        let _closed = writeln!(io::stdout(), "\n{}", watching(&files));
        // A file that is read, or written as it was, is no change.
        while files_of(paths) == files && contents(&files) == before {
            rung.recv().context("the folders are no longer watched")?;
        }
    }
}

/// So many files are named.
const MOST_NAMED: usize = 8;

/// What is watched, in words.
fn watching(files: &BTreeSet<PathBuf>) -> String {
    let named: Vec<String> = files.iter().take(MOST_NAMED).map(|file| file.display().to_string()).collect();
    let more = files.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("watching {}: {}{more}; Ctrl-C ends it", counted(files.len(), "file"), named.join(", "))
}

fn folder_of(path: &Path) -> &Path {
    if path.is_dir() {
        return path;
    }
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The files that matter, whether they are there or not: tests, their plans, and what these are made of beside them.
fn files_of(paths: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for path in paths {
        // Where there are no tests yet, there may be some soon.
        let tests = load::find(path).unwrap_or_else(|_none| vec![path.clone(), path.with_extension("test.yaml")]);
        for tests in tests.into_iter().filter(|file| !file.is_dir()) {
            if load::is_tests(&tests) {
                let plan = load::plan_named_in(&tests);
                files.extend(prompts::files(&plan));
                files.insert(plan);
            }
            files.insert(tests);
        }
    }
    files
}

/// What is in them. A sound is not read again to see that it is another.
fn contents(files: &BTreeSet<PathBuf>) -> BTreeMap<&Path, Content> {
    let content = |file: &PathBuf| {
        if file.extension().is_some_and(|ending| ending == "yaml") {
            return fs::read(file).map_or(Content::None, Content::Text);
        }
        let about = fs::metadata(file).and_then(|about| Ok((about.modified()?, about.len())));
        about.map_or(Content::None, |(at, len)| Content::File(at, len))
    };
    files.iter().map(|file| (file.as_path(), content(file))).collect()
}

/// What tells a file from what it was before.
#[derive(Debug, PartialEq, Eq)]
enum Content {
    /// It is not there, or cannot be read.
    None,
    Text(Vec<u8>),
    /// When it was written, and how long it is.
    File(SystemTime, u64),
}
