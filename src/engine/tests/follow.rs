//! Operators with several telephones.

use std::{collections::VecDeque, time::Duration};

use super::{
    accept::by_key,
    bench::{Bench, DIRECT, Ringing, plan, queue},
    device::phone,
    other_node::{ELSEWHERE, elsewhere},
    told_before::announce,
};
use crate::{
    dialplan::{DutyChange, Pattern, Phone, Plan, Strategy, Trunk, hours::Override, parse},
    domain::{Cause, ChannelId, DeviceState, Name, Reason},
    engine::{
        Command, DutyBy, Event, Fact, Scope,
        notice::{OfferOutcome, OperatorState, Outcome},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// Gives an operator a desk, and these telephones beside it: what each is called, and when it rings.
pub(super) fn with_phones(plan: &mut Plan, operator: &str, others: &[(&str, u64)]) {
    let phone = |(name, after): (&str, u64)| Phone {
        after: Duration::from_secs(after),
        dial: format!("PJSIP/{name}").into(),
        trunk: None,
        accept: None,
        hours: None,
    };
    let all = std::iter::once((operator, 0)).chain(others.iter().copied());
    plan.operators[operator].phones = all.map(phone).collect();
}

/// Carla has these telephones, and anna stands behind her.
fn carla(others: &[(&str, u64)]) -> Plan {
    let mut plan = plan(vec![queue("sales", &["carla", "anna"], Strategy::Linear)]);
    with_phones(&mut plan, "carla", others);
    plan
}

fn change(plan: &mut Plan, at: usize, how: impl FnOnce(&mut Phone)) {
    let mut phones: Vec<Phone> = plan.operators["carla"].phones.to_vec();
    how(&mut phones[at]);
    plan.operators["carla"].phones = phones.into();
}

/// A caller for whom her desk rings.
fn rung(plan: Plan) -> (Bench, ChannelId, Ringing) {
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(DIRECT);
    let desk = bench.expect_offer("carla", &caller);
    bench.expect_answer(&caller);
    bench.expect_parked(&caller);
    bench.take_marks(&caller);
    (bench, caller, desk)
}

impl Bench {
    /// How often it was told that somebody is rung.
    fn offered(&self) -> usize {
        self.facts.iter().filter(|fact| matches!(fact, Fact::Offered { .. })).count()
    }
}

#[test]
fn the_next_telephone_rings_in_its_turn_and_the_one_before_stops() {
    let (mut bench, caller, desk) = rung(carla(&[("mobile", 12)]));
    bench.assert_quiet();
    bench.passes(12 * SECOND);
    let mobile = bench.expect_offer("mobile", &caller);
    assert_eq!(bench.expect_hangup(&desk.leg), Reason::Normal);
    bench.assert_quiet();
    bench.ends(&desk.leg, Cause::q850(16));
    bench.assert_operator("carla", OperatorState::Ringing);

    bench.answers(&mobile);

    bench.expect_join(&mobile.leg);
    bench.assert_operator("carla", OperatorState::Talking);
    // One offer, of which one thing is told.
    assert_eq!((bench.offered(), bench.offers()), (1, vec![("carla".into(), OfferOutcome::Answered)]));
    bench.hangs_up(&caller);
    bench.ends(&mobile.leg, Cause::q850(16));
    bench.assert_operator("carla", OperatorState::WrappingUp);
}

#[test]
fn those_of_the_same_time_ring_together_and_the_others_are_told_that_it_was_taken() {
    let (mut bench, caller, desk) = rung(carla(&[("mobile", 0), ("home", 0)]));
    let [mobile, home] = ["mobile", "home"].map(|name| bench.expect_offer(name, &caller));
    bench.assert_quiet();
    assert_eq!(bench.ringing_for(&caller), ["carla"], "she is one");
    bench.answers(&mobile);
    bench.expect_join(&mobile.leg);
    for other in [&desk, &home] {
        assert_eq!(bench.expect_hangup(&other.leg), Reason::AnsweredElsewhere);
    }
    assert_eq!(bench.offers(), [("carla".into(), OfferOutcome::Answered)]);

    // She is free when all her telephones are.
    bench.hangs_up(&caller);
    bench.ends(&mobile.leg, Cause::q850(16));
    bench.ends(&desk.leg, Cause::q850(26));
    bench.assert_operator("carla", OperatorState::Talking);
    bench.ends(&home.leg, Cause::q850(26));
    bench.assert_operator("carla", OperatorState::WrappingUp);
}

#[test]
fn one_that_is_busy_gives_the_next_its_turn_at_once_and_ends_nothing() {
    let (mut bench, caller, desk) = rung(carla(&[("mobile", 12)]));
    bench.passes(2 * SECOND);
    bench.ends(&desk.leg, Cause::q850(17));
    let mobile = bench.expect_offer("mobile", &caller);
    bench.assert_quiet();
    assert_eq!(bench.offers(), []);
    bench.assert_operator("carla", OperatorState::Ringing);
    // Its time has come meanwhile: it rings already.
    bench.passes(11 * SECOND);
    bench.take_marks(&caller);
    bench.assert_quiet();
    bench.rings_out(&mobile);
    assert_eq!(bench.offers(), [("carla".into(), OfferOutcome::NoAnswer)], "nearer than busy");
    bench.assert_operator("carla", OperatorState::BackingOff);
    bench.expect_offer("anna", &caller);
}

#[test]
fn of_two_that_ring_together_one_may_refuse_and_the_other_answer() {
    let (mut bench, caller, desk) = rung(carla(&[("mobile", 0)]));
    let mobile = bench.expect_offer("mobile", &caller);
    bench.declines(&desk);
    bench.assert_quiet();
    bench.assert_operator("carla", OperatorState::Ringing);
    bench.answers(&mobile);
    bench.expect_join(&mobile.leg);
    assert_eq!(bench.offers(), [("carla".into(), OfferOutcome::Answered)]);
}

#[test]
fn while_she_is_asked_at_one_the_next_does_not_ring() {
    let mut plan = carla(&[("mobile", 12)]);
    by_key(&mut plan, &["carla"]);
    let accept = plan.operators["carla"].accept.clone();
    change(&mut plan, 0, |desk| desk.accept = accept);
    let (mut bench, caller, desk) = rung(plan);
    bench.passes(10 * SECOND);
    bench.answers(&desk);
    bench.asked.clear();
    bench.passes(5 * SECOND);
    bench.take_marks(&caller);
    bench.assert_quiet();
    // She does not take it there.
    bench.presses(&desk.leg, "2");
    let mobile = bench.expect_offer("mobile", &caller);
    bench.expect_hangup(&desk.leg);
    bench.answers(&mobile);
    bench.expect_join(&mobile.leg);
    assert_eq!(bench.offers(), [("carla".into(), OfferOutcome::Answered)]);
}

#[test]
fn who_became_free_while_she_was_told_of_him_rings_with_her_next_telephone() {
    let mut plan = carla(&[("mobile", 12)]);
    announce(&mut plan, "sales");
    plan.queues["sales"].strategy = Strategy::RingAll;
    plan.queues["sales"].wrap_up = Duration::ZERO;
    let mut bench = Bench::new(plan);
    let talking = bench.caller_arrives(DIRECT);
    let [desk, anna] = ["carla", "anna"].map(|name| bench.expect_offer(name, &talking));
    bench.answers(&anna);
    bench.expect_hangup(&desk.leg);
    bench.ends(&desk.leg, Cause::q850(26));
    let caller = bench.caller_arrives(DIRECT);
    let desk = bench.expect_offer("carla", &caller);
    bench.answers(&desk);
    bench.hangs_up(&talking);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.assert_ready("anna");

    // She hangs up before she has heard it.
    bench.ends(&desk.leg, Cause::q850(16));

    bench.expect_offer("mobile", &caller);
    bench.expect_offer("anna", &caller);
}

#[test]
fn a_caller_who_leaves_stops_them_all_and_that_is_told_once() {
    let (mut bench, caller, desk) = rung(carla(&[("mobile", 0), ("home", 30)]));
    let mobile = bench.expect_offer("mobile", &caller);
    bench.hangs_up(&caller);
    bench.expect_hangup(&desk.leg);
    bench.expect_hangup(&mobile.leg);
    bench.assert_quiet();
    assert_eq!(bench.offers(), [("carla".into(), OfferOutcome::CallerLeft)]);
    bench.ends(&desk.leg, Cause::q850(16));
    bench.assert_operator("carla", OperatorState::Ringing);
    bench.ends(&mobile.leg, Cause::q850(16));
    bench.assert_ready("carla");
    bench.passes(60 * SECOND);
    bench.assert_quiet();
    assert_eq!((bench.outcomes(), bench.engine.poll_timeout()), (vec![Outcome::Abandoned], None));
}

#[test]
fn a_colleague_who_is_quicker_stops_them_all() {
    let mut plan = carla(&[("mobile", 0), ("home", 30)]);
    plan.queues["sales"].strategy = Strategy::RingAll;
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(DIRECT);
    let [desk, mobile, anna] = ["carla", "mobile", "anna"].map(|name| bench.expect_offer(name, &caller));
    bench.answers(&anna);
    bench.expect_join(&anna.leg);
    for other in [&desk, &mobile] {
        assert_eq!(bench.expect_hangup(&other.leg), Reason::AnsweredElsewhere);
    }
    let told = [("anna".to_owned(), OfferOutcome::Answered), ("carla".to_owned(), OfferOutcome::AnsweredElsewhere)];
    assert_eq!(bench.offers(), told);
    bench.passes(40 * SECOND);
    assert!(!bench.asked.iter().any(|command| matches!(command, Command::Originate { .. })), "home rings no more");
}

#[test]
fn a_telephone_whose_hours_are_closed_is_passed_over() {
    let office = |plan: &mut Plan| {
        let text = "exchange: test\ntimezone: UTC\nnumbers: {101: {flow: w}}\nhours: {office: {open: [Mo-Su 00:00-24:00], \
                    closed: [01-01..12-31]}}\nflows: {w: hangup}\n";
        plan.hours = parse("plan.yaml", text.as_bytes()).expect("no mistakes").plan.hours;
        change(plan, 0, |desk| desk.hours = Some("office".into()));
    };
    let mut closed = carla(&[("mobile", 12)]);
    office(&mut closed);
    let mut bench = Bench::new(closed.clone());
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_offer("mobile", &caller);
    assert!(!bench.asked.iter().any(|command| matches!(command, Command::Originate { .. })), "not her desk");

    // By hand it is open after all.
    let mut bench = Bench::new(closed.clone());
    let how = Override::Stand { open: true, until: None };
    bench.tell(Event::HoursOverridden { hours: "office".into(), how });
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_offer("carla", &caller);

    // Nobody says where she is when all are closed: at the first.
    change(&mut closed, 1, |mobile| mobile.hours = Some("office".into()));
    let mut bench = Bench::new(closed);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_offer("carla", &caller);
}

/// A trunk with one line.
fn narrow(plan: &mut Plan) {
    let dial = Pattern { before: "PJSIP/".into(), after: "@narrow".into(), plus: true };
    let trunk = Trunk {
        name: "narrow".into(),
        dial,
        channels: Some(1),
        shows: Default::default(),
        identity: Default::default(),
        tariff: None,
    };
    plan.trunks.insert("narrow".into(), trunk);
}

#[test]
fn a_trunk_s_lines_are_counted_leg_by_leg() {
    let mut plan = carla(&[("mobile", 0), ("home", 0)]);
    narrow(&mut plan);
    for at in [1, 2] {
        change(&mut plan, at, |phone| phone.trunk = Some(Name::new("narrow")));
    }
    let (mut bench, caller, _desk) = rung(plan);
    bench.expect_offer("mobile", &caller);
    bench.assert_quiet();
    let trunk = &bench.engine.snapshot(bench.now).trunks[0];
    assert_eq!((trunk.in_use, trunk.channels), (1, Some(1)));
}

#[test]
fn an_operator_behind_a_full_trunk_is_offered_when_it_has_a_line() {
    let mut plan = plan(vec![queue("sales", &["anna", "boris"], Strategy::Linear)]);
    narrow(&mut plan);
    for name in ["anna", "boris"] {
        plan.operators[name].trunk = Some("narrow".into());
    }
    let mut bench = Bench::new(plan);
    let first = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &first);
    bench.answers(&anna);
    let second = bench.caller_arrives(DIRECT);
    let rings = |asked: &VecDeque<Command>| {
        asked.iter().any(|command| matches!(command, Command::Originate { .. } | Command::Create { .. }))
    };
    bench.passes(5 * SECOND);
    assert!(!rings(&bench.asked), "{:#?}", bench.asked);
    bench.assert_ready("boris");
    bench.hangs_up(&first);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.expect_offer("boris", &second);
}

#[test]
fn a_step_that_dials_her_rings_at_all_her_telephones() {
    use crate::dialplan::{Act, Dial, DialMode, Step, StepId, Target};
    let mut plan = carla(&[("mobile", 12)]);
    let dial = Dial {
        to: vec![Target::Operator("carla".into())],
        mode: DialMode::InTurn,
        ring: 20 * SECOND,
        busy: None,
        no_answer: Some(StepId(3)),
        unreachable: None,
        otherwise: None,
    };
    plan.steps[0] = Step { act: Act::Dial(std::sync::Arc::new(dial)), next: None };
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(DIRECT);
    let desk = bench.expect_offer("carla", &caller);
    bench.declines(&desk);
    let mobile = bench.expect_offer("mobile", &caller);
    bench.rings_out(&mobile);
    bench.expect_hangup(&caller);
    assert_eq!(bench.offers(), [("carla".into(), OfferOutcome::NoAnswer)]);
    bench.assert_ready("carla");
}

#[test]
fn she_whose_desk_is_not_registered_has_other_telephones_and_she_who_talks_there_has_no_time() {
    let mut bench = Bench::new(carla(&[("mobile", 12)]));
    bench.tell(phone("carla", DeviceState::Unavailable));
    bench.assert_operator("carla", OperatorState::Ready);
    let caller = bench.caller_arrives(DIRECT);
    let desk = bench.expect_offer("carla", &caller);
    bench.ends(&desk.leg, Cause { q850: 20, sip: None });
    bench.expect_offer("mobile", &caller);
    let mut bench = Bench::new(carla(&[("mobile", 12)]));
    bench.tell(phone("carla", DeviceState::InUse));
    bench.assert_operator("carla", OperatorState::Busy);
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_offer("anna", &caller);
}

#[test]
fn she_who_pauses_is_called_by_none_of_her_telephones_any_more() {
    for at in [0, 13] {
        let (mut bench, caller, desk) = rung(carla(&[("softphone", 0), ("mobile", 12)]));
        let softphone = bench.expect_offer("softphone", &caller);
        bench.passes(at * SECOND);
        let (mut rings, mut stopped) = (vec![desk.leg, softphone.leg], Vec::new());
        if at > 0 {
            stopped = std::mem::replace(&mut rings, vec![bench.expect_offer("mobile", &caller).leg]);
            bench.asked.clear();
        }
        let pause = DutyChange::Pause { reason: None, lasts: None };
        bench.tell(Event::DutyAsked { operator: "carla".into(), change: pause, by: DutyBy::Api });
        for leg in &rings {
            bench.expect_hangup(leg);
        }
        assert_eq!(bench.offers(), [("carla".to_owned(), OfferOutcome::OffDuty)]);
        bench.expect_offer("anna", &caller);
        rings.iter().chain(&stopped).for_each(|leg| bench.ends(leg, Cause::q850(16)));
        bench.passes(20 * SECOND);
        bench.assert_operator("carla", OperatorState::Paused);
    }
}

#[test]
fn she_who_is_found_talking_elsewhere_is_called_by_none_of_her_telephones_and_the_caller_goes_on() {
    let (mut bench, caller, desk) = rung(carla(&[("mobile", 12)]));
    bench.passes(12 * SECOND);
    let mobile = bench.expect_offer("mobile", &caller);
    bench.expect_hangup(&desk.leg);
    bench.tell(Event::NodeUp { node: ELSEWHERE, scope: Scope::WholeCall, held: elsewhere(2) });
    bench.expect_hangup(&mobile.leg);
    assert_eq!(bench.offers(), [("carla".to_owned(), OfferOutcome::Busy)]);
    bench.expect_offer("anna", &caller);
    bench.assert_operator("carla", OperatorState::Talking);
}
