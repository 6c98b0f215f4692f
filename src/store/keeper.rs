//! Who fetches messages from Asterisk.
//!
//! A message is fetched again and again until it is here, at longer and longer intervals. What a node has recorded and nobody
//! waits for, an earlier life of the engine left: it is taken in whenever the node is connected. While a message has its note,
//! nobody was told what became of it; a recording without one whose message is here is only to be deleted.
//!
//! What became of a message waits for room in the engine's queue, for nothing else would tell it; chores of the engine wait for
//! nothing.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::mpsc,
    task::spawn_blocking,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, info, warn};

use super::{Watch, growth::Growth, shelf::Shelf};
use crate::{
    ari::{Heard, Recordings},
    clock::Clock,
    domain::{CallId, MessageId, Name, NodeId, RecordingId},
    engine::{
        Event, Failure,
        message::{About, Chore, Fate, Lost},
    },
};

/// Chores that may wait.
const CHORES: usize = 4_096;
/// Between the first two tries; then twice as long each time.
const SOON: Duration = Duration::from_millis(200);
/// No longer than this.
const SELDOM: Duration = Duration::from_secs(60);
/// What Asterisk does not have after so many tries, it will not have.
const MISSING: u32 = 3;
/// After so many tries, in about six minutes, a recording that Asterisk does not delete is left until it is connected again.
const DELETIONS: u32 = 14;
/// How often old messages are swept away.
const SWEEP: Duration = Duration::from_secs(3_600);
/// The box of a message of which nobody knows whose it is.
const UNKNOWN: &str = "unknown";

/// Fetches and keeps messages until it is told to stop.
pub struct Keeper {
    orders: mpsc::Sender<Order>,
    desk: Arc<Desk>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

enum Order {
    Chore(Chore),
    TakeStock(NodeId),
}

/// What all of a keeper's tasks have in common.
struct Desk {
    shelf: Arc<Shelf>,
    /// By [`NodeId`].
    nodes: Vec<(Name, Recordings)>,
    clock: Arc<Clock>,
    /// The engine's queue.
    events: mpsc::Sender<Heard>,
    watch: Arc<dyn Watch>,
    /// Recordings that somebody waits for, or fetches.
    ours: Mutex<BTreeSet<RecordingId>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Keeper {
    /// Starts, within a tokio runtime.
    pub fn start(
        shelf: Arc<Shelf>,
        nodes: Vec<(Name, Recordings)>,
        clock: Arc<Clock>,
        events: mpsc::Sender<Heard>,
        watch: Arc<dyn Watch>,
        stop: CancellationToken,
    ) -> Self {
        let (orders, inbox) = mpsc::channel(CHORES);
        let (ours, tasks) = Default::default();
        let desk = Arc::new(Desk { shelf, nodes, clock, events, watch, ours, stop, tasks });
        desk.tasks.spawn(Arc::clone(&desk).run(inbox));
        Self { orders, desk }
    }

    /// Does a chore, without waiting. What comes of it is told as [`Event::Message`].
    pub fn run(&self, chore: Chore) {
        self.order(Order::Chore(chore));
    }

    /// A node is connected: what an earlier life left there is taken in.
    pub fn take_stock(&self, node: NodeId) {
        self.order(Order::TakeStock(node));
    }

    fn order(&self, order: Order) {
        if let Err(left) = self.orders.try_send(order) {
            // It is in Asterisk, and is found there when the node is connected the next time.
            if let Order::Chore(chore) = left.into_inner() {
                self.desk.release(chore.about().id.recording());
            }
            warn!("messages come faster than they can be kept: one is left in Asterisk until later");
        }
    }

    /// Waits until all has ended, after `stop` was cancelled. What is not fetched by then, the next life fetches.
    pub async fn ended(&self) {
        self.desk.tasks.close();
        self.desk.tasks.wait().await;
    }
}

impl Desk {
    async fn run(self: Arc<Self>, mut inbox: mpsc::Receiver<Order>) {
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                _ = sweep.tick() => {
                    let now = self.clock.now();
                    self.on_shelf(move |shelf| shelf.sweep(now)).await;
                    self.tell_size();
                }
                order = inbox.recv() => match order {
                    Some(Order::Chore(chore)) => self.on_chore(chore).await,
                    Some(Order::TakeStock(node)) => drop(self.tasks.spawn(Arc::clone(&self).take_stock(node))),
                    None => return,
                },
            }
        }
    }

    async fn on_chore(self: &Arc<Self>, chore: Chore) {
        match chore {
            Chore::Expect(about) => {
                self.claim(about.id.recording());
                let node = self.node(about.node).map(|(name, _)| name.to_string()).unwrap_or_default();
                let noted = Arc::clone(&about);
                let noted = self.on_shelf(move |shelf| shelf.note(&noted, &node)).await;
                if let Some(Err(why)) = noted {
                    self.release(about.id.recording());
                    let desk = Arc::clone(self);
                    self.tasks.spawn(async move { desk.tell(&about, Fate::Lost(why)).await });
                }
            }
            Chore::Keep(about) => {
                self.claim(about.id.recording());
                self.tasks.spawn(Arc::clone(self).keep(about));
            }
            Chore::KeepWhenOver(about) => {
                self.claim(about.id.recording());
                self.tasks.spawn(Arc::clone(self).keep_when_over(about));
            }
            // Its note stays: should the recording be found by us after all, it is known whose it is.
            Chore::Release(about) => self.release(about.id.recording()),
            Chore::Drop(about) => self.forget(about.id).await,
        }
    }

    /// Fetches a message until it is here, or is known to be nowhere.
    async fn keep(self: Arc<Self>, about: Arc<About>) {
        let (mut pause, mut missed, mut told) = (SOON, 0, None);
        loop {
            // Until there is room, there is nothing to fetch it for.
            let full = told == Some(Fate::Lost(Lost::Full)) && !self.shelf.has_room(&about.mailbox);
            let fate = if full { Ok(Fate::Lost(Lost::Full)) } else { self.fetch(&about).await };
            match fate {
                Ok(fate) => {
                    // That there is no room, or no disk, is told once; it stays in Asterisk until there is.
                    if told != Some(fate) && !self.tell(&about, fate).await {
                        return;
                    }
                    told = Some(fate);
                    if !matches!(fate, Fate::Lost(Lost::Full | Lost::NotWritten)) {
                        return self.is_settled(&about).await;
                    }
                    pause = SELDOM;
                }
                Err(Failure::Refused(404)) if missed + 1 >= MISSING => {
                    if self.tell(&about, Fate::Lost(Lost::Missing)).await {
                        self.forget(about.id).await;
                    }
                    return;
                }
                Err(failure) => {
                    missed += u32::from(failure == Failure::Refused(404));
                    self.watch.not_fetched(about.node);
                    debug!(id = %about.id, ?failure, ?pause, "a message cannot be fetched yet");
                }
            }
            if self.stop.run_until_cancelled(sleep(pause)).await.is_none() {
                return;
            }
            pause = (pause * 2).min(SELDOM);
        }
    }

    async fn fetch(&self, about: &Arc<About>) -> Result<Fate, Failure> {
        // An earlier life kept it, and could tell nobody.
        if let Some(message) = self.shelf.find(about.id) {
            return Ok(Fate::Kept(Duration::try_from_secs_f64(message.seconds).unwrap_or_default()));
        }
        let (_, recordings) = self.node(about.node).ok_or(Failure::NotSent)?;
        let fetched = self.stop.run_until_cancelled(recordings.sound(about.id.recording())).await;
        let recorded = fetched.unwrap_or(Err(Failure::NotSent))?;
        let about = Arc::clone(about);
        self.on_shelf(move |shelf| shelf.keep(&about, recorded)).await.ok_or(Failure::NotSent)
    }

    /// Tells the engine what became of a message, as soon as it has room for that; false when everything ended before.
    async fn tell(&self, about: &Arc<About>, fate: Fate) -> bool {
        let event = Event::Message { about: Arc::clone(about), fate };
        let heard = Heard::new(event, self.clock.now());
        let told = self.stop.run_until_cancelled(self.events.send(heard)).await;
        told.is_some_and(|told| told.is_ok())
    }

    /// It is here, or nothing is in it, and that is told.
    async fn is_settled(&self, about: &About) {
        self.tell_size();
        let id = about.id;
        self.on_shelf(move |shelf| shelf.forget(id)).await;
        self.delete(about.node, id.recording()).await;
    }

    /// Asterisk need not have a recording any more. What it does not delete is found there when it is connected the next time.
    async fn delete(&self, node: NodeId, recording: RecordingId) {
        let Some((name, recordings)) = self.node(node) else { return };
        let mut pause = SOON;
        for tried in 1..=DELETIONS {
            let Err(failure) = recordings.delete(recording).await else { break };
            self.watch.not_deleted(node);
            if tried == DELETIONS {
                warn!(node = %name, %recording, ?failure, "a recording is left behind in Asterisk");
                break;
            }
            debug!(node = %name, %recording, ?failure, ?pause, "a recording cannot be deleted yet");
            if self.stop.run_until_cancelled(sleep(pause)).await.is_none() {
                return;
            }
            pause = (pause * 2).min(SELDOM);
        }
        self.release(recording);
    }

    async fn forget(&self, id: MessageId) {
        self.on_shelf(move |shelf| shelf.forget(id)).await;
        self.release(id.recording());
    }

    /// Takes in what an earlier life left at a node, and forgets what it expected there in vain.
    async fn take_stock(self: Arc<Self>, node: NodeId) {
        let Some((name, recordings)) = self.node(node) else { return };
        let stored = match recordings.stored().await {
            Ok(stored) => stored,
            Err(failure) => {
                return debug!(node = %name, ?failure, "Asterisk does not tell what it has recorded; is there a folder for it?");
            }
        };
        let of_node = name.to_string();
        let notes = self.on_shelf(move |shelf| shelf.notes(&of_node)).await.unwrap_or_default();
        for recording in stored.iter().copied().filter(|recording| self.claim(*recording)) {
            let note = notes.iter().find(|note| note.message.id.recording() == recording);
            if note.is_none() && self.shelf.has(recording) {
                let desk = Arc::clone(&self);
                self.tasks.spawn(async move { desk.delete(node, recording).await });
                continue;
            }
            let about = Arc::new(note.map_or_else(|| self.unknown(node, recording), |note| note.about(node)));
            info!(node = %name, id = %about.id, mailbox = %about.mailbox, "a message of an earlier life is found");
            self.tasks.spawn(Arc::clone(&self).keep_when_over(about));
        }
        for note in notes.iter().filter(|note| !stored.contains(&note.message.id.recording())) {
            if self.claim(note.message.id.recording()) {
                self.forget(note.message.id).await;
            }
        }
    }

    /// The caller may still speak.
    async fn keep_when_over(self: Arc<Self>, about: Arc<About>) {
        let Some((_, recordings)) = self.node(about.node) else { return };
        let mut growth = Growth::default();
        while !self.is_over(recordings, &about, &mut growth).await {
            if self.stop.run_until_cancelled(sleep(growth.pause())).await.is_none() {
                return;
            }
        }
        self.keep(about).await;
    }

    /// Whether nothing more is recorded. What a session of FastAGI records, ARI does not know to go on.
    async fn is_over(&self, recordings: &Recordings, about: &About, growth: &mut Growth) -> bool {
        let recording = about.id.recording();
        if recordings.goes_on(recording).await != Ok(false) {
            return false;
        }
        // An earlier life kept it.
        if self.shelf.find(about.id).is_some() {
            return true;
        }
        match self.stop.run_until_cancelled(recordings.sound(recording)).await {
            Some(Ok(recorded)) => growth.is_over(&recorded, self.clock.now()),
            // There is none, which is told by who would keep it.
            Some(Err(Failure::Refused(404))) => true,
            Some(Err(_)) | None => false,
        }
    }

    /// Nobody wrote down whose it is.
    fn unknown(&self, node: NodeId, recording: RecordingId) -> About {
        About {
            id: MessageId::new(self.clock.now(), recording),
            node,
            mailbox: UNKNOWN.into(),
            number: String::new(),
            caller: None,
            caller_name: None,
            call: CallId { boot: recording.boot, number: 0 },
            notify: None,
        }
    }

    /// From now on it is ours; false when it was before.
    fn claim(&self, recording: RecordingId) -> bool {
        self.ours.lock().unwrap_or_else(PoisonError::into_inner).insert(recording)
    }

    fn release(&self, recording: RecordingId) {
        self.ours.lock().unwrap_or_else(PoisonError::into_inner).remove(&recording);
    }

    fn node(&self, node: NodeId) -> Option<&(Name, Recordings)> {
        self.nodes.get(usize::from(node.0))
    }

    fn tell_size(&self) {
        let (messages, bytes) = self.shelf.size();
        self.watch.kept(messages, bytes);
    }

    /// Does something with files, where it holds nobody up; `None` when the runtime ends.
    async fn on_shelf<T: Send + 'static>(&self, work: impl FnOnce(&Shelf) -> T + Send + 'static) -> Option<T> {
        let shelf = Arc::clone(&self.shelf);
        spawn_blocking(move || work(&shelf)).await.ok()
    }
}
