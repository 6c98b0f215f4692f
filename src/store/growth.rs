//! Whether a recording goes on of which Asterisk does not say so.
//!
//! What a session of FastAGI records is none of ARI's live recordings, and goes on when the session is no more. Its file tells:
//! Asterisk writes into the head how long it is when it closes it, and not before. One that it left behind when it died has
//! no such head; it only grows no more.

use std::time::Duration;

use super::sound::is_closed;
use crate::domain::Time;

/// An open file that has not grown for so long is one of an Asterisk that died. Asterisk writes every two seconds.
const STILL: Duration = Duration::from_secs(10);
/// Between the first two looks at it; then twice as long each time.
const SOON: Duration = Duration::from_secs(5);
/// No longer than this.
const SELDOM: Duration = Duration::from_secs(60);

/// What was seen of a file.
#[derive(Debug, Default)]
pub(super) struct Growth {
    looks: u32,
    /// How large it was, and since when.
    size: Option<(usize, Time)>,
}

impl Growth {
    /// Takes a look at what has been recorded by now: whether that is all.
    pub(super) fn is_over(&mut self, recorded: &[u8], now: Time) -> bool {
        self.looks += 1;
        match self.size {
            _ if is_closed(recorded) => true,
            Some((size, since)) if size == recorded.len() => now.since(since) >= STILL,
            Some(_) | None => {
                self.size = Some((recorded.len(), now));
                false
            }
        }
    }

    /// How long to wait before the next look: each fetches the whole file.
    pub(super) fn pause(&self) -> Duration {
        (SOON * (1 << self.looks.saturating_sub(1).min(4))).min(SELDOM)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sound::wav, *};

    fn open(samples: usize) -> Vec<u8> {
        let mut file = wav(&vec![3_000; samples]);
        file[4..8].fill(0);
        file[40..44].fill(0);
        file
    }

    fn at(seconds: u64) -> Time {
        Time::from_secs(1_000 + seconds)
    }

    #[test]
    fn a_file_that_is_closed_is_over_at_once() {
        assert!(Growth::default().is_over(&wav(&[3_000; 800]), at(0)));
    }

    #[test]
    fn a_file_that_grows_is_not_over_however_long_it_does() {
        let mut growth = Growth::default();
        for second in 0..600 {
            assert!(!growth.is_over(&open(800 + 1_000 * second), at(second as u64)));
        }
        assert!(growth.is_over(&wav(&[3_000; 1_000_000]), at(600)));
    }

    #[test]
    fn a_file_that_is_left_open_is_over_when_it_has_not_grown_for_long() {
        let mut growth = Growth::default();
        assert!(!growth.is_over(&open(800), at(0)));
        assert!(!growth.is_over(&open(1_600), at(5)));
        assert!(!growth.is_over(&open(1_600), at(14)));
        assert!(growth.is_over(&open(1_600), at(15)));
        // One in which nothing was written is no other.
        let mut growth = Growth::default();
        assert!(!growth.is_over(&[], at(0)));
        assert!(growth.is_over(&[], at(10)));
    }

    #[test]
    fn a_long_recording_is_looked_at_seldom() {
        let mut growth = Growth::default();
        let pauses: Vec<u64> = (0..7)
            .map(|look| {
                growth.is_over(&open(800 * (look + 1)), at(look as u64));
                growth.pause().as_secs()
            })
            .collect();
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60, 60]);
        assert_eq!(Growth::default().pause(), SOON, "one of ARI's is not looked at");
    }
}
