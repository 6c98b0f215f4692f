//! Single words of a plan: names, durations, sounds and the like. Each is read by itself.

use std::{ops::RangeInclusive, time::Duration};

use jiff::tz::{TimeZone, TimeZoneDatabase};

mod asterisk;
mod device;
mod known;
mod money;
mod penalty;
pub(crate) mod prompt;
mod shape;
mod telephone;
mod tone;
mod web;

pub(crate) use asterisk::{media, music};
pub(super) use device::device_of;
pub(super) use known::{
    AMOUNT, CALLED, CASE, CLASS, CLOSING, CODE, COUNTRY, CURRENCY, CURRENCY_CODE, DECIMAL, DEVICE, DIAL, EXPRESSION,
    EXTENSION, LANGUAGE, LISTED, MUSIC, OPENING, PATTERN, SHOWN, SPEAKS, SPECIAL_TIMES, TARGET, VALUE, ZONE,
};
pub(crate) use known::{FILE, KEYS, NAME, NAMES, REFERENCE, SOUND, TEXT, TONE};
pub(crate) use money::money;
pub(super) use penalty::{Change, LIMIT, MOST_PENALTY, RAISING, Raising};
pub(super) use prompt::language;
pub(crate) use prompt::{is_file, text};
pub(crate) use shape::{Count, Lasting, OneOf, Plain, Rule, YesNo};
use telephone::country;
pub(super) use telephone::{LONGEST_EXTENSION, called, extension, listed, shown};
pub(super) use tone::PARTS as TONE_PARTS;
pub(super) use web::{HEADER, HEADER_NAME, METHODS, PLACE, URL, header_name, plain_in_address, server};

use self::shape::Meaning;
use super::plan::{DialMode, NumberType, Strategy};
pub(crate) use crate::domain::span::spoken;
use crate::{
    domain::{Digits, Name, Reason, span::parse_duration},
    yaml::{Read, Wrong, quoted, suggest},
};

/// The longest name of a thing in a plan.
const LONGEST_NAME: usize = 32;

/// The longest answer to a menu, in keys.
const LONGEST_ANSWER: usize = 16;

/// A name that a plan gives: `sales`, `after_hours`. It stands in ids and labels, so it is kept plain.
pub(super) fn name(text: &str) -> Read<Name> {
    let mut chars = text.chars();
    let plain = chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain && text.len() <= LONGEST_NAME {
        return Ok(Name::new(text));
    }
    let rule = format!("a-z, 0-9 and `_`, a letter first, {LONGEST_NAME} characters at most");
    let remedy = match plainer(text) {
        Some(name) => format!("write {}: {rule}", quoted(&name)),
        None => format!("a name is of {rule}"),
    };
    Err(Wrong::new(format!("{} cannot be a name", quoted(text)), remedy))
}

/// A name of something that should be elsewhere in the plan: whether it is there is looked up later.
pub(super) fn reference(text: &str) -> Read<Name> {
    computes_nothing(text)?;
    Ok(Name::new(text))
}

/// Where a word of the plan stands, no value of a call does: the plan is checked before anybody calls.
fn computes_nothing(text: &str) -> Read<()> {
    if text.contains("{{") {
        let message = format!("{} has a value in it, and here stands one word of the plan", quoted(text));
        return Err(Wrong::new(message, "choose with `switch`: a step for each value, each with its word"));
    }
    Ok(())
}

/// The same name as it might be written.
fn plainer(text: &str) -> Option<String> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| if matches!(c, '-' | ' ' | '.') { '_' } else { c })
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(LONGEST_NAME)
        .collect();
    plain.starts_with(|c: char| c.is_ascii_lowercase()).then_some(plain)
}

/// A whole number within limits.
pub(crate) fn count(what: &'static str, limits: RangeInclusive<u32>) -> impl Fn(&str) -> Read<u32> {
    move |text| {
        let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        let value = if digits { text.parse::<u32>().ok() } else { None };
        let remedy = || format!("{what}: a whole number from {} to {}", limits.start(), limits.end());
        match value {
            Some(value) if limits.contains(&value) => Ok(value),
            Some(_) => Err(Wrong::new(format!("{} is out of range", quoted(text)), remedy())),
            None if digits => Err(Wrong::new(format!("{} is out of range", quoted(text)), remedy())),
            None => Err(Wrong::new(format!("{} is not a whole number", quoted(text)), remedy())),
        }
    }
}

/// A duration within limits: `15s`, `1m30s`. `whole`: no parts of a second.
pub(crate) fn duration(
    what: &'static str,
    limits: RangeInclusive<Duration>,
    whole: bool,
) -> impl Fn(&str) -> Read<Duration> {
    move |text| {
        if let Some(plain) = text.strip_prefix('-').filter(|plain| parse_duration(plain).is_some()) {
            let remedy = format!("write it without the `-`: {}", quoted(plain));
            return Err(Wrong::new(format!("{} is less than no time", quoted(text)), remedy));
        }
        let value = parse_duration(text)
            .ok_or_else(|| Wrong::new(format!("{} is not a duration", quoted(text)), unit_remedy(text)))?;
        if !limits.contains(&value) {
            let remedy = format!("{what}: from {} to {}", spoken(*limits.start()), spoken(*limits.end()));
            return Err(Wrong::new(format!("{} is out of range", quoted(text)), remedy));
        }
        if whole && value.subsec_nanos() != 0 {
            let remedy =
                format!("{what}: whole seconds, since Asterisk counts no finer: `{}s`", value.as_secs().max(1));
            return Err(Wrong::new(format!("{} is not in whole seconds", quoted(text)), remedy));
        }
        Ok(value)
    }
}

fn unit_remedy(text: &str) -> String {
    const SHAPE: &str = "a number and its unit (ms, s, m, h): `15s`, `10m`, `1500ms`, `1m30s`";
    match text.parse::<u32>() {
        Ok(bare) => format!("`{bare}s` is {bare} seconds, `{bare}m` is {bare} minutes"),
        Err(_) => meant(text)
            .or_else(|| of_parts(text))
            .map_or_else(|| SHAPE.into(), |meant| format!("did you mean {}?", quoted(&meant))),
    }
}

/// The duration that somebody means who writes its unit in full, in capitals or apart: `5 sec`, `5S`, `2 minutes`.
fn meant(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (amount, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit = match unit.trim().trim_end_matches('.') {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "ms" | "msec" | "millisecond" | "milliseconds" => "ms",
        _ => return None,
    };
    let meant = format!("{amount}{unit}");
    parse_duration(&meant).is_some().then_some(meant)
}

/// The duration that somebody means who writes parts of a unit: `1.5s`, `0,5h`.
fn of_parts(text: &str) -> Option<String> {
    let (amount, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))?);
    let (whole, part) = amount.split_once(['.', ','])?;
    let millis: u64 = match unit.trim() {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let part: u64 = format!("{part:0<3}").get(..3)?.parse().ok()?;
    let thousandths = whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(part)?;
    Some(spoken(Duration::from_millis(thousandths.checked_mul(millis)? / 1_000)))
}

/// One of a few words.
fn one_of<T: Copy>(what: &'static str, words: &'static [Meaning<T>]) -> impl Fn(&str) -> Read<T> {
    move |text| {
        computes_nothing(text)?;
        words.iter().find(|(word, ..)| *word == text).map(|(_, value, _)| *value).ok_or_else(|| {
            let known = words.iter().map(|(word, ..)| *word);
            let remedy = suggest::instead(text, known, &format!("{what} is one of"));
            Wrong::new(format!("{what} cannot be {}", quoted(text)), remedy)
        })
    }
}

/// What a caller is told who finds a number full.
pub(super) const WHEN_FULL: OneOf<Reason> = OneOf {
    what: "`busy`, `congestion` or `{flow: ...}`",
    words: &[
        ("busy", Reason::Busy, "the caller hears the busy tone"),
        ("congestion", Reason::Congestion, "the caller is told that all lines are in use"),
    ],
};

/// Who pays for calls to a number.
pub(super) const NUMBER_TYPES: OneOf<NumberType> = OneOf {
    what: "`direct`, `toll_free` or `always_shown`",
    words: &[
        ("direct", NumberType::Direct, "the caller pays, and may withhold his number"),
        ("toll_free", NumberType::TollFree, "the company pays"),
        ("always_shown", NumberType::AlwaysShown, "no caller can withhold his number"),
    ],
};

/// Why a plan hangs up.
pub(super) const REASONS: OneOf<Reason> = OneOf {
    what: "a reason",
    words: &[
        ("normal", Reason::Normal, "the call is over"),
        ("busy", Reason::Busy, "the number is busy"),
        ("congestion", Reason::Congestion, "all lines are in use"),
        ("no_answer", Reason::NoAnswer, "nobody answered"),
        ("timeout", Reason::Timeout, "nobody was there in time"),
        ("rejected", Reason::Rejected, "the call is not wanted"),
        ("unallocated", Reason::Unallocated, "there is no such number"),
        ("gone", Reason::Gone, "the number is no longer in use"),
        ("incomplete", Reason::Incomplete, "digits are missing"),
        ("out_of_order", Reason::OutOfOrder, "what is behind the number cannot be reached"),
        ("failure", Reason::Failure, "something failed"),
    ],
};

/// Who is offered a call first.
pub(super) const STRATEGIES: OneOf<Strategy> = OneOf {
    what: "a strategy",
    words: &[
        ("ringall", Strategy::RingAll, "all who are free, at once; the first to answer has the call"),
        ("leastrecent", Strategy::LeastRecent, "who has been longest without a conversation"),
        ("rrmemory", Strategy::RrMemory, "in turn, going on behind the one who was rung last"),
        ("rrordered", Strategy::RrMemory, "another word for `rrmemory`: turns are in the order of the plan"),
        ("fewestcalls", Strategy::FewestCalls, "who had the fewest conversations of the day"),
        ("least_talk", Strategy::LeastTalk, "who has talked least in all, of the day"),
        (
            "linear",
            Strategy::Linear,
            "in the order of the plan, for each caller going on behind the one rung last for him",
        ),
        (
            "top_down",
            Strategy::TopDown,
            "in the order of the plan, always the first who is free and was not rung for this caller",
        ),
        ("random", Strategy::Random, "anyone, by lot"),
        ("wrandom", Strategy::WRandom, "anyone, by lot, the less likely the greater his penalty"),
        (
            "ring_progressively",
            Strategy::RingProgressively,
            "one, and after `add_every` one more beside him; the first to answer has the call",
        ),
    ],
};

/// In which order several are rung.
pub(super) const DIAL_MODES: OneOf<DialMode> = OneOf {
    what: "`in_turn` or `at_once`",
    words: &[
        ("in_turn", DialMode::InTurn, "one after the other"),
        ("at_once", DialMode::AtOnce, "all together; the first to answer has the call"),
    ],
};

/// Keys of a telephone.
pub(crate) fn digits(text: &str) -> Read<Digits> {
    let wrong =
        || Wrong::new(format!("{} is no key of a telephone", quoted(text)), "keys are 0-9, \"*\", \"#\" and A-D");
    let digits = Digits::new(text).ok_or_else(wrong)?;
    if digits.len() > LONGEST_ANSWER {
        return Err(Wrong::new(
            format!("an answer of {} keys is too long", digits.len()),
            format!("{LONGEST_ANSWER} keys at most"),
        ));
    }
    Ok(digits)
}

/// A time zone by its name in the IANA database: `Europe/Oslo`.
pub(super) fn time_zone(text: &str) -> Read<TimeZone> {
    let zones = TimeZoneDatabase::bundled();
    // The database is asked for nothing that is no name: it would take some for a file.
    let plain =
        text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+'));
    if let Some(zone) = plain.then(|| zones.get(text).ok()).flatten() {
        return Ok(zone);
    }
    let names: Vec<String> = zones.available().map(|name| name.to_string()).collect();
    let city = |name: &&String| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text));
    let meant = suggest::nearest(text, names.iter().map(String::as_str))
        .or_else(|| names.iter().find(city).map(String::as_str));
    let remedy = meant.map_or_else(
        || "write it as the IANA database does, continent and city: `Europe/Oslo`".into(),
        |name| format!("did you mean {}?", quoted(name)),
    );
    Err(Wrong::new(format!("there is no time zone {}", quoted(text)), remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_is_one_of_the_bundled_ones() {
        assert!(time_zone("Europe/Oslo").is_ok());
        assert!(time_zone("UTC").is_ok());
        let remedy = |text| time_zone(text).expect_err("no zone").remedy;
        assert_eq!(remedy("Europe/Osl"), "did you mean `Europe/Oslo`?");
        assert_eq!(remedy("Oslo"), "did you mean `Europe/Oslo`?");
        for text in ["", "../../etc/passwd", "CEST+99", "x\u{0}y", "Mars/Olympus"] {
            assert!(time_zone(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_duration_with_another_unit_is_told_as_it_is_written() {
        for (text, told) in [("5 sec", "5s"), ("5S", "5s"), ("2 minutes", "2m"), ("1 hour", "1h"), ("20ms.", "20ms")] {
            assert_eq!(unit_remedy(text), format!("did you mean `{told}`?"), "{text}");
        }
        for text in ["", "sec", "5 days", "-5 sec", "99999999999999999999 sec", "5 €"] {
            assert!(unit_remedy(text).starts_with("a number and its unit"), "{text}");
        }
        assert_eq!(unit_remedy("5"), "`5s` is 5 seconds, `5m` is 5 minutes");
    }

    #[test]
    fn a_count_stays_within_its_limits() {
        let channels = count("channels", 1..=100);
        assert_eq!(channels("30"), Ok(30));
        for text in ["", "0", "101", "-1", "+5", "1.5", "many", "99999999999999999999"] {
            assert!(channels(text).is_err(), "{text}");
        }
    }
}
