use jiff::tz::TimeZoneDatabase;
use proptest::prelude::*;

use super::{
    text::{closing, opening},
    *,
};

fn hours(zone: &str, open: &[&str], closed: &[&str]) -> Hours {
    let zone = TimeZoneDatabase::bundled().get(zone).expect("a zone");
    let open = open.iter().map(|text| opening(text).expect("times")).collect();
    let closed = closed.iter().map(|text| closing(text).expect("days")).collect();
    Hours::new(zone, open, closed)
}

/// A moment from RFC 3339.
fn at(text: &str) -> Time {
    time(text.parse().expect("a moment")).expect("after 1970")
}

const OFFICE: &[&str] = &["Mo-Th 08:00-16:00", "Fr 08:00-15:00"];

#[test]
fn the_first_minute_is_open_and_the_last_is_not() {
    let office = hours("Europe/Oslo", OFFICE, &[]);
    // 2026-11-20 is a Friday; Oslo is at +01:00.
    assert!(!office.is_open(at("2026-11-20T07:59:59.999999+01:00")));
    assert!(office.is_open(at("2026-11-20T08:00:00+01:00")));
    assert!(office.is_open(at("2026-11-20T14:59:59.999999+01:00")));
    assert!(!office.is_open(at("2026-11-20T15:00:00+01:00")));
    assert!(!office.is_open(at("2026-11-21T10:00:00+01:00")), "Saturday");
}

#[test]
fn the_clock_on_the_wall_counts_in_summer_and_in_winter() {
    let office = hours("Europe/Oslo", OFFICE, &[]);
    assert!(office.is_open(at("2026-07-20T06:00:00Z")), "08:00 in summer");
    assert!(!office.is_open(at("2026-11-23T06:00:00Z")), "07:00 in winter");
    assert!(office.is_open(at("2026-11-23T07:00:00Z")), "08:00 in winter");
}

#[test]
fn hours_may_pass_midnight_and_belong_to_the_day_they_begin_on() {
    let bar = hours("Europe/Oslo", &["Fr-Sa 22:00-04:00"], &[]);
    assert!(bar.is_open(at("2026-11-20T23:00:00+01:00")), "Friday night");
    assert!(bar.is_open(at("2026-11-21T03:59:00+01:00")), "Saturday morning");
    assert!(!bar.is_open(at("2026-11-21T04:00:00+01:00")));
    assert!(bar.is_open(at("2026-11-22T03:00:00+01:00")), "Sunday morning");
    assert!(!bar.is_open(at("2026-11-20T03:00:00+01:00")), "Friday morning");
}

#[test]
fn a_day_may_have_several_times_and_end_at_midnight() {
    let shop = hours("UTC", &["Mo,We 08:00-12:00, 13:00-24:00"], &[]);
    for (moment, open) in
        [("18T11:59", true), ("18T12:00", false), ("18T13:00", true), ("18T23:59", true), ("19T00:00", false)]
    {
        assert_eq!(shop.is_open(at(&format!("2026-11-{moment}:00Z"))), open, "{moment}");
    }
    assert!(hours("UTC", &["00:00-24:00"], &[]).next_change(Time::ZERO).is_none(), "never closed");
}

#[test]
fn a_closed_day_is_closed_from_midnight_to_midnight() {
    let bar = hours("Europe/Oslo", &["22:00-04:00"], &["12-24..12-26", "2027-05-17"]);
    assert!(bar.is_open(at("2026-12-23T23:59:00+01:00")));
    assert!(!bar.is_open(at("2026-12-24T00:00:00+01:00")), "the night before ends there");
    assert!(!bar.is_open(at("2026-12-26T23:00:00+01:00")));
    assert!(!bar.is_open(at("2026-12-27T03:00:00+01:00")), "that night never began");
    assert!(bar.is_open(at("2026-12-27T22:00:00+01:00")));
    assert!(!bar.is_open(at("2027-05-17T23:00:00+02:00")));
    assert!(bar.is_open(at("2028-05-17T23:00:00+02:00")), "that was once");
}

#[test]
fn a_yearly_range_may_pass_the_new_year() {
    let office = hours("UTC", &["00:00-24:00"], &["12-24..01-02"]);
    for (day, open) in [("2026-12-23", true), ("2026-12-24", false), ("2027-01-02", false), ("2027-01-03", true)] {
        assert_eq!(office.is_open(at(&format!("{day}T12:00:00Z"))), open, "{day}");
    }
    assert_eq!(office.next_change(at("2026-12-25T12:00:00Z")), Some(at("2027-01-03T00:00:00Z")));
}

#[test]
fn the_next_change_is_found_over_a_night_on_which_the_clock_is_changed() {
    let night = hours("Europe/Oslo", &["02:15-02:45"], &[]);
    // In 2026 summer time begins on March 29: 02:00 becomes 03:00, and nobody opens.
    assert_eq!(night.next_change(at("2026-03-28T03:00:00+01:00")), Some(at("2026-03-30T02:15:00+02:00")));
    // It ends on October 25: 03:00 becomes 02:00, and they open twice.
    let mut now = at("2026-10-24T12:00:00+02:00");
    let mut changes = Vec::new();
    for _ in 0..4 {
        now = night.next_change(now).expect("a change");
        changes.push(now);
    }
    let expected = ["02:15:00+02:00", "02:45:00+02:00", "02:15:00+01:00", "02:45:00+01:00"];
    assert_eq!(changes, expected.map(|clock| at(&format!("2026-10-25T{clock}"))));
}

#[test]
fn the_end_of_time_is_no_trouble() {
    let office = hours("Pacific/Kiritimati", OFFICE, &["12-24..12-26"]);
    for micros in [0, 1, u64::MAX / 2, u64::MAX] {
        let moment = Time::from_micros(micros);
        office.is_open(moment);
        office.next_change(moment);
    }
}

#[test]
fn spaces_around_a_dash_and_long_dashes_are_how_people_write() {
    let plain = opening("Mo-Fr 08:00-16:00").expect("times");
    for text in ["Mo - Fr 08:00 - 16:00", "Mo–Fr 08:00–16:00", " Mo -Fr  08:00- 16:00 "] {
        assert_eq!(opening(text).expect("times"), plain, "{text}");
    }
}

#[test]
fn what_is_no_time_is_told_with_the_way_to_write_it() {
    let told = |text| opening(text).map(|_| ()).expect_err(text);
    assert_eq!(told("Monday 08:00-16:00").remedy, "write it as `Mo`");
    assert_eq!(told("08:00-08:00").remedy, "a whole day is `00:00-24:00`");
    for text in [
        "",
        "Mo",
        "Mo 8-16",
        "Mo 08:00",
        "Mo 24:00-25:00",
        "Mo 08:60-09:00",
        "Xx 08:00-09:00",
        "08:00-16:00 Mo",
        "Mo- 08:00-16:00",
        "Må 08:00-16:00",
        "ø",
    ] {
        told(text);
    }
    let told = |text| closing(text).map(|_| ()).expect_err(text);
    for text in [
        "",
        "24-12",
        "02-30",
        "2027-02-29",
        "12-24..2027-01-01",
        "2027-05-17..2027-05-16",
        "1-1",
        "12-24..",
        "christmas",
        "01-01-2027",
        "+1-+1",
    ] {
        told(text);
    }
    assert!(closing("02-29").is_ok());
}

fn some_hours() -> impl Strategy<Value = Hours> {
    const ZONES: &[&str] =
        &["UTC", "Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"];
    let time = (0..DAY, 1..DAY).prop_map(|(from, long)| (from, from + long));
    let opening = (prop::array::uniform7(any::<bool>()), prop::collection::vec(time, 1..3))
        .prop_map(|(days, times)| Opening { days, times });
    let day = (1..=12_i8, 1..=28_i8);
    let closing = prop_oneof![
        (day.clone(), day.clone()).prop_map(|(first, last)| Closing::Yearly { first, last }),
        (2026..2028_i16, day, 0..20_i32).prop_map(|(year, (month, day), long)| {
            let first = Date::constant(year, month, day);
            Closing::Once { first, last: first + long.days() }
        }),
    ];
    let zone = prop::sample::select(ZONES).prop_map(|name| TimeZoneDatabase::bundled().get(name).expect("a zone"));
    (zone, prop::collection::vec(opening, 0..3), prop::collection::vec(closing, 0..3))
        .prop_map(|(zone, open, closed)| Hours::new(zone, open, closed))
}

proptest! {
    #[test]
    fn nothing_changes_before_the_next_change_and_it_does_then(
        hours in some_hours(),
        secs in 1_767_225_600_u64..1_830_297_600,
        parts in prop::collection::vec(0.0..1.0_f64, 8),
    ) {
        let now = Time::from_secs(secs);
        let open = hours.is_open(now);
        let next = hours.next_change(now);
        let until = next.unwrap_or(Time::from_secs(secs + 399 * 86_400));
        let span = until.since(now);
        for part in parts {
            let between = now + span.mul_f64(part);
            if between < until {
                prop_assert_eq!(hours.is_open(between), open, "at {:?}, now {:?}, next {:?}", between, now, next);
            }
        }
        if let Some(next) = next {
            prop_assert!(next > now);
            prop_assert_eq!(hours.is_open(Time::from_micros(next.as_micros() - 1)), open);
            prop_assert_ne!(hours.is_open(next), open);
        }
    }

    #[test]
    fn what_is_open_agrees_with_a_plain_look_at_the_calendar(
        hours in some_hours(),
        secs in 1_767_225_600_u64..1_830_297_600,
    ) {
        let wall = hours.zone.to_datetime(Timestamp::from_second(secs.try_into().unwrap()).unwrap());
        let today = wall.date();
        // Minute by minute from yesterday's midnight on.
        let minute = u32::from(minute_of_day(wall)) + u32::from(DAY);
        let mut expected = false;
        for (day, begins) in [(today.yesterday().unwrap(), 0), (today, u32::from(DAY))] {
            for open in &hours.open {
                let there = open.days[usize::try_from(day.weekday().to_monday_zero_offset()).unwrap()];
                let closed = hours.is_closed_on(day) || hours.is_closed_on(today);
                for (from, to) in &open.times {
                    let inside = (begins + u32::from(*from)..begins + u32::from(*to)).contains(&minute);
                    expected |= there && !closed && inside;
                }
            }
        }
        prop_assert_eq!(hours.is_open(Time::from_secs(secs)), expected);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,30}|[MoTuFrSa0-9:., -]{0,30}") {
        let _ = opening(&text);
        let _ = closing(&text);
    }
}

proptest! {
    #[test]
    fn since_and_until_are_the_ends_of_what_is_so(minutes in 29_000_000_u64..31_500_000, which in 0_usize..4) {
        let hours = [
            hours("Europe/Oslo", OFFICE, &["12-24..12-26", "05-17", "2026-11-25..2026-11-27"]),
            hours("America/New_York", &["Fr-Su 22:00-04:00", "Sa 01:15-02:45"], &["12-31..01-01"]),
            hours("Asia/Kolkata", &["00:00-24:00"], &["02-29"]),
            hours("Australia/Lord_Howe", &["01:45-02:10"], &[]),
        ][which].clone();
        let now = Time::from_secs(minutes * 60);
        let standing = hours.explain(now);
        let second = std::time::Duration::from_secs(1);
        prop_assert_eq!(standing.open, hours.is_open(now));
        prop_assert_eq!(standing.until, hours.next_change(now));
        if let Some(since) = standing.since {
            prop_assert!(since <= now);
            prop_assert_eq!(hours.is_open(since), standing.open);
            prop_assert_eq!(hours.is_open(since - second), !standing.open);
            // Nothing changes in between.
            prop_assert_eq!(hours.next_change(since), standing.until);
        }
    }
}
