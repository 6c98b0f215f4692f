//! The only reader of the system's clocks.

use std::{
    sync::Mutex,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::domain::Time;

/// Our time runs at most this much faster or slower than it should, while it catches up with a wall clock that was set.
const SLEW: u32 = 10;

/// Wall time that never runs backwards.
///
/// Between two readings it advances by the monotonic clock; where the wall clock was set meanwhile, ours runs a tenth
/// faster or slower until they agree. So a deadline of five seconds takes between 4.5 and 5.5 whatever an administrator or
/// NTP does, and opening hours follow the wall.
#[derive(Debug)]
pub struct Clock {
    last: Mutex<(Instant, Time)>,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock {
    /// A clock that agrees with the wall now.
    pub fn new() -> Self {
        Self { last: Mutex::new((monotonic(), wall())) }
    }

    /// What time it is.
    pub fn now(&self) -> Time {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (then, told) = *last;
        let instant = monotonic();
        let now = step(told, instant.saturating_duration_since(then), wall());
        *last = (instant, now);
        now
    }
}

/// `told` after `passed`, drawn towards `wall`.
fn step(told: Time, passed: Duration, wall: Time) -> Time {
    let due = told + passed;
    let most = passed / SLEW;
    if wall >= due { due + wall.since(due).min(most) } else { due - due.since(wall).min(most) }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
fn monotonic() -> Instant {
    Instant::now()
}

/// What time it is outside, which may jump: for the log.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub(crate) fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::ZERO + since
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn time_never_runs_backwards_when_the_wall_clock_is_set_back() {
        let told = Time::from_secs(10_000);
        let after = step(told, SECOND, Time::from_secs(1));
        assert_eq!(after.since(told), Duration::from_millis(900));
    }

    #[test]
    fn time_catches_up_by_a_tenth_when_the_wall_clock_is_set_forward() {
        let told = Time::from_secs(10_000);
        let after = step(told, SECOND, Time::from_secs(20_000));
        assert_eq!(after.since(told), Duration::from_millis(1_100));
    }

    #[test]
    fn time_agrees_with_the_wall_when_nobody_sets_it() {
        assert_eq!(step(Time::from_secs(5), SECOND, Time::from_secs(6)), Time::from_secs(6));
    }
}
