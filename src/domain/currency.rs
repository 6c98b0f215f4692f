//! Currencies by their codes.
//!
//! The list is that of ISO 4217, without precious metals, units of account and codes for tests: money that a provider sends a
//! bill in. It changes every few years, and a crate for it would be larger than it is.

use std::fmt;

/// A currency of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: &'static str,
    decimals: usize,
}

/// Codes by how many decimals the smallest coin has.
const CODES: [(usize, &[&str]); 3] = [
    (
        2,
        &[
            "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD", "BND", "BOB",
            "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP", "CRC", "CUP", "CVE", "CZK",
            "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GTQ",
            "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD",
            "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR",
            "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK", "PHP",
            "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS",
            "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH",
            "USD", "UYU", "UZS", "VED", "VES", "WST", "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG",
        ],
    ),
    (
        0,
        &[
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
            "XPF",
        ],
    ),
    (3, &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
];

impl Currency {
    /// The currency of a code, in capitals: `NOK`.
    pub fn new(code: &str) -> Option<Self> {
        Self::all().find(|currency| currency.code == code)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        CODES.iter().flat_map(|(decimals, codes)| codes.iter().map(|code| Self { code, decimals: *decimals }))
    }

    /// Its code: `NOK`.
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// How many decimals its smallest coin has: 2 of `NOK`, none of `JPY`.
    pub const fn decimals(self) -> usize {
        self.decimals
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_currency_is_known_by_its_code_alone() {
        let decimals = |code| Currency::new(code).map(Currency::decimals);
        assert_eq!(decimals("NOK"), Some(2));
        assert_eq!(decimals("JPY"), Some(0));
        assert_eq!(decimals("KWD"), Some(3));
        for text in ["", "nok", "kr", "NO", "NOKK", "XXX", "XAU"] {
            assert_eq!(Currency::new(text), None, "{text}");
        }
    }

    #[test]
    fn every_code_is_three_capitals_and_there_once() {
        let codes: BTreeSet<&str> = Currency::all().map(Currency::code).collect();
        assert_eq!(codes.len(), Currency::all().count());
        assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase())));
    }
}
