//! When those who watch are told.
//!
//! A line of the log takes as long as writing a request, and more where the processor did something else in between, as
//! it does after every event: what each event tells by itself took twice what a handful takes. Nobody who watches is in
//! such a hurry, and each thing told says when it was.

use std::time::Duration;

use crate::domain::Time;

/// So long the first of a handful waits for company.
const COMPANY: Duration = Duration::from_millis(20);

/// After this it is told though nothing happens: waking up for it alone costs more than to tell it.
const GRACE: Duration = Duration::from_millis(10);

/// What is not told yet.
#[derive(Debug, Default)]
pub(super) struct Tale {
    /// Until when the first of it waits.
    until: Option<Time>,
}

impl Tale {
    /// Whether it is time to tell, after something happened; `untold`: there is something to tell. Where it is time, all
    /// of it is told now.
    pub(super) fn take_turn(&mut self, untold: bool, now: Time) -> bool {
        let until = *self.until.get_or_insert(now + COMPANY);
        let due = untold && until <= now;
        if due || !untold {
            self.until = None;
        }
        due
    }

    /// By when it is told even if nothing happens; `None`: there is nothing to tell.
    pub(super) fn told_by(&self) -> Option<Time> {
        self.until.map(|until| until + GRACE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_secs(100);
    const MOMENT: Duration = Duration::from_millis(1);

    #[test]
    fn the_first_of_a_handful_waits_for_company() {
        let mut tale = Tale::default();
        assert!(!tale.take_turn(true, NOW));
        assert!(!tale.take_turn(true, NOW + COMPANY - MOMENT));
        assert_eq!(tale.told_by(), Some(NOW + COMPANY + GRACE), "more of it makes nothing later");
        assert!(tale.take_turn(true, NOW + COMPANY));
        assert_eq!(tale.told_by(), None);
        assert!(!tale.take_turn(true, NOW + COMPANY + MOMENT), "the next is another handful");
    }

    #[test]
    fn where_there_is_nothing_to_tell_nobody_waits() {
        let mut tale = Tale::default();
        assert!(!tale.take_turn(false, NOW));
        assert_eq!(tale.told_by(), None);
        assert!(!tale.take_turn(true, NOW + COMPANY));
        // Somebody asked meanwhile, and all of it was told.
        assert!(!tale.take_turn(false, NOW + COMPANY * 3));
        assert_eq!(tale.told_by(), None);
    }
}
