//! Who connects gets a session, or is told why not; and a session's commands find it.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, error, info, warn};

use super::{
    Beside, Options,
    contain::contained,
    link::Link,
    session::{Session, Shared, is_last, mistaken, say_result},
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

/// How long a session waits for the end of an earlier one of its channel.
const EARLIER: Duration = Duration::from_secs(1);

/// How long a session that was told how it ends has for that, when we stop.
const LAST_WORDS: Duration = Duration::from_secs(2);

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

/// Where a session takes its commands.
struct Inbox {
    commands: mpsc::Sender<Command>,
    /// Whether it was sent its last one.
    ends: Arc<AtomicBool>,
    /// Cancelled when it is over, and the engine has dealt with that.
    over: CancellationToken,
}

impl Inbox {
    fn put(&self, command: Command) -> Result<(), mpsc::error::TrySendError<Command>> {
        let is_last = is_last(&command);
        self.commands.try_send(command)?;
        if is_last {
            self.ends.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Sessions, and who is told of them.
struct Guests {
    options: Options,
    shared: Arc<Shared>,
    watch: Arc<dyn Watch>,
    /// By the channel's id. Who is over stays until the engine has nothing more for him: what it has then is for the next one.
    inboxes: Mutex<HashMap<Arc<str>, Inbox>>,
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
    /// Opens it, within a tokio runtime, until `stop` is cancelled: then sessions end, those that were told how as they were told,
    /// and callers go on in Asterisk's dialplan. The engine is told at once that the node is up. `beside`: the same Asterisk over ARI.
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
        let sent = {
            let inboxes = self.guests.inboxes();
            match command.channel().and_then(|channel| inboxes.get(&channel.id)) {
                Some(inbox) => inbox.put(command),
                None => Err(mpsc::error::TrySendError::Closed(command)),
            }
        };
        let (command, failure) = match sent {
            Ok(()) => return,
            Err(mpsc::error::TrySendError::Full(command)) => (command, Failure::NotSent),
            Err(mpsc::error::TrySendError::Closed(command)) => (command, Failure::Refused(404)),
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
        let (guest, stop, ends) = (Arc::clone(&entered), self.stop.clone(), Arc::<AtomicBool>::default());
        let told = Arc::clone(&ends);
        let session = contained(Box::pin(async move { guests.hold(link, entrance, &guest, ends).await }));
        let outcome = match tokio::spawn(until_stopped(session, stop, told)).await {
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

    /// His commands find him nowhere, and the next session of his channel begins behind his end.
    async fn leave(&self, guest: Guest, outcome: Outcome) {
        let id = Arc::clone(&guest.channel.id);
        if guest.has_left(outcome) {
            self.shared.tell_and_wait(Event::Left { channel: guest.channel }).await;
        }
        let inbox = self.inboxes().remove(&id);
        if let Some(inbox) = inbox {
            inbox.over.cancel();
        }
    }

    /// Where a session of this channel takes its commands from now on; `None`: there is another one. One that is over has the engine's
    /// commands until this knows it: they are not for who comes next.
    async fn enter(&self, channel: &ChannelId, ends: Arc<AtomicBool>) -> Option<mpsc::Receiver<Command>> {
        let (commands, taken) = mpsc::channel(COMMANDS);
        let inbox = Inbox { commands, ends, over: CancellationToken::new() };
        let entering = async {
            loop {
                let earlier = match self.inboxes().entry(Arc::clone(&channel.id)) {
                    Entry::Occupied(earlier) => earlier.get().over.clone(),
                    Entry::Vacant(place) => {
                        place.insert(inbox);
                        return;
                    }
                };
                earlier.cancelled().await;
            }
        };
        timeout(EARLIER, entering).await.is_ok().then_some(taken)
    }

    async fn hold(
        &self,
        mut link: Link,
        entrance: OwnedSemaphorePermit,
        entered: &Mutex<Option<Guest>>,
        ends: Arc<AtomicBool>,
    ) -> Outcome {
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
        let Some(commands) = self.enter(&channel, ends).await else {
            return mistaken(link, "this channel has a session already").await;
        };
        let guest = Guest { channel: channel.clone(), is_held };
        *entered.lock().unwrap_or_else(PoisonError::into_inner) = Some(guest);
        Session::new(link, channel, Arc::clone(&self.shared), commands).run(wanted, &environment).await
    }

    fn inboxes(&self) -> MutexGuard<'_, HashMap<Arc<str>, Inbox>> {
        // Nothing is half done in it.
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session, until we stop; `None`: it was cut off. One that was told how it ends does so: an engine that has drained has nobody
/// left because it told them.
async fn until_stopped(
    session: impl Future<Output = Outcome>,
    stop: CancellationToken,
    ends: Arc<AtomicBool>,
) -> Option<Outcome> {
    let cut_off = async {
        stop.cancelled().await;
        if ends.load(Ordering::Relaxed) {
            sleep(LAST_WORDS).await;
        }
    };
    tokio::select! {
        biased;
        outcome = session => Some(outcome),
        () = cut_off => None,
    }
}
