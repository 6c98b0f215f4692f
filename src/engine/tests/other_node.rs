//! What another node tells, and how nodes say that telephones are, for [`chaos`](super::chaos).

use super::bench::{NODE, held};
use crate::{
    domain::{BridgeId, ChannelId, DeviceState, Name, NodeId},
    engine::{Event, Held, HeldBridge},
};

pub(super) const ELSEWHERE: NodeId = NodeId(1);

pub(super) const PHONES: [DeviceState; 6] = [
    DeviceState::NotInUse,
    DeviceState::NotInUse,
    DeviceState::InUse,
    DeviceState::Ringing,
    DeviceState::Unavailable,
    DeviceState::Unknown,
];

/// A node says how the telephone of one of them is.
pub(super) fn phone(who: usize, here: bool, state: DeviceState) -> Event {
    let name = ["anna", "boris", "carla"].get(who).copied().unwrap_or("nobody");
    let node = if here { NODE } else { ELSEWHERE };
    Event::DeviceChanged { node, device: Name::new(&format!("PJSIP/{name}")), state }
}

/// What another node holds where the operator of that number talks.
pub(super) fn elsewhere(who: usize) -> Held {
    let Some(operator) = ["anna", "boris", "carla"].get(who) else { return Held::default() };
    let there = |id: &str| held(&ChannelId::new(ELSEWHERE, id), true);
    let channels = vec![there(&format!("e{who}")), there(&format!("sentral-00000001-{operator}-1"))];
    let inside = channels.iter().map(|found| found.channel.clone()).collect();
    let bridge = BridgeId::new(ELSEWHERE, &format!("sentral-00000001-t{who}"));
    Held { channels, bridges: vec![HeldBridge { bridge, channels: inside }] }
}
