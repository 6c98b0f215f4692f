//! Bridges: of two who talk, and of many who wait, each with his own music.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{
    World,
    app::About,
    channel::{Hears, State},
    events::timestamp,
    jobs::Setting,
    reply::{Outcome, Reply},
    seen::Who,
};
use crate::domain::Time;

/// What a bridge was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `mixing`: two in it are joined natively, and their keys are not told.
    Mixing,
    /// `mixing,dtmf_events` or `mixing,proxy_media`: Asterisk stays between two in it and tells their keys.
    Attended,
    /// `holding`.
    Holding,
}

/// What somebody in a bridge is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    None,
    /// Has music in a holding bridge.
    Waiting,
    /// Any other: silence in a holding bridge.
    Other,
}

impl Role {
    pub(super) fn of(text: Option<&str>) -> Self {
        match text {
            None | Some("") => Self::None,
            Some("holding_participant") => Self::Waiting,
            Some(_) => Self::Other,
        }
    }
}

/// A bridge.
#[derive(Debug)]
pub(super) struct Bridge {
    pub(super) kind: Kind,
    name: String,
    created: Time,
    /// In the order in which they came.
    pub(super) members: Vec<String>,
    variables: BTreeMap<String, Setting>,
}

impl Bridge {
    fn to_json(&self, id: &str, native: bool) -> Value {
        let (technology, kind) = match self.kind {
            Kind::Holding => ("holding_bridge", "holding"),
            Kind::Mixing | Kind::Attended if self.members.len() > 2 => ("softmix", "mixing"),
            Kind::Mixing if native => ("native_rtp", "mixing"),
            Kind::Mixing | Kind::Attended => ("simple_bridge", "mixing"),
        };
        let mut json = json!({
            "id": id,
            "technology": technology,
            "bridge_type": kind,
            "bridge_class": "stasis",
            "creator": "Stasis",
            "name": self.name,
            "channels": self.members,
            "creationtime": timestamp(self.created),
            "video_mode": "talker",
        });
        let reported: BTreeMap<_, _> =
            self.variables.iter().filter(|(_, set)| set.report).map(|(name, set)| (name, &set.value)).collect();
        if !reported.is_empty() {
            json["bridgevars"] = json!(reported);
        }
        json
    }
}

fn no_such_bridge() -> Reply {
    Reply::error(404, "Bridge not found")
}

fn kind_of(types: &str) -> Option<Kind> {
    let mut kind = None;
    let mut attended = false;
    for word in types.split(',').filter(|word| !word.is_empty()) {
        match (word, kind) {
            ("mixing", None) => kind = Some(Kind::Mixing),
            ("holding", None) => kind = Some(Kind::Holding),
            ("dtmf_events" | "proxy_media", _) => attended = true,
            _ => return None,
        }
    }
    match (kind, attended) {
        (Some(Kind::Mixing), true) => Some(Kind::Attended),
        (None, true) => None,
        (None, false) => Some(Kind::Mixing),
        (kind, _) => kind,
    }
}

impl World {
    pub(super) fn bridge_json(&self, id: &str) -> Value {
        self.bridges.get(id).map_or(Value::Null, |bridge| bridge.to_json(id, self.is_native(bridge)))
    }

    /// Two answered channels in a plain mixing bridge: Asterisk takes itself out of their way.
    fn is_native(&self, bridge: &Bridge) -> bool {
        let up = |id: &String| self.channels.get(id).is_some_and(|channel| channel.state == State::Up);
        bridge.kind == Kind::Mixing && bridge.members.len() == 2 && bridge.members.iter().all(up)
    }

    /// Whether keys pressed on this channel come to nobody's ears.
    pub(super) fn is_joined_natively(&self, id: &str) -> bool {
        let bridge = self.channels.get(id).and_then(|channel| channel.bridge.as_ref());
        bridge.and_then(|bridge| self.bridges.get(bridge)).is_some_and(|bridge| self.is_native(bridge))
    }

    pub(super) fn post_bridge(&mut self, id: &str, types: &str, name: &str, named_by_us: bool) -> Outcome {
        if self.bridges.contains_key(id) {
            return Err(Reply::error(409, &format!("Bridge with id '{id}' already exists")));
        }
        let Some(kind) = kind_of(types) else {
            let hint = if named_by_us { String::new() } else { format!(". Possible duplicate bridge id '{id}'") };
            return Err(Reply::error(500, &format!("Unable to create bridge{hint}")));
        };
        let bridge =
            Bridge { kind, name: name.to_owned(), created: self.now, members: Vec::new(), variables: BTreeMap::new() };
        self.bridges.insert(id.to_owned(), bridge);
        Ok(Some(Reply::ok(self.bridge_json(id))))
    }

    pub(super) fn found_bridge(&self, id: &str) -> Result<&Bridge, Reply> {
        self.bridges.get(id).ok_or_else(no_such_bridge)
    }

    /// Whoever is in it stays where he is, in silence.
    pub(super) fn delete_bridge(&mut self, id: &str) -> Outcome {
        self.found_bridge(id)?;
        while let Some(member) = self.bridges.get(id).and_then(|bridge| bridge.members.first().cloned()) {
            self.take_out(&member);
        }
        let bridge = self.bridge_json(id);
        self.tell(&[About::Bridge(id)], "BridgeDestroyed", json!({ "bridge": bridge }));
        self.bridges.remove(id);
        self.forget_bridge(id);
        Ok(Some(Reply::no_content()))
    }

    pub(super) fn get_bridges(&self) -> Reply {
        Reply::ok(self.bridges.keys().map(|id| self.bridge_json(id)).collect())
    }

    /// Leaves any other bridge, or this one, and comes in at the end of it.
    pub(super) fn move_to_bridge(&mut self, id: &str, bridge: &str, role: Role) {
        let again = self.channels.get(id).is_some_and(|channel| channel.bridge.as_deref() == Some(bridge));
        // The music of one who waits there already ends, and does not begin again.
        let role = if again && role == Role::Waiting { Role::Other } else { role };
        self.leave_bridge(id);
        let Some(into) = self.bridges.get_mut(bridge) else { return };
        into.members.push(id.to_owned());
        if let Some(channel) = self.channels.get_mut(id) {
            channel.bridge = Some(bridge.to_owned());
            channel.role = role;
            if role == Role::Waiting {
                // The bridge's music takes the place of what was heard before.
                channel.rings = false;
                channel.music = None;
            }
            if let Some(app) = channel.stasis.clone() {
                self.subscribe_bridge(&app, bridge);
            }
        }
        self.touch(id);
        let fields = json!({ "bridge": self.bridge_json(bridge), "channel": self.channel_json(id) });
        self.tell(&[About::Channel(id), About::Bridge(bridge)], "ChannelEnteredBridge", fields);
    }

    /// Out of its bridge on request: its application no longer follows that bridge for its sake.
    pub(super) fn leave_bridge(&mut self, id: &str) {
        let app = self.channels.get(id).and_then(|channel| channel.stasis.clone());
        if let (Some(bridge), Some(app)) = (self.take_out(id), app) {
            self.unsubscribe_bridge(&app, &bridge);
        }
    }

    /// Out of its bridge because it ends: its application follows the bridge to its end.
    pub(super) fn leave_bridge_for_good(&mut self, id: &str) {
        self.take_out(id);
    }

    fn take_out(&mut self, id: &str) -> Option<String> {
        self.touch(id);
        let bridge = self.channels.get_mut(id)?.bridge.take()?;
        if let Some(from) = self.bridges.get_mut(&bridge) {
            from.members.retain(|member| member != id);
        }
        let fields = json!({ "bridge": self.bridge_json(&bridge), "channel": self.channel_json(id) });
        self.tell(&[About::Channel(id), About::Bridge(&bridge)], "ChannelLeftBridge", fields);
        Some(bridge)
    }

    /// What somebody hears who is in this bridge; `None`: what he would hear outside it.
    pub(super) fn hears_in(&self, bridge: &str, id: &str) -> Option<Hears> {
        let bridge = self.bridges.get(bridge)?;
        let me = self.channels.get(id)?;
        if bridge.kind == Kind::Holding {
            let class = me.variables.get("CHANNEL(musicclass)").map_or("default", String::as_str);
            return match me.role {
                Role::Waiting => Some(Hears::Music(Arc::from(class))),
                Role::None | Role::Other => Some(Hears::Nothing),
            };
        }
        let others = || bridge.members.iter().filter(|other| *other != id);
        let state = |other: &String| self.channels.get(other).map(|channel| channel.state);
        let with: Vec<Who> =
            others().filter(|other| state(other) == Some(State::Up)).filter_map(|other| self.far_end(other)).collect();
        if me.state == State::Up && !with.is_empty() {
            return Some(Hears::Talk(with));
        }
        // A leg that rings in the bridge is heard as a ringing tone.
        others().any(|other| state(other) == Some(State::Ringing)).then_some(Hears::Ringing)
    }

    /// What a leg in a bridge says is passed on to a caller who is in it with him: that it rings, and that it is answered.
    pub(super) fn pass_on(&mut self, leg: &str, answered: bool) {
        let bridge = self.channels.get(leg).and_then(|leg| leg.bridge.as_ref()).and_then(|id| self.bridges.get(id));
        let Some(bridge) = bridge.filter(|bridge| bridge.kind != Kind::Holding) else { return };
        for other in bridge.members.clone().into_iter().filter(|other| other != leg) {
            if answered {
                self.answer(&other);
            } else {
                self.tell_that_it_rings(&other);
            }
        }
    }

    pub(super) fn set_bridge_variables(&mut self, id: &str, settings: Vec<Setting>) -> Outcome {
        let bridge = self.bridges.get_mut(id).ok_or_else(no_such_bridge)?;
        for setting in settings {
            bridge.variables.insert(setting.name.clone(), setting);
        }
        Ok(Some(Reply::no_content()))
    }

    pub(super) fn get_bridge_variable(&self, id: &str, name: &str) -> Outcome {
        let bridge = self.found_bridge(id)?;
        let set = bridge.variables.get(name).ok_or_else(|| Reply::error(404, "Provided variable was not found"))?;
        Ok(Some(Reply::ok(json!({ "value": set.value }))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_that_asterisk_knows_make_a_bridge() {
        assert_eq!(kind_of(""), Some(Kind::Mixing));
        assert_eq!(kind_of("mixing"), Some(Kind::Mixing));
        assert_eq!(kind_of("mixing,dtmf_events"), Some(Kind::Attended));
        assert_eq!(kind_of("holding"), Some(Kind::Holding));
        for types in ["dtmf_events", "proxy_media", "mixing,holding", "nonsense"] {
            assert_eq!(kind_of(types), None, "{types}");
        }
    }
}
