//! What deciding costs: the engine alone, no socket, no Asterisk.
//!
//! `cargo bench --bench engine` prints the time of one whole call (arrival, greeting, menu, key, offer, answer, talk, end)
//! with an empty house and with 1,000 calls in hand, and of the single event that matters most: an operator hangs up and
//! the next of 500 waiting callers is offered to him.

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sentral::{
    dialplan::{self, Plan},
    domain::{Caller, Cause, ChannelId, Digit, NodeId, PlaybackId, Time},
    engine::{Command, Engine, Event, Held, Limits, Scope, Setup},
};

const NODE: NodeId = NodeId(0);

/// Events in one call of [`House::one_call`].
const EVENTS: u64 = 9;

struct House {
    engine: Engine,
    now: Time,
    arrived: u64,
}

fn plan(operators: usize) -> Arc<Plan> {
    let names: Vec<String> = (0..operators).map(|n| format!("op{n}")).collect();
    let list: String = names.iter().map(|name| format!("  {name}: {{dial: PJSIP/{name}}}\n")).collect();
    let yaml = format!(
        "exchange: bench\nnumbers:\n  \"+4780012345\": {{flow: welcome}}\noperators:\n{list}queues:\n  sales: {{operators: \
         [{}], strategy: leastrecent, wrap_up: 0s, ring: 15s}}\nflows:\n  welcome:\n    - play: sound:hello-world\n    - \
         menu: {{play: sound:vm-intro, options: {{1: {{queue: sales}}}}, timeout: 5s, tries: 3, otherwise: {{queue: \
         sales}}}}\n",
        names.join(", ")
    );
    Arc::new(dialplan::parse("bench.yaml", yaml.as_bytes()).expect("the plan is right").plan)
}

impl House {
    fn new(operators: usize) -> Self {
        let limits = Limits { calls: 1_000_000, new_calls_per_second: 1_000_000, ..Limits::default() };
        let engine =
            Engine::new(Setup { boot: 1, born: Time::ZERO, seed: 1, limits, public_url: None }, plan(operators));
        let mut house = Self { engine, now: Time::from_secs(1_800_000_000), arrived: 0 };
        house.tell(Event::NodeUp { node: NODE, scope: Scope::WholeCall, held: Held::default() });
        house
    }

    /// Tells the engine, and gives what it asks for.
    fn tell(&mut self, event: Event) -> Vec<Command> {
        self.now = self.now + Duration::from_micros(50);
        self.engine.handle(self.now, event);
        while let Some(notice) = self.engine.poll_notice() {
            black_box(notice);
        }
        std::iter::from_fn(|| self.engine.poll_command()).collect()
    }

    /// A caller who has pressed 1.
    fn joins(&mut self) -> (ChannelId, Vec<Command>) {
        self.arrived += 1;
        let channel = ChannelId::new(NODE, &format!("1795371615.{}", self.arrived));
        let caller = Caller::from_wire("+4790000000", "", "");
        let asked = self.tell(Event::CallArrived {
            channel: channel.clone(),
            enters: "4780012345".into(),
            caller,
            answered: false,
        });
        let playback = playing(&asked);
        let asked = self.tell(Event::PlaybackFinished { playback, channel: channel.clone(), whole: true });
        let playback = playing(&asked);
        self.tell(Event::PlaybackFinished { playback, channel: channel.clone(), whole: true });
        let digit = Digit::new('1').expect("a key");
        let asked = self.tell(Event::Pressed { channel: channel.clone(), digit });
        (channel, asked)
    }

    fn answers(&mut self, asked: &[Command]) -> ChannelId {
        let leg = rung(asked).expect("somebody is free");
        self.tell(Event::LegEntered { channel: leg.clone(), answered: false });
        self.tell(Event::LegAnswered { channel: leg.clone() });
        leg
    }

    fn one_call(&mut self) {
        let (caller, asked) = self.joins();
        let leg = self.answers(&asked);
        self.tell(Event::Left { channel: leg.clone() });
        self.tell(Event::Ended { channel: leg, cause: Cause::q850(16) });
        self.tell(Event::Left { channel: caller });
    }
}

fn playing(asked: &[Command]) -> PlaybackId {
    let playing = |command: &Command| if let Command::Play { playback, .. } = command { Some(*playback) } else { None };
    asked.iter().find_map(playing).expect("something is played")
}

fn rung(asked: &[Command]) -> Option<ChannelId> {
    asked.iter().find_map(|command| if let Command::Create { leg, .. } = command { Some(leg.clone()) } else { None })
}

fn calls(c: &mut Criterion) {
    let mut group = c.benchmark_group("one call, start to end");
    group.throughput(Throughput::Elements(EVENTS));
    let mut house = House::new(10);
    group.bench_function("empty house", |b| b.iter(|| house.one_call()));

    // 450 talk, 550 are in the menu: everybody but a few operators is busy.
    let mut house = House::new(500);
    for _ in 0..450 {
        let (_, asked) = house.joins();
        house.answers(&asked);
    }
    for _ in 0..550 {
        house.arrived += 1;
        let channel = ChannelId::new(NODE, &format!("in-menu.{}", house.arrived));
        let caller = Caller::default();
        house.tell(Event::CallArrived { channel, enters: "4780012345".into(), caller, answered: true });
    }
    group.bench_function("1,000 calls in hand", |b| b.iter(|| house.one_call()));

    // As many, each from a telephone of the house: whose own calls they are is not looked for at the end of every leg.
    let mut house = House::new(500);
    for phone in 0..1_000 {
        house.arrived += 1;
        let channel = ChannelId::new(NODE, &format!("inside.{}", house.arrived));
        let caller = Caller::default().at_phone(&format!("PJSIP/room{phone}-0000002a"));
        house.tell(Event::CallArrived { channel, enters: "4780012345".into(), caller, answered: true });
    }
    group.bench_function("1,000 calls of the house in hand", |b| b.iter(|| house.one_call()));
    group.finish();
}

fn hand_over(c: &mut Criterion) {
    let mut group = c.benchmark_group("hand-over");
    for waiting in [50, 500] {
        let mut house = House::new(20);
        let mut talking: Vec<(ChannelId, ChannelId)> = Vec::new();
        for _ in 0..20 {
            let (caller, asked) = house.joins();
            talking.push((caller, house.answers(&asked)));
        }
        let mut line = std::collections::VecDeque::new();
        for _ in 0..waiting {
            line.push_back(house.joins().0);
        }
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("{waiting} waiting"), |b| {
            b.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    let (caller, leg) = talking.remove(0);
                    let start = criterion_now();
                    let asked = house.tell(Event::Left { channel: leg.clone() });
                    spent += start.elapsed();
                    house.tell(Event::Ended { channel: leg, cause: Cause::q850(16) });
                    house.tell(Event::Left { channel: caller });
                    let next = house.answers(&asked);
                    talking.push((line.pop_front().expect("somebody waits"), next));
                    line.push_back(house.joins().0);
                }
                spent
            });
        });
    }
    group.finish();
}

/// What it costs to load a plan of 1,000 numbers and 1,000 blocks, and to find one in it.
///
/// Measured on two shared cores: 10 ms to load, and 0.6 to 1.3 us to find, of which reading the number is nearly all.
fn numbers(c: &mut Criterion) {
    let lines: String = (0..1000)
        .map(|n| format!("  \"22 {n:03} {n:03}\": {{flow: w}}\n  \"+47 33 {n:03} xxx\": {{flow: w}}\n"))
        .collect();
    let yaml = format!("exchange: bench\ncountry: NO\nnumbers:\n{lines}flows: {{w: answer}}\n");
    let mut group = c.benchmark_group("1,000 numbers and 1,000 blocks");
    group.bench_function("load", |b| b.iter(|| dialplan::parse("bench.yaml", yaml.as_bytes()).expect("is right")));
    let plan = dialplan::parse("bench.yaml", yaml.as_bytes()).expect("the plan is right").plan;
    for dialled in ["22500500", "+4722500500", "004733500123", "sip:+4733500123;user=phone@trunk", "+4690000000"] {
        group.bench_function(dialled, |b| b.iter(|| plan.number(black_box(dialled)).map(|number| number.entry)));
    }
    group.finish();
}

#[expect(clippy::disallowed_methods, reason = "a bench measures the time that passes")]
fn criterion_now() -> std::time::Instant {
    std::time::Instant::now()
}

criterion_group!(benches, calls, hand_over, numbers);
criterion_main!(benches);
