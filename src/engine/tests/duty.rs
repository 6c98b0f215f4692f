//! Whether operators are there for their queues.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, Ringing, patience, plan, queue};
use crate::{
    dialplan::{AutoPause, Away, DutyChange, Missed, Plan, Queue, StepId, Strategy},
    domain::{Cause, ChannelId, Name},
    engine::{
        Duty, DutyBy, Engine, Errand, Event, Fact, Held, KeptDuty, NotChanged, Setup,
        notice::{DutyFact, LeftQueue, OfferOutcome, OperatorState},
    },
};

const MINUTE: Duration = Duration::from_secs(60);

fn asks(bench: &mut Bench, operator: &str, change: DutyChange) {
    bench.tell(Event::DutyAsked { operator: operator.into(), change, by: DutyBy::Api });
}

fn pause() -> DutyChange {
    DutyChange::Pause { reason: Some("lunch".into()), lasts: None }
}

/// What was told of duties: who, how he is now, and who said so.
fn told(bench: &mut Bench) -> Vec<(String, &'static str, DutyBy)> {
    let told = bench.facts.drain(..).filter_map(|fact| match fact {
        Fact::Duty(DutyFact::Changed { operator, to, by, .. }) => Some((operator.to_string(), to.word(), by)),
        _ => None,
    });
    told.collect()
}

/// What the engine wants to be written of operators, the last of each.
fn kept(bench: &mut Bench) -> BTreeMap<Name, KeptDuty> {
    let kept = bench.errands.drain(..).filter_map(|errand| match errand {
        Errand::KeepDuty { operator, kept } => Some((operator, kept)),
        _ => None,
    });
    kept.collect()
}

fn left(bench: &Bench) -> Vec<LeftQueue> {
    let why = |fact: &Fact| match fact {
        Fact::LeftQueue { why, .. } => Some(*why),
        _ => None,
    };
    bench.facts.iter().filter_map(why).collect()
}

/// Of the queue `sales`: who nobody may take hears "goodbye".
fn unstaffed_if(away: &[Away], operators: &[&str]) -> Plan {
    let unstaffed = Queue {
        when_unstaffed: Some(StepId(4)),
        unstaffed_if: away.iter().copied().collect(),
        ..queue("sales", operators, Strategy::Linear)
    };
    plan(vec![unstaffed])
}

/// A caller who comes when nobody can be rung.
fn waits(bench: &mut Bench) -> ChannelId {
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_parked(&caller);
    caller
}

/// The leg ends as Asterisk says after it was told to.
fn stops(bench: &mut Bench, ringing: &Ringing) {
    bench.expect_hangup(&ringing.leg);
    bench.ends(&ringing.leg, Cause::q850(16));
}

#[test]
fn one_who_is_paused_is_not_rung_and_one_who_resumes_takes_who_waits_at_once() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    asks(&mut bench, "anna", pause());
    bench.assert_operator("anna", OperatorState::Paused);
    let caller = waits(&mut bench);
    bench.assert_quiet();

    asks(&mut bench, "anna", DutyChange::Resume);

    bench.expect_offer("anna", &caller);
    assert_eq!(told(&mut bench), [("anna".into(), "paused", DutyBy::Api), ("anna".into(), "on", DutyBy::Api)]);
}

#[test]
fn a_pause_ends_by_itself_after_what_was_said_or_else_after_what_the_plan_says() {
    let mut plan = plan(vec![queue("sales", &["anna", "boris"], Strategy::Linear)]);
    plan.pauses = [("lunch".into(), Some(30 * MINUTE)), ("training".into(), None)].into_iter().collect();
    let mut bench = Bench::new(plan);
    asks(&mut bench, "anna", pause());
    asks(&mut bench, "boris", DutyChange::Pause { reason: Some("lunch".into()), lasts: Some(10 * MINUTE) });
    let caller = waits(&mut bench);

    bench.passes(10 * MINUTE);
    let boris = bench.expect_offer("boris", &caller);
    bench.assert_operator("anna", OperatorState::Paused);
    bench.answers(&boris);
    bench.passes(20 * MINUTE);
    bench.assert_ready("anna");
    asks(&mut bench, "anna", DutyChange::Pause { reason: Some("training".into()), lasts: None });
    bench.passes(600 * MINUTE);
    bench.assert_operator("anna", OperatorState::Paused);
    let by: Vec<DutyBy> = told(&mut bench).into_iter().filter(|(_, to, _)| *to == "on").map(|(_, _, by)| by).collect();
    assert_eq!(by, [DutyBy::Automatic, DutyBy::Automatic]);
}

#[test]
fn a_phone_that_rings_stops_and_its_caller_is_offered_to_the_next_at_once() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.asked.clear();

    asks(&mut bench, "anna", DutyChange::SignOut);

    bench.expect_hangup(&anna.leg);
    bench.expect_offer("boris", &caller);
    assert_eq!(bench.offers(), [("anna".into(), OfferOutcome::OffDuty)]);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.assert_operator("anna", OperatorState::SignedOut);
}

#[test]
fn one_who_talks_or_wraps_up_goes_on_and_is_away_when_he_would_be_free() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, anna) = bench.two_talk("anna");
    asks(&mut bench, "anna", pause());
    bench.assert_quiet();
    bench.assert_operator("anna", OperatorState::Talking);
    bench.hangs_up(&caller);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.assert_operator("anna", OperatorState::WrappingUp);
    asks(&mut bench, "anna", DutyChange::SignOut);
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.passes(20 * Duration::from_secs(1));
    bench.assert_operator("anna", OperatorState::SignedOut);
}

#[test]
fn one_whom_a_step_rings_by_name_may_be_away_from_his_queues() {
    let mut plan = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    let dial = crate::dialplan::Dial {
        to: vec![crate::dialplan::Target::Operator("anna".into())],
        mode: crate::dialplan::DialMode::InTurn,
        ring: Duration::from_secs(30),
        busy: None,
        no_answer: None,
        unreachable: None,
        otherwise: None,
    };
    plan.steps[1].act = crate::dialplan::Act::Dial(Arc::new(dial));
    let mut bench = Bench::new(plan);
    asks(&mut bench, "anna", pause());
    let caller = bench.caller_arrives(super::bench::MENU);
    let anna = bench.expect_offer("anna", &caller);
    bench.asked.clear();
    asks(&mut bench, "anna", DutyChange::SignOut);
    bench.assert_quiet();
    bench.answers(&anna);
    bench.assert_operator("anna", OperatorState::Talking);
}

#[test]
fn where_the_plan_says_who_counts_as_nobody_those_who_wait_are_not_kept() {
    for (counts, change, leaves) in [
        (vec![Away::SignedOut, Away::Paused], pause(), true),
        (vec![Away::SignedOut], pause(), false),
        (vec![Away::SignedOut], DutyChange::SignOut, true),
        (vec![], DutyChange::SignOut, false),
    ] {
        let mut bench = Bench::new(unstaffed_if(&counts, &["anna"]));
        let ringing = bench.caller_arrives(DIRECT);
        bench.expect_offer("anna", &ringing);
        let waiting = bench.caller_arrives(DIRECT);
        bench.asked.clear();
        asks(&mut bench, "anna", change.clone());
        let expected = if leaves { vec![LeftQueue::Unstaffed; 2] } else { vec![] };
        assert_eq!(left(&bench), expected, "{counts:?} {change:?}");
        assert_eq!(bench.waiting().len(), if leaves { 0 } else { 2 });
        if leaves {
            bench.expect_play(&ringing, "goodbye");
            bench.expect_play(&waiting, "goodbye");
            let late = bench.caller_arrives(DIRECT);
            bench.expect_play(&late, "goodbye");
        }
    }
}

#[test]
fn whom_the_plan_gives_no_way_out_waits_for_who_signs_in() {
    let mut bench = Bench::new(plan(vec![patience(queue("sales", &["anna"], Strategy::Linear), 10 * MINUTE)]));
    asks(&mut bench, "anna", DutyChange::SignOut);
    let caller = waits(&mut bench);
    bench.passes(MINUTE);
    assert_eq!(bench.waiting(), std::slice::from_ref(&caller));
    bench.asked.clear();
    asks(&mut bench, "anna", DutyChange::Toggle);
    bench.expect_offer("anna", &caller);
}

/// The queue `sales` pauses who does not take three calls; no answer and a refusal count.
fn auto(lasts: Option<Duration>) -> Bench {
    let auto_pause =
        Some(AutoPause { after: 3, of: [Missed::NoAnswer, Missed::Declined].into(), lasts, delay: Duration::ZERO });
    Bench::new(plan(vec![Queue { auto_pause, ..queue("sales", &["anna"], Strategy::Linear) }]))
}

fn rung(bench: &mut Bench, caller: &ChannelId) -> Ringing {
    let ringing = bench.expect_offer("anna", caller);
    bench.asked.clear();
    ringing
}

#[test]
fn one_who_does_not_take_so_many_calls_in_a_row_is_paused_for_a_while() {
    let mut bench = auto(Some(10 * MINUTE));
    let caller = bench.caller_arrives(DIRECT);
    for nth in 0..3 {
        bench.assert_operator("anna", OperatorState::Ringing);
        let anna = rung(&mut bench, &caller);
        if nth == 1 {
            bench.rings_out(&anna)
        } else {
            bench.declines(&anna)
        }
        bench.passes(Duration::from_secs(6));
    }
    bench.assert_operator("anna", OperatorState::Paused);
    let view = bench.engine.view_operator_of(&"anna".into(), bench.now).expect("in the plan");
    assert_eq!(view.duty.reason.as_deref(), Some(AutoPause::REASON));
    assert_eq!(told(&mut bench), [("anna".into(), "paused", DutyBy::Automatic)]);
    bench.passes(10 * MINUTE);
    rung(&mut bench, &caller);
}

#[test]
fn misses_that_do_not_count_or_lie_before_a_call_that_he_took_do_not_pause_him() {
    let mut bench = auto(None);
    let caller = bench.caller_arrives(DIRECT);
    for cause in
        [Cause::q850(17), Cause::q850(20), Cause { q850: 21, sip: Some(603) }, Cause { q850: 21, sip: Some(603) }]
    {
        let anna = rung(&mut bench, &caller);
        bench.ends(&anna.leg, cause);
        bench.passes(Duration::from_secs(6));
    }
    let anna = rung(&mut bench, &caller);
    bench.answers(&anna);
    bench.hangs_up(&caller);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.passes(MINUTE);
    let caller = bench.caller_arrives(DIRECT);
    for _ in 0..2 {
        let anna = rung(&mut bench, &caller);
        bench.declines(&anna);
        bench.passes(Duration::from_secs(6));
    }
    let anna = rung(&mut bench, &caller);
    bench.declines(&anna);
    bench.assert_operator("anna", OperatorState::Paused);
}

#[test]
fn wrap_up_is_ended_and_made_longer_and_only_while_there_is_one() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let anna = Name::new("anna");
    assert_eq!(bench.engine.may_change_duty(&anna, &DutyChange::EndWrapUp), Err(NotChanged::NoWrapUp));
    let (caller, leg) = bench.two_talk("anna");
    bench.hangs_up(&caller);
    bench.ends(&leg.leg, Cause::q850(16));
    asks(&mut bench, "anna", DutyChange::ExtendWrapUp(MINUTE));
    bench.passes(Duration::from_secs(79));
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.asked.clear();
    let caller = waits(&mut bench);

    asks(&mut bench, "anna", DutyChange::EndWrapUp);

    bench.expect_offer("anna", &caller);
}

#[test]
fn what_cannot_be_is_told_and_changes_nothing() {
    let mut with_pauses = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    with_pauses.pauses = [("lunch".into(), None)].into_iter().collect();
    let mut bench = Bench::new(with_pauses);
    let nap = DutyChange::Pause { reason: Some("nap".into()), lasts: None };
    let may = |bench: &Bench, who: &str, change: &DutyChange| bench.engine.may_change_duty(&who.into(), change);
    assert_eq!(may(&bench, "nobody", &DutyChange::SignIn), Err(NotChanged::NoSuchOperator));
    assert_eq!(may(&bench, "anna", &nap), Err(NotChanged::NoSuchReason));
    asks(&mut bench, "anna", DutyChange::SignOut);
    assert_eq!(may(&bench, "anna", &pause()), Err(NotChanged::SignedOut));
    assert_eq!(may(&bench, "anna", &DutyChange::Resume), Err(NotChanged::SignedOut));
    bench.facts.clear();
    asks(&mut bench, "anna", DutyChange::Resume);
    bench.assert_operator("anna", OperatorState::SignedOut);
    let not = |fact: &Fact| matches!(fact, Fact::Duty(DutyFact::NotChanged { why: NotChanged::SignedOut, .. }));
    assert_eq!((bench.facts.len(), bench.facts.iter().filter(|fact| not(fact)).count()), (1, 1));
}

#[test]
fn the_plan_says_who_is_signed_in_until_somebody_says_otherwise() {
    let with = |signed_in: bool| {
        let mut plan = plan(vec![queue("sales", &["anna", "boris"], Strategy::Linear)]);
        plan.operators.values_mut().for_each(|operator| operator.signed_in = signed_in);
        plan
    };
    let mut bench = Bench::new(with(false));
    bench.assert_operator("anna", OperatorState::SignedOut);
    asks(&mut bench, "boris", DutyChange::SignIn);
    assert_eq!(kept(&mut bench).into_keys().collect::<Vec<_>>(), [Name::new("boris")]);
    bench.tell(Event::PlanLoaded(Arc::new(with(true))));
    bench.assert_ready("anna");
    bench.tell(Event::PlanLoaded(Arc::new(with(false))));
    bench.assert_operator("anna", OperatorState::SignedOut);
    bench.assert_ready("boris");
    assert!(kept(&mut bench).values().all(|kept| kept.duty.is_none()), "the plan says it again");
}

fn next_life(bench: &mut Bench, plan: Plan, kept: BTreeMap<Name, KeptDuty>) {
    let setup = Setup { boot: 8, born: bench.now, seed: 1, limits: Default::default(), public_url: None };
    bench.next_life(Engine::new(setup, Arc::new(plan)).with_duties(kept));
    bench.facts.clear();
    bench.node_up(Held::default());
    bench.asked.clear();
}

#[test]
fn pauses_sign_ins_and_wrap_up_are_as_they_were_in_the_next_life() {
    let plan = || plan(vec![queue("sales", &["anna", "boris", "carla", "dora"], Strategy::Linear)]);
    let mut bench = Bench::new(plan());
    let (caller, leg) = bench.two_talk("anna");
    asks(&mut bench, "boris", DutyChange::Pause { reason: Some("lunch".into()), lasts: Some(MINUTE) });
    asks(&mut bench, "carla", DutyChange::SignOut);
    asks(&mut bench, "dora", DutyChange::Pause { reason: None, lasts: Some(Duration::from_secs(5)) });
    bench.hangs_up(&caller);
    bench.ends(&leg.leg, Cause::q850(16));
    let kept = kept(&mut bench);
    bench.now = bench.now + Duration::from_secs(10);

    next_life(&mut bench, plan(), kept);

    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.assert_operator("boris", OperatorState::Paused);
    bench.assert_operator("carla", OperatorState::SignedOut);
    bench.assert_ready("dora");
    bench.passes(Duration::from_secs(10));
    bench.assert_ready("anna");
    bench.passes(Duration::from_secs(40));
    bench.assert_ready("boris");
    let boris = bench.engine.view_operator_of(&"boris".into(), bench.now).expect("in the plan");
    assert_eq!((boris.duty.duty, boris.duty.reason), ("on", None));
}

#[test]
fn one_whom_the_plan_no_longer_has_is_as_he_was_when_it_has_him_again() {
    let with = |operators: &[&str]| plan(vec![queue("sales", operators, Strategy::Linear)]);
    let mut bench = Bench::new(with(&["anna", "boris"]));
    asks(&mut bench, "anna", pause());
    let kept = kept(&mut bench);
    bench.tell(Event::PlanLoaded(Arc::new(with(&["boris"]))));
    assert_eq!(bench.engine.may_change_duty(&"anna".into(), &DutyChange::Resume), Err(NotChanged::NoSuchOperator));
    bench.tell(Event::PlanLoaded(Arc::new(with(&["anna", "boris"]))));
    bench.assert_operator("anna", OperatorState::Paused);
    // The same, when an engine is born meanwhile.
    next_life(&mut bench, with(&["boris"]), kept);
    bench.tell(Event::PlanLoaded(Arc::new(with(&["anna", "boris"]))));
    bench.assert_operator("anna", OperatorState::Paused);
}

#[test]
fn one_whom_the_plan_no_longer_has_ends_what_he_does_and_is_not_offered_again() {
    let with = |operators: &[&str]| plan(vec![queue("sales", operators, Strategy::Linear)]);
    for doing in ["ringing", "talking", "wrapping up", "paused"] {
        let mut bench = Bench::new(with(&["anna", "boris"]));
        asks(&mut bench, "boris", DutyChange::SignOut);
        let caller = bench.caller_arrives(DIRECT);
        let anna = bench.expect_offer("anna", &caller);
        if doing != "ringing" {
            bench.answers(&anna);
        }
        if doing == "wrapping up" || doing == "paused" {
            bench.hangs_up(&caller);
            bench.ends(&anna.leg, Cause::q850(16));
        }
        if doing == "paused" {
            asks(&mut bench, "anna", DutyChange::Pause { reason: None, lasts: Some(MINUTE) });
        }
        bench.tell(Event::PlanLoaded(Arc::new(with(&["boris"]))));
        if doing == "ringing" {
            bench.answers(&anna);
        }
        if doing == "ringing" || doing == "talking" {
            bench.hangs_up(&caller);
            bench.ends(&anna.leg, Cause::q850(16));
        }
        bench.asked.clear();
        let late = waits(&mut bench);
        bench.passes(5 * MINUTE);
        assert_eq!(bench.waiting(), std::slice::from_ref(&late), "{doing}");
        assert!(bench.ringing_for(&late).is_empty(), "{doing}");
        asks(&mut bench, "boris", DutyChange::SignIn);
        assert_eq!(bench.ringing_for(&late), ["boris"], "{doing}");
    }
}

#[test]
fn who_is_kept_for_a_dialplan_goes_on_with_that() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    let ringing = bench.expect_offer("anna", &caller);
    asks(&mut bench, "anna", pause());
    stops(&mut bench, &ringing);
    bench.assert_operator("anna", OperatorState::Paused);
    assert!(matches!(bench.engine.operators["anna"].roster.duty, Duty::Paused { .. }));
}

#[test]
fn right_after_a_conversation_a_call_that_he_does_not_take_does_not_count() {
    let delay = Duration::from_secs(5);
    let auto_pause = Some(AutoPause { after: 1, of: [Missed::NoAnswer].into(), lasts: None, delay });
    let sales = Queue { auto_pause, wrap_up: Duration::ZERO, ..queue("sales", &["anna"], Strategy::Linear) };
    let mut bench = Bench::new(plan(vec![sales]));
    let first = bench.caller_arrives(DIRECT);
    let anna = rung(&mut bench, &first);
    bench.answers(&anna);
    bench.passes(MINUTE);
    bench.hangs_up(&first);
    bench.ends(&anna.leg, Cause::q850(16));
    let caller = bench.caller_arrives(DIRECT);
    let anna = rung(&mut bench, &caller);
    bench.rings_out(&anna);
    bench.assert_operator("anna", OperatorState::BackingOff);
    bench.passes(Duration::from_secs(6));
    let anna = rung(&mut bench, &caller);
    bench.rings_out(&anna);
    bench.assert_operator("anna", OperatorState::Paused);
}
