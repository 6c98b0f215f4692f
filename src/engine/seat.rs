//! What an operator does, and how he comes from one thing to the next.
//!
//! He does one thing: he is free, is rung, talks, wraps up. One who may have several calls (`capacity`) is free again as soon
//! as he talks, and the conversation is one that he has besides. So whoever asks whether he may be rung asks what he does,
//! and whether he has as many besides as he may have in all ([`Operator::is_full`]).
//!
//! Wrap-up is of the person: it begins when any of his conversations ends, and he is rung for nobody meanwhile, though he talks
//! on with the others. Where he is rung, or makes a call of his own, in that moment, he is owed it until that is over.

use super::{
    Engine, LegId, OperatorIx, Wake,
    leg::{Leg, Phase},
    operator::{Doing, Operator, Rest, With},
};
use crate::domain::{CallId, Time};

impl Operator {
    /// What he does who has nothing more to do with somebody: he is in a call of his own, or has what he is owed, or is free.
    fn next(&mut self, rest: Rest, now: Time) -> Doing {
        let after = Doing::rest(rest, now);
        if let Some(call) = self.own.first().copied() {
            if let Doing::WrappingUp { until, .. } = after {
                self.owe(until);
            }
            return Doing::Calling { call, since: now };
        }
        let Some(owed) = self.roster.take_owed(now) else { return after };
        let until = after.until().map_or(owed, |until| until.max(owed));
        Doing::WrappingUp { since: now, until }
    }

    /// A conversation is one that he has besides what he does.
    fn has_besides(&mut self, talk: Doing) {
        self.besides.push(talk);
        self.besides.sort_by_key(|talk| talk.since());
    }

    /// He wraps up until then, at least, behind what he has to do with somebody.
    pub(super) fn owe(&mut self, until: Time) {
        self.roster.owe(self.roster.owed().max(Some(until)));
    }

    /// He has to do with somebody from now on: his rest is what he is owed.
    fn puts_off_rest(&mut self) {
        if let Some(until) = self.doing.until() {
            self.owe(until);
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
        let rests =
            !matches!(Doing::rest(rest, now), Doing::Ready { .. }) || self.roster.owed().is_some_and(|owed| owed > now);
        does_nothing && !rests && self.own.is_empty() && others < self.plan.capacity as usize
    }

    /// One of his conversations has ended while he did something else: what he does now.
    fn after_one(&mut self, rest: Rest, now: Time) -> Doing {
        let after = Doing::rest(rest, now);
        let Some(more) = after.until() else { return self.doing };
        match self.doing {
            Doing::Ready { .. } => after,
            Doing::WrappingUp { since, until } => Doing::WrappingUp { since, until: until.max(more) },
            Doing::BackingOff { until, .. } => Doing::WrappingUp { since: now, until: until.max(more) },
            Doing::Ringing { .. } | Doing::Talking { .. } | Doing::Chosen { .. } | Doing::Calling { .. } => {
                self.owe(more);
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
            return self.alter(ix, |operator, _| {
                operator.puts_off_rest();
                operator.doing = talk;
            });
        }
        self.alter(ix, |operator, now| {
            operator.has_besides(talk);
            if comes_of_it {
                operator.doing = operator.next(Rest::None, now);
            }
        });
        self.comes_to_what_ends(ix);
    }

    /// A conversation that he has besides is about to end: until it has, that is what he does, unless he has to do with somebody
    /// else. So he is rung for nobody in between, and rests from it as everybody does.
    pub(super) fn is_ending(&mut self, ix: OperatorIx, with: With) {
        let operator = self.operator(ix);
        let at = operator.besides.iter().position(|talk| talk.with() == Some(with));
        // Who is left alone is rung for nobody, and looked at when that is over.
        let does_nothing = matches!(operator.doing, Doing::Ready { .. } | Doing::WrappingUp { .. });
        let Some(at) = at.filter(|_| does_nothing) else { return };
        self.alter(ix, |operator, _| {
            operator.puts_off_rest();
            operator.doing = operator.besides.remove(at);
        });
    }

    /// He has no more to do with whom he had: one that was about to end meanwhile is what he does now.
    fn comes_to_what_ends(&mut self, ix: OperatorIx) {
        let is_ending = |leg: &LegId| self.legs.get(leg).is_some_and(|leg| leg.phase != Phase::Talking);
        let ending = self.operator(ix).besides.iter().filter_map(|talk| talk.leg()).find(is_ending);
        ending.into_iter().for_each(|leg| self.is_ending(ix, With::Leg(leg)));
    }

    /// A new plan lets him have several calls: with whom he talks he talks besides.
    pub(super) fn takes_seat(&mut self, ix: OperatorIx) {
        let doing = self.operator(ix).doing;
        let talks = |leg| self.legs.get(&leg).is_some_and(|leg: &Leg| leg.phase == Phase::Talking);
        let is_ending = !doing.leg().is_none_or(talks);
        if self.operator(ix).may_have_several() && doing.is_talk() && !is_ending {
            self.alter(ix, |operator, now| {
                operator.has_besides(doing);
                operator.doing = operator.next(Rest::None, now);
            });
        }
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
        self.comes_to_what_ends(ix);
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
                self.comes_to_what_ends(ix);
                self.match_operator(ix);
            }
            Doing::Ringing { .. } | Doing::Chosen { .. } | Doing::Talking { .. } | Doing::Calling { .. } => {
                // What he was owed is over, unless somebody has made it longer.
                match self.operator(ix).roster.owed().filter(|owed| *owed > now) {
                    Some(owed) => self.timers.set(Wake::Operator(ix), owed),
                    None => self.operators[ix.0].roster.owe(None),
                }
            }
            Doing::Ready { .. } => {}
        }
    }

    /// Changes what an operator does, and sees to all that follows from it but for whom he is rung for.
    fn alter(&mut self, ix: OperatorIx, alter: impl FnOnce(&mut Operator, Time)) {
        let now = self.now;
        let operator = &mut self.operators[ix.0];
        let (wrapped_up, from, was_ours) = (operator.wrap_up(), operator.state(), operator.is_ours());
        alter(operator, now);
        let (wraps_up, rests) = (operator.wrap_up(), operator.doing.until().or(operator.roster.owed()));
        if was_ours && !operator.is_ours() {
            operator.phone.let_go(now);
        }
        match rests {
            Some(until) => self.timers.set(Wake::Operator(ix), until),
            None => self.timers.stop(Wake::Operator(ix)),
        }
        // That one is over at its time need not be written: the time was.
        if wraps_up != wrapped_up && wraps_up.or(wrapped_up).is_some_and(|until| until > now) {
            self.keep_duty(ix);
        }
        self.await_settling(ix);
        self.tell_state(ix, from);
    }
}
