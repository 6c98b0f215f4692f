//! Ringing somebody in particular: who it may be, and over which lines.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use indexmap::IndexMap;

use super::{Identity, ShownNumber, StepId};
use crate::{
    dialplan::expr::{Expr, Type},
    domain::{E164, Name, Tariff},
};

/// A step that rings one or several and connects the first who answers.
#[derive(Clone, Debug)]
pub struct Dial {
    /// Who is rung, in the plan's order; at least one, none of them twice.
    pub to: Vec<Target>,
    /// Whether one after the other or all together.
    pub mode: DialMode,
    /// How long each is rung, in whole seconds (Asterisk counts no finer).
    pub ring: Duration,
    /// Where a call goes when nobody was there to answer since all were engaged or declined.
    pub busy: Option<StepId>,
    /// Where it goes when somebody was rung as long as that and did not answer.
    pub no_answer: Option<StepId>,
    /// Where it goes when nobody could be rung.
    pub unreachable: Option<StepId>,
    /// Where it goes in a case that has no way of its own; `None`: on behind the step.
    pub otherwise: Option<StepId>,
}

impl Dial {
    /// What makes the step known again in another reading of the plan: whom it rings, and how. The same text always gives the
    /// same number (FNV-1a), in any version of Sentral.
    pub fn print(&self, variables: &IndexMap<Name, Type>) -> u32 {
        let to: Vec<String> = self.to.iter().map(|target| target.written(variables)).collect();
        let text = format!("{} {} {}", self.mode.word(), self.ring.as_secs(), to.join(" "));
        text.bytes().fold(0x811c_9dc5, |print: u32, byte| (print ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }
}

/// In which order several are rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialMode {
    /// One after the other.
    InTurn,
    /// All together.
    AtOnce,
}

impl DialMode {
    /// The word of a plan for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::InTurn => "in_turn",
            Self::AtOnce => "at_once",
        }
    }
}

/// Somebody who is rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An operator of the plan.
    Operator(Name),
    /// A phone that is no operator's, by its extension, which is in the plan.
    Phone(Name),
    /// A number outside.
    Outside {
        /// Which.
        number: Outside,
        /// Over which trunk of the plan.
        trunk: Name,
    },
}

impl Target {
    /// As a plan writes it: `anna`, `205`, `+4790000000`, `{{ callback }}`.
    pub fn written(&self, variables: &IndexMap<Name, Type>) -> String {
        match self {
            Self::Operator(name) | Self::Phone(name) => name.to_string(),
            Self::Outside { number: Outside::Number(number), .. } => number.to_string(),
            Self::Outside { number: Outside::Computed(expr), .. } => format!("{{{{ {} }}}}", expr.written(variables)),
        }
    }
}

/// A number outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    /// As the plan has it.
    Number(E164),
    /// What an expression gives when a call comes there: dialled only when it is a number.
    Computed(Expr),
}

/// Lines to the world: behind a provider, or behind an adapter with analogue ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trunk {
    /// Its name in the plan. It stands in the ids of legs that go over it.
    pub name: Name,
    /// What Asterisk is asked to dial for a number.
    pub dial: Pattern,
    /// Simultaneous calls to the outside; `None`: as many as there are.
    pub channels: Option<u32>,
    /// The number that is shown to those who are called.
    pub shows: ShownNumber,
    /// For whom calls are made, in words of SIP.
    pub identity: BTreeSet<Identity>,
    /// What a leg over it costs, from its answer to its end; `None`: nobody says.
    pub tariff: Option<Tariff>,
}

/// A dial string with room for a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// What stands before the number.
    pub before: Arc<str>,
    /// What stands behind it.
    pub after: Arc<str>,
    /// Whether the number goes with its `+`.
    pub plus: bool,
}

impl Pattern {
    /// Asterisk's dial string for a number.
    pub fn dial(&self, number: &E164) -> Arc<str> {
        let number = if self.plus { number.as_str() } else { number.digits() };
        format!("{}{number}{}", self.before, self.after).into()
    }

    /// Whether a dial string is this one with a number in it.
    pub fn fits(&self, dial: &str) -> bool {
        let number = dial.strip_prefix(&*self.before).and_then(|rest| rest.strip_suffix(&*self.after));
        number.and_then(|number| if self.plus { number.strip_prefix('+') } else { Some(number) }).is_some_and(
            |digits| {
                digits.bytes().all(|digit| digit.is_ascii_digit()) && E164::read(&format!("+{digits}"), None).is_some()
            },
        )
    }
}

/// What an internal number leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Where a call to it begins.
    pub entry: StepId,
    /// Whom it reaches.
    pub reaches: Reaches,
}

/// Whom an internal number reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaches {
    /// An operator of the plan.
    Operator(Name),
    /// A phone that is no operator's: Asterisk's dial string.
    Phone(Arc<str>),
    /// A flow.
    Flow,
}
