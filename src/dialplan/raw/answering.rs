//! When a number's callers are answered, as typed.

use std::time::Duration;

use super::{HOUR, SECOND};
use crate::{
    dialplan::{plan::Answering, word},
    yaml::{Fields, Kind, Node, Reader},
};

/// Some trunks give up an unanswered call after a minute.
const AT_LATEST: Duration = Duration::from_secs(50);

/// Reads `answer` of a number.
pub(super) fn answering(fields: &Fields<'_>, reader: &mut Reader) -> Answering {
    let Some(node) = fields.get("answer") else { return Answering::AtOnce };
    match &node.kind {
        Kind::Map(_) => {
            let fields = reader.fields_of(node, "`answer`", &node.span, &["on_operator"]);
            let limit = reader.required(&fields, "on_operator", "on_operator: {at_latest: 2m}");
            limit.map_or(Answering::AtOnce, |limit| on_operator(limit, reader))
        }
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => {
            let words = word::one_of("answer", word::ANSWERING);
            let what = "`at_once`, `on_operator` or `{on_operator: {at_latest: 2m}}`";
            match reader.value(node, what, words) {
                Some(answer) if answer.value => Answering::OnOperator { at_latest: AT_LATEST },
                Some(_) | None => Answering::AtOnce,
            }
        }
    }
}

fn on_operator(node: &Node, reader: &mut Reader) -> Answering {
    let fields = reader.fields_of(node, "`on_operator`", &node.span, &["at_latest"]);
    let limits = word::duration("at_latest", SECOND..=HOUR, false);
    let at_latest = reader.optional(&fields, "at_latest", AT_LATEST, "a duration", limits);
    Answering::OnOperator { at_latest }
}
