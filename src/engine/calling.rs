//! Operators who call: while one is in a call of his own, nobody rings him.

use super::{Engine, OperatorIx, call::Call, operator::Doing};
use crate::domain::CallId;

impl Engine {
    /// A call arrived, perhaps from an operator's telephone. Whom another call rings at that moment, or who talks already, goes
    /// on with that.
    pub(super) fn begin_to_call(&mut self, call: &Call) {
        let Some(operator) = self.operator_at(call) else { return };
        let (id, since) = (call.id, self.now);
        match self.operator(operator).doing {
            Doing::Ready { .. } | Doing::WrappingUp { .. } | Doing::BackingOff { .. } => {
                self.set_doing(operator, Doing::Calling { call: id, since });
            }
            Doing::Ringing { .. } | Doing::Chosen { .. } | Doing::Talking { .. } | Doing::Calling { .. } => {}
        }
    }

    /// A call is over, perhaps an operator's own.
    pub(super) fn end_of_calling(&mut self, call: &Call) {
        let Some(operator) = self.operator_at(call) else { return };
        let now = self.now;
        if self.operator(operator).doing.own_call() == Some(call.id) {
            let own = self.own_call(operator).map(|call| Doing::Calling { call, since: now });
            self.set_doing(operator, own.unwrap_or(Doing::Ready { since: now }));
            self.match_operator(operator);
        }
    }

    /// A call that an operator makes himself and is in.
    pub(super) fn own_call(&self, operator: OperatorIx) -> Option<CallId> {
        let own =
            |call: &&Call| call.caller.phone.is_some() && call.is_here() && self.operator_at(call) == Some(operator);
        self.calls.values().find(own).map(|call| call.id)
    }

    /// The operator at whose telephone a caller is.
    fn operator_at(&self, call: &Call) -> Option<OperatorIx> {
        let phone = call.caller.phone.as_deref()?;
        self.operators.values().position(|operator| *operator.plan.dial == *phone).map(OperatorIx)
    }
}
