//! Lines of operators who come and go: members of their queues, as app_queue calls them.

use std::{collections::BTreeMap, fmt::Display};

use super::line::{Line, NONE};
use crate::{
    dialplan::Plan,
    domain::{Name, Time},
    engine::{Duty, DutyBy, notice::DutyFact},
};

/// What stands in place of a call where somebody is added to a queue or taken out of it, and no call is about it.
const MANAGER: &str = "MANAGER";

/// Who serves which queues, by the plan in force.
#[derive(Debug, Default)]
pub(super) struct Members(BTreeMap<Name, Vec<Name>>);

impl Members {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut members: BTreeMap<Name, Vec<Name>> = BTreeMap::new();
        for queue in plan.queues.values() {
            for member in &queue.members {
                members.entry(member.operator.clone()).or_default().push(queue.name.clone());
            }
        }
        Self(members)
    }

    /// The lines of a fact about this operator; `agent`: what he is called.
    pub(super) fn lines(&self, at: Time, fact: &DutyFact, agent: impl Fn(&Name) -> String) -> Vec<Line> {
        let DutyFact::Changed { operator, from, to, by } = fact else { return Vec::new() };
        // What an earlier life kept is in the log since then.
        if *by == DutyBy::Store {
            return Vec::new();
        }
        let agent = agent(operator);
        let none = Vec::new();
        let queues = self.0.get(operator).unwrap_or(&none);
        let in_each = |call: &str, event: &str, data: &dyn Display| -> Vec<Line> {
            queues.iter().map(|queue| Line::new(at, call, queue, &agent, event, &[data])).collect()
        };
        // One line for all of them, and then one for each.
        let in_all = |all: &str, event: &str, data: &dyn Display| -> Vec<Line> {
            let line = Line::new(at, NONE, NONE, &agent, all, &[data]);
            std::iter::once(line).chain(in_each(NONE, event, data)).collect()
        };
        match (from, to) {
            (Duty::SignedOut { .. }, Duty::On) => in_each(MANAGER, "ADDMEMBER", &""),
            (Duty::SignedOut { .. }, Duty::Paused { .. }) => in_each(MANAGER, "ADDMEMBER", &"PAUSED"),
            (Duty::On | Duty::Paused { .. }, Duty::SignedOut { .. }) => in_each(MANAGER, "REMOVEMEMBER", &""),
            (_, Duty::Paused { reason, .. }) => in_all("PAUSEALL", "PAUSE", &reason.as_deref().unwrap_or_default()),
            (Duty::Paused { .. }, Duty::On) => in_all("UNPAUSEALL", "UNPAUSE", &""),
            (Duty::On, Duty::On) | (Duty::SignedOut { .. }, Duty::SignedOut { .. }) => Vec::new(),
        }
    }
}
