//! What a record says of a call.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    bench::{Bench, DIRECT, MENU, NODE, held, holding, patience, plan, queue},
    dial::{dial, dialling},
};
use crate::{
    dialplan::{DialMode, Strategy, Target},
    domain::{CallId, Caller, ChannelId, Time},
    engine::{
        Command, Event, Fact, Held, HeldChannel, Limits, Notice,
        notice::{Outcome, Refusal},
        record::{Book, EndedBy, Record},
    },
};

const SECOND: Duration = Duration::from_secs(1);

fn read(record: &Record) -> Value {
    serde_json::to_value(record).expect("a record can be written")
}

impl Bench {
    /// The records of calls that go on when the engine ends now.
    pub(super) fn records_at_the_end(&mut self) -> Vec<Record> {
        self.book.close(self.now).collect()
    }

    /// The record of the one call that is over.
    #[track_caller]
    fn record(&self) -> Value {
        let [record] = self.records.as_slice() else { panic!("one call is over: {:#?}", self.records) };
        read(record)
    }

    /// What is written on a caller's channel.
    fn mark_of(&self, caller: &ChannelId) -> Option<std::sync::Arc<str>> {
        self.asked.iter().rev().find_map(|command| match command {
            Command::Mark { channel, mark } if channel == caller => mark.state.clone(),
            _ => None,
        })
    }
}

#[test]
fn a_served_call_is_told_from_its_arrival_to_who_hung_up() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.passes(2 * SECOND);
    bench.hears_to_the_end(&caller, greeting);
    bench.presses(&caller, "1");
    let anna = bench.expect_offer("anna", &caller);
    bench.passes(3 * SECOND);
    bench.declines(&anna);
    let boris = bench.expect_offer("boris", &caller);
    bench.passes(Duration::from_millis(1500));
    bench.answers(&boris);
    bench.passes(60 * SECOND);
    bench.hangs_up(&boris.leg);
    bench.passes(SECOND);
    bench.hangs_up(&caller);

    let whole = json!({
        "call": "00000007-1",
        "channel": "171.1",
        "number": "4780012345",
        "caller": {"number": "+4790000001", "name": null, "phone": null, "withheld": false},
        "began": "1970-01-12T13:46:40Z",
        "ended": "1970-01-12T13:47:47.5Z",
        "lasted": 67.5,
        "callback": null,
        "adopted": null,
        "refused": null,
        "found_full": false,
        "path": [
            {"at": "1970-01-12T13:46:40Z", "flow": "welcome"},
            {"at": "1970-01-12T13:46:42Z", "pressed": "1"},
        ],
        "queues": [
            {"queue": "sales", "joined": "1970-01-12T13:46:42Z", "position": 1, "waited": 4.5, "left": "connected"},
        ],
        "offers": [
            {
                "queue": "sales", "kind": "operator", "to": "anna", "trunk": null, "at": "1970-01-12T13:46:42Z",
                "rang": 3.0, "outcome": "declined", "cause": 21, "sip": 603, "cost": null,
            },
            {
                "queue": "sales", "kind": "operator", "to": "boris", "trunk": null, "at": "1970-01-12T13:46:45Z",
                "rang": 1.5, "outcome": "answered", "cause": 0, "sip": null, "cost": null,
            },
        ],
        "talks": [
            {
                "queue": "sales", "kind": "operator", "to": "boris", "trunk": null, "at": "1970-01-12T13:46:46.5Z",
                "talked": 60.0, "ended_by": "operator",
            },
        ],
        "messages": [],
        "left_out": 0,
        "operator": "boris",
        "waited": 4.5,
        "talked": 60.0,
        "outcome": "served",
        "ended_by": "operator",
        "cost": null,
    });
    assert_eq!(bench.record(), whole);
}

#[test]
fn a_caller_who_gives_up_ended_his_call_and_the_phone_that_rang_says_so() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_offer("anna", &caller);
    bench.passes(7 * SECOND);
    bench.hangs_up(&caller);
    let record = bench.record();
    assert_eq!((&record["outcome"], &record["ended_by"]), (&json!("abandoned"), &json!("caller")));
    assert_eq!((&record["queues"][0]["left"], &record["waited"]), (&json!("abandoned"), &json!(7.0)));
    let offer = &record["offers"][0];
    assert_eq!((&offer["outcome"], &offer["rang"]), (&json!("caller_left"), &json!(7.0)));
    assert_eq!((&record["talks"], &record["operator"]), (&json!([]), &Value::Null));
}

#[test]
fn a_caller_whom_the_plan_takes_out_of_the_line_is_ended_by_the_plan() {
    let mut bench = Bench::new(plan(vec![patience(queue("sales", &["anna"], Strategy::Linear), 9 * SECOND)]));
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.passes(9 * SECOND);
    let goodbye = bench.expect_play(&caller, "goodbye");
    bench.hears_to_the_end(&caller, goodbye);
    bench.hangs_up(&caller);
    let record = bench.record();
    assert_eq!((&record["queues"][0]["left"], &record["waited"]), (&json!("timed_out"), &json!(9.0)));
    assert_eq!((&record["outcome"], &record["ended_by"]), (&json!("ended_by_plan"), &json!("plan")));
}

#[test]
fn a_caller_who_hangs_up_himself_is_told_from_an_operator_who_does() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, _) = bench.two_talk("anna");
    bench.passes(5 * SECOND);
    bench.hangs_up(&caller);
    let record = bench.record();
    assert_eq!((&record["talks"][0]["ended_by"], &record["ended_by"]), (&json!("caller"), &json!("caller")));
}

#[test]
fn a_caller_who_was_transferred_is_ended_by_nobody_whom_we_know() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, anna) = bench.two_talk("anna");
    bench.passes(5 * SECOND);
    bench.tell(Event::LegReplaced { old: anna.leg.clone(), new: ChannelId::new(NODE, "Local.1"), to: None });
    bench.passes(30 * SECOND);
    bench.hangs_up(&caller);
    let record = bench.record();
    assert_eq!((&record["talks"][0]["ended_by"], &record["talked"]), (&json!("transferred"), &json!(5.0)));
    assert_eq!((&record["ended_by"], &record["lasted"]), (&Value::Null, &json!(35.0)));
}

#[test]
fn of_those_who_rang_at_once_one_answered() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]);
    let caller = bench.caller_arrives(DIRECT);
    let [anna, _] = ["anna", "boris"].map(|name| bench.expect_offer(name, &caller));
    bench.passes(SECOND);
    bench.answers(&anna);
    bench.hangs_up(&caller);
    let record = bench.record();
    let outcomes = [0, 1].map(|at| (&record["offers"][at]["to"], &record["offers"][at]["outcome"]));
    let expected = [(json!("anna"), json!("answered")), (json!("boris"), json!("answered_elsewhere"))];
    assert_eq!(outcomes, expected.each_ref().map(|(to, outcome)| (to, outcome)));
}

#[test]
fn one_whom_a_step_dials_while_he_talks_is_told_although_he_was_not_rung() {
    let mut bench = Bench::new(dialling(dial(vec![Target::Operator("anna".into())], DialMode::InTurn), None, None));
    let first = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    let second = bench.caller_arrives(DIRECT);
    bench.hangs_up(&second);
    let record = bench.record();
    let offer = &record["offers"][0];
    assert_eq!((&offer["queue"], &offer["outcome"]), (&Value::Null, &json!("busy")));
}

#[test]
fn a_call_that_is_not_taken_has_a_record_without_an_id() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    for _ in 0..4 {
        bench.caller_arrives(MENU);
    }
    let record = bench.record();
    assert_eq!((&record["call"], &record["number"]), (&Value::Null, &json!("4780012345")));
    assert_eq!(record["caller"]["number"], json!("+4790000004"));
    assert_eq!((&record["refused"], &record["outcome"]), (&json!("full"), &json!("full")));
    assert_eq!((&record["ended_by"], &record["lasted"]), (&json!("plan"), &json!(0.0)));

    bench.caller_arrives("+4799999999");
    let record = bench.records.last().expect("a record");
    assert_eq!((record.refused, record.ended_by), (Some(Refusal::UnknownNumber), Some(EndedBy::Engine)));
    assert_eq!(record.number.as_deref(), Some("+4799999999"));
}

/// The next life of the engine, in which it finds this.
fn next_life(before: &Bench, held: Held) -> Bench {
    let plan = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    let mut bench = Bench::born(8, plan, Limits::default());
    bench.now = before.now + 5 * SECOND;
    bench.node_up(held);
    bench
}

#[test]
fn a_conversation_that_goes_on_when_the_engine_ends_is_in_two_records_under_one_id() {
    let mut before = Bench::with_queue("sales", ["anna"]);
    let caller = before.caller_arrives(DIRECT);
    let anna = before.expect_offer("anna", &caller);
    before.passes(10 * SECOND);
    before.answers(&anna);
    before.passes(20 * SECOND);
    let found = HeldChannel { mark: before.mark_of(&caller), ..held(&caller, true) };
    let talk = before.talk(&anna.leg, &[&caller, &anna.leg]);
    let first = read(&before.records_at_the_end()[0]);
    assert_eq!((&first["outcome"], &first["ended_by"]), (&Value::Null, &Value::Null));
    assert_eq!((&first["talks"][0]["ended_by"], &first["talked"]), (&Value::Null, &json!(20.0)));

    let mut bench = next_life(&before, Held { channels: vec![found, held(&anna.leg, true)], bridges: vec![talk] });
    bench.passes(15 * SECOND);
    bench.hangs_up(&caller);
    let second = bench.record();
    assert_eq!((&second["call"], &second["channel"]), (&first["call"], &first["channel"]));
    assert_eq!((&second["began"], &second["lasted"]), (&first["began"], &json!(50.0)));
    assert_eq!(second["adopted"], json!({"at": "1970-01-12T13:47:15Z", "place": "talking"}));
    // All of it, with the gap.
    assert_eq!((&second["talks"][0]["to"], &second["talked"]), (&json!("anna"), &json!(40.0)));
    assert_eq!((&second["outcome"], &second["ended_by"]), (&json!("served"), &json!("caller")));
}

#[test]
fn one_who_is_found_in_the_line_has_stood_there_since_he_came() {
    let mut before = Bench::with_queue("sales", ["anna"]);
    before.two_talk("anna");
    let caller = before.caller_arrives(DIRECT);
    before.passes(20 * SECOND);
    let first = read(&before.records_at_the_end()[1]);
    assert_eq!((&first["queues"][0]["left"], &first["waited"]), (&Value::Null, &json!(20.0)));

    let found = HeldChannel { mark: before.mark_of(&caller), ..held(&caller, true) };
    let line = holding("sentral-w-sales", &[&caller]);
    let mut bench = next_life(&before, Held { channels: vec![found], bridges: vec![line] });
    let anna = bench.expect_offer("anna", &caller);
    bench.answers(&anna);
    bench.hangs_up(&caller);
    let second = bench.record();
    assert_eq!(second["adopted"]["place"], json!("waiting"));
    let stood = &second["queues"][0];
    assert_eq!((&stood["joined"], &stood["waited"]), (&first["queues"][0]["joined"], &json!(25.0)));
}

#[test]
fn one_whose_operator_left_while_nobody_looked_was_served() {
    let mut before = Bench::with_queue("sales", ["anna"]);
    let caller = before.caller_arrives(DIRECT);
    let anna = before.expect_offer("anna", &caller);
    before.answers(&anna);
    let found = HeldChannel { mark: before.mark_of(&caller), ..held(&caller, true) };
    let mut bench = next_life(&before, Held { channels: vec![found], bridges: vec![] });
    bench.hangs_up(&caller);
    let record = bench.record();
    assert_eq!((&record["adopted"]["place"], &record["outcome"]), (&json!("over"), &json!("served")));
    assert_eq!(record["ended_by"], Value::Null);
}

#[test]
fn a_call_that_another_engine_takes_over_is_ended_by_nobody() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    bench.tell(Event::NodeTaken { node: NODE });
    let [record] = bench.records.as_slice() else { panic!("{:#?}", bench.records) };
    assert_eq!(record.outcome, Some(Outcome::TakenOver), "that he was served is told by whoever has him");
    assert_eq!(record.ended_by, None);
}

#[test]
fn what_comes_about_without_end_has_an_end_in_the_record() {
    let mut book = Book::default();
    let call = Some(CallId { boot: 1, number: 1 });
    let mut see = |fact| book.see(&Notice { at: Time::from_secs(9), call, fact });
    let (caller, channel) = (Caller::default(), ChannelId::new(NODE, "1.1"));
    see(Fact::Arrived { number: "4780012345".into(), caller, channel });
    for _ in 0..205 {
        see(Fact::MenuUnanswered);
    }
    let ended = Fact::Ended { number: None, outcome: Outcome::LeftInMenu, lasted: SECOND, charge: None, uncharged: 0 };
    let record = see(ended).expect("it is over");
    assert_eq!((record.path.len(), record.left_out), (200, 5));
}
