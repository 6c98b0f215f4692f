//! Tests of tests: what is read, what is refused, and that a test can fail.

mod also;
mod asked;
mod differences;
mod duty;
mod faults;
mod inside;
mod judged;
mod others;
mod remembered;
mod servers;
mod told;

use super::{read::Suite, *};
use crate::{dialplan, yaml::Faults};

const OFFICE: &str = include_str!("../../dialplans/office.yaml");

/// Three people, hours, and a queue that rings them in turn.
const PLAN: &str = "exchange: x\ntimezone: Europe/Oslo\nnumbers: {\"+47 800 12 345\": {flow: welcome}, \"101\": {flow: sorry}}\n\
    operators: {anna: {dial: PJSIP/anna}, boris: {dial: DAHDI/g1/900}, carla: {dial: PJSIP/anna}}\n\
    hours: {office: {open: Mo-Fr 08:00-16:00}}\n\
    queues: {sales: {operators: [anna, boris, carla], strategy: linear, ring: 10s, max_wait: {after: 2m, go: {flow: sorry}}}}\n\
    flows:\n  welcome: [{hours: {of: office, closed: {hangup: busy}}}, answer, {queue: sales}]\n  \
    sorry: [{play: sound:sorry}, {hangup: busy}]\n";

fn read(plan: &str, tests: &str) -> Result<Suite, Faults> {
    let plan = || dialplan::parse("plan.yaml", plan.as_bytes()).map(|checked| checked.plan);
    super::read::read("plan.test.yaml", tests.as_bytes(), |_named| plan())
}

fn suite(plan: &str, tests: &str) -> Suite {
    read(plan, tests).unwrap_or_else(|faults| panic!("{}\n{tests}", faults.render(false)))
}

/// One test of the plan, called to its number on a Wednesday at noon.
fn one(body: &str) -> Verdict {
    let tests = format!("tests:\n  it:\n    at: 2026-11-25T12:00\n    to: \"+47 800 12 345\"\n{body}");
    let suite = suite(PLAN, &tests);
    judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part))
}

fn passes(body: &str) {
    let verdict = one(body);
    assert!(verdict.passed(), "{body}\n{}", verdict.diff(Extent::First));
}

fn fails(body: &str) -> String {
    let verdict = one(body);
    assert!(!verdict.passed(), "{body}\n{}", verdict.diff(Extent::First));
    verdict.diff(Extent::First)
}
