//! Anything at any moment. Asterisk is not asked here whether an event makes sense: whatever comes, in whatever order, the
//! invariants hold after each event ([`Bench::tell`] looks), nothing panics, and when everything has ended nothing is left.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;

use super::{
    bench::{Bench, DIRECT, MENU, NODE, held},
    callback_chaos::{call_back_at_once, comes_again, nobody_is_called_any_more, rung},
    hand_over::DOOR,
    other_node::{ELSEWHERE, PHONES, elsewhere, phone},
    some_plans::{PLANS, some_plan},
    told_truly::assert_all_is_told,
};
use crate::{
    dialplan::DutyChange,
    domain::{BridgeId, CallbackId, Caller, Cause, ChannelId, DeviceState, Digit, ReservationId},
    engine::{
        Answer, Ask, Choice, Command, DutyBy, Enters, Errand, Event, Fact, Failure, Held, HeldBridge, HeldChannel,
        LookupId, NoAnswer, Reply, Scope, Steer,
        message::{About, Fate, Lost},
        notice::{Measured, OfferOutcome},
        operator::Doing,
    },
};

#[derive(Clone, Debug)]
enum Chance {
    Arrives(bool),
    /// Somebody comes where callers are alone: by a number, or for a flow.
    Comes(u8),
    /// One of those who were handed over comes, perhaps not for the first time.
    ComesOver(usize, bool),
    /// The node of callers who are alone is away for a moment.
    DoorShut,
    Presses(usize, char),
    PromptEnds(usize, bool),
    Leaves(usize),
    Ends(usize, u16),
    Enters(usize, bool),
    Answers(usize),
    Replaced(usize, u8),
    Fails(usize, u8),
    Recorded(usize, bool),
    Fate(usize, u8),
    Passes(u16),
    /// An answer to one of the questions, the last one first: a good one, or none.
    LooksUp(usize, bool),
    /// A dialplan asks for an operator: for one of a few callers, and waits or not.
    Chooses(usize, bool),
    /// One who was chosen answers.
    ChosenAnswers(usize),
    /// He is given back: by his name, or by the caller's channel.
    Releases(usize, bool, u8),
    NodeDown,
    NodeUp(Vec<Found>),
    NodeTaken,
    /// Another node says who talks there: one of the operators, or nobody.
    Elsewhere(usize),
    /// One of the operators is there, or not, or wraps up for a shorter or longer time.
    Duty(usize, u8),
    /// A node says how somebody's telephone is.
    Phone(usize, bool, DeviceState),
    Reload(u8),
    /// Somebody does not want a callback any more.
    Cancels(u64),
    /// Somebody wants something of one of the callers, whatever he does.
    Steers(usize, u8),
}

/// What is found of one channel when a node is up.
#[derive(Clone, Debug)]
struct Found {
    /// Whether it is there at all.
    there: bool,
    answered: bool,
    dialled: bool,
    mark: Written,
    /// In which of the bridges it is; more than there are: in none.
    bridge: usize,
}

/// What is written on a channel that is found.
#[derive(Clone, Copy, Debug)]
enum Written {
    Nothing,
    /// What was written last.
    Last,
    /// What was written first.
    First,
    /// What was written on somebody else.
    Foreign,
    Garbage,
}

fn held_by_the_node() -> impl Strategy_<Value = Vec<Found>> {
    let mark = [Written::Nothing, Written::Last, Written::Last, Written::First, Written::Foreign, Written::Garbage];
    let found = (prop::bool::weighted(0.7), prop::bool::weighted(0.8), prop::bool::weighted(0.9));
    let found = (found, prop::sample::select(mark.to_vec()), 0..10usize);
    let found =
        found.prop_map(|((there, answered, dialled), mark, bridge)| Found { there, answered, dialled, mark, bridge });
    prop::collection::vec(found, 0..14)
}

fn chance() -> impl Strategy_<Value = Chance> {
    prop_oneof![
        4 => any::<bool>().prop_map(Chance::Arrives),
        4 => (0..4u8).prop_map(Chance::Comes),
        4 => (0..4usize, any::<bool>()).prop_map(|(at, answered)| Chance::ComesOver(at, answered)),
        1 => Just(Chance::DoorShut),
        3 => (0..9usize, prop::sample::select(vec!['1', '2', '5', '7', '9', '#'])).prop_map(|(at, key)| Chance::Presses(at, key)),
        4 => (0..9usize, any::<bool>()).prop_map(|(at, whole)| Chance::PromptEnds(at, whole)),
        3 => (0..12usize).prop_map(Chance::Leaves),
        3 => (0..12usize, prop::sample::select(vec![0, 16, 17, 19, 21, 34])).prop_map(|(at, cause)| Chance::Ends(at, cause)),
        6 => (0..12usize, any::<bool>()).prop_map(|(at, answered)| Chance::Enters(at, answered)),
        6 => (0..12usize).prop_map(Chance::Answers),
        2 => (0..14usize, 0..4u8).prop_map(|(at, new)| Chance::Replaced(at, new)),
        3 => (0..12usize, 0..6u8).prop_map(|(at, how)| Chance::Fails(at, how)),
        3 => (0..4usize, prop::bool::weighted(0.8)).prop_map(|(at, well)| Chance::Recorded(at, well)),
        3 => (0..4usize, 0..5u8).prop_map(|(at, fate)| Chance::Fate(at, fate)),
        4 => (0..20_000u16).prop_map(Chance::Passes),
        3 => (0..4usize, any::<bool>()).prop_map(|(at, answered)| Chance::LooksUp(at, answered)),
        4 => (0..5usize, any::<bool>()).prop_map(|(at, waits)| Chance::Chooses(at, waits)),
        2 => (0..4usize).prop_map(Chance::ChosenAnswers),
        3 => (0..4usize, any::<bool>(), 0..5u8).prop_map(|(at, by_name, how)| Chance::Releases(at, by_name, how)),
        1 => Just(Chance::NodeDown),
        4 => held_by_the_node().prop_map(Chance::NodeUp),
        1 => Just(Chance::NodeTaken),
        1 => (0..4usize).prop_map(Chance::Elsewhere),
        4 => (0..4usize, 0..7u8).prop_map(|(who, what)| Chance::Duty(who, what)),
        4 => (0..4usize, prop::bool::weighted(0.8), prop::sample::select(PHONES.to_vec()))
            .prop_map(|(who, here, state)| Chance::Phone(who, here, state)),
        2 => (0..PLANS).prop_map(Chance::Reload),
        1 => (1..3u64).prop_map(Chance::Cancels),
        4 => (0..6usize, 0..8u8).prop_map(|(at, how)| Chance::Steers(at, how)),
    ]
}

use proptest::strategy::Strategy as Strategy_;

const OPERATORS: [&str; 4] = ["anna", "boris", "carla", "dora"];

fn by_hand(chance: &Chance) -> Option<Event> {
    if let Chance::Cancels(number) = chance {
        return Some(Event::CallbackCancelled { id: CallbackId { boot: 1, number: *number } });
    }
    let Chance::Duty(who, what) = chance else { return None };
    let pause = |lasts| DutyChange::Pause { reason: None, lasts };
    let some = Duration::from_secs(15);
    let changes = [DutyChange::SignIn, DutyChange::SignOut, pause(None), pause(Some(some)), DutyChange::Resume];
    let more = [DutyChange::EndWrapUp, DutyChange::ExtendWrapUp(some)];
    let change = changes.into_iter().chain(more).nth(usize::from(*what))?;
    Some(Event::DutyAsked { operator: (*OPERATORS.get(*who)?).into(), change, by: DutyBy::Api })
}

/// Everything that Asterisk could know of: callers, legs, and what was asked.
#[derive(Default)]
struct World {
    callers: Vec<ChannelId>,
    legs: Vec<ChannelId>,
    /// Who came by a transfer.
    strangers: Vec<ChannelId>,
    bridges: Vec<BridgeId>,
    marks: Vec<(ChannelId, Arc<str>)>,
    commands: Vec<Command>,
    messages: Vec<Arc<About>>,
    questions: Vec<LookupId>,
    /// For whom dialplans asked.
    asking: Vec<ChannelId>,
    reservations: Vec<ReservationId>,
    handed_over: Vec<(ChannelId, Enters)>,
}

impl World {
    fn see(&mut self, bench: &mut Bench) {
        for errand in bench.errands.drain(..) {
            match errand {
                Errand::KeepDone(..) | Errand::KeepCallback(..) => {}
                Errand::LookUp { lookup, .. } => self.questions.push(lookup),
                Errand::Message(chore) => self.messages.push(chore.about().clone()),
                Errand::Notify(_)
                | Errand::KeepHours(_)
                | Errand::KeepDuty { .. }
                | Errand::Remember(_)
                | Errand::WatchDevices(_) => {}
            }
        }
        for command in bench.asked.drain(..) {
            self.legs.extend(rung(&command).cloned());
            if let Command::Reply { reply: Reply::Choice(Choice::Chosen { reservation, .. }), .. } = &command {
                self.reservations.push(*reservation);
            }
            if let Command::HandOver { channel, call } = &command {
                let there = ChannelId::new(NODE, &channel.id);
                let enters = Enters::HandedOver { call: *call, dialled: DIRECT.into() };
                self.handed_over.push((there.clone(), enters));
                self.callers.push(there);
            }
            if let Command::MakeBridge { bridge, .. } = &command {
                self.bridges.push(bridge.clone());
            }
            if let Command::Mark { channel, mark } = &command {
                self.marks.extend(mark.state.clone().map(|state| (channel.clone(), state)));
            }
            self.commands.push(command);
        }
    }

    /// Those of late.
    fn all(&self) -> impl Iterator<Item = &ChannelId> {
        let (callers, legs) = (self.callers.iter().rev().take(6), self.legs.iter().rev().take(6));
        callers.chain(legs).chain(self.strangers.iter().rev().take(2))
    }

    fn any(&self, at: usize) -> Option<ChannelId> {
        self.all().chain(self.asking.iter().rev().take(3)).nth(at).cloned()
    }

    fn held(&self, found: &[Found]) -> Held {
        let foreign = [
            "sentral-w-sales",
            "sentral-w3-sales",
            "sentral-w03-sales",
            "sentral-w-gone",
            "sentral-w3-gone",
            "sentral-00000001-t4",
            "elsewhere",
        ];
        let foreign = foreign.map(|id| BridgeId::new(NODE, id));
        let mut bridges: Vec<HeldBridge> = self
            .bridges
            .iter()
            .rev()
            .filter(|bridge| bridge.node == NODE)
            .take(5)
            .chain(&foreign)
            .map(|bridge| HeldBridge { bridge: bridge.clone(), channels: vec![] })
            .collect();
        let mut channels = vec![];
        let of_the_node = self.all().filter(|channel| channel.node == NODE);
        for (channel, found) in of_the_node.zip(found).filter(|(_, found)| found.there) {
            let mut of: Vec<_> =
                self.marks.iter().filter(|(marked, _)| marked == channel).map(|(_, mark)| mark.clone()).collect();
            let mark = match found.mark {
                Written::Nothing => None,
                Written::Last => of.pop(),
                Written::First => (!of.is_empty()).then(|| of.swap_remove(0)),
                Written::Foreign => self.marks.last().map(|(_, mark)| mark.clone()),
                Written::Garbage => Some("{".into()),
            };
            let came_over = self.handed_over.iter().rev().find(|(there, _)| there == channel);
            let enters = came_over.map_or_else(|| DIRECT.into(), |(_, enters)| enters.clone());
            let enters = found.dialled.then_some(enters);
            channels.push(HeldChannel { enters, mark, ..held(channel, found.answered) });
            if let Some(bridge) = bridges.get_mut(found.bridge) {
                bridge.channels.push(channel.clone());
            }
        }
        Held { channels, bridges }
    }

    fn leg(&self, at: usize) -> Option<ChannelId> {
        self.legs.iter().rev().nth(at).cloned()
    }

    /// A dialplan asks for an operator.
    fn asks(&mut self, at: usize, waits: bool) -> Event {
        let channel = ChannelId::new(DOOR, &format!("q{at}"));
        self.asking.retain(|known| *known != channel);
        self.asking.push(channel.clone());
        let wait = Duration::from_secs(if waits { 30 } else { 0 });
        let before = if waits { OfferOutcome::NoAnswer } else { OfferOutcome::CallerLeft };
        let queue = if at.is_multiple_of(2) { "sales" } else { "billing" };
        let ask = Ask { queue: queue.into(), wait, limit: Duration::from_secs(20), before };
        Event::ChoiceAsked { channel, dialled: DIRECT.into(), caller: Caller::default(), ask }
    }

    /// It gives one back.
    fn releases(&self, at: usize, by_name: bool, how: usize) -> Option<Event> {
        let reservation = self.reservations.iter().rev().nth(at).copied().filter(|_| by_name);
        let channel = self.asking.iter().rev().nth(at)?.clone();
        let outcomes = [OfferOutcome::Answered, OfferOutcome::Busy, OfferOutcome::CallerLeft];
        let outcome = outcomes.get(how).copied().unwrap_or(OfferOutcome::NoAnswer);
        Some(Event::ChoiceReleased { channel, reservation, outcome: Some(outcome) })
    }

    /// What happens where callers are alone, and to those who leave it.
    fn at_the_door(&mut self, chance: &Chance) -> Option<Event> {
        Some(match chance {
            Chance::Comes(how) => {
                let channel = ChannelId::new(DOOR, &format!("d{}", self.callers.len()));
                self.callers.push(channel.clone());
                let flow = |flow: &str| Enters::Flow { flow: flow.into(), dialled: MENU.into() };
                let enters = [MENU.into(), DIRECT.into(), flow("welcome"), flow("of no plan")];
                let enters = enters.into_iter().nth(usize::from(*how))?;
                Event::CallArrived { channel, enters, caller: Caller::default(), answered: false }
            }
            Chance::ComesOver(at, answered) => {
                let (channel, enters) = self.handed_over.iter().rev().nth(*at)?.clone();
                Event::CallArrived { channel, enters, caller: Caller::default(), answered: *answered }
            }
            Chance::DoorShut => door_opens(),
            Chance::Chooses(at, waits) => self.asks(*at, *waits),
            Chance::ChosenAnswers(at) => {
                let reservation = Some(*self.reservations.iter().rev().nth(*at)?);
                Event::ChoiceAnswered { channel: ChannelId::new(DOOR, "leg"), reservation }
            }
            Chance::Releases(at, by_name, how) => return self.releases(*at, *by_name, usize::from(*how)),
            _ => return None,
        })
    }

    fn event(&mut self, chance: &Chance) -> Option<Event> {
        Some(match chance {
            Chance::Arrives(direct) => {
                let channel = ChannelId::new(NODE, &format!("c{}", self.callers.len()));
                self.callers.push(channel.clone());
                let dialled = if *direct { DIRECT } else { MENU };
                let at_annas = self.callers.len().is_multiple_of(3);
                let caller = comes_again(self.callers.len());
                let caller = if at_annas { caller.at_phone("PJSIP/anna-1") } else { caller };
                Event::CallArrived { channel, enters: dialled.into(), caller, answered: false }
            }
            Chance::Comes(_)
            | Chance::ComesOver(..)
            | Chance::DoorShut
            | Chance::Chooses(..)
            | Chance::ChosenAnswers(_)
            | Chance::Releases(..) => self.at_the_door(chance)?,
            Chance::Presses(at, key) => Event::Pressed { channel: self.any(*at)?, digit: Digit::new(*key)? },
            Chance::PromptEnds(at, whole) => {
                let playing = self.commands.iter().rev().filter_map(|command| match command {
                    Command::Play { channel, playback, .. } => Some((channel.clone(), *playback)),
                    _ => None,
                });
                let (channel, playback) = playing.into_iter().nth(*at)?;
                Event::PlaybackFinished { playback, channel, whole: *whole }
            }
            Chance::Leaves(at) => Event::Left { channel: self.any(*at)? },
            Chance::Ends(at, cause) => Event::Ended { channel: self.any(*at)?, cause: Cause::q850(*cause) },
            Chance::Enters(at, answered) => Event::LegEntered { channel: self.leg(*at)?, answered: *answered },
            Chance::Answers(at) => Event::LegAnswered { channel: self.leg(*at)? },
            Chance::Replaced(at, new) => {
                let new = ChannelId::new(NODE, &format!("Local.{new}"));
                self.strangers.retain(|stranger| *stranger != new);
                self.strangers.push(new.clone());
                let nobody = ChannelId::new(NODE, "sentral-00000001-anna-1");
                Event::LegReplaced { old: self.any(*at).unwrap_or(nobody), new, to: None }
            }
            Chance::Fails(at, how) => {
                let command = self.commands.iter().rev().nth(*at)?.clone();
                let failures = [404, 409, 422, 500].map(Failure::Refused);
                let rest = [Failure::NotSent, Failure::OutcomeUnknown];
                let failure = failures.into_iter().chain(rest).nth(usize::from(*how))?;
                Event::Failed { command, failure }
            }
            Chance::Recorded(at, well) => {
                let recorded = self.commands.iter().rev().filter_map(|command| match command {
                    Command::Record { channel, recording, .. } => Some((channel.clone(), *recording)),
                    _ => None,
                });
                let (channel, recording) = recorded.into_iter().nth(*at)?;
                Event::RecordingOver { recording, channel, well: *well }
            }
            Chance::Fate(at, fate) => {
                let about = self.messages.iter().rev().nth(*at)?.clone();
                let fates = [Fate::Kept(Duration::from_secs(3)), Fate::Nothing, Fate::Lost(Lost::Empty)];
                let more = [Fate::Lost(Lost::Full), Fate::Kept(Duration::from_secs(30))];
                Event::Message { about, fate: fates.into_iter().chain(more).nth(usize::from(*fate))? }
            }
            Chance::LooksUp(at, answered) => {
                let failed = Answer::Failed(NoAnswer::Unreachable);
                let answer = if *answered { Answer::Json(Default::default()) } else { failed };
                Event::LookedUp { lookup: *self.questions.iter().rev().nth(*at)?, answer }
            }
            Chance::NodeDown => Event::NodeDown { node: NODE },
            Chance::NodeUp(found) => Event::NodeUp { node: NODE, scope: Scope::WholeCall, held: self.held(found) },
            Chance::NodeTaken => Event::NodeTaken { node: NODE },
            Chance::Elsewhere(who) => Event::NodeUp { node: ELSEWHERE, scope: Scope::WholeCall, held: elsewhere(*who) },
            Chance::Phone(who, here, state) => phone(*who, *here, *state),
            Chance::Reload(which) => Event::PlanLoaded(Arc::new(some_plan(*which))),
            Chance::Passes(_) | Chance::Duty(..) | Chance::Steers(..) | Chance::Cancels(_) => return None,
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_nothing_is_left_when_everything_has_ended(
        which in 0..PLANS,
        chances in prop::collection::vec(chance(), 1..120),
        restarts in any::<bool>(),
        found in held_by_the_node(),
    ) {
        let mut bench = Bench::new(some_plan(which));
        bench.log.expect_no_order();
        call_back_at_once(&mut bench, which);
        bench.tell(door_opens());
        let mut world = World::default();
        for chance in &chances {
            if let Chance::Passes(millis) = chance {
                bench.passes(Duration::from_millis(u64::from(*millis)));
            } else if let Chance::Steers(at, how) = chance {
                steers(&mut bench, *at, *how);
            } else if let Some(event) = by_hand(chance).or_else(|| world.event(chance)) {
                bench.tell(event);
            }
            assert_all_is_told(&bench.engine);
            world.see(&mut bench);
        }
        if restarts {
            // Every channel is gone.
            bench.tell(door_opens());
            bench.node_up(Held::default());
        } else {
            bench.tell(Event::NodeUp { node: NODE, scope: Scope::WholeCall, held: world.held(&found) });
            everybody_hangs_up(&mut bench, &mut world);
        }
        bench.tell(Event::NodeUp { node: ELSEWHERE, scope: Scope::WholeCall, held: Held::default() });
        nobody_is_called_any_more(&mut bench);
        for asking in &world.asking {
            bench.hangs_up(asking);
        }
        for operator in OPERATORS {
            bench.tell(Event::DutyAsked { operator: operator.into(), change: DutyChange::SignIn, by: DutyBy::Api });
        }
        for (who, here) in (0..3).flat_map(|who| [(who, true), (who, false)]) {
            bench.tell(phone(who, here, DeviceState::NotInUse));
        }
        bench.passes(Duration::from_secs(120));
        assert_nothing_is_left(&bench);
    }
}

/// The node whose callers are alone has none: it comes up, perhaps for the second time.
fn door_opens() -> Event {
    Event::NodeUp { node: DOOR, scope: Scope::CallerAlone, held: Held::default() }
}

fn steers(bench: &mut Bench, at: usize, how: u8) {
    let Some(call) = bench.engine.calls.keys().rev().nth(at).copied() else { return };
    let steer = match how {
        0 => Steer::ToQueue("sales".into()),
        1 => Steer::ToQueue("billing".into()),
        2 => Steer::ToFlow("welcome".into()),
        3 => Steer::Withdraw { info: "".into() },
        4 => Steer::Assign("anna".into()),
        5 => Steer::Assign("carla".into()),
        6 => Steer::Prioritise(9),
        _ => Steer::Prioritise(-9),
    };
    bench.tell(Event::Steered { call, steer });
}

fn everybody_hangs_up(bench: &mut Bench, world: &mut World) {
    // Whoever hangs up makes room for another one, who is rung for.
    for _ in 0..40 {
        world.see(bench);
        let everybody: Vec<_> =
            world.callers.iter().chain(&world.legs).chain(&world.strangers).chain(&world.asking).cloned().collect();
        for channel in everybody {
            bench.hangs_up(&channel);
            bench.ends(&channel, Cause::q850(16));
        }
    }
}

fn assert_nothing_is_left(bench: &Bench) {
    let engine = &bench.engine;
    let idle = bench.facts.iter().find(|fact| matches!(fact, Fact::Measured(Measured::Idle { .. })));
    assert!(idle.is_none(), "{idle:?}");
    assert_eq!(engine.calls.len(), 0);
    assert!(engine.awaited.is_empty(), "{:?}", engine.awaited);
    assert!(engine.assigned.is_empty(), "{:?}", engine.assigned);
    assert!(engine.legs.is_empty(), "{:#?}", engine.legs);
    assert!(engine.in_use.values().all(|calls| calls.calls() == 0), "{:?}", engine.in_use);
    assert!(engine.nodes.values().all(|node| node.lent.is_empty()), "{:#?}", engine.nodes);
    for operator in engine.operators.values() {
        // Of one whom the plan no longer has nobody can say that he is there.
        let known = engine.plan.operators.contains_key(&operator.plan.name);
        assert!(operator.is_ready() || !known, "{operator:?}");
        assert!(matches!(operator.doing, Doing::Ready { .. }), "{operator:?}");
    }
    assert_eq!(engine.poll_timeout(), None);
}
