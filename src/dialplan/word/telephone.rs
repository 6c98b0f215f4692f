//! Countries and telephone numbers as a plan writes them.

use crate::{
    dialplan::lists::Entry,
    domain::{Called, Country, called::NoBlock},
    yaml::{Read, Wrong, quoted},
};

/// A country by its code: `NO`.
pub(in crate::dialplan) fn country(text: &str) -> Read<Country> {
    Country::new(text).ok_or_else(|| {
        let remedy = Country::meant(text).map_or_else(
            || "write the two capital letters of ISO 3166: `country: NO`".into(),
            |meant| format!("did you mean {}, {}?", quoted(meant.code()), meant.name()),
        );
        Wrong::new(format!("there is no country {}", quoted(text)), remedy)
    })
}

/// A number that is called, a block of numbers, or `*`.
pub(in crate::dialplan) fn called(text: &str, country: Option<Country>) -> Read<Called> {
    Called::read(text, country).map_err(|why| {
        let no_block = || format!("{} is no block of numbers", quoted(text));
        let (message, remedy) = match why {
            NoBlock::NoNumber => (
                format!("{} is not a telephone number", quoted(text)),
                "write its digits, with `+` and the country first: \"+47 800 12 345\"",
            ),
            NoBlock::Inside => {
                (no_block(), "an `x` stands for a last digit, with none behind it: write a line for each such block")
            }
            NoBlock::Both => (no_block(), "write either \"+47 22 33 44 xx\" or \"+47 22 33 44 00..49\""),
            NoBlock::Backwards => (
                no_block(),
                "behind `..` stand the last digits of the block's last number, as many as change: \"+47 22 33 44 00..49\"",
            ),
            NoBlock::TooWide => (no_block(), "more digits are free than a number has: \"+47 22 33 44 xx\""),
        };
        Wrong::new(message, remedy)
    })
}

/// A number of a list, or what numbers of it begin with.
pub(in crate::dialplan) fn listed(text: &str, country: Option<Country>) -> Read<Entry> {
    Entry::read(text, country).ok_or_else(|| {
        Wrong::new(
            format!("{} is neither a telephone number nor the beginning of one", quoted(text)),
            "write \"+47 900 00 000\", or \"+46 8*\" for all that begin so",
        )
    })
}
