//! What a supervisor asks of a day: sums of what came about, by queue and by operator. Put together from notices.
//!
//! A caller counts on the day, and in the life of the engine, in which his waiting ends. So whoever waited while the engine
//! died counts once: an answer or a farewell comes once, however often he was found in the line.

use std::{collections::BTreeMap, time::Duration};

use jiff::{civil::Date, tz::TimeZone};
use serde::{Serialize, Serializer};

use super::{
    Fact, Notice,
    day::Day,
    notice::{LeftQueue, OfferOutcome, Party},
};
use crate::{
    dialplan::Plan,
    domain::{Name, Time},
};

/// A queue's day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueDay {
    /// Callers whom somebody answered.
    pub answered: u64,
    /// Of them those who waited no longer than the queue's service level says.
    pub in_service_level: u64,
    /// Callers who hung up while they waited.
    pub abandoned: u64,
    /// Callers who left otherwise: after too long a wait, by a key, since nobody was there.
    pub left: u64,
    /// Callers who never stood in it: it was full.
    pub found_full: u64,
    /// How long those waited who were answered, all together.
    #[serde(rename = "answered_waited_seconds", serialize_with = "seconds")]
    pub waited: Duration,
    /// How long those waited who hung up, all together.
    #[serde(rename = "abandoned_waited_seconds", serialize_with = "seconds")]
    pub abandoned_after: Duration,
    /// How long somebody waited at most.
    #[serde(rename = "longest_wait_seconds", serialize_with = "seconds")]
    pub longest: Duration,
    /// Conversations that ended.
    pub talks: u64,
    /// How long they were, all together.
    #[serde(rename = "talked_seconds", serialize_with = "seconds")]
    pub talked: Duration,
}

/// An operator's day, over all queues and all who dialled him.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OperatorDay {
    /// Offers that he took.
    pub answered: u64,
    /// Offers that rang and that he did not take.
    pub missed: u64,
    /// Offers that did not ring: he was busy or could not be reached.
    pub unreached: u64,
    /// Conversations that ended.
    pub talks: u64,
    /// How long they were, all together.
    #[serde(rename = "talked_seconds", serialize_with = "seconds")]
    pub talked: Duration,
}

/// Queues of one day.
pub type QueueDays = BTreeMap<Name, QueueDay>;

/// Operators of one day.
pub type OperatorDays = BTreeMap<Name, OperatorDay>;

/// What a fact changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The day, by the clock of the exchange.
    pub day: Date,
    /// A queue, and its day so far.
    pub queue: Option<(Name, QueueDay)>,
    /// An operator, and his day so far.
    pub operator: Option<(Name, OperatorDay)>,
}

/// The day so far.
#[derive(Debug)]
pub struct Statistics {
    zone: TimeZone,
    /// Each queue's.
    service_levels: BTreeMap<Name, Duration>,
    day: Day,
    queues: QueueDays,
    operators: OperatorDays,
}

impl Statistics {
    /// A day of which nothing is known yet, by the clock of this plan.
    pub fn new(plan: &Plan, now: Time) -> Self {
        let (queues, operators) = (QueueDays::new(), OperatorDays::new());
        let (zone, service_levels) = (plan.timezone.clone(), service_levels(plan));
        let day = Day::of(&zone, now);
        Self { zone, service_levels, day, queues, operators }
    }

    /// What an earlier life counted of this day.
    #[must_use]
    pub fn going_on(mut self, queues: QueueDays, operators: OperatorDays) -> Self {
        (self.queues, self.operators) = (queues, operators);
        self
    }

    /// The day.
    pub fn day(&self) -> Date {
        self.day.date
    }

    /// Another plan is in force.
    pub fn take_plan(&mut self, plan: &Plan, now: Time) {
        self.service_levels = service_levels(plan);
        self.zone = plan.timezone.clone();
        self.turn(now);
    }

    /// A fact; and what it changed.
    pub fn see(&mut self, notice: &Notice) -> Option<Counted> {
        if notice.at >= self.day.ends {
            self.turn(notice.at);
        }
        let fact = &notice.fact;
        let (queue, operator) = if let Fact::Connected { queue: Some(queue), waited, .. } = fact {
            (Some(self.answered(queue, *waited)), None)
        } else if let Fact::LeftQueue { queue, waited, why, .. } = fact {
            (self.left(queue, *waited, *why), None)
        } else if let Fact::TalkEnded { by: Party::TakenOver, .. } = fact {
            // It goes on with another engine, which counts it when it has ended.
            return None;
        } else if let Fact::TalkEnded { queue, callee, talked, .. } = fact {
            let queue = queue.as_ref().map(|queue| self.talked_in(queue, *talked));
            (queue, callee.operator().map(|operator| self.talked(operator, *talked)))
        } else if let Fact::OfferEnded { callee, outcome, .. } = fact {
            (None, callee.operator().and_then(|operator| self.offered(operator, *outcome)))
        } else {
            return None;
        };
        if queue.is_none() && operator.is_none() {
            return None;
        }
        Some(Counted { day: self.day.date, queue, operator })
    }

    /// Begins the day of this moment, if it is another one.
    fn turn(&mut self, now: Time) {
        let day = Day::of(&self.zone, now);
        if day.date != self.day.date {
            self.queues.clear();
            self.operators.clear();
        }
        self.day = day;
    }

    fn answered(&mut self, queue: &Name, waited: Duration) -> (Name, QueueDay) {
        let in_time = self.service_levels.get(queue).is_none_or(|level| waited <= *level);
        let day = self.queues.entry(queue.clone()).or_default();
        day.answered += 1;
        day.in_service_level += u64::from(in_time);
        day.waited = day.waited.saturating_add(waited);
        day.longest = day.longest.max(waited);
        (queue.clone(), *day)
    }

    /// Who waits on with another engine is counted there.
    fn left(&mut self, queue: &Name, waited: Duration, why: LeftQueue) -> Option<(Name, QueueDay)> {
        if why == LeftQueue::TakenOver {
            return None;
        }
        let day = self.queues.entry(queue.clone()).or_default();
        match why {
            LeftQueue::Abandoned => {
                day.abandoned += 1;
                day.abandoned_after = day.abandoned_after.saturating_add(waited);
            }
            LeftQueue::TimedOut
            | LeftQueue::Closed
            | LeftQueue::Unstaffed
            | LeftQueue::ByKey
            | LeftQueue::Continued
            | LeftQueue::Moved
            | LeftQueue::Withdrawn => day.left += 1,
            LeftQueue::Full => day.found_full += 1,
            LeftQueue::TakenOver => {}
        }
        day.longest = day.longest.max(waited);
        Some((queue.clone(), *day))
    }

    fn talked_in(&mut self, queue: &Name, talked: Duration) -> (Name, QueueDay) {
        let day = self.queues.entry(queue.clone()).or_default();
        day.talks += 1;
        day.talked = day.talked.saturating_add(talked);
        (queue.clone(), *day)
    }

    fn talked(&mut self, operator: &Name, talked: Duration) -> (Name, OperatorDay) {
        let day = self.operators.entry(operator.clone()).or_default();
        day.talks += 1;
        day.talked = day.talked.saturating_add(talked);
        (operator.clone(), *day)
    }

    /// An offer that ended for no reason of his is not counted.
    fn offered(&mut self, operator: &Name, outcome: OfferOutcome) -> Option<(Name, OperatorDay)> {
        let (answered, missed, unreached) = match outcome {
            OfferOutcome::Answered => (1, 0, 0),
            OfferOutcome::NoAnswer | OfferOutcome::Declined => (0, 1, 0),
            OfferOutcome::Busy | OfferOutcome::Unreachable => (0, 0, 1),
            OfferOutcome::TrunkFull
            | OfferOutcome::AnsweredElsewhere
            | OfferOutcome::CallerLeft
            | OfferOutcome::Lapsed
            | OfferOutcome::OffDuty
            | OfferOutcome::Failed => return None,
        };
        let day = self.operators.entry(operator.clone()).or_default();
        day.answered += answered;
        day.missed += missed;
        day.unreached += unreached;
        Some((operator.clone(), *day))
    }
}

fn service_levels(plan: &Plan) -> BTreeMap<Name, Duration> {
    plan.queues.values().map(|queue| (queue.name.clone(), queue.service_level)).collect()
}

/// To the millisecond: what is finer says nothing.
fn seconds<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64((span.as_secs_f64() * 1000.0).round() / 1000.0)
}
