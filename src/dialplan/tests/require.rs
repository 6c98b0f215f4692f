//! Calls that ask for skills, as a plan says it.

use std::{collections::BTreeMap, time::Duration};

use super::*;
use crate::{
    dialplan::{Act, Required, changes},
    domain::Name,
};

/// A plan whose calls ask for this.
fn asking(requires: &str) -> Checked {
    plan(&format!(
        "exchange: test\nnumbers: {{101: {{flow: w}}}}\noperators: {{anna: {{dial: PJSIP/anna, skills: {{english: 3, german: 1}}}}, \
         boris: {{dial: PJSIP/boris, skills: {{german: 5}}}}}}\nqueues: {{sales: {{operators: [anna, boris]}}}}\n\
         flows:\n  w: [{{require: {requires}}}, {{queue: sales}}]\n"
    ))
}

#[test]
fn what_a_call_asks_for_is_what_a_plan_says() {
    let asks = |requires: &str| {
        let plan = asking(requires).plan;
        let Act::Require(requires) = &plan.step(plan.flows["w"]).act else { panic!("the step `require`") };
        requires.steps.clone()
    };
    let step = |after, skills: &[(&str, u32)]| Required {
        after: Duration::from_secs(after),
        skills: skills.iter().map(|(skill, level)| (Name::new(skill), *level)).collect::<BTreeMap<_, _>>(),
    };
    assert_eq!(asks("{skills: {english: 3}}"), [step(0, &[("english", 3)])]);
    let relaxed =
        asks("{skills: {english: 3, german: 1}, relax: [{after: 45s, skills: {english: 1}}, {after: 2m, skills: {}}]}");
    assert_eq!(relaxed, [step(0, &[("english", 3), ("german", 1)]), step(45, &[("english", 1)]), step(120, &[])]);
    assert_eq!(asks("{skills: {}}"), []);
}

#[test]
fn more_skills_than_have_room_on_a_call_are_refused() {
    let relax: Vec<String> = (1..=16).map(|n| format!("{{after: {n}m, skills: {{english: 1}}}}")).collect();
    let plan = |steps: &[String]| {
        format!(
            "exchange: test\nnumbers: {{101: {{flow: w}}}}\noperators: {{anna: {{dial: PJSIP/anna, skills: {{english: 3}}}}}}\n\
             queues: {{sales: {{operators: [anna]}}}}\nflows:\n  \
             w: [{{require: {{skills: {{english: 2}}, relax: [{}]}}}}, {{queue: sales}}]\n",
            steps.join(", ")
        )
    };
    super::plan(&plan(&relax[..15]));
    let told = faults(plan(&relax).as_bytes()).to_string();
    assert!(told.contains("a call asks for 16 skills at most, those of `relax` counted, and these are 17"), "{told}");
}

#[test]
fn levels_that_nobody_has_together_are_warned_of() {
    let told = |requires: &str| asking(requires).warnings.to_string();
    let nobody = "nobody may ever be rung for a call that comes here";
    assert!(told("{skills: {english: 4}}").contains(nobody));
    assert!(told("{skills: {english: 1, german: 5}}").contains(nobody));
    assert_eq!(told("{skills: {english: 3}}"), "");
    assert_eq!(told("{skills: {english: 4}, relax: {after: 45s, skills: {english: 3}}}"), "");
}

#[test]
fn that_calls_ask_for_something_else_is_told() {
    let between = |old: &str, new: &str| changes::between(&asking(old).plan, &asking(new).plan);
    let told = between("{skills: {english: 3}}", "{skills: {english: 3}, relax: {after: 45s, skills: {}}}");
    assert_eq!(told, ["flow w: step 1 require: relax added"]);
    assert_eq!(between("{skills: {english: 3}}", "{skills: {english: 2}}"), ["flow w: step 1 require: skills changed"]);
}
