//! One attempt to call somebody back: it is a call from its first moment on.

use std::{sync::Arc, time::Duration};

use super::{CalledBack, KeptCallback};
use crate::{
    dialplan::{Identity, ShownNumber},
    domain::{CallId, CallbackId, Caller, Cause, ChannelId, NodeId, Number, Reason, id::OURS},
    engine::{
        Command, Engine, Fact, Failure, OperatorIx, Shown, Wake,
        arrival::Parting,
        call::{Call, Doing},
        channels::Share,
        leg::outcome_of,
        notice::{CallbackFact, OfferOutcome, Outcome},
        shown::called,
    },
};

/// Asterisk ends a ringing channel by itself; this much later we no longer believe that it will.
const RING_SLACK: Duration = Duration::from_secs(3);

/// What stands in the id of such a channel in the place of who is rung: no operator's name has a dot in it.
const TAG: &str = "-callback.-";

/// Whether a channel of ours is one in which somebody is called back: he is a caller, and no leg.
pub(crate) fn is_called_back(id: &str) -> bool {
    id.strip_prefix(OURS).and_then(|rest| rest.get(8..)).is_some_and(|rest| rest.starts_with(TAG))
}

impl Engine {
    /// Calls somebody back, or begins to: for the operator who is rung first, if one is.
    pub(super) fn call_back(&mut self, id: CallbackId, node: NodeId, operator: Option<OperatorIx>) {
        let plan = self.plan.clone();
        let Some(queue) = self.callbacks.get(&id).map(|promised| promised.kept.queue.clone()) else { return };
        let Some((ix, callback)) = self.planned(&queue) else { return };
        if !plan.trunks.contains_key(&callback.trunk) {
            return;
        }
        let (call_id, number) = (self.new_call(), self.count());
        let Some(promised) = self.callbacks.get_mut(&id) else { return };
        promised.call = Some(call_id);
        let kept = promised.kept.clone();
        self.await_callback(id);
        let channel = ChannelId::new(node, &format!("{OURS}{:08x}{TAG}{number}", self.setup.boot));
        let caller = Caller::from_wire(kept.number.as_str(), "", "").within(plan.numbers.country());
        let calls = CallbackFact::Calls {
            id,
            queue,
            number: kept.called.clone(),
            caller: caller.clone(),
            channel: channel.clone(),
            attempt: kept.attempts + 1,
        };
        self.tell(Some(call_id), Fact::Callback(calls));
        self.add_attempt(call_id, id, &channel, caller, &kept, &callback);
        match operator {
            Some(operator) => self.ring_first(call_id, operator, ix),
            None => self.call_out(call_id),
        }
    }

    /// The telephone of one who is called back is rung: that is an attempt, whatever comes of it.
    pub(super) fn call_out(&mut self, call_id: CallId) {
        let (now, plan) = (self.now, self.plan.clone());
        let Some(id) = self.promise_of(call_id) else { return };
        let Some(queue) = self.callbacks.get(&id).map(|promised| promised.kept.queue.clone()) else { return };
        // A line of it is kept for him, whichever trunk a plan that came meanwhile names.
        let trunk = self.called_out.get(&call_id).and_then(|trunk| plan.trunks.get(trunk));
        let planned = self.planned(&queue).zip(trunk);
        // Or one that calls nobody back.
        let Some(((_, callback), trunk)) = planned else { return self.end_call(call_id, Outcome::NotReached) };
        let Some(promised) = self.callbacks.get_mut(&id) else { return };
        promised.kept.attempts += 1;
        // Should this engine end in the midst of it, the next one waits as long as after any other.
        promised.kept.next = now + callback.retry;
        self.keep_callback(id);
        let Some(call) = self.calls.get_mut(&call_id) else { return };
        let channel = call.channel.clone();
        let Some(called_back) = &mut call.called_back else { return };
        called_back.counts = true;
        let endpoint = trunk.dial.dial(&called_back.number);
        let number = match &trunk.shows {
            ShownNumber::Own(number) => Some(number.clone()),
            // He sees whom he called.
            ShownNumber::Caller | ShownNumber::Called => self.calls.get(&call_id).and_then(called),
        };
        let shows = number.map(|number| {
            let caller_id = Some((number.as_str().into(), None));
            let asserted = Some(number).filter(|_| trunk.identity.contains(&Identity::Asserted));
            Box::new(Shown { caller_id, asserted, diverted: None })
        });
        self.timers.set(Wake::CallingBack(call_id), now + callback.ring + RING_SLACK);
        self.command(Command::CallOut { channel, endpoint, shows, ring: callback.ring });
    }

    fn add_attempt(
        &mut self,
        call_id: CallId,
        id: CallbackId,
        channel: &ChannelId,
        caller: Caller,
        kept: &KeptCallback,
        callback: &crate::dialplan::Callback,
    ) {
        let (now, plan) = (self.now, self.plan.clone());
        let language = kept.language.as_ref().and_then(|language| plan.languages.find(language.code()));
        let (called, entry) = (kept.called.clone(), callback.entry);
        // What he dialled is shown as long as the plan has it.
        let is_called = |dialled: &&Number| plan.numbers.dialled(dialled.as_str()).is_some_and(|it| *it.name == called);
        let dialled = kept.dialled.as_ref().filter(is_called).cloned();
        let call = Call::new(call_id, channel.clone(), plan, called, caller, now, false, entry);
        let called_back = CalledBack {
            promise: Some(id),
            number: kept.number.clone(),
            trunk: callback.trunk.clone(),
            missed: OfferOutcome::Failed,
            counts: false,
            operator: None,
        };
        self.add_call(Call {
            share: Share::CalledBack,
            dialled,
            entered: Some(kept.entered),
            holds: Some(kept.queue.clone()),
            preferred: (kept.priority != 0).then_some(kept.priority),
            requires: Arc::clone(&kept.requires),
            language: language.unwrap_or_default(),
            called_back: Some(Box::new(called_back)),
            doing: Doing::CallingBack,
            ..call
        });
    }

    /// What is kept by a call in which somebody is called back.
    pub(super) fn promise_of(&self, id: CallId) -> Option<CallbackId> {
        self.calls.get(&id)?.called_back.as_ref()?.promise
    }

    /// Whether a call rings whom it calls back, or an operator before him.
    pub(super) fn is_calling_back(&self, id: CallId) -> bool {
        self.calls.get(&id).is_some_and(|call| matches!(call.doing, Doing::CallingBack))
    }

    /// The channel of one who is called back is in our hands: somebody answered.
    pub(in crate::engine) fn on_called_back_answers(&mut self, id: CallId) {
        if !self.is_calling_back(id) || self.rings_for_callback(id) {
            return;
        }
        self.timers.stop(Wake::CallingBack(id));
        self.is_answered(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let entry = call.at;
        let promise = call.called_back.as_mut().and_then(|called_back| {
            called_back.missed = OfferOutcome::Answered;
            called_back.promise
        });
        if let Some(promise) = promise
            && let Some(queue) = self.callbacks.get(&promise).map(|promised| promised.kept.queue.clone())
        {
            self.tell(Some(id), Fact::Callback(CallbackFact::Answered { id: promise, queue: queue.clone() }));
            if self.connects_first(id, &queue) {
                return;
            }
        }
        self.go(id, Some(entry));
    }

    /// The channel of one who is called back has ended.
    pub(in crate::engine) fn on_called_back_ended(&mut self, id: CallId, cause: Cause) {
        if self.is_calling_back(id) {
            self.is_missed(id, outcome_of(cause));
        }
    }

    fn is_missed(&mut self, id: CallId, outcome: OfferOutcome) {
        if let Some(called_back) = self.calls.get_mut(&id).and_then(|call| call.called_back.as_mut()) {
            called_back.missed = outcome;
        }
    }

    /// It was not asked of Asterisk that somebody is called, or nobody knows whether it was.
    pub(in crate::engine) fn on_not_called(&mut self, channel: &ChannelId, failure: Failure) {
        if self.leg_of(channel).is_some() {
            // An operator is rung first, for whom there is no caller's channel yet.
            return self.on_not_made(channel, failure);
        }
        let Some(id) = self.caller_of(channel) else { return };
        let leaves = self.calls.get(&id).is_some_and(|call| matches!(call.doing, Doing::Leaving { .. }));
        match failure {
            Failure::Refused(_) | Failure::NotSent if leaves || self.is_calling_back(id) => {
                if failure != Failure::NotSent {
                    self.is_missed(id, OfferOutcome::Unreachable);
                }
                self.end_call(id, Outcome::NotReached);
            }
            Failure::OutcomeUnknown => self.hang_up_attempt(id, Reason::Normal),
            Failure::Refused(_) | Failure::NotSent => {}
        }
    }

    /// Asterisk should have given up ringing, and did not say so.
    pub(in crate::engine) fn on_calling_back_overdue(&mut self, id: CallId) {
        self.is_missed(id, OfferOutcome::NoAnswer);
        self.hang_up_attempt(id, Reason::Normal);
    }

    /// Nobody is to be rung any more. Who has answered is left alone.
    pub(super) fn hang_up_attempt(&mut self, id: CallId, reason: Reason) {
        if self.rings_for_callback(id) {
            // There is nothing of his in Asterisk.
            self.end_call(id, Outcome::NotReached);
        } else if self.is_calling_back(id) {
            self.part(id, Parting::HangUp(reason), Outcome::NotReached);
        }
    }

    /// A call is over in which somebody was called back; with a promise in it he did not come into the line.
    pub(in crate::engine) fn attempt_over(&mut self, call: &Call) {
        let Some(called_back) = &call.called_back else { return };
        self.frees(call.id, called_back.operator);
        let (promise, outcome) = (called_back.promise, called_back.missed);
        if let Some(promise) = promise
            && let Some(promised) = self.callbacks.get_mut(&promise)
        {
            promised.call = None;
            let counts = called_back.counts;
            let (queue, attempt) = (promised.kept.queue.clone(), promised.kept.attempts);
            let retry = self.planned(&queue).map_or(Duration::ZERO, |(_, callback)| callback.retry);
            if let Some(promised) = self.callbacks.get_mut(&promise).filter(|_| counts) {
                promised.kept.next = promised.kept.next.max(self.now + retry);
                self.tell(None, Fact::Callback(CallbackFact::Missed { id: promise, queue, outcome, attempt }));
            }
            self.keep_callback(promise);
            self.await_callback(promise);
        }
        // Those whom its line kept from being rung may be rung now.
        if self.was_full(&called_back.trunk) {
            self.match_everybody();
        } else {
            self.call_back_all();
        }
    }
}
