//! What steps do.

use std::{sync::Arc, time::Duration};

use super::{Announcement, Ask, ByPhone, Dial, LookUp, Menu, Record, Requires, StepId};
use crate::{
    dialplan::{
        expr::{Expr, Slot, Value},
        hours::Override,
        request::Template,
    },
    domain::{Name, Reason},
};

/// What a step does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answers the call, if it is not answered.
    Answer,
    /// Lets the caller hear it ring: until the next thing that he hears, or for so long.
    Ring(Option<Duration>),
    /// Lets the caller hear music: until the next thing that he hears, or for so long.
    Music {
        /// Asterisk's class of music.
        class: Name,
        /// For how long; `None`: on behind this step at once.
        lasts: Option<Duration>,
    },
    /// Lets time pass. Ringing or music that began before goes on.
    Wait(Duration),
    /// Plays to the end.
    Play(Announcement),
    /// Asks for a key, and goes where it leads.
    Menu(Arc<Menu>),
    /// Asks for digits, and goes on behind this step with them.
    Ask(Arc<Ask>),
    /// Lets an operator show who he is, changes his duty, and goes on behind this step.
    Operator(Arc<ByPhone>),
    /// Goes on behind this step while the hours are open, and at `closed` otherwise.
    Hours {
        /// Of which hours; they are in the plan.
        of: Name,
        /// Where a call goes outside them.
        closed: StepId,
    },
    /// Lets hours of the plan stand otherwise than it says, for all calls.
    Override {
        /// Which; they are in the plan.
        of: Name,
        /// How.
        how: Override,
    },
    /// Lets the call ask for this from now on, in every queue, in the place of what it asked for before.
    Require(Arc<Requires>),
    /// Waits for an operator of the queue, which is in the plan.
    Queue(Name),
    /// Rings somebody in particular; goes on behind this step, or where the step says, when nobody answers.
    Dial(Arc<Dial>),
    /// Gives variables of the call their values, one after the other.
    Set(Arc<[(Slot, Expr)]>),
    /// Goes on at `then` when it is so, otherwise at `otherwise`, or behind this step.
    If {
        /// A [`Truth`](crate::dialplan::expr::Type::Truth).
        when: Arc<Expr>,
        /// Where a call goes when it holds.
        then: StepId,
        /// Where it goes when it does not; `None`: on behind this step.
        otherwise: Option<StepId>,
    },
    /// Goes on at the case that the value is.
    Switch(Arc<Switch>),
    /// Asks a server, and goes on behind this step with what it says.
    LookUp(Arc<LookUp>),
    /// Tells a server, and goes on at once.
    Notify(Arc<Template>),
    /// Goes on elsewhere and does not come back.
    Go(StepId),
    /// Goes on elsewhere, and behind this step when the plan is at an end there.
    Call(StepId),
    /// Speaks to the caller in the language with this code from now on; where the plan has no such language, it goes on in
    /// the one before. A [`Type::Text`](crate::dialplan::expr::Type::Text).
    Language(Arc<Expr>),
    /// Records what the caller says, and keeps it as a message.
    Record(Arc<Record>),
    /// Gives the call back to Asterisk's own dialplan.
    Continue,
    /// Ends the call.
    HangUp(Reason),
}

impl Act {
    /// Whether it brings the caller together with others: those who wait as he does, or whoever is rung for him.
    pub fn is_for_others_too(&self) -> bool {
        match self {
            Self::Queue(_) | Self::Dial(_) => true,
            Self::Answer
            | Self::Ring(_)
            | Self::Music { .. }
            | Self::Wait(_)
            | Self::Play(_)
            | Self::Menu(_)
            | Self::Ask(_)
            | Self::Operator(_)
            | Self::Hours { .. }
            | Self::Override { .. }
            | Self::Require(_)
            | Self::Set(_)
            | Self::If { .. }
            | Self::Switch(_)
            | Self::LookUp(_)
            | Self::Notify(_)
            | Self::Go(_)
            | Self::Call(_)
            | Self::Language(_)
            | Self::Record(_)
            | Self::Continue
            | Self::HangUp(_) => false,
        }
    }
}

/// A choice among many.
#[derive(Clone, Debug)]
pub struct Switch {
    /// What is looked at.
    pub on: Expr,
    /// Where each value leads to; all are of the kind of `on`.
    pub cases: Vec<(Value, StepId)>,
    /// Where a call goes that is none of them; `None`: on behind the step.
    pub otherwise: Option<StepId>,
}
