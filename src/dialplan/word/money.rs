//! Amounts and currencies as a plan writes them.

use crate::{
    domain::{
        Amount, Currency, Money,
        money::{DECIMALS, LARGEST, NoAmount},
    },
    yaml::{Read, Wrong, quoted, suggest},
};

/// An amount of money: `0.89`.
pub(in crate::dialplan) fn amount(text: &str) -> Read<Amount> {
    Amount::read(text).map_err(|why| {
        let (message, remedy) = match why {
            NoAmount::Negative => ("is less than nothing", "write what it costs, 0 or more: `0.89`".into()),
            NoAmount::TooFine => {
                ("has too many decimals", format!("{DECIMALS} of them at most: nothing is counted more finely"))
            }
            NoAmount::TooLarge => ("is too much", format!("{LARGEST} at most")),
            NoAmount::NoNumber => ("is no amount", digits_of(text)),
        };
        Wrong::new(format!("{} {message}", quoted(text)), remedy)
    })
}

/// How to write what may have been meant.
fn digits_of(text: &str) -> String {
    let pointed = text.replace(',', ".");
    if Amount::read(&pointed).is_ok() {
        return format!("decimals go behind a point: {}", quoted(&pointed));
    }
    if text.parse::<f64>().is_ok_and(f64::is_finite) && text.contains(['e', 'E']) {
        return "write all of its digits, without an exponent: `0.0045`".into();
    }
    "write digits alone, and decimals behind a point: `0.89`".into()
}

/// A currency by its code: `NOK`.
pub(in crate::dialplan) fn currency(text: &str) -> Read<Currency> {
    Currency::new(text).ok_or_else(|| {
        let meant = suggest::nearest(text, Currency::all().map(Currency::code));
        let remedy = meant.map_or_else(
            || "write the three capital letters of ISO 4217: `currency: NOK`".into(),
            |code| format!("did you mean {}?", quoted(code)),
        );
        Wrong::new(format!("there is no currency {}", quoted(text)), remedy)
    })
}

/// Money, as it is told: `1.78 NOK`.
pub(crate) fn money(text: &str) -> Read<Money> {
    let Some((amount, currency)) = text.split_once(' ') else {
        return Err(Wrong::new(
            format!("{} is no money", quoted(text)),
            "write an amount and its currency: `1.78 NOK`",
        ));
    };
    Ok(Money { amount: self::amount(amount)?, currency: self::currency(currency.trim())? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_that_is_none_is_told_with_what_to_write() {
        let told = |text| amount(text).map_err(|wrong| format!("{}; {}", wrong.message, wrong.remedy));
        for (text, why) in [
            ("-0.5", "`-0.5` is less than nothing; write what it costs, 0 or more: `0.89`"),
            ("0,89", "`0,89` is no amount; decimals go behind a point: `0.89`"),
            ("45e-4", "`45e-4` is no amount; write all of its digits, without an exponent: `0.0045`"),
            (".nan", "`.nan` is no amount; write digits alone, and decimals behind a point: `0.89`"),
            ("0.89 NOK", "`0.89 NOK` is no amount; write digits alone, and decimals behind a point: `0.89`"),
            ("0.1234567", "`0.1234567` has too many decimals; 6 of them at most: nothing is counted more finely"),
            ("1000001", "`1000001` is too much; 1000000 at most"),
        ] {
            assert_eq!(told(text), Err(why.into()));
        }
    }

    #[test]
    fn a_currency_is_known_again_in_small_letters_or_with_a_slip() {
        let remedy = |text| currency(text).expect_err(text).remedy;
        assert_eq!(remedy("nok"), "did you mean `NOK`?");
        assert_eq!(remedy("USDD"), "did you mean `USD`?");
        for text in ["kroner", "€", ""] {
            assert_eq!(remedy(text), "write the three capital letters of ISO 4217: `currency: NOK`", "{text}");
        }
    }

    #[test]
    fn money_reads_back_as_it_is_told() {
        for text in ["1.78 NOK", "0.0045 USD", "12 JPY", "0.00 EUR"] {
            assert_eq!(money(text).map(|money| money.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "1.78", "NOK", "1.78 kr", "-1 NOK", "1.78NOK"] {
            assert!(money(text).is_err(), "{text}");
        }
    }
}
