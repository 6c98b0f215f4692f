//! A plan as meant: checked, immutable, shared by every call that began with it.
//!
//! Flows are one graph of steps. A step knows what comes after it, so a call's place in the plan is one [`StepId`], and
//! "go", "come back" and the end of a branch are edges that need no stack.

mod accept;
mod act;
mod announce;
mod announcement;
mod asking;
mod callback;
mod desk;
mod dial;
mod duty;
mod languages;
mod lookup;
mod phone;
mod queue;
mod record;
mod require;
mod retry;
mod shape;
mod shown;
mod sticky;
mod terms;
mod whole;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use indexmap::IndexMap;
use jiff::tz::TimeZone;
use serde::Serialize;

pub use accept::{Accept, Asks};
pub use act::{Act, Switch};
pub use announce::{Announce, Periodic};
pub use announcement::{Announcement, Heard, Part, Saying, Script, Words};
pub use asking::{Ask, Asking, Choice, Confirm, Lack, Menu, Unanswered};
pub use callback::{Callback, First, NotPromised, Promise};
pub use desk::AtDesk;
pub use dial::{Dial, DialMode, Extension, Outside, Pattern, Reaches, Target, Trunk};
pub use duty::{AutoPause, Away, ByPhone, DutyChange, Missed};
pub use languages::Languages;
pub use lookup::{LookUp, Take};
pub use phone::Phone;
pub use queue::{Also, Capacity, Closing, Leaves, MaxWait, Member, Music, PRIORITY, Queue, Strategy};
pub use record::Record;
pub use require::{Required, Requires, skills_in_words};
pub use retry::Retry;
pub use shape::{Pace, Shape, Way, When};
pub use shown::{Identity, ShownName, ShownNumber};
pub use sticky::Sticky;
pub use terms::{Penalties, Raise, Terms, Unfit};

pub use whole::Whole;

use super::{changes::Written, expr::Type, hours::Hours, lists::List, numbers::Numbers};
use crate::{
    domain::{Called, Caller, DeviceState, E164, Name, Pin, Prompt, Reason, Tariff},
    yaml::suggest,
};

/// What one exchange does with its calls.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The exchange's name.
    pub exchange: Name,
    /// Whose date and time of day expressions speak of, and times that are written beside the plan; UTC when it does not say.
    pub timezone: TimeZone,
    /// The languages that callers are spoken to in.
    pub languages: Languages,
    /// Variables that steps set, and what each is; a [`Slot`](super::expr::Slot) is a place in it.
    pub variables: IndexMap<Name, Type>,
    /// Public numbers.
    pub numbers: Numbers,
    /// Lists of numbers by name.
    pub lists: IndexMap<Name, List>,
    /// Operators in the order of the plan.
    pub operators: IndexMap<Name, Operator>,
    /// Reasons of pauses, and how long each lasts; `None`: until somebody says otherwise.
    pub pauses: IndexMap<Name, Option<Duration>>,
    /// Internal numbers, the operators' own among them.
    pub extensions: IndexMap<Name, Extension>,
    /// Those of telephones at which operators may sign in.
    pub desks: BTreeSet<Name>,
    /// Lines to the world by name.
    pub trunks: IndexMap<Name, Trunk>,
    /// Opening hours by name.
    pub hours: IndexMap<Name, Hours>,
    /// Queues in the order of the plan.
    pub queues: IndexMap<Name, Queue>,
    /// The first step of each flow.
    pub flows: IndexMap<Name, StepId>,
    /// Every step of every flow.
    pub steps: Vec<Step>,
    /// What is kept of its text, to tell what another plan changes.
    pub written: Written,
    /// What it comes to as a whole, once somebody asked.
    pub whole: Whole,
}

impl Plan {
    /// A plan with nothing in it.
    pub fn nothing(exchange: Name) -> Self {
        Self {
            exchange,
            timezone: TimeZone::UTC,
            languages: Languages::default(),
            variables: IndexMap::new(),
            numbers: Numbers::default(),
            lists: IndexMap::new(),
            operators: IndexMap::new(),
            pauses: IndexMap::new(),
            extensions: IndexMap::new(),
            desks: BTreeSet::new(),
            trunks: IndexMap::new(),
            hours: IndexMap::new(),
            queues: IndexMap::new(),
            flows: IndexMap::new(),
            steps: Vec::new(),
            written: Written::default(),
            whole: Whole::default(),
        }
    }

    /// The number that was dialled, however the trunk writes it.
    pub fn number(&self, dialled: &str) -> Option<&PublicNumber> {
        self.numbers.dialled(dialled).map(|found| found.number)
    }

    /// The flow that begins with a step, if one does.
    pub fn flow_at(&self, step: StepId) -> Option<&Name> {
        self.flows.iter().find(|(_, first)| **first == step).map(|(flow, _)| flow)
    }

    /// The flow of this plan that somebody may have meant who named another.
    pub fn flow_like(&self, name: &str) -> Option<&Name> {
        let near = suggest::nearest(name, self.flows.keys().map(|flow| &**flow))?;
        self.flows.get_key_value(near).map(|(flow, _)| flow)
    }

    /// Every sound that is its own: files beside it, and texts.
    pub fn prompts(&self) -> impl Iterator<Item = &Prompt> {
        let steps = self.steps.iter().flat_map(|step| step.act.shape().says);
        let waiting = self.queues.values().filter_map(|queue| queue.announce.as_deref()).flat_map(Announce::says);
        let announced = self.queues.values().filter_map(|queue| queue.introduces.as_deref());
        let asked = self.operators.values().flat_map(Operator::accepts).chain(announced).next();
        let asked = asked.into_iter().flat_map(|accept| accept.asks.says());
        steps.chain(waiting).chain(asked).flat_map(Announcement::prompts)
    }

    /// A caller of that number, as this plan reads him: where nobody can withhold his number, he does not.
    pub fn caller_of(&self, number: Option<&PublicNumber>, caller: Caller) -> Caller {
        let is_shown = number.is_some_and(|number| number.kind == NumberType::AlwaysShown);
        let caller = if is_shown { caller.shown() } else { caller };
        caller.within(self.numbers.country())
    }

    /// Boxes that messages are put into.
    pub fn mailboxes(&self) -> BTreeSet<&Name> {
        self.steps.iter().filter_map(|step| step.act.shape().mailbox).collect()
    }

    /// Every step that a call may come to from this one, with nothing of the plan in between.
    pub fn ahead(&self, step: &Step) -> Vec<StepId> {
        let shape = step.act.shape();
        let left = shape.queue.and_then(|queue| self.queues.get(queue)).into_iter().flat_map(Queue::ways);
        let ways = shape.ways.iter().map(|way| way.to);
        step.next.into_iter().chain(ways).chain(left.map(|(_, to)| to)).collect()
    }

    /// Phones that are no operator's, by their internal numbers.
    pub fn phones(&self) -> impl Iterator<Item = &Name> {
        let phones = self.extensions.iter().filter(|(_, extension)| matches!(extension.reaches, Reaches::Phone(_)));
        phones.map(|(name, _)| name)
    }

    /// Numbers outside that steps dial, but for those that are computed.
    pub fn outside(&self) -> impl Iterator<Item = &E164> {
        self.steps.iter().flat_map(|step| step.act.shape().rings).filter_map(|target| match target {
            Target::Outside { number: Outside::Number(number), .. } => Some(number),
            Target::Outside { number: Outside::Computed(_), .. } | Target::Operator(_) | Target::Phone(_) => None,
        })
    }

    /// Servers that steps speak with, as the plan writes them.
    pub fn servers(&self) -> BTreeSet<&str> {
        self.steps.iter().filter_map(|step| step.act.shape().server).collect()
    }

    /// A step of this plan.
    ///
    /// # Panics
    /// When the id is of another plan: a bug.
    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id.0 as usize]
    }
}

/// The class of music that Asterisk plays where none is chosen.
pub const DEFAULT_MUSIC: &str = "default";

/// A step of one plan: only of use with the plan it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

/// A public number, or several that are treated as one, that answers several calls at once.
#[derive(Clone, Debug)]
pub struct PublicNumber {
    /// Which it is.
    pub number: Called,
    /// Who pays, and whether a caller may withhold his number.
    pub kind: NumberType,
    /// Simultaneous calls; one more meets `when_full`. `None`: as many as the node takes.
    pub channels: Option<u32>,
    /// Some of the channels that are kept for some callers.
    pub reserved: Option<Reserved>,
    /// What comes of the call past the last channel.
    pub when_full: WhenFull,
    /// When a caller is answered.
    pub answer: Answering,
    /// What a call to it costs, from its answer to its end; `None`: nobody says.
    pub tariff: Option<Tariff>,
    /// Where a call begins.
    pub entry: StepId,
}

impl PublicNumber {
    /// A number as it is when the plan says nothing of it but where its calls begin.
    pub fn new(number: Called, entry: StepId) -> Self {
        let (channels, reserved, answer, tariff) = (None, None, Answering::AtOnce, None);
        let when_full = WhenFull::HangUp(Reason::Busy);
        Self { number, kind: NumberType::Direct, channels, reserved, when_full, answer, tariff, entry }
    }
}

/// When the callers of a number are answered: whoever pays, pays from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// Before the first thing that they hear.
    AtOnce,
    /// When an operator takes the call. Until then they hear what there is to hear as early media.
    OnOperator {
        /// Without an operator, when the call is that old: many a trunk gives an unanswered call up after a while.
        at_latest: Duration,
    },
}

/// Who pays for calls to a number, and whether a caller may withhold his own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberType {
    /// The caller pays, and may withhold his number.
    Direct,
    /// The company pays.
    TollFree,
    /// The network always presents the caller's number.
    AlwaysShown,
}

/// Channels of a number that are kept for some callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// For those in this list, which is in the plan.
    pub list: Name,
    /// How many: no more than the number has.
    pub channels: u32,
}

/// What comes of a call that finds no channel of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// It is refused.
    HangUp(Reason),
    /// It goes this way instead, and counts towards no channel.
    Go(StepId),
}

/// A person who takes calls, and where he is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// His name in the plan. Only `a-z`, `0-9` and `_`: it stands in the ids of his legs.
    pub name: Name,
    /// Asterisk's dial string: `PJSIP/anna`.
    pub dial: Arc<str>,
    /// His internal number.
    pub extension: Option<Name>,
    /// What he can, and how well.
    pub skills: BTreeMap<Name, u32>,
    /// How he accepts a call; `None`: by answering.
    pub accept: Option<Arc<Accept>>,
    /// The trunk over which he is reached, if `dial` is that trunk's with a number in it: he sits at a telephone outside.
    pub trunk: Option<Name>,
    /// What Asterisk calls his telephone when it says how it is; `None`: nobody can tell, or the plan does not want to know.
    pub device: Option<Name>,
    /// All his telephones, the one above first, where he has several; none where he has that one alone.
    pub phones: Arc<[Phone]>,
    /// The number that he is shown; `None`: as the trunk over which he is reached says, or the caller's.
    pub shows: Option<ShownNumber>,
    /// The name that he is shown.
    pub shows_name: ShownName,
    /// Whether he is signed in until somebody says otherwise.
    pub signed_in: bool,
    /// With which he shows at a telephone who he is; `None`: he cannot, but at his own.
    pub pin: Option<Pin>,
    /// How many callers he may talk with at once; 1 where he has several telephones.
    pub capacity: u32,
}

impl Operator {
    /// One of whom a plan says nothing but where he is reached.
    pub fn new(name: Name, dial: Arc<str>) -> Self {
        let (extension, skills, accept, trunk, device, phones) = Default::default();
        let (shows, shows_name, signed_in, pin, capacity) = (None, ShownName::Caller, true, None, 1);
        Self {
            name,
            dial,
            extension,
            skills,
            accept,
            trunk,
            device,
            phones,
            shows,
            shows_name,
            signed_in,
            pin,
            capacity,
        }
    }

    /// What the state of his (first) telephone says of him: that it is not registered nothing, if he has others.
    pub fn meant_by(&self, state: DeviceState) -> DeviceState {
        if state.is_unavailable() && !self.phones.is_empty() { DeviceState::Unknown } else { state }
    }

    /// How calls are accepted at each of his telephones.
    pub fn accepts(&self) -> impl Iterator<Item = &Accept> {
        self.accept.as_deref().into_iter().chain(self.phones.iter().filter_map(|phone| phone.accept.as_deref()))
    }
}

/// One thing to do, and what follows it.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done.
    pub act: Act,
    /// What follows when it is done; `None`: the plan is at its end and the call is hung up, or all its ways are its own.
    pub next: Option<StepId>,
}
