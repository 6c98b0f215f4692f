//! What a plan costs: reading and checking it, and putting it in force.
//!
//! `cargo bench --bench plan` reads a plan of 1,000 numbers, 200 queues and 2,000 operators, as it is done at the start and
//! when the file changes (away from the thread that carries the calls), and puts it in force with 140 callers waiting: that is
//! how long an event waits behind it, a millisecond at most.

use std::{fmt::Write as _, hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sentral::{
    dialplan::{self, Plan},
    domain::{Caller, ChannelId, Digit, NodeId, Time},
    engine::{Engine, Enters, Event, Held, Limits, Scope, Setup},
};

const NUMBERS: usize = 1_000;
const QUEUES: usize = 200;
const OPERATORS: usize = 2_000;

/// A large company: a menu, hours and conditions for every number, ten operators in every queue.
fn company() -> String {
    let mut yaml = String::from("exchange: company\ntimezone: Europe/Oslo\nnumbers:\n");
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(yaml, "{text}").expect("a string takes it");
    for n in 0..NUMBERS {
        line(format_args!("  \"+47 22 {:02} {:02} 00\": {{channels: 30, flow: flow_{n}}}", n / 100, n % 100));
    }
    line(format_args!("operators:"));
    for n in 0..OPERATORS {
        line(format_args!("  operator_{n}: {{dial: PJSIP/operator_{n}}}"));
    }
    line(format_args!(
        "hours:\n  office: {{open: [Mo-Th 08:00-16:00, Fr 08:00-15:00], closed: [12-24..12-26, 01-01]}}\nqueues:"
    ));
    for n in 0..QUEUES {
        let members: Vec<String> = (0..10).map(|m| format!("operator_{}", (n * 10 + m) % OPERATORS)).collect();
        line(format_args!("  queue_{n}: {{operators: [{}], strategy: leastrecent, ring: 15s}}", members.join(", ")));
    }
    line(format_args!("flows:\n  closed: [{{play: sound:vm-goodbye}}]"));
    for n in 0..NUMBERS {
        let queue = n % QUEUES;
        line(format_args!(
            "  flow_{n}:\n    - hours: {{of: office, closed: {{flow: closed}}}}\n    - set: {{visits: \"{{{{ visits + 1 }}}}\"}}\n    \
             - if: {{when: queues.queue_{queue}.waiting > 500 and not caller.withheld, then: {{play: sound:tt-allbusy}}}}\n    \
             - menu: {{play: sound:vm-intro, options: {{1: {{queue: queue_{queue}}}, 9: {{repeat: true}}}}, otherwise: {{queue: \
             queue_{queue}}}}}"
        ));
    }
    yaml
}

fn load(c: &mut Criterion) {
    let yaml = company();
    let mut group = c.benchmark_group("a plan of 1,000 numbers, 200 queues and 2,000 operators");
    group.throughput(Throughput::Bytes(yaml.len() as u64)).sample_size(20).measurement_time(Duration::from_secs(8));
    group.bench_function("read and checked", |b| {
        b.iter(|| {
            let checked = dialplan::parse("company.yaml", black_box(yaml.as_bytes()));
            assert_eq!(checked.expect("the plan is right").plan.numbers.len(), NUMBERS);
        });
    });
    group.finish();
}

fn tell(engine: &mut Engine, now: Time, event: Event) {
    engine.handle(now, event);
    while let Some(command) = engine.poll_command() {
        black_box(command);
    }
    while let Some(notice) = engine.poll_notice() {
        black_box(notice);
    }
}

/// An engine with 150 callers in one queue, ten of whom ring.
fn at_work(plan: Arc<Plan>, now: Time) -> Engine {
    let limits = Limits { new_calls_per_second: 1_000, ..Limits::default() };
    let mut engine = Engine::new(Setup { boot: 1, born: now, seed: 1, limits, public_url: None }, plan);
    let node = NodeId(0);
    tell(&mut engine, now, Event::NodeUp { node, scope: Scope::WholeCall, held: Held::default() });
    for n in 0..150 {
        let channel = ChannelId::new(node, &format!("1795371615.{n}"));
        let enters = Enters::from(&*format!("+4722{:02}{:02}00", n % 5 * QUEUES / 100, n % 5 * QUEUES % 100));
        let caller = Caller::from_wire("+4790000000", "", "");
        tell(&mut engine, now, Event::CallArrived { channel: channel.clone(), enters, caller, answered: true });
        tell(&mut engine, now, Event::Pressed { channel, digit: Digit::new('1').expect("a key") });
    }
    let waiting = engine.snapshot(now).queues.iter().map(|queue| queue.callers.len()).max();
    assert_eq!(waiting, Some(150), "all are in one line");
    engine
}

fn put_in_force(c: &mut Criterion) {
    // A Wednesday, ten o'clock in Oslo.
    let now = Time::from_secs(1_795_597_200);
    let read = |yaml: &str| Arc::new(dialplan::parse("company.yaml", yaml.as_bytes()).expect("the plan is right").plan);
    let yaml = company();
    let plans = [read(&yaml), read(&yaml.replace("ring: 15s", "ring: 20s"))];
    // As whoever hands a plan over does.
    plans.iter().for_each(|plan| plan.look_over());
    let mut engine = at_work(plans[0].clone(), now);
    let mut turn = 0;
    c.bench_function("that plan put in force, 140 waiting", |b| {
        b.iter(|| {
            turn += 1;
            tell(&mut engine, now, Event::PlanLoaded(plans[turn % 2].clone()));
        });
    });
}

criterion_group!(benches, load, put_in_force);
criterion_main!(benches);
