//! Whatever comes over a FastAGI session is an environment and replies, or is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let part = bytes.first().copied().map_or(1, usize::from);
    sentral::agi::hear(bytes, part);
});
