//! What is remembered of callers, as a plan says it.

use std::time::Duration;

use super::*;
use crate::dialplan::{Sticky, changes};

/// A plan with this said of its queue `sales`.
fn sales(keys: &str) -> Checked {
    plan(&format!(
        "exchange: test\nnumbers: {{101: {{flow: w}}}}\noperators: {{anna: {{dial: PJSIP/anna}}, boris: {{dial: PJSIP/boris}}}}\n\
         queues:\n  sales: {{operators: [anna, boris], {keys}}}\nflows:\n  w: [{{queue: sales}}]\n"
    ))
}

fn warned(keys: &str) -> String {
    sales(keys).warnings.to_string()
}

#[test]
fn for_how_long_who_talked_to_a_caller_is_remembered_is_said_in_days() {
    let means = |keys: &str| sales(keys).plan.queues["sales"].sticky;
    let days = |days: u64| Duration::from_secs(days * 24 * 3_600);
    assert_eq!(means("ring: 15s"), None);
    assert_eq!(means("sticky: {days: 30}"), Some(Sticky { lasts: days(30), wait: Duration::ZERO }));
    let waits = Sticky { lasts: days(1), wait: Duration::from_secs(20) };
    assert_eq!(means("sticky: {days: 1, wait: 20s}"), Some(waits));
}

#[test]
fn who_waits_for_his_operator_as_long_as_one_may_is_warned_of() {
    let limit = "max_wait: {after: 20s, go: hangup}";
    let told = warned(&format!("sticky: {{days: 30, wait: 20s}}, {limit}"));
    assert!(told.contains("has waited as long as one may: no other is rung"), "{told}");
    assert_eq!(warned(&format!("sticky: {{days: 30, wait: 19s}}, {limit}")), "");
    let one = "operators: [anna], sticky: {days: 30}";
    let told = plan(&format!(
        "exchange: test\nnumbers: {{101: {{flow: w}}}}\noperators: {{anna: {{dial: PJSIP/anna}}}}\n\
         queues: {{sales: {{{one}}}}}\nflows: {{w: [{{queue: sales}}]}}\n"
    ));
    let told = told.warnings.to_string();
    assert!(told.contains("`sticky` changes nothing: this queue has one operator"), "{told}");
}

#[test]
fn for_how_long_a_place_is_kept_is_said_and_not_where_nobody_keeps_any() {
    assert_eq!(sales("keep_place_for: 5m").plan.queues["sales"].keep_place_for, Some(Duration::from_secs(300)));
    assert_eq!(sales("keep_place: true").plan.queues["sales"].keep_place_for, None);
}

#[test]
fn what_a_new_plan_remembers_otherwise_is_told_in_words() {
    let between = |old: &str, new: &str| changes::between(&sales(old).plan, &sales(new).plan);
    assert_eq!(between("ring: 15s", "ring: 15s, sticky: {days: 30}"), ["queue sales: sticky added"]);
    assert_eq!(between("ring: 15s", "keep_place_for: 5m"), ["queue sales: keep_place_for 5m added"]);
    let changed = between("sticky: {days: 30}", "sticky: {days: 7, wait: 20s}");
    assert_eq!(changed, ["queue sales: sticky: days 30 -> 7; wait 0s -> 20s"]);
}
