//! What keeps an operator from being rung for a caller who waits.
//!
//! This is the one place that says so. [`matching`](super::matching) rings those of whom nothing is said here, and
//! [`explain`](super::explain) tells people what is: so it never tells them anything else than what was decided by.

use super::{
    Engine, OperatorIx, Wake, also::Claim, call::Call, duty::Duty, matching::Asked, operator::Doing, phone::Hindrance,
    queue::Member,
};
use crate::{
    dialplan::{Strategy, Unfit},
    domain::{CallId, Name, Time},
};

/// Why an operator is not rung for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle<'e> {
    /// He does something else.
    Engaged(Doing),
    /// He has as many conversations as he may have at once.
    Full,
    /// He is not there for his queues.
    OffDuty(&'e Duty),
    /// His telephone is in a call that is none of ours, or nowhere registered.
    Phone { hindrance: Hindrance, since: Time },
    /// This call asked for him by name, and has him before any queue.
    Awaited(CallId),
    /// No line of this trunk is free, nor one to another of his telephones.
    NoLine(&'e Name),
    /// His telephone is registered at another Asterisk than the caller's, and not at that one.
    RegisteredElsewhere,
    /// He accepts by a key, and the caller is connected by a dialplan, which would ask for none.
    AcceptsByKey,
    /// The queue asks for others now.
    Unfit(Unfit<'e>),
    /// The call asks for others now, whatever its queue does.
    UnfitForCall(Unfit<'e>),
    /// The caller waits for the operator who talked to him last, or that one is rung for him.
    WaitsFor { operator: OperatorIx, until: Time },
    /// Those up to this penalty ring together; his is greater.
    Tier { penalty: u32, rings: u32 },
}

/// Why nobody more is rung for a caller, whoever is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enough {
    /// His Asterisk is not heard from.
    NodeAway,
    /// Somebody has answered who will have him, and is told what it is about.
    Answered,
    /// Somebody's telephone rings for him.
    Rings,
    /// The same, and one more rings at that time.
    RingsUntil(Time),
}

impl Engine {
    /// Whether a queue may have him: nobody waits for him by name either.
    pub(super) fn is_free(&self, operator: OperatorIx) -> bool {
        self.obstacles_of(operator).next().is_none()
    }

    /// All that keeps an operator from being rung for any caller of a queue. What costs nothing to find out comes first.
    pub(super) fn obstacles_of(&self, ix: OperatorIx) -> impl Iterator<Item = Obstacle<'_>> {
        let awaited = std::iter::once_with(move || self.awaited_for(ix).map(Obstacle::Awaited));
        let no_line = std::iter::once_with(move || self.no_line_to(ix).map(Obstacle::NoLine));
        self.operator(ix).obstacles().chain(awaited.chain(no_line).flatten())
    }

    /// All that keeps one of a queue's operators from being rung for this caller, besides what does from any. `tier`: the
    /// greatest penalty of those who ring for him together, if some do.
    pub(super) fn obstacles_between<'e>(
        &'e self,
        asked: &Asked<'e>,
        member: Member,
        tier: Option<u32>,
    ) -> impl Iterator<Item = Obstacle<'e>> {
        let Asked { standing, call, terms, waited } = *asked;
        let Member { operator, penalty } = member;
        let by_key = (!self.can_have(standing.wants, operator)).then_some(Obstacle::AcceptsByKey);
        let skills = &self.operator(operator).plan.skills;
        let unfit = terms.into_iter().flat_map(move |terms| terms.unfit(penalty, skills)).map(Obstacle::Unfit);
        let asked = call.into_iter().flat_map(move |call| call.requires.unfit(waited, skills));
        let asked = asked.map(Obstacle::UnfitForCall);
        let another = std::iter::once_with(move || {
            let only = self.only_for(standing).filter(|only| *only != operator)?;
            Some(Obstacle::WaitsFor { operator: only, until: standing.sticky?.until })
        });
        let elsewhere = std::iter::once_with(move || {
            let is_absent = |call: &Call| self.operator(operator).phone.is_out_of_reach(call.channel.node);
            call.is_some_and(is_absent).then_some(Obstacle::RegisteredElsewhere)
        });
        let tier = std::iter::once_with(move || {
            let (counts, rings) = terms?.admit(penalty, skills).zip(tier)?;
            (counts > rings).then_some(Obstacle::Tier { penalty: counts, rings })
        });
        by_key.into_iter().chain(unfit).chain(asked).chain(another.chain(elsewhere).chain(tier).flatten())
    }

    /// Why nobody more of a queue is rung for a caller; `None`: somebody is, as soon as one is free. What his own queue says of
    /// several who ring together is so for all.
    pub(super) fn enough(&self, claim: &Claim<'_>) -> Option<Enough> {
        let (id, standing) = (claim.place.call, claim.standing);
        if !self.is_up_for(id) {
            return Some(Enough::NodeAway);
        }
        let queue = self.queue(standing.queue);
        if standing.legs.is_empty() {
            return None;
        }
        if self.is_taken(standing) {
            return Some(Enough::Answered);
        }
        if queue.rings_all() && !claim.is_guest() {
            return None;
        }
        if queue.plan.strategy != Strategy::RingProgressively {
            return Some(Enough::Rings);
        }
        self.timers.due(Wake::OneMore(id)).map(Enough::RingsUntil)
    }
}
