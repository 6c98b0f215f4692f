//! Numbers as people write them within a country, where calls have them with the country in front.

use std::collections::BTreeSet;

use super::raw::RawPlan;
use crate::domain::{Called, Country, Name, Number};

/// With as many digits the beginning of a number is hardly one of internal numbers that the plan does not know.
const NATIONAL: usize = 3;

/// With fewer digits a number may be an internal one, whatever it begins with.
const LONG: usize = 5;

/// The longest internal number.
const LONGEST_INTERNAL: usize = 6;

/// What is known of numbers that are written without their country.
#[derive(Debug, Default)]
pub(in crate::dialplan) struct National {
    pub(in crate::dialplan) country: Option<Country>,
    /// Internal numbers of the plan, and how blocks of them begin.
    internal: BTreeSet<Name>,
    blocks: BTreeSet<Name>,
}

impl National {
    /// Without any internal number.
    pub(in crate::dialplan) fn within(country: Option<Country>) -> Self {
        Self { country, ..Self::default() }
    }

    /// What a plan says of it.
    pub(in crate::dialplan) fn of(raw: &RawPlan) -> Self {
        let mut national = Self::within(raw.country.as_ref().map(|at| at.value));
        let operators = raw.operators.iter().filter_map(|operator| operator.extension.as_ref());
        let all = raw.extensions.iter().map(|extension| &extension.number).chain(operators);
        national.internal.extend(all.map(|at| at.value.clone()));
        for number in &raw.numbers {
            match number.number.value.as_ref() {
                Some(Called::One(number)) if number.as_str().len() <= LONGEST_INTERNAL => {
                    national.internal.insert(Name::new(number.as_str()));
                }
                Some(Called::Block(block)) if block.prefix().len() + block.free() <= LONGEST_INTERNAL => {
                    national.blocks.insert(Name::new(block.prefix()));
                }
                Some(Called::One(_) | Called::Block(_) | Called::Others) | None => {}
            }
        }
        national
    }

    /// What to write instead of a beginning with which no call from outside ever comes: it is one within the country.
    /// `None`: calls may come with it as it stands. `digits`: without what people write between them.
    pub(in crate::dialplan) fn meant(&self, digits: &str) -> Option<String> {
        let country = self.country?;
        let trunk = country.trunk_prefix();
        let dialled = !trunk.is_empty() && digits.len() > trunk.len() && digits.starts_with(&trunk);
        let national = digits.len() >= NATIONAL || dialled;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        (plain && national && !self.is_internal(digits)).then(|| country.beginning(digits))
    }

    /// The same, for a beginning that may itself be one for abroad: calls never come with `00` and a country.
    pub(in crate::dialplan) fn begins(&self, digits: &str) -> Option<String> {
        match digits.strip_prefix("00").filter(|abroad| abroad.len() >= 2 && !self.is_internal(digits)) {
            Some(abroad) => Some(format!("+{abroad}")),
            None => self.meant(digits),
        }
    }

    /// What a number of a few digits begins with that looks like the beginning of one within the country.
    pub(in crate::dialplan) fn cut_off(&self, number: &Number) -> Option<String> {
        let digits = number.as_str();
        let trunk = self.country?.trunk_prefix();
        let short = (LONG..=LONGEST_INTERNAL).contains(&digits.len());
        let dialled = short && !trunk.is_empty() && digits.starts_with(&trunk) && !self.is_internal(digits);
        if dialled { self.meant(digits) } else { None }
    }

    /// Whether internal numbers of the plan begin so.
    fn is_internal(&self, digits: &str) -> bool {
        let short = digits.len() <= LONGEST_INTERNAL;
        let begins = |name: &Name| name.starts_with(digits);
        let block = |name: &Name| name.starts_with(digits) || digits.starts_with(&**name);
        short && (self.internal.iter().any(begins) || self.blocks.iter().any(block))
    }
}
