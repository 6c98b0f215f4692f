//! `sentral check`: every mistake of plans and of their tests, for people and for programs.

use std::{
    io::{self, IsTerminal, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::counted;
use crate::{
    prompts, scenario,
    yaml::{Faults, Severity, Told},
};

/// What is read, and how it is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Plans to read, and files of tests
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// How mistakes are told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How mistakes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: each with the line that it is in
    Text,
    /// For programs: one JSON document on standard output
    Json,
}

/// What came of a file.
struct Outcome {
    /// What is told of it when it is right; `None`: it has mistakes.
    good: Option<String>,
    /// Mistakes, or what only looks like one.
    faults: Option<Faults>,
}

/// Looks at all of them.
pub(super) fn run(options: &Options) -> ExitCode {
    let outcomes = options.paths.iter().map(|path| look(path));
    let good = match options.format {
        Format::Text => outcomes.zip(&options.paths).filter(|(outcome, path)| tell(outcome, path)).count(),
        Format::Json => {
            let outcomes: Vec<Outcome> = outcomes.collect();
            // Who closed the pipe has read enough.
            let _closed = writeln!(io::stdout(), "{}", document(&outcomes));
            outcomes.iter().filter(|outcome| outcome.good.is_some()).count()
        }
    };
    if good == options.paths.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whoever names all files of a folder names its tests, too.
fn look(path: &Path) -> Outcome {
    if scenario::load::is_tests(path) {
        return match scenario::load::load(path) {
            Ok(suite) => {
                let tests = counted(suite.tests.len(), "test");
                Outcome { good: Some(format!("{tests} of a plan, for `sentral test`")), faults: None }
            }
            Err(faults) => Outcome { good: None, faults: Some(faults) },
        };
    }
    match prompts::check(path) {
        Ok(checked) => {
            let plan = &checked.plan;
            let (numbers, queues) = (counted(plan.numbers.len(), "number"), counted(plan.queues.len(), "queue"));
            let operators = counted(plan.operators.len(), "operator");
            let good = format!("a good plan for {}: {numbers}, {queues}, {operators}", plan.exchange);
            Outcome { good: Some(good), faults: Some(checked.warnings) }
        }
        Err(faults) => Outcome { good: None, faults: Some(faults) },
    }
}

/// Mistakes go to standard error, the good news to standard output. Whether it is good.
fn tell(outcome: &Outcome, path: &Path) -> bool {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let path = path.display();
    let color = err.is_terminal();
    // Who closed the pipe has read enough.
    if let Some(faults) = &outcome.faults {
        let _closed = write!(err, "{}", faults.render(color));
    }
    let _closed = match (&outcome.good, &outcome.faults) {
        (Some(good), _) => writeln!(out, "{path}: {good}"),
        (None, faults) => writeln!(err, "{path}: {} to mend", faults.as_ref().map_or(0, Faults::len)),
    };
    outcome.good.is_some()
}

/// What a program is told. Keys may be added to it, and none is taken out or changed in its meaning.
#[derive(Serialize)]
struct Document {
    /// How many mistakes there are, told here or not.
    errors: usize,
    /// How many things only look like mistakes.
    warnings: usize,
    /// Errors first; then in the order of the command line, and of their places.
    faults: Vec<Told>,
}

fn document(outcomes: &[Outcome]) -> String {
    let all = || outcomes.iter().filter_map(|outcome| Some((outcome.good.is_some(), outcome.faults.as_ref()?)));
    let count = |good: bool| all().filter(|(is_good, _)| *is_good == good).map(|(_, faults)| faults.len()).sum();
    let mut faults: Vec<Told> = all().flat_map(|(_, faults)| faults.told()).collect();
    faults.sort_by_key(|fault| fault.severity != Severity::Error);
    let document = Document { errors: count(false), warnings: count(true), faults };
    // Texts and numbers alone: there is nothing in it that JSON could not say.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}
