//! What a line of a plan's numbers stands for: one number, a block of them, or all others.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

use super::{
    country::Country,
    number::{Doubt, Number, is_separator},
};

/// The numbers that calls may be made to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// One number.
    One(Number),
    /// Numbers that differ in their last digits.
    Block(Block),
    /// All that no other line of the plan stands for.
    Others,
}

/// Numbers that begin with the same digits and have as many: those from one to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// As it is told: `+47223344xx`, `+4722334400..49`.
    written: Arc<str>,
    /// A number of it.
    sample: Number,
    /// The digits that they begin with, without `+`.
    prefix: Arc<str>,
    /// How many digits follow.
    free: usize,
    from: u64,
    to: u64,
}

/// Why something is no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBlock {
    /// Neither a number nor something like one.
    NoNumber,
    /// A digit stands behind an `x`.
    Inside,
    /// Both `x` and `..`.
    Both,
    /// The last number is not behind the first one.
    Backwards,
    /// More free digits than a number has.
    TooWide,
}

/// How the numbers of two blocks lie to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// They have none in common, or one block is plainly the more specific one.
    None,
    /// They have some in common, and neither is the more specific one.
    Equal,
}

impl Called {
    /// Reads a number, a block or `*`.
    ///
    /// # Errors
    /// Why it is none of them.
    pub fn read(text: &str, country: Option<Country>) -> Result<Self, NoBlock> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Others);
        }
        match (text.contains(['x', 'X']), text.split_once("..")) {
            (true, Some(_)) => Err(NoBlock::Both),
            (true, None) => pattern(text, country).map(Self::Block),
            (false, Some((first, last))) => range(first, last, country).map(Self::Block),
            (false, None) => {
                let number = Number::read(text, country).filter(|number| !number.bare().is_empty());
                number.map(Self::One).ok_or(NoBlock::NoNumber)
            }
        }
    }

    /// As it is told: `+4780012345`, `+47223344xx`, `+4722334400..49`, `*`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::One(number) => number.as_str(),
            Self::Block(block) => &block.written,
            Self::Others => "*",
        }
    }

    /// The same without what only says "international": the name that it goes by.
    pub fn bare(&self) -> &str {
        match self {
            Self::One(number) => number.bare(),
            Self::Block(_) | Self::Others => self.as_str().trim_start_matches('+'),
        }
    }

    /// What is doubtful in it.
    pub fn doubt(&self) -> Option<Doubt> {
        match self {
            Self::One(number) => number.doubt(),
            Self::Block(block) => block.sample.doubt(),
            Self::Others => None,
        }
    }
}

impl Called {
    /// A number of it with the zero that it has lost.
    pub fn with_lost_zero(&self) -> Option<Number> {
        match self {
            Self::One(number) => number.with_lost_zero(),
            Self::Block(block) => block.sample.with_lost_zero(),
            Self::Others => None,
        }
    }
}

impl Block {
    /// As it is told.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether its last number is before the first one of another block with the same prefix.
    pub fn ends_before(&self, other: &Self) -> bool {
        self.to < other.from
    }

    /// The digits that its numbers begin with, without `+`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// How many digits stand behind them.
    pub fn free(&self) -> usize {
        self.free
    }

    /// Whether a number is of the block that begins with its prefix and goes on with these digits.
    pub fn has(&self, rest: &str) -> bool {
        rest.len() == self.free && rest.parse::<u64>().is_ok_and(|rest| (self.from..=self.to).contains(&rest))
    }

    /// What orders blocks with one prefix and as many free digits: where they begin, the widest first.
    pub fn order(&self) -> (u64, std::cmp::Reverse<u64>) {
        (self.from, std::cmp::Reverse(self.to))
    }

    /// How many numbers it has, less one.
    pub fn width(&self) -> u64 {
        self.to - self.from
    }

    /// Of two blocks with one prefix and as many free digits: a block that lies in the other is the more specific one.
    pub fn overlap(&self, other: &Self) -> Overlap {
        let apart = self.to < other.from || other.to < self.from;
        let inside = |a: &Self, b: &Self| b.from <= a.from && a.to <= b.to && a.width() < b.width();
        if apart || inside(self, other) || inside(other, self) { Overlap::None } else { Overlap::Equal }
    }

    fn new(written: &str, sample: Number, free: usize, from: u64, to: u64) -> Self {
        let digits = sample.bare();
        let prefix = digits[..digits.len() - free].into();
        Self { written: written.into(), prefix, sample, free, from, to }
    }
}

/// `+47 22 33 44 xx`.
fn pattern(text: &str, country: Option<Country>) -> Result<Block, NoBlock> {
    let (fixed, rest) = text.split_at(text.find(['x', 'X']).unwrap_or(text.len()));
    let rest: String = rest.chars().filter(|c| !is_separator(*c)).collect();
    if let Some(other) = rest.chars().find(|c| !matches!(c, 'x' | 'X')) {
        return Err(if other.is_ascii_digit() { NoBlock::Inside } else { NoBlock::NoNumber });
    }
    let free = rest.len();
    let all = power(free).ok_or(NoBlock::TooWide)?;
    // A digit that a number may have in any place.
    let sample = sample(&format!("{fixed}{}", "5".repeat(free)), free, country)?;
    let head = &sample.as_str()[..sample.as_str().len() - free];
    let written = format!("{head}{}", "x".repeat(free));
    Ok(Block::new(&written, sample, free, 0, all - 1))
}

/// `+47 22 33 44 00..49`.
fn range(first: &str, last: &str, country: Option<Country>) -> Result<Block, NoBlock> {
    let last: String = last.chars().filter(|c| !is_separator(*c)).collect();
    if last.is_empty() || !last.chars().all(|c| c.is_ascii_digit()) {
        return Err(NoBlock::NoNumber);
    }
    power(last.len()).ok_or(NoBlock::TooWide)?;
    let sample = sample(first, last.len(), country)?;
    let first = &sample.as_str()[sample.as_str().len() - last.len()..];
    let same = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
    let value = |digits: &str| digits[same..].parse::<u64>().map_err(|_not_digits| NoBlock::Backwards);
    let (from, to) = (value(first)?, value(&last)?);
    if from >= to {
        return Err(NoBlock::Backwards);
    }
    let written = format!("{sample}..{last}");
    // Digits that do not change are none that are free.
    Ok(Block::new(&written, sample, last.len() - same, from, to))
}

/// A number whose last digits are free.
fn sample(text: &str, free: usize, country: Option<Country>) -> Result<Number, NoBlock> {
    let number = Number::read(text, country).ok_or(NoBlock::NoNumber)?;
    let digits = number.bare();
    let fits = digits.len() >= free && !digits.contains(['*', '#']);
    if fits { Ok(number) } else { Err(NoBlock::TooWide) }
}

/// How many numbers so many free digits make, if that can be counted.
fn power(free: usize) -> Option<u64> {
    10u64.checked_pow(u32::try_from(free).ok()?)
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Called {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        match Called::read(text, Country::new("NO")) {
            Ok(Called::Block(block)) => block,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_block_is_told_in_one_way_however_it_is_written() {
        for (text, written, prefix, free) in [
            ("+47 22 33 44 xx", "+47223344xx", "47223344", 2),
            ("22 33 44 XX", "+47223344xx", "47223344", 2),
            ("0047 22 33 44 x-x", "+47223344xx", "47223344", 2),
            ("+47 22 33 44 00..49", "+4722334400..49", "47223344", 2),
            ("22 33 44 10..19", "+4722334410..19", "472233441", 1),
            ("1xx", "1xx", "1", 2),
            ("xxx", "xxx", "", 3),
        ] {
            let block = block(text);
            assert_eq!((&*block.written, block.prefix(), block.free()), (written, prefix, free), "{text}");
        }
    }

    #[test]
    fn a_block_has_the_numbers_from_its_first_to_its_last() {
        let range = block("+47 22 33 44 00..49");
        assert!(range.has("00") && range.has("49") && !range.has("50") && !range.has("0") && !range.has("007"));
        assert!(block("+47 22 33 44 1x").has("9"));
    }

    #[test]
    fn what_is_no_block_is_told_why() {
        for (text, why) in [
            ("+47 22 33 x4 55", NoBlock::Inside),
            ("+47 22 33 44 0x..4x", NoBlock::Both),
            ("+47 22 33 44 49..00", NoBlock::Backwards),
            ("+47 22 33 44 07..07", NoBlock::Backwards),
            ("101..", NoBlock::NoNumber),
            ("..49", NoBlock::NoNumber),
            ("1..49", NoBlock::TooWide),
            ("xylophone", NoBlock::NoNumber),
            ("*x", NoBlock::TooWide),
            ("", NoBlock::NoNumber),
        ] {
            assert_eq!(Called::read(text, None), Err(why), "{text}");
        }
        assert_eq!(Called::read(&"x".repeat(40), None), Err(NoBlock::TooWide));
    }

    #[test]
    fn of_blocks_that_lie_in_one_another_the_narrower_one_is_more_specific() {
        let overlap = |a: &str, b: &str| block(a).overlap(&block(b));
        assert_eq!(overlap("+47 22 33 44 xx", "+47 22 33 44 00..49"), Overlap::None);
        assert_eq!(overlap("+47 22 33 44 00..49", "+47 22 33 44 50..99"), Overlap::None);
        assert_eq!(overlap("+47 22 33 44 00..49", "+47 22 33 44 40..99"), Overlap::Equal);
        assert_eq!(overlap("+47 22 33 44 xx", "+47 22 33 44 00..99"), Overlap::Equal);
    }

    #[test]
    fn garbage_is_no_block_and_no_panic() {
        for text in [
            "x".repeat(10_240),
            "1..".repeat(4_000),
            format!("{}..{}", "9".repeat(20), "9".repeat(20)),
            "é..1".into(),
            "1..é".into(),
            "xé".into(),
        ] {
            assert!(Called::read(&text, Country::new("NO")).is_err(), "{text}");
        }
    }
}
