//! How a value is said: a number, a date, an amount as phrases of a language, each of which is a prompt that was made when
//! the plan was read. So a caller hears them in the voice of the texts around them, on every Asterisk, and nothing is made
//! while he waits.
//!
//! A language with a `Grammar` says everything. In any other one whoever makes speech is trusted to read the numbers below a
//! hundred, of which all others are put together: it can say numbers, digits and the time of day, but no names of months.

pub(super) mod accept;
pub(super) mod callback;
mod de;
mod en;
mod es;
mod fr;
mod money;
mod nb;
mod ru;
#[cfg(test)]
mod tests;
pub(super) mod waiting;

use std::collections::BTreeSet;

use jiff::civil::Date;

pub use money::Currency;

use super::expr::{Value, WEEKDAYS};
use crate::domain::Language;

/// Of digits, no more than this many are said.
const MOST_DIGITS: usize = 32;

/// From here on a number is said digit by digit.
const HUGE: u64 = 1_000_000_000_000;

/// How a value is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    /// A whole number: "twenty one".
    Number,
    /// Digit by digit: "two", "one".
    Digits,
    /// A date that is written `2027-05-17`.
    Date,
    /// A time of day that is written `09:30`.
    Time,
    /// A day of the week that is written `Mo`.
    Weekday,
    /// An amount: a whole number, or a text such as `12.50`.
    Money(Currency),
}

/// What a language needs to say values. Phrases are put behind one another; the fewer there are, the better it sounds.
trait Grammar: Sync {
    /// The digits, and what is said of `-`, `+`, `*` and `#`.
    fn signs(&self) -> [&'static str; 14];

    /// A number below [`HUGE`].
    fn number(&self, number: u64, out: &mut Vec<String>);

    /// A date of the years 1900 to 2099.
    fn date(&self, date: Date, out: &mut Vec<String>);

    /// A day and a month, where the year is said digit by digit.
    fn day(&self, date: Date, out: &mut Vec<String>);

    /// A time of day.
    fn time(&self, hour: u8, minute: u8, out: &mut Vec<String>);

    /// Days of the week, Monday first.
    fn weekdays(&self) -> [&'static str; 7];

    /// Whole units below [`HUGE`] of a currency, and hundredths below 100; of these none when there are none.
    fn money(&self, units: u64, hundredths: u64, currency: Currency, out: &mut Vec<String>);
}

/// Languages with a grammar.
const GRAMMARS: [(&str, &dyn Grammar); 7] = [
    ("de", &de::German),
    ("en", &en::English),
    ("es", &es::Spanish),
    ("fr", &fr::French),
    ("nb", &nb::Norwegian),
    ("no", &nb::Norwegian),
    ("ru", &ru::Russian),
];

fn grammar(language: &Language) -> Option<&'static dyn Grammar> {
    let bare = language.bare();
    GRAMMARS.iter().find(|(code, _)| *code == bare).map(|(_, grammar)| *grammar)
}

/// The codes of languages in which everything can be said.
pub(super) fn fluent() -> impl Iterator<Item = &'static str> {
    GRAMMARS.iter().map(|(code, _)| *code)
}

impl Manner {
    /// What is said so, for a message.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Number => "numbers",
            Self::Digits => "digits",
            Self::Date => "dates",
            Self::Time => "times",
            Self::Weekday => "days of the week",
            Self::Money(_) => "money",
        }
    }

    /// One of them.
    pub(super) fn one(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Digits => "digits",
            Self::Date => "a date",
            Self::Time => "a time of day",
            Self::Weekday => "a day of the week",
            Self::Money(_) => "an amount",
        }
    }

    /// Whether there are phrases for it in that language.
    pub(super) fn is_known_in(self, language: &Language) -> bool {
        match self {
            Self::Number | Self::Digits | Self::Time => true,
            Self::Date | Self::Weekday | Self::Money(_) => grammar(language).is_some(),
        }
    }

    /// More phrases than this are never said of one value.
    pub(super) fn most(self) -> u32 {
        match self {
            Self::Number | Self::Money(_) => 28,
            Self::Digits => 32,
            Self::Date => 10,
            Self::Time => 4,
            Self::Weekday => 1,
        }
    }

    /// Every phrase that may be said so in that language.
    pub(super) fn vocabulary(self, language: &Language) -> BTreeSet<String> {
        let mut out = Vec::new();
        if !self.is_known_in(language) {
            return BTreeSet::new();
        }
        let speaker = Speaker { grammar: grammar(language) };
        speaker.signs(&mut out);
        match self {
            Self::Digits => {}
            Self::Number => covering().for_each(|number| speaker.number(number, &mut out)),
            Self::Time => {
                out.clear();
                let times = (0..24).flat_map(|hour| (0..60).map(move |minute| (hour, minute)));
                times.for_each(|(hour, minute)| speaker.time(hour, minute, &mut out));
            }
            Self::Date => {
                let days = || (1..=12).flat_map(|month| (1..=31).map(move |day| (month, day)));
                let dates = (1900..=2099).map(|year| (year, 1, 1));
                let dates = dates.chain(days().map(|(month, day)| (2000, month, day)));
                let known = dates.filter_map(|(year, month, day)| Date::new(year, month, day).ok());
                known.for_each(|date| speaker.date(date, &mut out));
            }
            Self::Weekday => {
                out.clear();
                WEEKDAYS.iter().for_each(|day| speaker.weekday(day, &mut out));
            }
            Self::Money(currency) => {
                covering().for_each(|units| speaker.money(units, 0, currency, &mut out));
                (0..100).for_each(|hundredths| speaker.money(1, hundredths, currency, &mut out));
            }
        }
        out.into_iter().collect()
    }

    /// What is said of a value, one phrase behind the other; nothing where that makes no sense.
    pub(super) fn phrases(self, value: &Value, language: &Language) -> Vec<String> {
        let speaker = Speaker { grammar: grammar(language) };
        let mut out = Vec::new();
        match (self, value) {
            (Self::Number, Value::Number(number)) => speaker.signed(*number, &mut out),
            (Self::Digits, Value::Number(number)) => speaker.digits(&number.to_string(), &mut out),
            // What divides groups of digits is not said.
            (Self::Digits, Value::Text(text)) => speaker.digits(&text.replace('-', ""), &mut out),
            (Self::Date, Value::Text(text)) => date(text).into_iter().for_each(|date| speaker.date(date, &mut out)),
            (Self::Time, Value::Text(text)) => {
                time(text).into_iter().for_each(|(hour, minute)| speaker.time(hour, minute, &mut out));
            }
            (Self::Weekday, Value::Text(text)) => speaker.weekday(text, &mut out),
            (Self::Money(currency), value) => {
                if let Some((minus, units, hundredths)) = amount(value) {
                    if minus {
                        speaker.digits("-", &mut out);
                    }
                    speaker.money(units, hundredths, currency, &mut out);
                }
            }
            (Self::Number, Value::Text(_) | Value::Truth(_))
            | (Self::Digits, Value::Truth(_))
            | (Self::Date | Self::Time | Self::Weekday, Value::Number(_) | Value::Truth(_)) => {}
        }
        out
    }
}

/// Numbers of which all others below [`HUGE`] take their phrases.
fn covering() -> impl Iterator<Item = u64> {
    let scales = [1_000_u64, 1_000_000, 1_000_000_000];
    let with_rest = scales.into_iter().flat_map(|scale| [scale + 1, scale + 100, 2 * scale + 1, 2 * scale + 100]);
    let groups = scales.into_iter().flat_map(|scale| (1..1_000).map(move |group| group * scale));
    (0..1_000).chain(groups).chain(with_rest)
}

/// A date as written: `2027-05-17`.
fn date(text: &str) -> Option<Date> {
    let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    plain.then(|| text.parse().ok()).flatten()
}

/// A time of day as written: `09:30`.
fn time(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok());
    let (hour, minute) = (two(hour).flatten()?, two(minute).flatten()?);
    (hour < 24 && minute < 60).then_some((hour, minute))
}

/// An amount: whether it is below nothing, whole units and hundredths.
fn amount(value: &Value) -> Option<(bool, u64, u64)> {
    let text = match value {
        Value::Number(number) => return Some((*number < 0, number.unsigned_abs(), 0)),
        Value::Text(text) => text.trim(),
        Value::Truth(_) => return None,
    };
    let bare = text.strip_prefix('-').unwrap_or(text);
    let (units, part) = bare.split_once(['.', ',']).unwrap_or((bare, "00"));
    let digits = |text: &str, most| {
        let fits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let hundredths = digits(part, 2)? * if part.len() == 1 { 10 } else { 1 };
    Some((bare.len() < text.len(), digits(units, 12)?, hundredths))
}

/// Says values in a language that has a grammar or not.
struct Speaker {
    grammar: Option<&'static dyn Grammar>,
}

impl Speaker {
    fn signs(&self, out: &mut Vec<String>) {
        match self.grammar {
            Some(grammar) => out.extend(grammar.signs().map(str::to_owned)),
            None => out.extend((0..10).map(|digit| digit.to_string())),
        }
    }

    /// Signs that mean nothing on a telephone are passed over.
    fn digits(&self, text: &str, out: &mut Vec<String>) {
        let signs: Vec<usize> = text.chars().filter_map(|sign| "0123456789-+*#".find(sign)).take(MOST_DIGITS).collect();
        match self.grammar {
            Some(grammar) => {
                let all = grammar.signs();
                out.extend(signs.into_iter().filter_map(|sign| all.get(sign).map(|&word| word.to_owned())));
            }
            None => out.extend(signs.into_iter().filter(|sign| *sign < 10).map(|digit| digit.to_string())),
        }
    }

    fn signed(&self, number: i64, out: &mut Vec<String>) {
        if number < 0 {
            self.digits("-", out);
        }
        self.number(number.unsigned_abs(), out);
    }

    fn number(&self, number: u64, out: &mut Vec<String>) {
        match self.grammar {
            Some(grammar) if number < HUGE => grammar.number(number, out),
            // Whoever makes speech reads it.
            None if number < 100 => out.push(number.to_string()),
            Some(_) | None => self.digits(&number.to_string(), out),
        }
    }

    fn date(&self, date: Date, out: &mut Vec<String>) {
        let Some(grammar) = self.grammar else { return };
        if (1900..=2099).contains(&date.year()) {
            grammar.date(date, out);
        } else {
            grammar.day(date, out);
            self.digits(&date.year().to_string(), out);
        }
    }

    fn time(&self, hour: u8, minute: u8, out: &mut Vec<String>) {
        match self.grammar {
            Some(grammar) => grammar.time(hour, minute, out),
            None => {
                out.push(hour.to_string());
                if minute < 10 {
                    out.push("0".into());
                }
                if minute > 0 {
                    out.push(minute.to_string());
                }
            }
        }
    }

    fn weekday(&self, day: &str, out: &mut Vec<String>) {
        let place = WEEKDAYS.iter().position(|known| *known == day);
        let word = self.grammar.zip(place).and_then(|(grammar, place)| grammar.weekdays().get(place).copied());
        out.extend(word.map(str::to_owned));
    }

    fn money(&self, units: u64, hundredths: u64, currency: Currency, out: &mut Vec<String>) {
        let Some(grammar) = self.grammar else { return };
        if units < HUGE {
            grammar.money(units, hundredths, currency, out);
        } else {
            self.digits(&units.to_string(), out);
        }
    }
}

/// Groups of three digits, the one of highest value first: how much one of it is, and how many of it there are.
fn groups(number: u64) -> impl Iterator<Item = (u64, u64)> {
    let scales = [1_000_000_000, 1_000_000, 1_000, 1];
    scales.into_iter().map(move |scale| (scale, number / scale % 1_000)).filter(|(_, group)| *group > 0)
}

/// An entry of a table.
fn at(table: &[&'static str], place: u64) -> &'static str {
    usize::try_from(place).ok().and_then(|place| table.get(place).copied()).unwrap_or_default()
}

/// A day or a month, from 1, in a table.
fn nth(table: &[&'static str], place: i8) -> &'static str {
    u64::try_from(place).ok().and_then(|place| place.checked_sub(1)).map_or("", |place| at(table, place))
}

/// A year as a number, and what is behind its hundreds.
fn year(date: Date) -> (u64, u64) {
    let year = u64::from(date.year().unsigned_abs());
    (year, year % 100)
}
