//! Waiting rooms: the bridges in which callers wait with music.
//!
//! Whenever somebody comes into a bridge or leaves it, Asterisk writes down who is in it, in the thread that all are served by,
//! and says so in an event: with 500 in one bridge a hand-over took three times as long as with 50. So a long line is spread over
//! many bridges, each of a few. They stay until the engine ends.

use super::{BridgeKind, Command, Engine, QueueIx, call::Stands};
use crate::domain::{BridgeId, CallId, NodeId, id::OURS};

/// So many callers are in one room while a line grows, and about twice as many at most while it stays as long as it is.
const ROOM: usize = 16;

/// One of a queue's waiting rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) queue: QueueIx,
    /// A queue has its first room, 0, before anybody waits; others when they are needed.
    number: u64,
}

impl Engine {
    /// A room for one who comes to wait, the same again for one who waited for that queue before: what was asked for him then may
    /// still be done. The longer the line, the more there are. Whoever comes when it is longer than so many rooms
    /// hold goes to as many others, which take turns.
    pub(super) fn room_for(&mut self, id: CallId, queue: QueueIx) -> Room {
        let before = self.calls.get(&id).and_then(|call| call.room).filter(|room| room.queue == queue);
        if let Some(room) = before {
            return room;
        }
        let entry = &mut self.queues[queue.0];
        let half = entry.line.len().div_ceil(ROOM).next_power_of_two() as u64 / 2;
        let turn = entry.parked;
        entry.parked = turn.wrapping_add(1);
        Room { queue, number: turn.checked_rem(half).map_or(0, |number| half + number) }
    }

    /// A room's bridge. Its id does not change from one life of the engine to the next, so those who wait in it stay where they
    /// are.
    pub(super) fn bridge_of(&self, node: NodeId, room: Room) -> BridgeId {
        let name = &self.queues[room.queue.0].plan.name;
        match room.number {
            0 => BridgeId::new(node, &format!("{OURS}w-{name}")),
            number => BridgeId::new(node, &format!("{OURS}w{number}-{name}")),
        }
    }

    /// The room that a bridge is, of a queue that is known.
    pub(super) fn room_of(&self, bridge: &BridgeId) -> Option<Room> {
        let (number, name) = numbered(bridge)?;
        let queue = self.queues.get_index_of(name).map(QueueIx)?;
        let room = Room { queue, number };
        // What is written in another way is another bridge.
        (self.bridge_of(bridge.node, room) == *bridge).then_some(room)
    }

    /// Sees to it that a room's bridge is there.
    pub(super) fn open_room(&mut self, node: NodeId, room: Room) {
        let bridge = self.bridge_of(node, room);
        if self.nodes.entry(node).or_default().rooms.insert(bridge.clone()) {
            self.command(Command::MakeBridge { bridge, kind: BridgeKind::Waiting });
        }
    }

    /// Every queue has a room before anybody waits.
    pub(super) fn open_first_room(&mut self, node: NodeId, queue: QueueIx) {
        self.open_room(node, Room { queue, number: 0 });
    }

    /// What a node holds that comes up: rooms of queues that are known stay, others go.
    pub(super) fn compare_rooms<'b>(&mut self, node: NodeId, held: impl Iterator<Item = &'b BridgeId>) {
        let (known, left_over): (Vec<_>, Vec<_>) =
            held.filter(|bridge| numbered(bridge).is_some()).partition(|bridge| self.room_of(bridge).is_some());
        self.nodes.entry(node).or_default().rooms = known.into_iter().cloned().collect();
        for queue in 0..self.queues.len() {
            self.open_first_room(node, QueueIx(queue));
        }
        for bridge in left_over.into_iter().cloned() {
            self.command(Command::DropBridge { bridge });
        }
    }

    /// Where one stands who is in that bridge, and not in a talk bridge of his call.
    pub(super) fn stands_in(&self, bridge: &BridgeId) -> Stands {
        self.room_of(bridge).map_or(Stands::Alone, Stands::Parked)
    }
}

/// A waiting room's number, and its queue.
fn numbered(bridge: &BridgeId) -> Option<(u64, &str)> {
    let (number, name) = bridge.id.strip_prefix(OURS)?.strip_prefix('w')?.split_once('-')?;
    Some((if number.is_empty() { 0 } else { number.parse().ok()? }, name))
}
