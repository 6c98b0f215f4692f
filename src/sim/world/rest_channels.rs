//! Requests under `channels`.

use std::{sync::Arc, time::Duration};

use super::{
    World,
    channel::{Channel, Far, Origin, Party, Place, State},
    jobs::Job,
    reply::{Outcome, Reply, Ticket},
    rest::{Ask, no_route},
    timers::Due,
    variables::settings,
};

/// How long an originate rings when the request does not say.
const RING: Duration = Duration::from_secs(30);

/// The longest id that Asterisk takes.
const LONGEST_ID: usize = 149;

impl World {
    pub(super) fn route_channels(&mut self, ticket: Ticket, method: &str, parts: &[&str], ask: &Ask<'_>) -> Outcome {
        match (method, parts) {
            ("GET", []) => Ok(Some(self.get_channels())),
            ("POST", []) => self.originate(None, ask),
            ("POST", ["create"]) => self.create(ask),
            ("GET", [id]) => self.get_channel(id),
            ("POST", [id]) => self.originate(Some(id), ask),
            ("DELETE", [id]) => self.delete_channel(id, ask),
            ("GET", [id, "variable"]) => self.get_variable(id, ask),
            ("GET", [id, "variables"]) => self.get_variables(id, ask),
            ("POST", [id, "variable"]) => self.post_variable(ticket, id, ask),
            ("POST", [id, "variables"]) => self.post_variables(ticket, id, ask),
            ("POST", [id, "answer"]) => {
                self.usable(id)?;
                self.wait(id, Job::Answer(ticket))
            }
            ("POST", [id, "play"]) => self.post_play(id, None, ask),
            ("POST", [id, "play", playback]) => self.post_play(id, Some(playback), ask),
            ("POST", [id, "record"]) => self.post_record(id, ask),
            ("POST", [id, "dial"]) => self.post_dial(id, ask),
            ("POST", [id, "continue"]) => {
                self.usable(id)?;
                let owned = |name| ask.get(name).filter(|text| !text.is_empty()).map(|text| text.into_owned());
                self.accept(id, Job::Continue { context: owned("context"), exten: owned("extension") })
            }
            (_, [id, action]) => self.simple_action(method, id, action, ask),
            _ => Err(no_route(parts.len() <= 2)),
        }
    }

    /// Actions that are accepted at once and take no more than a word.
    fn simple_action(&mut self, method: &str, id: &str, action: &str, ask: &Ask<'_>) -> Outcome {
        let job = match (method, action) {
            ("POST", "moh") => {
                let class = ask.get("mohClass").unwrap_or_else(|| "default".into());
                Job::Music(Some(Arc::from(&*class)))
            }
            ("DELETE", "moh") => Job::Music(None),
            ("POST", "ring") => Job::Ring(true),
            ("DELETE", "ring") => Job::Ring(false),
            ("POST", "silence" | "progress") => Job::Listen,
            ("DELETE", "silence") | ("POST" | "DELETE", "hold" | "mute") | ("POST", "dtmf") => Job::Nothing,
            (_, "move" | "redirect" | "snoop" | "rtp_statistics" | "transfer_progress") => {
                return Err(Reply::not_modelled());
            }
            (_, "answer" | "play" | "record" | "dial" | "continue" | "variable" | "variables" | "moh" | "ring") => {
                return Err(no_route(true));
            }
            _ => return Err(no_route(false)),
        };
        self.usable(id)?;
        self.accept(id, job)
    }

    /// `POST channels`: a leg that comes into the application when it is answered.
    fn originate(&mut self, id: Option<&str>, ask: &Ask<'_>) -> Outcome {
        let app = ask.get("app").filter(|app| !app.is_empty()).map(|app| app.into_owned());
        let resource = requested_resource(ask)?;
        let Some(app) = app else {
            let exten = ask.get("extension").is_some();
            return Err(if exten {
                Reply::not_modelled()
            } else {
                Reply::error(400, "Application or extension must be specified")
            });
        };
        let args = requested_args(ask);
        let originator = match ask.get("originator").filter(|id| !id.is_empty()) {
            None => None,
            Some(it) => match self.named(&it) {
                None => return Err(Reply::error(400, "Provided originator channel was not found")),
                found => found,
            },
        };
        let id = self.new_leg(id, &resource, Origin::Originated { app: app.clone(), args }, ask)?;
        if let Some(caller) = originator {
            self.present(&id, &caller);
        }
        if let Some(shown) = ask.get("callerId")
            && let Some(leg) = self.channels.get_mut(&id)
        {
            let party = parse_caller_id(&shown);
            leg.caller = party.clone();
            leg.connected = party;
        }
        self.subscribe(&app, &id);
        if let Some(leg) = self.channels.get_mut(&id) {
            leg.place.app_name = "AppDial2".into();
            leg.place.app_data = "(Outgoing Line)".into();
        }
        let reply = self.channel_json(&id);
        let timeout = match ask.get("timeout").and_then(|text| text.parse::<i64>().ok()) {
            Some(-1) => None,
            Some(seconds) if seconds > 0 => Some(Duration::from_secs(seconds.unsigned_abs())),
            Some(_) | None => Some(RING),
        };
        self.dial(&id, timeout);
        Ok(Some(Reply::ok(reply)))
    }

    /// `POST channels/create`: a leg that comes into the application at once and is dialled later.
    fn create(&mut self, ask: &Ask<'_>) -> Outcome {
        let resource = requested_resource(ask)?;
        let app = ask.get("app").unwrap_or_default().into_owned();
        let originator = ask.get("originator").and_then(|it| self.named(&it));
        let origin = Origin::Created { app: app.clone(), args: requested_args(ask) };
        let id = self.new_leg(None, &resource, origin, ask)?;
        // Asterisk makes the application follow the originator, too: it will be told his end twice over.
        if let Some(originator) = originator {
            self.subscribe(&app, &originator);
        }
        self.subscribe(&app, &id);
        let reply = self.channel_json(&id);
        let pace = self.draw(self.config.pace);
        self.after(pace, Due::Enters(id));
        Ok(Some(Reply::ok(reply)))
    }

    fn new_leg(&mut self, id: Option<&str>, resource: &str, origin: Origin, ask: &Ask<'_>) -> Result<String, Reply> {
        let id = id.map(str::to_owned).or_else(|| ask.get("channelId").map(|id| id.into_owned()));
        let seconds = self.now.as_micros() / 1_000_000;
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("{seconds}.{}", self.channel_count));
        if id.len() > LONGEST_ID {
            return Err(Reply::error(400, &format!("Uniqueid length exceeds maximum of {LONGEST_ID}")));
        }
        if self.channels.contains_key(&id) {
            return Err(Reply::error(409, "Channel with given unique ID already exists"));
        }
        if !self.is_registered(resource) {
            return Err(Reply::allocation_failed());
        }
        let name = self.next_channel_name(resource);
        let mut leg = Channel::new(name, State::Down, Far::Phone(None), origin, self.now);
        leg.protocol_id = format!("leg-{}", self.channel_count);
        leg.place = Place { context: "internal".into(), exten: "s".into(), priority: 1, ..Place::default() };
        leg.resource = resource.into();
        if let Some(variables) = ask.body().and_then(|body| body.get("variables")).and_then(|v| v.as_object()) {
            for setting in settings(variables)? {
                if setting.report {
                    leg.reported.insert(setting.name.clone());
                }
                leg.variables.insert(setting.name, setting.value);
            }
        }
        self.channels.insert(id.clone(), leg);
        Ok(id)
    }

    /// A created leg is in its application a moment later; with nobody there it is gone.
    pub(super) fn on_created_enters(&mut self, id: &str) {
        let Some(leg) = self.channels.get(id).filter(|leg| leg.ending.is_none()) else { return };
        let Origin::Created { app, args } = leg.origin.clone() else { return };
        if !self.enter_stasis(id, &app, &args) {
            self.channels.remove(id);
            self.forget_channel(id);
        }
    }

    fn post_dial(&mut self, id: &str, ask: &Ask<'_>) -> Outcome {
        let leg = self.controlled(id)?;
        if leg.state != State::Down {
            return Err(Reply::error(409, "Channel is not in the 'Down' state"));
        }
        if !matches!(leg.origin, Origin::Created { .. }) {
            return Err(Reply::error(409, "Dialing a channel not created by ARI"));
        }
        if let Some(caller) = ask.get("caller").and_then(|it| self.named(&it)) {
            self.present(id, &caller);
        }
        let seconds = ask.get("timeout").and_then(|text| text.parse().ok()).filter(|seconds: &u64| *seconds > 0);
        self.accept(id, Job::Dial { timeout: seconds.map(Duration::from_secs) })
    }

    /// The channel of that name or, if there is none, of that id.
    pub(super) fn named(&self, it: &str) -> Option<String> {
        let by_name = self.channels.iter().find(|(_, channel)| channel.name.eq_ignore_ascii_case(it));
        by_name.map(|(id, _)| id).or_else(|| self.channels.get_key_value(it).map(|(id, _)| id)).cloned()
    }

    /// A leg shows a caller's number to the phone, and takes on his language and what he lets others inherit.
    fn present(&mut self, leg: &str, caller: &str) {
        let Some(caller) = self.channels.get(caller) else { return };
        let (party, language) = (caller.caller.clone(), caller.language.clone());
        let inherited: Vec<_> = caller
            .variables
            .iter()
            .filter_map(|(name, value)| {
                let bare = name.strip_prefix('_')?;
                // Two underlines are kept for the next generation, one is not.
                Some((if bare.starts_with('_') { name.clone() } else { bare.to_owned() }, value.clone()))
            })
            .collect();
        if let Some(leg) = self.channels.get_mut(leg) {
            leg.connected = party;
            leg.language = language;
            leg.variables.extend(inherited);
        }
    }
}

/// The dial string without its technology: the only one here is PJSIP.
fn requested_resource(ask: &Ask<'_>) -> Result<String, Reply> {
    let endpoint = ask.get("endpoint").filter(|endpoint| !endpoint.is_empty());
    let endpoint = endpoint.ok_or_else(|| Reply::error(400, "Endpoint must be specified"))?;
    match endpoint.split_once('/') {
        Some(("PJSIP", resource)) if !resource.is_empty() => Ok(resource.to_owned()),
        Some((technology, resource)) if !technology.is_empty() && !resource.is_empty() => {
            Err(Reply::allocation_failed())
        }
        Some(_) | None => Err(Reply::error(400, "Invalid endpoint specified")),
    }
}

fn requested_args(ask: &Ask<'_>) -> Vec<String> {
    let args = ask.get("appArgs").filter(|args| !args.is_empty());
    args.map(|args| args.split(',').map(str::to_owned).collect()).unwrap_or_default()
}

/// `"Name" <number>`.
fn parse_caller_id(text: &str) -> Party {
    match text.split_once('<') {
        Some((name, number)) => Party {
            name: name.trim().trim_matches('"').to_owned(),
            number: number.trim_end().trim_end_matches('>').to_owned(),
        },
        None => Party { name: String::new(), number: text.trim().to_owned() },
    }
}
