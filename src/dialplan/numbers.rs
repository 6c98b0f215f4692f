//! The numbers of a plan, and which of them a dialled one is.

use std::{collections::BTreeMap, sync::Arc};

use indexmap::IndexMap;

use super::plan::PublicNumber;
use crate::domain::{Called, Country, Name, Number};

/// Public numbers by [`Called::bare`], in the order of the plan.
///
/// A dialled number is looked up by its digits. Where it is not there, blocks are asked for by what they begin with: a
/// look-up for each number of free digits that a block of the plan has, fewest first. Blocks with one beginning and as many
/// free digits are few: those apart from one another differ in the first of their free digits.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    country: Option<Country>,
    all: IndexMap<Name, PublicNumber>,
    /// Places in `all` of blocks, by how many digits are free and what they begin with; the narrowest first.
    blocks: BTreeMap<usize, BTreeMap<Arc<str>, Vec<usize>>>,
}

/// A number that somebody dialled and the plan has.
#[derive(Clone, Debug)]
pub struct Dialled<'p> {
    /// What the plan has it under.
    pub number: &'p PublicNumber,
    /// The name of that: [`Called::bare`].
    pub name: &'p Name,
    /// The number itself, where the plan has it as one of several.
    pub member: Option<Number>,
}

impl Numbers {
    /// These numbers, those written within a country being of `country`. Of two with one name the first counts.
    pub fn new(country: Option<Country>, numbers: impl IntoIterator<Item = PublicNumber>) -> Self {
        let mut all = IndexMap::new();
        let mut blocks: BTreeMap<usize, BTreeMap<Arc<str>, Vec<usize>>> = BTreeMap::new();
        for number in numbers {
            let entry = all.entry(Name::new(number.number.bare()));
            let place = entry.index();
            if let Called::Block(block) = &entry.or_insert(number).number {
                let places = blocks.entry(block.free()).or_default().entry(block.prefix().into()).or_default();
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        let width = |place: &usize| match &all[*place].number {
            Called::Block(block) => block.width(),
            Called::One(_) | Called::Others => 0,
        };
        blocks.values_mut().flat_map(BTreeMap::values_mut).for_each(|places| places.sort_by_key(width));
        Self { country, all, blocks }
    }

    /// The number that was dialled, however the trunk writes it: the most specific one of the plan.
    pub fn dialled(&self, text: &str) -> Option<Dialled<'_>> {
        // One that reads as a number of the country may be meant as it stands: `4780012345` of a trunk that sends no `+`.
        let (read, plain) = (Number::read(text, self.country), Number::plain(text));
        let ways = || read.iter().chain(&plain).map(Number::bare);
        ways()
            .find_map(|bare| self.all.get_index_of(bare))
            .or_else(|| ways().find_map(|bare| self.block(bare)))
            .or_else(|| self.all.get_index_of(Called::Others.bare()))
            .and_then(|place| self.all.get_index(place))
            .map(|(name, number)| {
                let member = match number.number {
                    Called::One(_) => None,
                    Called::Block(_) | Called::Others => read.clone(),
                };
                Dialled { number, name, member }
            })
    }

    fn block(&self, bare: &str) -> Option<usize> {
        self.blocks.iter().find_map(|(free, by_prefix)| {
            let (prefix, rest) = bare.split_at_checked(bare.len().checked_sub(*free)?)?;
            let has = |place: &&usize| match &self.all[**place].number {
                Called::Block(block) => block.has(rest),
                Called::One(_) | Called::Others => false,
            };
            by_prefix.get(prefix)?.iter().find(has).copied()
        })
    }

    /// The country whose numbers may be written without it.
    pub fn country(&self) -> Option<Country> {
        self.country
    }

    /// The number of that name.
    pub fn get(&self, name: &str) -> Option<&PublicNumber> {
        self.all.get(name)
    }

    /// All numbers, with their names, in the order of the plan.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &PublicNumber)> {
        self.all.iter()
    }

    /// All numbers, in the order of the plan.
    pub fn values(&self) -> impl Iterator<Item = &PublicNumber> {
        self.all.values()
    }

    /// How many there are, a block being one.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl FromIterator<PublicNumber> for Numbers {
    fn from_iter<I: IntoIterator<Item = PublicNumber>>(numbers: I) -> Self {
        Self::new(None, numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::plan::StepId, *};

    fn numbers(country: &str, keys: &[&str]) -> Numbers {
        let country = Country::new(country);
        let number = |(at, key): (usize, &&str)| {
            let called = Called::read(key, country).expect("a number");
            PublicNumber::new(called, StepId(u32::try_from(at).expect("few")))
        };
        Numbers::new(country, keys.iter().enumerate().map(number))
    }

    #[track_caller]
    fn finds(numbers: &Numbers, cases: &[(&str, &str)]) {
        for (dialled, name) in cases {
            assert_eq!(numbers.dialled(dialled).map_or("", |found| found.name), *name, "{dialled}");
        }
    }

    #[test]
    fn the_most_specific_number_is_found() {
        let keys = [
            "*",
            "+47 22 33 xx xx",
            "+47 22 33 44 xx",
            "+47 22 33 44 00..49",
            "+47 22 33 44 10..19",
            "+47 22 33 44 15",
        ];
        let cases = [
            ("+4722334415", "4722334415"),
            ("+4722334416", "4722334410..19"),
            ("22334420", "4722334400..49"),
            ("4722334460", "47223344xx"),
            ("004722335566", "472233xxxx"),
            ("+4722445566", "*"),
            ("+472233445", "*"),
            ("101", "*"),
            ("s", "*"),
            ("", "*"),
        ];
        finds(&numbers("NO", &keys), &cases);
        let backwards: Vec<_> = keys.into_iter().rev().collect();
        finds(&numbers("NO", &backwards), &cases);
    }

    #[test]
    fn a_number_without_its_plus_is_known_with_a_country_and_without() {
        let cases = [("+46812345678", "46812345678"), ("46812345678", "46812345678"), ("0046812345678", "46812345678")];
        for country in ["", "NO"] {
            finds(&numbers(country, &["+46 8 123 456 78"]), &cases);
        }
        finds(&numbers("", &["4780012345"]), &[("+4780012345", "4780012345"), ("80012345", "")]);
    }

    #[test]
    fn internal_numbers_have_blocks_too() {
        finds(
            &numbers("NO", &["1xx", "100"]),
            &[("100", "100"), ("101", "1xx"), ("1001", ""), ("200", ""), ("+101", "1xx")],
        );
    }

    #[test]
    fn of_many_numbers_none_but_the_one_dialled_is_looked_at() {
        let keys: Vec<String> = (0..1000).map(|n| format!("+47 22 {n:03} xxx")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let numbers = numbers("NO", &keys);
        assert_eq!(numbers.blocks.len(), 1);
        assert!(numbers.blocks[&3].values().all(|places| places.len() == 1));
        finds(&numbers, &[("+4722777123", "4722777xxx")]);
    }
}
