//! Days with other hours than the week's.

use jiff::{ToSpan, civil::Date};

use super::{Closing, Hours, explain};

/// Days and their own times, in place of those of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dialplan) struct Special {
    pub(in crate::dialplan) days: Closing,
    /// From and to, as those of the week; none: it is closed all day.
    pub(in crate::dialplan) times: Vec<(u16, u16)>,
}

impl Special {
    /// As a plan writes it: `12-31: 08:00-13:00`.
    pub(super) fn written(&self) -> String {
        let times: Vec<String> = self.times.iter().map(|time| explain::written_time(*time)).collect();
        let times = if times.is_empty() { "closed".to_owned() } else { times.join(" ") };
        format!("{}: {times}", self.days.written())
    }
}

impl Hours {
    /// The same with days that have hours of their own.
    pub(in crate::dialplan) fn with_special(self, special: Vec<Special>) -> Self {
        Self { special, ..self }
    }

    /// What is special about a day. A date goes before what comes every year.
    pub(super) fn special_on(&self, day: Date) -> Option<&Special> {
        let on = |once: bool| {
            self.special.iter().find(move |special| special.days.is_once() == once && special.days.has(day))
        };
        on(true).or_else(|| on(false))
    }
}

impl Closing {
    pub(in crate::dialplan) fn is_once(self) -> bool {
        match self {
            Self::Once { .. } => true,
            Self::Yearly { .. } => false,
        }
    }

    /// How many days of a leap year; of days that come once, none.
    pub(in crate::dialplan) fn days_of_year(self) -> usize {
        if self.is_once() { 0 } else { leap_year().filter(|day| self.has(*day)).count() }
    }
}

/// A leap year has every day that any year has.
pub(in crate::dialplan) fn leap_year() -> impl Iterator<Item = Date> {
    Date::constant(2024, 1, 1).series(1.day()).take(366)
}
