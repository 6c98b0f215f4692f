//! Desks: an operator who signs in at a telephone of the house that is not his own, and is rung there until he signs out.
//!
//! There he is as any other whose telephone that is: how it is registered, that a call from it is his, and that a key is not
//! needed to accept a call, follows from the operator being a copy of the plan's with that telephone
//! ([`Plan::seated`](crate::dialplan::Plan::seated)). One telephone is of one person: who signs in at it signs the one out whose
//! it was before, but nobody takes the place of one who is in a call of ours.

use super::{Duty, DutyBy, Engine, Fact, NotChanged, OperatorIx, notice::DutyFact, phone::Hindrance};
use crate::{
    dialplan::{AtDesk, ByPhone, DutyChange, expr::Value},
    domain::{CallId, Name},
};

impl Engine {
    /// Whether an operator may sign in at a desk, or at his own telephone, which may be one.
    pub(super) fn may_sit_at(&self, ix: OperatorIx, desk: Option<&Name>) -> Result<(), NotChanged> {
        let own = || Some(&self.plan.operators.get(&self.operator(ix).plan.name)?.dial);
        let dial = match desk {
            Some(desk) => self.plan.desk(desk).ok_or(NotChanged::NoSuchDesk)?,
            None => match own().filter(|own| self.plan.desk_at(own).is_some()) {
                Some(own) => own,
                None => return Ok(()),
            },
        };
        let others = self.those_at(dial, ix);
        let is_engaged = others.iter().any(|other| self.operator(*other).is_of_a_call());
        if is_engaged { Err(NotChanged::DeskInUse) } else { Ok(()) }
    }

    /// Who else has a telephone and is not signed out.
    fn those_at(&self, dial: &str, but: OperatorIx) -> Vec<OperatorIx> {
        let all = (0..self.operators.len()).map(OperatorIx).filter(|ix| *ix != but);
        let is_there = |ix: &OperatorIx| {
            let operator = self.operator(*ix);
            operator.plan.is_at(dial)
                && self.plan.operators.contains_key(&operator.plan.name)
                && operator.is_signed_in()
        };
        all.filter(is_there).collect()
    }

    /// An operator is at a desk from now on, or at his own telephone. Whoever was there before is signed out.
    pub(super) fn sit_down(&mut self, ix: OperatorIx, desk: Option<Name>, by: DutyBy) {
        self.clear_out(ix, desk.as_ref(), by);
        if self.operator(ix).desk != desk {
            // It rings where he is no longer.
            self.withdraw_from(ix);
            self.seat(ix, desk, by);
            let operator = self.operator(ix);
            if operator.is_signed_in() && operator.phone.hindrance() == Some(Hindrance::Unreachable) {
                // Where he is now he cannot be rung: those who waited for him do so no longer.
                self.clear_deserted(ix);
                self.let_others_have_his(ix);
            }
        }
    }

    /// Whoever else is at the telephone at which he is from now on is signed out, if it is a desk's.
    fn clear_out(&mut self, ix: OperatorIx, desk: Option<&Name>, by: DutyBy) {
        let planned = self.plan.operators.get(&self.operator(ix).plan.name);
        let dial = desk.and_then(|desk| self.plan.desk(desk)).or(planned.map(|planned| &planned.dial)).cloned();
        let Some(dial) = dial.filter(|dial| self.plan.desk_at(dial).is_some()) else { return };
        for other in self.those_at(&dial, ix) {
            self.make_room(other, by);
        }
    }

    /// He is reached there from now on.
    pub(super) fn seat(&mut self, ix: OperatorIx, desk: Option<Name>, by: DutyBy) {
        let name = self.operator(ix).plan.name.clone();
        self.operators[ix.0].desk.clone_from(&desk);
        if let Some(planned) = self.plan.operators.get(&name) {
            self.operators[ix.0].plan = self.plan.seated(planned, desk.as_ref());
        }
        self.assign_devices();
        self.tell(None, Fact::Duty(DutyFact::Seated { operator: name, desk, by }));
    }

    /// Whose desk a new plan no longer has is signed out: nobody knows where he is. So is one whom the plan has again (`is_back`)
    /// where somebody else sits now.
    pub(super) fn clear_desk(&mut self, ix: OperatorIx, is_back: bool) {
        let operator = self.operator(ix);
        let is_gone = operator.desk.as_ref().is_some_and(|desk| self.plan.desk(desk).is_none());
        let dial = &operator.plan.dial;
        let is_taken = is_back && self.plan.desk_at(dial).is_some() && !self.those_at(dial, ix).is_empty();
        if is_gone || is_taken {
            self.sign_out(ix, DutyBy::Automatic);
        }
    }

    /// What somebody at a telephone wants who has shown who he is.
    pub(super) fn change_at(&self, id: CallId, ix: OperatorIx, step: &ByPhone) -> Result<DutyChange, NotChanged> {
        let signs_in = match step.change {
            DutyChange::SignIn => true,
            DutyChange::Toggle => self.operator(ix).roster.duty != Duty::On,
            DutyChange::SignInAt(_)
            | DutyChange::SignOut
            | DutyChange::Pause { .. }
            | DutyChange::Resume
            | DutyChange::EndWrapUp
            | DutyChange::ExtendWrapUp(_) => false,
        };
        let Some(at) = step.desk.as_ref().filter(|_| signs_in) else { return Ok(step.change.clone()) };
        let desk = match at {
            AtDesk::Here => return self.change_here(id, ix),
            AtDesk::Number(number) => Some(number.clone()),
            AtDesk::Computed(expr) => match self.value(id, expr) {
                Some(Value::Text(text)) => Some(Name::new(&text)),
                Some(Value::Number(_) | Value::Truth(_)) | None => None,
            },
        };
        desk.map(|desk| DutyChange::SignInAt(Some(desk))).ok_or(NotChanged::NoSuchDesk)
    }

    /// He signs in at the telephone that he calls from: a desk, or his own.
    fn change_here(&self, id: CallId, ix: OperatorIx) -> Result<DutyChange, NotChanged> {
        let phone = self.calls.get(&id).and_then(|call| call.caller.phone.as_deref());
        let phone = phone.ok_or(NotChanged::NoSuchDesk)?;
        let planned = self.plan.operators.get(&self.operator(ix).plan.name);
        if planned.is_some_and(|planned| planned.is_at(phone)) {
            return Ok(DutyChange::SignInAt(None));
        }
        let desk = self.plan.desk_at(phone).ok_or(NotChanged::NoSuchDesk)?;
        Ok(DutyChange::SignInAt(Some(desk.clone())))
    }

    /// Whether a call comes from a desk.
    pub(super) fn is_from_desk(&self, id: CallId) -> bool {
        let phone = self.calls.get(&id).and_then(|call| call.caller.phone.as_deref());
        phone.is_some_and(|phone| self.plan.desk_at(phone).is_some())
    }

    /// Who signs in at the telephone that he calls from is in this call from now on, and who sat there before is signed out and
    /// in it no longer: neither is rung there while it lasts.
    pub(super) fn calls_from_his_desk(&mut self, id: CallId, ix: OperatorIx, desk: Option<&Name>) {
        self.clear_out(ix, desk, DutyBy::Phone);
        let Some(mut call) = self.calls.remove(&id) else { return };
        if call.operator != Some(ix) {
            self.end_of_calling(&call);
            call.operator = Some(ix);
            self.is_in_own_call(&call);
        }
        self.calls.insert(id, call);
    }
}
