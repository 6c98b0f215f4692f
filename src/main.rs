//! The `sentral` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    sentral::cli::main()
}
