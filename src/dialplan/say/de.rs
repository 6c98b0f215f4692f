//! German.

use jiff::civil::Date;

use super::{Currency, Grammar, at, groups, nth, year};

pub(super) struct German;

const ONES: [&str; 20] = [
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
];

const TENS: [&str; 10] =
    ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];

const DAYS: [&str; 19] = [
    "erste",
    "zweite",
    "dritte",
    "vierte",
    "fünfte",
    "sechste",
    "siebte",
    "achte",
    "neunte",
    "zehnte",
    "elfte",
    "zwölfte",
    "dreizehnte",
    "vierzehnte",
    "fünfzehnte",
    "sechzehnte",
    "siebzehnte",
    "achtzehnte",
    "neunzehnte",
];

const MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// What one is at the end of a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum One {
    /// By itself.
    Eins,
    /// Before a thing that is masculine or neuter.
    Ein,
    /// Before a feminine one.
    Eine,
}

fn below_hundred(number: u64, one: One) -> String {
    match (number / 10, number % 10) {
        (0, 1) => match one {
            One::Eins => "eins".into(),
            One::Ein => "ein".into(),
            One::Eine => "eine".into(),
        },
        (0 | 1, _) => at(&ONES, number).into(),
        (tens, 0) => at(&TENS, tens).into(),
        (tens, digit) => format!("{}und{}", at(&ONES, digit), at(&TENS, tens)),
    }
}

fn below_thousand(number: u64, one: One, out: &mut Vec<String>) {
    let (hundreds, rest) = (number / 100, number % 100);
    if hundreds > 0 {
        out.push(format!("{}hundert", at(&ONES, hundreds)));
    }
    if rest > 0 {
        out.push(below_hundred(rest, one));
    }
}

fn number(number: u64, one: One, out: &mut Vec<String>) {
    if number == 0 {
        return out.push("null".into());
    }
    for (scale, group) in groups(number) {
        match (scale, group) {
            // In one breath.
            (1_000, 1..=9) => out.push(format!("{}tausend", at(&ONES, group))),
            (1_000, _) => {
                below_thousand(group, One::Ein, out);
                out.push("tausend".into());
            }
            (1_000_000, _) => {
                below_thousand(group, One::Eine, out);
                out.push(if group == 1 { "Million" } else { "Millionen" }.into());
            }
            (1_000_000_000, _) => {
                below_thousand(group, One::Eine, out);
                out.push(if group == 1 { "Milliarde" } else { "Milliarden" }.into());
            }
            _ => below_thousand(group, one, out),
        }
    }
}

fn ordinal(day: i8) -> String {
    if day < 20 { nth(&DAYS, day).into() } else { below_hundred(u64::from(day.unsigned_abs()), One::Eins) + "ste" }
}

impl Grammar for German {
    fn signs(&self) -> [&'static str; 14] {
        [
            "null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "minus", "plus",
            "Stern", "Raute",
        ]
    }

    fn number(&self, value: u64, out: &mut Vec<String>) {
        number(value, One::Eins, out);
    }

    fn day(&self, date: Date, out: &mut Vec<String>) {
        out.extend([format!("der {}", ordinal(date.day())), nth(&MONTHS, date.month()).into()]);
    }

    fn date(&self, date: Date, out: &mut Vec<String>) {
        self.day(date, out);
        match year(date) {
            (1900..=1999, rest) => {
                out.push("neunzehnhundert".into());
                if rest > 0 {
                    out.push(below_hundred(rest, One::Eins));
                }
            }
            (year, _) => number(year, One::Eins, out),
        }
    }

    fn time(&self, hour: u8, minute: u8, out: &mut Vec<String>) {
        out.push(format!("{} Uhr", below_hundred(hour.into(), One::Ein)));
        if minute > 0 {
            out.push(below_hundred(minute.into(), One::Eins));
        }
    }

    fn weekdays(&self) -> [&'static str; 7] {
        ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
    }

    fn money(&self, units: u64, hundredths: u64, currency: Currency, out: &mut Vec<String>) {
        use One::{Ein, Eine};
        let ((one, many, form), (small, smalls, small_form)) = match currency {
            Currency::Dkk => (("dänische Krone", "dänische Kronen", Eine), ("Öre", "Öre", Ein)),
            Currency::Eur => (("Euro", "Euro", Ein), ("Cent", "Cent", Ein)),
            Currency::Gbp => (("Pfund", "Pfund", Ein), ("Penny", "Pence", Ein)),
            Currency::Nok => (("norwegische Krone", "norwegische Kronen", Eine), ("Öre", "Öre", Ein)),
            Currency::Rub => (("Rubel", "Rubel", Ein), ("Kopeke", "Kopeken", Eine)),
            Currency::Sek => (("schwedische Krone", "schwedische Kronen", Eine), ("Öre", "Öre", Ein)),
            Currency::Usd => (("Dollar", "Dollar", Ein), ("Cent", "Cent", Ein)),
        };
        number(units, form, out);
        out.push(if units == 1 { one } else { many }.into());
        if hundredths > 0 {
            number(hundredths, small_form, out);
            out.push(if hundredths == 1 { small } else { smalls }.into());
        }
    }
}
