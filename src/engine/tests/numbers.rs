//! Who is let in.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, MENU, patience, plan, queue};
use crate::{
    dialplan::{Numbers, PublicNumber, StepId, Strategy},
    domain::{Called, Caller, Cause, ChannelId, Country, Name, Reason, Time},
    engine::{
        Command, Engine, Event, Fact, Limits, Setup, Turned,
        notice::{Outcome, Refusal},
    },
};

fn one_queue() -> crate::dialplan::Plan {
    plan(vec![queue("sales", &["anna"], Strategy::Linear)])
}

fn refusals(bench: &Bench) -> Vec<Refusal> {
    let refusal = |fact: &Fact| match fact {
        Fact::Refused { why, .. } => Some(*why),
        _ => None,
    };
    bench.facts.iter().filter_map(refusal).collect()
}

#[test]
fn the_call_past_the_last_channel_is_told_busy_without_being_answered() {
    let mut bench = Bench::new(one_queue());
    let first = bench.caller_arrives(MENU);
    bench.caller_arrives(MENU);
    bench.caller_arrives(MENU);
    bench.asked.clear();

    let fourth = bench.caller_arrives(MENU);

    assert_eq!(bench.expect_hangup(&fourth), Reason::Busy);
    bench.assert_quiet();
    assert_eq!(refusals(&bench), [Refusal::Full]);

    bench.hangs_up(&first);
    let fifth = bench.caller_arrives(MENU);
    bench.expect_answer(&fifth);
}

#[test]
fn a_number_is_known_however_the_trunk_writes_it() {
    for dialled in ["+4722334455", "4722334455", "004722334455", "47 22 33 44 55"] {
        let mut bench = Bench::new(one_queue());
        let caller = bench.caller_arrives(dialled);
        bench.expect_answer(&caller);
    }
}

#[test]
fn a_number_that_no_plan_has_goes_to_the_fallback_and_is_told() {
    for dialled in ["+4799999999", "", "s", "anna", "'; DROP"] {
        let mut bench = Bench::new(one_queue());
        let caller = bench.caller_arrives(dialled);
        bench.expect_continue(&caller);
        bench.assert_quiet();
        assert_eq!(refusals(&bench), [Refusal::UnknownNumber], "{dialled}");
    }
}

#[test]
fn past_the_node_s_limit_a_call_goes_to_the_fallback_at_once() {
    let limits = Limits { calls: 2, ..Limits::default() };
    let mut bench = Bench::with_limits(one_queue(), limits);
    bench.caller_arrives(DIRECT);
    bench.caller_arrives(DIRECT);
    bench.asked.clear();
    let third = bench.caller_arrives(DIRECT);
    bench.expect_continue(&third);
    bench.assert_quiet();
    assert_eq!(refusals(&bench), [Refusal::Overload]);
}

#[test]
fn too_many_new_calls_in_a_second_are_refused_as_the_settings_say() {
    let overload = Turned::HungUp(Reason::Congestion);
    let limits = Limits { new_calls_per_second: 2, overload, ..Limits::default() };
    let mut bench = Bench::with_limits(one_queue(), limits);
    bench.caller_arrives(DIRECT);
    bench.passes(Duration::from_millis(500));
    bench.caller_arrives(DIRECT);
    bench.asked.clear();
    let third = bench.caller_arrives(DIRECT);
    assert_eq!(bench.expect_hangup(&third), Reason::Congestion);

    bench.passes(Duration::from_millis(500));
    let fourth = bench.caller_arrives(DIRECT);
    bench.expect_answer(&fourth);
}

#[test]
fn an_engine_about_to_stop_takes_no_new_call_and_keeps_those_it_has() {
    let mut bench = Bench::new(one_queue());
    let (caller, anna) = bench.two_talk("anna");
    bench.tell(Event::Draining);
    let late = bench.caller_arrives(DIRECT);
    bench.expect_continue(&late);
    bench.assert_quiet();
    assert!(bench.engine.snapshot(bench.now).draining);
    bench.hangs_up(&caller);
    bench.expect_hangup(&anna.leg);
}

#[test]
fn an_operator_is_ready_since_the_engine_began() {
    let setup = Setup { boot: 1, born: Time::from_secs(1_000), seed: 1, limits: Limits::default(), public_url: None };
    let engine = Engine::new(setup, Arc::new(one_queue()));
    let shown = engine.snapshot(Time::from_secs(1_060)).operators;
    assert!(matches!(&*shown, [anna] if (anna.for_seconds - 60.0).abs() < 0.1), "{shown:?}");
}

#[test]
fn an_engine_that_stops_leaves_no_bridge_behind() {
    let mut bench = Bench::new(one_queue());
    let (caller, anna) = bench.two_talk("anna");
    bench.tell(Event::Draining);
    bench.hangs_up(&caller);
    assert!(!bench.engine.is_at_rest(), "a phone is off the hook still");
    bench.ends(&anna.leg, Cause::q850(16));
    assert!(bench.engine.is_at_rest());
    bench.asked.clear();
    bench.engine.farewell();
    let dropped: Vec<String> = std::iter::from_fn(|| bench.engine.poll_command())
        .map(|command| match command {
            Command::DropBridge { bridge } => bridge.id.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(matches!(&*dropped, [talk, waiting] if talk.contains("-t") && waiting == "sentral-w-sales"), "{dropped:?}");
}

#[test]
fn the_same_arrival_told_twice_is_one_call() {
    let mut bench = Bench::new(one_queue());
    let caller = bench.caller_arrives(DIRECT);
    bench.asked.clear();
    bench.tell(Event::CallArrived {
        channel: caller,
        enters: DIRECT.into(),
        caller: crate::domain::Caller::default(),
        answered: false,
    });
    bench.assert_quiet();
    assert_eq!(bench.engine.calls.len(), 1);
}

#[test]
fn a_call_that_the_dialplan_answered_is_not_answered_again() {
    let mut bench = Bench::new(one_queue());
    let channel = crate::domain::ChannelId::new(super::bench::NODE, "up");
    bench.tell(Event::CallArrived {
        channel: channel.clone(),
        enters: DIRECT.into(),
        caller: crate::domain::Caller::default(),
        answered: true,
    });
    assert!(!bench.asked.iter().any(|command| command.name() == "answer"));
    bench.expect_offer("anna", &channel);
}

#[test]
fn a_plan_that_lets_a_caller_wait_again_and_again_does_not_run_in_circles() {
    let mut queue = patience(queue("sales", &["anna"], Strategy::Linear), Duration::from_secs(1));
    // Back to where he came from.
    queue.max_wait = queue.max_wait.map(|limit| crate::dialplan::MaxWait { go: crate::dialplan::StepId(0), ..limit });
    let mut bench = Bench::new(plan(vec![queue]));
    bench.two_talk("anna");
    bench.caller_arrives(DIRECT);
    for _ in 0..300 {
        bench.passes(Duration::from_secs(1));
    }
    assert_eq!(bench.engine.calls.len(), 2);
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::RanInCircles)));
}

#[test]
fn a_plan_that_runs_in_circles_ends_the_call() {
    let mut plan = one_queue();
    plan.steps[4].next = Some(crate::dialplan::StepId(4));
    plan.steps[0].act = crate::dialplan::Act::Go(crate::dialplan::StepId(4));
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_armed(&caller);
    for _ in 0..200 {
        let Some(playback) = bench.asked.iter().find_map(|command| match command {
            crate::engine::Command::Play { playback, .. } => Some(*playback),
            _ => None,
        }) else {
            break;
        };
        bench.asked.clear();
        bench.tell(Event::PlaybackFinished { playback, channel: caller.clone(), whole: false });
        bench.passes(Duration::from_millis(100));
    }
    bench.expect_hangup(&caller);
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::RanInCircles)));
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::EndedByPlan]);
}

#[test]
fn a_plan_that_hangs_up_first_refuses_the_call_unanswered() {
    let mut plan = one_queue();
    plan.steps[0].act = crate::dialplan::Act::HangUp(Reason::Busy);
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(DIRECT);
    assert_eq!(bench.expect_hangup(&caller), Reason::Busy);
    bench.assert_quiet();
    assert_eq!(bench.engine.snapshot(bench.now).numbers[0].calls, 1, "{:?}", Name::new(DIRECT));
}

#[test]
fn redials_of_a_full_number_take_nothing_from_the_callers_of_another() {
    let limits = Limits { new_calls_per_second: 5, ..Limits::default() };
    let mut bench = Bench::with_limits(one_queue(), limits);
    for _ in 0..20 {
        bench.caller_arrives(MENU);
    }
    bench.asked.clear();
    let other = bench.caller_arrives(DIRECT);
    bench.expect_answer(&other);
}

#[test]
fn a_call_to_a_block_is_told_under_the_block_and_its_number_is_shown() {
    let mut plan = one_queue();
    let block = |text| Called::read(text, Country::new("NO")).expect("a block");
    plan.numbers = Numbers::new(
        Country::new("NO"),
        [
            PublicNumber { channels: Some(2), ..PublicNumber::new(block("22 33 44 xx"), StepId(0)) },
            PublicNumber::new(block("*"), StepId(1)),
        ],
    );
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives("22334417");
    bench.expect_answer(&caller);
    bench.caller_arrives("sip:+4722334418;npdi@trunk");
    let other = bench.caller_arrives("0046 8 123 456 78");
    bench.expect_play(&other, "greeting");
    let nobody = bench.caller_arrives("anna");
    bench.expect_play(&nobody, "greeting");
    let full = bench.caller_arrives("+4722334419");
    assert_eq!(bench.expect_hangup(&full), Reason::Busy);

    let calls = bench.engine.snapshot(bench.now).calls;
    let shown: Vec<_> = calls.iter().map(|call| (call.number.as_deref(), call.dialled.as_deref())).collect();
    let block = Some("+47223344xx");
    let all = [
        (block, Some("+4722334417")),
        (block, Some("+4722334418")),
        (Some("*"), Some("+46812345678")),
        (Some("*"), None),
    ];
    assert_eq!(shown, all);
    let told = bench.facts.iter().filter_map(|fact| match fact {
        Fact::Arrived { number, .. } => Some(number.to_string()),
        Fact::Refused { number, .. } => Some(number.to_string()),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), ["47223344xx", "47223344xx", "*", "*", "47223344xx"]);
}

#[test]
fn a_call_to_a_block_that_is_found_after_a_restart_is_one_to_the_block() {
    let plan = || {
        let mut plan = one_queue();
        plan.numbers = [PublicNumber::new(Called::read("+47 22 33 44 xx", None).expect("a block"), StepId(0))]
            .into_iter()
            .collect();
        plan
    };
    let mut bench = Bench::new(plan());
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    let mark = bench.asked.iter().rev().find_map(|command| match command {
        Command::Mark { channel, mark } if *channel == caller => mark.state.clone(),
        _ => None,
    });
    let mut found = super::bench::held(&caller, true);
    found.mark = Some(mark.expect("is written"));
    let mut bench = Bench::born(8, plan(), Limits::default());
    bench.node_up(crate::engine::Held { channels: vec![found], bridges: vec![] });
    let calls = bench.engine.snapshot(bench.now).calls;
    assert_eq!((calls[0].number.as_deref(), calls[0].dialled.as_deref()), (Some("+47223344xx"), Some("+4722334455")));
}

#[test]
fn a_caller_is_shown_in_the_way_of_the_country_and_not_at_all_when_he_withholds_his_number() {
    let mut plan = one_queue();
    let number = Called::read(DIRECT, None).expect("a number");
    plan.numbers = Numbers::new(Country::new("NO"), [PublicNumber::new(number, StepId(1))]);
    let mut bench = Bench::new(plan);
    let shown = [
        (("90 00 00 00", ""), (Some("+4790000000"), false)),
        (("101", "allowed"), (Some("101"), false)),
        (("90000000", "prohib_passed_screen"), (None, true)),
        (("anonymous", ""), (None, true)),
        (("anna", ""), (None, false)),
    ];
    for (at, ((number, presentation), _)) in shown.into_iter().enumerate() {
        let channel = ChannelId::new(super::bench::NODE, &format!("1.{at}"));
        let caller = Caller::from_wire(number, "Ivan", presentation);
        bench.tell(Event::CallArrived { channel, enters: DIRECT.into(), caller, answered: false });
    }
    let calls = bench.engine.snapshot(bench.now).calls;
    let seen: Vec<_> = calls.iter().map(|call| (call.caller.as_deref(), call.withheld)).collect();
    assert_eq!(seen, shown.map(|(_, seen)| seen));
    let told = format!("{:?}", bench.facts.iter().filter(|fact| matches!(fact, Fact::Arrived { .. })).nth(2));
    assert!(!told.contains("90000000") && !told.contains("Ivan"), "{told}");
}
