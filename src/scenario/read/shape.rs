//! Files of tests, as editors are told of them.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};

use super::words::{DAY, PARTIES, STATUS, TRY};
use crate::{
    dialplan::word::{KEYS, Lasting, NAME, Plain, SOUND, TEXT},
    domain::Digits,
    engine::{
        NoAnswer,
        notice::{Miss, Outcome, Refusal},
    },
    scenario::happening::{Of, WORDS},
    yaml::{Described, Either, Key, Mapping, Shape, Shared, True},
};

/// What the caller does, one thing after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deeds;

impl Shape for Deeds {
    fn schema(&self, shared: &mut Shared) -> Value {
        const WAIT: Key<Lasting> = Key::optional("wait", WITHIN_A_DAY, "Waits so long.");
        const WAIT_FOR: Key<Happening> =
            Key::optional("wait_for", Happening, "Waits until that has happened since he last waited for something.");
        const PRESS: Key<Plain<Digits>> = Key::optional("press", KEYS, "Presses keys, one after the other.");
        const HANG_UP: Key<True> = Key::optional("hang_up", True, "Hangs up.");
        const ALL: [&dyn Described; 4] = [&WAIT, &WAIT_FOR, &PRESS, &HANG_UP];
        let keys: Map<_, _> = ALL.iter().map(|key| (key.name().to_owned(), key.schema(shared))).collect();
        let deed = json!({ "anyOf": [{ "enum": [HANG_UP.name()] }, one_of(keys)] });
        json!({ "type": "array", "items": deed })
    }
}

const WITHIN_A_DAY: Lasting = Lasting::within(Duration::ZERO, DAY);

/// A text that is said, or the words of a value.
const SAID: Mapping = Mapping { what: "a text", keys: &[&SAY] };

const SAY: Key<Plain<Arc<str>>> =
    Key::required("say", "say: Welcome.", TEXT, "A text that is said; of a value each word by itself.");

/// Something that happens.
#[derive(Clone, Copy, Debug)]
struct Happening;

impl Shape for Happening {
    fn schema(&self, shared: &mut Shared) -> Value {
        shared.refer("happening", |shared| json!({ "anyOf": [alone(), one_of(said(shared))] }))
    }
}

/// What is to happen, or is not to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expectations {
    /// How many there are at least.
    pub(super) least: usize,
}

impl Shape for Expectations {
    fn schema(&self, shared: &mut Shared) -> Value {
        let expectation = shared.refer("expectation", |shared| {
            const WITHIN: Key<Lasting> =
                Key::optional("within", WITHIN_A_DAY, "So long after the caller dialled, at the latest.");
            let mut keys = said(shared);
            keys.insert(WITHIN.name().into(), WITHIN.schema(shared));
            let mut object = one_of(keys);
            object["maxProperties"] = json!(2);
            json!({ "anyOf": [alone(), object] })
        });
        json!({ "type": "array", "items": expectation, "minItems": self.least })
    }
}

fn alone() -> Value {
    json!({ "enum": WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>() })
}

/// Every word, and what it may be said of.
fn said(shared: &mut Shared) -> Map<String, Value> {
    let of = |of: Of, shared: &mut Shared| match of {
        Of::Nothing => None,
        Of::Flow | Of::Hours | Of::Box | Of::Queue => Some(NAME.schema(shared)),
        // A name, an internal number or one outside.
        Of::Callee => Some(json!({ "type": ["string", "integer"] })),
        Of::Miss => Some(json!({ "enum": Miss::ALL.map(Miss::word) })),
        Of::Sound => Some(Either(&[&SOUND, &SAID]).schema(shared)),
        Of::Music => Some(json!({ "type": ["string", "number"] })),
        Of::Keys => Some(KEYS.schema(shared)),
        Of::Count => Some(TRY.schema(shared)),
        Of::Money => Some(json!({ "type": "string", "pattern": "^[0-9.]+ +[A-Z]{3} *$", "examples": ["1.78 NOK"] })),
        Of::Address => Some(json!({ "type": "string" })),
        Of::Skills => Some(json!({ "type": "string", "examples": ["english 3"] })),
        Of::NoAnswer => Some(json!({ "enum": NoAnswer::ALL.map(NoAnswer::word) })),
        Of::Status => Some(STATUS.schema(shared)),
        Of::Party => Some(json!({ "enum": PARTIES })),
        Of::Refusal => Some(json!({ "enum": Refusal::ALL.map(Refusal::word) })),
        Of::Outcome => Some(json!({ "enum": Outcome::ALL.map(Outcome::word) })),
    };
    WORDS.iter().filter_map(|(word, what)| Some(((*word).to_owned(), of(*what, shared)?))).collect()
}

fn one_of(keys: Map<String, Value>) -> Value {
    json!({ "type": "object", "properties": keys, "additionalProperties": false, "minProperties": 1, "maxProperties": 1 })
}
