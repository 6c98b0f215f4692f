//! Ringing somebody in particular.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, DIRECT, NODE, Ringing, held, holding, plan, queue};
use crate::{
    dialplan::{
        Act, Dial, DialMode, Extension, Outside, Pattern, Plan, Reaches, Record, ShownNumber, Step, StepId, Strategy,
        Target, Trunk,
        expr::{Expr, Fact as Asked},
    },
    domain::{Cause, ChannelId, E164, Name, Reason},
    engine::{
        Command, Event, Fact, Failure, Held, HeldChannel, Limits, Shown, Sound,
        mark::State,
        notice::{Miss, OfferOutcome, OperatorState, Outcome},
    },
};

pub(super) fn number(text: &str) -> Outside {
    Outside::Number(E164::read(text, None).expect("a number"))
}

pub(super) fn outside(number: Outside) -> Target {
    Target::Outside { number, trunk: "provider".into() }
}

pub(super) fn operators(names: &[&str]) -> Vec<Target> {
    names.iter().map(|name| Target::Operator(Name::new(name))).collect()
}

pub(super) fn dial(to: Vec<Target>, mode: DialMode) -> Dial {
    let hangs_up = |step| Some(StepId(step));
    let ring = Duration::from_secs(20);
    Dial { to, mode, ring, busy: hangs_up(5), no_answer: hangs_up(6), unreachable: hangs_up(7), otherwise: None }
}

/// Callers of [`DIRECT`] come to this step; those of the menu to the queue `sales` of anna.
pub(super) fn dialling(dial: Dial, channels: Option<u32>, shows: Option<&str>) -> Plan {
    let mut plan =
        plan(vec![queue("sales", &["anna"], Strategy::Linear), queue("rest", &["boris", "carla"], Strategy::Linear)]);
    let ends = [Reason::Busy, Reason::NoAnswer, Reason::Congestion];
    plan.steps.extend(ends.map(|reason| Step { act: Act::HangUp(reason), next: None }));
    plan.steps.push(Step { act: Act::Queue("sales".into()), next: None });
    plan.steps[3] = Step { act: Act::Queue("sales".into()), next: None };
    plan.steps[0] = Step { act: Act::Dial(Arc::new(dial)), next: None };
    let pattern = Pattern { before: "PJSIP/".into(), after: "@provider".into(), plus: true };
    let own = shows.and_then(|shows| E164::read(shows, None));
    let shows = own.map_or(ShownNumber::Caller, ShownNumber::Own);
    let identity = Default::default();
    let trunk = Trunk { name: "provider".into(), dial: pattern, channels, shows, identity, tariff: None };
    plan.trunks.insert(trunk.name.clone(), trunk);
    let kitchen = Extension { entry: StepId(0), reaches: Reaches::Phone("PJSIP/kitchen".into()) };
    plan.extensions.insert("205".into(), kitchen);
    plan
}

fn bench(to: Vec<Target>, mode: DialMode) -> Bench {
    Bench::new(dialling(dial(to, mode), Some(2), None))
}

pub(super) fn calls(bench: &mut Bench) -> ChannelId {
    let caller = bench.caller_arrives(DIRECT);
    bench.expect_answer(&caller);
    bench.expect_armed(&caller);
    // He hears it ring, if anybody is rung.
    bench.asked.retain(|command| !matches!(command, Command::Ring { channel } if *channel == caller));
    caller
}

/// Somebody answers, and the caller hears no tone any more.
fn answers(bench: &mut Bench, ringing: &Ringing, caller: &ChannelId) {
    bench.answers(ringing);
    expect_tone(bench, caller, false);
}

/// The caller hears the tone that Asterisk makes, or no longer.
#[track_caller]
fn expect_tone(bench: &mut Bench, caller: &ChannelId, on: bool) {
    bench.take("the ringing tone", |command| match command {
        Command::Ring { channel } => on && channel == caller,
        Command::Hush { channel, sound: Sound::Ringing } => !on && channel == caller,
        _ => false,
    });
}

/// Rings boris for a caller of the queue `rest`.
fn engage(bench: &mut Bench, operator: &str, step: u32) -> (ChannelId, Ringing) {
    let mut plan = (*bench.engine.plan).clone();
    let other = plan.steps[step as usize].act.clone();
    let was = std::mem::replace(&mut plan.steps[0].act, other);
    bench.tell(Event::PlanLoaded(Arc::new(plan.clone())));
    let talk = bench.two_talk(operator);
    plan.steps[0].act = was;
    bench.tell(Event::PlanLoaded(Arc::new(plan)));
    bench.assert_quiet();
    talk
}

pub(super) fn missed(bench: &Bench) -> Vec<Miss> {
    let missed = |fact: &Fact| match fact {
        Fact::NobodyAnswered { missed } => Some(*missed),
        _ => None,
    };
    bench.facts.iter().filter_map(missed).collect()
}

#[test]
fn one_operator_is_rung_together_with_the_caller_and_has_no_wrap_up() {
    let mut bench = bench(operators(&["anna"]), DialMode::InTurn);
    let caller = calls(&mut bench);
    let ringing = bench.expect_offer("anna", &caller);
    assert!(ringing.early, "he hears it ring");
    bench.assert_quiet();
    bench.assert_operator("anna", OperatorState::Ringing);
    answers(&mut bench, &ringing, &caller);
    bench.expect_disarmed(&caller);
    bench.assert_operator("anna", OperatorState::Talking);
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.expect_hangup(&caller);
    bench.assert_ready("anna");
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::Served]);
    bench.assert_quiet();
}

#[test]
fn in_turn_each_is_rung_until_somebody_answers() {
    let mut bench = bench(operators(&["anna", "boris", "carla"]), DialMode::InTurn);
    let caller = calls(&mut bench);
    let anna = bench.expect_offer("anna", &caller);
    bench.ends(&anna.leg, Cause { q850: 17, sip: Some(486) });
    bench.assert_ready("anna");
    let boris = bench.expect_offer("boris", &caller);
    bench.rings_out(&boris);
    let carla = bench.expect_offer("carla", &caller);
    answers(&mut bench, &carla, &caller);
    bench.expect_disarmed(&caller);
    let told = [("anna", OfferOutcome::Busy), ("boris", OfferOutcome::NoAnswer), ("carla", OfferOutcome::Answered)];
    assert_eq!(bench.offers(), told.map(|(name, outcome)| (name.to_owned(), outcome)));
    bench.assert_quiet();
}

#[test]
fn at_once_the_first_to_answer_has_him_and_the_others_stop_ringing() {
    let mut bench = bench(operators(&["anna", "boris", "carla"]), DialMode::AtOnce);
    let caller = calls(&mut bench);
    let [anna, boris, carla] = ["anna", "boris", "carla"].map(|name| bench.expect_offer(name, &caller));
    bench.assert_quiet();
    answers(&mut bench, &boris, &caller);
    bench.expect_join(&boris.leg);
    bench.expect_disarmed(&caller);
    for loser in [&anna, &carla] {
        assert_eq!(bench.expect_hangup(&loser.leg), Reason::AnsweredElsewhere);
    }
    bench.assert_quiet();
    bench.assert_operator("anna", OperatorState::Ringing);
    bench.ends(&anna.leg, Cause::q850(26));
    bench.assert_ready("anna");
}

#[test]
fn when_nobody_answers_the_way_is_by_how_near_somebody_was() {
    for (causes, reason, miss) in [
        ([17, 1], Reason::Busy, Miss::Busy),
        ([17, 19], Reason::NoAnswer, Miss::NoAnswer),
        ([1, 21], Reason::Busy, Miss::Busy),
        ([1, 34], Reason::Congestion, Miss::Unreachable),
    ] {
        for mode in [DialMode::InTurn, DialMode::AtOnce] {
            let mut bench = bench(operators(&["anna", "boris"]), mode);
            let caller = calls(&mut bench);
            if mode == DialMode::AtOnce {
                let both = ["anna", "boris"].map(|name| bench.expect_offer(name, &caller));
                both.iter().zip(causes).for_each(|(leg, cause)| bench.ends(&leg.leg, Cause::q850(cause)));
            } else {
                for (name, cause) in ["anna", "boris"].into_iter().zip(causes) {
                    let ringing = bench.expect_offer(name, &caller);
                    bench.ends(&ringing.leg, Cause::q850(cause));
                }
            }
            expect_tone(&mut bench, &caller, false);
            assert_eq!(bench.expect_hangup(&caller), reason, "{causes:?} {mode:?}");
            assert_eq!(missed(&bench), [miss]);
            bench.assert_quiet();
        }
    }
}

#[test]
fn an_operator_who_talks_or_wraps_up_is_busy() {
    let mut bench = bench(operators(&["anna"]), DialMode::InTurn);
    let (other, talks) = engage(&mut bench, "anna", 8);
    let caller = calls(&mut bench);
    assert_eq!(bench.expect_hangup(&caller), Reason::Busy);
    bench.hangs_up(&caller);
    bench.ends(&talks.leg, Cause::q850(16));
    bench.expect_hangup(&other);
    bench.hangs_up(&other);
    bench.assert_operator("anna", OperatorState::WrappingUp);
    let caller = calls(&mut bench);
    assert_eq!(bench.expect_hangup(&caller), Reason::Busy);
    assert_eq!(bench.offers().last(), Some(&("anna".to_owned(), OfferOutcome::Busy)));
    bench.assert_quiet();
}

#[test]
fn an_operator_whose_phone_is_being_told_to_stop_is_waited_for() {
    let mut bench = bench(operators(&["anna"]), DialMode::InTurn);
    let first = calls(&mut bench);
    let ringing = bench.expect_offer("anna", &first);
    bench.hangs_up(&first);
    bench.expect_hangup(&ringing.leg);
    let second = calls(&mut bench);
    bench.assert_quiet();
    bench.ends(&ringing.leg, Cause::q850(16));
    bench.expect_offer("anna", &second);
    expect_tone(&mut bench, &second, true);
    bench.assert_quiet();
}

#[test]
fn who_leaves_while_it_rings_leaves_nothing_ringing() {
    for mode in [DialMode::InTurn, DialMode::AtOnce] {
        let mut bench = bench(vec![Target::Operator("anna".into()), outside(number("+47 900 00 000"))], mode);
        let caller = calls(&mut bench);
        let mut rung = vec![bench.expect_offer("anna", &caller)];
        if mode == DialMode::AtOnce {
            rung.push(bench.expect_offer("+4790000000@provider", &caller));
        }
        bench.hangs_up(&caller);
        for leg in &rung {
            bench.expect_hangup(&leg.leg);
            bench.ends(&leg.leg, Cause::q850(16));
        }
        bench.assert_ready("anna");
        assert_eq!(bench.outcomes(), [Outcome::Abandoned]);
        assert!(bench.engine.is_at_rest());
        bench.assert_quiet();
    }
}

#[test]
fn a_trunk_takes_as_many_as_it_has_channels_until_their_legs_have_ended() {
    let mut bench = bench(vec![outside(number("+47 900 00 000"))], DialMode::InTurn);
    let legs: Vec<_> = (0..2)
        .map(|_| {
            let caller = calls(&mut bench);
            (bench.expect_offer("+4790000000@provider", &caller), caller)
        })
        .collect();
    let third = calls(&mut bench);
    assert_eq!(bench.expect_hangup(&third), Reason::Busy);
    assert_eq!(bench.offers(), [("+4790000000".to_owned(), OfferOutcome::TrunkFull)]);
    let (first, caller) = &legs[0];
    bench.hangs_up(caller);
    bench.expect_hangup(&first.leg);
    let fourth = calls(&mut bench);
    assert_eq!(bench.expect_hangup(&fourth), Reason::Busy, "the channel is taken until Asterisk says otherwise");
    bench.ends(&first.leg, Cause::q850(16));
    let fifth = calls(&mut bench);
    bench.expect_offer("+4790000000@provider", &fifth);
    bench.assert_quiet();
}

#[test]
fn a_number_of_ours_is_shown_where_the_trunk_says_so() {
    let plan = dialling(dial(vec![outside(number("+47 900 00 000"))], DialMode::InTurn), None, Some("+47 22 33 44 55"));
    let mut bench = Bench::new(plan);
    calls(&mut bench);
    bench.take("to ring as the company", |command| {
        let is_ours = |shown: &Shown| shown.caller_id == Some(("+4722334455".into(), None));
        matches!(command, Command::Originate { shows: Some(shown), .. } if is_ours(shown))
    });
}

#[test]
fn what_a_caller_sends_is_dialled_only_when_it_is_a_number() {
    let computed = Outside::Computed(Expr::Fact(Asked::CallerNumber));
    let mut bench = bench(vec![outside(computed.clone())], DialMode::InTurn);
    let caller = calls(&mut bench);
    bench.expect_offer("+4790000001@provider", &caller);
    let computed = Outside::Computed(Expr::Fact(Asked::CallerName));
    let mut bench = self::bench(vec![outside(computed)], DialMode::InTurn);
    let caller = calls(&mut bench);
    assert_eq!(bench.expect_hangup(&caller), Reason::Congestion);
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::NoNumber)));
    bench.assert_quiet();
}

#[test]
fn a_phone_that_is_no_operators_is_rung_by_its_internal_number() {
    let mut bench = bench(vec![Target::Phone("205".into())], DialMode::InTurn);
    let caller = calls(&mut bench);
    let kitchen = bench.expect_offer("kitchen", &caller);
    let state = bench.engine.snapshot(bench.now);
    assert_eq!(state.calls[0].legs, ["205"]);
    answers(&mut bench, &kitchen, &caller);
    bench.expect_disarmed(&caller);
    bench.hangs_up(&caller);
    bench.expect_hangup(&kitchen.leg);
    bench.ends(&kitchen.leg, Cause::q850(16));
    bench.assert_quiet();
}

#[test]
fn a_phone_that_was_busy_is_busy_though_the_join_came_too_late() {
    let mut bench = bench(operators(&["anna"]), DialMode::InTurn);
    let caller = calls(&mut bench);
    let ringing = bench.expect_offer_keeping_join(&caller);
    let join = bench.take("to join", |command| matches!(command, Command::Join { .. }));
    bench.asked.clear();
    bench.fails(join, Failure::Refused(422));
    bench.expect_hangup(&ringing.leg);
    bench.assert_quiet();
    bench.ends(&ringing.leg, Cause { q850: 17, sip: Some(486) });
    assert_eq!(bench.expect_hangup(&caller), Reason::Busy);
    assert_eq!(bench.offers(), [("anna".to_owned(), OfferOutcome::Busy)]);
}

#[test]
fn an_old_asterisk_that_gives_no_cause_let_it_ring_as_long_as_told() {
    let mut bench = bench(operators(&["anna"]), DialMode::InTurn);
    let caller = calls(&mut bench);
    let ringing = bench.expect_offer("anna", &caller);
    bench.passes(Duration::from_secs(20));
    bench.ends(&ringing.leg, Cause::q850(0));
    assert_eq!(bench.expect_hangup(&caller), Reason::NoAnswer);
}

#[test]
fn two_who_could_not_be_brought_together_are_tried_once_more() {
    let mut bench = bench(operators(&["anna", "boris"]), DialMode::AtOnce);
    let caller = calls(&mut bench);
    let anna = bench.expect_offer("anna", &caller);
    let boris = bench.expect_offer("boris", &caller);
    bench.answers(&anna);
    let join = bench.take("to join", |command| matches!(command, Command::Join { .. }));
    bench.asked.clear();
    bench.ends(&boris.leg, Cause::q850(26));
    bench.fails(join, Failure::Refused(500));
    bench.expect_hangup(&anna.leg);
    bench.expect_armed(&caller);
    let boris = bench.expect_offer("boris", &caller);
    expect_tone(&mut bench, &caller, true);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.expect_offer("anna", &caller);
    bench.answers(&boris);
    bench.expect_join(&boris.leg);
}

#[test]
fn after_a_gap_whoever_rang_and_is_gone_is_rung_again() {
    let mut bench = bench(operators(&["anna"]), DialMode::InTurn);
    let caller = calls(&mut bench);
    bench.expect_offer("anna", &caller);
    bench.node_down();
    bench.node_up(Held { channels: vec![held(&caller, true)], bridges: Vec::new() });
    bench.expect_armed(&caller);
    bench.expect_offer("anna", &caller);
}

/// What an engine that died wrote on the caller of [`calls`], and the leg that rings for him.
fn died(bench: &mut Bench) -> (HeldChannel, HeldChannel) {
    let caller = bench.caller_arrives(DIRECT);
    let mark = bench.take("to write", |command| matches!(command, Command::Mark { .. }));
    let Command::Mark { mark, .. } = mark else { unreachable!() };
    let anna = bench.expect_offer("anna", &caller);
    (HeldChannel { mark: mark.state, ..held(&caller, true) }, HeldChannel { enters: None, ..held(&anna.leg, false) })
}

#[test]
fn after_a_restart_he_is_rung_for_again_at_the_same_step() {
    let step = dial(operators(&["anna"]), DialMode::InTurn);
    let mut first = Bench::new(dialling(step.clone(), None, None));
    let (caller, leg) = died(&mut first);
    // The plan has changed: the number leads elsewhere, and the step has moved.
    let mut plan = dialling(step, None, None);
    plan.steps.push(plan.steps[0].clone());
    plan.steps[0].act = Act::HangUp(Reason::Failure);
    let mut second = Bench::born(8, plan, Limits::default());
    let ringing = leg.channel.clone();
    second.node_up(Held { channels: vec![caller.clone(), leg], bridges: Vec::new() });
    second.expect_hangup(&ringing);
    second.ends(&ringing, Cause::q850(16));
    second.expect_offer("anna", &caller.channel);
}

#[test]
fn after_a_restart_those_who_talk_over_a_trunk_still_take_its_channel() {
    let step = dial(vec![outside(number("+47 900 00 000"))], DialMode::InTurn);
    let mut first = Bench::new(dialling(step.clone(), Some(1), None));
    let caller = calls(&mut first);
    let far = first.expect_offer("+4790000000@provider", &caller);
    first.answers(&far);
    let mark = first.take("to write", |command| matches!(command, Command::Mark { .. }));
    let Command::Mark { mark, .. } = mark else { unreachable!() };
    assert!(mark.state.as_deref().and_then(State::read).is_some_and(|state| state.talking.is_some()));
    let talk = first.talk(&far.leg, &[&caller, &far.leg]);
    let found = HeldChannel { mark: mark.state, ..held(&caller, true) };
    let leg = HeldChannel { enters: None, ..held(&far.leg, true) };
    let mut second = Bench::born(8, dialling(step, Some(1), None), Limits::default());
    second.node_up(Held { channels: vec![found, leg], bridges: vec![holding(&talk.bridge.id, &[&caller, &far.leg])] });
    second.expect_disarmed(&caller);
    second.asked.clear();
    let other = ChannelId::new(NODE, "171.99");
    let event = Event::CallArrived {
        channel: other.clone(),
        enters: DIRECT.into(),
        caller: Default::default(),
        answered: true,
    };
    second.tell(event);
    assert_eq!(second.expect_hangup(&other), Reason::Busy);
    second.hangs_up(&caller);
    second.expect_hangup(&far.leg);
    let ended = second
        .facts
        .iter()
        .any(|fact| matches!(fact, Fact::TalkEnded { callee, .. } if callee.to_string() == "+4790000000"));
    assert!(ended, "{:#?}", second.facts);
}

#[test]
fn one_whom_nobody_took_leaves_their_bridge_before_his_message_is_recorded() {
    let mut plan = dialling(dial(operators(&["anna"]), DialMode::InTurn), None, None);
    plan.steps[6].act = Act::Record(Arc::new(Record {
        mailbox: "sales".into(),
        greeting: Default::default(),
        at_most: Duration::from_secs(20),
        silence: Duration::from_secs(5),
        end: None,
        beep: true,
        done: Default::default(),
        failed: None,
        into: None,
        notify: None,
    }));
    let mut bench = Bench::new(plan);
    let caller = calls(&mut bench);
    let anna = bench.expect_offer("anna", &caller);
    bench.asked.clear();

    bench.rings_out(&anna);

    let asked: Vec<_> = bench.asked_names();
    let place = |name| asked.iter().position(|asked| *asked == name);
    assert!(place("unpark").is_some() && place("unpark") < place("record"), "{asked:?}");
}

#[test]
fn what_became_of_a_phone_that_was_given_up_is_told_though_another_answers_before_it_has_ended() {
    let mut bench = bench(operators(&["anna", "boris"]), DialMode::AtOnce);
    let caller = calls(&mut bench);
    let is_anna =
        |command: &Command| matches!(command, Command::Originate { endpoint, .. } if **endpoint == *"PJSIP/anna");
    let anna = bench.take("to ring anna", is_anna);
    let boris = bench.expect_offer("boris", &caller);
    bench.fails(anna, Failure::OutcomeUnknown);
    bench.answers(&boris);
    let offers = [("boris", OfferOutcome::Answered), ("anna", OfferOutcome::AnsweredElsewhere)];
    assert_eq!(bench.offers(), offers.map(|(name, outcome)| (name.to_owned(), outcome)));
}
