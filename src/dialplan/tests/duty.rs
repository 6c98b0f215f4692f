//! Whether operators are there for their queues, as a plan says it.

use std::time::Duration;

use super::*;
use crate::dialplan::{Act, AutoPause, Away, DutyChange, Missed, changes};

const PLAN: &str = "exchange: test\nnumbers: {101: {flow: w}}\n\
    operators: {anna: {dial: PJSIP/anna, pin: \"2580\"}, boris: {dial: PJSIP/boris, pin: 1234, signed_in: false}}\n\
    pauses: {lunch: {for: 45m}, training: }\n\
    queues:\n  a: {operators: [anna], when_unstaffed: hangup, auto_pause: {after: 3, of: busy, delay: 30s}}\n  \
    b: {operators: [boris], max_wait: {after: 1m, go: hangup}, auto_pause: {}}\n  \
    c: {operators: [anna], when_unstaffed: hangup, unstaffed_if: []}\n\
    flows:\n  w: [{operator: {does: pause, reason: lunch, say: PIN, otherwise: {queue: b}}}, {menu: {say: Q, options: {1: {queue: a}, 2: {queue: c}}}}]\n";

#[test]
fn what_a_plan_says_of_duties_is_what_it_means() {
    let plan = plan(PLAN).plan;
    let signed_in: Vec<bool> = plan.operators.values().map(|operator| operator.signed_in).collect();
    assert_eq!(signed_in, [true, false]);
    assert!(plan.operators["anna"].pin.as_ref().is_some_and(|pin| pin.is("2580")));
    let pauses: Vec<_> = plan.pauses.iter().map(|(name, lasts)| (&**name, *lasts)).collect();
    assert_eq!(pauses, [("lunch", Some(Duration::from_secs(45 * 60))), ("training", None)]);
    let away = |queue: &str| plan.queues[queue].unstaffed_if.iter().copied().collect::<Vec<_>>();
    assert_eq!((away("a"), away("b"), away("c")), (vec![Away::Paused, Away::SignedOut], vec![], vec![]));
    let busy = AutoPause { after: 3, of: [Missed::Busy].into(), lasts: None, delay: Duration::from_secs(30) };
    let usual =
        AutoPause { after: 1, of: [Missed::NoAnswer, Missed::Declined].into(), lasts: None, delay: Duration::ZERO };
    assert_eq!((&plan.queues["a"].auto_pause, &plan.queues["b"].auto_pause), (&Some(busy), &Some(usual)));
    let Act::Operator(step) = &plan.step(plan.flows["w"]).act else { panic!("the step `operator`") };
    assert_eq!(step.change, DutyChange::Pause { reason: Some("lunch".into()), lasts: None });
    assert!(step.extension.is_none());
}

#[test]
fn a_pin_that_anybody_would_try_is_warned_of_and_no_pin_is_shown() {
    let checked = plan(PLAN);
    let (told, shown) = (checked.warnings.to_string(), checked.warnings.render(false));
    assert!(told.contains("the PIN of `boris` is among the first that anybody would try"), "{told}");
    assert!(!told.contains("`anna`"), "{told}");
    let other = plan(&PLAN.replace("2580", "8642").replace("1234", "13579")).plan;
    let changed = changes::between(&checked.plan, &other).join("\n");
    assert!(changed.contains("operator anna: pin") && changed.contains("operator boris: pin"), "{changed}");
    for text in [told, shown, changed, format!("{:?}", checked.plan)] {
        assert!(!["2580", "1234", "8642", "13579"].iter().any(|pin| text.contains(pin)), "{text}");
    }
}
