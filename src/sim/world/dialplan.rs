//! Asterisk's dialplan as shipped: dead man's switch, `Stasis()`, and the native queue when that comes to nothing.

use serde_json::Value;

use super::{
    World,
    caller::{CallerId, ToCaller},
    channel::{Channel, Far, Origin, Party, Place, State},
    hangup::{By, Ending},
    timers::Due,
};

impl World {
    /// A caller's INVITE is at the door.
    pub(super) fn on_invite(&mut self, caller: CallerId) {
        let network = self.config.network;
        if self.started.is_none() {
            return self.after(network, Due::ToCaller(caller, ToCaller::Refused(503)));
        }
        // Asterisk names its channels by the second and a number of its own.
        let id = format!("{}.{}", self.now.as_micros() / 1_000_000, self.channel_count);
        let phone = self.callers.get(&caller).and_then(|visit| visit.calling.phone.clone());
        let name = self.next_channel_name(phone.as_deref().unwrap_or("trunk"));
        let Some(visit) = self.callers.get_mut(&caller) else { return };
        visit.channel = Some(id.clone());
        let dialled = visit.calling.dialled.to_string();
        let presentation = if visit.calling.withheld { "prohib_passed_screen" } else { "allowed_not_screened" };
        let mut channel = Channel::new(name, State::Ring, Far::Caller(caller), Origin::Dialplan, self.now);
        channel.protocol_id = format!("caller-{}", caller.0);
        channel.caller = Party { name: visit.calling.name.to_string(), number: visit.calling.number.to_string() };
        let context = if phone.is_some() { "internal" } else { "public" };
        channel.place = Place { context: context.into(), exten: dialled.clone(), priority: 3, ..Place::default() };
        channel.variables.insert("SENTRAL_DIALLED".into(), dialled.clone());
        self.channels.insert(id.clone(), channel);
        if let Some(phone) = phone.as_deref() {
            self.tell_device(phone);
        }
        self.set_absolute(&id, Some(self.config.dead_man));
        let application = self.config.others.get(&*dialled).unwrap_or(&self.config.application).clone();
        let mut args = vec![dialled, presentation.to_owned()];
        if phone.is_some() {
            args.push("internal".into());
        }
        if !self.enter_stasis(&id, &application, &args) {
            self.fall_back(&id);
        }
    }

    /// The native queue: Asterisk answers and keeps the caller without any engine.
    pub(super) fn fall_back(&mut self, id: &str) {
        self.set_absolute(id, None);
        self.answer(id);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.place.context = "fallback".into();
            channel.place.app_name = "Queue".into();
            channel.place.app_data = "fallback,,,,300".into();
            channel.music = None;
        }
        self.touch(id);
        self.after(self.config.fallback, Due::FallbackEnds(id.to_owned()));
    }

    /// `TIMEOUT(absolute)` has run out: exten `T`.
    pub(super) fn on_absolute(&mut self, id: &str) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        // It may have been armed again, or cleared, since.
        if channel.ending.is_some() || channel.absolute.is_none_or(|at| at > self.now) {
            return;
        }
        channel.absolute = None;
        self.go_on_in_dialplan(id, true);
    }

    /// `POST channels/ID/continue`: behind the `Stasis()` that brought it, or where the request says. A place that is not
    /// there is accepted, and the call is dropped.
    pub(super) fn continue_in_dialplan(&mut self, id: &str, context: Option<String>, exten: Option<String>) {
        let known = match context.as_deref() {
            None => exten.is_none(),
            Some(context) => context == "fallback",
        };
        self.go_on_in_dialplan(id, known);
    }

    fn go_on_in_dialplan(&mut self, id: &str, known: bool) {
        self.leave_for_dialplan(id);
        let from_outside = self.channels.get(id).is_some_and(|channel| channel.origin == Origin::Dialplan);
        if known && from_outside {
            self.fall_back(id);
        } else {
            self.hang_up(id, Ending { cause: 16, tech: None }, By::Asterisk);
        }
    }

    pub(super) fn on_fallback_ends(&mut self, id: &str) {
        if self.channels.get(id).is_some_and(|channel| channel.place.context == "fallback") {
            self.hang_up(id, Ending { cause: 16, tech: None }, By::Asterisk);
        }
    }

    /// `GET asterisk/info`.
    pub(super) fn info(&self) -> Value {
        let started = super::events::timestamp(self.started.unwrap_or(self.now));
        serde_json::json!({
            "build": { "os": "Linux", "kernel": "", "machine": "", "options": "", "date": "", "user": "" },
            "system": { "version": "22.10.1", "entity_id": super::events::ENTITY },
            "config": { "name": "", "default_language": "en", "setid": { "user": "", "group": "" } },
            "status": { "startup_time": started, "last_reload_time": started },
        })
    }
}
