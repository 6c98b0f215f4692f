//! Commands on their way: a bounded queue in the right order, and the lanes that carry them out.
//!
//! A lane is a task with one kept-alive connection. It takes the next command that may go out (see [`order`](super::order)),
//! so a lane that waits for an answer holds up nobody but those who must not overtake.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

use super::{
    order::{Order, Ticket},
    outlet::Outlet,
    request::{self, Dialect},
    rest::{Answer, Client},
};
use crate::engine::{Command, Event, Failure};

/// At most this many commands wait for one node. Fifty calls a second ask for 350 commands a second, so this is ten
/// seconds of a busy node that answers nothing; by then the self-test has long given it up.
pub(super) const QUEUE: usize = 4096;

/// The queue between the engine and the lanes of one node.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    state: Mutex<State>,
    wake: Notify,
    quiet: Notify,
    is_current: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    order: Order<Command>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Nothing is taken: nobody hears what it would lead to.
    #[default]
    Closed,
    Open,
    /// Nothing more is taken; what is queued is carried out.
    Ending,
}

impl Lanes {
    /// Queues a command; gives it back when the node is not up, or has too many.
    pub(super) fn push(&self, command: Command) -> Result<(), Command> {
        let mut state = self.state();
        if state.phase != Phase::Open || state.order.queued() >= QUEUE {
            return Err(command);
        }
        let touches = request::touches(&command);
        state.order.push(command, touches);
        if state.order.has_ready() {
            self.wake.notify_last();
        }
        Ok(())
    }

    /// Takes commands from now on.
    pub(super) fn open(&self, dialect: Dialect) {
        self.is_current.store(dialect == Dialect::Current, Ordering::Relaxed);
        let mut state = self.state();
        if state.phase != Phase::Ending {
            state.phase = Phase::Open;
        }
    }

    /// Takes no more commands, and gives back those that have not gone out.
    pub(super) fn close(&self) -> Vec<Command> {
        let mut state = self.state();
        if state.phase != Phase::Ending {
            state.phase = Phase::Closed;
        }
        state.order.drain()
    }

    /// Takes no more commands; the lanes end when they have carried out what is queued.
    pub(super) fn end(&self) {
        self.state().phase = Phase::Ending;
        self.wake.notify_waiters();
    }

    /// Waits until no request is out. Only of use while closed, and by one task at a time.
    pub(super) async fn quiet(&self) {
        while self.state().order.out() > 0 {
            self.quiet.notified().await;
        }
    }

    /// Waits until everything has been carried out. Only of use after the end, and by one task at a time.
    pub(super) async fn done_with_all(&self) {
        let is_busy = || {
            let order = &self.state().order;
            order.out() + order.queued() > 0
        };
        while is_busy() {
            self.quiet.notified().await;
        }
    }

    /// The next command that may go out; `None` when there will be none.
    async fn next(&self) -> Option<(Ticket, Command)> {
        loop {
            let woken = self.wake.notified();
            if let Some(next) = self.take()? {
                return Some(next);
            }
            woken.await;
        }
    }

    /// `Some(None)`: nothing now; `None`: nothing any more.
    fn take(&self) -> Option<Option<(Ticket, Command)>> {
        let mut state = self.state();
        let taken = state.order.take();
        if state.order.has_ready() {
            self.wake.notify_last();
        }
        let over = state.phase == Phase::Ending && state.order.queued() == 0;
        if taken.is_none() && over { None } else { Some(taken) }
    }

    fn done(&self, ticket: Ticket) {
        let mut state = self.state();
        state.order.done(ticket);
        if state.order.has_ready() {
            self.wake.notify_last();
        }
        if state.order.out() == 0 {
            self.quiet.notify_one();
        }
        if state.phase == Phase::Ending {
            self.wake.notify_waiters();
        }
    }

    fn dialect(&self) -> Dialect {
        if self.is_current.load(Ordering::Relaxed) { Dialect::Current } else { Dialect::Old }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One lane: carries commands out until there will be none.
pub(super) async fn lane(lanes: Arc<Lanes>, client: Client, app: Arc<str>, outlet: Arc<Outlet>) {
    while let Some((ticket, command)) = lanes.next().await {
        let result = carry_out(&client, &command, &app, lanes.dialect()).await;
        // Before `done`, so that who waits for quiet finds every failure told.
        if let Err(failure) = result {
            outlet.offer(Event::Failed { command, failure });
        }
        lanes.done(ticket);
    }
}

async fn carry_out(client: &Client, command: &Command, app: &str, dialect: Dialect) -> Result<(), Failure> {
    let repeat = request::repeat(command);
    for request in request::requests(command, app, dialect, client.names()) {
        let is_fine =
            |answer: &Answer| answer.is_success() || request::is_already_so(command, answer.status, answer.repeated);
        client.send(command.name(), &request, repeat, is_fine).await?;
    }
    Ok(())
}
