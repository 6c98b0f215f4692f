//! Why not yet: what keeps a caller waiting, and an operator from being rung.
//!
//! Nothing is decided here. What is told is what `obstacle` says, by which it was decided: a caller who
//! waits and an operator of whom nothing is told do not exist side by side. Beyond that it is told who comes first when an
//! operator is free, by asking `matching` for whom it would ring him.

mod caller;
mod operator;
mod words;

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

pub use self::{
    caller::{CallWhy, OperatorForCall, OtherQueue, Waits},
    operator::{CallerForOperator, GuestForOperator, Next, OperatorWhy, QueueForOperator},
};
use super::{
    Duty, Engine, OperatorIx,
    also::Claim,
    leg::Phase,
    obstacle::{Enough, Obstacle},
    operator::{Doing, Operator},
    phone::Hindrance,
    queue::{Place, Precedes},
};
use crate::{
    dialplan::{Unfit, moment::timestamp},
    domain::{CallId, Name, Time},
};

/// So many operators of a queue are told of, and callers of a line.
pub const MOST: usize = 100;

/// Why, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The operator is not signed in.
    SignedOut,
    /// He takes no calls of queues for a while.
    Paused,
    /// His telephone rings for a call.
    Ringing,
    /// His telephone is told to stop ringing, or his conversation is just ending.
    HangingUp,
    /// He is kept for a caller whom Asterisk's dialplan connects.
    Reserved,
    /// He talks with a caller.
    Talking,
    /// He talks with as many callers as he may at once, who may talk with several.
    Full,
    /// He makes a call of his own, through us.
    Calling,
    /// He finishes what the last conversation was about.
    WrappingUp,
    /// He is left alone after an offer that he did not take.
    BackingOff,
    /// His telephone is in a call that is none of ours.
    Busy,
    /// His telephone is registered nowhere.
    Unreachable,
    /// His telephone is not registered at the Asterisk of this caller.
    RegisteredElsewhere,
    /// A call that asked for him by name has him before any queue.
    Awaited,
    /// No line of the trunk to him is free.
    TrunkFull,
    /// He accepts calls by a key, and Asterisk's dialplan connects this caller.
    AcceptsByKey,
    /// The queue or the call asks for a skill that he lacks.
    LacksSkill,
    /// The caller waits for the operator who talked to him last.
    WaitsForAnother,
    /// His penalty is outside of what may be rung now.
    Penalty,
    /// Those of smaller penalties ring together, and he does not ring beside them.
    Tier,
    /// When he is free another caller comes first.
    Behind,
    /// The caller's Asterisk is not heard from.
    NodeAway,
    /// Somebody's telephone rings for this caller already.
    RungFor,
    /// Nobody serves the queue.
    NoOperators,
    /// Nobody waits in the queue.
    NobodyWaits,
    /// None of those who wait in the queue may be taken by this operator now.
    NobodyForHim,
}

impl Why {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::SignedOut,
        Self::Paused,
        Self::Ringing,
        Self::HangingUp,
        Self::Reserved,
        Self::Talking,
        Self::Full,
        Self::Calling,
        Self::WrappingUp,
        Self::BackingOff,
        Self::Busy,
        Self::Unreachable,
        Self::RegisteredElsewhere,
        Self::Awaited,
        Self::TrunkFull,
        Self::AcceptsByKey,
        Self::LacksSkill,
        Self::WaitsForAnother,
        Self::Penalty,
        Self::Tier,
        Self::Behind,
        Self::NodeAway,
        Self::RungFor,
        Self::NoOperators,
        Self::NobodyWaits,
        Self::NobodyForHim,
    ];
}

/// A reason. Besides `why` and `text` it has what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// In a word.
    pub why: Why,
    /// In words for people, with times by the clock of the exchange.
    pub text: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Until when, if nothing else happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The other call that it is about, or this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// The reason for a pause; what became of an offer; by what another caller comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Name>,
    /// The queue that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Name>,
    /// The trunk that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trunk: Option<Name>,
    /// The skill that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill: Option<Name>,
    /// The least level that is asked for of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<u32>,
    /// The operator's level of it; 0: he has it not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// The operator's penalty, as it counts now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub penalty: Option<u32>,
    /// The smallest that may be rung.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// The greatest that may be rung, or that rings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

impl Reason {
    fn new(why: Why, text: impl Into<String>) -> Self {
        Self {
            why,
            text: text.into(),
            since: None,
            until: None,
            call: None,
            because: None,
            queue: None,
            trunk: None,
            skill: None,
            least: None,
            level: None,
            penalty: None,
            min: None,
            max: None,
        }
    }

    fn since(self, since: Time) -> Self {
        Self { since: Some(timestamp(since)), ..self }
    }

    fn until(self, until: Option<Time>) -> Self {
        Self { until: until.map(timestamp), ..self }
    }

    fn of_call(self, call: Option<CallId>) -> Self {
        Self { call, ..self }
    }

    fn because(self, because: &str) -> Self {
        Self { because: Some(Name::new(because)), ..self }
    }
}

impl Engine {
    /// What is in the way of an operator himself, for any caller. `about`: the one who asks, of whom it is told as such.
    fn own_reasons(&self, ix: OperatorIx, about: Option<CallId>) -> Vec<Reason> {
        self.obstacles_of(ix).map(|obstacle| self.reason(ix, obstacle, about)).collect()
    }

    /// What is between an operator and a caller, besides; until when, where time mends it. `penalty` is the operator's in the
    /// queue through which the caller is looked at.
    fn reasons_between(&self, ix: OperatorIx, penalty: u32, claim: &Claim<'_>) -> Vec<Reason> {
        let member = super::queue::Member { operator: ix, penalty };
        let asked = self.asked(claim);
        self.obstacles_between(&asked, member, self.tier(claim))
            .map(|obstacle| match obstacle {
                Obstacle::Unfit(unfit) => self.unfit(unfit, claim, member),
                Obstacle::UnfitForCall(unfit) => self.unfit_for_call(unfit, claim, member),
                Obstacle::WaitsFor { .. }
                | Obstacle::Engaged(_)
                | Obstacle::Full
                | Obstacle::OffDuty(_)
                | Obstacle::Phone { .. }
                | Obstacle::Awaited(_)
                | Obstacle::NoLine(_)
                | Obstacle::RegisteredElsewhere
                | Obstacle::AcceptsByKey
                | Obstacle::Tier { .. } => self.reason(ix, obstacle, Some(claim.place.call)),
            })
            .collect()
    }

    /// Why nobody more of a queue is rung for a caller, whoever is free.
    fn enough_of(&self, claim: &Claim<'_>) -> Option<Reason> {
        let (why, text) = match self.enough(claim)? {
            Enough::NodeAway => (Why::NodeAway, "his Asterisk is not heard from, so nobody is rung for him".to_owned()),
            Enough::Answered => {
                (Why::RungFor, "somebody has answered for him, and is told of it before he has him".to_owned())
            }
            Enough::Rings => (Why::RungFor, "a telephone rings for him already".to_owned()),
            Enough::RingsUntil(until) => {
                let text = format!("a telephone rings for him already; one more may ring at {}", self.clock(until));
                return Some(Reason::new(Why::RungFor, text).until(Some(until)));
            }
        };
        Some(Reason::new(why, text))
    }

    fn reason(&self, ix: OperatorIx, obstacle: Obstacle<'_>, about: Option<CallId>) -> Reason {
        match obstacle {
            Obstacle::Engaged(doing) => self.engaged(ix, doing, about),
            Obstacle::Full => self.has_no_seat(ix),
            Obstacle::OffDuty(duty) => self.off_duty(duty),
            Obstacle::Phone { hindrance: Hindrance::Busy, since } => {
                let text = format!("his telephone is in a call of its own since {}", self.clock(since));
                Reason::new(Why::Busy, text).since(since)
            }
            Obstacle::Phone { hindrance: Hindrance::Unreachable, since } => {
                let text = format!("his telephone is not registered since {}", self.clock(since));
                Reason::new(Why::Unreachable, text).since(since)
            }
            Obstacle::Awaited(call) => {
                let text = format!("call {call} asked for him by name and has him first");
                Reason::new(Why::Awaited, text).of_call(Some(call))
            }
            Obstacle::NoLine(trunk) => {
                let text = format!("all lines of the trunk `{trunk}` to him are in use");
                Reason { trunk: Some(trunk.clone()), ..Reason::new(Why::TrunkFull, text) }
            }
            Obstacle::RegisteredElsewhere => {
                let text = "his telephone is not registered at the Asterisk of this caller";
                Reason::new(Why::RegisteredElsewhere, text)
            }
            Obstacle::AcceptsByKey => {
                let text =
                    "he accepts calls by a key, and Asterisk's dialplan, which connects this caller, asks for none";
                Reason::new(Why::AcceptsByKey, text)
            }
            Obstacle::Tier { penalty, rings } => {
                let text = format!("those up to penalty {rings} are rung together now, and his is {penalty}");
                Reason { penalty: Some(penalty), max: Some(rings), ..Reason::new(Why::Tier, text) }
            }
            Obstacle::WaitsFor { operator, until } => {
                let name = &self.operator(operator).plan.name;
                let until = Some(until).filter(|until| *until > self.now);
                let ends = until.map(|at| format!(", until {} at most", self.clock(at))).unwrap_or_default();
                let text = format!("this caller is for `{name}`, who talked to him last{ends}");
                Reason::new(Why::WaitsForAnother, text).until(until).because(name)
            }
            // Without a caller there is nothing to be fit for.
            Obstacle::Unfit(Unfit::Skill { skill, least, level }) => lacks("the queue", skill, least, level, ""),
            Obstacle::UnfitForCall(Unfit::Skill { skill, least, level }) => lacks("this call", skill, least, level, ""),
            Obstacle::Unfit(Unfit::Penalty { counts, limits })
            | Obstacle::UnfitForCall(Unfit::Penalty { counts, limits }) => outside(counts, limits, ""),
        }
    }

    /// What he does instead.
    fn engaged(&self, ix: OperatorIx, doing: Doing, about: Option<CallId>) -> Reason {
        let operator = self.operator(ix);
        let call = self.call_of_doing(operator);
        let whom = match call {
            Some(call) if Some(call) == about => "this caller".to_owned(),
            Some(call) => format!("another caller ({call})"),
            None => "another caller".to_owned(),
        };
        let (since, at) = (doing.since(), self.clock(doing.since()));
        let (why, text, until) = match doing {
            Doing::Ringing { .. } | Doing::Talking { .. } if self.is_hanging_up(operator) => {
                (Why::HangingUp, "his telephone is just being hung up".to_owned(), None)
            }
            Doing::Ringing { .. } => (Why::Ringing, format!("his telephone rings for {whom} since {at}"), None),
            Doing::Talking { .. } | Doing::Chosen { talks: true, .. } => {
                (Why::Talking, format!("he talks with {whom} since {at}"), None)
            }
            Doing::Chosen { .. } => {
                (Why::Reserved, format!("he is kept for {whom} since {at}, whom Asterisk's dialplan connects"), None)
            }
            Doing::Calling { .. } => (Why::Calling, format!("he makes a call of his own since {at}"), None),
            Doing::WrappingUp { until, .. } => {
                (Why::WrappingUp, format!("he wraps up until {}", self.clock(until)), Some(until))
            }
            Doing::BackingOff { until, after, .. } => {
                let text = format!("he is left alone until {}: {}", self.clock(until), words::missed(after));
                let reason = Reason::new(Why::BackingOff, text).since(since).until(Some(until));
                return reason.because(after.word());
            }
            // Never: that is no obstacle.
            Doing::Ready { .. } => (Why::Calling, "he is free".to_owned(), None),
        };
        Reason::new(why, text).since(since).until(until).of_call(call)
    }

    /// He has as many conversations as he may.
    fn has_no_seat(&self, ix: OperatorIx) -> Reason {
        let Operator { besides, plan, .. } = self.operator(ix);
        let (first, with) = (besides.first().copied(), besides.len());
        let callers = if with == 1 { "caller" } else { "callers" };
        let text = format!("he talks with {with} {callers}, and may with {} at once", plan.capacity);
        let reason = Reason::new(Why::Full, text).of_call(first.and_then(|talk| self.call_in(talk)));
        first.map_or(reason.clone(), |talk| reason.since(talk.since()))
    }

    /// Whether all that he had to do with is over, but for the word of Asterisk.
    fn is_hanging_up(&self, operator: &Operator) -> bool {
        let own = operator.doing.leg().into_iter();
        let legs = own.chain(operator.follow.iter().flat_map(|follow| follow.legs.iter().copied()));
        let mut phases = legs.filter_map(|leg| self.legs.get(&leg)).map(|leg| leg.phase).peekable();
        phases.peek().is_some() && phases.all(|phase| matches!(phase, Phase::Going { .. }))
    }

    fn off_duty(&self, duty: &Duty) -> Reason {
        match duty {
            Duty::Paused { reason, since, until } => {
                let why = reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
                let from = self.clock(*since);
                let ends =
                    until.map_or_else(|| ", until somebody ends it".into(), |at| format!(", until {}", self.clock(at)));
                let reason_view = Reason::new(Why::Paused, format!("he is paused{why} since {from}{ends}"));
                Reason { because: reason.clone(), ..reason_view.since(*since).until(*until) }
            }
            Duty::SignedOut { since } => {
                Reason::new(Why::SignedOut, format!("he is signed out since {}", self.clock(*since))).since(*since)
            }
            // Never: that is no obstacle.
            Duty::On => Reason::new(Why::SignedOut, "he is on duty"),
        }
    }

    /// What the queue asks that he is not, and from when on it asks less.
    fn unfit(&self, unfit: Unfit<'_>, claim: &Claim<'_>, member: super::queue::Member) -> Reason {
        let queue = &self.queue(claim.queue).plan;
        let joined = claim.place.joined;
        let later = queue.terms_from(self.now.since(joined)).iter().skip(1);
        let skills = &self.operator(member.operator).plan.skills;
        let admitted = later.clone().find(|terms| terms.admit(member.penalty, skills).is_some());
        let until = admitted.map(|terms| joined + terms.after);
        let reason = match unfit {
            Unfit::Skill { skill, least, level } => {
                let other =
                    later.map(|terms| (terms.after, terms.skills.get(skill))).find(|(_, asked)| *asked != Some(&least));
                let relaxed = other.map(|(after, asked)| {
                    let at = self.clock(joined + after);
                    asked.map_or_else(
                        || format!("; from {at} on it is not asked for"),
                        |asked| format!("; from {at} on level {asked} is asked for"),
                    )
                });
                lacks("the queue", skill, least, level, &relaxed.unwrap_or_default())
            }
            Unfit::Penalty { counts, limits } => {
                let later = later.map(|terms| (terms.after, terms.penalties)).find(|(_, other)| *other != limits);
                let changes =
                    later.map(|(after, _)| format!("; other limits apply from {} on", self.clock(joined + after)));
                outside(counts, limits, &changes.unwrap_or_default())
            }
        };
        let told = until.map(|at| format!("; he may be rung from {} on", self.clock(at))).unwrap_or_default();
        let text = format!("{}{told}", reason.text);
        Reason { text, ..reason.until(until) }
    }

    /// What the call asks that he is not, and from when on it asks less.
    fn unfit_for_call(&self, unfit: Unfit<'_>, claim: &Claim<'_>, member: super::queue::Member) -> Reason {
        let reason = self.reason(member.operator, Obstacle::UnfitForCall(unfit), None);
        let Some(call) = self.calls.get(&claim.place.call) else { return reason };
        let (waited, skills) = (self.waited(claim.standing), &self.operator(member.operator).plan.skills);
        let later = call.requires.steps.iter().map(|step| step.after).filter(|after| *after > waited);
        let is_fit = |after: &Duration| call.requires.admit(*after, skills);
        let Some(until) = later.into_iter().find(is_fit).map(|after| claim.place.joined + after) else {
            return reason;
        };
        let text = format!("{}; from {} on it asks for no more than he has", reason.text, self.clock(until));
        Reason { text, ..reason.until(Some(until)) }
    }

    /// Who comes before a caller at an operator who is not free, when he is; `None`: nobody does.
    fn before(&self, ix: OperatorIx, claim: &Claim<'_>) -> Option<Reason> {
        let his = claim.place;
        if let Some(first) = self.first_assigned(ix) {
            return (first != his.call).then(|| {
                let text = format!("when he is free he is rung for call {first} first, to whom he is assigned");
                Reason::new(Why::Behind, text).of_call(Some(first)).because("assigned")
            });
        }
        let (weight, first, _) = self.first_in_line_for(ix)?;
        if first.call == his.call {
            return None;
        }
        let own = self.queue(claim.queue).plan.weight;
        Some(self.behind(first, (weight.0 != own).then_some(weight.0), his))
    }

    /// Another caller stands before this one. `weight`: the greater one of his queue.
    fn behind(&self, first: Place, weight: Option<u32>, his: Place) -> Reason {
        let queue = self.standing(first.call).map(|standing| self.queue(standing.queue).plan.name.clone());
        let (because, words) = match (weight, first.precedes(&his)) {
            (Some(_), _) => ("weight", "whose queue has more weight"),
            (None, Precedes::Priority) => ("priority", "whose priority is greater"),
            (None, Precedes::Age) => ("age", "who has waited longer"),
            (None, Precedes::Ageing) => ("ageing", "whose priority is worth more than this caller's longer wait"),
            (None, Precedes::Arrival) => ("arrival", "who called first"),
        };
        let of = queue.as_ref().map(|queue| format!(" in `{queue}`")).unwrap_or_default();
        let text = format!("when he is free he is rung for call {}{of} first, {words}", first.call);
        Reason { queue, ..Reason::new(Why::Behind, text).of_call(Some(first.call)).because(because) }
    }

    /// The call that an operator has to do with.
    fn call_of_doing(&self, operator: &Operator) -> Option<CallId> {
        self.call_in(operator.doing)
    }
}

fn lacks(who: &str, skill: &Name, least: u32, level: Option<u32>, later: &str) -> Reason {
    let has = level.map_or_else(|| "he has it not".to_owned(), |level| format!("he has level {level}"));
    let text = format!("{who} asks for `{skill}` of level {least}, and {has}{later}");
    Reason {
        skill: Some(skill.clone()),
        least: Some(least),
        level: Some(level.unwrap_or(0)),
        ..Reason::new(Why::LacksSkill, text)
    }
}

fn outside(counts: u32, limits: crate::dialplan::Penalties, later: &str) -> Reason {
    let most = limits.max.map(|max| format!(" to {max}")).unwrap_or_else(|| " on".into());
    let text = format!("penalties from {}{most} may be rung, and his counts as {counts}{later}", limits.min);
    let reason = Reason::new(Why::Penalty, text);
    Reason { penalty: Some(counts), min: Some(limits.min), max: limits.max, ..reason }
}
