//! Opening hours: weekly times, days with times of their own, closed days, a time zone.
//!
//! What counts is the clock on the wall: it is open while that clock, in the hours' time zone, shows a time between
//! "from" and "to" of a day that is not an exception. So 02:30 does not come on the night on which summer time begins,
//! and comes twice on the night on which it ends.
//!
//! A time belongs to the day on which it begins, and goes on over midnight to its end unless the next day is closed.

mod by_hand;
mod explain;
mod special;
pub(super) mod text;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};

pub(crate) use by_hand::{LONGEST, SHORTEST};
pub use by_hand::{Override, Until};
pub(super) use explain::written_time;
pub use explain::{Rule, Standing};
pub(super) use special::{Special, leap_year};

use super::moment::{time, timestamp};
use crate::domain::Time;

/// Minutes in a day.
pub(super) const DAY: u16 = 24 * 60;

/// How many days ahead [`Hours::next_change`] looks: a year and a bit, so that what comes every year is found.
const HORIZON: i32 = 400;

/// When somebody is there.
#[derive(Clone, Debug)]
pub struct Hours {
    zone: TimeZone,
    open: Vec<Opening>,
    closed: Vec<Closing>,
    special: Vec<Special>,
}

/// Times of some days of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    /// Monday first.
    pub(super) days: [bool; 7],
    /// From and to, in minutes of the day; `to` may pass midnight, up to 48:00.
    pub(super) times: Vec<(u16, u16)>,
}

/// Days on which it is closed, or has special hours, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// Every year, as (month, day). `last` before `first`: over the new year.
    Yearly { first: (i8, i8), last: (i8, i8) },
    /// Once.
    Once { first: Date, last: Date },
}

impl Hours {
    /// Hours of a time zone: open at the weekly times, but not on the days of `closed`.
    pub(super) fn new(zone: TimeZone, open: Vec<Opening>, closed: Vec<Closing>) -> Self {
        Self { zone, open, closed, special: Vec::new() }
    }

    /// Open at all times.
    pub fn always() -> Self {
        let week = Opening { days: [true; 7], times: vec![(0, DAY)] };
        Self::new(TimeZone::UTC, vec![week], Vec::new())
    }

    /// Whether it is open at that moment.
    pub fn is_open(&self, at: Time) -> bool {
        self.is_open_at(timestamp(at))
    }

    /// The next moment at which it opens, if it is closed now, or closes, if it is open. `None`: not within 400 days.
    pub fn next_change(&self, at: Time) -> Option<Time> {
        let now = timestamp(at);
        let open = self.is_open_at(now);
        self.moments(now).into_iter().find(|moment| self.is_open_at(*moment) != open).and_then(time)
    }

    /// Whether every day of every year is closed.
    pub(super) fn is_never_open(&self) -> bool {
        // Days that are closed once leave other years.
        let nobody = self.special.iter().filter(|special| special.times.is_empty()).map(|special| &special.days);
        let closed: Vec<&Closing> = self.closed.iter().chain(nobody).filter(|closing| !closing.is_once()).collect();
        leap_year().all(|day| closed.iter().any(|closing| closing.has(day)))
    }

    fn is_open_at(&self, at: Timestamp) -> bool {
        let wall = self.zone.to_datetime(at);
        let minute = minute_of_day(wall);
        let today = wall.date();
        if self.is_closed_on(today) {
            return false;
        }
        let yesterday = today.yesterday().ok().filter(|day| !self.is_closed_on(*day));
        self.times_of(today).any(|(from, to)| (from..to).contains(&minute))
            || yesterday.is_some_and(|day| self.times_of(day).any(|(_, to)| minute + DAY < to))
    }

    /// The times that begin on a day.
    fn times_of(&self, day: Date) -> impl Iterator<Item = (u16, u16)> {
        let weekday = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
        let special = self.special_on(day);
        let week = self.open.iter().filter(move |open| special.is_none() && open.days[weekday]).map(|open| &open.times);
        special.map(|special| &special.times).into_iter().chain(week).flatten().copied()
    }

    fn is_closed_on(&self, day: Date) -> bool {
        self.closed.iter().any(|closing| closing.has(day))
            || self.special_on(day).is_some_and(|special| special.times.is_empty())
    }

    /// Every moment behind `now` at which something may change, in order: where an opening time or a day begins or ends,
    /// and where the wall clock is put forward or back.
    fn moments(&self, now: Timestamp) -> Vec<Timestamp> {
        let today = self.zone.to_datetime(now).date();
        let days = (-1..HORIZON).map_while(|ahead| today.checked_add(ahead.days()).ok());
        let last = today.checked_add(HORIZON.days()).unwrap_or(Date::MAX);
        let mut moments: Vec<Timestamp> = days.flat_map(|day| self.moments_of(day)).collect();
        let turns = self.zone.following(now).map(|turn| turn.timestamp());
        moments.extend(turns.take_while(|turn| self.zone.to_datetime(*turn).date() <= last));
        moments.retain(|moment| *moment > now);
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    fn moments_of(&self, day: Date) -> Vec<Timestamp> {
        let edges = self.times_of(day).flat_map(|(from, to)| [from, to]).chain([0]);
        edges.flat_map(|minute| self.when(day, minute)).collect()
    }

    /// When the wall clock shows that minute: twice while it is put back, and as it is put forward when it jumps over it.
    fn when(&self, day: Date, minute: u16) -> impl Iterator<Item = Timestamp> {
        let wall = day.to_datetime(jiff::civil::Time::midnight()).checked_add(i64::from(minute).minutes()).ok();
        let ambiguous = wall.map(|wall| self.zone.to_ambiguous_timestamp(wall));
        let both = ambiguous.map(|moment| [moment.earlier().ok(), moment.later().ok()]);
        both.into_iter().flatten().flatten()
    }
}

impl Closing {
    pub(super) fn has(self, day: Date) -> bool {
        match self {
            Self::Once { first, last } => (first..=last).contains(&day),
            Self::Yearly { first, last } => {
                let day = (day.month(), day.day());
                if first <= last { (first..=last).contains(&day) } else { day >= first || day <= last }
            }
        }
    }
}

fn minute_of_day(wall: DateTime) -> u16 {
    u16::from(wall.hour().unsigned_abs()) * 60 + u16::from(wall.minute().unsigned_abs())
}

#[cfg(test)]
mod special_tests;
#[cfg(test)]
mod tests;
