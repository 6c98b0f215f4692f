//! The secret digits by which somebody at a telephone shows who he is.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};

/// So many digits a PIN has at least.
pub const SHORTEST: usize = 4;

/// So many it has at most.
pub const LONGEST: usize = 8;

/// Secret digits. They are never shown, and comparing them takes as long whatever is entered.
#[derive(Clone)]
pub struct Pin {
    digits: [u8; LONGEST],
    length: u8,
}

impl Pin {
    /// Reads a PIN; `None`: it has other signs than digits, or too few or too many of them.
    pub fn new(text: &str) -> Option<Self> {
        let right = (SHORTEST..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| Self::of(text))
    }

    /// Whether these digits are it.
    pub fn is(&self, entered: &str) -> bool {
        let same = entered.len() <= LONGEST;
        let entered = Self::of(entered);
        (Choice::from(u8::from(same)) & self.length.ct_eq(&entered.length) & self.digits.ct_eq(&entered.digits)).into()
    }

    /// Whether anybody would try it among the first: one digit again and again, digits in a row, pairs, or a year.
    pub fn is_simple(&self) -> bool {
        let digits = &self.digits[..usize::from(self.length)];
        let steps = || digits.windows(2).map(|two| i16::from(two[1]) - i16::from(two[0]));
        let is_row = [-1, 0, 1].into_iter().any(|step| steps().all(|it| it == step));
        let (first, second) = digits.split_at(digits.len() / 2);
        is_row || first == second || (digits.len() == 4 && (digits.starts_with(b"19") || digits.starts_with(b"20")))
    }

    /// What is longer is cut, and not compared.
    fn of(text: &str) -> Self {
        let mut digits = [0; LONGEST];
        digits.iter_mut().zip(text.bytes()).for_each(|(digit, byte)| *digit = byte);
        Self { digits, length: u8::try_from(text.len()).unwrap_or(u8::MAX) }
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

impl PartialEq for Pin {
    fn eq(&self, other: &Self) -> bool {
        (self.length.ct_eq(&other.length) & self.digits.ct_eq(&other.digits)).into()
    }
}

impl Eq for Pin {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_its_digits_and_no_others() {
        let pin = Pin::new("4711").expect("a PIN");
        assert!(pin.is("4711"));
        for other in ["", "471", "47110", "4712", "471100000000", "4711\0", "４７１１"] {
            assert!(!pin.is(other), "{other}");
        }
        assert_ne!(pin, Pin::new("47110").expect("a PIN"));
    }

    #[test]
    fn a_pin_has_four_to_eight_digits_and_is_not_shown() {
        for wrong in ["", "123", "123456789", "12a4", "12 4", "١٢٣٤"] {
            assert_eq!(Pin::new(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{:?}", Pin::new("90210")), "Some(Pin(..))");
    }

    #[test]
    fn what_anybody_tries_first_is_simple() {
        for simple in ["0000", "1234", "87654321", "4747", "1984", "2026"] {
            assert!(Pin::new(simple).expect("a PIN").is_simple(), "{simple}");
        }
        for good in ["4711", "90210", "13579"] {
            assert!(!Pin::new(good).expect("a PIN").is_simple(), "{good}");
        }
    }
}
