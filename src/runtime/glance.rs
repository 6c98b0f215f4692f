//! How things stood a moment ago: for those who ask without a token, as often as they like.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::Instant};

use super::Desk;
use crate::engine::Snapshot;

/// No older than this.
const OLDEST: Duration = Duration::from_secs(1);

/// Asks the engine's task once for all who ask within a second: a snapshot of many calls takes it a while.
#[derive(Debug)]
pub struct Glance {
    desk: Desk,
    /// The last answer, and when it came. That there was none is an answer too: nobody waits for it anew.
    last: Mutex<Option<(Instant, Option<Arc<Snapshot>>)>>,
}

impl Glance {
    /// Through this hand to the engine's task.
    pub fn new(desk: Desk) -> Self {
        Self { desk, last: Mutex::default() }
    }

    /// How things stand; `None` when the engine's task does not answer.
    pub async fn snapshot(&self) -> Option<Arc<Snapshot>> {
        // Held while it is asked: who comes meanwhile waits for the same answer.
        let mut last = self.last.lock().await;
        if let Some((at, snapshot)) = &*last
            && at.elapsed() < OLDEST
        {
            return snapshot.clone();
        }
        let snapshot = self.desk.snapshot().await.map(Arc::new);
        *last = Some((Instant::now(), snapshot.clone()));
        snapshot
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        sync::mpsc,
        time::{advance, timeout},
    };

    use super::*;
    use crate::runtime::Ask;

    #[tokio::test(start_paused = true)]
    async fn the_engine_is_asked_once_in_a_second_whatever_it_answers() {
        let (asks, mut asked) = mpsc::channel(8);
        let glance = Glance::new(Desk { asks });
        let mut look = async || {
            let answer = async {
                // It has nothing to say.
                assert!(matches!(asked.recv().await, Some(Ask::Snapshot(_))));
                true
            };
            tokio::join!(glance.snapshot(), async { timeout(OLDEST / 10, answer).await.unwrap_or(false) }).1
        };
        assert_eq!((look().await, look().await), (true, false));
        advance(OLDEST).await;
        assert_eq!((look().await, look().await), (true, false));
    }
}
