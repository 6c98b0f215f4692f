//! Days with hours of their own, and days on which it is closed: what is wrong or doubtful between them.

use indexmap::IndexMap;
use jiff::{ToSpan, civil::Date};

use crate::{
    dialplan::{
        hours::{Closing, DAY, leap_year, written_time},
        raw::{RawHours, RawPlan, RawSpecial},
    },
    yaml::{At, Fault, Span, quoted},
};

/// The most days of a year that are closed over the new year without a doubt: half of it.
const MOST_OVER_NEW_YEAR: usize = 183;

/// The longest time over midnight, in minutes, that is not doubtful for a day.
const LONGEST_NIGHT: u16 = 12 * 60;

/// Longer special days are not looked at day by day.
const LONGEST: usize = 366;

/// Tells what cannot be meant.
pub(super) fn tell(raw: &RawPlan, faults: &mut Vec<Fault>) {
    for hours in &raw.hours {
        for special in &hours.special {
            faults.extend(overlap(special));
            faults.extend(covered(hours, special));
        }
        twice_every_year(&hours.special, faults);
        twice_once(&hours.special, faults);
    }
}

/// What is doubtful.
pub(super) fn doubts(raw: &RawPlan) -> Vec<Fault> {
    let mut doubts = Vec::new();
    for hours in &raw.hours {
        let days = hours.closed.iter().chain(hours.special.iter().map(|special| &special.days));
        doubts.extend(days.filter_map(too_long));
        doubts.extend(hours.special.iter().flat_map(|special| &special.times).filter_map(backwards));
    }
    doubts
}

/// Two times of one day that are open at once.
fn overlap(special: &RawSpecial) -> Option<Fault> {
    let mut times: Vec<&At<(u16, u16)>> = special.times.iter().collect();
    times.sort_by_key(|time| time.value);
    let (first, second) = times.iter().zip(times.iter().skip(1)).find(|(one, two)| two.value.0 < one.value.1)?;
    let message = format!("{} and {} overlap", written(first.value), written(second.value));
    let both = (first.value.0, first.value.1.max(second.value.1));
    Some(Fault::error(&second.span, message).remedy(format!("write them as one, {}, or apart", written(both))))
}

fn written(time: (u16, u16)) -> String {
    quoted(&written_time(time))
}

/// A special day that never counts, since it is closed then.
fn covered(hours: &RawHours, special: &RawSpecial) -> Option<Fault> {
    let days = special.days.value;
    let closes = |day: Date| {
        let closed =
            hours.closed.iter().find(|closed| closed.value.has(day) && (days.is_once() || !closed.value.is_once()));
        closed.map(|closed| &closed.span)
    };
    let all: Vec<Date> = match days {
        Closing::Yearly { .. } => leap_year().filter(|day| days.has(*day)).collect(),
        Closing::Once { first, .. } => {
            first.series(1.day()).take_while(|day| days.has(*day)).take(LONGEST + 1).collect()
        }
    };
    if all.len() > LONGEST {
        return None;
    }
    let closed: Option<Vec<&Span>> = all.into_iter().map(closes).collect();
    let first = closed?.into_iter().next()?;
    let fault = Fault::error(&special.days.span, "these hours never count: it is closed then, which goes before");
    Some(fault.related(first, "closed here").remedy("take the day out of `closed`, or out of `special`"))
}

fn same_day(second: &Span, first: &Span) -> Fault {
    let fault = Fault::error(second, "this day has special hours already").related(first, "here");
    fault.remedy("let each day stand in one of them; a date, with its year, may stand beside a day of every year")
}

fn twice_every_year(special: &[RawSpecial], faults: &mut Vec<Fault>) {
    let mut owner: IndexMap<Date, &Span> = IndexMap::new();
    for RawSpecial { days, .. } in special.iter().filter(|special| !special.days.value.is_once()) {
        let of = || leap_year().filter(|day| days.value.has(*day));
        if let Some(first) = of().find_map(|day| owner.get(&day)) {
            faults.push(same_day(&days.span, first));
        }
        for day in of() {
            owner.entry(day).or_insert(&days.span);
        }
    }
}

fn twice_once(special: &[RawSpecial], faults: &mut Vec<Fault>) {
    let once = special.iter().filter_map(|special| match special.days.value {
        Closing::Once { first, last } => Some((first, last, &special.days.span)),
        Closing::Yearly { .. } => None,
    });
    let mut once: Vec<(Date, Date, &Span)> = once.collect();
    once.sort_by_key(|(first, last, _)| (*first, *last));
    let mut latest: Option<(Date, &Span)> = None;
    for (first, last, span) in once {
        match latest {
            Some((end, before)) if first <= end => faults.push(same_day(span, before)),
            Some(_) | None => {}
        }
        latest = latest.filter(|(end, _)| *end >= last).or(Some((last, span)));
    }
}

/// Days over the new year that are most of a year: first and last were most likely meant the other way round.
fn too_long(days: &At<Closing>) -> Option<Fault> {
    let Closing::Yearly { first, last } = days.value else { return None };
    let count = days.value.days_of_year();
    if first <= last || count <= MOST_OVER_NEW_YEAR {
        return None;
    }
    let typed = quoted(&days.value.written());
    let message = format!("{typed} ends before it begins, so it goes over the new year and is {count} days");
    let turned = Closing::Yearly { first: last, last: first };
    let remedy = format!("{} is {} days", quoted(&turned.written()), turned.days_of_year());
    Some(Fault::warning(&days.span, message).remedy(remedy))
}

/// A time that ends before it begins and is most of a day.
fn backwards(time: &At<(u16, u16)>) -> Option<Fault> {
    let (from, to) = time.value;
    if to <= DAY || to - from <= LONGEST_NIGHT {
        return None;
    }
    let message = format!("{} ends before it begins, so it goes on until the next day", written(time.value));
    Some(Fault::warning(&time.span, message).remedy(format!("write {} if that is meant", written((to - DAY, from)))))
}
