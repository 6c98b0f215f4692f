//! How things stand, for those who look.

use std::collections::BTreeMap;

use super::{
    Duty, Engine, OperatorIx, Snapshot,
    call::{Call, Doing},
    channels::Share,
    operator::Operator,
    queue::Queue,
    snapshot::{CallState, CallView, DutyView, NodeView, NumberView, OperatorView, QueueView, TrunkView, WaitingView},
};
use crate::{
    dialplan::{Strategy, Trunk, moment::timestamp},
    domain::{CallId, Name, Time},
};

impl Engine {
    /// How things stand. Costs a walk over everything: not for every event.
    pub fn snapshot(&self, now: Time) -> Snapshot {
        Snapshot {
            exchange: self.plan.exchange.to_string(),
            draining: self.draining,
            nodes: self
                .nodes
                .iter()
                .map(|(id, node)| NodeView { node: id.0, up: node.up, calls: node.calls })
                .collect(),
            numbers: self
                .plan
                .numbers
                .iter()
                .map(|(name, number)| NumberView {
                    number: number.number.to_string(),
                    kind: number.kind,
                    channels: number.channels,
                    calls: self.in_use.get(name).map_or(0, |calls| calls.calls() as usize),
                })
                .collect(),
            hours: self.plan.hours.keys().filter_map(|of| self.view_hours(of)).collect(),
            calls: self.calls.values().map(|call| self.view_call(call, now)).collect(),
            queues: self
                .queues
                .values()
                .filter(|queue| self.is_shown(queue))
                .map(|queue| self.view_queue(queue, now))
                .collect(),
            operators: self
                .operators
                .values()
                .filter(|o| self.plan.operators.contains_key(&o.plan.name) || o.is_of_a_call())
                .map(|operator| self.view_operator(operator, now))
                .collect(),
            trunks: self.plan.trunks.values().map(|trunk| self.view_trunk(trunk)).collect(),
            callbacks: self.view_callbacks(),
        }
    }

    /// Whether there is no call, and no leg that has not ended yet.
    pub fn is_at_rest(&self) -> bool {
        self.calls.is_empty() && self.legs.is_empty()
    }

    fn is_shown(&self, queue: &Queue) -> bool {
        self.plan.queues.contains_key(&queue.plan.name) || !queue.line.is_empty()
    }

    fn view_call(&self, call: &Call, now: Time) -> CallView {
        let (state, queue) = match &call.doing {
            Doing::Playing { .. } | Doing::Resting { .. } => (CallState::Playing, None),
            Doing::Asked(_) => (CallState::Menu, None),
            Doing::Recording(_) => (CallState::Message, None),
            Doing::LookingUp(_) => (CallState::LookingUp, None),
            Doing::Queued(standing) if standing.legs.is_empty() => (CallState::Waiting, Some(standing.queue)),
            Doing::Queued(standing) => (CallState::Ringing, Some(standing.queue)),
            Doing::Dialling(_) => (CallState::Ringing, None),
            Doing::Chosen(chosen) if chosen.talks.is_none() => (CallState::Reserved, Some(chosen.queue)),
            Doing::Chosen(chosen) => (CallState::Talking, Some(chosen.queue)),
            Doing::Talking(talk) => (CallState::Talking, talk.queue),
            Doing::HandingOver { .. } => (CallState::HandingOver, None),
            Doing::CallingBack => (CallState::CallingBack, None),
            Doing::Leaving { .. } => (CallState::Leaving, None),
        };
        let operator = match &call.doing {
            Doing::Talking(talk) => self.legs.get(&talk.leg).and_then(|leg| leg.operator),
            Doing::Chosen(chosen) => Some(chosen.operator),
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Recording(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Queued(_)
            | Doing::Dialling(_)
            | Doing::HandingOver { .. }
            | Doing::Leaving { .. } => None,
            Doing::CallingBack => {
                self.held_for_callback(call.id).and_then(|leg| self.legs.get(&leg)).and_then(|leg| leg.operator)
            }
        };
        CallView {
            id: call.id,
            channel: call.channel.id.to_string(),
            number: Some(self.written(&call.number)),
            dialled: call.dialled.as_ref().map(ToString::to_string),
            caller: call.caller.number().map(str::to_owned),
            beyond_channels: call.share == Share::Beyond,
            withheld: call.caller.is_withheld(),
            internal: call.caller.is_internal(),
            answered: call.answered.is_some(),
            language: call.language().to_string(),
            requires: self.required_by(call, now),
            state,
            queue: queue.map(|queue| self.queue(queue).plan.name.clone()),
            operator: operator.map(|operator| self.operator(operator).plan.name.clone()),
            legs: self.legs_of(call),
            age_seconds: now.since(call.arrived).as_secs_f64(),
        }
    }

    fn required_by(&self, call: &Call, now: Time) -> BTreeMap<Name, u32> {
        let joined = self.standing(call.id).map_or(now, |standing| standing.place.joined);
        call.requires.at(now.since(joined)).cloned().unwrap_or_default()
    }

    /// A number as the plan in force writes it, or without its `+` when it is no longer in it.
    fn written(&self, number: &Name) -> String {
        self.plan.numbers.get(number).map_or_else(|| number.to_string(), |known| known.number.to_string())
    }

    fn view_queue(&self, queue: &Queue, now: Time) -> QueueView {
        let callers = queue.line.iter().zip(1..).map(|(place, position)| WaitingView {
            call: place.call,
            position,
            priority: self.calls.get(&place.call).map_or(0, Call::priority),
            waited_seconds: now.since(place.joined).as_secs_f64(),
            age_seconds: now.since(place.entered).as_secs_f64(),
            assigned: self.assigned_to(place.call),
            waits_for: self.waits_for(place.call),
            ringing: self.ringing_for(place.call),
        });
        QueueView {
            queue: queue.plan.name.clone(),
            strategy: queue.plan.strategy.word(),
            callers: callers.collect(),
            operators: queue.members.iter().map(|member| self.operator(member.operator).plan.name.clone()).collect(),
        }
    }

    /// A queue that is shown, as it stands.
    pub fn queue_view(&self, name: &str, now: Time) -> Option<QueueView> {
        let queue = self.queues.get(name).filter(|queue| self.is_shown(queue))?;
        Some(self.view_queue(queue, now))
    }

    /// A call, as it stands.
    pub fn call_view(&self, id: CallId, now: Time) -> Option<CallView> {
        self.calls.get(&id).map(|call| self.view_call(call, now))
    }

    pub(super) fn assigned_to(&self, call: CallId) -> Option<Name> {
        let operator = self.standing(call)?.assigned?;
        Some(self.operator(operator).plan.name.clone())
    }

    /// For whom alone a caller waits, for whom nobody rings.
    fn waits_for(&self, call: CallId) -> Option<Name> {
        let standing = self.standing(call).filter(|standing| standing.legs.is_empty())?;
        self.only_for(standing).map(|operator| self.operator(operator).plan.name.clone())
    }

    pub(super) fn ringing_for(&self, call: CallId) -> Vec<Name> {
        let legs = self.standing(call).map(|standing| standing.legs.as_slice()).unwrap_or_default();
        let mut operators: Vec<OperatorIx> = legs.iter().filter_map(|leg| self.legs.get(leg)?.operator).collect();
        operators.dedup();
        operators.into_iter().map(|operator| self.operator(operator).plan.name.clone()).collect()
    }

    /// Those who ring for a call, or talk with it.
    fn legs_of(&self, call: &Call) -> Vec<String> {
        let legs = match &call.doing {
            Doing::Queued(standing) => standing.legs.as_slice(),
            Doing::Dialling(dialling) => dialling.legs.as_slice(),
            Doing::Talking(talk) => std::slice::from_ref(&talk.leg),
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Recording(_)
            | Doing::Chosen(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => &[],
        };
        let mut callees: Vec<String> =
            legs.iter().filter_map(|leg| Some(self.legs.get(leg)?.callee.as_ref()?.to_string())).collect();
        callees.dedup();
        callees
    }

    fn view_trunk(&self, trunk: &Trunk) -> TrunkView {
        TrunkView { trunk: trunk.name.clone(), channels: trunk.channels, in_use: self.on_trunk(&trunk.name) }
    }

    /// How an operator of the plan in force stands now; `None`: it has none of that name.
    pub fn view_operator_of(&self, operator: &Name, now: Time) -> Option<OperatorView> {
        self.plan.operators.get(operator)?;
        self.operators.get(operator).map(|operator| self.view_operator(operator, now))
    }

    fn view_operator(&self, operator: &Operator, now: Time) -> OperatorView {
        OperatorView {
            operator: operator.plan.name.clone(),
            extension: operator.plan.extension.clone(),
            desk: operator.desk.clone(),
            state: operator.state(),
            for_seconds: now.since(operator.since()).as_secs_f64(),
            duty: view_duty(operator),
            calls: operator.all_doings().filter_map(|doing| self.call_in(doing)).collect(),
            capacity: operator.plan.capacity,
        }
    }
}

fn view_duty(operator: &Operator) -> DutyView {
    let duty = &operator.roster.duty;
    let (reason, until) = match duty {
        Duty::Paused { reason, until, .. } => (reason.clone(), *until),
        Duty::On | Duty::SignedOut { .. } => (None, None),
    };
    let wrap_up_until = operator.wrap_up().map(timestamp);
    DutyView { duty: duty.word(), reason, until: until.map(timestamp), wrap_up_until }
}

impl Strategy {
    /// The word for it, as in `queues.conf`.
    pub fn word(self) -> &'static str {
        match self {
            Self::RingAll => "ringall",
            Self::LeastRecent => "leastrecent",
            Self::RrMemory => "rrmemory",
            Self::FewestCalls => "fewestcalls",
            Self::LeastTalk => "least_talk",
            Self::Linear => "linear",
            Self::TopDown => "top_down",
            Self::Random => "random",
            Self::WRandom => "wrandom",
            Self::RingProgressively => "ring_progressively",
        }
    }
}
