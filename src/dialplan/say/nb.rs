//! Norwegian (bokmål).

use jiff::civil::Date;

use super::{Currency, Grammar, at, groups, nth, year};

pub(super) struct Norwegian;

const ONES: [&str; 20] = [
    "null", "en", "to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "ti", "elleve", "tolv", "tretten",
    "fjorten", "femten", "seksten", "sytten", "atten", "nitten",
];

const TENS: [&str; 10] = ["", "", "tjue", "tretti", "førti", "femti", "seksti", "sytti", "åtti", "nitti"];

const DAYS: [&str; 31] = [
    "første",
    "andre",
    "tredje",
    "fjerde",
    "femte",
    "sjette",
    "sjuende",
    "åttende",
    "niende",
    "tiende",
    "ellevte",
    "tolvte",
    "trettende",
    "fjortende",
    "femtende",
    "sekstende",
    "syttende",
    "attende",
    "nittende",
    "tjuende",
    "tjueførste",
    "tjueandre",
    "tjuetredje",
    "tjuefjerde",
    "tjuefemte",
    "tjuesjette",
    "tjuesjuende",
    "tjueåttende",
    "tjueniende",
    "trettiende",
    "trettiførste",
];

const MONTHS: [&str; 12] = [
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
];

/// `neuter`: one is `ett`, as of thousands and pounds.
fn below_hundred(number: u64, neuter: bool) -> String {
    let one = |one| if one == 1 && neuter { "ett" } else { at(&ONES, one) };
    match (number / 10, number % 10) {
        // With the accent it is the number, and without it might be taken for "a".
        (0, 1) if !neuter => "én".into(),
        (0, digit) => one(digit).into(),
        (1, _) => at(&ONES, number).into(),
        (tens, 0) => at(&TENS, tens).into(),
        (tens, digit) => format!("{}{}", at(&TENS, tens), one(digit)),
    }
}

fn below_thousand(number: u64, neuter: bool, out: &mut Vec<String>) {
    let hundreds = |hundreds| if hundreds == 1 { "ett" } else { at(&ONES, hundreds) };
    match (number / 100, number % 100) {
        (0, rest) => out.push(below_hundred(rest, neuter)),
        (of, 0) => out.push(format!("{} hundre", hundreds(of))),
        (of, rest) => out.extend([format!("{} hundre og", hundreds(of)), below_hundred(rest, neuter)]),
    }
}

fn number(number: u64, neuter: bool, out: &mut Vec<String>) {
    if number == 0 {
        return out.push("null".into());
    }
    let small_rest = (1..100).contains(&(number % 1_000));
    let last = groups(number).map(|(scale, _)| scale).filter(|scale| *scale > 1).last();
    for (scale, group) in groups(number) {
        below_thousand(group, if scale == 1 { neuter } else { scale == 1_000 }, out);
        let word = match (scale, group) {
            (1_000_000_000, 1) => "milliard",
            (1_000_000_000, _) => "milliarder",
            (1_000_000, 1) => "million",
            (1_000_000, _) => "millioner",
            (1_000, _) => "tusen",
            _ => continue,
        };
        let and = if small_rest && last == Some(scale) { " og" } else { "" };
        out.push(format!("{word}{and}"));
    }
}

impl Grammar for Norwegian {
    fn signs(&self) -> [&'static str; 14] {
        ["null", "én", "to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "minus", "pluss", "stjerne", "firkant"]
    }

    fn number(&self, value: u64, out: &mut Vec<String>) {
        number(value, false, out);
    }

    fn day(&self, date: Date, out: &mut Vec<String>) {
        out.extend([nth(&DAYS, date.day()), nth(&MONTHS, date.month())].map(str::to_owned));
    }

    fn date(&self, date: Date, out: &mut Vec<String>) {
        self.day(date, out);
        match year(date) {
            (year @ 2000..=2009, _) => number(year, false, out),
            (year, 0) => out.push(format!("{} hundre", below_hundred(year / 100, false))),
            (year, rest @ 1..=9) => {
                out.extend([below_hundred(year / 100, false), format!("null {}", below_hundred(rest, false))]);
            }
            (year, rest) => out.extend([below_hundred(year / 100, false), below_hundred(rest, false)]),
        }
    }

    fn time(&self, hour: u8, minute: u8, out: &mut Vec<String>) {
        out.push(format!("klokka {}", if hour == 1 { "ett".into() } else { below_hundred(hour.into(), false) }));
        match minute {
            0 => {}
            1..=9 => out.push(format!("null {}", below_hundred(minute.into(), false))),
            _ => out.push(below_hundred(minute.into(), false)),
        }
    }

    fn weekdays(&self) -> [&'static str; 7] {
        ["mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"]
    }

    fn money(&self, units: u64, hundredths: u64, currency: Currency, out: &mut Vec<String>) {
        let (one, many, small, neuter, small_neuter) = match currency {
            Currency::Dkk => ("dansk krone", "danske kroner", "øre", false, true),
            Currency::Eur => ("euro", "euro", "cent", false, false),
            Currency::Gbp => ("pund", "pund", "pence", true, false),
            Currency::Nok => ("krone", "kroner", "øre", false, true),
            Currency::Rub => ("rubel", "rubler", "kopek", false, false),
            Currency::Sek => ("svensk krone", "svenske kroner", "øre", false, true),
            Currency::Usd => ("dollar", "dollar", "cent", false, false),
        };
        number(units, neuter, out);
        out.push(if units == 1 { one } else { many }.into());
        if hundredths > 0 {
            number(hundredths, small_neuter, out);
            out.push(small.into());
        }
    }
}
