//! Opening hours as written: `Mo-Th 08:00-16:00`, `12-24..12-26`.

use jiff::civil::Date;

use super::{Closing, DAY, Opening};
use crate::yaml::{Read, Wrong, quoted};

const WEEKDAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

const OPEN_SHAPE: &str = "days and times, as in `Mo-Th 08:00-16:00`, `Sa 10:00-13:00 14:00-16:00`, `Fr-Su 22:00-04:00`";

const CLOSED_SHAPE: &str = "a day of every year `12-24`, days `12-24..12-26`, or a date `2027-05-17`: month before day";

const SPECIAL_SHAPE: &str = "times of the day, as in `08:00-13:00`, or `closed`";

/// Reads times of the week. Without days it is every day.
pub(in crate::dialplan) fn opening(text: &str) -> Read<Opening> {
    let mut days = [false; 7];
    let mut times = Vec::new();
    let text = &joined(text);
    let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    for word in words {
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            times.push(interval(word)?);
        } else if times.is_empty() {
            weekdays(word, &mut days)?;
        } else {
            let remedy = "times of other days are an item of their own: [Mo-Th 08:00-16:00, Fr 08:00-15:00]";
            return Err(Wrong::new(format!("{} stands behind a time", quoted(word)), remedy));
        }
    }
    if times.is_empty() {
        return Err(Wrong::new(format!("{} has no time", quoted(text)), OPEN_SHAPE));
    }
    if days == [false; 7] {
        days = [true; 7];
    }
    Ok(Opening { days, times })
}

/// Reads the times of a special day: `08:00-12:00 13:00-15:00`; of `closed` there are none.
pub(in crate::dialplan) fn times_of_day(text: &str) -> Read<Vec<(u16, u16)>> {
    let text = &joined(text);
    if text == "closed" {
        return Ok(Vec::new());
    }
    let mut times = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()) {
        if !word.starts_with(|c: char| c.is_ascii_digit()) {
            let message = format!("{} is no time, and the day stands in front already", quoted(word));
            return Err(Wrong::new(message, SPECIAL_SHAPE));
        }
        times.push(interval(word)?);
    }
    if times.is_empty() {
        return Err(Wrong::new(format!("{} has no time", quoted(text)), SPECIAL_SHAPE));
    }
    Ok(times)
}

/// `Mo – Fr 08:00 - 16:00` is how people write, too.
fn joined(text: &str) -> String {
    let text = text.replace(['–', '—'], "-");
    text.split('-').map(str::trim).collect::<Vec<_>>().join("-")
}

/// `Mo`, `Mo-Fr`, `Fr-Mo`.
fn weekdays(word: &str, days: &mut [bool; 7]) -> Read<()> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last) = (weekday(first)?, weekday(last)?);
    let mut day = first;
    loop {
        days[day] = true;
        if day == last {
            return Ok(());
        }
        day = (day + 1) % 7;
    }
}

fn weekday(word: &str) -> Read<usize> {
    if let Some(day) = WEEKDAYS.iter().position(|name| name.eq_ignore_ascii_case(word)) {
        return Ok(day);
    }
    let start = word.get(..2).unwrap_or_default();
    let meant = WEEKDAYS.iter().find(|name| name.eq_ignore_ascii_case(start));
    let remedy = meant
        .map_or_else(|| format!("days are {}", WEEKDAYS.join(", ")), |name| format!("write it as {}", quoted(name)));
    Err(Wrong::new(format!("{} is no day of the week", quoted(word)), remedy))
}

/// `08:00-16:00`; over midnight when it ends before it begins.
fn interval(word: &str) -> Read<(u16, u16)> {
    let wrong = || {
        let remedy = bare_hours(word).unwrap_or_else(|| OPEN_SHAPE.into());
        Wrong::new(format!("{} is no time from and to", quoted(word)), remedy)
    };
    let (from, to) = word.split_once('-').ok_or_else(wrong)?;
    let from = clock(from).filter(|from| *from < DAY).ok_or_else(wrong)?;
    let to = clock(to).ok_or_else(wrong)?;
    if from == to {
        let remedy = "a whole day is `00:00-24:00`";
        return Err(Wrong::new(format!("{} ends as it begins", quoted(word)), remedy));
    }
    Ok((from, if to < from { to + DAY } else { to }))
}

/// What to write instead of times that are written otherwise: `8-16`, `8.00-16.00`, `8am-4pm`, or one alone. Hours without
/// minutes may have been meant as a day.
fn bare_hours(word: &str) -> Option<String> {
    let Some((from, to)) = word.split_once('-') else {
        let from = loosely(word)?;
        return Some(format!("write until when, too: `{}`", super::written_time((from, from.max(16 * 60)))));
    };
    let time = format!("for the time write `{}`", super::written_time((loosely(from)?, loosely(to)?)));
    let is_day = from.len() == 2 && to.len() == 2 && matches!(date(word), Ok(Day::Yearly(_)));
    let day =
        format!("the day {word} stands in `closed`, or in `special` in front of its times: `{word}: 10:00-12:00`");
    Some(if is_day { format!("{time}; {day}") } else { time })
}

/// A time of day as people write it elsewhere, in minutes: `8`, `8.30`, `4pm`.
fn loosely(word: &str) -> Option<u16> {
    let word = word.to_ascii_lowercase();
    let halves = [("am", 0), ("pm", 12)];
    let half = halves.into_iter().find_map(|(sign, more)| Some((word.strip_suffix(sign)?, more)));
    let (word, half) = half.map_or((word.trim_end_matches('h'), None), |(word, more)| (word, Some(more)));
    let (hour, minute) = word.split_once([':', '.']).unwrap_or((word, "00"));
    let hour = digits::<u16>(hour).filter(|_| (1..=2).contains(&hour.len()))?;
    let minute = digits::<u16>(minute).filter(|number| minute.len() == 2 && *number < 60)?;
    let hour = match half {
        Some(more) if (1..=12).contains(&hour) => hour % 12 + more,
        Some(_) => return None,
        None => hour,
    };
    Some(hour * 60 + minute).filter(|minutes| *minutes <= DAY)
}

/// What to write instead of a time that stands where a day should: `08:00-13:00`.
fn time_for_day(word: &str) -> Option<Wrong> {
    let (from, to) = word.split_once('-').map(|(from, to)| (from.trim(), to.trim()))?;
    let (from, to) = (clock(from)?, clock(to)?);
    let time = super::written_time((from, to));
    let on_the_hour = |minutes: u16| minutes.is_multiple_of(60).then_some(minutes / 60);
    let day = on_the_hour(from).zip(on_the_hour(to)).map(|(from, to)| format!("{from:02}-{to:02}"));
    let day = day.filter(|day| matches!(date(day), Ok(Day::Yearly(_))));
    let day = day.map(|day| format!("; for the day {day} write `{day}`")).unwrap_or_default();
    let remedy = format!("for the time write the day in front of it, in `special`: `12-24: {time}`{day}");
    Some(Wrong::new(format!("{} is a time of the day, and a day should stand here", quoted(word)), remedy))
}

/// `HH:MM` in minutes, up to 24:00.
pub(super) fn clock(word: &str) -> Option<u16> {
    let (hour, minute) = word.split_once(':')?;
    let two = |text: &str| (text.len() == 2).then(|| digits::<u16>(text)).flatten();
    // 8:00 is what people write.
    let hour = two(hour).or_else(|| if hour.len() == 1 { digits(hour) } else { None })?;
    let minute = two(minute).filter(|minute| *minute < 60)?;
    let total = hour * 60 + minute;
    (total <= DAY).then_some(total)
}

fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.chars().all(|c| c.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Reads days on which it is closed.
pub(in crate::dialplan) fn closing(text: &str) -> Read<Closing> {
    if let Some(wrong) = time_for_day(text) {
        return Err(wrong);
    }
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let (first, last) = (first.trim(), last.trim());
    match (date(first)?, date(last)?) {
        (Day::Once(first), Day::Once(last)) if first > last => {
            let remedy = format!("`{last}..{first}`");
            Err(Wrong::new(format!("{} ends before it begins", quoted(text)), remedy))
        }
        (Day::Once(first), Day::Once(last)) => Ok(Closing::Once { first, last }),
        (Day::Yearly(first), Day::Yearly(last)) => Ok(Closing::Yearly { first, last }),
        (Day::Once(_), Day::Yearly(_)) | (Day::Yearly(_), Day::Once(_)) => {
            let message = format!("{} has a year on one side only", quoted(text));
            Err(Wrong::new(message, "write the year on both sides, or on neither for every year"))
        }
    }
}

enum Day {
    Yearly((i8, i8)),
    Once(Date),
}

fn date(word: &str) -> Read<Day> {
    let shape = || {
        let meant =
            day_meant(word).map(|day| format!("did you mean {}? The month stands before the day", quoted(&day)));
        Wrong::new(format!("{} is no day", quoted(word)), meant.unwrap_or_else(|| CLOSED_SHAPE.into()))
    };
    let parts: Vec<&str> = word.split('-').collect();
    match parts.as_slice() {
        [month, day] if month.len() == 2 && day.len() == 2 => {
            let (month, day) = digits(month).zip(digits(day)).ok_or_else(shape)?;
            // A leap year has every day that any year has.
            match Date::new(2024, month, day) {
                Ok(_) => Ok(Day::Yearly((month, day))),
                Err(_) if Date::new(2024, day, month).is_ok() => {
                    let remedy = format!("the month comes before the day: `{day:02}-{month:02}`");
                    Err(Wrong::new(format!("there is no day {}", quoted(word)), remedy))
                }
                Err(_) => Err(no_such_day(word)),
            }
        }
        [year, month, day] if year.len() == 4 && month.len() == 2 && day.len() == 2 => {
            let (year, (month, day)) = digits(year).zip(digits(month).zip(digits(day))).ok_or_else(shape)?;
            Date::new(year, month, day).ok().map(Day::Once).ok_or_else(|| no_such_day(word))
        }
        _ => Err(shape()),
    }
}

/// The day that somebody meant who wrote it otherwise: `12/24`, `24.12.`, `24.12.2027`, `12-4`.
fn day_meant(word: &str) -> Option<String> {
    let parts: Vec<&str> = word.split(['/', '.', '-']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let (year, one, other) = match parts.as_slice() {
        [one, other] => (None, *one, *other),
        [year, one, other] if year.len() == 4 => (Some(*year), *one, *other),
        [one, other, year] if year.len() == 4 => (Some(*year), *one, *other),
        _ => return None,
    };
    let (one, other) = (digits::<i8>(one)?, digits::<i8>(other)?);
    let year = year.map(digits::<i16>);
    let is_day = |month: &i8, day: &i8| Date::new(year.flatten().unwrap_or(2024), *month, *day).is_ok();
    // With a point the day stands first.
    let orders = if word.contains('.') { [(other, one), (one, other)] } else { [(one, other), (other, one)] };
    let (month, day) = orders.into_iter().find(|(month, day)| is_day(month, day))?;
    let year = year.flatten().map(|year| format!("{year}-")).unwrap_or_default();
    Some(format!("{year}{month:02}-{day:02}"))
}

fn no_such_day(word: &str) -> Wrong {
    Wrong::new(format!("there is no day {}", quoted(word)), CLOSED_SHAPE)
}
