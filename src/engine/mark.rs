//! What is written on a caller's channel, so that an engine that finds the call can go on with it.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    dialplan::{Required, Requires, expr::Value},
    domain::{CallId, Name, Time},
};

/// The state of a call that outlives us. Written by one engine, read by the next, perhaps a newer one: fields may be
/// added as options, and a text that cannot be read makes the call begin anew rather than fail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The call's id.
    pub(crate) call: String,
    /// The number that was called.
    pub(crate) number: String,
    /// When it arrived, in microseconds since the epoch.
    pub(crate) arrived: u64,
    /// When it was answered, in microseconds since the epoch: what it costs counts from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answered: Option<u64>,
    /// Whether it found its number full, and takes none of its channels.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) beyond: bool,
    /// The flow that it was let in for, instead of its number's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) flow: Option<String>,
    /// Of one in which somebody was called back: whom we called, and how. He is no caller of his number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) called_back: Option<CalledOut>,
    /// The queue it waits in, or was served from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<String>,
    /// When it joined that queue, in microseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) joined: Option<u64>,
    /// When it joined the first of the queues that it came through, in microseconds since the epoch, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) entered: Option<u64>,
    /// The queue in which that is its age, whatever the queue says of places: a callback was promised to it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) holds: Option<String>,
    /// What it was told of its waiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) told: Option<ToldSoFar>,
    /// The priority that somebody gave it by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) preferred: Option<i64>,
    /// The operator who is to be rung for it next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) assigned: Option<String>,
    /// When Asterisk takes the caller to the fallback unless it hears from us, in microseconds since the epoch. Written with
    /// each word about it, so that who finds the call need not write at once: behind a prompt that would take long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) armed: Option<u64>,
    /// The recording of what he says: until it is over nothing can be done for him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) recording: Option<String>,
    /// The step at which it is rung for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dialling: Option<Dialled>,
    /// The plan's variables that are set, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) variables: BTreeMap<String, Value>,
    /// What it asks of those who are rung for it: after so many milliseconds of waiting, these skills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) requires: Vec<(u64, BTreeMap<String, u32>)>,
    /// The language that the caller is spoken to in, when it is not the plan's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    /// When it was connected to an operator, in microseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) talking: Option<u64>,
}

/// What one who waits was told when this was written, and when he was to be told more. Moments in microseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ToldSoFar {
    /// The best place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<usize>,
    /// The shortest wait, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) wait: Option<u64>,
    /// When he is told of both next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place_due: Option<u64>,
    /// When he hears the next of the periodic announcements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) periodic_due: Option<u64>,
    /// How many of those he heard.
    #[serde(default)]
    pub(crate) turn: usize,
}

/// A step that dials, known again in a plan that may have changed meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dialled {
    /// Its place among the steps of the plan.
    pub(crate) step: u32,
    /// [`Dial::print`](crate::dialplan::Dial::print) of it.
    pub(crate) print: u32,
}

/// Whom we called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CalledOut {
    /// His number, in E.164.
    pub(crate) number: String,
    /// The trunk that leads to him.
    pub(crate) trunk: String,
    /// What he had dialled, where the plan has it as one of several numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dialled: Option<String>,
    /// Whether he had not taken the call yet: the promise holds.
    #[serde(default)]
    pub(crate) open: bool,
}

impl State {
    /// The state of a call, as far as it matters to who finds it.
    pub(crate) fn of(call: CallId, number: &Name, arrived: Time) -> Self {
        Self { call: call.to_string(), number: number.to_string(), arrived: arrived.as_micros(), ..Self::default() }
    }

    /// What he had dialled who was called back.
    pub(crate) fn dialled(&self) -> Option<&str> {
        self.called_back.as_ref()?.dialled.as_deref()
    }

    /// Writes what a call asks for.
    pub(crate) fn require(&mut self, requires: &Requires) {
        let named = |step: &Required| step.skills.iter().map(|(skill, level)| (skill.to_string(), *level)).collect();
        let millis = |step: &Required| u64::try_from(step.after.as_millis()).unwrap_or(u64::MAX);
        self.requires = requires.steps.iter().map(|step| (millis(step), named(step))).collect();
    }

    /// What a call asks for.
    pub(crate) fn required(&self) -> Requires {
        let step = |(after, skills): &(u64, BTreeMap<String, u32>)| Required {
            after: Duration::from_millis(*after),
            skills: skills.iter().map(|(skill, level)| (Name::new(skill), *level)).collect(),
        };
        Requires { steps: self.requires.iter().map(step).collect() }
    }

    /// As text for a channel variable.
    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From text; `None` when it makes no sense.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_reads_back_as_it_was_written_and_garbage_is_none() {
        let call = CallId { boot: 1, number: 2 };
        let mut state = State::of(call, &Name::new("4780012345"), Time::from_secs(9));
        state.queue = Some("sales".into());
        state.language = Some("nb".into());
        let values =
            [("tries", Value::Number(2)), ("seen", Value::Truth(true)), ("digits", Value::Text("0800".into()))];
        let skills = BTreeMap::from([(Name::new("english"), 3)]);
        let steps = vec![Required { after: Duration::from_millis(1_500), skills }];
        state.require(&Requires { steps: steps.clone() });
        assert_eq!(state.required().steps, steps);
        state.variables = values.map(|(name, value)| (name.to_owned(), value)).into();
        assert_eq!(State::read(&state.write()), Some(state));
        for text in ["", "{", "[]", "null", r#"{"arrived":-1}"#] {
            assert_eq!(State::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_field_of_a_newer_engine_does_no_harm() {
        let state = State::read(r#"{"call":"00000001-2","number":"1","arrived":5,"mood":"fine"}"#);
        assert_eq!(state.map(|s| s.call).as_deref(), Some("00000001-2"));
    }
}
