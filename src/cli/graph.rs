//! `sentral graph`: a plan as a drawing.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::plan_of;
use crate::dialplan::drawing;

/// Which plan, how, and where to.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The plan
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// How it is drawn
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
    /// The file that it is written to [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How a plan is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A flowchart in text, which GitHub and many editors draw
    Mermaid,
    /// A picture for any browser
    Svg,
}

/// Draws it.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let plan = plan_of(&options.plan)?;
    let chart = drawing::chart(&plan);
    let drawn = match options.format {
        Format::Mermaid => drawing::mermaid(&chart),
        Format::Svg => drawing::svg(&chart, &format!("The plan of {}", plan.exchange)),
    };
    match &options.output {
        Some(file) => fs::write(file, drawn).with_context(|| format!("{} cannot be written", file.display())),
        None => {
            // Who closed the pipe has read enough.
            let _closed = io::stdout().write_all(drawn.as_bytes());
            Ok(())
        }
    }
}
