//! How long operators are left alone after calls that they did not take.

use std::time::Duration;

use super::Missed;

/// How long an operator is left alone after an offer that he did not take: for each cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// When his telephone was busy.
    pub busy: Duration,
    /// When he pressed "reject".
    pub declined: Duration,
    /// When he let it ring.
    pub no_answer: Duration,
    /// When his telephone could not be reached.
    pub unreachable: Duration,
    /// When nobody knows why.
    pub otherwise: Duration,
}

impl Retry {
    /// How long one is left alone, if a plan does not say.
    pub const LASTS: Duration = Duration::from_secs(5);

    /// The same after everything.
    pub const fn always(lasts: Duration) -> Self {
        Self { busy: lasts, declined: lasts, no_answer: lasts, unreachable: lasts, otherwise: lasts }
    }

    /// How long it is after this; `None`: after what nobody knows the cause of.
    pub fn after(&self, missed: Option<Missed>) -> Duration {
        match missed {
            Some(Missed::Busy) => self.busy,
            Some(Missed::Declined) => self.declined,
            Some(Missed::NoAnswer) => self.no_answer,
            Some(Missed::Unreachable) => self.unreachable,
            None => self.otherwise,
        }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::always(Self::LASTS)
    }
}
