//! Why it is open or closed: in the words of the plan.

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::{Closing, DAY, HORIZON, Hours, Opening, Special, minute_of_day, time, timestamp};
use crate::domain::Time;

/// Days of the week as a plan writes them, Monday first.
const WEEKDAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// How hours stand at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is open.
    pub open: bool,
    /// Since when; `None`: for 400 days at least.
    pub since: Option<Time>,
    /// Until when; `None`: for 400 days at least.
    pub until: Option<Time>,
    /// Why.
    pub rule: Rule,
}

/// What of a plan says that it is open or closed; in each, the line as a plan writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Open by this weekly line.
    Week(String),
    /// Closed all day by this closed day.
    Closed(String),
    /// Open or closed by the hours of a special day.
    Special {
        /// The day and its times.
        line: String,
        /// Whether one of them has the time.
        open: bool,
    },
    /// Closed, since none of these weekly lines has the time.
    NoTime(Vec<String>),
}

impl Hours {
    /// Whether it is open at that moment, since when and until when, and what says so.
    pub fn explain(&self, at: Time) -> Standing {
        let rule = self.rule(timestamp(at));
        let open = match &rule {
            Rule::Week(_) => true,
            Rule::Special { open, .. } => *open,
            Rule::Closed(_) | Rule::NoTime(_) => false,
        };
        Standing { open, since: self.last_change(at), until: self.next_change(at), rule }
    }

    /// Whose clock they go by.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn rule(&self, at: Timestamp) -> Rule {
        let wall = self.zone.to_datetime(at);
        let (today, minute) = (wall.date(), minute_of_day(wall));
        if let Some(closing) = self.closed.iter().find(|closing| closing.has(today)) {
            return Rule::Closed(closing.written());
        }
        let yesterday = today.yesterday().ok().filter(|day| !self.is_closed_on(*day));
        let on = |day: jiff::civil::Date, open: &Opening| {
            open.days[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())]
        };
        let special = self.special_on(today);
        let now = |special: &&Special| special.times.iter().any(|(from, to)| (*from..*to).contains(&minute));
        let over = |special: &&Special| special.times.iter().any(|(_, to)| minute + DAY < *to);
        if let Some(closed) = special.filter(|special| special.times.is_empty()) {
            return Rule::Special { line: closed.written(), open: false };
        }
        let before = yesterday.and_then(|day| self.special_on(day));
        if let Some(open) = special.filter(now).or_else(|| before.filter(over)) {
            return Rule::Special { line: open.written(), open: true };
        }
        // A special day has no times of the week.
        let yesterday = yesterday.filter(|_| before.is_none());
        let covers = |open: &&Opening| {
            let now = special.is_none()
                && on(today, open)
                && open.times.iter().any(|(from, to)| (*from..*to).contains(&minute));
            let over =
                yesterday.is_some_and(|day| on(day, open) && open.times.iter().any(|(_, to)| minute + DAY < *to));
            now || over
        };
        match (self.open.iter().find(covers), special) {
            (Some(open), _) => Rule::Week(open.written()),
            (None, Some(special)) => Rule::Special { line: special.written(), open: false },
            (None, None) => Rule::NoTime(self.open.iter().map(Opening::written).collect()),
        }
    }

    /// The last moment, `at` included, at which it opened, if it is open, or closed, if it is closed.
    fn last_change(&self, at: Time) -> Option<Time> {
        let now = timestamp(at);
        let open = self.is_open_at(now);
        let moments = self.moments_until(now);
        let changed = moments.windows(2).rev().find(|pair| self.is_open_at(pair[0]) != open);
        changed.and_then(|pair| time(pair[1]))
    }

    /// Every moment up to `now` at which something may have changed, in order.
    fn moments_until(&self, now: Timestamp) -> Vec<Timestamp> {
        let today = self.zone.to_datetime(now).date();
        let days = (-HORIZON..=1).filter_map(|ahead| today.checked_add(ahead.days()).ok());
        let mut moments: Vec<Timestamp> = days.flat_map(|day| self.moments_of(day)).collect();
        let first = moments.iter().min().copied().unwrap_or(now);
        let turns = self.zone.preceding(now).map(|turn| turn.timestamp());
        moments.extend(turns.take_while(|turn| *turn >= first));
        // A moment at which the clock is turned is the first after the turn.
        moments
            .extend(self.zone.following(now - 1.second()).map(|turn| turn.timestamp()).take_while(|turn| *turn <= now));
        moments.retain(|moment| *moment <= now);
        moments.sort_unstable();
        moments.dedup();
        moments
    }
}

impl Opening {
    /// As a plan writes it: `Mo-Th 08:00-16:00`.
    fn written(&self) -> String {
        let mut text = if self.days == [true; 7] { String::new() } else { written_days(self.days) };
        for time in &self.times {
            let space = if text.is_empty() { "" } else { " " };
            text += space;
            text += &written_time(*time);
        }
        text
    }
}

/// `08:00-16:00`
pub(in crate::dialplan) fn written_time((from, to): (u16, u16)) -> String {
    let to = if to > DAY { to - DAY } else { to };
    format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
}

/// `Mo-Th`, `Mo We`, `Sa-Mo`.
fn written_days(days: [bool; 7]) -> String {
    let mut words = Vec::new();
    for first in (0..7).filter(|day| days[*day] && !days[(*day + 6) % 7]) {
        let length = (0..7).take_while(|ahead| days[(first + ahead) % 7]).count();
        let last = (first + length - 1) % 7;
        match length {
            1 => words.push(WEEKDAYS[first].to_owned()),
            2 => words.extend([WEEKDAYS[first].to_owned(), WEEKDAYS[last].to_owned()]),
            _ => words.push(format!("{}-{}", WEEKDAYS[first], WEEKDAYS[last])),
        }
    }
    words.join(" ")
}

impl Closing {
    /// As a plan writes it: `12-24..12-26`.
    pub(in crate::dialplan) fn written(self) -> String {
        let (first, last) = match self {
            Self::Once { first, last } => (first.to_string(), last.to_string()),
            Self::Yearly { first, last } => {
                let day = |(month, day): (i8, i8)| format!("{month:02}-{day:02}");
                (day(first), day(last))
            }
        };
        if first == last { first } else { format!("{first}..{last}") }
    }
}
