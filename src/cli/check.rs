//! `sentral check`: every mistake of plans and of their tests, for people and for programs.

use std::{
    io::{self, IsTerminal, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Source, counted};
use crate::{
    dialplan::{Plan, changes},
    prompts, scenario,
    yaml::{Faults, Severity, Told},
};

/// What is read, and how it is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Plans to read, and files of tests
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// An older plan: what the new one changes is told, too
    ///
    /// In words, a line for each thing, as a running Sentral tells it when a plan is read anew. What a plan names, such as prompts
    /// and files of lists, is looked for beside each of the two.
    #[arg(long, value_name = "OLD")]
    against: Option<PathBuf>,
    /// Settings: whose program is to say the texts, and so in which languages
    #[command(flatten)]
    source: Source,
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
#[derive(Default)]
struct Outcome {
    /// What is told of it when it is right; `None`: it has mistakes.
    good: Option<String>,
    /// Mistakes, or what only looks like one.
    faults: Option<Faults>,
    /// The plan; `None` when it has mistakes, or is none.
    plan: Option<Plan>,
}

/// Looks at all of them.
pub(super) fn run(options: &Options) -> ExitCode {
    let paths: Vec<&Path> = options.against.iter().chain(&options.paths).map(PathBuf::as_path).collect();
    if options.against.is_some()
        && (options.paths.len() != 1 || paths.iter().any(|path| scenario::load::is_tests(path)))
    {
        eprintln!("sentral: `--against OLD` compares one plan with another: write `sentral check --against OLD NEW`");
        return ExitCode::from(2);
    }
    // Settings with mistakes are for `run` to tell.
    let say = options.source.say();
    let outcomes: Vec<Outcome> = paths.iter().map(|path| look(path, say.as_deref())).collect();
    let good = outcomes.iter().filter(|outcome| outcome.good.is_some()).count();
    let changes = options.against.is_some().then(|| between(&outcomes)).flatten();
    match options.format {
        Format::Text => {
            outcomes.iter().zip(&paths).for_each(|(outcome, path)| tell(outcome, path));
            if let Some(changes) = &changes {
                tell_changes(changes);
            }
        }
        Format::Json => {
            // Who closed the pipe has read enough.
            let _closed = writeln!(io::stdout(), "{}", document(&outcomes, changes));
        }
    }
    if good == paths.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the second of two plans changes; `None` when one of them has mistakes.
fn between(outcomes: &[Outcome]) -> Option<Vec<String>> {
    match outcomes {
        [old, new] => Some(changes::between(old.plan.as_ref()?, new.plan.as_ref()?)),
        _ => None,
    }
}

fn tell_changes(changes: &[String]) {
    let says = if changes.is_empty() { "nothing changes".into() } else { changes.join("\n") };
    // Who closed the pipe has read enough.
    let _closed = writeln!(io::stdout(), "{says}");
}

/// Whoever names all files of a folder names its tests, too.
fn look(path: &Path, say: Option<&[String]>) -> Outcome {
    if scenario::load::is_tests(path) {
        return match scenario::load::load(path) {
            Ok(suite) => {
                let tests = counted(suite.tests.len(), "test");
                Outcome { good: Some(format!("{tests} of a plan, for `sentral test`")), ..Outcome::default() }
            }
            Err(faults) => Outcome { faults: Some(faults), ..Outcome::default() },
        };
    }
    match prompts::check_with(path, say) {
        Ok(checked) => {
            let plan = &checked.plan;
            let (numbers, queues) = (counted(plan.numbers.len(), "number"), counted(plan.queues.len(), "queue"));
            let operators = counted(plan.operators.len(), "operator");
            let good = format!("a good plan for {}: {numbers}, {queues}, {operators}", plan.exchange);
            Outcome { good: Some(good), faults: Some(checked.warnings), plan: Some(checked.plan) }
        }
        Err(faults) => Outcome { faults: Some(faults), ..Outcome::default() },
    }
}

/// Mistakes go to standard error, the good news to standard output.
fn tell(outcome: &Outcome, path: &Path) {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let path = path.display();
    let color = err.is_terminal();
    // Who closed the pipe has read enough.
    if let Some(faults) = &outcome.faults {
        let _closed = write!(err, "{}", faults.render(color));
    }
    let _closed = match (&outcome.good, &outcome.faults) {
        (Some(good), _) => writeln!(out, "{path}: {good}"),
        (None, faults) => writeln!(err, "{path}: {} to mend", faults.as_ref().map_or(0, Faults::errors)),
    };
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
    /// What the plan changes against the older one, where there is one and neither has a mistake.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<String>>,
}

fn document(outcomes: &[Outcome], changes: Option<Vec<String>>) -> String {
    let all = || outcomes.iter().filter_map(|outcome| outcome.faults.as_ref());
    let errors = all().map(Faults::errors).sum();
    let warnings = all().map(Faults::len).sum::<usize>() - errors;
    let mut faults: Vec<Told> = all().flat_map(Faults::told).collect();
    faults.sort_by_key(|fault| fault.severity != Severity::Error);
    let document = Document { errors, warnings, faults, changes };
    // Texts and numbers alone: there is nothing in it that JSON could not say.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}
