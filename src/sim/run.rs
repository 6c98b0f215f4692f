//! The simulator: the engine and the toy Asterisk in virtual time, with a wire between them on which things go wrong.
//!
//! Everything is drawn from one seed. After every event the engine's invariants are looked at, and everything that people
//! see goes through the [check](super::check). What stands between engine and wire is the driver's own translation; what its
//! sockets and deadlines do is played here, in their simplest form: as many connections as are wanted, a deadline for each
//! request, another try to connect after a while.

mod callers;
mod link;
mod messages;
mod report;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub use callers::Callers;
pub use report::Report;

use super::{
    check::Check,
    faults::{Fault, Faults, Trouble},
    people::People,
    world::{Reply, SocketId, Ticket, World},
};
use crate::{
    ari::bare,
    dialplan::Plan,
    domain::{NodeId, Time},
    engine::{Answer, Command, Engine, Event, KeptCallers, Limits, LookupId, Setup, message::About},
};

/// The one node.
const NODE: NodeId = NodeId(0);

/// Something that is going to happen on the wire or behind it.
#[derive(Debug)]
enum Due {
    /// A reply arrives.
    Reply(u64, Reply),
    /// No reply arrived in time.
    Deadline(u64),
    /// A command that could wait is to go out.
    Hurry(bare::Ticket),
    /// An event arrives.
    Event(SocketId, String),
    /// The driver tries to connect.
    Connect,
    /// It is known what became of a message.
    Message(Arc<About>),
    /// A server answers what was looked up.
    LookedUp(LookupId, Answer),
    /// The engine is started again.
    Born,
}

/// A run.
#[derive(Debug)]
pub struct Simulation<C = People> {
    now: Time,
    seed: u64,
    boot: u32,
    plan: Arc<Plan>,
    limits: Limits,
    /// What each life of the engine is born with.
    remembered: KeptCallers,
    application: Arc<str>,
    /// `None` while the engine is dead.
    engine: Option<Engine>,
    world: World,
    people: C,
    faults: Faults,
    check: Check,
    /// The first sight that the check was not shown.
    unseen: usize,
    socket: Option<SocketId>,
    order: bare::Order<Command>,
    sent: BTreeMap<u64, Sent>,
    tickets: BTreeMap<Ticket, u64>,
    timers: BTreeMap<(Time, u64), Due>,
    count: u64,
    report: Report,
}

/// A request that has no outcome yet.
#[derive(Debug)]
struct Sent {
    turn: bare::Ticket,
    command: Command,
}

impl<C: Callers> Simulation<C> {
    /// Everything is ready at `now`; the engine connects as its first deed. The world's dialplan hands callers to the
    /// application `sentral`.
    pub fn new(seed: u64, now: Time, plan: Arc<Plan>, world: World, people: C, trouble: Trouble) -> Self {
        let application = "sentral".into();
        let mut simulation = Self {
            now,
            seed,
            boot: 1,
            plan,
            limits: Limits::default(),
            remembered: KeptCallers::default(),
            application,
            engine: None,
            world,
            people,
            faults: Faults::new(seed, now, trouble),
            // A lost request may cost a caller a while of silence; longer than the dead man's switch it must not last.
            check: Check::new(Duration::from_secs(45)),
            unseen: 0,
            socket: None,
            order: bare::Order::default(),
            sent: BTreeMap::new(),
            tickets: BTreeMap::new(),
            timers: BTreeMap::new(),
            count: 0,
            report: Report::default(),
        };
        simulation.set(now, Due::Born);
        simulation
    }

    /// An answered caller may hear nothing for so long: as long as the plan's menus wait for a key.
    #[must_use]
    pub fn with_silence(mut self, silence: Duration) -> Self {
        self.check = Check::new(silence);
        self
    }

    /// The engine remembers these callers from before.
    #[must_use]
    pub fn with_callers(mut self, remembered: KeptCallers) -> Self {
        self.remembered = remembered;
        self
    }

    /// Runs until everybody has called and left, then heals the wire and lets everything come to rest.
    pub fn run(self) -> Report {
        self.play().0
    }

    /// Runs, and gives those who called back with what they saw.
    pub fn play(mut self) -> (Report, C) {
        // An hour after the last caller nobody may be there any more.
        let mut end = None;
        while let Some(next) = self.next().filter(|next| end.is_none_or(|end| *next <= end)) {
            self.now = self.now.max(next);
            self.step();
            if end.is_none() && self.people.poll_timeout().is_none() {
                self.faults.heal();
                end = Some(self.now + Duration::from_secs(3_600));
            }
            if end.is_some() && self.is_over() && self.people.is_done() {
                break;
            }
        }
        self.finish()
    }

    /// When the next thing happens anywhere.
    fn next(&self) -> Option<Time> {
        let engine = self.engine.as_ref().and_then(Engine::poll_timeout);
        let wire = self.timers.first_key_value().map(|((at, _), _)| *at);
        let others = [self.people.poll_timeout(), self.world.poll_timeout(), self.faults.poll_timeout()];
        others.into_iter().chain([engine, wire]).flatten().min()
    }

    /// One moment: whatever is due now, here and there.
    fn step(&mut self) {
        self.people.handle_timeout(self.now, &mut self.world);
        while let Some(event) = self.people.poll_event(self.now) {
            self.tell(event);
        }
        self.world.handle_timeout(self.now);
        self.collect();
        while let Some(fault) = self.faults.handle_timeout(self.now) {
            self.on_fault(fault);
        }
        while let Some(entry) = self.timers.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let due = entry.remove();
            self.on_due(due);
        }
        if let Some(engine) = &mut self.engine {
            engine.handle_timeout(self.now);
            self.drain("time passed");
        }
    }

    fn on_due(&mut self, due: Due) {
        match due {
            Due::Reply(sent, reply) => self.on_reply(sent, &reply),
            Due::Deadline(sent) => self.on_deadline(sent),
            Due::Hurry(ticket) => self.on_hurry(ticket),
            Due::Event(socket, text) => self.on_event(socket, &text),
            Due::Connect => self.connect(),
            Due::Message(about) => self.on_kept(about),
            Due::LookedUp(lookup, answer) => self.tell(Event::LookedUp { lookup, answer }),
            Due::Born => self.on_born(),
        }
    }

    fn on_fault(&mut self, fault: Fault) {
        self.report.faults += 1;
        match fault {
            Fault::Cut(span) => self.on_cut(span),
            Fault::Restart(span) => {
                self.world.restart(self.now, span);
                self.on_cut(span);
                self.lose_replies();
            }
            Fault::EngineDies(span) => {
                self.disconnect();
                self.engine = None;
                self.order = bare::Order::default();
                self.sent.clear();
                self.timers.retain(|_, due| !matches!(due, Due::Connect | Due::Hurry(_)));
                self.set(self.now + span, Due::Born);
            }
        }
        self.collect();
    }

    /// A new life of the engine, which knows nothing of the one before.
    fn on_born(&mut self) {
        let setup =
            Setup { boot: self.boot, born: self.now, seed: self.seed, limits: self.limits.clone(), public_url: None };
        self.boot += 1;
        let engine = Engine::new(setup, self.plan.clone());
        self.engine = Some(engine.with_callers(self.remembered.clone()));
        self.connect();
    }

    /// Tells the engine something, and does what it asks for.
    fn tell(&mut self, event: Event) {
        let Some(engine) = &mut self.engine else { return };
        let what = format!("{event:?}");
        engine.handle(self.now, event);
        self.drain(&what);
    }

    fn drain(&mut self, what: &str) {
        let Some(engine) = &mut self.engine else { return };
        let mut commands = Vec::new();
        while let Some(command) = engine.poll_command() {
            commands.push(command);
        }
        let mut errands = Vec::new();
        while let Some(errand) = engine.poll_errand() {
            errands.push(errand);
        }
        while let Some(notice) = engine.poll_notice() {
            self.report.see(&notice);
            self.people.hear(&notice);
        }
        for wrong in engine.broken_invariants() {
            self.report.wrong(self.now, format!("after {what}: {wrong}"));
        }
        for command in commands {
            self.send(command);
        }
        for errand in errands {
            self.run_errand(errand);
        }
    }

    fn set(&mut self, at: Time, due: Due) {
        self.count += 1;
        self.timers.insert((at, self.count), due);
    }

    /// Nobody is at any telephone, nothing is under way.
    fn is_over(&self) -> bool {
        let people = self.world.callers_in_calls() + self.world.phones_in_use();
        let quiet = self.world.channels().next().is_none() && people == 0;
        quiet
            && self.sent.is_empty()
            && self.socket.is_some()
            && self.engine.as_ref().is_some_and(|engine| is_idle(engine, self.now))
    }

    fn finish(mut self) -> (Report, C) {
        for channel in self.world.channels() {
            self.report.wrong(self.now, format!("channel {channel} is left over"));
        }
        for bridge in self.world.occupied_bridges() {
            self.report.wrong(self.now, format!("bridge {bridge} is left over"));
        }
        if self.engine.as_ref().is_some_and(|engine| !is_idle(engine, self.now)) {
            let left = self.engine.as_ref().map(|engine| engine.snapshot(self.now));
            self.report.wrong(self.now, format!("the engine is not at rest: {left:?}"));
        }
        for complaint in self.check.finish(self.now) {
            self.report.complain(&complaint);
        }
        self.report.called = self.people.called();
        (self.report, self.people)
    }
}

/// No call, nobody rings or talks, and no channel of a trunk is taken.
fn is_idle(engine: &Engine, now: Time) -> bool {
    use crate::engine::notice::OperatorState;
    let snapshot = engine.snapshot(now);
    let engaged = |state| matches!(state, OperatorState::Ringing | OperatorState::Talking);
    snapshot.calls.is_empty()
        && !snapshot.operators.iter().any(|operator| engaged(operator.state))
        && snapshot.trunks.iter().all(|trunk| trunk.in_use == 0)
}
