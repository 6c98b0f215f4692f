//! The words of a plan that have a rule of their own, as they are read and as editors are told of them.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{
    LONGEST_ANSWER, LONGEST_NAME,
    asterisk::{dial, media, music_to_hear, music_while_waiting, pattern},
    country,
    device::device,
    digits, language,
    money::{amount, currency},
    name,
    prompt::text,
    reference,
    shape::{OneOf, Plain, Rule},
    telephone::{LONGEST_EXTENSION, extension, target},
    time_zone,
    tone::tone,
};
use crate::{
    dialplan::{
        expr::has_values,
        hours::{
            Closing, Opening,
            text::{closing, opening, times_of_day},
        },
        plan::{Music, Pattern},
        prompt::Wanted,
        raw::RawTarget,
        say::Currency,
    },
    domain::{Amount, Country, Currency as CurrencyCode, Digits, Language, Name},
    yaml::Read,
};

/// A name that a plan gives.
pub(crate) const NAME: Plain<Name> = Plain::new("a name", name, &NAMES);

/// A name of something that is elsewhere in the plan.
pub(crate) const REFERENCE: Plain<Name> = Plain::new("a name", reference, &NAMES);

/// How names are written.
pub(crate) const NAMES: Rule =
    Rule { also: &[], pattern: || format!("^[a-z][a-z0-9_]{{0,{}}}$", LONGEST_NAME - 1), examples: &[], docs: "" };

/// A time zone.
pub(in crate::dialplan) const ZONE: Plain<TimeZone> = Plain::new(
    "a time zone",
    time_zone,
    &Rule {
        also: &[],
        pattern: || "^[A-Za-z0-9/_+-]+$".into(),
        examples: &["Europe/Oslo", "America/New_York", "UTC"],
        docs: "A name of the IANA database: continent and city.",
    },
);

/// The language of texts.
pub(in crate::dialplan) const LANGUAGE: Plain<Language> = Plain::new(
    "a language",
    language,
    &Rule {
        also: &[],
        pattern: || "^[a-z]{2,3}(-[a-z0-9]{2,8})*$".into(),
        examples: &["en", "nb", "de", "pt-br"],
        docs: "",
    },
);

/// A country.
pub(in crate::dialplan) const COUNTRY: Plain<Country> = Plain::new(
    "a country",
    country,
    &Rule { also: &[], pattern: || "^[A-Z]{2}$".into(), examples: &["NO", "GB", "DE"], docs: "" },
);

/// What Asterisk is asked to dial.
pub(in crate::dialplan) const DIAL: Plain<Arc<str>> = Plain::new(
    "a dial string",
    dial,
    &Rule {
        also: &[],
        pattern: || "^[A-Za-z0-9]+/[A-Za-z0-9_+.@/:*#-]+$".into(),
        examples: &["PJSIP/anna", "PJSIP/+4790000000@trunk"],
        docs: "Technology, slash, who.",
    },
);

/// What Asterisk calls a telephone when it says how it is.
pub(in crate::dialplan) const DEVICE: Plain<Option<Name>> = Plain::new(
    "a device, or `false`",
    device,
    &Rule {
        also: &["boolean"],
        pattern: || "^(false|[A-Za-z0-9]+[/:][A-Za-z0-9_+./:*#-]+)$".into(),
        examples: &["PJSIP/anna", "SIP/anna", "Custom:anna"],
        docs: "Technology, slash, who; or `false`.",
    },
);

/// What Asterisk is asked to dial for a number outside.
pub(in crate::dialplan) const PATTERN: Plain<Pattern> = Plain::new(
    "a dial string with `{number}` in it",
    pattern,
    &Rule {
        also: &[],
        pattern: || "^[^{}]*\\{(number|digits)\\}[^{}]*$".into(),
        examples: &["PJSIP/{number}@provider", "DAHDI/g1/{digits}"],
        docs: "`{number}` stands where the number goes, `{digits}` where it goes without its `+`.",
    },
);

/// An internal number.
pub(in crate::dialplan) const EXTENSION: Plain<Name> = Plain::new(
    "an internal number",
    extension,
    &Rule {
        also: &["integer"],
        pattern: || format!("^[0-9*#]{{1,{LONGEST_EXTENSION}}}$"),
        examples: &["101", "*60"],
        docs: "1 to 6 keys of a telephone; those with `*` or `#` in quotes.",
    },
);

/// Somebody to be rung.
pub(in crate::dialplan) const TARGET: Plain<RawTarget> = Plain::new(
    "who is dialled, or a list of it",
    target,
    &Rule {
        also: &["integer"],
        pattern: String::new,
        examples: &["anna", "205", "+47 900 00 000", "{{ caller.number }}"],
        docs: "An operator's name, an internal number, a number outside, or in braces what gives one.",
    },
);

/// What those see who are called over a trunk.
pub(in crate::dialplan) const SHOWN: Rule = Rule {
    also: &["integer"],
    pattern: String::new,
    examples: &["caller", "called", "+47 22 33 44 55"],
    docs: "`caller`, `called` (the number that the caller dialled), or a number of your own.",
};

/// What those who wait hear.
pub(in crate::dialplan) const MUSIC: Plain<Music> = Plain::new(
    "a class of music, or `none`",
    music_while_waiting,
    &Rule {
        also: &["number"],
        pattern: || "^[A-Za-z0-9_.-]+$".into(),
        examples: &["default", "none"],
        docs: "A class of Asterisk's musiconhold.conf, or `none`.",
    },
);

/// What a step lets a caller hear.
pub(in crate::dialplan) const CLASS: Plain<Name> = Plain::new(
    "a class of music",
    music_to_hear,
    &Rule {
        also: &["number"],
        pattern: || "^[A-Za-z0-9_.-]+$".into(),
        examples: &["default"],
        docs: "A class of Asterisk's musiconhold.conf.",
    },
);

/// Keys of a telephone.
pub(crate) const KEYS: Plain<Digits> = Plain::new(
    "a key of the telephone",
    digits,
    &Rule {
        also: &["integer"],
        pattern: || format!("^[0-9*#A-Da-d]{{1,{LONGEST_ANSWER}}}$"),
        examples: &["1", "12", "*", "#"],
        docs: "Keys are `0` to `9`, `\"*\"`, `\"#\"` and `A` to `D`.",
    },
);

/// A sound, or a file.
pub(crate) const SOUND: Plain<Wanted> = Plain::new(
    "a sound",
    media,
    &Rule {
        also: &[],
        pattern: String::new,
        examples: &["welcome.wav", "sound:hello-world"],
        docs: "`welcome.wav` is a file beside the plan, `sound:hello-world` a sound that Asterisk has.",
    },
);

/// A tone, or parts of one.
pub(crate) const TONE: Plain<Arc<str>> = Plain::new(
    "a tone",
    tone,
    &Rule {
        also: &["integer"],
        pattern: String::new,
        examples: &[
            "dial",
            "busy",
            "ring",
            "congestion",
            "callwaiting",
            "dialrecall",
            "record",
            "info",
            "stutter",
            "425/500,0/500",
        ],
        docs: "`busy`, or parts of hertz and milliseconds as `indications.conf` writes them: `425/500,0/500`.",
    },
);

/// A text to be said, perhaps with values in it: then it is looked at when the whole plan is known.
pub(crate) const TEXT: Plain<Arc<str>> = Plain::new(
    "a text",
    |words| if has_values(words) { as_typed(words) } else { text(words) },
    &Rule {
        also: ANY,
        pattern: String::new,
        examples: &["Welcome to Nordlys.", "{{ queues.sales.waiting }} callers are waiting."],
        docs: "",
    },
);

/// The language that a caller is spoken to in from now on.
pub(in crate::dialplan) const SPEAKS: Plain<Arc<str>> = Plain::new(
    "a language",
    as_typed,
    &Rule { also: ANY, pattern: String::new, examples: &["nb", "{{ wanted }}"], docs: "" },
);

/// A currency whose words are known.
pub(in crate::dialplan) const CURRENCY: OneOf<Currency> = OneOf { what: "a currency", words: &Currency::ALL };

/// A currency that something costs.
pub(in crate::dialplan) const CURRENCY_CODE: Plain<CurrencyCode> = Plain::new(
    "a currency",
    currency,
    &Rule {
        also: &[],
        pattern: || CODE.into(),
        examples: &["NOK", "EUR", "USD"],
        docs: "The three capital letters of ISO 4217.",
    },
);

/// How the code of a currency is written. Both may be told to anybody who reads the log.
pub(in crate::dialplan) const CODE: &str = "^[A-Z]{3}$";
pub(in crate::dialplan) const DECIMAL: &str = "^[0-9]+(\\.[0-9]{1,6})?$";

/// What something costs.
pub(in crate::dialplan) const AMOUNT: Plain<Amount> = Plain::new(
    "an amount of money",
    amount,
    &Rule {
        also: &["number"],
        pattern: || DECIMAL.into(),
        examples: &["0.89", "0.0045", "2"],
        docs: "Digits, and up to six decimals behind a point.",
    },
);

/// What YAML may take a word for that may be anything.
const ANY: &[&str] = &["number", "boolean"];

/// A condition, or a value that is computed.
pub(in crate::dialplan) const EXPRESSION: Plain<Arc<str>> = Plain::new(
    "an expression",
    as_typed,
    &Rule {
        also: ANY,
        pattern: String::new,
        examples: &["caller.number in lists.vip", "time.hour >= 16 and not caller.withheld"],
        docs: "",
    },
);

/// A value, or a text with values in it.
pub(in crate::dialplan) const VALUE: Plain<Arc<str>> = Plain::new(
    "a value",
    as_typed,
    &Rule { also: ANY, pattern: String::new, examples: &["{{ tries + 1 }}"], docs: "" },
);

/// One value of an expression.
pub(in crate::dialplan) const CASE: Plain<Arc<str>> = Plain::new(
    "a value",
    as_typed,
    &Rule { also: ANY, pattern: String::new, examples: &["1", "Sa", "true"], docs: "" },
);

fn as_typed(word: &str) -> Read<Arc<str>> {
    Ok(Arc::from(word))
}

/// Times of the week.
pub(in crate::dialplan) const OPENING: Plain<Opening> = Plain::new(
    "a list of opening times",
    opening,
    &Rule {
        also: &[],
        pattern: String::new,
        examples: &["Mo-Th 08:00-16:00", "Sa 10:00-13:00 14:00-16:00", "00:00-24:00"],
        docs: "Days, then times: `Mo-Th 08:00-16:00`. Without days it is every day.",
    },
);

/// Days on which it is closed.
pub(in crate::dialplan) const CLOSING: Plain<Closing> = Plain::new(
    "a list of closed days",
    closing,
    &Rule {
        also: &[],
        pattern: || "^[^.]+(\\.\\.[^.]+)?$".into(),
        examples: &["12-24", "12-24..12-26", "2027-05-17"],
        docs: "A day of every year, month before day, or a date: `12-24`, `12-24..12-26`, `2027-05-17`.",
    },
);

/// Times of a day with hours of its own.
pub(in crate::dialplan) const SPECIAL_TIMES: Plain<Vec<(u16, u16)>> = Plain::new(
    "a list of times",
    times_of_day,
    &Rule {
        also: &[],
        pattern: String::new,
        examples: &["08:00-13:00", "10:00-12:00 13:00-15:00", "closed"],
        docs: "Times of the day; `closed` when nobody is there.",
    },
);

/// A public number, or many.
pub(in crate::dialplan) const CALLED: Rule = Rule {
    also: &[],
    pattern: String::new,
    examples: &["+47 800 12 345", "+47 22 33 44 xx", "+47 22 33 44 00..49", "*"],
    docs: "A number, written in quotes with `+` and its country; or a block of numbers; or `\"*\"` for all others.",
};

/// A number in a list, or what numbers of it begin with.
pub(in crate::dialplan) const LISTED: Plain<String> = Plain::new(
    "a list of numbers",
    |text| Ok(text.to_owned()),
    &Rule {
        also: &["integer"],
        pattern: String::new,
        examples: &["+47 900 00 000", "+46 8*"],
        docs: "A number, or with `*` behind it all that begin so.",
    },
);

/// A file of numbers.
pub(crate) const FILE: Plain<String> = Plain::new(
    "a file's name",
    |text| Ok(text.to_owned()),
    &Rule { also: &["number"], pattern: String::new, examples: &["blocked.txt"], docs: "" },
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        dialplan::word::{Lasting, listed},
        yaml::{Word, document, fits},
    };

    /// An editor never calls a word wrong that the reader takes.
    fn taken(word: &(impl Word + 'static), text: &str) -> Result<(), TestCaseError> {
        let fits = fits(&serde_json::Value::String(text.into()), &document(word, "a word", ""));
        prop_assert!(word.read("a word", text).is_err() || fits, "{text:?} is taken and does not fit");
        Ok(())
    }

    proptest! {
        #[test]
        fn what_the_reader_takes_fits_the_schema(text in "[a-cA-D0-2_*#+./@ ~:-]{0,12}|[a-z]{2,3}(-[a-z0-9]{2,9})?|[0-9msh]{0,6}") {
            taken(&NAME, &text)?;
            taken(&DIAL, &text)?;
            taken(&LANGUAGE, &text)?;
            taken(&KEYS, &text)?;
            taken(&MUSIC, &text)?;
            taken(&CLOSING, &text)?;
            taken(&OPENING, &text)?;
            taken(&ZONE, &text)?;
            taken(&COUNTRY, &text)?;
            taken(&AMOUNT, &text)?;
            taken(&CURRENCY_CODE, &text)?;
            taken(&SOUND, &text)?;
            taken(&PATTERN, &text)?;
            taken(&EXTENSION, &text)?;
            taken(&TARGET, &text)?;
            taken(&Lasting::within(std::time::Duration::ZERO, std::time::Duration::MAX), &text)?;
            if listed(&text, Country::new("NO")).is_ok() {
                taken(&LISTED, &text)?;
            }
        }
    }

    #[test]
    fn every_example_is_taken() {
        fn each<T>(word: Plain<T>) {
            let schema = document(&word, "a word", "");
            for example in word.rule().examples {
                assert!(word.read("a word", example).is_ok(), "{example}");
                assert!(fits(&serde_json::Value::String((*example).into()), &schema), "{example}");
            }
        }
        each(ZONE);
        each(LANGUAGE);
        each(COUNTRY);
        each(DIAL);
        each(MUSIC);
        each(KEYS);
        each(SOUND);
        each(TONE);
        each(PATTERN);
        each(EXTENSION);
        each(TARGET);
        each(TEXT);
        each(OPENING);
        each(CLOSING);
        each(AMOUNT);
        each(CURRENCY_CODE);
    }
}
