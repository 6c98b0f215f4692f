//! A day, drawn by lot: callers come and lose patience, operators answer or do not, go and come back. The engine and the reference
//! are told the same, and must come to the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    plan::{Drawn, any, chance},
    reference::{Does, Is, Reference},
};
use crate::{
    dialplan::DutyChange,
    domain::{Caller, Cause, ChannelId, DeviceState, Name, Time},
    engine::{
        Command, DutyBy, Engine, Event, Fact, Held, Limits, Scope, Setup, Steer, notice::Measured, tests::bench::NODE,
    },
};

/// What is to happen.
#[derive(Clone, Debug)]
enum Next {
    Arrives,
    /// A leg is made.
    Made(ChannelId),
    /// It comes to this: nothing, if it was answered; how it is refused otherwise.
    Comes(ChannelId, Option<&'static str>),
    /// An operator hangs up.
    HangsUp(ChannelId),
    /// A leg that was hung up has ended.
    Ended(ChannelId),
    /// A caller hangs up, or is gone.
    Leaves(usize),
    Duty,
    Device,
    Steer,
}

/// How a leg is refused, and the cause that says so.
const REFUSALS: [(&str, u16); 5] =
    [("no_answer", 19), ("busy", 17), ("declined", 21), ("unreachable", 20), ("failed", 16)];

const DEVICES: [DeviceState; 7] = [
    DeviceState::NotInUse,
    DeviceState::NotInUse,
    DeviceState::NotInUse,
    DeviceState::InUse,
    DeviceState::Ringing,
    DeviceState::Unavailable,
    DeviceState::Unknown,
];

/// So many callers come in a day.
const CALLERS: usize = 24;

/// From so many telephones they call.
const NUMBERS: usize = 7;

/// What came of a day.
#[derive(Debug, Default)]
pub(super) struct Sum {
    pub(super) events: usize,
    pub(super) offers: usize,
    pub(super) talks: usize,
    /// Days that ended early: two things came to be at the same moment, and nobody says which of them first.
    pub(super) ambiguous: usize,
}

impl Sum {
    pub(super) fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.offers += other.offers;
        self.talks += other.talks;
        self.ambiguous += other.ambiguous;
    }
}

struct Day {
    lot: ChaCha8Rng,
    engine: Engine,
    reference: Reference,
    agenda: BTreeMap<Time, Next>,
    /// Makes no two moments alike: each has microseconds of its own, which its deadlines keep.
    ticks: u64,
    /// Legs that are made before they are rung.
    early: BTreeSet<ChannelId>,
    /// What the engine asked to be ended.
    parted: BTreeSet<ChannelId>,
    log: Vec<String>,
    sum: Sum,
}

/// Plays the day of a seed.
///
/// # Errors
/// Where the engine and the reference differ, and how it came to that.
pub(super) fn play(seed: u64) -> Result<Sum, String> {
    let mut lot = ChaCha8Rng::seed_from_u64(seed);
    let drawn = Drawn::by(&mut lot);
    // Some days have a midnight in them.
    let begins = Time::from_secs(1_800_057_600 - u64::from(lot.random_range(0..600_u32)));
    let setup = Setup { boot: 1, born: begins, seed, limits: Limits::default(), public_url: None };
    let text = drawn.text();
    let engine = Engine::new(setup, Arc::new(drawn.plan()));
    let mut day = Day {
        lot,
        engine,
        reference: Reference::new(drawn, begins),
        agenda: BTreeMap::new(),
        ticks: 0,
        early: BTreeSet::new(),
        parted: BTreeSet::new(),
        log: Vec::new(),
        sum: Sum::default(),
    };
    day.engine.handle(begins, Event::NodeUp { node: NODE, scope: Scope::WholeCall, held: Held::default() });
    while day.engine.poll_command().is_some() {}
    let result = day.passes();
    result.map_err(|what| {
        let late = day.log.len().saturating_sub(60);
        format!("seed {seed}: {what}\n{text}\n{}\n{what}", day.log[late..].join("\n"))
    })?;
    Ok(day.sum)
}

impl Day {
    fn passes(&mut self) -> Result<(), String> {
        self.after(1_000, Next::Arrives);
        for next in [Next::Duty, Next::Device, Next::Steer] {
            self.after(9_000, next);
        }
        for _ in 0..20_000 {
            let own =
                self.reference.deadlines().into_iter().map(|(at, _)| at).filter(|at| *at > self.reference.now).min();
            let told = self.agenda.first_key_value().map(|(at, _)| *at);
            let Some(at) = own.into_iter().chain(told).chain(self.engine.poll_timeout()).min() else { return Ok(()) };
            if self.is_ambiguous(at) {
                self.sum.ambiguous += 1;
                return Ok(());
            }
            // A moment of ours is of nobody else.
            if self.engine.poll_timeout().is_some_and(|due| due <= at) {
                self.engine.handle_timeout(at);
            }
            self.reference.it_is(at);
            self.looks("time has passed")?;
            if let Some(next) = self.agenda.remove(&at) {
                self.happens(next)?;
            }
        }
        Err("the day does not end".into())
    }

    /// Whether two have a deadline at the same moment.
    fn is_ambiguous(&self, at: Time) -> bool {
        let due = self.reference.deadlines().into_iter().filter(|(due, _)| *due == at).map(|(_, whose)| whose);
        due.collect::<BTreeSet<_>>().len() > 1
    }

    /// Something is to happen in about so many milliseconds.
    fn after(&mut self, millis: u64, next: Next) {
        self.ticks += 1;
        let micros = self.reference.now.as_micros() + 1_000 * self.lot.random_range(1..=millis.max(1));
        let mut at = micros - micros % 1_000 + self.ticks % 1_000;
        while self.agenda.contains_key(&Time::from_micros(at)) || at <= self.reference.now.as_micros() {
            at += 1_000;
        }
        self.agenda.insert(Time::from_micros(at), next);
    }

    fn happens(&mut self, next: Next) -> Result<(), String> {
        let what = format!("{next:?}");
        match next {
            Next::Arrives => self.arrives()?,
            Next::Made(leg) => {
                if self.reference.leg(&leg).is_some() {
                    self.tell(Event::LegEntered { channel: leg, answered: false })?;
                }
            }
            Next::Comes(leg, how) => self.comes(leg, how)?,
            Next::HangsUp(channel) => {
                if let Some(leg) = self.reference.leg(&channel)
                    && matches!(self.reference.legs[leg].does, Does::Talk { .. })
                {
                    self.reference.operator_left(leg);
                    self.tell(Event::Left { channel })?;
                }
            }
            Next::Ended(channel) => {
                if let Some(leg) = self.reference.leg(&channel) {
                    self.reference.ended(leg);
                    self.tell(Event::Ended { channel, cause: Cause::q850(16) })?;
                }
            }
            Next::Leaves(caller) => {
                if self.reference.callers[caller].is != Is::Gone {
                    self.reference.caller_left(caller);
                    let channel = self.reference.callers[caller].channel.clone();
                    self.tell(Event::Left { channel })?;
                }
            }
            Next::Duty => self.duty()?,
            Next::Device => self.device()?,
            Next::Steer => self.steers()?,
        }
        self.looks(&what)
    }

    fn arrives(&mut self) -> Result<(), String> {
        let caller = self.reference.callers.len();
        let queue = self.lot.random_range(0..self.reference.plan.queues.len());
        let priority = any(&mut self.lot, &[0, 0, 2]);
        let channel = ChannelId::new(NODE, &format!("c{caller}"));
        // Some call again.
        let number = caller % NUMBERS;
        self.reference.arrives(channel.clone(), number, queue, priority);
        let enters = Drawn::number(queue, priority).as_str().into();
        let from = Caller::from_wire(&format!("+4790000{number:03}"), "", "");
        self.tell(Event::CallArrived { channel, enters, caller: from, answered: false })?;
        if chance(&mut self.lot, 60) {
            self.after(60_000, Next::Leaves(caller));
        }
        if caller + 1 < CALLERS {
            let pace = any(&mut self.lot, &[500, 4_000, 12_000]);
            self.after(pace, Next::Arrives);
        }
        Ok(())
    }

    fn comes(&mut self, channel: ChannelId, how: Option<&'static str>) -> Result<(), String> {
        let Some(leg) = self.reference.leg(&channel).filter(|leg| self.reference.legs[*leg].does == Does::Ring) else {
            return Ok(());
        };
        let Some(how) = how else {
            let caller = self.reference.legs[leg].caller;
            if !self.early.contains(&channel) {
                self.tell(Event::LegAnswered { channel: channel.clone() })?;
                self.looks("answered, not in our hands yet")?;
                self.reference.answered(leg);
                self.tell(Event::LegEntered { channel: channel.clone(), answered: true })?;
            } else {
                self.reference.answered(leg);
                self.tell(Event::LegAnswered { channel: channel.clone() })?;
            }
            self.sum.talks += 1;
            let next = if chance(&mut self.lot, 50) { Next::HangsUp(channel) } else { Next::Leaves(caller) };
            self.after(25_000, next);
            return Ok(());
        };
        let (_, cause) = REFUSALS.into_iter().find(|(word, _)| *word == how).expect("one of them");
        self.reference.refused(leg, how);
        self.tell(Event::Ended { channel, cause: Cause::q850(cause) })
    }

    fn goes_on(&self) -> bool {
        self.reference.callers.len() < CALLERS || !self.reference.waiting().is_empty()
    }

    fn duty(&mut self) -> Result<(), String> {
        let operator = self.lot.random_range(0..self.reference.operators.len());
        let pause = |lasts| DutyChange::Pause { reason: None, lasts };
        let change = match self.lot.random_range(0..11) {
            0 => pause(None),
            1 => pause(Some(Duration::from_secs(14))),
            2 => DutyChange::SignOut,
            3 => DutyChange::EndWrapUp,
            4 => DutyChange::ExtendWrapUp(Duration::from_secs(7)),
            5 => DutyChange::Resume,
            _ => DutyChange::SignIn,
        };
        self.log.push(format!("  o{operator}: {change:?}"));
        self.reference.duty(operator, &change);
        let operator = Name::new(&format!("o{operator}"));
        self.tell(Event::DutyAsked { operator, change, by: DutyBy::Api })?;
        if self.goes_on() {
            self.after(9_000, Next::Duty);
        }
        Ok(())
    }

    fn device(&mut self) -> Result<(), String> {
        let operator = self.lot.random_range(0..self.reference.operators.len());
        let state = any(&mut self.lot, &DEVICES);
        // Of what is behind a trunk nobody says how it is.
        if !self.reference.plan.operators[operator].by_trunk {
            self.log.push(format!("  o{operator}: {state}"));
            self.reference.device(operator, state);
            let device = Name::new(&format!("PJSIP/o{operator}"));
            self.tell(Event::DeviceChanged { node: NODE, device, state })?;
        }
        if self.goes_on() {
            self.after(5_000, Next::Device);
        }
        Ok(())
    }

    fn steers(&mut self) -> Result<(), String> {
        let waiting = self.reference.waiting();
        if !waiting.is_empty() {
            let caller = any(&mut self.lot, &waiting);
            let steer = match self.lot.random_range(0..6) {
                0 | 1 => {
                    let priority = self.lot.random_range(-3..6);
                    self.reference.prioritised(caller, priority);
                    Steer::Prioritise(priority)
                }
                2 => {
                    let queue = self.lot.random_range(0..self.reference.plan.queues.len());
                    self.reference.moved(caller, queue);
                    Steer::ToQueue(Name::new(&format!("q{queue}")))
                }
                3 | 4 => {
                    let operator = self.lot.random_range(0..self.reference.operators.len());
                    self.reference.assigned(caller, operator);
                    Steer::Assign(Name::new(&format!("o{operator}")))
                }
                _ => {
                    self.reference.withdrawn(caller);
                    Steer::Withdraw { info: "".into() }
                }
            };
            self.log.push(format!("  c{caller}: {steer:?}"));
            let channel = self.reference.callers[caller].channel.clone();
            let call = self.engine.caller_of(&channel).ok_or("the engine does not know who waits")?;
            self.tell(Event::Steered { call, steer })?;
        }
        if self.goes_on() {
            self.after(12_000, Next::Steer);
        }
        Ok(())
    }

    /// Tells the engine what the reference was told.
    fn tell(&mut self, event: Event) -> Result<(), String> {
        self.sum.events += 1;
        self.log.push(format!("{:?} {event:?}", self.reference.now));
        self.engine.handle(self.reference.now, event);
        Ok(())
    }

    /// Looks what the engine did, whether that was right, and how it stands.
    fn looks(&mut self, what: &str) -> Result<(), String> {
        while let Some(command) = self.engine.poll_command() {
            match command {
                Command::Create { leg, endpoint, caller } => {
                    self.early.insert(leg.clone());
                    self.after(40, Next::Made(leg.clone()));
                    self.rings(leg, &endpoint, &caller)?;
                }
                Command::Originate { leg, endpoint, caller, .. } => self.rings(leg, &endpoint, &caller)?,
                Command::HangUp { channel, .. } | Command::Continue { channel } => self.parts(channel),
                _ => {}
            }
        }
        while let Some(notice) = self.engine.poll_notice() {
            if let Fact::Measured(Measured::Idle { .. }) = notice.fact {
                return Err(format!("after {what}: {notice:?}"));
            }
        }
        while self.engine.poll_errand().is_some() {}
        self.reference.judge_rest().map_err(|wrong| format!("after {what}: {wrong}"))?;
        let snapshot = self.engine.snapshot(self.reference.now);
        self.reference.compare(&snapshot, &self.parted).map_err(|wrong| format!("after {what}: {wrong}"))?;
        let broken = self.engine.broken_invariants();
        if broken.is_empty() { Ok(()) } else { Err(format!("after {what}: {broken:#?}")) }
    }

    fn rings(&mut self, leg: ChannelId, endpoint: &str, caller: &ChannelId) -> Result<(), String> {
        let number = endpoint.trim_start_matches("PJSIP/").trim_end_matches("@t");
        let number =
            number.strip_prefix("+4790000").or(number.strip_prefix('o')).ok_or("nobody of the plan is rung")?;
        let operator: usize = number.parse().map_err(|wrong| format!("nobody of the plan is rung: {wrong}"))?;
        let caller = self.reference.callers.iter().position(|one| one.channel == *caller).ok_or("no caller of ours")?;
        self.log.push(format!("{:?}   o{operator} is rung for c{caller}", self.reference.now));
        self.sum.offers += 1;
        self.reference.judge(caller, operator, leg.clone())?;
        let through = self.reference.legs.last().ok_or("nobody is rung")?.queue;
        let ring = self.reference.plan.queues[through].ring;
        if chance(&mut self.lot, 55) {
            self.after_at_least(100, 1_000 * ring - 200, Next::Comes(leg, None));
        } else {
            let (how, _) = any(&mut self.lot, &REFUSALS);
            let least = if how == "no_answer" { 1_000 * ring - 50 } else { 100 };
            self.after_at_least(least, 1_000 * ring, Next::Comes(leg, Some(how)));
        }
        Ok(())
    }

    fn after_at_least(&mut self, least: u64, most: u64, next: Next) {
        let millis = self.lot.random_range(least..=most.max(least));
        let now = self.reference.now;
        self.reference.now = now + Duration::from_millis(millis);
        self.after(1, next);
        self.reference.now = now;
    }

    /// What was asked to end does, in a moment.
    fn parts(&mut self, channel: ChannelId) {
        if !self.parted.insert(channel.clone()) {
            return;
        }
        if let Some(caller) = self.reference.callers.iter().position(|one| one.channel == channel) {
            self.after(300, Next::Leaves(caller));
        } else {
            let moment = any(&mut self.lot, &[30, 300, 1_500]);
            self.after(moment, Next::Ended(channel));
        }
    }
}
