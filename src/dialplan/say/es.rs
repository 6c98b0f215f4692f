//! Spanish.

use jiff::civil::Date;

use super::{Currency, Grammar, at, nth, year};

pub(super) struct Spanish;

const ONES: [&str; 30] = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];

const TENS: [&str; 10] = ["", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];

/// Without their last letters, which tell the gender.
const HUNDREDS: [&str; 10] =
    ["", "", "doscient", "trescient", "cuatrocient", "quinient", "seiscient", "setecient", "ochocient", "novecient"];

const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// What stands behind a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Nothing: `uno`.
    Nothing,
    /// Something masculine: `un euro`.
    Masculine,
    /// Something feminine: `una corona`, `doscientas`.
    Feminine,
}

fn below_hundred(number: u64, of: Of) -> String {
    let (one, twenty_one) = match of {
        Of::Nothing => ("uno", "veintiuno"),
        Of::Masculine => ("un", "veintiún"),
        Of::Feminine => ("una", "veintiuna"),
    };
    match (number, number / 10, number % 10) {
        (1, ..) => one.into(),
        (21, ..) => twenty_one.into(),
        (0..30, ..) => at(&ONES, number).into(),
        (_, tens, 0) => at(&TENS, tens).into(),
        (_, tens, 1) => format!("{} y {one}", at(&TENS, tens)),
        (_, tens, digit) => format!("{} y {}", at(&TENS, tens), at(&ONES, digit)),
    }
}

fn below_thousand(number: u64, of: Of, out: &mut Vec<String>) {
    let (hundreds, rest) = (number / 100, number % 100);
    match (hundreds, rest) {
        (0, _) => {}
        (1, 0) => out.push("cien".into()),
        (1, _) => out.push("ciento".into()),
        (_, _) => out.push(format!("{}{}", at(&HUNDREDS, hundreds), if of == Of::Feminine { "as" } else { "os" })),
    }
    if rest > 0 {
        out.push(below_hundred(rest, of));
    }
}

fn below_million(number: u64, of: Of, out: &mut Vec<String>) {
    let (thousands, rest) = (number / 1_000, number % 1_000);
    if thousands > 1 {
        below_thousand(thousands, if of == Of::Feminine { of } else { Of::Masculine }, out);
    }
    if thousands > 0 {
        out.push("mil".into());
    }
    below_thousand(rest, of, out);
}

fn number(number: u64, of: Of, out: &mut Vec<String>) {
    let (millions, rest) = (number / 1_000_000, number % 1_000_000);
    match millions {
        0 if rest == 0 => return out.push("cero".into()),
        0 => {}
        1 => out.push("un millón".into()),
        _ => {
            below_million(millions, Of::Masculine, out);
            out.push("millones".into());
        }
    }
    below_million(rest, of, out);
}

impl Grammar for Spanish {
    fn signs(&self) -> [&'static str; 14] {
        [
            "cero",
            "uno",
            "dos",
            "tres",
            "cuatro",
            "cinco",
            "seis",
            "siete",
            "ocho",
            "nueve",
            "menos",
            "más",
            "asterisco",
            "almohadilla",
        ]
    }

    fn number(&self, value: u64, out: &mut Vec<String>) {
        number(value, Of::Nothing, out);
    }

    fn day(&self, date: Date, out: &mut Vec<String>) {
        let day = u64::from(date.day().unsigned_abs());
        out.push(if day == 1 { "primero".into() } else { below_hundred(day, Of::Nothing) });
        out.push(format!("de {} de", nth(&MONTHS, date.month())));
    }

    fn date(&self, date: Date, out: &mut Vec<String>) {
        self.day(date, out);
        number(year(date).0, Of::Nothing, out);
    }

    fn time(&self, hour: u8, minute: u8, out: &mut Vec<String>) {
        let article = if hour == 1 { "la" } else { "las" };
        out.push(format!("{article} {}", below_hundred(hour.into(), Of::Feminine)));
        out.push(if minute == 0 { "en punto".into() } else { below_hundred(minute.into(), Of::Nothing) });
    }

    fn weekdays(&self) -> [&'static str; 7] {
        ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
    }

    fn money(&self, units: u64, hundredths: u64, currency: Currency, out: &mut Vec<String>) {
        use Of::{Feminine, Masculine};
        let ((one, many, of), (small, smalls)) = match currency {
            Currency::Dkk => (("corona danesa", "coronas danesas", Feminine), ("ore", "ores")),
            Currency::Eur => (("euro", "euros", Masculine), ("céntimo", "céntimos")),
            Currency::Gbp => (("libra", "libras", Feminine), ("penique", "peniques")),
            Currency::Nok => (("corona noruega", "coronas noruegas", Feminine), ("ore", "ores")),
            Currency::Rub => (("rublo", "rublos", Masculine), ("kopek", "kopeks")),
            Currency::Sek => (("corona sueca", "coronas suecas", Feminine), ("ore", "ores")),
            Currency::Usd => (("dólar", "dólares", Masculine), ("centavo", "centavos")),
        };
        number(units, of, out);
        // "Un millón de euros".
        let of_millions = units >= 1_000_000 && units.is_multiple_of(1_000_000);
        out.push(if of_millions { format!("de {many}") } else { if units == 1 { one } else { many }.into() });
        if hundredths > 0 {
            number(hundredths, Masculine, out);
            out.push(if hundredths == 1 { small } else { smalls }.into());
        }
    }
}
