//! Callbacks: a caller who waits is promised to be called, and keeps his place.

use std::time::Duration;

use super::{Plan, ShownNumber, StepId, Trunk};
use crate::{
    dialplan::expr::Expr,
    domain::{Called, E164, Name, Number},
};

/// Who is called first when it is somebody's turn to be called back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum First {
    /// The customer: he stands in the line at his place when he has answered.
    #[default]
    Caller,
    /// An operator: he hears the customer's telephone ring.
    Operator,
}

/// How the callers of a queue are called back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Over which trunk of the plan.
    pub trunk: Name,
    /// Who is called first.
    pub first: First,
    /// The list of those who may be called; `None`: all numbers of the plan's country.
    pub to: Option<Name>,
    /// The list of those who may not, whatever else holds.
    pub never: Option<Name>,
    /// The hours in which they are called; `None`: whenever the queue is open.
    pub hours: Option<Name>,
    /// How long a promise holds.
    pub expires: Duration,
    /// How often somebody is called at most.
    pub attempts: u32,
    /// How long after an attempt that came to nothing he is called again.
    pub retry: Duration,
    /// How long his telephone rings, in whole seconds.
    pub ring: Duration,
    /// Where the call begins when he answers.
    pub entry: StepId,
}

/// A step that promises it.
#[derive(Clone, Debug)]
pub struct Promise {
    /// In which queue he keeps his place; it has [`Callback`].
    pub queue: Name,
    /// The number that is called: a [`Text`](crate::dialplan::expr::Type::Text).
    pub number: Expr,
    /// Where the call goes on when it is promised.
    pub promised: StepId,
    /// Where it goes on when that number is not called.
    pub refused: StepId,
}

/// Why nobody is promised to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotPromised {
    /// It is no telephone number, or was withheld.
    NoNumber,
    /// It is one of the plan's own.
    Own,
    /// It is a service that costs more than others.
    Costly,
    /// It is not one of those who may be called.
    NotAllowed,
    /// As many are promised as may be.
    Full,
}

impl NotPromised {
    /// All of them, for metrics.
    pub const ALL: [Self; 5] = [Self::NoNumber, Self::Own, Self::Costly, Self::NotAllowed, Self::Full];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoNumber => "no_number",
            Self::Own => "own",
            Self::Costly => "costly",
            Self::NotAllowed => "not_allowed",
            Self::Full => "full",
        }
    }
}

impl Callback {
    /// How long a promise holds, if a plan does not say.
    pub const EXPIRES: Duration = Duration::from_secs(4 * 3_600);

    /// How often somebody is called at most, if a plan does not say.
    pub const ATTEMPTS: u32 = 3;

    /// How long it is to the next attempt, if a plan does not say.
    pub const RETRY: Duration = Duration::from_secs(10 * 60);

    /// How long a telephone rings, if a plan does not say.
    pub const RING: Duration = Duration::from_secs(30);

    /// The number that may be called at the company's cost: a callback is no way to call whomever a caller likes.
    ///
    /// # Errors
    /// Why it is not.
    pub fn allows(&self, text: &str, plan: &Plan) -> Result<E164, NotPromised> {
        let country = plan.numbers.country();
        let number = E164::read(text, country).ok_or(NotPromised::NoNumber)?;
        let is_own = plan.numbers.dialled(number.as_str()).is_some_and(|it| it.number.number != Called::Others);
        let shows = |trunk: &Trunk| matches!(&trunk.shows, ShownNumber::Own(own) if *own == number);
        let is_shown = plan.trunks.values().any(shows);
        if is_own || is_shown {
            return Err(NotPromised::Own);
        }
        let plain = Number::parse(number.as_str()).ok_or(NotPromised::NoNumber)?;
        let is_in = |list: &Name| plan.lists.get(list).is_some_and(|list| list.has(&plain));
        if self.never.as_ref().is_some_and(is_in) {
            return Err(NotPromised::NotAllowed);
        }
        match &self.to {
            // Whoever lists a costly number has thought of it.
            Some(list) if is_in(list) => Ok(number),
            Some(_) => Err(NotPromised::NotAllowed),
            None if number.is_costly() => Err(NotPromised::Costly),
            None if country.is_some_and(|country| number.is_of(country)) => Ok(number),
            None => Err(NotPromised::NotAllowed),
        }
    }
}
