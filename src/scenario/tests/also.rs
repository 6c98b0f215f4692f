//! Operators of several queues for one caller.

use super::*;

const SALES: &str = "exchange: x\nnumbers: {\"101\": {flow: a}}\n\
    operators: {anna: {dial: PJSIP/anna}, boris: {dial: PJSIP/boris}}\n\
    queues: {sales: {operators: [anna], ring: 15s, also: {queue: support, after: 10s}}, support: {operators: [boris]}}\n\
    flows: {a: [{queue: sales}]}\n";

#[test]
fn one_of_the_other_queue_is_rung_when_the_plan_says_so_and_his_own_had_the_caller_first() {
    for body in [
        "{expect: [{joins: sales}, {rings: anna}, {connected: anna}], never: [{rings: boris}, {joins: support}]}",
        "{operators: {anna: rings out}, expect: [{joins: sales}, {rings: anna}, {rings: boris}, {connected: boris}]}",
        "{operators: {anna: busy}, expect: [{joins: sales}, {rings: boris}, {connected: boris}], never: [{joins: support}]}",
    ] {
        let suite = suite(SALES, &format!("tests: {{it: {body}}}\n"));
        let verdict = judge(&suite.tests[0], perform(&suite.plan, &suite.tests[0].part));
        assert!(verdict.passed(), "{body}\n{}", verdict.diff(Extent::Whole));
    }
}
