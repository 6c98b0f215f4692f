//! The `sentral` command.

use std::process::ExitCode;

/// A tenth of our time a call was the system's allocator; with this one it is hardly any (`docs/performance.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sentral::cli::main()
}
