//! Operators who call: while one is in a call of his own, nobody rings him. Wrap-up goes on meanwhile, and behind it if it is
//! not over.

use super::{
    Engine, OperatorIx,
    call::Call,
    operator::{Doing, Operator, Rest, With},
};

impl Engine {
    /// A call arrived, perhaps from an operator's telephone: whose it was then, whatever telephone a new plan gives him. Whom
    /// another call rings at that moment, or who talks already, goes on with that.
    pub(super) fn begin_to_call(&mut self, call: &mut Call) {
        call.operator = self.operator_at(call);
        self.is_in_own_call(call);
    }

    /// The operator whose own call this is is in it.
    pub(super) fn is_in_own_call(&mut self, call: &Call) {
        let Some(operator) = call.operator else { return };
        let (id, since) = (call.id, self.now);
        self.operators[operator.0].own.insert(id);
        match self.operator(operator).doing {
            Doing::Ready { .. } | Doing::WrappingUp { .. } | Doing::BackingOff { .. } => {
                let owed = self.operator(operator).wrap_up();
                self.operators[operator.0].roster.owe(owed);
                self.set_doing(operator, Doing::Calling { call: id, since });
            }
            Doing::Ringing { .. } | Doing::Chosen { .. } | Doing::Talking { .. } | Doing::Calling { .. } => {}
        }
    }

    /// A call is over, perhaps an operator's own.
    pub(super) fn end_of_calling(&mut self, call: &Call) {
        let Some(operator) = call.operator else { return };
        self.operators[operator.0].own.remove(&call.id);
        if self.operator(operator).doing.own_call() == Some(call.id) {
            self.is_done(operator, With::Own(call.id), Rest::None);
        }
    }

    /// The operator at whose telephone a caller is.
    fn operator_at(&self, call: &Call) -> Option<OperatorIx> {
        let phone = call.caller.phone.as_deref()?;
        // Who sits at a desk is there, whoever's telephone that is when nobody does.
        let is_at = |operator: &Operator| operator.plan.is_at(phone);
        let sits = |operator: &Operator| operator.desk.is_some() && is_at(operator);
        let place = self.operators.values().position(sits).or_else(|| self.operators.values().position(is_at));
        place.map(OperatorIx)
    }
}
