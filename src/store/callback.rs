//! What is kept of callbacks, as JSON.
//!
//! ```json
//! {"queue": "sales", "number": "+4790000000", "called": "4780012345", "language": null, "priority": 0,
//!  "entered": "2026-11-25T11:00:00Z", "promised": "2026-11-25T11:04:00Z", "expires": "2026-11-25T15:04:00Z",
//!  "attempts": 1, "next": "2026-11-25T11:20:00Z"}
//! ```

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use super::{Store, database::ReadError};
use crate::{
    dialplan::{
        Required, Requires,
        moment::{time, timestamp},
    },
    domain::{CallbackId, E164, Language, Name, Number},
    engine::KeptCallback,
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    queue: String,
    number: String,
    called: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dialled: Option<String>,
    language: Option<String>,
    priority: i64,
    /// Milliseconds of waiting, and the skills that are asked for from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requires: Vec<(u64, BTreeMap<String, u32>)>,
    entered: Timestamp,
    promised: Timestamp,
    expires: Timestamp,
    attempts: u32,
    next: Timestamp,
}

/// Keeps what the next life must know of a callback; `None`: it is over. It does not wait.
pub fn keep_callback(store: &dyn Store, id: CallbackId, kept: Option<&KeptCallback>) {
    store.keep_callback(id, kept.and_then(write));
}

/// Reads callbacks that an earlier life promised. What it does not understand of one is told. It waits for the disk.
///
/// # Errors
/// When they cannot be read.
pub fn read_callbacks(store: &dyn Store) -> Result<BTreeMap<CallbackId, KeptCallback>, ReadError> {
    let read = |(id, kept): (String, String)| {
        let read = CallbackId::parse(&id).zip(read(&kept));
        if read.is_none() {
            warn!(id, "what is kept of this callback cannot be understood: nobody is called for it");
        }
        read
    };
    let kept: BTreeMap<CallbackId, KeptCallback> = store.read_callbacks()?.into_iter().filter_map(read).collect();
    if !kept.is_empty() {
        info!(callbacks = kept.len(), "callbacks are promised from an earlier life");
    }
    Ok(kept)
}

fn write(kept: &KeptCallback) -> Option<String> {
    let written = Written {
        queue: kept.queue.to_string(),
        number: kept.number.to_string(),
        called: kept.called.to_string(),
        dialled: kept.dialled.as_ref().map(ToString::to_string),
        language: kept.language.as_ref().map(|language| language.code().to_owned()),
        priority: kept.priority,
        requires: kept.requires.steps.iter().map(required).collect(),
        entered: timestamp(kept.entered),
        promised: timestamp(kept.promised),
        expires: timestamp(kept.expires),
        attempts: kept.attempts,
        next: timestamp(kept.next),
    };
    serde_json::to_string(&written).ok()
}

fn read(text: &str) -> Option<KeptCallback> {
    let written: Written = serde_json::from_str(text).ok()?;
    Some(KeptCallback {
        queue: Name::new(&written.queue),
        number: E164::read(&written.number, None)?,
        called: Name::new(&written.called),
        dialled: written.dialled.as_deref().and_then(Number::parse),
        language: written.language.as_deref().and_then(Language::new),
        priority: written.priority,
        requires: Requires { steps: written.requires.into_iter().map(requires).collect() }.into(),
        entered: time(written.entered)?,
        promised: time(written.promised)?,
        expires: time(written.expires)?,
        attempts: written.attempts,
        next: time(written.next)?,
    })
}

fn required(step: &Required) -> (u64, BTreeMap<String, u32>) {
    let skills = step.skills.iter().map(|(skill, level)| (skill.to_string(), *level)).collect();
    (u64::try_from(step.after.as_millis()).unwrap_or(u64::MAX), skills)
}

fn requires((millis, skills): (u64, BTreeMap<String, u32>)) -> Required {
    let skills = skills.into_iter().map(|(skill, level)| (Name::new(&skill), level)).collect();
    Required { after: Duration::from_millis(millis), skills }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Time;

    #[test]
    fn what_is_written_of_a_callback_is_read_as_it_was() {
        let kept = KeptCallback {
            queue: "sales".into(),
            number: E164::read("+47 900 00 000", None).expect("a number"),
            called: "4780012345".into(),
            dialled: Number::parse("+4780012345"),
            language: Language::new("nb"),
            priority: -3,
            requires: Requires {
                steps: vec![Required { after: Duration::from_secs(45), skills: [("english".into(), 3)].into() }],
            }
            .into(),
            entered: Time::from_micros(1_795_628_258_000_001),
            promised: Time::from_secs(1_795_628_300),
            expires: Time::from_secs(1_795_640_000),
            attempts: 2,
            next: Time::from_secs(1_795_629_000),
        };
        let text = write(&kept).expect("text");
        assert_eq!(read(&text), Some(kept), "{text}");
        for bad in
            [text.replace("+47", "47"), text.replace("2026", "1926"), text.replace("queue", "line"), String::new()]
        {
            assert_eq!(read(&bad), None, "{bad}");
        }
    }
}
