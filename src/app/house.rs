//! An exchange at work: the engine's task, its nodes, and those who ask.
//!
//! **One thread carries the calls**: the engine's task, the websockets, the lanes. What they do for a call is a chain, one
//! after the other, and each link takes microseconds; with more threads than one, most of the time would go into waking them.
//! A second thread answers requests, so that a scrape never stands in the way of a call; errands have a third, and the log a fourth.

use std::{
    future::Future,
    hash::{BuildHasher, RandomState},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::Context;
use axum::Router;
use tokio::{
    runtime::{Builder, Handle},
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use tracing::{error, warn};

use super::{
    ahead::Bearer,
    kept,
    watch::{Connected, Eyes, Tally},
};
use crate::{
    agi::{self, Beside, Door},
    api::{self, Api, Listener},
    ari::{self, Address, Heard, Recordings},
    clock::Clock,
    dialplan::Plan,
    domain::{Name, NodeId, Time},
    engine::{Engine, Errand, Limits, Notice, Setup},
    hooks::{self, Hooks},
    metrics::Metrics,
    prompts::Shelf,
    queue_log::{self, QueueLog},
    runtime::{self, Desk, Outlets, Runtime, Stopped, Watchers, ready::Readiness, reload::Told, standing::Standing},
    settings,
    store::{self, Database, Keeper, RecordKeeper, Store},
};

#[cfg(test)]
mod tests;

/// How long nodes have to send what they were given, when we stop.
const GRACE: Duration = Duration::from_secs(6);

/// What an exchange is opened with.
pub(super) struct Opening {
    pub(super) plan: Arc<Plan>,
    /// Where the plan was read from, if it was.
    pub(super) plan_file: Option<PathBuf>,
    pub(super) limits: Limits,
    pub(super) listen: SocketAddr,
    pub(super) tokens: Vec<settings::Token>,
    /// Where others reach the API.
    pub(super) public_url: Option<Arc<str>>,
    /// What Asterisk may fetch.
    pub(super) prompts: Shelf,
    /// Whether it fetches them before anybody hears them.
    pub(super) prompts_ahead: bool,
    /// Other servers that the plan may speak with.
    pub(super) hooks: hooks::Options,
    pub(super) nodes: Vec<settings::Node>,
    /// The folder for what outlives the process; without one, nothing does.
    pub(super) state: Option<PathBuf>,
    /// The file of what the next life has to know; without one, it knows nothing.
    pub(super) database: Option<PathBuf>,
    /// How long records of calls are kept there.
    pub(super) records_keep: Duration,
    /// The log of queues for those who read Asterisk's.
    pub(super) queue_log: Option<queue_log::Options>,
    /// How messages of callers are kept.
    pub(super) voicemail: store::Options,
    /// Where calls come in over FastAGI.
    pub(super) agi: Option<settings::Agi>,
    pub(super) narrator: Option<mpsc::Sender<Notice>>,
}

/// An exchange at work.
pub(super) struct House {
    pub(super) desk: Desk,
    /// Who is told when the plan is read anew.
    pub(super) told: Told,
    /// Where the API is.
    pub(super) address: SocketAddr,
    /// Ends everything but the nodes.
    pub(super) stop: CancellationToken,
    engine: JoinHandle<Stopped>,
    nodes: Vec<Arc<ari::Node>>,
    door: Option<Arc<Door>>,
    keeper: Arc<Keeper>,
    records: Option<RecordKeeper>,
    /// Who writes the log of queues.
    pub(super) queue_log: Option<Arc<queue_log::Writer>>,
    database: Option<Arc<Database>>,
    hooks: Arc<Hooks>,
    /// Ends the thread on which they are.
    _hooks_thread: DropGuard,
    /// Ends the drivers.
    stop_drivers: CancellationToken,
    tasks: TaskTracker,
}

impl House {
    /// Opens an exchange, within a tokio runtime. Calls come when a node is connected, in its own time.
    pub(super) fn open(opening: Opening) -> anyhow::Result<Self> {
        let listener = listen(opening.listen)?;
        let address = listener.address();
        let names: Vec<Name> = opening.nodes.iter().map(|node| node.name.clone()).collect();
        let clock = Arc::new(Clock::new());
        let (metrics, readiness) = watched(&names, opening.agi.is_some())?;
        metrics.expect(&opening.plan);
        metrics.plan_in_force(clock.now());
        let standing = Arc::new(Standing::new(opening.plan_file.as_deref(), clock.now()));
        let told = Told { metrics: Arc::clone(&metrics), standing: Arc::clone(&standing), clock: Arc::clone(&clock) };

        let database = kept::open(opening.database.as_deref(), opening.records_keep, &opening.plan, &clock, &metrics)?;
        let messages = Arc::new(store::Shelf::open(opening.voicemail));
        let (events, heard) = mpsc::channel(ari::EVENT_QUEUE);
        let rung: Vec<Arc<Notify>> = names.iter().map(|_| Arc::default()).collect();
        let (connect, connected) = watch_nodes(rung.clone());
        let (stop, stop_drivers) = (CancellationToken::new(), CancellationToken::new());
        let mut nodes = Vec::new();
        for (place, node) in opening.nodes.into_iter().enumerate() {
            let eyes = Arc::new(Eyes::new(Arc::clone(&metrics), Arc::clone(&readiness), Arc::clone(&connect)));
            let settings = ari::NodeSettings { devices: opening.plan.devices().clone(), ..node_settings(place, node)? };
            let node = ari::Node::start(settings, Arc::clone(&clock), events.clone(), eyes, stop_drivers.clone())?;
            nodes.push(Arc::new(node));
        }
        let mut places: Vec<(Name, Recordings)> =
            names.into_iter().zip(nodes.iter().map(|node| node.recordings().clone())).collect();
        let door = second_door(opening.agi, &nodes, &mut places, &clock, &events, &metrics, &stop_drivers)?;
        let keeper = start_keeper(&messages, places, &clock, events.clone(), &metrics, stop_drivers.clone());
        let (on, hooks_thread) = thread_for_hooks()?;
        let hooks = start_hooks(opening.hooks, &clock, events, &metrics, (stop_drivers.clone(), on))?;
        let store = database.clone().map(|database| -> Arc<dyn Store> { database });
        let outlets = Outlets {
            nodes: nodes.iter().map(sender).chain(door.iter().map(door_sender)).collect(),
            errands: runner(&hooks, &keeper, store.clone(), &nodes),
        };
        let (lines, writer) = write_queue_log(opening.queue_log, &opening.plan, clock.now(), &metrics);
        let plan = Arc::clone(&opening.plan);
        let engine = Engine::new(setup(clock.now(), opening.limits, opening.public_url), opening.plan);
        let engine = kept::remember(engine, store.as_deref())?;
        let (keep, records) =
            keep_records(opening.state.as_deref(), opening.records_keep, store.clone(), &clock, &metrics);
        let watchers = Watchers::new(Arc::clone(&metrics), Arc::clone(&readiness), keep, opening.narrator);
        let watchers = kept::count_days(watchers, store.as_ref(), &plan, clock.now())?;
        let (runtime, desk) = Runtime::new(engine, clock, outlets, watchers.with_queue_log(lines));
        let engine = tokio::spawn(runtime.run(heard, stop.clone()));

        let tasks = TaskTracker::new();
        if opening.prompts_ahead {
            let sounds = nodes.iter().map(|node| node.sounds().clone()).zip(rung);
            bring_ahead(sounds, &opening.prompts, &told, &readiness, &stop, &tasks);
        }
        let tokens = opening.tokens.into();
        let (prompts, asks) = (opening.prompts, desk.clone());
        let api = Api { desk: asks, metrics, readiness, standing, prompts, messages, store, tokens };
        tasks.spawn(stop.clone().run_until_cancelled_owned(take_stock(connected, Arc::clone(&keeper))));
        tasks.spawn(answer(listener, api::router(api), stop.clone())?);
        Ok(Self {
            desk,
            told,
            address,
            stop,
            engine,
            nodes,
            door,
            keeper,
            records,
            queue_log: writer,
            database,
            hooks,
            _hooks_thread: hooks_thread,
            stop_drivers,
            tasks,
        })
    }

    /// Runs something that ends when the exchange is closed.
    pub(super) fn keep(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Waits for the engine's task; may be asked again and again until it has ended.
    pub(super) async fn engine_ended(&mut self) -> anyhow::Result<Stopped> {
        // Calls go on in Asterisk, and who starts us again finds them.
        (&mut self.engine).await.context("a bug ended the engine; Asterisk takes those who wait to the fallback")
    }

    /// Ends everything: first the engine, then the drivers, which send what they were given, then those who ask.
    pub(super) async fn close(mut self) {
        self.stop.cancel();
        let ended = async {
            // What it has asked for last is with the drivers before these end.
            if !self.engine.is_finished() {
                drop((&mut self.engine).await);
            }
            self.stop_drivers.cancel();
            for node in &self.nodes {
                node.ended().await;
            }
            if let Some(door) = &self.door {
                door.ended().await;
            }
            self.keeper.ended().await;
            if let Some(records) = &self.records {
                records.ended().await;
            }
            if let Some(log) = &self.queue_log {
                log.ended().await;
            }
            if let Some(database) = &self.database {
                database.ended().await;
            }
            self.hooks.ended().await;
            self.tasks.close();
            self.tasks.wait().await;
        };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            warn!("something did not end in time");
            self.stop_drivers.cancel();
        }
    }
}

fn listen(at: SocketAddr) -> anyhow::Result<Listener> {
    let taken = || format!("cannot listen at {at}; set `listen` (SENTRAL_LISTEN) to a free address of this machine");
    Listener::bind(at).with_context(taken)
}

/// Answers requests on a thread of its own; what comes back waits for its end.
fn answer(
    listener: Listener,
    router: Router,
    stop: CancellationToken,
) -> io::Result<impl Future<Output = ()> + Send + use<>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (end, ended) = oneshot::channel::<()>();
    thread::Builder::new().name("sentral-api".into()).spawn(move || {
        if let Err(error) = runtime.block_on(api::serve(listener, router, stop)) {
            error!(%error, "the API cannot be served");
        }
        // Dropped behind all that it ran, also by a panic.
        drop(end);
    })?;
    Ok(async move {
        let _dropped = ended.await;
    })
}

fn node_settings(place: usize, node: settings::Node) -> anyhow::Result<ari::NodeSettings> {
    let id = NodeId(u8::try_from(place).context("more nodes than a number can name")?);
    let address = Address::parse(&node.url).with_context(|| format!("nodes.{}.url", node.name))?;
    let settings = ari::NodeSettings::new(id, address, &node.user, node.password);
    Ok(ari::NodeSettings { name: node.name.to_string(), app: node.app, lanes: node.lanes, ..settings })
}

/// A thread of their own for errands; it ends with what comes back.
fn thread_for_hooks() -> io::Result<(Handle, DropGuard)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (on, end) = (runtime.handle().clone(), CancellationToken::new());
    let ended = end.clone();
    thread::Builder::new().name("sentral-hooks".into()).spawn(move || runtime.block_on(ended.cancelled()))?;
    Ok((on, end.drop_guard()))
}

fn start_hooks(
    options: hooks::Options,
    clock: &Arc<Clock>,
    events: mpsc::Sender<Heard>,
    metrics: &Arc<Metrics>,
    (stop, on): (CancellationToken, Handle),
) -> anyhow::Result<Arc<Hooks>> {
    let now = Arc::clone(clock);
    // Where there is no room the answer is lost, and the call goes on as if none had come in time.
    let tell = move |event| drop(events.try_send(Heard::new(event, now.now())));
    metrics.notifications_come_to(hooks::Outcome::ALL.map(hooks::Outcome::word));
    let watch = Arc::new(Tally(Arc::clone(metrics)));
    Ok(Arc::new(Hooks::start(options, Arc::clone(clock), watch, Box::new(tell), stop, on)?))
}

fn runner(
    hooks: &Arc<Hooks>,
    keeper: &Arc<Keeper>,
    store: Option<Arc<dyn Store>>,
    nodes: &[Arc<ari::Node>],
) -> runtime::Run {
    let devices: Vec<ari::Devices> = nodes.iter().map(|node| node.devices().clone()).collect();
    let (hooks, keeper) = (Arc::clone(hooks), Arc::clone(keeper));
    Box::new(move |errand| match errand {
        Errand::Message(chore) => keeper.run(chore),
        Errand::KeepHours(by_hand) => {
            if let Some(store) = &store {
                store.keep_hours(by_hand);
            }
        }
        Errand::KeepDone(operator, done) => {
            if let Some(store) = &store {
                store.keep_done(operator, done);
            }
        }
        Errand::KeepCallback(id, kept) => {
            if let Some(store) = &store {
                store::keep_callback(&**store, id, kept.as_deref());
            }
        }
        Errand::KeepDuty { operator, kept } => {
            if let Some(store) = &store {
                store::keep_duty(&**store, &operator, &kept);
            }
        }
        Errand::Remember(memo) => {
            if let Some(store) = &store {
                store.keep_memo(memo);
            }
        }
        Errand::WatchDevices(wanted) => {
            for node in &devices {
                let (node, wanted) = (node.clone(), wanted.clone());
                tokio::spawn(async move { node.follow(wanted).await });
            }
        }
        Errand::LookUp { .. } | Errand::Notify(_) => hooks.run(errand),
    })
}

fn sender(node: &Arc<ari::Node>) -> runtime::Send {
    let node = Arc::clone(node);
    Box::new(move |command| node.send(command))
}

/// Those who watch the nodes, FastAGI as the last.
fn watched(nodes: &[Name], has_door: bool) -> anyhow::Result<(Arc<Metrics>, Arc<Readiness>)> {
    let (mut names, mut readiness) = (nodes.to_vec(), Readiness::new(nodes.to_vec()));
    if has_door {
        names.push(Name::new(settings::DOOR));
        readiness = readiness.with_door(Name::new(settings::DOOR));
    }
    Ok((Arc::new(Metrics::new(names)?), Arc::new(readiness)))
}

/// FastAGI is one more node. What is recorded there is fetched from the same Asterisk over ARI.
fn second_door(
    agi: Option<settings::Agi>,
    nodes: &[Arc<ari::Node>],
    places: &mut Vec<(Name, Recordings)>,
    clock: &Arc<Clock>,
    events: &mpsc::Sender<Heard>,
    metrics: &Arc<Metrics>,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Arc<Door>>> {
    let Some(settings::Agi { options, node }) = agi else { return Ok(None) };
    let at = NodeId(u8::try_from(places.len()).context("more nodes than a number can name")?);
    let same = node.and_then(|node| places.get(node).cloned());
    places.extend(same);
    let beside = node.and_then(|node| nodes.get(node));
    let beside =
        beside.map(|node| Beside { recordings: node.recordings().clone(), elsewhere: node.elsewhere().clone() });
    let listen = options.listen;
    let taken = || format!("cannot listen at {listen}; set `agi.listen` (SENTRAL_AGI__LISTEN) to a free address");
    metrics.agi_opens(agi::Outcome::ALL.map(agi::Outcome::word));
    let watch = Arc::new(Tally(Arc::clone(metrics)));
    let door = Door::open(options, at, beside, Arc::clone(clock), events.clone(), watch, stop.clone());
    Ok(Some(Arc::new(door.with_context(taken)?)))
}

fn door_sender(door: &Arc<Door>) -> runtime::Send {
    let door = Arc::clone(door);
    Box::new(move |command| door.send(command))
}

fn start_keeper(
    messages: &Arc<store::Shelf>,
    nodes: Vec<(Name, Recordings)>,
    clock: &Arc<Clock>,
    events: mpsc::Sender<Heard>,
    metrics: &Arc<Metrics>,
    stop: CancellationToken,
) -> Arc<Keeper> {
    let watch = Arc::new(Tally(Arc::clone(metrics)));
    Arc::new(Keeper::start(Arc::clone(messages), nodes, Arc::clone(clock), events, watch, stop))
}

/// Records are kept where there is a folder for what outlives the process, and in the database where there is one.
fn keep_records(
    state: Option<&Path>,
    keep: Duration,
    store: Option<Arc<dyn Store>>,
    clock: &Clock,
    metrics: &Arc<Metrics>,
) -> (runtime::Keep, Option<RecordKeeper>) {
    let in_store = move |record| {
        if let Some(store) = &store {
            store.keep_record(record);
        }
    };
    let Some(state) = state else { return (Box::new(move |record| in_store(Arc::new(record))), None) };
    // Their series begin at zero.
    store::RecordFate::ALL.iter().for_each(|fate| metrics.records(fate.word(), 0));
    let (sink, keeper) = RecordKeeper::start(state.join("records"), keep, clock, Arc::new(Tally(Arc::clone(metrics))));
    let keep = move |record| {
        let record = Arc::new(record);
        sink.keep(Arc::clone(&record));
        in_store(record);
    };
    (Box::new(keep), Some(keeper))
}

/// The log of queues, where there is to be one, and who writes it.
fn write_queue_log(
    options: Option<queue_log::Options>,
    plan: &Plan,
    now: Time,
    metrics: &Arc<Metrics>,
) -> (Option<QueueLog>, Option<Arc<queue_log::Writer>>) {
    let Some(queue_log::Options { file, style }) = options else { return (None, None) };
    // Their series begin at zero.
    queue_log::LineFate::ALL.iter().for_each(|fate| metrics.queue_log(fate.word(), 0));
    let (sink, writer) = queue_log::Writer::start(file, Arc::new(Tally(Arc::clone(metrics))));
    (Some(QueueLog::begin(style, plan, sink, now)), Some(Arc::new(writer)))
}

/// Each node is brought the plan's prompts when it is connected, which rings, and when there is another plan.
fn bring_ahead(
    nodes: impl Iterator<Item = (ari::Sounds, Arc<Notify>)>,
    prompts: &Shelf,
    told: &Told,
    readiness: &Arc<Readiness>,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    for (sounds, connected) in nodes {
        let (metrics, readiness) = (Arc::clone(&told.metrics), Arc::clone(readiness));
        let bearer = Bearer { sounds, shelf: prompts.clone(), metrics, readiness };
        let bring = bearer.run(connected, told.standing.plans());
        tasks.spawn(stop.clone().run_until_cancelled_owned(bring));
    }
}

/// Nodes are connected before there is somebody to take stock of them. `rung`: what is rung for each besides.
fn watch_nodes(rung: Vec<Arc<Notify>>) -> (Connected, mpsc::UnboundedReceiver<NodeId>) {
    let (connect, connected) = mpsc::unbounded_channel();
    let connect = move |node: NodeId| {
        if let Some(rung) = rung.get(usize::from(node.0)) {
            rung.notify_one();
        }
        // Nobody is there any more when everything ends.
        let _ended = connect.send(node);
    };
    (Arc::new(connect), connected)
}

async fn take_stock(mut connected: mpsc::UnboundedReceiver<NodeId>, keeper: Arc<Keeper>) {
    while let Some(node) = connected.recv().await {
        keeper.take_stock(node);
    }
}

/// What is drawn by lot makes ids that no other life uses, an earlier one or one of the same second: what those left in
/// Asterisk is not to be taken for ours. And what the engine draws itself differs from life to life.
fn setup(now: Time, limits: Limits, public_url: Option<Arc<str>>) -> Setup {
    let boot = (RandomState::new().hash_one(now.as_micros()) >> 32) as u32;
    Setup { boot, born: now, seed: now.as_micros(), limits, public_url }
}
