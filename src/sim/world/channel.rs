//! A channel: what it is, how it is shown, and what its far end hears.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use serde_json::{Value, json};

use super::{
    World,
    app::About,
    bridge::Role,
    caller::CallerId,
    events::timestamp,
    hangup::Ending,
    jobs::Job,
    reply::{Outcome, Reply},
    seen::Who,
    timers::Due,
};
use crate::domain::Time;

/// Asterisk's word for how far a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A leg of ours that is not dialled, or whose phone has not said anything.
    Down,
    /// A caller who is not answered.
    Ring,
    /// A leg whose phone rings.
    Ringing,
    /// Answered.
    Up,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Down => "Down",
            Self::Ring => "Ring",
            Self::Ringing => "Ringing",
            Self::Up => "Up",
        }
    }
}

/// The telephone at the far end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Far {
    Caller(CallerId),
    /// The phone of this dialog; `None` before the leg is dialled.
    Phone(Option<u64>),
}

/// How a channel came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// From outside, through the dialplan.
    Dialplan,
    /// `POST channels/create`: comes into the application at once.
    Created { app: String, args: Vec<String> },
    /// `POST channels`: comes into the application when it is answered.
    Originated { app: String, args: Vec<String> },
}

/// Name and number of somebody.
#[derive(Clone, Debug, Default)]
pub(super) struct Party {
    pub(super) name: String,
    pub(super) number: String,
}

impl Party {
    fn to_json(&self) -> Value {
        json!({ "name": self.name, "number": self.number })
    }
}

/// Where a channel is in the dialplan.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) context: String,
    pub(super) exten: String,
    pub(super) priority: u32,
    pub(super) app_name: String,
    pub(super) app_data: String,
}

/// What the far end hears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Hears {
    /// Nothing, and the call is not answered.
    #[default]
    Unanswered,
    /// Nothing, and the call is answered.
    Nothing,
    Ringing,
    Played(Arc<str>),
    /// Himself: he is recorded.
    Himself,
    Music(Arc<str>),
    Talk(Vec<Who>),
    Fallback,
}

/// A channel.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) name: String,
    pub(super) protocol_id: String,
    pub(super) state: State,
    pub(super) caller: Party,
    pub(super) connected: Party,
    pub(super) place: Place,
    pub(super) created: Time,
    pub(super) language: String,
    pub(super) variables: BTreeMap<String, String>,
    /// Variables that show in every snapshot.
    pub(super) reported: BTreeSet<String>,
    pub(super) origin: Origin,
    pub(super) far: Far,
    /// The dial string without the technology.
    pub(super) resource: Arc<str>,
    /// The application that it is in.
    pub(super) stasis: Option<String>,
    pub(super) bridge: Option<String>,
    pub(super) role: Role,
    /// What it has been told to do and has not come to.
    pub(super) jobs: VecDeque<Job>,
    pub(super) playing: Option<String>,
    pub(super) recording: Option<String>,
    /// Music on hold by `POST moh`.
    pub(super) music: Option<Arc<str>>,
    /// A ringing tone by `POST ring`.
    pub(super) rings: bool,
    /// A caller whose side was told to listen before the answer (183): without that he hears nothing of Asterisk's.
    pub(super) listens: bool,
    pub(super) absolute: Option<Time>,
    pub(super) dial_until: Option<Time>,
    /// Hung up, and on its way out.
    pub(super) ending: Option<Ending>,
    pub(super) heard: Hears,
}

impl Channel {
    pub(super) fn new(name: String, state: State, far: Far, origin: Origin, created: Time) -> Self {
        Self {
            name,
            protocol_id: String::new(),
            state,
            caller: Party::default(),
            connected: Party::default(),
            place: Place::default(),
            created,
            language: "en".into(),
            variables: BTreeMap::new(),
            reported: BTreeSet::new(),
            origin,
            far,
            resource: "".into(),
            stasis: None,
            bridge: None,
            role: Role::None,
            jobs: VecDeque::new(),
            playing: None,
            recording: None,
            music: None,
            rings: false,
            listens: false,
            absolute: None,
            dial_until: None,
            ending: None,
            heard: Hears::Unanswered,
        }
    }

    /// A leg that nobody has answered: most commands are refused on it.
    pub(super) fn is_unanswered_leg(&self) -> bool {
        matches!(self.state, State::Down | State::Ringing)
    }

    pub(super) fn to_json(&self, id: &str) -> Value {
        let mut json = json!({
            "id": id,
            "name": self.name,
            "state": self.state.as_str(),
            "protocol_id": self.protocol_id,
            "caller": self.caller.to_json(),
            "connected": self.connected.to_json(),
            "accountcode": "",
            "dialplan": {
                "context": self.place.context,
                "exten": self.place.exten,
                "priority": self.place.priority,
                "app_name": self.place.app_name,
                "app_data": self.place.app_data,
            },
            "creationtime": timestamp(self.created),
            "language": self.language,
        });
        if !self.reported.is_empty() {
            let value = |name: &String| self.variables.get(name).cloned().unwrap_or_default();
            let reported: BTreeMap<_, _> = self.reported.iter().map(|name| (name, value(name))).collect();
            json["channelvars"] = json!(reported);
        }
        json
    }
}

impl World {
    pub(super) fn channel_json(&self, id: &str) -> Value {
        self.channels.get(id).map_or(Value::Null, |channel| channel.to_json(id))
    }

    /// The channel, if it is in an application: 404 when there is none, 409 when it is somewhere else. An application knows
    /// its channels by their ids: of one that is asked for by its name, Asterisk says that it is somewhere else.
    pub(super) fn controlled(&self, id: &str) -> Result<&Channel, Reply> {
        if let Some(channel) = self.channels.get(id).filter(|channel| channel.stasis.is_some()) {
            return Ok(channel);
        }
        Err(match self.named(id) {
            Some(_) => Reply::error(409, "Channel not in Stasis application"),
            None => Reply::error(404, "Channel not found"),
        })
    }

    /// The same, if it is also answered or a caller: 412 when it is a leg that nobody has answered.
    pub(super) fn usable(&self, id: &str) -> Result<&Channel, Reply> {
        let channel = self.controlled(id)?;
        if channel.is_unanswered_leg() {
            return Err(Reply::error(412, "Channel in invalid state"));
        }
        Ok(channel)
    }

    pub(super) fn far_end(&self, id: &str) -> Option<Who> {
        match self.channels.get(id)?.far {
            Far::Caller(caller) => Some(Who::Caller(caller)),
            Far::Phone(dialog) => Some(Who::Phone(self.dialogs.get(&dialog?)?.phone.clone())),
        }
    }

    pub(super) fn next_channel_name(&mut self, resource: &str) -> String {
        let name = format!("PJSIP/{resource}-{:08x}", self.channel_count);
        self.channel_count += 1;
        name
    }

    /// A channel comes into an application; false when nobody is there to take it.
    pub(super) fn enter_stasis(&mut self, id: &str, app: &str, args: &[String]) -> bool {
        if self.apps.get(app).is_none_or(|app| app.socket.is_none()) {
            return false;
        }
        self.subscribe(app, id);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.stasis = Some(app.to_owned());
            channel.place.app_name = "Stasis".into();
            channel.place.app_data =
                std::iter::once(app).chain(args.iter().map(String::as_str)).collect::<Vec<_>>().join(",");
        }
        let channel = self.channel_json(id);
        self.tell(&[About::App(app)], "StasisStart", json!({ "args": args, "channel": channel }));
        self.dirty.insert(id.to_owned());
        true
    }

    /// A channel leaves its application: `StasisEnd`, and no more of its events unless somebody subscribed.
    pub(super) fn leave_stasis(&mut self, id: &str) {
        let Some(app) = self.channels.get_mut(id).and_then(|channel| channel.stasis.take()) else { return };
        let channel = self.channel_json(id);
        self.tell(&[About::App(&app)], "StasisEnd", json!({ "channel": channel }));
        self.unsubscribe(&app, id);
        self.dirty.insert(id.to_owned());
    }

    pub(super) fn set_state(&mut self, id: &str, state: State) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        if channel.state == state {
            return;
        }
        channel.state = state;
        self.touch(id);
        let channel = self.channel_json(id);
        self.tell(&[About::Channel(id)], "ChannelStateChange", json!({ "channel": channel }));
    }

    /// Something about it changed that it or those with it may hear.
    pub(super) fn touch(&mut self, id: &str) {
        self.dirty.insert(id.to_owned());
        let bridge = self.channels.get(id).and_then(|channel| channel.bridge.as_ref());
        if let Some(bridge) = bridge.and_then(|bridge| self.bridges.get(bridge)) {
            self.dirty.extend(bridge.members.iter().cloned());
        }
    }

    /// Arms, re-arms or (with no time) clears the dead man's switch.
    pub(super) fn set_absolute(&mut self, id: &str, after: Option<std::time::Duration>) {
        let at = after.map(|after| self.now + after);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.absolute = at;
        }
        if let Some(at) = at {
            self.timers.set(at, Due::Absolute(id.to_owned()));
        }
    }

    pub(super) fn hears(&self, id: &str) -> Hears {
        let Some(channel) = self.channels.get(id) else { return Hears::Unanswered };
        if channel.ending.is_some() {
            return Hears::Unanswered;
        }
        if channel.place.context == "fallback" {
            return Hears::Fallback;
        }
        if channel.state == State::Ring && !channel.listens {
            return Hears::Unanswered;
        }
        if let Some(playback) = channel.playing.as_ref().and_then(|id| self.playbacks.get(id)) {
            return Hears::Played(playback.item().into());
        }
        if channel.recording.is_some() {
            return Hears::Himself;
        }
        let bridged = channel.bridge.as_ref().and_then(|bridge| self.hears_in(bridge, id));
        let alone = || match (&channel.music, channel.rings) {
            (Some(class), _) => Hears::Music(class.clone()),
            (None, true) => Hears::Ringing,
            (None, false) if channel.state == State::Up || channel.listens => Hears::Nothing,
            (None, false) => Hears::Unanswered,
        };
        bridged.unwrap_or_else(alone)
    }

    pub(super) fn get_channels(&self) -> Reply {
        Reply::ok(self.channels.iter().map(|(id, channel)| channel.to_json(id)).collect())
    }

    pub(super) fn get_channel(&self, id: &str) -> Outcome {
        let channel = self.channels.get(id).ok_or_else(|| Reply::error(404, "Channel not found"))?;
        Ok(Some(Reply::ok(channel.to_json(id))))
    }
}
