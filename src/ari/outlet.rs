//! The way of events to the engine, and what happens when it is full.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::{Notify, mpsc};

use super::{Heard, watch::Watch};
use crate::{
    clock::Clock,
    domain::{NodeId, Time},
    engine::Event,
};

/// Hands events over without waiting.
///
/// Where there is no room, an event is lost, and with it the trust in what the engine believes: the connection is given up,
/// and the engine is told once more what the node holds.
pub(super) struct Outlet {
    node: NodeId,
    clock: Arc<Clock>,
    events: mpsc::Sender<Heard>,
    watch: Arc<dyn Watch>,
    overflow: Notify,
}

impl Outlet {
    pub(super) fn new(node: NodeId, clock: Arc<Clock>, events: mpsc::Sender<Heard>, watch: Arc<dyn Watch>) -> Self {
        Self { node, clock, events, watch, overflow: Notify::new() }
    }

    /// Hands over what happened now; where it cannot, the task that waits for [`Self::overflowed`] gives the connection up.
    pub(super) fn offer(&self, event: Event) {
        if !self.offer_heard(event, self.clock.now()) {
            self.overflow.notify_one();
        }
    }

    /// Hands over what was heard then; whether there was room.
    pub(super) fn offer_heard(&self, event: Event, received: Time) -> bool {
        match self.events.try_send(Heard::new(event, received)) {
            // The engine is gone; so will we be.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.watch.discarded(self.node, 1);
                false
            }
        }
    }

    /// Hands an event over that must not be lost, and waits for room.
    pub(super) async fn deliver(&self, event: Event) {
        let _ = self.events.send(Heard::new(event, self.clock.now())).await;
    }

    /// Waits until [`Self::offer`] found no room.
    pub(super) async fn overflowed(&self) {
        self.overflow.notified().await;
    }

    /// Forgets that there was no room: the engine is about to be told everything.
    pub(super) fn forgive(&self) {
        let _ = self.overflow.notified().now_or_never();
    }
}
