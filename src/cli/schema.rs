//! `sentral schema`: what editors complete and explain plans by.

use std::io::{self, Write as _};

use clap::{Args, ValueEnum};

use crate::{dialplan, scenario};

/// Of what.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// What is to be written with it
    #[arg(value_enum, default_value_t = Of::Plan)]
    of: Of,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Plans: `office.yaml`
    Plan,
    /// Tests of plans: `office.test.yaml`
    Tests,
}

/// Prints it.
pub(super) fn run(options: &Options) {
    // Who closed the pipe has read enough.
    let _closed = io::stdout().write_all(text(options.of).as_bytes());
}

fn text(of: Of) -> String {
    let schema = match of {
        Of::Plan => dialplan::schema(),
        Of::Tests => scenario::schema(),
    };
    format!("{schema:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_in_the_repository_are_what_plans_and_tests_are_read_by() {
        for (of, word, committed) in [
            (Of::Plan, "plan", include_str!("../../dialplans/sentral.schema.json")),
            (Of::Tests, "tests", include_str!("../../dialplans/sentral-tests.schema.json")),
        ] {
            let path = if of == Of::Plan { "sentral.schema.json" } else { "sentral-tests.schema.json" };
            let remedy = format!("cargo run -q -- schema {word} >dialplans/{path}");
            assert!(text(of) == committed, "dialplans/{path} is not what plans are read by now; run: {remedy}");
        }
    }
}
