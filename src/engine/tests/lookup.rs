//! Calls that wait for what another server says, and news that nobody waits for.

use std::time::Duration;

use serde_json::json;

use super::bench::{Bench, DIRECT, MENU, NODE, held, plan, queue};
use crate::{
    dialplan::{Act, LookUp, Plan, Strategy, parse, request},
    domain::{Caller, ChannelId},
    engine::{Answer, Command, Errand, Event, Fact, Failure, Held, LookupId, NoAnswer, Notification},
};

/// A step that takes nothing out of an answer and goes on either way.
pub(super) fn a_lookup() -> Act {
    let request = request::Template {
        method: request::Method::Get,
        host: "crm.example".into(),
        url: vec![request::Piece::Plain("https://crm.example/".into())],
        headers: [].into(),
        body: None,
    };
    Act::LookUp(std::sync::Arc::new(LookUp { request, within: SECOND * 2, takes: Vec::new(), failed: None }))
}

const SECOND: Duration = Duration::from_secs(1);

/// 101 looks its caller up, and hears what came of it.
const FLOWS: &str = "flows:
  welcome:
    - lookup:
        url: \"https://crm.example.com/callers/{{ caller.number }}\"
        timeout: 3s
        set: {customer: name, level: {at: tier.level, default: 7}}
        failed: {play: sound:nobody}
    - if: {when: customer == \"Kari\" and level == 3, then: {play: sound:kari}, else: {play: sound:others}}
";

fn with(flows: &str) -> Plan {
    let text = format!("exchange: bench\nnumbers: {{101: {{flow: welcome}}}}\n{flows}");
    parse("plan.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{}", faults.render(false))).plan
}

fn arrives(bench: &mut Bench) -> ChannelId {
    let channel = ChannelId::new(NODE, "171.9");
    let caller = Caller::from_wire("+4790000000", "Ivan", "");
    bench.tell(Event::CallArrived { channel: channel.clone(), enters: "101".into(), caller, answered: false });
    channel
}

impl Bench {
    /// The next question to a server: where, and how long it may take.
    #[track_caller]
    fn expect_question(&mut self) -> (LookupId, String, Duration) {
        match self.errands.pop_front() {
            Some(Errand::LookUp { lookup, request, within }) => (lookup, request.url.to_string(), within),
            other => panic!("a question was not asked: {other:?}"),
        }
    }

    #[track_caller]
    fn expect_news(&mut self) -> Notification {
        match self.errands.pop_front() {
            Some(Errand::Notify(news)) => news,
            other => panic!("nobody was told: {other:?}"),
        }
    }

    fn server_says(&mut self, lookup: LookupId, json: serde_json::Value) {
        self.tell(Event::LookedUp { lookup, answer: Answer::Json(json.into()) });
    }

    fn no_answer(&mut self, lookup: LookupId) {
        self.tell(Event::LookedUp { lookup, answer: Answer::Failed(NoAnswer::Unreachable) });
    }
}

#[test]
fn a_caller_goes_on_with_what_the_server_says() {
    let mut bench = Bench::new(with(FLOWS));
    let caller = arrives(&mut bench);
    let (lookup, url, within) = bench.expect_question();
    assert_eq!((url.as_str(), within), ("https://crm.example.com/callers/%2B4790000000", SECOND * 3));
    bench.expect_armed(&caller);
    bench.assert_quiet();

    bench.server_says(lookup, json!({"name": "Kari", "tier": {"level": 3}}));

    bench.expect_answer(&caller);
    bench.expect_play(&caller, "kari");
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::LookedUp { lacks: 0, .. })));
}

#[test]
fn what_is_not_in_an_answer_is_what_the_plan_says() {
    let mut bench = Bench::new(with(FLOWS));
    let caller = arrives(&mut bench);
    let (lookup, ..) = bench.expect_question();
    bench.server_says(lookup, json!({"name": "Kari", "tier": "gold"}));
    bench.expect_play(&caller, "others");
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::LookedUp { lacks: 1, .. })));
}

#[test]
fn without_an_answer_he_goes_where_the_plan_says_and_the_variables_are_theirs() {
    let flows = FLOWS.replace("- lookup:", "- set: {customer: Kari, level: 3}\n    - lookup:");
    let mut bench = Bench::new(with(&flows));
    let caller = arrives(&mut bench);
    let (lookup, ..) = bench.expect_question();
    bench.no_answer(lookup);
    let nobody = bench.expect_play(&caller, "nobody");
    bench.hears_to_the_end(&caller, nobody);
    bench.expect_play(&caller, "others");
}

#[test]
fn a_slow_server_keeps_nobody_longer_than_its_time() {
    let mut bench = Bench::new(with(FLOWS));
    let caller = arrives(&mut bench);
    let (lookup, ..) = bench.expect_question();
    bench.passes(SECOND * 3 - Duration::from_millis(1));
    bench.take_marks(&caller);
    bench.assert_quiet();
    bench.passes(Duration::from_millis(1));
    bench.expect_play(&caller, "nobody");
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::LookupFailed { why: NoAnswer::TimedOut, .. })));

    // And what it says later is of no use.
    bench.asked.clear();
    bench.server_says(lookup, json!({"name": "Kari"}));
    bench.assert_quiet();
}

#[test]
fn who_waits_for_an_answer_is_cared_for() {
    let flows = FLOWS.replace("timeout: 3s", "timeout: 10s");
    let mut bench =
        Bench::with_limits(with(&flows), crate::engine::Limits { dead_man: SECOND * 8, ..Default::default() });
    let caller = arrives(&mut bench);
    bench.expect_armed(&caller);
    bench.passes(SECOND * 5);
    bench.expect_armed(&caller);
    bench.passes(SECOND * 4);
    bench.expect_armed(&caller);
    bench.assert_quiet();
}

#[test]
fn an_answer_for_one_who_has_hung_up_is_dropped() {
    let mut bench = Bench::new(with(FLOWS));
    let caller = arrives(&mut bench);
    let (lookup, ..) = bench.expect_question();
    bench.take_marks(&caller);
    bench.hangs_up(&caller);
    bench.server_says(lookup, json!({}));
    bench.assert_quiet();
    assert_eq!(bench.engine.poll_timeout(), None, "nothing is left of him");
}

#[test]
fn with_his_node_away_an_answer_waits_for_nobody_and_is_asked_for_again() {
    let mut bench = Bench::new(with(FLOWS));
    let caller = arrives(&mut bench);
    let (lookup, ..) = bench.expect_question();
    bench.node_down();
    bench.server_says(lookup, json!({"name": "Kari", "tier": {"level": 3}}));
    bench.passes(SECOND * 5);
    bench.asked.clear();
    bench.node_up(Held { channels: vec![held(&caller, false)], bridges: Vec::new() });
    let (again, ..) = bench.expect_question();
    assert_ne!(again, lookup);
    bench.server_says(again, json!({"name": "Kari", "tier": {"level": 3}}));
    bench.expect_play(&caller, "kari");
}

#[test]
fn a_plan_that_only_asks_comes_to_an_end() {
    // The plan's check tells such a circle; the engine does not depend on that.
    let mut plan = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    plan.steps[1] = crate::dialplan::Step { act: a_lookup(), next: Some(crate::dialplan::StepId(1)) };
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(MENU);
    for _ in 0..100 {
        let (lookup, ..) = bench.expect_question();
        bench.no_answer(lookup);
    }
    bench.expect_hangup(&caller);
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::RanInCircles)));
}

#[test]
fn a_notification_delays_nothing_and_has_a_name_of_its_own() {
    let flows = "flows: {welcome: [{notify: {url: \"https://desk.example.com/{{ number.called }}\", body: {who: \"{{ caller.name }}\", \
                 number: \"{{ caller.number }}\", calls: \"{{ number.calls }}\", of: [1, \"01\", true, null]}}}, \
                 {notify: {url: \"https://desk.example.com/\", body: {}}}, {play: sound:hello}]}";
    let mut bench = Bench::new(with(flows));
    let caller = arrives(&mut bench);
    let (first, second) = (bench.expect_news(), bench.expect_news());
    bench.expect_play(&caller, "hello");
    assert_ne!(first.id, second.id);
    assert_eq!(&*first.request.url, "https://desk.example.com/101");
    let body: serde_json::Value = serde_json::from_str(first.request.body.as_deref().expect("a body")).expect("JSON");
    assert_eq!(body, json!({"who": "Ivan", "number": "+4790000000", "calls": 1, "of": [1, "01", true, null]}));
}

#[test]
fn values_that_make_no_request_are_no_answer_at_once_and_no_news() {
    let flows = FLOWS.replace("caller.number", "'.' ~ '.'");
    let news = "    - notify: {url: \"https://desk.example.com/{{ '.' ~ '.' }}/x\", body: {}}\n    - play: sound:end\n";
    let mut bench = Bench::new(with(&format!("{flows}{news}")));
    let caller = arrives(&mut bench);
    let nobody = bench.expect_play(&caller, "nobody");
    bench.hears_to_the_end(&caller, nobody);
    let others = bench.expect_play(&caller, "others");
    bench.hears_to_the_end(&caller, others);
    bench.expect_play(&caller, "end");
    assert!(bench.errands.is_empty(), "{:?}", bench.errands);
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::LookupFailed { why: NoAnswer::Unusable, .. })));
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::NotNotified { .. })));
}

#[test]
fn one_who_waited_in_a_queue_keeps_his_music_while_he_is_looked_up() {
    let mut plan = plan(vec![super::bench::patience(queue("sales", &["anna"], Strategy::Linear), SECOND * 30)]);
    plan.steps[4] = crate::dialplan::Step { act: a_lookup(), next: Some(crate::dialplan::StepId(0)) };
    let mut bench = Bench::new(plan);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.passes(SECOND * 30);
    bench.asked.clear();
    let (lookup, ..) = bench.expect_question();
    bench.no_answer(lookup);
    bench.take_marks(&caller);
    bench.assert_quiet();
}

#[test]
fn a_mark_that_is_refused_is_written_again_while_he_waits() {
    let flows = FLOWS.replace("timeout: 3s", "timeout: 10s");
    let mut bench = Bench::new(with(&flows));
    let caller = arrives(&mut bench);
    let mark = bench.take("to arm", |command| matches!(command, Command::Mark { .. }));
    bench.fails(mark, Failure::Refused(500));
    bench.passes(SECOND * 2);
    bench.expect_armed(&caller);
}
