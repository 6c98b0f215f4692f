//! The world behind ARI's wire: HTTP and a websocket on a port, in real time.
//!
//! One task owns the world. Connections carry requests to it and wait for replies; each websocket has a task that writes what
//! the world tells it. A client that does not read loses its socket, as it would with Asterisk.
//!
//! ```no_run
//! # async fn show() -> std::io::Result<()> {
//! use sentral::sim::{Config, face::{Face, Login}, world::{Calling, Habit}};
//!
//! let login = Login { user: "sentral".into(), password: "secret".into() };
//! let face = Face::start(7, Config::default(), login, ([127, 0, 0, 1], 0).into()).await?;
//! println!("an ARI client finds it at http://{}/ari", face.address());
//! face.act(|world, _| world.set_phone("anna", Habit::answers())).await;
//! let caller = face.act(|world, now| world.caller_calls(now, Calling::default())).await;
//! # let _ = caller;
//! # Ok(())
//! # }
//! ```

mod cache;
mod login;
mod serve;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use login::Login;

use super::{
    people::People,
    world::{Answer, Config, Reply, Seen, SocketId, Ticket, World},
};
use crate::{clock::Clock, domain::Time};

/// Requests that may wait for the world. Asterisk's own limit is on connections; here it is what keeps memory bounded.
const ORDERS: usize = 1_024;
/// Events that may wait for a client to read them.
const EVENTS: usize = 65_536;

/// A world with a wire. It ends when the last copy of it is dropped.
#[derive(Clone, Debug)]
pub struct Face {
    address: SocketAddr,
    orders: mpsc::Sender<Order>,
    _end: Arc<DropGuard>,
}

/// What the owner of the world is asked.
enum Order {
    Request {
        method: String,
        path: String,
        query: Vec<(String, String)>,
        body: Option<Value>,
        reply: oneshot::Sender<Reply>,
    },
    Open {
        apps: Vec<String>,
        events: mpsc::Sender<String>,
        socket: oneshot::Sender<Option<SocketId>>,
    },
    Close(SocketId),
    Act(Act),
    Cut(Duration),
    People(Box<People>),
    Until(Wait),
    Quiet(oneshot::Sender<()>),
}

type Act = Box<dyn FnOnce(&mut World, Time) + Send>;

/// Somebody waits until something is seen.
struct Wait {
    /// The first sight that he has not been shown.
    next: usize,
    wanted: Box<dyn FnMut(&Seen) -> bool + Send>,
    seen: oneshot::Sender<Seen>,
}

impl Face {
    /// Opens the port and starts the world. `address` with port 0: any free one.
    ///
    /// # Errors
    /// When the port cannot be opened.
    pub async fn start(seed: u64, config: Config, login: Login, address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let clock = Clock::new();
        let world = World::new(seed, clock.now(), config);
        let (orders, inbox) = mpsc::channel(ORDERS);
        let end = CancellationToken::new();
        let owner = Owner::new(world, clock);
        tokio::spawn(end.clone().run_until_cancelled_owned(owner.run(inbox)));
        tokio::spawn(end.clone().run_until_cancelled_owned(serve::listen(
            listener,
            login,
            orders.clone(),
            end.clone(),
        )));
        Ok(Self { address, orders, _end: Arc::new(end.drop_guard()) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does something to the world, or looks at it: add a caller, change a phone, press a key, restart Asterisk.
    /// `None` when the world has ended.
    pub async fn act<T: Send + 'static>(&self, act: impl FnOnce(&mut World, Time) -> T + Send + 'static) -> Option<T> {
        let (done, result) = oneshot::channel();
        let order = Order::Act(Box::new(move |world, now| drop(done.send(act(world, now)))));
        self.orders.send(order).await.ok()?;
        result.await.ok()
    }

    /// Cuts every websocket now and lets none be opened for `span`. Calls and REST go on.
    pub async fn cut(&self, span: Duration) {
        drop(self.orders.send(Order::Cut(span)).await);
    }

    /// Asterisk dies now, with all its calls, and is back after `down`.
    pub async fn restart(&self, down: Duration) {
        self.act(move |world, now| world.restart(now, down)).await;
    }

    /// Lets people call from now on.
    pub async fn let_call(&self, people: People) {
        drop(self.orders.send(Order::People(Box::new(people))).await);
    }

    /// What was seen from the `from`-th sight on, and the number to ask for next.
    pub async fn seen_from(&self, from: usize) -> (Vec<Seen>, usize) {
        self.act(move |world, _| world.seen_from(from)).await.unwrap_or((Vec::new(), from))
    }

    /// Waits until somebody sees what is wanted, from the `from`-th sight on. `None` when the world has ended; whoever asks
    /// says how long he will wait.
    pub async fn until(&self, from: usize, wanted: impl FnMut(&Seen) -> bool + Send + 'static) -> Option<Seen> {
        let (seen, found) = oneshot::channel();
        let wait = Wait { next: from, wanted: Box::new(wanted), seen };
        self.orders.send(Order::Until(wait)).await.ok()?;
        found.await.ok()
    }

    /// Waits until nobody is in a call and everybody who was to call has. Whoever asks says how long he will wait.
    pub async fn quiet(&self) {
        let (quiet, fell) = oneshot::channel();
        if self.orders.send(Order::Quiet(quiet)).await.is_ok() {
            drop(fell.await);
        }
    }
}

/// The task that owns the world.
struct Owner {
    world: World,
    clock: Clock,
    people: Vec<People>,
    waiting: BTreeMap<Ticket, oneshot::Sender<Reply>>,
    sockets: BTreeMap<SocketId, mpsc::Sender<String>>,
    waits: Vec<Wait>,
    quiet: Vec<oneshot::Sender<()>>,
    /// No websocket may be opened before this.
    cut_until: Time,
}

impl Owner {
    fn new(world: World, clock: Clock) -> Self {
        Self {
            world,
            clock,
            people: Vec::new(),
            waiting: BTreeMap::new(),
            sockets: BTreeMap::new(),
            waits: Vec::new(),
            quiet: Vec::new(),
            cut_until: Time::ZERO,
        }
    }

    async fn run(mut self, mut inbox: mpsc::Receiver<Order>) {
        loop {
            let now = self.clock.now();
            let wake = self.next().map_or(Duration::from_secs(3_600), |at| at.since(now));
            tokio::select! {
                order = inbox.recv() => match order {
                    Some(order) => {
                        let now = self.pass();
                        self.on_order(now, order);
                    }
                    None => return,
                },
                () = tokio::time::sleep(wake) => drop(self.pass()),
            }
            self.drain();
        }
    }

    fn next(&self) -> Option<Time> {
        self.people.iter().filter_map(People::poll_timeout).chain(self.world.poll_timeout()).min()
    }

    /// Brings the world up to the present.
    fn pass(&mut self) -> Time {
        let now = self.clock.now();
        for people in &mut self.people {
            people.handle_timeout(now, &mut self.world);
        }
        self.people.retain(|people| people.poll_timeout().is_some());
        self.world.handle_timeout(now);
        now
    }

    fn on_order(&mut self, now: Time, order: Order) {
        match order {
            Order::Request { method, path, query, body, reply } => {
                match self.world.request(now, &method, &path, &query, body.as_ref()) {
                    // Whoever asked may be gone: then nobody wants to know.
                    Answer::Now(answer) => drop(reply.send(answer)),
                    Answer::Later(ticket) => drop(self.waiting.insert(ticket, reply)),
                }
            }
            Order::Open { apps, events, socket } => drop(socket.send(self.open(now, &apps, events))),
            Order::Close(socket) => self.close(now, socket),
            Order::Act(act) => act(&mut self.world, now),
            Order::Cut(span) => {
                self.cut_until = now + span;
                while let Some((socket, _)) = self.sockets.pop_first() {
                    self.world.close_socket(now, socket);
                }
            }
            Order::People(people) => self.people.push(*people),
            Order::Until(wait) => self.waits.push(wait),
            Order::Quiet(quiet) => self.quiet.push(quiet),
        }
    }

    fn open(&mut self, now: Time, apps: &[String], events: mpsc::Sender<String>) -> Option<SocketId> {
        if now < self.cut_until {
            return None;
        }
        let apps: Vec<&str> = apps.iter().map(String::as_str).collect();
        let socket = self.world.open_socket(now, &apps)?;
        self.sockets.insert(socket, events);
        Some(socket)
    }

    fn close(&mut self, now: Time, socket: SocketId) {
        if self.sockets.remove(&socket).is_some() {
            self.world.close_socket(now, socket);
        }
    }

    /// Hands everything over that the world has for others.
    fn drain(&mut self) {
        while let Some((ticket, reply)) = self.world.poll_reply() {
            if let Some(waiting) = self.waiting.remove(&ticket) {
                drop(waiting.send(reply));
            }
        }
        while let Some((socket, text)) = self.world.poll_event() {
            // Full: the client has not read for too long, and loses its socket.
            if self.sockets.get(&socket).is_some_and(|events| events.try_send(text).is_err()) {
                self.close(self.clock.now(), socket);
            }
        }
        while let Some(socket) = self.world.poll_closed() {
            self.sockets.remove(&socket);
        }
        let world = &self.world;
        self.waits = std::mem::take(&mut self.waits).into_iter().filter_map(|wait| wait.look(world)).collect();
        let quiet = self.people.is_empty() && world.channels().next().is_none() && world.callers_in_calls() == 0;
        if quiet {
            // Whoever asked may be gone.
            for quiet in self.quiet.drain(..) {
                let _gone = quiet.send(());
            }
        }
    }
}

impl Wait {
    /// Shows what is new; comes back when none of it is wanted and somebody still waits.
    fn look(mut self, world: &World) -> Option<Self> {
        let (news, next) = world.seen_from(self.next);
        self.next = next;
        match news.into_iter().find(|seen| (self.wanted)(seen)) {
            Some(seen) => {
                drop(self.seen.send(seen));
                None
            }
            None => (!self.seen.is_closed()).then_some(self),
        }
    }
}
