//! Callers who are called back by an operator who is rung first.

use std::{collections::BTreeMap, time::Duration};

use super::{
    bench::{Bench, DIRECT, held},
    callback::{
        MINUTE, calling_back, dies, expect_call_out, facts_over as over, is_free, kept, missed, promised,
        quiet_of_calls,
    },
};
use crate::{
    dialplan::{First, Plan, Strategy, Trunk, hours::Override, parse},
    domain::{CallbackId, Cause, ChannelId},
    engine::{
        Command, Event, Failure, Held, HeldChannel, KeptCallback,
        notice::{CallbackOver, OfferOutcome, OperatorState, Outcome},
    },
};

/// Whoever is called back is called by an operator.
pub(super) fn operator_first(plan: &mut Plan) {
    for callback in plan.queues.values_mut().filter_map(|queue| queue.callback.as_mut()) {
        callback.first = First::Operator;
    }
}

fn plan_of(operators: &[&str]) -> Plan {
    let mut plan = calling_back(operators);
    operator_first(&mut plan);
    plan
}

#[track_caller]
fn expect_rung(bench: &mut Bench, operator: &str) -> ChannelId {
    let wanted = format!("PJSIP/{operator}");
    let is_it = |command: &Command| matches!(command, Command::CallOut { endpoint, .. } if **endpoint == *wanted);
    let Command::CallOut { channel, .. } = bench.take("to ring the operator", is_it) else { unreachable!() };
    channel
}

fn answers(bench: &mut Bench, channel: &ChannelId) {
    bench.tell(Event::LegRinging { channel: channel.clone() });
    bench.tell(Event::LegEntered { channel: channel.clone(), answered: true });
}

/// Anna is rung for one who was promised it.
fn rings() -> (Bench, ChannelId) {
    let mut bench = Bench::new(plan_of(&["anna"]));
    let (talks, leg) = promised(&mut bench);
    is_free(&mut bench, &talks, &leg);
    let leg = expect_rung(&mut bench, "anna");
    (bench, leg)
}

/// She has taken it, and his telephone rings.
fn called() -> (Bench, ChannelId, ChannelId) {
    let (mut bench, leg) = rings();
    answers(&mut bench, &leg);
    let customer = expect_call_out(&mut bench);
    let hears = bench.take("a tone", |command| matches!(command, Command::Ring { .. }));
    assert_eq!(hears, Command::Ring { channel: leg.clone() });
    (bench, leg, customer)
}

#[test]
fn the_operator_takes_it_hears_the_customer_s_telephone_and_talks_to_him() {
    let (mut bench, leg) = rings();
    bench.assert_operator("anna", OperatorState::Ringing);
    quiet_of_calls(&bench);
    assert_eq!(bench.engine.on_trunk(&"provider".into()), 1, "his line is kept");
    assert_eq!(bench.engine.view_callbacks()[0].attempts, 0);
    answers(&mut bench, &leg);
    let customer = expect_call_out(&mut bench);
    bench.take("a tone", |command| matches!(command, Command::Ring { .. }));
    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(kept(&bench).values().next().map(|kept| kept.attempts), Some(1));
    answers(&mut bench, &customer);
    bench.take("silence", |command| matches!(command, Command::Hush { channel, .. } if *channel == leg));
    bench.expect_join(&leg);
    assert_eq!((over(&bench), missed(&bench), kept(&bench).len()), (vec![CallbackOver::Reached], vec![], 0));
    assert_eq!(bench.offers().last(), Some(&("anna".to_owned(), OfferOutcome::Answered)));
    bench.passes(MINUTE);
    bench.ends(&leg, Cause::q850(16));
    bench.expect_hangup(&customer);
    bench.hangs_up(&customer);
    bench.assert_operator("anna", OperatorState::WrappingUp);
    assert_eq!(bench.outcomes().last(), Some(&Outcome::Served));
    let record = bench.records.last().expect("a record");
    assert_eq!((record.operator.as_deref(), record.talks.len(), record.offers.len()), (Some("anna"), 1, 1));
    assert!(record.callback.is_some() && record.talked == MINUTE, "{record:?}");
    bench.assert_no_calls();
}

#[test]
fn one_who_may_talk_with_two_has_a_callback_once() {
    let (mut bench, leg) = rings();
    let mut plan = plan_of(&["anna"]);
    plan.operators["anna"].capacity = 2;
    bench.tell(Event::PlanLoaded(plan.into()));
    answers(&mut bench, &leg);
    let customer = expect_call_out(&mut bench);
    let calls = |bench: &Bench| bench.engine.snapshot(bench.now).operators[0].calls.len();
    assert_eq!(calls(&bench), 1);
    answers(&mut bench, &customer);
    assert_eq!(calls(&bench), 1);
    bench.ends(&leg, Cause::q850(16));
    bench.assert_operator("anna", OperatorState::WrappingUp);
}

#[test]
fn a_customer_who_does_not_answer_frees_the_operator_at_once_and_that_was_an_attempt() {
    let (mut bench, leg, customer) = called();
    bench.ends(&customer, Cause { q850: 17, sip: Some(486) });
    bench.expect_hangup(&leg);
    bench.ends(&leg, Cause::q850(16));
    bench.assert_ready("anna");
    assert_eq!((missed(&bench), kept(&bench).len()), (vec![OfferOutcome::Busy], 1));
    bench.assert_no_calls();
    bench.passes(MINUTE * 9);
    quiet_of_calls(&bench);
    bench.passes(MINUTE);
    let leg = expect_rung(&mut bench, "anna");
    answers(&mut bench, &leg);
    let customer = expect_call_out(&mut bench);
    // Asterisk says nothing of its end.
    bench.passes(Duration::from_secs(33));
    bench.expect_hangup(&customer);
    bench.expect_hangup(&leg);
    bench.ends(&leg, Cause::q850(16));
    bench.ends(&customer, Cause::default());
    bench.assert_ready("anna");
    assert_eq!((over(&bench), kept(&bench).len()), (vec![CallbackOver::GaveUp], 0));
}

#[test]
fn an_operator_who_does_not_take_it_leaves_the_promise_to_the_next() {
    let mut plan = plan_of(&["anna", "boris"]);
    plan.queues["sales"].wrap_up = Duration::ZERO;
    let mut bench = Bench::new(plan);
    let (one, first) = bench.two_talk("anna");
    let (two, second) = bench.two_talk("boris");
    super::callback::promised_to_one_more(&mut bench);
    bench.passes(MINUTE);
    bench.ends(&second.leg, Cause::q850(16));
    bench.hangs_up(&two);
    let leg = expect_rung(&mut bench, "boris");
    bench.ends(&leg, Cause { q850: 21, sip: Some(603) });
    bench.assert_operator("boris", OperatorState::BackingOff);
    assert_eq!((missed(&bench).len(), bench.engine.view_callbacks()[0].attempts), (0, 0), "nobody called him");
    bench.ends(&first.leg, Cause::q850(16));
    bench.hangs_up(&one);
    let leg = expect_rung(&mut bench, "anna");
    bench.tell(Event::LegRinging { channel: leg.clone() });
    bench.passes(Duration::from_secs(18));
    bench.expect_hangup(&leg);
    expect_rung(&mut bench, "boris");
    assert_eq!(bench.engine.view_callbacks()[0].attempts, 0);
}

#[test]
fn nobody_is_rung_for_it_again_while_another_was_not() {
    let mut plan = plan_of(&["anna", "boris", "clara"]);
    let sales = &mut plan.queues["sales"];
    (sales.wrap_up, sales.strategy) = (Duration::ZERO, Strategy::TopDown);
    let mut bench = Bench::new(plan);
    let talks = ["anna", "boris", "clara"].map(|operator| bench.two_talk(operator));
    super::callback::promised_to_one_more(&mut bench);
    bench.passes(MINUTE);
    for (talks, leg) in &talks {
        bench.ends(&leg.leg, Cause::q850(16));
        bench.hangs_up(talks);
    }
    for operator in ["anna", "boris"] {
        let leg = expect_rung(&mut bench, operator);
        bench.tell(Event::LegRinging { channel: leg.clone() });
        bench.passes(Duration::from_secs(18));
        bench.expect_hangup(&leg);
        bench.ends(&leg, Cause::q850(16));
    }
    expect_rung(&mut bench, "clara");
}

#[test]
fn one_promised_before_a_caller_came_has_the_operator_behind_a_trunk_first() {
    let mut plan = plan_of(&["anna", "boris"]);
    plan.queues["sales"].wrap_up = Duration::ZERO;
    plan.trunks.insert("mobile".into(), Trunk { channels: Some(1), ..plan.trunks["provider"].clone() });
    for operator in ["anna", "boris"] {
        plan.operators[operator].trunk = Some("mobile".into());
    }
    let mut bench = Bench::new(plan);
    let (talks, leg) = bench.two_talk("anna");
    super::callback::promised_to_one_more(&mut bench);
    bench.passes(MINUTE);
    let later = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    bench.ends(&leg.leg, Cause::q850(16));
    bench.hangs_up(&talks);
    assert_eq!(bench.ringing_for(&later), Vec::<String>::new(), "he came later");
    bench.take("to ring one of them", |command| matches!(command, Command::CallOut { .. }));
}

#[test]
fn two_who_are_promised_it_have_the_two_who_are_free_whoever_is_rung_for_whom() {
    let hours = "exchange: bench\ntimezone: UTC\nnumbers: {101: {flow: a}}\nhours: {office: {open: [Mo-Fr 08:00-16:00]}}\n\
                 flows: {a: [{hours: {of: office, closed: {hangup: busy}}}]}\n";
    let Ok(checked) = parse("plan.yaml", hours.as_bytes()) else { panic!("the hours are right") };
    let mut plan = plan_of(&["anna", "boris"]);
    plan.hours = checked.plan.hours;
    let sales = &mut plan.queues["sales"];
    (sales.wrap_up, sales.strategy) = (Duration::ZERO, Strategy::LeastRecent);
    sales.callback.as_mut().expect("it calls back").hours = Some("office".into());
    plan.trunks["provider"].channels = None;
    let mut bench = Bench::new(plan);
    let office = |open| Event::HoursOverridden { hours: "office".into(), how: Override::Stand { open, until: None } };
    bench.tell(office(false));
    let talks = ["anna", "boris"].map(|operator| bench.two_talk(operator));
    super::callback::promised_to_one_more(&mut bench);
    super::callback::promised_to_one_more(&mut bench);
    for (talks, leg) in talks.iter().rev() {
        bench.passes(MINUTE);
        bench.ends(&leg.leg, Cause::q850(16));
        bench.hangs_up(talks);
    }
    quiet_of_calls(&bench);
    bench.tell(office(true));
    expect_rung(&mut bench, "boris");
    expect_rung(&mut bench, "anna");
}

#[test]
fn an_operator_who_hangs_up_while_it_rings_ends_the_attempt_and_none_is_counted() {
    let (mut bench, leg, customer) = called();
    bench.ends(&leg, Cause::q850(16));
    bench.expect_hangup(&customer);
    assert_eq!(kept(&bench).values().next().map(|kept| kept.attempts), Some(0));
    // He answers in that moment: nobody is there, and he is hung up all the same.
    answers(&mut bench, &customer);
    bench.ends(&customer, Cause::q850(16));
    bench.assert_no_calls();
    assert_eq!((missed(&bench), over(&bench)), (vec![], vec![]));
    bench.asked.clear();
    bench.passes(MINUTE * 9);
    quiet_of_calls(&bench);
    bench.passes(MINUTE * 2);
    expect_rung(&mut bench, "anna");
}

#[test]
fn one_that_is_cancelled_rings_nobody_any_longer() {
    let cancel = |bench: &mut Bench| {
        let id = bench.engine.view_callbacks()[0].id;
        bench.tell(Event::CallbackCancelled { id });
        assert_eq!((over(bench), kept(bench).len()), (vec![CallbackOver::Cancelled], 0));
    };
    let (mut rung, leg) = rings();
    cancel(&mut rung);
    rung.expect_hangup(&leg);
    rung.ends(&leg, Cause::default());
    rung.assert_ready("anna");
    rung.assert_no_calls();
    let (mut rings, leg, customer) = called();
    cancel(&mut rings);
    rings.expect_hangup(&customer);
    rings.expect_hangup(&leg);
    rings.ends(&leg, Cause::q850(16));
    rings.ends(&customer, Cause::q850(16));
    rings.assert_ready("anna");
    rings.assert_no_calls();
}

#[test]
fn what_the_next_life_finds_is_hung_up_and_only_a_customer_who_was_called_has_had_an_attempt() {
    let (mut rung, leg) = rings();
    dies(&mut rung);
    rung.node_up(Held { channels: vec![held(&leg, false)], bridges: vec![] });
    rung.expect_hangup(&leg);
    quiet_of_calls(&rung);
    rung.ends(&leg, Cause::default());
    assert_eq!(rung.engine.view_callbacks()[0].attempts, 0);
    expect_rung(&mut rung, "anna");

    let (mut rings, leg, customer) = called();
    dies(&mut rings);
    let channels = vec![held(&leg, true), HeldChannel { enters: None, ..held(&customer, false) }];
    rings.node_up(Held { channels, bridges: vec![] });
    rings.expect_hangup(&leg);
    rings.expect_hangup(&customer);
    assert_eq!(rings.engine.view_callbacks()[0].attempts, 1);
    rings.ends(&leg, Cause::default());
    rings.ends(&customer, Cause::default());
    rings.passes(MINUTE * 9);
    quiet_of_calls(&rings);
}

/// The engine dies when they talk; what was written of the promise then, and how the customer's channel is found.
fn dies_while_they_talk() -> (Bench, BTreeMap<CallbackId, KeptCallback>, HeldChannel, ChannelId) {
    let (mut talks, leg, customer) = called();
    let written = kept(&talks);
    answers(&mut talks, &customer);
    let mark = talks.asked.iter().rev().find_map(|command| match command {
        Command::Mark { channel, mark } if *channel == customer => mark.state.clone(),
        _ => None,
    });
    talks.expect_join(&leg);
    let found = HeldChannel { enters: None, mark, ..held(&customer, true) };
    (talks, written, found, leg)
}

#[test]
fn one_who_talks_was_reached_though_that_was_not_written() {
    let (mut talks, written, customer, leg) = dies_while_they_talk();
    let together = talks.talk(&leg, &[&customer.channel, &leg]);
    super::callback::dies_with(&mut talks, written);
    talks.node_up(Held { channels: vec![held(&leg, true), customer], bridges: vec![together] });
    talks.assert_operator("anna", OperatorState::Talking);
    assert!(talks.engine.view_callbacks().is_empty());
}

#[test]
fn one_whose_operator_left_while_nobody_looked_was_reached_too() {
    let (mut talks, written, customer, _) = dies_while_they_talk();
    super::callback::dies_with(&mut talks, written);
    talks.node_up(Held { channels: vec![customer], bridges: vec![] });
    assert!(talks.engine.view_callbacks().is_empty());
}

#[test]
fn what_was_promised_to_his_number_since_is_kept() {
    let (mut talks, mut written, customer, leg) = dies_while_they_talk();
    let together = talks.talk(&leg, &[&customer.channel, &leg]);
    written.values_mut().for_each(|kept| kept.promised = kept.promised + MINUTE * 10);
    super::callback::dies_with(&mut talks, written);
    talks.node_up(Held { channels: vec![held(&leg, true), customer], bridges: vec![together] });
    assert_eq!(talks.engine.view_callbacks().len(), 1, "somebody else waits to be called there");
}

#[test]
fn what_happened_while_the_node_was_away_is_seen_when_it_is_back() {
    let away = |bench: &mut Bench| {
        bench.node_down();
        bench.passes(Duration::from_secs(5));
    };
    let (mut gone, _) = rings();
    away(&mut gone);
    gone.node_up(Held::default());
    expect_rung(&mut gone, "anna");

    let (mut taken, leg) = rings();
    away(&mut taken);
    taken.node_up(Held { channels: vec![held(&leg, true)], bridges: vec![] });
    expect_call_out(&mut taken);

    let (mut left, _, customer) = called();
    away(&mut left);
    left.node_up(Held { channels: vec![HeldChannel { enters: None, ..held(&customer, false) }], bridges: vec![] });
    left.expect_hangup(&customer);

    let (mut vanished, leg, _) = called();
    away(&mut vanished);
    vanished.node_up(Held { channels: vec![held(&leg, true)], bridges: vec![] });
    vanished.expect_hangup(&leg);
    assert_eq!(missed(&vanished).len(), 1);

    let (mut answered, leg, customer) = called();
    away(&mut answered);
    let channels = vec![held(&leg, true), HeldChannel { enters: None, ..held(&customer, true) }];
    answered.node_up(Held { channels, bridges: vec![] });
    answered.expect_join(&leg);
}

#[test]
fn a_request_that_comes_to_nothing_is_one_of_whom_it_was_to_ring() {
    for failure in [Failure::Refused(500), Failure::NotSent, Failure::OutcomeUnknown] {
        let mut bench = Bench::new(plan_of(&["anna"]));
        let (talks, leg) = promised(&mut bench);
        is_free(&mut bench, &talks, &leg);
        let rung = bench.take("to ring anna", |command| matches!(command, Command::CallOut { .. }));
        let Command::CallOut { channel, .. } = &rung else { unreachable!() };
        let channel = channel.clone();
        bench.fails(rung, failure);
        assert_eq!((bench.engine.view_callbacks()[0].attempts, missed(&bench).len()), (0, 0), "{failure:?}");
        if failure == Failure::OutcomeUnknown {
            // Perhaps it rings.
            bench.expect_hangup(&channel);
        } else {
            bench.assert_no_calls();
            bench.passes(MINUTE);
            expect_rung(&mut bench, "anna");
        }
    }
}

#[test]
fn a_plan_that_calls_nobody_back_frees_the_operator_who_takes_it() {
    let (mut bench, leg) = rings();
    let mut plan = plan_of(&["anna"]);
    plan.queues["sales"].callback = None;
    bench.tell(Event::PlanLoaded(plan.into()));
    answers(&mut bench, &leg);
    bench.expect_hangup(&leg);
    quiet_of_calls(&bench);
    bench.ends(&leg, Cause::q850(16));
    bench.assert_ready("anna");
    assert_eq!(kept(&bench).len(), 1);
}

#[test]
fn he_has_the_operator_before_those_who_came_after_him_and_after_those_who_came_before() {
    let mut bench = Bench::new(plan_of(&["anna"]));
    let (talks, leg) = bench.two_talk("anna");
    let before = bench.caller_arrives(DIRECT);
    bench.passes(Duration::from_secs(1));
    super::callback::promised_to_one_more(&mut bench);
    bench.passes(Duration::from_secs(1));
    let later = bench.caller_arrives(DIRECT);
    is_free(&mut bench, &talks, &leg.leg);
    let ringing = bench.ringing_for(&before);
    assert_eq!((ringing.as_slice(), bench.ringing_for(&later).len()), (&["anna".to_owned()][..], 0));
    bench.hangs_up(&before);
    bench.asked.clear();
    let legs: Vec<ChannelId> = bench.engine.legs.values().map(|leg| leg.channel.clone()).collect();
    for leg in legs {
        bench.ends(&leg, Cause::default());
    }
    let is_anna =
        |command: &Command| matches!(command, Command::CallOut { endpoint, .. } if &**endpoint == "PJSIP/anna");
    bench.take("to ring anna for him who is not there", is_anna);
    assert!(bench.ringing_for(&later).is_empty());
}

#[test]
fn an_operator_who_accepts_by_a_key_hears_that_it_is_a_callback_and_the_customer_is_called_when_he_presses_it() {
    let mut plan = plan_of(&["anna"]);
    super::accept::by_key(&mut plan, &["anna"]);
    let mut bench = Bench::new(plan_of(&["anna"]));
    let (talks, leg) = promised(&mut bench);
    bench.tell(Event::PlanLoaded(plan.into()));
    is_free(&mut bench, &talks, &leg);
    let leg = expect_rung(&mut bench, "anna");
    answers(&mut bench, &leg);
    quiet_of_calls(&bench);
    let heard = bench.take("what it is about", |command| matches!(command, Command::Play { .. }));
    assert!(format!("{heard:?}").contains("calls_back"), "{heard:?}");
    bench.presses(&leg, "1");
    let called = bench.take("to call him", |command| matches!(command, Command::CallOut { .. }));
    assert!(matches!(called, Command::CallOut { endpoint, .. } if endpoint.contains("@provider")));
}
