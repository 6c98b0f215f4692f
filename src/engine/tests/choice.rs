//! Operators who are chosen for a dialplan that dials by itself.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, patience, plan, queue};
use crate::{
    dialplan::{Music, Strategy},
    domain::{Caller, Cause, ChannelId, NodeId, ReservationId},
    engine::{
        Ask, Choice, Command, Event, Fact, Held, Limits, Noted, Reply, Scope, Sound,
        notice::{LeftQueue, OfferOutcome, OperatorState, Outcome},
    },
};

/// The door through which dialplans ask.
pub(super) const DOOR: NodeId = NodeId(1);

pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(super) fn door(mut bench: Bench) -> Bench {
    bench.tell(Event::NodeUp { node: DOOR, scope: Scope::CallerAlone, held: Held::default() });
    bench.asked.clear();
    bench.facts.clear();
    bench
}

/// One queue, whose operators are asked in the plan's order.
pub(super) fn bench<const N: usize>(operators: [&str; N]) -> Bench {
    door(Bench::with_queue("sales", operators))
}

pub(super) fn caller(name: &str) -> ChannelId {
    ChannelId::new(DOOR, name)
}

pub(super) fn ask(wait: u64) -> Ask {
    Ask {
        queue: "sales".into(),
        wait: Duration::from_secs(wait),
        limit: Duration::from_secs(30),
        before: OfferOutcome::NoAnswer,
    }
}

pub(super) fn asks(bench: &mut Bench, channel: &ChannelId, ask: Ask) {
    let caller = Caller::from_wire("+47900000001", "", "");
    bench.tell(Event::ChoiceAsked { channel: channel.clone(), dialled: DIRECT.into(), caller, ask });
}

#[track_caller]
pub(super) fn reply(bench: &mut Bench, of: &ChannelId) -> Reply {
    let command = bench.take("a reply", |command| matches!(command, Command::Reply { channel, .. } if channel == of));
    let Command::Reply { reply, .. } = command else { unreachable!() };
    reply
}

#[track_caller]
pub(super) fn told(bench: &mut Bench, of: &ChannelId) -> Choice {
    match reply(bench, of) {
        Reply::Choice(choice) => choice,
        other => panic!("{other:?}"),
    }
}

/// The operator whom a caller is given.
#[track_caller]
pub(super) fn given(bench: &mut Bench, of: &ChannelId, wanted: &str) -> ReservationId {
    let Choice::Chosen { reservation, operator, dial, ring } = told(bench, of) else { panic!("nobody was chosen") };
    assert_eq!((&*operator, &*dial), (wanted, &*format!("PJSIP/{wanted}")));
    assert_eq!(ring, 15 * SECOND);
    reservation
}

#[track_caller]
pub(super) fn releases(
    bench: &mut Bench,
    of: &ChannelId,
    reservation: Option<ReservationId>,
    outcome: impl Into<Option<OfferOutcome>>,
) -> Noted {
    let outcome = outcome.into();
    bench.tell(Event::ChoiceReleased { channel: of.clone(), reservation, outcome });
    match reply(bench, of) {
        Reply::Reservation(noted) => noted,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub(super) fn answered(bench: &mut Bench, of: &ChannelId, reservation: Option<ReservationId>) -> Noted {
    bench.tell(Event::ChoiceAnswered { channel: of.clone(), reservation });
    match reply(bench, of) {
        Reply::Reservation(noted) => noted,
        other => panic!("{other:?}"),
    }
}

pub(super) fn left(bench: &Bench) -> Vec<LeftQueue> {
    let why = |fact: &Fact| match fact {
        Fact::LeftQueue { why, .. } => Some(*why),
        _ => None,
    };
    bench.facts.iter().filter_map(why).collect()
}

#[test]
fn who_is_free_is_chosen_at_once_and_is_nobody_else_s() {
    let mut bench = bench(["anna"]);
    let (one, other) = (caller("1.1"), caller("1.2"));

    asks(&mut bench, &one, ask(0));

    given(&mut bench, &one, "anna");
    bench.assert_operator("anna", OperatorState::Reserved);
    asks(&mut bench, &other, ask(0));
    assert_eq!(told(&mut bench, &other), Choice::Busy { position: 1 });
    let by_ari = bench.caller_arrives(DIRECT);
    bench.expect_answer(&by_ari);
    bench.expect_parked(&by_ari);
    bench.assert_quiet();
}

#[test]
fn whom_a_phone_rings_for_is_not_chosen() {
    let mut bench = bench(["anna"]);
    let by_ari = bench.caller_arrives(DIRECT);
    bench.expect_answer(&by_ari);
    bench.expect_offer("anna", &by_ari);
    bench.take_marks(&by_ari);
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    assert_eq!(told(&mut bench, &one), Choice::Busy { position: 2 }, "behind the one who is rung for");
    bench.assert_quiet();
}

#[test]
fn one_line_has_the_callers_of_both_doors_in_the_order_of_their_coming() {
    let mut bench = bench(["anna"]);
    let (first, second, third) = (caller("1.1"), caller("1.2"), caller("1.3"));
    asks(&mut bench, &first, ask(60));
    given(&mut bench, &first, "anna");
    bench.passes(SECOND);
    asks(&mut bench, &second, ask(600));
    bench.passes(SECOND);
    let by_ari = bench.caller_arrives(DIRECT);
    bench.passes(SECOND);
    asks(&mut bench, &third, ask(600));
    bench.asked.clear();

    assert_eq!(releases(&mut bench, &first, None, OfferOutcome::CallerLeft), Noted::Released);
    given(&mut bench, &second, "anna");
    assert_eq!(releases(&mut bench, &second, None, OfferOutcome::CallerLeft), Noted::Released);
    let ringing = bench.expect_offer("anna", &by_ari);
    bench.answers(&ringing);
    bench.hangs_up(&by_ari);
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.asked.clear();
    bench.passes(20 * SECOND);
    given(&mut bench, &third, "anna");
}

#[test]
fn who_waits_hears_the_queue_s_music_and_is_cared_for_until_he_is_told() {
    let mut jazz = queue("sales", &["anna"], Strategy::Linear);
    jazz.music = Music::Class("jazz".into());
    let mut bench = door(Bench::new(plan(vec![jazz])));
    let (one, other) = (caller("1.1"), caller("1.2"));
    asks(&mut bench, &other, ask(0));
    given(&mut bench, &other, "anna");

    asks(&mut bench, &one, ask(600));

    bench.expect_armed(&one);
    bench.take("music", |command| matches!(command, Command::Music { class, .. } if &**class == "jazz"));
    bench.assert_quiet();
    bench.passes(15 * SECOND);
    bench.expect_armed(&one);
    bench.assert_quiet();
    bench.hangs_up(&other);
    let asked: Vec<_> = bench.asked.iter().map(Command::name).collect();
    assert_eq!(asked, ["hush", "mark", "reply"], "and what is told is the last of it");
    bench.take("no music", |command| matches!(command, Command::Hush { sound: Sound::Music, .. }));
    bench.expect_disarmed(&one);
    given(&mut bench, &one, "anna");
}

#[test]
fn who_waits_in_vain_is_told_so() {
    let mut bench = door(Bench::new(plan(vec![patience(queue("sales", &["anna"], Strategy::Linear), 30 * SECOND)])));
    let (one, other) = (caller("1.1"), caller("1.2"));
    bench.two_talk("anna");
    asks(&mut bench, &one, ask(10));
    asks(&mut bench, &other, ask(600));
    bench.asked.clear();

    bench.passes(10 * SECOND);
    assert_eq!(told(&mut bench, &one), Choice::TimedOut { position: 1 });
    bench.passes(19 * SECOND);
    bench.asked.retain(|command| !matches!(command, Command::Mark { .. }));
    assert!(!bench.asked.iter().any(|command| matches!(command, Command::Reply { .. })), "{:?}", bench.asked);
    bench.passes(SECOND);
    assert_eq!(told(&mut bench, &other), Choice::TimedOut { position: 1 }, "no longer than the queue lets anybody");
    assert_eq!(left(&bench), [LeftQueue::TimedOut, LeftQueue::TimedOut]);
    assert_eq!(bench.outcomes(), [Outcome::Continued, Outcome::Continued]);
}

#[test]
fn who_hangs_up_while_he_waits_leaves_the_line() {
    let mut bench = bench(["anna"]);
    bench.two_talk("anna");
    let one = caller("1.1");
    asks(&mut bench, &one, ask(600));
    bench.asked.clear();

    bench.hangs_up(&one);

    bench.assert_quiet();
    assert!(bench.waiting().is_empty());
    assert_eq!(left(&bench), [LeftQueue::Abandoned]);
    assert_eq!(bench.outcomes(), [Outcome::Abandoned]);
}

#[test]
fn strategies_remember_who_was_chosen() {
    let mut bench = door(Bench::with_strategy(Strategy::RrMemory, ["anna", "boris", "carla"]));
    for (at, name) in ["anna", "boris", "carla", "anna"].into_iter().enumerate() {
        let one = caller(&format!("1.{at}"));
        asks(&mut bench, &one, ask(0));
        given(&mut bench, &one, name);
        releases(&mut bench, &one, None, OfferOutcome::CallerLeft);
    }
    let by_ari = bench.caller_arrives(DIRECT);
    bench.expect_offer("boris", &by_ari);
}

#[test]
fn who_talked_last_by_a_dialplan_is_the_last_by_leastrecent() {
    let mut bench = door(Bench::with_strategy(Strategy::LeastRecent, ["anna", "boris"]));
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    given(&mut bench, &one, "anna");
    answered(&mut bench, &one, None);
    releases(&mut bench, &one, None, OfferOutcome::Answered);
    bench.passes(60 * SECOND);
    let by_ari = bench.caller_arrives(DIRECT);
    bench.expect_offer("boris", &by_ari);
}

#[test]
fn where_all_ring_one_is_chosen_and_the_others_ring_for_the_next() {
    let mut bench = door(Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]));
    let one = caller("1.1");
    asks(&mut bench, &one, ask(0));
    given(&mut bench, &one, "anna");
    bench.assert_ready("boris");
    let by_ari = bench.caller_arrives(DIRECT);
    bench.expect_answer(&by_ari);
    bench.expect_offer("boris", &by_ari);
    bench.take_marks(&by_ari);
    bench.assert_quiet();
}

#[test]
fn who_waits_where_nobody_serves_any_more_is_told_so() {
    let mut bench = bench(["anna"]);
    bench.two_talk("anna");
    let one = caller("1.1");
    asks(&mut bench, &one, ask(600));
    bench.asked.clear();
    bench.tell(Event::PlanLoaded(Arc::new(plan(vec![queue("night", &["boris"], Strategy::Linear)]))));
    assert_eq!(told(&mut bench, &one), Choice::Unstaffed);
    assert_eq!(bench.outcomes(), [Outcome::Continued]);
}

#[test]
fn what_cannot_be_asked_is_told_at_once() {
    let limits = Limits { calls: 1, ..Limits::default() };
    let mut bench = door(Bench::with_limits(plan(vec![queue("sales", &["anna", "boris"], Strategy::Linear)]), limits));
    let (one, other) = (caller("1.1"), caller("1.2"));
    asks(&mut bench, &one, Ask { queue: "salse".into(), ..ask(600) });
    assert_eq!(told(&mut bench, &one), Choice::NoSuchQueue);
    asks(&mut bench, &one, ask(600));
    given(&mut bench, &one, "anna");
    asks(&mut bench, &other, ask(600));
    assert_eq!(told(&mut bench, &other), Choice::Overload);
    bench.tell(Event::Draining);
    asks(&mut bench, &other, ask(600));
    assert_eq!(told(&mut bench, &other), Choice::Draining);
    // Who has an operator already is served to the end.
    asks(&mut bench, &one, ask(600));
    given(&mut bench, &one, "boris");
    bench.assert_quiet();
}
