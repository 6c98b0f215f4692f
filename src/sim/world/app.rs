//! Stasis applications: who listens, to what, and what is left when nobody does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    SocketId, World,
    reply::{Outcome, Reply},
    rest::Ask,
};
use crate::domain::Time;

/// What an event is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum About<'a> {
    Channel(&'a str),
    Bridge(&'a str),
    Device(&'a str),
    App(&'a str),
}

/// A registered application.
#[derive(Debug, Default)]
pub(super) struct App {
    /// The socket that its events go to; `None`: it is inactive.
    pub(super) socket: Option<SocketId>,
    /// Its events are thrown away though its socket seems to live: what a slow reader may bring about.
    pub(super) deaf: bool,
    /// How often it is subscribed to each.
    channels: BTreeMap<String, u32>,
    bridges: BTreeMap<String, u32>,
    allowed: Vec<String>,
    disallowed: Vec<String>,
}

impl App {
    pub(super) fn concerns(&self, name: &str, devices: Option<&BTreeSet<String>>, about: About<'_>) -> bool {
        match about {
            About::Channel(id) => self.channels.contains_key(id),
            About::Bridge(id) => self.bridges.contains_key(id),
            About::Device(device) => devices.is_some_and(|devices| devices.contains(device)),
            About::App(app) => app == name,
        }
    }

    pub(super) fn wants(&self, kind: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == kind);
        !named(&self.disallowed) && (self.allowed.is_empty() || named(&self.allowed))
    }

    /// Nobody listens and nothing keeps it: Asterisk forgets it, its filter too.
    fn is_over(&self) -> bool {
        self.socket.is_none() && self.channels.is_empty() && self.bridges.is_empty()
    }

    fn to_json(&self, name: &str, devices: Option<&BTreeSet<String>>) -> Value {
        let types = |list: &[String]| list.iter().map(|kind| json!({ "type": kind })).collect::<Vec<_>>();
        json!({
            "name": name,
            "channel_ids": self.channels.keys().collect::<Vec<_>>(),
            "bridge_ids": self.bridges.keys().collect::<Vec<_>>(),
            "endpoint_ids": [],
            "device_names": devices.into_iter().flatten().collect::<Vec<_>>(),
            "events_allowed": types(&self.allowed),
            "events_disallowed": types(&self.disallowed),
        })
    }
}

fn no_such_app() -> Reply {
    Reply::error(404, "Application not found")
}

impl World {
    /// A client opens a websocket for these applications; whoever had one of them is told that he lost it.
    ///
    /// Refused (`None`) while Asterisk is down or with no application.
    pub fn open_socket(&mut self, now: Time, apps: &[&str]) -> Option<SocketId> {
        self.advance(now);
        if self.started.is_none() || apps.is_empty() || apps.iter().any(|app| app.is_empty() || app.len() > 73) {
            return None;
        }
        let socket = SocketId(self.next());
        for name in apps {
            let replaced = self.apps.get(*name).is_some_and(|app| app.socket.is_some());
            if replaced {
                self.tell(&[About::App(name)], "ApplicationReplaced", json!({}));
            }
            let app = self.apps.entry((*name).to_owned()).or_default();
            app.socket = Some(socket);
            app.deaf = false;
        }
        Some(socket)
    }

    /// A client's websocket is gone. Its calls go on by themselves; what happens to them is told to nobody.
    pub fn close_socket(&mut self, now: Time, socket: SocketId) {
        self.advance(now);
        for app in self.apps.values_mut().filter(|app| app.socket == Some(socket)) {
            app.socket = None;
        }
        self.events.retain(|(to, _)| *to != socket);
        self.apps.retain(|_, app| !app.is_over());
    }

    /// Throws the events of an application away from now on while its socket seems to live (a zombie), until a new socket
    /// takes over.
    pub fn deafen(&mut self, application: &str) {
        if let Some(app) = self.apps.get_mut(application) {
            app.deaf = true;
        }
    }

    pub(super) fn subscribe(&mut self, app: &str, channel: &str) {
        if let Some(app) = self.apps.get_mut(app) {
            *app.channels.entry(channel.to_owned()).or_default() += 1;
        }
    }

    pub(super) fn unsubscribe(&mut self, app: &str, channel: &str) {
        if let Some(app) = self.apps.get_mut(app) {
            release(&mut app.channels, channel);
        }
        self.apps.retain(|_, app| !app.is_over());
    }

    pub(super) fn subscribe_bridge(&mut self, app: &str, bridge: &str) {
        if let Some(app) = self.apps.get_mut(app) {
            *app.bridges.entry(bridge.to_owned()).or_default() += 1;
        }
    }

    pub(super) fn unsubscribe_bridge(&mut self, app: &str, bridge: &str) {
        if let Some(app) = self.apps.get_mut(app) {
            release(&mut app.bridges, bridge);
        }
    }

    pub(super) fn forget_channel(&mut self, id: &str) {
        for app in self.apps.values_mut() {
            app.channels.remove(id);
        }
        self.apps.retain(|_, app| !app.is_over());
    }

    pub(super) fn forget_bridge(&mut self, id: &str) {
        for app in self.apps.values_mut() {
            app.bridges.remove(id);
        }
        self.apps.retain(|_, app| !app.is_over());
    }

    pub(super) fn get_applications(&self) -> Reply {
        Reply::ok(self.apps.iter().map(|(name, app)| app.to_json(name, self.subscribed.get(name))).collect())
    }

    pub(super) fn get_application(&self, name: &str) -> Outcome {
        let app = self.apps.get(name).ok_or_else(no_such_app)?;
        Ok(Some(Reply::ok(app.to_json(name, self.subscribed.get(name)))))
    }

    pub(super) fn put_event_filter(&mut self, name: &str, ask: &Ask<'_>) -> Outcome {
        let app = self.apps.get_mut(name).ok_or_else(no_such_app)?;
        let invalid = || Reply::error(400, "Invalid format definition");
        let filter = match ask.body() {
            None => None,
            Some(Value::Object(filter)) if filter.is_empty() => None,
            Some(Value::Object(filter)) => Some(filter),
            Some(_) => return Err(invalid()),
        };
        match filter {
            None => {
                app.allowed.clear();
                app.disallowed.clear();
            }
            Some(filter) => {
                let (allowed, disallowed) = (filter.get("allowed"), filter.get("disallowed"));
                let disallowed = disallowed.map(event_types).transpose().map_err(|()| invalid())?;
                let allowed = allowed.map(event_types).transpose().map_err(|()| invalid())?;
                app.disallowed = disallowed.unwrap_or_else(|| std::mem::take(&mut app.disallowed));
                app.allowed = allowed.unwrap_or_else(|| std::mem::take(&mut app.allowed));
            }
        }
        self.get_application(name)
    }

    pub(super) fn post_subscription(&mut self, name: &str, ask: &Ask<'_>) -> Outcome {
        if !self.apps.contains_key(name) {
            return Err(no_such_app());
        }
        for source in ask.list("eventSource") {
            let missing = || Reply::error(422, "Event source does not exist");
            match source.split_once(':') {
                Some(("channel", id)) if self.channels.contains_key(id) => self.subscribe(name, id),
                Some(("bridge", id)) if self.bridges.contains_key(id) => self.subscribe_bridge(name, id),
                Some(("channel" | "bridge", _)) => return Err(missing()),
                Some(("deviceState", device)) => {
                    self.subscribed.entry(name.to_owned()).or_default().insert(device.to_owned());
                }
                Some(("endpoint", _)) => return Err(Reply::not_modelled()),
                Some(_) | None => return Err(Reply::error(400, "Invalid event source URI scheme")),
            }
        }
        self.get_application(name)
    }

    pub(super) fn delete_subscription(&mut self, name: &str, ask: &Ask<'_>) -> Outcome {
        for source in ask.list("eventSource") {
            let app = self.apps.get_mut(name).ok_or_else(no_such_app)?;
            let was = match source.split_once(':') {
                Some(("channel", id)) => app.channels.remove(id).is_some(),
                Some(("bridge", id)) => app.bridges.remove(id).is_some(),
                Some(("deviceState", device)) => {
                    self.subscribed.get_mut(name).is_some_and(|devices| devices.remove(device))
                }
                Some(_) | None => return Err(Reply::error(400, "Invalid event source URI scheme")),
            };
            if !was {
                return Err(Reply::error(422, "Event source was not subscribed to"));
            }
        }
        self.get_application(name)
    }

    /// `POST events/user/NAME`: what a client tells itself, to hear whether it still hears.
    pub(super) fn post_user_event(&mut self, name: &str, ask: &Ask<'_>) -> Outcome {
        let app = ask.get("application").ok_or_else(|| Reply::error(400, "Missing parameter application"))?;
        if !self.apps.contains_key(&*app) {
            return Err(no_such_app());
        }
        let mut userevent = json!({ "eventname": name });
        if let Some(Value::Object(variables)) = ask.body().and_then(|body| body.get("variables")) {
            for (key, value) in variables {
                userevent[key.as_str()] = value.clone();
            }
        }
        self.tell(&[About::App(&app)], "ChannelUserevent", json!({ "eventname": name, "userevent": userevent }));
        Ok(Some(Reply::no_content()))
    }
}

fn release(subscriptions: &mut BTreeMap<String, u32>, id: &str) {
    if let Some(count) = subscriptions.get_mut(id) {
        *count -= 1;
        if *count == 0 {
            subscriptions.remove(id);
        }
    }
}

/// The types that one half of a filter names.
fn event_types(list: &Value) -> Result<Vec<String>, ()> {
    let named =
        |entry: &Value| entry.get("type").and_then(Value::as_str).filter(|kind| !kind.is_empty()).map(String::from);
    list.as_array().ok_or(())?.iter().map(|entry| named(entry).ok_or(())).collect()
}
