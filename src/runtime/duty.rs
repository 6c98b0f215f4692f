//! Operators' duty, changed from outside.

use super::{Ask, Desk};
use crate::{
    dialplan::DutyChange,
    domain::Name,
    engine::{NotChanged, snapshot::OperatorView},
    yaml::Wrong,
};

/// What somebody asks for an operator, in the words in which he asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DutyAsked<'a> {
    /// He is there.
    SignIn,
    /// He is there, at the desk with this internal number.
    SignInAt(&'a str),
    /// He is not.
    SignOut,
    /// He takes no calls of queues for a while.
    Pause {
        /// Why.
        reason: Option<&'a str>,
        /// For how long.
        lasts: Option<&'a str>,
    },
    /// His pause is over.
    Resume,
    /// His wrap-up is over.
    EndWrapUp,
    /// His wrap-up lasts so much longer.
    ExtendWrapUp(&'a str),
}

/// Why an operator's duty was not changed from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// Something in what was asked is wrong: what, and what to write instead.
    Wrong(String),
    /// It cannot be.
    NotChanged(NotChanged),
    /// The engine's task does not answer within two seconds.
    NoAnswer,
}

impl DutyAsked<'_> {
    fn read(self) -> Result<DutyChange, Wrong> {
        Ok(match self {
            Self::SignIn => DutyChange::SignIn,
            Self::SignInAt(desk) => DutyChange::sign_in_at(desk)?,
            Self::SignOut => DutyChange::SignOut,
            Self::Pause { reason, lasts } => DutyChange::pause(reason, lasts)?,
            Self::Resume => DutyChange::Resume,
            Self::EndWrapUp => DutyChange::EndWrapUp,
            Self::ExtendWrapUp(more) => DutyChange::extend(more)?,
        })
    }
}

impl Desk {
    /// Changes whether an operator of the plan in force is there for his queues. Tells how he stands then.
    ///
    /// # Errors
    /// When one of the words is wrong, it cannot be, or the engine's task does not answer.
    pub async fn change_duty(&self, operator: &str, asked: DutyAsked<'_>) -> Result<OperatorView, NotDone> {
        let told = |Wrong { message, remedy }| NotDone::Wrong(format!("{message}: {remedy}"));
        let (operator, change) = (Name::new(operator), asked.read().map_err(told)?);
        let answer = self.ask(|answer| Ask::Duty { operator, change, answer }).await;
        answer.ok_or(NotDone::NoAnswer)?.map_err(NotDone::NotChanged)
    }
}
