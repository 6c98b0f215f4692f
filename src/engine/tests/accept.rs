//! Operators who accept a call by a key.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, Ringing, plan, queue, sound};
use crate::{
    dialplan::{Accept, Announcement, Answering, Asks, Plan, PublicNumber, Retry, Strategy},
    domain::{Cause, ChannelId, PlaybackId, Reason},
    engine::{
        Command, Event, Fact, Failure, Held, HeldChannel,
        idle::EVERY,
        notice::{OfferOutcome, OperatorState, Outcome},
    },
};

const SECOND: Duration = Duration::from_secs(1);
const WITHIN: Duration = Duration::from_secs(20);

/// By a key.
pub(super) fn accepts() -> Accept {
    let says = |name: &str| Announcement::from(sound(name));
    let asks = Asks {
        from: [("sales".into(), says("from_sales"))].into(),
        call: says("call"),
        callback: says("calls_back"),
        waited: [(60 * SECOND, says("minute")), (120 * SECOND, says("minutes"))].into(),
        number: says("number"),
        press: says("press"),
    };
    Accept { by_key: true, within: WITHIN, number: false, asks: Arc::new(asks) }
}

/// Operators who accept by a key in a plan.
pub(super) fn by_key(plan: &mut Plan, names: &[&str]) {
    let accept = Arc::new(accepts());
    for name in names {
        plan.operators[*name].accept = Some(accept.clone());
    }
}

/// Boris is at a mobile; the others are not.
fn bench(strategy: Strategy, operators: &[&str]) -> Bench {
    let mut plan = plan(vec![queue("sales", operators, strategy)]);
    by_key(&mut plan, &["boris"]);
    Bench::new(plan)
}

/// A caller who waits with music while boris is rung.
fn rung(bench: &mut Bench) -> (ChannelId, Ringing) {
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    let boris = bench.expect_offer("boris", &caller);
    assert!(!boris.early, "nobody is with the caller before he has accepted");
    bench.expect_parked(&caller);
    bench.take_marks(&caller);
    bench.assert_quiet();
    (caller, boris)
}

impl Bench {
    /// What is played on a leg, and nothing else is asked.
    #[track_caller]
    fn expect_asked(&mut self, leg: &ChannelId) -> (PlaybackId, Vec<String>) {
        let command =
            self.take("to ask him", |command| matches!(command, Command::Play { channel, .. } if channel == leg));
        let Command::Play { playback, media, .. } = command else { unreachable!() };
        (playback, media.iter().map(ToString::to_string).collect())
    }

    /// The caller and an operator who was asked hear each other.
    #[track_caller]
    fn expect_taken(&mut self, caller: &ChannelId, leg: &ChannelId) {
        self.expect_join(leg);
        self.take_bridge();
        self.expect_disarmed(caller);
    }
}

fn told_connected(bench: &Bench) -> Vec<String> {
    let connected = bench.facts.iter().filter_map(|fact| match fact {
        Fact::Connected { callee, waited, .. } => Some(format!("{callee} {waited:?}")),
        _ => None,
    });
    connected.collect()
}

fn told_failed(bench: &Bench) -> bool {
    bench.facts.iter().any(|fact| matches!(fact, Fact::PromptFailed))
}

#[test]
fn he_hears_what_it_is_about_and_gets_the_caller_when_he_presses_one() {
    let mut bench = bench(Strategy::Linear, &["boris"]);
    let (caller, boris) = rung(&mut bench);
    bench.passes(3 * SECOND);

    bench.answers(&boris);

    let (playback, said) = bench.expect_asked(&boris.leg);
    // Twice, for who lifts the telephone to his ear.
    assert_eq!(said, ["sound:from_sales", "sound:press", "sound:from_sales", "sound:press"]);
    bench.assert_quiet();
    bench.assert_operator("boris", OperatorState::Ringing);
    assert_eq!((bench.offers(), told_connected(&bench)), (vec![], vec![]));

    bench.passes(4 * SECOND);
    bench.presses(&boris.leg, "1");

    bench.expect_stop(playback);
    bench.expect_taken(&caller, &boris.leg);
    bench.assert_quiet();
    bench.assert_operator("boris", OperatorState::Talking);
    assert_eq!(bench.offers(), [("boris".into(), OfferOutcome::Answered)]);
    assert_eq!(told_connected(&bench), ["boris 7s"], "he has waited until he was taken");
    // Keys that he presses in the talk mean nothing.
    bench.presses(&boris.leg, "21");
    bench.assert_quiet();
}

#[test]
fn the_request_to_stop_goes_before_the_one_to_join() {
    let mut bench = bench(Strategy::Linear, &["boris"]);
    let (_, boris) = rung(&mut bench);
    bench.answers(&boris);
    bench.asked.clear();
    bench.presses(&boris.leg, "1");
    let at = |bench: &Bench, name| bench.asked.iter().position(|command| command.name() == name);
    assert!(at(&bench, "stop") < at(&bench, "join"), "{:#?}", bench.asked);
}

#[test]
fn he_is_told_how_long_the_caller_has_waited_in_whole_minutes() {
    let mut plan = plan(vec![queue("sales", &["boris"], Strategy::Linear)]);
    by_key(&mut plan, &["boris"]);
    plan.queues["sales"].retry = Retry::always(119 * SECOND);
    let mut bench = Bench::new(plan);
    let (caller, first) = rung(&mut bench);
    bench.rings_out(&first);
    bench.passes(119 * SECOND);
    let boris = bench.expect_offer("boris", &caller);
    bench.answers(&boris);
    let (_, said) = bench.expect_asked(&boris.leg);
    assert_eq!(said[..3], ["sound:from_sales", "sound:minute", "sound:press"]);
}

#[test]
fn he_is_told_the_number_only_where_the_plan_says_so_and_the_caller_has_one() {
    for (number, withheld) in [(true, false), (true, true), (false, false)] {
        let mut plan = plan(vec![queue("sales", &["boris"], Strategy::Linear)]);
        by_key(&mut plan, &["boris"]);
        let accept = plan.operators["boris"].accept.clone().expect("by a key");
        plan.operators["boris"].accept = Some(Arc::new(Accept { number, ..(*accept).clone() }));
        let mut bench = Bench::new(plan);
        let caller = ChannelId::new(super::bench::NODE, "171.1");
        let known = crate::domain::Caller::from_wire(if withheld { "" } else { "+4790000000" }, "Eve", "");
        bench.tell(Event::CallArrived {
            channel: caller.clone(),
            enters: DIRECT.into(),
            caller: known,
            answered: false,
        });
        let boris = bench.expect_offer("boris", &caller);
        bench.answers(&boris);
        let (_, said) = bench.expect_asked(&boris.leg);
        assert_eq!(said.contains(&"sound:number".into()), number && !withheld, "{said:?}");
    }
}

#[test]
fn a_voicemail_presses_no_key_and_the_next_operator_gets_the_caller() {
    let mut bench = bench(Strategy::Linear, &["boris", "anna"]);
    let (caller, boris) = rung(&mut bench);
    bench.passes(5 * SECOND);
    bench.answers(&boris);
    let (playback, _) = bench.expect_asked(&boris.leg);
    bench.hears_to_the_end(&boris.leg, playback);
    bench.passes(WITHIN - SECOND);
    // As long as he waits, Asterisk hears that somebody cares for him.
    bench.take_marks(&caller);
    bench.assert_quiet();

    bench.passes(SECOND);

    assert_eq!(bench.expect_hangup(&boris.leg), Reason::Normal);
    assert_eq!(bench.offers(), [("boris".into(), OfferOutcome::NoAnswer)]);
    let anna = bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);
    bench.assert_quiet();
    bench.ends(&boris.leg, Cause::q850(16));
    bench.assert_operator("boris", OperatorState::BackingOff);
    bench.answers(&anna);
    bench.assert_operator("anna", OperatorState::Talking);
    // It hangs up, and presses, too late.
    bench.presses(&boris.leg, "1");
    assert_eq!(bench.records.len(), 0);
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::Served]);
}

#[test]
fn any_other_key_declines_and_so_does_hanging_up() {
    for by_key in [true, false] {
        let mut bench = bench(Strategy::Linear, &["boris", "anna"]);
        let (caller, boris) = rung(&mut bench);
        bench.answers(&boris);
        bench.expect_asked(&boris.leg);

        if by_key {
            bench.presses(&boris.leg, "2");
            bench.expect_hangup(&boris.leg);
            bench.presses(&boris.leg, "1");
            bench.ends(&boris.leg, Cause::q850(16));
        } else {
            bench.hangs_up(&boris.leg);
            bench.ends(&boris.leg, Cause::q850(16));
        }

        bench.expect_offer("anna", &caller);
        bench.take_marks(&caller);
        bench.assert_quiet();
        assert_eq!(bench.offers(), [("boris".into(), OfferOutcome::Declined)], "{by_key}");
        bench.assert_operator("boris", OperatorState::BackingOff);
    }
}

#[test]
fn while_he_listens_colleagues_ring_on_and_whoever_takes_it_first_has_it() {
    for he_wins in [true, false] {
        let mut bench = bench(Strategy::RingAll, &["boris", "anna", "carla"]);
        let caller = bench.caller_arrives(DIRECT);
        let [boris, anna, carla] = ["boris", "anna", "carla"].map(|name| bench.expect_offer(name, &caller));
        bench.answers(&boris);
        let (playback, _) = bench.expect_asked(&boris.leg);
        bench.passes(2 * SECOND);
        for other in [&anna, &carla] {
            assert!(!bench.asked.iter().any(|command| command.channel() == Some(&other.leg)), "it rings on");
        }
        bench.asked.clear();

        if he_wins {
            bench.presses(&boris.leg, "1");
            bench.expect_stop(playback);
            assert_eq!(bench.expect_hangup(&anna.leg), Reason::AnsweredElsewhere);
            bench.expect_taken(&caller, &boris.leg);
        } else {
            bench.answers(&anna);
            assert_eq!(bench.expect_hangup(&boris.leg), Reason::AnsweredElsewhere);
            bench.expect_taken(&caller, &anna.leg);
            // He pressed the key in that moment.
            bench.presses(&boris.leg, "1");
        }
        assert_eq!(bench.expect_hangup(&carla.leg), Reason::AnsweredElsewhere);
        bench.assert_quiet();
    }
}

#[test]
fn two_who_press_in_the_same_moment_are_not_both_connected() {
    let mut plan = plan(vec![queue("sales", &["anna", "boris"], Strategy::RingAll)]);
    by_key(&mut plan, &["anna", "boris"]);
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(DIRECT);
    let [anna, boris] = ["anna", "boris"].map(|name| bench.expect_offer(name, &caller));
    for ringing in [&anna, &boris] {
        bench.answers(ringing);
        bench.expect_asked(&ringing.leg);
    }
    bench.asked.clear();
    bench.presses(&boris.leg, "1");
    bench.presses(&anna.leg, "1");
    bench.expect_taken(&caller, &boris.leg);
    assert_eq!(bench.expect_hangup(&anna.leg), Reason::AnsweredElsewhere);
    assert!(!bench.asked.iter().any(|command| matches!(command, Command::Join { .. })));
}

#[test]
fn a_caller_who_leaves_ends_the_leg_and_nobody_is_blamed() {
    let mut bench = bench(Strategy::Linear, &["boris"]);
    let (caller, boris) = rung(&mut bench);
    bench.answers(&boris);
    bench.expect_asked(&boris.leg);
    bench.hangs_up(&caller);
    assert_eq!(bench.expect_hangup(&boris.leg), Reason::Normal);
    bench.assert_quiet();
    assert_eq!(bench.offers(), [("boris".into(), OfferOutcome::CallerLeft)]);
    bench.presses(&boris.leg, "1");
    bench.ends(&boris.leg, Cause::q850(16));
    bench.assert_ready("boris");
    assert_eq!(bench.outcomes(), [Outcome::Abandoned]);
    // Nobody waits any more: it is looked for the last time.
    bench.passes(EVERY);
    assert_eq!(bench.engine.poll_timeout(), None);
}

#[test]
fn an_unanswered_caller_is_answered_when_he_is_taken_and_not_when_the_phone_is() {
    let mut plan = plan(vec![queue("sales", &["boris"], Strategy::Linear)]);
    by_key(&mut plan, &["boris"]);
    let answer = Answering::OnOperator { at_latest: 50 * SECOND };
    plan.numbers = plan.numbers.values().cloned().map(|number| PublicNumber { answer, ..number }).collect();
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(DIRECT);
    let boris = bench.expect_offer("boris", &caller);
    bench.answers(&boris);
    assert!(!bench.asked.iter().any(|command| matches!(command, Command::Answer { .. })));
    bench.presses(&boris.leg, "1");
    bench.expect_answer(&caller);
    bench.expect_taken(&caller, &boris.leg);
}

#[test]
fn a_prompt_that_cannot_be_played_is_told_and_he_may_press_all_the_same() {
    let mut bench = bench(Strategy::Linear, &["boris"]);
    let (caller, boris) = rung(&mut bench);
    bench.answers(&boris);
    let (playback, _) = bench.expect_asked(&boris.leg);
    bench.tell(Event::PlaybackFinished { playback, channel: boris.leg.clone(), whole: false });
    assert!(!told_failed(&bench), "most often he hung up");
    bench.presses(&boris.leg, "1");
    assert!(told_failed(&bench));
    bench.expect_taken(&caller, &boris.leg);
    bench.assert_quiet();
}

#[test]
fn a_request_to_play_that_is_refused_leaves_him_his_time() {
    let mut bench = bench(Strategy::Linear, &["boris"]);
    let (_, boris) = rung(&mut bench);
    bench.answers(&boris);
    let play = bench.take("to ask him", |command| matches!(command, Command::Play { .. }));
    bench.fails(play, Failure::Refused(500));
    bench.passes(WITHIN);
    assert!(told_failed(&bench));
    assert_eq!(bench.offers(), [("boris".into(), OfferOutcome::NoAnswer)]);
}

#[test]
fn when_his_node_was_away_he_is_asked_anew() {
    let mut bench = bench(Strategy::Linear, &["boris"]);
    let (caller, boris) = rung(&mut bench);
    bench.answers(&boris);
    let (first, _) = bench.expect_asked(&boris.leg);
    bench.node_down();
    bench.passes(WITHIN + SECOND);
    let channels = [&caller, &boris.leg].map(|channel| super::bench::held(channel, true)).to_vec();
    bench.node_up(Held { channels, bridges: vec![] });
    bench.expect_stop(first);
    bench.expect_asked(&boris.leg);
    bench.passes(WITHIN - SECOND);
    bench.presses(&boris.leg, "1");
    bench.assert_operator("boris", OperatorState::Talking);
}

#[test]
fn an_engine_that_finds_one_who_is_asked_hangs_him_up_and_rings_him_again() {
    let mut bench = bench(Strategy::Linear, &["boris"]);
    let (caller, boris) = rung(&mut bench);
    let offered = boris.leg.clone();
    bench.answers(&boris);
    let was = bench.now;
    let mut plan = plan(vec![queue("sales", &["boris"], Strategy::Linear)]);
    by_key(&mut plan, &["boris"]);
    let mut bench = Bench::born(8, plan, Default::default());
    bench.now = was + 5 * SECOND;
    let found = |channel: &ChannelId, ours: bool| {
        let held = super::bench::held(channel, true);
        HeldChannel { enters: held.enters.filter(|_| !ours), age: 5 * SECOND, ..held }
    };
    let channels = vec![found(&caller, false), found(&offered, true)];
    bench.node_up(Held { channels, bridges: vec![] });
    assert_eq!(bench.expect_hangup(&offered), Reason::Normal);
    assert!(!bench.asked.iter().any(|command| matches!(command, Command::Join { .. })));
    bench.ends(&offered, Cause::q850(16));
    bench.expect_offer("boris", &caller);
}

#[test]
fn a_step_that_dials_him_asks_him_too_without_a_queue() {
    use crate::dialplan::{Act, Dial, DialMode, Step, StepId, Target};
    let mut plan = plan(vec![queue("sales", &["boris"], Strategy::Linear)]);
    by_key(&mut plan, &["boris"]);
    let dial = Dial {
        to: vec![Target::Operator("boris".into())],
        mode: DialMode::InTurn,
        ring: 20 * SECOND,
        busy: None,
        no_answer: None,
        unreachable: None,
        otherwise: Some(StepId(3)),
    };
    plan.steps[0] = Step { act: Act::Dial(Arc::new(dial)), next: None };
    let mut bench = Bench::new(plan);
    let caller = bench.caller_arrives(DIRECT);
    let boris = bench.expect_offer("boris", &caller);
    bench.answers(&boris);
    let (_, said) = bench.expect_asked(&boris.leg);
    assert_eq!(said[..2], ["sound:call", "sound:press"]);
    bench.asked.clear();
    bench.presses(&boris.leg, "#");
    bench.expect_hangup(&boris.leg);
    bench.expect_hangup(&caller);
    assert_eq!(bench.offers(), [("boris".into(), OfferOutcome::Declined)]);
}
