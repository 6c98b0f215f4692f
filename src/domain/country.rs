//! Countries, and how their people write telephone numbers.
//!
//! What a country's numbers look like (calling code, trunk prefix, access code, lengths) is `phonelib`'s knowledge: of
//! structure alone, so that a range which a network opens tomorrow is no mistake today. It needs nothing else, allocates
//! little and reads a number in about a microsecond; `rlibphonenumber` says more of a number than is asked here, and builds
//! some sixty crates, a compiler of protocol buffers among them, for it.

use std::fmt;

/// A country that has telephone numbers of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Country(&'static phonelib::Country);

impl Country {
    /// The country of a code of ISO 3166 (alpha-2, in capitals): `NO`.
    pub fn new(code: &str) -> Option<Self> {
        let is_code = code.len() == 2 && code.chars().all(|c| c.is_ascii_uppercase());
        if is_code { phonelib::country_by_code(code).map(Self) } else { None }
    }

    /// Its code: `NO`.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// Its name in English.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The country that somebody meant who wrote its name, its calling code or its code in small letters.
    pub fn meant(text: &str) -> Option<Self> {
        let text = text.trim();
        let calling = text.trim_start_matches('+').parse::<u32>().ok();
        let called = |country: &&phonelib::Country| {
            country.name.eq_ignore_ascii_case(text) || calling.is_some_and(|code| country.prefix == code)
        };
        let country =
            Self::new(&text.to_ascii_uppercase()).or_else(|| phonelib::countries().iter().find(called).map(Self));
        country.filter(|country| Self::new(country.code()).is_some())
    }

    /// A number of this country, or one that begins with how one dials abroad from there, in E.164. `digits`: six or more,
    /// and perhaps a `+`.
    pub(super) fn e164(self, digits: &str) -> Option<String> {
        phonelib::PhoneNumber::parse_with_country(digits, self.code()).map(|number| number.e164().into())
    }
}

/// A number that says its country, in E.164; `None` when there is no such country, or its numbers are longer or shorter.
/// `digits`: a `+` and six or more.
pub(super) fn e164(digits: &str) -> Option<String> {
    phonelib::PhoneNumber::parse(digits).map(|number| number.e164().into())
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_its_code_alone() {
        assert_eq!(Country::new("NO").map(Country::name), Some("Norway"));
        for text in ["", "no", "NOR", "XX", "001", "Norway", "47", "ÆØ"] {
            assert_eq!(Country::new(text), None, "{text}");
        }
    }

    #[test]
    fn what_somebody_writes_instead_of_a_code_leads_to_it() {
        for text in ["no", "Norway", "norway", "47", "+47"] {
            assert_eq!(Country::meant(text), Country::new("NO"), "{text}");
        }
        for text in ["", "Atlantis", "800", "99999999999999999999"] {
            assert_eq!(Country::meant(text), None, "{text}");
        }
    }
}
