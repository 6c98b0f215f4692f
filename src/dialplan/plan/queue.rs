//! Queues: a line of callers, those who serve it, and who of them is rung.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::{Accept, Announce, AutoPause, Away, Callback, Retry, StepId, Sticky, Terms};
use crate::domain::{Digit, Name};

/// The variable of a plan that says before whom a caller stands in a line: a number, 0 where it is not set.
pub const PRIORITY: &str = "priority";

/// A line of waiting callers and those who serve it.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name in the plan.
    pub name: Name,
    /// Those who serve it, in the plan's order.
    pub members: Vec<Member>,
    /// Who is offered a call first.
    pub strategy: Strategy,
    /// Who of them may be rung for a caller, by how long he has waited: at least one, the first from the beginning on, each
    /// for a later moment than the one before.
    pub terms: Vec<Terms>,
    /// Whether a caller has the operator who talked to him last.
    pub sticky: Option<Sticky>,
    /// Other queues whose operators may take its callers, too.
    pub also: Vec<Also>,
    /// Of all that an operator may take, the queue with the greatest weight comes first.
    pub weight: u32,
    /// How much waiting one point of a caller's priority is worth; `None`: no waiting makes up for it.
    pub ageing: Option<Duration>,
    /// How long one offer rings, in whole seconds (Asterisk counts no finer).
    pub ring: Duration,
    /// With [`Strategy::RingProgressively`]: how long one rings before the next rings too.
    pub add_every: Duration,
    /// How long an operator is left alone after a conversation.
    pub wrap_up: Duration,
    /// How long an operator is left alone after an offer that he did not take.
    pub retry: Retry,
    /// Who is answered within this is served well, says the statistics.
    pub service_level: Duration,
    /// What those hear who wait.
    pub music: Music,
    /// How long a caller waits at most, and where he goes then.
    pub max_wait: Option<MaxWait>,
    /// Keys with which a caller leaves it while he waits, and where he goes then.
    pub exit: BTreeMap<Digit, StepId>,
    /// How many it holds, and where one more goes; `None`: as many as come.
    pub capacity: Option<Capacity>,
    /// Where a caller goes whom nobody may take, however long he waits; `None`: where [`Self::max_wait`] leads.
    pub when_unstaffed: Option<StepId>,
    /// Operators who are not there so count as nobody for that.
    pub unstaffed_if: BTreeSet<Away>,
    /// When operators who do not take its calls are paused.
    pub auto_pause: Option<AutoPause>,
    /// Its hours, and where a caller goes whom it does not take since it is closed; `None`: it is always open.
    pub closing: Option<Closing>,
    /// Where a caller goes whom somebody takes out of it; `None`: back to the flow that called, or to the plan's end.
    pub when_withdrawn: Option<StepId>,
    /// Whether one who comes from another queue stands before those who have waited less than he has in all.
    pub keep_place: bool,
    /// How long a caller who goes while he waits has his place still, should he call back; `None`: he has it no more.
    pub keep_place_for: Option<Duration>,
    /// What whoever answers one of its calls is told before he has it; `None`: nothing.
    pub introduces: Option<Arc<Accept>>,
    /// What is said to those who wait.
    pub announce: Option<Arc<Announce>>,
    /// How those are called back who were promised it; `None`: nobody is.
    pub callback: Option<Callback>,
}

impl Queue {
    /// A queue of which a plan says nothing but who serves it.
    pub fn new(name: Name, operators: impl IntoIterator<Item = Name>) -> Self {
        Self {
            name,
            members: operators.into_iter().map(|operator| Member { operator, penalty: 0 }).collect(),
            strategy: Strategy::RingAll,
            terms: vec![Terms::default()],
            sticky: None,
            also: Vec::new(),
            weight: 0,
            ageing: None,
            ring: Self::RING,
            add_every: Self::ADD_EVERY,
            wrap_up: Duration::ZERO,
            retry: Retry::default(),
            service_level: Self::SERVICE_LEVEL,
            music: Music::Default,
            max_wait: None,
            exit: BTreeMap::new(),
            capacity: None,
            when_unstaffed: None,
            unstaffed_if: BTreeSet::new(),
            auto_pause: None,
            closing: None,
            when_withdrawn: None,
            keep_place: true,
            keep_place_for: None,
            introduces: None,
            announce: None,
            callback: None,
        }
    }

    /// How long one offer rings, if a plan does not say.
    pub const RING: Duration = Duration::from_secs(15);

    /// How long one rings before the next does too, if a plan does not say.
    pub const ADD_EVERY: Duration = Duration::from_secs(5);

    /// Its service level, where the plan says nothing.
    pub const SERVICE_LEVEL: Duration = Duration::from_secs(20);

    /// What is asked of those who are rung for one who has waited so long.
    pub fn terms_at(&self, waited: Duration) -> Option<&Terms> {
        self.terms.iter().rev().find(|terms| terms.after <= waited)
    }

    /// Which of its terms that are.
    pub fn terms_index(&self, waited: Duration) -> usize {
        self.terms.iter().rposition(|terms| terms.after <= waited).unwrap_or_default()
    }

    /// What is asked from then on, now and later.
    pub fn terms_from(&self, waited: Duration) -> &[Terms] {
        self.terms.get(self.terms_index(waited)..).unwrap_or_default()
    }

    /// How long one who has waited so long waits until something else is asked.
    pub fn changes_after(&self, waited: Duration) -> Option<Duration> {
        self.terms.iter().map(|terms| terms.after).find(|after| *after > waited)
    }

    /// Where a caller goes whom nobody may take.
    pub fn unstaffed(&self) -> Option<StepId> {
        self.when_unstaffed.or_else(|| self.max_wait.map(|wait| wait.go))
    }

    /// Every way out of it but a conversation.
    pub fn ways(&self) -> impl Iterator<Item = (Leaves, StepId)> {
        let timed_out = self.max_wait.map(|wait| (Leaves::After(wait.after), wait.go));
        let full = self.capacity.map(|capacity| (Leaves::Full, capacity.go));
        let unstaffed = self.when_unstaffed.map(|go| (Leaves::Unstaffed, go));
        let closed = self.closing.as_ref().map(|closing| (Leaves::Closed, closing.go));
        let withdrawn = self.when_withdrawn.map(|go| (Leaves::Withdrawn, go));
        let unstaffed = unstaffed.into_iter().chain(closed).chain(withdrawn);
        let keys = self.exit.iter().map(|(key, go)| (Leaves::Key(*key), *go));
        timed_out.into_iter().chain(full).chain(unstaffed).chain(keys)
    }

    /// The names of those who serve it.
    pub fn operators(&self) -> impl Iterator<Item = &Name> {
        self.members.iter().map(|member| &member.operator)
    }
}

/// An operator, as one queue has him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who; he is in the plan.
    pub operator: Name,
    /// Nobody is rung while one with a smaller penalty is free and was not rung as often for this caller.
    pub penalty: u32,
}

/// Another queue, whose operators may take callers of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Also {
    /// Which; it is in the plan.
    pub queue: Name,
    /// How long a caller has waited in his own queue before.
    pub after: Duration,
}

/// What somebody hears while he waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Music {
    /// Asterisk's default class of music.
    #[default]
    Default,
    /// A class of music of Asterisk's.
    Class(Name),
    /// Nothing, and Asterisk sends him nothing.
    Nothing,
}

/// How a caller comes away from a queue without a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// He has waited for so long.
    After(Duration),
    /// It was full when he came.
    Full,
    /// Nobody may take him.
    Unstaffed,
    /// It is closed.
    Closed,
    /// Somebody took him out of it.
    Withdrawn,
    /// He pressed this key.
    Key(Digit),
}

/// A limit to how many wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// So many, those included for whom somebody rings.
    pub most: u32,
    /// Where one more goes.
    pub go: StepId,
}

/// When a queue takes nobody, and where those go who wait then, or come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// It is closed when these hours are.
    pub hours: Name,
    /// Where a caller goes.
    pub go: StepId,
}

/// A limit to waiting.
#[derive(Clone, Copy, Debug)]
pub struct MaxWait {
    /// From the moment he joined.
    pub after: Duration,
    /// Where he goes then.
    pub go: StepId,
}

/// Who is offered a call first; the words of `queues.conf` mean what they mean there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// All free operators of the smallest penalty at once; the first to answer has it.
    RingAll,
    /// One, and after a while one more beside him, in the order of the plan; the first to answer has it.
    RingProgressively,
    /// Who has been longest without a conversation.
    LeastRecent,
    /// Who had the fewest conversations.
    FewestCalls,
    /// Who has talked least in all.
    LeastTalk,
    /// In turn, going on behind the one who was offered the last call.
    RrMemory,
    /// In the order of the plan, for each caller going on behind the one who was rung for him last.
    Linear,
    /// In the order of the plan, whoever of those least often rung for this caller stands first.
    TopDown,
    /// Anyone, drawn by lot.
    Random,
    /// Anyone, drawn by lot, the less likely the greater his penalty.
    WRandom,
}

impl Strategy {
    /// Whether several phones may ring for one caller.
    pub fn rings_several(self) -> bool {
        match self {
            Self::RingAll | Self::RingProgressively => true,
            Self::LeastRecent
            | Self::FewestCalls
            | Self::LeastTalk
            | Self::RrMemory
            | Self::Linear
            | Self::TopDown
            | Self::Random
            | Self::WRandom => false,
        }
    }

    /// Whether a greater penalty makes somebody the last to be rung, rather than only less likely.
    pub fn has_tiers(self) -> bool {
        self != Self::WRandom
    }
}
