//! Whatever values stand in a command, Asterisk reads that one command and nothing behind it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|values: (&str, &str)| assert!(sentral::agi::says_what_it_means(values.0, values.1)));
