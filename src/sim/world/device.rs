//! Devices: what Asterisk says of a phone, whoever's calls are at it.

use serde_json::json;

use super::{World, app::About, caller::CallerId, reply::Reply};
use crate::domain::Time;

/// The one technology there is.
const TECHNOLOGY: &str = "PJSIP/";

impl World {
    /// The person at a phone calls somebody past every application; false when it is not registered.
    pub fn phone_calls_out(&mut self, now: Time, phone: &str) -> bool {
        self.change_own_calls(now, phone, |own| own.checked_add(1))
    }

    /// He hangs such a call up; false when there is none.
    pub fn phone_ends_its_own_call(&mut self, now: Time, phone: &str) -> bool {
        self.change_own_calls(now, phone, |own| own.checked_sub(1))
    }

    fn change_own_calls(&mut self, now: Time, phone: &str, change: impl Fn(u32) -> Option<u32>) -> bool {
        self.advance(now);
        let Some(known) = self.phones.get_mut(phone) else { return false };
        let Some(own) = change(known.own) else { return false };
        known.own = own;
        self.tell_device(phone);
        true
    }

    /// A caller is in no call any more; perhaps one who called from a telephone of the house.
    pub(super) fn caller_is_gone(&mut self, caller: CallerId) {
        if let Some(phone) = self.callers.remove(&caller).and_then(|visit| visit.calling.phone) {
            self.tell_device(&phone);
        }
    }

    /// `GET deviceStates/NAME`. Of a technology that is not there nothing is known.
    pub(super) fn get_device(&self, device: &str) -> Reply {
        let state = device.strip_prefix(TECHNOLOGY).map_or("INVALID", |phone| self.device_state(phone));
        Reply::ok(json!({ "name": device, "state": state }))
    }

    /// In Asterisk's words. A phone that is not there may have been, and may be again.
    pub(super) fn device_state(&self, phone: &str) -> &'static str {
        let Some(known) = self.phones.get(phone) else { return "UNAVAILABLE" };
        let mut legs = self.dialogs.values().filter(|dialog| &*dialog.phone == phone);
        let rings = legs.clone().any(|dialog| !dialog.picked_up);
        let calls = |calling: &super::Calling| calling.phone.as_deref() == Some(phone);
        let own = known.own > 0 || self.callers.values().any(|visit| visit.channel.is_some() && calls(&visit.calling));
        match (rings, own || legs.any(|dialog| dialog.picked_up)) {
            (false, false) => "NOT_INUSE",
            (true, false) => "RINGING",
            (false, true) => "INUSE",
            (true, true) => "RINGINUSE",
        }
    }

    /// Tells how a phone is, if that is news.
    pub(super) fn tell_device(&mut self, name: &str) {
        let state = self.device_state(name);
        let Some(phone) = self.phones.get_mut(name).filter(|phone| phone.device != state) else { return };
        phone.device = state;
        self.tell_of_device(name);
    }

    pub(super) fn tell_of_device(&mut self, name: &str) {
        let (device, state) = (format!("{TECHNOLOGY}{name}"), self.device_state(name));
        let fields = json!({ "device_state": { "name": device, "state": state } });
        self.tell(&[About::Device(&device)], "DeviceStateChanged", fields);
    }
}
