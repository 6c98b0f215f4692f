//! An operator is kept for a caller whom Asterisk's own dialplan connects.
//!
//! A caller for whom it asks stands in the queue's line like any other, and is matched with who is free like any other; only
//! that nobody is rung then: the dialplan is told whom it may dial, and the operator is nobody else's. From then on the
//! caller's channel is in the dialplan's hands, and nothing is asked of it.
//!
//! The operator is free again when the dialplan says so, when the caller's channel is gone, when the dialplan asks anew, and
//! after a limit: that which was asked for as long as nobody said that he answered, and [`LONGEST_TALK`] then. One who talks
//! when his limit passes, since nobody said so, is offered the next caller, and his phone says that it is busy.
//!
//! It is told as if we had rung him: the offer and its end, the wait, the conversation; and so are wrap-up and `retry`.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Callee, Command, Duty, Engine, Fact, Mark, OperatorIx, QueueIx, Wake,
    call::{Call, Chosen, Doing, Hum, Standing, Told, Wants},
    channels::Share,
    choice::{Ask, Choice, Noted, Reply},
    duty::missed_by,
    notice::{LeftQueue, OfferOutcome, Outcome, Party},
    operator::{self, Rest, With},
    queue::Place,
};
use crate::{
    dialplan::{DEFAULT_MUSIC, Music, StepId},
    domain::{CallId, Caller, Cause, ChannelId, Name, ReservationId},
};

/// A conversation whose end nobody tells us has ended after this long.
pub(super) const LONGEST_TALK: Duration = Duration::from_secs(4 * 60 * 60);

/// The number of a caller who dialled none of the plan's.
const NO_NUMBER: &str = "unknown";

/// A caller who was given an operator, and asks again.
struct Again {
    call: CallId,
    queue: QueueIx,
    /// His place in its line, and how often each operator was chosen for him; `None`: he has talked since.
    place: Option<(Place, BTreeMap<OperatorIx, u32>)>,
    operator: OperatorIx,
    rest: Rest,
}

impl Engine {
    /// Asterisk's dialplan asks for an operator.
    pub(super) fn on_choice_asked(&mut self, channel: ChannelId, dialled: &str, caller: Caller, ask: &Ask) {
        if !self.is_up(channel.node) {
            return;
        }
        let again = self.caller_of(&channel).and_then(|id| self.ask_again(id, ask.before));
        let told = match self.cannot_choose(&channel, again.as_ref(), ask) {
            Some(no) => Some(no),
            None => {
                self.stand_for_choice(&channel, again.as_ref(), dialled, caller, ask);
                None
            }
        };
        if let Some(choice) = told {
            let call = again.as_ref().map(|again| again.call);
            self.tell_choice(call, &channel, &ask.queue, choice);
            if let Some(again) = &again {
                self.give_up_place(again);
                self.end_call(again.call, Outcome::Continued);
            }
        }
        // He who asks again has his place in line before whom he had is free for another.
        if let Some(Again { call, operator, rest, .. }) = again {
            self.is_done(operator, With::Choice(call), rest);
        }
    }

    /// One who has an operator asks for another one; any other call of his channel is over without our having heard of it.
    fn ask_again(&mut self, id: CallId, before: OfferOutcome) -> Option<Again> {
        let Some(chosen) = self.take_choice(id) else {
            self.on_caller_left(id, Party::Unknown);
            return None;
        };
        let rest = self.close_choice(id, &chosen, Some(before));
        // Until he is done with this one he is not free for the next.
        self.is_ending(chosen.operator, With::Choice(id));
        if let Some(call) = self.calls.get_mut(&id).filter(|_| chosen.talks.is_some()) {
            call.entered = None;
        }
        let Chosen { queue, operator, place, tried, talks, .. } = chosen;
        Some(Again { call: id, queue, place: talks.is_none().then_some((place, tried)), operator, rest })
    }

    /// Why a caller gets no operator and no place in line; `None`: he does.
    fn cannot_choose(&mut self, channel: &ChannelId, again: Option<&Again>, ask: &Ask) -> Option<Choice> {
        let known = self.plan.queues.contains_key(&ask.queue);
        let Some(ix) = self.queues.get_index_of(&ask.queue).map(QueueIx).filter(|_| known) else {
            return Some(Choice::NoSuchQueue);
        };
        if again.is_none() && self.draining {
            return Some(Choice::Draining);
        }
        let queue = self.queue(ix);
        if queue.members.is_empty() {
            return Some(Choice::Unstaffed);
        }
        let place = again.filter(|again| again.queue == ix).and_then(|again| again.place.as_ref());
        let waited = place.map_or(Duration::ZERO, |(place, _)| self.now.since(place.joined));
        let is_free = self.is_anyone_free(ix, waited, channel.node)
            || again.is_some_and(|again| self.is_free_after(again, ix, waited));
        if ask.wait.is_zero() && !is_free {
            let before = place.map_or(queue.line.len(), |(place, _)| queue.line.before(place));
            return Some(Choice::Busy { position: before + 1 });
        }
        let has_room = again.is_some() || self.has_room(channel.node);
        (!has_room).then_some(Choice::Overload)
    }

    /// Whether he whom the caller had may be chosen for him anew, as soon as he has his place in line.
    fn is_free_after(&self, again: &Again, ix: QueueIx, waited: Duration) -> bool {
        let operator = self.operator(again.operator);
        let is_ready = operator.is_free_after(With::Choice(again.call), again.rest, self.now);
        let (member, terms) = (self.queue(ix).member(again.operator), self.queue(ix).plan.terms_at(waited));
        let admits = member.zip(terms).and_then(|(member, terms)| terms.admit(member.penalty, &operator.plan.skills));
        let is_there = operator.roster.duty == Duty::On && !self.is_absent_for(again.operator, again.call);
        let is_ready = is_ready && is_there && operator.plan.accept.is_none();
        is_ready && !self.is_awaited(again.operator) && admits.is_some()
    }

    /// Puts a caller into a queue's line for an operator, whom he gets at once if one is free.
    fn stand_for_choice(
        &mut self,
        channel: &ChannelId,
        again: Option<&Again>,
        dialled: &str,
        caller: Caller,
        ask: &Ask,
    ) {
        let now = self.now;
        let id = again.map_or_else(|| self.add_choosing(channel, dialled, caller), |again| again.call);
        let ix = self.queues.get_index_of(&ask.queue).map(QueueIx);
        let kept = again.filter(|again| Some(again.queue) == ix).and_then(|again| again.place.clone());
        if let Some(again) = again.filter(|_| kept.is_none()) {
            self.give_up_place(again);
        }
        let joined = kept.as_ref().map_or(now, |(place, _)| place.joined);
        let Some(position) = self.take_place(id, &ask.queue, joined, None) else { return };
        let patience = self.calls.get(&id).and_then(|call| call.plan.queues.get(&ask.queue)?.max_wait);
        let until = now + ask.wait;
        self.timers.set(Wake::MaxWait(id), patience.map_or(until, |limit| until.min(joined + limit.after)));
        if let Some(standing) = self.standing_mut(id) {
            standing.wants = Wants::Choice { limit: ask.limit };
            // What he hears is the dialplan's affair.
            standing.told = Told::default();
            standing.tried = kept.as_ref().map(|(_, tried)| tried.clone()).unwrap_or_default();
        }
        if kept.is_none() {
            self.tell(Some(id), Fact::Joined { queue: ask.queue.clone(), position });
        }
        self.go_on_waiting(id);
    }

    /// A new call, of one for whom the dialplan asks. It takes none of its number's channels: whom Asterisk's dialplan lets in
    /// is its own affair.
    fn add_choosing(&mut self, channel: &ChannelId, dialled: &str, caller: Caller) -> CallId {
        let (plan, now) = (self.plan.clone(), self.now);
        let dialled = plan.numbers.dialled(dialled);
        let number = dialled.as_ref().map_or_else(|| NO_NUMBER.into(), |dialled| dialled.name.clone());
        let caller = plan.caller_of(dialled.as_ref().map(|dialled| dialled.number), caller);
        let member = dialled.and_then(|dialled| dialled.member);
        let id = self.new_call();
        self.tell(Some(id), Fact::Arrived { number: number.clone(), caller: caller.clone(), channel: channel.clone() });
        // Whether he is answered, and in which language he is spoken to, is the dialplan's affair.
        let call = Call::new(id, channel.clone(), plan, number, caller, now, true, StepId(0));
        self.add_call(Call { dialled: member, share: Share::Choosing, told_language: true, ..call });
        id
    }

    /// He who had an operator and did not talk to him has no place in that line any more.
    fn give_up_place(&mut self, again: &Again) {
        if let Some((place, _)) = &again.place {
            self.tell_left(again.call, again.queue, *place, LeftQueue::Continued);
        }
    }

    fn tell_left(&mut self, id: CallId, queue: QueueIx, place: Place, why: LeftQueue) {
        // He is in line no more: those before him, and himself.
        let position = self.queue(queue).position(&place) + 1;
        let (queue, waited) = (self.queue(queue).plan.name.clone(), self.now.since(place.joined));
        self.tell(Some(id), Fact::LeftQueue { queue, position, waited, why, key: None });
    }

    /// How long an operator is kept for one who stands in line for that; `None`: he does not.
    pub(super) fn wants_choice(&self, id: CallId) -> Option<Duration> {
        match self.standing(id)?.wants {
            Wants::Choice { limit } => Some(limit),
            Wants::Talk => None,
        }
    }

    /// What a caller hears who stands in line for an operator, and that Asterisk knows that we care.
    pub(super) fn settle_for_choice(&mut self, id: CallId) {
        let Some(queue) = self.standing(id).map(|standing| standing.queue) else { return };
        let class = match &self.queue(queue).plan.music {
            Music::Default => Some(Name::new(DEFAULT_MUSIC)),
            Music::Class(class) => Some(class.clone()),
            Music::Nothing => None,
        };
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some(class) = class.filter(|_| call.hum.is_none()) {
            call.hum = Some(Hum::Music(class.clone()));
            let channel = call.channel.clone();
            self.command(Command::Music { channel, class });
        }
        self.arm(id, Duration::ZERO);
    }

    /// Keeps an operator for a caller who stands in line for one.
    pub(super) fn reserve(&mut self, id: CallId, operator: OperatorIx, limit: Duration) {
        let now = self.now;
        let reservation = self.new_reservation();
        let Some(call) = self.calls.get_mut(&id) else { return };
        let leaving = Doing::Leaving { outcome: Outcome::Continued, asked: 0 };
        let was = std::mem::replace(&mut call.doing, leaving);
        let Doing::Queued(standing) = was else {
            call.doing = was;
            return;
        };
        let Standing { queue, place, mut tried, .. } = *standing;
        *tried.entry(operator).or_default() += 1;
        self.reserved.insert(reservation, id);
        call.doing = Doing::Chosen(Chosen { reservation, queue, place, tried, operator, since: now, talks: None });
        let channel = call.channel.clone();
        self.queues[queue.0].leave(place);
        self.queues[queue.0].offered(operator);
        self.timers.stop_all_of(id);
        self.timers.set(Wake::Choice(id), now + limit);
        self.let_go(id);
        self.set_doing(operator, operator::Doing::Chosen { call: id, since: now, talks: false });
        let (name, ring) = (self.queue(queue).plan.name.clone(), self.queue(queue).plan.ring);
        let plan = &self.operator(operator).plan;
        let (operator, dial) = (plan.name.clone(), plan.dial.clone());
        let callee = Callee::Operator(operator.clone());
        self.tell(Some(id), Fact::Offered { queue: Some(name.clone()), callee });
        self.tell_choice(Some(id), &channel, &name, Choice::Chosen { reservation, operator, dial, ring });
    }

    /// A caller's channel is about to be the dialplan's again: nothing of ours stays on it.
    fn let_go(&mut self, id: CallId) {
        self.hush(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.armed.take().is_some() {
            let channel = call.channel.clone();
            let mark = Mark { dead_man: Some(Duration::ZERO), ..Mark::default() };
            self.command(Command::Mark { channel, mark });
        }
    }

    fn new_reservation(&mut self) -> ReservationId {
        ReservationId { boot: self.setup.boot, number: self.count() }
    }

    fn tell_choice(&mut self, call: Option<CallId>, channel: &ChannelId, queue: &Name, choice: Choice) {
        self.tell(call, Fact::ChoiceTold { queue: queue.clone(), choice: choice.word() });
        self.command(Command::Reply { channel: channel.clone(), reply: Reply::Choice(choice) });
    }

    /// A caller leaves the line without an operator, and his dialplan is told.
    pub(super) fn leave_without_choice(&mut self, id: CallId, why: LeftQueue) {
        let leaving = Doing::Leaving { outcome: Outcome::Continued, asked: 0 };
        let Some(call) = self.calls.get_mut(&id) else { return };
        let channel = call.channel.clone();
        let was = std::mem::replace(&mut call.doing, leaving);
        let Doing::Queued(standing) = was else {
            call.doing = was;
            return;
        };
        let queue = self.queue(standing.queue);
        let name = queue.plan.name.clone();
        let position = queue.position(&standing.place);
        let choice = match why {
            LeftQueue::Unstaffed => Choice::Unstaffed,
            LeftQueue::TimedOut
            | LeftQueue::Abandoned
            | LeftQueue::ByKey
            | LeftQueue::Full
            | LeftQueue::Closed
            | LeftQueue::Moved
            | LeftQueue::Withdrawn
            | LeftQueue::TakenOver
            | LeftQueue::Continued => Choice::TimedOut { position },
        };
        self.leave_line(id, *standing, why, OfferOutcome::CallerLeft);
        self.let_go(id);
        self.tell_choice(Some(id), &channel, &name, choice);
        self.end_call(id, Outcome::Continued);
    }

    /// An operator who was chosen talks to the caller.
    pub(super) fn on_choice_answered(&mut self, channel: ChannelId, reservation: Option<ReservationId>) {
        let noted = match self.chosen_for(&channel, reservation) {
            Ok(id) => {
                self.answer_choice(id);
                Noted::Answered
            }
            Err(noted) => noted,
        };
        self.command(Command::Reply { channel, reply: Reply::Reservation(noted) });
    }

    /// The dialplan has no use any more for whom it was given.
    pub(super) fn on_choice_released(
        &mut self,
        channel: ChannelId,
        reservation: Option<ReservationId>,
        outcome: Option<OfferOutcome>,
    ) {
        let noted = match self.chosen_for(&channel, reservation) {
            Ok(id) => {
                if outcome == Some(OfferOutcome::Answered) {
                    self.answer_choice(id);
                }
                self.end_choice(id, outcome);
                Noted::Released
            }
            Err(noted) => noted,
        };
        self.command(Command::Reply { channel, reply: Reply::Reservation(noted) });
    }

    /// The call for which an operator is kept: by the name of that, or the caller's channel.
    fn chosen_for(&self, channel: &ChannelId, reservation: Option<ReservationId>) -> Result<CallId, Noted> {
        let Some(reservation) = reservation else {
            let own = self.caller_of(channel).filter(|id| self.choice(*id).is_some());
            return own.ok_or(Noted::Unknown);
        };
        let was = reservation.boot == self.setup.boot && reservation.number <= self.counted;
        self.reserved.get(&reservation).copied().ok_or(if was { Noted::Over } else { Noted::Unknown })
    }

    fn choice(&self, id: CallId) -> Option<&Chosen> {
        match &self.calls.get(&id)?.doing {
            Doing::Chosen(chosen) => Some(chosen),
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Recording(_)
            | Doing::Queued(_)
            | Doing::Dialling(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => None,
        }
    }

    /// Takes out what a call has of an operator; what it does next is for whoever asks.
    fn take_choice(&mut self, id: CallId) -> Option<Chosen> {
        self.choice(id)?;
        let call = self.calls.get_mut(&id)?;
        let leaving = Doing::Leaving { outcome: Outcome::Continued, asked: 0 };
        let was = std::mem::replace(&mut call.doing, leaving);
        if let Doing::Chosen(chosen) = was { Some(chosen) } else { None }
    }

    /// He talks. Told twice, it is no news.
    fn answer_choice(&mut self, id: CallId) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Doing::Chosen(chosen) = &mut call.doing else { return };
        if chosen.talks.is_some() {
            return;
        }
        chosen.talks = Some(now);
        call.served = true;
        let Chosen { queue, operator, place, since, .. } = *chosen;
        self.operators[operator.0].roster.took();
        self.timers.set(Wake::Choice(id), now + LONGEST_TALK);
        self.begins_talk(operator, operator::Doing::Chosen { call: id, since: now, talks: true });
        self.tell_choice_ended(id, queue, operator, OfferOutcome::Answered, now.since(since));
        let (queue, callee) = self.who(queue, operator);
        self.tell(Some(id), Fact::Connected { queue: Some(queue), callee, leg: None, waited: now.since(place.joined) });
        self.takes_another(operator);
    }

    fn who(&self, queue: QueueIx, operator: OperatorIx) -> (Name, Callee) {
        (self.queue(queue).plan.name.clone(), Callee::Operator(self.operator(operator).plan.name.clone()))
    }

    fn tell_choice_ended(
        &mut self,
        id: CallId,
        queue: QueueIx,
        operator: OperatorIx,
        outcome: OfferOutcome,
        rang: Duration,
    ) {
        let (queue, callee) = self.who(queue, operator);
        let cause = Cause::default();
        self.tell(Some(id), Fact::OfferEnded { queue: Some(queue), callee, outcome, rang, cause });
    }

    /// The session that asked was gone before it was told whom its caller was given.
    pub(super) fn on_unheard_choice(&mut self, channel: &ChannelId, reservation: ReservationId) {
        if let Ok(id) = self.chosen_for(channel, Some(reservation)) {
            self.end_choice(id, None);
        }
    }

    /// Nobody used an operator within his limit; or nobody told us for how long he has talked.
    pub(super) fn on_choice_overdue(&mut self, id: CallId) {
        self.end_choice(id, Some(OfferOutcome::Lapsed));
    }

    /// The dialplan goes on without whom it was given: so does his caller, without us. `outcome` is `None` when he was not
    /// used, which is no fault of his, and the caller is there.
    pub(super) fn end_choice(&mut self, id: CallId, outcome: Option<OfferOutcome>) {
        if let Some(chosen) = self.take_choice(id) {
            let outcome = self.drop_choice(id, &chosen, outcome);
            self.end_call(id, outcome);
        }
    }

    /// Frees an operator who was chosen for a call that is about to end: how that ended.
    pub(super) fn drop_choice(&mut self, id: CallId, chosen: &Chosen, outcome: Option<OfferOutcome>) -> Outcome {
        let rest = self.close_choice(id, chosen, outcome);
        let (why, ended) = match outcome {
            _ if chosen.talks.is_some() => (None, Outcome::Served),
            Some(OfferOutcome::CallerLeft) => (Some(LeftQueue::Abandoned), Outcome::Abandoned),
            Some(_) | None => (Some(LeftQueue::Continued), Outcome::Continued),
        };
        if let Some(why) = why {
            self.tell_left(id, chosen.queue, chosen.place, why);
        }
        self.is_done(chosen.operator, With::Choice(id), rest);
        ended
    }

    /// An operator is of no more use to the dialplan: what he is owed.
    fn close_choice(&mut self, id: CallId, chosen: &Chosen, outcome: Option<OfferOutcome>) -> Rest {
        let now = self.now;
        self.reserved.remove(&chosen.reservation);
        self.timers.stop(Wake::Choice(id));
        let queue = &self.queue(chosen.queue).plan;
        let (wrap_up, retry) = (queue.wrap_up, queue.retry);
        let Some(since) = chosen.talks else {
            let told = outcome.unwrap_or(OfferOutcome::Lapsed);
            self.tell_choice_ended(id, chosen.queue, chosen.operator, told, now.since(chosen.since));
            self.missed(Some(chosen.operator), Some(chosen.queue), told);
            let is_his_doing = outcome.is_some_and(|outcome| outcome != OfferOutcome::CallerLeft);
            return if is_his_doing {
                Rest::BackOff { rest: retry.after(missed_by(told)), after: told }
            } else {
                Rest::None
            };
        };
        let talked = now.since(since);
        self.has_talked(chosen.operator, talked);
        let (queue, callee) = self.who(chosen.queue, chosen.operator);
        let (waited, by) = (Some(since.since(chosen.place.joined)), Party::Unknown);
        self.tell(Some(id), Fact::TalkEnded { queue: Some(queue), callee, talked, by, waited, to: None });
        Rest::WrapUp(wrap_up)
    }
}
