//! Devices: an operator who calls out by himself is not rung, nor is one whose telephone is not registered.
//!
//! Nothing about him is decided twice: he does what [`Doing`](super::operator::Doing) says, and what hinders him besides counts
//! while he is ready. Who is no longer hindered is rung at once for whoever waits for him.

use std::collections::BTreeMap;

use super::{Engine, Errand, Fact, OperatorIx, Wake, notice::OperatorState};
use crate::{
    dialplan::Plan,
    domain::{CallId, DeviceState, Name, NodeId},
};

/// A telephone of which Asterisk says how it is.
#[derive(Debug, Default)]
pub(crate) struct Device {
    /// What each node said last.
    at: BTreeMap<NodeId, DeviceState>,
    /// Whose it is.
    of: Vec<OperatorIx>,
}

impl Engine {
    /// A node says how a device is. What is said of one that the plan does not have may be of the plan to come.
    pub(super) fn on_device_changed(&mut self, node: NodeId, device: Name, state: DeviceState) {
        let device = self.devices.entry(device).or_default();
        device.at.insert(node, state);
        for ix in device.of.clone() {
            let operator = &mut self.operators[ix.0];
            let (ours, state) = (operator.is_ours(), operator.plan.meant_by(state));
            operator.phone.hear(node, state, ours);
            self.look_at_phone(ix);
            if state.is_unavailable() {
                self.clear_deserted(ix);
                self.let_others_have_his(ix);
            }
            // Where he talked by himself and is not there any more, he may be there for callers of another node.
            self.match_operator(ix);
        }
    }

    /// What was said right after a leg of ours has settled.
    pub(super) fn on_settled(&mut self, ix: OperatorIx) {
        self.look_at_phone(ix);
    }

    /// Finds out what hinders an operator now, and tells it.
    fn look_at_phone(&mut self, ix: OperatorIx) {
        let from = self.operator(ix).state();
        self.await_settling(ix);
        self.tell_state(ix, from);
    }

    /// The same, where what he does changes too.
    pub(super) fn await_settling(&mut self, ix: OperatorIx) {
        let now = self.now;
        let operator = &mut self.operators[ix.0];
        let ours = operator.is_ours();
        match operator.phone.look(ours, now) {
            Some(settled) => self.timers.set(Wake::Settled(ix), settled),
            None => self.timers.stop(Wake::Settled(ix)),
        }
        self.note_presence(ix);
    }

    pub(super) fn tell_state(&mut self, ix: OperatorIx, from: OperatorState) {
        let operator = self.operator(ix);
        let (name, to) = (operator.plan.name.clone(), operator.state());
        if from != to {
            self.tell(None, Fact::OperatorChanged { operator: name, from, to });
        }
    }

    /// Whether to ring an operator for this call would be in vain, since his telephone is not registered where it is.
    pub(super) fn is_absent_for(&self, operator: OperatorIx, call: CallId) -> bool {
        let node = self.calls.get(&call).map(|call| call.channel.node);
        node.is_some_and(|node| self.operator(operator).phone.is_out_of_reach(node))
    }

    /// One cannot be reached any more: in lines that keep nobody for whom nobody is there, somebody may wait in vain.
    pub(super) fn clear_deserted(&mut self, ix: OperatorIx) {
        let lines = self.lines_for(ix);
        let lines = lines.iter().map(|queue| self.queue(*queue)).filter(|queue| queue.plan.when_unstaffed.is_some());
        let waiting: Vec<CallId> = lines.flat_map(|queue| &queue.line).map(|place| place.call).collect();
        for call in waiting {
            if self.waits_in_vain(call) {
                self.want(call);
            }
        }
    }

    /// Operators have the telephones of the plan in force.
    pub(super) fn assign_devices(&mut self) {
        let plan = self.plan.clone();
        self.devices.values_mut().for_each(|device| device.of.clear());
        for ix in (0..self.operators.len()).map(OperatorIx) {
            let operator = self.operator(ix);
            let device = operator.plan.device.clone().filter(|_| operator.is_planned);
            let at = device.map(|device| {
                let device = self.devices.entry(device).or_default();
                device.of.push(ix);
                device.at.clone()
            });
            self.take_states(ix, at.unwrap_or_default());
            self.look_at_phone(ix);
        }
        self.devices.retain(|device, is| !is.of.is_empty() || plan.devices().contains(device));
    }

    /// What each node says of an operator's telephone, so far as it is about him.
    fn take_states(&mut self, ix: OperatorIx, at: BTreeMap<NodeId, DeviceState>) {
        let operator = &mut self.operators[ix.0];
        let meant = |(node, state)| (node, operator.plan.meant_by(state));
        operator.phone.take(at.into_iter().map(meant).collect());
    }

    /// Nodes are to tell of other devices than before.
    pub(super) fn watch_devices(&mut self, before: &Plan) {
        if before.devices() != self.plan.devices() {
            self.errand(Errand::WatchDevices(self.plan.devices().clone()));
        }
    }

    /// What a node said counts no longer.
    pub(super) fn forget_devices(&mut self, node: NodeId) {
        let said: Vec<Name> = self
            .devices
            .iter()
            .filter(|(_, device)| device.at.contains_key(&node))
            .map(|(name, _)| name.clone())
            .collect();
        for name in said {
            let Some(device) = self.devices.get_mut(&name) else { continue };
            device.at.remove(&node);
            let (at, of) = (device.at.clone(), device.of.clone());
            for ix in of {
                self.take_states(ix, at.clone());
                self.look_at_phone(ix);
                self.match_operator(ix);
                self.let_others_have_his(ix);
            }
        }
    }
}
