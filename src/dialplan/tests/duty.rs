//! Whether operators are there for their queues, as a plan says it.

use std::time::Duration;

use super::*;
use crate::dialplan::{Act, AtDesk, AutoPause, Away, DutyChange, Missed, Retry, changes};

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

const DESKS: &str = "exchange: test\nnumbers: {101: {flow: w}}\noperators: {anna: {dial: PJSIP/anna, extension: 201, pin: \"2580\"}}\n\
    extensions: {205: {dial: PJSIP/desk5, desk: true}, 206: {dial: PJSIP/desk6, desk: false}}\nflows:\n  \
    w: [{operator: {does: toggle, desk: here, say: PIN, extension: {say: Who}}}, {operator: {does: sign_in, desk: 205, say: PIN, extension: {say: Who}}}]\n";

#[test]
fn desks_are_telephones_that_the_plan_calls_so() {
    let plan = plan(DESKS).plan;
    assert_eq!(plan.desks.iter().map(|desk| &**desk).collect::<Vec<_>>(), ["205"]);
    assert_eq!((plan.desk("205").map(|dial| &**dial), plan.desk("206")), (Some("PJSIP/desk5"), None));
    assert_eq!((plan.desk_at("PJSIP/desk5").map(|desk| &**desk), plan.desk_at("PJSIP/desk6")), (Some("205"), None));
    let Act::Operator(step) = &plan.step(plan.flows["w"]).act else { panic!("the step `operator`") };
    assert_eq!((&step.change, &step.desk), (&DutyChange::Toggle, &Some(AtDesk::Here)));
    let anna = plan.seated(&plan.operators["anna"], Some(&"205".into()));
    assert_eq!((&*anna.dial, anna.device.as_deref()), ("PJSIP/desk5", Some("PJSIP/desk5")));
    assert_eq!(plan.seated(&plan.operators["anna"], Some(&"206".into())), plan.operators["anna"]);
}

#[test]
fn what_is_wrong_with_a_desk_is_told_with_its_remedy() {
    for (from, to, told) in [
        ("{dial: PJSIP/desk5, desk: true}", "{flow: w, desk: true}", "`205` leads to a flow, and nobody can sit there"),
        ("does: toggle", "does: sign_out", "only who signs in comes to a desk; take `desk` out"),
        (", extension: {say: Who}}}, {op", "}}, {op", "this step does not ask who he is; add `extension: {say: "),
        ("desk: 205", "desk: 206", "there is no desk `206`; did you mean `205`?"),
        ("desk: 205", "desk: there", "there"),
        ("desk: 205", "desk: \"{{ where }}\"", "where"),
        ("desk: true", "desk: maybe", "maybe"),
        (
            "desk: true",
            "desk: false",
            "no telephone at which operators may sign in; say of one that it is a desk: `ext",
        ),
        (
            "extensions: {205: {dial: PJSIP/desk5",
            "trunks: {t: {dial: \"PJSIP/{number}@t\"}}\nextensions: {205: {dial: PJSIP/+4790000000@t",
            "is reached over the trunk `t`",
        ),
    ] {
        let text = DESKS.replacen(from, to, 1);
        assert_ne!(text, DESKS, "{from}");
        let faults = parse("plan.yaml", text.as_bytes()).map(|_| ()).expect_err(to).to_string();
        assert!(faults.contains(told), "{told} in\n{faults}");
    }
}

#[test]
fn retry_is_one_time_or_one_for_each_cause() {
    let of = |retry: &str| {
        let text = "exchange: test\nnumbers: {101: {flow: welcome}}\noperators: {anna: {dial: PJSIP/anna}}\n\
                    queues: {sales: {operators: [anna]}}\nflows: {welcome: [{queue: sales}]}\n";
        plan(&text.replace("operators: [anna]}", &format!("operators: [anna], retry: {retry}}}"))).plan.queues["sales"]
            .retry
    };
    let seconds = Duration::from_secs;
    assert_eq!(of("7s"), Retry::always(seconds(7)));
    let by_cause = Retry { busy: seconds(30), unreachable: seconds(120), ..Retry::default() };
    assert_eq!(of("{busy: 30s, unreachable: 2m}"), by_cause);
}
