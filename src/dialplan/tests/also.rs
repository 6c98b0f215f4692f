//! Other queues whose operators may take callers of one.

use std::time::Duration;

use super::*;
use crate::dialplan::{Also, changes};

/// A plan with this said of its queue `sales`.
fn sales(keys: &str) -> Checked {
    plan(&format!(
        "exchange: test\nnumbers: {{101: {{flow: w}}}}\noperators: {{anna: {{dial: PJSIP/anna}}, boris: {{dial: PJSIP/boris}}}}\n\
         queues:\n  sales: {{operators: [anna], {keys}}}\n  support: {{operators: [boris]}}\n\
         \x20 night: {{operators: [boris]}}\nflows:\n  w: [{{queue: sales}}]\n"
    ))
}

#[test]
fn other_queues_are_named_with_how_long_one_waits_before() {
    let means = |keys: &str| sales(keys).plan.queues["sales"].also.clone();
    let also = |queue: &str, secs| Also { queue: queue.into(), after: Duration::from_secs(secs) };
    assert_eq!(means("ring: 15s"), []);
    assert_eq!(means("also: support"), [also("support", 0)]);
    assert_eq!(means("also: [night, {queue: support, after: 30s}]"), [also("night", 0), also("support", 30)]);
}

#[test]
fn a_queue_to_which_no_step_leads_is_used_where_its_operators_take_others_callers() {
    let told = sales("also: support").warnings.to_string();
    assert!(told.contains("no step sends callers to queue `night`") && !told.contains("`support`"), "{told}");
}

#[test]
fn a_queue_for_which_nobody_waits_long_enough_is_warned_of() {
    let told = |after: &str| {
        let limit = "max_wait: {after: 30s, go: hangup}";
        sales(&format!("also: [night, {{queue: support, after: {after}}}], {limit}")).warnings.to_string()
    };
    assert!(told("30s").contains("this never applies: nobody waits for so long in this queue"), "{}", told("30s"));
    assert_eq!(told("29s"), "");
}

#[test]
fn what_a_new_plan_shares_otherwise_is_told_in_words() {
    let between = |old: &str, new: &str| changes::between(&sales(old).plan, &sales(new).plan);
    assert_eq!(between("ring: 15s", "ring: 15s, also: support"), ["queue sales: also support added"]);
    let changed = between("also: support", "also: [support, {queue: night, after: 30s}]");
    assert_eq!(changed, ["queue sales: also changed"]);
}
