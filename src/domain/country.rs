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

    /// What its people dial before a number of another town; empty where that is nothing.
    pub fn trunk_prefix(self) -> String {
        let code = self.calling_code();
        if code == NORTH_AMERICA {
            return code;
        }
        let trunk = |length: &u8| {
            let national = "2".repeat(usize::from(*length));
            let number = phonelib::PhoneNumber::parse(&format!("+{code}{national}"))?;
            let written = number.format(phonelib::PhoneFormat::National);
            let digits: String = written.chars().filter(char::is_ascii_digit).collect();
            digits.strip_suffix(&national).filter(|trunk| !trunk.is_empty()).map(str::to_owned)
        };
        self.0.phone_lengths.iter().find_map(trunk).unwrap_or_default()
    }

    /// What numbers begin with in E.164 that begin so within the country.
    pub fn beginning(self, digits: &str) -> String {
        let (code, trunk) = (self.calling_code(), self.trunk_prefix());
        if !trunk.is_empty() {
            return format!("+{code}{}", digits.strip_prefix(&trunk).unwrap_or(digits));
        }
        match digits.strip_prefix('0').filter(|_| !self.has_zero_first()) {
            // Somebody who dials a zero for a line writes the country behind it.
            Some(rest) if rest.starts_with(&code) => format!("+{rest}"),
            Some(rest) => format!("+{code}{rest}"),
            None => format!("+{code}{digits}"),
        }
    }

    /// Whether a number in E.164 has its calling code; North America and the Caribbean have one in common.
    pub(super) fn has(self, e164: &str) -> bool {
        e164.strip_prefix('+').is_some_and(|digits| digits.starts_with(&self.calling_code()))
    }

    /// Whether its numbers begin with a zero that stays, as in Italy; short ones of services are not asked.
    fn has_zero_first(self) -> bool {
        let longest = self.0.phone_lengths.iter().max().map_or(0, |length| usize::from(*length));
        let number = format!("+{}0{}", self.calling_code(), "2".repeat(longest.saturating_sub(1)));
        e164(&number).is_some_and(|read| read == number)
    }

    /// The calling code; of islands that are dialled as a town of North America that of all of it.
    fn calling_code(self) -> String {
        let code = self.0.prefix.to_string();
        if code.starts_with(NORTH_AMERICA) { NORTH_AMERICA.into() } else { code }
    }
}

/// The calling code that North America and the Caribbean have in common: no other one begins so.
const NORTH_AMERICA: &str = "1";

/// A number that says its country, in E.164; `None` when there is no such country, or its numbers are longer or shorter.
/// `digits`: a `+` and six or more.
pub(super) fn e164(digits: &str) -> Option<String> {
    phonelib::PhoneNumber::parse(digits).map(|number| number.e164().into())
}

/// A number in E.164 whose beginning nobody in its country has, with the zero that it has lost: numbers of towns of Italy keep
/// theirs. `None`: it lacks none, as far as anybody can tell. `e164`: with its `+`.
pub(super) fn with_zero(e164: &str) -> Option<String> {
    use phonelib::{PhoneNumber, PhoneNumberType};

    let number = PhoneNumber::parse(e164)?;
    let national = number.national_number();
    if number.phone_type() != PhoneNumberType::Unknown || national.starts_with('0') {
        return None;
    }
    let full = format!("{}0{national}", e164.strip_suffix(national)?);
    // Where no number begins with a zero, it would be dropped.
    let known = PhoneNumber::parse(&full).filter(|known| known.e164() == full)?;
    (known.phone_type() == PhoneNumberType::FixedLine).then_some(full)
}

/// Whether a number costs more than others to call: a service at a premium, or at shared cost, as far as its country's plan
/// says. `e164`: with its `+`.
pub(super) fn is_costly(e164: &str) -> bool {
    use phonelib::{PhoneNumber, PhoneNumberType};

    let kind = PhoneNumber::parse(e164).map(|number| number.phone_type());
    matches!(kind, Some(PhoneNumberType::PremiumRate | PhoneNumberType::SharedCost))
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
    fn a_beginning_within_the_country_is_known_with_the_country() {
        for (code, digits, beginning) in [
            ("RU", "8921", "+7921"),
            ("RU", "921", "+7921"),
            ("GB", "07", "+447"),
            ("GB", "207", "+44207"),
            ("HU", "0620", "+3620"),
            ("US", "1212", "+1212"),
            ("JM", "876", "+1876"),
            ("NO", "921", "+47921"),
            ("NO", "047", "+47"),
            ("NO", "0921", "+47921"),
            ("IT", "06", "+3906"),
            ("IT", "335", "+39335"),
        ] {
            let country = Country::new(code).expect("a country");
            assert_eq!(country.beginning(digits), beginning, "{code} {digits}");
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
