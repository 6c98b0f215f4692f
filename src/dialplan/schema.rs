//! The plan as a JSON Schema: what editors complete and explain.

use serde_json::Value;

use super::raw;
use crate::yaml::document;

/// The schema of a plan. It accepts every right plan; what only the whole plan can tell is left to [`parse`](fn@super::parse).
pub fn schema() -> Value {
    document(
        &raw::PLAN,
        "A plan of Sentral",
        "What happens with the calls of an exchange: docs/dialplan.md explains it.",
    )
}
