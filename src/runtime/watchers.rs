//! Those who watch the engine.

use std::sync::Arc;

use tokio::sync::mpsc;
use tracing::warn;

use super::{milestones::Milestones, ready::Readiness};
use crate::{
    dialplan::Plan,
    domain::Time,
    engine::{
        Notice,
        record::{Book, Record},
        statistics::{Counted, Statistics},
    },
    metrics::Metrics,
    queue_log::QueueLog,
};

/// Takes the record of a call that is over, without waiting.
pub type Keep = Box<dyn Fn(Record) + std::marker::Send>;

/// Takes what a fact changed of the day, without waiting.
pub type KeepDay = Box<dyn Fn(Counted) + std::marker::Send>;

/// Everything that watches the engine; a closed set.
pub struct Watchers {
    /// Numbers.
    pub metrics: Arc<Metrics>,
    /// Whether we are ready.
    pub readiness: Arc<Readiness>,
    /// Who writes the log.
    milestones: Milestones,
    /// Calls that are not over, for their records.
    book: Book,
    /// Where records of calls go.
    pub records: Keep,
    /// The log of queues for those who read Asterisk's, if there is one.
    queue_log: Option<QueueLog>,
    /// The day so far, and where it goes, if it goes anywhere.
    day: Option<(Statistics, KeepDay)>,
    /// One who tells what happens, in the demo.
    pub narrator: Option<mpsc::Sender<Notice>>,
}

impl Watchers {
    /// Those who have seen nothing yet.
    pub fn new(
        metrics: Arc<Metrics>,
        readiness: Arc<Readiness>,
        records: Keep,
        narrator: Option<mpsc::Sender<Notice>>,
    ) -> Self {
        let (milestones, book, queue_log, day) = (Milestones::default(), Book::default(), None, None);
        Self { metrics, readiness, milestones, book, records, queue_log, day, narrator }
    }

    /// The same, and this log of queues.
    #[must_use]
    pub fn with_queue_log(self, queue_log: Option<QueueLog>) -> Self {
        Self { queue_log, ..self }
    }

    /// Those, and somebody who keeps what the day comes to.
    #[must_use]
    pub fn with_day(mut self, so_far: Statistics, keep: KeepDay) -> Self {
        self.day = Some((so_far, keep));
        self
    }

    pub(super) fn take_plan(&mut self, plan: &Plan, now: Time) {
        self.metrics.plan_in_force(now);
        if let Some((day, _)) = &mut self.day {
            day.take_plan(plan, now);
        }
        if let Some(log) = &mut self.queue_log {
            log.know(plan);
        }
    }

    pub(super) fn see(&mut self, notice: Notice, now: Time) {
        self.metrics.see(&notice);
        self.readiness.see(&notice);
        self.milestones.tell(&notice, now, &self.readiness);
        if let Some(record) = self.book.see(&notice) {
            (self.records)(record);
        }
        if let Some(log) = &mut self.queue_log {
            log.see(&notice);
        }
        if let Some((day, keep)) = &mut self.day
            && let Some(counted) = day.see(&notice)
        {
            keep(counted);
        }
        let Some(narrator) = &self.narrator else { return };
        if narrator.try_send(notice).is_err() {
            // It only tells; the call goes on.
            warn!("the narrator does not keep up: a notice is left out");
        }
    }

    /// The engine ends, and the calls that are left go on without it.
    pub(super) fn close(&mut self, now: Time) {
        self.book.close(now).for_each(&self.records);
    }
}
