//! Menus in which callers dial internal numbers.

use super::{
    super::{Act, Dial, Menu, Plan, StepId, Target},
    plan,
};
use crate::domain::Digits;

/// A house with two operators, a kitchen and two flows, and a menu of these keys.
fn house(menu: &str) -> String {
    format!(
        "exchange: test\nnumbers: {{\"+47 800 12 345\": {{flow: welcome}}}}\n\
         operators: {{anna: {{dial: PJSIP/anna, extension: 101}}, boris: {{dial: PJSIP/boris, extension: 102}}, carla: {{dial: PJSIP/carla}}}}\n\
         extensions: {{205: {{dial: PJSIP/kitchen}}, 600: {{flow: night}}, \"*60\": {{flow: night}}}}\n\
         queues: {{sales: {{operators: [anna, carla]}}}}\n\
         flows:\n  welcome:\n    - menu: {{play: sound:q, {menu}}}\n  night: [{{play: sound:night}}]\n"
    )
}

fn menu(plan: &Plan) -> (StepId, Menu) {
    let first = plan.flows["welcome"];
    let Act::Menu(menu) = &plan.step(first).act else { panic!("a menu") };
    (first, (**menu).clone())
}

fn numbers(menu: &Menu) -> Vec<String> {
    menu.extensions.keys().map(ToString::to_string).collect()
}

fn rung<'p>(plan: &'p Plan, menu: &Menu, number: &str) -> &'p Dial {
    let step = menu.extensions[&Digits::new(number).expect("keys")];
    let Act::Dial(dial) = &plan.step(step).act else { panic!("somebody is rung") };
    dial
}

#[test]
fn true_is_every_operator_and_telephone_with_a_number_and_no_flow() {
    let plan = plan(&house("options: {7: {queue: sales}}, extensions: true")).plan;
    let (at, menu) = menu(&plan);
    assert_eq!(numbers(&menu), ["101", "102", "205"]);
    let anna = rung(&plan, &menu, "101");
    assert_eq!((anna.to.as_slice(), anna.ring.as_secs()), (&[Target::Operator("anna".into())][..], 30));
    assert_eq!((anna.busy, anna.no_answer, anna.unreachable, anna.otherwise), (None, None, None, Some(at)));
    assert_eq!(rung(&plan, &menu, "205").to, [Target::Phone("205".into())]);
}

#[test]
fn a_list_is_what_it_names_and_may_name_a_flow() {
    for list in ["[600, 101]", "{only: [101, 600]}"] {
        let plan = plan(&house(&format!("options: {{7: {{queue: sales}}}}, extensions: {list}"))).plan;
        let (_, menu) = menu(&plan);
        assert_eq!(numbers(&menu), ["101", "600"]);
        assert_eq!(menu.extensions.values().last(), Some(&plan.flows["night"]));
    }
}

#[test]
fn what_a_menu_says_of_those_who_do_not_answer_leads_back_to_it() {
    let how = "options: {7: {queue: sales}}, otherwise: hangup, \
               extensions: {only: 102, ring: 20s, busy: {set: {tried: 1}}, no_answer: [{play: sound:a}, {queue: sales}]}";
    let plan = plan(&house(how)).plan;
    let (at, menu) = menu(&plan);
    let boris = rung(&plan, &menu, "102");
    assert_eq!((boris.ring.as_secs(), boris.otherwise), (20, Some(at)));
    let busy = plan.step(boris.busy.expect("a way"));
    assert!(matches!(busy.act, Act::Set(_)), "what stands in it is read as anywhere");
    assert_eq!(busy.next, Some(at));
}

/// What is doubtful with a menu of these keys.
fn doubts(menu: &str) -> Vec<String> {
    let doubts = plan(&house(menu)).warnings.to_string();
    doubts.lines().map(|line| line.split_once("warning: ").expect("a warning").1.to_owned()).collect()
}

#[test]
fn an_option_with_which_numbers_begin_is_doubtful_since_callers_wait() {
    let remedy = "; choose keys with which no internal number begins, or a shorter `inter_digit`";
    let told = doubts("options: {1: {queue: sales}}, extensions: true");
    let wait = "who presses `1` waits 2s, unless `#` ends it: `101` and `102` begin with it";
    assert_eq!(told, [format!("{wait}{remedy}")]);
    assert_eq!(doubts("options: {1: {queue: sales}}, extensions: [600, \"*60\"]"), [""; 0]);
    assert_eq!(doubts("options: {7: {queue: sales}}, extensions: true"), [""; 0]);
    let told = doubts("options: {1015: {queue: sales}}, inter_digit: 900ms, extensions: true");
    assert_eq!(told, [format!("who presses `101` waits 900ms, unless `#` ends it: `1015` begins with it{remedy}")]);
}

#[test]
fn numbers_to_dial_in_a_house_without_any_are_doubtful() {
    let text = "exchange: test\nnumbers: {\"+47 800 12 345\": {flow: w}}\nextensions: {600: {flow: w}}\n\
                flows: {w: [{menu: {play: sound:q, options: {7: hangup}, extensions: true}}]}\n";
    let told = plan(text).warnings.to_string();
    assert!(told.starts_with("plan.yaml:4:70: warning: no operator and no telephone has an internal number"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn a_menu_whose_callers_may_ring_somebody_has_a_way_out() {
    let round = "options: {7: {repeat: true}}, otherwise: {flow: welcome}";
    let trapped = |menu: &str| doubts(menu).iter().any(|doubt| doubt.starts_with("no way leads out of this menu"));
    assert!(trapped(round));
    assert!(!trapped(&format!("{round}, extensions: true")));
}
