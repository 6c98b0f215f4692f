//! Moments as people write them: `2027-05-17T09:00`, by the clock of some place.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, Offset, TimeZone},
};

use crate::{
    domain::Time,
    yaml::{Read, Wrong, quoted},
};

const SHAPE: &str =
    "day and time, as in `2027-05-17T09:00` by the clock of the place, or `2027-05-17T09:00+02:00` for everywhere";

/// Days of the week as a plan writes them, Monday first.
const WEEKDAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// A moment as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// What the clock on the wall shows at some place.
    Wall(DateTime),
    /// The same moment everywhere.
    Everywhere(Time),
}

/// What a moment as written is at some place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// A moment.
    Once(Time),
    /// The clock is put back there, and shows this twice.
    Twice(Time, Time),
    /// The clock is put forward there, and never shows this: from one time to another. The moment is as long behind the
    /// turn as the written one would be behind the time from which it is put forward.
    Never {
        /// What the clock shows when it is put forward.
        from: DateTime,
        /// What it shows then.
        to: DateTime,
        /// The moment that is taken instead.
        taken: Time,
    },
}

impl Moment {
    /// Reads a moment: a day and a time, and perhaps how far they are from UTC.
    pub(crate) fn parse(text: &str) -> Read<Self> {
        let wrong = || Wrong::new(format!("{} is no moment", quoted(text)), SHAPE);
        let trimmed = text.trim();
        // A day alone, or anything that the library reads beyond this shape, says less than people think.
        let shaped = trimmed.len() >= 16
            && trimmed.len() <= 32
            && trimmed.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ':' | 'T' | ' ' | '+' | 'Z'))
            && trimmed.as_bytes().get(13) == Some(&b':');
        if !shaped {
            return Err(wrong());
        }
        if let Ok(moment) = trimmed.parse::<Timestamp>() {
            return time(moment).map(Self::Everywhere).ok_or_else(|| before(text));
        }
        let wall: DateTime = trimmed.parse().map_err(|_unread| wrong())?;
        if wall.year() < 1971 { Err(before(text)) } else { Ok(Self::Wall(wall)) }
    }

    /// What it is at a place.
    pub fn at(self, zone: &TimeZone) -> When {
        let wall = match self {
            Self::Everywhere(time) => return When::Once(time),
            Self::Wall(wall) => wall,
        };
        let by = |offset: Offset| offset.to_timestamp(wall).ok().and_then(time).unwrap_or(Time::ZERO);
        match zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => When::Once(by(offset)),
            AmbiguousOffset::Fold { before, after } => When::Twice(by(before), by(after)),
            AmbiguousOffset::Gap { before, after } => {
                // By the clock as it was, this is behind the turn.
                let taken = by(before);
                let turn = zone.preceding(timestamp(taken)).next().map_or(timestamp(taken), |turn| turn.timestamp());
                When::Never { from: before.to_datetime(turn), to: after.to_datetime(turn), taken }
            }
        }
    }
}

impl When {
    /// The one moment: of two the first, and for none the one that is taken instead.
    pub fn first(&self) -> Time {
        match self {
            Self::Once(time) | Self::Twice(time, _) | Self::Never { taken: time, .. } => *time,
        }
    }
}

/// A moment by the clock of a place, as people read it: `Mo 2027-05-17 09:00`. Seconds are told where there are some.
pub fn told(at: Time, zone: &TimeZone) -> String {
    let wall = zone.to_datetime(timestamp(at));
    let weekday = WEEKDAYS[usize::from(wall.weekday().to_monday_zero_offset().unsigned_abs())];
    let seconds = if wall.second() == 0 { String::new() } else { format!(":{:02}", wall.second()) };
    format!("{weekday} {} {:02}:{:02}{seconds}", wall.date(), wall.hour(), wall.minute())
}

/// How far a place is from UTC at a moment: `+02:00`.
pub fn offset(at: Time, zone: &TimeZone) -> String {
    let minutes = zone.to_offset(timestamp(at)).seconds() / 60;
    format!("{}{:02}:{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60)
}

/// A place as the IANA database names it.
pub fn place(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

fn before(text: &str) -> Wrong {
    Wrong::new(format!("{} is before there were plans", quoted(text)), "write a year from 1971 on")
}

/// A moment for the calendar; the last one it has when it has none so late.
pub fn timestamp(at: Time) -> Timestamp {
    let micros = i64::try_from(at.as_micros()).ok();
    micros.and_then(|micros| Timestamp::from_microsecond(micros).ok()).unwrap_or(Timestamp::MAX)
}

/// A moment of the calendar for the engine; `None` before 1970.
pub fn time(at: Timestamp) -> Option<Time> {
    u64::try_from(at.as_microsecond()).ok().map(Time::from_micros)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZoneDatabase;

    use super::*;

    fn oslo() -> TimeZone {
        TimeZoneDatabase::bundled().get("Europe/Oslo").expect("a zone")
    }

    fn at(text: &str) -> When {
        Moment::parse(text).expect("a moment").at(&oslo())
    }

    fn moment(text: &str) -> Time {
        time(text.parse().expect("a moment")).expect("after 1970")
    }

    #[test]
    fn a_moment_is_by_the_clock_of_the_place_unless_it_says_otherwise() {
        assert_eq!(at("2027-05-17T09:00"), When::Once(moment("2027-05-17T07:00:00Z")));
        assert_eq!(at("2027-05-17 09:00:30"), When::Once(moment("2027-05-17T07:00:30Z")));
        assert_eq!(at("2027-05-17T09:00Z"), When::Once(moment("2027-05-17T09:00:00Z")));
        assert_eq!(at("2027-05-17T09:00-05:00"), When::Once(moment("2027-05-17T14:00:00Z")));
    }

    #[test]
    fn what_comes_twice_or_never_is_told() {
        let (first, second) = (moment("2026-10-25T00:30:00Z"), moment("2026-10-25T01:30:00Z"));
        assert_eq!(at("2026-10-25T02:30"), When::Twice(first, second));
        assert_eq!((offset(first, &oslo()), offset(second, &oslo())), ("+02:00".into(), "+01:00".into()));
        let When::Never { from, to, taken } = at("2027-03-28T02:30") else { panic!("it does not come") };
        assert_eq!((from.to_string(), to.to_string()), ("2027-03-28T02:00:00".into(), "2027-03-28T03:00:00".into()));
        assert_eq!(told(taken, &oslo()), "Su 2027-03-28 03:30");
    }

    #[test]
    fn what_is_no_moment_is_refused_with_the_shape() {
        for text in [
            "",
            "now",
            "2027-05-17",
            "09:00",
            "17.05.2027 09:00",
            "2027-5-17T9:00",
            "2027-02-30T09:00",
            "2027-05-17T25:00",
            "2027-05-17T09:00[Europe/Oslo]",
            "2027-05-17T09:00\n",
            "9999999-05-17T09:00",
        ] {
            let Err(wrong) = Moment::parse(text) else {
                assert_eq!(text.trim(), "2027-05-17T09:00", "{text:?} is no moment");
                continue;
            };
            assert!(wrong.remedy.contains("`2027-05-17T09:00`"), "{wrong:?}");
        }
        assert!(Moment::parse("1969-05-17T09:00").is_err() && Moment::parse("1960-05-17T09:00Z").is_err());
    }
}
