//! Text in requests.

/// Text as it stands in a path or a query: everything but letters, digits and `-._~` percent-encoded.
pub(super) struct Enc<'a>(pub &'a str);

impl std::fmt::Display for Enc<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = self.0;
        // What needs nothing is most of it, and goes in one piece.
        while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
            let (plain, other) = rest.split_at(at);
            let end = other.bytes().position(is_plain).unwrap_or(other.len());
            let (other, after) = other.split_at(end);
            f.write_str(plain)?;
            other.bytes().try_for_each(|byte| write!(f, "%{byte:02X}"))?;
            rest = after;
        }
        f.write_str(rest)
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_stand_in_a_path_is_encoded_byte_by_byte() {
        for (text, encoded) in [
            ("", ""),
            ("op1-2.3_4~5", "op1-2.3_4~5"),
            ("PJSIP/op1", "PJSIP%2Fop1"),
            ("/../a b", "%2F..%2Fa%20b"),
            ("\"&?#%", "%22%26%3F%23%25"),
            ("bl\u{e5}b\u{e6}r", "bl%C3%A5b%C3%A6r"),
        ] {
            assert_eq!(Enc(text).to_string(), encoded);
        }
    }
}
