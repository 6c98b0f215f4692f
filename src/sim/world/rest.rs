//! ARI's front door: which path is which request.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{
    World,
    events::{ENTITY, timestamp},
    reply::{Answer, Outcome, Reply, Ticket},
};

/// What a request asks with: parameters in the query, or under the same names in a JSON body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub(super) query: &'a [(String, String)],
    pub(super) body: Option<&'a Value>,
}

impl<'a> Ask<'a> {
    pub(super) fn body(&self) -> Option<&'a Value> {
        self.body
    }

    pub(super) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        let in_query = self.query.iter().find(|(key, _)| key == name).map(|(_, value)| Cow::Borrowed(value.as_str()));
        in_query.or_else(|| text(self.body?.get(name)?))
    }

    /// A parameter that may be given several times, or once with commas.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let mut found: Vec<String> =
            self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect();
        match self.body.and_then(|body| body.get(name)) {
            Some(Value::Array(items)) => found.extend(items.iter().filter_map(text).map(Cow::into_owned)),
            Some(item) => found.extend(text(item).map(Cow::into_owned)),
            None => {}
        }
        found.iter().flat_map(|item| item.split(',')).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }
}

fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(yes) => Some(Cow::Borrowed(if *yes { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// One part of a path or a query, without its percent signs.
pub(super) fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = (*first == b'%').then(|| tail.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl World {
    /// Carries a request out. `None`: its reply is among those that waited, or will be.
    pub(super) fn route(
        &mut self,
        ticket: Ticket,
        method: &str,
        path: &str,
        query: &[(String, String)],
        body: Option<&Value>,
    ) -> Option<Answer> {
        if self.started.is_none() {
            return Some(Answer::Now(Reply::booting()));
        }
        let path = path.trim_start_matches('/');
        let path = path.strip_prefix("ari/").unwrap_or(path);
        if let Some(path) = path.strip_suffix('/') {
            let hint = format!("ARI URLs do not end with a slash. Try /ari/{path}");
            return Some(Answer::Now(Reply::error(404, &hint)));
        }
        let parts: Vec<String> = path.split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let ask = Ask { query, body };
        let outcome = match parts.split_first() {
            Some((&"channels", rest)) => self.route_channels(ticket, method, rest, &ask),
            Some((&"bridges", rest)) => self.route_bridges(ticket, method, rest, &ask),
            Some((&"playbacks", rest)) => self.route_playbacks(method, rest),
            Some((&"applications", rest)) => self.route_applications(method, rest, &ask),
            Some((&"asterisk", rest)) => self.route_asterisk(method, rest, &ask),
            Some((&"endpoints", rest)) => self.route_endpoints(method, rest),
            Some((&"events", ["user", name])) if method == "POST" => self.post_user_event(name, &ask),
            Some((&"recordings", rest)) => self.route_recordings(method, rest),
            Some((&"deviceStates", [device])) if method == "GET" => Ok(Some(self.get_device(device))),
            Some((&("events" | "sounds" | "deviceStates"), _)) => Err(Reply::not_modelled()),
            Some(_) | None => Err(Reply::error(404, "Resource not found")),
        };
        outcome.unwrap_or_else(Some).map(Answer::Now)
    }

    fn route_playbacks(&mut self, method: &str, parts: &[&str]) -> Outcome {
        match (method, parts) {
            ("GET", [id]) => self.get_playback(id),
            ("DELETE", [id]) => self.delete_playback(id),
            ("POST", [_, "control"]) => Err(Reply::not_modelled()),
            _ => Err(no_route(parts.len() <= 2 && !parts.is_empty())),
        }
    }

    fn route_applications(&mut self, method: &str, parts: &[&str], ask: &Ask<'_>) -> Outcome {
        match (method, parts) {
            ("GET", []) => Ok(Some(self.get_applications())),
            ("GET", [app]) => self.get_application(app),
            ("PUT", [app, "eventFilter"]) => self.put_event_filter(app, ask),
            ("POST", [app, "subscription"]) => self.post_subscription(app, ask),
            ("DELETE", [app, "subscription"]) => self.delete_subscription(app, ask),
            _ => Err(no_route(parts.len() <= 2)),
        }
    }

    fn route_asterisk(&mut self, method: &str, parts: &[&str], ask: &Ask<'_>) -> Outcome {
        match (method, parts) {
            ("GET", ["ping"]) => {
                let pong = json!({ "ping": "pong", "timestamp": timestamp(self.now), "asterisk_id": ENTITY });
                Ok(Some(Reply::ok(pong)))
            }
            ("GET", ["info"]) => {
                let only = ask.list("only");
                let Value::Object(mut info) = self.info() else { return Err(Reply::not_modelled()) };
                info.retain(|part, _| only.is_empty() || only.contains(part));
                Ok(Some(Reply::ok(info.into())))
            }
            (_, ["modules" | "logging" | "config" | "variable", ..]) => Err(Reply::not_modelled()),
            _ => Err(no_route(matches!(parts, ["ping" | "info"]))),
        }
    }

    fn route_endpoints(&mut self, method: &str, parts: &[&str]) -> Outcome {
        let ("GET", ["PJSIP", name]) = (method, parts) else { return Err(Reply::not_modelled()) };
        if !self.is_registered(name) {
            return Err(Reply::error(404, "Endpoint not found"));
        }
        let here = |channel: &super::Channel| &*channel.resource == *name;
        let channels: Vec<_> =
            self.channels.iter().filter(|(_, channel)| here(channel)).map(|(id, _)| id.as_str()).collect();
        let state = if self.device_state(name) == "UNAVAILABLE" { "offline" } else { "online" };
        Ok(Some(Reply::ok(json!({ "technology": "PJSIP", "resource": name, "state": state, "channel_ids": channels }))))
    }
}

/// Asterisk knows the path and not the method, or not even the path.
pub(super) fn no_route(path_is_known: bool) -> Reply {
    if path_is_known { Reply::error(405, "Invalid method") } else { Reply::error(404, "Resource not found") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_without_its_percent_signs() {
        assert_eq!(decoded("sub%2Fname"), "sub/name");
        assert_eq!(decoded("%"), "%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        assert_eq!(decoded("%c3%a5"), "å");
    }

    #[test]
    fn a_parameter_may_come_in_the_query_or_in_the_body() {
        let query =
            vec![("media".to_owned(), "sound:a,sound:b".to_owned()), ("media".to_owned(), "sound:c".to_owned())];
        let body = json!({ "timeout": 15, "app": "sentral" });
        let ask = Ask { query: &query, body: Some(&body) };
        assert_eq!(ask.list("media"), ["sound:a", "sound:b", "sound:c"]);
        assert_eq!(ask.get("timeout").as_deref(), Some("15"));
        assert_eq!(ask.get("app").as_deref(), Some("sentral"));
        assert_eq!(ask.get("nothing"), None);
    }
}
