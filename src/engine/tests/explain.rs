//! Why a caller is not connected yet, and an operator not rung.

use std::time::Duration;

use super::{
    bench::{Bench, NODE, Ringing},
    device::phone,
    logic::called_by,
    told_truly::assert_all_is_told,
};
use crate::{
    dialplan::{DutyChange, parse},
    domain::{CallId, Cause, ChannelId, DeviceState},
    engine::{
        Command, DutyBy, Event, NotSteered, Steer,
        explain::{CallWhy, OperatorWhy, Reason, Why},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// Calls come to `sales`; those whose numbers begin with +472 to `billing`. Those of +471 are of priority 10.
fn bench(operators: &str, queues: &str) -> Bench {
    let text = format!(
        "exchange: bench\ntimezone: UTC\ncountry: NO\nnumbers: {{101: {{flow: welcome}}}}\n\
         operators: {{{operators}}}\n\
         trunks: {{narrow: {{dial: \"PJSIP/{{number}}@narrow\", channels: 1}}}}\n\
         queues:\n{queues}\n\
         flows:\n  welcome:\n\
         \x20   - if: {{when: \"starts_with(caller.number, '+471')\", then: {{set: {{priority: 10}}}}}}\n\
         \x20   - if: {{when: \"starts_with(caller.number, '+472')\", then: {{queue: billing}}, else: {{queue: sales}}}}\n"
    );
    match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => Bench::new(checked.plan),
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

const TWO: &str = "anna: {dial: PJSIP/anna}, boris: {dial: PJSIP/boris}";

fn billing() -> &'static str {
    "  billing: {operators: [boris], strategy: linear}"
}

fn id(bench: &Bench, caller: &ChannelId) -> CallId {
    bench.engine.caller_of(caller).expect("he calls")
}

fn why(bench: &Bench, caller: &ChannelId) -> CallWhy {
    assert_all_is_told(&bench.engine);
    bench.engine.explain_call(id(bench, caller), bench.now).expect("he calls")
}

fn why_operator(bench: &Bench, name: &str) -> OperatorWhy {
    assert_all_is_told(&bench.engine);
    bench.engine.explain_operator(&name.into(), bench.now).expect("an operator of the plan")
}

/// Who may be rung for him, in their order, and why each is not.
fn operators(bench: &Bench, caller: &ChannelId) -> Vec<(String, Vec<Why>)> {
    let waits = why(bench, caller).waits.expect("he waits");
    let words = |reasons: &[Reason]| reasons.iter().map(|reason| reason.why).collect();
    waits.operators.iter().map(|one| (one.operator.to_string(), words(&one.reasons))).collect()
}

/// The only reason of that operator.
fn reason(bench: &Bench, caller: &ChannelId, operator: &str) -> Reason {
    let waits = why(bench, caller).waits.expect("he waits");
    let one = waits.operators.into_iter().find(|one| *one.operator == *operator).expect("he serves the queue");
    assert_eq!(one.reasons.len(), 1, "{one:?}");
    one.reasons.into_iter().next().expect("one")
}

/// An operator is rung for a caller, and talks with him.
fn talks(bench: &mut Bench, operator: &str, number: &str) -> (ChannelId, Ringing) {
    let caller = called_by(bench, number);
    let ringing = bench.expect_offer(operator, &caller);
    bench.answers(&ringing);
    bench.asked.clear();
    (caller, ringing)
}

fn duty(bench: &mut Bench, operator: &str, change: DutyChange) {
    bench.tell(Event::DutyAsked { operator: operator.into(), change, by: DutyBy::Api });
}

fn pause(lasts: Option<Duration>) -> DutyChange {
    DutyChange::Pause { reason: Some("lunch".into()), lasts }
}

fn text(reason: &Reason) -> &str {
    &reason.text
}

#[test]
fn of_one_who_waits_it_is_told_where_and_what_each_operator_does_instead() {
    let mut bench = bench(TWO, &format!("  sales: {{operators: [anna, boris], strategy: linear}}\n{}", billing()));
    duty(&mut bench, "boris", pause(Some(600 * SECOND)));
    let (first, _anna) = talks(&mut bench, "anna", "+4730000000");
    bench.passes(4 * SECOND);
    let caller = called_by(&mut bench, "+4730000001");
    bench.passes(65 * SECOND);

    let told = why(&bench, &caller);
    assert_eq!(told.text, "he waits in `sales` at place 1 of 1 for 1 min 5 s");
    let waits = told.waits.as_ref().expect("he waits");
    assert_eq!((waits.position, waits.line, waits.priority, waits.reasons.len()), (1, 1, 0, 0));
    let [anna, boris] = waits.operators.as_slice() else { panic!("{waits:?}") };
    assert_eq!((anna.reasons.len(), anna.reasons[0].why), (1, Why::Talking));
    let words = format!("he talks with another caller ({}) since 13:46:40", id(&bench, &first));
    assert_eq!(text(&anna.reasons[0]), words);
    assert_eq!(anna.reasons[0].call, Some(id(&bench, &first)));
    assert_eq!(text(&boris.reasons[0]), "he is paused (lunch) since 13:46:40, until 13:56:40");
    assert_eq!(boris.reasons[0].because.as_deref(), Some("lunch"));
    assert_eq!(why(&bench, &first).text, "he does not wait: he talks with anna");
}

#[test]
fn whoever_asks_changes_nothing() {
    let mut bench = bench(TWO, &format!("  sales: {{operators: [anna, boris], strategy: random}}\n{}", billing()));
    let (_, anna) = talks_of_two(&mut bench);
    let caller = called_by(&mut bench, "+4730000009");
    bench.asked.clear();
    let (lot, next) = (format!("{:?}", bench.engine.lot), bench.engine.poll_timeout());
    why(&bench, &caller);
    why_operator(&bench, "anna");
    assert_eq!((format!("{:?}", bench.engine.lot), bench.engine.poll_timeout()), (lot, next));
    bench.assert_quiet();
    bench.hangs_up(&anna.leg);
}

/// Both talk, whoever was drawn first.
fn talks_of_two(bench: &mut Bench) -> (ChannelId, Ringing) {
    let mut last = None;
    for number in ["+4730000000", "+4730000001"] {
        let caller = called_by(bench, number);
        let ringing = bench.expect_offer_keeping_join(&caller);
        bench.answers(&ringing);
        last = Some((caller, ringing));
    }
    last.expect("two callers")
}

#[test]
fn who_comes_first_at_an_operator_is_told_and_by_what() {
    let queues = "  sales: {operators: [anna], strategy: linear}\n  \
                  billing: {operators: [anna], strategy: linear, weight: 1}";
    let mut bench = bench("anna: {dial: PJSIP/anna}", queues);
    talks(&mut bench, "anna", "+4730000000");
    let mut calls = |number| {
        bench.passes(SECOND);
        called_by(&mut bench, number)
    };
    let [older, caller, preferred] = ["+4730000001", "+4730000002", "+4710000000"].map(&mut calls);
    let first = |bench: &Bench| {
        let waits = why(bench, &caller).waits.expect("he waits");
        let behind = waits.operators[0].reasons.iter().find(|reason| reason.why == Why::Behind).expect("another");
        (behind.call.expect("a call"), behind.because.as_ref().map(ToString::to_string).expect("a word"))
    };
    assert_eq!(first(&bench), (id(&bench, &preferred), "priority".into()));
    assert_eq!(operators(&bench, &preferred), [("anna".into(), vec![Why::Talking])]);
    bench.hangs_up(&preferred);
    assert_eq!(first(&bench), (id(&bench, &older), "age".into()));
    bench.passes(SECOND);
    let heavier = called_by(&mut bench, "+4720000000");
    assert_eq!(first(&bench), (id(&bench, &heavier), "weight".into()));
    let (last, assigned) = (called_by(&mut bench, "+4730000003"), Steer::Assign("anna".into()));
    bench.tell(Event::Steered { call: id(&bench, &last), steer: assigned });
    assert_eq!(first(&bench), (id(&bench, &last), "assigned".into()));

    let anna = why_operator(&bench, "anna");
    let next = anna.next.expect("somebody waits");
    assert_eq!((next.call, next.assigned, next.queue.as_deref()), (id(&bench, &last), true, Some("sales")));
    let queues: Vec<_> = anna.queues.iter().map(|queue| (&*queue.queue, queue.waiting, queue.first)).collect();
    let firsts = [("sales", 3, Some(id(&bench, &older))), ("billing", 1, Some(id(&bench, &heavier)))];
    assert_eq!(queues, firsts);
    let second = &anna.queues[0].callers[1];
    assert_eq!((second.call, second.reasons[0].why), (id(&bench, &caller), Why::Behind));
}

#[test]
fn waiting_makes_up_for_priority_in_the_words_too() {
    let queues = format!("  sales: {{operators: [anna], strategy: linear, ageing: 60s}}\n{}", billing());
    let mut bench = bench(TWO, &queues);
    talks(&mut bench, "anna", "+4730000000");
    let older = called_by(&mut bench, "+4730000001");
    bench.passes(30 * SECOND);
    let preferred = called_by(&mut bench, "+4710000000");
    bench.passes(30 * SECOND);
    let waits = why(&bench, &older).waits.expect("he waits");
    assert_eq!((waits.effective_priority, waits.ageing_seconds), (1.0, Some(60.0)));
    let behind = &waits.operators[0].reasons[1];
    assert_eq!((behind.call, behind.because.as_deref()), (Some(id(&bench, &preferred)), Some("ageing")));
    let told = why(&bench, &preferred).text;
    assert_eq!(told, "he waits in `sales` at place 1 of 2 for 30 s, with priority 10, which waiting has made 10.5");
}

#[test]
fn a_skill_that_is_lacking_is_told_and_when_it_is_asked_for_no_longer() {
    let queues = format!(
        "  sales:\n    operators: [boris]\n    strategy: linear\n    skills: {{english: 3}}\n    \
         relax: [{{after: 30s, skills: {{english: 2}}}}, {{after: 60s, skills: {{}}}}]\n{}",
        billing()
    );
    let mut bench = bench("boris: {dial: PJSIP/boris, skills: {english: 1}}", &queues);
    let caller = called_by(&mut bench, "+4730000000");
    let lacks = reason(&bench, &caller, "boris");
    assert_eq!((lacks.why, lacks.skill.as_deref(), lacks.least), (Why::LacksSkill, Some("english"), Some(3)));
    assert_eq!(lacks.level, Some(1));
    assert_eq!(
        lacks.text,
        "the queue asks for `english` of level 3, and he has level 1; from 13:47:10 on level 2 is asked for; \
         he may be rung from 13:47:40 on"
    );
    let boris = why_operator(&bench, "boris");
    assert_eq!(boris.text, "he is free since Thu 1970-01-01 00:00", "when the bench's engine was born");
    assert!(boris.reasons.is_empty() && boris.next.is_none());
    assert_eq!(boris.queues[0].reasons[0].why, Why::NobodyForHim);
    assert_eq!(boris.queues[1].reasons[0].why, Why::NobodyWaits);
    bench.passes(60 * SECOND);
    bench.expect_offer("boris", &caller);
    assert_eq!(why(&bench, &caller).waits.expect("he waits").reasons[0].why, Why::RungFor);
}

#[test]
fn limits_of_penalties_are_told_and_when_they_change() {
    let queues = format!(
        "  sales:\n    operators: [{{boris: {{penalty: 4}}}}]\n    strategy: linear\n    \
         penalties: [{{after: 0s, max: 1}}, {{after: 20s, max: 5}}]\n{}",
        billing()
    );
    let mut bench = bench("boris: {dial: PJSIP/boris}", &queues);
    let caller = called_by(&mut bench, "+4730000000");
    let told = reason(&bench, &caller, "boris");
    assert_eq!((told.why, told.penalty, told.min, told.max), (Why::Penalty, Some(4), Some(0), Some(1)));
    assert_eq!(
        told.text,
        "penalties from 0 to 1 may be rung, and his counts as 4; other limits apply from 13:47:00 on; \
         he may be rung from 13:47:00 on"
    );
}

#[test]
fn those_of_a_greater_penalty_do_not_ring_beside_others() {
    let queues = format!("  sales: {{operators: [anna, {{boris: {{penalty: 1}}}}], strategy: ringall}}\n{}", billing());
    let mut bench = bench(TWO, &queues);
    let caller = called_by(&mut bench, "+4730000000");
    assert_eq!(
        operators(&bench, &caller),
        [("boris".into(), vec![Why::Tier]), ("anna".into(), vec![Why::Ringing])],
        "who was rung is the last to be rung again"
    );
    assert_eq!(text(&reason(&bench, &caller, "anna")), "his telephone rings for this caller since 13:46:40");
}

#[test]
fn when_one_more_may_ring_is_told() {
    let queues =
        format!("  sales: {{operators: [anna, boris], strategy: ring_progressively, add_every: 7s}}\n{}", billing());
    let mut bench = bench(TWO, &queues);
    let caller = called_by(&mut bench, "+4730000000");
    let waits = why(&bench, &caller).waits.expect("he waits");
    let [rung] = waits.reasons.as_slice() else { panic!("{waits:?}") };
    assert_eq!(rung.text, "a telephone rings for him already; one more may ring at 13:46:47");
    assert_eq!(operators(&bench, &caller), [("boris".into(), vec![]), ("anna".into(), vec![Why::Ringing])]);
}

#[test]
fn one_who_did_not_take_a_call_is_left_alone_and_why_is_told() {
    let queues = format!("  sales: {{operators: [anna], strategy: linear, retry: 9s}}\n{}", billing());
    let mut bench = bench(TWO, &queues);
    let caller = called_by(&mut bench, "+4730000000");
    let anna = bench.expect_offer("anna", &caller);
    bench.declines(&anna);
    let told = reason(&bench, &caller, "anna");
    assert_eq!((told.why, told.because.as_deref()), (Why::BackingOff, Some("declined")));
    assert_eq!(told.text, "he is left alone until 13:46:49: he declined a call");
    assert!(told.until.is_some());
}

#[test]
fn what_keeps_a_telephone_from_ringing_is_told() {
    let queues = format!("  sales: {{operators: [anna], strategy: linear}}\n{}", billing());
    let mut bench = bench("anna: {dial: PJSIP/anna, device: PJSIP/anna}, boris: {dial: PJSIP/boris}", &queues);
    bench.tell(phone("anna", DeviceState::InUse));
    let caller = called_by(&mut bench, "+4730000000");
    assert_eq!(reason(&bench, &caller, "anna").why, Why::Busy);
    bench.tell(phone("anna", DeviceState::Unavailable));
    let waits = why(&bench, &caller).waits.expect("he waits");
    let words: Vec<Why> = waits.operators[0].reasons.iter().map(|reason| reason.why).collect();
    assert_eq!(words, [Why::Unreachable, Why::RegisteredElsewhere], "neither anywhere nor here");
    duty(&mut bench, "anna", DutyChange::SignOut);
    assert_eq!(why_operator(&bench, "anna").reasons[0].why, Why::SignedOut);
}

#[test]
fn a_trunk_without_a_line_is_told() {
    let both = "anna: {dial: \"PJSIP/+4790000001@narrow\"}, boris: {dial: \"PJSIP/+4790000002@narrow\"}";
    let queues = format!("  sales: {{operators: [anna, boris], strategy: linear}}\n{}", billing());
    let mut bench = bench(both, &queues);
    let first = called_by(&mut bench, "+4730000000");
    bench.take("to ring anna", |command| matches!(command, Command::Create { caller, .. } if *caller == first));
    let second = called_by(&mut bench, "+4730000001");
    let told = operators(&bench, &second);
    assert_eq!(told[0], ("anna".into(), vec![Why::Ringing, Why::TrunkFull]));
    assert_eq!(told[1], ("boris".into(), vec![Why::TrunkFull]));
}

#[test]
fn a_conversation_that_ends_and_what_comes_after_it_is_told() {
    let queues = format!("  sales: {{operators: [anna], strategy: linear, wrap_up: 20s}}\n{}", billing());
    let mut bench = bench(TWO, &queues);
    let (first, anna) = talks(&mut bench, "anna", "+4730000000");
    let caller = called_by(&mut bench, "+4730000001");
    bench.hangs_up(&first);
    assert_eq!(reason(&bench, &caller, "anna").why, Why::HangingUp);
    assert_eq!(bench.engine.explain_call(CallId { boot: 7, number: 1 }, bench.now).err(), Some(NotSteered::Over));
    let nobody = CallId { boot: 6, number: 1 };
    assert_eq!(bench.engine.explain_call(nobody, bench.now).err(), Some(NotSteered::NoSuchCall));
    bench.ends(&anna.leg, Cause::q850(16));
    let told = reason(&bench, &caller, "anna");
    assert_eq!((told.why, &*told.text), (Why::WrappingUp, "he wraps up until 13:47:00"));
    assert!(bench.engine.explain_operator(&"nobody".into(), bench.now).is_none());
}

#[test]
fn of_callers_whose_asterisk_is_not_heard_from_nothing_else_is_told() {
    let mut bench = bench(TWO, &format!("  sales: {{operators: [anna], strategy: linear}}\n{}", billing()));
    talks(&mut bench, "anna", "+4730000000");
    let caller = called_by(&mut bench, "+4730000001");
    bench.tell(Event::NodeDown { node: NODE });
    let waits = why(&bench, &caller).waits.expect("he waits");
    assert_eq!(waits.reasons.iter().map(|reason| reason.why).collect::<Vec<_>>(), [Why::NodeAway]);
    assert_eq!(operators(&bench, &caller), [("anna".into(), vec![Why::Talking])]);
}

#[test]
fn every_word_is_explained_in_the_manual() {
    let manual = include_str!("../../../docs/api.md");
    for why in Why::ALL {
        let word = serde_json::to_value(why).expect("a word");
        let word = word.as_str().expect("a word");
        assert!(manual.contains(&format!("| `{word}` |")), "docs/api.md lacks {word}");
    }
}
