//! How long to wait before the next try to connect.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use super::watch::Lost;

/// The first pause, once a try has failed.
const FIRST: Duration = Duration::from_millis(100);
/// The longest between ordinary tries.
const LONGEST: Duration = Duration::from_secs(5);
/// A wrong password gets no better by itself, and Asterisk logs each try.
const UNAUTHORIZED: Duration = Duration::from_secs(30);
/// A connection that lasted this long was a good one.
const GOOD: Duration = Duration::from_secs(5);

/// The pauses between tries: none after a good connection, then twice as long each time, and never the same for two engines
/// that lost the same Asterisk.
#[derive(Debug)]
pub(super) struct Pauses {
    failed: u32,
    random: u64,
}

impl Default for Pauses {
    fn default() -> Self {
        Self::from_seed(RandomState::new().hash_one(0))
    }
}

impl Pauses {
    /// The same seed gives the same pauses.
    fn from_seed(seed: u64) -> Self {
        Self { failed: 0, random: seed | 1 }
    }

    /// How long to wait after a connection that was lost like this and had been up for so long (`None`: never).
    pub(super) fn after(&mut self, why: Lost, up: Option<Duration>) -> Duration {
        match why {
            Lost::Unauthorized => return self.jittered(UNAUTHORIZED),
            Lost::Unreachable
            | Lost::Unprepared
            | Lost::Closed
            | Lost::Silent
            | Lost::Unanswered
            | Lost::Replaced
            | Lost::Overflow => {}
        }
        if up.is_some_and(|up| up >= GOOD) {
            self.failed = 0;
            return Duration::ZERO;
        }
        let pause = FIRST.saturating_mul(1 << self.failed.min(16)).min(LONGEST);
        self.failed += 1;
        self.jittered(pause)
    }

    /// Between half of it and all of it.
    fn jittered(&mut self, pause: Duration) -> Duration {
        // xorshift64: enough for two engines not to march in step.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let half = pause / 2;
        half + half.mul_f64(f64::from((self.random >> 32) as u32) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_connection_is_made_again_at_once_and_a_bad_one_ever_more_slowly() {
        let mut pauses = Pauses::from_seed(7);
        assert_eq!(pauses.after(Lost::Closed, Some(GOOD)), Duration::ZERO);
        let mut longest = FIRST;
        for _ in 0..40 {
            let pause = pauses.after(Lost::Unreachable, None);
            assert!(pause >= longest / 2 && pause <= longest, "{pause:?} {longest:?}");
            longest = (longest * 2).min(LONGEST);
        }
        assert_eq!(pauses.after(Lost::Silent, Some(GOOD)), Duration::ZERO);
        assert!(pauses.after(Lost::Closed, Some(Duration::ZERO)) <= FIRST);
    }

    #[test]
    fn a_wrong_password_is_met_with_patience() {
        let mut pauses = Pauses::from_seed(8);
        assert!(pauses.after(Lost::Unauthorized, None) >= UNAUTHORIZED / 2);
    }

    #[test]
    fn two_engines_do_not_march_in_step() {
        let [mut one, mut other] = [Pauses::from_seed(1), Pauses::from_seed(0xfeed_beef)];
        assert_ne!(one.after(Lost::Closed, None), other.after(Lost::Closed, None));
    }
}
