//! Numbers: how they are written, and which of them a call is to.

use std::fmt::Write as _;

use super::{
    super::{NumberType, Reserved, WhenFull},
    *,
};
use crate::domain::Reason;

fn numbers(top: &str, keys: &[&str]) -> Checked {
    let keys: String = keys.iter().map(|key| format!("  \"{key}\": {{flow: w}}\n")).collect();
    plan(&format!("exchange: test\n{top}numbers:\n{keys}flows: {{w: answer}}\n"))
}

#[test]
fn with_a_country_a_number_is_known_however_plan_and_trunk_write_it() {
    for key in ["80012345", "800 12 345", "+47 800 12 345", "0047 800 12 345"] {
        let checked = numbers("country: NO\n", &[key]);
        assert!(checked.warnings.is_empty(), "{}", checked.warnings);
        for dialled in ["80012345", "+4780012345", "004780012345", "4780012345", "sip:+4780012345;phone-context=x@host"]
        {
            let number = checked.plan.number(dialled).unwrap_or_else(|| panic!("{dialled} is {key}"));
            assert_eq!(number.number.as_str(), "+4780012345");
        }
        assert!(checked.plan.number("80012346").is_none());
    }
}

#[test]
fn a_trunk_prefix_is_of_the_country_of_the_plan() {
    let sweden = numbers("country: SE\n", &["08-123 456 78"]);
    assert!(sweden.plan.number("+46812345678").is_some());
    let norway = numbers("country: NO\n", &["+46 8 123 456 78"]);
    assert!(norway.plan.number("0812345678").is_none());
}

#[test]
fn numbers_that_nobody_can_dial_are_doubtful_and_the_plan_can_be_used() {
    let keys = ["800 12 345", "+47 800 12 34", "101", "22 33 44 xx", "+47 22 33 4x", "*", "02097"];
    let without = numbers("", &keys);
    let with = numbers("country: NO\n", &["2233445566", "800 12 345", "22 33 44 xx", "02097"]);
    insta::assert_snapshot!(format!("{}\n{}", without.warnings, with.warnings));
    assert!(without.plan.number("80012345").is_some());
}

#[test]
fn a_number_that_has_lost_its_zero_is_doubtful_and_the_plan_can_be_used() {
    let lost =
        numbers("country: IT\n", &["6 1234 5678", "+39 2 1234 56xx", "06 1234 5679", "335 123 4567", "800 123 456"]);
    let listed = "exchange: test\ncountry: IT\nnumbers: {101: {flow: w}}\nlists: {vip: [\"6 1234 5678\", \"06 1234 5679\"]}\n\
                  flows: {w: [{if: {when: caller.number in lists.vip, then: hangup}}]}\n";
    insta::assert_snapshot!(format!("{}\n{}", lost.warnings, plan(listed).warnings));
    assert!(lost.plan.number("+390612345679").is_some());
}

#[test]
fn a_plan_may_have_a_thousand_numbers_and_as_many_blocks() {
    let mut text = String::from("exchange: test\ncountry: NO\nnumbers:\n");
    for n in 0..1000 {
        let _ = writeln!(text, "  \"22 {:03} {:03}\": {{flow: w}}\n  \"+47 33 {n:03} xxx\": {{flow: w}}", n, n);
    }
    text += "flows: {w: answer}\n";
    let checked = plan(&text);
    assert_eq!(checked.plan.numbers.len(), 2000);
    assert_eq!(checked.plan.number("33777123").expect("of a block").number.as_str(), "+4733777xxx");
}

#[test]
fn what_is_said_of_a_number_is_meant() {
    let checked = plan(
        "exchange: test\nnumbers: {101: {flow: w, type: always_shown, channels: 3, reserved: {for: vip, channels: 2}, \
         when_full: {flow: sorry}}, 102: {flow: w, type: toll_free, when_full: congestion}, 103: {flow: w}}\n\
         lists: {vip: [\"+46*\"]}\nflows: {w: answer, sorry: hangup}\n",
    );
    assert!(checked.warnings.is_empty(), "{}", checked.warnings);
    let plan = checked.plan;
    let said = |number: &str| {
        let number = plan.number(number).expect("a number");
        (number.kind, number.reserved.clone(), number.when_full)
    };
    let reserved = Reserved { list: "vip".into(), channels: 2 };
    assert_eq!(said("101"), (NumberType::AlwaysShown, Some(reserved), WhenFull::Go(plan.flows["sorry"])));
    assert_eq!(said("102"), (NumberType::TollFree, None, WhenFull::HangUp(Reason::Congestion)));
    assert_eq!(said("103"), (NumberType::Direct, None, WhenFull::HangUp(Reason::Busy)));
}
