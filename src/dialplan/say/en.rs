//! English, as it is spoken in Britain.

use jiff::civil::Date;

use super::{Currency, Grammar, at, groups, nth, year};

pub(super) struct English;

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

const ORDINALS: [&str; 20] = [
    "",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn below_hundred(number: u64) -> String {
    match (number / 10, number % 10) {
        (0 | 1, _) => at(&ONES, number).to_owned(),
        (tens, 0) => at(&TENS, tens).to_owned(),
        (tens, one) => format!("{} {}", at(&TENS, tens), at(&ONES, one)),
    }
}

fn below_thousand(number: u64, out: &mut Vec<String>) {
    let (hundreds, rest) = (number / 100, number % 100);
    match (hundreds, rest) {
        (0, rest) => out.push(below_hundred(rest)),
        (hundreds, 0) => out.push(format!("{} hundred", at(&ONES, hundreds))),
        (hundreds, rest) => out.extend([format!("{} hundred and", at(&ONES, hundreds)), below_hundred(rest)]),
    }
}

fn ordinal(day: i8) -> String {
    match day {
        20 => "twentieth".into(),
        30 => "thirtieth".into(),
        21.. => format!(
            "{} {}",
            if day < 30 { "twenty" } else { "thirty" },
            at(&ORDINALS, u64::from(day.unsigned_abs() % 10))
        ),
        _ => at(&ORDINALS, u64::from(day.unsigned_abs())).into(),
    }
}

impl Grammar for English {
    fn signs(&self) -> [&'static str; 14] {
        [
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "minus", "plus", "star",
            "hash",
        ]
    }

    fn number(&self, number: u64, out: &mut Vec<String>) {
        if number == 0 {
            return out.push("zero".into());
        }
        // "One thousand and five".
        let small_rest = (1..100).contains(&(number % 1_000));
        let last = groups(number).map(|(scale, _)| scale).filter(|scale| *scale > 1).last();
        for (scale, group) in groups(number) {
            below_thousand(group, out);
            let word = match scale {
                1_000_000_000 => "billion",
                1_000_000 => "million",
                1_000 => "thousand",
                _ => continue,
            };
            let and = if small_rest && last == Some(scale) { " and" } else { "" };
            out.push(format!("{word}{and}"));
        }
    }

    fn day(&self, date: Date, out: &mut Vec<String>) {
        out.extend([format!("the {}", ordinal(date.day())), format!("of {}", nth(&MONTHS, date.month()))]);
    }

    fn date(&self, date: Date, out: &mut Vec<String>) {
        self.day(date, out);
        match year(date) {
            (year @ 2000..=2009, _) => self.number(year, out),
            (year, 0) => out.push(format!("{} hundred", below_hundred(year / 100))),
            (year, rest @ 1..=9) => out.extend([below_hundred(year / 100), format!("oh {}", at(&ONES, rest))]),
            (year, rest) => out.extend([below_hundred(year / 100), below_hundred(rest)]),
        }
    }

    fn time(&self, hour: u8, minute: u8, out: &mut Vec<String>) {
        match (hour, minute) {
            (0, 0) => return out.push("midnight".into()),
            (12, 0) => return out.push("noon".into()),
            _ => {}
        }
        let on_the_dial = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
        out.push(at(&ONES, on_the_dial.into()).into());
        match minute {
            0 => {}
            1..=9 => out.push(format!("oh {}", at(&ONES, minute.into()))),
            _ => out.push(below_hundred(minute.into())),
        }
        out.push(if hour < 12 { "a m" } else { "p m" }.into());
    }

    fn weekdays(&self) -> [&'static str; 7] {
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    }

    fn money(&self, units: u64, hundredths: u64, currency: Currency, out: &mut Vec<String>) {
        let (one, many, small_one, small_many) = match currency {
            Currency::Dkk => ("Danish krone", "Danish kroner", "øre", "øre"),
            Currency::Eur => ("euro", "euros", "cent", "cents"),
            Currency::Gbp => ("pound", "pounds", "penny", "pence"),
            Currency::Nok => ("krone", "kroner", "øre", "øre"),
            Currency::Rub => ("rouble", "roubles", "kopeck", "kopecks"),
            Currency::Sek => ("Swedish krona", "Swedish kronor", "öre", "öre"),
            Currency::Usd => ("dollar", "dollars", "cent", "cents"),
        };
        self.number(units, out);
        out.push(if units == 1 { one } else { many }.into());
        if hundredths > 0 {
            self.number(hundredths, out);
            out.push(if hundredths == 1 { small_one } else { small_many }.into());
        }
    }
}
