//! The driver's translation alone, without its sockets: for the simulator, which has a wire of its own.

use super::{
    devices,
    held::Lists,
    names::Names,
    order::Haste,
    question, recordings,
    request::{self, Dialect, Method, Request},
    translate,
};
pub(crate) use super::{
    lanes::PATIENCE,
    order::{Order, Ticket},
};
use crate::{
    domain::{DeviceState, Name, NodeId, RecordingId, Time},
    engine::{Command, Event, Held},
};

/// One request as it stands on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// HTTP's word.
    pub(crate) method: &'static str,
    /// Path and query below `/ari`.
    pub(crate) target: String,
    /// A JSON document.
    pub(crate) body: Option<String>,
}

impl From<Request> for Asked {
    fn from(request: Request) -> Self {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        };
        Self { method, target: request.target, body: request.body }
    }
}

/// What carries a command out on a current Asterisk: one request, or none when there is nothing to do.
pub(crate) fn request(command: &Command, app: &str) -> Option<Asked> {
    request::requests(command, app, Dialect::Current, &Names::default()).into_iter().next().map(Asked::from)
}

/// Puts a command into the order that the driver keeps; the ticket of one that can wait.
pub(crate) fn push(order: &mut Order<Command>, command: Command) -> Option<Ticket> {
    let (touches, can_wait) = (request::touches(&command), command.can_wait());
    let ticket = order.push(command, touches, if can_wait { Haste::CanWait } else { Haste::Now });
    can_wait.then_some(ticket)
}

/// Whether a refusal of a first try says that things are already as the command wants them.
pub(crate) fn is_already_so(command: &Command, status: u16) -> bool {
    request::is_already_so(command, status, false)
}

/// What a recording is called in Asterisk.
pub(crate) fn recording(app: &str, recording: RecordingId) -> String {
    recordings::in_asterisk(app, recording)
}

/// What a message means to the engine.
pub(crate) fn event(node: NodeId, text: &str) -> Option<Event> {
    translate::event(node, &serde_json::from_str(text).ok()?)
}

/// What is asked on every connect, so that only what is used arrives.
pub(crate) fn event_filter(app: &str) -> Asked {
    question::event_filter(app).into()
}

/// What is asked on every connect, so that we are told how these devices are.
pub(crate) fn watch_devices(app: &str, devices: &[Name]) -> Asked {
    devices::subscription(Method::Post, app, devices).into()
}

/// How a device is, is asked so.
pub(crate) fn device(device: &str) -> Asked {
    devices::state_of(device).into()
}

/// And answered so.
pub(crate) fn device_state(answer: &str) -> DeviceState {
    devices::read(answer).unwrap_or_default()
}

/// What `GET applications/APP`, `GET channels` and `GET bridges` say together; `None` when they say something else.
pub(crate) fn held(node: NodeId, app: &str, [application, channels, bridges]: [String; 3], now: Time) -> Option<Held> {
    let now = i64::try_from(now.as_micros()).ok().and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
    Lists { application, channels, bridges, now }.read(node, app).ok().map(|read| read.held)
}
