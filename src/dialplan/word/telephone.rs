//! Countries and telephone numbers as a plan writes them.

use crate::{
    dialplan::{lists::Entry, plan::ShownNumber, raw::RawTarget},
    domain::{Called, Country, E164, Name, Number, called::NoBlock},
    yaml::{Read, Wrong, quoted},
};

/// The longest internal number: anything longer could be somebody's outside.
pub(in crate::dialplan) const LONGEST_EXTENSION: usize = 6;

/// A country by its code: `NO`.
pub(in crate::dialplan) fn country(text: &str) -> Read<Country> {
    Country::new(text).ok_or_else(|| {
        // What everybody calls it, and ISO does not.
        let known = if text.eq_ignore_ascii_case("UK") { "GB" } else { text };
        let remedy = Country::meant(known).map_or_else(
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

/// An internal number, or a code: `101`, `*60`.
pub(in crate::dialplan) fn extension(text: &str) -> Read<Name> {
    let keys = !text.is_empty() && text.bytes().all(|key| key.is_ascii_digit() || matches!(key, b'*' | b'#'));
    let example = "write 1 to 6 keys of a telephone: `101`, `\"*60\"`";
    if keys && text.len() <= LONGEST_EXTENSION {
        return Ok(Name::new(text));
    }
    let looks_public = Number::plain(text).is_some_and(|number| number.bare().len() > LONGEST_EXTENSION);
    let message = if looks_public || text.starts_with('+') {
        format!("{} looks like a public number, and this is an internal one", quoted(text))
    } else {
        format!("{} is no internal number", quoted(text))
    };
    Err(Wrong::new(message, example))
}

/// Who is dialled: an operator, an internal number, a number outside, or what an expression gives.
pub(in crate::dialplan) fn target(text: &str) -> Read<RawTarget> {
    if text.contains("{{") {
        return Ok(RawTarget::Computed(text.into()));
    }
    if text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return super::reference(text).map(RawTarget::Named);
    }
    let number = Number::parse(text).filter(|number| number.bare().len() <= Number::MAX_DIGITS);
    number.map(|number| RawTarget::Digits(number.as_str().into())).ok_or_else(|| {
        let message = format!("{} is nobody who could be dialled", quoted(text));
        Wrong::new(
            message,
            "write an operator's name, an internal number or one outside: `anna`, `205`, \"+47 900 00 000\"",
        )
    })
}

/// What those see who are rung.
pub(in crate::dialplan) fn shown(text: &str, country: Option<Country>) -> Read<ShownNumber> {
    match text {
        "caller" => return Ok(ShownNumber::Caller),
        "called" => return Ok(ShownNumber::Called),
        _ => {}
    }
    E164::read(text, country).map(ShownNumber::Own).ok_or_else(|| {
        let message = format!("{} is no number that could be shown", quoted(text));
        Wrong::new(message, "write `caller`, `called`, or a number with its country: \"+47 22 33 44 55\"")
    })
}
