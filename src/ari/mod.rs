//! The driver for Asterisk over ARI: it translates, and decides nothing.
//!
//! Events come over one websocket, commands go out as HTTP requests over a few kept-alive connections (`lanes`, in the order that
//! `order` keeps). What Asterisk says and what it is asked for is translated by pure functions (`translate`, `request`, `held`)
//! between ARI's own words (`wire`) and the engine's. `link` is the life of a connection.
//!
//! A node is *up* from the [`Event::NodeUp`] that tells what it holds to the [`Event::NodeDown`] when it is not heard from
//! any more. Between them every event is handed over in Asterisk's order. While a node is not up it takes no commands: each
//! comes back as [`Failure::NotSent`], since nobody would hear what it led to, and since what a node holds must not change
//! while it is asked. Commands that were out when the connection was lost are waited for before it is asked.
//!
//! [`Failure::NotSent`]: crate::engine::Failure::NotSent

mod address;
pub(crate) mod bare;
mod bridges;
mod devices;
mod elsewhere;
mod enc;
mod held;
mod lanes;
mod link;
mod names;
mod order;
mod outlet;
mod pause;
mod question;
mod recordings;
mod request;
mod rest;
mod socket;
mod sounds;
#[cfg(test)]
mod tests;
mod translate;
mod watch;
mod wire;

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

pub use address::{Address, AddressFault};
pub use devices::Devices;
pub use elsewhere::Elsewhere;
pub use recordings::Recordings;
pub(crate) use request::marked;
use secrecy::SecretString;
pub use sounds::Sounds;
use tokio::sync::{mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
pub use watch::{Connection, Lost, RequestResult, Watch};

use self::{lanes::Lanes, link::Link, outlet::Outlet, rest::Client};
use crate::{
    clock::Clock,
    domain::{Name, NodeId, Time},
    engine::{Command, Event, Failure},
};

/// A good size of the queue of [`Heard`] events between the drivers and the engine: over ten seconds of all that an Asterisk
/// at its limit says. Past it a node is asked anew what it holds, rather than events be lost unseen.
pub const EVENT_QUEUE: usize = 65_536;

/// The most lanes that are of use: Asterisk has 100 connections by default for all its clients.
const MOST_LANES: usize = 64;

/// How to reach a node.
#[derive(Clone, Debug)]
pub struct NodeSettings {
    /// Which node it is.
    pub id: NodeId,
    /// What people call it.
    pub name: String,
    /// Where its ARI is.
    pub address: Address,
    /// The user of `ari.conf`.
    pub user: String,
    /// His password.
    pub password: SecretString,
    /// The Stasis application: 1 to 73 characters without a comma.
    pub app: String,
    /// Requests that may be under way at once, each on a connection of its own (1 to 64; measured best: 8). A node has six
    /// connections more: the websocket, and one each for questions of our own, recordings, sounds, channels that are not in our
    /// hands, and devices.
    pub lanes: usize,
    /// How long a request may take.
    pub request_deadline: Duration,
    /// How often we say something to ourselves through Asterisk.
    pub self_test_after: Duration,
    /// The first one comes this soon after connecting.
    pub first_test_after: Duration,
    /// When nothing was heard for this long after it, or no request was answered, the connection is given up.
    pub echo_within: Duration,
    /// How often Asterisk is asked whether our application is free, when another engine took it.
    pub stand_by: Duration,
    /// Devices of which the engine is told how they are, until [`Devices::follow`] says otherwise.
    pub devices: BTreeSet<Name>,
}

impl NodeSettings {
    /// The settings for a node with what cannot be guessed given, and all else as measured best.
    pub fn new(id: NodeId, address: Address, user: &str, password: SecretString) -> Self {
        Self {
            id,
            name: format!("asterisk{}", id.0),
            address,
            user: user.to_owned(),
            password,
            app: "sentral".to_owned(),
            lanes: 8,
            request_deadline: Duration::from_secs(5),
            first_test_after: Duration::from_secs(1),
            self_test_after: Duration::from_secs(5),
            echo_within: Duration::from_secs(3),
            stand_by: Duration::from_secs(5),
            devices: BTreeSet::new(),
        }
    }
}

/// Why a node could not be started: its settings are wrong, or TLS cannot be used on this machine.
#[derive(Debug, thiserror::Error)]
pub enum NodeFault {
    /// The application's name.
    #[error("`{0}` is no name for a Stasis application: 1 to 73 characters, and no comma")]
    App(String),
    /// The HTTP client could not be made.
    #[error("no HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}

/// An event, and when it came to us.
#[derive(Debug)]
pub struct Heard {
    /// What happened.
    pub event: Event,
    /// When it was read from the socket.
    pub received: Time,
    /// Told when the engine has handled it and its commands are on their way; for who must not go on before.
    pub handled: Option<oneshot::Sender<()>>,
}

impl Heard {
    /// An event for which nobody waits.
    pub fn new(event: Event, received: Time) -> Self {
        Self { event, received, handled: None }
    }
}

/// One Asterisk that we speak to.
///
/// It runs until `stop` is cancelled: then it takes no more commands, carries out those it has, and ends.
pub struct Node {
    lanes: Arc<Lanes>,
    outlet: Arc<Outlet>,
    recordings: Recordings,
    sounds: Sounds,
    elsewhere: Elsewhere,
    devices: Devices,
    tasks: TaskTracker,
}

impl Node {
    /// Starts to speak to a node, within a tokio runtime. It connects in its own time, again and again; what comes of it
    /// goes to `events` and `watch`.
    pub fn start(
        settings: NodeSettings,
        clock: Arc<Clock>,
        events: mpsc::Sender<Heard>,
        watch: Arc<dyn Watch>,
        stop: CancellationToken,
    ) -> Result<Self, NodeFault> {
        if settings.app.is_empty() || settings.app.chars().count() > 73 || settings.app.contains(',') {
            return Err(NodeFault::App(settings.app));
        }
        let watched = Arc::new(elsewhere::Watched::default());
        let shared = Arc::new(rest::Shared {
            node: settings.id,
            address: settings.address.clone(),
            credentials: rest::credentials(&settings.user, &settings.password),
            clock: Arc::clone(&clock),
            watch: Arc::clone(&watch),
            answered: AtomicU64::new(0),
            watched: Arc::clone(&watched),
            names: names::Names::default(),
            devices: Arc::new(devices::Wanted::new(settings.devices.clone())),
        });
        let outlet = Arc::new(Outlet::new(settings.id, clock, events, watch));
        let (lanes, tasks) = (Arc::new(Lanes::default()), TaskTracker::new());
        let app: Arc<str> = settings.app.as_str().into();
        let clients = (0..settings.lanes.clamp(1, MOST_LANES))
            .map(|_| Client::new(Arc::clone(&shared), settings.request_deadline))
            .collect::<Result<Vec<_>, _>>()?;
        for client in &clients {
            tasks.spawn(lanes::lane(Arc::clone(&lanes), client.clone(), Arc::clone(&app), Arc::clone(&outlet)));
        }
        let patient = Arc::clone(&lanes);
        tasks.spawn(async move { patient.attend().await });
        let control = Client::new(Arc::clone(&shared), settings.request_deadline)?;
        let recordings = Recordings::new(Client::new(Arc::clone(&shared), settings.request_deadline)?, &settings.app);
        let sounds =
            Sounds::new(settings.id, Client::new(Arc::clone(&shared), settings.request_deadline)?, &settings.app);
        let client = Client::new(Arc::clone(&shared), settings.request_deadline)?;
        let elsewhere = Elsewhere::new(Arc::clone(&watched));
        tasks.spawn(watched.attend(client, app, Arc::clone(&outlet), stop.clone()));
        let client = Client::new(Arc::clone(&shared), settings.request_deadline)?;
        let wanted = Arc::clone(&shared.devices);
        let devices = Devices::new(settings.id, client, &settings.app, wanted, Arc::clone(&outlet));
        let link = Link::new(settings, shared, control, clients, Arc::clone(&lanes), Arc::clone(&outlet));
        tasks.spawn(link.run(stop));
        tasks.close();
        Ok(Self { lanes, outlet, recordings, sounds, elsewhere, devices, tasks })
    }

    /// What it has recorded.
    pub fn recordings(&self) -> &Recordings {
        &self.recordings
    }

    /// What it plays to nobody, so that it has it.
    pub fn sounds(&self) -> &Sounds {
        &self.sounds
    }

    /// Its channels that are not in our hands.
    pub fn elsewhere(&self) -> &Elsewhere {
        &self.elsewhere
    }

    /// Its devices of which the engine is told.
    pub fn devices(&self) -> &Devices {
        &self.devices
    }

    /// Hands a command over. It never waits: what cannot be taken, since the node is not up or has 4096 commands queued, comes
    /// back as [`Event::Failed`] with [`Failure::NotSent`] at once.
    pub fn send(&self, command: Command) {
        if let Err(command) = self.lanes.push(command) {
            self.outlet.offer(Event::Failed { command, failure: Failure::NotSent });
        }
    }

    /// Waits until the node has ended, after `stop` was cancelled.
    pub async fn ended(&self) {
        self.tasks.wait().await;
    }
}

/// What a text of Asterisk's websocket means to the engine; `None`: nothing, or it is no message of Asterisk's. For those who
/// try what any text does.
#[cfg(fuzzing)]
pub fn event_of(text: &str) -> Option<crate::engine::Event> {
    let message: wire::Message<'_> = serde_json::from_str(text).ok()?;
    translate::event(crate::domain::NodeId(0), &message)
}
