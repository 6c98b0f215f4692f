//! What calls and legs cost.

use std::{collections::BTreeSet, num::NonZeroU32, time::Duration};

use super::{
    bench::{Bench, DIRECT, MENU, NODE, Ringing, held},
    choice,
    dial::{dial, dialling},
    early::{AT_LATEST, unanswered},
};
use crate::{
    dialplan::{DialMode, Outside, Plan, PublicNumber, Target},
    domain::{Amount, Cause, ChannelId, Currency, E164, Name, Tariff},
    engine::{Command, Engine, Event, Fact, Failure, Held, HeldChannel, Limits, notice::Outcome},
};

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn tariff(currency: &str, per_minute: &str, setup: &str, increment: u32) -> Tariff {
    let amount = |text| Amount::read(text).expect("an amount");
    let increment = NonZeroU32::new(increment * 1000).expect("a second or more");
    Tariff {
        currency: Currency::new(currency).expect("a currency"),
        per_minute: amount(per_minute),
        setup: amount(setup),
        free: Duration::ZERO,
        first: increment,
        increment,
    }
}

/// So many calls are over of which a leg is still to tell what it costs.
pub(super) fn owing(engine: &Engine) -> usize {
    let metered = engine.legs.values().filter(|leg| leg.meter.is_some()).map(|leg| leg.call);
    metered.filter(|call| !engine.calls.contains_key(call)).collect::<BTreeSet<_>>().len()
}

/// The number's calls by the minute, the trunk's legs by the second and with a fee.
fn charged(mut plan: Plan) -> Plan {
    let of_number = Some(tariff("NOK", "0.89", "0", 60));
    plan.numbers = plan.numbers.values().cloned().map(|it| PublicNumber { tariff: of_number, ..it }).collect();
    for trunk in plan.trunks.values_mut() {
        trunk.tariff = Some(tariff("EUR", "0.06", "0.10", 1));
    }
    plan
}

fn outside(digits: &str) -> Target {
    let number = Outside::Number(E164::read(digits, None).expect("a number"));
    Target::Outside { number, trunk: "provider".into() }
}

fn operator(name: &str) -> Target {
    Target::Operator(Name::new(name))
}

const ONE: &str = "+4790000001";
const TWO: &str = "+4790000002";

fn plan_for(to: Vec<Target>, mode: DialMode) -> Plan {
    charged(dialling(dial(to, mode), None, None))
}

impl Bench {
    /// What was told to cost something: calls, and legs by their trunk.
    fn costs(&self) -> Vec<String> {
        let cost = |fact: &Fact| match fact {
            Fact::Ended { charge, .. } => {
                Some(charge.map_or("call".into(), |it| format!("call {}s {}", it.lasted.as_secs(), it.cost)))
            }
            Fact::Charged { trunk, callee, charge: Some(charge) } => {
                Some(format!("{trunk} {callee} {}s {}", charge.lasted.as_secs(), charge.cost))
            }
            _ => None,
        };
        self.facts.iter().filter_map(cost).collect()
    }

    /// Whoever is outside is rung.
    fn rings_outside(&mut self, number: &str, caller: &ChannelId) -> Ringing {
        self.expect_offer(&format!("{number}@provider"), caller)
    }

    /// Talks for so long, then the caller hangs up, and the leg ends a second later.
    fn talks_for(&mut self, time: Duration, caller: &ChannelId, leg: &ChannelId) {
        self.passes(time);
        self.hangs_up(caller);
        self.passes(SECOND);
        self.ends(leg, Cause::q850(16));
    }
}

#[test]
fn a_toll_free_call_of_61_seconds_costs_two_minutes() {
    let mut plan = super::bench::plan(vec![super::bench::queue("sales", &["anna"], crate::dialplan::Strategy::Linear)]);
    plan = charged(plan);
    let mut bench = Bench::new(plan);
    let (caller, anna) = bench.two_talk("anna");
    bench.talks_for(61 * SECOND, &caller, &anna.leg);
    assert_eq!(bench.costs(), ["call 61s 1.78 NOK"], "and nothing for a telephone of the house");
}

#[test]
fn a_call_to_a_number_without_a_tariff_is_not_charged() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, anna) = bench.two_talk("anna");
    bench.talks_for(61 * SECOND, &caller, &anna.leg);
    assert_eq!(bench.costs(), ["call"]);
}

#[test]
fn a_leg_over_a_trunk_costs_from_its_answer_to_its_end_although_its_call_is_over() {
    let mut bench = Bench::new(plan_for(vec![outside(ONE)], DialMode::InTurn));
    let caller = bench.caller_arrives(DIRECT);
    let leg = bench.rings_outside(ONE, &caller);
    bench.passes(7 * SECOND);
    bench.answers(&leg);
    bench.talks_for(30 * SECOND, &caller, &leg.leg);
    assert_eq!(bench.costs(), ["call 37s 0.89 NOK", "provider +4790000001 31s 0.131 EUR"]);
}

#[test]
fn the_record_of_a_call_waits_for_what_its_legs_cost() {
    let mut bench = Bench::new(plan_for(vec![outside(ONE), outside(TWO)], DialMode::AtOnce));
    let caller = bench.caller_arrives(DIRECT);
    let one = bench.rings_outside(ONE, &caller);
    let two = bench.rings_outside(TWO, &caller);
    bench.passes(7 * SECOND);
    bench.answers(&one);
    bench.passes(30 * SECOND);
    bench.hangs_up(&caller);
    assert_eq!(bench.records, [], "neither leg has ended");
    bench.passes(SECOND);
    bench.ends(&two.leg, Cause::q850(26));
    assert_eq!(bench.records, [], "one has not");
    bench.ends(&one.leg, Cause::q850(16));
    let [record] = bench.records.as_slice() else { panic!("one call is over: {:#?}", bench.records) };
    let costs: Vec<_> = record.offers.iter().map(|rung| rung.cost.as_ref().map(|cost| &*cost.amount)).collect();
    assert_eq!(costs, [Some("0.131"), Some("0")]);
    assert_eq!(record.lasted, 37 * SECOND, "the call itself was over before");
}

#[test]
fn the_record_of_a_call_that_is_forgotten_waits_for_no_leg() {
    let mut bench = Bench::new(plan_for(vec![outside(ONE)], DialMode::InTurn));
    let caller = bench.caller_arrives(DIRECT);
    let leg = bench.rings_outside(ONE, &caller);
    bench.answers(&leg);
    bench.passes(30 * SECOND);
    bench.tell(Event::NodeTaken { node: NODE });
    let [record] = bench.records.as_slice() else { panic!("one call is over: {:#?}", bench.records) };
    assert_eq!(record.offers[0].cost, None, "whoever has it now will tell");
}

#[test]
fn of_two_legs_the_one_that_was_refused_costs_nothing() {
    let mut bench = Bench::new(plan_for(vec![outside(ONE), outside(TWO)], DialMode::InTurn));
    let caller = bench.caller_arrives(DIRECT);
    let one = bench.rings_outside(ONE, &caller);
    bench.declines(&one);
    let two = bench.rings_outside(TWO, &caller);
    bench.answers(&two);
    bench.talks_for(9 * SECOND, &caller, &two.leg);
    let costs = ["provider +4790000001 0s 0.00 EUR", "call 9s 0.89 NOK", "provider +4790000002 10s 0.11 EUR"];
    assert_eq!(bench.costs(), costs);
}

#[test]
fn a_leg_that_is_answered_in_the_moment_in_which_it_is_hung_up_costs_all_the_same() {
    let mut bench = Bench::new(plan_for(vec![outside(ONE), outside(TWO)], DialMode::AtOnce));
    let caller = bench.caller_arrives(DIRECT);
    let [one, two] = [ONE, TWO].map(|number| bench.rings_outside(number, &caller));
    bench.answers(&one);
    // He was told to stop ringing, and picked up before he heard of it.
    bench.answers(&two);
    bench.passes(SECOND);
    bench.ends(&two.leg, Cause::q850(16));
    assert_eq!(bench.costs(), ["provider +4790000002 1s 0.101 EUR"]);
}

#[test]
fn an_operator_at_a_telephone_outside_costs_what_his_trunk_does() {
    let mut plan = plan_for(vec![operator("anna")], DialMode::InTurn);
    if let Some(anna) = plan.operators.get_mut("anna") {
        anna.trunk = Some("provider".into());
    }
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.answers(&anna);
    bench.talks_for(59 * SECOND, &caller, &anna.leg);
    assert_eq!(bench.costs(), ["call 59s 0.89 NOK", "provider anna 60s 0.16 EUR"]);
}

#[test]
fn after_a_transfer_the_leg_has_ended_and_the_call_costs_on() {
    let mut bench = Bench::new(plan_for(vec![outside(ONE)], DialMode::InTurn));
    let caller = bench.caller_arrives(DIRECT);
    let leg = bench.rings_outside(ONE, &caller);
    bench.answers(&leg);
    bench.passes(10 * SECOND);
    let new = ChannelId::new(NODE, "PJSIP/other-00000001");
    bench.tell(Event::LegReplaced { old: leg.leg.clone(), new: new.clone(), to: None });
    bench.ends(&leg.leg, Cause::q850(16));
    bench.talks_for(110 * SECOND, &caller, &new);
    assert_eq!(bench.costs(), ["provider +4790000001 10s 0.11 EUR", "call 120s 1.78 NOK"]);
}

#[test]
fn a_caller_who_is_answered_with_the_operator_costs_nothing_before() {
    let mut bench = Bench::new(unanswered(plan_for(vec![operator("anna")], DialMode::InTurn)));
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.passes(19 * SECOND);
    bench.answers(&anna);
    bench.talks_for(60 * SECOND, &caller, &anna.leg);
    assert_eq!(bench.costs(), ["call 60s 0.89 NOK"]);
}

#[test]
fn a_caller_who_leaves_unanswered_costs_nothing_and_one_who_waits_too_long_costs_from_then_on() {
    let mut bench = Bench::new(unanswered(plan_for(vec![operator("anna")], DialMode::InTurn)));
    let caller = bench.caller_arrives(MENU);
    bench.passes(AT_LATEST - SECOND);
    bench.hangs_up(&caller);
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.passes(AT_LATEST);
    bench.hears_to_the_end(&caller, greeting);
    bench.passes(SECOND);
    bench.hangs_up(&caller);
    assert_eq!(bench.costs(), ["call 0s 0.00 NOK", "call 1s 0.89 NOK"]);
}

#[test]
fn who_goes_to_the_fallback_costs_until_he_has_left_us_and_nothing_if_he_was_never_answered() {
    let mut bench = Bench::new(plan_for(vec![operator("anna")], DialMode::InTurn));
    let caller = bench.caller_arrives(MENU);
    bench.fails(Command::Answer { channel: caller.clone() }, Failure::Refused(500));
    bench.expect_continue(&caller);
    bench.passes(SECOND);
    bench.hangs_up(&caller);
    let caller = bench.caller_arrives(MENU);
    bench.passes(SECOND);
    let play = bench.take("to play", |command| matches!(command, Command::Play { channel, .. } if *channel == caller));
    bench.fails(play, Failure::OutcomeUnknown);
    bench.passes(SECOND);
    bench.hangs_up(&caller);
    assert_eq!(bench.costs(), ["call 0s 0.00 NOK", "call 2s 0.89 NOK"]);
}

/// A call to the outside of 100 seconds, its caller and its leg, as the next engine finds them after ten more.
fn found_talking(plan: &Plan) -> (Bench, ChannelId, ChannelId) {
    let mut before = Bench::new(plan.clone());
    let caller = before.caller_arrives(DIRECT);
    before.passes(10 * SECOND);
    let leg = before.rings_outside(ONE, &caller);
    before.answers(&leg);
    let mark = before.asked.iter().rev().find_map(|command| match command {
        Command::Mark { channel, mark } if *channel == caller => mark.state.clone(),
        _ => None,
    });
    let talk = before.talk(&leg.leg, &[&caller, &leg.leg]);
    let mut bench = Bench::born(8, plan.clone(), Limits::default());
    bench.now = before.now + 100 * SECOND;
    let found = HeldChannel { mark, ..held(&caller, true) };
    bench.node_up(Held { channels: vec![found, held(&leg.leg, true)], bridges: vec![talk] });
    (bench, caller, leg.leg)
}

#[test]
fn an_engine_that_finds_two_talking_charges_all_of_it() {
    let (mut bench, caller, leg) = found_talking(&plan_for(vec![outside(ONE)], DialMode::InTurn));
    bench.talks_for(20 * SECOND, &caller, &leg);
    assert_eq!(bench.costs(), ["call 130s 2.67 NOK", "provider +4790000001 121s 0.221 EUR"]);
}

#[test]
fn what_an_engine_forgets_is_charged_by_whoever_finds_it() {
    let (mut bench, ..) = found_talking(&plan_for(vec![outside(ONE)], DialMode::InTurn));
    bench.tell(Event::NodeTaken { node: NODE });
    assert_eq!(bench.outcomes(), [Outcome::TakenOver]);
    assert_eq!(bench.costs(), ["call"]);
}

#[test]
fn what_a_dialplan_asks_for_costs_nothing_however_often() {
    let queues = vec![super::bench::queue("sales", &["anna", "boris"], crate::dialplan::Strategy::Linear)];
    let mut bench = choice::door(Bench::new(charged(super::bench::plan(queues))));
    let one = choice::caller("1.1");
    choice::asks(&mut bench, &one, choice::ask(0));
    choice::given(&mut bench, &one, "anna");
    bench.passes(10 * SECOND);
    choice::asks(&mut bench, &one, choice::ask(0));
    choice::given(&mut bench, &one, "boris");
    choice::answered(&mut bench, &one, None);
    bench.passes(61 * SECOND);
    bench.hangs_up(&one);
    assert_eq!(bench.costs(), ["call"]);
}
