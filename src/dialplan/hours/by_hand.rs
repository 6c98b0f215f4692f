//! Hours that somebody overrides by hand: open or closed for a while, whatever the plan says.

use std::time::Duration;

use super::{Hours, text::clock, time, timestamp};
use crate::{
    dialplan::{moment::Moment, word},
    domain::Time,
    yaml::{Read, Wrong, quoted},
};

/// The longest that hours are overridden for, when it is said how long.
pub(crate) const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The shortest, then.
pub(crate) const SHORTEST: Duration = Duration::from_secs(60);

/// What somebody wants of some hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Override {
    /// Open or closed, whatever the plan says.
    Stand {
        /// Whether they are open.
        open: bool,
        /// How long; `None`: until somebody says otherwise.
        until: Option<Until>,
    },
    /// As the plan says.
    Plan,
}

/// When something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// So long from now.
    After(Duration),
    /// When the clock on the wall shows this minute of the day next.
    Wall(u16),
    /// At this moment.
    At(Moment),
}

impl Override {
    /// Reads what somebody asks from outside: `open` or `closed`, and for how long or until when.
    pub(crate) fn read(to: &str, wait: Option<&str>, until: Option<&str>) -> Read<Self> {
        let open = match to {
            "open" => true,
            "closed" => false,
            _ => return Err(Wrong::new(format!("{} is not how hours are", quoted(to)), "`to` is `open` or `closed`")),
        };
        let until = match (wait, until) {
            (Some(wait), None) => Some(Until::after(wait)?),
            (None, Some(until)) => Some(Until::parse(until)?),
            (None, None) => None,
            (Some(_), Some(_)) => return Err(Wrong::new("there are two ends", "send `for` or `until`")),
        };
        Ok(Self::Stand { open, until })
    }

    /// The word of a plan for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stand { open: true, .. } => "open",
            Self::Stand { open: false, .. } => "closed",
            Self::Plan => "plan",
        }
    }
}

impl Until {
    /// Reads a duration: `90m`.
    pub(crate) fn after(text: &str) -> Read<Self> {
        word::duration("for", SHORTEST..=LONGEST, false)(text).map(Self::After)
    }

    /// Reads `18:00`, `24:00` or `2027-05-17T09:00`, by the clock of the hours.
    pub(crate) fn parse(text: &str) -> Read<Self> {
        let clock = clock(text.trim()).map(Self::Wall);
        let moment = || Moment::parse(text).ok().map(Self::At);
        clock.or_else(moment).ok_or_else(|| {
            let remedy = "a time of day `18:00`, `24:00` for the end of the day, or a moment `2027-05-17T09:00`";
            Wrong::new(format!("{} is no time at which something ends", quoted(text)), remedy)
        })
    }
}

impl Hours {
    /// When that is, seen from `now` by the clock of these hours; not before `now`.
    pub fn moment(&self, until: Until, now: Time) -> Time {
        match until {
            Until::After(wait) => now + wait,
            Until::Wall(minute) => self.next_at(minute, now),
            Until::At(moment) => moment.at(&self.zone).first().max(now),
        }
    }

    /// When the clock on the wall shows a minute of the day next. 24:00 is the end of today.
    fn next_at(&self, minute: u16, now: Time) -> Time {
        let today = self.zone.to_datetime(timestamp(now)).date();
        let days = [Some(today), today.tomorrow().ok()].into_iter().flatten();
        let moments = days.flat_map(|day| self.when(day, minute)).filter_map(time);
        moments.filter(|moment| *moment > now).min().unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZoneDatabase;

    use super::*;

    fn oslo() -> Hours {
        Hours::new(TimeZoneDatabase::bundled().get("Europe/Oslo").expect("a zone"), Vec::new(), Vec::new())
    }

    fn at(text: &str) -> Time {
        time(text.parse().expect("a moment")).expect("after 1970")
    }

    #[test]
    fn an_override_ends_when_the_clock_of_the_hours_shows_it_next() {
        let (hours, noon) = (oslo(), at("2026-11-25T11:00:00Z"));
        let ends = |text: &str| hours.moment(Until::parse(text).expect("a time"), noon);
        assert_eq!(ends("18:00"), at("2026-11-25T17:00:00Z"));
        assert_eq!(ends("12:00"), at("2026-11-26T11:00:00Z"), "it is noon already");
        assert_eq!(ends("24:00"), at("2026-11-25T23:00:00Z"));
        assert_eq!(ends("00:00"), at("2026-11-25T23:00:00Z"));
        assert_eq!(ends("2027-05-17T09:00"), at("2027-05-17T07:00:00Z"));
        assert_eq!(ends("2020-05-17T09:00"), noon, "it is over at once");
        assert_eq!(hours.moment(Until::After(Duration::from_secs(60)), noon), at("2026-11-25T11:01:00Z"));
    }

    #[test]
    fn a_time_that_comes_twice_or_never_ends_it_all_the_same() {
        let hours = oslo();
        let between = at("2026-10-25T00:45:00Z");
        assert_eq!(hours.moment(Until::Wall(150), between), at("2026-10-25T01:30:00Z"), "02:30 comes once more");
        let spring = at("2027-03-27T22:00:00Z");
        assert_eq!(hours.moment(Until::Wall(150), spring), at("2027-03-28T00:30:00Z"), "the clock jumps over it");
    }

    #[test]
    fn what_is_no_time_is_told_with_its_shape() {
        for text in ["", "soon", "25:00", "24:01", "6pm", "2h", "2027-05-17"] {
            assert!(Until::parse(text).is_err_and(|wrong| wrong.remedy.contains("`18:00`")), "{text:?}");
        }
    }
}
