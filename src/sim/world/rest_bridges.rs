//! Requests under `bridges`.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{
    World,
    bridge::Role,
    reply::{Outcome, Reply, Ticket},
    rest::{Ask, no_route},
    variables::{one_setting, settings},
};

impl World {
    pub(super) fn route_bridges(&mut self, ticket: Ticket, method: &str, parts: &[&str], ask: &Ask<'_>) -> Outcome {
        match (method, parts) {
            ("GET", []) => Ok(Some(self.get_bridges())),
            ("POST", []) => self.create_bridge(None, ask),
            ("POST", [id]) => self.create_bridge(Some(id), ask),
            ("GET", [id]) => {
                self.found_bridge(id)?;
                Ok(Some(Reply::ok(self.bridge_json(id))))
            }
            ("DELETE", [id]) => self.delete_bridge(id),
            ("POST", [id, "addChannel"]) => self.add_channel(ticket, id, ask),
            ("POST", [id, "removeChannel"]) => self.remove_channel(ticket, id, ask),
            ("POST", [id, "variable"]) => {
                let setting = one_setting(ask)?;
                self.set_bridge_variables(id, vec![setting])
            }
            ("POST", [id, "variables"]) => {
                let variables = ask.body().and_then(|body| body.get("variables")).and_then(Value::as_object);
                let variables =
                    variables.ok_or_else(|| Reply::error(400, "The 'variables' field must be a JSON object"))?;
                let variables = settings(variables)?;
                self.set_bridge_variables(id, variables)
            }
            ("GET", [id, "variable"]) => {
                let name = ask.get("variable").ok_or_else(|| Reply::error(400, "Variable name is required"))?;
                self.get_bridge_variable(id, &name)
            }
            ("POST", [id, "play"] | [id, "play", _]) => self.play_to_nobody(id, ask),
            (_, [_, "moh" | "play" | "record" | "videoSource" | "variables"] | [_, "play" | "videoSource", _]) => {
                Err(Reply::not_modelled())
            }
            _ => Err(no_route(parts.len() <= 1)),
        }
    }

    /// `POST bridges/ID/play` in an empty bridge: what is behind a URL is fetched, and nobody hears it.
    fn play_to_nobody(&mut self, id: &str, ask: &Ask<'_>) -> Outcome {
        if !self.found_bridge(id)?.members.is_empty() {
            return Err(Reply::not_modelled());
        }
        let media = ask.list("media");
        let media = media.first().ok_or_else(|| Reply::error(500, "Failed to queue media for playback"))?;
        let playback = format!("playback-{}", self.next());
        let target = format!("bridge:{id}");
        let json =
            json!({"id": playback, "media_uri": media, "target_uri": target, "language": "en", "state": "queued"});
        Ok(Some(Reply::created(json)))
    }

    /// `POST bridges`. With a body but without an id in the path, the body's keys become variables of the bridge: ask with
    /// the query.
    fn create_bridge(&mut self, id: Option<&str>, ask: &Ask<'_>) -> Outcome {
        let named_by_us = id.is_some();
        let variables = match (id, ask.body()) {
            (None, Some(Value::Object(body))) => settings(body)?,
            (Some(_), Some(body)) => {
                body.get("variables").and_then(Value::as_object).map(settings).transpose()?.unwrap_or_default()
            }
            (_, None | Some(_)) => Vec::new(),
        };
        let id = id.map(str::to_owned).or_else(|| ask.get("bridgeId").map(|id| id.into_owned()));
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("bridge-{}", self.next()));
        let types = ask.list("type").join(",");
        let name = ask.get("name").unwrap_or_default();
        let reply = self.post_bridge(&id, &types, &name, named_by_us)?;
        self.set_bridge_variables(&id, variables)?;
        Ok(reply)
    }

    /// Every channel must be there and in an application, or none comes in.
    fn add_channel(&mut self, ticket: Ticket, id: &str, ask: &Ask<'_>) -> Outcome {
        self.found_bridge(id)?;
        let channels = self.listed_channels(ask)?;
        let role = Role::of(ask.get("role").as_deref());
        self.add_next(id.to_owned(), role, channels, ticket);
        Ok(None)
    }

    fn remove_channel(&mut self, ticket: Ticket, id: &str, ask: &Ask<'_>) -> Outcome {
        self.found_bridge(id)?;
        let channels = self.listed_channels(ask)?;
        let inside = |channel: &String| self.channels.get(channel).and_then(|c| c.bridge.as_deref()) == Some(id);
        if !channels.iter().all(inside) {
            return Err(Reply::error(422, "Channel not in this bridge"));
        }
        self.remove_next(id.to_owned(), channels, ticket);
        Ok(None)
    }

    fn listed_channels(&self, ask: &Ask<'_>) -> Result<VecDeque<String>, Reply> {
        let channels = VecDeque::from(ask.list("channel"));
        if channels.is_empty() {
            return Err(Reply::error(400, "Missing parameter channel"));
        }
        for id in &channels {
            match self.channels.get(id) {
                None => return Err(Reply::error(400, "Channel not found")),
                Some(channel) if channel.stasis.is_none() => {
                    return Err(Reply::error(422, "Channel not in Stasis application"));
                }
                Some(_) => {}
            }
        }
        Ok(channels)
    }
}
