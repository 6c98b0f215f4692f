//! What a plan costs: reading and checking it, and one expression in it.
//!
//! `cargo bench --bench plan` reads a plan of 1,000 numbers, 200 queues and 2,000 operators, as it is done at the start and
//! when the file changes (away from the task that carries the calls).

use std::{fmt::Write as _, hint::black_box, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sentral::dialplan;

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
             - if: {{when: queues.queue_{queue}.waiting > 5 and not caller.withheld, then: {{play: sound:tt-allbusy}}}}\n    \
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

criterion_group!(benches, load);
criterion_main!(benches);
