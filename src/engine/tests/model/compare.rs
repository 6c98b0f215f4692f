//! The engine beside the reference: what it did, and how it stands then.

use std::collections::BTreeSet;

use super::reference::{Does, Duty, Is, Leg, Reference, Rest};
use crate::{
    domain::{ChannelId, DeviceState},
    engine::{Snapshot, notice::OperatorState},
};

impl Reference {
    /// The engine rang an operator for a caller.
    ///
    /// # Errors
    /// What it ought to have done.
    pub(super) fn judge(&mut self, caller: usize, operator: usize, leg: ChannelId) -> Result<(), String> {
        let first = self.first_pairs();
        if !first.contains(&(caller, operator)) {
            let why = if self.may_be_rung(caller, operator) { "before" } else { "who may not be" };
            return Err(format!("o{operator} was rung for c{caller}, {why}: of {first:?} one comes next"));
        }
        let is_assigned = self.callers[caller].assigned == Some(operator);
        if self.queue_of(caller).strategy == "ringall" && !is_assigned && !self.is_of_another(caller, operator) {
            self.open(caller);
        }
        self.offered(caller, operator, leg);
        Ok(())
    }

    /// All has been rung that the engine rings for what happened.
    ///
    /// # Errors
    /// Whom it left waiting.
    pub(super) fn judge_rest(&mut self) -> Result<(), String> {
        self.callers.iter_mut().for_each(|caller| caller.opened = None);
        let left = self.pairs();
        if left.is_empty() { Ok(()) } else { Err(format!("nobody was rung, though {left:?} may be brought together")) }
    }

    /// How things ought to stand.
    ///
    /// # Errors
    /// How they do.
    pub(super) fn compare(&self, snapshot: &Snapshot, hung_up: &BTreeSet<ChannelId>) -> Result<(), String> {
        let id = |call| snapshot.calls.iter().find(|view| view.id == call).map(|view| view.channel.clone());
        for (at, queue) in snapshot.queues.iter().enumerate() {
            let line = self.line(at);
            let wanted: Vec<_> = line.iter().map(|caller| Some(self.callers[*caller].channel.id.to_string())).collect();
            let stands: Vec<_> = queue.callers.iter().map(|waiting| id(waiting.call)).collect();
            if wanted != stands {
                return Err(format!("in q{at} stand {stands:?}, and ought to {wanted:?}"));
            }
            for (caller, waiting) in line.iter().zip(&queue.callers) {
                let mut ringing: Vec<String> = waiting.ringing.iter().map(ToString::to_string).collect();
                let mut wanted: Vec<String> = self.ringing(*caller).iter().map(|one| format!("o{one}")).collect();
                ringing.sort();
                wanted.sort();
                if ringing != wanted {
                    return Err(format!("{ringing:?} ring for c{caller}, and ought to: {wanted:?}"));
                }
            }
        }
        for (at, view) in snapshot.operators.iter().enumerate() {
            let wanted = self.state(at);
            if view.state != wanted {
                return Err(format!("o{at} is {:?}, and ought to be {wanted:?}", view.state));
            }
        }
        for leg in &self.legs {
            if hung_up.contains(&leg.channel) != matches!(leg.does, Does::End { .. }) {
                return Err(format!("of {:?} it was asked, or not, that it ends: it does {:?}", leg.channel, leg.does));
            }
        }
        let parted = self.callers.iter().filter(|caller| caller.is != Is::Gone);
        for caller in parted {
            if hung_up.contains(&caller.channel) != (caller.is == Is::Leaving) {
                return Err(format!("{:?} was parted with, or not, and is {:?}", caller.channel, caller.is));
            }
        }
        Ok(())
    }

    /// What an operator does, in a word.
    fn state(&self, operator: usize) -> OperatorState {
        let rings = |leg: &Leg| matches!(leg.does, Does::Ring | Does::End { talked: false });
        if self.legs_of(operator).any(rings) {
            return OperatorState::Ringing;
        }
        if self.legs_of(operator).count() > 0 {
            return OperatorState::Talking;
        }
        let rest = self.rests(operator);
        if let Some(Rest::WrapUp(_)) = rest {
            return OperatorState::WrappingUp;
        }
        match self.operators[operator].duty {
            Duty::Paused { .. } => OperatorState::Paused,
            Duty::SignedOut => OperatorState::SignedOut,
            Duty::On if rest.is_some() => OperatorState::BackingOff,
            Duty::On if self.is_busy(operator) => OperatorState::Busy,
            Duty::On if self.operators[operator].device == DeviceState::Unavailable => OperatorState::Unreachable,
            Duty::On => OperatorState::Ready,
        }
    }
}
