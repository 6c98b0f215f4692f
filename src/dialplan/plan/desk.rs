//! Desks: telephones of the house at which now this operator sits, now that one.

use std::sync::Arc;

use super::{Operator, Plan, Reaches};
use crate::{
    dialplan::{expr::Expr, word},
    domain::Name,
};

/// At which telephone somebody signs in who does not sign in at his own.
#[derive(Clone, Debug, PartialEq)]
pub enum AtDesk {
    /// At the one that he calls from.
    Here,
    /// At the one with this internal number, which is a desk of the plan.
    Number(Name),
    /// At the one whose internal number this gives.
    Computed(Expr),
}

impl Plan {
    /// The telephone of a desk, as Asterisk dials it; `None`: this internal number is no desk's.
    pub fn desk(&self, number: &str) -> Option<&Arc<str>> {
        self.desks.get(number)?;
        match &self.extensions.get(number)?.reaches {
            Reaches::Phone(dial) => Some(dial),
            Reaches::Operator(_) | Reaches::Flow => None,
        }
    }

    /// The desk whose telephone this is, as Asterisk dials it.
    pub fn desk_at(&self, phone: &str) -> Option<&Name> {
        self.desks.iter().find(|desk| self.desk(desk).is_some_and(|dial| **dial == *phone))
    }

    /// What Asterisk calls the telephones of desks.
    pub(super) fn desk_devices(&self) -> impl Iterator<Item = Name> {
        self.desks.iter().filter_map(|desk| word::device_of(self.desk(desk)?))
    }

    /// An operator of this plan as he is reached at a desk; where he is by himself, if it is none.
    pub fn seated(&self, operator: &Operator, desk: Option<&Name>) -> Operator {
        let Some(dial) = desk.and_then(|desk| self.desk(desk)) else { return operator.clone() };
        let (dial, device) = (dial.clone(), word::device_of(dial));
        Operator { dial, device, accept: None, trunk: None, phones: Arc::default(), ..operator.clone() }
    }
}

impl Operator {
    /// Whether this is one of his telephones, as Asterisk dials it.
    pub fn is_at(&self, phone: &str) -> bool {
        *self.dial == *phone || self.phones.iter().any(|his| *his.dial == *phone)
    }
}
