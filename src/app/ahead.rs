//! Prompts are brought to an Asterisk ahead of the first caller who hears them.
//!
//! One after the other, whenever the node is connected or another plan comes into force: those that it was not asked to fetch
//! before. At a slow pace, since nobody waits for it, and not while we are about to stop.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::sleep,
};
use tracing::debug;

use crate::{ari::Sounds, engine::Failure, metrics::Metrics, prompts::Shelf, runtime::ready::Readiness};

/// Between two prompts: at 4 ms of CPU each they take an Asterisk a twenty-fifth of one core.
const PACE: Duration = Duration::from_millis(100);

/// Brings prompts to one node.
pub(super) struct Bearer {
    pub(super) sounds: Sounds,
    pub(super) shelf: Shelf,
    pub(super) metrics: Arc<Metrics>,
    pub(super) readiness: Arc<Readiness>,
}

impl Bearer {
    /// Runs until it is dropped. `connected` is rung when the node is, and `plans` changes when another one comes into force.
    pub(super) async fn run(self, connected: Arc<Notify>, mut plans: watch::Receiver<()>) {
        let mut brought = BTreeSet::new();
        loop {
            tokio::select! {
                // It may be another Asterisk, or have lost what it had.
                () = connected.notified() => brought.clear(),
                changed = plans.changed() => if changed.is_err() { return },
            }
            if let Err(failure) = self.bring(&mut brought).await {
                debug!(
                    node = self.sounds.node().0,
                    ?failure,
                    "prompts are not brought ahead; it fetches each with the first caller"
                );
            }
        }
    }

    /// Those that are not among `brought`, which they are then.
    async fn bring(&self, brought: &mut BTreeSet<Arc<str>>) -> Result<(), Failure> {
        let wanted = self.shelf.media();
        brought.retain(|media| wanted.contains(media));
        if wanted.len() == brought.len() {
            return Ok(());
        }
        self.sounds.make_ready().await?;
        for media in wanted {
            if self.readiness.is_draining() {
                return Ok(());
            }
            if brought.contains(&media) {
                continue;
            }
            let asked = self.sounds.fetch(&media).await;
            self.metrics.brought(self.sounds.node(), asked.is_ok());
            asked?;
            brought.insert(media);
            sleep(PACE).await;
        }
        Ok(())
    }
}
