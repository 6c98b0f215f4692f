//! Whether operators are there for their queues, and who said so.

use crate::{
    domain::{Name, Time},
    engine::duty::{Duty, DutyBy, NotChanged},
};

/// Something came about of an operator's duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DutyFact {
    /// He is there for his queues, or not, otherwise than before.
    Changed {
        /// The operator.
        operator: Name,
        /// How it was.
        from: Duty,
        /// How it is.
        to: Duty,
        /// Who said so.
        by: DutyBy,
    },
    /// He is reached at another telephone than before.
    Seated {
        /// The operator.
        operator: Name,
        /// The desk's internal number; `None`: his own telephone.
        desk: Option<Name>,
        /// Who said so.
        by: DutyBy,
    },
    /// What somebody wanted of it cannot be.
    NotChanged {
        /// The operator; perhaps none of the plan.
        operator: Name,
        /// Who wanted it.
        by: DutyBy,
        /// Why not.
        why: NotChanged,
    },
    /// He wraps up for a shorter or longer time than his queue says.
    WrapUp {
        /// The operator.
        operator: Name,
        /// Until when; `None`: no longer.
        until: Option<Time>,
        /// Who said so.
        by: DutyBy,
    },
    /// Somebody at a telephone did not show that he is an operator. What he entered is told to nobody.
    PinRefused {
        /// The operator; `None`: there is none of that internal number.
        operator: Option<Name>,
        /// Why.
        why: PinRefused,
    },
}

/// Why somebody at a telephone was not taken for an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PinRefused {
    /// It is not his PIN, or nobody's internal number.
    Wrong,
    /// There were too many wrong ones, and it is not looked at for a while.
    Locked,
    /// He has no PIN, and this is not his own telephone.
    NoPin,
    /// This is no operator's telephone, and the step asks for no internal number.
    Stranger,
}

impl PinRefused {
    /// All of them, for metrics.
    pub const ALL: [Self; 4] = [Self::Wrong, Self::Locked, Self::NoPin, Self::Stranger];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Locked => "locked",
            Self::NoPin => "no_pin",
            Self::Stranger => "stranger",
        }
    }
}
