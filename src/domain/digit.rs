//! Keys of a telephone.

use std::fmt;

/// One key: `0`-`9`, `*`, `#` or `A`-`D`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digit(u8);

impl Digit {
    /// The key that a character stands for; `None` for a character that no telephone has.
    pub fn new(key: char) -> Option<Self> {
        match key {
            '0'..='9' | '*' | '#' | 'A'..='D' => u8::try_from(key).ok().map(Self),
            'a'..='d' => Self::new(key.to_ascii_uppercase()),
            _ => None,
        }
    }

    /// The character on the key.
    pub fn as_char(self) -> char {
        char::from(self.0)
    }
}

impl fmt::Display for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_char())
    }
}

impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_char())
    }
}

/// Keys pressed one after the other.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digits(Vec<Digit>);

impl Digits {
    /// Reads keys from text; `None` when a character is no key, or there is none.
    pub fn new(keys: &str) -> Option<Self> {
        let digits = keys.chars().map(Digit::new).collect::<Option<Vec<_>>>()?;
        (!digits.is_empty()).then_some(Self(digits))
    }

    /// One more key.
    pub fn push(&mut self, digit: Digit) {
        self.0.push(digit);
    }

    /// One after the other.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Digit> + Clone {
        self.0.iter().copied()
    }

    /// The last one, and those before it; `None` when there is none.
    pub fn split_last(&self) -> Option<(Digit, Self)> {
        let (last, before) = self.0.split_last()?;
        Some((*last, Self(before.to_vec())))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether these keys begin with those.
    pub fn starts_with(&self, first: &Self) -> bool {
        self.0.starts_with(&first.0)
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_telephone_has_is_a_key() {
        assert_eq!(Digits::new("10*#AbD").map(|d| d.to_string()).as_deref(), Some("10*#ABD"));
        for text in ["", " ", "1 2", "E", "１", "+1"] {
            assert_eq!(Digits::new(text), None, "{text:?}");
        }
    }
}
