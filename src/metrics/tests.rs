use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

use indexmap::IndexMap;

use super::*;
use crate::{
    dialplan::{Callback, Languages, NotPromised, NumberType, PublicNumber, Queue, StepId},
    domain::{
        Amount, CallbackId, Called, Caller, Cause, ChannelId, Charge, Currency, MessageId, Money, RecordingId, Tariff,
    },
    engine::{
        Duty, DutyBy, Failure, NoAnswer,
        notice::{Adopted, CallbackFact, CallbackOver, DutyFact, Measured, OfferOutcome, Party, PinRefused, Steered},
        snapshot::{CallbackView, DutyView, NumberView, OperatorView, QueueView, TrunkView, WaitingView},
    },
};

fn plan() -> Plan {
    let number = Called::read("+47 800 12 345", None).expect("a number");
    let callback = Callback {
        first: Default::default(),
        trunk: "provider".into(),
        to: None,
        never: None,
        hours: None,
        expires: Callback::EXPIRES,
        attempts: Callback::ATTEMPTS,
        retry: Callback::RETRY,
        ring: Callback::RING,
        entry: StepId(0),
    };
    let queue = Queue { callback: Some(callback), ..Queue::new("sales".into(), ["anna".into()]) };
    Plan {
        exchange: "nordlys".into(),
        timezone: jiff::tz::TimeZone::UTC,
        languages: Languages::default(),
        variables: IndexMap::new(),
        numbers: [PublicNumber::new(number, StepId(0))].into_iter().collect(),
        lists: IndexMap::new(),
        operators: IndexMap::new(),
        extensions: IndexMap::new(),
        desks: Default::default(),
        pauses: IndexMap::new(),
        trunks: IndexMap::new(),
        hours: IndexMap::new(),
        queues: IndexMap::from([(Name::new("sales"), queue)]),
        flows: IndexMap::new(),
        steps: Vec::new(),
        written: Default::default(),
        whole: Default::default(),
    }
}

fn metrics() -> Metrics {
    let metrics = Metrics::new(vec!["pbx".into()]).expect("metrics");
    metrics.expect(&plan());
    metrics.plan_in_force(Time::from_secs(7));
    metrics
}

fn see(metrics: &Metrics, fact: Fact) {
    metrics.see(&Notice { at: Time::ZERO, call: None, fact });
}

fn charge(cost: &str) -> Charge {
    let currency = Currency::new("NOK").expect("a currency");
    let cost = Money { amount: Amount::read(cost).expect("an amount"), currency };
    Charge { lasted: Duration::from_secs(1), cost }
}

fn adopted() -> Fact {
    let (caller, channel) = (Caller::default(), ChannelId::new(NodeId(0), "1.1"));
    Fact::Adopted { number: None, caller, channel, arrived: Time::ZERO, place: Adopted::Waiting }
}

fn paused() -> Fact {
    let to = Duty::Paused { reason: None, since: Time::ZERO, until: None };
    Fact::Duty(DutyFact::Changed { operator: "anna".into(), from: Duty::On, to, by: DutyBy::Phone })
}

fn pin_refused() -> Fact {
    Fact::Duty(DutyFact::PinRefused { operator: None, why: PinRefused::Wrong })
}

fn of_callbacks() -> [Fact; 4] {
    let (id, queue) = (CallbackId { boot: 1, number: 1 }, Name::new("sales"));
    [
        CallbackFact::Promised { id, queue: queue.clone(), again: false },
        CallbackFact::Refused { queue: queue.clone(), why: NotPromised::Own },
        CallbackFact::Missed { id, queue: queue.clone(), outcome: OfferOutcome::Busy, attempt: 1 },
        CallbackFact::Over { id, queue, how: CallbackOver::GaveUp },
    ]
    .map(Fact::Callback)
}

/// One of everything that is counted.
fn after_everything() -> Metrics {
    let metrics = metrics();
    let (queue, callee, waited) = (Name::new("sales"), Callee::Operator("anna".into()), Duration::from_secs(3));
    let facts = [
        adopted(),
        Fact::Refused { number: "4780012345".into(), caller: Caller::default(), why: Refusal::Full },
        Fact::LeftQueue { queue: queue.clone(), position: 1, waited, why: LeftQueue::Abandoned, key: None },
        Fact::OfferEnded {
            queue: Some(queue.clone()),
            callee: callee.clone(),
            outcome: OfferOutcome::Answered,
            rang: waited,
            cause: Cause::default(),
        },
        Fact::Connected { queue: Some(queue.clone()), callee: callee.clone(), leg: None, waited },
        Fact::OfferEnded {
            queue: None,
            callee: callee.clone(),
            outcome: OfferOutcome::NoAnswer,
            rang: waited,
            cause: Cause::default(),
        },
        Fact::Steered { queue: queue.clone(), how: Steered::Assigned { operator: "anna".into() } },
        Fact::NobodyAnswered { missed: Miss::NoAnswer },
        Fact::NoNumber,
        Fact::HandOver(HandOver::Begun),
        Fact::HandOver(HandOver::Overdue),
        Fact::TalkEnded { queue: Some(queue), callee, talked: waited, by: Party::Caller, waited: None, to: None },
        Fact::Ended {
            number: Some("4780012345".into()),
            outcome: Outcome::Served,
            lasted: waited,
            charge: Some(charge("1.78")),
            uncharged: 1,
        },
        Fact::CommandFailed { command: "play", failure: Failure::Refused(404) },
        Fact::Charged {
            trunk: "provider".into(),
            callee: Callee::Operator("anna".into()),
            charge: Some(charge("0.0045")),
        },
        Fact::Measured(Measured::Estimate { queue: "sales".into(), told: waited, took: 3 * waited }),
        Fact::Measured(Measured::Idle { queue: "sales".into(), operator: "anna".into(), lasted: waited }),
        Fact::PromptFailed,
        Fact::Message {
            mailbox: "unheard_of".into(),
            id: MessageId::new(Time::ZERO, RecordingId { boot: 1, number: 1 }),
            outcome: MessageOutcome::Kept,
            lasts: waited,
        },
        Fact::RanInCircles,
        Fact::LookedUp { host: "crm.example.com".into(), took: Duration::from_millis(20), lacks: 1 },
        Fact::LookupFailed { host: "crm".into(), took: Duration::from_secs(2), why: NoAnswer::Status(503) },
        Fact::NotNotified { host: "crm".into() },
        Fact::NodeUp { node: NodeId(0), calls: 0 },
        Fact::Broken { what: "two callers, one operator" },
    ];
    for fact in facts.into_iter().chain([paused(), pin_refused()]).chain(of_callbacks()) {
        see(&metrics, fact);
    }
    by_the_drivers(&metrics);
    at_the_doors(&metrics);
    metrics
}

fn by_the_drivers(metrics: &Metrics) {
    metrics.requested(NodeId(0), "answer", "ok", Duration::from_millis(1));
    metrics.heard(NodeId(0), "StasisStart");
    metrics.reconnected(NodeId(0));
    metrics.lost(NodeId(0), "closed");
    metrics.discarded(NodeId(0), 3);
    metrics.lagged(Duration::from_micros(80));
    metrics.reloaded(Reload::Refused);
    metrics.message_not_fetched(NodeId(0));
    metrics.recording_not_deleted(NodeId(0));
    metrics.messages_kept(3, 96_000);
    metrics.records("written", 2);
    metrics.queue_log("written", 3);
    metrics.notifications_come_to(["delivered", "gave_up"]);
    metrics.notified("delivered", Duration::from_secs(1));
}

fn at_the_doors(metrics: &Metrics) {
    metrics.agi_opens(["hung_up", "lost"]);
    metrics.agi_began();
    [("hung_up", true), ("not_allowed", false)].into_iter().for_each(|(how, was_in)| metrics.agi_over(how, was_in));
    metrics.agi_command("noop", "done", Duration::from_millis(1));
    metrics.api_changed("lead", "done");
    metrics.api_refused("unauthorized");
}

fn snapshot() -> Snapshot {
    let call = crate::domain::CallId { boot: 1, number: 1 };
    Snapshot {
        numbers: vec![NumberView {
            number: "+4780012345".into(),
            kind: NumberType::TollFree,
            channels: Some(30),
            calls: 4,
        }],
        queues: vec![QueueView {
            queue: "sales".into(),
            strategy: "linear",
            callers: [12.5, 3.0]
                .map(|waited_seconds| WaitingView {
                    call,
                    position: 1,
                    priority: 0,
                    waited_seconds,
                    age_seconds: waited_seconds,
                    ringing: Vec::new(),
                    assigned: None,
                    waits_for: None,
                })
                .into(),
            operators: vec!["anna".into()],
        }],
        operators: vec![OperatorView {
            operator: "anna".into(),
            extension: None,
            desk: None,
            state: OperatorState::Talking,
            for_seconds: 1.0,
            duty: DutyView { duty: "on", reason: None, until: None, wrap_up_until: None },
            calls: vec![call],
            capacity: 1,
        }],
        trunks: vec![TrunkView { trunk: "provider".into(), channels: Some(8), in_use: 2 }],
        callbacks: vec![called_back()],
        ..Snapshot::default()
    }
}

fn called_back() -> CallbackView {
    let (id, at) = (CallbackId { boot: 1, number: 1 }, crate::dialplan::moment::timestamp(Time::ZERO));
    let (queue, number, called) = ("sales".into(), "+4790000000".into(), "4780012345".into());
    CallbackView {
        id,
        queue,
        number,
        called,
        entered: at,
        promised: at,
        expires: at,
        attempts: 0,
        not_before: at,
        call: None,
    }
}

#[test]
fn every_family_has_a_name_a_unit_and_help_as_prometheus_wants_them() {
    let metrics = after_everything();
    metrics.changes("written", 2);
    let text = metrics.text(Some(&snapshot())).expect("text");
    let mut kinds = BTreeMap::new();
    let mut helped = BTreeSet::new();
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').expect("help");
            assert!(help.len() > 20 && help.ends_with('.'), "help worth reading: {line}");
            helped.insert(name);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a type");
            assert!(kinds.insert(name, kind).is_none(), "{name} is there once");
        }
    }
    assert_eq!(kinds.keys().copied().collect::<BTreeSet<_>>(), helped, "each has its help");
    for (name, kind) in &kinds {
        let simple = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        assert!(simple && (name.starts_with("sentral_") || name.starts_with("process_")), "{name}");
        assert_eq!(name.ends_with("_total"), *kind == "counter", "{name} is a {kind}");
        assert!(*kind != "histogram" || name.ends_with("_seconds"), "{name} is measured in seconds");
        for other in ["_milliseconds", "_ms", "_minutes", "_count", "_sum", "_bucket"] {
            assert!(!name.ends_with(other), "{name}");
        }
    }
    let ours = kinds.keys().filter(|name| name.starts_with("sentral_")).count();
    assert_eq!(ours, 62, "all that is measured is shown");
}

#[test]
fn facts_are_counted_under_the_plans_names() {
    let text = after_everything().text(Some(&snapshot())).expect("text");
    for line in [
        r#"sentral_calls_total{number="+4780012345",outcome="served"} 1"#,
        r#"sentral_calls_total{number="+4780012345",outcome="full"} 1"#,
        r#"sentral_calls_total{number="+4780012345",outcome="lost"} 0"#,
        r#"sentral_callbacks_total{queue="sales",result="promised"} 1"#,
        r#"sentral_callbacks_total{queue="sales",result="gave_up"} 1"#,
        r#"sentral_callbacks_total{queue="sales",result="reached"} 0"#,
        r#"sentral_callbacks_refused_total{queue="sales",reason="own"} 1"#,
        r#"sentral_callback_attempts_failed_total{outcome="busy",queue="sales"} 1"#,
        r#"sentral_callbacks_waiting{queue="sales"} 1"#,
        r#"sentral_duty_changes_total{by="phone",to="paused"} 1"#,
        r#"sentral_duty_changes_total{by="api",to="signed_out"} 0"#,
        r#"sentral_pins_refused_total{why="wrong"} 1"#,
        r#"sentral_lookup_duration_seconds_count{result="answered"} 1"#,
        r#"sentral_lookup_duration_seconds_count{result="status"} 1"#,
        r#"sentral_lookup_duration_seconds_count{result="timed_out"} 0"#,
        r#"sentral_notification_duration_seconds_count{result="delivered"} 1"#,
        r#"sentral_notification_duration_seconds_count{result="gave_up"} 0"#,
        r#"sentral_notification_duration_seconds_count{result="unusable"} 1"#,
        r#"sentral_node_losses_total{node="pbx",reason="closed"} 1"#,
        r#"sentral_discarded_events_total{node="pbx"} 3"#,
        r#"sentral_active_calls{number="+4780012345"} 4"#,
        r#"sentral_hand_overs_total{result="overdue"} 1"#,
        r#"sentral_hand_overs_total{result="done"} 0"#,
        r#"sentral_refused_calls_total{reason="full"} 1"#,
        r#"sentral_refused_calls_total{reason="draining"} 0"#,
        r#"sentral_queue_waiting_callers{queue="sales"} 2"#,
        r#"sentral_queue_longest_wait_seconds{queue="sales"} 12.5"#,
        r#"sentral_queue_wait_seconds_sum{outcome="connected",queue="sales"} 3"#,
        r#"sentral_queue_wait_seconds_count{outcome="timed_out",queue="sales"} 0"#,
        r#"sentral_offers_total{operator="anna",outcome="answered",queue="sales"} 1"#,
        r#"sentral_queue_estimate_error_seconds_sum{direction="later",queue="sales"} 6"#,
        r#"sentral_queue_estimate_error_seconds_count{direction="sooner",queue="sales"} 0"#,
        r#"sentral_idle_while_eligible_seconds_total 3"#,
        r#"sentral_operators{state="talking"} 1"#,
        r#"sentral_operators{state="ready"} 0"#,
        r#"sentral_ari_request_duration_seconds_count{node="pbx",operation="answer",result="ok"} 1"#,
        r#"sentral_ari_events_total{node="pbx",type="StasisStart"} 1"#,
        r#"sentral_node_up{node="pbx"} 1"#,
        r#"sentral_plan_reloads_total{result="refused"} 1"#,
        r#"sentral_plan_loaded_timestamp_seconds 7"#,
        r#"sentral_invariant_breaks_total 1"#,
    ] {
        assert!(text.lines().any(|has| has == line), "{line} in\n{text}");
    }
}

#[test]
fn what_a_caller_sends_never_becomes_a_label() {
    let metrics = metrics();
    let number = Name::new("+4790000000\"} 1\nevil 2");
    see(
        &metrics,
        Fact::Refused { number: "+4790000000".into(), caller: Caller::default(), why: Refusal::UnknownNumber },
    );
    see(
        &metrics,
        Fact::Ended {
            number: Some(number),
            outcome: Outcome::Refused,
            lasted: Duration::ZERO,
            charge: None,
            uncharged: 0,
        },
    );
    let (caller, channel) = (Caller::from_wire("+4791111111", "Ivan", ""), ChannelId::new(NodeId(0), "1.1"));
    see(&metrics, Fact::Arrived { number: "+4780012345".into(), caller, channel });
    let text = metrics.text(None).expect("text");
    for sent in ["+4790000000", "evil", "+4791111111", "Ivan"] {
        assert!(!text.contains(sent), "{sent} in\n{text}");
    }
    assert!(text.contains(r#"sentral_calls_total{number="unknown",outcome="refused"} 2"#), "{text}");
}

#[test]
fn how_things_stand_is_left_out_rather_than_old() {
    let metrics = metrics();
    assert!(metrics.text(Some(&snapshot())).expect("text").contains("sentral_operators{"));
    let text = metrics.text(None).expect("text");
    for gauge in ["sentral_operators{", "sentral_active_calls{", "sentral_queue_waiting_callers{"] {
        assert!(!text.contains(gauge), "{gauge} in\n{text}");
    }
    assert!(text.contains("sentral_build_info"), "the rest is there");
}

#[test]
fn a_number_that_is_full_is_counted_whatever_comes_of_the_call_and_a_block_is_one_number() {
    let mut plan = plan();
    let block = Called::read("+47 22 33 44 xx", None).expect("a block");
    plan.numbers = plan.numbers.values().cloned().chain([PublicNumber::new(block, StepId(0))]).collect();
    let metrics = Metrics::new(vec!["pbx".into()]).expect("metrics");
    metrics.expect(&plan);
    metrics.plan_in_force(Time::from_secs(7));
    see(&metrics, Fact::FoundFull { number: "47223344xx".into() });
    see(&metrics, Fact::Refused { number: "47223344xx".into(), caller: Caller::default(), why: Refusal::Full });
    let text = metrics.text(None).expect("text");
    for line in [
        r#"sentral_found_full_calls_total{number="+47223344xx"} 2"#,
        r#"sentral_found_full_calls_total{number="+4780012345"} 0"#,
        r#"sentral_refused_calls_total{reason="full"} 1"#,
        r#"sentral_calls_total{number="+47223344xx",outcome="full"} 1"#,
    ] {
        assert!(text.lines().any(|has| has == line), "{line} in\n{text}");
    }
}

#[test]
fn costs_add_up_by_number_and_by_trunk_and_begin_at_nothing_where_there_is_a_tariff() {
    let mut plan = plan();
    let tariff = Tariff {
        currency: Currency::new("NOK").expect("a currency"),
        per_minute: Amount::ZERO,
        setup: Amount::ZERO,
        free: Duration::ZERO,
        first: NonZeroU32::MIN,
        increment: NonZeroU32::MIN,
    };
    let city = Called::read("+47 22 33 44 55", None).expect("a number");
    let other = PublicNumber::new(city, StepId(0));
    let numbers = plan.numbers.values().cloned().map(|number| PublicNumber { tariff: Some(tariff), ..number });
    plan.numbers = numbers.chain([other]).collect();
    let metrics = Metrics::new(vec!["pbx".into()]).expect("metrics");
    metrics.expect(&plan);
    let costs = |metrics: &Metrics| {
        let text = metrics.text(None).expect("text");
        text.lines().filter(|line| line.contains("_cost_total{")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(costs(&metrics), [r#"sentral_number_cost_total{currency="NOK",number="+4780012345"} 0"#]);
    for cost in ["1.78", "0.0045"] {
        let (number, lasted) = (Some(Name::new("4780012345")), Duration::ZERO);
        see(
            &metrics,
            Fact::Ended { number, outcome: Outcome::Served, lasted, charge: Some(charge(cost)), uncharged: 0 },
        );
    }
    let callee = Callee::Operator("anna".into());
    see(&metrics, Fact::Charged { trunk: "provider".into(), callee, charge: Some(charge("2")) });
    assert_eq!(
        costs(&metrics),
        [
            r#"sentral_number_cost_total{currency="NOK",number="+4780012345"} 1.7845"#,
            r#"sentral_trunk_cost_total{currency="NOK",trunk="provider"} 2"#,
        ]
    );
}
