//! The operator who talked to a caller last.

use std::{sync::Arc, time::Duration};

use super::{
    bench::{Bench, DIRECT, NODE, Ringing, plan, queue},
    choice::{ask, asks, caller, door, told},
    found::left,
};
use crate::{
    dialplan::{DutyChange, Plan, Queue, Sticky, Strategy, Terms},
    domain::{Caller, Cause, ChannelId, DeviceState, Name},
    engine::{
        Choice, DutyBy, Engine, Errand, Event, Held, KeptCallers, Memo, Setup,
        memory::Talked,
        notice::{OfferOutcome, OperatorState},
    },
};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Who calls again and again.
const IVAN: &str = "+4790000000";

fn sticky(wait: Duration) -> Option<Sticky> {
    Some(Sticky { lasts: 30 * DAY, wait })
}

/// Boris comes before Anna in the plan, and nobody wraps up.
fn sales(strategy: Strategy, wait: Duration) -> Queue {
    let queue = queue("sales", &["boris", "anna", "carla"], strategy);
    Queue { sticky: sticky(wait), wrap_up: Duration::ZERO, ..queue }
}

fn linear(wait: Duration) -> Bench {
    Bench::new(plan(vec![sales(Strategy::TopDown, wait)]))
}

fn calls_as(bench: &mut Bench, number: &str, nth: u32) -> ChannelId {
    let channel = ChannelId::new(NODE, &format!("again.{number}.{nth}"));
    let caller = Caller::from_wire(number, "", "");
    bench.tell(Event::CallArrived { channel: channel.clone(), enters: DIRECT.into(), caller, answered: true });
    channel
}

/// He is assigned to an operator by hand, talks to him, and it is over.
fn talks_to(bench: &mut Bench, number: &str, operator: &str) {
    let busy: Vec<&str> = ["boris", "anna", "carla"].into_iter().filter(|name| *name != operator).collect();
    for name in &busy {
        duty(bench, name, DutyChange::Pause { reason: None, lasts: None });
    }
    let caller = calls_as(bench, number, 0);
    let ringing = bench.expect_offer(operator, &caller);
    bench.answers(&ringing);
    bench.passes(60 * SECOND);
    ends(bench, &caller, &ringing);
    for name in &busy {
        duty(bench, name, DutyChange::Resume);
    }
    bench.asked.clear();
}

fn ends(bench: &mut Bench, caller: &ChannelId, ringing: &Ringing) {
    bench.hangs_up(caller);
    bench.ends(&ringing.leg, Cause::q850(16));
}

fn duty(bench: &mut Bench, operator: &str, change: DutyChange) {
    bench.tell(Event::DutyAsked { operator: operator.into(), change, by: DutyBy::Api });
}

/// A stranger has Anna: she talks, and no one else does.
fn anna_talks(bench: &mut Bench) -> (ChannelId, Ringing) {
    let caller = ChannelId::new(NODE, "stranger");
    for name in ["boris", "carla"] {
        duty(bench, name, DutyChange::Pause { reason: None, lasts: None });
    }
    let enters = DIRECT.into();
    bench.tell(Event::CallArrived { channel: caller.clone(), enters, caller: Caller::default(), answered: true });
    let ringing = bench.expect_offer("anna", &caller);
    bench.answers(&ringing);
    for name in ["boris", "carla"] {
        duty(bench, name, DutyChange::Resume);
    }
    bench.asked.clear();
    (caller, ringing)
}

fn rung(bench: &Bench, caller: &ChannelId) -> Vec<String> {
    bench.ringing_for(caller)
}

/// What is to be kept of callers.
fn kept(bench: &mut Bench) -> KeptCallers {
    let mut kept = KeptCallers::default();
    for errand in bench.errands.drain(..) {
        match errand {
            Errand::Remember(Memo::Talked(talked)) => {
                kept.talked.retain(|other| (&other.queue, &other.caller) != (&talked.queue, &talked.caller));
                kept.talked.push(talked);
            }
            Errand::Remember(Memo::TalksBefore { queue, before }) => {
                kept.talked.retain(|talked| talked.queue != queue || talked.at >= before);
            }
            _ => {}
        }
    }
    kept
}

fn next_life(bench: &mut Bench, plan: Plan, kept: KeptCallers) {
    let setup = Setup { boot: 8, born: bench.now, seed: 1, limits: Default::default(), public_url: None };
    bench.next_life(Engine::new(setup, Arc::new(plan)).with_callers(kept));
    bench.facts.clear();
    bench.node_up(Held::default());
    bench.asked.clear();
}

#[test]
fn who_calls_again_has_the_operator_who_talked_to_him_last_first() {
    let mut bench = linear(Duration::ZERO);
    talks_to(&mut bench, IVAN, "carla");
    talks_to(&mut bench, IVAN, "anna");
    let stranger = calls_as(&mut bench, "+4791111111", 1);
    assert_eq!(rung(&bench, &stranger), ["boris"]);
    let ivan = calls_as(&mut bench, IVAN, 1);
    assert_eq!(rung(&bench, &ivan), ["anna"]);
}

#[test]
fn he_is_rung_alone_also_where_all_ring_and_the_others_when_he_does_not_take_the_call() {
    for strategy in [Strategy::RingAll, Strategy::RingProgressively] {
        let mut bench = Bench::new(plan(vec![sales(strategy, Duration::ZERO)]));
        talks_to(&mut bench, IVAN, "anna");
        let ivan = calls_as(&mut bench, IVAN, 1);
        let anna = bench.expect_offer("anna", &ivan);
        bench.passes(14 * SECOND);
        assert_eq!(rung(&bench, &ivan), ["anna"], "{strategy:?}");
        bench.declines(&anna);
        bench.passes(6 * SECOND);
        let rings = rung(&bench, &ivan);
        assert_eq!(rings[0], "boris", "{strategy:?}");
        assert!(rings.contains(&"carla".to_owned()), "{strategy:?}: {rings:?}");
    }
}

#[test]
fn while_his_operator_talks_a_caller_waits_for_her_so_long_and_then_everybody_may_be_rung() {
    let mut bench = linear(20 * SECOND);
    talks_to(&mut bench, IVAN, "anna");
    anna_talks(&mut bench);
    let ivan = calls_as(&mut bench, IVAN, 1);
    assert_eq!(rung(&bench, &ivan), [""; 0]);
    let view = bench.engine.queue_view("sales", bench.now).expect("a queue");
    assert_eq!(view.callers[0].waits_for.as_deref(), Some("anna"));
    // Nobody else has to wait for it.
    let stranger = calls_as(&mut bench, "+4791111111", 1);
    let boris = bench.expect_offer("boris", &stranger);
    bench.answers(&boris);
    bench.passes(19 * SECOND);
    assert_eq!(rung(&bench, &ivan), [""; 0]);
    bench.passes(SECOND);
    assert_eq!(rung(&bench, &ivan), ["carla"]);
}

#[test]
fn an_operator_who_becomes_free_in_time_is_rung_for_the_caller_who_waits_for_him() {
    let mut bench = linear(20 * SECOND);
    talks_to(&mut bench, IVAN, "anna");
    let (caller, leg) = anna_talks(&mut bench);
    let ivan = calls_as(&mut bench, IVAN, 1);
    bench.passes(5 * SECOND);
    ends(&mut bench, &caller, &leg);
    assert_eq!(rung(&bench, &ivan), ["anna"]);
}

#[test]
fn nobody_waits_for_one_who_is_not_there_or_may_not_have_him() {
    let mut terms = sales(Strategy::TopDown, 20 * SECOND);
    terms.terms = vec![Terms { skills: [("english".into(), 1)].into(), ..Terms::default() }];
    let mut choosy = plan(vec![terms]);
    for name in ["boris", "carla"] {
        choosy.operators[name].skills.insert("english".into(), 1);
    }
    let gone = |bench: &mut Bench| duty(bench, "anna", DutyChange::SignOut);
    let away = |bench: &mut Bench| {
        let (device, state) = ("PJSIP/anna".into(), DeviceState::Unavailable);
        bench.tell(Event::DeviceChanged { node: NODE, device, state });
    };
    let forbidden = move |bench: &mut Bench| bench.tell(Event::PlanLoaded(Arc::new(choosy.clone())));
    let happens: [&dyn Fn(&mut Bench); 3] = [&gone, &away, &forbidden];
    for (nth, happens) in happens.into_iter().enumerate() {
        for before in [true, false] {
            let mut bench = linear(20 * SECOND);
            talks_to(&mut bench, IVAN, "anna");
            let (caller, leg) = anna_talks(&mut bench);
            if before {
                happens(&mut bench);
            }
            let ivan = calls_as(&mut bench, IVAN, 1);
            if !before {
                assert_eq!(rung(&bench, &ivan), [""; 0], "{nth}");
                if nth == 1 {
                    // What is said of her telephone counts when she has nothing to do with us.
                    ends(&mut bench, &caller, &leg);
                    assert_eq!(rung(&bench, &ivan), ["anna"], "{nth}");
                    continue;
                }
                happens(&mut bench);
            }
            assert_eq!(rung(&bench, &ivan), ["boris"], "{nth}, before: {before}");
        }
    }
}

#[test]
fn one_whose_own_operator_did_not_take_the_call_does_not_wait_for_him_again() {
    let mut bench = linear(60 * SECOND);
    talks_to(&mut bench, IVAN, "anna");
    let ivan = calls_as(&mut bench, IVAN, 1);
    let anna = bench.expect_offer("anna", &ivan);
    bench.rings_out(&anna);
    assert_eq!(rung(&bench, &ivan), ["boris"]);
    assert_eq!(bench.offers().last(), Some(&("anna".to_owned(), OfferOutcome::NoAnswer)));
}

#[test]
fn who_withholds_his_number_or_called_too_long_ago_is_a_stranger_and_another_queue_does_not_know_him() {
    let mut bench = linear(20 * SECOND);
    talks_to(&mut bench, "anonymous", "anna");
    assert_eq!(kept(&mut bench), KeptCallers::default());
    let nobody = calls_as(&mut bench, "anonymous", 1);
    assert_eq!(rung(&bench, &nobody), ["boris"]);

    let mut bench = linear(20 * SECOND);
    talks_to(&mut bench, IVAN, "anna");
    bench.passes(30 * DAY + SECOND);
    let ivan = calls_as(&mut bench, IVAN, 1);
    assert_eq!(rung(&bench, &ivan), ["boris"]);

    let mut bench = linear(20 * SECOND);
    talks_to(&mut bench, IVAN, "anna");
    let other = Queue { name: "billing".into(), ..sales(Strategy::TopDown, 20 * SECOND) };
    bench.tell(Event::PlanLoaded(Arc::new(plan(vec![other]))));
    let ivan = calls_as(&mut bench, IVAN, 1);
    assert_eq!(rung(&bench, &ivan), ["boris"]);
}

#[test]
fn one_for_whom_a_dialplan_asks_has_whoever_is_free() {
    let mut bench = door(linear(20 * SECOND));
    talks_to(&mut bench, "+47900000001", "anna");
    let channel = caller("asks");
    asks(&mut bench, &channel, ask(20));
    let chosen = told(&mut bench, &channel);
    assert!(matches!(&chosen, Choice::Chosen { operator, .. } if **operator == *"boris"), "{chosen:?}");
}

#[test]
fn what_is_kept_is_what_the_next_life_knows_and_what_is_old_is_forgotten_there_and_on_the_disk() {
    let short = Some(Sticky { lasts: 2 * DAY, wait: Duration::ZERO });
    let life = || plan(vec![Queue { sticky: short, ..sales(Strategy::TopDown, Duration::ZERO) }]);
    let mut bench = Bench::new(life());
    talks_to(&mut bench, IVAN, "anna");
    let at = bench.now;
    let of_ivan = Talked { queue: "sales".into(), caller: IVAN.into(), operator: "anna".into(), at };
    let mut kept_now = kept(&mut bench);
    assert_eq!(kept_now.talked, std::slice::from_ref(&of_ivan), "until when they talked");
    let old = Talked { caller: Name::new("+471"), operator: "carla".into(), at: at - 3 * DAY, ..of_ivan.clone() };
    kept_now.talked.push(old);

    next_life(&mut bench, life(), kept_now);

    let ivan = calls_as(&mut bench, IVAN, 1);
    let anna = bench.expect_offer("anna", &ivan);
    let forgets =
        |errand: &Errand| matches!(errand, Errand::Remember(Memo::TalksBefore { before, .. }) if *before == at);
    assert!(bench.errands.iter().any(forgets), "{:?}", bench.errands);
    // A conversation is known from its beginning on: nobody may be there at its end.
    bench.errands.clear();
    bench.passes(SECOND);
    bench.answers(&anna);
    assert_eq!(kept(&mut bench).talked, [Talked { at: bench.now, ..of_ivan }]);
}

#[test]
fn a_caller_who_is_found_after_a_restart_waits_for_his_operator_as_long_as_he_would_have() {
    let life = || plan(vec![sales(Strategy::TopDown, 20 * SECOND)]);
    let mut bench = Bench::new(life());
    talks_to(&mut bench, IVAN, "anna");
    let (stranger, annas) = anna_talks(&mut bench);
    let ivan = calls_as(&mut bench, IVAN, 1);
    let talk = bench.talk(&annas.leg, &[&stranger, &annas.leg]);
    let caller = Caller::from_wire(IVAN, "", "");
    let found = crate::engine::HeldChannel { caller, ..left(&bench, &ivan) };
    let leg = crate::engine::HeldChannel { enters: None, ..super::bench::held(&annas.leg, true) };
    let held = Held { channels: vec![found, super::bench::held(&stranger, true), leg], bridges: vec![talk] };
    bench.passes(8 * SECOND);
    let kept = kept(&mut bench);
    let setup = Setup { boot: 8, born: bench.now, seed: 1, limits: Default::default(), public_url: None };
    bench.next_life(Engine::new(setup, Arc::new(life())).with_callers(kept));
    bench.node_up(held);
    bench.assert_operator("anna", OperatorState::Talking);
    assert_eq!(rung(&bench, &ivan), [""; 0]);
    bench.passes(11 * SECOND);
    assert_eq!(rung(&bench, &ivan), [""; 0]);
    bench.passes(SECOND);
    assert_eq!(rung(&bench, &ivan), ["boris"]);
}

#[test]
fn who_waits_for_one_who_pauses_has_another_before_who_is_behind_him() {
    let mut bench = linear(30 * SECOND);
    talks_to(&mut bench, IVAN, "anna");
    let talk = anna_talks(&mut bench);
    duty(&mut bench, "boris", DutyChange::Pause { reason: None, lasts: None });
    duty(&mut bench, "carla", DutyChange::Pause { reason: None, lasts: None });
    let first = calls_as(&mut bench, IVAN, 1);
    let second = calls_as(&mut bench, "+4790000009", 1);
    // By hand she is rung for the second one; the first one waits for her, though Carla is free.
    let call = bench.engine.caller_of(&second).expect("he waits");
    bench.tell(Event::Steered { call, steer: crate::engine::Steer::Assign("anna".into()) });
    ends(&mut bench, &talk.0, &talk.1);
    let anna = bench.expect_offer("anna", &second);
    duty(&mut bench, "carla", DutyChange::Resume);
    assert_eq!(bench.ringing_for(&first), [""; 0]);

    duty(&mut bench, "anna", DutyChange::Pause { reason: None, lasts: None });

    bench.expect_hangup(&anna.leg);
    assert_eq!((bench.ringing_for(&first), bench.ringing_for(&second)), (vec!["carla".into()], vec![]));
}
