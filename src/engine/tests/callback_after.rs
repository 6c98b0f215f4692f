//! Callers who are called back, when something goes wrong on the way: commands, nodes and engines that fail.

use super::{
    bench::{Bench, DIRECT, NODE, held},
    callback::{
        MINUTE, answers, bench, calling_back, dies, dies_with, expect_call_out, facts_over as over, is_free, kept,
        missed, promised, quiet_of_calls, takes_it,
    },
    other_node::ELSEWHERE,
};
use crate::{
    dialplan::{Act, Callback, Plan, PublicNumber, Required, Requires, Step, StepId},
    domain::{Cause, ChannelId, DeviceState, Name, Reason},
    engine::{Command, Event, Failure, Held, HeldChannel, Scope, notice::CallbackOver},
};
use std::{collections::BTreeMap, time::Duration};

#[test]
fn a_refused_request_is_an_attempt_and_a_doubtful_one_is_hung_up() {
    for failure in [Failure::Refused(500), Failure::NotSent, Failure::OutcomeUnknown] {
        let mut bench = bench();
        let (talks, leg) = promised(&mut bench);
        is_free(&mut bench, &talks, &leg);
        let command = bench.take("to call", |command| matches!(command, Command::CallOut { .. }));
        let Command::CallOut { channel, .. } = command.clone() else { unreachable!() };
        bench.fails(command, failure);
        if failure == Failure::OutcomeUnknown {
            bench.expect_hangup(&channel);
            bench.ends(&channel, Cause::q850(16));
        }
        bench.assert_no_calls();
        assert_eq!(missed(&bench).len(), 1, "{failure:?}");
        bench.passes(MINUTE * 11);
        expect_call_out(&mut bench);
    }
}

#[test]
fn what_happened_while_the_node_was_away_is_seen_when_it_is_back() {
    let begun = || {
        let mut bench = bench();
        let (talks, leg) = promised(&mut bench);
        is_free(&mut bench, &talks, &leg);
        let customer = expect_call_out(&mut bench);
        bench.node_down();
        bench.passes(Duration::from_secs(5));
        (bench, customer)
    };
    let (mut vanished, _) = begun();
    vanished.node_up(Held::default());
    assert_eq!(missed(&vanished).len(), 1);
    vanished.assert_no_calls();

    let (mut rings, customer) = begun();
    let found = |answered| HeldChannel { enters: None, ..held(&customer, answered) };
    rings.node_up(Held { channels: vec![found(false)], bridges: vec![] });
    takes_it(&mut rings, &customer);
    rings.expect_offer("anna", &customer);

    let (mut answered, customer) = begun();
    let found = HeldChannel { enters: None, ..held(&customer, true) };
    answered.node_up(Held { channels: vec![found], bridges: vec![] });
    answered.expect_play(&customer, "is_it_you");
}

#[test]
fn a_promise_outlives_the_engine_with_its_place() {
    let mut bench = bench();
    promised(&mut bench);
    let before = bench.engine.view_callbacks();
    dies(&mut bench);
    assert_eq!(bench.engine.view_callbacks()[0].entered, before[0].entered);
    bench.node_up(Held::default());
    quiet_of_calls(&bench);
    bench.passes(Duration::from_secs(20));
    let customer = expect_call_out(&mut bench);
    takes_it(&mut bench, &customer);
    bench.expect_offer("anna", &customer);
}

#[test]
fn an_attempt_in_which_the_engine_died_counts_and_is_hung_up_before_another() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    dies(&mut bench);
    let found = HeldChannel { enters: None, ..held(&customer, false) };
    bench.node_up(Held { channels: vec![found], bridges: vec![] });
    assert_eq!(bench.expect_hangup(&customer), Reason::Normal);
    assert_eq!(bench.engine.view_callbacks()[0].attempts, 1);
    // Should he answer before that has come to him, he is hung up all the same.
    answers(&mut bench, &customer);
    bench.ends(&customer, Cause::q850(16));
    bench.passes(MINUTE * 9);
    quiet_of_calls(&bench);
    bench.passes(MINUTE);
    let customer = expect_call_out(&mut bench);
    bench.ends(&customer, Cause { q850: 17, sip: Some(486) });
    assert_eq!(over(&bench), [CallbackOver::GaveUp]);
}

#[test]
fn one_who_stands_in_the_line_is_found_there_at_his_place() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    bench.passes(Duration::from_secs(1));
    let later = bench.caller_arrives(DIRECT);
    bench.passes(MINUTE);
    bench.ends(&leg, Cause::q850(16));
    bench.hangs_up(&talks);
    bench.passes(Duration::from_secs(20));
    let customer = expect_call_out(&mut bench);
    takes_it(&mut bench, &customer);
    let mark = |bench: &Bench, of: &ChannelId| {
        let marks = bench.asked.iter().rev().filter_map(|command| match command {
            Command::Mark { channel, mark } if channel == of => mark.state.clone(),
            _ => None,
        });
        marks.into_iter().next()
    };
    let (his, others) = (mark(&bench, &customer), mark(&bench, &later));
    assert!(his.is_some() && others.is_some());
    dies(&mut bench);
    let channels = vec![
        HeldChannel { enters: None, mark: his, ..held(&customer, true) },
        HeldChannel { mark: others, ..held(&later, true) },
    ];
    bench.node_up(Held { channels, bridges: vec![] });
    assert_eq!(bench.waiting(), [customer.clone(), later]);
    bench.expect_offer("anna", &customer);
    assert_eq!(bench.engine.on_trunk(&"provider".into()), 1, "his line is taken still");
    assert!(bench.engine.view_callbacks().is_empty());
    bench.hangs_up(&customer);
    assert_eq!(bench.records.last().map(|record| record.caller.number.clone()), Some(Some("+4790000002".into())));
}

#[test]
fn one_who_had_not_taken_the_call_when_the_engine_died_is_called_again() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    answers(&mut bench, &customer);
    let mark = bench.asked.iter().find_map(|command| match command {
        Command::Mark { channel, mark } if *channel == customer => mark.state.clone(),
        _ => None,
    });
    dies(&mut bench);
    let found = HeldChannel { enters: None, mark, ..held(&customer, true) };
    bench.node_up(Held { channels: vec![found], bridges: vec![] });
    bench.expect_hangup(&customer);
    bench.ends(&customer, Cause::q850(16));
    bench.passes(MINUTE * 11);
    expect_call_out(&mut bench);
}

#[test]
fn what_expired_while_nobody_was_there_is_told() {
    let mut bench = bench();
    promised(&mut bench);
    bench.now = bench.now + MINUTE * 300;
    dies(&mut bench);
    bench.node_up(Held::default());
    assert_eq!(over(&bench), [CallbackOver::Expired]);
    quiet_of_calls(&bench);
}

#[test]
fn nobody_is_called_for_one_who_is_not_free_or_by_an_engine_that_is_about_to_stop() {
    let mut drains = bench();
    let (talks, leg) = promised(&mut drains);
    drains.tell(Event::Draining);
    is_free(&mut drains, &talks, &leg);
    quiet_of_calls(&drains);
    let mut busy = bench();
    promised(&mut busy);
    busy.passes(MINUTE * 30);
    quiet_of_calls(&busy);
}

#[test]
fn numbers_at_the_company_s_cost_are_refused_in_the_plan_s_words() {
    use crate::dialplan::NotPromised;
    let mut plan = calling_back(&["anna"]);
    let norway = crate::domain::Country::new("NO");
    let numbers: Vec<_> = plan.numbers.values().cloned().collect();
    plan.numbers = crate::dialplan::Numbers::new(norway, numbers);
    let callback = plan.queues["sales"].callback.clone().expect("a callback");
    let plain = Callback { to: None, ..callback.clone() };
    let never = Callback { never: Some("norway".into()), ..plain.clone() };
    let may = |callback: &Callback, text: &str| callback.allows(text, &plan).map(|number| number.to_string());
    assert_eq!(may(&plain, "900 00 000"), Ok("+4790000000".into()));
    for (text, why) in [
        ("", NotPromised::NoNumber),
        ("101", NotPromised::NoNumber),
        ("+47 829 00 000", NotPromised::Costly),
        ("+46 8 123 456 78", NotPromised::NotAllowed),
        (DIRECT, NotPromised::Own),
    ] {
        assert_eq!(may(&plain, text), Err(why), "{text}");
    }
    assert_eq!(may(&never, "900 00 000"), Err(NotPromised::NotAllowed));
    assert_eq!(may(&callback, "+46 8 123 456 78"), Err(NotPromised::NotAllowed), "not in the list");
}

#[test]
fn he_is_called_where_the_operator_who_is_free_for_him_can_be_rung() {
    let mut bench = bench();
    bench.tell(Event::NodeUp { node: ELSEWHERE, scope: Scope::WholeCall, held: Held::default() });
    let (talks, leg) = promised(&mut bench);
    for (node, state) in [(ELSEWHERE, DeviceState::NotInUse), (NODE, DeviceState::Unavailable)] {
        bench.tell(Event::DeviceChanged { node, device: "PJSIP/anna".into(), state });
    }
    is_free(&mut bench, &talks, &leg);
    assert_eq!(expect_call_out(&mut bench).node, ELSEWHERE);
}

#[test]
fn he_is_not_called_over_the_last_line_to_the_operator() {
    let over_one_trunk = |channels| {
        let mut plan = calling_back(&["anna"]);
        plan.operators["anna"].trunk = Some("provider".into());
        plan.trunks["provider"].channels = Some(channels);
        Bench::new(plan)
    };
    let mut bench = over_one_trunk(1);
    let (talks, leg) = promised(&mut bench);
    let later = bench.caller_arrives(DIRECT);
    is_free(&mut bench, &talks, &leg);
    quiet_of_calls(&bench);
    bench.expect_offer("anna", &later);
    let mut bench = over_one_trunk(2);
    let (talks, leg) = promised(&mut bench);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    takes_it(&mut bench, &customer);
    bench.expect_offer("anna", &customer);
}

#[test]
fn one_who_took_the_call_and_left_the_line_is_no_more_lost_than_any_caller() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    takes_it(&mut bench, &customer);
    // He is in a step behind the line: of the line nothing is written any more.
    let mut state: serde_json::Value = serde_json::from_str(&last_mark(&bench, &customer)).expect("JSON");
    assert_eq!(state["called_back"]["open"], false);
    state.as_object_mut().expect("a state").remove("queue");
    dies(&mut bench);
    let mark = Some(state.to_string().into());
    bench
        .node_up(Held { channels: vec![HeldChannel { enters: None, mark, ..held(&customer, true) }], bridges: vec![] });
    assert!(!bench.asked.iter().any(|asked| matches!(asked, Command::HangUp { channel, .. } if *channel == customer)));
    assert_eq!(bench.engine.snapshot(bench.now).calls.len(), 1, "he begins again");
}

#[test]
fn one_who_took_the_call_is_not_called_again_when_the_engine_died_before_that_was_written() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    let written = kept(&bench);
    assert_eq!(written.len(), 1);
    takes_it(&mut bench, &customer);
    let mark = Some(last_mark(&bench, &customer));
    dies_with(&mut bench, written);
    bench
        .node_up(Held { channels: vec![HeldChannel { enters: None, mark, ..held(&customer, true) }], bridges: vec![] });
    assert_eq!(bench.waiting(), [customer]);
    assert!(bench.engine.view_callbacks().is_empty());
}

#[test]
fn one_whose_call_asks_for_a_skill_is_called_when_somebody_is_free_who_has_it() {
    let mut plan = calling_back(&["anna", "boris"]);
    let english = || -> BTreeMap<Name, u32> { [("english".into(), 3)].into() };
    plan.operators["anna"].skills = english();
    let asks = Requires { steps: vec![Required { after: Duration::ZERO, skills: english() }] };
    plan.steps.push(Step { act: Act::Require(asks.into()), next: Some(StepId(0)) });
    let entry = StepId(u32::try_from(plan.steps.len() - 1).expect("few"));
    plan.numbers = plan.numbers.values().cloned().map(|number| PublicNumber { entry, ..number }).collect();
    let mut bench = Bench::new(plan);
    let (talks, leg) = promised(&mut bench);
    quiet_of_calls(&bench);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    takes_it(&mut bench, &customer);
    bench.expect_offer("anna", &customer);
    assert_eq!(bench.ringing_for(&customer), ["anna"], "boris is free and knows no English");
}

#[test]
fn who_was_promised_it_keeps_his_age_where_places_are_not_kept() {
    let stands = || {
        let mut plan = calling_back(&["anna"]);
        plan.queues["sales"].keep_place = false;
        let mut bench = Bench::new(plan);
        let (talks, leg) = promised(&mut bench);
        bench.passes(Duration::from_secs(1));
        let later = bench.caller_arrives(DIRECT);
        is_free(&mut bench, &talks, &leg);
        let customer = expect_call_out(&mut bench);
        takes_it(&mut bench, &customer);
        assert_eq!(bench.waiting(), [customer.clone(), later.clone()]);
        (bench, customer, later)
    };
    let (mut dies_here, customer, later) = stands();
    let (his, others) = (Some(last_mark(&dies_here, &customer)), Some(last_mark(&dies_here, &later)));
    dies(&mut dies_here);
    let channels = vec![
        HeldChannel { enters: None, mark: his, ..held(&customer, true) },
        HeldChannel { mark: others, ..held(&later, true) },
    ];
    dies_here.node_up(Held { channels, bridges: vec![] });
    assert_eq!(dies_here.waiting(), [customer, later], "found at his place");

    let (mut fails, customer, later) = stands();
    let offer = fails.expect_offer("anna", &later);
    fails.declines(&offer);
    fails.asked.clear();
    fails.passes(Duration::from_secs(20));
    let leg = fails.take("to ring anna", |command| matches!(command, Command::Originate { .. }));
    let Command::Originate { leg, caller, .. } = leg else { unreachable!() };
    assert_eq!(caller, customer);
    fails.tell(Event::LegEntered { channel: leg.clone(), answered: true });
    let join = fails.take("to join them", |command| matches!(command, Command::Join { .. }));
    fails.fails(join, Failure::Refused(500));
    assert_eq!(fails.waiting(), [customer, later], "he has his old place again");
}

#[test]
fn he_is_shown_the_number_that_he_dialled_of_a_block() {
    let mut plan = calling_back(&["anna"]);
    let numbers: Vec<_> = plan.numbers.values().cloned().collect();
    let block = crate::domain::Called::read("+47 22 33 45 xx", None).expect("a block");
    let block = PublicNumber { number: block, ..numbers[0].clone() };
    plan.numbers = crate::dialplan::Numbers::new(None, numbers.into_iter().chain([block.clone()]));
    let own =
        crate::dialplan::Numbers::new(None, plan.numbers.values().filter(|it| it.number != block.number).cloned());
    for has_it in [true, false] {
        let mut bench = Bench::new(plan.clone());
        let (talks, leg) = bench.two_talk("anna");
        let caller = bench.caller_arrives("+4722334567");
        bench.presses(&caller, "#");
        let playback = bench.expect_play(&caller, "we_call");
        bench.hears_to_the_end(&caller, playback);
        bench.hangs_up(&caller);
        dies(&mut bench);
        if !has_it {
            bench.tell(Event::PlanLoaded(Plan { numbers: own.clone(), ..plan.clone() }.into()));
        }
        bench.node_up(Held::default());
        bench.passes(Duration::from_secs(20));
        let called = bench.take("to call", |command| matches!(command, Command::CallOut { .. }));
        let Command::CallOut { channel, shows, .. } = called else { unreachable!() };
        let number = shows.and_then(|shows| shows.caller_id).map(|(number, _)| number);
        assert_eq!(number.as_deref(), has_it.then_some("+4722334567"), "{talks:?} {leg:?}");
        takes_it(&mut bench, &channel);
        let mark = Some(last_mark(&bench, &channel));
        dies(&mut bench);
        let found = HeldChannel { enters: None, mark, ..held(&channel, true) };
        bench.node_up(Held { channels: vec![found], bridges: vec![] });
        let dialled = bench.engine.snapshot(bench.now).calls[0].dialled.clone();
        assert_eq!(dialled.as_deref(), has_it.then_some("+4722334567"), "known to whoever finds the call");
    }
}

/// What is written on a channel last.
fn last_mark(bench: &Bench, of: &ChannelId) -> std::sync::Arc<str> {
    let mut marks = bench.asked.iter().rev().filter_map(|command| match command {
        Command::Mark { channel, mark } if channel == of => mark.state.clone(),
        _ => None,
    });
    marks.next().expect("something is written")
}
