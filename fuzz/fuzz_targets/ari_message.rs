//! Whatever comes over Asterisk's websocket is an event, means nothing to us, or is no message.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(event) = sentral::ari::event_of(text) {
        assert!(!format!("{event:?}").is_empty());
    }
});
