//! Lists of numbers: whom a plan knows, and whom it does not want.

use std::collections::BTreeSet;

use crate::domain::{Caller, Country, Name, Number, Presented};

/// Numbers, and what numbers begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// By [`Number::bare`].
    numbers: BTreeSet<Name>,
    /// With the `+` of what begins with a country.
    beginnings: BTreeSet<Name>,
    /// Of the longest beginning.
    longest: usize,
}

/// What a list has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A number.
    Number(Number),
    /// All numbers that begin so.
    Beginning(Number),
}

impl Entry {
    /// Reads a number, or with a `*` behind it all that begin so; a number may be written as within the country. `None`: it
    /// is neither.
    pub fn read(text: &str, country: Option<Country>) -> Option<Self> {
        let text = text.trim();
        match text.strip_suffix('*') {
            Some(beginning) => Number::beginning(beginning).map(Self::Beginning),
            None => Number::read(text, country).filter(Number::is_digits).map(Self::Number),
        }
    }
}

impl List {
    /// Whether a caller's number is in it. One who withholds his number is in no list.
    pub fn contains(&self, caller: &Caller) -> bool {
        match &caller.presented {
            Presented::Number(number) => self.has(number),
            Presented::Withheld | Presented::Malformed => false,
        }
    }

    /// Whether a number is in it: a look-up for the whole of it, and for each of its beginnings.
    pub fn has(&self, number: &Number) -> bool {
        let digits = number.as_str();
        let begins = |length| digits.get(..length).is_some_and(|beginning| self.beginnings.contains(beginning));
        self.numbers.contains(number.bare()) || (1..=self.longest.min(digits.len())).any(begins)
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.numbers.len() + self.beginnings.len()
    }

    /// How many of its entries another one does not have.
    pub fn len_without(&self, other: &Self) -> usize {
        self.numbers.difference(&other.numbers).count() + self.beginnings.difference(&other.beginnings).count()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl FromIterator<Entry> for List {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let mut list = Self::default();
        for entry in entries {
            match entry {
                Entry::Number(number) => {
                    list.numbers.insert(Name::new(number.bare()));
                }
                Entry::Beginning(beginning) => {
                    list.longest = list.longest.max(beginning.as_str().len());
                    list.beginnings.insert(Name::new(beginning.as_str()));
                }
            }
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> List {
        entries.iter().map(|text| Entry::read(text, Country::new("NO")).expect("an entry")).collect()
    }

    #[test]
    fn a_caller_is_in_a_list_by_his_number_or_its_beginning() {
        let list = list(&["90 00 00 00", "+46 8*", "0045*", "10*"]);
        let has = |number: &str| list.contains(&Caller::from_wire(number, "", "").within(Country::new("NO")));
        for number in
            ["+4790000000", "90000000", "4790000000", "+46812345678", "0046812345678", "+4561234567", "101", "10"]
        {
            assert!(has(number), "{number}");
        }
        for number in ["+4790000001", "+46312345678", "anonymous", "", "anna", "201", "+1012345678"] {
            assert!(!has(number), "{number}");
        }
        let hidden = Caller::from_wire("+4790000000", "", "prohib");
        assert!(!list.contains(&hidden));
    }

    #[test]
    fn what_is_neither_number_nor_beginning_is_no_entry() {
        for text in ["", "*", "+*", "anna", "9*0", "**", "+46 8**", "00*", "x*"] {
            assert_eq!(Entry::read(text, None), None, "{text}");
        }
    }
}
