//! What an operator does, and how he comes from one thing to the next.
//!
//! He does one thing: he is free, is rung, talks, wraps up. One who may have several calls (`capacity`) is free again as soon
//! as he talks, and the conversation is one that he has besides. So whoever asks whether he may be rung asks what he does,
//! and whether he has as many besides as he may have in all ([`Operator::is_full`]).
//!
//! Wrap-up is of the person: it begins when any of his conversations ends, and he is rung for nobody meanwhile, though he talks
//! on with the others. Where he is rung, or makes a call of his own, in that moment, he is owed it until that is over.

use super::{
    Engine, OperatorIx, Wake,
    operator::{Doing, Operator, Rest, With},
};
use crate::domain::{CallId, Time};

impl Operator {
    /// What he does who has nothing more to do with somebody: he is in a call of his own, or has what he is owed, or is free.
    fn next(&mut self, rest: Rest, now: Time) -> Doing {
        if let Some(call) = self.own.first() {
            return Doing::Calling { call: *call, since: now };
        }
        let after = Doing::rest(rest, now);
        match (self.roster.take_owed(now), after) {
            (Some(owed), Doing::WrappingUp { until, .. } | Doing::BackingOff { until, .. }) if owed <= until => after,
            (Some(until), _) => Doing::WrappingUp { since: now, until },
            (None, _) => after,
        }
    }

    /// Whether a conversation of his is one besides what he does.
    pub(super) fn may_have_several(&self) -> bool {
        self.plan.capacity > 1 && self.follow.is_none()
    }

    /// Whether he does nothing, and may have one more call, once he has no more to do with somebody and rests from it.
    pub(super) fn is_free_after(&self, with: With, rest: Rest, now: Time) -> bool {
        let others = self.besides.iter().filter(|talk| talk.with() != Some(with)).count();
        let does_nothing = matches!(self.doing, Doing::Ready { .. }) || self.doing.with() == Some(with);
        let rests = !matches!(Doing::rest(rest, now), Doing::Ready { .. }) || self.roster.owed().is_some();
        does_nothing && !rests && self.own.is_empty() && others < self.plan.capacity as usize
    }

    /// One of his conversations has ended while he did something else: what he does now.
    fn after_one(&mut self, rest: Rest, now: Time) -> Doing {
        let after = Doing::rest(rest, now);
        let more = match after {
            Doing::WrappingUp { until, .. } => until,
            // What was the matter with that leg may be with the next one.
            Doing::BackingOff { .. } if matches!(self.doing, Doing::Ready { .. }) => return after,
            Doing::BackingOff { .. }
            | Doing::Ready { .. }
            | Doing::Ringing { .. }
            | Doing::Talking { .. }
            | Doing::Chosen { .. }
            | Doing::Calling { .. } => return self.doing,
        };
        match self.doing {
            Doing::BackingOff { until, .. } if until >= more => self.doing,
            Doing::Ready { .. } | Doing::BackingOff { .. } => Doing::WrappingUp { since: now, until: more },
            Doing::WrappingUp { since, until } => Doing::WrappingUp { since, until: until.max(more) },
            Doing::Ringing { .. } | Doing::Talking { .. } | Doing::Chosen { .. } | Doing::Calling { .. } => {
                self.roster.owe(self.roster.owed().max(Some(more)));
                self.doing
            }
        }
    }
}

impl Engine {
    /// An operator does something else from now on.
    pub(super) fn set_doing(&mut self, ix: OperatorIx, doing: Doing) {
        self.alter(ix, |operator, _| operator.doing = doing);
    }

    /// An operator talks. One who may have several calls is free for the next one, or has what he is owed.
    pub(super) fn begins_talk(&mut self, ix: OperatorIx, talk: Doing) {
        // Who took a callback talks already, with nobody; from now on with his customer.
        let known = self.operator(ix).besides.iter().position(|it| it.with() == talk.with());
        if let Some(known) = known {
            return self.alter(ix, |operator, _| operator.besides[known] = talk);
        }
        let operator = self.operator(ix);
        let comes_of_it = operator.doing.with() == talk.with();
        // Who is found to talk may be found to talk with another.
        let has_another = operator.doing.is_talk() && !comes_of_it;
        if !operator.may_have_several() && !has_another {
            return self.set_doing(ix, talk);
        }
        self.alter(ix, |operator, now| {
            operator.besides.push(talk);
            operator.besides.sort_by_key(|talk| talk.since());
            if comes_of_it {
                operator.doing = operator.next(Rest::None, now);
            }
        });
    }

    /// Who has just begun to talk may be free for another caller.
    pub(super) fn takes_another(&mut self, ix: OperatorIx) {
        if matches!(self.operator(ix).doing, Doing::Ready { .. }) {
            self.match_operator(ix);
        }
    }

    /// What an operator had to do with somebody is over: he does what he is owed, or is free for the next caller.
    pub(super) fn is_done(&mut self, ix: OperatorIx, with: With, rest: Rest) {
        self.rests(ix, with, rest);
        self.match_operator(ix);
    }

    /// The same, and whoever is to be rung now is looked for by who says so.
    pub(super) fn rests(&mut self, ix: OperatorIx, with: With, rest: Rest) {
        let besides = self.operator(ix).besides.iter().position(|talk| talk.with() == Some(with));
        self.alter(ix, |operator, now| {
            if let Some(at) = besides {
                operator.besides.remove(at);
                operator.doing = operator.after_one(rest, now);
            } else {
                operator.doing = operator.next(rest, now);
            }
        });
    }

    /// The call that an operator has to do with who does this.
    pub(super) fn call_in(&self, doing: Doing) -> Option<CallId> {
        match doing.with()? {
            With::Leg(leg) => self.legs.get(&leg).map(|leg| leg.call),
            With::Choice(call) | With::Own(call) => Some(call),
        }
    }

    /// An operator's wrap-up or back-off is over.
    pub(super) fn on_rested(&mut self, ix: OperatorIx) {
        let now = self.now;
        match self.operator(ix).doing {
            Doing::WrappingUp { .. } | Doing::BackingOff { .. } => {
                self.set_doing(ix, Doing::Ready { since: now });
                self.match_operator(ix);
            }
            Doing::Ready { .. }
            | Doing::Ringing { .. }
            | Doing::Chosen { .. }
            | Doing::Talking { .. }
            | Doing::Calling { .. } => {}
        }
    }

    /// Changes what an operator does, and sees to all that follows from it but for whom he is rung for.
    fn alter(&mut self, ix: OperatorIx, alter: impl FnOnce(&mut Operator, Time)) {
        let now = self.now;
        let operator = &mut self.operators[ix.0];
        let (wrapped_up, from, was_ours) = (operator.wrap_up(), operator.state(), operator.is_ours());
        alter(operator, now);
        let (wraps_up, doing) = (operator.wrap_up(), operator.doing);
        if was_ours && !operator.is_ours() {
            operator.phone.let_go(now);
        }
        match doing {
            Doing::WrappingUp { until, .. } | Doing::BackingOff { until, .. } => {
                self.timers.set(Wake::Operator(ix), until);
            }
            Doing::Ready { .. }
            | Doing::Ringing { .. }
            | Doing::Chosen { .. }
            | Doing::Talking { .. }
            | Doing::Calling { .. } => {
                self.timers.stop(Wake::Operator(ix));
            }
        }
        // That one is over at its time need not be written: the time was.
        if wraps_up != wrapped_up && wraps_up.or(wrapped_up).is_some_and(|until| until > now) {
            self.keep_duty(ix);
        }
        self.await_settling(ix);
        self.tell_state(ix, from);
    }
}
