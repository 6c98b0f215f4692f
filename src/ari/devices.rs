//! Devices of which Asterisk is to say how they are.
//!
//! It tells an application how each device is that it subscribes to by its name, and nothing at the moment of the subscription:
//! so each is asked for once. (Never is one subscribed to all of them: Asterisk may come to a standstill when such a socket
//! closes.) The subscription takes any name, many in one request, and may be repeated; what Asterisk does not know it says to be
//! `INVALID`, and tells when it knows better. It outlives the websocket, though it does not keep the application: with that gone,
//! Asterisk warns of every change that it can tell nobody. So it is taken back when we end. (All seen on 16.28 and 22.10.)

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::OwnedMutexGuard;
use tracing::debug;

use super::{
    enc::Enc,
    outlet::Outlet,
    question::get,
    request::{Method, Repeat, Request},
    rest::{Answer, Client},
    wire,
};
use crate::{
    domain::{DeviceState, Name, NodeId},
    engine::Event,
};

/// So many names are in one request: of the longest ones Asterisk reads 400 (40,960 bytes).
const AT_ONCE: usize = 300;

/// The devices of the plan in force.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    devices: Mutex<BTreeSet<Name>>,
    /// Whether the node is up: how devices are is told by nobody else then but by the events.
    is_up: AtomicBool,
    /// One new connection, or one new plan, at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// How devices were when a connection was made.
pub(super) struct Told {
    events: Vec<Event>,
    /// No new plan is followed before the node is up.
    turn: OwnedMutexGuard<()>,
}

impl Told {
    /// What is to be told, and what is to be given back then.
    pub(super) fn split(self) -> (Vec<Event>, OwnedMutexGuard<()>) {
        (self.events, self.turn)
    }
}

impl Wanted {
    pub(super) fn new(devices: BTreeSet<Name>) -> Self {
        Self { devices: Mutex::new(devices), ..Self::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<Name>> {
        // Nothing is half done in it.
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The node is up, and this was told.
    pub(super) fn rise(&self, turn: OwnedMutexGuard<()>) {
        self.is_up.store(true, Ordering::Relaxed);
        drop(turn);
    }

    /// The node is not heard from any more.
    pub(super) fn fall(&self) {
        self.is_up.store(false, Ordering::Relaxed);
    }

    fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Relaxed)
    }

    fn all(&self) -> Vec<Name> {
        self.lock().iter().cloned().collect()
    }

    /// On a new connection: subscribes to all of them, and asks how they are, over all `clients` at once.
    pub(super) async fn again(&self, node: NodeId, clients: &[Client], app: &str) -> Told {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let devices = self.all();
        if let Some(first) = clients.first() {
            ask_all(first, Method::Post, app, &devices).await;
        }
        let share = devices.len().div_ceil(clients.len().max(1)).max(1);
        let parts = devices.chunks(share).zip(clients).map(|(part, client)| states(node, client, part));
        Told { events: join_all(parts).await.into_iter().flatten().collect(), turn }
    }

    /// Takes all subscriptions back.
    pub(super) async fn let_go(&self, client: &Client, app: &str) {
        ask_all(client, Method::Delete, app, &self.all()).await;
    }
}

/// Subscribes to devices, or takes that back. Without it they are taken for free, as those are of which nothing is known.
async fn ask_all(client: &Client, method: Method, app: &str, devices: &[Name]) {
    for part in devices.chunks(AT_ONCE) {
        let request = subscription(method, app, part);
        let asked = client.send("watch_device", &request, Repeat::Harmless, Answer::is_success).await;
        if let Err(failure) = asked {
            debug!(?failure, devices = part.len(), "how devices are may not be told");
        }
    }
}

/// How devices are, one after the other.
async fn states(node: NodeId, client: &Client, devices: &[Name]) -> Vec<Event> {
    let mut states = Vec::with_capacity(devices.len());
    for device in devices {
        let asked = client.send("read_device", &state_of(device), Repeat::Harmless, Answer::is_success).await;
        let state = asked.ok().and_then(|answer| read(&answer.body)).unwrap_or_default();
        states.push(Event::DeviceChanged { node, device: device.clone(), state });
    }
    states
}

pub(super) fn subscription(method: Method, app: &str, devices: &[Name]) -> Request {
    let sources: Vec<String> = devices.iter().map(|device| format!("deviceState:{device}")).collect();
    let target = format!("applications/{}/subscription", Enc(app));
    Request { method, target, body: Some(json!({ "eventSource": sources }).to_string()) }
}

pub(super) fn state_of(device: &str) -> Request {
    get(&format!("deviceStates/{}", Enc(device)))
}

/// What the answer to [`state_of`] says.
pub(super) fn read(answer: &str) -> Option<DeviceState> {
    let device: wire::Device<'_> = serde_json::from_str(answer).ok()?;
    Some(DeviceState::read(&device.state))
}

/// A hand to the devices of one node, on a connection of its own.
#[derive(Clone)]
pub struct Devices {
    node: NodeId,
    client: Client,
    app: Arc<str>,
    wanted: Arc<Wanted>,
    outlet: Arc<Outlet>,
}

impl std::fmt::Debug for Devices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Devices").field("node", &self.node).finish_non_exhaustive()
    }
}

impl Devices {
    pub(super) fn new(node: NodeId, client: Client, app: &str, wanted: Arc<Wanted>, outlet: Arc<Outlet>) -> Self {
        Self { node, client, app: app.into(), wanted, outlet }
    }

    /// From now on the engine is told of these devices and of no others, each with how it is now. What a node that is away is
    /// not asked now, it is when it is connected again.
    pub async fn follow(&self, devices: BTreeSet<Name>) {
        let _turn = self.wanted.turn.lock().await;
        let before = std::mem::replace(&mut *self.wanted.lock(), devices.clone());
        let gone: Vec<Name> = before.difference(&devices).cloned().collect();
        let new: Vec<Name> = devices.difference(&before).cloned().collect();
        if !self.wanted.is_up() {
            return;
        }
        ask_all(&self.client, Method::Delete, &self.app, &gone).await;
        ask_all(&self.client, Method::Post, &self.app, &new).await;
        for device in new.chunks(1) {
            let told = states(self.node, &self.client, device).await;
            // Whoever connects anew asks anew; of a node that another engine has by now nothing is told.
            if !self.wanted.is_up() {
                return;
            }
            for told in told {
                self.outlet.deliver(told).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_subscribed_to_by_their_names_and_asked_for_one_by_one() {
        let devices = ["PJSIP/anna", "Custom:boris#1"].map(Name::new);
        let asked = subscription(Method::Post, "sentral", &devices);
        assert_eq!(asked.target, "applications/sentral/subscription");
        let body = r#"{"eventSource":["deviceState:PJSIP/anna","deviceState:Custom:boris#1"]}"#;
        assert_eq!(asked.body.as_deref(), Some(body));
        assert_eq!(state_of("PJSIP/anna").target, "deviceStates/PJSIP%2Fanna");
    }

    #[test]
    fn so_many_of_the_longest_names_are_a_request_that_asterisk_reads() {
        let longest = Name::new(&format!("PJSIP/{}", "a".repeat(73)));
        let body = subscription(Method::Post, "sentral", &vec![longest; AT_ONCE]).body.unwrap_or_default();
        assert!(body.len() <= 40_960, "{} bytes", body.len());
    }

    #[test]
    fn an_answer_says_how_a_device_is_or_nothing() {
        assert_eq!(read(r#"{"name":"PJSIP/anna","state":"RINGINUSE"}"#), Some(DeviceState::RingInUse));
        assert_eq!(read(r#"{"name":"PJSIP/anna","state":"LEVITATING"}"#), Some(DeviceState::Unknown));
        assert_eq!(read(r#"{"message":"Resource not found"}"#), None);
    }
}
