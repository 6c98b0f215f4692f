//! What ought to be, worked out from nothing each time: who waits, who is free, who may be rung for whom.
//!
//! It is written from docs/queues.md and docs/dialplan.md. It keeps what happened and nothing that follows from it; whatever is
//! asked is looked for among all callers and all operators.

use std::time::Duration;

use super::plan::{Drawn, DrawnQueue};
use crate::domain::{ChannelId, DeviceState, Time};

/// So long after the end of a leg of ours what is said of a telephone may still be about that.
const SETTLES: Duration = Duration::from_secs(1);

/// Days are those of UTC here.
const DAY: u64 = 24 * 3_600 * 1_000_000;

pub(super) struct Reference {
    pub(super) plan: Drawn,
    pub(super) now: Time,
    /// All there ever were.
    pub(super) callers: Vec<Caller>,
    /// Those that have not ended.
    pub(super) legs: Vec<Leg>,
    pub(super) operators: Vec<Operator>,
    /// Who was rung for each queue, the last one last.
    pub(super) rung: Vec<Vec<usize>>,
    /// Who talked to whom, and for which queue, the last one last.
    pub(super) talked: Vec<Talked>,
}

pub(super) struct Talked {
    pub(super) queue: usize,
    pub(super) number: usize,
    pub(super) operator: usize,
}

pub(super) struct Caller {
    pub(super) channel: ChannelId,
    /// By which he is known again.
    pub(super) number: usize,
    /// Who talked to him last in this queue, and until when he waits for that one alone.
    pub(super) sticky: Option<(usize, Time)>,
    pub(super) is: Is,
    pub(super) queue: usize,
    pub(super) priority: i64,
    /// When he came to the first queue, and to this one.
    pub(super) came: Time,
    pub(super) joined: Time,
    /// Since when he stands here, as far as his place goes by it.
    pub(super) entered: Time,
    /// Who was rung for him in this queue, the last one last and through which, and when that was.
    pub(super) rung: Vec<(usize, usize)>,
    pub(super) rung_at: Option<Time>,
    pub(super) assigned: Option<usize>,
    /// With `ringall`, while all are rung who are rung together: the greatest penalty of these.
    pub(super) opened: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    Waiting,
    Talking,
    /// He was hung up, or given back; his channel is still there.
    Leaving,
    Gone,
}

pub(super) struct Leg {
    pub(super) channel: ChannelId,
    pub(super) operator: usize,
    pub(super) caller: usize,
    pub(super) queue: usize,
    pub(super) does: Does,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Ring,
    Talk {
        since: Time,
    },
    /// It was hung up; after a conversation, so that he wraps up when it has ended.
    End {
        talked: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    On,
    Paused { until: Option<Time> },
    SignedOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    WrapUp(Time),
    BackOff(Time),
}

impl Rest {
    pub(super) fn until(self) -> Time {
        match self {
            Self::WrapUp(until) | Self::BackOff(until) => until,
        }
    }
}

pub(super) struct Operator {
    pub(super) duty: Duty,
    pub(super) misses: u32,
    pub(super) rest: Option<Rest>,
    pub(super) device: DeviceState,
    /// When the last leg to him ended.
    pub(super) let_go: Option<Time>,
    /// Whether his telephone was said to be free since.
    pub(super) was_free: bool,
    /// His conversations: when each ended, and how long it was.
    pub(super) talks: Vec<(Time, Duration)>,
}

impl Reference {
    pub(super) fn new(plan: Drawn, now: Time) -> Self {
        let operator = || Operator {
            duty: Duty::On,
            misses: 0,
            rest: None,
            device: DeviceState::Unknown,
            let_go: None,
            was_free: false,
            talks: Vec::new(),
        };
        let operators = plan.operators.iter().map(|_| operator()).collect();
        let rung = plan.queues.iter().map(|_| Vec::new()).collect();
        Self { plan, now, callers: Vec::new(), legs: Vec::new(), operators, rung, talked: Vec::new() }
    }

    pub(super) fn queue_of(&self, caller: usize) -> &DrawnQueue {
        &self.plan.queues[self.callers[caller].queue]
    }

    fn waited(&self, caller: usize) -> Duration {
        self.now.since(self.callers[caller].joined)
    }

    pub(super) fn waiting(&self) -> Vec<usize> {
        (0..self.callers.len()).filter(|caller| self.callers[*caller].is == Is::Waiting).collect()
    }

    /// Who rings for a caller.
    pub(super) fn ringing(&self, caller: usize) -> Vec<usize> {
        let legs = self.legs.iter().filter(|leg| leg.caller == caller && leg.does == Does::Ring);
        legs.map(|leg| leg.operator).collect()
    }

    /// The legs to an operator's telephone.
    pub(super) fn legs_of(&self, operator: usize) -> impl Iterator<Item = &Leg> {
        self.legs.iter().filter(move |leg| leg.operator == operator)
    }

    /// With how many an operator talks.
    fn talks_with(&self, operator: usize) -> usize {
        self.legs_of(operator).filter(|leg| matches!(leg.does, Does::Talk { .. })).count()
    }

    // Operators.

    pub(super) fn rests(&self, operator: usize) -> Option<Rest> {
        self.operators[operator].rest.filter(|rest| rest.until() > self.now)
    }

    /// Whether a call that is none of ours is at his telephone, as far as can be known.
    pub(super) fn is_busy(&self, operator: usize) -> bool {
        let him = &self.operators[operator];
        let may_be_ours = him.let_go.is_some_and(|at| self.now < at + SETTLES) && !him.was_free;
        him.device.is_engaged() && self.legs_of(operator).count() == 0 && !may_be_ours
    }

    fn lines_taken(&self) -> usize {
        self.legs.iter().filter(|leg| self.plan.operators[leg.operator].by_trunk).count()
    }

    /// Whether a queue may ring him now.
    pub(super) fn is_free(&self, operator: usize) -> bool {
        let has_line = !self.plan.operators[operator].by_trunk || self.lines_taken() < self.plan.lines;
        // He talks with fewer than he may, and nothing rings or ends at his telephone.
        let talks = self.talks_with(operator);
        talks == self.legs_of(operator).count()
            && talks < self.plan.operators[operator].capacity
            && self.rests(operator).is_none()
            && self.operators[operator].duty == Duty::On
            && self.operators[operator].device != DeviceState::Unavailable
            && !self.is_busy(operator)
            && has_line
    }

    // What strategies look at.

    fn last_talk(&self, operator: usize) -> Option<Time> {
        self.operators[operator].talks.iter().map(|(ended, _)| *ended).max()
    }

    fn today(&self, operator: usize) -> impl Iterator<Item = Duration> {
        let day = |at: Time| at.as_micros() / DAY;
        let of_today = self.operators[operator].talks.iter().filter(move |(ended, _)| day(*ended) == day(self.now));
        of_today.map(|(_, talked)| *talked)
    }

    // Pairs.

    /// The queues whose operators may take a caller when he has waited so long: his own first.
    fn queues_after(&self, caller: usize, waited: Duration) -> Vec<usize> {
        let others = self.queue_of(caller).also.iter().filter(|(_, after)| Duration::from_secs(*after) <= waited);
        std::iter::once(self.callers[caller].queue).chain(others.map(|(other, _)| *other)).collect()
    }

    /// The queue through which an operator may be rung for him then: the first that he serves.
    fn through_after(&self, caller: usize, operator: usize, waited: Duration) -> Option<usize> {
        let serves = |queue: &usize| self.plan.queues[*queue].members.iter().any(|(member, _)| *member == operator);
        self.queues_after(caller, waited).into_iter().find(serves)
    }

    /// The same, now.
    pub(super) fn through(&self, caller: usize, operator: usize) -> Option<usize> {
        self.through_after(caller, operator, self.waited(caller))
    }

    /// Whether that is another one than his own.
    pub(super) fn is_of_another(&self, caller: usize, operator: usize) -> bool {
        self.through(caller, operator).is_some_and(|through| through != self.callers[caller].queue)
    }

    /// The penalty of an operator that counts for a caller; `None`: he is not to be rung for him.
    fn penalty(&self, caller: usize, operator: usize) -> Option<u32> {
        self.penalty_after(caller, operator, self.waited(caller))
    }

    fn penalty_after(&self, caller: usize, operator: usize, waited: Duration) -> Option<u32> {
        let queue = &self.plan.queues[self.through_after(caller, operator, waited)?];
        let (_, penalty) = queue.members.iter().find(|(member, _)| *member == operator)?;
        queue.penalty(&self.plan.operators[operator].skills, *penalty, waited)
    }

    /// After how long somebody else may be rung for one who waits in a queue.
    fn moments(&self, queue: &DrawnQueue) -> Vec<Duration> {
        let others = queue.also.iter().flat_map(|(other, after)| {
            self.plan.queues[*other].moments().into_iter().chain([Duration::from_secs(*after)])
        });
        queue.moments().into_iter().chain(others).collect()
    }

    /// The greatest penalty of those who ring for him.
    fn tier(&self, caller: usize) -> Option<u32> {
        let own = self.ringing(caller).into_iter().filter(|operator| !self.is_of_another(caller, *operator));
        let ringing = own.filter_map(|operator| self.penalty(caller, operator)).max();
        ringing.max(self.callers[caller].opened)
    }

    /// Whether one more may be rung for a caller, of his own queue or of `another`.
    fn wants(&self, caller: usize, another: bool) -> bool {
        let him = &self.callers[caller];
        let alone = self.ringing(caller).is_empty();
        let queue = self.queue_of(caller);
        match queue.strategy {
            "ringall" => alone || !another,
            "ring_progressively" => {
                let every = Duration::from_secs(queue.add_every);
                alone || him.rung_at.is_none_or(|at| at + every <= self.now)
            }
            _ => alone,
        }
    }

    /// Whether an operator is assigned to a caller.
    fn is_assigned(&self, caller: usize, operator: usize) -> bool {
        self.callers[caller].is == Is::Waiting && self.callers[caller].assigned == Some(operator)
    }

    /// The one operator who may be rung for a caller now, since he talked to him last; `None`: all may be who may at all.
    fn only(&self, caller: usize) -> Option<usize> {
        let him = &self.callers[caller];
        let (operator, until) = him.sticky?;
        if self.tried(caller, operator) > 0 {
            return Some(operator).filter(|one| self.ringing(caller).contains(one));
        }
        let his = &self.operators[operator];
        let is_there = his.duty == Duty::On && his.device != DeviceState::Unavailable;
        let may_have = is_there && !self.is_of_another(caller, operator) && self.penalty(caller, operator).is_some();
        Some(operator).filter(|_| may_have && (self.now < until || self.is_free(operator)))
    }

    /// Whether this operator may be rung for this caller now.
    pub(super) fn may_be_rung(&self, caller: usize, operator: usize) -> bool {
        if self.callers[caller].is != Is::Waiting || !self.is_free(operator) {
            return false;
        }
        if self.is_assigned(caller, operator) {
            return true;
        }
        if self.only(caller).is_some_and(|only| only != operator) {
            return false;
        }
        let Some(penalty) = self.penalty(caller, operator) else { return false };
        let another = self.is_of_another(caller, operator);
        let rings_all = self.queue_of(caller).strategy == "ringall" && !another;
        let together = !rings_all || self.tier(caller).is_none_or(|tier| penalty <= tier);
        self.wants(caller, another) && together
    }

    /// The smaller one is served first, by the order of a queue.
    fn rank(&self, caller: usize, queue: usize) -> (i64, i64, i64) {
        let (him, queue) = (&self.callers[caller], &self.plan.queues[queue]);
        let entered = i64::try_from(him.entered.as_micros()).expect("not that late");
        let weight = -i64::from(queue.weight);
        match queue.ageing {
            Some(ageing) => {
                let worth = i64::try_from(ageing).expect("not that long") * 1_000_000;
                (weight, 0, entered - him.priority * worth)
            }
            None => (weight, -him.priority, entered),
        }
    }

    /// Those who stand in a queue, the next one first.
    pub(super) fn line(&self, queue: usize) -> Vec<usize> {
        let mut line: Vec<usize> =
            self.waiting().into_iter().filter(|caller| self.callers[*caller].queue == queue).collect();
        line.sort_by_key(|caller| self.rank(*caller, queue));
        line
    }

    /// Every pair that could be made now.
    pub(super) fn pairs(&self) -> Vec<(usize, usize)> {
        let operators = 0..self.operators.len();
        let of = |caller: usize| operators.clone().map(move |operator| (caller, operator));
        self.waiting()
            .into_iter()
            .flat_map(of)
            .filter(|(caller, operator)| self.may_be_rung(*caller, *operator))
            .collect()
    }

    /// Of those that could be made, the pairs of which one is to be made first; several, where a lot decides.
    pub(super) fn first_pairs(&self) -> Vec<(usize, usize)> {
        let pairs = self.pairs();
        let assigned: Vec<(usize, usize)> =
            pairs.iter().copied().filter(|(caller, operator)| self.is_assigned(*caller, *operator)).collect();
        if !assigned.is_empty() {
            return assigned;
        }
        let rank = |(caller, operator): &(usize, usize)| {
            let through = self.through(*caller, *operator).expect("he may be rung");
            self.rank(*caller, through)
        };
        let Some((first, _)) = pairs.iter().copied().min_by_key(|pair| rank(pair)) else { return Vec::new() };
        // An operator for whom another caller comes first is left to that one.
        let is_his = |operator: usize| {
            pairs
                .iter()
                .filter(|(_, one)| *one == operator)
                .min_by_key(|pair| rank(pair))
                .is_some_and(|it| it.0 == first)
        };
        let his = pairs.iter().filter(|(caller, operator)| *caller == first && is_his(*operator));
        let free: Vec<usize> = his.map(|(_, operator)| *operator).collect();
        self.preferred_of_all(first, free).into_iter().map(|operator| (first, operator)).collect()
    }

    fn tried(&self, caller: usize, operator: usize) -> usize {
        self.callers[caller].rung.iter().filter(|(rung, _)| *rung == operator).count()
    }

    /// Which of those who may be rung for a caller is: whom he has not had before whom he has, and then one of his own queue before
    /// others; but of his own all are, with `ringall`, before any other.
    fn preferred_of_all(&self, caller: usize, mut free: Vec<usize>) -> Vec<usize> {
        let own = self.callers[caller].queue;
        let is_own = |operator: usize| self.through(caller, operator) == Some(own);
        let rings_all = self.queue_of(caller).strategy == "ringall" && free.iter().any(|one| is_own(*one));
        let least = free.iter().map(|one| self.tried(caller, *one)).min();
        let first = self.queues_after(caller, self.waited(caller)).into_iter().find(|queue| {
            let of_it = |one: &&usize| self.through(caller, **one) == Some(*queue);
            free.iter().filter(of_it).any(|one| rings_all || Some(self.tried(caller, *one)) == least)
        });
        let Some(first) = first else { return Vec::new() };
        free.retain(|one| self.through(caller, *one) == Some(first));
        self.preferred(caller, first, &free)
    }

    /// Which of those who may be rung for a caller a queue prefers.
    fn preferred(&self, caller: usize, through: usize, free: &[usize]) -> Vec<usize> {
        let queue = &self.plan.queues[through];
        let him = &self.callers[caller];
        let place = |operator: usize| queue.members.iter().position(|(member, _)| *member == operator);
        let tried = |operator: usize| self.tried(caller, operator);
        let penalty = |operator: usize| self.penalty(caller, operator);
        // Nobody is rung again while another was not, and nobody while one of a smaller penalty is left.
        let Some(least) = free.iter().map(|one| tried(*one)).min() else { return Vec::new() };
        let untried: Vec<usize> = free.iter().copied().filter(|one| tried(*one) == least).collect();
        // Of those of one penalty who talks with fewer comes before who talks with more.
        let fewest = |some: Vec<usize>| -> Vec<usize> {
            let least = some.iter().map(|one| self.talks_with(*one)).min();
            some.into_iter().filter(|one| Some(self.talks_with(*one)) == least).collect()
        };
        if queue.strategy == "wrandom" {
            return fewest(untried);
        }
        let tier = untried.iter().map(|one| penalty(*one)).min().expect("somebody");
        if queue.strategy == "ringall" && through == him.queue {
            // All of that tier and of those below it: whoever is free, however often he was rung.
            let tier = self.tier(caller).or(tier);
            return free.iter().copied().filter(|one| penalty(*one) <= tier).collect();
        }
        let left = fewest(untried.into_iter().filter(|one| penalty(*one) == tier).collect());
        let least = |by: &dyn Fn(usize) -> u64| {
            let best = left.iter().map(|one| by(*one)).min();
            let best = left.iter().copied().filter(|one| Some(by(*one)) == best);
            best.min_by_key(|one| place(*one)).into_iter().collect()
        };
        let behind = |last: Option<usize>| {
            let last = last.and_then(place);
            let next = left.iter().copied().filter(|one| place(*one) > last).min_by_key(|one| place(*one));
            next.or_else(|| left.iter().copied().min_by_key(|one| place(*one))).into_iter().collect()
        };
        match queue.strategy {
            "random" => left,
            "ringall" | "ring_progressively" | "top_down" => least(&|_| 0),
            "leastrecent" => least(&|one| self.last_talk(one).map_or(0, |at| at.as_micros() + 1)),
            "fewestcalls" => least(&|one| self.today(one).count() as u64),
            "least_talk" => least(&|one| self.today(one).map(|talked| talked.as_micros() as u64).sum()),
            "rrmemory" | "rrordered" => behind(self.rung[through].last().copied()),
            "linear" => {
                let last = him.rung.iter().rev().find(|(_, of)| *of == through);
                behind(last.map(|(operator, _)| *operator))
            }
            other => panic!("the reference knows no {other}"),
        }
    }

    /// Those who are rung together for a caller are known: nobody of a greater penalty is, until somebody else comes.
    pub(super) fn open(&mut self, caller: usize) {
        let is_own = |one: &usize| self.may_be_rung(caller, *one) && !self.is_of_another(caller, *one);
        let free = (0..self.operators.len()).filter(is_own);
        let first = free.min_by_key(|one| (self.tried(caller, *one), self.penalty(caller, *one)));
        let tier = self.tier(caller).or(first.and_then(|first| self.penalty(caller, first)));
        self.callers[caller].opened = tier;
    }

    /// Whether nobody may take a caller, however long he waits.
    pub(super) fn waits_in_vain(&self, caller: usize) -> bool {
        let queue = self.queue_of(caller);
        let waited = self.waited(caller);
        let moments: Vec<Duration> =
            self.moments(queue).into_iter().filter(|at| *at > waited).chain(std::iter::once(waited)).collect();
        let may_take = |operator: usize| {
            let him = &self.operators[operator];
            let is_away = match him.duty {
                Duty::On => false,
                Duty::Paused { .. } => queue.unstaffed_if.contains(&"paused"),
                Duty::SignedOut => queue.unstaffed_if.contains(&"signed_out"),
            };
            let is_away = is_away || him.device == DeviceState::Unavailable;
            let some_time = moments.iter().any(|at| self.penalty_after(caller, operator, *at).is_some());
            some_time && !(queue.when_unstaffed && is_away)
        };
        self.ringing(caller).is_empty() && !(0..self.operators.len()).any(may_take)
    }

    // Time.

    /// When something changes by itself, and whose it is: a caller, or an operator.
    pub(super) fn deadlines(&self) -> Vec<(Time, Result<usize, usize>)> {
        let mut due = Vec::new();
        for caller in self.waiting() {
            let (him, queue) = (&self.callers[caller], self.queue_of(caller));
            due.extend(self.moments(queue).into_iter().map(|after| (him.joined + after, Ok(caller))));
            due.extend(him.sticky.map(|(_, until)| (until, Ok(caller))));
            due.extend(queue.max_wait.map(|(after, _)| (him.joined + Duration::from_secs(after), Ok(caller))));
            if queue.strategy == "ring_progressively" {
                due.extend(him.rung_at.map(|at| (at + Duration::from_secs(queue.add_every), Ok(caller))));
            }
        }
        for (operator, him) in self.operators.iter().enumerate() {
            due.extend(him.rest.map(|rest| (rest.until(), Err(operator))));
            due.extend(him.let_go.map(|at| (at + SETTLES, Err(operator))));
            if let Duty::Paused { until: Some(until) } = him.duty {
                due.push((until, Err(operator)));
            }
        }
        due
    }
}
