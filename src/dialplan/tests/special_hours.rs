//! Days that are closed or have hours of their own: what is doubtful in them.

use super::plan;

/// What is doubtful in hours with these keys.
fn doubts(keys: &str) -> String {
    let text = format!(
        "exchange: test\ntimezone: UTC\nnumbers: {{101: {{flow: w}}}}\n\
         flows: {{w: [{{hours: {{of: office, closed: hangup}}}}]}}\nhours: {{office: {{open: 08:00-16:00, {keys}}}}}\n"
    );
    plan(&text).warnings.to_string()
}

#[test]
fn days_that_end_before_they_begin_are_doubtful_when_they_are_most_of_a_year() {
    for days in ["closed: 05-17..05-10", "special: {05-17..05-10: 08:00-13:00}"] {
        let expected = format!(
            "plan.yaml:5:{}: warning: `05-17..05-10` ends before it begins, so it goes over the new year and is 360 days; \
             `05-10..05-17` is 8 days",
            37 + days.find("05-17").expect("a day")
        );
        assert_eq!(doubts(days).trim_end(), expected);
    }
    assert!(doubts("closed: 03-01..02-28").contains("365 days"));
    for days in ["12-24..01-06", "11-01..04-01", "05-10..05-17", "01-02..12-31"] {
        assert_eq!(doubts(&format!("closed: {days}")), "", "{days}");
    }
}

#[test]
fn a_special_time_that_ends_before_it_begins_is_doubtful_when_it_is_most_of_a_day() {
    for times in ["20:00-04:00", "closed", "[]", "00:00-24:00", "[08:00-12:00, 12:00-15:00]"] {
        assert_eq!(doubts(&format!("special: {{12-31: {times}}}")), "", "{times}");
    }
    let told = doubts("special: {12-31: 13:00-08:00}");
    assert!(told.contains("warning: `13:00-08:00` ends before it begins, so it goes on until the next day"), "{told}");
    assert!(told.contains("; write `08:00-13:00` if that is meant"), "{told}");
}

#[test]
fn a_closed_day_may_be_one_of_several_special_ones_and_a_date_one_of_every_year() {
    assert_eq!(doubts("closed: 12-25, special: {12-24..12-26: 10:00-12:00, 2027-12-24: closed}"), "");
    assert_eq!(doubts("closed: 2027-12-31, special: {12-31: 08:00-13:00}"), "", "it counts in other years");
}
