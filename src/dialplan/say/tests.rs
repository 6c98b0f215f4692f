use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn language(code: &str) -> Language {
    Language::new(code).expect("a language")
}

fn said(code: &str, manner: Manner, value: Value) -> String {
    manner.phrases(&value, &language(code)).join(" | ")
}

fn number(code: &str, number: i64) -> String {
    said(code, Manner::Number, Value::Number(number))
}

fn text(code: &str, manner: Manner, text: &str) -> String {
    said(code, manner, Value::Text(text.into()))
}

#[test]
fn numbers_are_said_as_people_say_them() {
    for (code, value, expected) in [
        ("en", 0, "zero"),
        ("en", 21, "twenty one"),
        ("en", 100, "one hundred"),
        ("en", 123, "one hundred and | twenty three"),
        ("en", 1_005, "one | thousand and | five"),
        ("en", 1_234, "one | thousand | two hundred and | thirty four"),
        ("en", 2_000_017, "two | million and | seventeen"),
        ("en", -7, "minus | seven"),
        ("nb", 1, "én"),
        ("nb", 21, "tjueen"),
        ("nb", 101, "ett hundre og | én"),
        ("nb", 1_000, "ett | tusen"),
        ("nb", 21_005, "tjueett | tusen og | fem"),
        ("nb", 1_000_000, "én | million"),
        ("nb", 2_300_000, "to | millioner | tre hundre | tusen"),
        ("de", 1, "eins"),
        ("de", 21, "einundzwanzig"),
        ("de", 101, "einhundert | eins"),
        ("de", 1_000, "eintausend"),
        ("de", 21_016, "einundzwanzig | tausend | sechzehn"),
        ("de", 101_000, "einhundert | ein | tausend"),
        ("de", 1_000_000, "eine | Million"),
        ("de", 77_000_030, "siebenundsiebzig | Millionen | dreißig"),
        ("es", 1, "uno"),
        ("es", 31, "treinta y uno"),
        ("es", 100, "cien"),
        ("es", 101, "ciento | uno"),
        ("es", 1_000, "mil"),
        ("es", 21_500, "veintiún | mil | quinientos"),
        ("es", 1_000_000, "un millón"),
        ("es", 31_000_000, "treinta y un | millones"),
        ("es", 1_000_000_000, "mil | millones"),
        ("fr", 21, "vingt et un"),
        ("fr", 71, "soixante et onze"),
        ("fr", 77, "soixante-dix-sept"),
        ("fr", 80, "quatre-vingts"),
        ("fr", 81, "quatre-vingt-un"),
        ("fr", 91, "quatre-vingt-onze"),
        ("fr", 99, "quatre-vingt-dix-neuf"),
        ("fr", 200, "deux cents"),
        ("fr", 201, "deux cent | un"),
        ("fr", 1_001, "mille | un"),
        ("fr", 2_000_000, "deux | millions"),
        ("ru", 11, "одиннадцать"),
        ("ru", 42, "сорок два"),
        ("ru", 1_000, "одна | тысяча"),
        ("ru", 2_014, "две | тысячи | четырнадцать"),
        ("ru", 11_000, "одиннадцать | тысяч"),
        ("ru", 21_000_000, "двадцать один | миллион"),
        ("ru", 3_000_000_000, "три | миллиарда"),
        ("pl", 42, "42"),
        ("pl", 142, "1 | 4 | 2"),
    ] {
        assert_eq!(number(code, value), expected, "{value} in {code}");
    }
}

#[test]
fn what_is_too_large_for_words_is_said_digit_by_digit() {
    assert_eq!(number("en", 1_000_000_000_000).split(" | ").count(), 13);
    assert_eq!(number("en", i64::MIN).split(" | ").next(), Some("minus"));
    assert_eq!(number("en", i64::MIN).split(" | ").count(), 20);
}

#[test]
fn digits_are_said_one_by_one_and_other_signs_passed_over() {
    assert_eq!(text("en", Manner::Digits, "+47 0-1*#x"), "plus | four | seven | zero | one | star | hash");
    assert_eq!(said("nb", Manner::Digits, Value::Number(-12)), "minus | én | to");
    assert_eq!(text("pl", Manner::Digits, "+10"), "1 | 0");
    assert_eq!(text("en", Manner::Digits, &"7".repeat(100)).split(" | ").count(), MOST_DIGITS);
    assert_eq!(text("en", Manner::Digits, "../../etc/passwd"), "");
}

#[test]
fn dates_are_said_with_their_year() {
    for (code, date, expected) in [
        ("en", "2027-05-17", "the seventeenth | of May | twenty | twenty seven"),
        ("en", "2005-12-01", "the first | of December | two | thousand and | five"),
        ("en", "1905-10-31", "the thirty first | of October | nineteen | oh five"),
        ("en", "1900-01-20", "the twentieth | of January | nineteen hundred"),
        ("en", "1814-05-17", "the seventeenth | of May | one | eight | one | four"),
        ("nb", "2027-05-17", "syttende | mai | tjue | tjuesju"),
        ("nb", "2001-01-01", "første | januar | to | tusen og | én"),
        ("de", "2027-05-03", "der dritte | Mai | zweitausend | siebenundzwanzig"),
        ("de", "1999-03-21", "der einundzwanzigste | März | neunzehnhundert | neunundneunzig"),
        ("es", "2027-05-01", "primero | de mayo de | dos | mil | veintisiete"),
        ("fr", "2027-05-01", "le premier | mai | deux | mille | vingt-sept"),
        ("ru", "2027-05-23", "двадцать третье | мая | две тысячи | двадцать седьмого года"),
        ("ru", "2003-02-03", "третье | февраля | две тысячи | третьего года"),
        ("ru", "2040-01-30", "тридцатое | января | две тысячи | сорокового года"),
        ("pl", "2027-05-17", ""),
    ] {
        assert_eq!(text(code, Manner::Date, date), expected, "{date} in {code}");
    }
    for bad in ["", "17.05.2027", "2027-5-17", "2027-02-30", "2027-05-17T09:00", "../../../ab"] {
        assert_eq!(text("en", Manner::Date, bad), "", "{bad}");
    }
}

#[test]
fn times_are_said_by_the_habit_of_the_language() {
    for (code, time, expected) in [
        ("en", "09:30", "nine | thirty | a m"),
        ("en", "14:05", "two | oh five | p m"),
        ("en", "00:00", "midnight"),
        ("en", "12:00", "noon"),
        ("en", "00:15", "twelve | fifteen | a m"),
        ("nb", "01:00", "klokka ett"),
        ("nb", "14:05", "klokka fjorten | null fem"),
        ("de", "01:01", "ein Uhr | eins"),
        ("es", "01:00", "la una | en punto"),
        ("es", "21:30", "las veintiuna | treinta"),
        ("fr", "21:01", "vingt et une heures | une"),
        ("fr", "12:30", "midi | trente"),
        ("ru", "21:02", "двадцать один час | две минуты"),
        ("ru", "12:30", "двенадцать часов | тридцать минут"),
        ("pl", "14:05", "14 | 0 | 5"),
        ("pl", "14:00", "14 | 0"),
    ] {
        assert_eq!(text(code, Manner::Time, time), expected, "{time} in {code}");
    }
    for bad in ["", "9:30", "24:00", "12:60", "+1:00", "12:00:00"] {
        assert_eq!(text("en", Manner::Time, bad), "", "{bad}");
    }
    assert_eq!(text("de", Manner::Weekday, "Su"), "Sonntag");
    assert_eq!(text("de", Manner::Weekday, "Sun"), "");
}

#[test]
fn money_is_said_with_its_parts() {
    for (code, currency, amount, expected) in [
        ("en", Currency::Eur, "1", "one | euro"),
        ("en", Currency::Gbp, "12.50", "twelve | pounds | fifty | pence"),
        ("en", Currency::Usd, "-0,05", "minus | zero | dollars | five | cents"),
        ("nb", Currency::Nok, "1.01", "én | krone | ett | øre"),
        ("nb", Currency::Gbp, "21", "tjueett | pund"),
        ("de", Currency::Eur, "1", "ein | Euro"),
        ("de", Currency::Nok, "1", "eine | norwegische Krone"),
        ("es", Currency::Nok, "200", "doscientas | coronas noruegas"),
        ("es", Currency::Eur, "1000000", "un millón | de euros"),
        ("fr", Currency::Eur, "2000000", "deux | millions | d'euros"),
        ("fr", Currency::Sek, "21.5", "vingt et une | couronnes suédoises | cinquante | öre"),
        ("ru", Currency::Rub, "1001.22", "одна | тысяча | один | рубль | двадцать две | копейки"),
        ("ru", Currency::Rub, "5", "пять | рублей"),
    ] {
        assert_eq!(text(code, Manner::Money(currency), amount), expected, "{amount} in {code}");
    }
    for bad in ["", "x", "1.2.3", "1.234", "-", "1 000", "9999999999999"] {
        assert_eq!(text("en", Manner::Money(Currency::Eur), bad), "", "{bad}");
    }
}

fn manners() -> impl Iterator<Item = Manner> {
    let money = Currency::ALL.into_iter().map(|(_, currency, _)| Manner::Money(currency));
    [Manner::Number, Manner::Digits, Manner::Date, Manner::Time, Manner::Weekday].into_iter().chain(money)
}

/// What may be said, by language and manner: made once for thousands of values.
fn vocabularies() -> &'static BTreeMap<(&'static str, Manner), BTreeSet<String>> {
    static ALL: std::sync::OnceLock<BTreeMap<(&'static str, Manner), BTreeSet<String>>> = std::sync::OnceLock::new();
    ALL.get_or_init(|| {
        let codes = fluent().chain(["pl", "zh"]);
        let each = codes.flat_map(|code| manners().map(move |manner| (code, manner)));
        each.map(|(code, manner)| ((code, manner), manner.vocabulary(&language(code)))).collect()
    })
}

fn only_known(value: &Value) {
    for ((code, manner), words) in vocabularies() {
        let said = manner.phrases(value, &language(code));
        assert!(said.len() <= manner.most() as usize, "{value} takes {} phrases in {code}", said.len());
        for phrase in said {
            assert!(words.contains(&phrase), "{code}: {value} has {phrase:?} in it, which is not made");
        }
    }
}

#[test]
fn a_vocabulary_is_small_enough_to_be_made_when_a_plan_is_read() {
    for ((code, manner), words) in vocabularies() {
        assert!(words.len() < 400, "{code}, {manner:?}: {}", words.len());
        assert_eq!(words.is_empty(), !manner.is_known_in(&language(code)), "{code}, {manner:?}");
        assert!(words.iter().all(|word| word.chars().any(char::is_alphanumeric)), "{code}, {manner:?}");
    }
}

proptest! {
    #[test]
    fn every_number_is_said_in_words_that_were_made(number in prop_oneof![0..=1_000_000_000_i64, any::<i64>()]) {
        only_known(&Value::Number(number));
    }

    #[test]
    fn every_date_and_time_is_said_in_words_that_were_made(
        (year, month, day) in (0..=9999_u32, 1..=12_u32, 1..=31_u32), (hour, minute) in (0..24_u32, 0..60_u32),
    ) {
        only_known(&Value::Text(format!("{year:04}-{month:02}-{day:02}").into()));
        only_known(&Value::Text(format!("{hour:02}:{minute:02}").into()));
    }

    #[test]
    fn every_amount_is_said_in_words_that_were_made(units in 0..1_000_000_000_000_u64, cents in 0..100_u32) {
        only_known(&Value::Text(format!("{units}.{cents:02}").into()));
    }

    #[test]
    fn a_text_from_outside_says_nothing_but_what_was_made(text in "[-+*#0-9:., a-z]{0,50}|\\PC{0,40}") {
        only_known(&Value::Text(text.into()));
    }
}
