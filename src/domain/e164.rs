//! Numbers that may be dialled: what becomes part of a dial string.

use std::{fmt, sync::Arc};

use super::{Country, Number, country};

/// The fewest and the most digits of a number with its country.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

/// A number in E.164: a `+` and 6 to 15 digits, of a country that there is. Whatever else somebody sends is none, so nothing
/// from outside can be an option, a second destination or another host in what Asterisk is asked to dial.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164(Arc<str>);

impl E164 {
    /// Reads a number, however it is written; one without its country is of `country`.
    pub fn read(text: &str, country: Option<Country>) -> Option<Self> {
        let number = Number::read(text, country).filter(|number| number.doubt().is_none())?;
        let digits = number.as_str().strip_prefix('+')?;
        let fits = DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Self(number.as_str().into()))
    }

    /// With its `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is of a country, by its calling code.
    pub fn is_of(&self, country: Country) -> bool {
        country.has(&self.0)
    }

    /// Whether it is known to cost more than others to call: a service at a premium, or at shared cost.
    pub fn is_costly(&self) -> bool {
        country::is_costly(&self.0)
    }

    /// Without its `+`.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_read_within_its_country() {
        let read = |text: &str, country: &str| E164::read(text, Country::new(country)).map(|number| number.to_string());
        assert_eq!(read("900 00 000", "NO").as_deref(), Some("+4790000000"));
        assert_eq!(read("+47 900 00 000", "").as_deref(), Some("+4790000000"));
        assert_eq!(read("0046 8 123 456 78", "NO").as_deref(), Some("+46812345678"));
        for text in ["", "101", "900 00 000", "*43", "+999 123 456", "+47 900 00 000#", "anna", "+4790000000,30"] {
            assert_eq!(read(text, ""), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_of_its_country_and_a_service_at_a_premium_is_costly() {
        let read = |text: &str| E164::read(text, None).expect("a number");
        let norway = Country::new("NO").expect("a country");
        assert!(read("+47 900 00 000").is_of(norway) && !read("+46 8 123 456 78").is_of(norway));
        assert!(read("+47 829 00 000").is_costly(), "820 and 829 are sold by the minute");
        for plain in ["+47 900 00 000", "+47 22 33 44 55", "+46 8 123 456 78"] {
            assert!(!read(plain).is_costly(), "{plain}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_nothing_but_digits_is_dialled(text in "([+0-9]{0,9}|.{0,6}|[&@/,;${}()|+0-9 -]{0,20}){1,4}") {
            for country in ["", "NO", "US"] {
                if let Some(number) = E164::read(&text, Country::new(country)) {
                    let digits = number.as_str().strip_prefix('+').expect("a plus");
                    prop_assert!(DIGITS.contains(&digits.len()), "{number}");
                    prop_assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{number}");
                    prop_assert_eq!(E164::read(number.as_str(), None), Some(number.clone()));
                }
            }
        }
    }
}
