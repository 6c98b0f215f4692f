//! Telephone numbers as a plan and a trunk write them.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

/// A public number, or an internal one: digits, with a `+` before a number in E.164.
///
/// Spaces, dots, dashes, brackets and slashes are how people write; they are not part of the number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Arc<str>);

impl Number {
    /// The longest number: E.164 has 15 digits, a trunk may put a prefix before them.
    pub const MAX_DIGITS: usize = 32;

    /// Reads a number as written; `None` when something in it is no part of a number, or no digit is.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = String::with_capacity(text.len());
        for c in text.trim().chars() {
            match c {
                '0'..='9' | '*' | '#' => digits.push(c),
                '+' if digits.is_empty() => digits.push(c),
                ' ' | '\u{a0}' | '.' | '-' | '(' | ')' | '/' => {}
                _ => return None,
            }
        }
        let count = digits.trim_start_matches('+').len();
        (1..=Self::MAX_DIGITS).contains(&count).then(|| Self(digits.into()))
    }

    /// The number as dialled: `+4780012345`, `101`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same number without what only says "international": a leading `+` or `00`. Trunks differ in which they send,
    /// so numbers are compared by this.
    pub fn bare(&self) -> &str {
        self.0.strip_prefix('+').or_else(|| self.0.strip_prefix("00")).unwrap_or(&self.0)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_however_it_is_written() {
        for text in ["+47 800 12 345", "004780012345", "47-800-12-345", "(47) 800/12.345"] {
            let number = Number::parse(text).expect("a number");
            assert_eq!(number.bare(), "4780012345", "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "+", "anna", "800 12x", "4+7", &"1".repeat(33)] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
