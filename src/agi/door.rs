//! Who connects gets a session, or is told why not; and a session's commands find it.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, error, info, warn};

use super::{
    Beside, Options,
    contain::contained,
    link::Link,
    session::{Session, Shared, mistaken, say_result},
    wanted::{Wanted, wanted},
    watch::{Outcome, Watch},
};
use crate::{
    ari::Heard,
    clock::Clock,
    domain::{ChannelId, NodeId, Time},
    engine::{Command, Event, Failure, Held, Scope},
};

/// Commands that may wait for one session.
const COMMANDS: usize = 256;

/// Connections that the system takes before we do.
const BACKLOG: u32 = 1024;

/// So many sessions at a time that are answered at once: those that wait take no place of theirs.
const SHORT_AT_A_TIME: usize = 64;

/// So many are told at a time that there is no room; the others are closed without a word.
const TOLD_AT_A_TIME: usize = 64;

/// The same is logged no more often than this.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Where calls come in over FastAGI: to the engine, one more node.
pub struct Door {
    address: SocketAddr,
    guests: Arc<Guests>,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("address", &self.address).finish_non_exhaustive()
    }
}

/// One who came in.
struct Guest {
    channel: ChannelId,
    /// Whether the engine has him in its hands: see [`Wanted::holds`].
    is_held: bool,
}

impl Guest {
    /// Whether the engine is told that he has left. One who was handed over comes in elsewhere; one for whom the dialplan asked
    /// stays there, and perhaps talks: his session says something of him only when he hung up.
    fn has_left(&self, outcome: Outcome) -> bool {
        let stays = matches!(outcome, Outcome::HandedOver | Outcome::Told | Outcome::Mistaken);
        !stays && (self.is_held || outcome == Outcome::HungUp)
    }
}

/// Sessions, and who is told of them.
struct Guests {
    options: Options,
    shared: Arc<Shared>,
    watch: Arc<dyn Watch>,
    /// Where each session takes its commands, by its channel's id.
    inboxes: Mutex<HashMap<Arc<str>, mpsc::Sender<Command>>>,
    /// Places for those of whom nothing is known yet.
    entrance: Arc<Semaphore>,
    /// Places for sessions that wait, for those that are answered at once, and for those who are told that there is none.
    places: Semaphore,
    short: Semaphore,
    told: Semaphore,
    /// When it was logged last of each outcome.
    logged: Mutex<BTreeMap<Outcome, Time>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Door {
    /// Opens it, within a tokio runtime, until `stop` is cancelled: then sessions end, and their callers go on in Asterisk's
    /// dialplan. The engine is told at once that the node is up. `beside`: the same Asterisk over ARI.
    ///
    /// # Errors
    /// When the address is taken.
    pub fn open(
        options: Options,
        node: NodeId,
        beside: Option<Beside>,
        clock: Arc<Clock>,
        events: mpsc::Sender<Heard>,
        watch: Arc<dyn Watch>,
        stop: CancellationToken,
    ) -> io::Result<Self> {
        let listener = listen(options.listen)?;
        let address = listener.local_addr()?;
        let up = Event::NodeUp { node, scope: Scope::CallerAlone, held: Held::default() };
        // There is room for it: nothing has happened yet.
        drop(events.try_send(Heard::new(up, clock.now())));
        let tasks = TaskTracker::new();
        let guests = Arc::new(Guests {
            entrance: Arc::new(Semaphore::new(options.sessions + SHORT_AT_A_TIME)),
            places: Semaphore::new(options.sessions),
            short: Semaphore::new(SHORT_AT_A_TIME),
            told: Semaphore::new(TOLD_AT_A_TIME),
            shared: Arc::new(Shared { node, clock, events, longest_prompt: options.longest_prompt, beside }),
            options,
            watch,
            inboxes: Mutex::default(),
            logged: Mutex::default(),
            stop,
            tasks: tasks.clone(),
        });
        tasks.spawn(Arc::clone(&guests).receive(listener));
        info!(listen = %address, "calls may come over FastAGI");
        Ok(Self { address, guests, tasks })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Hands a command over, without waiting. What cannot be done comes back as [`Event::Failed`].
    pub fn send(&self, command: Command) {
        let inbox = command.channel().and_then(|channel| self.guests.inboxes().get(&channel.id).cloned());
        let (command, failure) = match inbox.map(|inbox| inbox.try_send(command.clone())) {
            Some(Ok(())) => return,
            Some(Err(mpsc::error::TrySendError::Full(command))) => (command, Failure::NotSent),
            Some(Err(mpsc::error::TrySendError::Closed(command))) => (command, Failure::Refused(404)),
            None => (command, Failure::Refused(404)),
        };
        let shared = &self.guests.shared;
        // Where there is no room, the engine asks again when it is overdue.
        drop(shared.events.try_send(Heard::new(Event::Failed { command, failure }, shared.clock.now())));
    }

    /// Waits until all sessions have ended, after `stop` was cancelled.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn listen(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = if at.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    socket.listen(BACKLOG)
}

impl Guests {
    async fn receive(self: Arc<Self>, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, from)) => self.let_in(stream, from.ip()),
                // Most likely there are too many open files, until a session ends.
                Err(error) => {
                    warn!(%error, "a connection cannot be taken");
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn let_in(self: &Arc<Self>, stream: TcpStream, from: IpAddr) {
        if !self.options.allow.iter().any(|network| network.holds(from)) {
            self.turned_away(Outcome::NotAllowed, from);
            return;
        }
        let Ok(entrance) = Arc::clone(&self.entrance).try_acquire_owned() else {
            self.turned_away(Outcome::Refused, from);
            return;
        };
        let guests = Arc::clone(self);
        self.tasks.spawn(async move { guests.attend(stream, from, entrance).await });
    }

    fn turned_away(&self, outcome: Outcome, from: IpAddr) {
        self.watch.turned_away(outcome);
        self.complain(outcome, from);
    }

    /// What somebody should mend is logged, but not each time.
    fn complain(&self, outcome: Outcome, from: IpAddr) {
        let what = match outcome {
            Outcome::NotAllowed | Outcome::Refused => "a session of FastAGI is turned away; see `agi` of the settings",
            Outcome::Mistaken => "a dialplan asks for what there is not; Asterisk's console says what",
            Outcome::Continued
            | Outcome::HandedOver
            | Outcome::Told
            | Outcome::Ended
            | Outcome::HungUp
            | Outcome::Garbled
            | Outcome::Silent
            | Outcome::Lost
            | Outcome::Stopped
            | Outcome::Broken => return,
        };
        let now = self.shared.clock.now();
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.get(&outcome).is_none_or(|last| now.since(*last) >= TOLD_EVERY) {
            logged.insert(outcome, now);
            warn!(%from, why = outcome.word(), "{what}");
        }
    }

    /// There is no room: the dialplan takes the caller, and knows why.
    async fn say_full(&self, mut link: Link) -> Outcome {
        let told = self.told.try_acquire();
        if told.is_ok() && say_result(&mut link, "refused").await.is_ok() {
            link.close().await;
        }
        Outcome::Refused
    }

    fn link(&self, stream: TcpStream) -> Link {
        Link::new(stream, self.options.silence, Arc::clone(&self.shared.clock), Arc::clone(&self.watch))
    }

    /// One connection from its beginning to its end.
    async fn attend(self: &Arc<Self>, stream: TcpStream, from: IpAddr, entrance: OwnedSemaphorePermit) {
        self.watch.began();
        let link = self.link(stream);
        let (entered, guests) = (Arc::new(Mutex::new(None)), Arc::clone(self));
        let (guest, stop) = (Arc::clone(&entered), self.stop.clone());
        let session = Box::pin(async move { guests.hold(link, entrance, &guest).await });
        let session = stop.run_until_cancelled_owned(contained(session));
        let outcome = match tokio::spawn(session).await {
            Ok(Some(outcome)) => outcome,
            Ok(None) => Outcome::Stopped,
            Err(error) => {
                error!(%error, "a bug ended a session of FastAGI; the others go on");
                Outcome::Broken
            }
        };
        let guest = entered.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(guest) = guest {
            self.leave(guest, outcome).await;
        }
        self.complain(outcome, from);
        debug!(outcome = outcome.word(), "a session of FastAGI is over");
        self.watch.over(outcome);
    }

    /// From now on his commands find him nowhere.
    async fn leave(&self, guest: Guest, outcome: Outcome) {
        self.inboxes().remove(&guest.channel.id);
        if guest.has_left(outcome) {
            self.shared.tell(Event::Left { channel: guest.channel }).await;
        }
    }

    async fn hold(&self, mut link: Link, entrance: OwnedSemaphorePermit, entered: &Mutex<Option<Guest>>) -> Outcome {
        let environment = match link.environment().await {
            Ok(environment) => environment,
            Err(over) => return over.into(),
        };
        let wanted = wanted(&environment);
        let is_held = wanted.as_ref().is_ok_and(Wanted::holds);
        let Ok(_place) = if is_held { &self.places } else { &self.short }.try_acquire() else {
            drop(entrance);
            return self.say_full(link).await;
        };
        drop(entrance);
        let wanted = match wanted {
            Ok(wanted) => wanted,
            Err(why) => return mistaken(link, &why).await,
        };
        let channel = ChannelId::new(self.shared.node, &environment.unique_id);
        let (inbox, commands) = mpsc::channel(COMMANDS);
        if self.inboxes().contains_key(&channel.id) {
            return mistaken(link, "this channel has a session already").await;
        }
        self.inboxes().insert(Arc::clone(&channel.id), inbox);
        let guest = Guest { channel: channel.clone(), is_held };
        *entered.lock().unwrap_or_else(PoisonError::into_inner) = Some(guest);
        Session::new(link, channel, Arc::clone(&self.shared), commands).run(wanted, &environment).await
    }

    fn inboxes(&self) -> MutexGuard<'_, HashMap<Arc<str>, mpsc::Sender<Command>>> {
        // Nothing is half done in it.
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
