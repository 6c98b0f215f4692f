//! Queues: a line of callers, and who is rung for the first of them.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use rand::{Rng, RngExt};

use super::{OperatorIx, QueueIx, done::Done, pace::Pace, places::Places, wanting::Wanting};
use crate::{
    dialplan::{self, Strategy},
    domain::{CallId, Time},
};

/// A place in a line. The smaller of two is served first: who has the greater priority, and of those with the same who
/// has stood in line first. Where waiting makes up for priority, one point of it is worth so much waiting: that does not change while
/// both wait, so neither does their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// The priority, negative; nothing where waiting makes up for it.
    class: i64,
    /// When he entered, in microseconds; so much earlier as his priority is worth.
    since: i64,
    /// Between two who joined in the same moment, the one who called first.
    pub(crate) call: CallId,
    /// When he joined this line.
    pub(crate) joined: Time,
    /// Since when he stands in one: longer, where he kept the place that he had in another.
    pub(crate) entered: Time,
}

impl Place {
    /// The place of one who entered and joined then. `ageing`: the waiting that one point of priority is worth, if it is worth
    /// any.
    pub(crate) fn new(entered: Time, joined: Time, call: CallId, priority: i64, ageing: Option<Duration>) -> Self {
        let micros = i64::try_from(entered.as_micros()).unwrap_or(i64::MAX);
        let worth = |ageing: Duration| i64::try_from(ageing.as_micros()).unwrap_or(i64::MAX);
        let (class, since) = match ageing.map(worth) {
            Some(worth) => (0, micros.saturating_sub(priority.saturating_mul(worth))),
            None => (priority.saturating_neg(), micros),
        };
        Self { class, since, call, joined, entered }
    }

    /// By what one who stands before another one does.
    pub(crate) fn precedes(&self, other: &Self) -> Precedes {
        if self.class != other.class {
            Precedes::Priority
        } else if self.entered < other.entered {
            Precedes::Age
        } else if self.since != other.since {
            Precedes::Ageing
        } else {
            Precedes::Arrival
        }
    }
}

/// By what one stands before another in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precedes {
    /// His priority is greater.
    Priority,
    /// He has waited for longer.
    Age,
    /// He has not, and his priority, for which waiting makes up, is still worth more.
    Ageing,
    /// He called first, in the same moment.
    Arrival,
}

/// An operator of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) operator: OperatorIx,
    /// See [`dialplan::Member::penalty`].
    pub(crate) penalty: u32,
}

/// What the queues of an operator keep of him.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Presence {
    /// He does nothing, is there and can be reached.
    pub(crate) ready: bool,
    /// How many calls he takes at once who is there and can be reached, whatever he does; else none.
    pub(crate) takes: usize,
}

/// One who may be rung for a caller, and what strategies look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) member: Member,
    /// His place among the queue's members.
    pub(crate) rank: usize,
    /// How often he was rung for this caller.
    pub(crate) tried: u32,
    /// How many callers he talks with.
    pub(crate) talks_with: usize,
    /// What he has done.
    pub(crate) done: Done,
}

/// A queue in the engine.
#[derive(Debug)]
pub(crate) struct Queue {
    /// As the plan in force has it, or had it last: callers who stand in it are served to the end.
    pub(crate) plan: dialplan::Queue,
    /// Its operators, in the plan's order.
    pub(crate) members: Vec<Member>,
    /// The place of each among them.
    ranks: HashMap<OperatorIx, usize>,
    /// The places of those who are ready: among thousands few, when many wait.
    ready: BTreeSet<usize>,
    /// How many calls those who are at work take at once: who are there for their queues, at telephones that are registered.
    pub(crate) at_work: usize,
    /// Everybody who stands in it, those for whom somebody rings included.
    pub(crate) line: Places,
    /// Those of the line for whom one more operator may be rung, and those of other lines for whom one of this queue may.
    pub(crate) wanting: Wanting,
    /// How fast it moves.
    pub(crate) pace: Pace,
    /// Other queues whose operators may take its callers, too, in the order of the plan; each for those who have waited so long.
    pub(crate) also: Vec<(QueueIx, Duration)>,
    /// Queues whose callers its own operators may take, too.
    pub(crate) homes: Vec<QueueIx>,
    /// Whether it is closed, as far as that was looked at for callers of others.
    pub(crate) is_closed: bool,
    /// How often somebody was put into one of its waiting rooms.
    pub(crate) parked: u64,
    /// Who was offered the last call: where `rrmemory` goes on.
    last_offered: Option<OperatorIx>,
}

impl Queue {
    /// A queue with nobody in it.
    pub(crate) fn new(plan: dialplan::Queue) -> Self {
        Self {
            plan,
            members: Vec::new(),
            ranks: HashMap::new(),
            ready: BTreeSet::new(),
            at_work: 0,
            line: Places::default(),
            wanting: Wanting::default(),
            pace: Pace::default(),
            also: Vec::new(),
            homes: Vec::new(),
            is_closed: false,
            parked: 0,
            last_offered: None,
        }
    }

    /// Which one from the front a place in the line is; 1 is the next to be served.
    pub(crate) fn position(&self, place: &Place) -> usize {
        self.line.before(place) + usize::from(self.line.contains(place))
    }

    /// Takes a caller out of the line.
    pub(crate) fn leave(&mut self, place: Place) {
        self.line.remove(&place);
        self.wanting.remove(&place);
    }

    /// One more may be rung for somebody who stands in it. What is asked of those who are depends on how long he has waited.
    pub(crate) fn wants(&mut self, place: Place, now: Time) {
        let terms = self.plan.terms_index(now.since(place.joined));
        self.wanting.insert(place, terms);
    }

    /// Puts those who stand in it into the order that the plan now says: who stood where, and where he stands then.
    pub(crate) fn reorder(&mut self, now: Time, place: impl Fn(Place) -> Place) -> Vec<(Place, Place)> {
        let moved: Vec<_> = self.line.iter().map(|was| (*was, place(*was))).collect();
        self.line = moved.iter().map(|(_, now)| *now).collect();
        let wanted = std::mem::take(&mut self.wanting);
        for (_, place) in moved.iter().filter(|(was, _)| wanted.contains(was)) {
            self.wants(*place, now);
        }
        moved
    }

    /// Gives it operators, none of whom is known to be ready or at work yet.
    pub(crate) fn take_members(&mut self, members: Vec<Member>) {
        self.ranks = members.iter().enumerate().map(|(rank, member)| (member.operator, rank)).collect();
        (self.members, self.ready, self.at_work) = (members, BTreeSet::new(), 0);
    }

    /// One of its operators is ready or at work, or no longer.
    pub(crate) fn note(&mut self, operator: OperatorIx, was: Presence, is: Presence) {
        let Some(rank) = self.rank_of(operator) else { return };
        if is.ready {
            self.ready.insert(rank);
        } else {
            self.ready.remove(&rank);
        }
        self.at_work = self.at_work + is.takes - was.takes;
    }

    /// Those who are ready, and the place of each among its operators, in the plan's order.
    pub(crate) fn ready(&self) -> impl Iterator<Item = (usize, Member)> {
        self.ready.iter().filter_map(|rank| Some((*rank, *self.members.get(*rank)?)))
    }

    /// How many are ready.
    pub(crate) fn how_many_ready(&self) -> usize {
        self.ready.len()
    }

    /// Whether an offer goes to everybody at once.
    pub(crate) fn rings_all(&self) -> bool {
        self.plan.strategy == Strategy::RingAll
    }

    /// Remembers who was offered a call.
    pub(crate) fn offered(&mut self, operator: OperatorIx) {
        self.last_offered = Some(operator);
    }

    /// An operator's place among those who serve it.
    fn rank_of(&self, operator: OperatorIx) -> Option<usize> {
        self.ranks.get(&operator).copied()
    }

    /// What an operator is in this queue; `None`: no longer one of its operators.
    pub(crate) fn member(&self, operator: OperatorIx) -> Option<Member> {
        self.rank_of(operator).map(|rank| self.members[rank])
    }

    /// Who of those who may be rung is rung first. `last`: who was rung last for this caller. Nobody is rung again while
    /// another is untried, nobody while one with a smaller penalty is left, and nobody who talks while one of the same penalty
    /// talks with fewer. Ties go to the plan's order.
    pub(crate) fn choose(
        &self,
        free: &[Candidate],
        last: Option<OperatorIx>,
        lot: &mut impl Rng,
    ) -> Option<OperatorIx> {
        let behind = self.goes_on_behind(last);
        let mut draw = |below| lot.random_range(0..below);
        let first = free.iter().min_by_key(|candidate| self.rank(candidate, behind, &mut draw))?;
        Some(first.member.operator)
    }

    /// Puts them into the order in which they would be rung if all of them were free; who is drawn by lot, into that of the
    /// plan.
    pub(crate) fn put_in_order(&self, all: &mut [Candidate], last: Option<OperatorIx>) {
        let behind = self.goes_on_behind(last);
        all.sort_by_key(|candidate| self.rank(candidate, behind, &mut |_| 0));
    }

    /// On whose place a turn goes on.
    fn goes_on_behind(&self, last: Option<OperatorIx>) -> Option<usize> {
        let goes_on_behind = match self.plan.strategy {
            Strategy::RrMemory => self.last_offered,
            Strategy::Linear => last,
            Strategy::RingAll
            | Strategy::RingProgressively
            | Strategy::LeastRecent
            | Strategy::FewestCalls
            | Strategy::LeastTalk
            | Strategy::TopDown
            | Strategy::Random
            | Strategy::WRandom => None,
        };
        goes_on_behind.and_then(|operator| self.rank_of(operator))
    }

    /// Of two the one with the smaller rank is rung.
    fn rank(
        &self,
        candidate: &Candidate,
        behind: Option<usize>,
        draw: &mut impl FnMut(u64) -> u64,
    ) -> (u32, u32, usize, u64, usize) {
        let tier = if self.plan.strategy.has_tiers() { candidate.member.penalty } else { 0 };
        (candidate.tried, tier, candidate.talks_with, self.metric(candidate, behind, draw), candidate.rank)
    }

    /// `draw` draws a number below another one.
    fn metric(&self, candidate: &Candidate, behind: Option<usize>, draw: &mut impl FnMut(u64) -> u64) -> u64 {
        let done = candidate.done;
        match self.plan.strategy {
            Strategy::RingAll | Strategy::RingProgressively | Strategy::TopDown => 0,
            // Who never talked comes before all others.
            Strategy::LeastRecent => done.last_talk.map_or(0, |at| at.as_micros().saturating_add(1)),
            Strategy::FewestCalls => done.talks,
            Strategy::LeastTalk => u64::try_from(done.talked.as_micros()).unwrap_or(u64::MAX),
            Strategy::RrMemory | Strategy::Linear => u64::from(behind.is_some_and(|behind| candidate.rank <= behind)),
            Strategy::Random => draw(u64::MAX),
            // As in app_queue: everybody draws, from the more the greater his penalty, and the lowest has it.
            Strategy::WRandom => draw((u64::from(candidate.member.penalty) + 1) * 1_000),
        }
    }
}
