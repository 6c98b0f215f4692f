//! What a file has of secrets is shown to nobody, not even in the lines that a mistake is told with: those come into logs.

/// Keys whose values are secret digits.
const SECRET: [&str; 1] = ["pin"];

/// The text with a `*` in the place of each secret digit: every other sign stays where it is.
pub(super) fn hidden(text: String) -> String {
    let mut spans = Vec::new();
    for key in SECRET {
        for (at, _) in text.match_indices(key) {
            let is_whole = !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
            let behind = text[at + key.len()..].trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
            let Some(value) = behind.strip_prefix(':').filter(|_| is_whole) else { continue };
            let value = value.trim_start();
            let begin = text.len() - behind.len() + (behind.len() - value.len());
            let end = value.find([',', '}', '\n']).unwrap_or(value.len());
            spans.push(begin..begin + end);
        }
    }
    let mut bytes = text.into_bytes();
    for span in spans {
        bytes[span].iter_mut().filter(|byte| byte.is_ascii_digit()).for_each(|byte| *byte = b'*');
    }
    // One sign of ASCII in the place of another: it is the text that it was.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::hidden;

    #[test]
    fn secret_digits_are_hidden_and_nothing_else_moves() {
        for (text, shown) in [
            (
                r#"anna: {dial: PJSIP/1, pin: "4711", extension: 101}"#,
                r#"anna: {dial: PJSIP/1, pin: "****", extension: 101}"#,
            ),
            ("pin: 4711 # 12\nring: 15s", "pin: **** # **\nring: 15s"),
            ("\"pin\" : ['4711'], x: 1", "\"pin\" : ['****'], x: 1"),
            ("pin:\n  \"4711\"\nx: 1", "pin:\n  \"****\"\nx: 1"),
            ("pins: 4711\nspin: 4711\næ: 1", "pins: 4711\nspin: 4711\næ: 1"),
            ("pin", "pin"),
        ] {
            assert_eq!(hidden(text.into()), shown);
        }
    }
}
