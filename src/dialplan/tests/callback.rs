//! Callers who are called back, as a plan says it.

use std::time::Duration;

use super::*;
use crate::dialplan::{Act, Choice, Plan, StepId, changes};

const PLAN: &str = "exchange: test\ncountry: \"NO\"\nnumbers: {101: {flow: w}}\noperators: {anna: {dial: PJSIP/anna}}\n\
    trunks: {provider: {dial: \"PJSIP/{number}@provider\"}}\nlists: {vip: [\"+46*\"]}\n\
    queues:\n  sales: {operators: [anna], exit: {\"#\": {callback: sales}}, callback: {}}\nflows:\n  w: [{queue: sales}]\n";

fn with(callback: &str) -> String {
    PLAN.replace("callback: {}", &format!("callback: {callback}"))
}

/// The steps from one on, in a word each.
fn way(plan: &Plan, from: StepId) -> Vec<&'static str> {
    let is = [
        ("play", (|act| matches!(act, Act::Play(_))) as fn(&Act) -> bool),
        ("hangup", |act| matches!(act, Act::HangUp(_))),
        ("queue", |act| matches!(act, Act::Queue(_))),
        ("menu", |act| matches!(act, Act::Menu(_))),
    ];
    let word = |act: &Act| is.iter().find(|(_, is)| is(act)).map_or("other", |(word, _)| *word);
    std::iter::successors(Some(from), |id| plan.step(*id).next).map(|id| word(&plan.step(id).act)).collect()
}

#[test]
fn what_is_not_said_is_as_most_people_want_it() {
    let checked = plan(PLAN);
    assert!(!checked.warnings.to_string().contains("callback"), "{}", checked.warnings);
    let plan = checked.plan;
    let sales = &plan.queues["sales"];
    let callback = sales.callback.as_ref().expect("a callback");
    assert_eq!((&*callback.trunk, callback.attempts, &callback.to, &callback.hours), ("provider", 3, &None, &None));
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    assert_eq!((callback.expires, callback.retry), (minutes(240), minutes(10)));
    let Act::Menu(menu) = &plan.step(callback.entry).act else { panic!("he presses a key") };
    let [(_, Choice::Go(joins))] = menu.options[..] else { panic!("one key") };
    assert_eq!(way(&plan, joins), ["queue"]);
    let key = sales.exit.values().next().copied().expect("a key");
    let Act::Callback(promise) = &plan.step(key).act else { panic!("a promise") };
    assert_eq!(way(&plan, promise.promised), ["play", "hangup"]);
    assert_eq!(way(&plan, promise.refused), ["play", "queue"], "he is not sent away");
}

#[test]
fn without_a_key_he_hears_and_stands_in_the_line() {
    let checked = plan(&with("{confirm: false, greeting: sound:beep, to: vip}"));
    assert!(checked.warnings.is_empty(), "the list is used: {}", checked.warnings);
    let plan = checked.plan;
    let callback = plan.queues["sales"].callback.as_ref().expect("a callback");
    assert_eq!(way(&plan, callback.entry), ["play", "queue"]);
}

#[test]
fn mistakes_are_told_with_what_to_write() {
    let none = PLAN.replace(", callback: {}", "");
    let no_trunk = PLAN.replace("trunks: {provider: {dial: \"PJSIP/{number}@provider\"}}\n", "");
    let no_country = PLAN.replace("country: \"NO\"\n", "");
    for (text, message, remedy) in [
        (none, "queue `sales` says nothing of how its callers are called back", "add `callback: {}` to the queue"),
        (no_trunk, "a trunk is needed, and the plan has none", "add `trunks:"),
        (no_country, "this says nothing of which numbers may be called", "add `country: NO`"),
        (with("{trunk: other}"), "there is no trunk `other`", "provider"),
        (with("{to: vips}"), "there is no list `vips`", "vip"),
        (with("{hours: office}"), "there are no hours `office`", ""),
        (with("{attempts: 0}"), "out of range", "1 to 10"),
        (with("{first: customer}"), "first cannot be `customer`", "`caller`, `operator`"),
        (PLAN.replace("{callback: sales}", "{callback: sale}"), "there is no queue `sale`", "sales"),
        (
            PLAN.replace("{callback: sales}", "{callback: {queue: sales, number: \"{{ caller.withheld }}\"}}"),
            "a text",
            "",
        ),
    ] {
        let told = faults(text.as_bytes()).render(false);
        assert!(told.contains(message) && told.contains(remedy), "{message}\n{told}");
    }
}

#[test]
fn what_comes_to_nothing_is_doubtful() {
    let told = |text: &str| plan(text).warnings.to_string();
    let unused = told(&PLAN.replace("exit: {\"#\": {callback: sales}}, ", ""));
    assert!(unused.contains("no step promises to call those back who wait in `sales`"), "{unused}");
    let unheard = told(&with("{first: operator, greeting: sound:beep}"));
    assert!(unheard.contains("nobody hears this `greeting`"), "{unheard}");
    assert!(!told(&with("{first: operator}")).contains("greeting"));
    let late = told(&with("{retry: 1h, expires: 30m}"));
    assert!(late.contains("the promise expires before anybody is called for the second time"), "{late}");
}

#[test]
fn what_a_new_plan_changes_of_it_is_told() {
    let (before, after) = (plan(PLAN).plan, plan(&with("{attempts: 5, retry: 20m}")).plan);
    let changed = changes::between(&before, &after).join("\n");
    assert!(changed.contains("attempts") && changed.contains("retry"), "{changed}");
}

#[test]
fn he_may_say_which_number_it_is_or_enter_another_one() {
    let text = PLAN.replace("{callback: sales}", "{callback: {queue: sales, number: ask}}");
    let checked = plan(&text);
    assert!(!checked.warnings.to_string().contains("callback"), "{}", checked.warnings);
    let plan = checked.plan;
    let key = plan.queues["sales"].exit.values().next().copied().expect("a key");
    let Act::If { then, otherwise: Some(menu), .. } = &plan.step(key).act else {
        panic!("who withholds his number enters one")
    };
    let Act::Menu(menu) = &plan.step(*menu).act else { panic!("a menu") };
    let [(_, Choice::Go(his)), (_, Choice::Go(another))] = menu.options[..] else { panic!("two keys") };
    assert_eq!(another, *then);
    let Act::Callback(promise) = &plan.step(his).act else { panic!("a promise") };
    assert_eq!(way(&plan, promise.promised), ["play", "hangup"]);
    // One that cannot be called is told, and he enters one; the second one that cannot be is the last.
    let mut refused = promise.refused;
    for last in [false, true] {
        let Act::Play(_) = plan.step(refused).act else { panic!("he is told") };
        let enters = plan.step(refused).next.expect("he enters one");
        let Act::Ask(ask) = &plan.step(enters).act else { panic!("a question") };
        assert!(ask.confirm.is_some() && ask.asking.otherwise.any.is_some());
        let takes = plan.step(enters).next.expect("a promise");
        let Act::Callback(promise) = &plan.step(takes).act else { panic!("a promise") };
        refused = promise.refused;
        assert_eq!(way(&plan, refused), if last { vec!["play", "queue"] } else { vec!["play", "other", "other"] });
    }
}
