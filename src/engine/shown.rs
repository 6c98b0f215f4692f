//! What those who are rung are shown of a caller, where that is not his number and name.
//!
//! Who withholds his number is nobody to those who are rung, whatever name is shown; a number that is shown in its place is the
//! company's. What a caller calls himself is never written into anything here: Asterisk takes it over from his channel.

use std::sync::Arc;

use super::{Engine, QueueIx, call::Call};
use crate::{
    dialplan::{Identity, Operator, ShownName, ShownNumber, Trunk},
    domain::{CallId, E164, Name},
};

/// What whoever is rung is shown, and what a trunk is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// A number and a name; `None`: the caller's.
    pub caller_id: Option<(Arc<str>, Option<Name>)>,
    /// The company's number that is asserted.
    pub asserted: Option<E164>,
    /// The number from which the call is passed on.
    pub diverted: Option<E164>,
}

impl Engine {
    /// What an operator, or somebody behind a trunk, is shown of a caller; `None`: his number and name, and nothing else.
    pub(super) fn shown(
        &self,
        id: CallId,
        queue: Option<QueueIx>,
        operator: Option<&Operator>,
        trunk: Option<&Trunk>,
    ) -> Option<Box<Shown>> {
        let call = self.calls.get(&id)?;
        let of_operator = operator.and_then(|operator| operator.shows.as_ref());
        let shows = of_operator.or(trunk.map(|trunk| &trunk.shows)).unwrap_or(&ShownNumber::Caller);
        let called = called(call);
        let number = match shows {
            ShownNumber::Caller => None,
            ShownNumber::Called => called.clone(),
            ShownNumber::Own(number) => Some(number.clone()),
        };
        // In whose line he stands, whoever's operators are rung.
        let queue = self.standing(id).map(|standing| standing.queue).or(queue);
        let names_queue = operator.is_some_and(|operator| operator.shows_name == ShownName::Queue);
        let name = queue.filter(|_| names_queue).map(|queue| self.queue(queue).plan.name.clone());
        let own = number.as_ref().map(|number| Arc::from(number.as_str()));
        // One who withholds his number has none to which a name could be put.
        let his = || call.caller.number().filter(|_| name.is_some()).map(Arc::from);
        let caller_id = own.or_else(his).map(|number| (number, name));
        let tells = |identity| trunk.is_some_and(|trunk| trunk.identity.contains(&identity));
        let asserted = number.or_else(|| called.clone()).filter(|_| tells(Identity::Asserted));
        let diverted = called.filter(|_| tells(Identity::Diversion));
        let shown = Shown { caller_id, asserted, diverted };
        (shown != Shown::default()).then(|| Box::new(shown))
    }
}

/// The number that a caller dialled, where it is one of the world.
pub(super) fn called(call: &Call) -> Option<E164> {
    let member = call.dialled.as_ref().map(ToString::to_string);
    let written = || Some(call.plan.numbers.get(&call.number)?.number.to_string());
    E164::read(&member.or_else(written)?, call.plan.numbers.country())
}
