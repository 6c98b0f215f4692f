//! The `sentral` command.

fn main() {}
