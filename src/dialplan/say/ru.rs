//! Russian.

use jiff::civil::Date;

use super::{Currency, Grammar, at, groups, nth, year};

pub(super) struct Russian;

const ONES: [&str; 20] = [
    "ноль",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
];

const TENS: [&str; 10] =
    ["", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"];

const HUNDREDS: [&str; 10] =
    ["", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"];

/// Of which day, and of which year, without their last letters.
const ORDINALS: [&str; 20] = [
    "",
    "перв",
    "втор",
    "треть",
    "четвёрт",
    "пят",
    "шест",
    "седьм",
    "восьм",
    "девят",
    "десят",
    "одиннадцат",
    "двенадцат",
    "тринадцат",
    "четырнадцат",
    "пятнадцат",
    "шестнадцат",
    "семнадцат",
    "восемнадцат",
    "девятнадцат",
];

const ORDINAL_TENS: [&str; 10] =
    ["", "", "двадцат", "тридцат", "сороков", "пятидесят", "шестидесят", "семидесят", "восьмидесят", "девяност"];

const MONTHS: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

/// The gender of what is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gender {
    Masculine,
    Feminine,
    Neuter,
}

/// What is counted: one, two to four, and many of it.
struct Noun(&'static str, &'static str, &'static str, Gender);

impl Noun {
    fn form(&self, number: u64) -> &'static str {
        match (number % 10, number % 100) {
            (_, 11..=14) => self.2,
            (1, _) => self.0,
            (2..=4, _) => self.1,
            _ => self.2,
        }
    }
}

const THOUSAND: Noun = Noun("тысяча", "тысячи", "тысяч", Gender::Feminine);
const MILLION: Noun = Noun("миллион", "миллиона", "миллионов", Gender::Masculine);
const MILLIARD: Noun = Noun("миллиард", "миллиарда", "миллиардов", Gender::Masculine);
const HOUR: Noun = Noun("час", "часа", "часов", Gender::Masculine);
const MINUTE: Noun = Noun("минута", "минуты", "минут", Gender::Feminine);

fn below_hundred(number: u64, gender: Gender) -> String {
    let one = |digit| match (digit, gender) {
        (1, Gender::Feminine) => "одна",
        (1, Gender::Neuter) => "одно",
        (2, Gender::Feminine) => "две",
        _ => at(&ONES, digit),
    };
    match (number / 10, number % 10) {
        (0, digit) => one(digit).into(),
        (1, _) => at(&ONES, number).into(),
        (tens, 0) => at(&TENS, tens).into(),
        (tens, digit) => format!("{} {}", at(&TENS, tens), one(digit)),
    }
}

fn below_thousand(number: u64, gender: Gender, out: &mut Vec<String>) {
    let (hundreds, rest) = (number / 100, number % 100);
    if hundreds > 0 {
        out.push(at(&HUNDREDS, hundreds).into());
    }
    if rest > 0 {
        out.push(below_hundred(rest, gender));
    }
}

fn number(number: u64, gender: Gender, out: &mut Vec<String>) {
    if number == 0 {
        return out.push("ноль".into());
    }
    for (scale, group) in groups(number) {
        let noun = match scale {
            1_000_000_000 => MILLIARD,
            1_000_000 => MILLION,
            1_000 => THOUSAND,
            _ => {
                below_thousand(group, gender, out);
                continue;
            }
        };
        below_thousand(group, noun.3, out);
        out.push(noun.form(group).into());
    }
}

/// An ordinal below a hundred, with the ending that most of them have; the third one has another.
fn ordinal(number: u64, ending: &str, of_third: &str) -> String {
    let one = |digit| format!("{}{}", at(&ORDINALS, digit), if digit == 3 { of_third } else { ending });
    match (number / 10, number % 10) {
        (0 | 1, _) => one(number),
        (tens, 0) => format!("{}{ending}", at(&ORDINAL_TENS, tens)),
        (tens, digit) => format!("{} {}", at(&TENS, tens), one(digit)),
    }
}

impl Grammar for Russian {
    fn signs(&self) -> [&'static str; 14] {
        [
            "ноль",
            "один",
            "два",
            "три",
            "четыре",
            "пять",
            "шесть",
            "семь",
            "восемь",
            "девять",
            "минус",
            "плюс",
            "звёздочка",
            "решётка",
        ]
    }

    fn number(&self, value: u64, out: &mut Vec<String>) {
        number(value, Gender::Masculine, out);
    }

    fn day(&self, date: Date, out: &mut Vec<String>) {
        let day = ordinal(u64::from(date.day().unsigned_abs()), "ое", "е");
        out.extend([day, nth(&MONTHS, date.month()).into()]);
    }

    fn date(&self, date: Date, out: &mut Vec<String>) {
        self.day(date, out);
        let (year, rest) = year(date);
        match (year, rest) {
            (2000, _) => out.push("двухтысячного года".into()),
            (1900, _) => out.push("тысяча девятисотого года".into()),
            (_, rest) => {
                out.push(if year < 2000 { "тысяча девятьсот" } else { "две тысячи" }.into());
                out.push(format!("{} года", ordinal(rest, "ого", "его")));
            }
        }
    }

    fn time(&self, hour: u8, minute: u8, out: &mut Vec<String>) {
        let hour = u64::from(hour);
        out.push(format!("{} {}", below_hundred(hour, HOUR.3), HOUR.form(hour)));
        if minute > 0 {
            let minute = u64::from(minute);
            out.push(format!("{} {}", below_hundred(minute, MINUTE.3), MINUTE.form(minute)));
        }
    }

    fn weekdays(&self) -> [&'static str; 7] {
        ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"]
    }

    fn money(&self, units: u64, hundredths: u64, currency: Currency, out: &mut Vec<String>) {
        use Gender::{Feminine, Masculine, Neuter};
        let ore = Noun("эре", "эре", "эре", Neuter);
        let cent = Noun("цент", "цента", "центов", Masculine);
        let (large, small) = match currency {
            Currency::Dkk => (Noun("датская крона", "датские кроны", "датских крон", Feminine), ore),
            Currency::Eur => (Noun("евро", "евро", "евро", Masculine), cent),
            Currency::Gbp => (Noun("фунт", "фунта", "фунтов", Masculine), Noun("пенс", "пенса", "пенсов", Masculine)),
            Currency::Nok => (Noun("норвежская крона", "норвежские кроны", "норвежских крон", Feminine), ore),
            Currency::Rub => {
                (Noun("рубль", "рубля", "рублей", Masculine), Noun("копейка", "копейки", "копеек", Feminine))
            }
            Currency::Sek => (Noun("шведская крона", "шведские кроны", "шведских крон", Feminine), ore),
            Currency::Usd => (Noun("доллар", "доллара", "долларов", Masculine), cent),
        };
        number(units, large.3, out);
        out.push(large.form(units).into());
        if hundredths > 0 {
            number(hundredths, small.3, out);
            out.push(small.form(hundredths).into());
        }
    }
}
