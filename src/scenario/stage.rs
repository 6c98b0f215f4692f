//! A call is performed: the plan, the engine, the toy Asterisk, one caller and the operators, in virtual time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::{
    happening::{Happening, What},
    lookups::Lookups,
    troupe::Troupe,
};
use crate::{
    dialplan::{Numbers, Pattern, Plan, PublicNumber, Reaches},
    domain::{Digits, Name, Time},
    engine::KeptCallers,
    sim::{
        faults::Trouble,
        run::Simulation,
        world::{Config, Habit, Pickup, Span, World},
    },
};

/// Everything is drawn from one seed, so that a call is the same every time.
const SEED: u64 = 1;

/// So long before the call everything is made ready.
const BEFORE: Duration = Duration::from_secs(5);

/// SIP's word for a telephone that is not there.
const NOT_THERE: u16 = 404;
/// SIP's word for no.
const DECLINED: u16 = 603;

/// What a caller does, and what the operators do.
#[derive(Clone, Debug)]
pub struct Part {
    /// When he calls.
    pub at: Time,
    /// His number; `None`: he withholds it.
    pub from: Option<String>,
    /// The telephone of the house that he calls from, by the name of its operator or its internal number; `None`: he calls
    /// from outside.
    pub phone: Option<Name>,
    /// The number that he dials.
    pub to: String,
    /// So many of the number's channels are taken by other calls.
    pub other_calls: u32,
    /// What is remembered of him.
    pub remembered: KeptCallers,
    /// What he does, one after the other. When he has done it he stays until the call is over; once he talks to somebody he
    /// hangs up after a while, and when nothing happens for an hour he hangs up too.
    pub does: Vec<Deed>,
    /// What each operator does when his telephone rings the first time, the second and so on; the last holds from then on.
    /// One who is not here answers. Phones by their internal numbers and numbers outside are here, too.
    pub operators: BTreeMap<Name, Vec<Behaviour>>,
    /// What other servers answer.
    pub lookups: Lookups,
}

/// Something that a caller does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Waits.
    Wait(Duration),
    /// Waits until this has happened: since he last waited for something, or since he called.
    WaitFor(What),
    /// Waits until he is asked for keys: by a menu, for digits, or whether they are right.
    WaitForQuestion,
    /// Presses these keys, one after the other.
    Press(Digits),
    /// Hangs up.
    HangUp,
}

/// What an operator does when his telephone rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Picks up after a while, and hangs up after having talked so long; `None`: when the caller does.
    Answers {
        /// The while.
        after: Duration,
        /// How long he talks.
        talks: Option<Duration>,
    },
    /// Is busy.
    Busy,
    /// Refuses after a while.
    Declines(Duration),
    /// Lets it ring.
    RingsOut,
    /// His telephone is not there.
    Unreachable,
    /// His telephone says nothing at all.
    Silent,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self::Answers { after: Duration::from_secs(3), talks: None }
    }
}

impl Behaviour {
    pub(super) fn habit(self) -> Habit {
        let pickup = match self {
            Self::Answers { after, talks } => {
                let habit = Habit::always(Pickup::Answers(Span::exactly(after)));
                return Habit { talk: talks.map(Span::exactly), ..habit };
            }
            Self::Busy => Pickup::Busy,
            Self::Declines(after) => Pickup::Declines(Span::exactly(after), DECLINED),
            Self::RingsOut => Pickup::RingsOut,
            Self::Unreachable => Pickup::Unreachable(NOT_THERE),
            Self::Silent => Pickup::Silent,
        };
        Habit::always(pickup)
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Performance {
    /// When he called.
    pub began: Time,
    /// Everything that happened, in order.
    pub happenings: Vec<Happening>,
    /// What must never be: bugs of Sentral.
    pub bugs: Vec<String>,
}

/// Performs a call.
pub fn perform(plan: &Plan, part: &Part) -> Performance {
    let plan = Arc::new(on_stage(plan, part));
    let before = part.at - BEFORE;
    let mut world = World::new(SEED, before, Config::default());
    let outside = part.operators.keys().filter(|name| name.starts_with('+')).cloned();
    let outside: BTreeSet<Name> = outside.chain(plan.outside().map(|number| Name::new(number.as_str()))).collect();
    for operator in plan.operators.keys().chain(plan.phones()).chain(&outside) {
        let first = part.operators.get(operator).and_then(|all| all.first()).copied().unwrap_or_default();
        world.set_phone(operator, first.habit());
    }
    let troupe = Troupe::new(plan.clone(), part.clone());
    let simulation = Simulation::new(SEED, before, plan, world, troupe, Trouble::none());
    // A plan may let its menus wait for minutes.
    let simulation = simulation.with_silence(Duration::MAX).with_callers(part.remembered.clone());
    let (report, troupe) = simulation.play();
    let mut happenings = troupe.into_happenings();
    // What was seen is told a moment after it was.
    happenings.sort_by_key(|happening| happening.at);
    Performance { began: part.at, happenings, bugs: report.wrongs }
}

/// The plan with a telephone for everybody that is his alone, named after him: whatever it is that Asterisk dials, it is he
/// who answers. The called number has only those channels that no other call has.
fn on_stage(plan: &Plan, part: &Part) -> Plan {
    let mut plan = plan.clone();
    let called = plan.number(&part.to).map(|number| number.number.clone());
    let numbers = plan.numbers.values().cloned().map(|number| {
        let others = if Some(&number.number) == called.as_ref() { part.other_calls } else { 0 };
        PublicNumber { channels: number.channels.map(|channels| channels.saturating_sub(others)), ..number }
    });
    plan.numbers = Numbers::new(plan.numbers.country(), numbers);
    for (name, operator) in &mut plan.operators {
        operator.dial = format!("PJSIP/{name}").into();
    }
    for (name, extension) in &mut plan.extensions {
        if let Reaches::Phone(dial) = &mut extension.reaches {
            *dial = format!("PJSIP/{name}").into();
        }
    }
    for trunk in plan.trunks.values_mut() {
        trunk.dial = Pattern { before: "PJSIP/".into(), after: "".into(), plus: true };
    }
    plan
}
