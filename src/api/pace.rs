//! How often one may ask. Past it he is told to wait: what is asked of the engine's task takes its time from calls.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Requests of one token in a second, one second with the other.
const EACH_SECOND: u32 = 100;

/// So many at once after a rest.
const AT_ONCE: u32 = 200;

/// One who asks: up to when his requests are used up, if each takes its part of a second.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Option<Instant>>);

impl Pace {
    /// Whether one more may be asked now.
    pub(super) fn admits(&self) -> bool {
        let (each, now) = (Duration::from_secs(1) / EACH_SECOND, Instant::now());
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = used.map_or(now, |used| used.max(now)) + each;
        let admits = next <= now + each * AT_ONCE;
        if admits {
            *used = Some(next);
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn of_a_thousand_in_a_second_only_its_share_is_looked_at() {
        let pace = Pace::default();
        let mut admitted = 0;
        for _ in 0..1_000 {
            admitted += u32::from(pace.admits());
            advance(Duration::from_millis(1)).await;
        }
        assert!((AT_ONCE + EACH_SECOND - 1..=AT_ONCE + EACH_SECOND).contains(&admitted), "{admitted}");
        advance(Duration::from_secs(2)).await;
        assert_eq!((0..1_000).filter(|_| pace.admits()).count(), AT_ONCE as usize, "rested");
    }
}
