//! The step `operator`: somebody at a telephone shows that he is an operator, and changes his duty.
//!
//! At an operator's own telephone it is known who he is, and only his PIN is asked for, if he has one. At any other he is asked
//! for his internal number, too; whether there is such a number is told to nobody who does not know a PIN.

use std::sync::Arc;

use super::{
    DutyBy, Engine, Fact, OperatorIx,
    guesses::Whose,
    notice::{DutyFact, PinRefused},
    question::Question,
};
use crate::{
    dialplan::{AtDesk, ByPhone, DutyChange, Lack},
    domain::{CallId, Digits},
};

impl Engine {
    /// Does the step.
    pub(super) fn identify(&mut self, id: CallId, step: &Arc<ByPhone>) {
        let own = self.calls.get(&id).and_then(|call| call.operator);
        let own = own.filter(|ix| self.plan.operators.contains_key(&self.operator(*ix).plan.name));
        // At a desk another one may want to sit down.
        let own = own.filter(|_| step.desk.is_none() || !self.is_from_desk(id));
        match own {
            Some(ix) if self.operator(ix).plan.pin.is_none() => self.change_by_phone(id, ix, step),
            Some(ix) => self.ask(id, Question::Pin { step: step.clone(), of: Some(ix), typed: false }),
            None if step.extension.is_some() => self.ask(id, Question::Extension(step.clone())),
            None => {
                self.tell(Some(id), Fact::Duty(DutyFact::PinRefused { operator: None, why: PinRefused::Stranger }));
                self.cannot(id, step);
            }
        }
    }

    /// The operator whose internal number somebody entered; `None`: it is nobody's.
    pub(super) fn operator_of_extension(&self, entered: &Digits) -> Option<OperatorIx> {
        let entered = entered.to_string();
        let is_his = |name: &Option<_>| name.as_ref().is_some_and(|name: &crate::domain::Name| **name == *entered);
        let operator = self.plan.operators.values().find(|operator| is_his(&operator.extension))?;
        self.operators.get_index_of(&operator.name).map(OperatorIx)
    }

    /// Somebody entered a PIN.
    pub(super) fn on_pin(&mut self, id: CallId, step: &Arc<ByPhone>, of: Option<OperatorIx>, entered: &Digits) {
        match self.check_pin(id, of, entered) {
            Ok(operator) => self.change_by_phone(id, operator, step),
            Err(why) => {
                let operator = of.map(|ix| self.operator(ix).plan.name.clone());
                self.tell(Some(id), Fact::Duty(DutyFact::PinRefused { operator, why }));
                self.lacks(id, Lack::Invalid);
            }
        }
    }

    fn check_pin(&mut self, id: CallId, of: Option<OperatorIx>, entered: &Digits) -> Result<OperatorIx, PinRefused> {
        let now = self.now;
        let caller = self.calls.get(&id).map(|call| &call.caller);
        let caller = caller.and_then(|caller| caller.phone.as_deref().or_else(|| caller.number())).unwrap_or_default();
        let mut counted = vec![Whose::Caller(caller.into())];
        counted.extend(of.map(|ix| Whose::Operator(self.operator(ix).plan.name.clone())));
        if counted.iter().any(|whose| self.guesses.is_locked(whose, now)) {
            return Err(PinRefused::Locked);
        }
        let pin = of.map(|ix| (ix, self.operator(ix).plan.pin.as_ref()));
        let known = match pin {
            Some((ix, Some(pin))) if pin.is(&entered.to_string()) => Ok(ix),
            Some((_, None)) => Err(PinRefused::NoPin),
            Some((_, Some(_))) | None => Err(PinRefused::Wrong),
        };
        for whose in counted {
            match known {
                Ok(_) => self.guesses.right(&whose),
                Err(_) => self.guesses.wrong(whose, now),
            }
        }
        known
    }

    fn change_by_phone(&mut self, id: CallId, operator: OperatorIx, step: &Arc<ByPhone>) {
        let name = self.operator(operator).plan.name.clone();
        let change = match self.change_at(id, operator, step) {
            Ok(change) => change,
            Err(why) => {
                let by = DutyBy::Phone;
                self.tell(None, Fact::Duty(DutyFact::NotChanged { operator: name, by, why }));
                return self.cannot(id, step);
            }
        };
        if let (Some(AtDesk::Here), DutyChange::SignInAt(desk)) = (&step.desk, &change)
            && self.may_change_duty(&name, &change).is_ok()
        {
            self.calls_from_his_desk(id, operator, desk.as_ref());
        }
        match self.change_duty(&name, &change, DutyBy::Phone) {
            Ok(()) => self.go_on(id),
            Err(_) => self.cannot(id, step),
        }
    }

    /// It came to nothing, and is not asked again.
    fn cannot(&mut self, id: CallId, step: &ByPhone) {
        match step.asking.otherwise.of(Lack::Invalid) {
            Some(otherwise) => self.go(id, Some(otherwise)),
            None => self.go_on(id),
        }
    }
}
