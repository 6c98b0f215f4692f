//! Text in requests.

use std::fmt::Write;

/// Text as it stands in a path or a query: everything but letters, digits and `-._~` percent-encoded.
pub(super) struct Enc<'a>(pub &'a str);

impl std::fmt::Display for Enc<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => f.write_char(byte.into())?,
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}
