//! Money, exactly: millionths of a currency as whole numbers, and never a floating-point one.

use std::fmt;

use super::Currency;

/// Decimals that an amount may have. Providers state prices of a minute with up to five.
pub const DECIMALS: usize = 6;

/// Millionths of one.
pub(super) const ONE: u64 = 1_000_000;

/// The largest amount that is read: no minute costs more.
pub const LARGEST: u64 = 1_000_000;

/// An amount of no currency in particular, nothing or more, in steps of a millionth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAmount {
    /// It is less than nothing.
    Negative,
    /// It has more than [`DECIMALS`].
    TooFine,
    /// It is more than [`LARGEST`].
    TooLarge,
    /// It is not digits, and perhaps a point with more of them behind.
    NoNumber,
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many millionths.
    pub const fn from_millionths(millionths: u64) -> Self {
        Self(millionths)
    }

    /// In millionths.
    pub const fn millionths(self) -> u64 {
        self.0
    }

    /// Reads digits, and perhaps a point with up to [`DECIMALS`] more behind it: `0.89`.
    ///
    /// # Errors
    /// Why it is no amount.
    pub fn read(text: &str) -> Result<Self, NoAmount> {
        let (text, negative) = text.strip_prefix('-').map_or((text, false), |positive| (positive, true));
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        if !digits(whole) || !digits(part) {
            return Err(NoAmount::NoNumber);
        }
        if negative {
            return Err(NoAmount::Negative);
        }
        if part.len() > DECIMALS {
            return Err(NoAmount::TooFine);
        }
        // What has more digits than fit is too large, too.
        let whole = whole.parse().ok().filter(|whole: &u64| *whole <= LARGEST).ok_or(NoAmount::TooLarge)?;
        let part: u64 = format!("{part:0<DECIMALS$}").parse().unwrap_or_default();
        let millionths = whole * ONE + part;
        if millionths > LARGEST * ONE { Err(NoAmount::TooLarge) } else { Ok(Self(millionths)) }
    }

    /// With as many decimals as it has, and at least so many.
    fn written(self, least: usize) -> String {
        let part = format!("{:06}", self.0 % ONE);
        let used = part.trim_end_matches('0').len().max(least);
        let point = if used == 0 { "" } else { "." };
        format!("{}{point}{}", self.0 / ONE, part.get(..used).unwrap_or(&part))
    }
}

impl fmt::Display for Amount {
    /// With as many decimals as it has: `0.89`, `1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(0))
    }
}

/// An amount of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// How much.
    pub amount: Amount,
    /// Of which currency.
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// With the currency's decimals, or as many more as it has: `1.80 NOK`, `0.0045 USD`, `12 JPY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount.written(self.currency.decimals()), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_digits_and_a_point() {
        let millionths = |text| Amount::read(text).map(Amount::millionths);
        assert_eq!(millionths("0.89"), Ok(890_000));
        assert_eq!(millionths("1"), Ok(1_000_000));
        assert_eq!(millionths("007.000001"), Ok(7_000_001));
        assert_eq!(millionths("1000000"), Ok(LARGEST * ONE));
        for (text, why) in [
            ("-0.89", NoAmount::Negative),
            ("0.0000001", NoAmount::TooFine),
            ("1000000.000001", NoAmount::TooLarge),
            ("99999999999999999999999", NoAmount::TooLarge),
        ] {
            assert_eq!(millionths(text), Err(why), "{text}");
        }
        for text in
            ["", ".", ".5", "5.", "0,89", "1e3", "1E-3", "+1", "--1", "0x10", "1_000", ".nan", ".inf", "NaN", "1 ", "١"]
        {
            assert_eq!(millionths(text), Err(NoAmount::NoNumber), "{text}");
        }
    }

    #[test]
    fn money_has_the_decimals_of_its_currency_and_those_that_it_needs() {
        let told = |millionths, code| {
            let currency = Currency::new(code).expect("a currency");
            Money { amount: Amount::from_millionths(millionths), currency }.to_string()
        };
        assert_eq!(told(1_800_000, "NOK"), "1.80 NOK");
        assert_eq!(told(4_500, "USD"), "0.0045 USD");
        assert_eq!(told(12_000_000, "JPY"), "12 JPY");
        assert_eq!(told(12_500_000, "JPY"), "12.5 JPY");
        assert_eq!(told(0, "KWD"), "0.000 KWD");
        assert_eq!(told(u64::MAX, "NOK"), "18446744073709.551615 NOK");
    }

    proptest! {
        #[test]
        fn an_amount_reads_back_as_it_is_written(millionths in 0..=LARGEST * ONE) {
            let amount = Amount::from_millionths(millionths);
            prop_assert_eq!(Amount::read(&amount.to_string()), Ok(amount));
        }
    }
}
