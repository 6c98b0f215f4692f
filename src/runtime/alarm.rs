//! The alarm that wakes the engine when nothing happens.

use std::pin::Pin;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::domain::Time;

/// Rings at a time of ours. It is set for the same time again and again, since few events change what comes first, and
/// costs something only where it is another.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    due: Option<Time>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    /// Rings then, and not when it was to ring before; `None`: not at all.
    pub(super) fn set(&mut self, due: Option<Time>, now: Time) {
        if self.due == due {
            return;
        }
        self.due = due;
        let Some(due) = due else { return };
        let at = Instant::now() + due.since(now);
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(at),
            None => self.sleep = Some(Box::pin(sleep_until(at))),
        }
    }

    /// Waits until it rings; then it has to be set again. Nothing is lost when the future is dropped before.
    pub(super) async fn rings(&mut self) {
        match &mut self.sleep {
            Some(sleep) if self.due.is_some() => {
                sleep.as_mut().await;
                self.due = None;
            }
            Some(_) | None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{advance, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn rings_within(alarm: &mut Alarm, wait: Duration) -> bool {
        timeout(wait, alarm.rings()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn it_rings_once_when_it_is_time() {
        let mut alarm = Alarm::default();
        assert!(!rings_within(&mut alarm, SECOND * 60).await, "it was never set");
        let (now, begun) = (Time::from_secs(100), Instant::now());
        alarm.set(Some(now + SECOND * 5), now);
        advance(SECOND * 3).await;
        // Set for the same time, three seconds later.
        alarm.set(Some(now + SECOND * 5), now + SECOND * 3);
        assert!(rings_within(&mut alarm, SECOND * 60).await);
        assert_eq!(begun.elapsed().as_secs(), 5);
        assert!(!rings_within(&mut alarm, SECOND * 60).await, "it was not set again");
    }

    #[tokio::test(start_paused = true)]
    async fn what_it_rang_while_nobody_listened_is_heard_afterwards() {
        let (mut alarm, now) = (Alarm::default(), Time::from_secs(100));
        alarm.set(Some(now + SECOND), now);
        assert!(!rings_within(&mut alarm, SECOND / 2).await, "it is listened to, and that is broken off");
        advance(SECOND).await;
        alarm.set(Some(now + SECOND), now + SECOND * 3 / 2);
        assert!(rings_within(&mut alarm, SECOND / 1000).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_it_was_set_for_last_counts() {
        let (mut alarm, now) = (Alarm::default(), Time::from_secs(100));
        alarm.set(Some(now + SECOND * 5), now);
        alarm.set(Some(now + SECOND), now);
        assert!(rings_within(&mut alarm, SECOND * 2).await, "earlier");
        alarm.set(Some(now + SECOND * 5), now);
        alarm.set(Some(now + SECOND * 9), now);
        assert!(!rings_within(&mut alarm, SECOND * 7).await, "later");
        alarm.set(None, now);
        assert!(!rings_within(&mut alarm, SECOND * 60).await, "not at all");
        // The same time as it was set for before it was taken back.
        alarm.set(Some(now + SECOND * 9), now);
        assert!(rings_within(&mut alarm, SECOND * 10).await);
    }
}
