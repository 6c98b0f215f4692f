//! French.

use jiff::civil::Date;

use super::{Currency, Grammar, at, groups, nth, year};

pub(super) struct French;

const ONES: [&str; 20] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
];

const TENS: [&str; 10] =
    ["", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"];

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

fn below_hundred(number: u64, feminine: bool) -> String {
    let one = if feminine { "une" } else { "un" };
    let tens = at(&TENS, number / 10);
    // Seventy and ninety go on with what is between ten and nineteen.
    let rest = if matches!(number / 10, 7 | 9) { number % 10 + 10 } else { number % 10 };
    match (number, rest) {
        (1, _) => one.into(),
        (0..20, _) => at(&ONES, number).into(),
        (80, _) => "quatre-vingts".into(),
        (_, 0) => tens.into(),
        (81, _) => format!("quatre-vingt-{one}"),
        (_, 1) => format!("{tens} et {one}"),
        (71, _) => "soixante et onze".into(),
        (_, rest) => format!("{tens}-{}", at(&ONES, rest)),
    }
}

fn below_thousand(number: u64, feminine: bool, out: &mut Vec<String>) {
    match (number / 100, number % 100) {
        (0, _) => {}
        (1, _) => out.push("cent".into()),
        (hundreds, 0) => out.push(format!("{} cents", at(&ONES, hundreds))),
        (hundreds, _) => out.push(format!("{} cent", at(&ONES, hundreds))),
    }
    if !number.is_multiple_of(100) {
        out.push(below_hundred(number % 100, feminine));
    }
}

fn number(number: u64, feminine: bool, out: &mut Vec<String>) {
    if number == 0 {
        return out.push("zéro".into());
    }
    for (scale, group) in groups(number) {
        // One thousand is just that.
        if scale != 1_000 || group > 1 {
            below_thousand(group, feminine && scale == 1, out);
        }
        let word = match (scale, group) {
            (1_000_000_000, 1) => "milliard",
            (1_000_000_000, _) => "milliards",
            (1_000_000, 1) => "million",
            (1_000_000, _) => "millions",
            (1_000, _) => "mille",
            _ => continue,
        };
        out.push(word.into());
    }
}

impl Grammar for French {
    fn signs(&self) -> [&'static str; 14] {
        [
            "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "moins", "plus", "étoile",
            "dièse",
        ]
    }

    fn number(&self, value: u64, out: &mut Vec<String>) {
        number(value, false, out);
    }

    fn day(&self, date: Date, out: &mut Vec<String>) {
        let day = u64::from(date.day().unsigned_abs());
        let day = if day == 1 { "premier".into() } else { below_hundred(day, false) };
        out.extend([format!("le {day}"), nth(&MONTHS, date.month()).into()]);
    }

    fn date(&self, date: Date, out: &mut Vec<String>) {
        self.day(date, out);
        number(year(date).0, false, out);
    }

    fn time(&self, hour: u8, minute: u8, out: &mut Vec<String>) {
        out.push(match hour {
            0 => "minuit".into(),
            1 => "une heure".into(),
            12 => "midi".into(),
            _ => format!("{} heures", below_hundred(hour.into(), true)),
        });
        if minute > 0 {
            out.push(below_hundred(minute.into(), true));
        }
    }

    fn weekdays(&self) -> [&'static str; 7] {
        ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
    }

    fn money(&self, units: u64, hundredths: u64, currency: Currency, out: &mut Vec<String>) {
        let ((one, many, feminine), (small, smalls)) = match currency {
            Currency::Dkk => (("couronne danoise", "couronnes danoises", true), ("øre", "øre")),
            Currency::Eur => (("euro", "euros", false), ("centime", "centimes")),
            Currency::Gbp => (("livre", "livres", true), ("penny", "pence")),
            Currency::Nok => (("couronne norvégienne", "couronnes norvégiennes", true), ("øre", "øre")),
            Currency::Rub => (("rouble", "roubles", false), ("kopeck", "kopecks")),
            Currency::Sek => (("couronne suédoise", "couronnes suédoises", true), ("öre", "öre")),
            Currency::Usd => (("dollar", "dollars", false), ("cent", "cents")),
        };
        number(units, feminine, out);
        // "Un million d'euros"; nothing and one are in the singular.
        let of_millions = units >= 1_000_000 && units.is_multiple_of(1_000_000);
        out.push(match (of_millions, units) {
            (true, _) if many.starts_with('e') => format!("d'{many}"),
            (true, _) => format!("de {many}"),
            (false, 0 | 1) => one.into(),
            (false, _) => many.into(),
        });
        if hundredths > 0 {
            number(hundredths, false, out);
            out.push(if hundredths == 1 { small } else { smalls }.into());
        }
    }
}
