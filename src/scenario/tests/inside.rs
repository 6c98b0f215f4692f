//! Calls from telephones of the house, told in words.

use super::*;
use crate::domain::{Name, Time};

const HOUSE: &str = "exchange: x\nnumbers: {\"+4780012345\": {flow: a}}\n\
    operators:\n  anna: {dial: PJSIP/anna, extension: 101}\n  boris: {dial: PJSIP/boris, extension: 102}\n\
    extensions: {\"205\": {dial: PJSIP/kitchen}, \"*45\": {flow: out}}\nqueues: {sales: {operators: [boris], wrap_up: 20s}}\n\
    flows:\n  a: [{queue: sales}]\n  out: [{operator: {play: sound:pin, does: sign_out}}, {play: sound:bye}]\n";

fn told(from: Option<&str>, to: &str) -> String {
    let plan = dialplan::parse("plan.yaml", HOUSE.as_bytes()).unwrap_or_else(|faults| panic!("{faults}")).plan;
    let phone = from.map(|from| HousePhone::of(&plan, from).expect("a telephone of the house"));
    let (number, phone) = phone.map_or((None, None), |phone| (phone.number, Some(phone.name)));
    let talks = std::time::Duration::from_secs(60);
    route(&plan, &Part { from: number, phone, talks, ..Part::new(Time::from_secs(1_704_715_200), to) })
}

#[track_caller]
fn tells(told: &str, lines: &[&str]) {
    for line in lines {
        assert!(told.contains(line), "{line} in\n{told}");
    }
    assert!(!told.contains("bug"), "{told}");
}

#[test]
fn an_operator_calls_another_one_or_any_telephone_of_the_house() {
    let talk = "the caller talks to boris, for 1m in this made-up call\n";
    tells(
        &told(Some("101"), "102"),
        &["anna (101) calls 102 (boris) on Mo 2024-01-08", "boris's telephone is rung", talk],
    );
    tells(&told(Some("anna"), "205"), &["anna (101) calls 205 (a telephone)", "the caller talks to 205, for 1m"]);
    let from_kitchen = told(Some("205"), "101");
    tells(&from_kitchen, &["205 calls 101 (anna)", "the caller talks to anna", "    63.0s  the caller hangs up\n"]);
}

#[test]
fn a_code_changes_duty_and_is_told() {
    tells(&told(Some("anna"), "*45"), &["anna (101) calls *45 (a flow)", "anna signs out\n", "sound:bye\n"]);
    tells(
        &told(Some("boris"), "+4780012345"),
        &["boris (102) calls +4780012345 on", "the caller waits in queue sales"],
    );
}

#[test]
fn an_internal_number_is_none_from_outside_and_that_is_told() {
    let from_outside = told(None, "102");
    tells(&from_outside, &["the plan has no such number\n", "102 (boris) is an internal number", "--from 101"]);
    let unknown = told(Some("anna"), "199");
    tells(&unknown, &["anna (101) calls 199 on", "the plan has no such number\n"]);
    assert!(!unknown.contains("--from"), "{unknown}");
}

#[test]
fn only_telephones_of_the_house_are_found() {
    let plan = dialplan::parse("plan.yaml", HOUSE.as_bytes()).unwrap_or_else(|faults| panic!("{faults}")).plan;
    let found = |typed: &str| HousePhone::of(&plan, typed).map(|phone| (phone.name, phone.number));
    let anna = Some((Name::new("anna"), Some("101".to_owned())));
    assert_eq!((found("anna"), found("101")), (anna.clone(), anna));
    assert_eq!(found("205"), Some((Name::new("205"), Some("205".to_owned()))));
    assert_eq!((found("*45"), found("+4780012345"), found("dora")), (None, None, None));
}
