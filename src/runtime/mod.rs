//! The one task that owns the engine.
//!
//! It carries what happened to the engine, what the engine asks for to the nodes, and what the engine tells to those
//! who watch: in this order, and the last by the handful (`tale`), so that a command does not wait for a log line or a
//! metric.

mod alarm;
mod callback;
pub mod duty;
pub mod glance;
pub mod milestones;
pub mod ready;
pub mod reload;
pub mod standing;
mod tale;
mod watchers;

use std::{sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::warn;

pub use self::watchers::{Keep, KeepDay, Watchers};
use self::{alarm::Alarm, tale::Tale};
use crate::{
    ari::Heard,
    clock::Clock,
    dialplan::{DutyChange, Plan, hours::Override},
    domain::{CallId, CallbackId, Name, Time},
    engine::{
        Command, DutyBy, Engine, Errand, Event, NotChanged, NotSteered, Snapshot, Steer,
        explain::{CallWhy, OperatorWhy},
        snapshot::{CallView, CallbackView, HoursView, OperatorView, QueueView},
    },
    yaml::Wrong,
};

/// Questions that may wait for the engine.
const ASKS: usize = 64;

/// Notices that may wait for a narrator.
pub const NARRATION: usize = 4_096;

/// How long a question waits for its answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// After so many events in a row those who carry the commands have their turn.
const IN_A_ROW: u32 = 16;

/// Takes a command to its node, without waiting. What comes to nothing comes back as an event.
pub type Send = Box<dyn Fn(Command) + std::marker::Send>;

/// Runs an errand, without waiting. What comes of it comes back as an event.
pub type Run = Box<dyn Fn(Errand) + std::marker::Send>;

/// Where what the engine asks for goes.
pub struct Outlets {
    /// Commands of each node, by its place.
    pub nodes: Vec<Send>,
    /// Errands.
    pub errands: Run,
}

/// What the engine's task is asked.
#[derive(Debug)]
enum Ask {
    Snapshot(oneshot::Sender<Snapshot>),
    Alive(oneshot::Sender<()>),
    Plan(Arc<Plan>),
    Hours { hours: Name, how: Override, answer: oneshot::Sender<Option<HoursView>> },
    Duty { operator: Name, change: DutyChange, answer: oneshot::Sender<Result<OperatorView, NotChanged>> },
    Queue(Name, oneshot::Sender<Option<QueueView>>),
    ExplainCall(CallId, oneshot::Sender<Result<CallWhy, NotSteered>>),
    ExplainOperator(Name, oneshot::Sender<Option<OperatorWhy>>),
    Steer { call: CallId, steer: Steer, answer: oneshot::Sender<Result<Option<CallView>, NotSteered>> },
    CancelCallback(CallbackId, oneshot::Sender<Option<CallbackView>>),
    Drain,
}

/// Why hours were not overridden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotOverridden {
    /// Something in what was asked is wrong: what, and what to write instead.
    Wrong(String),
    /// The plan in force has no hours of that name.
    NoSuchHours,
    /// The engine's task does not answer within two seconds.
    NoAnswer,
}

/// Why a caller was not steered, or nothing is told of him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// It cannot be done.
    Refused(NotSteered),
    /// The engine's task does not answer within two seconds.
    NoAnswer,
}

/// The engine's task does not answer within two seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late;

/// A hand to the engine's task, for those who ask.
#[derive(Clone, Debug)]
pub struct Desk {
    asks: mpsc::Sender<Ask>,
}

impl Desk {
    /// How things stand; `None` when the engine's task does not answer within two seconds.
    pub async fn snapshot(&self) -> Option<Snapshot> {
        self.ask(Ask::Snapshot).await
    }

    /// Whether the engine's task answers within two seconds.
    pub async fn is_alive(&self) -> bool {
        self.ask(Ask::Alive).await.is_some()
    }

    /// Puts a plan in force for the calls from now on; false when the engine's task is gone.
    pub async fn put_in_force(&self, plan: Arc<Plan>) -> bool {
        self.asks.send(Ask::Plan(plan)).await.is_ok()
    }

    /// Lets hours of the plan in force be open or closed, whatever it says, for a duration or until a time, as a plan writes
    /// them. Tells how they stand then.
    ///
    /// # Errors
    /// When one of the words is wrong, the plan has no hours of that name, or the engine's task does not answer.
    pub async fn override_hours(
        &self,
        hours: &str,
        to: &str,
        wait: Option<&str>,
        until: Option<&str>,
    ) -> Result<HoursView, NotOverridden> {
        let told = |Wrong { message, remedy }| NotOverridden::Wrong(format!("{message}: {remedy}"));
        self.change_hours(hours, Override::read(to, wait, until).map_err(told)?).await
    }

    /// Lets hours of the plan in force be as it says again.
    ///
    /// # Errors
    /// When the plan has no hours of that name, or the engine's task does not answer.
    pub async fn hours_as_planned(&self, hours: &str) -> Result<HoursView, NotOverridden> {
        self.change_hours(hours, Override::Plan).await
    }

    async fn change_hours(&self, hours: &str, how: Override) -> Result<HoursView, NotOverridden> {
        let hours = Name::new(hours);
        let view = self.ask(|answer| Ask::Hours { hours, how, answer }).await.ok_or(NotOverridden::NoAnswer)?;
        view.ok_or(NotOverridden::NoSuchHours)
    }

    /// How a queue stands, and who waits in it; `None`: there is none of that name.
    ///
    /// # Errors
    /// When the engine's task does not answer.
    pub async fn queue(&self, name: &str) -> Result<Option<QueueView>, Late> {
        let name = Name::new(name);
        self.ask(|answer| Ask::Queue(name, answer)).await.ok_or(Late)
    }

    /// Why a call's caller is not connected yet.
    ///
    /// # Errors
    /// When there is no such call, it is over, or the engine's task does not answer.
    pub async fn explain_call(&self, call: CallId) -> Result<CallWhy, NotDone> {
        let why = self.ask(|answer| Ask::ExplainCall(call, answer)).await.ok_or(NotDone::NoAnswer)?;
        why.map_err(NotDone::Refused)
    }

    /// Why an operator is not rung; `None`: the plan in force has none of that name.
    ///
    /// # Errors
    /// When the engine's task does not answer.
    pub async fn explain_operator(&self, name: &str) -> Result<Option<OperatorWhy>, Late> {
        let name = Name::new(name);
        self.ask(|answer| Ask::ExplainOperator(name, answer)).await.ok_or(Late)
    }

    /// Moves, prefers, withdraws or assigns a caller who waits. Tells how the call stands then; `None`: it is over with that.
    ///
    /// # Errors
    /// When that cannot be done, or the engine's task does not answer.
    pub async fn steer(&self, call: CallId, steer: Steer) -> Result<Option<CallView>, NotDone> {
        let done = self.ask(|answer| Ask::Steer { call, steer, answer }).await.ok_or(NotDone::NoAnswer)?;
        done.map_err(NotDone::Refused)
    }

    /// Turns new calls away from now on, and ends the task when no call is left.
    pub async fn drain(&self) {
        // A task that is gone has no call left.
        let _gone = self.asks.send(Ask::Drain).await;
    }

    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let asked = async {
            self.asks.send(question(answer)).await.ok()?;
            answered.await.ok()
        };
        tokio::time::timeout(PATIENCE, asked).await.ok().flatten()
    }
}

/// Why the engine's task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It was told to. Calls go on in Asterisk: those who talk as they are, the others by the dead man's switch.
    Told,
    /// It drained and no call is left.
    Drained,
}

/// The engine and what it is connected to.
pub struct Runtime {
    engine: Engine,
    clock: Arc<Clock>,
    outlets: Outlets,
    watchers: Watchers,
    tale: Tale,
    asks: mpsc::Receiver<Ask>,
    draining: bool,
    /// Events since the carriers had their turn for certain.
    in_a_row: u32,
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("nodes", &self.outlets.nodes.len()).field("draining", &self.draining).finish()
    }
}

impl Runtime {
    /// A task for this engine, and the hand to it.
    pub fn new(engine: Engine, clock: Arc<Clock>, outlets: Outlets, watchers: Watchers) -> (Self, Desk) {
        let (sender, asks) = mpsc::channel(ASKS);
        let (tale, draining, in_a_row) = (Tale::default(), false, 0);
        (Self { engine, clock, outlets, watchers, tale, asks, draining, in_a_row }, Desk { asks: sender })
    }

    /// Runs until it is told to stop, or has drained.
    pub async fn run(mut self, mut events: mpsc::Receiver<Heard>, stop: CancellationToken) -> Stopped {
        let mut alarm = Alarm::default();
        let stopped = stop.cancelled();
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                // Once it is told, nothing more is taken: what comes would be answered by nobody.
                biased;
                () = &mut stopped => {
                    self.tell();
                    self.watchers.close(self.clock.now());
                    return Stopped::Told;
                }
                () = self.take_next(&mut events, &mut alarm) => {}
            }
            if self.draining && self.engine.is_at_rest() {
                self.engine.farewell();
                self.settle();
                self.tell();
                return Stopped::Drained;
            }
        }
    }

    async fn take_next(&mut self, events: &mut mpsc::Receiver<Heard>, alarm: &mut Alarm) {
        let now = self.tell_in_time(self.clock.now()).await;
        let due = [self.engine.poll_timeout(), self.tale.told_by()].into_iter().flatten().min();
        alarm.set(due, now);
        tokio::select! {
            Some(heard) = events.recv() => self.on_event(heard),
            Some(ask) = self.asks.recv() => self.on_ask(ask),
            () = alarm.rings() => self.on_alarm(),
        }
    }

    fn on_event(&mut self, heard: Heard) {
        let now = self.clock.now();
        let Heard { event, received, handled } = heard;
        // The driver says by itself why a node is down, and is not to be contradicted later.
        let is_of_node = matches!(event, Event::NodeUp { .. } | Event::NodeDown { .. } | Event::NodeTaken { .. });
        self.engine.handle(now, event);
        self.settle();
        if is_of_node {
            self.tell();
        }
        self.in_a_row += 1;
        // Whoever waited for it may be gone.
        let _told = handled.map(|handled| handled.send(()));
        self.watchers.metrics.lagged(now.since(received));
    }

    /// The alarm may ring early, when the clock is drawn towards the wall's; then it is set again. And it rings for those who
    /// watch, too.
    fn on_alarm(&mut self) {
        let now = self.clock.now();
        if self.engine.poll_timeout().is_some_and(|at| at <= now) {
            self.engine.handle_timeout(now);
            self.settle();
        }
    }

    /// Whoever asks knows no less than those who watch.
    fn on_ask(&mut self, ask: Ask) {
        self.tell();
        let now = self.clock.now();
        match ask {
            // Whoever asked may have stopped waiting.
            Ask::Snapshot(answer) if answer.is_closed() => {}
            Ask::Snapshot(answer) => drop(answer.send(self.engine.snapshot(now))),
            Ask::Alive(answer) => drop(answer.send(())),
            Ask::Plan(plan) => {
                self.watchers.take_plan(&plan, now);
                self.engine.handle(now, Event::PlanLoaded(plan));
                self.settle();
            }
            Ask::Hours { hours, how, answer } => {
                self.engine.handle(now, Event::HoursOverridden { hours: hours.clone(), how });
                self.settle();
                drop(answer.send(self.engine.view_hours(&hours)));
            }
            Ask::Duty { operator, change, answer } => {
                let may = self.engine.may_change_duty(&operator, &change);
                if may.is_ok() {
                    let by = DutyBy::Api;
                    self.engine.handle(now, Event::DutyAsked { operator: operator.clone(), change, by });
                    self.settle();
                }
                let view =
                    may.and_then(|()| self.engine.view_operator_of(&operator, now).ok_or(NotChanged::NoSuchOperator));
                drop(answer.send(view));
            }
            Ask::Queue(name, answer) => drop(answer.send(self.engine.queue_view(&name, now))),
            Ask::ExplainCall(call, answer) => drop(answer.send(self.engine.explain_call(call, now))),
            Ask::ExplainOperator(name, answer) => drop(answer.send(self.engine.explain_operator(&name, now))),
            Ask::Steer { answer, .. } if answer.is_closed() => {}
            Ask::Steer { call, steer, answer } => drop(answer.send(self.steer(call, steer, now))),
            Ask::CancelCallback(_, answer) if answer.is_closed() => {}
            Ask::CancelCallback(id, answer) => {
                let view = self.engine.view_callback(id);
                self.engine.handle(now, Event::CallbackCancelled { id });
                self.settle();
                drop(answer.send(view));
            }
            Ask::Drain => {
                self.draining = true;
                self.watchers.readiness.drains();
                self.engine.handle(now, Event::Draining);
                self.settle();
            }
        }
    }

    /// Nothing comes between the question whether it can be done and its being done.
    fn steer(&mut self, call: CallId, steer: Steer, now: Time) -> Result<Option<CallView>, NotSteered> {
        if let Some(why) = self.engine.cannot_steer(call, &steer) {
            return Err(why);
        }
        self.engine.handle(now, Event::Steered { call, steer });
        self.settle();
        Ok(self.engine.call_view(call, now))
    }

    /// Everything the engine asks for goes out.
    fn settle(&mut self) {
        while let Some(command) = self.engine.poll_command() {
            match self.outlets.nodes.get(usize::from(command.node().0)) {
                Some(send) => send(command),
                None => warn!(command = command.name(), "a command for a node that is not in the settings"),
            }
        }
        while let Some(errand) = self.engine.poll_errand() {
            (self.outlets.errands)(errand);
        }
    }

    /// When it is time, what the engine has told is told; but those who carry the commands have their turn before, as they
    /// have after many events in a row. Gives what time it is then.
    async fn tell_in_time(&mut self, now: Time) -> Time {
        let tells = self.tale.take_turn(self.engine.has_notices(), now);
        if !tells && self.in_a_row < IN_A_ROW {
            return now;
        }
        self.in_a_row = 0;
        tokio::task::yield_now().await;
        if tells {
            self.tell();
        }
        self.clock.now()
    }

    /// Everything that the engine has told so far is told to those who watch.
    fn tell(&mut self) {
        let now = self.clock.now();
        while let Some(notice) = self.engine.poll_notice() {
            self.watchers.see(notice, now);
        }
    }
}

#[cfg(test)]
mod tests;
