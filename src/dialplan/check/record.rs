//! Messages of callers.

use std::sync::Arc;

use super::graph::{Graph, unread};
use crate::dialplan::{
    plan::{Act, Record, StepId},
    raw::RawRecord,
};

impl<'r> Graph<'r> {
    pub(super) fn record(&mut self, record: &'r RawRecord, next: Option<StepId>) -> Act {
        let failed = record.failed.as_ref().map(|body| self.body(body, next));
        let greeting = self.sounds.of(&record.greeting, &self.scope, self.faults);
        let done = self.sounds.of(&record.done, &self.scope, self.faults);
        let into = record.into.as_ref().and_then(|into| self.scope.variables.get(&into.value));
        let into = into.map(|(slot, _)| *slot);
        let notify = record.notify.as_ref().and_then(|url| self.post(url));
        let Some(mailbox) = record.mailbox.clone() else { return unread() };
        let (at_most, silence, end, beep) = (record.at_most, record.silence, record.end, record.beep);
        Act::Record(Arc::new(Record { mailbox, greeting, at_most, silence, end, beep, done, failed, into, notify }))
    }
}
