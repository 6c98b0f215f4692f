//! Flows that Asterisk's dialplan asks for by their names.

use super::{
    bench::{Bench, MENU, plan, queue},
    hand_over::{comes, found, over, with_door},
    logic,
};
use crate::{
    dialplan::Strategy,
    domain::{CallId, ChannelId, Name},
    engine::{
        Command, Enters, Event, Fact, Limits,
        mark::State,
        notice::{Outcome, Refusal},
    },
};

fn flow(flow: &str, dialled: &str) -> Enters {
    Enters::Flow { flow: flow.into(), dialled: dialled.into() }
}

fn refusals(bench: &Bench) -> Vec<Refusal> {
    let told = |fact: &Fact| if let Fact::Refused { why, .. } = fact { Some(*why) } else { None };
    bench.facts.iter().filter_map(told).collect()
}

fn welcome() -> Bench {
    with_door(plan(vec![queue("sales", &["anna"], Strategy::Linear)]))
}

#[track_caller]
fn expect_greeted(bench: &mut Bench, caller: &ChannelId) {
    bench.expect_answer(caller);
    bench.expect_play(caller, "greeting");
    bench.take_marks(caller);
    bench.assert_quiet();
}

#[test]
fn a_flow_is_run_whatever_number_was_dialled() {
    for dialled in ["", "s", "+4799999999", MENU] {
        let mut bench = welcome();
        let caller = comes(&mut bench, flow("welcome", dialled));
        expect_greeted(&mut bench, &caller);
        bench.hangs_up(&caller);
        assert_eq!(bench.outcomes(), [Outcome::LeftInMenu]);
    }
}

#[test]
fn the_number_dialled_is_what_the_flow_calls_it() {
    let flows = "flows: {welcome: [{play: sound:x}], side: [{switch: {on: number.called, cases: {\"101\": [{play: sound:known}], \
                 \"77\": [{play: sound:other}]}}}]}";
    for (dialled, heard) in [("101", "known"), ("77", "other")] {
        let mut bench = with_door(logic::plan(flows));
        let caller = comes(&mut bench, flow("side", dialled));
        bench.expect_play(&caller, heard);
        let Some(Fact::Arrived { number, .. }) = bench.facts.first() else { panic!("{:?}", bench.facts) };
        assert_eq!(&**number, dialled);
    }
}

#[test]
fn a_flow_takes_none_of_the_number_s_channels_and_is_not_refused_for_them() {
    let mut bench = welcome();
    // The number has three.
    let callers: Vec<_> = (0..4).map(|_| comes(&mut bench, flow("welcome", MENU))).collect();
    assert_eq!(refusals(&bench), []);
    assert_eq!(bench.engine.snapshot(bench.now).numbers[1].calls, 0);
    for caller in &callers {
        bench.hangs_up(caller);
    }
    let strangers = comes(&mut bench, flow("welcome", "whatever"));
    bench.hangs_up(&strangers);
    assert!(bench.engine.in_use.is_empty(), "nothing is kept of what somebody dialled");
}

#[test]
fn a_flow_that_the_plan_does_not_have_is_told_with_the_one_that_is_meant_and_leads_to_the_fallback() {
    for (typed, meant) in [("welcom", Some("welcome")), ("night", None), ("", None)] {
        let mut bench = welcome();

        let caller = comes(&mut bench, flow(typed, MENU));

        bench.expect_continue(&caller);
        bench.assert_quiet();
        assert_eq!(refusals(&bench), [Refusal::UnknownFlow]);
        let Some(Fact::NoFlow { flow, near }) = bench.facts.first() else { panic!("{:?}", bench.facts) };
        assert_eq!((&**flow, near.as_ref()), (typed, meant.map(Name::new).as_ref()));
    }
}

#[test]
fn an_engine_that_stops_begins_no_flow() {
    let mut bench = welcome();
    bench.tell(Event::Draining);

    let caller = comes(&mut bench, flow("welcome", MENU));

    bench.expect_continue(&caller);
    assert_eq!(refusals(&bench), [Refusal::Draining]);
}

#[test]
fn one_whom_the_next_engine_finds_begins_at_his_flow_again() {
    let flows = "flows: {welcome: [{play: sound:hello}], side: [{play: sound:side}, {queue: sales}]}";
    let mut first = with_door(logic::plan(flows));
    let caller = comes(&mut first, flow("side", "s"));
    let mark = first.take("a mark", |command| matches!(command, Command::Mark { .. }));
    let Command::Mark { mark, .. } = mark else { unreachable!() };
    let state = mark.state.as_deref().and_then(State::read).expect("a state");
    assert_eq!(state.flow.as_deref(), Some("side"));
    let call = CallId::parse(&state.call).expect("an id");

    let mut second = Bench::born(8, logic::plan(flows), Limits::default());
    second.now = first.now;
    second.node_up(found(&over(&caller), call, mark.state));

    second.expect_play(&over(&caller), "side");
    assert!(second.engine.calls.contains_key(&call));
}
