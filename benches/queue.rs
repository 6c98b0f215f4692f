//! What a long line costs: the engine alone, no socket, no Asterisk.
//!
//! `cargo bench --bench queue` prints what events take on an exchange where 10,000 callers wait for 2,000 operators with skills, at
//! the median and at the 99th percentile; how hand-over, joining and leaving grow with the line, for each strategy; how much
//! memory one who waits takes; and beside it what a scan costs as app_queue makes it, once a second for each caller.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use sentral::{
    dialplan::{self, Plan},
    domain::{Caller, Cause, ChannelId, NodeId, Time},
    engine::{Command, Engine, Event, Held, Limits, Scope, Setup},
};

const NODE: NodeId = NodeId(0);

const WAITING: usize = 10_000;
const OPERATORS: usize = 2_000;

/// So many rounds of all kinds of events are measured: a minute of the exchange.
const ROUNDS: usize = 4_000;

const SKILLS: [&str; 4] = ["english", "german", "billing", "repairs"];

/// How long each event took, by what it is.
#[derive(Default)]
struct Spent(BTreeMap<&'static str, Vec<Duration>>);

impl Spent {
    fn print(&self) {
        println!("{:<44} {:>8} {:>10} {:>10} {:>10}", "event", "times", "median us", "p99 us", "worst us");
        let all: Vec<Duration> = self.0.values().flatten().copied().collect();
        let kinds = self.0.iter().map(|(kind, took)| (*kind, took.clone()));
        for (kind, mut took) in kinds.chain([("all of them", all)]) {
            took.sort_unstable();
            let at = |of_thousand: usize| micros(took[(took.len() - 1) * of_thousand / 1_000]);
            println!("{kind:<44} {:>8} {:>10.1} {:>10.1} {:>10.1}", took.len(), at(500), at(990), at(1_000));
        }
    }

    fn median(&self, kind: &str) -> f64 {
        let mut took = self.0.get(kind).cloned().unwrap_or_default();
        took.sort_unstable();
        took.get(took.len() / 2).copied().map_or(0.0, micros)
    }
}

fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6
}

/// An exchange in which everybody talks, and callers wait behind them.
struct House {
    engine: Engine,
    now: Time,
    arrived: usize,
    numbers: usize,
    /// Callers and the legs with which they talk, by the caller.
    talking: VecDeque<(ChannelId, ChannelId)>,
    waiting: VecDeque<ChannelId>,
    spent: Spent,
}

fn plan(queues: &[String], operators: impl Iterator<Item = String>) -> Arc<Plan> {
    let mut text = String::from("exchange: bench\nnumbers:\n");
    for at in 0..queues.len() {
        let _ = writeln!(text, "  {}: {{flow: to{at}}}", 100 + at);
    }
    text.push_str("operators:\n");
    for (at, skills) in operators.enumerate() {
        let _ = writeln!(text, "  o{at}: {{dial: PJSIP/o{at}, skills: {{{skills}}}}}");
    }
    text.push_str("queues:\n");
    for (at, queue) in queues.iter().enumerate() {
        let _ = writeln!(text, "  q{at}: {{{queue}}}");
    }
    text.push_str("flows:\n");
    for at in 0..queues.len() {
        let _ = writeln!(text, "  to{at}: [{{queue: q{at}}}]");
    }
    match dialplan::parse("bench.yaml", text.as_bytes()) {
        Ok(checked) => Arc::new(checked.plan),
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

/// Each skill has its queue, and each operator two of them at some level; who has waited is content with less.
fn with_skills() -> Arc<Plan> {
    let all: Vec<String> = (0..OPERATORS).map(|at| format!("o{at}")).collect();
    let queue = |skill: &&str| {
        format!(
            "operators: [{}], strategy: leastrecent, skills: {{{skill}: 4}}, wrap_up: 0s, relax: [{{after: 60s, skills: {{{skill}: 2}}}}, \
             {{after: 5m, skills: {{}}}}]",
            all.join(", ")
        )
    };
    let queues: Vec<String> = SKILLS.iter().map(queue).collect();
    let skills = |at: usize| {
        let (first, second) = (SKILLS[at % 4], SKILLS[(at + 1 + at / 4 % 3) % 4]);
        format!("{first}: {}, {second}: {}", 1 + at % 5, 1 + at / 5 % 5)
    };
    plan(&queues, (0..OPERATORS).map(skills))
}

impl House {
    fn new(plan: Arc<Plan>, numbers: usize) -> Self {
        let limits = Limits { calls: 10_000_000, new_calls_per_second: 10_000_000, ..Limits::default() };
        let setup = Setup { boot: 1, born: Time::ZERO, seed: 1, limits, public_url: None };
        let mut house = Self {
            engine: Engine::new(setup, plan),
            now: Time::from_secs(1_800_000_000),
            arrived: 0,
            numbers,
            talking: VecDeque::new(),
            waiting: VecDeque::new(),
            spent: Spent::default(),
        };
        house.tell("", Event::NodeUp { node: NODE, scope: Scope::WholeCall, held: Held::default() });
        house
    }

    /// Tells the engine, and measures that; gives what it asks for.
    fn tell(&mut self, kind: &'static str, event: Event) -> Vec<Command> {
        self.now = self.now + Duration::from_micros(200);
        let now = self.now;
        let start = clock();
        self.engine.handle(now, event);
        let took = start.elapsed();
        self.took(kind, took);
        self.drain()
    }

    fn took(&mut self, kind: &'static str, took: Duration) {
        if !kind.is_empty() {
            self.spent.0.entry(kind).or_default().push(took);
        }
    }

    fn drain(&mut self) -> Vec<Command> {
        while let Some(notice) = self.engine.poll_notice() {
            black_box(notice);
        }
        while let Some(errand) = self.engine.poll_errand() {
            black_box(errand);
        }
        std::iter::from_fn(|| self.engine.poll_command()).collect()
    }

    /// Everything whose time has come happens, one deadline at a time.
    fn deadlines(&mut self, kind: &'static str) {
        while let Some(due) = self.engine.poll_timeout().filter(|due| *due <= self.now) {
            let start = clock();
            self.engine.handle_timeout(due);
            let took = start.elapsed();
            self.took(kind, took);
            let asked = self.drain();
            self.answers("", &asked);
        }
    }

    fn joins(&mut self, kind: &'static str) {
        self.arrived += 1;
        let channel = ChannelId::new(NODE, &format!("1795371615.{}", self.arrived));
        let enters = (100 + self.arrived % self.numbers).to_string().as_str().into();
        let caller = Caller::from_wire("+4790000000", "", "");
        let event = Event::CallArrived { channel: channel.clone(), enters, caller, answered: true };
        let asked = self.tell(kind, event);
        self.waiting.push_back(channel);
        self.answers("", &asked);
    }

    /// Whoever is rung takes the call, the first of them where several are.
    fn answers(&mut self, kind: &'static str, asked: &[Command]) {
        let mut answered: Vec<ChannelId> = Vec::new();
        for command in asked {
            let rung = if let Command::Create { leg, caller, .. } = command {
                Some((leg, caller, true))
            } else if let Command::Originate { leg, caller, .. } = command {
                Some((leg, caller, false))
            } else {
                None
            };
            let Some((leg, caller, made)) = rung else { continue };
            if answered.contains(caller) {
                continue;
            }
            answered.push(caller.clone());
            if made {
                self.tell(kind, Event::LegEntered { channel: leg.clone(), answered: false });
                self.tell(kind, Event::LegAnswered { channel: leg.clone() });
            } else {
                self.tell(kind, Event::LegAnswered { channel: leg.clone() });
                let asked = self.tell(kind, Event::LegEntered { channel: leg.clone(), answered: true });
                self.end(&asked, leg, caller);
            }
            self.waiting.retain(|waiting| waiting != caller);
            self.talking.push_back((caller.clone(), leg.clone()));
        }
    }

    /// Legs that were hung up end.
    fn end(&mut self, asked: &[Command], but: &ChannelId, caller: &ChannelId) {
        for command in asked {
            if let Command::HangUp { channel, .. } = command
                && channel != but
                && channel != caller
            {
                let asked = self.tell("", Event::Ended { channel: channel.clone(), cause: Cause::q850(16) });
                self.answers("", &asked);
            }
        }
    }

    fn one_round(&mut self) {
        self.now = self.now + Duration::from_millis(15);
        self.deadlines("a deadline passes");
        if let Some((caller, leg)) = self.talking.pop_front() {
            let asked = self.tell("an operator hangs up, the next is rung for", Event::Left { channel: leg.clone() });
            self.answers("a telephone is made, rings and is answered", &asked);
            self.tell("", Event::Ended { channel: leg, cause: Cause::q850(16) });
            self.tell("the caller is gone", Event::Left { channel: caller });
        }
        self.joins("a caller joins the line");
        if let Some(middle) = self.waiting.remove(self.waiting.len() / 2) {
            self.tell("one in the middle of the line hangs up", Event::Left { channel: middle });
        }
        self.joins("a caller joins the line");
    }
}

/// What it costs to look as app_queue does: each caller, once a second, goes through those before him and through all members.
fn scan(callers: usize, members: usize) -> Duration {
    let line: Vec<u32> = (0..callers).map(|at| u32::from(at % 7 == 0)).collect();
    let busy: Vec<u32> = (0..members).map(|at| u32::from(at % 5 > 0)).collect();
    // A hundredth of them tells what all of them take.
    let some: Vec<usize> = (0..callers).step_by(100).collect();
    let start = clock();
    for at in &some {
        let mut before = 0;
        for pending in &line[..*at] {
            before += black_box(*pending);
        }
        let mut free = 0;
        for one in &busy {
            free += 1 - black_box(*one);
        }
        black_box(before < free);
    }
    start.elapsed() * u32::try_from(callers / some.len().max(1)).unwrap_or(1)
}

/// Memory of this process, in KiB.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn many_wait() -> f64 {
    let mut house = House::new(with_skills(), SKILLS.len());
    // Those who came first are content with less by now, and nearly everybody talks.
    (0..2 * OPERATORS).for_each(|_| house.joins(""));
    for _ in 0..70 {
        house.now = house.now + Duration::from_secs(1);
        house.deadlines("");
    }
    let before = (memory(), house.waiting.len());
    while house.waiting.len() < WAITING {
        house.joins("");
    }
    let after = (memory(), house.waiting.len());
    println!("\n{} callers wait, {} talk, {OPERATORS} operators with skills", house.waiting.len(), house.talking.len());
    for _ in 0..ROUNDS {
        house.one_round();
    }
    house.spent.print();
    if let (Some(before_kib), Some(after_kib)) = (before.0, after.0) {
        let callers = after.1.saturating_sub(before.1).max(1);
        let kib = (after_kib as f64 - before_kib as f64) / callers as f64;
        println!("memory: {kib:.2} KiB for each of {callers} who wait");
    }
    let all: Vec<Duration> = house.spent.0.values().flatten().copied().collect();
    micros(all.iter().sum::<Duration>()) / all.len() as f64
}

fn growth() {
    let lines = [100, 1_000, 10_000, 50_000];
    println!("\nhow it grows with the line, 50 operators, median us: hand-over / joining / leaving from the middle");
    for strategy in [
        "ringall",
        "leastrecent",
        "fewestcalls",
        "least_talk",
        "rrmemory",
        "linear",
        "top_down",
        "random",
        "wrandom",
        "ring_progressively",
    ] {
        let mut row = format!("{strategy:<20}");
        for waiting in lines {
            let all: Vec<String> = (0..50).map(|at| format!("o{at}")).collect();
            let queue = format!("operators: [{}], strategy: {strategy}, wrap_up: 0s", all.join(", "));
            let mut house = House::new(plan(&[queue], (0..50).map(|_| String::new())), 1);
            while house.waiting.len() < waiting {
                house.joins("");
            }
            (0..500).for_each(|_| house.one_round());
            let kinds = [
                "an operator hangs up, the next is rung for",
                "a caller joins the line",
                "one in the middle of the line hangs up",
            ];
            let medians = kinds.map(|kind| format!("{:.1}", house.spent.median(kind)));
            let _ = write!(row, "  {waiting}: {:<18}", medians.join(" / "));
        }
        println!("{row}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures the time that passes")]
fn clock() -> Instant {
    Instant::now()
}

fn main() {
    let event = many_wait();
    let scan = scan(WAITING, OPERATORS);
    println!(
        "app_queue's look, once a second for each of {WAITING} callers and {OPERATORS} members, over plain numbers: {:.0} ms of each \
         second, as much as {:.0} events of ours",
        scan.as_secs_f64() * 1e3,
        micros(scan) / event
    );
    growth();
}
