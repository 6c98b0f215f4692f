//! Anything at any moment, where queues share operators, open and close: the invariants hold after each event.

use std::time::Duration;

use proptest::prelude::*;

use super::bench::{Bench, held};
use crate::{
    dialplan::{DutyChange, Plan, hours::Override, parse},
    domain::{Cause, ChannelId, Time},
    engine::{Command, DutyBy, Event, Fact, Held, Steer, notice::Measured},
};

#[derive(Clone, Debug)]
enum Chance {
    Arrives(usize),
    Leaves(usize),
    /// One of the legs, the last one first, is answered, or ends.
    Answers(usize),
    Ends(usize),
    Duty(usize, bool),
    Hours(usize, Option<bool>),
    Reload(usize),
    Moves(usize, usize),
    Prefers(usize, i64),
    NodeAway(bool),
    Passes(u64),
}

fn chance() -> impl Strategy<Value = Chance> {
    prop_oneof![
        5 => (0..3usize).prop_map(Chance::Arrives),
        2 => (0..5usize).prop_map(Chance::Leaves),
        3 => (0..4usize).prop_map(Chance::Answers),
        4 => (0..6usize).prop_map(Chance::Ends),
        4 => (0..4usize, any::<bool>()).prop_map(|(who, is_there)| Chance::Duty(who, is_there)),
        4 => (0..2usize, any::<Option<bool>>()).prop_map(|(of, open)| Chance::Hours(of, open)),
        1 => (0..PLANS.len()).prop_map(Chance::Reload),
        1 => (0..3usize, 0..3usize).prop_map(|(who, to)| Chance::Moves(who, to)),
        1 => (0..3usize, -3..4i64).prop_map(|(who, to)| Chance::Prefers(who, to)),
        1 => any::<bool>().prop_map(Chance::NodeAway),
        4 => (1..40u64).prop_map(Chance::Passes),
    ]
}

const OPERATORS: [&str; 4] = ["anna", "boris", "carla", "dora"];
const QUEUES: [&str; 3] = ["one", "two", "three"];

/// What is said of each queue.
const PLANS: [[&str; 3]; 4] = [
    [
        "operators: [anna], strategy: linear, also: [two, {queue: three, after: 10s}], when_unstaffed: hangup, unstaffed_if: []",
        "operators: [boris, carla], strategy: linear, hours: early, when_closed: hangup, weight: 2, also: three",
        "operators: [dora, boris], hours: late, when_closed: hangup, also: {queue: one, after: 5s}",
    ],
    [
        "operators: [anna, dora], also: [three, two], max_wait: {after: 50s, go: hangup}",
        "operators: [boris, carla], strategy: ring_progressively, ageing: 2s, hours: late, when_closed: {queue: one}, also: one",
        "operators: [dora, boris], strategy: rrmemory, hours: early, when_closed: hangup, when_unstaffed: hangup",
    ],
    [
        "operators: [anna], when_unstaffed: hangup, also: two",
        "operators: [boris, {carla: {penalty: 1}}], penalties: [{max: 0}, {after: 12s, max: 3}], also: [one, three]",
        "operators: [dora, carla], hours: late, when_closed: {queue: two}, also: two",
    ],
    ["operators: [anna]", "operators: [boris]", "operators: [carla]"],
];

fn plan(which: usize) -> Plan {
    let queues: Vec<String> =
        QUEUES.iter().zip(PLANS[which]).map(|(name, keys)| format!("  {name}: {{retry: 2s, {keys}}}\n")).collect();
    let operators: Vec<String> = OPERATORS.iter().map(|name| format!("{name}: {{dial: PJSIP/{name}}}")).collect();
    let text = format!(
        "exchange: bench\ntimezone: UTC\nnumbers: {{100: {{flow: f0}}, 101: {{flow: f1}}, 102: {{flow: f2}}}}\n\
         hours: {{early: {{open: [00:00-14:00]}}, late: {{open: [14:00-24:00]}}}}\noperators: {{{}}}\nqueues:\n{}\
         flows: {{f0: [{{queue: one}}], f1: [{{queue: two}}], f2: [{{queue: three}}]}}\n",
        operators.join(", "),
        queues.join("")
    );
    match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => checked.plan,
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

/// Everything that Asterisk could know of.
#[derive(Default)]
struct World {
    callers: Vec<ChannelId>,
    legs: Vec<(ChannelId, bool)>,
}

impl World {
    fn see(&mut self, bench: &mut Bench) {
        for command in bench.asked.drain(..) {
            match command {
                Command::Create { leg, .. } => self.legs.push((leg, true)),
                Command::Originate { leg, .. } => self.legs.push((leg, false)),
                _ => {}
            }
        }
    }

    fn happens(&mut self, bench: &mut Bench, chance: &Chance) {
        match chance {
            Chance::Arrives(queue) => {
                let caller = bench.caller_arrives(&format!("{}", 100 + queue));
                self.callers.push(caller);
            }
            Chance::Leaves(at) => {
                if let Some(caller) = self.callers.iter().rev().nth(*at).cloned() {
                    bench.hangs_up(&caller);
                }
            }
            Chance::Answers(at) => {
                let Some((leg, early)) = self.legs.iter().rev().nth(*at).cloned() else { return };
                if early {
                    bench.tell(Event::LegEntered { channel: leg.clone(), answered: false });
                }
                bench.tell(Event::LegAnswered { channel: leg.clone() });
                bench.tell(Event::LegEntered { channel: leg, answered: true });
            }
            Chance::Ends(at) => {
                if let Some((leg, _)) = self.legs.iter().rev().nth(*at).cloned() {
                    bench.ends(&leg, Cause::q850(19));
                }
            }
            Chance::Duty(who, is_there) => {
                let change = if *is_there { DutyChange::SignIn } else { DutyChange::SignOut };
                bench.tell(Event::DutyAsked { operator: OPERATORS[*who].into(), change, by: DutyBy::Api });
            }
            Chance::Hours(of, open) => {
                let how = open.map_or(Override::Plan, |open| Override::Stand { open, until: None });
                bench.tell(Event::HoursOverridden { hours: ["early", "late"][*of].into(), how });
            }
            Chance::Reload(which) => bench.tell(Event::PlanLoaded(plan(*which).into())),
            Chance::Moves(at, to) => steers(bench, *at, Steer::ToQueue(QUEUES[*to].into())),
            Chance::Prefers(at, to) => steers(bench, *at, Steer::Prioritise(*to)),
            Chance::NodeAway(stays) => {
                bench.node_down();
                if *stays {
                    bench.passes(Duration::from_secs(7));
                }
                bench.node_up(self.held(bench));
            }
            Chance::Passes(secs) => bench.passes(Duration::from_secs(*secs)),
        }
    }

    /// Everybody who is there.
    fn held(&self, bench: &Bench) -> Held {
        let known = |channel: &&ChannelId| bench.engine.channels.contains_key(*channel);
        let legs = self.legs.iter().map(|(leg, _)| leg);
        let channels = self.callers.iter().chain(legs).filter(known).map(|channel| held(channel, true));
        Held { channels: channels.collect(), bridges: Vec::new() }
    }
}

fn steers(bench: &mut Bench, at: usize, steer: Steer) {
    if let Some(call) = bench.engine.calls.keys().rev().nth(at).copied() {
        bench.tell(Event::Steered { call, steer });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_nobody_is_a_guest_who_should_not_be(
        which in 0..PLANS.len(),
        chances in prop::collection::vec(chance(), 1..90),
    ) {
        let mut bench = Bench::new(plan(which));
        bench.log.expect_no_order();
        // A minute before the one queue closes and the other opens.
        bench.now = Time::from_secs(365 * 86_400 + 13 * 3_600 + 59 * 60);
        let mut world = World::default();
        for chance in &chances {
            world.happens(&mut bench, chance);
            world.see(&mut bench);
            super::told_truly::assert_all_is_told(&bench.engine);
        }
        bench.node_down();
        bench.node_up(Held::default());
        prop_assert!(bench.engine.calls.is_empty() && bench.engine.legs.is_empty());
        prop_assert!(bench.engine.queues.values().all(|queue| queue.wanting.iter().count() == 0));
        bench.passes(Duration::from_secs(26 * 3_600));
        prop_assert_eq!(bench.engine.poll_timeout(), None);
        let idle = bench.facts.iter().find(|fact| matches!(fact, Fact::Measured(Measured::Idle { .. })));
        prop_assert!(idle.is_none(), "{:?}", idle);
    }
}
