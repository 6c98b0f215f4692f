//! Variables of a channel, and the few functions that are written like them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    World,
    app::About,
    jobs::{Job, Setting},
    reply::{Outcome, Reply, Ticket},
    rest::Ask,
};

const MISSING: &str = "Provided variable was not found";

impl World {
    pub(super) fn set_variable(&mut self, id: &str, setting: Setting) {
        let Setting { name, value, report } = setting;
        if name == "TIMEOUT(absolute)" {
            let seconds = value.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds > 0.0);
            return self.set_absolute(id, seconds.map(Duration::from_secs_f64));
        }
        let Some(channel) = self.channels.get_mut(id) else { return };
        if name == "CHANNEL(language)" {
            channel.language.clone_from(&value);
        }
        if value.is_empty() && !name.ends_with(')') {
            channel.variables.remove(&name);
        } else {
            channel.variables.insert(name.clone(), value.clone());
        }
        if report {
            channel.reported.insert(name.clone());
        }
        self.touch(id);
        let fields = json!({ "variable": name, "value": value, "channel": self.channel_json(id) });
        self.tell(&[About::Channel(id)], "ChannelVarset", fields);
    }

    /// `POST channels/ID/variable`.
    pub(super) fn post_variable(&mut self, ticket: Ticket, id: &str, ask: &Ask<'_>) -> Outcome {
        let setting = one_setting(ask)?;
        self.controlled(id)?;
        self.wait(id, Job::Set { variables: vec![setting], ticket })
    }

    /// `POST channels/ID/variables` (22.10 and later): several at once.
    pub(super) fn post_variables(&mut self, ticket: Ticket, id: &str, ask: &Ask<'_>) -> Outcome {
        if !self.channels.contains_key(id) && ask.body().is_some() {
            return Err(match self.named(id) {
                Some(_) => Reply::error(409, "Channel not in Stasis application"),
                None => Reply::error(404, "Provided channel was not found"),
            });
        }
        let variables = settings_of_body(ask, id, self)?;
        self.wait(id, Job::Set { variables, ticket })
    }

    fn read(&self, id: &str, name: &str) -> Result<String, Reply> {
        let channel = self.channels.get(id).ok_or_else(|| Reply::error(404, "Provided channel was not found"))?;
        let unreadable = || Reply::error(500, "Unable to read provided function");
        Ok(match name {
            "TIMEOUT(absolute)" => {
                let left = channel.absolute.map_or(Duration::ZERO, |at| at.since(self.now));
                if left.is_zero() { "0.000".into() } else { format!("{:.3}", left.as_secs_f64()) }
            }
            "CALLERID(num)" => channel.caller.number.clone(),
            "CALLERID(name)" => channel.caller.name.clone(),
            "CALLERID(dnid)" => channel.place.exten.clone(),
            "CHANNEL(state)" => channel.to_json(id)["state"].as_str().unwrap_or_default().to_owned(),
            "CHANNEL(language)" => channel.language.clone(),
            "CHANNEL(musicclass)" => channel.variables.get(name).cloned().unwrap_or_default(),
            name if name.ends_with(')') => return Err(unreadable()),
            name => channel.variables.get(name).cloned().ok_or_else(|| Reply::error(404, MISSING))?,
        })
    }

    pub(super) fn get_variable(&self, id: &str, ask: &Ask<'_>) -> Outcome {
        let name = ask.get("variable").ok_or_else(|| Reply::error(400, "Variable name is required"))?;
        Ok(Some(Reply::ok(json!({ "value": self.read(id, &name)? }))))
    }

    /// One that is missing fails them all.
    pub(super) fn get_variables(&self, id: &str, ask: &Ask<'_>) -> Outcome {
        let names = ask.list("variables");
        if names.is_empty() {
            return Err(Reply::error(400, "At least one variable name is required"));
        }
        let mut values = serde_json::Map::new();
        for name in names {
            let value = self.read(id, name.trim())?;
            values.insert(name, value.into());
        }
        Ok(Some(Reply::ok(json!({ "variables": values }))))
    }
}

/// The variable that `variable=`, `value=` and `report_events=` name.
pub(super) fn one_setting(ask: &Ask<'_>) -> Result<Setting, Reply> {
    let name = ask.get("variable").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Reply::error(400, "Variable name is required"))?;
    let value = ask.get("value").unwrap_or_default();
    let report = ask.get("report_events").is_some_and(|text| text == "true");
    Ok(Setting { name: name.into_owned(), value: value.into_owned(), report })
}

fn settings_of_body(ask: &Ask<'_>, id: &str, world: &World) -> Result<Vec<Setting>, Reply> {
    let body = ask.body().ok_or_else(|| Reply::error(400, "The 'variables' field is required"))?;
    world.controlled(id)?;
    let variables = body.get("variables").and_then(Value::as_object);
    let variables = variables.ok_or_else(|| Reply::error(400, "The 'variables' field must be a JSON object"))?;
    settings(variables)
}

/// Variables as a body writes them: `{"A": "x", "B": {"value": "y", "report_events": true}}`.
pub(super) fn settings(variables: &serde_json::Map<String, Value>) -> Result<Vec<Setting>, Reply> {
    let bad = |what: &str| Reply::error(400, what);
    variables
        .iter()
        .map(|(name, value)| match value {
            Value::String(value) => Ok(Setting { name: name.clone(), value: value.clone(), report: false }),
            Value::Object(entry) => {
                let value = entry.get("value").and_then(Value::as_str);
                let value =
                    value.ok_or_else(|| bad("Each object value in 'variables' must include string field 'value'"))?;
                let report = match entry.get("report_events") {
                    None => false,
                    Some(Value::Bool(report)) => *report,
                    Some(_) => return Err(bad("Field 'report_events' in 'variables' entries must be boolean")),
                };
                Ok(Setting { name: name.trim().to_owned(), value: value.to_owned(), report })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => Err(bad(
                "Each value in 'variables' must be a string or an object with 'value' and optional 'report_events'",
            )),
        })
        .collect()
}
