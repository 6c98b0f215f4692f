//! Who is rung for whom.
//!
//! Nobody polls. A pair is made when a caller begins to want an operator ([`Engine::match_caller`]), when an operator
//! becomes free ([`Engine::match_operator`]), when a caller has waited long enough for others to be rung
//! ([`Engine::on_terms`]) or somebody's phone has rung long enough for one more ([`Engine::on_one_more`]), and after what
//! touches many, as a new plan ([`Engine::match_everybody`]). Each looks at once and for all, so no caller waits while an
//! operator who may take him is free; but for one who waits for an operator in particular ([`Engine::only_for`]).

use std::{cmp::Reverse, collections::BTreeSet, time::Duration};

use super::{
    Engine, OperatorIx, QueueIx, Wake,
    also::Claim,
    call::{Call, Standing, Wants},
    leg::Way,
    queue::{Candidate, Member, Place},
};
use crate::{
    dialplan::{Strategy, Terms},
    domain::{CallId, Name, NodeId},
};

/// What is asked of those who are rung for a caller, looked up once for all of them.
pub(super) struct Asked<'e> {
    pub(super) standing: &'e Standing,
    pub(super) call: Option<&'e Call>,
    /// What the queue asks.
    pub(super) terms: Option<&'e Terms>,
    /// How long he stands in a line.
    pub(super) waited: Duration,
}

impl Engine {
    /// The caller may be rung for, if his node can be used.
    pub(super) fn want(&mut self, id: CallId) {
        let Some(standing) = self.standing(id) else { return };
        let alone = standing.legs.is_empty();
        if !self.is_up_for(id) {
            return;
        }
        if alone && self.is_unstaffed(standing) {
            return self.leave_unstaffed(id);
        }
        // While somebody was told of him, even he to whom he is assigned was not rung.
        if let Some(assigned) = standing.assigned.filter(|_| alone) {
            self.serve_assigned(assigned);
        }
        self.look_around(id);
        self.wants_more(id);
        self.match_caller(id);
    }

    /// Whether nobody may be rung for a caller, however long he waits.
    pub(super) fn is_unstaffed(&self, standing: &Standing) -> bool {
        let mut others = self.others_of(standing);
        let place = standing.place;
        !self.may_be_had(standing.own(), Duration::ZERO)
            && !others.any(|(queue, after)| self.may_be_had(Claim { standing, queue, place }, after))
    }

    /// Whether somebody of a queue may be rung for a caller some time, when he has waited for so long.
    fn may_be_had(&self, claim: Claim<'_>, after: Duration) -> bool {
        let (standing, queue) = (claim.standing, self.queue(claim.queue));
        let waited = self.waited(standing).max(after);
        let ahead = queue.plan.terms_from(waited);
        // The plan that he came with says whom it takes for nobody, and so does his own queue.
        let own = &self.queue(standing.queue).plan;
        let call = self.calls.get(&standing.place.call);
        let requires = call.map(|call| call.requires.clone()).unwrap_or_default();
        // Whenever the queue or the call begins to ask for something else.
        let moments = || {
            let of_call = requires.steps.iter().map(|step| step.after);
            ahead.iter().map(|terms| terms.after).chain(of_call).map(|after| after.max(waited))
        };
        let his = call.and_then(|call| call.plan.queues.get(&own.name)).unwrap_or(own);
        // Where the plan says what is to be done then, one who cannot be reached is not there.
        let counts_absence = own.when_unstaffed.is_some();
        let may_be_rung = |member: &Member| {
            let operator = self.operator(member.operator);
            let is_off = operator.roster.duty.away().is_some_and(|away| his.unstaffed_if.contains(&away));
            let is_away = counts_absence && self.is_absent_for(member.operator, standing.place.call);
            if is_off || is_away || !self.can_have(standing.wants, member.operator) {
                return false;
            }
            let skills = &operator.plan.skills;
            let admits = |at: Duration| {
                let terms = queue.plan.terms_at(at);
                terms.is_some_and(|terms| terms.admit(member.penalty, skills).is_some())
                    && requires.admit(at, skills)
                    && self.will_be_looked_at(&claim, member.operator, at)
            };
            moments().any(admits)
        };
        queue.members.iter().any(may_be_rung)
    }

    /// Whether a caller stands in a line in which nobody rings for him or ever may.
    pub(super) fn waits_in_vain(&self, id: CallId) -> bool {
        self.standing(id).is_some_and(|standing| standing.legs.is_empty() && self.is_unstaffed(standing))
    }

    /// How the first telephone is rung for a caller. One who may leave by a key stays where he is: of one who is in a talk
    /// bridge with a telephone Asterisk tells no keys.
    pub(super) fn way(&self, id: CallId, alone: bool) -> Way {
        if alone && !self.may_exit(id) { Way::Created } else { Way::Originated }
    }

    /// The queue may ring otherwise than before: whether one more may be rung is as its plan says now.
    pub(super) fn ring_anew(&mut self, id: CallId) {
        let Some(standing) = self.standing(id) else { return };
        let (plan, alone) = (&self.queue(standing.queue).plan, standing.legs.is_empty());
        let (every, strategy) = (plan.add_every, plan.strategy);
        if strategy == Strategy::RingProgressively && !alone {
            self.timers.set(Wake::OneMore(id), self.now + every);
        } else {
            self.timers.stop(Wake::OneMore(id));
        }
        self.wants_nobody(id);
        self.wants_more(id);
    }

    /// Whether one who stands in a line for this may have that operator. A dialplan that dials him itself would give the
    /// caller to whatever answers: it is told of nobody who accepts by a key.
    pub(super) fn can_have(&self, wants: Wants, operator: OperatorIx) -> bool {
        match wants {
            Wants::Talk => true,
            Wants::Choice { .. } => self.operator(operator).plan.accept.is_none(),
        }
    }

    /// A caller wants an operator: rings the one whom his queue prefers, or all of them; or one of another queue.
    pub(super) fn match_caller(&mut self, id: CallId) {
        self.match_with(id, |_, _| true);
    }

    /// The same, of several who want one: it is his turn in this queue. An operator for whom another one comes first is left to that
    /// one.
    fn match_in_turn(&mut self, place: Place, queue: QueueIx) {
        let id = place.call;
        // Without other queues whoever is looked at in his turn comes first for all of his.
        if !self.has_also {
            return self.match_caller(id);
        }
        let comes_first = |engine: &Self, operator: OperatorIx| {
            engine.first_in_line_for(operator).is_some_and(|(_, first, _)| first.call == id)
        };
        if self.queue(queue).wanting.contains(&place) {
            self.match_with(id, comes_first);
        }
    }

    fn match_with(&mut self, id: CallId, may_have: impl Fn(&Self, OperatorIx) -> bool) {
        if self.taking_stock {
            return;
        }
        let Some(standing) = self.standing(id) else { return };
        let (untouched, talks) = (standing.legs.is_empty(), standing.wants == Wants::Talk);
        let Some((claim, free)) = self.free_for(standing, |operator| may_have(self, operator)) else { return };
        if talks && !claim.is_guest() && self.queue(claim.queue).rings_all() {
            return self.ring_all(id, &free);
        }
        let (mut lot, through) = (self.lot.clone(), claim.queue);
        let chosen = self.queue(through).choose(&free, claim.last(), &mut lot);
        self.lot = lot;
        if let Some(operator) = chosen {
            self.offer(id, through, operator, self.way(id, untouched));
        }
    }

    /// Of the queues that may ring one more for a caller now, the one that does, and those who may be rung: whom he has not had
    /// come before whom he has, and then his own queue before others. Where all of that ring together, it always is that.
    fn free_for<'e>(
        &self,
        standing: &'e Standing,
        may_have: impl Fn(OperatorIx) -> bool,
    ) -> Option<(Claim<'e>, Vec<Candidate>)> {
        let wanting = standing.claims().filter(|claim| self.queue(claim.queue).wanting.contains(&claim.place));
        let mut best: Option<(u32, Claim<'e>, Vec<Candidate>)> = None;
        for claim in wanting {
            let mut free = self.candidates(&claim);
            free.retain(|candidate| may_have(candidate.member.operator));
            let Some(tried) = free.iter().map(|candidate| candidate.tried).min() else { continue };
            if best.as_ref().is_none_or(|(least, ..)| tried < *least) {
                best = Some((tried, claim, free));
            }
            if !claim.is_guest() && (tried == 0 || self.queue(claim.queue).rings_all()) {
                break;
            }
        }
        best.map(|(_, claim, free)| (claim, free))
    }

    /// Rings all of these for a caller of their queue.
    fn ring_all(&mut self, id: CallId, free: &[Candidate]) {
        let Some((queue, untouched)) = self.standing(id).map(|it| (it.queue, it.legs.is_empty())) else { return };
        if free.len() > 1 && untouched {
            self.park(id);
        }
        let way = self.way(id, free.len() == 1 && untouched);
        for candidate in free {
            self.offer(id, queue, candidate.member.operator, way);
        }
    }

    /// Those of a queue who may be rung now for one who stands in a line, in the plan's order.
    pub(super) fn candidates(&self, claim: &Claim<'_>) -> Vec<Candidate> {
        let queue = self.queue(claim.queue);
        let (asked, tier) = (self.asked(claim), self.tier(claim));
        let is_free = |member: Member| {
            self.is_looked_at(claim, member.operator)
                && self.is_free(member.operator)
                && self.obstacles_between(&asked, member, tier).next().is_none()
        };
        let members = queue.ready().filter(|(_, member)| is_free(*member));
        let candidate = |(rank, member): (usize, Member)| {
            let penalty = self.penalty(&asked, member)?;
            Some(self.candidate(claim.standing, rank, Member { penalty, ..member }))
        };
        // Room for all of them: it grows six times else where a hundred are free.
        let mut free = Vec::with_capacity(queue.how_many_ready());
        free.extend(members.filter_map(candidate));
        if queue.rings_all() && tier.is_none() && !claim.is_guest() {
            let first = free.iter().min_by_key(|one| (one.tried, one.member.penalty)).map(|one| one.member.penalty);
            free.retain(|one| Some(one.member.penalty) <= first);
        }
        free
    }

    /// What strategies look at of an operator, for this caller.
    pub(super) fn candidate(&self, standing: &Standing, rank: usize, member: Member) -> Candidate {
        let tried = standing.tried.get(&member.operator).copied().unwrap_or(0);
        let operator = self.operator(member.operator);
        let (talks_with, done) = (operator.besides.len(), operator.done.on_a_day_since(self.today.began));
        Candidate { member, rank, tried, talks_with, done }
    }

    /// An operator is free: rings him for the one whom he was assigned, or for the first caller of his queue of the greatest weight; of those of one weight, for
    /// the caller with the greatest priority, and then for the one who has waited longest.
    pub(super) fn match_operator(&mut self, ix: OperatorIx) {
        if self.serve_assigned(ix) {
            return;
        }
        // Who is the next to be served and not there is called back; the operator takes the next who is.
        self.call_back_for(ix);
        if self.taking_stock || !self.is_free(ix) {
            return;
        }
        let Some((_, Place { call: id, .. }, through)) = self.first_in_line_for(ix) else { return };
        let Some(standing) = self.standing(id) else {
            return self.broken(id, "one who is not in a line wants an operator");
        };
        let way = self.way(id, standing.legs.is_empty());
        self.offer(id, through, ix, way);
    }

    /// Of all who wait for one of this operator's queues, the first for whom he may be rung; with the weight of that queue, and
    /// which it is.
    pub(super) fn first_in_line_for(&self, ix: OperatorIx) -> Option<(Reverse<u32>, Place, QueueIx)> {
        let first = |queue| Some((Reverse(self.queue(queue).plan.weight), self.first_for(ix, queue)?, queue));
        self.operator(ix).serves.iter().filter_map(|queue| first(*queue)).min()
    }

    /// Whether somebody may be chosen now for one who has waited so long in this queue.
    pub(super) fn is_anyone_free(&self, ix: QueueIx, waited: Duration, node: NodeId) -> bool {
        let queue = self.queue(ix);
        let Some(terms) = queue.plan.terms_at(waited) else { return false };
        let wants = Wants::Choice { limit: Duration::ZERO };
        let is_there = |ix| !self.operator(ix).phone.is_out_of_reach(node);
        let free = |ix| self.is_free(ix) && is_there(ix) && self.can_have(wants, ix);
        let mut free = queue.ready().map(|(_, member)| member).filter(|member| free(member.operator));
        free.any(|member| terms.admit(member.penalty, &self.operator(member.operator).plan.skills).is_some())
    }

    /// The penalty of an operator that counts for a caller; `None`: he may not be rung for him, or not yet.
    pub(super) fn penalty(&self, asked: &Asked<'_>, member: Member) -> Option<u32> {
        let skills = &self.operator(member.operator).plan.skills;
        let requires = &asked.call?.requires;
        asked.terms?.admit(member.penalty, skills).filter(|_| requires.admit(asked.waited, skills))
    }

    /// What is asked now of those who are rung for a caller.
    pub(super) fn asked<'e>(&'e self, claim: &Claim<'e>) -> Asked<'e> {
        let (call, waited) = (self.calls.get(&claim.place.call), self.waited(claim.standing));
        Asked { standing: claim.standing, call, terms: self.queue(claim.queue).plan.terms_at(waited), waited }
    }

    /// How long one stands in a line.
    pub(super) fn waited(&self, standing: &Standing) -> Duration {
        self.now.since(standing.place.joined)
    }

    /// The greatest penalty of those who ring together for a caller; `None` when nobody does, or those of greater ones may beside
    /// them.
    pub(super) fn tier(&self, claim: &Claim<'_>) -> Option<u32> {
        let queue = self.queue(claim.queue);
        if claim.is_guest() || !queue.rings_all() {
            return None;
        }
        let asked = self.asked(claim);
        let ringing = claim.standing.legs.iter().filter_map(|leg| queue.member(self.legs.get(leg)?.operator?));
        ringing.filter_map(|member| self.penalty(&asked, member)).max()
    }

    /// The first of those who want an operator of a queue for whom this one may be rung.
    pub(super) fn first_for(&self, operator: OperatorIx, ix: QueueIx) -> Option<Place> {
        let queue = self.queue(ix);
        let member = queue.member(operator)?;
        let skills = &self.operator(operator).plan.skills;
        let admits =
            |terms: usize| queue.plan.terms.get(terms).is_some_and(|it| it.admit(member.penalty, skills).is_some());
        let may_be_rung = |place: &&Place| {
            let Some(claim) = self.claim_of(ix, **place) else { return true };
            self.is_looked_at(&claim, operator)
                && self.obstacles_between(&self.asked(&claim), member, self.tier(&claim)).next().is_none()
        };
        let wanting = queue.wanting.by_terms().filter(|(terms, _)| admits(*terms));
        wanting.filter_map(|(_, those)| those.iter().find(may_be_rung)).min().copied()
    }

    /// Sees to it that he who has waited long enough for others to be rung is offered to them.
    pub(super) fn await_terms(&mut self, id: CallId) {
        let Some(standing) = self.standing(id) else { return };
        let joined = standing.place.joined;
        let waited = self.now.since(joined);
        let of_call = self.calls.get(&id).and_then(|call| call.requires.changes_after(waited));
        let own = self.queue(standing.queue);
        let others = own.also.iter().flat_map(|(other, after)| {
            let comes = (*after > waited).then_some(*after);
            comes.into_iter().chain(self.queue(*other).plan.changes_after(waited))
        });
        let next = own.plan.changes_after(waited).into_iter().chain(of_call).chain(others).min();
        match next {
            Some(after) => self.timers.set(Wake::Terms(id), joined + after),
            None => self.timers.stop(Wake::Terms(id)),
        }
    }

    /// The caller has waited so long that others may be rung for him.
    pub(super) fn on_terms(&mut self, id: CallId) {
        if self.waits_in_vain(id) {
            return self.leave_unstaffed(id);
        }
        self.await_terms(id);
        self.look_around(id);
        self.asks_otherwise(id);
        self.match_caller(id);
    }

    /// Something else is asked of those who are rung for a caller.
    fn asks_otherwise(&mut self, id: CallId) {
        let Some(standing) = self.standing(id) else { return };
        let places: Vec<(QueueIx, Place)> = standing.claims().map(|claim| (claim.queue, claim.place)).collect();
        for (queue, place) in places {
            let queue = &mut self.queues[queue.0];
            if queue.wanting.contains(&place) {
                queue.wants(place, self.now);
            }
        }
    }

    /// After something that touched many: those who wait are offered to those who are free, the first in line first.
    pub(super) fn match_everybody(&mut self) {
        self.serve_all_assigned();
        self.ring_all_first();
        let mut wanting: BTreeSet<(Reverse<u32>, Place, QueueIx)> = BTreeSet::new();
        for (ix, queue) in self.queues.values().enumerate() {
            wanting.extend(queue.wanting.iter().map(|place| (Reverse(queue.plan.weight), *place, QueueIx(ix))));
        }
        for (_, place, queue) in wanting {
            self.match_in_turn(place, queue);
        }
        self.call_back_all();
    }

    /// A trunk has a line again: those behind it, and one whose leg it was (`last`), may be rung, for the first in line first.
    /// He for whom that leg rang may have somebody else now, in his turn among them.
    pub(super) fn match_trunk(&mut self, trunk: &Option<Name>, last: Option<OperatorIx>, rung_for: CallId) {
        self.serve_all_assigned();
        if self.taking_stock {
            return;
        }
        self.ring_all_first();
        let is_behind = |ix: OperatorIx| {
            let plan = &self.operator(ix).plan;
            Some(ix) == last || plan.trunk == *trunk || plan.phones.iter().any(|phone| phone.trunk == *trunk)
        };
        let behind: Vec<OperatorIx> = (0..self.operators.len()).map(OperatorIx).filter(|ix| is_behind(*ix)).collect();
        let mut rung_for = Some(rung_for);
        // Each is rung for one at most.
        for _ in 0..=behind.len() {
            let others = behind.iter().filter(|ix| self.is_free(**ix)).filter_map(|ix| self.first_in_line_for(*ix));
            let his = rung_for.and_then(|call| {
                let (claim, _) = self.free_for(self.standing(call)?, |_| true)?;
                Some((Reverse(self.queue(claim.queue).plan.weight), claim.place, claim.queue))
            });
            let Some((_, place, queue)) = others.chain(his).min() else { break };
            rung_for = rung_for.filter(|call| *call != place.call);
            self.match_in_turn(place, queue);
        }
        // And those who are called back over it.
        self.call_back_all();
    }

    /// Somebody's phone has rung for a while, and one more may ring beside it.
    pub(super) fn on_one_more(&mut self, id: CallId) {
        self.wants_more(id);
        self.match_caller(id);
    }
}
