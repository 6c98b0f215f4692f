//! Words of penalty rules: as `queuerules.conf` writes them.

use super::{Plain, Rule};
use crate::yaml::{Read, Wrong, quoted};

/// The greatest penalty that an operator may have.
pub(in crate::dialplan) const MOST_PENALTY: u32 = 1_000;

/// A limit to penalties, or how it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialplan) enum Change {
    /// It is this from now on.
    To(u32),
    /// It is so much more, or less.
    By(i32),
}

impl Change {
    /// What comes of it; `None`: there is nothing that could be more or less.
    pub(in crate::dialplan) fn apply(self, was: Option<u32>) -> Option<u32> {
        match self {
            Self::To(value) => Some(value),
            Self::By(by) => was.map(|was| was.saturating_add_signed(by).min(MOST_PENALTY)),
        }
    }
}

/// How far smaller penalties are raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialplan) struct Raising {
    pub(in crate::dialplan) to: Change,
    /// Only those that may be rung.
    pub(in crate::dialplan) from_min: bool,
}

const CHANGE_PATTERN: &str = "[+-]?[0-9]{1,4}";

/// A limit to penalties.
pub(in crate::dialplan) const LIMIT: Plain<Change> = Plain::new(
    "a penalty, or a change of it",
    change,
    &Rule {
        also: &["integer"],
        pattern: || format!("^{CHANGE_PATTERN}$"),
        examples: &["5", "+1", "-1"],
        docs: "A penalty, or with `+` or `-` in front how it changes; that in quotes.",
    },
);

/// How far smaller penalties are raised.
pub(in crate::dialplan) const RAISING: Plain<Raising> = Plain::new(
    "a penalty, or a change of it",
    raising,
    &Rule {
        also: &["integer"],
        pattern: || format!("^r?{CHANGE_PATTERN}$"),
        examples: &["5", "+1", "r5"],
        docs: "A penalty, or with `+` or `-` in front how it changes; with `r` in front only those are raised that may be \
               rung.",
    },
);

fn change(text: &str) -> Read<Change> {
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'+') => (Some(1), &text[1..]),
        Some(b'-') => (Some(-1), &text[1..]),
        Some(_) | None => (None, text),
    };
    let plain = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|c| c.is_ascii_digit());
    let value = digits.parse::<u32>().ok().filter(|value| plain && *value <= MOST_PENALTY);
    let wrong = || {
        let remedy = format!("write a whole number from 0 to {MOST_PENALTY}, or a change of it: \"+1\"");
        Wrong::new(format!("{} is no penalty", quoted(text)), remedy)
    };
    let value = value.ok_or_else(wrong)?;
    Ok(match sign {
        Some(sign) => Change::By(sign * i32::try_from(value).unwrap_or(0)),
        None => Change::To(value),
    })
}

fn raising(text: &str) -> Read<Raising> {
    let (from_min, rest) = match text.strip_prefix('r') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    Ok(Raising { to: change(rest)?, from_min })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn penalties_are_numbers_or_changes_of_them() {
        assert_eq!(
            [change("5"), change("+1"), change("-10")],
            [Ok(Change::To(5)), Ok(Change::By(1)), Ok(Change::By(-10))]
        );
        assert_eq!(raising("r3"), Ok(Raising { to: Change::To(3), from_min: true }));
        for wrong in ["", "+", "--1", "1.5", "1001", "99999999999", "r", "5r", "é"] {
            assert!(change(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_change_stays_within_what_a_penalty_can_be() {
        assert_eq!(Change::By(-5).apply(Some(3)), Some(0));
        assert_eq!(Change::By(1_000).apply(Some(3)), Some(MOST_PENALTY));
        assert_eq!(Change::By(1).apply(None), None);
    }
}
