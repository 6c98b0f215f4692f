//! Days with hours of their own.

use jiff::tz::TimeZoneDatabase;
use proptest::prelude::*;

use super::{
    text::{closing, opening, times_of_day},
    *,
};

fn hours(zone: &str, open: &[&str], closed: &[&str], special: &[(&str, &str)]) -> Hours {
    let zone = TimeZoneDatabase::bundled().get(zone).expect("a zone");
    let open = open.iter().map(|text| opening(text).expect("times")).collect();
    let closed = closed.iter().map(|text| closing(text).expect("days")).collect();
    let special = special.iter().map(|(days, times)| Special {
        days: closing(days).expect("days"),
        times: times_of_day(times).expect("times"),
    });
    Hours::new(zone, open, closed).with_special(special.collect())
}

/// A moment from RFC 3339.
fn at(text: &str) -> Time {
    time(text.parse().expect("a moment")).expect("after 1970")
}

/// Whether it is open, and the line that says so.
fn by(hours: &Hours, moment: &str) -> (bool, String) {
    let standing = hours.explain(at(moment));
    assert_eq!(standing.open, hours.is_open(at(moment)), "{moment}");
    let line = match standing.rule {
        Rule::Week(line) | Rule::Closed(line) | Rule::Special { line, .. } => line,
        Rule::NoTime(_) => String::new(),
    };
    (standing.open, line)
}

#[test]
fn a_special_day_has_its_own_times_and_none_of_the_week() {
    let office = hours(
        "Europe/Oslo",
        &["Mo-Fr 08:00-16:00"],
        &[],
        &[("12-31", "08:00-13:00"), ("2027-02-20", "09:00-12:00 13:00-15:00")],
    );
    // 2026-12-31 is a Thursday, 2027-02-20 a Saturday.
    let line = "12-31: 08:00-13:00".to_owned();
    assert_eq!(by(&office, "2026-12-31T12:59:00+01:00"), (true, line.clone()));
    assert_eq!(by(&office, "2026-12-31T13:00:00+01:00"), (false, line));
    assert_eq!(by(&office, "2026-12-30T15:00:00+01:00"), (true, "Mo-Fr 08:00-16:00".into()));
    let line = "2027-02-20: 09:00-12:00 13:00-15:00".to_owned();
    assert_eq!(by(&office, "2027-02-20T12:30:00+01:00"), (false, line.clone()));
    assert_eq!(by(&office, "2027-02-20T13:00:00+01:00"), (true, line));
    assert!(!office.is_open(at("2028-02-19T13:00:00+01:00")), "that was once");
    assert_eq!(office.next_change(at("2026-12-31T09:00:00+01:00")), Some(at("2026-12-31T13:00:00+01:00")));
    assert_eq!(office.next_change(at("2027-02-19T17:00:00+01:00")), Some(at("2027-02-20T09:00:00+01:00")));
}

#[test]
fn closed_days_go_before_special_ones_and_a_date_before_every_year() {
    let office = hours(
        "UTC",
        &["08:00-16:00"],
        &["12-24..12-26"],
        &[("12-20..12-31", "10:00-14:00"), ("2026-12-28", "closed"), ("2026-12-29", "11:00-12:00")],
    );
    for (day, open, line) in [
        ("25", false, "12-24..12-26"),
        ("27", true, "12-20..12-31: 10:00-14:00"),
        ("28", false, "2026-12-28: closed"),
        ("29", true, "2026-12-29: 11:00-12:00"),
    ] {
        assert_eq!(by(&office, &format!("2026-12-{day}T11:30:00Z")), (open, line.into()), "{day}");
    }
    assert!(!office.is_open(at("2026-12-29T10:30:00Z")));
    assert!(office.is_open(at("2027-12-29T10:30:00Z")));
}

#[test]
fn what_began_the_evening_before_goes_on_unless_the_day_is_closed() {
    let bar =
        hours("UTC", &["22:00-04:00"], &[], &[("12-30", "closed"), ("12-31", "20:00-06:00"), ("01-02", "23:00-24:00")]);
    assert_eq!(by(&bar, "2026-12-30T01:00:00Z"), (false, "12-30: closed".into()));
    assert!(!bar.is_open(at("2026-12-31T01:00:00Z")), "that night never began");
    assert_eq!(
        by(&bar, "2027-01-01T05:00:00Z"),
        (true, "12-31: 20:00-06:00".into()),
        "over midnight, into a day of the week"
    );
    assert!(!bar.is_open(at("2027-01-01T06:00:00Z")));
    assert_eq!(by(&bar, "2027-01-02T03:00:00Z"), (true, "22:00-04:00".into()), "of the week, into a special day");
    assert!(!bar.is_open(at("2027-01-02T22:30:00Z")));
    assert!(!bar.is_open(at("2027-01-03T01:00:00Z")), "that evening ended at midnight");
}

#[test]
fn the_clock_on_the_wall_counts_on_special_days_too() {
    // Summer time begins on 2027-03-28 and ends on 2026-10-25.
    let night =
        hours("Europe/Oslo", &["12:00-13:00"], &[], &[("2027-03-28", "02:30-05:00"), ("2026-10-25", "02:15-02:45")]);
    assert_eq!(
        night.next_change(at("2027-03-27T20:00:00+01:00")),
        Some(at("2027-03-28T03:00:00+02:00")),
        "02:30 does not come"
    );
    let mut now = at("2026-10-24T20:00:00+02:00");
    let mut changes = Vec::new();
    for _ in 0..4 {
        now = night.next_change(now).expect("a change");
        changes.push(now);
    }
    let expected = ["02:15:00+02:00", "02:45:00+02:00", "02:15:00+01:00", "02:45:00+01:00"];
    assert_eq!(changes, expected.map(|clock| at(&format!("2026-10-25T{clock}"))));
}

#[test]
fn what_is_no_time_of_a_day_is_told() {
    for text in ["", "Mo 08:00-13:00", "08:00", "8-13", "08:00-08:00", "open", "closed 08:00-13:00"] {
        assert!(times_of_day(text).is_err(), "{text:?}");
    }
    assert_eq!(times_of_day(" 08:00 – 13:00 "), Ok(vec![(480, 780)]));
    assert_eq!(times_of_day("closed"), Ok(Vec::new()));
}

#[test]
fn special_days_alone_may_close_the_whole_year() {
    assert!(hours("UTC", &["08:00-16:00"], &["01-01..06-30"], &[("07-01..12-31", "closed")]).is_never_open());
    assert!(!hours("UTC", &["08:00-16:00"], &["01-01..06-30"], &[("07-01..12-31", "10:00-11:00")]).is_never_open());
}

proptest! {
    #[test]
    fn nothing_changes_before_the_next_change_and_it_does_then(minutes in 29_700_000_u64..30_900_000, which in 0_usize..3) {
        let hours = [
            hours("Europe/Oslo", &["Mo-Fr 08:00-16:00"], &["12-24..12-26"], &[("12-20..01-03", "10:00-14:00"), ("2027-03-28", "02:30-05:00")]),
            hours("America/New_York", &["Fr-Su 22:00-04:00"], &["07-04"], &[("11-01", "01:15-01:45 20:00-03:00"), ("07-03..07-06", "18:00-02:00")]),
            hours("UTC", &["00:00-24:00"], &[], &[("12-31", "closed"), ("02-29", "23:00-24:00"), ("2027-01-01..2027-01-09", "00:00-24:00")]),
        ][which].clone();
        let now = Time::from_secs(minutes * 60);
        let standing = hours.explain(now);
        prop_assert_eq!(standing.open, hours.is_open(now));
        let second = std::time::Duration::from_secs(1);
        if let Some(next) = hours.next_change(now) {
            prop_assert_ne!(hours.is_open(next), standing.open);
            prop_assert_eq!(hours.is_open(next - second), standing.open);
            let mut between = now;
            while between < next && between < now + 2000 * 60 * second {
                prop_assert_eq!(hours.is_open(between), standing.open);
                between = between + 60 * second;
            }
        }
        if let Some(since) = standing.since {
            prop_assert_eq!(hours.is_open(since), standing.open);
            prop_assert_eq!(hours.is_open(since - second), !standing.open);
        }
    }
}
