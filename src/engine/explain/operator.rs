//! Why an operator is not rung, and whom he would have next.

use jiff::Timestamp;
use serde::Serialize;

use super::{MOST, Reason, Why};
use crate::{
    dialplan::moment::timestamp,
    domain::{CallId, Name, Time},
    engine::{
        Engine, OperatorIx, QueueIx, also::Claim, call::Standing, notice::OperatorState, operator::Operator,
        queue::Place,
    },
};

/// So many callers are looked at of a line for each of an operator's queues.
const CALLERS: usize = 10;

/// How an operator stands, why he is not rung, and whom he would have next. Durations in seconds.
#[derive(Clone, Debug, Serialize)]
pub struct OperatorWhy {
    /// The operator.
    pub operator: Name,
    /// His internal number.
    pub extension: Option<Name>,
    /// What he does.
    pub state: OperatorState,
    /// Since when.
    pub since: Timestamp,
    /// For how long.
    pub for_seconds: f64,
    /// The same, in words.
    pub text: String,
    /// Why he is rung for nobody; nothing: he is free, and rung for whoever comes and may have him.
    pub reasons: Vec<Reason>,
    /// For whom he would be rung if he were free now; `null`: for nobody of those who wait.
    pub next: Option<Next>,
    /// The queues that he serves.
    pub queues: Vec<QueueForOperator>,
    /// How many more he serves.
    pub queues_left_out: usize,
}

/// An operator's next caller.
#[derive(Clone, Debug, Serialize)]
pub struct Next {
    /// The call.
    pub call: CallId,
    /// The queue in which its caller waits.
    pub queue: Option<Name>,
    /// Whether somebody assigned the operator to him.
    pub assigned: bool,
    /// The same, in words.
    pub text: String,
}

/// A queue of an operator.
#[derive(Clone, Debug, Serialize)]
pub struct QueueForOperator {
    /// The queue.
    pub queue: Name,
    /// His penalty in it.
    pub penalty: u32,
    /// Its weight: of two queues of one operator the greater one comes first.
    pub weight: u32,
    /// How many stand in its line.
    pub waiting: usize,
    /// The first for whom he may be rung, of its line or of others whose callers are guests.
    pub first: Option<CallId>,
    /// Why he is rung for none of them, besides his own reasons.
    pub reasons: Vec<Reason>,
    /// The first in its line, and why he is not rung for each, besides.
    pub callers: Vec<CallerForOperator>,
    /// How many more there are.
    pub callers_left_out: usize,
    /// Callers of other queues whom he may take through this one, the first of them, and why he is not rung for each.
    pub guests: Vec<GuestForOperator>,
    /// How many more there are.
    pub guests_left_out: usize,
}

/// Why an operator is not rung for a caller of another queue.
#[derive(Clone, Debug, Serialize)]
pub struct GuestForOperator {
    /// The call.
    pub call: CallId,
    /// The queue in which its caller waits.
    pub queue: Name,
    /// How long there.
    pub waited_seconds: f64,
    /// Why he is not, besides his own reasons and the queue's.
    pub reasons: Vec<Reason>,
}

/// Why an operator is not rung for a caller.
#[derive(Clone, Debug, Serialize)]
pub struct CallerForOperator {
    /// The call.
    pub call: CallId,
    /// His place; 1 is the next to be served.
    pub position: usize,
    /// How long in this line.
    pub waited_seconds: f64,
    /// Why he is not, besides his own reasons and the queue's.
    pub reasons: Vec<Reason>,
}

impl Engine {
    /// How an operator of the plan in force stands, and why he is not rung; `None`: it has none of that name.
    pub fn explain_operator(&self, name: &Name, now: Time) -> Option<OperatorWhy> {
        self.plan.operators.get(name)?;
        let ix = OperatorIx(self.operators.get_index_of(name)?);
        let operator = self.operator(ix);
        let reasons = self.own_reasons(ix, None);
        let queues = operator.serves.iter().take(MOST).filter_map(|queue| self.of_queue(ix, *queue, now)).collect();
        Some(OperatorWhy {
            operator: name.clone(),
            extension: operator.plan.extension.clone(),
            state: operator.state(),
            since: timestamp(operator.since()),
            for_seconds: now.since(operator.since()).as_secs_f64(),
            text: self.operator_words(operator, &reasons),
            reasons,
            next: self.next_for(ix),
            queues,
            queues_left_out: operator.serves.len().saturating_sub(MOST),
        })
    }

    fn operator_words(&self, operator: &Operator, reasons: &[Reason]) -> String {
        if reasons.is_empty() {
            return format!("he is free since {}", self.clock(operator.since()));
        }
        reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("; ")
    }

    fn next_for(&self, ix: OperatorIx) -> Option<Next> {
        let (assigned, call) = match self.first_assigned(ix) {
            Some(call) => (true, call),
            None => (false, self.first_in_line_for(ix)?.1.call),
        };
        let queue = self.standing(call).map(|standing| self.queue(standing.queue).plan.name.clone());
        let of = queue.as_ref().map(|queue| format!(", who waits in `{queue}`")).unwrap_or_default();
        let how = if assigned { ", to whom he is assigned" } else { "" };
        Some(Next { call, queue, assigned, text: format!("call {call}{of}{how}") })
    }

    fn of_queue(&self, ix: OperatorIx, queue_ix: QueueIx, now: Time) -> Option<QueueForOperator> {
        let queue = self.queue(queue_ix);
        let penalty = queue.member(ix)?.penalty;
        let first = self.first_for(ix, queue_ix);
        let mut reasons = Vec::new();
        let guests = self.guests_of(ix, queue_ix);
        match (queue.line.len() + guests.len(), first) {
            (0, _) => reasons.push(Reason::new(Why::NobodyWaits, "nobody waits there")),
            (_, None) => {
                let text = "none of those who wait there may be given to him now";
                reasons.push(Reason::new(Why::NobodyForHim, text));
            }
            (_, Some(place)) => {
                let claim = self.claim_of(queue_ix, place);
                reasons.extend(claim.and_then(|claim| self.before(ix, &claim)));
            }
        }
        let callers = queue.line.iter().zip(1..).take(CALLERS).filter_map(|(place, position)| {
            let reasons = self.why_not_him(ix, penalty, &self.claim_of(queue_ix, *place)?, first);
            let waited_seconds = now.since(place.joined).as_secs_f64();
            Some(CallerForOperator { call: place.call, position, waited_seconds, reasons })
        });
        let told = |claim: &Claim<'_>| GuestForOperator {
            call: claim.place.call,
            queue: self.queue(claim.standing.queue).plan.name.clone(),
            waited_seconds: now.since(claim.place.joined).as_secs_f64(),
            reasons: self.why_not_him(ix, penalty, claim, first),
        };
        Some(QueueForOperator {
            queue: queue.plan.name.clone(),
            penalty,
            weight: queue.plan.weight,
            waiting: queue.line.len(),
            first: first.map(|place| place.call),
            reasons,
            callers: callers.collect(),
            callers_left_out: queue.line.len().saturating_sub(CALLERS),
            guests_left_out: guests.len().saturating_sub(CALLERS),
            guests: guests.iter().take(CALLERS).map(told).collect(),
        })
    }

    /// Why an operator is not rung for a caller. `first`: the first for whom he may be.
    fn why_not_him(&self, ix: OperatorIx, penalty: u32, claim: &Claim<'_>, first: Option<Place>) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.enough_of(claim).into_iter().collect();
        reasons.extend(self.reasons_between(ix, penalty, claim));
        let before = first.filter(|first| *first < claim.place && reasons.is_empty());
        reasons.extend(before.map(|first| self.behind(first, None, claim.place)));
        reasons
    }

    /// Callers of other queues whom an operator may take through this one, in their order.
    fn guests_of(&self, ix: OperatorIx, queue: QueueIx) -> Vec<Claim<'_>> {
        let lines = self.queue(queue).homes.iter().flat_map(|home| &self.queue(*home).line);
        let standing = lines.filter_map(|place| self.standing(place.call));
        let claims = standing.flat_map(Standing::claims);
        let is_his = |claim: &Claim<'_>| claim.is_guest() && claim.queue == queue && self.is_looked_at(claim, ix);
        let mut guests: Vec<Claim<'_>> = claims.filter(is_his).collect();
        guests.sort_by_key(|claim| claim.place);
        guests
    }
}
