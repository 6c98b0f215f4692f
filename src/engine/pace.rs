//! How fast a line moves, as those know it who were answered of late.

use std::{collections::VecDeque, time::Duration};

/// So many are remembered.
const MOST: usize = 20;

/// Of fewer nobody can tell.
const LEAST: usize = 5;

/// What those waited who were answered of late, each by the places that he came over and the operators there were.
#[derive(Debug, Default)]
pub(crate) struct Pace(VecDeque<Duration>);

impl Pace {
    /// One was answered who came to this place when nobody was free, after so long.
    pub(crate) fn answered(&mut self, waited: Duration, place: usize, operators: usize) {
        let (Ok(place), Ok(operators)) = (u32::try_from(place.max(1)), u32::try_from(operators.max(1))) else { return };
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(waited.saturating_mul(operators) / place);
    }

    /// How long one waits in this place while there are so many operators; `None`: too few were answered to tell.
    pub(crate) fn estimate(&self, place: usize, operators: usize) -> Option<Duration> {
        let known = u32::try_from(self.0.len()).ok().filter(|_| self.0.len() >= LEAST)?;
        let (place, operators) = (u32::try_from(place).ok()?, u32::try_from(operators).ok()?);
        let one = self.0.iter().fold(Duration::ZERO, |sum, one| sum.saturating_add(*one)) / known;
        one.saturating_mul(place).checked_div(operators)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn of_few_answers_nobody_can_tell() {
        let mut pace = Pace::default();
        for _ in 1..LEAST {
            pace.answered(MINUTE, 1, 1);
            assert_eq!(pace.estimate(1, 1), None);
        }
        pace.answered(MINUTE, 1, 1);
        assert_eq!(pace.estimate(1, 1), Some(MINUTE));
        assert_eq!(pace.estimate(1, 0), None, "nobody is there to answer");
    }

    #[test]
    fn one_waits_for_those_before_him_and_the_less_the_more_operators_there_are() {
        let mut pace = Pace::default();
        (0..LEAST).for_each(|_| pace.answered(3 * MINUTE, 3, 2));
        assert_eq!(pace.estimate(1, 2), Some(MINUTE));
        assert_eq!(pace.estimate(4, 2), Some(4 * MINUTE));
        assert_eq!(pace.estimate(4, 4), Some(2 * MINUTE));
    }

    #[test]
    fn it_is_what_was_of_late() {
        let mut pace = Pace::default();
        (0..MOST).for_each(|_| pace.answered(10 * MINUTE, 1, 1));
        (0..MOST).for_each(|_| pace.answered(MINUTE, 1, 1));
        assert_eq!(pace.estimate(2, 1), Some(2 * MINUTE));
    }
}
