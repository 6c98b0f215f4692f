//! Callers who are called back.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, NODE, plan, queue, sound};
use crate::{
    dialplan::{
        Act, Asking, Callback, Choice, Menu, Pattern, Plan, Promise, Step, StepId, Strategy, Trunk, Unanswered,
        expr::{Expr, Fact as Asked},
        hours::{Hours, Override},
    },
    domain::{CallbackId, Cause, ChannelId, Digit, Digits},
    engine::{
        Command, Engine, Errand, Event, Fact, KeptCallback, Limits, Setup,
        notice::{CallbackFact, CallbackOver, OfferOutcome, OperatorState, Outcome},
    },
};

pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// The queue `sales` of these, whose callers are promised to be called with the key `#`, over one line.
pub(super) fn calling_back(operators: &[&str]) -> Plan {
    let callback = Callback {
        first: Default::default(),
        trunk: "provider".into(),
        to: Some("norway".into()),
        never: None,
        hours: None,
        expires: MINUTE * 240,
        attempts: 2,
        retry: MINUTE * 10,
        ring: Duration::from_secs(30),
        entry: StepId(8),
    };
    let mut sales = queue("sales", operators, Strategy::Linear);
    sales.exit.insert(Digit::new('#').expect("a key"), StepId(5));
    sales.callback = Some(callback);
    let mut plan = plan(vec![sales]);
    let promise = Promise {
        queue: "sales".into(),
        number: Expr::Fact(Asked::CallerNumber),
        promised: StepId(6),
        refused: StepId(7),
    };
    let asking = Asking {
        prompt: sound("is_it_you").into(),
        timeout: Duration::from_secs(5),
        inter_digit: Duration::from_secs(5),
        tries: 2,
        type_ahead: true,
        invalid: Default::default(),
        silent: Default::default(),
        otherwise: Unanswered { any: Some(StepId(3)), ..Unanswered::default() },
    };
    let options = vec![(Digits::new("1").expect("a key"), Choice::Go(StepId(9)))];
    let menu = Menu { asking, options, extensions: Default::default() };
    let step = |act, next: Option<u32>| Step { act, next: next.map(StepId) };
    plan.steps.extend([
        step(Act::Callback(Arc::new(promise)), None),
        step(Act::Play(sound("we_call").into()), Some(3)),
        step(Act::Play(sound("cannot").into()), Some(0)),
        step(Act::Menu(Arc::new(menu)), None),
        step(Act::Queue("sales".into()), None),
    ]);
    let pattern = Pattern { before: "PJSIP/".into(), after: "@provider".into(), plus: true };
    let trunk = Trunk {
        name: "provider".into(),
        dial: pattern,
        channels: Some(1),
        shows: crate::dialplan::ShownNumber::Caller,
        identity: [].into(),
        tariff: None,
    };
    plan.trunks.insert(trunk.name.clone(), trunk);
    let norway = crate::dialplan::lists::Entry::read("+47*", None).expect("a beginning");
    plan.lists.insert("norway".into(), [norway].into_iter().collect());
    plan
}

pub(super) fn bench() -> Bench {
    Bench::new(calling_back(&["anna"]))
}

/// Somebody waits while anna talks, and is promised to be called: who talks, on which leg.
pub(super) fn promised(bench: &mut Bench) -> (ChannelId, ChannelId) {
    let (talks, ringing) = bench.two_talk("anna");
    promised_to_one_more(bench);
    (talks, ringing.leg)
}

/// One more waits, and is promised to be called.
pub(super) fn promised_to_one_more(bench: &mut Bench) -> ChannelId {
    let caller = bench.caller_arrives(DIRECT);
    bench.presses(&caller, "#");
    let playback = bench.expect_play(&caller, "we_call");
    bench.hears_to_the_end(&caller, playback);
    bench.expect_hangup(&caller);
    bench.hangs_up(&caller);
    bench.asked.clear();
    caller
}

/// Anna has talked and wrapped up.
pub(super) fn is_free(bench: &mut Bench, talks: &ChannelId, leg: &ChannelId) {
    bench.passes(MINUTE);
    bench.ends(leg, Cause::q850(16));
    bench.hangs_up(talks);
    bench.asked.clear();
    bench.passes(Duration::from_secs(20));
}

#[track_caller]
pub(super) fn expect_call_out(bench: &mut Bench) -> ChannelId {
    let command = bench.take("to call somebody back", |command| matches!(command, Command::CallOut { .. }));
    let Command::CallOut { channel, endpoint, ring, .. } = command else { unreachable!() };
    assert_eq!((&*endpoint, ring), ("PJSIP/+4790000002@provider", Duration::from_secs(30)));
    channel
}

pub(super) fn answers(bench: &mut Bench, customer: &ChannelId) {
    bench.tell(Event::LegRinging { channel: customer.clone() });
    bench.tell(Event::LegEntered { channel: customer.clone(), answered: true });
}

/// He takes the call, and stands in the line.
pub(super) fn takes_it(bench: &mut Bench, customer: &ChannelId) {
    answers(bench, customer);
    let playback = bench.expect_play(customer, "is_it_you");
    bench.presses(customer, "1");
    bench.expect_stop(playback);
}

fn facts(bench: &Bench) -> Vec<CallbackFact> {
    let of = |fact: &Fact| if let Fact::Callback(fact) = fact { Some(fact.clone()) } else { None };
    bench.facts.iter().filter_map(of).collect()
}

pub(super) fn facts_over(bench: &Bench) -> Vec<CallbackOver> {
    let how = |fact: CallbackFact| if let CallbackFact::Over { how, .. } = fact { Some(how) } else { None };
    facts(bench).into_iter().filter_map(how).collect()
}

pub(super) fn missed(bench: &Bench) -> Vec<OfferOutcome> {
    let outcome =
        |fact: CallbackFact| if let CallbackFact::Missed { outcome, .. } = fact { Some(outcome) } else { None };
    facts(bench).into_iter().filter_map(outcome).collect()
}

/// What is kept for the next life.
pub(super) fn kept(bench: &Bench) -> BTreeMap<CallbackId, KeptCallback> {
    let mut kept = BTreeMap::new();
    for errand in &bench.errands {
        match errand {
            Errand::KeepCallback(id, Some(it)) => drop(kept.insert(*id, (**it).clone())),
            Errand::KeepCallback(id, None) => drop(kept.remove(id)),
            _ => {}
        }
    }
    kept
}

/// Another life of the engine, with what this one kept; nothing of it is asked for before the node is up.
pub(super) fn dies(bench: &mut Bench) {
    let kept = kept(bench);
    dies_with(bench, kept);
}

/// The same, with what was written by then.
pub(super) fn dies_with(bench: &mut Bench, kept: BTreeMap<CallbackId, KeptCallback>) {
    let plan = bench.engine.plan.clone();
    let setup = Setup { boot: 8, born: bench.now, seed: 1, limits: Limits::default(), public_url: None };
    bench.next_life(Engine::new(setup, plan).with_callbacks(kept));
    bench.asked.clear();
    bench.facts.clear();
}

pub(super) fn quiet_of_calls(bench: &Bench) {
    let calls = bench.asked.iter().filter(|command| matches!(command, Command::CallOut { .. })).count();
    assert_eq!(calls, 0, "somebody is called");
}

#[test]
fn who_was_promised_it_is_called_when_an_operator_is_free_and_talks_to_him() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    assert_eq!(kept(&bench).len(), 1);
    assert_eq!(bench.engine.view_callbacks().len(), 1);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    bench.assert_ready("anna");
    assert_eq!(bench.engine.on_trunk(&"provider".into()), 1, "the only line");
    takes_it(&mut bench, &customer);
    assert_eq!(facts_over(&bench), [CallbackOver::Reached]);
    assert!(kept(&bench).is_empty());
    let shown = bench.take("to ring anna", |command| matches!(command, Command::Originate { .. }));
    let Command::Originate { leg, shows, .. } = shown else { unreachable!() };
    let number = shows.and_then(|shows| shows.caller_id).map(|(number, _)| number);
    assert_eq!(number.as_deref(), Some("+4790000002"), "she sees who it is");
    bench.tell(Event::LegEntered { channel: leg.clone(), answered: true });
    bench.assert_operator("anna", OperatorState::Talking);
    bench.ends(&leg, Cause::q850(16));
    bench.expect_hangup(&customer);
    bench.hangs_up(&customer);
    assert_eq!(bench.outcomes().last(), Some(&Outcome::Served));
    assert_eq!(bench.engine.on_trunk(&"provider".into()), 0);
    let record = bench.records.last().expect("a record");
    assert!(record.callback.is_some() && record.operator == Some("anna".into()), "{record:?}");
    assert_eq!(record.caller.number.as_deref(), Some("+4790000002"));
    bench.assert_no_calls();
}

#[test]
fn who_calls_back_stands_before_those_who_came_after_him() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    bench.passes(Duration::from_secs(1));
    let later = bench.caller_arrives(DIRECT);
    bench.passes(MINUTE);
    bench.ends(&leg, Cause::q850(16));
    bench.hangs_up(&talks);
    bench.asked.clear();
    // She becomes free: the next who is there has her, and he who is before him is called meanwhile.
    bench.passes(Duration::from_secs(20));
    let customer = expect_call_out(&mut bench);
    assert_eq!(bench.ringing_for(&later), ["anna"], "no operator waits for somebody who is not there");
    let third = bench.caller_arrives(DIRECT);
    takes_it(&mut bench, &customer);
    assert_eq!(bench.waiting(), [customer, later, third]);
}

#[test]
fn a_number_that_may_not_be_called_is_refused_and_its_caller_waits_on_at_his_place() {
    let mut plan = calling_back(&["anna"]);
    plan.lists.insert("norway".into(), Default::default());
    let mut bench = Bench::new(plan);
    bench.two_talk("anna");
    let (first, second) = (bench.caller_arrives(DIRECT), bench.caller_arrives(DIRECT));
    bench.passes(Duration::from_secs(5));
    bench.presses(&first, "#");
    let playback = bench.expect_play(&first, "cannot");
    bench.hears_to_the_end(&first, playback);
    assert_eq!(bench.waiting(), [first, second]);
    assert!(matches!(facts(&bench)[..], [CallbackFact::Refused { .. }]));
    assert!(kept(&bench).is_empty());
}

#[test]
fn who_does_not_answer_is_called_once_more_and_then_given_up() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    bench.ends(&customer, Cause { q850: 17, sip: Some(486) });
    assert_eq!(missed(&bench), [OfferOutcome::Busy]);
    bench.passes(MINUTE * 9);
    quiet_of_calls(&bench);
    bench.passes(MINUTE * 2);
    let customer = expect_call_out(&mut bench);
    bench.passes(Duration::from_secs(33));
    bench.expect_hangup(&customer);
    bench.ends(&customer, Cause::default());
    assert_eq!(missed(&bench), [OfferOutcome::Busy, OfferOutcome::NoAnswer]);
    assert_eq!((facts_over(&bench), kept(&bench).len()), (vec![CallbackOver::GaveUp], 0));
    bench.passes(MINUTE * 60);
    quiet_of_calls(&bench);
    assert!(bench.outcomes().ends_with(&[Outcome::NotReached; 2]));
}

#[test]
fn a_voicemail_presses_no_key_and_reaches_no_operator() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    answers(&mut bench, &customer);
    for _ in 0..2 {
        let playback = bench.expect_play(&customer, "is_it_you");
        bench.hears_to_the_end(&customer, playback);
        bench.passes(Duration::from_secs(5));
    }
    bench.expect_hangup(&customer);
    bench.hangs_up(&customer);
    assert_eq!(missed(&bench), [OfferOutcome::Answered]);
    bench.assert_ready("anna");
    assert_eq!(kept(&bench).len(), 1, "he is called once more");
}

#[test]
fn who_hangs_up_in_the_line_was_called_and_leaves_as_any_caller() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    takes_it(&mut bench, &customer);
    let ringing = bench.expect_offer("anna", &customer);
    bench.hangs_up(&customer);
    bench.expect_hangup(&ringing.leg);
    bench.ends(&ringing.leg, Cause::default());
    bench.assert_ready("anna");
    assert_eq!((facts_over(&bench), kept(&bench).len()), (vec![CallbackOver::Reached], 0));
    bench.passes(MINUTE * 30);
    quiet_of_calls(&bench);
}

#[test]
fn both_end_at_once_and_nothing_is_left() {
    for operator_first in [true, false] {
        let mut bench = bench();
        let (talks, leg) = promised(&mut bench);
        is_free(&mut bench, &talks, &leg);
        let customer = expect_call_out(&mut bench);
        takes_it(&mut bench, &customer);
        let ringing = bench.expect_offer("anna", &customer);
        if operator_first {
            bench.declines(&ringing);
            bench.hangs_up(&customer);
        } else {
            bench.hangs_up(&customer);
            bench.declines(&ringing);
        }
        bench.ends(&customer, Cause::q850(16));
        bench.passes(MINUTE * 30);
        bench.assert_no_calls();
        bench.assert_ready("anna");
    }
}

#[test]
fn who_calls_himself_meanwhile_has_his_place_and_is_not_called() {
    let mut bench = bench();
    bench.two_talk("anna");
    let promised = promised_to_one_more(&mut bench);
    bench.passes(Duration::from_secs(1));
    let other = bench.caller_arrives(DIRECT);
    bench.passes(MINUTE);
    let number = "+4790000002";
    let caller = crate::domain::Caller::from_wire(number, "", "");
    let again = ChannelId::new(NODE, "again");
    assert_ne!(promised, again);
    bench.tell(Event::CallArrived { channel: again.clone(), enters: DIRECT.into(), caller, answered: false });
    assert_eq!(bench.waiting(), [again, other]);
    assert_eq!((facts_over(&bench), kept(&bench).len()), (vec![CallbackOver::CameBack], 0));
}

#[test]
fn who_calls_himself_while_he_is_rung_is_not_rung_any_longer() {
    let mut bench = bench();
    let (talks, leg) = promised(&mut bench);
    is_free(&mut bench, &talks, &leg);
    let customer = expect_call_out(&mut bench);
    let caller = crate::domain::Caller::from_wire("+4790000002", "", "");
    let again = ChannelId::new(NODE, "again");
    bench.tell(Event::CallArrived { channel: again.clone(), enters: DIRECT.into(), caller, answered: false });
    bench.expect_hangup(&customer);
    bench.expect_offer("anna", &again);
    bench.ends(&customer, Cause::q850(16));
    assert_eq!((facts_over(&bench), missed(&bench)), (vec![CallbackOver::CameBack], vec![]));
}

#[test]
fn asking_twice_keeps_the_better_place_and_is_one_promise() {
    let mut bench = bench();
    bench.two_talk("anna");
    promised_to_one_more(&mut bench);
    let first = bench.engine.view_callbacks();
    bench.passes(MINUTE);
    let caller = crate::domain::Caller::from_wire("+4790000002", "", "");
    let again = ChannelId::new(NODE, "again");
    bench.tell(Event::CallArrived { channel: again.clone(), enters: DIRECT.into(), caller, answered: false });
    bench.presses(&again, "#");
    let second = bench.engine.view_callbacks();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(second[0].entered, first[0].entered, "he came back to his place, and keeps it");
}

#[test]
fn one_that_is_cancelled_is_over_whatever_it_does() {
    let cancelled = |bench: &mut Bench| {
        let id = bench.engine.view_callbacks()[0].id;
        bench.tell(Event::CallbackCancelled { id });
        // A second time it is no news.
        bench.tell(Event::CallbackCancelled { id });
        assert_eq!((facts_over(bench), kept(bench).len()), (vec![CallbackOver::Cancelled], 0));
    };
    let mut waits = bench();
    let (talks, leg) = promised(&mut waits);
    cancelled(&mut waits);
    is_free(&mut waits, &talks, &leg);
    quiet_of_calls(&waits);

    let mut rings = bench();
    let (talks, leg) = promised(&mut rings);
    is_free(&mut rings, &talks, &leg);
    let customer = expect_call_out(&mut rings);
    cancelled(&mut rings);
    rings.expect_hangup(&customer);
    rings.ends(&customer, Cause::q850(16));
    rings.assert_no_calls();

    let mut answered = bench();
    let (talks, leg) = promised(&mut answered);
    is_free(&mut answered, &talks, &leg);
    let customer = expect_call_out(&mut answered);
    answers(&mut answered, &customer);
    cancelled(&mut answered);
    answered.presses(&customer, "1");
    answered.expect_offer("anna", &customer);
}

#[test]
fn a_promise_that_nobody_kept_expires() {
    let mut bench = bench();
    promised(&mut bench);
    bench.passes(MINUTE * 239);
    assert_eq!(facts_over(&bench), []);
    bench.passes(MINUTE * 2);
    assert_eq!((facts_over(&bench), kept(&bench).len()), (vec![CallbackOver::Expired], 0));
}

#[test]
fn nobody_is_called_while_the_plan_has_no_callback_or_its_hours_are_closed() {
    let with = calling_back(&["anna"]);
    let mut bench = Bench::new(with.clone());
    let (talks, leg) = promised(&mut bench);
    bench.tell(Event::PlanLoaded(Arc::new(plan(vec![queue("sales", &["anna"], Strategy::Linear)]))));
    is_free(&mut bench, &talks, &leg);
    quiet_of_calls(&bench);
    let mut closed = with.clone();
    closed.hours.insert("office".into(), Hours::always());
    if let Some(callback) = closed.queues.get_mut("sales").and_then(|queue| queue.callback.as_mut()) {
        callback.hours = Some("office".into());
    }
    let closes = Override::Stand { open: false, until: None };
    bench.tell(Event::PlanLoaded(Arc::new(closed)));
    let customer = expect_call_out(&mut bench);
    bench.ends(&customer, Cause { q850: 17, sip: Some(486) });
    bench.tell(Event::HoursOverridden { hours: "office".into(), how: closes });
    bench.passes(MINUTE * 20);
    quiet_of_calls(&bench);
    bench.tell(Event::HoursOverridden { hours: "office".into(), how: Override::Plan });
    expect_call_out(&mut bench);
}

#[test]
fn a_trunk_without_a_line_is_waited_for() {
    let mut bench = Bench::new(calling_back(&["anna", "boris"]));
    let (one, leg) = bench.two_talk("anna");
    let (two, other) = bench.two_talk("boris");
    let callers = [promised_to_one_more(&mut bench), promised_to_one_more(&mut bench)];
    assert_ne!(callers[0], callers[1]);
    bench.passes(MINUTE);
    for (talks, leg) in [(one, leg.leg), (two, other.leg)] {
        bench.ends(&leg, Cause::q850(16));
        bench.hangs_up(&talks);
    }
    bench.asked.clear();
    bench.passes(Duration::from_secs(20));
    let calls = |bench: &Bench| {
        let out = |command: &&Command| matches!(command, Command::CallOut { .. });
        bench.asked.iter().filter(out).cloned().collect::<Vec<_>>()
    };
    let [Command::CallOut { channel, .. }] = &calls(&bench)[..] else { panic!("one line, one call") };
    let channel = channel.clone();
    bench.ends(&channel, Cause { q850: 17, sip: Some(486) });
    assert_eq!(calls(&bench).len(), 2, "the line is free for the other one");
}
