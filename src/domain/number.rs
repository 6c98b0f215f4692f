//! Telephone numbers as a plan and a trunk write them.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

use super::country::{self, Country};

/// A public number, or an internal one: digits, with a `+` before a number in E.164.
///
/// Spaces, dots, dashes, brackets and slashes are how people write; they are not part of the number. Numbers of up to six
/// digits are internal ones, or services of the network, and stay as they are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Arc<str>);

impl Number {
    /// The longest number: E.164 has 15 digits, a trunk may put a prefix before them.
    pub const MAX_DIGITS: usize = 32;

    /// With fewer digits a number is none of a country, unless a `+` says so.
    const SHORTEST: usize = 7;

    /// A number in E.164, wherever it comes from and however it is written: national, international with `+` or `00`, or
    /// the user part of a `sip:` or `tel:` address with its parameters. What is no number of a country stays the digits
    /// that it is; so does a national one when no country is told. `None`: it is no number at all.
    pub fn read(text: &str, country: Option<Country>) -> Option<Self> {
        Self::parse(user_part(text)).map(|number| number.canonical(country))
    }

    /// The digits of what a trunk sends, with nothing guessed.
    pub fn plain(text: &str) -> Option<Self> {
        Self::parse(user_part(text))
    }

    /// The same number in E.164, where it can be read.
    pub(super) fn canonical(self, country: Option<Country>) -> Self {
        let digits = self.as_str();
        let (abroad, count) = (self.abroad(), self.bare().len());
        if digits.contains(['*', '#']) || digits.len() < Self::SHORTEST {
            return self;
        }
        let read = match (country, abroad) {
            (Some(country), _) => country.e164(digits),
            (None, true) if count >= Self::SHORTEST - 1 => country::e164(&format!("+{}", self.bare())),
            (None, _) => None,
        };
        match read {
            Some(e164) => Self(e164.into()),
            None if abroad => Self(format!("+{}", self.bare()).into()),
            None => self,
        }
    }

    /// Whether it is of digits alone.
    pub fn is_digits(&self) -> bool {
        !self.bare().is_empty() && !self.0.contains(['*', '#'])
    }

    /// What numbers begin with, be it with `+` or `00` and a country or without; `None` when that is no digits.
    pub fn beginning(text: &str) -> Option<Self> {
        let digits = Self::parse(text).filter(Self::is_digits)?;
        let abroad = digits.0.starts_with("00");
        Some(if abroad { Self(format!("+{}", digits.bare()).into()) } else { digits })
    }

    /// Whether it says itself that it is international.
    fn abroad(&self) -> bool {
        self.0.starts_with('+') || (self.0.starts_with("00") && self.0.len() >= Self::SHORTEST)
    }

    /// What is doubtful in a number that was read.
    pub fn doubt(&self) -> Option<Doubt> {
        let digits = self.as_str();
        if digits.contains(['*', '#']) {
            None
        } else if self.abroad() {
            let known = self.bare().len() >= Self::SHORTEST - 1 && country::e164(digits).is_some();
            (!known).then_some(Doubt::Nowhere)
        } else {
            (digits.len() >= Self::SHORTEST).then_some(Doubt::National)
        }
    }

    /// The same number with a zero behind its country, where it is not known without and is known with it.
    pub fn with_lost_zero(&self) -> Option<Self> {
        if !self.0.starts_with('+') || self.0.len() < Self::SHORTEST {
            return None;
        }
        country::with_zero(&self.0).map(|full| Self(full.into()))
    }

    /// Reads digits as written; `None` when something in it is no part of a number, or no digit is. What they mean is not
    /// looked at.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // The longest number, as far apart as anybody writes.
        if text.len() > Self::MAX_DIGITS * 4 {
            return None;
        }
        let mut digits = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '0'..='9' | '*' | '#' => digits.push(c),
                '+' if digits.is_empty() => digits.push(c),
                c if is_separator(c) => {}
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

    /// The same number without what only says "international": a leading `+` or `00`. Some trunks send neither, so numbers
    /// are compared by this.
    pub fn bare(&self) -> &str {
        self.0.strip_prefix('+').or_else(|| self.0.strip_prefix("00")).unwrap_or(&self.0)
    }
}

/// What is doubtful in a number of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is written as within a country, and either no country is told or it has no such numbers.
    National,
    /// It says a country, and that has no numbers of such a length; or there is no such country.
    Nowhere,
}

/// What people write between digits.
pub(super) fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '.' | '-' | '\u{2010}'..='\u{2013}' | '(' | ')' | '[' | ']' | '/'
    )
}

/// The number in `sip:NUMBER;parameters@host`, `tel:NUMBER;parameters`, or what is already one.
pub(super) fn user_part(text: &str) -> &str {
    let text = text.trim().trim_start_matches('<');
    let scheme = text
        .split_once(':')
        .filter(|(scheme, _)| ["sip", "sips", "tel"].iter().any(|s| scheme.eq_ignore_ascii_case(s)));
    let user = scheme.map_or(text, |(_, rest)| rest);
    user.split([';', '@', '?', '>']).next().unwrap_or_default()
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

    #[track_caller]
    fn reads(country: &str, cases: &[(&str, &str)]) {
        for (text, e164) in cases {
            let number = Number::read(text, Country::new(country));
            assert_eq!(number.as_ref().map(Number::as_str), Some(*e164), "{text} of {country:?}");
        }
    }

    #[test]
    fn a_norwegian_number_is_one_however_plan_or_trunk_writes_it() {
        let same = [
            "+4780012345",
            "004780012345",
            "4780012345",
            "80012345",
            "800 12 345",
            "800-12-345",
            "+47 (800) 12 345",
            "+47 800\u{2011}12\u{202f}345",
            "sip:+4780012345;phone-context=x@host",
            "sip:80012345@10.0.0.1:5060;user=phone",
            "<sip:+4780012345@host>",
            "SIPS:+4780012345@host",
            "tel:+47-800-12-345;npdi",
            "+4780012345;npdi",
            " 80012345 ",
        ];
        reads("NO", &same.map(|text| (text, "+4780012345")));
        reads("NO", &[("22 33 44 55", "+4722334455"), ("0046 8 123 456 78", "+46812345678"), ("+4702097", "+4702097")]);
    }

    #[test]
    fn a_trunk_prefix_is_taken_off_where_the_country_has_one() {
        reads("SE", &[("08-123 456 78", "+46812345678"), ("0047 22 33 44 55", "+4722334455")]);
        reads("GB", &[("(020) 7183 8750", "+442071838750"), ("+44 (0)20 7183 8750", "+442071838750")]);
        reads("RU", &[("8 (495) 123-45-67", "+74951234567"), ("810 47 22334455", "+4722334455")]);
        reads("US", &[("(202) 555-0173", "+12025550173"), ("011 47 22334455", "+4722334455")]);
        // An Italian number keeps its zero.
        reads("IT", &[("06 698 12345", "+390669812345")]);
    }

    #[test]
    fn without_a_country_only_what_says_its_own_is_read() {
        reads("", &[("0047 800 12 345", "+4780012345"), ("+47 800 12 345", "+4780012345"), ("800 12 345", "80012345")]);
        assert_eq!(Number::read("4780012345", None).expect("a number").bare(), "4780012345");
    }

    #[test]
    fn what_is_no_number_of_a_country_stays_what_it_is() {
        reads(
            "NO",
            &[("101", "101"), ("100 100", "100100"), ("02097", "02097"), ("*43", "*43"), ("80012345#", "80012345#")],
        );
        reads("NO", &[("2233445566", "2233445566"), ("+47 22 33 44", "+47223344"), ("00999123456", "+999123456")]);
    }

    #[test]
    fn a_number_that_nobody_can_dial_is_doubtful() {
        let doubt = |text: &str, country: &str| Number::read(text, Country::new(country)).and_then(|n| n.doubt());
        for text in ["101", "02097", "100100", "*43", "+4780012345", "004780012345", "+4702097"] {
            assert_eq!(doubt(text, ""), None, "{text}");
        }
        assert_eq!(doubt("80012345", ""), Some(Doubt::National));
        assert_eq!(doubt("80012345", "NO"), None);
        assert_eq!(doubt("2233445566", "NO"), Some(Doubt::National));
        for text in ["+47 22 33 44", "+999 123 456", "+471", "0047 22 33 44"] {
            assert_eq!(doubt(text, ""), Some(Doubt::Nowhere), "{text}");
        }
    }

    #[test]
    fn a_zero_that_a_number_has_lost_is_known_where_numbers_keep_theirs() {
        let full = |text: &str| {
            let number = Number::read(text, Country::new("IT")).expect("a number");
            number.with_lost_zero().map(|full| full.to_string())
        };
        assert_eq!(full("6 1234 5678").as_deref(), Some("+390612345678"));
        assert_eq!(full("+39 2 1234 5678").as_deref(), Some("+390212345678"));
        let right =
            ["06 1234 5678", "+39 06 1234 5678", "335 123 4567", "800 123 456", "101", "*43", "+39", "+999 123 456"];
        for text in
            right.into_iter().chain(["+44 20 7183 8750", "+47 22 33 44 55", "+7 921 000 00 01", "+49 30 123456"])
        {
            assert_eq!(full(text), None, "{text}");
        }
    }

    #[test]
    fn garbage_of_any_length_is_no_number_and_no_panic() {
        let country = Country::new("NO");
        let pieces =
            ["1", "+", " ", "00", "(0)", ";", "@", "sip:", "tel:", "\u{0}", "\u{202e}", "٣", "é", "x", "ext.", "*"];
        let mut lot = 7u64;
        for length in (0..10_240).step_by(61) {
            let mut text = String::new();
            while text.len() < length {
                lot = lot.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let piece = usize::try_from(lot >> 33).expect("small") % pieces.len();
                text.push_str(pieces[piece]);
            }
            let number = Number::read(&text, country);
            assert!(number.is_none_or(|number| number.bare().len() <= Number::MAX_DIGITS), "{text}");
        }
        assert_eq!(Number::read(&"1".repeat(10_240), country), None);
    }
}
