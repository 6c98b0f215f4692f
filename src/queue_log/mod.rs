//! `queue_log`: what came about in queues, in the words of Asterisk's own log of it, for programs that read that (QueueMetrics,
//! Asternic and others).
//!
//! Notices in, lines out ([`Scribe`]): pure, as a record of a call is made. A task of its own puts the lines into a file
//! ([`Writer`]); nobody waits for it. `docs/queue_log.md` says what is in each line, and where it is chosen otherwise than by
//! app_queue.

mod duty;
mod line;
mod scribe;
#[cfg(test)]
mod tests;
mod write;

use std::path::PathBuf;

pub use line::Line;
pub use scribe::Scribe;
pub use write::{LineFate, Sink, Watch, Writer};

use crate::{dialplan::Plan, engine::Notice};

/// How the log is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// In which file.
    pub file: PathBuf,
    /// How lines are written.
    pub style: Style,
}

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// What operators are called.
    pub agent: Agent,
    /// Which events there are.
    pub events: Events,
}

/// What operators are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Agent {
    /// By their names in the plan.
    #[default]
    Name,
    /// As Asterisk dials them: `PJSIP/anna`.
    Interface,
}

/// Which events there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Events {
    /// Those that Asterisk writes itself.
    #[default]
    Stock,
    /// Those that others add, too: `DID`, `FULL` and `JOINEMPTY`.
    Extended,
}

/// The log at work: it sees what happens, and hands lines on.
pub struct QueueLog {
    scribe: Scribe,
    sink: Sink,
}

impl QueueLog {
    /// A log that begins with this plan, at that moment.
    pub fn begin(style: Style, plan: &Plan, sink: Sink, now: crate::domain::Time) -> Self {
        let mut scribe = Scribe::new(style);
        scribe.know(plan);
        sink.keep(Scribe::begins(now));
        Self { scribe, sink }
    }

    /// Another plan comes into force.
    pub fn know(&mut self, plan: &Plan) {
        self.scribe.know(plan);
    }

    /// Something happened.
    pub fn see(&mut self, notice: &Notice) {
        for line in self.scribe.see(notice) {
            self.sink.keep(line);
        }
    }
}
