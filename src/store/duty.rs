//! What is kept of operators: their duty and their wrap-up, as JSON.
//!
//! ```json
//! {"duty": {"paused": {"reason": "lunch", "since": "2026-11-25T11:00:00Z", "until": "2026-11-25T11:45:00Z"}}, "wrap_up_until": null}
//! ```

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use super::{Store, database::ReadError};
use crate::{
    dialplan::moment::{time, timestamp},
    domain::{Name, Time},
    engine::{Duty, KeptDuty},
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// `None`: as the plan says.
    duty: Option<WrittenDuty>,
    wrap_up_until: Option<Timestamp>,
    /// The internal number of the desk at which he is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    desk: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WrittenDuty {
    On,
    Paused { reason: Option<String>, since: Timestamp, until: Option<Timestamp> },
    SignedOut { since: Timestamp },
}

/// Keeps what the next life must know of an operator. It does not wait.
pub fn keep_duty(store: &dyn Store, operator: &Name, kept: &KeptDuty) {
    store.keep_duty(operator, write(kept));
}

/// Reads what an earlier life kept of operators. What it does not understand of one of them is told, and he is as the plan says. It
/// waits for the disk.
///
/// # Errors
/// When it cannot be read.
pub fn read_duties(store: &dyn Store) -> Result<BTreeMap<Name, KeptDuty>, ReadError> {
    let read = |(operator, duty, _): (String, String, u64)| match read(&duty) {
        Some(kept) => Some((Name::new(&operator), kept)),
        None => {
            warn!(operator, "what is kept of this operator cannot be understood: he is as the plan says");
            None
        }
    };
    let kept: BTreeMap<Name, KeptDuty> = store.read_duties()?.into_iter().filter_map(read).collect();
    if !kept.is_empty() {
        info!(operators = kept.len(), "operators are as an earlier life left them");
    }
    Ok(kept)
}

/// `None`: there is nothing to know of him.
fn write(kept: &KeptDuty) -> Option<String> {
    let duty = kept.duty.as_ref().map(|duty| match duty {
        Duty::On => WrittenDuty::On,
        Duty::Paused { reason, since, until } => WrittenDuty::Paused {
            reason: reason.as_ref().map(ToString::to_string),
            since: timestamp(*since),
            until: until.map(timestamp),
        },
        Duty::SignedOut { since } => WrittenDuty::SignedOut { since: timestamp(*since) },
    });
    let wrap_up_until = kept.wrap_up.map(timestamp);
    if duty.is_none() && wrap_up_until.is_none() {
        return None;
    }
    let desk = kept.desk.as_ref().map(ToString::to_string);
    serde_json::to_string(&Written { duty, wrap_up_until, desk }).ok()
}

fn read(text: &str) -> Option<KeptDuty> {
    let Written { duty, wrap_up_until, desk } = serde_json::from_str(text).ok()?;
    let duty = match duty {
        None => None,
        Some(WrittenDuty::On) => Some(Duty::On),
        Some(WrittenDuty::Paused { reason, since, until }) => Some(Duty::Paused {
            reason: reason.map(|reason| Name::new(&reason)),
            since: time(since)?,
            until: moment(until)?,
        }),
        Some(WrittenDuty::SignedOut { since }) => Some(Duty::SignedOut { since: time(since)? }),
    };
    let desk = desk.map(|desk| Name::new(&desk));
    Some(KeptDuty { duty, wrap_up: moment(wrap_up_until)?, desk })
}

/// `None`: a time before 1970.
fn moment(written: Option<Timestamp>) -> Option<Option<Time>> {
    written.map_or(Some(None), |written| time(written).map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_of_an_operator_is_read_as_it_was() {
        let (since, until) = (Time::from_micros(1_795_628_258_000_001), Some(Time::from_secs(1_795_630_000)));
        let duties = [
            None,
            Some(Duty::On),
            Some(Duty::Paused { reason: Some("lunch".into()), since, until }),
            Some(Duty::Paused { reason: None, since, until: None }),
            Some(Duty::SignedOut { since }),
        ];
        for duty in duties {
            for wrap_up in [None, until] {
                for desk in [None, Some("205".into())].into_iter().filter(|desk| desk.is_none() || duty.is_some()) {
                    let kept = KeptDuty { duty: duty.clone(), wrap_up, desk };
                    match write(&kept) {
                        Some(text) => assert_eq!(read(&text), Some(kept), "{text}"),
                        None => assert_eq!(kept, KeptDuty::default()),
                    }
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_understood_is_nothing() {
        let good = r#"{"duty":{"signed_out":{"since":"2026-11-25T17:00:00Z"}},"wrap_up_until":null}"#;
        assert!(read(good).is_some());
        let bad = [
            good.replace("2026", "1926"),
            good.replace("signed_out", "asleep"),
            good.replace("}}", "}"),
            String::new(),
        ];
        for bad in bad {
            assert_eq!(read(&bad), None, "{bad}");
        }
    }
}
