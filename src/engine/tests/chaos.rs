//! Anything at any moment. Asterisk is not asked here whether an event makes sense: whatever comes, in whatever order, the
//! invariants hold after each event ([`Bench::tell`] looks), nothing panics, and when everything has ended nothing is left.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;

use super::bench::{Bench, DIRECT, MENU, NODE, held, patience, plan, queue};
use crate::{
    dialplan::{Plan, Strategy},
    domain::{Caller, Cause, ChannelId, Digit},
    engine::{Command, Event, Failure, Held, notice::OperatorState},
};

#[derive(Clone, Debug)]
enum Chance {
    Arrives(bool),
    Presses(usize, char),
    PromptEnds(usize, bool),
    Leaves(usize),
    Ends(usize, u16),
    Enters(usize, bool),
    Answers(usize),
    Replaced(usize),
    Fails(usize, u8),
    Passes(u16),
    NodeDown,
    NodeUp(u64),
    Reload(u8),
}

fn chance() -> impl Strategy_<Value = Chance> {
    prop_oneof![
        4 => any::<bool>().prop_map(Chance::Arrives),
        3 => (0..9usize, prop::sample::select(vec!['1', '2', '5', '7', '9', '#'])).prop_map(|(at, key)| Chance::Presses(at, key)),
        4 => (0..9usize, any::<bool>()).prop_map(|(at, whole)| Chance::PromptEnds(at, whole)),
        3 => (0..12usize).prop_map(Chance::Leaves),
        3 => (0..12usize, prop::sample::select(vec![0, 16, 17, 19, 21, 34])).prop_map(|(at, cause)| Chance::Ends(at, cause)),
        6 => (0..12usize, any::<bool>()).prop_map(|(at, answered)| Chance::Enters(at, answered)),
        6 => (0..12usize).prop_map(Chance::Answers),
        1 => (0..12usize).prop_map(Chance::Replaced),
        3 => (0..12usize, 0..6u8).prop_map(|(at, how)| Chance::Fails(at, how)),
        4 => (0..20_000u16).prop_map(Chance::Passes),
        1 => Just(Chance::NodeDown),
        2 => any::<u64>().prop_map(Chance::NodeUp),
        1 => (0..4u8).prop_map(Chance::Reload),
    ]
}

use proptest::strategy::Strategy as Strategy_;

fn some_plan(which: u8) -> Plan {
    let strategy = [Strategy::Linear, Strategy::RingAll, Strategy::LeastRecent, Strategy::Random];
    let first = queue("sales", &["anna", "boris"], strategy[usize::from(which % 4)]);
    let mut second = queue("billing", &["boris", "carla"], Strategy::RrMemory);
    second.wrap_up = Duration::ZERO;
    let mut plan = plan(vec![patience(first, Duration::from_secs(45)), second]);
    if which >= 2 {
        plan.operators.shift_remove("carla");
    }
    plan.steps[3].act = crate::dialplan::Act::Queue("billing".into());
    plan
}

/// Everything that Asterisk could know of: callers, legs, and what was asked.
#[derive(Default)]
struct World {
    callers: Vec<ChannelId>,
    legs: Vec<ChannelId>,
    commands: Vec<Command>,
}

impl World {
    fn see(&mut self, bench: &mut Bench) {
        for command in bench.asked.drain(..) {
            if let Command::Create { leg, .. } | Command::Originate { leg, .. } = &command {
                self.legs.push(leg.clone());
            }
            self.commands.push(command);
        }
    }

    fn any(&self, at: usize) -> Option<ChannelId> {
        let all: Vec<_> = self.callers.iter().rev().take(6).chain(self.legs.iter().rev().take(6)).collect();
        all.get(at).map(|channel| (*channel).clone())
    }

    fn leg(&self, at: usize) -> Option<ChannelId> {
        self.legs.iter().rev().nth(at).cloned()
    }

    fn event(&mut self, chance: &Chance) -> Option<Event> {
        Some(match chance {
            Chance::Arrives(direct) => {
                let channel = ChannelId::new(NODE, &format!("c{}", self.callers.len()));
                self.callers.push(channel.clone());
                let dialled = if *direct { DIRECT } else { MENU };
                Event::CallArrived { channel, dialled: dialled.into(), caller: Caller::default(), answered: false }
            }
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
            Chance::Replaced(at) => {
                let new = ChannelId::new(NODE, &format!("Local.{at}"));
                Event::LegReplaced { old: self.leg(*at)?, new }
            }
            Chance::Fails(at, how) => {
                let command = self.commands.iter().rev().nth(*at)?.clone();
                let failures = [404, 409, 422, 500].map(Failure::Refused);
                let rest = [Failure::NotSent, Failure::OutcomeUnknown];
                let failure = failures.into_iter().chain(rest).nth(usize::from(*how))?;
                Event::Failed { command, failure }
            }
            Chance::NodeDown => Event::NodeDown { node: NODE },
            Chance::NodeUp(mask) => {
                let all = self.callers.iter().rev().take(8).chain(self.legs.iter().rev().take(8));
                let there = all.enumerate().filter(|(at, _)| mask >> at & 1 == 1);
                let channels = there.map(|(at, channel)| held(channel, mask >> (at + 16) & 1 == 1)).collect();
                Event::NodeUp { node: NODE, held: Held { channels, bridges: vec![] } }
            }
            Chance::Reload(which) => Event::PlanLoaded(Arc::new(some_plan(*which))),
            Chance::Passes(_) => return None,
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_nothing_is_left_when_everything_has_ended(
        which in 0..4u8,
        chances in prop::collection::vec(chance(), 1..120),
    ) {
        let mut bench = Bench::new(some_plan(which));
        let mut world = World::default();
        for chance in &chances {
            if let Chance::Passes(millis) = chance {
                bench.passes(Duration::from_millis(u64::from(*millis)));
            } else if let Some(event) = world.event(chance) {
                bench.tell(event);
            }
            world.see(&mut bench);
        }
        // Asterisk restarts: every channel is gone, and everybody has time to rest.
        bench.node_up(Held::default());
        bench.passes(Duration::from_secs(120));
        prop_assert_eq!(bench.engine.calls(), 0);
        let snapshot = bench.engine.snapshot(bench.now);
        for operator in snapshot.operators {
            prop_assert_eq!(operator.state, OperatorState::Ready, "{}", operator.operator);
        }
        prop_assert_eq!(bench.engine.poll_timeout(), None);
    }
}
