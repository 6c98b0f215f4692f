//! Steps that compute, choose, call one another and give a call back.

use super::bench::{Bench, held};
use crate::{
    dialplan::{Plan, parse},
    domain::{Caller, ChannelId, Time},
    engine::{Command, Event, Fact, Held, HeldChannel, Limits, notice::Outcome},
};

/// A plan of which only the flows are of interest; the number 101 begins at `welcome`.
pub(super) fn plan(flows: &str) -> Plan {
    plan_with("", flows)
}

/// The same with one more queue.
pub(super) fn plan_with(queue: &str, flows: &str) -> Plan {
    let text = format!(
        "exchange: bench\ntimezone: Europe/Oslo\nnumbers: {{101: {{flow: welcome}}}}\n\
         operators: {{anna: {{dial: PJSIP/anna}}, boris: {{dial: PJSIP/boris}}}}\n\
         hours: {{office: {{open: [Mo-Fr 08:00-16:00]}}}}\n\
         queues: {{sales: {{operators: [anna], strategy: linear, music: default}}, {queue}billing: {{operators: [boris]}}}}\n{flows}"
    );
    match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

/// A call from `number` that has arrived, and nothing taken of what was asked for it.
pub(super) fn called_by(bench: &mut Bench, number: &str) -> ChannelId {
    let channel = ChannelId::new(super::bench::NODE, &format!("caller.{number}"));
    bench.tell(Event::CallArrived {
        channel: channel.clone(),
        enters: "101".into(),
        caller: Caller::from_wire(number, "Ivan", ""),
        answered: true,
    });
    bench.take_marks(&channel);
    channel
}

/// What a caller hears first.
#[track_caller]
fn hears(bench: &mut Bench, number: &str, name: &str) {
    let channel = called_by(bench, number);
    bench.expect_play(&channel, name);
}

#[test]
fn a_condition_chooses_the_way() {
    let flows = "flows: {welcome: [{if: {when: \"starts_with(caller.number, '+47') and not caller.withheld\", \
                 then: {play: sound:norway}, else: {play: sound:abroad}}}, {play: sound:behind}]}";
    let mut bench = Bench::new(plan(flows));
    hears(&mut bench, "+4790000000", "norway");
    hears(&mut bench, "+31200000000", "abroad");
    hears(&mut bench, "anonymous", "abroad");
}

#[test]
fn a_list_knows_a_caller_however_his_number_is_written() {
    let flows = "country: NO\nlists: {vip: [\"900 00 000\", \"+46 8*\"]}\n\
                 flows: {welcome: [{if: {when: caller.number in lists.vip, then: {play: sound:vip}, else: {play: sound:others}}}]}";
    let mut bench = Bench::new(plan_with("", flows));
    hears(&mut bench, "+4790000000", "vip");
    hears(&mut bench, "90000000", "vip");
    hears(&mut bench, "004687654321", "vip");
    hears(&mut bench, "+4790000001", "others");
    hears(&mut bench, "", "others");
}

#[test]
fn without_an_else_it_goes_on_behind() {
    let flows = "flows: {welcome: [{if: {when: caller.withheld, then: {play: sound:who}}}, {play: sound:behind}]}";
    let mut bench = Bench::new(plan(flows));
    hears(&mut bench, "+4790000000", "behind");
    let channel = called_by(&mut bench, "");
    let who = bench.expect_play(&channel, "who");
    bench.hears_to_the_end(&channel, who);
    bench.take_marks(&channel);
    bench.expect_play(&channel, "behind");
}

#[test]
fn a_switch_takes_the_case_that_it_is() {
    let flows = "flows: {welcome: [{switch: {on: time.weekday, cases: {Mo: {play: sound:monday}, Tu: {play: sound:tuesday}}, \
                 otherwise: {play: sound:another}}}]}";
    let mut bench = Bench::new(plan(flows));
    // The second of January 1970 was a Friday; in Oslo Monday has begun when it is Sunday 23:30 in Greenwich.
    bench.now = Time::from_secs(17 * 86_400 + 23 * 3600 + 1800);
    assert!(bench.now > Time::from_secs(1_000_000), "the bench's clock does not run backwards");
    hears(&mut bench, "1", "monday");
    bench.passes(std::time::Duration::from_secs(86_400));
    bench.asked.clear();
    hears(&mut bench, "2", "tuesday");
    bench.passes(std::time::Duration::from_secs(86_400));
    bench.asked.clear();
    hears(&mut bench, "3", "another");
}

#[test]
fn variables_keep_what_was_set_and_each_call_has_its_own() {
    let flows = "flows: {welcome: [\
                 {if: {when: tries > 1, then: {flow: bye}}}, \
                 {set: {tries: \"{{ tries + 1 }}\", name: \"{{ caller.name }} {{ tries }}\"}}, \
                 {if: {when: \"name == 'Ivan 2'\", then: {play: sound:second}, else: {play: sound:first}}}, \
                 {flow: welcome}], bye: [{play: sound:bye}], other: [{set: {tries: 0}}, {flow: welcome}]}";
    let mut bench = Bench::new(plan(flows));
    let channel = called_by(&mut bench, "1");
    for heard in ["first", "second", "bye"] {
        let playing = bench.expect_play(&channel, heard);
        bench.hears_to_the_end(&channel, playing);
        bench.take_marks(&channel);
    }
    bench.expect_hangup(&channel);
    hears(&mut bench, "2", "first");
}

#[test]
fn a_flow_that_was_called_comes_back() {
    let flows = "flows: {welcome: [{call: hello}, {call: news}, {play: sound:end}], \
                 hello: [{if: {when: caller.withheld, then: {play: sound:who}}}, {call: name}], \
                 name: [{play: sound:name}], news: [{play: sound:news}]}";
    let mut bench = Bench::new(plan(flows));
    let channel = called_by(&mut bench, "");
    for heard in ["who", "name", "news", "end"] {
        let playing = bench.expect_play(&channel, heard);
        bench.hears_to_the_end(&channel, playing);
        bench.take_marks(&channel);
    }
    bench.expect_hangup(&channel);
    bench.assert_quiet();
}

#[test]
fn who_is_in_a_queue_can_be_asked_for() {
    let flows = "flows: {welcome: [{if: {when: queues.sales.waiting >= 1 and queues.billing.ready == 1, then: {queue: billing}, \
                 else: {queue: sales}}}]}";
    let mut bench = Bench::new(plan(flows));
    let first = called_by(&mut bench, "1");
    let ringing = bench.expect_offer("anna", &first);
    let second = called_by(&mut bench, "2");
    bench.expect_offer("boris", &second);
    bench.answers(&ringing);
    bench.asked.clear();
    let third = called_by(&mut bench, "3");
    bench.take_marks(&third);
    assert!(bench.waiting().contains(&third), "nobody waits for sales, so he does");
}

#[test]
fn who_waits_keeps_his_variables_through_a_restart() {
    let flows = "flows: {welcome: [{set: {tries: 2, seen: true, digits: \"0800\"}}, {queue: patient}], \
                 later: [{if: {when: \"tries == 2 and seen and digits == '0800'\", then: {play: sound:known}, \
                 else: {play: sound:forgotten}}}]}";
    let patient = "patient: {operators: [anna], max_wait: {after: 30s, go: {flow: later}}}, ";
    let mut first = Bench::new(plan_with(patient, flows));
    called_by(&mut first, "1");
    let waiting = ChannelId::new(super::bench::NODE, "caller.2");
    first.tell(Event::CallArrived {
        channel: waiting.clone(),
        enters: "101".into(),
        caller: Caller::from_wire("2", "Ivan", ""),
        answered: true,
    });
    let mark = first.asked.iter().rev().find_map(|command| match command {
        Command::Mark { channel, mark } if *channel == waiting => mark.state.clone(),
        _ => None,
    });
    assert!(mark.is_some(), "nothing is written on {waiting:?}");

    let mut second = Bench::born(8, plan_with(patient, flows), Limits::default());
    second.node_down();
    let found = HeldChannel { mark, enters: Some("101".into()), ..held(&waiting, true) };
    second.node_up(Held { channels: vec![found], bridges: Vec::new() });
    second.asked.clear();
    second.passes(std::time::Duration::from_secs(31));
    second.expect_play(&waiting, "known");
}

#[test]
fn a_call_is_given_back_to_asterisk() {
    let mut bench = Bench::new(plan("flows: {welcome: [{play: sound:wait}, continue]}"));
    let channel = called_by(&mut bench, "1");
    let playing = bench.expect_play(&channel, "wait");
    bench.hears_to_the_end(&channel, playing);
    bench.take_marks(&channel);
    bench.expect_continue(&channel);
    bench.hangs_up(&channel);
    assert_eq!(bench.outcomes(), [Outcome::Continued]);
    bench.assert_no_calls();
}

#[test]
fn a_plan_cannot_count_for_ever() {
    let flows =
        "flows: {welcome: [{menu: {play: sound:q, options: {1: {flow: welcome}}}}, {set: {n: 0}}, {flow: welcome}]}";
    let mut bench = Bench::new(plan(flows));
    called_by(&mut bench, "1");
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::RanInCircles)), "a menu takes time");
}

#[test]
fn a_number_that_always_shows_callers_knows_who_withholds_his_number_and_another_forgets_it() {
    let always = |kind: &str| {
        let text = format!(
            "exchange: bench\nnumbers: {{101: {{type: {kind}, flow: welcome}}}}\nlists: {{known: [\"+47 900 00 000\"]}}\n\
             flows: {{welcome: [{{if: {{when: caller.withheld, then: {{play: sound:hidden}}}}}}, \
             {{if: {{when: caller.number in lists.known, then: {{play: sound:known}}}}}}, {{wait: 1h}}]}}\n"
        );
        parse("plan.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}")).plan
    };
    for (kind, sound) in [("direct", "hidden"), ("toll_free", "hidden"), ("always_shown", "known")] {
        let mut bench = Bench::new(always(kind));
        let channel = ChannelId::new(super::bench::NODE, "caller.1");
        let caller = Caller::from_wire("+4790000000", "Ivan", "prohib_passed_screen");
        bench.tell(Event::CallArrived { channel: channel.clone(), enters: "101".into(), caller, answered: true });
        bench.take_marks(&channel);
        bench.expect_play(&channel, sound);
        let view = bench.engine.snapshot(bench.now).calls.remove(0);
        let is_shown = kind == "always_shown";
        assert_eq!((view.withheld, view.caller.is_some()), (!is_shown, is_shown), "{kind}");
        let call = bench.engine.calls.values().next().expect("his call");
        assert_eq!(call.caller == Caller::default(), !is_shown, "{kind}: nothing is kept of it");
    }
}
