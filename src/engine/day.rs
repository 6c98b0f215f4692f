//! A day by the clock of the exchange.

use jiff::{civil::Date, tz::TimeZone};

use super::Engine;
use crate::{
    dialplan::moment::{time, timestamp},
    domain::Time,
};

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    /// Which.
    pub(crate) date: Date,
    /// When it began.
    pub(crate) began: Time,
    /// When it ends.
    pub(crate) ends: Time,
}

impl Day {
    /// The day of a moment.
    pub(crate) fn of(zone: &TimeZone, now: Time) -> Self {
        let date = timestamp(now).to_zoned(zone.clone()).date();
        let begins = |date: Date| time(date.to_zoned(zone.clone()).ok()?.timestamp());
        let ends = date.tomorrow().ok().and_then(begins);
        Self { date, began: begins(date).unwrap_or(Time::ZERO), ends: ends.unwrap_or(Time::from_micros(u64::MAX)) }
    }
}

impl Engine {
    /// It is so late now, and perhaps another day.
    pub(super) fn it_is(&mut self, now: Time) {
        self.now = self.now.max(now);
        if self.now >= self.today.ends {
            self.today = Day::of(&self.plan.timezone, self.now);
        }
    }
}
