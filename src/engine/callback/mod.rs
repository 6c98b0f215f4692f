//! Callers who are called back: they hang up, keep their place, and are rung when it is their turn.
//!
//! The customer is called first, and stands in the line at his old place when he has answered and taken the call; nobody is
//! kept for him meanwhile. So an operator never waits for somebody who does not answer, and whoever stands in the line is taken
//! as if there were no callbacks. He is called
//!
//! - when an operator of the queue is free who may take him, and nobody who waits is before him; of those who are free at
//!   most one customer each is called;
//! - when such an operator becomes free and takes somebody who is behind him: then he is the next to be served, and as many
//!   are called so at once as operators who are there may talk with.
//!
//! Where the plan says so an operator is rung first ([`operator_first`]): when the promise comes to the head of the line, as he
//! would be for a caller of that age.
//!
//! A promise outlives the engine ([`Errand::KeepCallback`]). An attempt counts from its beginning: one under way when an
//! engine dies was one, and what of it is found in Asterisk is hung up before anybody is called again. From the moment in
//! which he stands in the line he is a caller like any other.

mod attempt;
mod checked;
mod operator_first;
mod turn;

pub(crate) use attempt::is_called_back;
pub(crate) use operator_first::Holds;

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Engine, Errand, Fact, OperatorIx, Wake,
    mark::CalledOut,
    notice::{CallbackFact, CallbackOver, OfferOutcome},
    queue::Place,
    snapshot::CallbackView,
};
use crate::{
    dialplan::{NotPromised, Promise, Requires, StepId, expr::Value, moment::timestamp},
    domain::{CallId, CallbackId, Caller, E164, Language, Name, Number, Reason, Time},
};

/// So many may be promised at once.
const MOST_CALLBACKS: usize = 10_000;

/// He who was promised it is still being told so: he is not called before so long after.
const HANGS_UP: std::time::Duration = std::time::Duration::from_secs(15);

/// A callback that was promised, as the next life of the engine must know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCallback {
    /// The queue in which he keeps his place.
    pub queue: Name,
    /// The number that is called.
    pub number: E164,
    /// The number that he had called, as the plan has it.
    pub called: Name,
    /// What he had dialled, where the plan has it as one of several numbers.
    pub dialled: Option<Number>,
    /// In which language he is spoken to; `None`: the plan's first.
    pub language: Option<Language>,
    /// His priority in the line.
    pub priority: i64,
    /// Skills that his call asks for, by how long he waits.
    pub requires: Arc<Requires>,
    /// Since when he stands in it.
    pub entered: Time,
    /// When it was promised.
    pub promised: Time,
    /// Until when the promise holds.
    pub expires: Time,
    /// How often he was called.
    pub attempts: u32,
    /// He is not called before.
    pub next: Time,
}

/// A callback, and the attempt that is under way.
#[derive(Debug)]
pub(crate) struct Promised {
    pub(crate) kept: KeptCallback,
    /// The call in which he is called now.
    pub(crate) call: Option<CallId>,
    /// Whom was rung first for him how often since he was called last, where operators are.
    tried: BTreeMap<OperatorIx, u32>,
    /// Who of them was rung last.
    last: Option<OperatorIx>,
}

impl Promised {
    fn new(kept: KeptCallback) -> Self {
        Self { kept, call: None, tried: BTreeMap::new(), last: None }
    }
}

/// All that are promised.
pub(crate) type Callbacks = BTreeMap<CallbackId, Promised>;

/// What makes a call one in which somebody is called back.
#[derive(Clone, Debug)]
pub(crate) struct CalledBack {
    /// The promise, until he stands in the line.
    pub(crate) promise: Option<CallbackId>,
    /// Who is called.
    pub(crate) number: E164,
    /// The trunk that leads to him: one of its lines is taken as long as the call lasts.
    pub(crate) trunk: Name,
    /// What became of the attempt, where it came to nothing.
    pub(crate) missed: OfferOutcome,
    /// Whether it is one of his attempts: he was called, and nobody else is why it came to nothing.
    pub(crate) counts: bool,
    /// Where an operator is rung first, until they talk: how far that is.
    pub(crate) operator: Option<Holds>,
}

impl Engine {
    /// The engine, with callbacks that an earlier life of it promised. Those that hold no longer are over.
    #[must_use]
    pub fn with_callbacks(mut self, kept: BTreeMap<CallbackId, KeptCallback>) -> Self {
        for (id, kept) in kept {
            self.callbacks.insert(id, Promised::new(kept));
        }
        self.look_at_callbacks();
        self
    }

    /// A caller asks to be called back. Where he goes on.
    pub(super) fn promise(&mut self, id: CallId, step: &Promise) -> StepId {
        match self.may_promise(id, step) {
            Ok(number) => {
                self.take_promise_of(id, step, number);
                step.promised
            }
            Err(why) => {
                let queue = step.queue.clone();
                self.tell(Some(id), Fact::Callback(CallbackFact::Refused { queue, why }));
                step.refused
            }
        }
    }

    fn may_promise(&self, id: CallId, step: &Promise) -> Result<E164, NotPromised> {
        let plan = self.calls.get(&id).map(|call| &call.plan);
        let callback = plan.and_then(|plan| Some((plan, plan.queues.get(&step.queue)?.callback.as_ref()?)));
        let (plan, callback) = callback.ok_or(NotPromised::NotAllowed)?;
        let Some(Value::Text(text)) = self.value(id, &step.number) else { return Err(NotPromised::NoNumber) };
        let number = callback.allows(&text, plan)?;
        let is_new = self.promise_to(&number, &step.queue).is_none();
        if is_new && self.callbacks.len() >= MOST_CALLBACKS {
            return Err(NotPromised::Full);
        }
        Ok(number)
    }

    fn take_promise_of(&mut self, id: CallId, step: &Promise, number: E164) {
        let (now, before) = (self.now, self.promise_to(&number, &step.queue));
        let Some(call) = self.calls.get(&id) else { return };
        let Some(callback) = call.plan.queues.get(&step.queue).and_then(|queue| queue.callback.clone()) else { return };
        let fresh = KeptCallback {
            queue: step.queue.clone(),
            number,
            called: call.number.clone(),
            dialled: call.dialled.clone(),
            language: (call.language > 0).then(|| call.language().clone()),
            priority: call.priority(),
            requires: Arc::clone(&call.requires),
            entered: call.entered.unwrap_or(now),
            promised: now,
            expires: now + callback.expires,
            attempts: 0,
            next: now + HANGS_UP,
        };
        let callback = before.unwrap_or_else(|| CallbackId { boot: self.setup.boot, number: self.count() });
        let promised = self.callbacks.entry(callback).or_insert_with(|| Promised::new(fresh.clone()));
        // He keeps the better of two places, and is not called oftener for having asked twice.
        promised.kept.expires = promised.kept.expires.max(fresh.expires);
        promised.kept.next = promised.kept.next.max(fresh.next);
        promised.kept.entered = promised.kept.entered.min(fresh.entered);
        promised.kept.requires = fresh.requires;
        let (queue, again) = (step.queue.clone(), before.is_some());
        self.tell(Some(id), Fact::Callback(CallbackFact::Promised { id: callback, queue, again }));
        self.keep_callback(callback);
        self.await_callback(callback);
    }

    /// What is promised to a number in a queue.
    fn promise_to(&self, number: &E164, queue: &Name) -> Option<CallbackId> {
        let is_it = |promised: &Promised| promised.kept.number == *number && promised.kept.queue == *queue;
        self.callbacks.iter().find(|(_, promised)| is_it(promised)).map(|(id, _)| *id)
    }

    /// A caller comes into a line. One who is called back has come to his place; one who was promised it and calls himself has
    /// it, too. When he entered then, if that was earlier.
    pub(super) fn keeps_promised_place(&mut self, id: CallId, queue: &Name) -> Option<Time> {
        let call = self.calls.get_mut(&id)?;
        if let Some(promise) = call.called_back.as_mut().and_then(|called_back| called_back.promise.take()) {
            return self.end_callback(promise, CallbackOver::Reached);
        }
        if self.callbacks.is_empty() {
            return None;
        }
        // Of one who was found in the line the promise may be kept still: an engine that is killed writes no more.
        let number = match &call.called_back {
            Some(called_back) => called_back.number.clone(),
            None => E164::read(call.caller.number()?, call.plan.numbers.country())?,
        };
        let promise = self.promise_to(&number, queue)?;
        self.end_callback(promise, CallbackOver::CameBack)
    }

    /// One who was called back is found to talk since then, or to have talked: he was reached, though an engine that is killed
    /// does not write that. What was promised to the same number since is another promise.
    pub(super) fn was_reached(&mut self, id: CallId, queue: &str, since: Time) {
        let called_back = self.calls.get(&id).and_then(|call| call.called_back.as_ref());
        let promise = called_back.and_then(|called_back| self.promise_to(&called_back.number, &Name::new(queue)));
        let is_his = |promise: &CallbackId| self.callbacks.get(promise).is_some_and(|it| it.kept.promised <= since);
        if let Some(promise) = promise.filter(is_his) {
            self.end_callback(promise, CallbackOver::Reached);
        }
    }

    /// Somebody does not want a callback any more. He whose telephone rings for it is not rung any longer; one who has answered
    /// goes on.
    pub(super) fn cancel_callback(&mut self, id: CallbackId) {
        self.end_callback(id, CallbackOver::Cancelled);
    }

    /// A callback as it stands; `None`: there is none of that id, or it is over.
    pub fn view_callback(&self, id: CallbackId) -> Option<CallbackView> {
        self.callbacks.get(&id).map(|promised| view(id, promised))
    }

    /// A callback is over, and whoever rings for it is hung up. Since when he stood in the line.
    fn end_callback(&mut self, id: CallbackId, how: CallbackOver) -> Option<Time> {
        let Promised { kept, call, .. } = self.callbacks.remove(&id)?;
        self.timers.stop(Wake::Callback(id));
        self.errand(Errand::KeepCallback(id, None));
        self.tell(call, Fact::Callback(CallbackFact::Over { id, queue: kept.queue, how }));
        if let Some(called_back) =
            call.and_then(|call| self.calls.get_mut(&call)).and_then(|it| it.called_back.as_mut())
        {
            called_back.promise = None;
        }
        if let Some(call) = call.filter(|_| how != CallbackOver::Reached) {
            self.hang_up_attempt(call, Reason::Normal);
        }
        Some(kept.entered)
    }

    /// What the next life must know of a callback is written.
    fn keep_callback(&mut self, id: CallbackId) {
        if let Some(promised) = self.callbacks.get(&id) {
            let kept = Some(Box::new(promised.kept.clone()));
            self.errand(Errand::KeepCallback(id, kept));
        }
    }

    /// Callbacks that are promised, the next in its line first.
    pub fn view_callbacks(&self) -> Vec<CallbackView> {
        let mut all: Vec<_> = self.callbacks.iter().collect();
        all.sort_by_key(|(id, promised)| (&promised.kept.queue, self.place_of_callback(**id, promised)));
        all.into_iter().map(|(id, promised)| view(*id, promised)).collect()
    }

    /// The place that somebody has in his line who is not in it.
    fn place_of_callback(&self, id: CallbackId, promised: &Promised) -> Place {
        let KeptCallback { queue, entered, priority, .. } = &promised.kept;
        let ageing = self.queues.get(queue).and_then(|queue| queue.plan.ageing);
        Place::new(*entered, *entered, CallId { boot: id.boot, number: id.number }, *priority, ageing)
    }
}

impl CalledBack {
    /// One who was found, as it is written on his channel.
    pub(crate) fn found(written: &CalledOut) -> Option<Self> {
        let number = E164::read(&written.number, None)?;
        let trunk = Name::new(&written.trunk);
        Some(Self { promise: None, number, trunk, missed: OfferOutcome::Answered, counts: true, operator: None })
    }

    /// Who he is: Asterisk knows of his channel only what we showed him.
    pub(crate) fn caller(&self) -> Caller {
        Caller::from_wire(self.number.as_str(), "", "")
    }
}

fn view(id: CallbackId, promised: &Promised) -> CallbackView {
    let kept = &promised.kept;
    CallbackView {
        id,
        queue: kept.queue.clone(),
        number: kept.number.to_string(),
        called: kept.called.to_string(),
        entered: timestamp(kept.entered),
        promised: timestamp(kept.promised),
        expires: timestamp(kept.expires),
        attempts: kept.attempts,
        not_before: timestamp(kept.next),
        call: promised.call,
    }
}
