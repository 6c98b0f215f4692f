//! Where a call would go.

use super::bench::{Bench, DIRECT, MENU, plan, queue};
use crate::{
    dialplan::{Act, Plan, StepId, Strategy, WhenFull},
    domain::{Caller, ChannelId, NodeId, Reason},
    engine::{Command, Event, Goes, Held, Reply, Route, Scope},
};

/// Asks, and sees to it that nothing else came of it.
#[track_caller]
fn route(bench: &mut Bench, number: &str) -> Route {
    let channel = ChannelId::new(NodeId(1), "1.1");
    bench.tell(Event::NodeUp { node: channel.node, scope: Scope::CallerAlone, held: Held::default() });
    bench.asked.clear();
    bench.facts.clear();
    bench.tell(Event::RouteAsked { channel, dialled: number.into(), caller: Caller::default() });
    assert!(bench.facts.is_empty(), "{:?}", bench.facts);
    let command = bench.take("a reply", |command| matches!(command, Command::Reply { .. }));
    bench.assert_quiet();
    let Command::Reply { reply: Reply::Route(route), .. } = command else { panic!("{command:?}") };
    route
}

fn office() -> Plan {
    plan(vec![queue("sales", &["anna"], Strategy::Linear)])
}

#[test]
fn a_number_leads_to_where_its_call_would_stay() {
    let mut bench = Bench::new(office());
    assert_eq!(route(&mut bench, DIRECT), Route { goes: Goes::Queue("sales".into()), flow: None });
    assert_eq!(route(&mut bench, MENU), Route { goes: Goes::Menu, flow: Some("welcome".into()) });
    assert_eq!(route(&mut bench, "+47 1"), Route { goes: Goes::UnknownNumber, flow: None });
    assert_eq!((Goes::Queue("sales".into()).word(), Goes::Queue("sales".into()).of()), ("queue", "sales"));
    bench.assert_no_calls();
}

#[test]
fn a_full_number_leads_where_it_leads_then() {
    let mut plan = office();
    let full = |number: &crate::dialplan::PublicNumber, when_full| crate::dialplan::PublicNumber {
        channels: Some(1),
        when_full,
        ..number.clone()
    };
    let ways = [WhenFull::HangUp(Reason::Busy), WhenFull::Go(StepId(3))];
    let numbers: Vec<_> = plan.numbers.values().zip(ways).map(|(number, way)| full(number, way)).collect();
    plan.numbers = numbers.into_iter().collect();
    let mut bench = Bench::new(plan);
    bench.caller_arrives(DIRECT);
    bench.caller_arrives(MENU);
    assert_eq!(route(&mut bench, DIRECT).goes, Goes::Full);
    assert_eq!(route(&mut bench, MENU).goes, Goes::HangUp);
}

#[test]
fn a_plan_that_runs_in_circles_leads_nowhere() {
    let mut plan = office();
    plan.steps[0].act = Act::Go(StepId(0));
    assert_eq!(route(&mut Bench::new(plan), DIRECT).goes, Goes::Circles);
}
