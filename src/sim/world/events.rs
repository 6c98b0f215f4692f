//! Events: who is told, and in what words.

use serde_json::{Value, json};

use super::{World, app::About};
use crate::domain::Time;

/// What this Asterisk calls itself (`asterisk_id`).
pub(super) const ENTITY: &str = "02:00:00:00:00:01";

/// A moment as ARI writes it: `2026-11-22T18:20:15.138+0000`.
pub(super) fn timestamp(at: Time) -> String {
    let micros = i64::try_from(at.as_micros()).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

impl World {
    /// Publishes an event to every application that it is about: once to each, whatever of it concerns it.
    ///
    /// An application without a socket misses it for good.
    pub(super) fn tell(&mut self, about: &[About<'_>], kind: &str, fields: Value) {
        let listeners: Vec<_> = self
            .apps
            .iter()
            .filter(|(name, app)| {
                about.iter().any(|about| app.concerns(name, self.subscribed.get(*name), *about)) && app.wants(kind)
            })
            .filter_map(|(name, app)| Some((name.clone(), app.socket.filter(|_| !app.deaf)?)))
            .collect();
        for (application, socket) in listeners {
            let mut event = json!({ "type": kind, "timestamp": timestamp(self.now) });
            if let (Some(event), Value::Object(fields)) = (event.as_object_mut(), &fields) {
                event.extend(fields.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            event["asterisk_id"] = ENTITY.into();
            event["application"] = application.into();
            self.events.push_back((socket, event.to_string()));
        }
    }

    pub(super) fn tell_dial(&mut self, id: &str, status: &str, dialstring: &str) {
        let peer = self.channel_json(id);
        let fields = json!({ "dialstatus": status, "forward": "", "dialstring": dialstring, "peer": peer });
        self.tell(&[About::Channel(id)], "Dial", fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_asterisk_writes_it() {
        assert_eq!(timestamp(Time::from_micros(1_795_371_615_138_999)), "2026-11-22T18:20:15.138+0000");
    }
}
