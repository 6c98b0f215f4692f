//! A plan, drawn by lot: what it means is read off here as it is written, and not by what the checker makes of it.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::dialplan::{Plan, parse};

/// The strategies, as a plan writes them.
const STRATEGIES: [&str; 11] = [
    "ringall",
    "ring_progressively",
    "leastrecent",
    "fewestcalls",
    "least_talk",
    "rrmemory",
    "rrordered",
    "linear",
    "top_down",
    "random",
    "wrandom",
];

const SKILLS: [&str; 2] = ["english", "billing"];

/// Levels of skills.
pub(super) type Levels = BTreeMap<&'static str, u32>;

#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) operators: Vec<DrawnOperator>,
    pub(super) queues: Vec<DrawnQueue>,
    /// Lines of the trunk behind which some of them are.
    pub(super) lines: usize,
}

#[derive(Clone, Debug)]
pub(super) struct DrawnOperator {
    pub(super) skills: Levels,
    pub(super) by_trunk: bool,
    /// With how many he may talk at once.
    pub(super) capacity: usize,
}

/// A limit, or how it changes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    To(u32),
    By(i32),
}

/// A rule of penalties, as it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule {
    after: u64,
    max: Option<Change>,
    min: Option<Change>,
    /// Whether only those are raised that may be rung.
    raise: Option<(bool, Change)>,
}

#[derive(Clone, Debug)]
pub(super) struct AutoPause {
    pub(super) after: u32,
    pub(super) of: Vec<&'static str>,
    pub(super) lasts: Option<u64>,
}

/// Where a queue leads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Go {
    Queue(usize),
    End,
}

#[derive(Clone, Debug)]
pub(super) struct DrawnQueue {
    /// Operators, and their penalties.
    pub(super) members: Vec<(usize, u32)>,
    pub(super) strategy: &'static str,
    pub(super) weight: u32,
    pub(super) ageing: Option<u64>,
    pub(super) ring: u64,
    pub(super) add_every: u64,
    pub(super) wrap_up: u64,
    pub(super) retry: u64,
    pub(super) max_wait: Option<(u64, Go)>,
    pub(super) capacity: Option<usize>,
    rules: Vec<Rule>,
    /// What is asked for, from when on.
    levels: Vec<(u64, Levels)>,
    pub(super) when_unstaffed: bool,
    pub(super) unstaffed_if: Vec<&'static str>,
    pub(super) auto_pause: Option<AutoPause>,
    pub(super) keep_place: bool,
    /// How long a caller waits for the operator who talked to him last; `None`: that is not remembered.
    pub(super) sticky: Option<u64>,
    /// Other queues whose operators may take its callers, and for how long these have waited then.
    pub(super) also: Vec<(usize, u64)>,
}

/// What a rule asks for when all before it have been applied.
#[derive(Clone, Copy, Debug, Default)]
struct Limits {
    min: u32,
    max: Option<u32>,
    raise: Option<(bool, u32)>,
}

fn changed(change: Change, was: u32) -> u32 {
    match change {
        Change::To(value) => value,
        Change::By(by) => was.saturating_add_signed(by),
    }
}

impl DrawnQueue {
    /// Rules are applied one after the other, as far as he has waited. Neither `min` nor `raise` goes above `max`.
    fn limits(&self, waited: Duration) -> Limits {
        let mut now = Limits::default();
        for rule in self.rules.iter().filter(|rule| Duration::from_secs(rule.after) <= waited) {
            if let Some(max) = rule.max {
                now.max = Some(changed(max, now.max.unwrap_or(0)));
            }
            if let Some(min) = rule.min {
                now.min = changed(min, now.min);
            }
            if let Some((only, raise)) = rule.raise {
                now.raise = Some((only, changed(raise, now.raise.map_or(0, |(_, to)| to))));
            }
            if let Some(max) = now.max {
                now.min = now.min.min(max);
                now.raise = now.raise.map(|(only, to)| (only, to.min(max)));
            }
        }
        now
    }

    fn asks(&self, waited: Duration) -> &Levels {
        let mut asked = self.levels.iter().filter(|(after, _)| Duration::from_secs(*after) <= waited);
        asked.next_back().map(|(_, levels)| levels).expect("from the beginning on")
    }

    /// What the penalty of an operator is for one who has waited so long; `None`: he may not be rung for him.
    pub(super) fn penalty(&self, skills: &Levels, penalty: u32, waited: Duration) -> Option<u32> {
        let able = self.asks(waited).iter().all(|(skill, least)| skills.get(skill).is_some_and(|level| level >= least));
        let limits = self.limits(waited);
        let mut counts = penalty;
        if let Some((only_those_who_may, to)) = limits.raise
            && (!only_those_who_may || penalty >= limits.min)
            && counts < to
        {
            counts = to;
        }
        let within = counts >= limits.min && limits.max.is_none_or(|max| counts <= max);
        (able && within).then_some(counts)
    }

    /// After how long something else is asked for.
    pub(super) fn moments(&self) -> Vec<Duration> {
        let rules = self.rules.iter().map(|rule| rule.after);
        rules.chain(self.levels.iter().map(|(after, _)| *after)).map(Duration::from_secs).collect()
    }
}

/// One out of some.
pub(super) fn any<T: Copy>(lot: &mut ChaCha8Rng, of: &[T]) -> T {
    of[lot.random_range(0..of.len())]
}

pub(super) fn chance(lot: &mut ChaCha8Rng, of_a_hundred: u32) -> bool {
    lot.random_range(0..100) < of_a_hundred
}

fn levels(lot: &mut ChaCha8Rng, known: &[&'static str]) -> Levels {
    known.iter().map(|skill| (*skill, lot.random_range(1..4))).collect()
}

fn rules(lot: &mut ChaCha8Rng) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for after in [0, 5, 11, 23].into_iter().filter(|_| lot.random_range(0..3) == 0).collect::<Vec<_>>() {
        let had_max = rules.iter().any(|rule| rule.max.is_some());
        let mut change = |least: u32| {
            if chance(lot, 50) {
                Change::To(lot.random_range(0..4))
            } else {
                Change::By(lot.random_range(0..5) - 2 + least as i32)
            }
        };
        let (max, min, raise) = (change(1), change(0), change(0));
        let max = match max {
            Change::By(_) if !had_max => Change::To(2),
            other => other,
        };
        let which = lot.random_range(1..8);
        let raise = (chance(lot, 50), raise);
        rules.push(Rule {
            after,
            max: (which & 1 > 0).then_some(max),
            min: (which & 6 == 2).then_some(min),
            raise: (which & 4 > 0).then_some(raise),
        });
    }
    rules
}

fn queue(
    lot: &mut ChaCha8Rng,
    at: usize,
    of: usize,
    operators: usize,
    known: &[&'static str],
    ages: bool,
) -> DrawnQueue {
    let mut members = Vec::new();
    for operator in 0..operators {
        if chance(lot, 75) {
            let at = lot.random_range(0..=members.len());
            members.insert(at, (operator, any(lot, &[0, 0, 0, 1, 2, 3])));
        }
    }
    if members.is_empty() {
        members.push((lot.random_range(0..operators), 0));
    }
    let mut asked = vec![(0, Levels::new())];
    if !known.is_empty() && chance(lot, 40) {
        let skill = any(lot, known);
        asked[0].1 = levels(lot, &[skill]);
        let less = [(skill, 1)].into();
        asked.extend(
            [(7, less), (13, Levels::new())].into_iter().filter(|_| lot.random_range(0..3) > 0).collect::<Vec<_>>(),
        );
    }
    let go = if at + 1 < of && chance(lot, 70) { Go::Queue(lot.random_range(at + 1..of)) } else { Go::End };
    let auto_pause = AutoPause {
        after: lot.random_range(1..4),
        of: ["no_answer", "declined", "busy", "unreachable"]
            .into_iter()
            .filter(|_| lot.random_range(0..2) > 0)
            .collect(),
        lasts: chance(lot, 80).then(|| any(lot, &[20, 31])),
    };
    DrawnQueue {
        members,
        strategy: any(lot, &STRATEGIES),
        weight: lot.random_range(0..3) / 2 * lot.random_range(0..3),
        ageing: ages.then(|| any(lot, &[1, 4, 30])),
        ring: any(lot, &[6, 10, 15]),
        add_every: any(lot, &[2, 4, 8]),
        wrap_up: any(lot, &[0, 0, 6, 17]),
        retry: any(lot, &[3, 5, 9]),
        max_wait: chance(lot, 50).then(|| (any(lot, &[19, 37, 71]), go)),
        capacity: chance(lot, 30).then(|| lot.random_range(1..6)),
        rules: if chance(lot, 40) { rules(lot) } else { Vec::new() },
        levels: asked,
        when_unstaffed: chance(lot, 30),
        unstaffed_if: ["paused", "signed_out"].into_iter().filter(|_| lot.random_range(0..3) > 0).collect(),
        auto_pause: Some(auto_pause).filter(|it| !it.of.is_empty()).filter(|_| chance(lot, 40)),
        keep_place: chance(lot, 70),
        sticky: None,
        also: Vec::new(),
    }
}

/// On some days operators of one queue take callers of another. What else a day has is as it would be without.
fn share_operators(lot: &mut ChaCha8Rng, queues: &mut [DrawnQueue]) {
    lot.set_stream(1);
    if chance(lot, 50) {
        return;
    }
    for own in 0..queues.len() {
        let mut others: Vec<usize> = (0..queues.len()).filter(|other| *other != own && chance(lot, 60)).collect();
        if chance(lot, 50) {
            others.reverse();
        }
        queues[own].also = others.into_iter().map(|other| (other, any(lot, &[0, 0, 6, 14]))).collect();
    }
}

/// On some days some queues remember who talked to a caller. What else a day has is as it would be without.
fn remember_talks(lot: &mut ChaCha8Rng, queues: &mut [DrawnQueue]) {
    lot.set_stream(3);
    if chance(lot, 50) {
        queues.iter_mut().for_each(|queue| queue.sticky = chance(lot, 70).then(|| any(lot, &[0, 7, 25])));
    }
}

/// On some days some operators may talk with several. What else a day has is as it would be without.
fn with_capacities(lot: &mut ChaCha8Rng, mut operators: Vec<DrawnOperator>) -> Vec<DrawnOperator> {
    lot.set_stream(2);
    if chance(lot, 50) {
        operators.iter_mut().for_each(|operator| operator.capacity = any(lot, &[1, 1, 2, 3]));
    }
    operators
}

impl Drawn {
    pub(super) fn by(lot: &mut ChaCha8Rng) -> Self {
        let count = lot.random_range(1..7);
        let skilled = chance(lot, 60);
        let operators: Vec<DrawnOperator> = (0..count)
            .map(|_| {
                let skills = SKILLS.into_iter().filter(|_| skilled && lot.random_range(0..3) > 0).collect::<Vec<_>>();
                DrawnOperator { skills: levels(lot, &skills), by_trunk: chance(lot, 25), capacity: 1 }
            })
            .collect();
        let operators = with_capacities(&mut lot.clone(), operators);
        let known: Vec<&str> =
            SKILLS.into_iter().filter(|skill| operators.iter().any(|one| one.skills.contains_key(skill))).collect();
        let (of, ages) = (lot.random_range(1..4), chance(lot, 40));
        let mut queues: Vec<DrawnQueue> = (0..of).map(|at| queue(lot, at, of, count, &known, ages)).collect();
        share_operators(&mut lot.clone(), &mut queues);
        remember_talks(&mut lot.clone(), &mut queues);
        Self { operators, queues, lines: lot.random_range(1..3) }
    }

    /// The number whose callers come to a queue with this priority: 0 or 2.
    pub(super) fn number(queue: usize, priority: i64) -> String {
        format!("{}", 100 + 10 * i64::try_from(queue).expect("few") + priority)
    }

    /// As the engine has it.
    pub(super) fn plan(&self) -> Plan {
        let text = self.text();
        match parse("plan.yaml", text.as_bytes()) {
            Ok(checked) => checked.plan,
            Err(faults) => panic!("{text}\n{}", faults.render(false)),
        }
    }

    pub(super) fn text(&self) -> String {
        let (mut numbers, mut flows) = (String::new(), String::new());
        for at in 0..self.queues.len() {
            for priority in [0, 2] {
                let number = Self::number(at, priority);
                let _ = writeln!(numbers, "  {number}: {{flow: to_{number}}}");
                let _ = writeln!(flows, "  to_{number}: [{{set: {{priority: {priority}}}}}, {{queue: q{at}}}]");
            }
        }
        let mut text = format!("exchange: model\nnumbers:\n{numbers}");
        if self.operators.iter().any(|operator| operator.by_trunk) {
            let _ = writeln!(text, "trunks: {{t: {{dial: \"PJSIP/{{number}}@t\", channels: {}}}}}", self.lines);
        }
        text.push_str("operators:\n");
        for (at, operator) in self.operators.iter().enumerate() {
            let dial = if operator.by_trunk { format!("PJSIP/+4790000{at:03}@t") } else { format!("PJSIP/o{at}") };
            let (skills, capacity) = (written(&operator.skills), operator.capacity);
            let _ = writeln!(text, "  o{at}: {{dial: {dial}, skills: {skills}, capacity: {capacity}}}");
        }
        text.push_str("queues:\n");
        for (at, queue) in self.queues.iter().enumerate() {
            let _ = writeln!(text, "  q{at}: {{{}}}", queue.text());
        }
        let _ = write!(text, "flows:\n{flows}");
        text
    }
}

fn written(levels: &Levels) -> String {
    let levels: Vec<String> = levels.iter().map(|(skill, level)| format!("{skill}: {level}")).collect();
    format!("{{{}}}", levels.join(", "))
}

fn change(change: Change) -> String {
    match change {
        Change::To(value) => value.to_string(),
        Change::By(by) => format!("{by:+}"),
    }
}

impl DrawnQueue {
    fn text(&self) -> String {
        let members: Vec<String> =
            self.members.iter().map(|(operator, penalty)| format!("{{o{operator}: {{penalty: {penalty}}}}}")).collect();
        let mut text = format!(
            "operators: [{}], strategy: {}, weight: {}, ring: {}s, wrap_up: {}s, retry: {}s, keep_place: {}",
            members.join(", "),
            self.strategy,
            self.weight,
            self.ring,
            self.wrap_up,
            self.retry,
            self.keep_place
        );
        let mut add = |key: &str, value: String| {
            let _ = write!(text, ", {key}: {value}");
        };
        if self.strategy == "ring_progressively" {
            add("add_every", format!("{}s", self.add_every));
        }
        if let Some(ageing) = self.ageing {
            add("ageing", format!("{ageing}s"));
        }
        if let Some((after, go)) = self.max_wait {
            let go = match go {
                Go::Queue(at) => format!("{{queue: q{at}}}"),
                Go::End => "hangup".into(),
            };
            add("max_wait", format!("{{after: {after}s, go: {go}}}"));
        }
        if let Some(capacity) = self.capacity {
            add("capacity", capacity.to_string());
            add("when_full", "hangup".into());
        }
        if self.when_unstaffed {
            add("when_unstaffed", "hangup".into());
            add("unstaffed_if", format!("[{}]", self.unstaffed_if.join(", ")));
        }
        if let Some(wait) = self.sticky {
            add("sticky", format!("{{days: 1, wait: {wait}s}}"));
        }
        if let Some(AutoPause { after, of, lasts }) = &self.auto_pause {
            let lasts = lasts.map(|lasts| format!(", for: {lasts}s")).unwrap_or_default();
            add("auto_pause", format!("{{after: {after}, of: [{}]{lasts}}}", of.join(", ")));
        }
        if !self.also.is_empty() {
            let others: Vec<String> =
                self.also.iter().map(|(other, after)| format!("{{queue: q{other}, after: {after}s}}")).collect();
            add("also", format!("[{}]", others.join(", ")));
        }
        if !self.rules.is_empty() {
            let rules: Vec<String> = self.rules.iter().map(Rule::text).collect();
            add("penalties", format!("[{}]", rules.join(", ")));
        }
        if !self.levels[0].1.is_empty() {
            add("skills", written(&self.levels[0].1));
            let relax = self.levels[1..].iter();
            let relax: Vec<String> =
                relax.map(|(after, levels)| format!("{{after: {after}s, skills: {}}}", written(levels))).collect();
            if !relax.is_empty() {
                add("relax", format!("[{}]", relax.join(", ")));
            }
        }
        text
    }
}

impl Rule {
    fn text(&self) -> String {
        let mut said = Vec::new();
        if self.after > 0 {
            said.push(format!("after: {}s", self.after));
        }
        said.extend(self.max.map(|max| format!("max: \"{}\"", change(max))));
        said.extend(self.min.map(|min| format!("min: \"{}\"", change(min))));
        said.extend(self.raise.map(|(only, to)| format!("raise: \"{}{}\"", if only { "r" } else { "" }, change(to))));
        format!("{{{}}}", said.join(", "))
    }
}
