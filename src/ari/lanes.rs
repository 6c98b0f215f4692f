//! Commands on their way: a bounded queue in the right order, and the lanes that carry them out.
//!
//! A lane is a task with one kept-alive connection. It takes the next command that may go out (see [`order`](super::order)),
//! so a lane that waits for an answer holds up nobody but those who must not overtake.
//!
//! What nobody waits for ([`Command::can_wait`]) goes out [`PATIENCE`] later. Asterisk does what it is asked at the same time, on
//! the same cores: to part with the last caller, while an operator is rung for the next, took a fourth of the time until he
//! was.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{
    order::{Haste, Order, Ticket},
    outlet::Outlet,
    request::{self, Dialect},
    rest::{Answer, Client},
};
use crate::engine::{Command, Event, Failure};

/// At most this many commands wait for one node. Fifty calls a second ask for 350 commands a second, so this is ten
/// seconds of a busy node that answers nothing; by then the self-test has long given it up.
pub(super) const QUEUE: usize = 4096;

/// How long a command waits that can. What it lets by takes a few milliseconds, and nobody minds so short a silence behind a
/// conversation.
pub(crate) const PATIENCE: Duration = Duration::from_millis(10);

/// After this the patient are seen to for themselves, and no longer only when something else is done: waking up for them alone
/// costs more than all else that is done for them.
const GRACE: Duration = Duration::from_millis(5);

/// The queue between the engine and the lanes of one node.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    state: Mutex<State>,
    wake: Notify,
    quiet: Notify,
    /// There is one that can wait, or the end has come.
    patient: Notify,
    is_current: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    order: Order<Command>,
    /// Those that can wait, and until when; some may have gone out.
    patient: VecDeque<(Instant, Ticket)>,
    phase: Phase,
}

impl State {
    /// Those that have waited long enough wait no longer.
    fn hurry(&mut self) {
        let Some((first, _)) = self.patient.front() else { return };
        let now = Instant::now();
        if *first > now {
            return;
        }
        while let Some((_, ticket)) = self.patient.pop_front_if(|(until, _)| *until <= now) {
            self.order.hurry(ticket);
        }
    }
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
        if command.can_wait() {
            let ticket = state.order.push(command, touches, Haste::CanWait);
            state.patient.push_back((Instant::now() + PATIENCE, ticket));
            self.patient.notify_one();
        } else {
            state.order.push(command, touches, Haste::Now);
        }
        state.hurry();
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
        state.patient.clear();
        state.order.drain()
    }

    /// Takes no more commands; the lanes end when they have carried out what is queued.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.phase = Phase::Ending;
        state.patient.clear();
        state.order.hurry_all();
        drop(state);
        self.wake.notify_waiters();
        self.patient.notify_one();
    }

    /// Sees to it that nobody waits for ever, until there will be none.
    pub(super) async fn attend(&self) {
        loop {
            let until = {
                let mut state = self.state();
                if state.phase == Phase::Ending {
                    return;
                }
                state.hurry();
                if state.order.has_ready() {
                    self.wake.notify_last();
                }
                state.patient.front().map(|(until, _)| *until)
            };
            match until {
                Some(until) => sleep_until(until + GRACE).await,
                None => self.patient.notified().await,
            }
        }
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
        state.hurry();
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
        state.hurry();
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

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;
    use crate::domain::{ChannelId, NodeId, Reason};

    const MOMENT: Duration = Duration::from_millis(1);

    fn answer(id: &str) -> Command {
        Command::Answer { channel: ChannelId::new(NodeId(0), id) }
    }

    fn part(id: &str) -> Command {
        Command::HangUp { channel: ChannelId::new(NodeId(0), id), reason: Reason::Normal, can_wait: true }
    }

    fn open() -> Lanes {
        let lanes = Lanes::default();
        lanes.open(Dialect::Current);
        lanes
    }

    fn push(lanes: &Lanes, command: Command) {
        lanes.push(command).expect("it is open");
    }

    fn taken(lanes: &Lanes) -> Option<(Ticket, Command)> {
        lanes.take().expect("it has not ended")
    }

    fn command(lanes: &Lanes) -> Option<Command> {
        taken(lanes).map(|(_, command)| command)
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_wait_lets_others_by_for_a_few_milliseconds() {
        let lanes = open();
        push(&lanes, part("1"));
        push(&lanes, answer("2"));
        assert_eq!(command(&lanes), Some(answer("2")));
        advance(PATIENCE - MOMENT).await;
        assert_eq!(command(&lanes), None);
        advance(MOMENT).await;
        push(&lanes, answer("3"));
        assert_eq!(command(&lanes), Some(part("1")));
        assert_eq!(command(&lanes), Some(answer("3")));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_to_another_command_lets_out_what_has_waited_long_enough() {
        let lanes = Arc::new(open());
        push(&lanes, part("1"));
        push(&lanes, answer("2"));
        let (ticket, _) = taken(&lanes).expect("one goes at once");
        let idle = Arc::clone(&lanes);
        let next = tokio::spawn(async move { idle.next().await });
        tokio::task::yield_now().await;
        advance(PATIENCE).await;
        assert!(!next.is_finished(), "nothing was done that would have looked");
        lanes.done(ticket);
        assert_eq!(next.await.expect("a lane").map(|(_, command)| command), Some(part("1")));
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_else_is_done_it_goes_out_all_the_same() {
        let lanes = Arc::new(open());
        let attended = Arc::clone(&lanes);
        let attending = tokio::spawn(async move { attended.attend().await });
        for id in ["1", "2"] {
            let begun = Instant::now();
            push(&lanes, part(id));
            let (ticket, command) = lanes.next().await.expect("it has not ended");
            assert_eq!(command, part(id));
            assert!(begun.elapsed() >= PATIENCE && begun.elapsed() <= PATIENCE + GRACE + MOMENT * 2);
            lanes.done(ticket);
        }
        lanes.end();
        timeout(Duration::from_secs(1), attending).await.expect("it ends, too").expect("and well");
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_wakes_a_lane_for_what_could_wait() {
        let lanes = Arc::new(open());
        push(&lanes, part("1"));
        let idle = Arc::clone(&lanes);
        let lane = tokio::spawn(async move {
            let (ticket, command) = idle.next().await.expect("one is left");
            idle.done(ticket);
            (command, idle.next().await.is_none())
        });
        tokio::task::yield_now().await;
        lanes.end();
        timeout(Duration::from_secs(1), lanes.done_with_all()).await.expect("nothing is left");
        assert_eq!(lane.await.expect("a lane"), (part("1"), true));
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_end_and_when_the_node_is_lost_nothing_waits() {
        let lanes = open();
        push(&lanes, part("1"));
        assert_eq!(lanes.close(), [part("1")]);
        lanes.open(Dialect::Current);
        push(&lanes, part("2"));
        lanes.end();
        assert_eq!(command(&lanes), Some(part("2")));
    }
}
